"""What the rules say must go does go, and nothing else; cut short, the next run does the rest."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from liyi.records import retention, secure_delete, vault
from liyi.records.keeper import KEEPER
from liyi.records.lifecycle import workroom
from liyi.records.operations import consent, deletion, people, recordings
from liyi.records.retention import Why, due, purge
from liyi.records.schema import Kind, Recording, Role, now
from liyi.records.store_tables import AuditLine
from tests.records.world import TEXT_SHA256


@pytest.fixture
def records(inhabited):
    return inhabited[0]


@pytest.fixture
def world(inhabited):
    return inhabited[1]


def in_days(days: float):
    return now() + timedelta(days=days)


def whys(records, days: float = 0.0) -> dict:
    return {row.id: row.why for row in due(records, at=in_days(days))}


def there(records) -> set:
    with records.reading() as session:
        return set(session.scalars(select(Recording.id)))


def test_nothing_is_due_today(records, world):
    assert due(records) == []
    assert purge(records).recordings == 0


@pytest.mark.parametrize(("days", "expected"), [(6.9, {}), (7.1, {"discarded": Why.discarded})])
def test_a_week_in_the_trash(records, world, days, expected):
    assert whys(records, days) == {world.ids[name]: why for name, why in expected.items()}


def test_past_the_days_of_the_role(records, world):
    """Trainees of hall A: 180 days."""
    assert set(whys(records, 179.9)) == {world.discarded}
    kept = {world.recording: Why.expired, world.open_recording: Why.expired, world.discarded: Why.discarded}
    assert whys(records, 180.1) == kept


def test_the_shortest_of_several_roles_counts(records, world):
    admin, owner = world.viewers["admin"], world.viewers["owner"]
    people.set_retention(records, admin, Role.trainer, days=3)
    assert world.recording not in whys(records, 4)
    people.grant_role(records, admin, owner.person_id, Role.trainer)
    assert whys(records, 4)[world.recording] is Why.expired


def test_who_has_left_falls_under_the_rules_too(records, world):
    people.end_person(records, world.viewers["admin"], world.owner_id)
    assert world.recording not in whys(records, 179)
    assert world.recording in whys(records, 181)


def test_the_rules_of_another_organisation_do_not_count(records, world):
    people.set_retention(records, world.viewers["foreign_admin"], Role.trainee, days=1)
    assert world.recording not in whys(records, 2)


def test_withdrawn_consent_takes_what_it_allowed(records, world):
    owner = world.viewers["owner"]
    consent.withdraw_consent(records, owner)
    consent.give_consent(records, owner, version="2", text_sha256=TEXT_SHA256)
    later = recordings.keep_recording(records, owner, io.BytesIO(b"later"), name="later", kind=Kind.upload)
    assert set(whys(records).values()) == {Why.withdrawn}
    assert purge(records).recordings == 3
    assert there(records) == {later.id}


def test_purge_notes_what_it_did_and_nothing_else(records, world):
    room = workroom(records, world.recording)
    room.mkdir(parents=True)
    (room / "piece").write_bytes(b"of a recording")
    assert len(due(records, at=in_days(181))) == 3
    assert len(there(records)) == 3, "looking removes nothing"
    removal = purge(records, at=in_days(181), batch=2, clock_is_right=True)
    assert (removal.recordings, removal.assessments, removal.scrubbed) == (3, 2, True)
    assert not there(records)
    assert not room.exists()
    assert not [file for file in (records.folder / "media").rglob("*") if file.is_file()]
    with records.reading() as session:
        lines = session.scalars(select(AuditLine).where(AuditLine.person_id == KEEPER)).all()
    assert {(line.entity_id, line.action) for line in lines} == {
        (world.recording, "purge_expired"),
        (world.open_recording, "purge_expired"),
        (world.discarded, "purge_discarded"),
        (world.ids["try"], "purge_expired"),
        (world.ids["batch_file"], "purge_expired"),
        (world.ids["trashed_batch"], "purge_discarded"),
    }
    seen = {line.id for line in people.audit_trail(records, world.viewers["admin"], size=500)}
    of_batches = {world.ids["batch_file"], world.ids["trashed_batch"]}
    assert {line.entity_id for line in lines if line.id in seen} == {
        world.recording
    } | of_batches  # the rest was private
    mine = {line.id for line in people.audit_trail(records, world.viewers["owner"], size=500)}
    assert {line.entity_id for line in lines if line.id not in seen | mine} == set()


def test_cut_short_the_next_run_does_the_rest(records, world, monkeypatch):
    class Cut(Exception):
        pass

    def cut(*_):
        raise Cut

    with monkeypatch.context() as patch:
        patch.setattr(vault, "forget", cut)  # the rows of the first batch are gone, its files are not
        with pytest.raises(Cut):
            purge(records, at=in_days(181), batch=1, clock_is_right=True)
    assert len(there(records)) == 2
    assert secure_delete.pending(records)
    removal = purge(records, at=in_days(181), batch=1, clock_is_right=True)
    assert removal.recordings == 2
    assert not secure_delete.pending(records)
    assert not [file for file in (records.folder / "media").rglob("*") if file.is_file()]


def test_traces_left_by_another_run_are_removed_though_nothing_is_due(records, world, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(secure_delete, "scrub", lambda _: False)
        assert not deletion.delete_recording(records, world.viewers["owner"], world.recording).scrubbed
    assert secure_delete.pending(records)
    assert retention.purge(records).scrubbed
    assert not secure_delete.pending(records)


def test_without_work_the_tables_are_left_alone(records, world, monkeypatch):
    def never(_):
        raise AssertionError("nothing was removed")

    monkeypatch.setattr(secure_delete, "scrub", never)
    assert purge(records).scrubbed
