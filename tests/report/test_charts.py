"""Charts put things where their time says, and cost no more for an hour than for a minute."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.core.trace import Interval
from liyi.report import charts
from liyi.report.charts import PLOT, Caption, Curve, Lane, Span, Timeline


def plot(timeline: Timeline, row: Interval) -> ET.Element:
    markup = charts.draw_row(timeline, row, "a row")
    return ET.fromstring(f"<row>{markup}</row>").findall("svg")[1]


def numbers(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path)]


@pytest.mark.parametrize("duration_s", [0.5, 8.0, 20.0, 64.0, 600.0, 3600.0, 43200.0])
def test_rows_cover_the_recording_once(duration_s):
    rows = charts.rows(duration_s)
    assert len(rows) <= 12
    assert rows[0].start_s == 0
    assert rows[-1].end_s == pytest.approx(duration_s)
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(rows))


def test_a_span_stands_at_its_seconds():
    timeline = Timeline(60.0, (Lane("x", (Span(25.0, 30.0, "fault", "t"),)),))
    svg = plot(timeline, charts.rows(60.0)[1])  # 20 s to 40 s
    bar = svg.find("g[@class='fault']/rect")
    assert float(bar.get("x")) == pytest.approx(PLOT / 4, abs=0.1)
    assert float(bar.get("width")) == pytest.approx(PLOT / 4, abs=0.1)
    assert svg.find("g[@class='fault']/title").text == "t"


def test_a_span_over_a_fold_is_drawn_in_both_rows():
    timeline = Timeline(60.0, (Lane("x", (Span(15.0, 25.0, "good"),)),))
    first, second, third = (plot(timeline, row).find("g[@class='good']/rect") for row in charts.rows(60.0))
    assert float(first.get("x")) + float(first.get("width")) == pytest.approx(PLOT, abs=0.1)
    assert float(second.get("x")) == 0
    assert third is None


@pytest.mark.parametrize(
    ("style", "tag"), [("good", "circle"), ("open", "circle"), ("attention", "path"), ("fault", "rect")]
)
def test_a_moment_is_a_shape_of_its_own(style, tag):
    svg = plot(Timeline(20.0, (Lane("x", (Span(10.0, 10.1, style),)),)), Interval(0.0, 20.0))
    shapes = [e.tag for e in svg.find(f"g[@class='{style}']")]
    assert shapes == [tag]


def test_names_are_escaped_and_shortened():
    name = "<b>a very long name of a criterion that has no room</b>"
    markup = charts.draw_row(Timeline(5.0, (Lane(name, (Span(1.0, 2.0),)),)), Interval(0.0, 5.0), 'say "<hi>"')
    names = ET.fromstring(f"<row>{markup}</row>").find("svg")
    assert names.find("text/title").text == name
    assert names.find("text/title").tail.endswith("…")


def test_a_word_stands_where_it_is_said():
    captions = (Caption(5.0, 5.4, "您好"), Caption(5.4, 5.8, "，请"), Caption(12.0, 12.3, "坐"))
    svg = plot(Timeline(20.0, (), captions=captions), Interval(0.0, 20.0))
    said = [(float(e.get("x")), e.text) for e in svg.findall("text[@class='word']")]
    assert said == [(pytest.approx(PLOT / 4), "您好，请"), (pytest.approx(PLOT * 0.6), "坐")]


def test_words_are_left_out_where_there_is_no_room():
    captions = (Caption(5.0, 5.4, "您好"),)
    assert charts.shows_words(600.0)
    assert not charts.shows_words(3600.0)
    long = plot(Timeline(3600.0, (), captions=captions), Interval(0.0, 300.0))
    assert long.findall("text[@class='word']") == []


def test_a_curve_is_drawn_to_scale_with_a_gap_where_nothing_was_heard():
    t = np.arange(0.0, 10.0, 0.01)
    value = np.where((t >= 4.0) & (t < 6.0), np.nan, 3.0)
    curve = Curve("Pitch", "st", t, value, low=-6.0, high=6.0, ticks=(0.0,), height=64.0)
    svg = plot(Timeline(10.0, (), curves=(curve,)), Interval(0.0, 10.0))
    zero = float(re.search(r"M0 ([\d.]+)", svg.find("path[@class='rule']").get("d")).group(1))
    path = svg.find("path[@class='curve']").get("d")
    xs = [x for x, _ in numbers(path)]
    assert [y for _, y in numbers(path)] == pytest.approx([zero - 64.0 * 3 / 12] * len(xs), abs=0.1)
    assert path.count("M") == 2
    assert not [x for x in xs if PLOT * 0.405 < x < PLOT * 0.595]


def test_means_and_peaks_of_columns():
    t = np.arange(0.0, 10.0, 0.001)
    x, mean = charts.columns(t, t, Interval(0.0, 10.0), 300.0)
    assert x.size == 200
    assert mean == pytest.approx(x / 30, abs=0.03)
    _, peak = charts.columns(t, np.where(np.abs(t - 5.0) < 0.0005, -3.0, -60.0), Interval(0.0, 10.0), 300.0, peak=True)
    assert np.sort(peak)[-2:].tolist() == [-60.0, -3.0]


def test_columns_without_any_sample_are_missing():
    empty = np.empty(0)
    assert np.isnan(charts.columns(empty, empty, Interval(0.0, 5.0), 100.0)[1]).all()


@given(st.lists(st.floats(-100, 100) | st.just(float("nan")), min_size=1, max_size=200), st.floats(2, 900))
def test_columns_never_leave_the_range_of_the_samples(values, width):
    value = np.array(values)
    t = np.arange(value.size) * 0.1
    for peak in (False, True):
        out = charts.columns(t, value, Interval(0.0, value.size * 0.1), width, peak=peak)[1]
        assert np.isfinite(out).any() == np.isfinite(value).any()
        if np.isfinite(value).any():
            assert np.nanmin(out) >= np.nanmin(value) - 1e-9
            assert np.nanmax(out) <= np.nanmax(value) + 1e-9


def test_an_hour_is_not_drawn_dearer_than_ten_minutes():
    def size(duration_s: float) -> int:
        t = np.arange(0.0, duration_s, 0.01)
        curve = Curve("Pitch", "st", t, np.sin(t), -2.0, 2.0, (0.0,))
        return sum(
            len(charts.draw_row(Timeline(duration_s, (), curves=(curve,)), r, "")) for r in charts.rows(duration_s)
        )

    assert size(3600.0) < 1.3 * size(600.0)


def test_lines_break_between_words_and_never_before_a_closing_mark():
    assert charts.wrap(["请", "稍", "等", "。"], 36.0) == ["请稍等。"]
    assert charts.wrap([" and", " so", " my"], 45.0) == ["and so", "my"]
    assert charts.wrap(["extraordinary"], 10.0) == ["extraordinary"]


def test_the_band_of_a_sparkline_stands_at_its_values():
    t = np.arange(0.0, 10.0, 0.1)
    markup = charts.sparkline(t, np.linspace(0.0, 10.0, t.size), 10.0, (2.5, 7.5), "rising")
    svg = ET.fromstring(markup)
    band = svg.find("rect[@class='band']")
    middle = float(band.get("y")) + float(band.get("height")) / 2
    assert middle == pytest.approx(16.0, abs=0.2)
    assert float(band.get("height")) == pytest.approx(32 * 5 / 12, abs=0.3)  # 10 % margin above and below
    assert svg.get("aria-label") == "rising"


def test_a_trace_that_was_never_seen_has_no_sparkline():
    t = np.arange(0.0, 1.0, 0.1)
    assert charts.sparkline(t, np.full(t.size, np.nan), 1.0, (0.0, 1.0), "x") == ""
