"""What only the front view shows: how level head and shoulders are, and how upright the trunk is sideways.

All three are positive towards the person's own left: tipping as one piece to the left makes all of them positive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Line, OverTime
from liyi.core.reasons import Reason
from posture.errors import published
from posture.measures.declare import measure
from posture.measures.gating import Gate, from_front, gated
from posture.measures.geometry import distance, joint, lean_deg, line_tilt_deg, middle, unit
from posture.measures.second import best_reading, large_enough
from posture.skeleton import EARS, EYES, FACE, HIPS, MOUTH, SHOULDER_LINE, SHOULDERS, TRUNK, TRUNK_LINE
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import BoolArray, FloatArray
    from posture.body import Body

# Nose tip ahead of the middle of the ears, over their distance, in the studio's head; times the tangent of the 30
# degrees beyond which a head is no longer seen from the front.
NOSE_AHEAD = 0.68
_HEAD_TURNED = 0.39


def roll_of_pose(body: Body) -> tuple[Gate, FloatArray, float]:
    """Roll of the head by the pose: where it is measured, degrees (n,) positive to the own left, and its error.

    Mean of two directions whose errors differ: the line through the ears, and the face's axis from mouth to eyes.
    Not measured while the head is turned aside, where nodding would read as rolling.
    """
    gate = _facing_head(body, _large(body, from_front(body, *FACE)))
    return gate, *best_reading("head_roll.pose", body, gate, _roll_deg)


@measure(
    "shoulder_tilt",
    kind="trace",
    unit="deg",
    cameras={"front"},
    joints=SHOULDERS,
    error=("shoulder_tilt", "shoulder_tilt.alone"),
    shows=Line((SHOULDER_LINE,), "level"),
)
def shoulder_tilt(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Tilt of the line through the shoulders: degrees, positive where the left shoulder is lower.

    Where the hips are not in the picture the model levels the shoulders by a fifth: that is given back, with a wider
    error.
    """
    gate = _large(body, gate)
    value, error = best_reading("shoulder_tilt", body, gate, _shoulders_deg)
    hips = body.usable[:, HIPS].all(axis=1)
    if 2 * np.sum(gate.open & hips) < gate.open.sum():
        gain = published("shoulder_tilt.close_up_gain")
        value = value / gain
        spread = published("shoulder_tilt.close_up_spread") * float(np.median(np.abs(value[gate.open])))
        error = float(np.hypot(error, spread)) / gain
    return gated(body, value, gate, error)


@measure(
    "trunk_side_lean",
    kind="trace",
    unit="deg",
    cameras={"front"},
    joints=TRUNK,
    error=("trunk_side_lean", "trunk_side_lean.alone"),
    shows=Line((TRUNK_LINE,), "plumb"),
)
def trunk_side_lean(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Sideways lean of the line from mid-hip to mid-shoulder: degrees, positive towards the person's own left."""
    gate = _large(body, gate)
    value, error = best_reading("trunk_side_lean", body, gate, _trunk_deg)
    return gated(body, value, gate, error)


def _large(body: Body, gate: Gate) -> Gate:
    return gate.need(large_enough(body), Reason.TOO_SMALL)


def _roll_deg(body: Body) -> FloatArray:
    left, right = (joint(body, ear) for ear in EARS)
    mouth = middle(body, *MOUTH)
    up = unit(middle(body, *EYES) - mouth)
    across = unit(left - right) + np.column_stack([-up[:, 1], up[:, 0]])  # the axis turned onto the ears' line
    return line_tilt_deg(across, np.zeros_like(across))


def _shoulders_deg(body: Body) -> FloatArray:
    return line_tilt_deg(*(joint(body, shoulder) for shoulder in SHOULDERS))


def _trunk_deg(body: Body) -> FloatArray:
    return lean_deg(middle(body, *SHOULDERS), middle(body, *HIPS))


def _facing_head(body: Body, gate: Gate) -> Gate:
    left, right = (joint(body, ear) for ear in EARS)
    width = distance(left, right)
    along = np.sum((joint(body, Joint.NOSE) - (left + right) / 2) * (left - right), axis=1)
    # `along` is the nose's offset on the ear line times its length: compare without dividing by a width of 0.
    facing: BoolArray = ~(np.abs(along) > _HEAD_TURNED * width**2)
    return gate.need(facing, Reason.HEAD_TURNED)
