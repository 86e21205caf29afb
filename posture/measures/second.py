"""What a second, mirrored reading tells of this recording's own error, and how size adds to it.

The model errs to one side on a person, in a light, in a dress; in the mirror it errs to the other. Half the difference
of the two readings is that error: the mean of both is the reading, and the half is added in squares to what is left.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from posture.errors import published
from posture.measures.geometry import shoulder_width

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.core.trace import FloatArray
    from posture.body import Body
    from posture.measures.gating import Gate

MIN_WIDTH_PX = 28.0  # between the shoulder joints: two degrees a pixel, where mirrored copies began to disagree
_PIXEL_DEG = 57.3  # of a line one pixel long that is one pixel off


def large_enough(body: Body) -> npt.NDArray[np.bool_]:
    """Samples in which the shoulders are not known to be too narrow to tell a direction, shape (n,)."""
    return ~(shoulder_width(body) < MIN_WIDTH_PX)


def best_reading(name: str, body: Body, gate: Gate, angle: Callable[[Body], FloatArray]) -> tuple[FloatArray, float]:
    """``angle`` of a body, degrees, shape (n,), as the mean of both readings; and one sigma of its error.

    Parameters
    ----------
    name : str
        Of the published error, beside which ``NAME.alone`` is that without a second reading.
    gate : Gate
        Where the angle is measured.
    angle : callable
        From a body's ``points`` to degrees, one a sample.
    """
    value = angle(body)
    width = np.where(gate.open, shoulder_width(body), np.nan)
    pixel = _PIXEL_DEG / float(np.nanmedian(width)) if np.isfinite(width).any() else 0.0
    half = _half_difference(body, gate, angle)
    if not half.size:
        return value, float(np.hypot(published(f"{name}.alone"), pixel))
    shift = float(np.median(half))
    return value + shift, float(np.sqrt(published(name) ** 2 + shift**2 + pixel**2))


def _half_difference(body: Body, gate: Gate, angle: Callable[[Body], FloatArray]) -> FloatArray:
    """Mirrored minus direct reading, halved, where both are there: degrees, shape (k,)."""
    mirrored = body.track.mirrored
    if mirrored is None:
        return np.empty(0)
    usable = body.usable[mirrored.sample, :, None]
    direct = replace(body, points=np.where(usable, body.track.points[mirrored.sample], np.nan))
    second = replace(body, points=np.where(usable, mirrored.points, np.nan))
    difference = (angle(second) - angle(direct) + 180) % 360 - 180
    return np.asarray(difference[gate.open[mirrored.sample] & np.isfinite(difference)] / 2, dtype=np.float64)
