"""Recordings for the tests of posture: studio clips whose joints are known, photos held still, plain pictures."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from liyi.media.recording import Frame, open_media
from posture.pose import track_pose
from posture.track import Joint, PoseTrack

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TRUTH = {
    "nose": Joint.NOSE,
    "l_ear": Joint.LEFT_EAR,
    "r_ear": Joint.RIGHT_EAR,
    "l_shoulder": Joint.LEFT_SHOULDER,
    "r_shoulder": Joint.RIGHT_SHOULDER,
    "l_elbow": Joint.LEFT_ELBOW,
    "r_elbow": Joint.RIGHT_ELBOW,
    "l_wrist": Joint.LEFT_WRIST,
    "r_wrist": Joint.RIGHT_WRIST,
    "l_hip": Joint.LEFT_HIP,
    "r_hip": Joint.RIGHT_HIP,
    "l_knee": Joint.LEFT_KNEE,
    "r_knee": Joint.RIGHT_KNEE,
    "l_ankle": Joint.LEFT_ANKLE,
    "r_ankle": Joint.RIGHT_ANKLE,
    "l_heel": Joint.LEFT_HEEL,
    "r_heel": Joint.RIGHT_HEEL,
    "l_toe": Joint.LEFT_FOOT_INDEX,
    "r_toe": Joint.RIGHT_FOOT_INDEX,
}


def frames(path: Path, *, seconds: float = 60.0) -> Iterator[Frame]:
    """Frames of a video, or of a photo held for three seconds."""
    if path.suffix == ".mp4":
        yield from (frame for frame in open_media(path).frames() if frame.t_s < seconds)
    else:
        yield from still(photo(path))


def photo(path: Path) -> np.ndarray:
    """RGB picture, at most 960 pixels on a side."""
    image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    share = min(1.0, 960 / max(image.shape))
    return cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def still(image: np.ndarray, *, seconds: float = 3.0) -> Iterator[Frame]:
    """One picture at 10 frames per second."""
    yield from (Frame(k / 10, image) for k in range(round(seconds * 10)))


def cut(path: Path, bottom_px: int) -> Iterator[Frame]:
    """The first second of a video, each picture cut off below ``bottom_px``."""
    for frame in frames(path, seconds=1.0):
        yield Frame(frame.t_s, np.ascontiguousarray(frame.image[:bottom_px]))


@cache
def track_of(path: Path) -> PoseTrack:
    """Track of a whole recording; read once for all tests."""
    return track_pose(frames(path))


def truth(clip: Path, t: np.ndarray) -> np.ndarray:
    """Where the joints of a studio clip truly are at ``t`` (n,): pixels (n, 33, 2), NaN for joints it does not name."""
    known = json.loads(clip.with_suffix(".truth.json").read_text())
    times = np.array([moment["t"] for moment in known])
    points = np.full((t.size, 33, 2), np.nan)
    for k, moment in enumerate(np.abs(times[None] - t[:, None]).argmin(axis=1)):
        for name, joint in TRUTH.items():
            points[k, joint] = known[moment]["joints_px"][name]
    return points


def _tilt(p: dict[str, np.ndarray]) -> float:
    return np.degrees(np.arctan2(p["l"][1] - p["r"][1], p["l"][0] - p["r"][0]))


def _corner(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> float:
    one, two = np.arctan2(*(a - b)), np.arctan2(*(c - b))
    return np.degrees(np.abs((one - two + np.pi) % (2 * np.pi) - np.pi))


def truths(joints: dict[str, list[float]]) -> dict[str, float]:
    """What the joints of one moment, in pixels, say; the side clips face the picture's left."""
    at = {name: np.array(xy) for name, xy in joints.items()}
    mid = {part: (at[f"l_{part}"] + at[f"r_{part}"]) / 2 for part in ("shoulder", "hip", "ear")}
    dx, dy = mid["shoulder"] - mid["hip"]
    return {
        "head_roll": _tilt({"l": at["l_ear"], "r": at["r_ear"]}),
        "shoulder_tilt": _tilt({"l": at["l_shoulder"], "r": at["r_shoulder"]}),
        "trunk_side_lean": np.degrees(np.arctan2(dx, -dy)),
        "trunk_forward_lean": np.degrees(np.arctan2(-dx, -dy)),
        "head_forward": (mid["shoulder"] - mid["ear"])[0] / np.hypot(dx, dy),
        "hip_angle": _corner(mid["shoulder"], mid["hip"], at["l_knee"] - at["l_hip"] + mid["hip"]),
        "knee_angle": _corner(at["l_hip"], at["l_knee"], at["l_ankle"]),
    }
