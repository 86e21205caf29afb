"""How the head is held, from angles that a face mesh gave: known angles, the partner, what the mesh does not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Interval
from posture.errors import published
from posture.measures.head import MIN_FACE_PX, face_toward, head_pitch, head_roll, head_turn
from tests.posture.skeletons import body_of, mirrored, skeleton

LOOKS_AHEAD, LOOKS_ASIDE = skeleton(), skeleton(head_yaw_deg=40)


def with_face(body, **changes):
    """``body`` whose face track is changed so."""
    return replace(body, track=replace(body.track, face=replace(body.track.face, **changes)))


def median(trace):
    return float(np.nanmedian(trace.value))


@pytest.mark.parametrize("deg", [-25, -8, 0, 12, 25])
class TestKnownAngles:
    def test_roll(self, deg):
        assert head_roll(body_of([skeleton(head_roll_deg=deg)] * 30, face=True), {}).value == pytest.approx(
            deg, abs=0.1
        )

    def test_turn(self, deg):
        assert head_turn(body_of([skeleton(head_yaw_deg=deg)] * 30, face=True), {}).value == pytest.approx(deg, abs=0.1)

    def test_a_turn_alone_is_no_roll(self, deg):
        assert head_roll(body_of([skeleton(head_yaw_deg=deg)] * 30, face=True), {}).value == pytest.approx(0, abs=0.1)

    def test_away_from_the_camera_counts_the_same_on_both_sides(self, deg):
        body = body_of([skeleton(head_yaw_deg=deg)] * 30, face=True)
        nods = abs(median(head_pitch(body, {})))  # the stick figure's face is not quite upright
        assert median(face_toward(body, {})) == pytest.approx(np.hypot(deg, nods), abs=0.5)


def test_every_sample_between_two_readings_has_a_value():
    trace = head_turn(body_of([LOOKS_ASIDE] * 31, face=True), {})
    assert trace.t.size == 31
    assert np.isfinite(trace.value).all()
    assert trace.reason is None


def test_readings_far_apart_are_not_joined():
    body = body_of([LOOKS_AHEAD] * 60, face=True)
    face = body.track.face
    kept = (face.sample < 15) | (face.sample > 45)
    parts = {name: value[kept] for name, value in vars(face).items()}
    trace = head_turn(with_face(body, **parts), {})
    assert np.isnan(trace.value[18:43]).all()
    assert trace.reason is Reason.FACE_NOT_SEEN
    assert np.isfinite(trace.value[:13]).all()


def test_the_partner_is_where_the_face_pointed_in_the_named_stretch():
    moments = [LOOKS_ASIDE] * 40 + [LOOKS_AHEAD] * 40
    from_camera = face_toward(body_of(moments, face=True), {})
    from_partner = face_toward(body_of(moments, face=True, calibration=Interval(0, 3.5)), {})
    assert np.nanmedian(from_camera.value[:35]) == pytest.approx(40, abs=1.5)
    assert np.nanmedian(from_partner.value[:35]) == pytest.approx(0, abs=0.2)
    assert np.nanmedian(from_partner.value[45:]) == pytest.approx(40, abs=1.5)
    assert (from_camera.error, from_partner.error) == (published("face_toward"), published("face_toward.own"))


def test_without_a_calibration_nobody_is_judged_by_where_the_camera_stands():
    """A webcam beside the screen sees a clerk who faces the citizen from the side."""
    unnamed = face_toward(body_of([LOOKS_ASIDE] * 40, face=True), {"needs_calibration": True})
    assert np.isnan(unnamed.value).all()
    assert unnamed.reason is Reason.NO_CALIBRATION
    named = body_of([LOOKS_ASIDE] * 80, face=True, calibration=Interval(0, 3.5))
    assert median(face_toward(named, {"needs_calibration": True})) == pytest.approx(0, abs=0.2)


def test_a_profile_in_which_the_mesh_sees_no_face_is_turned_away_and_not_left_out():
    body = body_of([skeleton(head_yaw_deg=80)] * 30, face=True)
    none = np.full_like(body.track.face.roll, np.nan)
    blind = with_face(body, roll=none, turn=none, pitch=none, presence=np.zeros_like(none), width=none[:, 0])
    assert median(face_toward(blind, {})) > 60
    assert np.isnan(head_turn(blind, {}).value).all()


def test_a_face_that_is_covered_is_not_taken_for_one_turned_away():
    body = body_of([LOOKS_AHEAD] * 30, face=True)
    none = np.full_like(body.track.face.roll, np.nan)
    covered = with_face(body, roll=none, turn=none, pitch=none, presence=np.zeros_like(none), width=none[:, 0])
    trace = face_toward(covered, {})
    assert np.isnan(trace.value).all()
    assert trace.reason is Reason.FACE_NOT_SEEN


def test_without_a_mesh_the_roll_is_told_by_the_pose_and_nothing_else_is():
    body = body_of([skeleton(head_roll_deg=9)] * 30)
    assert head_roll(body, {}).value == pytest.approx(9, abs=0.3)
    assert head_roll(body, {}).error > head_roll(body_of([skeleton(head_roll_deg=9)] * 30, face=True), {}).error
    for measure in (head_turn, head_pitch, face_toward):
        assert np.isnan(measure(body, {}).value).all()
        assert measure(body, {}).reason is Reason.FACE_NOT_SEEN


def test_a_small_face_is_not_read():
    body = body_of([LOOKS_AHEAD] * 30, face=True)
    width = np.full(body.track.face.sample.size, MIN_FACE_PX - 1, dtype=np.float32)
    assert head_turn(with_face(body, width=width), {}).reason is Reason.TOO_SMALL
    far = with_face(body, width=width + 2)
    assert head_turn(far, {}).error > head_turn(body, {}).error


def test_both_readings_are_averaged_and_half_their_difference_is_error():
    body = body_of([LOOKS_AHEAD] * 30, face=True)
    apart = with_face(body, roll=body.track.face.roll + np.array([0, 4], dtype=np.float32))
    assert head_roll(apart, {}).value == pytest.approx(2, abs=0.1)
    assert head_roll(apart, {}).error == pytest.approx(np.hypot(head_roll(body, {}).error, 2), abs=0.01)


def test_readings_that_contradict_each_other_are_none():
    body = body_of([LOOKS_AHEAD] * 30, face=True)
    split = body.track.face.turn + np.array([0, 50], dtype=np.float32)
    assert median(head_turn(with_face(body, turn=split), {})) == pytest.approx(0, abs=0.1)


def test_a_turned_head_has_no_roll():
    trace = head_roll(body_of([LOOKS_ASIDE] * 30, face=True), {})
    assert np.isnan(trace.value).all()
    assert trace.reason is Reason.HEAD_TURNED


def test_one_slip_of_the_mesh_moves_nothing():
    body = body_of([LOOKS_AHEAD] * 60, face=True)
    turn = body.track.face.turn.copy()
    turn[7, 0] = 60
    assert np.nanmax(np.abs(head_turn(with_face(body, turn=turn), {}).value)) < 1


def test_in_the_mirror_the_pose_alone_agrees():
    body = body_of([skeleton(head_roll_deg=6)] * 30)
    assert median(head_roll(mirrored(body), {})) == pytest.approx(-6, abs=0.3)
