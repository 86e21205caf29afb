"""One criterion's arithmetic against what can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, Scalar, Trace
from liyi.etiquette.aggregate import assessed_s, read, sub_score
from liyi.etiquette.pack import Criterion


@pytest.mark.parametrize(
    ("value", "score"),
    [(0, 1), (3, 1), (-3, 1), (4.5, 0.8), (-4.5, 0.8), (6, 0.6), (9, 0.3), (-9, 0.3), (12, 0), (40, 0)],
)
def test_trapezoid(build, value, score):
    assert sub_score(value, build.criterion()) == pytest.approx(score)


def test_good_is_widened_by_one_sigma_and_no_more(build):
    criterion = build.criterion()
    assert sub_score(4, criterion, 1.0) == 1
    assert sub_score(5, criterion, 1.0) == pytest.approx(0.8)  # half-way from 4 to 6
    assert sub_score(6, criterion, 1.0) == pytest.approx(0.6)
    assert sub_score(9, criterion, 1.0) == sub_score(9, criterion)


def test_good_widened_past_tolerable_moves_its_edge(build):
    criterion = build.criterion()
    assert sub_score(7.9, criterion, 5.0) == 1
    assert sub_score(10, criterion, 5.0) == pytest.approx(0.6 * (12 - 10) / (12 - 8))
    assert sub_score(12.5, criterion, 10.0) == 1


def test_infinite_edges(build):
    one_sided = build.criterion(good=(92, math.inf), tolerable=(85, math.inf), fail=(75, math.inf))
    assert sub_score(1e9, one_sided) == 1
    assert sub_score(80, one_sided) == pytest.approx(0.3)
    never_fails = build.criterion(good=(1, 3), tolerable=(0.6, 4), fail=(0.4, math.inf))
    assert sub_score(50, never_fails) == pytest.approx(0.6)
    assert sub_score(0.4, never_fails) == 0


edge = st.floats(0, 50)


@given(edges=st.tuples(edge, edge, edge), grow=st.tuples(edge, edge, edge), value=st.floats(-200, 200), error=edge)
def test_a_wider_band_never_lowers_a_score(edges, grow, value, error):
    narrow = sorted(edges)
    wide = np.maximum.accumulate([e + g for e, g in zip(narrow, grow, strict=True)])

    def criterion(high):
        good, tolerable, fail = ((-e, float(e)) for e in high)
        return Criterion.model_construct(good=good, tolerable=tolerable, fail=fail)

    assert sub_score(value, criterion(wide), error) >= sub_score(value, criterion(narrow), error) - 1e-9


@given(st.lists(st.floats(-15, 15), min_size=2, max_size=40), edge, edge, edge)
def test_a_wider_band_never_lowers_a_score_of_time(samples, good, tolerable, fail):
    trace = Trace("shoulder_tilt", "deg", np.arange(len(samples)) / 10, np.array(samples), 0.5)
    wider = {
        "good": (-3, 3 + good),
        "tolerable": (-6, 6 + good + tolerable),
        "fail": (-12, 12 + good + tolerable + fail),
    }
    assert read(trace, make_plain(**wider)).score >= read(trace, make_plain()).score - 1e-9


def make_plain(**changes) -> Criterion:
    plain = {
        "measure": "shoulder_tilt", "aggregate": "share_in_band", "dimension": "d", "confidence": "L",
        "good": (-3, 3), "tolerable": (-6, 6), "fail": (-12, 12),
        "share": {"good": 90, "tolerable": 75, "fail": 50}, "source": {}, "advice": {},
    }  # fmt: skip
    return Criterion.model_validate({**plain, **changes})


@given(value=st.floats(-30, 30), error=st.floats(0, 10), more=st.floats(0, 10))
def test_a_larger_error_never_lowers_a_score(value, error, more):
    criterion = Criterion.model_construct(good=(-3, 3), tolerable=(-6, 6), fail=(-12, 12))
    assert sub_score(value, criterion, error + more) >= sub_score(value, criterion, error) - 1e-9


def test_share_in_band_counts_time_not_samples(build):
    # 4 s level, then 6 s tilted by 7 degrees; the level part is sampled ten times as densely
    t = np.concatenate((np.arange(0, 4, 0.1), np.arange(4, 10, 0.2)))
    value = np.where(t < 4, 0.0, 7.0)
    reading = read(Trace("shoulder_tilt", "deg", t, value), build.criterion())
    assert reading.value == pytest.approx(40, abs=1)
    assert reading.unit == "%"
    assert reading.score == pytest.approx(0.5)  # never worse than 7 degrees, half-way from 6 to 12 or 0.5
    assert reading.typical == 7
    assert [(e.start_s, e.end_s) for e in reading.evidence] == [(4.0, 9.9)]  # the last sample lasts as the median does
    assert reading.evidence[0].label == "7 deg"


def test_share_is_scored_by_the_share_edges(build):
    trace = build.trace([0] * 80 + [8] * 20)  # 80 % in the band: a third of the way from 75 to 90
    assert read(trace, build.criterion()).score == pytest.approx(0.6 + 0.4 / 3)


@pytest.mark.parametrize("held", [0, 3, 4.5, 6, 9, 12, 30])
def test_a_posture_that_never_changes_scores_as_its_value(build, held):
    criterion = build.criterion()
    assert read(build.trace([held] * 100), criterion).score == pytest.approx(sub_score(held, criterion))


def test_tolerable_for_long_is_better_than_good_too_seldom(build):
    criterion = build.criterion()
    mild, gross = ([0] * 60 + [away] * 40 for away in (4.5, 20))
    assert read(build.trace(gross), criterion).score == pytest.approx(0.6 * 10 / 25)  # 60 %: on the way from 75 to 50
    assert read(build.trace(mild), criterion).score == pytest.approx(0.8)  # at worst 0.8, all the time
    assert read(build.trace(mild), criterion).value == read(build.trace(gross), criterion).value


def test_share_error_is_half_of_what_two_sigma_gain(build):
    value = [0] * 50 + [3.5] * 10 + [4.5] * 20 + [9] * 20
    reading = read(build.trace(value, error=1.0), build.criterion())
    assert reading.value == pytest.approx(60)  # within 3 + 1
    assert reading.error == pytest.approx((80 - 50) / 2)  # within 3 + 2 against within 3
    assert reading.typical_error == 1.0


def test_what_lies_outside_is_told_beside_the_whole(build):
    """Good for two thirds of the time and crooked for the rest: the median of the whole says nothing of the rest."""
    crooked = read(build.trace([0.2] * 66 + [-6.5] * 30 + [6.5] * 4, error=1.0), build.criterion())
    assert (crooked.typical, crooked.outside, crooked.side) == (0.2, -6.5, "low")
    good = read(build.trace([0.2] * 90 + [3.5] * 10, error=1.0), build.criterion())
    assert (good.outside, good.side) == (None, "")


@pytest.mark.parametrize(("left", "side", "outside"), [(20, "both", 6.5), (3, "low", -6.5)])
def test_who_rocks_leans_to_neither_side(build, left, side, outside):
    rocks = build.criterion(advice={"both": {"en": "You rock."}, "en": "Lean less."})
    reading = read(build.trace([0] * 50 + [-6.5] * 25 + [6.5] * left, error=1.0), rocks)
    assert (reading.side, reading.outside) == (side, outside)
    assert rocks.advice.on("both").en == "You rock."
    assert read(build.trace([-6.5] * 25 + [6.5] * left, error=1.0), build.criterion()).side == "low"


def test_missing_samples_are_neither_good_nor_bad(build):
    value = np.full(100, 1.0)
    value[30:] = np.nan
    trace = build.trace(value, reason=Reason.TURNED_AWAY)
    assert assessed_s(trace) == pytest.approx(3.0)
    reading = read(trace, build.criterion())
    assert (reading.value, reading.score, reading.evidence) == (100, 1, ())


@pytest.mark.parametrize("trace", [[], [math.nan] * 20])
def test_nothing_measured_is_nothing_read(build, trace):
    assert read(build.trace(trace), build.criterion()) is None


def test_one_sample_lasts_no_time(build):
    assert read(build.trace([0.0]), build.criterion()) is None


def test_evidence_worst_first_merged_and_at_most_five(build):
    value = np.zeros(2000)
    for k in range(7):
        start = 100 + 200 * k
        value[start : start + 40] = 7 + k
    value[100 + 20 : 100 + 28] = 0  # a gap of 0.8 s is bridged
    value[1800:1805] = 30  # half a second proves nothing
    reading = read(build.trace(value), build.criterion())
    assert [e.label for e in reading.evidence] == ["13 deg", "12 deg", "11 deg", "10 deg", "9 deg"]
    assert all(e.end_s - e.start_s == pytest.approx(4.0) for e in reading.evidence)


def test_evidence_is_outside_good_where_all_is_tolerable(build):
    reading = read(build.trace([0] * 50 + [5] * 50), build.criterion())
    assert [(e.start_s, e.end_s) for e in reading.evidence] == [(5.0, 10.0)]


def test_short_faults_are_shown_where_there_are_no_others(build):
    value = np.zeros(100)
    value[10::10] = 9
    assert len(read(build.trace(value), build.criterion()).evidence) == 1  # nine spikes 0.9 s apart: one stretch
    assert read(build.trace(value), build.criterion()).evidence[0].start_s == 1.0


def test_median(build):
    criterion = build.criterion(aggregate="median", share=None)
    reading = read(build.trace([4.5] * 60 + [0] * 40, error=0.5), criterion)
    assert (reading.value, reading.unit, reading.error) == (4.5, "deg", 0.5)
    assert reading.score == pytest.approx(1 - 0.4 * (4.5 - 3.5) / (6 - 3.5))


def test_worst_is_not_a_single_frame(build):
    criterion = build.criterion(aggregate="worst", share=None)
    value = np.zeros(200)
    value[50] = 60  # one misread frame
    value[100:130] = -8
    assert read(build.trace(value), criterion).value == -8


def events(*spans, watched_s=60.0, error=0.0):
    return Events("crossed_arms", "s", tuple(Event(a, b) for a, b in spans), watched_s, error)


@pytest.mark.parametrize(
    ("aggregate", "value", "unit"),
    [("time_share", 100 * 9 / 120, "%"), ("per_minute", 1.0, "/min"), ("count", 2, "count"), ("worst", 5, "s")],
)
def test_events(build, aggregate, value, unit):
    criterion = build.criterion(measure="crossed_arms", aggregate=aggregate, share=None, good=(0, 0))
    reading = read(events((1, 5), (20, 25), watched_s=120), criterion)
    assert (reading.value, reading.unit) == (pytest.approx(value), unit)
    assert [e.start_s for e in reading.evidence] == [20, 1]  # the longest first


def test_a_short_recording_is_not_extrapolated_to_a_minute(build):
    criterion = build.criterion(measure="long_pauses", aggregate="per_minute", share=None)
    assert read(events((1, 4), watched_s=10), criterion).value == 1


def test_errors_of_lengths_add_as_independent(build):
    criterion = build.criterion(measure="crossed_arms", aggregate="time_share", share=None)
    reading = read(events(*((k, k + 0.5) for k in range(9)), watched_s=60, error=0.2), criterion)
    assert reading.error == pytest.approx(100 * 0.2 * 3 / 60)


def test_no_event_is_a_measurement_of_none(build):
    criterion = build.criterion(measure="crossed_arms", aggregate="time_share", share=None, good=(0, 0))
    reading = read(events(), criterion)
    assert (reading.value, reading.error, reading.score) == (0, 0, 1)
    assert read(events(watched_s=0), criterion) is None


def test_scalar(build):
    criterion = build.criterion(
        measure="pace", aggregate="value", share=None, good=(120, 180), tolerable=(90, 220), fail=(60, 280)
    )
    reading = read(Scalar("pace", "字/分", 200.0, 30.0, 10.0, evidence=(Event(3, 9),)), criterion)
    assert (reading.value, reading.unit, reading.error) == (200, "字/分", 10)
    assert reading.score == pytest.approx(1 - 0.4 * 10 / 30)
    assert reading.evidence[0].end_s == 9
    assert read(Scalar("pace", "字/分", math.nan, 30.0), criterion) is None


def test_a_scalar_that_a_person_decides_about(build):
    criterion = build.criterion(
        measure="courtesy_coverage", aggregate="value", share=None, good=(85, 100), tolerable=(60, 100), fail=(30, 100)
    )
    for between, decided, score in (((50, 100), 100, 1), ((25, 50), 25, 0), ((50, 50), 50, 0.4)):
        reading = read(Scalar("courtesy_coverage", "%", 50.0, 30.0, between=between), criterion)
        assert (reading.value, reading.value_decided) == (50, decided)
        assert reading.score == pytest.approx(0.4)
        assert reading.score_decided == pytest.approx(score)


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=60), st.floats(-5, 5))
def test_shifting_samples_and_band_together_changes_nothing(samples, shift):
    samples = np.round(np.array(samples) * 4) / 4
    shift = round(shift * 4) / 4
    plain = make(samples, 0.0)
    moved = make(samples + shift, shift)
    assume(plain is not None)
    assert moved.value == pytest.approx(plain.value)
    assert moved.typical == pytest.approx(plain.typical + shift)


def make(samples, shift):
    edges = {"good": 3, "tolerable": 6, "fail": 12}
    criterion = make_plain(**{key: (shift - edge, shift + edge) for key, edge in edges.items()})
    return read(Trace("shoulder_tilt", "deg", np.arange(samples.size) * 0.1, samples), criterion)
