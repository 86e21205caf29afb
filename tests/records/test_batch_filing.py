"""Whom a line of a batch is filed under, by whose consent, and what is left of a name when its person goes."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime

import pytest

from liyi.records.batch_tables import BatchLine
from liyi.records.consent_tables import Consent
from liyi.records.operations import access, batch_running, consent, deletion, people, recordings
from liyi.records.schema import Person
from tests.records import world as worlds


@pytest.fixture
def filed(inhabited, tmp_path):
    """Files the first line of the batch at work, with these cells."""
    store, world = inhabited
    film = tmp_path / "film.webm"
    film.write_bytes(worlds.FILM)
    made = batch_running.Made(film, worlds.judged(hashlib.sha256(worlds.FILM).hexdigest()), {}, "ab" * 32)

    def file(**cells):
        with store.writing() as session:
            session.get(BatchLine, world.batch_line).cells = {"file": "film.webm", **cells}
        evaluator = world.viewers["evaluator"]
        return batch_running.file_line(store, evaluator, world.batch_at_work, world.batch_line, worlds.RUN, made)

    return store, world, file


def consents(store, person_id):
    with store.reading() as session:
        return session.query(Consent).filter_by(person_id=person_id).order_by(Consent.given_at).all()


def test_somebody_whom_the_evaluator_judges_is_found_by_name_and_has_the_recording(filed):
    store, world, file = filed
    line = file(person=" owner ")
    assert line.person_id == world.owner_id
    for who in ("owner", "trainer", "evaluator"):  # the person, who trains them, and who brought it in
        assert recordings.recording(store, world.viewers[who], line.recording_id).name == "film.webm"
    assert len(consents(store, world.owner_id)) == 1  # their own holds


def test_somebody_of_a_strangers_name_is_somebody_new(filed):
    store, world, file = filed
    line = file(person="stranger", consent_on="2026-03-01", consent_form="on paper")
    assert line.person_id != world.stranger_id
    made = people.person(store, world.viewers["evaluator"], line.person_id)
    assert (made.name, made.account) == ("stranger", None)
    [given] = consents(store, line.person_id)
    assert (given.version, given.given_at) == ("list", datetime(2026, 3, 1, tzinfo=UTC))


def test_a_consent_that_was_taken_back_since_is_not_given_again_by_a_list(filed):
    store, world, file = filed
    access.assign(store, world.viewers["trainer"], world.evaluator_id, cohort_id=world.cohort)  # or it is a stranger
    consent.withdraw_consent(store, world.viewers["owner"])
    with pytest.raises(batch_running.RefusedLine, match="no consent"):
        file(person="owner", consent_on="2026-03-01", consent_form="on paper")
    with pytest.raises(batch_running.RefusedLine, match="no consent"):  # a later day neither: the person has an account
        file(person="owner", consent_on=f"{date.today():%Y-%m-%d}", consent_form="on paper")
    assert [each.withdrawn_at is None for each in consents(store, world.owner_id)] == [False]


def test_a_name_of_several_people_is_refused(filed):
    store, world, file = filed
    access.assign(store, world.viewers["trainer"], world.evaluator_id, cohort_id=world.cohort)
    with store.writing() as session:
        for id in (world.owner_id, world.peer_id):
            session.get(Person, id).name = "Li"
    with pytest.raises(batch_running.RefusedLine, match="several people"):
        file(person="Li")
    assert file(person="peer").person_id == world.peer_id  # an account counts before a name


def test_whose_name_is_removed_leaves_no_name_in_lists(filed):
    store, world, file = filed
    line = file(person="Zhang", consent_on="2026-03-01", consent_form="on paper")
    admin = world.viewers["admin"]
    people.end_person(store, admin, line.person_id)
    deletion.delete_person(store, admin, line.person_id)
    with store.reading() as session:
        left = session.get(BatchLine, line.id)
        assert (left.cells, left.recording_id, left.assessment_id) == ({}, None, None)
        assert "Zhang" not in session.get(Person, line.person_id).name
