"""Batches of an evaluator who has left or lost the role: handed over or thrown away unseen, and nobody else's."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select

from liyi.core.errors import LiyiError
from liyi.records.access_tables import Assignment
from liyi.records.batch_tables import BatchLine
from liyi.records.operations import (
    access,
    batch_bringing,
    batch_marks,
    batch_ratings,
    batch_removal,
    batch_running,
    batches,
    care,
    people,
    recordings,
)
from liyi.records.schema import Person, Role, now
from liyi.records.store_tables import AuditLine
from liyi.records.unit_of_work import not_there
from liyi.records.viewer import Viewer
from tests.records import world as worlds
from tests.records.evaluated import evaluate

ON_SQLITE = pytest.mark.parametrize("records", ["sqlite"], indirect=True)


@pytest.fixture
def left(records, tmp_path):
    """A batch that was assessed, a second rating asked and a mark confirmed, whose evaluator then lost the role."""
    room = tmp_path / "room"
    room.mkdir()
    made = evaluate(records, room)
    batch_ratings.ask_second_rating(records, made.evaluator, made.batch_id, 1.0, made.second.person_id)
    mark = batch_marks.confirm_mark(records, made.evaluator, made.assessment_ids[0], undecided=True)
    third = people.add_person(records, made.admin, name="赵评", account="赵评")
    people.grant_role(records, made.admin, third.id, Role.evaluator)
    assert batch_removal.left_batches(records, made.admin) == []
    [role] = people.roles(records, made.admin, made.evaluator.person_id)
    people.revoke_role(records, made.admin, role.id)
    return records, made, mark, third


def refused(work, *arguments, **named):
    with pytest.raises(LiyiError) as caught:
        work(*arguments, **named)
    return caught.value.sentence


def test_another_evaluator_goes_on_with_all_of_it(left):
    store, made, mark, third = left
    [told] = batch_removal.left_batches(store, made.admin)
    assert (told.id, told.evaluator) == (made.batch_id, "王评")
    assert any("lost the role" in each.notice.sentence for each in care.care(store, made.admin))
    assert refused(batch_removal.hand_over_batch, store, made.admin, made.batch_id, made.admin.person_id)

    batch_removal.hand_over_batch(store, made.admin, made.batch_id, third.id)
    successor = Viewer(third.id, third.organisation_id)
    table = batch_marks.batch_table(store, successor, made.batch_id)
    assert [row.total is not None for row in table] == [True] * 3 + [False]
    assert len(recordings.recordings(store, successor)) == 3
    [asked] = batch_ratings.second_ratings(store, successor, made.batch_id)
    assert asked.asked == 3
    batch_marks.withdraw_mark(store, successor, mark.id, "重新评定")
    assert len(batch_marks.confirm_marks(store, successor, made.batch_id, made.assessment_ids, undecided=True)) == 3
    people.grant_role(store, made.admin, made.evaluator.person_id, Role.evaluator)  # who comes back has it no more
    assert refused(batches.batch, store, made.evaluator, made.batch_id) == not_there().sentence
    assert recordings.recordings(store, made.evaluator) == []
    with store.reading() as session:
        [line] = session.scalars(select(AuditLine).where(AuditLine.action == "hand_over_batch"))
    assert (line.person_id, line.about_id) == (made.admin.person_id, third.id)


@ON_SQLITE
def test_who_was_to_rate_it_may_take_it_over_and_nobody_of_another_department(left):
    store, made, _, _ = left
    elsewhere = people.add_department(store, made.admin, name="后台").id
    far = people.add_person(store, made.admin, name="远评", account="远评", department_id=elsewhere)
    people.grant_role(store, made.admin, far.id, Role.evaluator, department_id=elsewhere)
    assert "another department" in refused(batch_removal.hand_over_batch, store, made.admin, made.batch_id, far.id)
    batch_removal.hand_over_batch(store, made.admin, made.batch_id, made.second.person_id)
    given = access.assignments(store, made.second)
    assert sorted(each.recording_id for each in given) == sorted(made.recording_ids), "each once"


@ON_SQLITE
def test_it_is_handed_over_whole_though_nothing_is_kept_of_its_evaluator(left):
    store, made, _, third = left
    with store.writing() as session:  # as when what is kept of somebody who has left is deleted
        for each in session.scalars(select(Assignment).where(Assignment.evaluator_id == made.evaluator.person_id)):
            session.delete(each)
    batch_removal.hand_over_batch(store, made.admin, made.batch_id, third.id)
    table = batch_marks.batch_table(store, Viewer(third.id, third.organisation_id), made.batch_id)
    assert [row.total is not None for row in table] == [True] * 3 + [False]


@ON_SQLITE
def test_it_is_thrown_away_unseen_and_can_be_taken_back(left):
    store, made, _, _ = left
    batch_removal.discard_left_batch(store, made.admin, made.batch_id)
    assert batch_removal.left_batches(store, made.admin) == []
    batch_removal.take_back_batch(store, made.admin, made.batch_id)
    assert len(batch_removal.left_batches(store, made.admin)) == 1
    people.grant_role(store, made.admin, made.evaluator.person_id, Role.evaluator)
    assert batches.batch(store, made.evaluator, made.batch_id).id == made.batch_id
    for work in (batch_removal.discard_left_batch, batch_removal.take_back_batch):
        assert refused(work, store, made.admin, made.batch_id) == not_there().sentence


@ON_SQLITE
def test_who_was_given_one_recording_to_judge_is_not_found_by_a_list(records, tmp_path):
    room = tmp_path / "room"
    room.mkdir()
    made = evaluate(records, room)
    assert set(batch_bringing.people_called(records, made.evaluator, ["李雷"])) == {"李雷"}
    batch_ratings.ask_second_rating(records, made.evaluator, made.batch_id, 1.0, made.second.person_id)
    assert batch_bringing.people_called(records, made.second, ["李雷"]) == {}
    me = made.evaluator.person_id
    given = {each.recording_id: each for each in access.assignments(records, made.evaluator) if each.evaluator_id == me}
    own = given[made.recording_ids[0]]
    access.unassign(records, made.evaluator, own.id)
    assert batch_bringing.people_called(records, made.evaluator, ["李雷"]) == {}


def test_a_line_names_nobody_who_has_left_meanwhile(inhabited, tmp_path):
    store, world = inhabited
    film = tmp_path / "film.webm"
    film.write_bytes(worlds.FILM)
    judged = worlds.judged(hashlib.sha256(worlds.FILM).hexdigest())
    with store.writing() as session:
        person = Person(organisation_id=world.viewers["evaluator"].organisation_id, name="Zhang")
        session.add(person)
        session.flush()
        first = session.get(BatchLine, world.batch_line)
        cells = {**first.cells, "person": "Zhang"}
        first.cells = cells
        session.add(BatchLine(batch_id=world.batch_at_work, position=9, cells=cells, state="done",
                              person_id=person.id))  # fmt: skip
        person.left_at = now()
    made = batch_running.Made(film, judged, {}, "ab" * 32)
    sentence = refused(batch_running.file_line, store, world.viewers["evaluator"], world.batch_at_work,
                       world.batch_line, worlds.RUN, made)  # fmt: skip
    assert "has left" in sentence
