"""Measures against the person's own calibration stretch: sitting tall, and keeping the shoulders towards the camera."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Measure
from liyi.core.reasons import Reason
from posture.measures.errors import ERROR
from posture.measures.gating import from_camera, from_front, gated_trace
from posture.measures.geometry import height_above_line, joint, shoulder_width
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import FloatArray, Trace
    from posture.body import Body


def upright_ratio(body: Body, params: Mapping[str, Any]) -> Trace:
    """Height of the nose above the shoulder line over shoulder width, in percent of that in the calibration stretch.

    Slouching brings the head forward and down, so the ratio falls below 100. Shoulder width is taken as it would be
    seen square-on, so that turning does not read as growing.
    """
    left, right = joint(body, Joint.LEFT_SHOULDER), joint(body, Joint.RIGHT_SHOULDER)
    gate = from_front(body, Joint.NOSE, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    width = shoulder_width(body) / np.cos(np.radians(body.yaw))
    gate = gate.need(width > 0, Reason.IMPLAUSIBLE)
    ratio = height_above_line(joint(body, Joint.NOSE), left, right) / width
    own = _calibration_median(body, np.where(gate.open, ratio, np.nan))
    gate = gate.need(own > 0, Reason.NO_CALIBRATION)
    return gated_trace("upright_ratio", "%", body, 100 * ratio / own, gate, ERROR["upright_ratio"])


def facing(body: Body, params: Mapping[str, Any]) -> Trace:
    """How far the shoulders are turned away: degrees in 0..180, 0 facing.

    From the direction of the calibration stretch where there is one, so that a camera beside the partner's face does
    no harm; else from the camera.
    """
    depth = body.track.world[:, Joint.LEFT_SHOULDER, 2] - body.track.world[:, Joint.RIGHT_SHOULDER, 2]
    turned = np.where(depth < 0, -body.yaw, body.yaw)  # to the left the left shoulder goes back
    own = _calibration_median(body, turned)
    away = turned - (own if np.isfinite(own) else 0.0)
    value = np.abs((away + 180) % 360 - 180)
    gate = from_camera(body, "front", "oblique").need(np.isfinite(turned), Reason.SHOULDERS_OUT_OF_FRAME)
    return gated_trace("facing", "deg", body, value, gate, ERROR["facing"])


def _calibration_median(body: Body, value: FloatArray) -> float:
    """Median of ``value`` (n,) over the calibration stretch; NaN without one or when nothing was measured in it."""
    if body.calibration is None:
        return float("nan")
    within = (body.t >= body.calibration.start_s) & (body.t <= body.calibration.end_s) & np.isfinite(value)
    return float(np.median(value[within])) if within.any() else float("nan")


MEASURES = (
    Measure("upright_ratio", "%", "trace", upright_ratio, frozenset({"front"}), ("head", "shoulders", "calibration")),
    Measure("facing", "deg", "trace", facing, frozenset({"front", "oblique"}), ("shoulders",)),
)
