"""A signal becomes one value, its sub-score and the moments that prove it.

What belongs here: the arithmetic of one criterion, as `docs/norms.md` describes it. Nothing here knows of profiles,
weights or totals, and nothing here knows a number of etiquette: they all come with the criterion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.bilingual import Bilingual
from liyi.core.measure import MOST_EVIDENCE
from liyi.core.smoothing import rolling_median, sample_interval_s
from liyi.core.timeline import Timeline
from liyi.core.trace import BoolArray, Event, Events, FloatArray, Scalar, Signal, Trace
from liyi.etiquette.assessment import Evidence
from liyi.etiquette.pack import Shares
from liyi.etiquette.performance import measures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.etiquette.assessment import Side
    from liyi.etiquette.pack import Band, Criterion

TOLERABLE = 0.6  # the sub-score at the tolerable edge, whatever the pack
MOST_HINTS = 20  # of what a person decides: each is listened to
EVIDENCE_MIN_S = 1.0  # norms 6.2: shorter than a second is not an event
EVIDENCE_GAP_S = 1.0
WORST_WINDOW_S = 1.0  # so that one misread frame convicts nobody
BOTH_SIDES = 0.5  # of what lies outside good on one side: with more on the other, none is the chief one
RATE_MIN_S = 60.0  # a shorter recording is not extrapolated to a minute


@dataclass(frozen=True)
class Reading:
    """What one criterion read from its signal.

    ``value`` and ``error`` are in ``unit``; ``score`` is 0..1 and ``score_error`` half of what it spans between the
    value less and more its error; ``side`` is where the value lies outside good. ``typical`` (with unit and error) is
    the median behind a share of time, ``outside`` that over the time on ``side`` of good. ``value_decided`` and
    ``score_decided`` are value and score if every undecided event were one. ``times`` and ``watched_s`` are what a
    rate was made of.
    """

    value: float
    unit: str
    error: float
    score: float
    evidence: tuple[Evidence, ...] = ()
    score_error: float = 0.0
    side: Side = ""
    undecided: tuple[Evidence, ...] = ()
    value_decided: float | None = None
    score_decided: float | None = None
    typical: float | None = None
    typical_unit: str = ""
    typical_error: float | None = None
    outside: float | None = None
    times: int | None = None
    watched_s: float | None = None


def sub_score(value: float, criterion: Criterion, error: float = 0.0) -> float:
    """Score 0..1 of a value: 1 inside good, falling to 0.6 at the edge of tolerable and to 0 at the edge of fail.

    Good is widened by ``error`` on both sides; where it then reaches past tolerable or fail, they begin where it ends.
    Beyond an infinite edge of fail the score stays at 0.6. (Trapezoid of the rubric, norms 6.2.)
    """
    return float(_trapezoid(np.array([value]), criterion, error)[0])


def value_at(score: float, criterion: Criterion, side: Side = "high") -> float:
    """The value that has this `sub_score` (error left out): the inverse of the trapezoid, on one side of good.

    A share of time has its lower side alone; where a band is infinite on the side, the other one is taken. What no
    value has (a score under 0.6 with an infinite edge of fail, or between edges that coincide) gives the nearest edge.
    """
    if criterion.share is not None:
        good, tolerable, fail = criterion.share.good, criterion.share.tolerable, criterion.share.fail
    else:
        low = (side == "low" and math.isfinite(criterion.good[0])) or not math.isfinite(criterion.good[1])
        good, tolerable, fail = (
            band[0 if low else 1] for band in (criterion.good, criterion.tolerable, criterion.fail)
        )
    if score >= 1 or not math.isfinite(tolerable):
        return good
    if score >= TOLERABLE:
        return good + (tolerable - good) * (1 - score) / (1 - TOLERABLE)
    return tolerable + (fail - tolerable) * (TOLERABLE - score) / TOLERABLE if math.isfinite(fail) else tolerable


def _trapezoid(value: FloatArray, bands: Criterion | Shares, error: float = 0.0) -> FloatArray:
    """`sub_score` of every value, shape (n,); a share has lower edges only."""
    if isinstance(bands, Shares):
        return _one_sided(-value, -bands.good, -bands.tolerable, -bands.fail, error)
    good, tolerable, fail = bands.good, bands.tolerable, bands.fail
    low = _one_sided(-value, -good[0], -tolerable[0], -fail[0], error)
    high = _one_sided(value, good[1], tolerable[1], fail[1], error)
    return np.minimum(low, high)


def _one_sided(value: FloatArray, good: float, tolerable: float, fail: float, error: float) -> FloatArray:
    good += error
    tolerable = max(tolerable, good)
    fail = max(fail, tolerable)
    score = np.ones(value.shape)
    near, far = (value > good) & (value <= tolerable), value > tolerable
    if near.any():
        score[near] = 1 - (1 - TOLERABLE) * (value[near] - good) / (tolerable - good)
    if math.isinf(fail):
        score[far] = TOLERABLE
    elif fail > tolerable:
        score[far] = TOLERABLE * np.maximum(0, fail - value[far]) / (fail - tolerable)
    else:
        score[far] = 0
    return score


def score_error(value: float, criterion: Criterion, error: float) -> float:
    """One sigma of the sub-score: half of what it spans between ``value`` less and more its error."""
    return _half_span([sub_score(value + k * error, criterion, error) for k in (-1, 0, 1)])


def _half_span(scores: Sequence[float]) -> float:
    return (max(scores) - min(scores)) / 2


def side_of(value: float, band: Band, error: float = 0.0) -> Side:
    """On which side of the band, widened by ``error``, a value lies; empty inside."""
    return "low" if value < band[0] - error else "high" if value > band[1] + error else ""


def too_uncertain(value: float, error: float, criterion: Criterion) -> bool:
    """Whether one sigma exceeds half the way from good to fail on the value's side: good and bad look alike then.

    Not so where two sigma do not reach from the value to fail (from beyond it) or out of good (from inside): that is
    bad, or good, however roughly it is known.
    """
    least, most = value - 2 * error, value + 2 * error
    (good_low, good_high), (fail_low, fail_high) = criterion.good, criterion.fail
    if least > fail_high or most < fail_low or (least >= good_low and most <= good_high):
        return False
    low, high = (abs(fail - good) for good, fail in zip(criterion.good, criterion.fail, strict=True))
    if math.isinf(criterion.good[0]) or math.isnan(low) or low == 0:
        way = high
    elif math.isinf(criterion.good[1]) or math.isnan(high) or high == 0:
        way = low
    else:
        way = low if value < sum(criterion.good) / 2 else high
    return 0 < way < math.inf and error > way / 2


def assessed_s(signal: Signal) -> float:
    """Seconds of the recording on which a signal rests."""
    if isinstance(signal, Trace):
        return float(_weights(signal).sum())
    return signal.watched_s


def read(signal: Signal, criterion: Criterion) -> Reading | None:
    """Aggregate a signal as its criterion says; None where the signal holds no value."""
    if assessed_s(signal) <= 0:
        return None
    if isinstance(signal, Trace):
        return _TRACES[criterion.aggregate](signal, criterion)
    if isinstance(signal, Events):
        return _read_attribute(signal, criterion) if criterion.attribute else _read_events(signal, criterion)
    return _read_scalar(signal, criterion)


def _share_in_band(trace: Trace, criterion: Criterion) -> Reading:
    """Percent of the assessed time inside good widened by one sigma.

    Its error is half of what the share gains when the band grows from not widened to widened by two sigma.
    """
    tight, widened, wide = (_share(trace, criterion.good, k * trace.error) for k in (0, 1, 2))
    return Reading(
        value=widened,
        unit="%",
        error=(wide - tight) / 2,
        score=_level_held(trace, criterion),
        evidence=_stretches_outside(trace, criterion),
        score_error=_half_span([_level_held(_shifted(trace, k * trace.error), criterion) for k in (-1, 0, 1)]),
        side=(side := _chief_side(trace, criterion)),
        outside=_median_outside(trace, criterion.good, side),
        typical=_median(trace),
        typical_unit=trace.unit,
        typical_error=trace.error,
    )


def _level_held(trace: Trace, criterion: Criterion) -> float:
    """The best score that was held for long enough: the largest ``s`` times the score of the share of time at ``s``.

    So a posture that never changes scores as its value does, and one that is either good or at fault scores as the
    share of good time does.
    """
    share = criterion.share
    if share is None:
        raise ValueError(f"{criterion.measure}: share_in_band without share")
    weights = _weights(trace)
    known = weights > 0
    scores = _trapezoid(trace.value[known], criterion, trace.error)
    best_first = np.argsort(-scores, kind="stable")
    held = 100 * np.cumsum(weights[known][best_first]) / weights.sum()
    return float((scores[best_first] * _trapezoid(held, share)).max())


def _shifted(trace: Trace, by: float) -> Trace:
    return Trace(trace.id, trace.unit, trace.t, trace.value + by, trace.error)


def _chief_side(trace: Trace, criterion: Criterion) -> Side:
    """The side on which the samples outside the band lie further and longer; both where neither is the chief one."""
    weights, band = _weights(trace), criterion.good
    under = np.nansum(weights * np.maximum(0, band[0] - trace.error - trace.value))
    over = np.nansum(weights * np.maximum(0, trace.value - band[1] - trace.error))
    if min(under, over) > BOTH_SIDES * max(under, over) and criterion.advice.both != Bilingual():
        return "both"
    return "" if under == over == 0 else "low" if under > over else "high"


def _median_outside(trace: Trace, band: Band, side: Side) -> float | None:
    """Median over the time in which the value lies beyond the widened band on ``side``; None where it never does.

    On both sides that of its size.
    """
    if not side:
        return None
    value = np.abs(trace.value) if side == "both" else trace.value
    low, high = (band[0] - trace.error, band[1] + trace.error)
    under, over = trace.value < low, trace.value > high
    beyond = under if side == "low" else over if side == "high" else under | over
    return _median(Trace(trace.id, trace.unit, trace.t, np.where(beyond, value, np.nan), trace.error))


def _median_over_time(trace: Trace, criterion: Criterion) -> Reading:
    median = _median(trace)
    return graded(median, trace.unit, trace.error, criterion, _stretches_outside(trace, criterion))


def graded(
    value: float, unit: str, error: float, criterion: Criterion, evidence: tuple[Evidence, ...] = ()
) -> Reading:  # fmt: skip
    """A value held against the bands of its criterion."""
    return Reading(
        value,
        unit,
        error,
        sub_score(value, criterion, error),
        evidence,
        score_error(value, criterion, error),
        side_of(value, criterion.good, error),
    )


def _worst_moment(trace: Trace, criterion: Criterion) -> Reading:
    steady = Trace(trace.id, trace.unit, trace.t, rolling_median(trace.t, trace.value, WORST_WINDOW_S), trace.error)
    at = int(np.nanargmax(_excess(steady.value, criterion.good)))
    worst = float(steady.value[at])
    return graded(worst, trace.unit, trace.error, criterion, _stretches_outside(steady, criterion))


_TRACES = {"share_in_band": _share_in_band, "median": _median_over_time, "worst": _worst_moment}


def _read_events(events: Events, criterion: Criterion) -> Reading:
    """Rate, count, share of the watched time (percent) or length of the longest (seconds).

    An event's length has the events' ``error`` in seconds; the errors of several are independent.
    """
    unit, value, error = _of_events(events.items, events, criterion)
    most = MOST_HINTS if criterion.review else MOST_EVIDENCE
    reading = graded(value, unit, error, criterion, _moments(_longest(events.items, most)))
    if criterion.aggregate == "per_minute":
        reading = replace(reading, times=len(events.items), watched_s=events.watched_s)
    if not events.undecided:
        return reading
    _, decided, _ = _of_events((*events.items, *events.undecided), events, criterion)
    score = sub_score(decided, criterion, error)
    return replace(reading, undecided=_moments(_longest(events.undecided)), value_decided=decided, score_decided=score)


def _read_attribute(events: Events, criterion: Criterion) -> Reading | None:
    """Median, worst or share in band of a number that each event carries; None where nothing happened.

    Every event counts the same. The evidence is the events, those furthest outside good first.
    """
    reading = _of_attribute(events.items, criterion)
    if reading is None or not events.undecided:
        return reading
    decided = _of_attribute((*events.items, *events.undecided), criterion) or reading
    undecided = _moments(_longest(events.undecided))
    return replace(reading, undecided=undecided, value_decided=decided.value, score_decided=decided.score)


def _of_attribute(items: Sequence[Event], criterion: Criterion) -> Reading | None:
    name, measure = criterion.attribute, measures()[criterion.measure]
    unit, error = measure.attributes[name].unit, measure.attribute_error(name) or 0.0
    known = [event for event in items if math.isfinite(event.attributes.get(name, math.nan))]
    if not known:
        return None
    value = np.array([event.attributes[name] for event in known])
    excess = _excess(value, criterion.good)
    order = np.lexsort((-np.array([event.duration_s for event in known]), -excess))[:MOST_EVIDENCE]
    evidence = tuple(
        moment.model_copy(update={"label": f"{value[k]:.3g} {unit}".strip()})
        for k, moment in zip(order, _moments([known[k] for k in order]), strict=True)
    )
    if criterion.aggregate == "share_in_band":
        # a second for each event; a single one twice, since one sample alone stands for no time
        alike = np.resize(value, max(2, value.size))
        trace = Trace(measure.id, unit, np.arange(alike.size, dtype=np.float64), alike, error)
        return replace(_share_in_band(trace, criterion), typical=float(np.median(value)), evidence=evidence)
    one = value[int(excess.argmax())] if criterion.aggregate == "worst" else np.median(value)
    return graded(float(one), unit, error, criterion, evidence)


def _longest(items: Sequence[Event], most: int = MOST_EVIDENCE) -> list[Event]:
    return sorted(items, key=lambda event: -event.duration_s)[:most]


def _of_events(items: Sequence[Event], events: Events, criterion: Criterion) -> tuple[str, float, float]:
    """Unit, value and error of ``items``."""
    seconds = events.watched_s
    if criterion.aggregate == "time_share":
        share = min(100.0, 100 * sum(event.duration_s for event in items) / seconds)
        return "%", share, 100 * events.error * math.sqrt(len(items)) / seconds
    if criterion.aggregate == "worst":
        return "s", max((event.duration_s for event in items), default=0.0), events.error
    if criterion.aggregate == "per_minute":
        return "/min", 60 * len(items) / max(seconds, RATE_MIN_S), 0.0
    return "count", float(len(items)), 0.0


def _read_scalar(scalar: Scalar, criterion: Criterion) -> Reading | None:
    if not math.isfinite(scalar.value):
        return None
    reading = graded(scalar.value, scalar.unit, scalar.error, criterion, _moments(scalar.evidence[:MOST_EVIDENCE]))
    if scalar.between is None:
        return reading
    scored = [(value, sub_score(value, criterion, scalar.error)) for value in scalar.between]
    decided, score = max(scored, key=lambda each: abs(each[1] - reading.score))
    undecided = _moments(scalar.undecided[:MOST_EVIDENCE])
    return replace(reading, undecided=undecided, value_decided=decided, score_decided=score)


def _weights(trace: Trace) -> FloatArray:
    """Seconds that each sample stands for (up to the next, at most twice the usual spacing); 0 where it is missing."""
    step = sample_interval_s(trace.t)
    lasting = np.minimum(np.diff(trace.t, append=trace.t[-1:] + step), 2 * step)
    return np.where(np.isfinite(trace.value), lasting, 0.0)


def _excess(value: FloatArray, band: Band, widened: float = 0.0) -> FloatArray:
    """How far each value lies outside the band, in its unit: positive outside, negative inside, NaN where missing."""
    return np.maximum(band[0] - widened - value, value - band[1] - widened)


def _share(trace: Trace, band: Band, widened: float) -> float:
    weights = _weights(trace)
    inside = _excess(trace.value, band, widened) <= 0
    return min(100.0, 100 * float(weights[inside].sum()) / float(weights.sum()))


def _median(trace: Trace) -> float:
    """Median over time: half of the assessed time lies below it."""
    weights = _weights(trace)
    order = np.argsort(trace.value, kind="stable")
    below = np.cumsum(weights[order])
    return float(trace.value[order][int(np.searchsorted(below, below[-1] / 2))])


def _stretches_outside(trace: Trace, criterion: Criterion) -> tuple[Evidence, ...]:
    """Stretches outside tolerable, else outside widened good, worst (deviation times duration) first.

    Only where no stretch lasts for a second are shorter ones shown.
    """
    excess = _excess(trace.value, criterion.good, trace.error)
    outside_good = excess > 0
    outside_tolerable = outside_good & (_excess(trace.value, criterion.tolerable) > 0)
    for mask, min_s in ((outside_tolerable, EVIDENCE_MIN_S), (outside_good, EVIDENCE_MIN_S), (outside_good, 0.0)):
        found = _worst_first(trace, mask, excess, min_s)
        if found:
            return found
    return ()


def _worst_first(trace: Trace, mask: BoolArray, excess: FloatArray, min_s: float) -> tuple[Evidence, ...]:
    weights = _weights(trace)
    ranked: list[tuple[float, Evidence]] = []
    for stretch in Timeline.where(trace.t, mask, least_s=min_s, gap_s=EVIDENCE_GAP_S):
        inside = mask & stretch.covers(trace.t)
        typical = float(np.median(trace.value[inside]))
        evidence = Evidence(
            start_s=round(stretch.start_s, 3),
            end_s=round(stretch.end_s, 3),
            label=f"{typical:.3g} {trace.unit}".strip(),
        )
        ranked.append((float((excess * weights)[inside].sum()), evidence))
    ranked.sort(key=lambda pair: -pair[0])
    return tuple(evidence for _, evidence in ranked[:MOST_EVIDENCE])


def _moments(events: Sequence[Event]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(start_s=round(event.start_s, 3), end_s=round(event.end_s, 3), label=event.label) for event in events
    )
