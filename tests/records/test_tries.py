"""Tries of drills: their owner's alone, under the rules of recordings, gone with them, and in the owner's copy."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from liyi.core.errors import LiyiError
from liyi.records import retention
from liyi.records.backup import backup
from liyi.records.engine import open_records
from liyi.records.operations import consent, deletion, people, recordings, tries
from liyi.records.operations.personal_copy import personal_copy, sent_copy
from liyi.records.restore import restore
from liyi.records.schema import Kind, Role, TryRow, now
from tests.records.world import TEXT_SHA256

TILT = tries.Result("shoulder_tilt", 4.0, 1.2, "deg", 0.7, "high")
UNSEEN = tries.Result("pace", None, None, "字/分", None, None)


@pytest.fixture
def records(inhabited):
    return inhabited[0]


@pytest.fixture
def owner(inhabited):
    return inhabited[1].viewers["owner"]


def kept(records) -> int:
    with records.reading() as session:
        return session.scalar(select(func.count()).select_from(TryRow))


def test_what_was_kept_comes_back_newest_first(records, owner):
    later = [tries.add(records, owner, drill=drill, results=[TILT, UNSEEN], passed=True) for drill in ("b", "c", "b")]
    found = tries.mine(records, owner)
    assert [each.id for each in found[:3]] == [each.id for each in reversed(later)]
    assert found[0].results == (TILT, UNSEEN)
    assert found[0].passed
    assert abs(found[0].at - now().timestamp()) < 60
    assert [each.id for each in tries.mine(records, owner, "b")] == [later[2].id, later[0].id]
    assert [each.id for each in tries.mine(records, owner, newest=1)] == [later[2].id]


def test_a_number_that_is_none_is_told_as_none_and_one_that_cannot_be_is_refused(records, owner):
    odd = tries.Result("pace", float("nan"), 2.0, "字/分", 0.5, "")
    assert tries.add(records, owner, drill="b", results=[odd], passed=False).results[0].value is None
    for fault in ({"sub_score": 1.5}, {"error": -1.0}, {"value": float("inf")}, {"criterion": "two\nlines"}):
        with pytest.raises(LiyiError):
            tries.add(records, owner, drill="b", results=[tries.Result(**vars(TILT) | fault)], passed=False)
    own = tries.Result(**vars(TILT) | {"criterion": "肩是否放平"})  # as a unit's pack may call it
    assert tries.add(records, owner, drill="b", results=[own], passed=False).results == (own,)
    with pytest.raises(LiyiError, match="at most 50"):
        tries.add(records, owner, drill="b", results=[TILT] * 51, passed=False)


def test_forgotten_ones_are_seen_no_more_and_go_after_the_trash(records, owner):
    tries.add(records, owner, drill="b", results=[TILT], passed=True)
    assert tries.forget(records, owner, "b") == 1
    assert [each.drill for each in tries.mine(records, owner)] == ["level_shoulders"]
    before = kept(records)
    for days, gone in ((6.9, 0), (7.1, 1)):
        at = now() + timedelta(days=days)
        assert len(retention.tries_due(records, at=at)) == gone
        assert retention.preview(records, at=at)[1].tries == gone
        assert retention.purge(records, at=at).tries == gone
    assert kept(records) == before - 1


@pytest.mark.parametrize("how", ["days", "withdrawn", "person"])
def test_they_go_as_recordings_do(records, owner, inhabited, how):
    assert kept(records) == 1
    if how == "person":
        assert deletion.delete_person(records, owner, owner.person_id).tries == 1
    elif how == "days":
        people.set_retention(records, inhabited[1].viewers["admin"], Role.trainee, days=30)
        assert retention.purge(records, at=now() + timedelta(days=31)).tries == 1
    else:
        consent.withdraw_consent(records, owner)
        with pytest.raises(LiyiError, match="no consent"):
            tries.add(records, owner, drill="b", results=[], passed=True)
        assert retention.purge(records).tries == 1
    assert kept(records) == 0


def test_everything_of_ones_own_goes_at_once_and_comes_back_at_once(records, owner, inhabited):
    world = inhabited[1]
    before = {row.id for row in recordings.recordings(records, owner)}
    at = deletion.discard_everything(records, owner)
    assert tries.mine(records, owner) == ()
    assert recordings.recordings(records, owner, person_id=owner.person_id) == []
    assert deletion.discard_everything(records, owner) is None
    assert deletion.discarded_together(records, owner)[0] == deletion.Discarded(at, 2, 1)
    assert deletion.take_back_everything(records, world.viewers["peer"], at) == 0
    assert deletion.take_back_everything(records, owner, at) == 3
    assert {row.id for row in recordings.recordings(records, owner)} == before
    assert [row.id for row in deletion.trash(records, owner)] == [world.discarded]  # that was there before
    assert len(tries.mine(records, owner)) == 1


def test_they_are_in_ones_own_copy(records, owner, tmp_path):
    tries.add(records, owner, drill="b", results=[TILT, UNSEEN], passed=True)
    personal_copy(records, owner, tmp_path / "copy.zip")
    with ZipFile(tmp_path / "copy.zip") as archive:
        told = json.loads(archive.read("tries.json"))
        table = list(csv.DictReader(io.StringIO(archive.read("tries.csv").decode("utf-8-sig"))))
        assert "tries.csv" in archive.read("index.html").decode()
    assert [(each["drill"], each["passed"]) for each in told] == [("level_shoulders", False), ("b", True)]
    assert [(row["drill"], row["criterion"], row["value"], row["passed"]) for row in table] == [
        ("level_shoulders", "shoulder_tilt", "4.0", "0"), ("b", "shoulder_tilt", "4.0", "1"), ("b", "pace", "", "1")
    ]  # fmt: skip


def test_the_copy_that_is_sent_is_the_one_that_is_written(records, owner, tmp_path):
    personal_copy(records, owner, tmp_path / "copy.zip")
    pieces = list(sent_copy(records, owner))
    with ZipFile(tmp_path / "copy.zip") as written, ZipFile(io.BytesIO(b"".join(pieces))) as sent:
        assert sent.testzip() is None
        assert sent.namelist() == written.namelist()
        names = set(sent.namelist()) - {"index.html"}  # which says when
        assert {name: sent.read(name) for name in names} == {name: written.read(name) for name in names}
    assert len(pieces) > 2
    told = [line.action for line in people.audit_trail(records, owner, size=500)]
    assert told.count("export") == 2


def test_a_sent_copy_is_never_whole_in_memory(records, owner):
    recordings.keep_recording(records, owner, io.BytesIO(bytes(8 << 20)), name="b.mp4", kind=Kind.upload)
    sizes = [len(piece) for piece in sent_copy(records, owner)]
    assert sum(sizes) > 8 << 20
    assert max(sizes) < 2 << 20


def test_a_post_is_kept(records, owner):
    people.choose_post(records, owner, "phone")
    assert people.person(records, owner, owner.person_id).post == "phone"
    with pytest.raises(LiyiError):
        people.choose_post(records, owner, "no id")


def test_a_backup_holds_them(records, owner, tmp_path):
    backup(records, tmp_path / "backup.zip")
    (tmp_path / "other").mkdir()
    store = open_records(tmp_path / "other")
    restore(store, tmp_path / "backup.zip")
    assert tries.mine(store, owner)[0].results == (TILT,)
    store.close()


def test_consent_on_the_local_machine(tmp_path):
    """The one person of a machine of their own, who has agreed to be recorded, keeps tries too."""
    from liyi.records import sign_in

    store = open_records(tmp_path)
    me = sign_in.local(store)
    with pytest.raises(LiyiError, match="no consent"):
        tries.add(store, me, drill="b", results=[], passed=True)
    consent.give_consent(store, me, version="1", text_sha256=TEXT_SHA256)
    assert tries.add(store, me, drill="b", results=[], passed=True).drill == "b"
    store.close()
