"""`Timeline`: spans in time order, and the operations on them: join, drop, cut, cover.

The names are those of pyannote.core where it has one. A condition with an onset and an offset is made into a mask by
`liyi.core.smoothing.hysteresis`; `Timeline.where` makes spans of a mask.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from liyi.core.smoothing import runs, sample_interval_s
from liyi.core.trace import BoolArray, FloatArray, Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Span = TypeVar("Span", bound=Interval, covariant=True)
Run = tuple[int, int]  # first index, one past the last

# Spacings of samples are no binary fractions: what lasts exactly as long as it must may come out a little shorter.
_ROUNDING_S = 1e-9


def join_close(spans: Iterable[tuple[float, float]], gap: float) -> list[Run]:
    """Group spans that follow each other with at most ``gap`` between them.

    Parameters
    ----------
    spans
        Start and end of each, in time order, in any unit (seconds, frames).
    gap
        Largest distance from an end to the next start within one group, in the same unit.

    Returns
    -------
    list of tuple
        First index and one past the last index of each group.
    """
    groups: list[Run] = []
    before = -math.inf
    for index, (start, end) in enumerate(spans):
        if groups and start - before <= gap:
            groups[-1] = (groups[-1][0], index + 1)
        else:
            groups.append((index, index + 1))
        before = max(before, end)  # a span may lie within another one
    return groups


def join_runs(found: Sequence[Run], gap: int) -> list[Run]:
    """Runs of samples or frames, in order, those with at most ``gap`` of them between as one."""
    return [(found[first][0], found[last - 1][1]) for first, last in join_close(found, gap)]


class Timeline(tuple[Span, ...]):
    """Spans in time order that do not overlap; a tuple, so that it is compared, stored and gone through as one."""

    __slots__ = ()

    @staticmethod
    def where(t: FloatArray, mask: BoolArray, *, gap_s: float = 0.0, least_s: float = 0.0) -> Timeline[Interval]:
        """Spans in which ``mask`` holds, those at most ``gap_s`` apart joined, shorter than ``least_s`` dropped.

        A sample stands for the time up to the next one (at most twice the usual spacing), so a run of n samples
        lasts n spacings.

        Parameters
        ----------
        t, mask : array, shape (n,)
            Increasing seconds, and whether the condition holds there.
        gap_s, least_s : float
            Seconds.
        """
        if t.size == 0:
            return Timeline()
        step = sample_interval_s(t) or least_s
        ends = np.minimum(np.append(t[1:], t[-1] + step), t + 2 * step)
        spans = Timeline(Interval(float(t[first]), float(ends[last - 1])) for first, last in runs(mask))
        return spans.support(gap_s).lasting(least_s - _ROUNDING_S)

    @property
    def duration_s(self) -> float:
        """Seconds of all spans together."""
        return float(sum(span.duration_s for span in self))

    def support(self, gap_s: float = 0.0) -> Timeline[Interval]:
        """Spans with at most ``gap_s`` seconds between them as one."""
        groups = join_close(((span.start_s, span.end_s) for span in self), gap_s)
        return Timeline(Interval(self[first].start_s, self[last - 1].end_s) for first, last in groups)

    def lasting(self, least_s: float) -> Timeline[Span]:
        """Spans of at least ``least_s`` seconds."""
        return Timeline(span for span in self if span.duration_s >= least_s)

    def gaps(self) -> Timeline[Interval]:
        """What lies between each span and the next."""
        return Timeline(Interval(before.end_s, after.start_s) for before, after in pairwise(self))

    def crop(self, window: Interval) -> Timeline[Span]:
        """What lies inside ``window``; a span that reaches over its edge is cut there and keeps its attributes."""
        edges = ((span, max(span.start_s, window.start_s), min(span.end_s, window.end_s)) for span in self)
        return Timeline(replace(span, start_s=start, end_s=end) for span, start, end in edges if end > start)

    def without(self, window: Interval) -> Timeline[Span]:
        """What lies outside ``window``; a span that reaches over both of its edges becomes two."""
        edges = (
            (span, start, end)
            for span in self
            for start, end in (
                (span.start_s, min(span.end_s, window.start_s)),
                (max(span.start_s, window.end_s), span.end_s),
            )
        )
        return Timeline(replace(span, start_s=start, end_s=end) for span, start, end in edges if end > start)

    def overlap_s(self, window: Interval) -> float:
        """Seconds of all spans that lie inside ``window``."""
        return float(sum(span.overlap_s(window) for span in self))

    def covers(self, t: FloatArray) -> BoolArray:
        """Which of the times ``t`` (n,), in seconds, lie in a span: from its start on, before its end."""
        inside = np.zeros(t.size, dtype=np.bool_)
        for span in self:
            inside |= span.covers(t)
        return inside
