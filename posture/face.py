"""`FaceTrack`: how the subject's head was held, as the face mesh shows it, on some samples of a recording.

What is kept are angles and sizes, never the mesh: by its points a person could be recognised.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from posture.track import FloatFrames

POINTS = 468  # of the mesh
# How sure the model must be that it sees a face: on rendered heads 0.99 and more up to a turn of 65 degrees, under 0.2
# from 90 on and from behind; on 178 photos of people it is hardly ever between 0.2 and 0.95.
MIN_PRESENCE = 0.5

# Points of the mesh that mirror each other, (own left, own right): outer and inner corners of the eyes, the face's
# edge at the eyes, at the mouth and before the ears, corners of the mouth.
_PAIRS = ((263, 33), (362, 133), (454, 234), (291, 61), (323, 93), (361, 132), (356, 127))
_LEFT, _RIGHT = ([pair[side] for pair in _PAIRS] for side in (0, 1))
_CROWN, _CHIN = 10, 152
_ANGLES = ("roll", "turn", "pitch", "presence")  # that are read twice


@dataclass(frozen=True)
class FaceTrack:
    """The head's direction on some samples, as it is (0) and on some of these left for right, turned back (1).

    Attributes
    ----------
    sample : int array, shape (m,)
        The samples of the track, increasing.
    roll, turn, pitch : float32 array, shape (m, 2)
        Degrees, against the line from the camera to the face: tipped and turned to the person's own left, and raised,
        are positive. ``pitch`` as the model reads it, with its steady error. NaN where no face was found, and where
        none was sought left for right.
    presence : float32 array, shape (m, 2)
        0..1: how sure the model is that it sees a face; NaN where none was sought left for right.
    width : float32 array, shape (m,)
        Pixels from one edge of the face to the other as it would be seen square-on; NaN where no face was found.
    """

    sample: npt.NDArray[np.intp]
    roll: FloatFrames
    turn: FloatFrames
    pitch: FloatFrames
    presence: FloatFrames
    width: FloatFrames

    def to_series(self) -> Iterator[Series]:
        """Each angle as it is and left for right, one after the other."""
        sample = self.sample.astype(np.float64)
        for part in (*_ANGLES, "width"):
            yield Series(f"face.{part}", t_s=sample, value=getattr(self, part).ravel().astype(np.float64))

    @classmethod
    def from_series(cls, series: Mapping[str, Series], count: int) -> FaceTrack | None:
        """What `to_series` gave of ``count`` samples; None in what was stored before a face was read."""
        if "face.roll" not in series:
            return None
        sample = series["face.roll"].samples(count)
        pairs = {part: series[f"face.{part}"].single().reshape(sample.size, 2) for part in _ANGLES}
        return cls(sample=sample, width=series["face.width"].single().reshape(sample.size), **pairs)


def head_angles(mesh: FloatFrames) -> tuple[float, float, float]:
    """Roll, turn and pitch of a mesh, degrees, and positive as in `FaceTrack`.

    The head's own axes are the mean direction of seven lines from right to left, and the line from chin to crown as
    far as it stands square on that. Roll is the slope of the first against the level, so that a turn alone does not
    change it.

    Parameters
    ----------
    mesh : array, shape (468, 3)
        x to the right, y down, z away from the camera, in one unit.
    """
    points = mesh.astype(np.float64)
    lines = points[_LEFT] - points[_RIGHT]
    left = _unit((lines / np.linalg.norm(lines, axis=1, keepdims=True)).sum(axis=0))
    up = points[_CROWN] - points[_CHIN]
    up = _unit(up - (up @ left) * left)
    ahead = np.cross(left, up)
    roll, pitch = np.degrees(np.arcsin(np.clip([left[1], -ahead[1]], -1.0, 1.0)))
    return float(roll), float(np.degrees(np.arctan2(ahead[0], -ahead[2]))), float(pitch)


def face_width(mesh: FloatFrames) -> float:
    """Distance of the face's edges at the eyes, in the mesh's unit; shape (468, 3) in."""
    return float(np.linalg.norm(mesh[_LEFT[2]] - mesh[_RIGHT[2]]))


def _unit(vector: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))
