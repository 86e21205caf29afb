"""Which joints may be believed: known positions and limbs first, then clips cut and whole against their truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from posture.gate import MIN_LUMA, usable_joints
from posture.pose import track_pose
from posture.track import Joint
from tests.posture.recordings import cut, track_of, truth
from tests.posture.skeletons import body_of, skeleton

ARM = [Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST]


def track(**pose):
    return body_of([skeleton(**pose)] * 20).track


def moved(track, joint, place, samples=slice(None)):
    points = track.points.copy()
    points[samples, joint] = place
    return replace(track, points=points)


class TestKnownJoints:
    def test_a_whole_person_in_the_picture_is_usable(self):
        assert usable_joints(track()).all()

    @pytest.mark.parametrize(
        ("place", "expected"), [((630, 240), False), ((615, 240), True), ((320, 470), False), ((320, 5), False)]
    )
    def test_the_margin_is_three_percent_of_the_picture(self, place, expected):
        assert usable_joints(moved(track(), Joint.LEFT_INDEX, place))[:, Joint.LEFT_INDEX].all() == expected

    def test_an_elbow_surely_there_is_usable_up_to_the_edge_of_the_picture(self):
        low = moved(track(), Joint.LEFT_ELBOW, (330, 475))
        assert usable_joints(low)[:, Joint.LEFT_ELBOW].all()
        doubtful = np.where(np.arange(33) == Joint.LEFT_ELBOW, 0.7, 1.0).astype(np.float32)
        assert not usable_joints(replace(low, presence=np.tile(doubtful, (20, 1))))[:, Joint.LEFT_ELBOW].any()
        assert not usable_joints(moved(track(), Joint.LEFT_ELBOW, (330, 485)))[:, Joint.LEFT_ELBOW].any()

    @pytest.mark.parametrize("field", ["presence", "visibility"])
    def test_absent_or_hidden_joints_are_not(self, field):
        value = np.ones((20, 33), dtype=np.float32)
        value[:, Joint.LEFT_KNEE] = 0.2
        usable = usable_joints(replace(track(), **{field: value}))
        assert not usable[:, Joint.LEFT_KNEE].any()
        assert usable[:, Joint.RIGHT_KNEE].all()

    def test_in_the_dark_none_is(self):
        lit = replace(track(), luma=np.where(np.arange(20) < 8, MIN_LUMA - 0.01, MIN_LUMA))
        assert (
            usable_joints(lit).all(axis=1).tolist()
            == usable_joints(lit).any(axis=1).tolist()
            == [False] * 8 + [True] * 12
        )

    def test_side_view_legs_and_heels_that_can_be_seen_stay(self):
        visibility = np.full((20, 33), 0.55, dtype=np.float32)
        assert usable_joints(replace(track(), visibility=visibility)).all()

    def test_one_flicker_does_not_interrupt(self):
        value = np.ones((20, 33), dtype=np.float32)
        value[10] = 0.1
        assert usable_joints(replace(track(), presence=value)).all()

    def test_an_arm_longer_than_a_body_has_is_not(self):
        start = track()
        far = start.points[0, Joint.LEFT_ELBOW] + (0, 0.27 * 1.6 * 175)
        usable = usable_joints(moved(start, Joint.LEFT_WRIST, far, slice(0, 5)))
        assert not usable[:5, Joint.LEFT_WRIST].any()
        assert usable[5:, Joint.LEFT_WRIST].all()
        assert usable[:, Joint.LEFT_ELBOW].all()

    def test_an_arm_pointing_at_the_camera_is(self):
        start = track()
        assert usable_joints(moved(start, Joint.LEFT_WRIST, start.points[0, Joint.LEFT_ELBOW] + 2)).all()

    def test_nobody_has_no_joints(self):
        start = track()
        gone = np.full_like(start.points, np.nan)
        missing = np.full_like(start.presence, np.nan)
        nobody = replace(start, points=gone, presence=missing, visibility=missing)
        assert not usable_joints(nobody).any()

    def test_size_does_not_matter(self):
        half = replace(track(), points=track().points / 2, size=(320, 240))
        assert (usable_joints(half) == usable_joints(track())).all()


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
class TestRecordings:
    # Joints that the body itself hides from the side are not "truly visible": the far arm and leg are left out there.
    @pytest.mark.parametrize(
        ("clip", "far"),
        [
            ("front_web_folded_crossed_tilt", ()),
            ("walk_front_110spm", ()),
            ("walk_side_100spm", ("RIGHT_ELBOW", "RIGHT_WRIST")),
            ("bow30_side", ("RIGHT",)),
            ("sit_slouch_side", ("RIGHT",)),
        ],
    )
    def test_what_is_truly_visible_is_usable(self, shared, clip, far):
        path = shared / "studio/clips" / f"{clip}.mp4"
        track = track_of(path)
        share = truth(path, track.t) / track.size
        hidden = [joint for joint in Joint if joint.name.startswith(far)] if far else []
        visible = np.all((share > 0.03) & (share < 0.97), axis=2)
        visible[:, hidden] = False
        assert usable_joints(track)[visible].mean() >= 0.95

    @pytest.mark.parametrize("clip", ["walk_front_110spm", "walk_side_100spm", "sit_slouch_side"])
    @pytest.mark.parametrize("at", ["waist", "chest", "knees"])
    def test_what_is_cut_off_is_not(self, shared, clip, at):
        path = shared / "studio/clips" / f"{clip}.mp4"
        place = truth(path, np.arange(10) / 10)[..., 1].min(axis=0)  # knees rise in walking
        shoulder, hip, knee = (float(place[[j, j + 1]].min()) for j in (11, 23, 25))
        bottom = {
            "waist": hip - 0.15 * (hip - shoulder),
            "chest": shoulder + 0.45 * (hip - shoulder),
            "knees": knee - 8,
        }
        track = track_pose(cut(path, int(bottom[at])))
        true = truth(path, track.t)[..., 1]
        gone = true > int(bottom[at]) + 4
        assert gone[:, [Joint.LEFT_KNEE, Joint.RIGHT_KNEE, Joint.LEFT_ANKLE]].all()
        assert usable_joints(track)[gone].mean() <= 0.01
        assert usable_joints(track)[:, [Joint.NOSE, Joint.LEFT_SHOULDER]].all()
