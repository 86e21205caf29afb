"""Timelines: what is joined, dropped, cut and covered; held against sets of small steps, in which each is obvious."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.core.timeline import Timeline, join_close, join_runs
from liyi.core.trace import Event, Interval

masks = st.lists(st.booleans(), max_size=60).map(lambda values: np.array(values, dtype=np.bool_))
# Whole seconds: what a span holds is then a set of seconds, and what an operation must leave is told by sets.
timelines = st.lists(st.integers(0, 40), unique=True, max_size=16).map(
    lambda edges: Timeline(Interval(float(a), float(b)) for a, b in zip(*[iter(sorted(edges))] * 2, strict=False))
)
windows = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda two: Interval(float(min(two)), float(max(two))))


def held(spans) -> set[int]:
    return {second for span in spans for second in range(int(span.start_s), int(span.end_s))}


def test_a_run_lasts_its_samples_times_the_spacing() -> None:
    t = np.arange(20) / 10
    mask = np.zeros(20, dtype=np.bool_)
    mask[5:10] = True
    [found] = Timeline.where(t, mask)
    assert (found.start_s, found.end_s) == (pytest.approx(0.5), pytest.approx(1.0))


def test_gaps_are_bridged_and_short_stretches_dropped() -> None:
    t = np.arange(40) / 10
    mask = np.zeros(40, dtype=np.bool_)
    mask[[*range(5, 10), *range(12, 16), 30]] = True
    [joined] = Timeline.where(t, mask, least_s=0.5, gap_s=0.25)
    assert (joined.start_s, joined.end_s) == (pytest.approx(0.5), pytest.approx(1.6))
    assert len(Timeline.where(t, mask, gap_s=0.1)) == 3


def test_a_sample_before_a_hole_does_not_stand_for_the_hole() -> None:
    t = np.concatenate((np.arange(10) / 10, 60 + np.arange(10) / 10))
    first, second = (
        Timeline.where(t, np.ones(20, dtype=np.bool_), gap_s=0.5)[0],
        Timeline.where(t, np.arange(20) > 9)[0],
    )
    assert first.end_s >= 0.9
    assert second.start_s == 60
    assert Timeline.where(t, t < 5).duration_s == pytest.approx(1.1)


@given(masks, st.floats(0, 1), st.floats(0, 1))
def test_spans_are_ordered_apart_and_long_enough(mask: np.ndarray, least_s: float, gap_s: float) -> None:
    found = Timeline.where(np.arange(mask.size) / 10, mask, least_s=least_s, gap_s=gap_s)
    assert all(i.duration_s >= least_s - 1e-6 for i in found)
    assert all(b.start_s - a.end_s > gap_s for a, b in itertools.pairwise(found))


def test_a_timeline_is_a_tuple_of_its_spans() -> None:
    spans = (Interval(0.0, 1.0), Event(2.0, 3.0, {"deg": 30.0}, "bow"))
    assert Timeline(spans) == spans
    copy = pickle.loads(pickle.dumps(Timeline(spans)))
    assert type(copy) is Timeline
    assert copy[1].attributes == {"deg": 30.0}
    assert not Timeline()


def test_the_gap_itself_is_joined_and_a_longer_one_is_not() -> None:
    apart = Timeline([Interval(0.0, 1.0), Interval(3.0, 4.0), Interval(6.5, 7.0)])
    assert apart.support(2.0) == (Interval(0.0, 4.0), Interval(6.5, 7.0))
    assert apart.support(1.9) == apart
    assert join_close([(0, 1), (3, 4), (4, 5)], 0) == [(0, 1), (1, 3)]
    assert join_runs([(0, 10), (14, 20), (25, 30)], 4) == [(0, 20), (25, 30)]
    assert join_runs([], 4) == []


@given(timelines, st.integers(0, 8))
def test_support_adds_short_gaps_and_nothing_else(spans: Timeline[Interval], gap: int) -> None:
    joined = spans.support(float(gap))
    short = Timeline(each for each in spans.gaps() if each.duration_s <= gap)
    assert held(joined) == held(spans) | held(short)
    assert all(each.duration_s > gap for each in joined.gaps())
    assert joined.support(float(gap)) == joined


@given(timelines, windows)
def test_a_window_parts_a_timeline_in_what_lies_in_it_and_what_does_not(
    spans: Timeline[Interval], window: Interval
) -> None:
    inside, outside = spans.crop(window), spans.without(window)
    assert held(inside) == held(spans) & held([window])
    assert held(outside) == held(spans) - held([window])
    assert inside.duration_s == spans.overlap_s(window) == len(held(inside))
    assert inside.duration_s + outside.duration_s == spans.duration_s
    assert all(each.duration_s > 0 for each in (*inside, *outside))


@given(timelines)
def test_covers_says_of_each_second_whether_a_span_holds_it(spans: Timeline[Interval]) -> None:
    t = np.arange(42.0)
    assert set(np.flatnonzero(spans.covers(t)).tolist()) == held(spans)
    assert held(spans.gaps()).isdisjoint(held(spans))
    assert held(spans.gaps()) | held(spans) == (
        set(range(int(spans[0].start_s), int(spans[-1].end_s))) if spans else set()
    )


@given(timelines, st.integers(0, 8))
def test_lasting_drops_what_is_shorter(spans: Timeline[Interval], least: int) -> None:
    assert list(spans.lasting(float(least))) == [each for each in spans if each.duration_s >= least]


def test_a_cut_event_keeps_what_is_known_about_it() -> None:
    whole = Timeline([Event(0.0, 10.0, {"deg": 30.0}, "bow")])
    for left in (*whole.crop(Interval(2.0, 4.0)), *whole.without(Interval(2.0, 4.0))):
        assert (left.attributes, left.label) == ({"deg": 30.0}, "bow")
    assert len(whole.without(Interval(2.0, 4.0))) == 2
