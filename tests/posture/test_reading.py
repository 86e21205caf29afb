"""A track read: NaN where nothing can be believed, smoothing on its side of a gap, the user's word on the camera."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Interval
from posture.measures.gating import from_front
from posture.reading import read_body
from posture.track import Joint
from tests.posture.skeletons import body_of, skeleton


def track_at(x):
    """Somebody whose whole body is at ``x`` (n,) metres to the side."""
    return body_of([skeleton(at=(at, 0, 0)) for at in x], distance=6).track


def test_a_person_at_rest_is_read_as_is():
    track = track_at(np.zeros(30))
    body = read_body(track)
    assert body.usable.all()
    assert body.points == pytest.approx(track.points, abs=1e-3)
    assert (body.camera, body.framing, body.position) == ("front", "full_body", "standing")
    assert body.track is track


def test_what_is_not_usable_is_nan():
    start = track_at(np.zeros(30))
    presence = start.presence.copy()
    presence[:, Joint.LEFT_WRIST] = 0.1
    body = read_body(replace(start, presence=presence))
    assert np.isnan(body.points[:, Joint.LEFT_WRIST]).all()
    assert (np.isfinite(body.points[..., 0]) == body.usable).all()


def test_a_single_leap_is_smoothed_away():
    start = track_at(np.zeros(30))
    points = start.points.copy()
    points[15, Joint.NOSE] += 25
    body = read_body(replace(start, points=points))
    assert body.points[:, Joint.NOSE] == pytest.approx(start.points[:, Joint.NOSE], abs=0.01)


def test_smoothing_does_not_cross_a_gap():
    start = track_at(np.r_[np.zeros(20), np.full(20, 0.5)])
    apart = replace(start, t=np.r_[start.t[:20], start.t[20:] + 3])
    assert read_body(apart).points == pytest.approx(apart.points, abs=1e-3)


def test_nor_does_it_take_from_moments_without_the_person():
    start = track_at(np.linspace(0, 0.4, 40))
    gone = {name: getattr(start, name).copy() for name in ("points", "world", "visibility", "presence")}
    for value in gone.values():
        value[18:22] = np.nan
    body = read_body(replace(start, **gone))
    assert np.isnan(body.points[18:22]).all()
    assert np.isfinite(body.points[[17, 22]]).all()
    assert (body.view[18:22] == 0).all()


def test_a_steady_walk_keeps_its_pace():
    track = track_at(np.linspace(-0.5, 0.5, 50))
    body = read_body(track)
    assert body.points[2:-2] == pytest.approx(track.points[2:-2], abs=0.5)


def test_the_users_word_on_the_camera_holds_and_views_stay():
    track = track_at(np.zeros(30))
    body = read_body(track, camera="side")
    assert body.camera == "side"
    assert set(body.view) == {1}


def test_an_empty_track_is_read():
    body = read_body(body_of(np.empty((0, 33, 3))).track)
    assert (body.camera, body.framing, body.position, body.calibration) == ("none", "none", "unknown", None)


def test_ten_minutes_are_read_at_once():
    track = track_at(0.1 * np.sin(np.arange(6000) / 7))
    start = time.process_time()
    read_body(track)
    assert time.process_time() - start < 1.0  # about 0.06 s on two cores of 2020


def test_pictures_a_second_apart_are_not_averaged():
    moments = [skeleton(head_roll_deg=0), skeleton(head_roll_deg=20), skeleton(head_roll_deg=0)]
    body = read_body(body_of(moments, fps=1).track)
    np.testing.assert_allclose(body.points, body.track.points, atol=1e-3)


class TestCamera:
    """Sits towards the camera for four seconds, then turned by 45 degrees for ten."""

    TRACK = body_of([skeleton(yaw_deg=0)] * 40 + [skeleton(yaw_deg=45)] * 100, distance=6).track

    def test_a_calibration_shows_where_the_camera_stands(self):
        body = read_body(self.TRACK, calibration=Interval(0.0, 3.9))
        assert body.camera == "front"
        reasons = {from_front(body).reason, from_front(body, Joint.LEFT_WRIST).reason}
        assert reasons == {Reason.TURNED_AWAY}

    def test_without_one_the_commonest_view_does(self):
        assert read_body(self.TRACK).camera == "oblique"
        assert read_body(self.TRACK, camera="side", calibration=Interval(0.0, 3.9)).camera == "side"
