"""MediaPipe kept in its room: what it reads by itself is what comes out, several people are told apart, no noise."""

from __future__ import annotations

import os

import numpy as np
import pytest

from liyi.media.recording import Frame
from posture.light import brightness
from posture.pose import track_pose
from posture.track import Joint
from tests.posture.recordings import frames, photo, still, track_of, truth

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("models_ready")]

GREY = np.full((240, 320, 3), 128, dtype=np.uint8)


@pytest.fixture(scope="module")
def clip(shared):
    return shared / "studio/clips/front_web_folded_crossed_tilt.mp4"


@pytest.fixture(scope="module")
def film(shared):
    return shared / "media/videos/mpy_chaplin_two_men.mp4"


def same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True)
        for name in ("t", "points", "world", "visibility", "presence", "luma")
    )


def test_finds_the_joints_where_they_are(clip):
    track = track_of(clip)
    away = np.linalg.norm(track.points - truth(clip, track.t), axis=2)
    shoulder_px = np.linalg.norm(
        truth(clip, track.t)[0, Joint.LEFT_SHOULDER] - truth(clip, track.t)[0, Joint.RIGHT_SHOULDER]
    )
    for joint in (Joint.NOSE, Joint.LEFT_EAR, Joint.LEFT_SHOULDER, Joint.LEFT_ELBOW, Joint.LEFT_WRIST):
        assert np.median(away[:, joint]) < 0.15 * shoulder_px


def test_somebody_alone_is_read_as_mediapipe_by_itself_would(clip):
    import mediapipe
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import PoseLandmarker, PoseLandmarkerOptions, RunningMode

    from liyi.modelfiles.registry import path

    track = track_pose(frames(clip, seconds=3))
    model = BaseOptions(model_asset_path=str(path("pose_landmarker_full")))
    options = PoseLandmarkerOptions(base_options=model, running_mode=RunningMode.VIDEO)
    with PoseLandmarker.create_from_options(options) as landmarker:
        for k, frame in enumerate(frames(clip, seconds=3)):
            picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=frame.image)
            pose = landmarker.detect_for_video(picture, round(frame.t_s * 1000)).pose_landmarks[0]
            here = np.array([(p.x * 640, p.y * 480) for p in pose], dtype=np.float32)
            assert np.array_equal(track.points[k], here)
    assert track.people == 1


def test_two_runs_are_equal_to_the_bit(film):
    assert same(track_pose(frames(film, seconds=2)), track_pose(frames(film, seconds=2)))


def test_two_men_are_told_apart_even_where_one_hides_the_other(film):
    track = track_of(film)
    assert track.people == 2
    seen = np.isfinite(track.points[:, Joint.NOSE, 0])
    assert not seen[track.t < 0.6].any()  # the policeman's back, before the tramp walks in front of him
    assert seen[track.t > 0.9].mean() > 0.95
    nose = track.points[seen & (track.t > 2), Joint.NOSE, 0]
    assert (nose > 240).all()  # the policeman stands left of that all the time


def test_a_group_has_several_people(shared):
    assert track_of(shared / "media/images/px_handshake_group.jpg").people >= 2


@pytest.mark.parametrize(
    "name",
    [
        "images/pkg_astronaut.png",
        "images/pkg_camera.png",
        "images/sit_hunchback_flip.jpg",
        "images/tf_obama_arms_crossed.jpg",
        "images/tf_yoga_pose.jpg",
        "videos/pkg_carphone.mp4",
        "videos/px_gaze_video00.mp4",
    ],
)
def test_one_person_is_one(shared, name):
    track = track_of(shared / "media" / name)
    assert track.people == 1
    assert np.isfinite(track.points[:, Joint.NOSE, 0]).mean() > 0.95


def test_brightness_is_the_pictures_or_the_persons():
    person = np.zeros((33, 7), dtype=np.float32)
    person[:, :2] = (100, 80)
    person[Joint.LEFT_HIP, :2] = (140, 300)  # below the edge
    stage, room = np.full_like(GREY, 5), np.full_like(GREY, 200)
    stage[80:, 96:144] = 150
    room[80:, 96:144] = 10
    assert brightness(stage, []) < 0.15
    assert brightness(stage, [person]) == pytest.approx(150 / 255)
    assert brightness(room, [person]) == brightness(room, []) > 0.6
    assert brightness(np.full_like(GREY, (255, 0, 0)), []) == pytest.approx(0.299)
    assert brightness(stage, [person - 400]) == brightness(stage, [])


def test_how_bright_it_was_is_kept(shared):
    image = photo(shared / "media/images/tf_obama_arms_crossed.jpg")
    track = track_pose([Frame(0.0, image), Frame(0.1, np.uint8(image * 0.2))])
    assert 0.28 < track.luma[0] < 0.33
    assert track.luma[1] == pytest.approx(track.luma[0] / 5, abs=0.01)


def test_an_empty_room_has_nobody():
    track = track_pose(still(GREY, seconds=2.5))
    assert track.t.size == 25
    assert np.isnan(track.points).all()
    assert (track.people, track.size) == (0, (320, 240))


def test_a_recording_without_frames_has_no_samples():
    track = track_pose([])
    assert (track.t.size, track.people) == (0, 0)


def test_frames_closer_than_a_millisecond_are_taken():
    assert track_pose(Frame(t_s, GREY) for t_s in (0.0, 0.0001, 0.0004, 5.0)).t.size == 4


def test_progress_names_every_frame():
    told: list[float] = []
    track_pose(still(GREY, seconds=0.5), progress=told.append)
    assert told == [0.0, 0.1, 0.2, 0.3, 0.4]


def test_nothing_is_written_to_the_terminal(clip, capfd):
    track_pose(frames(clip, seconds=0.5))
    assert capfd.readouterr() == ("", "")


def test_a_fault_shows_what_was_kept_back(capfd, monkeypatch):
    def broken(min_detection):
        os.write(2, b"the native reason")
        raise RuntimeError("cannot open")

    monkeypatch.setattr("posture.pose._open_landmarker", broken)
    with pytest.raises(RuntimeError, match="cannot open"):
        track_pose(still(GREY, seconds=0.1))
    assert capfd.readouterr().err == "the native reason"


def test_landmarkers_are_closed_also_after_a_fault(monkeypatch):
    opened, closed = [], []

    class Landmarker:
        def __init__(self, min_detection):
            opened.append(self)

        def detect_for_video(self, image, ms):
            raise ValueError("bad picture")

        def close(self):
            closed.append(self)

    monkeypatch.setattr("posture.pose._open_landmarker", Landmarker)
    with pytest.raises(ValueError, match="bad picture"):
        track_pose(still(GREY, seconds=0.1))
    assert opened == closed
    assert opened


def test_a_closed_standard_error_is_no_fault(monkeypatch):
    monkeypatch.setattr("sys.stderr", None)
    assert track_pose(still(GREY, seconds=0.2)).t.size == 2
