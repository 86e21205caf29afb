"""Who stands where, and what a human should look at again: known groups with known outliers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liyi.cohort.outliers import CODES, FEWEST, recheck, robust_z
from liyi.cohort.ranks import outcome, pack_text, profile_text, ranks
from liyi.etiquette.assessment import CapFound
from liyi.etiquette.norms import load_pack
from tests.cohort.batches import TWO_PEOPLE, assessment, mixed, row


def codes(rows):
    return [[note.code for note in notes] for notes in recheck(rows)]


def test_outcomes():
    assert [outcome(r) for r in mixed()] == ["total"] * 5 + ["no_total", "total", "failed", "stopped"]


def test_robust_z_of_a_normal_sample_is_its_z():
    x = np.random.default_rng(0).normal(70, 8, 20_000)
    np.testing.assert_allclose(robust_z(x), (x - x.mean()) / x.std(), atol=0.15)


def test_robust_z_where_most_are_equal():
    assert robust_z([90.0] * 7) == [0.0] * 7
    z = robust_z([90.0] * 9 + [20.0])
    assert abs(z[-1]) > 3.5
    assert z[0] == 0
    assert robust_z([]) == []


def test_a_total_far_from_the_rest_is_noted_once_for_total_and_dimension():
    rows = [row(f"{i}.mp4", assessment(total)) for i, total in enumerate([84.0, 85.0, 86.0, 85.5, 84.5, 86.5, 31.0])]
    found = codes(rows)
    assert found[:-1] == [[]] * 6
    assert found[-1] == ["far_from_rest", "far_from_rest"]
    total, posture = recheck(rows)[-1]
    assert total.text(rows[-1].assessment, "en") == "Total 31.0: far from the middle of its group, 85.0."
    assert posture.text(rows[-1].assessment, "zh").startswith("姿态 31.0 分")


def test_few_recordings_have_no_outliers():
    rows = [row(f"{i}.mp4", assessment(total)) for i, total in enumerate([85.0] * (FEWEST - 2) + [31.0])]
    assert not any("far_from_rest" in found for found in codes(rows))


def test_groups_are_not_held_against_each_other():
    front = [row(f"{i}.mp4", assessment(85.0 + i / 10)) for i in range(6)]
    side = [row(f"s{i}.mp4", assessment(65.0 + i / 10, camera="side")) for i in range(6)]
    assert codes(front + side) == [[]] * 12


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (assessment(75.0), []),
        (assessment(81.9), ["near_border"]),
        (assessment(58.1), ["near_border"]),
        (assessment(82.1), []),
        (assessment(75.0, coverage=0.65), ["low_coverage"]),
        (assessment(75.0, warnings=(TWO_PEOPLE,)), ["warning"]),
        (assessment(None), ["no_total"]),
        (assessment(80.0, coverage=0.61, warnings=(TWO_PEOPLE,)), ["warning", "low_coverage", "near_border"]),
    ],
)
def test_each_cause_by_itself(found, expected):
    assert codes([row("a.mp4", found)]) == [expected]


@pytest.mark.parametrize(("whole", "expected"), [(88.0, []), (79.0, ["near_border"])])
def test_a_total_that_a_red_line_set_is_near_no_border(whole, expected):
    line = CapFound(criteria=("crossed_arms",), total=79.0)
    found = assessment(79.0).model_copy(update={"caps": (line,), "total_before_caps": whole})
    assert codes([row("a.mp4", found)]) == [expected]


@pytest.mark.parametrize(("most", "expected"), [(69.0, ["provisional"]), (89.0, [])])
def test_a_total_that_a_person_may_still_lower_is_looked_at_first(most, expected):
    waits = CapFound(criteria=("crossed_arms",), total=most, status="needs_review")
    found = row("a.mp4", assessment(75.0).model_copy(update={"caps": (waits,)}))
    assert codes([found]) == [expected]
    for note in recheck([found])[0]:
        assert "waiting for a person's decision" in note.text(found.assessment, "en")
        assert "等待" in note.text(found.assessment, "zh") or "确认" in note.text(found.assessment, "zh")


def test_every_note_can_be_said_in_both_languages():
    rows = mixed()
    for found, notes in zip(rows, recheck(rows), strict=True):
        for note in notes:
            assert note.code in CODES
            assert "{" not in note.text(found.assessment, "en") + note.text(found.assessment, "zh")


@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=30))
def test_a_rank_is_one_more_than_the_number_of_better_totals(totals):
    found = ranks([row(f"{i}.mp4", assessment(total)) for i, total in enumerate(totals)])
    shown = {i: round(total, 1) for i, total in enumerate(totals) if total is not None}
    assert found == {i: 1 + sum(other > total for other in shown.values()) for i, total in shown.items()}


def test_names_of_packs_that_ship_and_of_those_that_do_not():
    pack = load_pack("counter")
    assert pack_text(pack.ref, "zh") == f"政务服务窗口 {pack.version}"
    assert profile_text(pack.ref, "seated", "zh") == "坐席窗口"
    edited = pack.ref.model_copy(update={"sha256": "0" * 64})
    assert (pack_text(edited, "zh"), profile_text(edited, "seated", "zh")) == (f"counter {pack.version}", "seated")
