"""The database: migrated with its data, the same on both kinds, and nothing lost by writers at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import insert, inspect, select, text
from sqlalchemy.exc import DBAPIError

from liyi.core.errors import LiyiError
from liyi.records import engine
from liyi.records.access_tables import RecordingShare
from liyi.records.engine import Records, make_engine, migrate, open_records
from liyi.records.operations import feedback, people, recordings
from liyi.records.schema import Base, Cohort, Organisation, Person, Recording, now
from liyi.records.secure_delete import scrub
from liyi.records.store_tables import AuditLine
from tests.records.world import build

ROOT = Path(__file__).resolve().parents[2]
WRITERS, TIMES = 5, 10


def test_tables_are_those_of_the_models(records):
    with records.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_checks_of_the_models_are_in_the_tables(records):
    def checks(bind) -> set[tuple[str, str]]:
        return {
            (table, str(check["name"]))
            for table in Base.metadata.tables
            for check in inspect(bind).get_check_constraints(table)
        }

    expected = {
        (table.name, str(check.name))
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if check.__class__.__name__ == "CheckConstraint"
    }
    assert expected
    assert expected <= checks(records.engine)


def test_a_migration_from_the_first_schema_keeps_the_data(empty_url, tmp_path):
    records = Records(make_engine(empty_url), tmp_path)
    migrate(records, "0001")
    ids = {name: uuid4() for name in ("organisation", "person", "cohort", "shared", "private", "comment")}
    common = {"name": "a.mp4", "sha256": "ab" * 32, "size_bytes": 5_000_000_000, "duration_s": 60.0, "kind": "upload",
              "state": "kept", "created_at": now(), "person_id": ids["person"]}  # fmt: skip
    with records.writing() as session:
        session.execute(insert(Organisation), {"id": ids["organisation"], "name": "大厅"})
        session.execute(insert(Person), {"id": ids["person"], "organisation_id": ids["organisation"], "name": "王"})
        session.execute(insert(Cohort), {"id": ids["cohort"], "organisation_id": ids["organisation"], "name": "春"})
        session.execute(insert(Recording), [{"id": ids["shared"], **common}, {"id": ids["private"], **common}])
        session.execute(
            text("UPDATE recording SET shared_cohort_id = (SELECT id FROM cohort) WHERE id = :id").bindparams(
                id=ids["shared"] if session.get_bind().dialect.name == "postgresql" else ids["shared"].hex
            )
        )
        comment = {"id": ids["comment"], "recording_id": ids["shared"], "author_id": ids["person"], "text": "好"}
        session.execute(insert(Base.metadata.tables["comment"]), comment)
    migrate(records)
    with records.reading() as session:
        kept = {row.id: row for row in session.scalars(select(Recording))}
        assert set(kept) == {ids["shared"], ids["private"]}
        assert kept[ids["shared"]].size_bytes == 5_000_000_000
        assert [(row.recording_id, row.cohort_id) for row in session.scalars(select(RecordingShare))] == [
            (ids["shared"], ids["cohort"])
        ]
        assert session.scalar(text("SELECT text FROM comment")) == "好"
    with pytest.raises(DBAPIError), records.writing() as session:  # references hold again
        session.execute(insert(Recording), {"id": uuid4(), **common, "person_id": uuid4()})
    records.close()


def test_a_database_of_a_later_version_is_refused(empty_url, tmp_path):
    open_records(tmp_path, url=empty_url).close()
    records = Records(make_engine(empty_url), tmp_path)
    with records.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    records.close()
    with pytest.raises(LiyiError, match="later version"):
        open_records(tmp_path, url=empty_url)


@pytest.mark.parametrize("url", ["mysql://a/b", "sqlite://", "nonsense", "postgresql+asyncpg"])
def test_addresses_that_are_not_understood(url, tmp_path):
    with pytest.raises(LiyiError, match="not understood"):
        open_records(tmp_path, url=url)


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path):
    with pytest.raises(LiyiError, match="cannot be used") as caught:
        open_records(tmp_path, url="postgresql://clerk:hunter2@127.0.0.1:1/liyi?connect_timeout=2")
    assert "hunter2" not in str(caught.value)


def test_files_are_their_owners_only(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    records = open_records()
    folder = tmp_path / "data"
    (folder / "extra").mkdir()
    build(records, folder / "extra")
    made = [folder, *(p for p in folder.rglob("*") if p.is_file() and p.parent.name != "extra")]
    assert {"liyi.sqlite3", "liyi.sqlite3-wal", "liyi.sqlite3-shm"} <= {path.name for path in made}
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in made if path.stat().st_mode & 0o077} == {}
    records.close()


def test_nobody_changes_the_audit_trail(records, tmp_path):
    build(records, tmp_path)
    for statement in ("UPDATE audit_line SET action = 'nothing'", "DELETE FROM audit_line"):
        with pytest.raises(DBAPIError, match="only added to"), records.writing() as session:
            session.execute(text(statement))
    with records.reading() as session:
        assert session.scalars(select(AuditLine.action)).first()


def test_deleted_text_is_gone_from_sqlites_files(tmp_path):
    records = open_records(tmp_path)
    (tmp_path / "extra").mkdir()
    world = build(records, tmp_path / "extra")
    marker = "marker-in-a-comment-" * 20
    row = feedback.comment(records, world.viewers["owner"], world.recording, marker)
    files = [tmp_path / f"liyi.sqlite3{tail}" for tail in ("", "-wal")]
    assert any(marker.encode() in file.read_bytes() for file in files)
    feedback.remove_comment(records, world.viewers["owner"], row.id)
    assert scrub(records)
    assert not any(marker.encode() in file.read_bytes() for file in files)
    records.close()


WRITE = f"""
import sys
from pathlib import Path
from uuid import UUID
from liyi.records.engine import open_records
from liyi.records.operations import feedback
from liyi.records.viewer import Viewer
folder, person, organisation, recording, number = sys.argv[1:]
records = open_records(Path(folder))
viewer = Viewer(UUID(person), UUID(organisation))
print("ready", flush=True)
sys.stdin.readline()
for k in range({TIMES}):
    feedback.comment(records, viewer, recording, f"{{number}}-{{k}}")
    assert any(each.text == f"{{number}}-{{k}}" for each in feedback.comments(records, viewer, recording))
"""


def test_processes_write_at_once_and_lose_nothing(tmp_path):
    first = open_records(tmp_path / "data")
    world = build(first, tmp_path)
    owner = world.viewers["owner"]
    before = len(people.audit_trail(first, owner, size=500))
    first.close()
    arguments = [tmp_path / "data", owner.person_id, owner.organisation_id, world.recording]
    command = [sys.executable, "-c", WRITE, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([*command, str(k)], env=environment, **pipes) for k in range(WRITERS)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n", writer.stderr.read()
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    faults = [writer.communicate(timeout=120)[1] for writer in writers]
    assert faults == [""] * WRITERS
    records = open_records(tmp_path / "data")
    written = [each.text for each in feedback.comments(records, owner, world.recording)]
    assert sorted(written) == sorted(["Shoulders level", *(f"{k}-{n}" for k in range(WRITERS) for n in range(TIMES))])
    assert len(people.audit_trail(records, owner, size=500)) == before + WRITERS * TIMES
    records.close()


OPEN = """
import sys
from pathlib import Path
from liyi.records import sign_in
from liyi.records.engine import open_records
sys.stdin.readline()
records = open_records(Path(sys.argv[1]), url=sys.argv[2])
sign_in.local(records)
"""


def test_processes_that_start_together_migrate_once_and_make_one_person(empty_url, tmp_path):
    command = [sys.executable, "-c", OPEN, str(tmp_path), empty_url]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    starters = [subprocess.Popen(command, env=environment, **pipes) for _ in range(3)]
    faults = [starter.communicate("go\n", timeout=60)[1] for starter in starters]
    assert faults == [""] * len(starters)
    records = open_records(tmp_path, url=empty_url)
    with records.reading() as session:
        assert len(session.scalars(select(Person)).all()) == 1
    records.close()


def test_a_file_in_place_of_the_folder_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LiyiError, match="LIYI_DATA"):
        open_records(tmp_path / "file")


def test_the_migrations_are_in_the_wheel():
    import tomllib

    build_target = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert "liyi" in build_target["only-include"]
    assert list((engine.MIGRATIONS / "versions").glob("*.py"))


def test_a_failed_change_leaves_nothing(records, tmp_path):
    world = build(records, tmp_path)
    owner = world.viewers["owner"]
    before = len(people.audit_trail(records, owner, size=500))
    with pytest.raises(LiyiError, match="between 0 and 60"):
        feedback.comment(records, owner, world.recording, "later than its end", at_s=61)
    with pytest.raises(LiyiError, match=r"no such table|does not exist"), records.writing() as session:
        [session.execute(text(f"DELETE FROM {table}")) for table in ("comment", "no_such_table")]
    assert len(feedback.comments(records, owner, world.recording)) == 1
    assert len(people.audit_trail(records, owner, size=500)) == before
    assert recordings.recording(records, owner, world.recording).name == "a.mp4"


def test_what_another_process_writes_and_closes_is_seen_by_a_store_that_was_there(tmp_path):
    """As the server reads what a worker filed: SQLite's log must not be taken away from under its connections."""
    open_records(tmp_path).close()
    here = open_records(tmp_path)
    code = (
        "import sys; from pathlib import Path; from uuid import uuid4\n"
        "from sqlalchemy import insert\n"
        "from liyi.records.engine import open_records; from liyi.records.schema import Organisation\n"
        "there = open_records(Path(sys.argv[1]))\n"
        "with there.writing() as session:\n"
        "    session.execute(insert(Organisation).values(id=uuid4(), name='of another process'))\n"
        "there.close()\n"
    )
    with here.reading() as session:
        before = len(session.execute(select(Organisation)).all())
    for more in (1, 2):  # the first was seen even from a log that was taken away
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, cwd=Path(__file__).parents[2])
        with here.reading() as session:
            assert len(session.execute(select(Organisation)).all()) == before + more
    here.close()
