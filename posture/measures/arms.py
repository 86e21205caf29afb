"""Postures of the arms, as events from the front: crossed arms, hands on hips, hands folded low, chin propped.

Distances are in shoulder widths as they would be seen square-on. An event begins where every condition of its geometry
holds and lasts while the conditions loosened by `_LOOSER` hold, so that trembling at a threshold makes one event and
not many. Stretches in which only the conditions loosened by `_OUTER` come true are undecided: a person should look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Attribute, Happened, Line
from liyi.core.smoothing import hysteresis, sample_interval_s
from liyi.core.timeline import Timeline
from liyi.core.trace import BoolArray, Event, FloatArray
from posture.measures.declare import measure
from posture.measures.gating import Gate
from posture.measures.geometry import (
    TRAVEL_S,
    Points,
    angle_between_deg,
    distance,
    height_above_line,
    joint,
    middle,
    square_on_width,
    travel,
    unit,
)
from posture.skeleton import ARM_LINES, ARMS, EARS, HIPS, LEFT_ARM, MOUTH, RIGHT_ARM, SHOULDERS
from posture.track import Joint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from posture.body import Body

_LOOSER = 1.15  # above the trembling of a held pose, below the distance to the next posture
# The outer limits: what lies beyond is none of the posture. In between people with and without it were met.
_OUTER = 1.33
_WRISTS_PAST = 0.9  # crossed arms bring each wrist at most so far past the other; further are limbs of two people
_GAP_S = 0.5  # a posture is not left and taken up again within half a second


@dataclass(frozen=True)
class _Arm:
    """One arm in the picture: pixels, shape (n, 2)."""

    shoulder: Points
    elbow: Points
    wrist: Points

    @property
    def elbow_deg(self) -> FloatArray:
        """Angle at the elbow, shape (n,): 180 straight."""
        return angle_between_deg(self.shoulder - self.elbow, self.wrist - self.elbow)


@measure(
    "crossed_arms",
    kind="events",
    unit="s",
    picture=0.0,
    cameras={"front"},
    joints=ARMS,
    # Crossed arms read 0.16-0.36 on rendered people, 0.25-0.79 on nine people in photos and their copies: one hand
    # hides, its wrist alone reads up to 0.95. The wrists are -0.61 to 0.24 apart, 0.69-0.97 down, from 0.2 above
    # to 0.1 below their elbows. Hands joined in a lap read 0.97 and hang 0.6 below the elbows.
    params={
        "wrist_to_elbow": 0.62,
        "wrists_apart": 0.05,
        "wrist_drop": 1.05,
        "below_elbow": 0.2,
        "above_elbow": 0.3,
        "min_s": 1.0,
    },
    attributes={"wrist_to_elbow": Attribute("ratio"), "wrist_drop": Attribute("ratio")},
    shows=Line(ARM_LINES),
)
def crossed_arms(body: Body, gate: Gate, params: Mapping[str, Any]) -> Happened:
    """Wrists at the other arm's elbow, past each other, level with the elbows, below the shoulders and above the waist.

    One hand mostly hides behind the other arm, where the model guesses it: both distances count together.
    """
    left, right = _arms(body)
    width = square_on_width(body)
    reach = (distance(left.wrist, right.elbow) + distance(right.wrist, left.elbow)) / 2 / width
    drops = [-height_above_line(arm.wrist, left.shoulder, right.shoulder) / width for arm in (left, right)]
    elbows = [-height_above_line(arm.elbow, left.shoulder, right.shoulder) / width for arm in (left, right)]
    hangs = np.maximum(*(wrist - elbow for wrist, elbow in zip(drops, elbows, strict=True)))
    raised = np.maximum(*(elbow - wrist for wrist, elbow in zip(drops, elbows, strict=True)))
    lowest, highest = np.maximum(*drops), np.minimum(*drops)
    apart = np.sum((left.wrist - right.wrist) * unit(left.shoulder - right.shoulder), axis=1) / width

    def holds(loose: float) -> BoolArray:
        near = (reach < loose * params["wrist_to_elbow"]) & (apart < params["wrists_apart"] + loose - 1)
        one_person = (apart > -_WRISTS_PAST) | (loose == _OUTER)
        level = (hangs < params["below_elbow"] * loose) & (raised < params["above_elbow"] * loose)
        low_enough = lowest < params["wrist_drop"] * (1 + (loose - 1) / 2)
        return np.asarray(near & one_person & level & low_enough & (highest > 0))

    return _events(body, gate, holds, params, {"wrist_to_elbow": reach, "wrist_drop": lowest})


@measure(
    "hands_on_hips",
    kind="events",
    unit="s",
    picture=0.0,
    cameras={"front"},
    joints=(*SHOULDERS, *HIPS),
    # On the hips, rendered and four people in photos: wrist 0.40-0.63 from the hip joint, 0.28-0.42 outside and
    # 0.22-0.53 above it; elbow 0.35-0.62 out (turned aside 0.29), 76-129 degrees. At the belt and in pockets the
    # wrist is at most 0.30 outside with the elbow 0.15 out, or 0.22; of crossed arms before the ribs 0.0.
    params={
        "wrist_to_hip": 0.70,
        "wrist_out": 0.26,
        "elbow_min_deg": 50,
        "elbow_max_deg": 130,
        "elbow_out": 0.32,
        "min_s": 1.0,
    },
    attributes={"hands": Attribute("count")},
    shows=Line(ARM_LINES),
)
def hands_on_hips(body: Body, gate: Gate, params: Mapping[str, Any]) -> Happened:
    """At least one wrist beside and above the hip of its own side, with the elbow bent and out beside the shoulder."""
    left, right = _arms(body)
    width = square_on_width(body)
    outward = unit(left.shoulder - right.shoulder)

    def arm_holds(arm: _Arm, hip: Joint, out: Points, loose: float) -> BoolArray:
        from_hip = arm.wrist - joint(body, hip)
        near = np.hypot(*from_hip.T) < loose * params["wrist_to_hip"] * width
        beside = (np.sum(from_hip * out, axis=1) > params["wrist_out"] / loose * width) & (from_hip[:, 1] < 0)
        straight = 180 - (180 - params["elbow_max_deg"]) / loose
        bent = (arm.elbow_deg > params["elbow_min_deg"] / loose) & (arm.elbow_deg < straight)
        wide = np.sum((arm.elbow - arm.shoulder) * out, axis=1) > params["elbow_out"] / loose * width
        return np.asarray(near & beside & bent & wide)

    def each(loose: float) -> tuple[BoolArray, BoolArray]:
        return arm_holds(left, Joint.LEFT_HIP, outward, loose), arm_holds(right, Joint.RIGHT_HIP, -outward, loose)

    gate = _either_arm(body, gate, each)
    hands = np.sum(each(_LOOSER), axis=0).astype(np.float64)
    return _events(body, gate, lambda loose: np.logical_or(*each(loose)), params, {"hands": hands})


@measure(
    "hands_folded_low",
    kind="events",
    unit="s",
    picture=0.0,
    cameras={"front"},
    joints=(*ARMS, *HIPS),
    # Folded: wrists 0.29-0.43 apart, hands 0.80-1.10 of the trunk down, elbows 109-145 degrees; hands on the
    # thighs are 0.66 and more apart.
    params={"wrists_apart": 0.55, "aside": 0.25, "drop_min": 0.67, "drop_max": 1.2, "elbow_min_deg": 90, "min_s": 1.0},
    attributes={"wrists_apart": Attribute("ratio"), "drop": Attribute("ratio")},
    shows=Line(ARM_LINES),
)
def hands_folded_low(body: Body, gate: Gate, params: Mapping[str, Any]) -> Happened:
    """Wrists together before the lower trunk, elbows open: the correct stance with folded hands (前腹式)."""
    left, right = _arms(body)
    width = square_on_width(body)
    top, base = middle(body, *SHOULDERS), middle(body, *HIPS)
    hands = (left.wrist + right.wrist) / 2
    down = unit(base - top)
    drop = np.sum((hands - top) * down, axis=1) / np.sum((base - top) * down, axis=1)
    aside = np.abs((hands - top)[:, 0] * down[:, 1] - (hands - top)[:, 1] * down[:, 0]) / width
    apart = distance(left.wrist, right.wrist) / width
    elbow_deg = np.minimum(left.elbow_deg, right.elbow_deg)

    def holds(loose: float) -> BoolArray:
        low = (drop > params["drop_min"] / loose) & (drop < params["drop_max"] * loose)
        together = (apart < loose * params["wrists_apart"]) & (aside < loose * params["aside"])
        return np.asarray(low & together & (elbow_deg > params["elbow_min_deg"] / loose))

    return _events(body, gate, holds, params, {"wrists_apart": apart, "drop": drop})


@measure(
    "chin_prop",
    kind="events",
    unit="s",
    cameras={"front"},
    joints=(*SHOULDERS, *MOUTH, *EARS),
    # Norms 1.8; chin on hand reads 0.02-0.16, holding out a card 0.68. Of five people with a hand at the face for
    # 1.5 s only one propped it: weight shows in that the hand stays where it is, within `moves` a second.
    params={"hand_to_face": 0.35, "moves": 0.12, "min_s": 3.0, "perhaps_s": 1.5},
    attributes={"hand_to_face": Attribute("ratio")},
    shows=Line(ARM_LINES),
)
def chin_prop(body: Body, gate: Gate, params: Mapping[str, Any]) -> Happened:
    """A hand that rests at mouth or cheek, still against the face, with the elbow below the shoulder.

    A hand at the ear (a telephone), one that moves (drinking, scratching) and one that soon leaves are undecided.
    """
    arms = _arms(body)
    width = square_on_width(body)
    mouth = middle(body, *MOUTH)
    ears = tuple(joint(body, ear) for ear in EARS)
    hands = (joint(body, Joint.LEFT_INDEX), joint(body, Joint.RIGHT_INDEX))

    def reach(arm: _Arm, index: Points, spots: tuple[Points, ...]) -> FloatArray:
        nearest = np.fmin.reduce([distance(point, spot) for point in (arm.wrist, index) for spot in spots]) / width
        return np.where(arm.elbow[:, 1] > arm.shoulder[:, 1], nearest, np.inf)

    to_mouth, to_ear = (
        [reach(arm, index, spots) for arm, index in zip(arms, hands, strict=True)] for spots in ((mouth,), ears)
    )
    near = [np.fmin(*pair) for pair in zip(to_mouth, to_ear, strict=True)]
    resting = [
        (at_mouth <= at_ear) & _still(body.t, (arm.wrist - mouth) / width[:, None], params["moves"])
        for arm, at_mouth, at_ear in zip(arms, to_mouth, to_ear, strict=True)
    ]

    def each(loose: float) -> tuple[BoolArray, BoolArray]:
        limit = loose * params["hand_to_face"]
        return np.asarray(near[0] < limit), np.asarray(near[1] < limit)

    def holds(loose: float) -> BoolArray:
        if loose == _OUTER:  # a hand away from the face is not doubtful: here the doubt is what it does there
            return np.logical_or(*each(_LOOSER))
        return np.logical_or(*(at & still for at, still in zip(each(loose), resting, strict=True)))

    gate = _either_arm(body, gate, each)
    return _events(body, gate, holds, params, {"hand_to_face": np.fmin(*near)})


def _arms(body: Body) -> tuple[_Arm, _Arm]:
    left, right = (_Arm(*(joint(body, j) for j in arm)) for arm in (LEFT_ARM, RIGHT_ARM))
    return left, right


def _either_arm(body: Body, gate: Gate, each: Callable[[float], tuple[BoolArray, BoolArray]]) -> Gate:
    """``gate`` narrowed to what one arm can show: both arms usable, or the one that shows it."""
    shown = np.logical_or(*each(_OUTER))
    both = gate.need_joints(body, ARMS)
    return Gate(np.where(shown, gate.code, both.code))


def _events(
    body: Body,
    gate: Gate,
    holds: Callable[[float], BoolArray],
    params: Mapping[str, Any],
    attributes: Mapping[str, FloatArray],
) -> Happened:
    """Stretches in which ``holds(1)`` came true and ``holds(_LOOSER)`` stayed so, with the median of each attribute.

    Undecided are the stretches, apart from those, in which no more than ``holds(_OUTER)`` came true.
    """
    held = hysteresis(gate.open & holds(1.0), gate.open & holds(_LOOSER))
    items = _stretches(body.t, held, params["min_s"], attributes)
    perhaps = gate.open & holds(_OUTER) & ~items.covers(body.t)
    least_s = params.get("perhaps_s", params["min_s"])
    undecided = _stretches(body.t, perhaps, least_s, attributes, apart_from=items)
    watched = gate.open | items.covers(body.t)
    between_s = sample_interval_s(body.t) / 2  # nothing is seen to begin or end there
    spans = Timeline.where(body.t, watched)
    return Happened(items, spans.duration_s, None, gate.reason, undecided, spans, least_error=between_s)


def _stretches(
    t: FloatArray,
    held: BoolArray,
    min_s: float,
    attributes: Mapping[str, FloatArray],
    apart_from: Timeline[Event] | None = None,
) -> Timeline[Event]:
    found = []
    for stretch in Timeline.where(t, held, least_s=min_s, gap_s=_GAP_S):
        if apart_from and apart_from.overlap_s(stretch) > 0:
            continue
        within = stretch.covers(t) & held
        about = {name: float(np.median(value[within])) for name, value in attributes.items()}
        found.append(Event(stretch.start_s, stretch.end_s, about))
    return Timeline(found)


def _still(t: FloatArray, at: Points, most: float) -> BoolArray:
    """Samples within a second in which ``at`` (n, 2) moves by less than ``most``, shape (n,)."""
    still = np.zeros(t.size, dtype=np.bool_)
    for stretch in Timeline.where(t, travel(t, at) < most):
        still |= (t >= stretch.start_s - TRAVEL_S / 2 - 1e-6) & (t < stretch.end_s + TRAVEL_S / 2)
    return still
