"""A whole data folder of an earlier version is opened, and everything that is done with a store is done with it."""

from __future__ import annotations

import hashlib
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from liyi import cli
from liyi.records import pairing, sign_in, vault
from liyi.records.engine import open_records
from liyi.records.operations import assessments, deletion, feedback, recordings

SCRIPT = Path(__file__).parent / "store_0002.sql"


@pytest.fixture
def earlier(tmp_path, monkeypatch):
    """The folder as it lay there: readable by others, without an id."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    with closing(sqlite3.connect(folder / "liyi.sqlite3", isolation_level=None)) as rows:
        rows.executescript(SCRIPT.read_text(encoding="utf-8"))
        for digest, content in rows.execute("SELECT * FROM vault_file").fetchall():
            assert hashlib.sha256(content).hexdigest() == digest
            file = folder / "media" / digest[:2] / digest[2:]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        rows.execute("DROP TABLE vault_file")
        rows.execute("UPDATE recording SET deleted_at = datetime('now') WHERE deleted_at IS NOT NULL")
    (folder / "liyi.sqlite3").chmod(0o644)
    monkeypatch.setenv("LIYI_DATA", str(folder))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    return folder


def run(*arguments: object) -> str:
    done = CliRunner().invoke(cli.app, [*map(str, arguments), "--lang", "en"])
    assert done.exit_code == 0, done.output
    return done.output


def files(folder: Path) -> set[str]:
    return {file.name for file in vault.files(folder)}


def test_it_is_opened_and_nothing_is_lost(earlier):
    before = files(earlier)
    assert len(before) == 6
    assert run("records", "list").count(".wav") == 2
    assert (earlier / pairing.NAME).is_file()
    for path in (earlier, earlier / "liyi.sqlite3", earlier / "media", *vault.files(earlier)):
        assert path.stat().st_mode & 0o077 == 0, path
    assert "Recordings that would go: 0." in run("records", "purge", "--clock-is-right", "--dry-run")
    store = open_records(earlier)
    me = sign_in.local(store)
    (row,) = deletion.trash(store, me)
    deletion.take_back(store, me, row.id)
    (judged,) = assessments.assessments(store, me)
    assert (judged.total, judged.pack_id) == (80.0, "counter")
    assert assessments.assessment_file(store, me, judged.id, "report.html").read_bytes() == b"<p>report</p>"
    assert [each.text for each in feedback.comments(store, me, judged.recording_id)] == ["before"]
    assert sum(each.sha256 is not None for each in recordings.recordings(store, me)) == 3
    store.close()
    run("records", "purge", "--clock-is-right")
    assert files(earlier) == before


def test_it_is_copied_backed_up_and_restored(earlier, tmp_path, monkeypatch):
    copy, backup = tmp_path / "copy.zip", tmp_path / "backup.zip"
    run("records", "export", copy)
    assert sum(name.endswith(".wav") for name in zipfile.ZipFile(copy).namelist()) == 2
    run("records", "backup", backup)
    before = files(earlier)
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "other"))
    run("records", "restore", backup)
    assert run("records", "list").count(".wav") == 2
    assert files(tmp_path / "other") == before


def test_a_deletion_takes_what_it_names_and_no_more(earlier):
    store = open_records(earlier)
    me = sign_in.local(store)
    (judged,) = assessments.assessments(store, me)
    removal = deletion.delete_recording(store, me, judged.recording_id)
    store.close()
    assert (removal.recordings, removal.files, removal.unknown) == (1, 4, 0)
    assert len(files(earlier)) == 2
