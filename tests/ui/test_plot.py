"""Attempts on one axis: where a value, its error, its band and a gap lie, by arithmetic."""

from __future__ import annotations

import math
import re

import pytest

from liyi.ui.plot import MOST, Attempt, _ticks, attempts, dots, shown


def drawn(*values: float | None, low=-3.0, high=3.0, code="deg", error=1.0) -> str:
    found = [Attempt(f"11-{k:02d}", value, error, f"<{k}>") for k, value in enumerate(values, 1)]
    return attempts(found, code, low, high, lang="zh", label='"tilt"')


def place(markup: str, kind: str, name: str) -> list[float]:
    tags = re.findall(rf'class="{kind}[^"]*" style="([^"]*)"', markup)
    return [float(re.search(rf"(?:^|;){name}:(-?[\d.]+)%", tag)[1]) for tag in tags]


def test_a_larger_value_lies_higher_and_later_ones_further_right():
    markup = drawn(9.0, 1.0, 4.0)
    tops, lefts = place(markup, "dot", "top"), place(markup, "dot", "left")
    assert tops[0] < tops[2] < tops[1]
    assert lefts == sorted(lefts)
    assert lefts == pytest.approx([100 / 6, 50, 500 / 6], abs=0.1)


def test_the_error_spans_one_sigma_on_either_side_and_the_band_its_edges():
    markup = drawn(9.0)  # the axis: -3 to 10, and 12 % of that on either side
    span = 13 * 1.24
    assert place(markup, "error", "height") == pytest.approx([100 * 2 / span], abs=0.1)
    [bottom], [top] = place(markup, "band", "bottom"), place(markup, "band", "top")
    assert (100 - top) - bottom == pytest.approx(100 * 6 / span, abs=0.2)


def test_an_open_band_reaches_the_end_and_a_share_never_goes_past_all_of_the_time():
    markup = drawn(40.0, 99.0, low=90.0, high=math.inf, code="%")
    assert place(markup, "band", "top") == [0.0]
    assert "110" not in markup
    assert ">100%<" in markup


@pytest.mark.parametrize(("low", "high"), [(-5.2, 10.0), (0.0, 1.0), (-0.3, 0.2), (0.0, 105.0), (151.0, 252.0), (7, 9)])
def test_the_axis_has_some_round_numbers_and_not_too_many(low, high):
    found = _ticks(low, high)
    assert 3 <= len(found) <= 8
    assert all(low <= value <= high for value in found)


def test_what_was_not_assessed_is_a_gap_with_its_reason():
    markup = drawn(9.0, None, 4.0)
    assert len(place(markup, "dot", "top")) == 2
    assert place(markup, "gap", "left") == [50.0]
    assert markup.count('title="&lt;2&gt;">○') == 1


def test_nothing_assessed_at_all_is_drawn():
    assert drawn(None, low=-math.inf, high=math.inf).count("○") == 1


def test_a_value_without_any_spread_is_drawn():
    assert place(drawn(5.0, error=0.0, low=-math.inf, high=math.inf), "dot", "top") == [50.0]


def test_many_leave_the_first_and_the_newest():
    assert shown(MOST) == list(range(MOST))
    assert shown(30) == [0, *range(19, 30)]
    markup = drawn(*map(float, range(1, 31)))
    assert ">11-01<" in markup
    assert ">11-30<" in markup
    assert len(place(markup, "dot", "top")) == MOST


def test_text_from_elsewhere_is_no_markup():
    assert 'aria-label="&quot;tilt&quot;"' in drawn(1.0)
    assert "<b>" not in dots([("●", "good", "<b>")], "<b>")
