"""Measures that only the side view shows: how upright trunk and head are fore and aft, and the angles of sitting.

Forward is positive whichever side of the person is seen. Shoulders, hips and ears enter as midpoints of left and right:
from the side the two fall together, and a little twist (walking, a camera not quite at 90 degrees) cancels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Camera, Measure
from liyi.core.reasons import Reason
from liyi.core.smoothing import rolling_median
from posture.measures.errors import BIAS, ERROR
from posture.measures.gating import from_side, gated_trace, while_sitting
from posture.measures.geometry import angle_between_deg, distance, joint, lean_deg, middle
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import BoolArray, FloatArray, Trace
    from posture.body import Body

SIDE: frozenset[Camera] = frozenset({"side"})
_TRUNK = (Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER, Joint.LEFT_HIP, Joint.RIGHT_HIP)
_LEFT_LEG = (Joint.LEFT_HIP, Joint.LEFT_KNEE, Joint.LEFT_ANKLE)
_RIGHT_LEG = (Joint.RIGHT_HIP, Joint.RIGHT_KNEE, Joint.RIGHT_ANKLE)

_TURN_S = 1.0  # nobody turns round twice within this; the model's left and right swap for single samples


def trunk_forward_lean(body: Body, params: Mapping[str, Any]) -> Trace:
    """Lean of the line from mid-hip to mid-shoulder: degrees, forward positive."""
    top, base = _mid_shoulder(body), _mid_hip(body)
    bias = BIAS["trunk_forward_lean_sitting" if body.position == "sitting" else "trunk_forward_lean"]
    value = forward(body) * lean_deg(top, base) - bias
    return gated_trace("trunk_forward_lean", "deg", body, value, from_side(body, *_TRUNK), ERROR["trunk_forward_lean"])


def head_forward(body: Body, params: Mapping[str, Any]) -> Trace:
    """Horizontal distance of mid-ear ahead of mid-shoulder over torso length: a ratio, forward positive."""
    ear, shoulder = middle(body, Joint.LEFT_EAR, Joint.RIGHT_EAR), _mid_shoulder(body)
    torso = distance(shoulder, _mid_hip(body))
    gate = from_side(body, Joint.LEFT_EAR, Joint.RIGHT_EAR, *_TRUNK).need(~(torso <= 0), Reason.IMPLAUSIBLE)
    value = forward(body) * (ear - shoulder)[:, 0] / np.where(torso > 0, torso, np.nan) - BIAS["head_forward"]
    return gated_trace("head_forward", "ratio", body, value, gate, ERROR["head_forward"])


def hip_angle(body: Body, params: Mapping[str, Any]) -> Trace:
    """Angle between trunk (mid-hip to mid-shoulder) and near thigh (hip to knee), sitting: degrees, 180 straight."""
    hip, knee, _ = _near_leg(body)
    value = angle_between_deg(_mid_shoulder(body) - _mid_hip(body), knee - hip) - BIAS["hip_angle"]
    gate = while_sitting(body, from_side(body, *_TRUNK)).need(_near_leg_usable(body, 2), Reason.LEGS_OUT_OF_FRAME)
    return gated_trace("hip_angle", "deg", body, value, gate, ERROR["hip_angle"])


def knee_angle(body: Body, params: Mapping[str, Any]) -> Trace:
    """Angle at the near knee between hip and ankle while sitting: degrees, 180 straight."""
    hip, knee, ankle = _near_leg(body)
    gate = while_sitting(body, from_side(body)).need(_near_leg_usable(body, 3), Reason.LEGS_OUT_OF_FRAME)
    value = angle_between_deg(hip - knee, ankle - knee) - BIAS["knee_angle"]
    return gated_trace("knee_angle", "deg", body, value, gate, ERROR["knee_angle"])


def forward(body: Body) -> FloatArray:
    """Which way the body faces in the picture, shape (n,): +1 to the right, -1 to the left, NaN where unknown.

    By the depth of the shoulders, not by the head: somebody seen from the side may look at the camera. Facing the
    picture's left, the left shoulder is the nearer one.
    """
    depth = body.track.world[:, Joint.LEFT_SHOULDER, 2] - body.track.world[:, Joint.RIGHT_SHOULDER, 2]
    return np.sign(rolling_median(body.t, np.asarray(depth, dtype=np.float64), _TURN_S))


def _mid_shoulder(body: Body) -> FloatArray:
    return middle(body, Joint.LEFT_SHOULDER, Joint.RIGHT_SHOULDER)


def _mid_hip(body: Body) -> FloatArray:
    return middle(body, Joint.LEFT_HIP, Joint.RIGHT_HIP)


def _near_leg(body: Body) -> list[FloatArray]:
    left_is_near = (forward(body) < 0)[:, None]
    pairs = zip(_LEFT_LEG, _RIGHT_LEG, strict=True)
    return [np.where(left_is_near, joint(body, left), joint(body, right)) for left, right in pairs]


def _near_leg_usable(body: Body, joints: int) -> BoolArray:
    """Whether hip and knee (2) or hip, knee and ankle (3) of the near leg are usable, shape (n,)."""
    left = body.usable[:, _LEFT_LEG[:joints]].all(axis=1)
    right = body.usable[:, _RIGHT_LEG[:joints]].all(axis=1)
    return np.asarray(np.where(forward(body) < 0, left, right), dtype=np.bool_)


MEASURES = (
    Measure("trunk_forward_lean", "deg", "trace", trunk_forward_lean, SIDE, ("shoulders", "hips")),
    Measure("head_forward", "ratio", "trace", head_forward, SIDE, ("head", "shoulders", "hips")),
    Measure("hip_angle", "deg", "trace", hip_angle, SIDE, ("shoulders", "hips", "legs", "sitting")),
    Measure("knee_angle", "deg", "trace", knee_angle, SIDE, ("hips", "legs", "sitting")),
)
