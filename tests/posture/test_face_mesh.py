"""The face mesh on pictures: a rendered performer, and photos of people where the development media are there."""

from __future__ import annotations

from dataclasses import fields
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from liyi.media.recording import Frame, open_media
from posture.face import POINTS, head_angles
from posture.mesh import CROP, FaceMesh, FaceReader, face_crop
from posture.pose import track_pose
from posture.subject import Sightings, choose_subject
from posture.track import LANDMARKS
from posture.watch import watch
from tests.conftest import ROOT
from tests.posture.recordings import photo, still

SAMPLE = ROOT / "sample_media" / "counter_front_zh.mp4"


def turned(image: np.ndarray, deg: float) -> np.ndarray:
    """The picture turned clockwise about its middle."""
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -deg, 1.0)
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def face_of(image: np.ndarray):
    return track_pose(still(image, seconds=0.3)).face


def angles(face) -> np.ndarray:
    """Roll, turn and pitch of the first reading, mean of both ways."""
    return np.array([pair[0].mean() for pair in (face.roll, face.turn, face.pitch)])


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return next(iter(open_media(SAMPLE).frames())).image


class TestAngles:
    """A box for a head: known rotations are read back exactly."""

    @staticmethod
    def head(roll: float = 0, turn: float = 0, pitch: float = 0) -> np.ndarray:
        mesh = np.zeros((POINTS, 3))
        pairs = ((263, 33, 0), (362, 133, 0), (454, 234, 0), (291, 61, 3), (323, 93, 3), (361, 132, 4), (356, 127, -1))
        for left, right, y in pairs:
            mesh[left], mesh[right] = (5, y, 0), (-5, y, 0)
        mesh[10], mesh[152] = (0, -7, 0), (0, 7, 0)
        r, t, p = np.radians([roll, -turn, -pitch])
        about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
        about_y = np.array([[np.cos(t), 0, np.sin(t)], [0, 1, 0], [-np.sin(t), 0, np.cos(t)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
        return mesh @ (about_z @ about_y @ about_x).T

    @pytest.mark.parametrize("deg", [-70, -20, 0, 35])
    def test_each_alone(self, deg):
        assert head_angles(self.head(roll=deg)) == pytest.approx((deg, 0, 0), abs=1e-6)
        assert head_angles(self.head(turn=deg)) == pytest.approx((0, deg, 0), abs=1e-6)
        assert head_angles(self.head(pitch=deg)) == pytest.approx((0, 0, deg), abs=1e-6)

    def test_a_turn_leaves_the_roll_and_the_pitch(self):
        assert head_angles(self.head(turn=30, pitch=12)) == pytest.approx((0, 30, 12), abs=1e-6)


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
class TestOnARenderedPerformer:
    def test_she_looks_at_the_camera(self, image):
        face = face_of(image)
        assert angles(face)[:2] == pytest.approx((0, 0), abs=2)
        assert face.presence[0] == pytest.approx((1, 1), abs=0.01)
        assert 50 < face.width[0] < 75

    def test_turned_pictures_read_their_turn(self, image):
        for deg in (-20, 12):
            assert angles(face_of(turned(image, deg)))[0] == pytest.approx(deg, abs=1)

    def test_a_mirror_flips_roll_and_turn(self, image):
        tipped = turned(image, 10)
        here, there = angles(face_of(tipped)), angles(face_of(np.ascontiguousarray(tipped[:, ::-1])))
        assert there == pytest.approx(here * (-1, -1, 1), abs=1.5)

    def test_the_same_frames_give_the_same_bits(self, image):
        first, second = face_of(image), face_of(image)
        for field in fields(first):
            assert np.array_equal(getattr(first, field.name), getattr(second, field.name), equal_nan=True)

    def test_three_looks_a_second_and_every_two_seconds_a_mirrored_one(self, image):
        face = track_pose(still(image, seconds=2.5)).face
        assert face.sample.tolist() == [0, 3, 6, 9, 12, 15, 18, 21, 24]
        assert np.flatnonzero(np.isfinite(face.turn[:, 1])).tolist() == [0, 7]

    def test_a_plain_picture_is_no_face(self):
        mesh, presence = FaceMesh().read(np.full((CROP, CROP, 3), 127, np.uint8))
        assert mesh.shape == (POINTS, 3)
        assert presence < 0.5


def test_a_face_outside_the_picture_or_of_few_pixels_is_not_cut_out():
    image = np.zeros((100, 100, 3), np.uint8)
    pose = np.zeros((33, 7), np.float32)
    pose[[2, 5, 7, 8, 9, 10], :2] = [(55, 40), (45, 40), (62, 42), (38, 42), (53, 55), (47, 55)]
    square, level_deg, scale = face_crop(image, pose)
    assert square.shape == (CROP, CROP, 3)
    assert level_deg == 0
    assert scale == pytest.approx(CROP / 51)
    outside = pose.copy()
    outside[[9, 10], 1] = 101
    assert face_crop(image, outside) is None
    assert face_crop(image, pose * np.float32(0.3)) is None


def test_nobody_is_no_face():
    blank = np.zeros((120, 160, 3), np.uint8)
    nobody = Sightings(np.zeros(1), np.zeros(0, np.intp), np.zeros((0, *LANDMARKS), np.float32))
    people = SimpleNamespace(poses=[], first=0, sightings=nobody, result=lambda: choose_subject(nobody, (160, 120)))
    reader = FaceReader(people)
    assert watch([Frame(0.0, blank)], [reader]) == (None,)


@pytest.mark.models
@pytest.mark.usefixtures("models_ready")
@pytest.mark.parametrize(
    ("name", "roll", "turn"), [("tf_obama_arms_crossed.jpg", -1.0, 1.5), ("pkg_astronaut.png", 3.3, -0.5)]
)
def test_photos_of_people_read_as_their_pupils_lie_and_as_they_are_turned(shared, name, roll, turn):
    image = photo(shared / "media" / "images" / name)
    assert angles(face_of(image))[:2] == pytest.approx((roll, turn), abs=1.5)
    assert angles(face_of(turned(image, 15)))[0] == pytest.approx(roll + 15, abs=1.5)
