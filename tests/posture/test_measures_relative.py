"""Against the own calibration stretch: sitting tall, and staying turned towards the partner."""

from __future__ import annotations

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Interval
from posture.measures.relative import facing, upright_ratio
from posture.track import Joint
from tests.posture.skeletons import body_of, mirrored, skeleton

QUIET = Interval(0.0, 2.9)
NOSE_HEIGHT = 0.21  # of the stick figure, metres above its shoulders


def two_parts(first, then, **options):
    """Three seconds of one posture, then two of another, seen from shoulder height."""
    return body_of([skeleton(**first)] * 30 + [skeleton(**then)] * 20, calibration=QUIET, drop=0, **options)


class TestUprightRatio:
    @pytest.mark.parametrize("sink", [0.0, 0.02, 0.06])
    def test_is_the_share_of_the_own_height_that_is_left(self, sink):
        value = upright_ratio(two_parts({}, {"head_sink": sink}), {}).value
        assert value[:30] == pytest.approx(100, abs=0.1)
        assert value[30:] == pytest.approx(100 * (1 - sink / NOSE_HEIGHT), abs=0.1)

    def test_coming_nearer_is_not_growing(self):
        assert upright_ratio(two_parts({}, {"at": (0.2, 0, 1.0)}), {}).value[30:] == pytest.approx(100, abs=2)

    def test_tilting_the_shoulders_with_the_head_is_not_shrinking(self):
        assert upright_ratio(two_parts({}, {"side_lean_deg": 10}), {}).value[30:] == pytest.approx(100, abs=0.5)

    def test_turning_is_not_growing(self):
        assert upright_ratio(two_parts({}, {"yaw_deg": 30}), {}).value[30:] == pytest.approx(100, abs=4)

    def test_without_a_calibration_stretch_nothing(self):
        trace = upright_ratio(body_of([skeleton()] * 20), {})
        assert np.isnan(trace.value).all()
        assert trace.reason == Reason.NO_CALIBRATION

    def test_a_stretch_in_which_the_nose_was_not_seen_is_no_calibration(self):
        body = two_parts({}, {})
        body.usable[:30, Joint.NOSE] = False
        assert np.isnan(upright_ratio(body, {}).value).all()


class TestFacing:
    @pytest.mark.parametrize("yaw_deg", [-180, -120, -40, 0, 15, 90])
    def test_is_the_turn_from_the_camera_without_a_stretch(self, yaw_deg):
        value = facing(body_of([skeleton(yaw_deg=yaw_deg)] * 5), {}).value
        assert value == pytest.approx(abs(yaw_deg), abs=1e-3)

    @pytest.mark.parametrize(("own", "then", "away"), [(20, 20, 0), (20, -20, 40), (-15, 30, 45), (30, -170, 160)])
    def test_is_the_turn_from_the_own_direction_with_one(self, own, then, away):
        value = facing(two_parts({"yaw_deg": own}, {"yaw_deg": then}), {}).value
        assert value[30:] == pytest.approx(away, abs=1e-3)

    def test_left_and_right_count_the_same(self):
        body = two_parts({"yaw_deg": 10}, {"yaw_deg": -35})
        assert facing(mirrored(body), {}).value == pytest.approx(facing(body, {}).value, abs=1e-3)

    def test_a_person_side_on_to_a_front_camera_is_measured(self):
        trace = facing(body_of([skeleton()] * 20 + [skeleton(yaw_deg=90)] * 5), {})
        assert trace.value[-1] == pytest.approx(90, abs=1e-3)
        assert trace.reason is None
