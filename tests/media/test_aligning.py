"""Two sounds on one clock: known delays and clocks are found, and what does not belong together is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from liyi.media.aligning import Alignment, Modulation, align
from tests.speech.sounds import RATE, load

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
FRONT, SIDE = (load(SAMPLES / f"counter_{view}_zh.mp4") for view in ("front", "side"))


def heard(sound: np.ndarray, *, gain: float = 1.0, noise: float = 0.003, seed: int = 1) -> Modulation:
    taken = Modulation()
    sound = gain * sound + np.random.default_rng(seed).normal(0, noise, sound.size)
    for start in range(0, sound.size, 3 * RATE):
        taken.take(sound[start : start + 3 * RATE].astype(np.float32))
    return taken


@pytest.mark.parametrize("begins_s", [-4.321, 0.0, 2.5])
def test_a_delay_is_found_to_some_milliseconds_whatever_the_gain(begins_s):
    late, early = (round(max(0.0, each) * RATE) for each in (begins_s, -begins_s))
    found = align(heard(FRONT[early:]), heard(FRONT[late:], gain=0.1, noise=0.001, seed=2))
    assert found is not None
    assert found.first(0.0) == pytest.approx(begins_s, abs=0.004)
    assert found.second(found.first(7.0)) == pytest.approx(7.0)


def test_a_clock_that_runs_fast_is_found_over_minutes():
    sound = np.concatenate([FRONT, 0.5 * SIDE, FRONT[::-1], SIDE[::-1]] * 4)  # 4 minutes
    fast = np.interp(np.arange(0, sound.size - 1, 1 + 100e-6), np.arange(sound.size), sound)
    found = align(heard(sound), heard(fast[5 * RATE :], seed=2))
    assert found is not None
    assert found.drift_ppm == pytest.approx(100, abs=15)
    assert found.first(200.0) == pytest.approx((5 + 200) * (1 + 100e-6), abs=0.006)


def take(wander: float, seed: int) -> np.ndarray:
    """The same words said again, at a tempo that wanders by so much, new every second."""
    rng, sound = np.random.default_rng(seed), np.concatenate([FRONT, SIDE])
    seconds = sound.size // RATE
    at = np.cumsum(
        np.interp(np.arange(sound.size) / RATE, np.arange(seconds), rng.uniform(1 - wander, 1 + wander, seconds))
    )
    return np.interp(np.arange(0, at[-1]), at, sound)


@pytest.mark.parametrize("wander", [0.01, 0.02, 0.05])
def test_another_take_of_the_same_words_is_no_second_camera(wander):
    mine = heard(np.concatenate([FRONT, SIDE]))
    assert [seed for seed in range(3) if align(mine, heard(take(wander, seed), seed=2)) is not None] == []


@pytest.mark.parametrize(
    "other",
    [SIDE, np.zeros_like(FRONT), FRONT[: 5 * RATE], np.concatenate([FRONT[: 8 * RATE], FRONT[11 * RATE :]])],
    ids=["another performance", "silence", "too short", "paused on the way"],
)
def test_what_is_not_sure_is_no_alignment(other):
    assert align(heard(FRONT), heard(other, seed=2)) is None


def test_blocks_pass_unchanged_to_whoever_listens():
    taken = Modulation()
    blocks = [FRONT[:1000], FRONT[1000:50_000]]
    assert all(one is other for one, other in zip(taken.passing(blocks), blocks, strict=True))
    assert len(taken.result()) == (50_000 - 256) // 64 + 1


def test_a_moment_is_carried_over_and_back():
    clock = Alignment(offset_s=-2.0, drift_ppm=100.0, error_s=0.005, windows=9, agreeing=9)
    assert clock.first(1000.0) == pytest.approx(998.1)
    assert clock.second(998.1) == pytest.approx(1000.0)
