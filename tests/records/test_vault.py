"""Media under the digest of their content: once, whole or not at all, and only with consent."""

from __future__ import annotations

import hashlib
import io
import threading
from typing import TYPE_CHECKING

import pytest

from liyi.core.errors import LiyiError
from liyi.records import unknown, vault
from liyi.records.engine import open_records
from liyi.records.lifecycle import Removal, removing
from liyi.records.operations import assessments, consent, recordings
from liyi.records.schema import Kind, Recording
from tests.records.world import CONTENT, SHA256, TEXT_SHA256, build, judged

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def stage(inhabited):
    return inhabited


def media(store) -> set[str]:
    return {path.parent.name + path.name for path in (store.folder / "media").rglob("*") if path.is_file()}


def keep(store, viewer, content: bytes) -> Recording:
    return recordings.keep_recording(store, viewer, io.BytesIO(content), name="b.mp4", kind=Kind.upload)


def test_what_is_kept_comes_back(stage):
    store, world = stage
    path = recordings.watch(store, world.viewers["trainer"], world.recording)
    assert path.read_bytes() == CONTENT
    assert SHA256 in media(store)


def test_the_same_content_is_kept_once_and_stays_while_anything_names_it(stage):
    store, world = stage
    before = media(store)
    first, second = (keep(store, world.viewers[who], b"the same") for who in ("owner", "peer"))
    assert first.sha256 == second.sha256 == hashlib.sha256(b"the same").hexdigest()
    assert media(store) - before == {first.sha256}
    for row, removed in ((first, False), (second, True)):
        with store.writing() as session:
            session.delete(session.get(Recording, row.id))
        assert vault.forget(store, row.sha256) is removed
    assert media(store) == before


def test_files_of_an_assessment_are_kept_and_named(stage):
    store, world = stage
    names = [row.name for row in assessments.assessment_files(store, world.viewers["owner"], world.assessment)]
    assert names == ["assessment.json", "measures.parquet", "report.html"]
    path = assessments.assessment_file(store, world.viewers["owner"], world.assessment, "measures.parquet")
    assert path.read_text() == "measures.parquet of the owner"


def test_nothing_is_kept_without_consent(stage):
    store, world = stage
    owner, before = world.viewers["owner"], media(store)
    consent.withdraw_consent(store, owner)
    with pytest.raises(LiyiError, match="consent"):
        keep(store, owner, b"not agreed")
    with pytest.raises(LiyiError, match="consent"):
        recordings.close_recording(store, owner, world.open_recording, io.BytesIO(b"not agreed"), duration_s=1)
    with pytest.raises(LiyiError, match="consent"):
        recordings.open_recording(store, owner, name="x", kind=Kind.rehearsal)
    with pytest.raises(LiyiError, match="consent"):
        recordings.keep_recording(
            store, world.viewers["trainer"], io.BytesIO(b"by the trainer"), name="x", kind=Kind.batch,
            person_id=owner.person_id,
        )  # fmt: skip
    assert media(store) == before
    consent.give_consent(store, owner, version="2", text_sha256=TEXT_SHA256)
    assert keep(store, owner, b"agreed").sha256 in media(store)


class Breaking(io.RawIOBase):
    """A stream that breaks off in the middle."""

    def __init__(self) -> None:
        self.pieces = [b"first half"]

    def read(self, size: int = -1) -> bytes:
        if self.pieces:
            return self.pieces.pop()
        raise OSError(5, "Input/output error")


def test_half_a_file_leaves_nothing(stage):
    store, world = stage
    before = media(store)
    with pytest.raises(LiyiError, match="cannot be kept"):
        recordings.keep_recording(store, world.viewers["owner"], Breaking(), name="x", kind=Kind.upload)
    assert media(store) == before
    assert len(recordings.recordings(store, world.viewers["owner"])) == 2


def test_a_refused_row_leaves_no_file(stage):
    store, world = stage
    before = media(store)
    with pytest.raises(LiyiError, match="cannot be stored"):
        recordings.keep_recording(store, world.viewers["owner"], io.BytesIO(b"x"), name="", kind=Kind.upload)
    assert media(store) == before


def stray(store, name: str = "0" * 62) -> Path:
    file = store.folder / "media" / "ab" / name
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_bytes(b"of another database")
    return file


def finished(store) -> Removal:
    with removing(store, scrubbing=False) as removal:
        removal.finish(store)
    return removal


def test_a_file_that_was_never_named_is_never_swept(stage):
    store, _ = stage
    file = stray(store)
    assert finished(store).files == 0
    assert unknown.unknown(store) == [file]


def test_what_is_noted_for_removal_is_swept_and_counted(stage):
    store, _ = stage
    before = media(store)
    file = stray(store)
    with store.writing() as session:
        vault.note_removal(session, ["ab" + "0" * 62, SHA256])
    done = finished(store)
    assert (done.files, done.size_bytes, file.exists()) == (1, 19, False)
    assert media(store) == before, "a noted file that a row names stays"
    assert finished(store).files == 0


def _keep_cut_short(store) -> None:
    with vault.copied_in(store, io.BytesIO(b"cut short")) as stored, store.writing() as session:
        vault.keep(store, session, stored)
        raise ZeroDivisionError


def test_a_keep_that_was_cut_short_is_swept(stage):
    """A process killed between placing the file and its row: the file was noted before."""
    store, world = stage
    before = media(store)
    with pytest.raises(ZeroDivisionError):
        _keep_cut_short(store)
    assert media(store) != before
    assert unknown.unknown(store) == []
    assert finished(store).files == 1
    assert media(store) == before
    assert keep(store, world.viewers["owner"], b"cut short").sha256 in media(store)
    assert finished(store).files == 0


def test_the_same_work_is_filed_once(stage):
    store, world = stage
    owner = world.viewers["owner"]
    again = assessments.file_assessment(store, owner, world.recording, judged(), {})
    assert again.id == world.assessment
    assert len(assessments.assessments(store, owner)) == 2


def test_an_assessment_of_another_file_is_refused(stage):
    store, world = stage
    with pytest.raises(LiyiError, match="another recording"):
        assessments.file_assessment(store, world.viewers["owner"], world.recording, judged("ab" * 32), {})


def test_keeping_and_forgetting_at_once_never_loses_a_named_file(records, tmp_path):
    world = build(records, tmp_path)
    owner, faults = world.viewers["owner"], []

    def work() -> None:
        try:
            for _ in range(6):
                row = keep(records, owner, b"contended")
                path = recordings.watch(records, owner, row.id)
                assert path.read_bytes() == b"contended"
                with records.writing() as session:
                    session.delete(session.get(Recording, row.id))
                vault.forget(records, row.sha256)
        except Exception as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert hashlib.sha256(b"contended").hexdigest() not in media(records)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    store = open_records(tmp_path)
    (tmp_path / "media").write_text("in the way")
    with pytest.raises(LiyiError, match="cannot be kept"), vault.copied_in(store, io.BytesIO(b"x")):
        pass
    store.close()
