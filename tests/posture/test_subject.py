"""Who is who: stick figures that stand, walk, hide, come back, and take each other's place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posture.subject import Sightings, body_scale, choose_subject, count_people, link_people, outline, somebody_else
from posture.track import Joint
from tests.posture.skeletons import body_of, skeleton

SIZE = (640, 480)
NOBODY: dict = {}


def landmarks(*, x=0.0, distance=4.0, yaw_deg=0.0, lean_deg=0.0):
    """One pose, shape (33, 7), of a person ``x`` metres to the side."""
    track = body_of([skeleton(at=(x, 0, 0), yaw_deg=yaw_deg, forward_lean_deg=lean_deg)], distance=distance).track
    parts = (track.points, track.world, track.visibility[..., None], track.presence[..., None])
    return np.concatenate(parts, axis=2)[0]


def sightings(*samples):
    """Each sample a list of people, at 10 per second."""
    poses = [landmarks(**who) for people in samples for who in people]
    index = [k for k, people in enumerate(samples) for _ in people]
    stacked = np.array(poses, dtype=np.float32).reshape(-1, 33, 7)
    return Sightings(np.arange(len(samples)) / 10, np.array(index, dtype=np.intp), stacked)


def seen(track):
    return np.isfinite(track.points[:, 0, 0])


class TestLinking:
    def test_somebody_alone_is_one_person(self):
        assert set(link_people(sightings(*[[{"x": 0.01 * k % 0.05}] for k in range(50)]))) == {0}

    def test_walking_across_is_one_person(self):
        assert set(link_people(sightings(*[[{"x": -1.5 + 0.14 * k, "yaw_deg": 90}] for k in range(20)]))) == {0}

    def test_bowing_and_turning_are_one_person(self):
        bow = [[{"lean_deg": 45 * np.sin(k / 5) ** 2}] for k in range(30)]
        turn = [[{"yaw_deg": 9.0 * k}] for k in range(20)]
        assert set(link_people(sightings(*bow, *turn))) == {0}

    def test_two_side_by_side_stay_apart_whatever_their_order(self):
        left, right = {"x": -0.6}, {"x": 0.6}
        person = link_people(sightings(*[[left, right] if k % 2 else [right, left] for k in range(10)]))
        by_place = person.reshape(10, 2)[:, 0]
        assert set(by_place[1::2]) | set(by_place[::2]) == {0, 1}
        assert len(set(by_place[1::2])) == len(set(by_place[::2])) == 1

    def test_whoever_appears_elsewhere_is_somebody_else(self):
        person = link_people(sightings(*[[{"x": -0.7}]] * 10, *[[{"x": 0.7}]] * 10))
        assert person.tolist() == [0] * 10 + [1] * 10

    def test_whoever_appears_in_another_size_is_somebody_else(self):
        person = link_people(sightings(*[[{}]] * 10, *[[{"distance": 6.5}]] * 10))
        assert person.tolist() == [0] * 10 + [1] * 10

    def test_a_passer_by_turned_otherwise_is_not_taken_for_the_one_he_hides(self):
        person = link_people(sightings(*[[{"yaw_deg": 170}]] * 10, *[[{"x": 0.25, "yaw_deg": 10}]] * 10))
        assert person.tolist() == [0] * 10 + [1] * 10

    def test_coming_back_to_the_own_place_is_the_same_person(self):
        assert set(link_people(sightings(*[[{}]] * 10, *[NOBODY] * 50, *[[{"x": 0.3}]] * 10))) == {0}

    @settings(deadline=None, max_examples=25)
    @given(st.lists(st.permutations(range(3)), min_size=2, max_size=8))
    def test_the_order_of_the_poses_in_a_sample_means_nothing(self, orders):
        places = [{"x": -1.0}, {"x": 0.0}, {"x": 1.0}]
        person = link_people(sightings(*[[places[k] for k in order] for order in orders]))
        named = {(place, int(who)) for order, row in zip(orders, person.reshape(-1, 3), strict=True)
                 for place, who in zip(order, row, strict=True)}  # fmt: skip
        assert len(named) == 3


class TestSubject:
    def test_longest_visible_wins_over_larger(self):
        track = choose_subject(sightings(*[[{"x": -0.6}, {"x": 0.6, "distance": 3}]] * 10, *[[{"x": -0.6}]] * 10), SIZE)
        assert seen(track).all()
        assert np.nanmean(track.points[:, Joint.NOSE, 0]) < 320

    def test_of_equally_visible_the_larger_wins(self):
        track = choose_subject(sightings(*[[{"x": 0.1}, {"x": 0.9, "distance": 3}]] * 20), SIZE)
        assert track.points[0, Joint.NOSE, 0] > 400

    def test_of_equally_visible_and_large_the_more_central_wins(self):
        track = choose_subject(sightings(*[[{"x": -0.9}, {"x": 0.1}]] * 20), SIZE)
        assert track.points[0, Joint.NOSE, 0] == pytest.approx(320 + 0.1 * 700 / 4, abs=2)

    def test_a_neighbour_cut_by_the_edge_is_not_the_subject_though_there_for_longer(self):
        cut, whole = {"x": 1.85}, {"x": -0.3}  # the cut one's nose at 644 px of 640
        track = choose_subject(sightings(*[[cut]] * 10, *[[cut, whole]] * 30), SIZE)
        assert seen(track).tolist() == [False] * 10 + [True] * 30

    def test_legs_out_of_the_picture_count_nothing(self):
        near, far = {"x": 0.1, "distance": 2.0}, {"x": -1.0}
        track = choose_subject(sightings(*[[near, far]] * 20), SIZE)
        assert (track.points[:, Joint.LEFT_ANKLE, 1] > SIZE[1]).all()

    def test_alone_and_wholly_outside_the_picture_is_still_somebody(self):
        assert seen(choose_subject(sightings(*[[{"x": 4.0}]] * 10), SIZE)).all()

    def test_a_figure_that_never_moves_is_none_where_another_one_does(self):
        """A portrait, larger, more central and there throughout; the trainee is absent for a while."""
        trainee = [{"x": -0.6 + 0.01 * np.sin(k)} for k in range(40)]
        samples = [[{"x": 0.1, "distance": 3.5}, who] if k < 30 else [{"x": 0.1, "distance": 3.5}]
                   for k, who in enumerate(trainee)]  # fmt: skip
        track = choose_subject(sightings(*samples), SIZE)
        assert seen(track).tolist() == [True] * 30 + [False] * 10
        assert np.nanmean(track.points[:, Joint.NOSE, 0]) < 300

    def test_a_passer_by_who_is_there_a_little_longer_is_not_chosen_over_who_fills_the_picture(self):
        large, small = {"x": 0.0, "distance": 2.5}, {"x": -1.4}
        track = choose_subject(sightings(*[[large, small]] * 26, *[[small]] * 4), SIZE)
        assert seen(track).tolist() == [True] * 26 + [False] * 4

    def test_a_bystander_is_never_stitched_in(self):
        track = choose_subject(sightings(*[[{"x": -0.7}]] * 30, *[[{"x": 0.7}]] * 10), SIZE)
        assert seen(track).tolist() == [True] * 30 + [False] * 10

    def test_nobody_at_all(self):
        track = choose_subject(sightings(*[NOBODY] * 5), SIZE)
        assert track.t.size == 5
        assert not seen(track).any()
        assert track.people == 0

    def test_no_samples_at_all(self):
        track = choose_subject(sightings(), (0, 0))
        assert track.points.shape == (0, 33, 2)
        assert track.people == 0


class TestCounting:
    @pytest.mark.parametrize(("together", "expected"), [(5, 1), (15, 1), (25, 2), (60, 2)])
    def test_together_for_two_seconds(self, together, expected):
        both, alone = [[{"x": -0.6}, {"x": 0.6}]] * together, [[{"x": -0.6}]] * (100 - together)
        found = sightings(*both, *alone)
        assert count_people(found, link_people(found)) == expected

    def test_found_at_every_look_though_lost_between_is_there(self):
        both, one = [{"x": -0.6}, {"x": 0.6}], [{"x": -0.6}]
        found = sightings(*[both if k % 20 == 0 else one for k in range(60)])
        assert count_people(found, link_people(found)) == 2

    def test_something_misread_here_and_there_is_nobody(self):
        places = [{"x": -0.6}, {"x": 1.0}, {"x": -1.6, "yaw_deg": 180}]
        found = sightings(*[[{"x": 0.2}, places[k // 20 % 3]] if k % 20 == 0 else [{"x": 0.2}] for k in range(90)])
        assert count_people(found, link_people(found)) == 1

    def test_two_passers_by_far_apart_in_time_are_none(self):
        both, one = [{"x": -0.6}, {"x": 0.6}], [{"x": -0.6}]
        found = sightings(*[both if k in (25, 105) else one for k in range(150)])
        assert count_people(found, link_people(found)) == 1

    def test_all_the_time_of_a_very_short_recording(self):
        found = sightings(*[[{"x": -0.6}, {"x": 0.6}]] * 5)
        assert count_people(found, link_people(found)) == 2

    def test_one_after_the_other(self):
        found = sightings(*[[{"x": -0.7}]] * 60, *[[{"x": 0.7}]] * 40)
        assert count_people(found, link_people(found)) == 2


class TestPoses:
    def test_the_same_person_found_twice_is_nobody_else(self):
        assert not somebody_else(landmarks(x=0.05, yaw_deg=4), [landmarks()])
        assert somebody_else(landmarks(x=0.6), [landmarks()])
        assert somebody_else(landmarks(x=0.6), [])

    def test_without_head_or_shoulders_it_is_nobody(self):
        chair = landmarks(x=0.6)
        chair[Joint.LEFT_SHOULDER, 6] = 0.3
        assert not somebody_else(chair, [landmarks()])

    @pytest.mark.parametrize("pose", [{}, {"yaw_deg": 60}, {"yaw_deg": 90}, {"lean_deg": 30}, {"x": 0.8}])
    def test_scale_is_the_cameras_whatever_the_pose(self, pose):
        found = landmarks(**pose)[None]
        # a head that comes half a metre nearer is truly larger
        assert body_scale(found[..., :2], found[..., 2:5]) == pytest.approx(700 / 4, rel=0.08)

    def test_outline_covers_every_joint_and_the_crown(self):
        pose = landmarks()
        left, top, right, bottom = outline(pose)
        assert left < pose[:, 0].min()
        assert right > pose[:, 0].max()
        assert bottom > pose[:, 1].max()
        assert top < pose[Joint.LEFT_EYE, 1] - 0.2 * 700 / 4
