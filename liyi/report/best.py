"""The best moment of a recording: the five seconds in which most of what was measured over time was good at once.

What belongs here: finding it, and saying what was good in it. It is praise, so only what is certainly good is named.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.trace import Interval, Trace
from liyi.etiquette.aggregate import sub_score
from liyi.report.priorities import is_clear, praise_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.core.trace import FloatArray, Signal
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.pack import Criterion, NormPack
    from liyi.etiquette.performance import Performance

LENGTH_S = 5.0
_STEP_S = 0.5
_LEAST_SPOKEN = 0.6  # of the window, where there is speech at all
_LEAST_KNOWN = 0.8  # of the window, for a criterion to count in it
_MOST_NAMED = 3


@dataclass(frozen=True)
class Best(Interval):
    """The best moment, and what was good in it in words."""

    good: tuple[str, ...] = ()


def best_moment(
    assessment: Assessment, performance: Performance, signals: Mapping[str, Signal], pack: NormPack, lang: str
) -> Best | None:
    """The window of `LENGTH_S` seconds with the highest sum of weighted sub-scores over all traces, while speaking.

    Nothing wrong may have been found in it. None where no window is wholly good in anything that is known well enough
    to be praised.

    Parameters
    ----------
    assessment
        Its qualities are summed; where it found a fault is left out.
    performance, signals
        What was heard, and what was measured, by criterion.
    pack
        The bands.
    lang
        Of the words.
    """
    traces = [
        (v, signal, pack.criteria[v.criterion])
        for v in assessment.verdicts
        if v.kind == "quality" and v.status == "assessed" and v.criterion in pack.criteria
        if isinstance(signal := signals.get(v.criterion), Trace)
    ]
    edges = np.arange(0.0, performance.duration_s, _STEP_S)
    width = round(LENGTH_S / _STEP_S)
    if not traces or edges.size < width:
        return None
    allowed = _allowed(assessment, performance, edges, width)
    scored = [_scores(signal, criterion, edges, width) for _, signal, criterion in traces]
    worth = sum(
        np.where(np.isfinite(mean), mean, 0.0) * v.weight for (v, _, _), mean in zip(traces, scored, strict=True)
    )
    worth = np.where(allowed, worth, -math.inf)
    if not np.isfinite(worth).any():
        return None
    # Of windows that are equally good the middle one of the first run: its edges are good as well.
    best = worth >= worth.max() - 1e-9
    first = int(best.argmax())
    last = first + int(np.append(~best[first:], True).argmax()) - 1
    at = (first + last) // 2
    window = Interval(float(edges[at]), min(float(edges[at]) + LENGTH_S, performance.duration_s))
    praised = [
        v for (v, signal, _), mean in zip(traces, scored, strict=True)
        if mean[at] >= 1 - 1e-9 and is_clear(*_inside(signal, window), v.good, good_share=v.good_share,
                                             unit=signal.unit)
    ]  # fmt: skip
    named = sorted(praised, key=lambda v: -v.weight)[:_MOST_NAMED]
    if not named:
        return None
    by_id = {v.criterion: signal for v, signal, _ in traces}
    told = (praise_text(v, lang, measured=(*_inside(by_id[v.criterion], window), by_id[v.criterion].unit))
            for v in named)  # fmt: skip
    return Best(window.start_s, window.end_s, tuple(told))


def _inside(trace: Trace, window: Interval) -> tuple[float, float]:
    """Median of a trace in a window, and its error."""
    return float(np.nanmedian(trace.value[window.covers(trace.t)])), trace.error


def _scores(trace: Trace, criterion: Criterion, edges: FloatArray, width: int) -> FloatArray:
    """Mean sub-score of every window (m,); NaN where too little of it is known."""
    at = np.clip(np.searchsorted(edges, trace.t, side="right") - 1, 0, edges.size - 1)
    known = np.isfinite(trace.value)
    count = np.bincount(at[known], minlength=edges.size)
    total = np.bincount(at[known], weights=trace.value[known], minlength=edges.size)
    step = [
        sub_score(float(total[k] / count[k]), criterion, trace.error) if count[k] else math.nan
        for k in range(edges.size)
    ]
    score = np.array(step)
    there = _window_sums(np.isfinite(score).astype(np.float64), width)
    summed = _window_sums(np.where(np.isfinite(score), score, 0.0), width)
    return np.where(there >= _LEAST_KNOWN * width, summed / np.maximum(there, 1), np.nan)


def _allowed(assessment: Assessment, performance: Performance, edges: FloatArray, width: int) -> FloatArray:
    """Windows (m,) outside the calibration and what is to be corrected, and with speech where there is any."""
    body, voice = performance.body, performance.voice
    barred: list[Interval] = [Interval(e.start_s, e.end_s) for v in assessment.verdicts for e in _against(v)]
    if body is not None and body.calibration is not None:
        barred.append(body.calibration)
    free = _window_sums(_covered(barred, edges), width) < 1e-9
    spoken = _window_sums(_covered(voice.stretches if voice else (), edges), width) / width
    enough = spoken >= _LEAST_SPOKEN
    return np.asarray(free & (enough if (free & enough).any() else True))


def _against(verdict: Verdict) -> tuple[Interval, ...]:
    """Moments of a fault, and those that may be one; what a quality lacks is in its sub-scores."""
    against = verdict.kind == "fault" and (verdict.sub_score is None or verdict.sub_score < 1)
    moments = verdict.evidence if against else ()
    return tuple(Interval(e.start_s, e.end_s) for e in (*moments, *verdict.undecided))


def _covered(stretches: Sequence[Interval], edges: FloatArray) -> FloatArray:
    """How much of each step (k,) lies in one of the stretches, 0..1."""
    share = np.zeros(edges.size)
    for each in stretches:
        share += np.clip(np.minimum(edges + _STEP_S, each.end_s) - np.maximum(edges, each.start_s), 0, _STEP_S)
    return np.minimum(share / _STEP_S, 1.0)


def _window_sums(value: FloatArray, width: int) -> FloatArray:
    return np.convolve(value, np.ones(width), mode="valid")
