"""What the inspector lists, and in which order: red lines and what is undecided first; each fault by itself."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest

from liyi.core.trace import Interval
from liyi.etiquette.assessment import CapFound, Evidence
from liyi.records.review_schema import Decision
from liyi.ui.review import inspecting
from liyi.ui.review.inspecting import Decided
from tests.report.conftest import make_assessment, make_performance

OWN = uuid4()


@pytest.fixture(scope="module")
def assessment():
    return make_assessment(make_performance())


def with_verdict(assessment, criterion, **changes):
    told = [v.model_copy(update=changes) if v.criterion == criterion else v for v in assessment.verdicts]
    return assessment.model_copy(update={"verdicts": tuple(told)})


def decision(criterion, what, moment=None, **more):
    start, end = moment or (None, None)
    values = {"new": None, "why": "", "author_id": OWN, "id": uuid4(), **more}
    return SimpleNamespace(criterion=criterion, decision=what, start_s=start, end_s=end, **values)


def test_what_is_undecided_comes_first_then_faults_then_what_wants_attention(assessment):
    found = inspecting.items(assessment)
    first = [item.verdict.criterion for item in found if item.rank < inspecting._REST]
    assert first == ["filled_pauses", "shoulder_tilt", "pace", "chin_prop", "upright_ratio"]
    assert {item.verdict.criterion for item in found} == {v.criterion for v in assessment.verdicts}


def test_a_red_line_that_waits_for_a_person_comes_before_all(assessment):
    lines = (CapFound(criteria=("chin_prop",), total=59, status="needs_review"),)
    moments = (Evidence(start_s=30.0, end_s=31.0), Evidence(start_s=8.0, end_s=9.0))
    told = with_verdict(assessment, "chin_prop", kind="fault", status="needs_review", sub_score=None, evidence=(),
                        undecided=moments)  # fmt: skip
    found = inspecting.items(told.model_copy(update={"caps": lines}))
    assert [(item.verdict.criterion, item.moment) for item in found[:2]] == [
        ("chin_prop", Interval(8.0, 9.0)), ("chin_prop", Interval(30.0, 31.0)),
    ]  # fmt: skip
    assert inspecting.listed(told.model_copy(update={"caps": lines}), Decided([], {}, OWN), "zh")[0]["veto"] is True


def test_a_fault_is_decided_moment_by_moment_and_many_together(assessment):
    def moments(count):
        evidence = tuple(Evidence(start_s=2.0 * k, end_s=2.0 * k + 1) for k in range(count))
        told = with_verdict(assessment, "chin_prop", kind="fault", evidence=evidence)
        return [item for item in inspecting.items(told) if item.verdict.criterion == "chin_prop"]

    assert [item.moment for item in moments(2)] == [Interval(0.0, 1.0), Interval(2.0, 3.0)]
    [together] = moments(inspecting.MOST_MOMENTS + 1)
    assert together.moment is None
    assert len(together.clips) == inspecting.MOST_MOMENTS + 1


def test_of_a_finding_the_last_decision_counts_and_others_of_the_same_criterion_do_not(assessment):
    rows = [
        decision("pace", Decision.confirmed),
        decision("pace", Decision.changed, new=0.8, why="情境"),
        decision("pace", Decision.rejected, (1.0, 9.0)),
    ]
    shown = inspecting.listed(assessment, Decided(rows, {OWN: "王老师"}, OWN), "zh")
    pace = next(item for item in shown if item["key"] == "pace")
    assert (pace["decision"]["word"], pace["decision"]["text"], pace["decision"]["why"]) == ("改判", "留意 80", "情境")
    assert pace["decision"]["author"] == "王老师"
    assert Decided(rows, {}, OWN).counts() == {"confirmed": 0, "rejected": 1, "changed": 1, "added": 0}


def test_only_ones_own_that_was_not_sent_can_be_taken_back(assessment):
    mine, sent, others = (decision("pace", Decision.confirmed, author_id=who) for who in (OWN, OWN, uuid4()))
    told = Decided([mine, sent, others], {}, OWN, frozenset({sent.id}))
    assert [told.shown(row, "zh")["back"] for row in (mine, sent, others)] == [True, False, False]
    assert told.shown(others, "zh")["author"] == "其他复核人"


def test_what_a_person_added_is_listed_with_its_moment(assessment):
    rows = [decision("chin_prop", Decision.added, (33.0, 35.0), why="看得见")]
    last = inspecting.listed(assessment, Decided(rows, {}, OWN), "zh")[-1]
    assert (last["added"], last["clips"][0][2], last["name"]) == (True, "0:33–0:35", "托腮")


def test_a_person_rates_what_the_camera_shows_and_no_condition_of_the_recording(assessment):
    told = with_verdict(assessment, "pitch_variation", kind="condition")
    rated = {each["id"] for each in inspecting.rated(told, "zh")}
    assert "shoulder_tilt" in rated
    assert rated.isdisjoint({"pitch_variation", "trunk_forward_lean"})  # the latter shows from the side alone


@pytest.mark.parametrize(("score", "said"), [(None, "未评估"), (1.0, "良好 100"), (0.8, "留意 80"), (0.3, "需改进 30")])
def test_a_changed_sub_score_is_told_in_words_and_as_a_number(score, said):
    assert inspecting.score_text(score, "zh") == said
