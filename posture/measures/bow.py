"""Bows seen from the side: the trunk bends forward and is upright again within a few seconds.

What belongs here: finding them, so that a bow that is due is not read as a posture that is held. A hand that reaches
for a paper and comes back looks the same from the side: that is no posture either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Attribute, Happened, Line
from liyi.core.smoothing import rolling_median
from liyi.core.timeline import Timeline
from liyi.core.trace import Event
from posture.measures.declare import measure
from posture.measures.gating import Gate, seconds
from posture.measures.geometry import lean_deg, middle
from posture.skeleton import HIPS, SHOULDERS, TRUNK, TRUNK_LINE
from posture.track import Joint
from posture.view import SIDE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import BoolArray, FloatArray, Interval
    from posture.body import Body

_TURN_S = 1.0  # nobody turns round twice within this; the model's left and right swap for single samples

# A bow bends by 15, 30 or 45 degrees and takes 2 to 5 s, 7 at most, with its hold (norms G01, G03). It begins and ends
# where the trunk is more than 4 degrees off its own usual lean, beyond what a reading of somebody still wanders.
BEGUN_DEG = 4.0
_LEAST_DEG, _HELD = 10.0, 0.85
_LEAST_S, _MOST_S = 0.8, 7.0
_USUAL_S = 20.0  # a median over this is the upright lean, whatever one bow in it does
_UPRIGHT_S = 0.5  # before and after
_MOST_SHARE = 0.4  # who is bent for more of the time rocks or works bent over: then nothing is a bow


@measure(
    "bow",
    kind="events",
    unit="s",
    cameras={"side"},
    joints=TRUNK,
    attributes={"angle": Attribute("deg", "bow.angle"), "hold": Attribute("s", "bow")},
    shows=Line((TRUNK_LINE,), "plumb"),
)
def bow(body: Body, gate: Gate, params: Mapping[str, Any]) -> Happened:
    """Bending the trunk forward and rising again within seconds, as in a bow; ``angle`` from one's own usual lean.

    ``hold`` is the time within 15 % of that angle.
    """
    lean = np.where(gate.open, forward_lean_deg(body), np.nan)
    items = []
    for stretch in _bows(body.t, lean):
        inside = stretch.covers(body.t)
        angle = _excess_deg(body.t, lean)[inside]
        most = float(np.nanmax(angle))
        hold = seconds(body.t[inside], angle >= _HELD * most)
        items.append(Event(stretch.start_s, stretch.end_s, {"angle": most, "hold": hold}, f"{most:.0f} deg"))
    return Happened(tuple(items), seconds(body.t, gate.open), reason=gate.reason)


def bowing(body: Body) -> BoolArray:
    """Samples that belong to a bow, shape (n,)."""
    lean = np.where(body.view == SIDE, forward_lean_deg(body), np.nan)
    mask = np.zeros(body.t.size, dtype=np.bool_)
    for stretch in _bows(body.t, lean):
        mask |= stretch.covers(body.t)
    return mask


def forward(body: Body) -> FloatArray:
    """Which way the body faces in the picture, shape (n,): +1 to the right, -1 to the left, NaN where unknown.

    By the depth of the shoulders, not by the head: somebody seen from the side may look at the camera. Facing the
    picture's left, the left shoulder is the nearer one.
    """
    depth = body.track.world[:, Joint.LEFT_SHOULDER, 2] - body.track.world[:, Joint.RIGHT_SHOULDER, 2]
    return np.sign(rolling_median(body.t, np.asarray(depth, dtype=np.float64), _TURN_S))


def forward_lean_deg(body: Body) -> FloatArray:
    """Lean of the line from mid-hip to mid-shoulder as it is read, shape (n,), degrees, forward positive."""
    return forward(body) * lean_deg(middle(body, *SHOULDERS), middle(body, *HIPS))


def _excess_deg(t: FloatArray, lean: FloatArray) -> FloatArray:
    """How far the trunk leans forward of its usual lean within `_USUAL_S`, shape (n,)."""
    return lean - rolling_median(t, lean, _USUAL_S)


def _bows(t: FloatArray, lean: FloatArray) -> list[Interval]:
    """Stretches of a lean (n,) in degrees that begin upright, bend far enough, and end upright soon enough."""
    if t.size == 0:
        return []
    excess = _excess_deg(t, lean)
    bent = Timeline.where(t, excess > BEGUN_DEG)
    found = [stretch for stretch in bent.lasting(_LEAST_S) if _is_bow(t, excess, stretch)]
    watched_s = seconds(t, np.isfinite(excess))
    return found if sum(stretch.duration_s for stretch in found) <= _MOST_SHARE * watched_s else []


def _is_bow(t: FloatArray, excess: FloatArray, stretch: Interval) -> bool:
    before = (t >= stretch.start_s - _UPRIGHT_S) & (t < stretch.start_s)
    after = (t >= stretch.end_s) & (t < stretch.end_s + _UPRIGHT_S)
    upright = all(side.any() and np.all(np.abs(excess[side]) <= BEGUN_DEG) for side in (before, after))
    return upright and stretch.duration_s <= _MOST_S and bool(np.nanmax(excess[stretch.covers(t)]) >= _LEAST_DEG)
