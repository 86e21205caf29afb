"""What only the front view shows: how level head and shoulders are, and how upright the trunk is sideways.

All three are positive towards the person's own left: tipping as one piece to the left makes all of them positive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Camera, Measure
from liyi.core.reasons import Reason
from posture.measures.errors import CLOSE_UP_GAIN, CLOSE_UP_SPREAD
from posture.measures.gating import Gate, from_front, gated_trace
from posture.measures.geometry import distance, joint, lean_deg, line_tilt_deg, middle, unit
from posture.measures.second import best_reading, large_enough
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import BoolArray, FloatArray, Trace
    from posture.body import Body

FRONT: frozenset[Camera] = frozenset({"front"})

# Nose tip ahead of the middle of the ears, over their distance, in the studio's head; times the tangent of the 30
# degrees beyond which a head is no longer seen from the front.
NOSE_AHEAD = 0.68
_HEAD_TURNED = 0.39
_FACE = (
    Joint.LEFT_EAR,
    Joint.RIGHT_EAR,
    Joint.NOSE,
    Joint.LEFT_EYE,
    Joint.RIGHT_EYE,
    Joint.MOUTH_LEFT,
    Joint.MOUTH_RIGHT,
)


def roll_of_pose(body: Body) -> tuple[Gate, FloatArray, float]:
    """Roll of the head by the pose: where it is measured, degrees (n,) positive to the own left, and its error.

    Mean of two directions whose errors differ: the line through the ears, and the face's axis from mouth to eyes.
    Not measured while the head is turned aside, where nodding would read as rolling.
    """
    gate = _facing_head(body, _level(body, *_FACE))
    return gate, *best_reading("head_roll", body, gate, _roll_deg)


def shoulder_tilt(body: Body, params: Mapping[str, Any]) -> Trace:
    """Tilt of the line through the shoulders: degrees, positive where the left shoulder is lower.

    Where the hips are not in the picture the model levels the shoulders by a fifth: that is given back, with a wider
    error.
    """
    gate = _level(body, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    value, error = best_reading("shoulder_tilt", body, gate, _shoulders_deg)
    hips = body.usable[:, [Joint.LEFT_HIP, Joint.RIGHT_HIP]].all(axis=1)
    if 2 * np.sum(gate.open & hips) < gate.open.sum():
        value = value / CLOSE_UP_GAIN
        spread = CLOSE_UP_SPREAD * float(np.median(np.abs(value[gate.open])))
        error = float(np.hypot(error, spread)) / CLOSE_UP_GAIN
    return gated_trace("shoulder_tilt", "deg", body, value, gate, error)


def trunk_side_lean(body: Body, params: Mapping[str, Any]) -> Trace:
    """Sideways lean of the line from mid-hip to mid-shoulder: degrees, positive towards the person's own left."""
    gate = _level(body, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP)
    value, error = best_reading("trunk_side_lean", body, gate, _trunk_deg)
    return gated_trace("trunk_side_lean", "deg", body, value, gate, error)


def _level(body: Body, *joints: Joint) -> Gate:
    return from_front(body, *joints).need(large_enough(body), Reason.TOO_SMALL)


def _roll_deg(body: Body) -> FloatArray:
    left, right = joint(body, Joint.LEFT_EAR), joint(body, Joint.RIGHT_EAR)
    mouth = middle(body, Joint.MOUTH_LEFT, Joint.MOUTH_RIGHT)
    up = unit(middle(body, Joint.LEFT_EYE, Joint.RIGHT_EYE) - mouth)
    across = unit(left - right) + np.column_stack([-up[:, 1], up[:, 0]])  # the axis turned onto the ears' line
    return line_tilt_deg(across, np.zeros_like(across))


def _shoulders_deg(body: Body) -> FloatArray:
    return line_tilt_deg(joint(body, Joint.LEFT_SHOULDER), joint(body, Joint.RIGHT_SHOULDER))


def _trunk_deg(body: Body) -> FloatArray:
    top = middle(body, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)
    return lean_deg(top, middle(body, Joint.LEFT_HIP, Joint.RIGHT_HIP))


def _facing_head(body: Body, gate: Gate) -> Gate:
    left, right = joint(body, Joint.LEFT_EAR), joint(body, Joint.RIGHT_EAR)
    width = distance(left, right)
    along = np.sum((joint(body, Joint.NOSE) - (left + right) / 2) * (left - right), axis=1)
    # `along` is the nose's offset on the ear line times its length: compare without dividing by a width of 0.
    facing: BoolArray = ~(np.abs(along) > _HEAD_TURNED * width**2)
    return gate.need(facing, Reason.HEAD_TURNED)


MEASURES = (
    Measure("shoulder_tilt", "deg", "trace", shoulder_tilt, FRONT, ("shoulders",)),
    Measure("trunk_side_lean", "deg", "trace", trunk_side_lean, FRONT, ("shoulders", "hips")),
)
