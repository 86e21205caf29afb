"""`Body`: a `PoseTrack` read for what can honestly be measured from it: joints that are there, view, calibration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from liyi.core.measure import Camera, Framing
    from liyi.core.trace import BoolArray, FloatArray, Interval
    from posture.track import FloatFrames, PoseTrack

Position = Literal["standing", "sitting", "unknown"]


@dataclass(frozen=True)
class Body:
    """What the measures of bearing take.

    Attributes
    ----------
    track : PoseTrack
        As the camera gave it.
    points : float32 array, shape (n, 33, 2)
        ``track.points`` smoothed on time stamps; NaN where a joint is not usable.
    usable : bool array, shape (n, 33)
        The gate's word: in the light, in frame with margin, plausible bones, visible and present.
    yaw : array, shape (n,)
        How far the shoulders are turned from facing the camera, 0..180 degrees; NaN where unknown.
    view : int8 array, shape (n,)
        Per sample: 0 none, 1 front, 2 oblique, 3 side.
    camera, framing, position
        For the whole recording (the commonest over time, or as the user gave the camera).
    calibration : Interval or None
        The quiet, upright stretch that the user named, with which relative measures compare.
    turned
        Whether the picture lies on its side or upside down: then nothing is measured in it.
    """

    track: PoseTrack
    points: FloatFrames
    usable: BoolArray
    yaw: FloatArray
    view: npt.NDArray[np.int8]
    camera: Camera
    framing: Framing
    position: Position
    calibration: Interval | None
    turned: bool = False

    @property
    def t(self) -> FloatArray:
        """Seconds, shape (n,)."""
        return self.track.t
