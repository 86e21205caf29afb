"""What a person says of an undecided moment is judged as they said; nothing else changes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events
from liyi.etiquette.judge import Circumstances, judge_criteria
from liyi.etiquette.norms import load_pack
from liyi.etiquette.red_lines import caps_found
from liyi.scoring.confirming import KEY, Answer, answer_from, answers_in, confirmed, questions, settled, with_answers

UNSURE = (Event(3.0, 5.0), Event(9.0, 9.5))
ARMS = Events("crossed_arms", "s", (Event(20.0, 22.0),), 60.0, undecided=UNSURE)


@pytest.fixture(scope="module")
def pack():
    return load_pack("counter")


def decided(pack, *answers):
    return settled({"crossed_arms": ARMS, "chin_prop": ARMS}, pack, answers)


def test_yes_is_what_happened_no_is_nothing_and_unclear_stays(pack):
    yes = decided(pack, Answer("crossed_arms", 3.001, 4.98, "yes"))["crossed_arms"]
    assert yes.items == (Event(3.0, 5.0), Event(20.0, 22.0))
    assert yes.undecided == UNSURE[1:]
    no = decided(pack, Answer("crossed_arms", 3.0, 5.0, "no"))["crossed_arms"]
    assert (no.items, no.undecided) == (ARMS.items, UNSURE[1:])
    assert decided(pack, Answer("crossed_arms", 3.0, 5.0, "unclear"))["crossed_arms"] == ARMS


def test_an_answer_is_about_its_own_moment_and_measure(pack):
    assert decided(pack, Answer("crossed_arms", 30.0, 31.0, "yes"))["crossed_arms"] == ARMS
    assert decided(pack, Answer("crossed_arms", 3.0, 5.0, "yes"))["chin_prop"] == ARMS
    assert decided(pack, Answer("no_such_criterion", 3.0, 5.0, "yes"))["crossed_arms"] == ARMS


def test_answers_survive_in_the_options_and_what_is_none_is_left_out():
    kept = (Answer("crossed_arms", 3.0, 5.0, "yes"), Answer("chin_prop", 1.0, 2.0, "unclear"))
    options = with_answers({"camera": "auto"}, kept)
    assert answers_in(options) == kept
    assert confirmed(options) == {"crossed_arms"}
    assert with_answers(options, ()) == {"camera": "auto"}
    assert answers_in({KEY: [1, {"criterion": "a"}, None]}) == answers_in({KEY: "x"}) == answers_in({}) == ()


@pytest.mark.parametrize(
    "said",
    [
        None, [], "yes", {}, {"criterion": "a", "start_s": 1, "end_s": 2},
        {"criterion": 3, "start_s": 1, "end_s": 2, "said": "yes"},
        {"criterion": "a", "start_s": True, "end_s": 2, "said": "yes"},
        {"criterion": "a", "start_s": float("nan"), "end_s": 2, "said": "yes"},
        {"criterion": "a", "start_s": 10**400, "end_s": 2, "said": "yes"},
        {"criterion": "a", "start_s": 1, "end_s": 2, "said": "perhaps"},
        {"criterion": "a", "start_s": 1, "end_s": 2, "said": ["yes"]},
        {"criterion": "a", "start_s": 1, "end_s": 2, "said": "yes", "more": 1},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(said):
    assert answer_from(said) is None


def test_a_veto_that_the_person_confirms_caps_the_total_and_one_that_is_denied_does_not(pack):
    said = Events("forbidden_phrases", "s", (), 40.0, undecided=(Event(3.0, 4.0, label="有完没完？"),))
    veto = "forbidden_phrases_veto"

    def judged(*answers):
        signals = settled({veto: said}, pack, answers)
        about = Circumstances(60.0, 40.0, "front", language="zh")
        (verdict,) = judge_criteria([veto], signals, pack, "seated", about)
        return verdict.status, [(cap.total, cap.status) for cap in caps_found([verdict], signals, pack, "seated")]

    assert judged() == ("needs_review", [(59, "needs_review")])
    assert judged(Answer(veto, 3.0, 4.0, "yes")) == ("assessed", [(59, "applied")])
    assert judged(Answer(veto, 3.0, 4.0, "no")) == ("assessed", [])
    assert judged(Answer(veto, 3.0, 4.0, "unclear")) == judged()


def test_one_moment_of_each_criterion_is_asked_about_before_a_second_of_any():
    def waits(id: str, weight: float, *starts: float) -> SimpleNamespace:
        moments = tuple(SimpleNamespace(start_s=at, end_s=at + 1, label="") for at in starts)
        return SimpleNamespace(
            criterion=id, weight=weight, kind="quality", reason=Reason.UNDECIDED, undecided=moments
        )  # fmt: skip

    verdicts = [waits("courtesy_coverage", 9.0, 1.0, 4.0, 7.0), waits("chin_prop", 0.0, 20.0)]
    judged = SimpleNamespace(options={}, caps=(), verdicts=verdicts)
    asked = [(q.criterion, q.start_s) for q in questions(judged)]
    assert asked == [("courtesy_coverage", 1.0), ("chin_prop", 20.0), ("courtesy_coverage", 4.0)]


@pytest.mark.parametrize(("sure", "status"), [(2, "applied"), (1, "needs_review")])
def test_majors_that_were_certainly_said_cap_whatever_else_may_have_been(pack, sure, status):
    major = "forbidden_phrases_major"
    said = tuple(Event(5.0 * n, 5.0 * n + 1, label="不归我管。") for n in range(sure))
    perhaps = tuple(Event(30.0 + 5 * n, 33.0 + 5 * n, label="急什么，等着！") for n in range(3))
    signals = {major: Events("forbidden_phrases", "s", said, 60.0, undecided=perhaps)}
    about = Circumstances(60.0, 40.0, "front", language="zh")
    (verdict,) = judge_criteria([major], signals, pack, "seated", about)
    assert [(cap.total, cap.status) for cap in caps_found([verdict], signals, pack, "seated")] == [(69, status)]
