"""Level and upright from the front: known angles, mirrors, lenses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liyi.core.reasons import Reason
from posture.measures.front import shoulder_tilt, trunk_side_lean
from posture.measures.head import head_roll
from posture.track import Joint, Mirrored
from tests.posture.skeletons import body_of, mirrored, skeleton

MEASURES = (head_roll, shoulder_tilt, trunk_side_lean)
TIPPED = {"head_roll_deg": 8, "shoulder_tilt_deg": -5, "side_lean_deg": 3}


@pytest.mark.parametrize("deg", [-20, -5, 0, 1.5, 12])
class TestKnownAngles:
    def test_head_roll(self, deg):
        # mouth and eyes are not equally far from the camera, which tilts the face's axis a little
        assert head_roll(body_of([skeleton(head_roll_deg=deg)] * 3), {}).value == pytest.approx(deg, abs=0.3)

    def test_shoulder_tilt(self, deg):
        assert shoulder_tilt(body_of([skeleton(shoulder_tilt_deg=deg)] * 3), {}).value == pytest.approx(deg, abs=0.01)

    def test_trunk_side_lean(self, deg):
        assert trunk_side_lean(body_of([skeleton(side_lean_deg=deg)] * 3), {}).value == pytest.approx(deg, abs=0.01)

    def test_tipping_as_one_piece_to_the_own_left_is_positive_everywhere(self, deg):
        for measure in MEASURES:
            assert measure(body_of([skeleton(side_lean_deg=deg)])).value == pytest.approx(deg, abs=0.3)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.id)
def test_a_mirror_flips_the_sign(measure):
    body = body_of([skeleton(**TIPPED)] * 3)
    assert measure(mirrored(body)).value == pytest.approx(-measure(body).value, abs=1e-3)
    assert np.all(np.abs(measure(body).value) > 2)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.id)
@settings(max_examples=25, deadline=None)
@given(
    focal=st.floats(400, 1200),
    size=st.sampled_from([(640, 480), (1280, 720), (480, 640)]),
    x=st.floats(-0.3, 0.3),
)
def test_lens_shape_of_picture_and_place_leave_the_angle(measure, focal, size, x):
    near = measure(body_of([skeleton(**TIPPED)])).value
    other = measure(body_of([skeleton(**TIPPED, at=(x, 0, 0))], focal=focal, size=size)).value
    assert other == pytest.approx(near, abs=0.3)


def test_a_turned_head_is_not_read_as_a_rolled_one():
    trace = head_roll(body_of([skeleton(head_yaw_deg=45)] * 5 + [skeleton(head_yaw_deg=10)] * 4), {})
    assert np.isnan(trace.value[:5]).all()
    assert np.isfinite(trace.value[5:]).all()
    assert trace.reason == Reason.HEAD_TURNED


def test_side_lean_needs_the_hips_and_shoulder_tilt_does_not():
    body = body_of([skeleton()] * 3, unusable=(Joint.LEFT_HIP, Joint.RIGHT_HIP))
    assert np.isnan(trunk_side_lean(body, {}).value).all()
    assert trunk_side_lean(body, {}).reason == Reason.HIPS_OUT_OF_FRAME
    assert np.isfinite(shoulder_tilt(body, {}).value).all()


def read_twice(body, pixels):
    """``body`` with a second reading every second, in which the left shoulder lies ``pixels`` lower."""
    sample = np.arange(0, body.t.size, 10)
    points = body.track.points[sample].copy()
    points[:, Joint.LEFT_SHOULDER, 1] += pixels
    return replace(body, track=replace(body.track, mirrored=Mirrored(sample, points, body.track.world[sample])))


def test_the_reading_is_the_mean_of_two_and_half_their_difference_is_part_of_the_error():
    body = body_of([skeleton()] * 40)
    width = 700 * 0.36 / 4
    agree, differ = (shoulder_tilt(read_twice(body, px), {}) for px in (0.0, 0.1 * width))
    half = np.degrees(np.arctan(0.1)) / 2
    assert agree.value == pytest.approx(0, abs=1e-3)
    assert differ.value == pytest.approx(half, abs=0.01)
    assert differ.error == pytest.approx(np.hypot(agree.error, half), abs=0.01)
    assert agree.error < shoulder_tilt(body, {}).error  # nothing tells how this recording errs


def test_in_a_close_up_the_shoulders_are_read_a_fifth_too_level_which_is_given_back_with_a_wider_error():
    tipped = [skeleton(shoulder_tilt_deg=8)] * 5
    whole = shoulder_tilt(body_of(tipped), {})
    close = shoulder_tilt(body_of(tipped, unusable=(Joint.LEFT_HIP, Joint.RIGHT_HIP)), {})
    assert close.value == pytest.approx(whole.value / 0.8)
    assert close.error > whole.error / 0.8


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.id)
def test_who_is_small_in_the_picture_is_read_less_surely_and_then_not_at_all(measure):
    near, far, speck = (measure(body_of([skeleton()] * 5, distance=d)) for d in (2, 8, 12))
    assert np.isfinite(far.value).all()
    assert near.error < far.error
    assert np.isnan(speck.value).all()
    assert speck.reason == Reason.TOO_SMALL
