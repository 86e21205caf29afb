"""Upright and seated from the side: known angles from either side. The model's steady error is added back."""

from __future__ import annotations

import numpy as np
import pytest

from liyi.core.reasons import Reason
from posture.errors import published
from posture.measures.bow import bow
from posture.measures.side import forward, head_forward, hip_angle, knee_angle, trunk_forward_lean
from posture.track import Joint
from tests.posture.skeletons import body_of, mirrored, skeleton

MEASURES = (trunk_forward_lean, head_forward, hip_angle, knee_angle)


def side_body(yaw_deg, *, position="standing", **pose):
    """Ten samples from the side, from afar so that near and far joints fall together."""
    return body_of([skeleton(yaw_deg=yaw_deg, **pose)] * 10, camera="side", position=position, distance=40, focal=7000)


@pytest.mark.parametrize("yaw_deg", [90, -90, 75, -105])
class TestEitherSide:
    @pytest.mark.parametrize("deg", [-10, 0, 15, 45])
    def test_forward_lean(self, yaw_deg, deg):
        read = trunk_forward_lean(side_body(yaw_deg, forward_lean_deg=deg)).value
        value = read + published("trunk_forward_lean.bias")
        across = np.degrees(np.arctan(np.tan(np.radians(deg)) * np.sin(np.radians(abs(yaw_deg)))))
        assert value == pytest.approx(across, abs=0.3)

    @pytest.mark.parametrize("ratio", [-0.1, 0, 0.3])
    def test_head_forward(self, yaw_deg, ratio):
        value = head_forward(side_body(yaw_deg, head_forward=ratio), {}).value + published("head_forward.bias")
        assert value == pytest.approx(ratio * np.sin(np.radians(abs(yaw_deg))), abs=0.01)


@pytest.mark.parametrize("yaw_deg", [90, -90])
@pytest.mark.parametrize(("hip_deg", "knee_deg"), [(90, 90), (75, 110), (120, 60)])
def test_angles_of_sitting(yaw_deg, hip_deg, knee_deg):
    body = side_body(yaw_deg, position="sitting", hip_deg=hip_deg, knee_deg=knee_deg, forward_lean_deg=8)
    assert hip_angle(body, {}).value + published("hip_angle.bias") == pytest.approx(hip_deg, abs=0.5)
    assert knee_angle(body, {}).value + published("knee_angle.bias") == pytest.approx(knee_deg, abs=0.5)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.id)
def test_forward_stays_forward_in_a_mirror(measure):
    body = side_body(90, position="sitting", hip_deg=95, knee_deg=80, forward_lean_deg=12)
    assert measure(mirrored(body)).value == pytest.approx(measure(body).value, abs=0.02)


def test_facing_follows_somebody_who_turns_round():
    moments = [skeleton(yaw_deg=90)] * 30 + [skeleton(yaw_deg=-90)] * 30  # own left is the picture's right
    facing = forward(body_of(moments, camera="side"))
    assert facing[:25].tolist() == [1] * 25
    assert facing[-25:].tolist() == [-1] * 25


def test_left_and_right_swapped_for_one_frame_do_not_turn_the_body():
    moments = [skeleton(yaw_deg=-90)] * 30
    moments[12] = skeleton(yaw_deg=90)
    assert set(forward(body_of(moments, camera="side"))) == {-1.0}


def bending(*bends, seconds=40, position="standing", yaw_deg=90, **pose):
    """From the side, upright by 2 degrees but for bends: when, how far, and for how long down, held and up."""
    t = np.arange(seconds * 10) / 10
    lean = np.full(t.size, 2.0)
    for start_s, deg, down_s, held_s, up_s in bends:
        corners = np.cumsum([start_s, down_s, held_s, up_s])
        lean += np.interp(t, corners, [0, deg, deg, 0])
    moments = [skeleton(yaw_deg=yaw_deg, forward_lean_deg=deg, hip_deg=pose.get("hip_deg", 180) - deg) for deg in lean]
    return body_of(moments, camera="side", position=position, distance=40, focal=7000)


class TestBow:
    @pytest.mark.parametrize("yaw_deg", [90, -90])
    @pytest.mark.parametrize("deg", [15, 30, 60])
    def test_is_found_with_its_angle_and_hold(self, deg, yaw_deg):
        first, second = bow(bending((10, deg, 1.0, 1.5, 1.5), (25, deg, 0.8, 1.0, 1.2), yaw_deg=yaw_deg)).items
        assert (first.start_s, first.end_s) == (pytest.approx(10.2, abs=0.25), pytest.approx(13.75, abs=0.3))
        assert first.attributes["angle"] == pytest.approx(deg, abs=0.5)
        assert first.attributes["hold"] == pytest.approx(1.9, abs=0.25)
        assert second.attributes["hold"] == pytest.approx(1.3, abs=0.25)

    @pytest.mark.parametrize("position", ["standing", "sitting"])
    def test_is_no_forward_lean_and_no_head_carried_forward(self, position):
        upright = bending(position=position, hip_deg=90 if position == "sitting" else 180)
        body = bending((10, 30, 1.0, 1.5, 1.5), (25, 30, 1.0, 1.5, 1.5), position=position,
                       hip_deg=90 if position == "sitting" else 180)  # fmt: skip
        for measure in (trunk_forward_lean, head_forward) + (hip_angle,) * (position == "sitting"):
            bowed, usual = measure(body), measure(upright)
            assert np.isfinite(usual.value).all()
            assert bowed.reason == Reason.BOWING
            assert 0.75 < np.isfinite(bowed.value).mean() < 0.9
            assert np.nanmax(np.abs(bowed.value - usual.value[0])) < (0.08 if measure is head_forward else 4.5)

    @pytest.mark.parametrize(
        "bends",
        [
            [(10, 25, 1.0, 12.0, 1.0)],  # stays down: a slouch
            [(20, 25, 2.0, 60.0, 0.0)],  # and does not come up again
            [(-1, 25, 0.5, 2.0, 1.0)],  # down when it begins
            [(10, 7, 1.0, 1.0, 1.0)],  # hardly bent
            [(10, 25, 0.2, 0.0, 0.2)],  # a jerk
            [(k, 20, 1.4, 1.0, 1.4) for k in range(1, 39, 4)],  # rocks all the time
        ],
        ids=["stays down", "does not rise", "begins down", "slight", "jerk", "rocks"],
    )
    def test_what_is_none_still_counts_as_lean(self, bends):
        body = bending(*bends)
        assert bow(body).items == ()
        assert np.isfinite(trunk_forward_lean(body).value).all()
        assert bow(body).watched_s == pytest.approx(40)


class TestLegs:
    def test_not_while_standing(self):
        assert hip_angle(side_body(90), {}).reason == Reason.NOT_SITTING

    def test_not_when_it_cannot_be_told(self):
        assert knee_angle(side_body(90, position="unknown"), {}).reason == Reason.POSITION_UNKNOWN

    @pytest.mark.parametrize(("yaw_deg", "near"), [(-90, "LEFT"), (90, "RIGHT")])
    @pytest.mark.parametrize("hidden", ["LEFT", "RIGHT"])
    def test_only_the_near_leg_is_needed(self, yaw_deg, near, hidden):
        body = body_of(
            [skeleton(yaw_deg=yaw_deg, hip_deg=90, knee_deg=90)] * 5,
            camera="side",
            position="sitting",
            unusable=(Joint[f"{hidden}_KNEE"], Joint[f"{hidden}_ANKLE"]),
        )
        for trace in (knee_angle(body, {}), hip_angle(body, {})):
            assert np.isfinite(trace.value).all() == (hidden != near)
            assert trace.reason == (Reason.LEGS_OUT_OF_FRAME if hidden == near else None)
