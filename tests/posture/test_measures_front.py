"""Level and upright from the front: known angles, mirrors, lenses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.measures.front import MEASURES, head_roll, shoulder_tilt, trunk_side_lean
from posture.track import Joint
from signals.reasons import Reason
from tests.posture.skeletons import body_of, mirrored, skeleton

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
    focal=st.floats(300, 1200),
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
