"""What the measures and the judge make of performances that are made of numbers, to know when they have changed.

A version that is raised by hand is forgotten, and a checksum of the code changes with every comment. What comes out
for known skeletons and a known voice changes when, and only when, a measure or the judge does: no models, no media,
a second or two. It sees what these performances touch; a change elsewhere needs ``make proof JOB=… AGAIN=1``.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from liyi.core.trace import Events, Interval, Scalar, Signal  # noqa: E402
from liyi.etiquette.assess import assess, signals_of  # noqa: E402
from liyi.etiquette.norms import load_pack  # noqa: E402
from liyi.etiquette.performance import Performance  # noqa: E402
from tests.etiquette.conftest import make_performance, make_voice  # noqa: E402
from tests.posture.skeletons import body_of, skeleton  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from posture.body import Body

PACKS = ("counter", "presentation")
RUN = {"liyi_version": "0", "created_at": "", "elapsed_s": 0.0}
SEATED = {"hip_deg": 95, "knee_deg": 90, "yaw_deg": 90}
Values = dict[str, str]  # numbers with spaces between them, "-" for none


def performances() -> dict[str, Performance]:
    """By name: bodies in the postures that the measures know, a voice, and both together."""
    t = np.arange(200) / 10
    swaying = [skeleton(at=(0.02 * np.sin(2.1 * s) + 0.03 * np.sin(0.1 * s), 0, 0)) for s in t]
    askew = [skeleton(head_roll_deg=6, shoulder_tilt_deg=4, side_lean_deg=3, stance=0.4)] * 60
    arms = ("crossed", "folded_low", "on_hips", "at_chin")
    postures = [skeleton(left_arm=arm, right_arm=arm) for arm in arms for _ in range(50)]
    bodies: dict[str, Body] = {
        "swaying": body_of(swaying, face=True),
        "askew": body_of(askew, face=True, calibration=Interval(0.0, 2.0)),
        "head turned": body_of([skeleton(head_yaw_deg=20)] * 60, face=True),
        "arms": body_of(postures, face=True, noise_px=0.5),
        "from the side": body_of(
            [skeleton(**SEATED, forward_lean_deg=8, head_forward=0.2)] * 60, camera="side", position="sitting"
        ),
    }
    found = {name: Performance("a.mp4", "0" * 64, float(b.t[-1]), b, None) for name, b in bodies.items()}
    voice = make_voice(seconds=60.0)
    found["voice"] = Performance("a.wav", "0" * 64, 60.0, None, voice)
    found["voice in noise"] = Performance("a.wav", "0" * 64, 60.0, None, replace(voice, snr_db=14.0, transcript=None))
    found["both"] = make_performance()
    return found


@cache
def measured() -> Values:
    """Value and error of every signal that measured something, by ``performance/pack/id``."""
    found = {}
    for name, performance in performances().items():
        for pack in PACKS:
            for id, signal in sorted(signals_of(performance, load_pack(pack)).items()):
                if numbers := _numbers(signal):
                    found[f"{name}/{pack}/{id}"] = _told(*numbers)
    return found


@cache
def judged() -> Values:
    """Total, coverage and sub-scores of every performance in every profile."""
    return dict(_judged())


def _judged() -> Iterator[tuple[str, str]]:
    for name, performance in performances().items():
        for pack in map(load_pack, PACKS):
            signals = signals_of(performance, pack)
            for profile in pack.profiles:
                found = assess(performance, pack, profile=profile, signals=signals, **RUN)
                yield f"{name}/{pack.id}/{profile}", _told(found.total, found.coverage)
                for verdict in found.verdicts:
                    if verdict.sub_score is not None:
                        yield f"{name}/{pack.id}/{profile}/{verdict.criterion}", _told(verdict.sub_score)


def _numbers(signal: Signal) -> list[float]:
    if isinstance(signal, Events):
        return [len(signal.items), len(signal.undecided), signal.watched_s, signal.error] if signal.watched_s else []
    if isinstance(signal, Scalar):
        return [signal.value, signal.watched_s, signal.error] if np.isfinite(signal.value) else []
    known = np.isfinite(signal.value)
    if not known.any():
        return []
    return [known.mean(), np.median(signal.value[known]), np.ptp(signal.value[known]), signal.error]


def _told(*values: float | None) -> str:
    return " ".join("-" if value is None or not np.isfinite(value) else f"{value:.3f}" for value in values)


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """What differs between two fingerprints by more than another machine's rounding; nothing when they are the same."""
    differing = sorted(one.keys() ^ other.keys())
    return differing + [key for key in sorted(one.keys() & other.keys()) if not _alike(one[key], other[key])]


def changed(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """What differs of the values ``before``, or is gone: a new measure or criterion changes no earlier result."""
    return [key for key in differences(before, now) if key in before]


def _alike(one: str, other: str) -> bool:
    a, b = (np.array([np.nan if word == "-" else float(word) for word in text.split()]) for text in (one, other))
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=2e-3, atol=2e-3, equal_nan=True))
