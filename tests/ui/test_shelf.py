"""The shelf: what is listed, what deleting and undoing move, and that purging leaves nothing of a recording."""

from __future__ import annotations

import json
import time

import pytest

from signals.errors import LiyiError
from ui import jobs, shelf
from ui.live import session

CHOICE = {"pack": "counter", "profile": "seated", "camera": "front", "exam": False, "lang": "zh"}
RESULT = {"profile": "seated", "total": 82.5, "coverage": 0.74}


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def started(monkeypatch):
    """What would have been started as child processes: the folders of the jobs."""
    folders = []

    def launch(folder, job):
        jobs.write_json(folder / "job.json", {"created_at": time.time(), **job})
        folders.append(folder)

    monkeypatch.setattr(jobs, "_launch", launch)
    return folders


def rehearsed(*, pieces=1):
    id, _ = session.begin(**CHOICE)
    for n in range(pieces):
        session.chunk_path(id, n).write_bytes(b"piece")
    return id


def uploaded(name="窗口.mp4", *, created_at=None):
    folder = jobs.jobs_folder() / ("U" * 22)
    (folder / "recording").mkdir(parents=True)
    (folder / "recording" / name).write_bytes(b"film")
    options = {"pack": "counter", "profile": None}
    jobs.write_json(
        folder / "job.json", {"created_at": created_at or time.time(), "recording": name, "options": options}
    )
    return folder.name


def finished(job, result=RESULT):
    out = jobs.folder_of(job) / "out"
    out.mkdir()
    (out / "assessment.json").write_text(json.dumps(result), encoding="utf-8")


def test_a_rehearsal_from_its_first_piece_to_its_assessment(started):
    id = rehearsed(pieces=0)
    assert shelf.entries() == []
    session.chunk_path(id, 0).write_bytes(b"piece")
    assert shelf.find(id).state == "open"
    session.end(id)
    assert shelf.find(id).state == "ended"
    job = shelf.assess(id)
    assert shelf.find(id).state == "running"
    finished(job)
    entry = shelf.find(id)
    assert (entry.state, entry.total, entry.coverage, entry.profile) == ("done", 82.5, 0.74, "seated")
    assert [each.id for each in shelf.entries()] == [id]


def test_the_job_knows_the_rehearsal_and_its_choices(started):
    id = rehearsed()
    session._change(id, calibration=(2.0, 10.0))
    shelf.assess(id)
    job = json.loads((started[0] / "job.json").read_text(encoding="utf-8"))
    assert (started[0] / job["rehearsal"]).resolve() == session.folder(id).resolve()
    assert job["options"] == {
        "pack": "counter",
        "profile": "seated",
        "camera": "front",
        "language": "auto",
        "lang": "zh",
        "calibration": [2.0, 10.0],
    }


def test_asking_twice_starts_once_and_a_failure_may_be_tried_again(started):
    id = rehearsed()
    first = shelf.assess(id)
    assert shelf.assess(id) == first
    jobs.write_json(jobs.folder_of(first) / "error.json", {"sentence": "Nothing.", "fields": {}})
    assert shelf.find(id).state == "failed"
    second = shelf.assess(id, calibrated=False)
    assert second != first
    assert not jobs.folder_of(first).exists()
    assert json.loads((started[-1] / "job.json").read_text())["options"]["calibration"] is None


def test_uploads_and_rehearsals_newest_first(started):
    upload = uploaded(created_at=time.time() - 100)
    id = rehearsed()
    shelf.assess(id)
    assert [(e.kind, e.id) for e in shelf.entries()] == [("rehearsal", id), ("upload", upload)]
    assert shelf.find(upload).name == "窗口.mp4"
    assert shelf.recording(shelf.find(upload)).read_bytes() == b"film"
    assert shelf.recording(shelf.find(id)) is None


@pytest.mark.parametrize("kind", ["rehearsal", "upload"])
def test_deleting_is_undone_without_a_trace(started, data, kind):
    if kind == "rehearsal":
        id = rehearsed(pieces=2)
        finished(shelf.assess(id))
    else:
        id = uploaded()
        finished(id)
    before = shelf.find(id)
    files = sorted(str(p.relative_to(data)) for p in data.rglob("*"))
    shelf.discard(before)
    assert shelf.entries() == []
    with pytest.raises(LiyiError):
        shelf.find(id)
    (gone,) = shelf.trash()
    assert (gone.id, gone.total) == (id, 82.5)
    shelf.restore(gone)
    assert shelf.find(id) == before
    assert shelf.trash() == []
    assert sorted(str(p.relative_to(data)) for p in data.rglob("*") if p.name != "trash") == files


def test_purging_leaves_nothing(started, data):
    id = rehearsed()
    finished(shelf.assess(id))
    shelf.discard(shelf.find(id))
    shelf.purge(shelf.trash()[0])
    assert [p for p in data.rglob("*") if p.is_file()] == []


def test_the_trash_is_emptied_after_a_week_and_not_before(started):
    id = rehearsed()
    shelf.discard(shelf.find(id))
    shelf.purge_old(now=time.time() + 6.9 * 86400)
    assert [entry.id for entry in shelf.trash()] == [id]
    shelf.purge_old(now=time.time() + 7.1 * 86400)
    assert shelf.trash() == []


def test_what_never_began_is_cleared_away_and_what_did_is_not(started):
    empty, begun = rehearsed(pieces=0), rehearsed(pieces=1)
    shelf.purge_old(now=time.time() + 2 * 86400)
    assert not session.folder(empty).exists()
    assert shelf.find(begun).state == "open"


def test_deleting_an_open_rehearsal_closes_its_line(started):
    id, token = session.begin(**CHOICE)
    session.chunk_path(id, 0).write_bytes(b"piece")
    shelf.discard(shelf.find(id))
    assert session.by_token(token) is None
