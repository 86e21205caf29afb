"""A picture that stands still is told from a person who keeps still."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from posture.measures.front import shoulder_tilt
from posture.pose import _Standstill
from signals.media import Frame
from signals.reasons import Reason
from tests.posture.skeletons import body_of, skeleton


def frozen(images):
    stop = _Standstill()
    for k, image in enumerate(images):
        stop.see(Frame(k / 10, image))
    return stop.frozen(np.arange(len(images)) / 10)


def noisy(n):
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (48, 64, 3), dtype=np.uint8) for _ in range(n)]


def test_from_the_second_equal_picture_of_two_seconds_on():
    moving = noisy(20)
    found = frozen([*moving, *[moving[-1]] * 25, *noisy(5)])
    assert found is not None
    assert np.flatnonzero(found).tolist() == list(range(20, 45))


def test_neither_a_shorter_halt_nor_a_breath_is():
    moving = noisy(20)
    assert frozen([*moving, *[moving[-1]] * 15, *noisy(5)]) is None
    nearly = [moving[-1].copy() for _ in range(30)]
    for k, image in enumerate(nearly):
        image[:16, :16] = 8 * k
    assert frozen(nearly) is None


def test_nothing_is_measured_while_the_picture_stands_still():
    body = body_of([skeleton()] * 40)
    trace = shoulder_tilt(replace(body, track=replace(body.track, frozen=body.t >= 1)), {})
    assert np.isfinite(trace.value).tolist() == [True] * 10 + [False] * 30
    assert trace.reason == Reason.PICTURE_FROZEN
