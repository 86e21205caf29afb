"""Measures of quiet standing, from the front: how much the body sways and how far apart the feet are.

Quiet means that both feet stay where they are; stepping and walking are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Line, OverTime, Single
from liyi.core.reasons import Reason
from liyi.core.timeline import Timeline
from liyi.core.trace import Event, FloatArray
from posture.measures.declare import measure
from posture.measures.gating import Gate, gated, seconds, while_standing
from posture.measures.geometry import joint, middle, shoulder_width, travel
from posture.skeleton import ANKLE_LINE, ANKLES, HIPS, SHOULDERS, TRUNK_LINE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from posture.body import Body

_STEP_WIDTHS = 0.25  # a foot that moves further than this many shoulder widths (some 9 cm) within a second steps
_DRIFT_S = 10.0  # slower than a tenth of a hertz is moving to another place, not swaying
_SHORTEST_S = 5.0  # two periods of ordinary sway


@measure(
    "sway",
    kind="scalar",
    unit="%",
    cameras={"front"},
    joints=(*SHOULDERS, *HIPS, *ANKLES),
    shows=Line((TRUNK_LINE,), "plumb"),
)
def sway(body: Body, gate: Gate, params: Mapping[str, Any]) -> Single:
    """Root mean square of the sideways movement of mid-hip or of mid-shoulder, in percent of shoulder width.

    Of the two, the one that moves more: a trunk that rocks about still hips sways, and so do hips under still
    shoulders. The movement is that about a slow drift, a straight line through every ten seconds or so, over all
    stretches of quiet standing of at least five seconds outside the calibration. The evidence is the unsteadiest five
    seconds.
    """
    gate = _quiet_standing(body, gate)
    if (calibration := body.calibration) is not None:
        gate = gate.need(~calibration.covers(body.t), Reason.TOO_SHORT)
    swings = [_swing(body, gate, middle(body, *pair)[:, 0]) for pair in (HIPS, SHOULDERS)]
    used = np.isfinite(swings[0])
    if not used.any():
        return Single(float("nan"), 0.0, reason=gate.reason or Reason.TOO_SHORT)
    percents = [100 * swing / np.median(shoulder_width(body)[used]) for swing in swings]
    values = [float(np.sqrt(np.mean(percent[used] ** 2))) for percent in percents]
    most = int(np.argmax(values))
    evidence = (_unsteadiest(body.t, percents[most]),)
    return Single(values[most], seconds(body.t, used), reason=gate.reason, evidence=evidence)


@measure(
    "stance_width",
    kind="trace",
    unit="ratio",
    cameras={"front"},
    joints=(*SHOULDERS, *ANKLES),
    shows=Line((ANKLE_LINE,)),
)
def stance_width(body: Body, gate: Gate, params: Mapping[str, Any]) -> OverTime:
    """Horizontal distance of the ankles over shoulder width while standing quietly: a ratio."""
    left, right = (joint(body, ankle) for ankle in ANKLES)
    gate = _quiet_standing(body, gate)
    width = np.where(gate.open, shoulder_width(body), np.nan)
    return gated(body, np.abs((left - right)[:, 0]) / width, gate)


def _swing(body: Body, gate: Gate, x: FloatArray) -> FloatArray:
    """``x`` (n,) in pixels about its drift over each stretch in which the gate is open; NaN elsewhere."""
    swing = np.full(body.t.size, np.nan)
    for stretch in Timeline.where(body.t, gate.open, least_s=_SHORTEST_S):
        within = np.flatnonzero(stretch.covers(body.t))
        for piece in np.array_split(within, max(1, round(stretch.duration_s / _DRIFT_S))):
            if piece.size > 2:  # a line goes through any two: frames so far apart show no sway
                line = np.polyfit(body.t[piece], x[piece], 1)
                swing[piece] = x[piece] - np.polyval(line, body.t[piece])
    return swing


def _quiet_standing(body: Body, gate: Gate) -> Gate:
    gate = while_standing(body, gate)
    width = shoulder_width(body)
    steps = np.maximum(*(travel(body.t, np.where(gate.open[:, None], joint(body, a), np.nan)) for a in ANKLES))
    return gate.need(~(steps > _STEP_WIDTHS * width), Reason.NOT_STILL)


def _unsteadiest(t: FloatArray, percent: FloatArray) -> Event:
    """The five seconds with the largest root mean square of ``percent``."""
    first = np.arange(t.size)
    last = np.searchsorted(t, t + _SHORTEST_S, side="right")
    known = np.isfinite(percent)
    power = np.concatenate(([0.0], np.cumsum(np.where(known, percent, 0.0) ** 2)))
    count = np.concatenate(([0], np.cumsum(known)))
    n = count[last] - count[first]
    mean = np.where(n >= 0.8 * n.max(), (power[last] - power[first]) / np.maximum(n, 1), 0.0)
    worst = int(mean.argmax())
    return Event(float(t[worst]), float(t[last[worst] - 1]), {"rms": float(np.sqrt(mean[worst]))})
