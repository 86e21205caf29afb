"""Every criterion that weighs can fail and can be full: of each a 0 and a 1, through pictures or sound, not traces.

Pictures are the ladder's rendered people, turned or slanted as pictures; voices the sample's, altered as sound.
`NOT_REACHED` says what no picture or sound made here brings to 0, so that it is known and stays as small as it is.
"""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from liyi.core.trace import Interval
from liyi.etiquette.assess import assess
from liyi.etiquette.norms import load_pack
from liyi.etiquette.performance import Performance
from liyi.media.recording import Frame, open_media
from posture.pose import track_pose
from posture.reading import read_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import NormPack

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import deliveries
import ladder

ROOT = Path(__file__).resolve().parents[2]
# one worker for all: each performance is made once
pytestmark = [pytest.mark.models, pytest.mark.usefixtures("models_ready"), pytest.mark.xdist_group("extremes")]
RUN = {"liyi_version": "0", "created_at": "2026-01-01T00:00:00Z", "elapsed_s": 1.0}
FIRST = Interval(0.0, 6.0)  # a loop lasts six seconds


@functools.cache
def pack(id: str) -> NormPack:
    return load_pack(id)


def moved(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    import cv2

    size = image.shape[1], image.shape[0]
    return cv2.warpAffine(image, matrix.astype(np.float32), size, borderMode=cv2.BORDER_REPLICATE)


def turned(degrees: float) -> Callable[[np.ndarray, int], np.ndarray]:
    """The picture turned clockwise as one piece, a little smaller, so that nobody is cut off."""
    import cv2

    def turn(image: np.ndarray, _frame: int) -> np.ndarray:
        height, width = image.shape[:2]
        return moved(image, cv2.getRotationMatrix2D((width / 2, 0.6 * height), degrees, 0.8))

    return turn


def rocking(image: np.ndarray, frame: int) -> np.ndarray:
    """The feet stay, the rest rocks from side to side, once in 2.5 s."""
    by = 0.18 * np.sin(2 * np.pi * frame / 25)
    return moved(image, np.array([[1, by, -by * 0.95 * image.shape[0]], [0, 1, 0]]))


def slanted(by: float) -> Callable[[np.ndarray, int], np.ndarray]:
    """Upright lines lean by ``by`` across for 1 down."""

    def slant(image: np.ndarray, _frame: int) -> np.ndarray:
        return moved(image, np.array([[1, by, -by * 0.6 * image.shape[0]], [0, 1, 0]]))

    return slant


# Clip, what is done to it, profile, whether it follows the plain clip as calibration, the camera that the user named.
PICTURES = {
    "upright": ("sit_good", None, "seated", True, "auto"),
    "hunched": ("sit_slouch", None, "seated", True, "auto"),
    "from the side": ("side_good", None, "seated", False, "front"),
    "standing": ("stand_good", None, "standing", True, "auto"),
    "toppling": ("stand_good", turned(32), "standing", True, "auto"),
    "rocking": ("stand_good", rocking, "standing", False, "auto"),
    "astride": ("stand_wide", None, "standing", False, "auto"),
    "side": ("side_good", None, "seated", False, "auto"),
    "side fallen": ("side_good", turned(40), "seated", False, "auto"),
    "side hunched": ("side_slouch", turned(30), "seated", False, "auto"),
    "side slanted back": ("side_good", slanted(-1.0), "seated", False, "auto"),
}


@functools.cache
def seen(name: str) -> tuple[Performance, str]:
    """A performance without sound, and the counter's profile for it."""
    clip, change, profile, calibrated, camera = PICTURES[name]
    loop = ladder.frames(clip)
    images = [change(image, k) for k, image in enumerate(loop)] if change else loop
    if calibrated:
        plain = {"sit_slouch": "sit_good"}.get(clip, clip)
        images = [*ladder.frames(plain), *images]
    track = track_pose(Frame(k / ladder.FPS, image) for k, image in enumerate(images))
    calibration = FIRST if calibrated else None
    body = read_body(track, camera=camera, calibration=calibration)
    options = {"camera": camera, "calibration": calibration and [calibration.start_s, calibration.end_s]}
    return Performance("a.mp4", "0" * 64, len(images) / ladder.FPS, body, None, options=options), profile


def steps(samples: np.ndarray, db: float) -> np.ndarray:
    """Every second phrase softer by ``db``."""
    changed, least = samples.copy(), 20
    loud = deliveries._runs(deliveries._level(samples) >= 0.1 * deliveries._usual(samples), least)
    for first, last in loud[1::2]:
        changed[max(0, first * deliveries.HOP - 800) : last * deliveries.HOP + 800] *= 10 ** (-db / 20)
    return changed


VOICES: dict[str, tuple[str, ...]] = {
    "service": ("tempo 0.82", "pauses 0.3"),
    "hurried": ("tempo 1.7",),
    "choppy": ("choppy",),
    "halting": ("choppy 0.8 3.0",),
    "whispered": ("whisper",),
    "on one note": ("monotone",),
    "every other phrase faint": ("pauses 0.5", "steps 14"),
}


@functools.cache
def heard(name: str) -> tuple[Performance, str]:
    """A performance without a picture, and the counter's profile for it."""
    from speech.listening import listen

    blocks = open_media(ROOT / "sample_media" / "counter_front_zh.mp4").samples()
    samples = deliveries.levelled(np.concatenate(list(blocks)).astype(np.float64))
    for way in VOICES[name]:
        samples = steps(samples, 14) if way == "steps 14" else deliveries.altered(samples, way, ROOT)
    quiet = np.zeros(8000)
    samples = np.concatenate([quiet, samples, quiet])
    samples += np.random.default_rng(1).normal(0, 10 ** (-66 / 20), samples.size)
    words = "whisper_base" if name in ("service", "hurried") else None
    voice = listen([np.float32(np.clip(samples, -1, 1))], language="zh", recogniser=words)
    return Performance("a.wav", "0" * 64, samples.size / 16000, None, voice, options={"calibration": None}), "phone"


def verdict_on(id: str, how: tuple[Callable[[str], tuple[Performance, str]], str], pack_id: str) -> Verdict:
    take, name = how
    performance, profile = take(name)
    chosen = profile if profile in pack(pack_id).profiles else None
    verdicts = assess(performance, pack(pack_id), profile=chosen, **RUN).verdicts
    return next(v for v in verdicts if v.criterion == id)


ZERO = {
    "shoulder_tilt": (seen, "toppling"),
    "head_roll": (seen, "toppling"),
    "trunk_side_lean": (seen, "toppling"),
    "facing": (seen, "from the side"),
    "upright_ratio": (seen, "hunched"),
    "sway": (seen, "rocking"),
    "stance_width": (seen, "astride"),
    "trunk_forward_lean": (seen, "side fallen"),
    "head_forward": (seen, "side hunched"),
    "hip_angle": (seen, "side slanted back"),
    "knee_angle": (seen, "side slanted back"),
    "pace": (heard, "hurried"),
    "articulation_rate": (heard, "hurried"),
    "pause_share": (heard, "halting"),
    "run_length": (heard, "choppy"),
    "long_pauses": (heard, "halting"),
    "pitch_variation": (heard, "on one note"),
    "pitch_range": (heard, "on one note"),
    "voiced_share": (heard, "whispered"),
}
ONE = {
    "shoulder_tilt": (seen, "upright"),
    "head_roll": (seen, "upright"),
    "trunk_side_lean": (seen, "upright"),
    "facing": (seen, "upright"),
    "upright_ratio": (seen, "upright"),
    "sway": (seen, "standing"),
    "stance_width": (seen, "standing"),
    "trunk_forward_lean": (seen, "side"),
    "head_forward": (seen, "side"),
    "hip_angle": (seen, "side"),
    "knee_angle": (seen, "side"),
    "pace": (heard, "service"),
    "articulation_rate": (heard, "service"),
    "pause_share": (heard, "service"),
    "run_length": (heard, "service"),
    "long_pauses": (heard, "service"),
    "pitch_variation": (heard, "service"),
    "pitch_range": (heard, "service"),
    "level_stability": (heard, "service"),
    "final_drop": (heard, "service"),
    "voiced_share": (heard, "service"),
}
NOT_REACHED = {
    "level_stability": "0 at 12 dB; phrases 18 dB apart read 7.8 dB, softer ones are not heard as speech",
    "final_drop": "0 at 15 dB; ends made to fade are heard no more: 13.6 dB is the most (0.17)",
    "trunk_forward_lean_standing": "no rendered person stands side-on here; its measure is that of trunk_forward_lean",
}
# In the pack for talks in English: the voices here speak Chinese; feet 1.78 shoulder widths apart are short of its 1.8
# (0.03), a head 0.38 forward of its 0.40 (0.07).
NOT_IN_ENGLISH = {"pace", "pitch_variation", "stance_width", "head_forward"}


def weighted(pack_id: str) -> list[str]:
    profiles = pack(pack_id).profiles.values()
    return sorted({id for profile in profiles for id, weight in profile.weights.items() if weight > 0})


CASES = [
    (pack_id, id)
    for pack_id in ("counter", "presentation")
    for id in weighted(pack_id)
    if pack_id == "counter" or id not in NOT_IN_ENGLISH
]


def test_every_weighted_criterion_is_tried_or_named():
    for pack_id in ("counter", "presentation"):
        assert set(weighted(pack_id)) - ZERO.keys() <= NOT_REACHED.keys()
        assert set(weighted(pack_id)) - ONE.keys() <= {"trunk_forward_lean_standing"}
    assert not ZERO.keys() & NOT_REACHED.keys()


@pytest.mark.parametrize(("pack_id", "id"), [case for case in CASES if case[1] in ZERO])
def test_there_is_a_performance_that_fails(pack_id, id):
    verdict = verdict_on(id, ZERO[id], pack_id)
    assert verdict.status == "assessed", verdict.reason
    assert verdict.sub_score == 0, verdict.value


@pytest.mark.parametrize(("pack_id", "id"), [case for case in CASES if case[1] in ONE])
def test_there_is_a_performance_that_is_full(pack_id, id):
    verdict = verdict_on(id, ONE[id], pack_id)
    assert verdict.status == "assessed", verdict.reason
    assert verdict.sub_score == 1, verdict.value
