"""A picture that stands still, and a portrait, are told from a person who keeps still."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from liyi.core.reasons import Reason
from liyi.media.recording import Frame
from posture.measures.front import shoulder_tilt
from posture.standstill import Standstill, StillFigure
from tests.posture.skeletons import body_of, skeleton


def frozen(images):
    stop = Standstill()
    for k, image in enumerate(images):
        stop.see(Frame(k / 10, image))
    return stop.result()


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


def pose_in(left, top, right, bottom):
    """Somebody whose head and hips span these pixels."""
    pose = np.zeros((33, 7), dtype=np.float32)
    pose[:, :2] = (left, top)
    pose[23, :2] = (right, bottom)
    return pose


def filmed(seconds, shift_px=lambda t_s: 0.0, noise=4.0):
    """A textured figure of 160 x 240 pixels in a noisy picture, moved sideways by ``shift_px``."""
    rng = np.random.default_rng(2)
    figure = np.repeat(np.repeat(rng.integers(40, 220, (15, 10)), 16, axis=0), 16, axis=1).astype(np.float64)
    for k in range(round(seconds * 10)):
        image = np.full((320, 320), 120.0)
        left = round(80 + shift_px(k / 10))
        image[40:280, left : left + 160] = figure
        noisy_image = image + rng.normal(0, noise, image.shape)
        yield Frame(k / 10, np.repeat(np.uint8(np.clip(noisy_image, 0, 255))[..., None], 3, axis=2))


def still_in(frames):
    figure = StillFigure(SimpleNamespace(poses=[pose_in(80, 40, 240, 280)]))
    for frame in frames:
        figure.see(frame)
    return figure.result()


def test_a_portrait_is_still_through_the_noise_of_the_camera():
    assert still_in(filmed(24)).all()


def test_whoever_shifts_by_a_centimetre_within_ten_seconds_is_alive():
    assert still_in(filmed(24, lambda t_s: 4 * np.sin(t_s / 2))) is None


def test_only_the_ten_seconds_in_which_nothing_moves_are_still():
    found = still_in(filmed(30, lambda t_s: 6 * np.sin(t_s) if t_s < 10 else 0.0))
    assert np.flatnonzero(~found).tolist() == list(range(100))


def test_whoever_steps_beside_a_portrait_is_alive():
    """Through the first seconds only the portrait is in the picture."""
    people = SimpleNamespace(poses=[pose_in(250, 0, 310, 30)])
    figure = StillFigure(people)
    for frame in filmed(20, lambda t_s: 6 * np.sin(t_s)):
        if frame.t_s >= 3.0:
            people.poses = [pose_in(80, 40, 240, 280), pose_in(250, 0, 310, 30)]
        figure.see(frame)
    assert figure.result() is None


def test_a_few_seconds_tell_nothing():
    assert still_in(filmed(8)) is None
    assert StillFigure(SimpleNamespace(poses=[])).result() is None


def test_of_a_portrait_nothing_is_measured():
    body = body_of([skeleton()] * 40)
    trace = shoulder_tilt(replace(body, track=replace(body.track, still=np.ones(40, dtype=np.bool_))), {})
    assert not np.isfinite(trace.value).any()
    assert trace.reason == Reason.FIGURE_STILL
