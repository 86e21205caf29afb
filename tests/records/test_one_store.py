"""The vault cannot be emptied by mistake: by another database, an empty one, a wrong clock, or a killed process."""

from __future__ import annotations

import io
import json
import logging
import os
import random
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert, inspect, text
from typer.testing import CliRunner

from liyi import cli
from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.records import archive_writer, pairing, reserve, retention, sign_in, unknown, vault
from liyi.records.checkup import examine
from liyi.records.consent_tables import RetentionPolicy
from liyi.records.engine import Records, make_engine, migrate, open_records
from liyi.records.operations import consent, deletion, recordings
from liyi.records.schema import Kind, Organisation, Person, Recording, Role, now
from liyi.records.store_tables import Store
from tests.records.world import TEXT_SHA256

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

import mutant_databases

SOUND = b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00" + bytes(100)


def fill(store: Records, count: int = 3) -> None:
    me = sign_in.local(store)
    consent.give_consent(store, me, version="1", text_sha256=TEXT_SHA256)
    for k in range(count):
        recordings.keep_recording(store, me, io.BytesIO(SOUND + bytes([k])), name=f"{k}.wav", kind=Kind.upload)


def media(folder: Path) -> set[str]:
    return {path.name for path in vault.files(folder)}


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "data"
    monkeypatch.setenv("LIYI_DATA", str(folder))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    return folder


@pytest.fixture
def filled(home):
    store = open_records(home)
    fill(store)
    store.close()
    return home


def run(*arguments: object, lang: str = "en"):
    done = CliRunner().invoke(cli.app, [*map(str, arguments), "--lang", lang])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_folder_and_database_carry_one_id(empty_url, tmp_path):
    store = open_records(tmp_path, url=empty_url)
    with store.reading() as session:
        assert pairing.database_id(session) == pairing.folder_id(tmp_path) is not None
    store.close()
    open_records(tmp_path, url=empty_url).close()


def test_another_database_is_refused_and_removes_nothing(empty_url, home, tmp_path, monkeypatch):
    store = open_records(home, url=empty_url)
    fill(store)
    store.close()
    before = media(home)
    for arguments in (["purge"], ["purge", "--dry-run"], ["list"], ["backup", tmp_path / "b.zip"]):
        done = run("records", *arguments)
        assert (done.exit_code, media(home)) == (1, before)
    if "postgresql" in empty_url:
        assert not (home / "liyi.sqlite3").exists(), "no new database beside the vault"
    monkeypatch.setenv("LIYI_DATABASE_URL", empty_url)
    assert len(run("records", "list").output.splitlines()) == 3


def test_a_database_of_another_store_is_refused(filled, tmp_path, monkeypatch):
    other = tmp_path / "other"
    open_records(other).close()
    monkeypatch.setenv("LIYI_DATABASE_URL", f"sqlite:///{other / 'liyi.sqlite3'}")
    done = run("records", "purge")
    assert done.exit_code == 1
    assert "belongs to the store" in done.output
    assert len(media(filled)) == 3


@pytest.mark.parametrize("inside", [True, False])
def test_a_database_of_another_program_is_left_as_it_is(home, tmp_path, monkeypatch, inside):
    file = home / "liyi.sqlite3" if inside else tmp_path / "theirs.sqlite3"
    home.mkdir()
    with closing(sqlite3.connect(file)) as theirs:
        theirs.execute("CREATE TABLE customer (id INTEGER)")
    if not inside:
        monkeypatch.setenv("LIYI_DATABASE_URL", f"sqlite:///{file}")
    before = file.read_bytes()
    for arguments in (["list"], ["list", "--new"], ["purge"]):
        done = run("records", *arguments)
        assert done.exit_code == 1
        assert "another program" in done.output
    assert file.read_bytes() == before
    assert not (home / "store.id").exists()


def test_tables_of_another_program_are_refused(empty_url, tmp_path):
    if "sqlite" in empty_url:
        (tmp_path / "liyi.sqlite3").touch()
    engine = make_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customer (id INTEGER)"))
    with pytest.raises(LiyiError, match="another program"):
        open_records(tmp_path / "data", url=empty_url)
    assert inspect(engine).get_table_names() == ["customer"]
    engine.dispose()


@pytest.mark.parametrize("lost", ["emptied", "removed"])
def test_a_lost_database_is_not_made_anew_unless_asked(filled, lost):
    database = filled / "liyi.sqlite3"
    database.unlink()
    if lost == "emptied":
        database.touch()
    before = media(filled)
    for arguments in (["list"], ["purge"], ["purge", "--dry-run"]):
        done = run("records", *arguments)
        assert done.exit_code == 1
        assert "new or empty" in done.output
    assert database.exists() == (lost == "emptied")
    assert run("doctor").exit_code == 1
    assert run("records", "list", "--new").exit_code == 0
    done = run("records", "purge")
    assert (done.exit_code, media(filled)) == (0, before)
    assert "never named, and that were left: 3" in done.output
    assert all(name in run("doctor").output for name in before)


def test_unknown_files_are_adopted_or_discarded(filled):
    (filled / "liyi.sqlite3").unlink()
    store = open_records(filled, new=True)
    me = sign_in.local(store)
    strange = filled / "media" / "notes.txt"
    strange.write_text("not a recording")
    with pytest.raises(LiyiError, match="consent"):
        unknown.adopt(store, me)
    consent.give_consent(store, me, version="1", text_sha256=TEXT_SHA256)
    assert unknown.adopt(store, me) == (3, 1)
    assert len(recordings.recordings(store, me)) == 3
    with pytest.raises(LiyiError, match="--all"):
        unknown.discard(store, me)  # one of four is more than a tenth
    assert unknown.discard(store, me, everything=True) == (1, 15)
    assert unknown.unknown(store) == []
    store.close()
    assert run("records", "discard", "--unknown", "--yes").exit_code == 0
    assert run("records", "adopt").exit_code == 2


@pytest.mark.parametrize("year", [1980, 2090])
def test_the_days_of_an_adopted_recording_count_from_its_adoption(filled, year):
    (filled / "liyi.sqlite3").unlink()
    for file in vault.files(filled):
        os.utime(file, 2 * (datetime(year, 1, 2, tzinfo=UTC).timestamp(),))
    before = media(filled)
    store = open_records(filled, new=True)
    me = sign_in.local(store)
    consent.give_consent(store, me, version="1", text_sha256=TEXT_SHA256)
    with store.writing() as session:
        session.add(RetentionPolicy(organisation_id=me.organisation_id, role=Role.trainee, days=180))
    assert unknown.adopt(store, me) == (3, 0)
    assert retention.purge(store).recordings == 0
    assert media(filled) == before
    with pytest.raises(retention.ClockError):
        retention.require_clock(store, now() + timedelta(days=60))
    store.close()


def test_unknown_files_are_named_so_that_they_can_be_found(filled):
    strange = filled / "media" / "sub" / "notes\n.txt"
    strange.parent.mkdir()
    strange.write_text("not a recording")
    os.utime(strange, (0, 1_000_000_000))
    for n in range(22):
        (filled / "media" / f"x{n:02d}").touch()
    log = io.StringIO()
    logger = logging.getLogger("liyi")
    handler = logging.StreamHandler(log)
    handler.setFormatter(logs.JsonLines())
    logger.addHandler(handler)
    try:
        done = run("doctor")
    finally:
        logger.removeHandler(handler)
    assert "Never named: sub/notes\ufffd.txt (1 kB, of 2001-09-09, digest –)." in done.output
    assert done.output.count("Never named:") == 20
    assert "And 3 more." in done.output
    assert "另有 3 个。" in run("doctor", lang="zh").output
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["count"] for line in lines if line["event"].startswith("unknown_files")] == [23, 3]
    named = [line for line in lines if line["event"] == "unknown_file"]
    assert len(named) == 20
    found = named[0]
    assert (found["path"], found["size"], found["dated"]) == ("sub/notes\ufffd.txt", 15, "2001-09-09")


def test_a_file_in_the_place_of_a_digest_is_named_by_it(filled):
    (filled / "liyi.sqlite3").unlink()
    digests = {vault.digest_at(file) for file in vault.files(filled)}
    store = open_records(filled, new=True)
    assert {each.sha256 for each in unknown.named(store, unknown.unknown(store))} == digests
    store.close()


def test_a_backup_replaces_only_one_of_the_same_store(filled, tmp_path, monkeypatch):
    archive = tmp_path / "backup.zip"
    for _ in range(2):
        assert run("records", "backup", archive).exit_code == 0
    before = archive.read_bytes()
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "new"))  # a slip in the daily job: the new store is empty
    done = run("records", "backup", archive)
    assert (done.exit_code, archive.read_bytes()) == (1, before)
    assert "was not written by Liyi" not in done.output
    assert "of another store" in done.output


@pytest.mark.parametrize("command", ["backup", "export"])
@pytest.mark.parametrize("content", [b"mine", b"PK\x03\x04mine"])
def test_a_strangers_file_and_the_database_itself_are_not_overwritten(filled, tmp_path, command, content):
    (tmp_path / "mine.zip").write_bytes(content)
    database = (filled / "liyi.sqlite3").read_bytes()[:100]
    for file in (tmp_path / "mine.zip", filled / "liyi.sqlite3", filled / "store.id"):
        done = run("records", command, file)
        assert done.exit_code == 1
        assert "is not overwritten" in done.output
    assert (tmp_path / "mine.zip").read_bytes() == content
    assert (filled / "liyi.sqlite3").read_bytes()[:16] == database[:16]


def test_copies_and_backups_replace_their_own_kind_only(filled, tmp_path):
    copy, archive = tmp_path / "copy.zip", tmp_path / "backup.zip"
    for _ in range(2):
        assert run("records", "export", copy).exit_code == 0
        assert run("records", "backup", archive).exit_code == 0
    assert run("records", "export", archive).exit_code == 1
    assert run("records", "backup", copy).exit_code == 1


def old_store(folder: Path, url: str, sha256: str | None) -> None:
    """A store as the version before the id left it, naming one file, or none."""
    store = Records(make_engine(url), folder)
    migrate(store, "0002")
    with store.writing() as session:
        who, where = uuid4(), uuid4()
        session.execute(insert(Organisation), {"id": where, "name": "厅"})
        session.execute(insert(Person), {"id": who, "organisation_id": where, "name": "王"})
        if sha256:
            session.execute(insert(Recording), {"person_id": who, "sha256": sha256, "name": "a", "kind": "upload",
                                                "state": "kept"})  # fmt: skip
    store.close()


def placed(folder: Path, digest: str) -> None:
    file = folder / "media" / digest[:2] / digest[2:]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")


@pytest.mark.parametrize(("named", "there", "fits"), [(None, None, True), ("ab" * 32, "ab" * 32, True),
                                                      ("ab" * 32, "cd" * 32, False), (None, "cd" * 32, False),
                                                      ("ab" * 32, None, False)])  # fmt: skip
def test_a_store_from_before_the_id_gets_one_when_it_fits(empty_url, tmp_path, named, there, fits):
    old_store(tmp_path, empty_url, named)
    if there:
        placed(tmp_path, there)
    if not fits:
        with pytest.raises(LiyiError, match="do not fit"):
            open_records(tmp_path, url=empty_url)
        assert pairing.folder_id(tmp_path) is None
    open_records(tmp_path, url=empty_url, new=not fits).close()
    open_records(tmp_path, url=empty_url).close()
    assert pairing.folder_id(tmp_path) is not None


def test_restored_into_a_new_database_over_the_old_folder(filled, tmp_path):
    assert run("records", "backup", tmp_path / "b.zip").exit_code == 0
    before = media(filled)
    (filled / "liyi.sqlite3").unlink()
    assert run("records", "restore", tmp_path / "b.zip").exit_code == 1
    assert run("records", "restore", tmp_path / "b.zip", "--new").exit_code == 0
    assert run("records", "purge").exit_code == 0
    assert media(filled) == before
    assert len(run("records", "list").output.splitlines()) == 3


def test_a_dry_run_counts_exactly_what_goes(inhabited):
    store, _ = inhabited
    at = now() + timedelta(days=400)
    rows, seen = retention.preview(store, at=at)
    assert media(store.folder)
    gone = retention.purge(store, at=at, batch=1, clock_is_right=True)
    assert (seen.recordings, seen.assessments, seen.comments, seen.files, seen.size_bytes, seen.shared) == \
        (gone.recordings, gone.assessments, gone.comments, gone.files, gone.size_bytes, gone.shared)  # fmt: skip
    assert len(rows) == gone.recordings > 0
    assert gone.files > 0


def test_a_clock_far_ahead_removes_nothing(filled, monkeypatch):
    store = open_records(filled)
    with store.writing() as session:
        session.query(Recording).update({Recording.deleted_at: now()})
    store.close()
    monkeypatch.setattr(retention, "now", lambda: now() + timedelta(days=46))
    for arguments in (["purge"], ["purge", "--dry-run"]):
        done = run("records", *arguments)
        assert done.exit_code == 3
        assert "clock" in done.output
    assert len(media(filled)) == 3
    assert run("records", "purge", "--clock-is-right").exit_code == 0
    assert len(media(filled)) == 0
    assert run("records", "purge").exit_code == 0


@pytest.mark.parametrize("days", [44, -400])
def test_a_clock_behind_and_an_empty_store_are_harmless(records, days):
    assert retention.purge(records, at=now() + timedelta(days=400)).recordings == 0
    sign_in.local(records)
    assert retention.purge(records, at=now() + timedelta(days=days)).recordings == 0


def test_an_entry_dated_ahead_does_not_switch_the_guard_off(records):
    me = sign_in.local(records)
    consent.give_consent(records, me, version="1", text_sha256=TEXT_SHA256)
    row = recordings.keep_recording(records, me, io.BytesIO(SOUND), name="a.wav", kind=Kind.upload)
    with records.writing() as session:
        session.query(Recording).filter_by(id=row.id).update({Recording.created_at: now() + timedelta(days=20_000)})
        session.query(Store).update({Store.purged_at: now() + timedelta(days=20_000)})
    retention.require_clock(records)
    with pytest.raises(retention.ClockError):
        retention.require_clock(records, now() + timedelta(days=60))


def test_what_links_lead_to_is_closed_and_what_cannot_be_is_told(home, tmp_path):
    places = {name: tmp_path / "disk" / name for name in ("data", "media", "work")}
    for place in places.values():
        place.mkdir(parents=True)
        place.chmod(0o755)
    home.symlink_to(places["data"])
    for name in ("media", "work"):
        (home / name).symlink_to(places[name])
    passed_by = tmp_path / "passed_by"
    passed_by.touch(mode=0o644)
    passed_by.chmod(0o644)
    (home / "note").symlink_to(passed_by)
    open_records(home).close()
    assert [stat.S_IMODE(place.stat().st_mode) for place in places.values()] == [0o700] * 3
    assert stat.S_IMODE(passed_by.stat().st_mode) == 0o644
    assert "Others on this machine" not in run("doctor").output
    places["media"].chmod(0o1777)  # everybody's
    done = run("doctor").output
    assert f"Others on this machine can open {home / 'media'}" in done
    assert done.count("Others on this machine") == 1


def test_an_open_data_folder_is_closed(home):
    before = os.umask(0o022)
    try:
        (home / "work" / "ab" / "out").mkdir(parents=True)
        (home / "work" / "ab" / "out" / "report.html").write_text("stills")
        store = open_records(home)
        fill(store, 1)
        store.close()
    finally:
        os.umask(before)
    opened = {str(path) for path in [home, *home.rglob("*")] if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert opened == set()


def test_a_killed_backup_leaves_nothing_for_long(filled, tmp_path):
    store = open_records(filled)
    part = tmp_path / ".b.zip.abc.part"
    part.write_bytes(b"half")
    (filled / ".outgoing-1").write_text(str(part))
    assert "half-written archive" in run("doctor").output
    assert not part.exists()
    with archive_writer.outgoing(store, tmp_path / ("𠮷" * 60 + ".zip"), now(), lambda _: False) as archive:
        archive.text("a", "b")
        assert archive_writer.sweep(store) == [], "one that is being written stays"
    store.close()
    assert not list(tmp_path.glob(".*.part")) + list(filled.glob(".outgoing-*"))


def test_deleting_gives_up_the_reserve(filled, monkeypatch):
    store = open_records(filled)
    held = filled / reserve.NAME
    assert held.stat().st_size == reserve.MOST_BYTES
    monkeypatch.setattr(reserve, "_free", lambda folder: 0 if held.exists() else reserve.MOST_BYTES)
    seen = []
    monkeypatch.setattr(vault, "forget", lambda *_: seen.append(held.exists()) or True)
    me = sign_in.local(store)
    deletion.delete_recording(store, me, recordings.recordings(store, me)[0].id)
    assert seen == [False]
    assert held.exists()
    store.close()


@pytest.mark.parametrize("number", range(len(mutant_databases.DATABASE_WAYS)))
def test_a_damaged_database_is_one_sentence(filled, tmp_path, number):
    database = filled / "liyi.sqlite3"
    content = database.read_bytes()
    way, damaged = mutant_databases.database(number, 7, content)
    database.write_bytes(damaged)
    rid = uuid4()
    before = media(filled)
    for arguments in (["list"], ["people"], ["purge", "--dry-run"], ["backup", tmp_path / "b.zip"],
                      ["delete", rid, "--yes"], ["purge"]):  # fmt: skip
        done = run("records", *arguments)
        assert done.exit_code in (0, 1, 3), (way, arguments)
        assert (done.exit_code == 0) or done.output.strip().endswith((".", "。")), (way, done.output)
    assert run("doctor").exit_code in (0, 1)
    assert media(filled) == before, way


def test_text_that_is_none_is_one_sentence(filled):
    """In a row, and where SQLite puts it into its own message."""
    with closing(sqlite3.connect(filled / "liyi.sqlite3")) as rows:
        rows.execute("UPDATE alembic_version SET version_num = CAST(X'ACACAC' AS TEXT)")
        rows.commit()
    for arguments in (["records", "list"], ["records", "purge"], ["doctor"]):
        done = run(*arguments)
        assert done.exit_code == 1, arguments
        assert "The database is damaged" in done.output


def test_a_row_that_others_refer_to_is_missing(filled):
    """Its own check finds the file sound: only the references do not hold."""
    with closing(sqlite3.connect(filled / "liyi.sqlite3")) as rows:
        rows.execute("PRAGMA foreign_keys = OFF")
        rows.execute("DELETE FROM person")
        rows.commit()
    before = media(filled)
    for arguments in (["records", "list"], ["records", "purge"], ["doctor"]):
        done = run(*arguments)
        assert done.exit_code == 1, arguments
        assert "The database is damaged" in done.output
        assert "FOREIGN KEY" in done.output
    assert media(filled) == before


def test_a_value_that_was_never_written_is_found(filled):
    store = open_records(filled)
    assert examine(store) is None
    with store.writing() as session:
        session.execute(text("UPDATE recording SET size_bytes = 'much'"))
    assert examine(store) is not None
    store.close()
    done = run("records", "list")
    assert done.exit_code == 1
    assert "recording.size_bytes" in done.output


def test_a_database_that_is_lost_in_use_is_told_and_not_made(filled):
    store = open_records(filled)
    store.close()
    for file in filled.glob("liyi.sqlite3*"):
        file.unlink()
    with pytest.raises(LiyiError, match="cannot be used"):
        sign_in.local(store)
    assert not (filled / "liyi.sqlite3").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk")
def test_deleting_on_a_full_disk(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], check=False)
    if mounted.returncode:
        pytest.skip("no right to mount")
    try:
        store = open_records(place / "data")
        me = sign_in.local(store)
        consent.give_consent(store, me, version="1", text_sha256=TEXT_SHA256)
        kept = []
        with pytest.raises(LiyiError):  # noqa: PT012
            while True:
                content = io.BytesIO(random.Random(len(kept)).randbytes(200_000))
                kept.append(recordings.keep_recording(store, me, content, name="a", kind=Kind.upload))
        with (place / "fill").open("wb") as fill, pytest.raises(OSError, match="space"):  # noqa: PT012
            while True:
                os.write(fill.fileno(), bytes(1024))
        assert deletion.delete_recording(store, me, kept[0].id).files == 1
        store.close()
        store = open_records(place / "data")
        assert len(recordings.recordings(store, me)) == len(kept) - 1
        store.close()
    finally:
        subprocess.run(["umount", place], check=False)


def test_the_id_stays_with_the_store(filled):
    store = open_records(filled)
    with store.reading() as session:
        assert session.query(Store).count() == 1
    (filled / pairing.NAME).write_text("no id")
    store.close()
    with pytest.raises(LiyiError, match="remove it"):
        open_records(filled)
    (filled / pairing.NAME).unlink()
    open_records(filled).close()
