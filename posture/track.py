"""`PoseTrack`: where the joints of the one subject were, over time, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from liyi.core.trace import BoolArray, FloatArray
    from posture.face import FaceTrack

FloatFrames = npt.NDArray[np.float32]


class Joint(IntEnum):
    """MediaPipe's 33 pose landmarks by index; left and right are the person's own."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


@dataclass(frozen=True)
class Mirrored:
    """The subject read a second time, on some samples, in the picture turned left for right.

    Attributes
    ----------
    sample : int array, shape (m,)
        The samples, increasing.
    points : float32 array, shape (m, 33, 2)
        Pixels of the upright picture, turned back: left and right are the person's own again.
    world : float32 array, shape (m, 33, 3)
        Metres, turned back likewise.
    """

    sample: npt.NDArray[np.intp]
    points: FloatFrames
    world: FloatFrames


@dataclass(frozen=True)
class PoseTrack:
    """The subject's landmarks at every sampled moment, also at those where nobody was found.

    Attributes
    ----------
    t : array, shape (n,)
        Seconds from the recording's first frame.
    points : float32 array, shape (n, 33, 2)
        Pixels (x right, y down) of the upright picture of ``size``; NaN where the subject was not found.
    world : float32 array, shape (n, 33, 3)
        Metres about the middle of the hips, as the model guesses them; for turning and facing only.
    visibility, presence : float32 array, shape (n, 33)
        0..1 as the model says; not to be trusted alone (see `posture.gate`).
    size : (int, int)
        Width and height of the picture that ``points`` refer to.
    people : int
        How many people the multi-person probe saw for more than a moment.
    luma : array, shape (n,), optional
        0..1: mean of the picture or of the brightest person in it, whichever is more. None where only landmarks came.
    mirrored : Mirrored, optional
        A second reading, from which the error of this recording is told.
    frozen : bool array, shape (n,), optional
        Samples from which on the picture has stood still to the pixel for two seconds and more.
    still : bool array, shape (n,), optional
        Samples of spans of ten seconds in which nobody in the picture moved at all, as no living person does.
    face : FaceTrack, optional
        How the head was held, as the face mesh shows it.
    """

    t: FloatArray
    points: FloatFrames
    world: FloatFrames
    visibility: FloatFrames
    presence: FloatFrames
    size: tuple[int, int]
    people: int
    luma: FloatArray | None = None
    mirrored: Mirrored | None = None
    frozen: BoolArray | None = None
    still: BoolArray | None = None
    face: FaceTrack | None = None
