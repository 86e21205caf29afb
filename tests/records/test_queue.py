"""The queue of a reviewer: what needs a person and why, how far each review is, and what a blind rating hides."""

from __future__ import annotations

import io
from datetime import timedelta
from statistics import median
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event

from liyi.core.reasons import Reason
from liyi.etiquette.assessment import CapFound, Deduction
from liyi.records.operations import (
    access,
    appeals,
    assessments,
    blind,
    cohorts,
    confirmations,
    feedback,
    queue,
    recordings,
    submission,
)
from liyi.records.review_schema import Decision
from liyi.records.schema import Assessment, Kind, Recording, now
from tests.records import world as worlds

wants_rating = blind.wants_rating


@pytest.fixture(autouse=True)
def openly(monkeypatch):
    """No rating is due, but where a test says so."""
    monkeypatch.setattr(blind, "wants_rating", lambda *_: False)


def taken(store, world, name: str, days_ago: float = 0.0, **changes) -> Recording:
    """A recording that the owner has submitted, with what the tool says of it; without ``changes`` it says nothing."""
    owner = world.viewers["owner"]
    row = recordings.keep_recording(store, owner, io.BytesIO(name.encode()), name=name, kind=Kind.rehearsal)
    if changes:
        judged = worlds.judged(row.sha256).model_copy(update=changes)
        assessments.file_assessment(store, owner, row.id, judged, {})
    submission.submit_recording(store, owner, row.id)
    with store.writing() as session:
        session.get(Recording, row.id).submitted_at = now() - timedelta(days=days_ago)
    return row


def waiting_on(reason: Reason):
    verdicts = worlds.judged().verdicts
    changed = verdicts[0].model_copy(update={"status": "needs_review", "reason": reason, "sub_score": None})
    return (changed, *verdicts[1:])


def listed(store, world, who: str = "trainer", **named) -> list[queue.Waiting]:
    return [each for each in queue.queue(store, world.viewers[who], **named) if each.name != "a.mp4"]


def test_what_needs_a_person_comes_first_then_the_newest(stage):
    store, world = stage
    line = CapFound(criteria=("pace",), total=59, status="needs_review")
    taken(store, world, "plain new", 1, total=80.0)
    taken(store, world, "plain old", 5, total=80.0)
    taken(store, world, "hint", 6, verdicts=waiting_on(Reason.HUMAN_DECIDES))
    taken(store, world, "undecided", 2, verdicts=waiting_on(Reason.UNDECIDED))
    taken(store, world, "veto", 9, caps=(line,))
    taken(store, world, "little seen", 3, total=None, coverage=0.4)
    taken(store, world, "no total", 3, total=None)
    taken(store, world, "not assessed", 3)
    found = listed(store, world)
    assert [each.name for each in found] == [
        "veto", "undecided", "little seen", "no total", "not assessed", "plain new", "plain old", "hint",
    ]  # fmt: skip
    assert found[0].why == (queue.Why("line", ("pace",)),)
    assert found[1].why == (queue.Why("finding", ("shoulder_tilt",)),)
    assert [each.why[0].cause for each in found[2:5]] == ["coverage", "no_total", "not_assessed"]
    assert [each.why for each in found[5:]] == [()] * 3
    assert (found[5].total, found[5].profile, found[5].weakest, found[5].person) == (80.0, "seated", "pace", "owner")
    pages = [queue.queue(store, world.viewers["trainer"], size=3, offset=k)[0].name for k in range(8)]
    assert pages == [each.name for each in queue.queue(store, world.viewers["trainer"])][:8]


def test_a_total_far_from_the_persons_own_is_told(stage):
    store, world = stage
    for k, total in enumerate((80.0, 82.0, 84.0)):
        taken(store, world, f"usual {k}", total=total, total_error=3.0)
    taken(store, world, "far", total=60.0, total_error=3.0)
    taken(store, world, "near", total=78.0, total_error=3.0)
    taken(store, world, "other scene", total=20.0, total_error=3.0, profile="standing")
    assert [(each.name, each.why) for each in listed(store, world) if each.why] == [
        ("far", (queue.Why("unusual", usual=80.0),))
    ]


def test_the_usual_total_tells_nothing_of_one_that_is_rated_blind(stage, monkeypatch):
    store, world = stage
    for k, total in enumerate((70.0, 72.0, 90.0, 92.0)):
        taken(store, world, f"usual {k}", total=total, total_error=3.0)
    hidden = taken(store, world, "hidden", total=95.0, total_error=3.0)
    taken(store, world, "far", total=20.0, total_error=3.0)
    monkeypatch.setattr(blind, "wants_rating", lambda id, *_: id == hidden.id)
    found = {each.name or "hidden": each for each in queue.queue(store, world.viewers["trainer"])}
    others = [each.total for name, each in found.items() if name != "far" and each.total and each.profile == "seated"]
    assert found["far"].why == (queue.Why("unusual", usual=median(others)),)
    assert found["hidden"].total is None


def test_how_far_a_review_is_and_who_is_at_it(stage):
    store, world = stage
    row = taken(store, world, "take", verdicts=waiting_on(Reason.UNDECIDED))
    trainer, owner = world.viewers["trainer"], world.viewers["owner"]
    assert (listed(store, world)[0].progress, listed(store, world)[0].by) == ("submitted", ())
    feedback.comment(store, owner, row.id, "my own")
    assert listed(store, world)[0].progress == "submitted", "what its owner says is no review"
    access.assign(store, trainer, world.evaluator_id, recording_id=row.id)
    feedback.comment(store, world.viewers["evaluator"], row.id, "seen")
    [of] = assessments.assessments(store, trainer, recording_id=row.id)
    confirmations.confirm(store, trainer, of.id, "shoulder_tilt", decision=Decision.confirmed)
    [each] = listed(store, world)
    assert (each.progress, each.by, each.why != ()) == ("in_review", ("evaluator", "trainer"), True)
    confirmations.send_review(store, trainer, row.id)
    [each] = listed(store, world)
    assert (each.progress, each.by, each.why) == ("reviewed", ("trainer",), ())
    assert [each.name for each in listed(store, world, "evaluator")] == ["take"]
    again = taken(store, world, "again", 1, verdicts=waiting_on(Reason.UNDECIDED))
    confirmations.send_review(store, trainer, again.id)
    feedback.comment(store, owner, again.id, "thank you")
    assert [(each.progress, each.why) for each in listed(store, world)] == [("reviewed", ())] * 2


def test_several_reviews_are_each_of_their_own_recording(stage):
    store, world = stage
    trainer, owner = world.viewers["trainer"], world.viewers["owner"]
    rows = [taken(store, world, name, verdicts=waiting_on(Reason.UNDECIDED)) for name in ("one", "two", "three")]
    for row in rows[:2]:
        confirmations.send_review(store, trainer, row.id)
    feedback.comment(store, owner, rows[0].id, "my own")
    access.assign(store, trainer, world.evaluator_id, recording_id=rows[1].id)
    feedback.comment(store, world.viewers["evaluator"], rows[1].id, "once more")
    found = {each.name: each.progress for each in listed(store, world)}
    assert found == {"one": "reviewed", "two": "in_review", "three": "submitted"}


def test_an_open_appeal_comes_first_even_after_a_review(stage):
    store, world = stage
    row = taken(store, world, "appealed", 30, total=80.0)
    taken(store, world, "newer", 1, verdicts=waiting_on(Reason.UNDECIDED))
    trainer, owner = world.viewers["trainer"], world.viewers["owner"]
    confirmations.send_review(store, trainer, row.id)
    assert [each.name for each in listed(store, world)] == ["newer", "appealed"]
    [of] = assessments.assessments(store, owner, recording_id=row.id)
    raised = appeals.appeal(store, owner, of.id, "pace", "我当时在念编号。")
    first = listed(store, world)[0]
    assert (first.name, first.progress, first.why) == ("appealed", "reviewed", (queue.Why("appeal", ("pace",)),))
    appeals.answer_appeal(store, trainer, raised.id, upheld=False, sentence="听过了,语速确实偏快。")
    assert [each.name for each in listed(store, world)] == ["newer", "appealed"]


def test_an_appeal_is_not_lost_behind_the_newest(stage, monkeypatch):
    store, world = stage
    monkeypatch.setattr(queue, "MOST_LOOKED_AT", 1)
    taken(store, world, "newest", -1)  # submitted after the one that is appealed
    found = queue.queue(store, world.viewers["trainer"])
    assert [each.recording_id for each in found] == [world.recording]
    assert found[0].why[0].cause == "appeal"


def test_it_is_narrowed_by_cohort_profile_time_and_weakest_criterion(stage):
    store, world = stage
    tilt = Deduction(criterion="shoulder_tilt", dimension="posture", points=9.0, charged=9.0)
    taken(store, world, "standing", 1, profile="standing")
    taken(store, world, "tilted", 40, deductions=(tilt,))
    for named, names in (
        ({"profile": "standing"}, ["standing"]), ({"weakest": "shoulder_tilt"}, ["tilted"]),
        ({"since": now() - timedelta(days=7)}, ["standing"]), ({"cohort_id": world.cohort}, ["standing", "tilted"]),
        ({"profile": "none"}, []),
    ):  # fmt: skip
        assert [each.name for each in listed(store, world, **named)] == names, named
    added = cohorts.add_cohort(store, world.viewers["admin"], name="Empty")
    cohorts.add_member(store, world.viewers["admin"], added.id, world.trainer_id, "trainer")
    assert listed(store, world, cohort_id=added.id) == []


def test_who_has_sent_a_review_has_seen_the_result_and_rates_it_no_more(stage, monkeypatch):
    store, world = stage
    row = taken(store, world, "take", verdicts=waiting_on(Reason.UNDECIDED))
    trainer = world.viewers["trainer"]
    confirmations.send_review(store, trainer, row.id)  # with nothing to decide
    monkeypatch.setattr(blind, "wants_rating", lambda *_: True)  # as a pack does that asks for it later
    assert not feedback.blind_due(store, trainer, row.id)
    access.assign(store, trainer, world.evaluator_id, recording_id=row.id)
    assert feedback.blind_due(store, world.viewers["evaluator"], row.id)


def test_what_is_rated_blind_tells_nothing_that_was_found(stage, monkeypatch):
    store, world = stage
    row = taken(store, world, "take", verdicts=waiting_on(Reason.UNDECIDED))
    due = {row.id}
    monkeypatch.setattr(blind, "wants_rating", lambda id, *_: id in due)
    trainer = world.viewers["trainer"]
    [each] = listed(store, world)
    assert (each.blind, each.total, each.coverage, each.weakest, each.why) == (True, None, None, None, ())
    assert feedback.blind_due(store, trainer, row.id)
    feedback.rate(store, trainer, row.id, "pace", 70)
    assert not feedback.blind_due(store, trainer, row.id)
    [each] = listed(store, world)
    assert (each.blind, each.total, each.weakest) == (False, 80.0, "pace")
    assert each.why != ()
    unassessed = taken(store, world, "not yet")
    due.add(unassessed.id)
    assert not feedback.blind_due(store, trainer, unassessed.id), "there is nothing to hide"


def test_one_in_ten_is_drawn_by_recording_and_rater_and_a_pack_may_ask_for_all(settled, monkeypatch):
    of = Assessment(pack_id="no such pack", pack_sha256="x")
    ids, rater = [UUID(int=k) for k in range(2000)], uuid4()
    drawn = {id for id in ids if wants_rating(id, rater, of)}
    assert 140 < len(drawn) < 260
    assert drawn == {id for id in ids if wants_rating(id, rater, of)}
    assert drawn != {id for id in ids if wants_rating(id, uuid4(), of)}
    for rule, share in (("all", 2000), ("none", 0)):
        monkeypatch.setattr(blind, "_rule", lambda *_, rule=rule: rule)
        assert sum(wants_rating(id, rater, of) for id in ids) == share
    monkeypatch.undo()


def test_it_asks_the_database_as_often_for_many_as_for_one(stage):
    store, world = stage
    asked = []
    event.listen(store.connection, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def questions() -> int:
        asked.clear()
        listed(store, world)
        return sum(each.lstrip().startswith("SELECT") for each in asked)

    taken(store, world, "first", verdicts=waiting_on(Reason.UNDECIDED))
    few = questions()
    for k in range(5):
        taken(store, world, f"take {k}", verdicts=waiting_on(Reason.UNDECIDED))
    assert questions() == few <= 14
