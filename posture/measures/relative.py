"""Measures against the person's own calibration stretch: sitting tall, and keeping the shoulders towards the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Line, OverTime
from liyi.core.reasons import Reason
from posture.measures.declare import measure
from posture.measures.gating import Gate, gated
from posture.measures.geometry import height_above_line, joint, shoulder_width
from posture.skeleton import HEAD_AND_SHOULDERS, NOSE_TO_SHOULDERS, SHOULDER_LINE, SHOULDERS
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import FloatArray
    from posture.body import Body


@measure(
    "upright_ratio",
    kind="trace",
    unit="%",
    cameras={"front"},
    joints=HEAD_AND_SHOULDERS,
    shows=Line((NOSE_TO_SHOULDERS, SHOULDER_LINE)),
)
def upright_ratio(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Height of the nose above the shoulder line over shoulder width, in percent of that in the calibration stretch.

    Slouching brings the head forward and down, so the ratio falls below 100. Shoulder width is taken as it would be
    seen square-on, so that turning does not read as growing.
    """
    left, right = (joint(body, shoulder) for shoulder in SHOULDERS)
    width = shoulder_width(body) / np.cos(np.radians(body.yaw))
    gate = gate.need(width > 0, Reason.IMPLAUSIBLE)
    ratio = height_above_line(joint(body, Joint.NOSE), left, right) / width
    own = _calibration_median(body, np.where(gate.open, ratio, np.nan))
    gate = gate.need(own > 0, Reason.NO_CALIBRATION)
    return gated(body, 100 * ratio / own, gate)


@measure("facing", kind="trace", unit="deg", cameras={"front", "oblique"}, shows=Line((SHOULDER_LINE,)))
def facing(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """How far the shoulders are turned away: degrees in 0..180, 0 facing.

    From the direction of the calibration stretch where there is one, so that a camera beside the partner's face does
    no harm; else from the camera.
    """
    depth = body.track.world[:, Joint.LEFT_SHOULDER, 2] - body.track.world[:, Joint.RIGHT_SHOULDER, 2]
    turned = np.where(depth < 0, -body.yaw, body.yaw)  # to the left the left shoulder goes back
    own = _calibration_median(body, turned)
    away = turned - (own if np.isfinite(own) else 0.0)
    value = np.abs((away + 180) % 360 - 180)
    return gated(body, value, gate.need(np.isfinite(turned), Reason.SHOULDERS_OUT_OF_FRAME))


def _calibration_median(body: Body, value: FloatArray) -> float:
    """Median of ``value`` (n,) over the calibration stretch; NaN without one or when nothing was measured in it."""
    if body.calibration is None:
        return float("nan")
    within = (body.t >= body.calibration.start_s) & (body.t <= body.calibration.end_s) & np.isfinite(value)
    return float(np.median(value[within])) if within.any() else float("nan")
