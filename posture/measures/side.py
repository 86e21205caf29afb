"""Measures that only the side view shows: how upright trunk and head are fore and aft, and the angles of sitting.

Forward is positive whichever side of the person is seen. Shoulders, hips and ears enter as midpoints of left and right:
from the side the two fall together, and a little twist (walking, a camera not quite at 90 degrees) cancels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Line, OverTime
from liyi.core.reasons import Reason
from posture.errors import published
from posture.measures.bow import bowing, forward, forward_lean_deg
from posture.measures.declare import measure
from posture.measures.gating import Gate, gated, while_sitting
from posture.measures.geometry import angle_between_deg, distance, joint, middle
from posture.skeleton import EARS, HIPS, LEFT_LEG, RIGHT_LEG, SHOULDERS, TRUNK, TRUNK_LINE, both_sides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import BoolArray, FloatArray
    from posture.body import Body


@measure(
    "trunk_forward_lean",
    kind="trace",
    unit="deg",
    cameras={"side"},
    joints=TRUNK,
    shows=Line((TRUNK_LINE,), "plumb"),
)
def trunk_forward_lean(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Lean of the line from mid-hip to mid-shoulder: degrees, forward positive; a bow is left out."""
    bias = published(f"trunk_forward_lean.{'bias_sitting' if body.position == 'sitting' else 'bias'}")
    return gated(body, forward_lean_deg(body) - bias, _unbowed(body, gate))


@measure(
    "head_forward",
    kind="trace",
    unit="ratio",
    cameras={"side"},
    joints=(*EARS, *TRUNK),
    shows=Line(both_sides("SHOULDER", "EAR"), "plumb"),
)
def head_forward(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Horizontal distance of mid-ear ahead of mid-shoulder over torso length: a ratio, forward positive.

    A bow is left out, in which the ears are ahead as they should be.
    """
    ear, shoulder = middle(body, *EARS), _mid_shoulder(body)
    torso = distance(shoulder, _mid_hip(body))
    ahead = forward(body) * (ear - shoulder)[:, 0] / np.where(torso > 0, torso, np.nan)
    gate = _unbowed(body, gate).need(~(torso <= 0), Reason.IMPLAUSIBLE)
    return gated(body, ahead - published("head_forward.bias"), gate)


@measure(
    "hip_angle",
    kind="trace",
    unit="deg",
    cameras={"side"},
    joints=TRUNK,
    shows=Line(both_sides("SHOULDER", "HIP", "KNEE")),
)
def hip_angle(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Angle between trunk (mid-hip to mid-shoulder) and near thigh (hip to knee), sitting: degrees, 180 straight.

    A bow is left out.
    """
    hip, knee, _ = _near_leg(body)
    value = angle_between_deg(_mid_shoulder(body) - _mid_hip(body), knee - hip) - published("hip_angle.bias")
    gate = while_sitting(body, gate).need(_near_leg_usable(body, 2), Reason.LEGS_OUT_OF_FRAME)
    return gated(body, value, _unbowed(body, gate))


@measure("knee_angle", kind="trace", unit="deg", cameras={"side"}, shows=Line(both_sides("HIP", "KNEE", "ANKLE")))
def knee_angle(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Angle at the near knee between hip and ankle while sitting: degrees, 180 straight."""
    hip, knee, ankle = _near_leg(body)
    gate = while_sitting(body, gate).need(_near_leg_usable(body, 3), Reason.LEGS_OUT_OF_FRAME)
    value = angle_between_deg(hip - knee, ankle - knee) - published("knee_angle.bias")
    return gated(body, value, gate)


def _unbowed(body: Body, gate: Gate) -> Gate:
    return gate.need(~bowing(body), Reason.BOWING)


def _mid_shoulder(body: Body) -> FloatArray:
    return middle(body, *SHOULDERS)


def _mid_hip(body: Body) -> FloatArray:
    return middle(body, *HIPS)


def _near_leg(body: Body) -> list[FloatArray]:
    left_is_near = (forward(body) < 0)[:, None]
    pairs = zip(LEFT_LEG, RIGHT_LEG, strict=True)
    return [np.where(left_is_near, joint(body, left), joint(body, right)) for left, right in pairs]


def _near_leg_usable(body: Body, joints: int) -> BoolArray:
    """Whether hip and knee (2) or hip, knee and ankle (3) of the near leg are usable, shape (n,)."""
    left = body.usable[:, LEFT_LEG[:joints]].all(axis=1)
    right = body.usable[:, RIGHT_LEG[:joints]].all(axis=1)
    return np.asarray(np.where(forward(body) < 0, left, right), dtype=np.bool_)
