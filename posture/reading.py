"""A `PoseTrack` read for what can honestly be measured from it: gate, smoothing, view and calibration joined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liyi.core.smoothing import rolling_median, sample_interval_s
from posture.body import Body
from posture.calibration import check_calibration
from posture.gate import usable_joints
from posture.track import Joint
from posture.view import camera_of, framing_of, picture_turned, position_of, shoulder_yaw, view_of

if TYPE_CHECKING:
    from typing import Literal

    from liyi.core.measure import Camera
    from liyi.core.trace import FloatArray, Interval
    from posture.track import FloatFrames, PoseTrack

# Wide enough for a median of three at 10 frames per second: it takes out the single frame in which a joint jumps.
MEDIAN_S = 0.3
# Pictures further apart than at 3 a second show different postures: a mean of them would be none.
NEIGHBOUR_S = 0.34
# A long recording is smoothed a few joints at a time, to hold no more in double precision than of a short one.
SAMPLES_AT_ONCE = 100_000


def read_body(
    track: PoseTrack, *, camera: Camera | Literal["auto"] = "auto", calibration: Interval | None = None
) -> Body:
    """Read a track: which joints can be believed, from where they are seen, and what to compare with.

    Parameters
    ----------
    track : PoseTrack
        Of the subject.
    camera : str, optional
        ``front``, ``oblique`` or ``side`` as the user knows it; ``auto``: what the calibration stretch shows, in which
        the person sits or stands as they should, else the commonest view. Samples whose own view is another one keep
        it, so that they are not assessed: there the person turned, not the camera.
    calibration : Interval, optional
        The stretch to compare with, in seconds; without one what compares is not measured.

    Raises
    ------
    LiyiError
        When the given stretch cannot be used.
    """
    usable = usable_joints(track)
    points = np.empty(track.points.shape, dtype=np.float32)
    groups = min(len(Joint), 1 + usable.size // SAMPLES_AT_ONCE)
    for some in np.array_split(np.arange(len(Joint)), groups):
        seen = np.where(usable[:, some, None], track.points[:, some], np.nan)
        points[:, some] = _smoothed(track.t, seen.astype(np.float64))
    yaw = shoulder_yaw(track, usable)
    view = view_of(yaw)
    if calibration is not None:
        calibration = check_calibration(calibration, track.t, points)
    turned = picture_turned(track, usable)
    seen_from = "none" if turned else camera_of(view if calibration is None else view[calibration.covers(track.t)])
    if seen_from == "none" and not turned:
        seen_from = camera_of(view)
    return Body(
        track=track,
        points=points,
        usable=usable,
        yaw=yaw,
        view=view,
        camera=seen_from if camera == "auto" else camera,
        framing=framing_of(usable),
        position=position_of(points, usable),
        calibration=calibration,
        turned=turned,
    )


def _smoothed(t: FloatArray, points: FloatArray) -> FloatFrames:
    """Rolling median, then a mean with weights 1, 2, 1 over neighbours that are there and not beyond a gap."""
    calm = rolling_median(t, points, MEDIAN_S)
    total = 2 * calm
    weight = np.full(calm.shape, 2.0)
    near = np.diff(t) <= min(2 * sample_interval_s(t), NEIGHBOUR_S)
    for here, there in ((slice(1, None), slice(None, -1)), (slice(None, -1), slice(1, None))):
        beside = near[:, None, None] & np.isfinite(calm[there])
        total[here] += np.where(beside, calm[there], 0.0)
        weight[here] += beside
    return np.asarray(total / weight, dtype=np.float32)
