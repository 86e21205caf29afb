"""Postures of the arms: each is found, none taken for another; trembling makes one event; hidden is not watched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liyi.core.reasons import Reason
from liyi.core.smoothing import runs
from posture.measures.arms import chin_prop, crossed_arms, hands_folded_low, hands_on_hips
from posture.track import Joint
from tests.posture.skeletons import ARMS, SHOULDER_WIDTH, J, body_of, mirrored, skeleton

MEASURES = (crossed_arms, hands_on_hips, hands_folded_low, chin_prop)
BY_ID = {measure.id: measure for measure in MEASURES}
SHOWN_BY = {
    "crossed": "crossed_arms",
    "on_hips": "hands_on_hips",
    "folded_low": "hands_folded_low",
    "at_chin": "chin_prop",
}


def pose(name):
    return skeleton(left_arm=name, right_arm=name)


def held(name, before_s=2.0, during_s=3.0, after_s=2.0):
    """Arms at the sides, then a posture, then the sides again."""
    parts = (("sides", before_s), (name, during_s), ("sides", after_s))
    return [pose(part) for part, length_s in parts for _ in range(round(10 * length_s))]


@pytest.mark.parametrize("arms", ARMS)
@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.id)
def test_each_posture_is_found_by_its_own_measure_alone(measure, arms):
    events = measure(body_of(held(arms)))
    assert events.watched_s == pytest.approx(7)
    if SHOWN_BY.get(arms) != measure.id:
        assert events.items == ()
        return
    (event,) = events.items
    assert event.start_s == pytest.approx(2.0)
    assert event.end_s == pytest.approx(5.0)
    assert set(event.attributes) == set(measure.attributes)


@pytest.mark.parametrize(("arms", "id"), SHOWN_BY.items())
class TestEveryPosture:
    def test_is_found_in_a_mirror(self, arms, id):
        body = body_of(held(arms))
        assert BY_ID[id](mirrored(body)).items == BY_ID[id](body).items

    def test_too_short_is_no_event(self, arms, id):
        assert BY_ID[id](body_of(held(arms, during_s=0.8))).items == ()

    def test_interrupted_for_a_moment_is_one_event(self, arms, id):
        moments = held(arms, during_s=4)
        moments[40:43] = [pose("sides")] * 3
        (event,) = BY_ID[id](body_of(moments)).items
        assert event.duration_s == pytest.approx(4.0)

    def test_out_of_frame_is_not_watched(self, arms, id):
        events = BY_ID[id](
            body_of(held(arms), unusable=(Joint.LEFT_WRIST, Joint.RIGHT_WRIST, Joint.RIGHT_INDEX, Joint.LEFT_INDEX))
        )
        assert events.items == ()
        assert events.watched_s == 0
        assert events.reason == Reason.ARMS_OUT_OF_FRAME


@pytest.mark.parametrize(("arms", "id"), [("on_hips", "hands_on_hips"), ("at_chin", "chin_prop")])
class TestOneArm:
    def test_is_enough(self, arms, id):
        (event,) = BY_ID[id](body_of([skeleton(left_arm=arms)] * 30)).items
        assert event.attributes.get("hands", 1) == 1

    def test_is_watched_while_it_shows_the_posture_and_the_other_is_hidden(self, arms, id):
        moments = [skeleton()] * 20 + [skeleton(left_arm=arms)] * 30
        events = BY_ID[id](body_of(moments, unusable=(Joint.RIGHT_WRIST,)))
        assert len(events.items) == 1
        assert events.watched_s == pytest.approx(3.0)


def test_trembling_at_the_threshold_is_one_event():
    measure = BY_ID["crossed_arms"]
    body = body_of([pose("crossed")] * 100, noise_px=1.0)
    limit = {"wrist_to_elbow": measure(body).items[0].attributes["wrist_to_elbow"]}
    left, right = (body.points[:, j].astype(float) for j in (Joint.LEFT_WRIST, Joint.RIGHT_WRIST))
    apart = (
        np.hypot(*(left - body.points[:, Joint.RIGHT_ELBOW]).T),
        np.hypot(*(right - body.points[:, Joint.LEFT_ELBOW]).T),
    )
    reach = np.mean(apart, axis=0)
    width = np.hypot(*(body.points[:, Joint.LEFT_SHOULDER] - body.points[:, Joint.RIGHT_SHOULDER]).T)
    assert len(runs(reach / width < limit["wrist_to_elbow"])) > 10  # a bare threshold would see so many
    assert len(measure(body, limit).items) == 1


@settings(max_examples=40, deadline=None)
@given(
    wobble=st.lists(st.floats(-0.05, 0.05), min_size=12, max_size=12),
    yaw_deg=st.floats(-30, 30),
    distance=st.floats(1.5, 6),
)
def test_folded_low_and_crossed_are_never_mistaken_for_each_other(wobble, yaw_deg, distance):
    shift = np.zeros((33, 3))
    shift[[Joint.LEFT_ELBOW, Joint.RIGHT_ELBOW, Joint.LEFT_WRIST, Joint.RIGHT_WRIST]] = np.reshape(wobble, (4, 3))
    for arms, other in (("folded_low", "crossed_arms"), ("crossed", "hands_folded_low")):
        moment = skeleton(left_arm=arms, right_arm=arms, yaw_deg=yaw_deg) + shift
        assert BY_ID[other](body_of([moment] * 20, distance=distance)).items == ()


def test_a_pack_may_ask_for_a_longer_hold():
    body = body_of(held("crossed", during_s=2.0))
    assert len(BY_ID["crossed_arms"](body, {"min_s": 1.5}).items) == 1
    assert BY_ID["crossed_arms"](body, {"min_s": 2.5}).items == ()


def test_wrists_joined_at_the_chest_are_not_folded_low():
    arms = skeleton(left_arm="folded_low", right_arm="folded_low")
    arms[[Joint.LEFT_WRIST, Joint.RIGHT_WRIST], 1] += 0.3
    assert BY_ID["hands_folded_low"](body_of([arms] * 20)).items == ()


def crossed_with(reach: float, drop: float = 0.7, yaw_deg: float = 0.0):
    """Two seconds of arms that end ``reach`` short of the other elbow and ``drop`` below, in shoulder widths."""
    moment = skeleton(left_arm="crossed", right_arm="crossed")
    for elbow, wrist, sign in ((J.LEFT_ELBOW, J.LEFT_WRIST, 1), (J.RIGHT_ELBOW, J.RIGHT_WRIST, -1)):
        moment[elbow] = (sign * 0.20, -drop * SHOULDER_WIDTH, 0.0)
        moment[wrist] = (-sign * (0.20 - reach * SHOULDER_WIDTH), -drop * SHOULDER_WIDTH, 0.0)
    turn = np.radians(yaw_deg)
    moment = moment @ np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]])
    return body_of([moment] * 20, distance=6)


@pytest.mark.parametrize(
    ("reach", "drop", "found", "perhaps"),
    [(0.55, 0.7, 1, 0), (0.55, 1.03, 1, 0), (0.72, 0.7, 0, 1), (0.55, 1.15, 0, 1), (0.9, 0.7, 0, 0), (0.55, 1.3, 0, 0)],
)
@pytest.mark.parametrize("yaw_deg", [0, 30])
def test_between_the_limits_crossed_arms_are_undecided(reach, drop, found, perhaps, yaw_deg):
    body = crossed_with(reach, drop, yaw_deg)
    for seen in (body, mirrored(body)):
        events = BY_ID["crossed_arms"](seen)
        assert (len(events.items), len(events.undecided)) == (found, perhaps)
        assert events.watched_s == pytest.approx(2.0)


def crossed_at(left_wrist, right_wrist):
    """Two seconds of wrists at these places, (across, down) in shoulder widths from the middle of the shoulders."""
    moment = skeleton()
    for elbow, wrist, sign, (across, down) in (
        (J.LEFT_ELBOW, J.LEFT_WRIST, 1, left_wrist),
        (J.RIGHT_ELBOW, J.RIGHT_WRIST, -1, right_wrist),
    ):
        moment[elbow] = (sign * 0.60 * SHOULDER_WIDTH, -0.82 * SHOULDER_WIDTH, 0.0)
        moment[wrist] = (across * SHOULDER_WIDTH, -down * SHOULDER_WIDTH, 0.0)
    return body_of([moment] * 20, distance=6)


@pytest.mark.parametrize(
    ("left_wrist", "right_wrist", "found", "perhaps"),
    [
        ((-0.22, 0.69), (-0.08, 0.71), 1, 0),  # one hand under the other arm, its wrist guessed before the trunk
        ((0.13, 0.94), (-0.11, 0.89), 0, 1),  # sleeves: both wrists guessed before the trunk
        ((-0.10, 1.12), (0.10, 1.12), 0, 0),  # hands joined before the belly hang below the elbows
        ((0.08, 0.40), (-0.04, 0.42), 0, 0),  # hands joined at the chest are raised above them
    ],
)
def test_of_crossed_arms_one_hand_hides_and_joined_hands_are_none(left_wrist, right_wrist, found, perhaps):
    body = crossed_at(left_wrist, right_wrist)
    for seen in (body, mirrored(body)):
        events = BY_ID["crossed_arms"](seen)
        assert (len(events.items), len(events.undecided)) == (found, perhaps)


def on_hip(elbow, wrist):
    """Two seconds of a left elbow and wrist, (out from the shoulder; out from and above the hip) in shoulder widths."""
    moment = skeleton()
    moment[J.LEFT_ELBOW] = (SHOULDER_WIDTH * (0.5 + elbow[0]), -SHOULDER_WIDTH * elbow[1], 0.0)
    moment[J.LEFT_WRIST] = moment[J.LEFT_HIP] + SHOULDER_WIDTH * np.array([*wrist, 0.0])
    return body_of([moment] * 20, distance=6)


@pytest.mark.parametrize(
    ("elbow", "wrist", "found", "perhaps"),
    [
        ((0.38, 0.66), (0.35, 0.33), 1, 0),  # thumbs in front, elbows half out: a woman of the photographs
        ((0.27, 0.66), (0.36, 0.25), 0, 1),  # turned aside, one elbow hardly out
        ((0.43, 0.70), (0.00, 0.75), 0, 0),  # arms crossed over the ribs
        ((0.33, 0.66), (0.14, 0.25), 0, 0),  # at the belt buckle
        ((0.30, 0.70), (0.44, 0.03), 0, 0),  # hanging, away from the trunk
    ],
)
def test_hands_on_hips_are_beside_them_and_not_before_the_trunk(elbow, wrist, found, perhaps):
    body = on_hip(elbow, wrist)
    for seen in (body, mirrored(body)):
        events = BY_ID["hands_on_hips"](seen)
        assert (len(events.items), len(events.undecided)) == (found, perhaps)


def test_an_undecided_stretch_never_overlaps_one_that_is_decided():
    moments = np.concatenate([crossed_with(reach).points[:1].repeat(20, 0) for reach in (0.72, 0.5, 0.72)])
    body = crossed_with(0.5)
    body = replace(body_of([skeleton()] * 60, distance=6), points=moments, yaw=np.zeros(60))
    events = BY_ID["crossed_arms"](body)
    assert [(e.start_s, round(e.end_s, 1)) for e in events.items] == [(2.0, 4.0)]
    assert [(e.start_s, round(e.end_s, 1)) for e in events.undecided] == [(0.0, 2.0), (4.0, 6.0)]


def test_arms_that_are_not_in_the_picture_are_not_watched():
    for missing in (J.LEFT_ELBOW, J.RIGHT_WRIST):
        events = BY_ID["crossed_arms"](body_of([pose("crossed")] * 20, unusable=(missing,)))
        assert (events.items, events.undecided, events.watched_s) == ((), (), 0.0)
        assert events.reason == Reason.ARMS_OUT_OF_FRAME


def at_face(hand_m, moments=50):
    """A right hand at ``hand_m`` (moments, 3), the elbow below."""
    body = np.array([skeleton(right_arm="at_chin")] * moments)
    body[:, [J.RIGHT_WRIST, J.RIGHT_INDEX]] = np.asarray(hand_m)[:, None]
    return body_of(body)


@pytest.mark.parametrize(
    "hand_m",
    [
        [(-0.085, 0.235, 0.02)] * 50,  # at the ear, as a telephone is held
        [(-0.03, 0.12 + 0.05 * np.sin(k), 0.12) for k in range(50)],  # moving about the mouth
        [(-0.03, 0.12, 0.12)] * 20 + [(-0.3, -0.3, 0.1)] * 30,  # gone after two seconds
    ],
)
def test_a_hand_at_the_face_without_weight_on_it_is_undecided(hand_m):
    events = BY_ID["chin_prop"](at_face(hand_m))
    assert events.items == ()
    assert len(events.undecided) == 1


def test_a_hand_that_rests_at_the_cheek_props_it():
    events = BY_ID["chin_prop"](at_face([(-0.05, 0.14, 0.10)] * 50))
    assert len(events.items) == 1
    assert events.undecided == ()
