"""Stick figures of known angles, seen by a pinhole camera: what the measures of bearing are tested on.

Metres about the middle of the shoulders: x to the person's own left, y up, z forward. The camera looks along -z, level,
so whatever lies in a plane across its axis keeps its angles in the picture.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from posture.body import Body
from posture.errors import published
from posture.face import FaceTrack
from posture.track import Joint, PoseTrack

if TYPE_CHECKING:
    from liyi.core.trace import Interval

SHOULDER_WIDTH = 0.36
TRUNK = 0.50
J = Joint

# One arm as (elbow, wrist, index) for the left side; the right one mirrors it.
ARMS = {
    "sides": ((0.20, -0.28, 0.0), (0.20, -0.52, 0.02), (0.20, -0.60, 0.03)),
    "crossed": ((0.20, -0.25, 0.05), (-0.14, -0.25, 0.12), (-0.20, -0.22, 0.12)),
    "folded_low": ((0.24, -0.27, 0.0), (0.05, -0.50, 0.14), (-0.03, -0.53, 0.15)),
    "on_hips": ((0.36, -0.25, -0.02), (0.23, -0.37, 0.02), (0.17, -0.42, 0.05)),
    "at_chin": ((0.16, -0.26, 0.15), (0.06, 0.06, 0.13), (0.04, 0.12, 0.13)),
}


def _z(deg: float) -> np.ndarray:
    """Rotation that tips towards the person's own left (clockwise for whoever faces them)."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])


def _x(deg: float) -> np.ndarray:
    """Rotation that tips forward."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _y(deg: float) -> np.ndarray:
    """Rotation of the whole person towards their own left."""
    c, s = np.cos(np.radians(deg)), np.sin(np.radians(deg))
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def skeleton(
    *,
    head_roll_deg: float = 0,
    head_yaw_deg: float = 0,
    head_forward: float = 0,
    head_sink: float = 0,
    shoulder_tilt_deg: float = 0,
    side_lean_deg: float = 0,
    forward_lean_deg: float = 0,
    hip_deg: float = 180,
    knee_deg: float = 180,
    stance: float = 0.2,
    left_arm: str = "sides",
    right_arm: str = "sides",
    yaw_deg: float = 0,
    at: tuple[float, float, float] = (0, 0, 0),
) -> np.ndarray:
    """Joints of one moment, shape (33, 3), metres; ``head_forward`` in torso lengths, ``stance`` in metres."""
    p = np.zeros((33, 3))
    head = {J.NOSE: (0, -0.03, 0.10), J.LEFT_EAR: (0.075, 0, 0), J.MOUTH_LEFT: (0.025, -0.09, 0.09)}
    head |= {
        eye: (0.03 + k * 0.01, 0.02, 0.08) for k, eye in enumerate((J.LEFT_EYE_INNER, J.LEFT_EYE, J.LEFT_EYE_OUTER))
    }
    mirror = {J.LEFT_EAR: J.RIGHT_EAR, J.MOUTH_LEFT: J.MOUTH_RIGHT, J.LEFT_EYE_INNER: J.RIGHT_EYE_INNER}
    mirror |= {J.LEFT_EYE: J.RIGHT_EYE, J.LEFT_EYE_OUTER: J.RIGHT_EYE_OUTER}
    turn = _z(head_roll_deg) @ _y(head_yaw_deg)
    neck = np.array([0, 0.24 - head_sink, head_forward * TRUNK])
    for which, place in head.items():
        p[which] = neck + turn @ place
        if which in mirror:
            p[mirror[which]] = neck + turn @ (np.array(place) * (-1, 1, 1))
    half = np.array([SHOULDER_WIDTH / 2, 0, 0])
    p[J.LEFT_SHOULDER], p[J.RIGHT_SHOULDER] = _z(shoulder_tilt_deg) @ half, _z(shoulder_tilt_deg) @ -half
    for side, pose, sign in ((0, left_arm, 1), (1, right_arm, -1)):
        for first, place in zip((J.LEFT_ELBOW, J.LEFT_WRIST, J.LEFT_INDEX), ARMS[pose], strict=True):
            p[first + side] = np.array(place) * (sign, 1, 1)
        p[J.LEFT_PINKY + side] = p[J.LEFT_THUMB + side] = p[J.LEFT_INDEX + side]
    upper = [*range(J.LEFT_HIP)]
    hips = np.array([0, -TRUNK, 0])
    p[upper] = (p[upper] - hips) @ (_x(forward_lean_deg) @ _z(side_lean_deg)).T + hips
    for side, sign in ((0, 1), (1, -1)):
        thigh_deg = forward_lean_deg + hip_deg
        _leg(p, side, sign, hips, thigh_deg, thigh_deg + 180 - knee_deg, stance)
    return (p - hips) @ _y(yaw_deg).T + hips + np.array(at)


def _leg(
    p: np.ndarray, side: int, sign: int, hip: np.ndarray, thigh_deg: float, shank_deg: float, stance: float
) -> None:
    """Leg whose parts point ``thigh_deg`` and ``shank_deg`` away from straight up, forward positive."""
    splay = np.array([sign * (stance / 2 - 0.10) / 2, 0, 0])
    p[J.LEFT_HIP + side] = hip + np.array([sign * 0.10, 0, 0])
    p[J.LEFT_KNEE + side] = p[J.LEFT_HIP + side] + splay + _x(thigh_deg) @ (0, 0.42, 0)
    p[J.LEFT_ANKLE + side] = p[J.LEFT_KNEE + side] + splay + _x(shank_deg) @ (0, 0.42, 0)
    p[J.LEFT_HEEL + side] = p[J.LEFT_ANKLE + side] + (0, -0.05, -0.05)
    p[J.LEFT_FOOT_INDEX + side] = p[J.LEFT_ANKLE + side] + (0, -0.06, 0.15)


def project(
    metres: np.ndarray,
    *,
    size: tuple[int, int] = (640, 480),
    focal: float = 700,
    distance: float = 4,
    drop: float = 0.4,
) -> np.ndarray:
    """Pixels (..., 2) of points (..., 3); the camera stands ``drop`` metres below shoulder height."""
    depth = distance - metres[..., 2]
    x = size[0] / 2 + focal * metres[..., 0] / depth
    y = size[1] / 2 - focal * (metres[..., 1] + drop) / depth
    return np.stack([x, y], axis=-1)


def body_of(
    moments: Any,
    *,
    fps: float = 10,
    camera: str = "front",
    position: str = "standing",
    calibration: Interval | None = None,
    yaw_deg: Any = None,
    view: Any = None,
    unusable: tuple[Joint, ...] = (),
    noise_px: float = 0,
    face: bool = False,
    **lens: Any,
) -> Body:
    """`Body` of ``moments`` (n, 33, 3), seen without error (or with ``noise_px``), as the reading would give it.

    With ``face`` its head was read by a face mesh, too.
    """
    metres = np.asarray(moments, dtype=np.float64)
    n = len(metres)
    points = project(metres, **lens) + np.random.default_rng(0).normal(0, noise_px or 0, (n, 33, 2))
    across = metres[:, J.LEFT_SHOULDER] - metres[:, J.RIGHT_SHOULDER]
    yaw = np.degrees(np.arctan2(np.abs(across[:, 2]), across[:, 0])) if yaw_deg is None else np.broadcast_to(yaw_deg, n)
    seen = np.where(yaw <= 35, 1, np.where(yaw < 60, 2, np.where(yaw <= 120, 3, 0))) if view is None else view
    usable = np.ones((n, 33), dtype=bool)
    usable[:, list(unusable)] = False
    world = (metres - metres[:, [J.LEFT_HIP, J.RIGHT_HIP]].mean(axis=1, keepdims=True)) * (1, -1, -1)
    ones = np.ones((n, 33), dtype=np.float32)
    track = PoseTrack(
        np.arange(n) / fps,
        points.astype(np.float32),
        world.astype(np.float32),
        np.where(usable, ones, 0).astype(np.float32),
        np.where(usable, ones, 0).astype(np.float32),
        lens.get("size", (640, 480)),
        1,
        face=face_of(metres, lens.get("distance", 4)) if face else None,
    )
    smooth = np.where(usable[:, :, None], track.points, np.nan).astype(np.float32)
    views = np.broadcast_to(np.asarray(seen, dtype=np.int8), n)
    return Body(track, smooth, usable, yaw.astype(np.float64), views, camera, "full_body", position, calibration)


def face_of(metres: np.ndarray, distance: float = 4) -> FaceTrack:
    """The heads of (n, 33, 3) as a face mesh would read every third of them, every other time left for right too."""
    sample = np.arange(0, len(metres), 3)
    head = metres[sample]
    left = head[:, J.LEFT_EAR] - head[:, J.RIGHT_EAR]
    width = 2 * 700 * np.linalg.norm(left, axis=1) / distance  # of a close camera, since the lens is a long one
    left /= np.linalg.norm(left, axis=1, keepdims=True)
    up = head[:, J.LEFT_EYE] + head[:, J.RIGHT_EYE] - head[:, J.MOUTH_LEFT] - head[:, J.MOUTH_RIGHT]
    up -= np.sum(up * left, axis=1, keepdims=True) * left
    ahead = np.cross(left, up / np.linalg.norm(up, axis=1, keepdims=True))
    turn = np.degrees(np.arctan2(ahead[:, 0], ahead[:, 2]))
    roll, pitch = np.degrees(np.arcsin([-left[:, 1], ahead[:, 1]]))
    read = (roll, turn, pitch + published("head_pitch.bias"), np.ones(len(sample)))
    twice = np.where(np.arange(len(sample)) % 2, np.nan, 1.0)
    pairs = (np.column_stack([each, each * twice]).astype(np.float32) for each in read)
    return FaceTrack(sample, *pairs, width.astype(np.float32))


def mirrored(body: Body) -> Body:
    """The same recording in a mirror, as the model would read it: left and right change names."""
    swap = np.array([*[0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9], *[k + 1 if k % 2 else k - 1 for k in range(11, 33)]])
    width = body.track.size[0]
    flip, turn = np.array([-1, 1], np.float32), np.array([-1, 1, 1], np.float32)
    track = replace(
        body.track,
        points=body.track.points[:, swap] * flip + (width, 0),
        world=body.track.world[:, swap] * turn,
        visibility=body.track.visibility[:, swap],
        presence=body.track.presence[:, swap],
    )
    return replace(body, track=track, points=body.points[:, swap] * flip + (width, 0), usable=body.usable[:, swap])
