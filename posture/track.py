"""`PoseTrack`: where the joints of the one subject were, over time, in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.series import Series
from posture.face import FaceTrack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from liyi.core.trace import BoolArray, FloatArray

FloatFrames = npt.NDArray[np.float32]
# Of one landmark, as MediaPipe gives it: place in the picture, metres, how sure it is.
CHANNELS = ("x", "y", "world_x", "world_y", "world_z", "visibility", "presence")


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


LANDMARKS = (len(Joint), len(CHANNELS))  # shape of one pose


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

    def to_series(self) -> Iterator[Series]:
        """Points and metres."""
        sample = self.sample.astype(np.float64)
        for part in ("points", "world"):
            value = getattr(self, part).ravel().astype(np.float64)
            yield Series(f"pose.mirrored.{part}", t_s=sample, value=value)

    @classmethod
    def from_series(cls, series: Mapping[str, Series], count: int) -> Mirrored | None:
        """What `to_series` gave of ``count`` samples; None in what was stored before there was a second reading."""
        if "pose.mirrored.points" not in series:
            return None
        points, world = series["pose.mirrored.points"], series["pose.mirrored.world"]
        return cls(
            sample=points.samples(count),
            points=points.single().reshape(-1, len(Joint), 2),
            world=world.single().reshape(-1, len(Joint), 3),
        )


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

    @classmethod
    def of_landmarks(cls, t: FloatArray, landmarks: FloatFrames, size: tuple[int, int]) -> PoseTrack:
        """The track of one person's landmarks (n, 33, 7), as a browser sends them: places as shares of the picture."""
        return cls(
            t=t,
            points=landmarks[..., :2] * np.asarray(size, dtype=np.float32),
            world=landmarks[..., 2:5],
            visibility=np.nan_to_num(landmarks[..., 5]),
            presence=np.nan_to_num(landmarks[..., 6]),
            size=size,
            people=1,
        )

    def about(self) -> dict[str, Any]:
        """What stands beside the series: JSON values."""
        return {"size": self.size, "people": self.people}

    def to_series(self) -> Iterator[Series]:
        """Times, what was seen beside the joints, and each joint by its channels."""
        yield Series("pose", t_s=self.t, value=np.empty(0) if self.luma is None else self.luma)
        for name in ("frozen", "still"):
            if (flags := getattr(self, name)) is not None:
                yield Series(f"pose.{name}", value=flags.astype(np.float64))
        for part in (self.mirrored, self.face):
            if part is not None:
                yield from part.to_series()
        for joint in Joint:
            columns = (
                *self.points[:, joint].T,
                *self.world[:, joint].T,
                self.visibility[:, joint],
                self.presence[:, joint],
            )
            for channel, column in zip(CHANNELS, columns, strict=True):
                yield Series(f"pose.{joint.name}.{channel}", value=column.astype(np.float64))

    @classmethod
    def from_series(cls, series: Mapping[str, Series], about: Mapping[str, Any]) -> PoseTrack:
        """The track that `to_series` and `about` gave, to the last bit.

        Raises
        ------
        LookupError, ValueError
            When a series is missing or holds something else.
        """
        t, luma = series["pose"].t_s, series["pose"].value
        joints = np.stack(
            [[series[f"pose.{joint.name}.{channel}"].value for channel in CHANNELS] for joint in Joint]
        ).astype(np.float32)  # (33, 7, n)
        frames = np.ascontiguousarray(np.moveaxis(joints, 2, 0))
        flags = {name: series[f"pose.{name}"].value.astype(np.bool_) if f"pose.{name}" in series else None
                 for name in ("frozen", "still")}  # fmt: skip
        width, height = about["size"]
        return cls(
            t=t,
            points=frames[:, :, 0:2].copy(),
            world=frames[:, :, 2:5].copy(),
            visibility=frames[:, :, 5].copy(),
            presence=frames[:, :, 6].copy(),
            size=(width, height),
            people=about["people"],
            luma=luma if luma.size else None,
            mirrored=Mirrored.from_series(series, t.size),
            face=FaceTrack.from_series(series, t.size),
            **flags,
        )
