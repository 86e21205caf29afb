"""Plane geometry on joints in pixels (x right, y down), one row per sample. Pixels are square, so angles are true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from liyi.core.smoothing import sample_interval_s
from posture.track import Joint

if TYPE_CHECKING:
    from liyi.core.trace import FloatArray
    from posture.body import Body

Points = npt.NDArray[np.float64]
TRAVEL_S = 1.0


def joint(body: Body, which: Joint) -> Points:
    """Smoothed position of one joint, shape (n, 2), pixels; NaN where it is not usable."""
    return np.asarray(body.points[:, which], dtype=np.float64)


def middle(body: Body, left: Joint, right: Joint) -> Points:
    """Midpoint of two joints, shape (n, 2), pixels."""
    return (joint(body, left) + joint(body, right)) / 2


def distance(a: Points, b: Points) -> FloatArray:
    """Distance of two points, shape (n,), pixels."""
    return np.asarray(np.hypot(a[:, 0] - b[:, 0], a[:, 1] - b[:, 1]), dtype=np.float64)


def unit(vector: Points) -> Points:
    """``vector`` (n, 2) at length 1; NaN where it has none."""
    length = np.hypot(vector[:, 0], vector[:, 1])
    return np.asarray(vector / np.where(length > 0, length, np.nan)[:, None], dtype=np.float64)


def shoulder_width(body: Body) -> FloatArray:
    """Distance of the shoulder joints, shape (n,), pixels: the measuring rod of the front view; NaN where it is 0."""
    width = distance(joint(body, Joint.LEFT_SHOULDER), joint(body, Joint.RIGHT_SHOULDER))
    return np.where(width > 0, width, np.nan)


def square_on_width(body: Body) -> FloatArray:
    """`shoulder_width` as it would be seen without the shoulders' turn (taken as 60 degrees at most), shape (n,)."""
    return np.asarray(shoulder_width(body) / np.cos(np.radians(np.minimum(body.yaw, 60.0))), dtype=np.float64)


def line_tilt_deg(left: Points, right: Points) -> FloatArray:
    """Tilt of the line through a left and a right joint seen from the front, shape (n,), degrees in (-180, 180].

    0 is level; positive where the person's own left is the lower end.
    """
    return np.degrees(np.arctan2(left[:, 1] - right[:, 1], left[:, 0] - right[:, 0]))


def lean_deg(top: Points, base: Points) -> FloatArray:
    """Lean of the line from ``base`` up to ``top``, shape (n,), degrees in (-180, 180].

    0 is upright; positive where it leans to the right of the picture.
    """
    return np.degrees(np.arctan2(top[:, 0] - base[:, 0], base[:, 1] - top[:, 1]))


def angle_between_deg(u: Points, v: Points) -> FloatArray:
    """Angle between two vectors, shape (n,), degrees in [0, 180]."""
    cross = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return np.asarray(np.degrees(np.arctan2(np.abs(cross), np.sum(u * v, axis=1))), dtype=np.float64)


def height_above_line(point: Points, left: Points, right: Points) -> FloatArray:
    """Distance of ``point`` from the line through ``left`` and ``right``, shape (n,), pixels; positive above it.

    ``left`` lies to the right in the picture, as the person's own left does when seen from the front.
    """
    along, to = unit(left - right), point - right
    return np.asarray(along[:, 1] * to[:, 0] - along[:, 0] * to[:, 1], dtype=np.float64)


def travel(t: FloatArray, at: Points) -> FloatArray:
    """How far ``at`` (n, 2) moves along x or y within a second about each sample, in its own unit: shape (n,)."""
    if t.size == 0:
        return np.empty(0)
    reach = round(TRAVEL_S / 2 / (sample_interval_s(t) or TRAVEL_S))
    padded = np.pad(at, ((reach, reach), (0, 0)), constant_values=np.nan)
    window = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=0)
    known = np.isfinite(window)
    highest = np.where(known, window, -np.inf).max(axis=2)
    lowest = np.where(known, window, np.inf).min(axis=2)
    return np.asarray((highest - lowest).max(axis=1), dtype=np.float64)
