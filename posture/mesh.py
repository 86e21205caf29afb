"""The face mesh: 468 points of a face from a crop that the pose's own eyes, ears and mouth place. Only LiteRT runs it.

MediaPipe's own face landmarker expects a model of 478 points and misreads this one, hence LiteRT. The crop is levelled
by the eyes and now and then read a second time, left for right: both differ by what the model errs on this face.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from liyi.modelfiles.registry import path as model_path
from posture.face import MIN_PRESENCE, POINTS, FaceTrack, face_width, head_angles
from posture.quiet import quiet
from posture.skeleton import EARS, EYES, MOUTH
from posture.subject import in_frame

if TYPE_CHECKING:
    from liyi.media.picture import Image
    from liyi.media.recording import Frame
    from posture.track import FloatFrames
    from posture.watch import People

# Every third frame of ten a second: a head takes half a second and more to turn.
LOOK_EVERY_S = 0.3
MIRROR_EVERY_S = 2.0
CROP = 192  # pixels a side, as the model takes them
# The crop's side over the ears' distance and over that from eyes to mouth: the face with a quarter of room around it,
# from the front and turned aside.
_BY_EARS, _BY_MOUTH = 1.6, 3.4
# A crop that must be enlarged by more than this has nothing in it for the model to read.
MIN_SIDE = 24.0

_PLACED_BY = [*EYES, *EARS, *MOUTH]
_MUST_BE_SEEN = [*EYES, *MOUTH]


class FaceReader:
    """Observes the face of everybody who was found in a frame; whose face is wanted is known at the end."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._mesh = FaceMesh()
        self._next_s = self._next_mirror_s = 0.0
        self._sightings: list[int] = []
        self._readings: list[list[float]] = []

    def see(self, frame: Frame) -> None:
        """Read the faces of whoever is in the next frame, if it is time."""
        poses, first = self._people.poses, self._people.first
        if frame.t_s < self._next_s - 1e-6 or not poses:
            return
        self._next_s = frame.t_s + LOOK_EVERY_S
        twice = frame.t_s >= self._next_mirror_s - 1e-6
        if twice:
            self._next_mirror_s = frame.t_s + MIRROR_EVERY_S
        for number, pose in enumerate(poses, start=first):
            crop = face_crop(frame.image, pose)
            if crop is not None:
                self._sightings.append(number)
                self._readings.append(self._read(*crop, twice=twice))

    def result(self) -> FaceTrack | None:
        """The readings that show the subject; None when there is none."""
        track, sightings = self._people.result(), self._people.sightings
        seen, sample = np.array(self._sightings, dtype=np.intp), sightings.sample
        own = (track.points[sample[seen]] == sightings.landmarks[seen][..., :2]).all(axis=(1, 2))
        if not own.any():
            return None
        readings = np.array(self._readings, dtype=np.float32)[own]
        roll, turn, pitch, presence = (readings[:, k : k + 2].copy() for k in (0, 2, 4, 6))
        return FaceTrack(sample[seen[own]], roll, turn, pitch, presence, readings[:, 8].copy())

    def _read(self, crop: Image, level_deg: float, scale: float, *, twice: bool) -> list[float]:
        """Roll, turn, pitch and presence, each as it is and left for right (NaN unless ``twice``), and the width."""
        mesh, presence = self._mesh.read(crop)
        if presence < MIN_PRESENCE:
            return [*[np.nan] * 6, presence, np.nan, np.nan]
        roll, turn, pitch = head_angles(_turned(mesh, level_deg))
        mirrored = (np.nan,) * 4
        if twice:
            other, there = self._mesh.read(crop[:, ::-1])
            back = head_angles(_turned(other, -level_deg)) if there >= MIN_PRESENCE else (np.nan,) * 3
            mirrored = (-back[0], -back[1], back[2], there)
        own = (roll, turn, pitch, presence)
        return [*(each for pair in zip(own, mirrored, strict=True) for each in pair), face_width(mesh) / scale]


class FaceMesh:
    """The network, opened at first use."""

    def __init__(self) -> None:
        self._interpreter: Any = None

    def read(self, crop: Image) -> tuple[FloatFrames, float]:
        """The mesh (468, 3) of a crop in the crop's pixels, and how sure the model is that a face is in it."""
        if self._interpreter is None:
            with quiet():
                self._interpreter = _open_interpreter()
        of = self._interpreter
        of.set_tensor(of.get_input_details()[0]["index"], crop[None].astype(np.float32) / 255)
        of.invoke()
        outputs = [of.get_tensor(each["index"]).ravel() for each in of.get_output_details()]
        (mesh,) = (each for each in outputs if each.size == 3 * POINTS)
        (logit,) = (float(each[0]) for each in outputs if each.size == 1)
        return mesh.reshape(POINTS, 3), float(1 / (1 + np.exp(-np.clip(logit, -50, 50))))


def _open_interpreter() -> Any:
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(model_path("face_mesh")), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def face_crop(image: Image, pose: FloatFrames) -> tuple[Image, float, float] | None:
    """The face of a pose (33, 7) levelled in a square of `CROP` pixels; the eyes' slope, degrees; the enlargement.

    None where the face is not in the picture, or too small in it.
    """
    height, width = image.shape[:2]
    if not in_frame(pose[_MUST_BE_SEEN, :2], (width, height), margin=0.0).all():
        return None
    left, right, left_ear, right_ear, *mouth = pose[_PLACED_BY, :2].astype(np.float64)
    eyes, lips = (left + right) / 2, (mouth[0] + mouth[1]) / 2
    side = max(_BY_EARS * np.hypot(*(left_ear - right_ear)), _BY_MOUTH * np.hypot(*(eyes - lips)))
    if side < MIN_SIDE:
        return None
    centre = (eyes + lips) / 2
    level_deg = float(np.degrees(np.arctan2(left[1] - right[1], left[0] - right[0])))
    scale = CROP / float(side)
    matrix = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), level_deg, scale)
    matrix[:, 2] += CROP / 2 - centre
    return cv2.warpAffine(image, matrix, (CROP, CROP)), level_deg, scale


def _turned(mesh: FloatFrames, deg: float) -> FloatFrames:
    """A mesh of the levelled crop as it lies in the picture: turned clockwise by ``deg``."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    turn = np.array([[c, -s], [s, c]])
    return np.column_stack([mesh[:, :2] @ turn.T, mesh[:, 2]]).astype(np.float32)
