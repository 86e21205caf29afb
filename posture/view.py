"""From where the camera sees the subject, how much of them, and whether they stand or sit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.smoothing import hysteresis, rolling_median
from posture.skeleton import EARS, HIPS, LEFT_LEG, RIGHT_LEG, SHOULDERS
from posture.track import Joint, PoseTrack

if TYPE_CHECKING:
    from liyi.core.measure import Camera, Framing
    from liyi.core.trace import BoolArray, FloatArray
    from posture.body import Position
    from posture.track import FloatFrames

NO_VIEW, FRONT, OBLIQUE, SIDE = 0, 1, 2, 3
_CAMERAS: dict[int, Camera] = {FRONT: "front", OBLIQUE: "oblique", SIDE: "side"}

# Shoulder width over the distance from shoulders to hips, both in the picture, as MediaPipe reads it on people who face
# the camera: 0.66-0.81 on photos, video and rendered people (narrow and broad).
SHOULDERS_TO_TORSO = 0.70

# Rendered people turned by a known angle read (all poses, webcam and full body): 30 degrees as 13-33, 45 as 31-50,
# 60 as 51-67, 75 as 73-81, 105 as 92-98, 120 as 114-133. So the front reaches to 36, where people turned by 30 still
# belong to it, and the side from 60 to as far behind; beyond, the person has turned away. Limits are 3 degrees
# harder to enter than to stay in, the spread of the reading while one stands still.
FRONT_TO_DEG = 36.0
SIDE_FROM_DEG = 60.0
HYSTERESIS_DEG = 3.0
STEADY_S = 0.5

# How far the knee lies below the hip, over the longer of thigh and shank in the picture: near 1 on two straight legs,
# 0.1-0.3 on a chair from any side, however the feet are placed.
SITTING_BELOW = 0.5
STANDING_ABOVE = 0.7
MOSTLY = 0.5

# From the shoulders to the ears, off the vertical. Upright recordings (14) read 1-39 at their median, slouching
# and bows seen from the side the most; one of a person who bends over reads 61. Turned by 90 degrees, 25 of 28 read 64
# and more, upside down all: a head carried far forward may point upwards once it is turned.
TURNED_FROM_DEG = 63.0
# Of the torso's length and of their own width: shoulders as wide and as level as this, the own left to the right in the
# picture, above the hips or as high, are those of somebody who bows towards an upright camera.
LEVEL = 0.5


def shoulder_yaw(track: PoseTrack, usable: BoolArray) -> FloatArray:
    """How far the shoulders are turned from facing the camera: 0..180 degrees, shape (n,), NaN where unknown.

    ``atan2(depth, width)``: the depth between the shoulders, as a share of their distance, is the model's guess in
    metres; their width, as a share of that of a person who faces the camera, is seen in the picture and cannot be
    imagined. Near 0 the depth decides and near 90 the width, each where it is steadiest. Mean errors on rendered people
    are under 2 degrees but for webcam views of 15 to 45, which read 8 to 12 degrees too little.
    """
    world = track.world.astype(np.float64)
    across = world[:, Joint.LEFT_SHOULDER] - world[:, Joint.RIGHT_SHOULDER]
    depth = np.abs(across[:, 2]) / np.maximum(np.linalg.norm(across, axis=1), 1e-6)
    points = track.points.astype(np.float64)
    torso = np.linalg.norm(points[:, SHOULDERS].mean(axis=1) - points[:, HIPS].mean(axis=1), axis=1)
    width = points[:, Joint.LEFT_SHOULDER, 0] - points[:, Joint.RIGHT_SHOULDER, 0]
    yaw = np.degrees(np.arctan2(depth, width / np.maximum(torso * SHOULDERS_TO_TORSO, 1e-6)))
    yaw[~usable[:, SHOULDERS].all(axis=1)] = np.nan
    return rolling_median(track.t, yaw, STEADY_S)


def view_of(yaw: FloatArray) -> npt.NDArray[np.int8]:
    """View of each sample by its yaw (n,): 0 none or turned away, 1 front, 2 oblique, 3 side."""
    view = np.where(np.isfinite(yaw) & (yaw < 90), OBLIQUE, NO_VIEW).astype(np.int8)
    from_side = np.abs(yaw - 90)
    reach = 90 - SIDE_FROM_DEG
    view[hysteresis(from_side < reach - HYSTERESIS_DEG, from_side < reach + HYSTERESIS_DEG)] = SIDE
    view[hysteresis(yaw < FRONT_TO_DEG - HYSTERESIS_DEG, yaw < FRONT_TO_DEG + HYSTERESIS_DEG)] = FRONT
    return view


def camera_of(view: npt.NDArray[np.int8]) -> Camera:
    """The commonest view over time; ``none`` when there is no sample of any."""
    counts = np.bincount(view, minlength=SIDE + 1)
    counts[NO_VIEW] = 0
    return _CAMERAS[int(np.argmax(counts))] if counts.any() else "none"


def picture_turned(track: PoseTrack, usable: BoolArray) -> bool:
    """Whether the head lies beside or below the shoulders for most of the time both are seen; usable (n, 33).

    So it is in a recording that was turned by a right angle, or upside down, and does not say so. Of a head that is
    seen in few of the samples nothing is told: where it lies outside the picture, it is now and then made up inside.
    """
    shoulders = usable[:, SHOULDERS].any(axis=1)
    seen = np.logical_and(shoulders, usable[:, EARS].any(axis=1))
    if seen.sum() <= MOSTLY * shoulders.sum():
        return False
    points = track.points[seen].astype(np.float64)
    across, up = (points[:, SHOULDERS].mean(axis=1) - points[:, EARS].mean(axis=1)).T
    beside = np.degrees(np.arctan2(np.abs(across), up)) > TURNED_FROM_DEG
    return bool(np.mean(beside & ~_bending(points, usable[seen])) > MOSTLY)


def _bending(points: FloatArray, usable: BoolArray) -> BoolArray:
    """Whether a body (n, 33, 2) whose head hangs stands on its own legs, or holds its shoulders level: shape (n,)."""
    standing = np.zeros(len(points), dtype=np.bool_)
    for hip, knee, ankle in (LEFT_LEG, RIGHT_LEG):
        down = points[:, ankle] - points[:, knee]
        upright = (down[:, 1] > np.abs(down[:, 0])) & (points[:, ankle, 1] > points[:, hip, 1])
        standing |= upright & usable[:, (hip, knee, ankle)].all(axis=1)
    across = points[:, Joint.LEFT_SHOULDER] - points[:, Joint.RIGHT_SHOULDER]
    trunk = points[:, HIPS].mean(axis=1) - points[:, SHOULDERS].mean(axis=1)
    level = (across[:, 0] > LEVEL * np.linalg.norm(trunk, axis=1)) & (np.abs(across[:, 1]) < LEVEL * across[:, 0])
    level &= trunk[:, 1] > -LEVEL * across[:, 0]
    return np.asarray(standing | (level & usable[:, SHOULDERS].all(axis=1)))


def framing_of(usable: BoolArray) -> Framing:
    """How much of the person is in the picture, for most of the time that the shoulders are; shape (n, 33) in."""
    shoulders = usable[:, SHOULDERS].any(axis=1)
    if not shoulders.any():
        return "none"
    return "full_body" if np.mean(_some_leg(usable)[shoulders]) > MOSTLY else "upper_body"


def position_of(points: FloatFrames, usable: BoolArray) -> Position:
    """Standing or sitting for most of the time that a whole leg was seen; points (n, 33, 2), usable (n, 33).

    ``unknown`` when no leg is whole for half of the time the person is seen, or when neither position prevails.
    """
    seen = usable.any(axis=1)
    if not seen.any() or np.mean(_some_leg(usable)[seen]) < MOSTLY:
        return "unknown"
    legs = np.stack([_thigh_drop(points, usable, leg) for leg in (LEFT_LEG, RIGHT_LEG)])
    known = np.isfinite(legs)
    seen = known.any(axis=0)
    mean = np.where(known, legs, 0.0).sum(axis=0)[seen] / known.sum(axis=0)[seen]
    straighter = np.where(known, legs, -np.inf).max(axis=0)[seen]
    if np.mean(straighter < SITTING_BELOW) > MOSTLY:  # both legs are bent
        return "sitting"
    return "standing" if np.mean(mean > STANDING_ABOVE) > MOSTLY else "unknown"


def _thigh_drop(points: FloatFrames, usable: BoolArray, leg: tuple[Joint, Joint, Joint]) -> FloatArray:
    """How far the knee is below the hip as a share of the leg's longer part, shape (n,); NaN where it is not whole."""
    hip, knee, ankle = (points[:, joint].astype(np.float64) for joint in leg)
    longer = np.maximum(np.linalg.norm(knee - hip, axis=1), np.linalg.norm(ankle - knee, axis=1))
    share = (knee - hip)[:, 1] / np.maximum(longer, 1.0)
    return np.where(usable[:, leg].all(axis=1), share, np.nan)


def _some_leg(usable: BoolArray) -> BoolArray:
    """Samples in which one leg at least is usable from hip to ankle, shape (n,)."""
    return np.asarray(np.any([usable[:, leg].all(axis=1) for leg in (LEFT_LEG, RIGHT_LEG)], axis=0))
