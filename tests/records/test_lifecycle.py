"""What is deleted is gone: from the tables, the vault, and every byte of every file of the store and its database."""

from __future__ import annotations

import gzip
import io
import random
import re
import string
import tempfile
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select, text

from liyi.core.errors import LiyiError
from liyi.records import lifecycle, secure_delete, sign_in, vault
from liyi.records.consent_tables import Exemption
from liyi.records.operations import (
    assessments,
    confirmations,
    consent,
    deletion,
    feedback,
    people,
    recordings,
    submission,
)
from liyi.records.review_schema import Confirmation, Decision, Review
from liyi.records.schema import Assessment, AssessmentFile, Comment, Kind, Person, Rating, Recording, RoleGrant
from liyi.records.store_tables import AuditLine
from liyi.records.unit_of_work import not_there
from tests.records.world import TEXT_SHA256, judged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANY = 30
MARKERS = {
    "name": "MARKER-name-7f3a",
    "media": "MARKER-media-7f3a",
    "still": "MARKER-still-7f3a",
    "transcript": "MARKER-transcript-7f3a",
    "measures": "MARKER-measures-7f3a",
    "report": "MARKER-report-7f3a",
    "comment": "MARKER-comment-7f3a",
    "why": "MARKER-why-7f3a",
    "options": "MARKER-options-7f3a",
    "work": "MARKER-work-7f3a",
}


def rows(store, entity) -> int:
    with store.reading() as session:
        return len(session.scalars(select(entity)).all())


def still(marker: str) -> bytes:
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", marker)
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "PNG", pnginfo=note)
    return buffer.getvalue()


def keep_marked(store, world, folder: Path, number: int, filler: str = ""):
    """A recording of the owner with a marker in everything that is kept of it."""
    mark = {key: f"{value}-{number:04d}" for key, value in MARKERS.items()}
    content = f"{mark['media']} {filler}".encode()
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    row = recordings.keep_recording(store, owner, io.BytesIO(content), name=f"{mark['name']}.mp4", kind=Kind.upload)
    found = judged(row.sha256).model_copy(update={"options": {"note": mark["options"], "number": number}})
    files = {name: folder / f"{number}-{name}" for name in
             ("assessment.json", "measures.parquet", "report.html", "still.png")}  # fmt: skip
    files["assessment.json"].write_text(mark["transcript"])
    pq.write_table(pa.table({"id": [mark["measures"]] * 50}), files["measures.parquet"], compression="zstd")
    files["report.html"].write_text(mark["report"])
    files["still.png"].write_bytes(still(mark["still"]))
    filed = assessments.file_assessment(store, owner, row.id, found, files)
    submission.submit_recording(store, owner, row.id)
    feedback.comment(store, trainer, row.id, f"{mark['comment']} {filler}"[:4000])
    confirmations.confirm(store, trainer, filed.id, "pace", decision=Decision.changed, new=0.9, why=mark["why"])
    confirmations.send_review(store, trainer, row.id)
    feedback.rate(store, trainer, row.id, "pace", 70)
    room = lifecycle.workroom(store, row.id)
    room.mkdir(parents=True)
    (room / "0001.part").write_text(mark["work"])
    for file in files.values():
        file.unlink()
    return row


def forms(content: bytes):
    """A file's bytes, and what they hold when they are compressed."""
    yield content
    if content.startswith(b"PAR1"):
        yield repr(pq.read_table(pa.BufferReader(content)).to_pydict()).encode()
    if content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(content[start.start() :], 1 << 20)


def found_in(markers: Iterable[str], folders: list[Path]) -> dict[str, str]:
    """Markers that stand in any file of the folders, each with one such file."""
    hits: dict[str, str] = {}
    for file in (file for folder in folders for file in folder.rglob("*")):
        try:
            content = file.read_bytes() if file.is_file() else b""
        except FileNotFoundError:  # the server's own, gone meanwhile
            continue
        for form in forms(content):
            hits |= {marker: str(file) for marker in markers if marker.encode() in form}
    return hits


def places(store, request) -> list[Path]:
    """Every folder in which the store, its database or its temporary files lie; PostgreSQL's log beside its tables."""
    if store.engine.dialect.name == "sqlite":
        return [store.folder]
    data = request.getfixturevalue("cluster").folder / "data"
    with store.engine.connect() as connection:
        number = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
    return [store.folder, data / "base" / str(number), data / "base" / "pgsql_tmp", data / "pg_wal"]


def settle(store) -> None:
    """Have the database write all it holds into its files, statistics included."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("ANALYZE"))
            connection.execute(text("CHECKPOINT"))


@pytest.fixture
def records(inhabited):
    return inhabited[0]


@pytest.fixture
def world(inhabited):
    return inhabited[1]


def test_no_marker_survives_deletion(records, world, request, tmp_path_factory, monkeypatch):
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("SQLITE_TMPDIR", str(temporary))
    files = tmp_path_factory.mktemp("files")
    marked = keep_marked(records, world, files, 0)
    settle(records)
    where = [*places(records, request), temporary, files]
    assert set(found_in(MARKERS.values(), where)) == set(MARKERS.values())  # else this test would prove nothing
    removal = deletion.delete_recording(records, world.viewers["owner"], marked.id)
    assert removal.scrubbed
    settle(records)
    assert found_in(MARKERS.values(), where) == {}


def test_no_marker_survives_among_many(records, world, request, tmp_path_factory):
    """Rows of all sizes, pages that split and merge: copies that a database leaves behind are found here."""
    chance, files = random.Random(7), tmp_path_factory.mktemp("files")
    letters = string.ascii_letters + string.digits + string.punctuation  # random: no database compresses them
    filler = ["".join(chance.choices(letters, k=chance.choice([0, 30, 400, 3900]))) for _ in range(MANY)]
    marked = [keep_marked(records, world, files, number, text) for number, text in enumerate(filler)]
    settle(records)
    gone = set(chance.sample(range(MANY), MANY // 2))
    with lifecycle.removing(records) as removal:
        for number in sorted(gone, key=lambda _: chance.random()):
            with records.writing() as session:
                removal.remove(session, [marked[number].id])
    assert removal.recordings == MANY // 2
    settle(records)
    everything = b"".join(
        file.read_bytes() for place in places(records, request) for file in place.rglob("*") if file.is_file()
    )
    for key in ("name", "comment", "why", "options", "media"):
        for number in range(MANY):
            there = f"{MARKERS[key]}-{number:04d}".encode() in everything
            assert there == (number not in gone), (key, number)


def test_deletion_counts_and_leaves_a_line_without_content(records, world):
    owner, kept = world.viewers["owner"], list((records.folder / "media").glob("??/*"))
    size_bytes = sum(file.stat().st_size for file in kept)
    removal = deletion.delete_recording(records, owner, world.recording)
    assert (removal.recordings, removal.assessments, removal.comments) == (1, 2, 1)
    assert removal.files == 7  # two of media, three of its assessment, two of cases
    gone = [file for file in kept if not file.exists()]
    assert (removal.files, removal.size_bytes) == (len(gone), size_bytes - len(b"thrown away"))
    assert {rows(records, each) for each in (Assessment, AssessmentFile, Comment, Confirmation, Rating, Review)} == {0}
    lines = people.audit_trail(records, owner)
    assert (lines[0].action, lines[0].entity_id) == ("delete", world.recording)
    assert {column.name for column in AuditLine.__table__.columns} == {
        "id", "at", "person_id", "organisation_id", "action", "entity", "entity_id", "seen_by", "about_id", "role",
    }  # fmt: skip
    assert len(list((records.folder / "media").glob("??/*"))) == 1  # what lies in the trash


def test_content_that_another_recording_has_too_stays(records, world):
    owner, peer = world.viewers["owner"], world.viewers["peer"]
    content = io.BytesIO(b"moving picture and sound")
    same = recordings.keep_recording(records, peer, content, name="same.mp4", kind=Kind.upload)
    mine = recordings.keep_recording(
        records, owner, io.BytesIO(b"moving picture and sound"), name="mine.mp4", kind=Kind.upload
    )
    assert deletion.delete_recording(records, owner, mine.id).shared == 1
    assert deletion.delete_recording(records, owner, world.recording).shared == 0  # of the peer's nobody is told
    assert recordings.watch(records, peer, same.id).read_bytes() == b"moving picture and sound"
    assert deletion.delete_recording(records, peer, same.id).files == 1
    assert not vault.path_of(records, same.sha256).exists()


def test_the_trash_hides_and_gives_back(records, world):
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    deletion.discard(records, owner, world.recording)
    for viewer in (owner, trainer):
        with pytest.raises(LiyiError, match="nothing like this"):
            recordings.recording(records, viewer, world.recording)
    assert [row.id for row in deletion.trash(records, owner)] == [world.recording, world.discarded]
    deletion.take_back(records, owner, world.recording)
    assert feedback.comments(records, trainer, world.recording)
    assert [row.id for row in deletion.trash(records, owner)] == [world.discarded]
    with pytest.raises(LiyiError, match="nothing like this"):
        deletion.take_back(records, owner, world.recording)


def test_a_person_who_stays_keeps_the_name(records, world):
    admin, owner = world.viewers["admin"], world.viewers["owner"]
    assert rows(records, Recording) == 3
    deletion.delete_person(records, admin, owner.person_id)
    assert rows(records, Recording) == 0
    assert people.person(records, admin, owner.person_id).name == "owner"
    assert rows(records, Exemption) == 0
    assert consent.consents(records, owner, owner.person_id)


def test_nothing_names_a_person_who_has_left(records, world, request):
    admin, trainer = world.viewers["admin"], world.viewers["trainer"]
    marker = "MARKER-person-9c1e"
    with records.writing() as session:
        session.get(Person, trainer.person_id).name = marker
    people.end_person(records, admin, trainer.person_id)
    settle(records)
    deletion.delete_person(records, admin, trainer.person_id)
    settle(records)
    row = people.person(records, admin, trainer.person_id)
    assert (row.name, row.account) == (deletion.NAMELESS, None)
    with records.reading() as session:
        assert not session.scalars(select(RoleGrant).where(RoleGrant.person_id == trainer.person_id)).all()
    assert feedback.comments(records, world.viewers["owner"], world.recording)[0].author == deletion.NAMELESS
    assert found_in([marker], places(records, request)) == {}


def test_a_failed_deletion_removes_nothing(records, world):
    with pytest.raises(LiyiError) as refused:
        deletion.delete_recording(records, world.viewers["stranger"], world.recording)
    assert refused.value.sentence == not_there().sentence
    assert recordings.watch(records, world.viewers["owner"], world.recording).exists()


def test_who_still_looks_keeps_traces_and_is_told(records, world, monkeypatch):
    monkeypatch.setattr(secure_delete, "WAIT_S", 0.2)
    with records.reading() as session:
        session.scalars(select(Recording)).all()  # a look that lasts
        removal = deletion.delete_recording(records, world.viewers["owner"], world.recording)
    assert not removal.scrubbed
    assert secure_delete.pending(records)
    assert secure_delete.scrub(records)
    assert not secure_delete.pending(records)


def test_the_local_person_deletes_his_own(records):
    me = sign_in.local(records)
    consent.give_consent(records, me, version="1", text_sha256=TEXT_SHA256)
    row = recordings.keep_recording(records, me, io.BytesIO(b"me"), name="me.webm", kind=Kind.rehearsal)
    assert deletion.delete_recording(records, me, row.id).files == 1
    assert not vault.path_of(records, row.sha256).exists()
