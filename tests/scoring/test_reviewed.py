"""The total after review: the tool's to the last digit without a decision, and the judge's own with each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liyi.core.errors import LiyiError
from liyi.core.reasons import Reason
from liyi.core.trace import Event
from liyi.etiquette.aggregate import sub_score, value_at
from liyi.etiquette.assess import assess, circumstances_of
from liyi.etiquette.judge import weigh
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance
from liyi.etiquette.weighing import fault_points
from liyi.scoring import reviewed as module
from liyi.scoring.reviewed import measured, reviewed, standing

SAMPLE = Path(__file__).parents[2] / "sample_media" / "counter_front_zh.measures.parquet"
PACK = load_pack("counter")


@dataclass(frozen=True)
class Decided:
    criterion: str
    decision: str
    start_s: float | None = None
    end_s: float | None = None
    new: float | None = None


@pytest.fixture(scope="module")
def measures():
    return measured(SAMPLE, PACK)


@pytest.fixture(scope="module")
def machine(measures):
    return judged(measures)


def judged(measures):
    about = {"liyi_version": "0", "created_at": "2026-01-01T00:00:00Z", "elapsed_s": 1.0}
    return assess(load_performance(SAMPLE), PACK, profile="seated", signals=measures.signals, **about)


def with_signal(measures, id: str, **changes):
    return replace(measures, signals={**measures.signals, id: replace(measures.signals[id], **changes)})


def verdict(found, criterion: str):
    return next(v for v in found.verdicts if v.criterion == criterion)


def test_without_a_decision_it_is_the_tools_to_the_last_digit(machine, measures):
    found = reviewed(machine, PACK, [])
    for name in ("total", "total_error", "dimensions", "caps", "verdicts", "deductions", "coverage", "needs_missing"):
        assert getattr(found, name) == getattr(machine, name)
    assert found.waiting == ("courtesy_coverage", "nin_ratio")
    foreign = reviewed(machine, PACK, [Decided("no_such", "rejected"), Decided("snr", "rejected")])
    assert foreign.total == machine.total


def certain(machine) -> list[Decided]:
    """Everything that the tool was sure of, confirmed: moment by moment and criterion by criterion."""
    sure = [v for v in machine.verdicts if v.status == "assessed"]
    moments = [Decided(v.criterion, "confirmed", e.start_s, e.end_s) for v in sure for e in v.evidence]
    return [*moments, *(Decided(v.criterion, "confirmed") for v in sure)]


def test_to_confirm_what_was_certain_changes_nothing(machine, measures):
    found = reviewed(machine, PACK, certain(machine), measures)
    assert (found.total, found.total_error, found.dimensions) == (
        machine.total,
        machine.total_error,
        machine.dimensions,
    )
    assert (found.verdicts, found.caps, found.deductions) == (machine.verdicts, machine.caps, machine.deductions)


def test_nor_with_moments_beside_it_that_were_too_few_to_matter(measures):
    more = with_signal(measures, "crossed_arms", undecided=(Event(5.0, 5.2),))
    before = judged(more)
    assert verdict(before, "crossed_arms").status == "assessed"
    assert reviewed(before, PACK, certain(before), more).total == before.total


DECISIONS = [
    Decided("crossed_arms", "rejected", 1.933, 4.0), Decided("crossed_arms", "rejected", 9.933, 12.0),
    Decided("crossed_arms", "added", 6.0, 7.0), Decided("pace", "changed", new=0.2), Decided("facing", "rejected"),
    Decided("head_roll", "rejected", 4.8, 6.133), Decided("courtesy_coverage", "confirmed", 0.42, 0.86),
    Decided("run_length", "changed"),
]  # fmt: skip


@settings(max_examples=5, deadline=None)
@given(order=st.permutations(DECISIONS), again=st.lists(st.sampled_from(DECISIONS), max_size=3))
def test_the_order_does_not_matter(order, again, machine, measures):
    expected = reviewed(machine, PACK, DECISIONS, measures)
    found = reviewed(machine, PACK, [*again, *order], measures)
    assert (found.total, found.verdicts, found.caps) == (expected.total, expected.verdicts, expected.caps)


def test_of_one_criterion_and_moment_the_last_counts(machine, measures):
    first, last = Decided("pace", "changed", new=0.1), Decided("pace", "changed", 2.0, 3.0, 0.9)
    assert standing([first, last]) == (last,)
    assert standing([Decided("pace", "rejected"), Decided("pace", "confirmed", 1, 2)])[0].decision == "rejected"
    taken_back = [Decided("crossed_arms", "rejected", 1.9, 4.0), Decided("crossed_arms", "confirmed", 1.933, 4.01)]
    assert reviewed(machine, PACK, taken_back, measures).total == machine.total


def test_a_rejected_moment_no_longer_counts(machine, measures):
    arms = verdict(machine, "crossed_arms")
    one = reviewed(machine, PACK, [Decided("crossed_arms", "rejected", 1.933, 4.0)], measures)
    assert verdict(one, "crossed_arms").value == pytest.approx(arms.value * 2 / 3, rel=0.02)
    moments = [Decided("crossed_arms", "rejected", e.start_s, e.end_s) for e in arms.evidence]
    every, whole = (reviewed(machine, PACK, d, measures) for d in (moments, [Decided("crossed_arms", "rejected")]))
    assert verdict(every, "crossed_arms").value == 0
    assert every.caps == ()
    assert whole.total == every.total > one.total >= machine.total
    assert verdict(whole, "crossed_arms").status == "assessed", "a fault that did not happen is none"


def test_who_rejects_the_whole_rejects_the_moments_that_were_confirmed_before(machine, measures):
    arms = verdict(machine, "crossed_arms")
    before = [Decided("crossed_arms", "confirmed", e.start_s, e.end_s) for e in arms.evidence]
    before.append(Decided("crossed_arms", "added", 6.0, 7.0))
    whole = Decided("crossed_arms", "rejected")
    upheld, alone = (reviewed(machine, PACK, decisions, measures) for decisions in ([*before, whole], [whole]))
    assert (upheld.total, upheld.caps) == (alone.total, alone.caps), "an appeal that was upheld lifts the red line"
    assert len(standing([*before, whole, *before])) == len(before) + 1, "but what is decided after it stands"
    assert standing([*before, Decided("crossed_arms", "confirmed")])[0].decision == "added"


def test_a_rejected_stretch_is_left_out_and_a_rejected_quality_is_not_assessed(machine, measures):
    stretches = [Decided("head_roll", "rejected", e.start_s, e.end_s) for e in verdict(machine, "head_roll").evidence]
    found = reviewed(machine, PACK, stretches, measures)
    assert verdict(found, "head_roll").value > verdict(machine, "head_roll").value
    assert verdict(found, "head_roll").coverage < verdict(machine, "head_roll").coverage
    gone = verdict(reviewed(machine, PACK, [Decided("head_roll", "rejected")], measures), "head_roll")
    assert (gone.status, gone.reason, gone.sub_score, gone.value) == ("not_assessed", Reason.REJECTED, None, None)


def test_what_waited_counts_once_it_is_decided(machine, measures):
    yes, no = (
        reviewed(machine, PACK, [Decided("courtesy_coverage", said)], measures) for said in ("confirmed", "rejected")
    )
    assert verdict(yes, "courtesy_coverage").status == verdict(no, "courtesy_coverage").status == "assessed"
    assert verdict(yes, "courtesy_coverage").value > verdict(no, "courtesy_coverage").value
    assert yes.waiting == no.waiting == ("nin_ratio",)
    hint = reviewed(machine, PACK, [Decided("nin_ratio", "confirmed")], measures)
    assert hint.total == machine.total, "a hint stays a hint"
    assert hint.waiting == ("courtesy_coverage",)


def test_undecided_events_that_are_confirmed_count(measures):
    gap = with_signal(measures, "chin_prop", undecided=(Event(5.0, 6.5),))
    before = judged(gap)
    assert verdict(before, "chin_prop").status == "needs_review"
    yes = reviewed(before, PACK, [Decided("chin_prop", "confirmed")], gap)
    assert verdict(yes, "chin_prop").value > 0
    no = reviewed(before, PACK, [Decided("chin_prop", "rejected", 5.0, 6.5)], gap)
    assert (verdict(no, "chin_prop").status, verdict(no, "chin_prop").value) == ("assessed", 0)


def test_a_veto_caps_once_it_is_confirmed(measures, monkeypatch):
    veto = "forbidden_phrases_veto"
    heard = with_signal(measures, veto, undecided=(Event(3.0, 4.0, label="有完没完"),))
    monkeypatch.setattr(module, "signals_of", lambda _1, _2, only: {id: heard.signals[id] for id in only})
    before = judged(heard)
    assert [cap.status for cap in before.caps if veto in cap.criteria] == ["needs_review"]
    for said, total in (("confirmed", 59), ("rejected", None)):
        for moment in ((None, None), (3.0, 4.0)):
            after = reviewed(before, PACK, [Decided(veto, said, *moment)], heard)
            lines = [(cap.total, cap.status) for cap in after.caps if veto in cap.criteria]
            assert ((59, "applied") in lines) == bool(total)
            assert veto not in after.waiting
            assert after.total == (59 if total else before.total)
    assert reviewed(before, PACK, [Decided(veto, "changed", new=1.0)], heard).total == before.total


@pytest.mark.parametrize("new", [0.0, 0.3, 0.6, 0.85, 1.0, None])
def test_a_changed_criterion_has_its_new_sub_score(machine, measures, new):
    for criterion in ("pace", "crossed_arms", "head_roll", "face_toward"):
        found = reviewed(machine, PACK, [Decided(criterion, "changed", new=new)], measures)
        after, before = verdict(found, criterion), verdict(machine, criterion)
        assert after.status == ("not_assessed" if new is None else "assessed")
        assert after.sub_score == new
        assert after.value == (None if new is None else before.value), "what was measured stays"
        [lost] = [d.points for d in found.deductions if d.criterion == criterion] or [0.0]
        if new is None or new == 1:
            assert lost == 0
        elif after.kind == "fault":
            about = PACK.criteria[criterion]
            assert lost == pytest.approx(fault_points(value_at(new, about), about, 0.0), abs=0.01)
        else:
            whole = sum(v.weight for v in found.verdicts if v.status == "assessed")
            assert lost == pytest.approx(100 * after.weight * (1 - new) / whole, abs=0.01)


def test_what_is_added_counts_once_as_the_pack_charges_it(machine, measures):
    added = Decided("hands_on_hips", "added", 6.0, 7.0)
    found = reviewed(machine, PACK, [added], measures)
    watched_s = measures.signals["hands_on_hips"].watched_s
    assert verdict(found, "hands_on_hips").value == pytest.approx(100 / watched_s, abs=0.01)
    assert found.uncounted == ()
    over = reviewed(machine, PACK, [Decided("crossed_arms", "added", 2.0, 3.0)], measures)
    assert verdict(over, "crossed_arms").value == verdict(machine, "crossed_arms").value, "it was seen already"
    for criterion in ("pace", "shoulder_tilt", "weak_voice"):
        tilt = Decided(criterion, "added", 6.0, 7.0)
        unseen = reviewed(machine, PACK, [tilt], measures)
        assert (unseen.total, unseen.uncounted) == (machine.total, (tilt,))


def test_a_pack_that_changed_since_judges_nothing(machine, measures):
    other = PACK.model_copy(update={"sha256": "0" * 64})
    assert reviewed(machine, other, []).total == machine.total
    with pytest.raises(LiyiError, match="has changed since"):
        reviewed(machine, other, [Decided("pace", "rejected")], measures)


def test_an_answer_about_what_is_seen_says_nothing_of_what_is_heard(machine, measures):
    """A phrase was unsure from 0.42 to 0.86 s; arms that are decided at the same moment are another matter."""
    found = reviewed(machine, PACK, [Decided("crossed_arms", "confirmed", 0.42, 0.86)], measures)
    assert verdict(found, "courtesy_coverage") == verdict(machine, "courtesy_coverage")


@given(score=st.floats(0, 1), id=st.sampled_from(sorted(PACK.criteria)), side=st.sampled_from(["low", "high"]))
def test_the_value_of_a_score_has_that_score(score, id, side):
    criterion = PACK.criteria[id]
    if criterion.share is not None:
        return
    value = value_at(score, criterion, side)
    found = sub_score(value, criterion)
    edges = [
        sub_score(edge, criterion) for band in (criterion.good, criterion.tolerable, criterion.fail) for edge in band
    ]
    assert found == pytest.approx(score, abs=1e-6) or any(found == pytest.approx(edge) for edge in edges)


def test_judging_in_two_halves_is_judging(machine, measures):
    assert measures.circumstances == circumstances_of(load_performance(SAMPLE), [])
    assert weigh(machine.verdicts, measures.signals, PACK, "seated", measures.circumstances).total == machine.total
