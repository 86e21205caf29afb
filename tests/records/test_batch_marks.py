"""Marks of a batch: what is in the table, what can be confirmed and what not, second ratings, what is taken."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from liyi.core.errors import LiyiError
from liyi.etiquette.assessment import CapFound
from liyi.records.batch_tables import BatchLine, Mark
from liyi.records.operations import (
    appeals,
    assessments,
    audience,
    batch_exports,
    batch_marks,
    batch_ratings,
    confirmations,
    feedback,
    people,
    personal_copy,
    remarks,
    standing,
)
from liyi.records.review_schema import Decision
from liyi.records.schema import Recording, Role
from liyi.records.store_tables import AuditLine
from liyi.records.unit_of_work import not_there
from liyi.records.viewer import Viewer
from tests.records.evaluated import evaluate, sample

ON_SQLITE = pytest.mark.parametrize("records", ["sqlite"], indirect=True)


@pytest.fixture
def evaluated(records, tmp_path):
    room = tmp_path / "room"
    room.mkdir()
    return records, evaluate(records, room), room


def table(store, made):
    return batch_marks.batch_table(store, made.evaluator, made.batch_id)


def refusal(work, *arguments, **named):
    with pytest.raises(LiyiError) as caught:
        work(*arguments, **named)
    return caught.value.sentence


def actions(store):
    with store.reading() as session:
        return list(session.scalars(select(AuditLine.action).order_by(AuditLine.at)))


def test_from_a_table_to_marks_and_back(evaluated):
    store, made, _ = evaluated
    rows = table(store, made)
    assert [(row.person, row.file, row.total) for row in rows[:2]] == [
        ("李雷", "000.mp4", sample().total), ("韩梅梅", "001.mp4", sample().total)
    ]  # fmt: skip
    assert rows[-1].needs == ("failed",)
    assert [row.position for row in sorted(rows, key=lambda row: row.place)] == [3, 0, 1, 2]
    assert rows[0].findings == ("courtesy_coverage",)
    assert rows[0].confirmable
    assert not rows[0].ready

    mark = batch_marks.confirm_mark(store, made.evaluator, made.assessment_ids[0], why="看过", undecided=True)
    assert (mark.total, mark.total_error) == (sample().total, sample().total_error)
    assert "confirmed already" in refusal(batch_marks.confirm_mark, store, made.evaluator, made.assessment_ids[0])
    assert (
        len(batch_marks.confirm_marks(store, made.evaluator, made.batch_id, made.assessment_ids[1:], undecided=True))
        == 2
    )
    assert [row.mark and row.mark.by for row in table(store, made)] == ["王评"] * 3 + [None]

    batch_marks.withdraw_mark(store, made.evaluator, mark.id, "认错了人")
    assert table(store, made)[0].mark is None
    [told] = batch_marks.marks(store, made.evaluator, made.assessment_ids[0])
    assert (told.why, told.withdrawn_why) == ("看过", "认错了人")
    assert refusal(batch_marks.withdraw_mark, store, made.evaluator, mark.id, "again") == not_there().sentence
    done = actions(store)
    assert (done.count("confirm_mark"), done.count("withdraw_mark")) == (3, 1)


@ON_SQLITE
def test_findings_that_nobody_decided_are_confirmed_only_when_that_is_said(evaluated):
    store, made, _ = evaluated
    id = made.assessment_ids[0]
    for confirm, which in ((batch_marks.confirm_mark, (id,)), (batch_marks.confirm_marks, (made.batch_id, [id]))):
        assert "could not be decided" in refusal(confirm, store, made.evaluator, *which)
    confirmations.confirm(store, made.evaluator, id, "courtesy_coverage", decision=Decision.confirmed)
    assert batch_marks.confirm_mark(store, made.evaluator, id)


@ON_SQLITE
def test_several_are_confirmed_all_or_none(evaluated):
    store, made, _ = evaluated
    batch_marks.confirm_mark(store, made.evaluator, made.assessment_ids[2], undecided=True)
    assert "confirmed already" in refusal(
        batch_marks.confirm_marks, store, made.evaluator, made.batch_id, made.assessment_ids
    )
    with store.reading() as session:
        assert len(session.scalars(select(Mark)).all()) == 1


def test_what_people_decided_is_in_the_mark_and_a_later_decision_is_told(evaluated):
    store, made, _ = evaluated
    id = made.assessment_ids[0]
    confirmations.confirm(store, made.evaluator, id, "crossed_arms", decision=Decision.rejected, why="手放在台面上")
    assert table(store, made)[0].decisions == 1
    mark = batch_marks.confirm_mark(store, made.evaluator, id, undecided=True)
    assert mark.total > sample().total
    [decided] = confirmations.confirmations(store, made.evaluator, id)
    with pytest.raises(LiyiError, match="mark rests on this"):
        confirmations.take_back_confirmation(store, made.evaluator, decided.id)
    assert assessments.assessment(store, made.evaluator, id).total == sample().total, "the tool's stays"
    confirmations.confirm(store, made.evaluator, id, "crossed_arms", decision=Decision.confirmed)
    assert table(store, made)[0].needs == ("changed",)


@ON_SQLITE
def test_a_red_line_that_waits_is_decided_before_a_total_is_confirmed(records, tmp_path):
    waiting = sample().model_copy(update={
        "caps": (CapFound(criteria=("crossed_arms",), total=69, status="needs_review"),),
    })  # fmt: skip
    made = evaluate(records, tmp_path, 1, judged=waiting)
    [row, _] = table(records, made)
    assert row.lines == ("crossed_arms",)
    assert not row.confirmable
    assert "red line" in refusal(batch_marks.confirm_mark, records, made.evaluator, made.assessment_ids[0])
    confirmations.confirm(records, made.evaluator, made.assessment_ids[0], "crossed_arms",
                          decision=Decision.rejected, why="没有交叉")  # fmt: skip
    assert (
        batch_marks.confirm_mark(records, made.evaluator, made.assessment_ids[0], undecided=True).total
        >= sample().total
    )


@ON_SQLITE
def test_an_appeal_holds_a_mark_up_and_nobody_confirms_their_own(evaluated):
    store, made, _ = evaluated
    with store.writing() as session:
        line = session.get(BatchLine, made.line_ids[0])
    person = Viewer(line.person_id, made.evaluator.organisation_id)
    appeals.appeal(store, person, made.assessment_ids[0], "pace", "我说得不快")
    assert table(store, made)[0].needs[0] == "appeal"
    assert "An appeal" in refusal(batch_marks.confirm_mark, store, made.evaluator, made.assessment_ids[0])
    people.grant_role(store, made.admin, person.person_id, Role.evaluator)
    for who in (person, made.second, made.admin):
        assert refusal(batch_marks.confirm_mark, store, who, made.assessment_ids[1]) == not_there().sentence
        assert refusal(batch_exports.export_batch, store, who, made.batch_id) == not_there().sentence


@ON_SQLITE
def test_its_person_is_told_of_a_mark(evaluated, tmp_path):
    store, made, _ = evaluated
    batch_marks.confirm_mark(store, made.evaluator, made.assessment_ids[0], undecided=True)
    with store.reading() as session:
        line = session.get(BatchLine, made.line_ids[0])
    person = Viewer(line.person_id, made.evaluator.organisation_id)
    found = standing.standings(store, person)[line.recording_id]
    assert (found.mark, found.mark_by, found.unread) == (sample().total, "王评", True)
    assert remarks.remarks(store, person, line.assessment_id).mark.by == "王评"
    copy = personal_copy.personal_copy(store, person, tmp_path / "copy.zip")
    [told] = copy.recordings[0]["assessments"][0]["marks"]
    assert (told["total"], told["author"]) == (sample().total, "王评")


@ON_SQLITE
def test_its_person_is_told_of_a_trainer_who_was_asked_to_rate_it(evaluated):
    store, made, _ = evaluated
    rater = made.second
    people.grant_role(store, made.admin, rater.person_id, Role.trainer)
    for grant in people.roles(store, made.admin, rater.person_id):
        if grant.role == Role.evaluator:
            people.revoke_role(store, made.admin, grant.id)
    batch_ratings.ask_second_rating(store, made.evaluator, made.batch_id, 1.0, rater.person_id)
    for id in made.recording_ids:
        with store.reading() as session:
            owner = Viewer(session.get(Recording, id).person_id, made.evaluator.organisation_id)
        assert _judged(store, rater, id)
        told = {each.person_id for each in audience.audience(store, owner, id).readers}
        assert told == {made.evaluator.person_id, rater.person_id}


def test_a_second_person_rates_a_sample_blind(evaluated):
    store, made, _ = evaluated
    second, share = made.second, 0.5
    drawn = batch_ratings.ask_second_rating(store, made.evaluator, made.batch_id, share, second.person_id)
    assert (drawn.count, drawn.of, drawn.new) == (2, 3, 2)
    again = batch_ratings.ask_second_rating(store, made.evaluator, made.batch_id, share, second.person_id)
    assert (again.new, again.seed) == (0, drawn.seed)
    asked = [id for id in made.recording_ids if _judged(store, second, id)]
    assert len(asked) == 2
    assert all(feedback.blind_due(store, second, id) for id in asked)
    assert not any(feedback.blind_due(store, made.evaluator, id) for id in made.recording_ids), "they see the table"
    feedback.rate(store, second, asked[0], "pace", 50)
    assert not feedback.blind_due(store, second, asked[0])
    [told] = batch_ratings.second_ratings(store, made.evaluator, made.batch_id)
    assert (told.rater, told.asked, told.rated) == ("陈评", 2, 1)
    found = batch_ratings.batch_rating_tables(store, made.evaluator, made.batch_id)
    assert [(row["criterion"], row["score"]) for row in found.ratings] == [("pace", 50.0)]
    assert len(found.scores) == 3
    assert {row["total"] for row in found.scores} == {sample().total}


def _judged(store, viewer, recording_id):
    try:
        feedback.blind_due(store, viewer, recording_id)
    except LiyiError:
        return False
    return True


@ON_SQLITE
def test_a_rater_of_another_department_is_not_asked(evaluated):
    store, made, _ = evaluated
    elsewhere = people.add_department(store, made.admin, name="后台").id
    row = people.add_person(store, made.admin, name="远评", account="远评", department_id=elsewhere)
    people.grant_role(store, made.admin, row.id, Role.evaluator, department_id=elsewhere)
    sentence = refusal(batch_ratings.ask_second_rating, store, made.evaluator, made.batch_id, 1.0, row.id)
    assert "another department" in sentence
    assert batch_ratings.second_ratings(store, made.evaluator, made.batch_id) == []


@ON_SQLITE
def test_what_is_taken_leaves_its_line_in_the_trail(evaluated):
    store, made, _ = evaluated
    content = batch_exports.export_batch(store, made.evaluator, made.batch_id)
    assert set(content.files) == set(made.assessment_ids)
    assert (content.organisation, content.evaluator) == ("市政务中心", "王评")
    batch_exports.export_batch(store, made.evaluator, made.batch_id, what="marks")
    assert actions(store)[-2:] == ["export_batch", "export_marks"]
    assert set(batch_exports.assessment_paths(store, made.evaluator, made.batch_id, made.assessment_ids[:1])) == {
        made.assessment_ids[0]
    }
