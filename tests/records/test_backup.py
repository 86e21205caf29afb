"""A backup is the whole store, read once; what comes out of it is the same store, on either database, or nothing."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from sqlalchemy import select

from liyi.core.errors import LiyiError
from liyi.records import backup as backups
from liyi.records import retention, secure_delete, vault
from liyi.records.backup import MANIFEST, backup
from liyi.records.consent_tables import Consent
from liyi.records.engine import Records, make_engine, open_records
from liyi.records.keeper import KEEPER
from liyi.records.operations import deletion, feedback, people, recordings
from liyi.records.restore import restore
from liyi.records.schema import Kind, Person, Recording
from liyi.records.store_tables import AuditLine, kept_tables
from tests.records.conftest import BACKENDS
from tests.records.world import build

ROOT = Path(__file__).resolve().parents[2]


def contents(store: Records) -> dict[str, list[str]]:
    with store.reading() as session:
        return {
            table.name: sorted(str(dict(row._mapping)) for row in session.execute(select(table)))
            for table in kept_tables()
        }


def media(store: Records) -> dict[str, bytes]:
    return {file.parent.name + file.name: file.read_bytes() for file in (store.folder / "media").glob("??/*")}


def is_empty(store: Records) -> bool:
    return not any(contents(store).values()) and not media(store) and not list(store.folder.rglob(".part-*"))


@pytest.fixture
def records(inhabited):
    return inhabited[0]


@pytest.fixture
def world(inhabited):
    return inhabited[1]


@pytest.fixture(params=BACKENDS)
def empty(request, tmp_path_factory):
    """Another store, with nothing in it."""
    folder = tmp_path_factory.mktemp("empty")
    if request.param == "sqlite":
        store = open_records(folder)
    else:
        cluster = request.getfixturevalue("cluster")
        name = cluster.create(request.getfixturevalue("pg_template"))
        store = Records(make_engine(cluster.url.format(name=name)), folder)
    yield store
    store.close()


@pytest.fixture
def empty_sqlite(tmp_path_factory):
    store = open_records(tmp_path_factory.mktemp("empty"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """A backup to damage."""
    store = open_records(tmp_path_factory.mktemp("made"))
    build(store, tmp_path_factory.mktemp("files"))
    file = tmp_path_factory.mktemp("backup") / "backup.zip"
    backup(store, file)
    store.close()
    return file


def test_what_comes_back_is_what_was_there(records, world, empty, tmp_path):
    file = tmp_path / "backup.zip"
    made = backup(records, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert restore(empty, file) == made
    before, after = contents(records), contents(empty)
    new = set(after["audit_line"]) - set(before["audit_line"])
    links = set(after["audit_link"]) - set(before["audit_link"])
    there = {name: sorted(set(after[name]) - new - links) for name in ("audit_line", "audit_link")}
    assert {**after, **there} == before
    assert len(links) == 2
    assert len(new) == 2
    assert all("'restore'" in line and str(KEEPER) in line for line in new)  # one for each organisation
    assert media(empty) == media(records)
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    assert recordings.watch(empty, owner, world.recording).read_bytes() == b"moving picture and sound"
    assert [each.text for each in feedback.comments(empty, trainer, world.recording)] == ["Shoulders level"]
    feedback.comment(empty, trainer, world.recording, "and it goes on")


def test_it_says_from_when_it_is(records, world, empty_sqlite, tmp_path):
    made = backup(records, tmp_path / "backup.zip")
    deletion.delete_recording(records, world.viewers["owner"], world.recording)
    shares: list[float] = []
    back = restore(empty_sqlite, tmp_path / "backup.zip", progress=shares.append)
    assert shares == [(at + 1) / len(made.media) for at in range(len(made.media))]
    assert back.made_at == made.made_at
    assert datetime.now(UTC) - back.made_at < timedelta(minutes=5)
    assert recordings.recording(empty_sqlite, world.viewers["owner"], world.recording)  # back, and the date says why


def test_one_moment_while_others_write(records, world, empty_sqlite, tmp_path):
    """A comment and its line of the audit trail are written together: no backup holds one without the other."""
    owner, stop, written = world.viewers["owner"], threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            written.append(feedback.comment(records, owner, world.recording, f"number {len(written)}").id)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 5:
            time.sleep(0.01)
        backup(records, tmp_path / "backup.zip")
        seen = len(written)
        while len(written) < seen + 2:
            time.sleep(0.01)
    finally:
        stop.set()
        writer.join()
    restore(empty_sqlite, tmp_path / "backup.zip")
    after = contents(empty_sqlite)
    comments = sum("number " in row for row in after["comment"])
    assert 5 <= comments < len(written)
    assert comments + 1 == sum("'comment'" in row.split("'entity'")[0] for row in after["audit_line"])


def test_deleted_while_it_is_copied(records, world, tmp_path, monkeypatch):
    """The file of rows that were read may be gone when its turn comes: the backup begins again without them."""
    owner, once, table = world.viewers["owner"], [], backups._table

    def then_delete(session, archive, each):
        found = table(session, archive, each)
        if each.name == "assessment_file" and not once:
            once.append(True)
            deleter = threading.Thread(target=deletion.delete_recording, args=(records, owner, world.recording))
            deleter.start()
            while set(media(records)) >= files:
                time.sleep(0.01)
            once.append(deleter)
        return found

    monkeypatch.setattr(secure_delete, "WAIT_S", 0.2)  # the backup itself is in the way
    monkeypatch.setattr(backups, "_table", then_delete)
    files = set(media(records))
    made = backup(records, tmp_path / "backup.zip")
    once[1].join()
    with ZipFile(tmp_path / "backup.zip") as archive:
        assert str(world.recording) not in archive.read("tables/recording.jsonl").decode()
    assert set(made.media) == set(media(records))
    assert deletion.trash(records, owner)


def test_a_damaged_store_is_told(records, world, tmp_path):
    with records.reading() as session:
        file = vault.path_of(records, session.get(Recording, world.recording).sha256)
    file.write_bytes(b"moving picture and sounD")
    with pytest.raises(LiyiError, match="missing or damaged"):
        backup(records, tmp_path / "backup.zip")
    file.unlink()
    with pytest.raises(LiyiError, match="missing or damaged"):
        backup(records, tmp_path / "backup.zip")
    assert not list(tmp_path.glob("*.zip")) + list(tmp_path.glob(".*.part"))


def test_only_into_an_empty_store(archive, records, world):
    before = contents(records)
    with pytest.raises(LiyiError, match="empty store only"):
        restore(records, archive)
    assert contents(records) == before


def test_not_among_its_own_media(records, world):
    with pytest.raises(LiyiError, match="outside"):
        backup(records, records.folder / "media" / "backup.zip")


def rewritten(archive: Path, to: Path, change, compression: int = 0) -> Path:
    """The archive with members changed: ``change(name, content)`` gives the pairs that stand in its place."""
    with ZipFile(archive) as source, ZipFile(to, "w", compression) as target, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # two members of one name
        for member in source.infolist():
            for name, content in change(member.filename, source.read(member)):
                target.writestr(name, content)
    return to


def manifest(**changes):
    def change(name, content):
        yield name, json.dumps(json.loads(content) | changes).encode() if name == MANIFEST else content

    return change


def edited(where, edit):
    return lambda name, content: [(name, edit(content) if name.startswith(where) else content)]


def added(extra):
    return lambda name, content: [(name, content), *([(extra, b"x")] if name == MANIFEST else [])]


def resummed(archive: Path, to: Path, table: str, edit) -> Path:
    """The archive with a table changed and its checksum made to fit: written by somebody who knows the format."""
    with ZipFile(archive) as source:
        content = edit(source.read(f"tables/{table}.jsonl"))
        found = json.loads(source.read(MANIFEST))
    found["tables"][table]["sha256"] = hashlib.sha256(content).hexdigest()
    lies = {MANIFEST: json.dumps(found).encode(), f"tables/{table}.jsonl": content}
    return rewritten(archive, to, lambda name, content: [(name, lies.get(name, content))])


DAMAGE = {
    "a flipped bit of media": lambda a, b: rewritten(a, b, edited("media/", lambda c: bytes([c[0] ^ 1]) + c[1:])),
    "a changed row": lambda a, b: rewritten(a, b, edited("tables/comment", lambda c: c.replace(b"level", b"leven"))),
    "compressed members": lambda a, b: rewritten(a, b, manifest(), ZIP_DEFLATED),
    "a way out of the folder": lambda a, b: rewritten(a, b, added("../../escaped")),
    "an absolute path": lambda a, b: rewritten(a, b, added("/tmp/escaped")),
    "one name twice": lambda a, b: rewritten(a, b, added("tables/person.jsonl")),
    "no manifest": lambda a, b: rewritten(a, b, lambda n, c: [] if n == MANIFEST else [(n, c)]),
    "a lacking table": lambda a, b: rewritten(a, b, lambda n, c: [] if n == "tables/consent.jsonl" else [(n, c)]),
    "media that lie about their name": lambda a, b: rewritten(a, b, manifest(media={"../../x": 1})),
    "a manifest of nonsense": lambda a, b: rewritten(a, b, edited(MANIFEST, lambda _: b"[1, 2")),
    "nested beyond reason": lambda a, b: rewritten(a, b, edited(MANIFEST, lambda _: b"[" * 200_000)),
    "a row of other columns": lambda a, b: resummed(a, b, "comment", lambda c: c.replace(b'"text"', b'"test"')),
    "a row that is no object": lambda a, b: resummed(a, b, "comment", lambda c: b"7\n"),
    "an id that is none": lambda a, b: resummed(a, b, "comment", lambda c: c.replace(b'"id":"', b'"id":"zz')),
    "rows without their person": lambda a, b: resummed(a, b, "person", lambda c: b""),
    "rows without their file": lambda a, b: resummed(a, b, "assessment_file", lambda c: b""),
    "no archive at all": lambda a, b: b.write_bytes(b"%PDF-1.7") and b,
    "nothing": lambda a, b: b.write_bytes(b"") or b,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_refused_and_nothing_restored(archive, empty_sqlite, tmp_path, damage):
    bad = DAMAGE[damage](archive, tmp_path / "bad.zip")
    with pytest.raises(LiyiError, match="Nothing was restored"):
        restore(empty_sqlite, bad)
    assert is_empty(empty_sqlite)
    assert sorted(os.listdir(tmp_path)) == ["bad.zip"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_archive_is_refused(archive, empty_sqlite, tmp_path, share):
    content = archive.read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[: int(len(content) * share)])
    with pytest.raises(LiyiError, match="Nothing was restored"):
        restore(empty_sqlite, tmp_path / "cut.zip")
    assert is_empty(empty_sqlite)


def test_a_declared_size_beyond_the_archive_is_refused(archive, empty_sqlite, tmp_path):
    """The bomb that a stored member can be: its directory entry declares more than the archive has."""
    content = bytearray(archive.read_bytes())
    entry = content.rfind(b"PK\x01\x02")
    content[entry + 20 : entry + 28] = struct.pack("<II", 0xF0000000, 0xF0000000)
    (tmp_path / "bomb.zip").write_bytes(content)
    with pytest.raises(LiyiError, match="Nothing was restored"):
        restore(empty_sqlite, tmp_path / "bomb.zip")


@pytest.mark.parametrize("change", [{"revision": "0001"}, {"format": 2}, {"liyi_version": "9.0"}])
def test_another_version_is_named(archive, empty_sqlite, tmp_path, change):
    bad = rewritten(archive, tmp_path / "other.zip", manifest(**change))
    if "liyi_version" in change:  # its tables are the same: nothing stands against it
        restore(empty_sqlite, bad)
        return
    with pytest.raises(LiyiError, match=r"made by version .* of Liyi"):
        restore(empty_sqlite, bad)
    assert is_empty(empty_sqlite)


LATER = {"person": {"post"}, "organisation": {"private_days"}, "audit_line": {"seen_by", "about_id", "role"},
         "recording": {"submitted_at", "opened_at", "side_sha256", "side_bytes"},
         "assessment": {"total_error", "coverage_floor"}, "verdict": {"waits"}}  # fmt: skip
LATER_TABLES = ("drill_try", "credential", "confirmation", "review", "canned_phrase", "appeal", "recording_seen",
                "audit_link", "batch", "batch_file", "batch_line", "mark", "sheet_template", "case_clip",
                "case_comment", "gold_clip", "gold_value", "gold_rating", "gold_check", "gold_move",
                "gold_proposal")  # fmt: skip


def as_then(name: str, content: bytes) -> bytes:
    """Rows of a table without the columns that came later."""
    later = LATER.get(Path(name).stem)
    if later is None:
        return content
    rows = [json.loads(line) for line in content.splitlines()]
    return b"".join(json.dumps({k: v for k, v in row.items() if k not in later}).encode() + b"\n" for row in rows)


def earlier(
    archive: Path, file: Path, *, without: tuple[str, ...] = LATER_TABLES, overrides: bytes = b""
) -> Path:  # fmt: skip
    """The same as revision 0004 has written it: without tries of drills, posts, and the practice wall."""
    with ZipFile(archive) as source, ZipFile(file, "w") as target:
        said = json.loads(source.read(MANIFEST))
        left = {f"tables/{table}.jsonl" for table in without}
        kept = {name: as_then(name, source.read(name)) for name in source.namelist()
                if name.startswith("tables/") and name not in left}  # fmt: skip
        rows_kept = b"".join(kept.values())
        said["media"] = {digest: size for digest, size in said["media"].items() if digest.encode() in rows_kept}
        left |= {name for name in source.namelist() if name.startswith("media/") and name[6:] not in said["media"]}
        for name, content in kept.items():
            said["tables"][Path(name).stem]["sha256"] = hashlib.sha256(content).hexdigest()
        for name in source.namelist():
            if name != MANIFEST and name not in left:
                target.writestr(name, kept.get(name) or source.read(name))
        said["revision"] = "0004"
        said["tables"] = {table: each for table, each in said["tables"].items() if table not in without}
        target.writestr("tables/override.jsonl", overrides)
        said["tables"]["override"] = {**said["tables"]["person"], "sha256": hashlib.sha256(overrides).hexdigest()}
        target.writestr(MANIFEST, json.dumps(said))
    return file


def test_a_backup_from_before_tries_is_restored_without_them(archive, empty_sqlite, tmp_path):
    restore(empty_sqlite, earlier(archive, tmp_path / "earlier.zip"))
    there = contents(empty_sqlite)
    assert (there["drill_try"], len(there["recording"])) == ([], 3)
    assert "'post': None" in there["person"][0]
    assert all("'submitted_at': None" in row for row in there["recording"])
    assert sum("'seen_by': None" not in row for row in there["audit_line"]) == 2  # of restoring, in each hall


def test_what_an_earlier_version_alone_can_read_is_left_to_it(archive, empty_sqlite, tmp_path):
    with pytest.raises(LiyiError, match=r"made by version .* of Liyi"):
        restore(empty_sqlite, earlier(archive, tmp_path / "earlier.zip", overrides=b"{}\n"))
    assert is_empty(empty_sqlite)


def test_no_other_table_may_be_missing(archive, empty_sqlite, tmp_path):
    bad = earlier(archive, tmp_path / "earlier.zip", without=(*LATER_TABLES, "comment"))
    with pytest.raises(LiyiError, match=r"made by version .* of Liyi"):
        restore(empty_sqlite, bad)
    assert is_empty(empty_sqlite)


def test_a_killed_restore_leaves_an_empty_store(archive, tmp_path):
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from liyi.records import restore, vault\n"
        "from liyi.records.engine import open_records\n"
        "keep, kept = vault.keep, []\n"
        "def then(*args):\n"
        "    keep(*args); kept.append(args)\n"
        "    if len(kept) == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
        "vault.keep = then\n"
        "restore.restore(open_records(Path(sys.argv[1])), Path(sys.argv[2]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path, archive], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    store = open_records(tmp_path)
    assert not any(contents(store).values())
    assert restore(store, archive).tables["recording"].rows == 3
    assert retention.purge(store).unknown == 0
    assert set(media(store)) == set(restored_digests(store))
    store.close()


def restored_digests(store: Records) -> set[str]:
    with store.reading() as session:
        return vault.named(session)


def test_a_full_disk_leaves_no_archive(records, world, tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    place = tmp_path / "place"
    place.mkdir()
    backup(records, place / "backup.zip")
    yesterdays = (place / "backup.zip").read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LiyiError, match="No space left"):
        backup(records, place / "backup.zip")
    assert [(file.name, file.read_bytes()) for file in place.iterdir()] == [("backup.zip", yesterdays)]


def test_people_of_the_backup_are_whole(archive, empty_sqlite):
    restore(empty_sqlite, archive)
    with empty_sqlite.reading() as session:
        assert session.scalars(select(Consent)).all()
        assert session.scalars(select(AuditLine).where(AuditLine.action == "restore")).all()
        admin = session.scalars(select(Person).where(Person.account == "admin@a")).one()
    from liyi.records.sign_in import signed_in

    assert people.person(empty_sqlite, signed_in(empty_sqlite, "admin@a"), admin.id).name == "Admin"
    assert recordings.keep_recording(empty_sqlite, signed_in(empty_sqlite, "owner"), io.BytesIO(b"more"), name="d",
                                     kind=Kind.upload).size_bytes == 4  # fmt: skip
