"""From where, how much, standing or sitting: stick figures turned by known angles, then people in photos and clips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posture.gate import usable_joints
from posture.reading import read_body
from posture.track import Joint
from posture.view import (
    FRONT,
    NO_VIEW,
    OBLIQUE,
    SIDE,
    camera_of,
    framing_of,
    picture_turned,
    position_of,
    shoulder_yaw,
    view_of,
)
from tests.posture.recordings import track_of
from tests.posture.skeletons import body_of, mirrored, skeleton

SEATED = {"hip_deg": 90, "knee_deg": 90}
ALL = np.ones((20, 33), dtype=bool)


def body(**pose):
    return body_of([skeleton(**pose)] * 20, distance=6)


def yaw_of(track):
    return shoulder_yaw(track, usable_joints(track))


class TestYaw:
    @pytest.mark.parametrize("turned", [0, 10, 30, 45, 60, 90, 120, 150, 180])
    @pytest.mark.parametrize("to", [1, -1])
    def test_known_turns_to_either_side(self, turned, to):
        assert yaw_of(body(yaw_deg=to * turned).track) == pytest.approx(turned, abs=4)

    def test_a_mirror_changes_nothing(self):
        seen = body(yaw_deg=25)
        assert yaw_of(mirrored(seen).track) == pytest.approx(yaw_of(seen.track), abs=1e-6)

    def test_distance_and_place_change_nothing(self):
        near = body_of([skeleton(yaw_deg=40)] * 5, distance=5).track
        smaller = replace(near, points=near.points / 2, size=(320, 240))
        assert yaw_of(smaller) == pytest.approx(yaw_of(near), abs=0.1)

    def test_a_bow_to_the_camera_is_no_turn(self):
        assert (yaw_of(body(forward_lean_deg=30).track) < 5).all()

    def test_a_shoulder_out_of_the_picture_leaves_it_unknown(self):
        usable = ALL.copy()
        usable[5:10, Joint.LEFT_SHOULDER] = False
        yaw = shoulder_yaw(body().track, usable)
        assert np.isnan(yaw).tolist() == [False] * 5 + [True] * 5 + [False] * 10


class TestView:
    @pytest.mark.parametrize(
        ("yaw", "expected"),
        [(0, FRONT), (30, FRONT), (45, OBLIQUE), (70, SIDE), (90, SIDE), (110, SIDE), (135, NO_VIEW), (180, NO_VIEW)],
    )
    def test_codes(self, yaw, expected):
        assert set(view_of(np.full(10, float(yaw)))) == {expected}

    def test_unknown_has_no_view(self):
        assert set(view_of(np.full(5, np.nan))) == {NO_VIEW}

    def test_trembling_at_a_limit_is_one_view(self):
        trembling = 36 + 2 * np.sin(np.arange(50) * 2.0)
        assert set(view_of(np.concatenate(([20.0], trembling)))) == {FRONT}
        assert set(view_of(np.concatenate(([45.0], trembling + 2, [45.0])))) <= {OBLIQUE, FRONT}
        assert set(view_of(np.concatenate((trembling + 24, [80.0])))) == {SIDE}

    def test_the_camera_is_the_commonest_view_of_those_seen(self):
        assert camera_of(np.array([0, 0, 0, 1, 1, 3], dtype=np.int8)) == "front"
        assert camera_of(np.array([1, 3, 3], dtype=np.int8)) == "side"
        assert camera_of(np.array([0, 0], dtype=np.int8)) == "none"


class TestPictureTurned:
    @pytest.mark.parametrize("quarters", [1, 2, 3])
    @pytest.mark.parametrize("yaw_deg", [0, 90])
    def test_a_picture_turned_by_right_angles_is_told(self, yaw_deg, quarters):
        track = body(yaw_deg=yaw_deg).track
        assert not picture_turned(track, ALL)
        for _ in range(quarters):
            width, height = track.size
            turned = np.stack([height - track.points[..., 1], track.points[..., 0]], axis=2)
            track = replace(track, points=turned, size=(height, width))
        assert picture_turned(track, ALL)

    @pytest.mark.parametrize("yaw_deg", [0, 90])
    def test_who_leans_and_hangs_the_head_is_upright(self, yaw_deg):
        bent = body(yaw_deg=yaw_deg, forward_lean_deg=25, head_forward=0.15, side_lean_deg=10).track
        assert not picture_turned(bent, ALL)

    @pytest.mark.parametrize("lean_deg", [80, 95, 105])
    @pytest.mark.parametrize("yaw_deg", [0, 90])
    def test_a_deep_bow_that_is_held_turns_nothing(self, yaw_deg, lean_deg):
        bent = body(yaw_deg=yaw_deg, forward_lean_deg=lean_deg, hip_deg=180 - lean_deg, head_forward=0.1).track
        assert not picture_turned(bent, ALL)

    def test_lying_for_a_moment_turns_nothing(self):
        mostly = body_of([skeleton()] * 12 + [skeleton(forward_lean_deg=90, yaw_deg=90)] * 8, distance=6).track
        assert not picture_turned(mostly, ALL)

    def test_a_head_that_is_mostly_out_of_the_picture_turns_nothing(self):
        upright = body().track
        made_up = replace(upright, points=upright.points * [1, -1] + [0, upright.size[1]])
        rarely = np.array(ALL)
        rarely[len(rarely) // 3 :, [Joint.LEFT_EAR, Joint.RIGHT_EAR]] = False
        assert picture_turned(made_up, ALL)
        assert not picture_turned(made_up, rarely)

    def test_nobody(self):
        assert not picture_turned(body().track, ~ALL)


class TestFramingAndPosition:
    def test_legs_make_a_full_body(self):
        assert framing_of(ALL) == "full_body"

    def test_without_knees_it_is_an_upper_body(self):
        usable = ALL.copy()
        usable[:, [Joint.LEFT_KNEE, Joint.RIGHT_KNEE]] = False
        assert framing_of(usable) == "upper_body"
        assert position_of(body(**SEATED).points, usable) == "unknown"

    def test_one_whole_leg_is_enough_from_the_side(self):
        usable = ALL.copy()
        usable[:, [Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE]] = False
        assert framing_of(usable) == "full_body"
        assert position_of(body(yaw_deg=90, **SEATED).points, usable) == "sitting"

    def test_nobody(self):
        assert framing_of(~ALL) == "none"
        assert position_of(body().points, ~ALL) == "unknown"

    @pytest.mark.parametrize("yaw_deg", [0, 45, 90])
    def test_standing_bowing_and_sitting(self, yaw_deg):
        assert position_of(body(yaw_deg=yaw_deg).points, ALL) == "standing"
        # a bow folds the hips, and the thighs stay upright
        assert position_of(body(yaw_deg=yaw_deg, forward_lean_deg=45, hip_deg=135).points, ALL) == "standing"
        assert position_of(body(yaw_deg=yaw_deg, **SEATED).points, ALL) == "sitting"

    @pytest.mark.parametrize("yaw_deg", [0, 45, 90])
    def test_a_sitter_is_one_however_the_feet_are_placed(self, yaw_deg):
        tucked = body(yaw_deg=yaw_deg, hip_deg=95, knee_deg=25)
        assert position_of(tucked.points, ALL) == "sitting"
        # an ankle on the other knee: that shank lies level, so that the drop of its thigh has nothing to compare with
        points = body(yaw_deg=yaw_deg, **SEATED).points.copy()
        points[:, Joint.RIGHT_ANKLE] = points[:, Joint.LEFT_KNEE]
        assert position_of(points, ALL) == "sitting"

    def test_half_and_half_is_not_guessed(self):
        half = body_of([skeleton()] * 10 + [skeleton(**SEATED)] * 10, distance=6)
        assert position_of(half.points, ALL) == "unknown"


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
@pytest.mark.parametrize(
    ("name", "camera", "framing", "position"),
    [
        ("media/images/sit_straight_flip.jpg", "side", "full_body", "sitting"),
        ("media/images/sit_hunchback_flip.jpg", "side", "full_body", "sitting"),
        ("media/images/sit_recline_hf.jpg", "side", "full_body", "sitting"),
        ("media/images/tf_obama_arms_crossed.jpg", "front", "upper_body", "unknown"),
        ("media/images/pkg_astronaut.png", "front", "upper_body", "unknown"),
        ("media/images/tf_yoga_pose.jpg", "front", "full_body", "unknown"),  # a lunge
        ("media/videos/pkg_carphone.mp4", "front", "upper_body", "unknown"),
        ("studio/clips/walk_front_110spm.mp4", "front", "full_body", "standing"),
        ("studio/clips/walk_side_100spm.mp4", "side", "full_body", "standing"),
        ("studio/clips/bow30_side.mp4", "side", "full_body", "standing"),
        ("studio/clips/sit_slouch_side.mp4", "side", "full_body", "sitting"),
        ("studio/clips/front_web_folded_crossed_tilt.mp4", "front", "upper_body", "unknown"),
    ],
)
def test_people_in_photos_and_clips(shared, name, camera, framing, position):
    body = read_body(track_of(shared / name))
    assert (body.camera, body.framing, body.position) == (camera, framing, position)
    codes = {"front": FRONT, "side": SIDE}
    assert np.mean(body.view == codes[camera]) > 0.95


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
def test_a_back_is_not_a_front(shared):
    """A photo of a policeman's back: the first moments of the silent film, before anybody else comes."""
    from posture.pose import track_pose
    from tests.posture.recordings import frames

    body = read_body(track_pose(frames(shared / "media/videos/mpy_chaplin_two_men.mp4", seconds=0.4)))
    assert (body.yaw > 140).all()
    assert set(body.view) == {NO_VIEW}
    assert body.camera == "none"
