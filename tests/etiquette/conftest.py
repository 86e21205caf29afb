"""Criteria, packs and performances of known truth for the tests of the rules."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

from liyi.core.errors import Notice
from liyi.core.trace import Event, Interval, Trace
from liyi.etiquette.assessment import ModelRef
from liyi.etiquette.norms import load_pack
from liyi.etiquette.pack import Criterion
from liyi.etiquette.performance import Performance
from posture.reading import read_body
from posture.track import Joint, Mirrored, PoseTrack
from speech.voice import Transcript, Utterance, Voice, Word

if TYPE_CHECKING:
    from posture.body import Body

# The first example pays for imports, and test machines are shared: time is no property of these tests.
settings.register_profile("rules", deadline=None)
settings.load_profile("rules")

QUIET = Interval(0.0, 5.0)


def make_criterion(**changes) -> Criterion:
    """Shoulder tilt as in the contract, with ``changes``."""
    plain = {
        "measure": "shoulder_tilt",
        "aggregate": "share_in_band",
        "dimension": "posture",
        "good": (-3, 3),
        "tolerable": (-6, 6),
        "fail": (-12, 12),
        "share": {"good": 90, "tolerable": 75, "fail": 50},
        "confidence": "L",
        "source": {"doc": "a test"},
        "advice": {"en": "do so"},
    }
    return Criterion.model_validate({**plain, **changes})


def make_trace(value, *, step_s=0.1, error=0.0, reason=None, unit="deg") -> Trace:
    """Samples ``step_s`` apart."""
    value = np.asarray(value, dtype=np.float64)
    return Trace("shoulder_tilt", unit, np.arange(value.size) * step_s, value, error, reason)


def make_body(*, seconds=20.0, tilt_deg=0.0, calibration=QUIET) -> Body:
    """Somebody upright before the camera, full length, with the left shoulder lower by ``tilt_deg``."""
    n = int(seconds * 10)
    rng = np.random.default_rng(3)
    at = np.full((33, 2), np.nan)
    width, top = 200.0, 400.0
    places = {
        Joint.NOSE: (500, 230), Joint.LEFT_EAR: (545, 230), Joint.RIGHT_EAR: (455, 230),
        Joint.MOUTH_LEFT: (520, 260), Joint.MOUTH_RIGHT: (480, 260),
        Joint.LEFT_ELBOW: (640, 600), Joint.RIGHT_ELBOW: (360, 600),
        Joint.LEFT_WRIST: (640, 760), Joint.RIGHT_WRIST: (360, 760),
        Joint.LEFT_HIP: (560, 780), Joint.RIGHT_HIP: (440, 780),
        Joint.LEFT_KNEE: (560, 1080), Joint.RIGHT_KNEE: (440, 1080),
        Joint.LEFT_ANKLE: (560, 1380), Joint.RIGHT_ANKLE: (440, 1380),
    }  # fmt: skip
    half = np.array([np.cos(np.radians(tilt_deg)), np.sin(np.radians(tilt_deg))]) * width / 2
    middle = np.array([500.0, top])
    places[Joint.LEFT_SHOULDER], places[Joint.RIGHT_SHOULDER] = middle + half, middle - half
    for joint in Joint:
        hand = Joint.LEFT_WRIST if joint.name.startswith("LEFT") else Joint.RIGHT_WRIST
        at[joint] = places.get(joint, places[hand] if joint in range(Joint.LEFT_PINKY, Joint.LEFT_HIP) else (500, 240))
    points = (at + rng.normal(0, 0.05, (n, 33, 2))).astype(np.float32)
    metres = np.concatenate(((at - [500, 780]) / 550, np.zeros((33, 1))), axis=1)
    track = PoseTrack(
        t=np.arange(n) / 10,
        points=points,
        world=(metres + rng.normal(0, 1e-4, (n, 33, 3))).astype(np.float32),
        visibility=rng.uniform(0.95, 1, (n, 33)).astype(np.float32),
        presence=rng.uniform(0.95, 1, (n, 33)).astype(np.float32),
        size=(1000, 1500),
        people=1,
    )
    again = np.arange(0, track.t.size, 20)
    track = replace(track, mirrored=Mirrored(again, track.points[again].copy(), track.world[again].copy()))
    return read_body(track, calibration=calibration)


def make_voice(*, seconds=20.0, language="zh") -> Voice:
    """Four sentences of three seconds with a second between them, one of them with a filled pause."""
    rng = np.random.default_rng(5)
    starts = [0.5 + 4 * k for k in range(int((seconds - 1) // 4))]
    stretches = tuple(Interval(s, s + 3) for s in starts)
    t = np.arange(int(seconds * 100)) / 100
    spoken = np.zeros(t.size, dtype=bool)
    for stretch in stretches:
        spoken |= (t >= stretch.start_s) & (t < stretch.end_s)
    words = [
        tuple(
            Word(s + 0.25 * k, s + 0.25 * (k + 1), text, 0.9 + 0.01 * k)
            for k, text in enumerate("请您出示身份证件谢谢您")
        )
        for s in starts
    ]
    return Voice(
        duration_s=seconds,
        stretches=stretches,
        t=t,
        level_db=np.where(spoken, -20 + rng.normal(0, 2, t.size), -60).astype(np.float32),
        pitch_hz=np.where(spoken, 200 * 2 ** (rng.normal(0, 1, t.size) / 12), np.nan).astype(np.float32),
        nuclei_s=np.concatenate([s + 0.1 + 0.25 * np.arange(12) for s in starts]),
        filled=(Event(6.0, 6.4, {"probability": 2 / 3}),),
        clipped_share=0.0,
        snr_db=39.9,
        transcript=Transcript(
            language,
            tuple(Utterance(w[0].start_s, w[-1].end_s, "".join(x.text for x in w), w) for w in words),
        ),
    )


def make_performance(**changes) -> Performance:
    """Twenty seconds of an upright person who speaks."""
    plain = {
        "name": "a.mp4", "sha256": "0" * 64, "duration_s": 20.0, "body": make_body(), "voice": make_voice(),
        "notices": (Notice("The recording breaks off at {second} s.", {"second": 19.5}),),
        "options": {"camera": "auto", "calibration": [QUIET.start_s, QUIET.end_s], "language": "auto"},
        "models": (ModelRef(id="pose", sha256="1" * 64),),
    }  # fmt: skip
    return Performance(**{**plain, **changes})


@pytest.fixture
def build() -> SimpleNamespace:
    """The builders: ``criterion``, ``trace``, ``body``, ``voice``, ``performance``."""
    return SimpleNamespace(criterion=make_criterion, trace=make_trace, body=make_body, voice=make_voice,
                           performance=make_performance)  # fmt: skip


@pytest.fixture(scope="session")
def counter():
    return load_pack("counter")


@pytest.fixture(scope="session")
def presentation():
    return load_pack("presentation")
