"""A change is told where it exceeds the errors of both times, by how far each value lies outside its band."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.etiquette.assessment import Verdict
from liyi.etiquette.change import Reading, change, change_of_total, changed, comparable, reading_by, reading_of
from liyi.etiquette.norms import load_pack
from tests.records.world import judged

INF = float("inf")


def tilt(value: float | None, error: float | None = 1.0, **fields) -> Verdict:
    kept = {"criterion": "c", "measure": "m", "dimension": "posture", "status": "assessed", "unit": "deg",
            "good": (-3.0, 3.0)}  # fmt: skip
    return Verdict(**kept | {"value": value, "error": error} | fields)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (tilt(9), tilt(4), "better"),  # 5 outside less than 2 sqrt(2)
        (tilt(4), tilt(9), "worse"),
        (tilt(9), tilt(7), "none"),  # 2 is less than 2.8
        (tilt(-9), tilt(4), "better"),  # on the other side, and less
        (tilt(-9), tilt(9), "none"),  # as far outside
        (tilt(-2), tilt(2), "none"),  # both inside
        (tilt(9, 4.0), tilt(4, 4.0), "none"),  # the errors are larger
        (tilt(2, 0.0, unit="count", good=(0, 0)), tilt(1, 0.0, unit="count", good=(0, 0)), "better"),
        (tilt(2, None, good=(None, 1.0)), tilt(5, None, good=(None, 1.0)), "worse"),
        (tilt(40, 5, good_share=90, unit="%"), tilt(80, 5, good_share=90, unit="%"), "better"),
        (tilt(92, 1, good_share=90, unit="%"), tilt(99, 1, good_share=90, unit="%"), "none"),
        (tilt(9), tilt(None, status="not_assessed"), None),
        (tilt(9), tilt(4, status="needs_review"), None),
        (tilt(9), tilt(4, unit="%"), None),
        (tilt(9), tilt(4, measure="other"), None),
        (tilt(9), tilt(4, good=None), None),
    ],
)
def test_what_is_told(before, after, told):
    assert change(before, after) == told


@pytest.mark.parametrize(
    ("share", "typical", "told"),
    [(40, 9, "none"), (80, 9, "better"), (40, 4, "better"), (80, 4, "better"), (10, 4, "none"), (10, 9, "worse")],
)
def test_of_a_share_of_time_the_quantity_behind_it_counts_too(share, typical, told):
    def found(share: float, typical: float) -> Verdict:
        return tilt(share, 5.0, good_share=90.0, unit="%", typical=typical, typical_unit="deg", typical_error=1.0)

    assert change(found(40, 9), found(share, typical)) == told


@given(*[st.floats(-100, 100)] * 2, *[st.floats(0, 10)] * 2)
def test_the_other_way_round_it_is_the_other_way_round(first, second, error, other):
    before, after = Reading(first, error, "deg", -3, 3), Reading(second, other, "deg", -3, 3)
    other_way = {"better": "worse", "worse": "better", "none": "none"}
    assert changed(after, before) == other_way[changed(before, after)]


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(0, 10), st.floats(0, 10))
def test_a_larger_error_never_makes_a_change(first, second, error, more):
    def told(size: float) -> str:
        return changed(Reading(first, size, "deg", -3, 3), Reading(second, size, "deg", -3, 3))

    if told(error) == "none":
        assert told(error + more) == "none"


def test_a_try_is_held_against_the_band_of_its_pack():
    share = load_pack("counter").criteria["shoulder_tilt"]
    assert (share.share, reading_by(share, None, None, "%")) != (None, None)
    assert reading_by(share, 50.0, 2.0, "%") == Reading(50.0, 2.0, "%", share.share.good, INF)
    assert reading_by(share, 5.0, 1.0, "deg") == Reading(5.0, 1.0, "deg", *share.good)
    pace = load_pack("counter").criteria["pace"]
    assert reading_by(pace, 200.0, None, "字/分") == Reading(200.0, 0.0, "字/分", *pace.good)


def test_a_reading_says_how_far_outside():
    assert reading_of(tilt(7)).outside == 4
    assert reading_of(tilt(-1)).outside == 0


@pytest.mark.parametrize(
    ("first", "second", "error", "told"),
    [(70, 80, 4, "none"), (70, 80, 3, "better"), (80, 70, 3, "worse"), (None, 80, 3, None)],
)
def test_totals(first, second, error, told):
    before, after = (judged(total=total).model_copy(update={"total_error": error}) for total in (first, second))
    assert change_of_total(before, after) == told


def test_only_the_same_asked_for_is_compared():
    before = judged(version="1.0.0")
    assert comparable(before, judged(version="1.9.0"))
    assert not comparable(before, judged(version="2.0.0"))
    assert not comparable(before, before.model_copy(update={"profile": "standing"}))
    assert change_of_total(before, before.model_copy(update={"total_of": ("voice",)})) is None
