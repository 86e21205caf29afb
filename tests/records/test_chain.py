"""The chain of the audit trail: what was changed or removed beside Liyi shows, and writers at once do not fork it."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import timedelta
from uuid import UUID, uuid4
from zipfile import ZipFile

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from liyi.core.errors import LiyiError
from liyi.records import chain, sign_in
from liyi.records.backup import MANIFEST, backup
from liyi.records.chain import AuditLink, Head
from liyi.records.checkup import checkup
from liyi.records.engine import Records, make_engine, migrate, open_records
from liyi.records.operations import people
from liyi.records.restore import restore
from liyi.records.schema import Organisation, now
from liyi.records.store_tables import AuditLine

UNSEAL = {
    "sqlite": ("DROP TRIGGER audit_line_no_update", "DROP TRIGGER audit_line_no_delete",
               "DROP TRIGGER audit_link_no_update", "DROP TRIGGER audit_link_no_delete"),
    "postgresql": ("DROP TRIGGER audit_line_sealed ON audit_line", "DROP TRIGGER audit_link_sealed ON audit_link"),
}  # fmt: skip
LINE_OF = "(SELECT line_id FROM audit_link WHERE number = {})"


@pytest.fixture
def store(sqlite_template, tmp_path):
    shutil.copytree(sqlite_template, tmp_path / "store")
    made = open_records(tmp_path / "store")
    yield made
    made.close()


def found(records: Records, lines: int) -> sign_in.Viewer:
    """An organisation whose trail has so many lines."""
    admin = sign_in.found_organisation(records, "Hall", admin="Admin", account="admin")
    for number in range(lines - 1):
        people.add_department(records, admin, name=f"Window {number}")
    return admin


def checked(records: Records, printed: Head | None = None) -> chain.Check:
    with records.reading() as session:
        return chain.check(session, printed)


def faults(records: Records, printed: Head | None = None) -> list[str]:
    return [fault.text for fault in checked(records, printed).faults]


def by_hand(records: Records, *statements: str) -> None:
    """As somebody does it who may write to the database and knows its triggers."""
    with records.writing() as session:
        for statement in (*UNSEAL[records.engine.dialect.name], *statements):
            session.execute(text(statement))


def test_every_line_has_its_place_and_the_head_goes_on(records):
    admin = found(records, 3)
    first = checked(records)
    assert (first.head.lines, first.faults) == (3, ())
    people.add_department(records, admin, name="one more")
    second = checked(records, first.head)
    assert (second.head.lines, second.faults) == (4, ())
    assert second.head.sha256 != first.head.sha256
    with records.reading() as session:
        assert session.scalars(select(AuditLink.number).order_by(AuditLink.number)).all() == [1, 2, 3, 4]


def test_a_change_that_was_given_up_has_no_place(store):
    found(store, 1)

    def change() -> None:
        with store.writing() as session:
            session.add(AuditLine(person_id=uuid4(), organisation_id=uuid4(), action="x", entity="person"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change()
    assert (checked(store).head.lines, faults(store)) == (1, [])


def test_nobody_changes_the_chain(records):
    found(records, 1)
    for statement in ("UPDATE audit_link SET number = 2", "DELETE FROM audit_link"):
        with pytest.raises(DBAPIError, match="only added to"), records.writing() as session:
            session.execute(text(statement))


@pytest.mark.parametrize(("statement", "told"), [
    (f"UPDATE audit_line SET action = 'nothing' WHERE id = {LINE_OF}", ["Line 3 of the audit trail was changed"]),
    (f"UPDATE audit_line SET at = '2020-01-01 00:00:00' WHERE id = {LINE_OF}", ["Line 3 of the audit trail was ch"]),
    (f"DELETE FROM audit_line WHERE id = {LINE_OF}", ["Line 3 of the audit trail was removed"]),
    ("DELETE FROM audit_link WHERE number = {}", ["Lines 3 to 3 of the audit trail are gone", "1"]),
])  # fmt: skip
def test_what_was_done_beside_liyi_shows(store, statement, told):
    found(store, 5)
    by_hand(store, statement.format(3))
    assert all(part in text for part, text in zip(told, faults(store), strict=True))


def test_an_end_that_is_cut_off_shows_against_a_printed_head(store):
    found(store, 5)
    printed = checked(store).head
    by_hand(store, f"DELETE FROM audit_line WHERE id = {LINE_OF.format(5)}", "DELETE FROM audit_link WHERE number = 5")
    assert faults(store) == []
    [told] = faults(store, printed)
    assert "has 4 lines, but had 5" in told


def test_a_chain_that_was_written_anew_shows_against_a_printed_head(store):
    admin = found(store, 5)
    printed = checked(store).head
    by_hand(store, f"UPDATE audit_line SET action = 'nothing' WHERE id = {LINE_OF.format(2)}", "DELETE FROM audit_link")
    with store.writing() as session:
        chain.link_rest(session)
    assert faults(store) == []
    [told] = faults(store, printed)
    assert "The first 5 lines" in told
    people.add_department(store, admin, name="later")
    assert len(faults(store, printed)) == 1


def test_a_line_that_something_else_wrote_shows(store):
    found(store, 2)
    with store.writing() as session:
        session.execute(insert(AuditLine), {"person_id": uuid4(), "organisation_id": uuid4(), "action": "x",
                                            "entity": "person", "seen_by": uuid4()})  # fmt: skip
    [told] = faults(store)
    assert "outside the chain" in told


def test_writers_at_once_do_not_fork_it(records):
    """Threads with connections of their own, each in its transaction at the same time as the others."""
    admin = found(records, 1)
    start = threading.Barrier(5)
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            start.wait(10)
            for each in range(6):
                people.add_department(records, admin, name=f"{number}-{each}")
        except BaseException as error:
            failed.append(error)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    assert (checked(records).head.lines, faults(records)) == (31, [])


def test_a_trail_of_before_is_chained_by_its_times(empty_url, tmp_path):
    records = Records(make_engine(empty_url), tmp_path)
    migrate(records, "0006")
    hall = uuid4()
    moments = [now() + timedelta(seconds=at) for at in range(3)]
    with records.writing() as session:
        session.execute(insert(Organisation), {"id": hall, "name": "Hall"})
        session.execute(insert(AuditLine), [
            {"id": UUID(int=9 - at), "at": moment, "person_id": hall, "organisation_id": hall, "action": f"a{at}",
             "entity": "person", "seen_by": None} for at, moment in enumerate(moments)
        ])  # fmt: skip
    migrate(records)
    assert (checked(records).head.lines, faults(records)) == (3, [])
    with records.reading() as session:
        placed = select(AuditLine.action).join(AuditLink, AuditLink.line_id == AuditLine.id)
        assert session.scalars(placed.order_by(AuditLink.number)).all() == ["a0", "a1", "a2"]
    records.close()


def test_a_backup_says_the_head_and_what_is_restored_goes_on_from_it(store, tmp_path):
    admin = found(store, 4)
    file = tmp_path / "backup.zip"
    made = backup(store, file)
    printed = chain.read_head(f" {made.trail.upper()} ")
    assert printed == checked(store).head
    with ZipFile(file) as archive:
        assert json.loads(archive.read(MANIFEST))["trail"] == str(printed)
    other = open_records(tmp_path / "other")
    restore(other, file)
    assert (checked(other, printed).head.lines, faults(other, printed)) == (5, [])  # and the line of the restoring
    people.add_department(store, admin, name="here only")
    assert faults(other, checked(store).head) != []  # from there on they are two
    other.close()


def test_doctor_tells_it(store, tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "store"))
    found(store, 2)
    assert any("Audit trail: 2 lines" in each.notice.text and each.sound for each in checkup())
    by_hand(store, f"DELETE FROM audit_line WHERE id = {LINE_OF.format(2)}")
    assert [each.notice.text for each in checkup() if not each.sound] == ["Line 2 of the audit trail was removed."]


@pytest.mark.parametrize("said", ["", "3", "3-abc", f"x-{'a' * 64}", f"3-{'g' * 64}"])
def test_what_is_no_head(said):
    with pytest.raises(LiyiError, match="no head of an audit trail"):
        chain.read_head(said)
