"""Jobs: names and ids from outside never become paths, states are read from the folder, refusals keep nothing."""

from __future__ import annotations

import io
import json
import os
import time
from uuid import UUID

import pytest

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.records import lifecycle
from liyi.ui import beginning, entries, jobs, people, worker, workroom

ID = "0a" * 16
OPTIONS = {"pack": "counter", "profile": None, "camera": "auto", "language": "auto", "lang": "en"}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("id", ["", "../../etc/passwd", "a" * 31, "a" * 33, "a/" * 16, "a" * 31 + "\n", "A" * 32])
def test_only_ids_name_folders(data, id):
    with pytest.raises(LiyiError):
        jobs.status(id)


def test_the_workroom_is_the_one_that_goes_with_its_recording(data):
    assert workroom.folder_of(ID) == lifecycle.workroom(people.records(), UUID(ID))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("窗口练习 1.mp4", "窗口练习 1.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a b.mov", "a b.mov"),
        ("..", "recording"),
        (".mp4", "recording.mp4"),
        ("a\x00b\n<script>.webm", "a_b__script_.webm"),
        ("x" * 300 + ".mp4", "x" * 70 + ".mp4"),
    ],
)
def test_safe_name(name, kept):
    assert workroom.safe_name(name) == kept


def test_unknown_id(data):
    assert jobs.status(ID).state == "unknown"


def over(id: str) -> jobs.Status:
    deadline = time.monotonic() + 60
    while jobs.status(id).state == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
    return jobs.status(id)


def test_a_failed_job_says_why_and_can_be_launched_again(data):
    jobs.start(ID, io.BytesIO(b"RIFF\xff\0\0\0WAVEnot a recording"), "note.mp4", OPTIONS)
    now = over(ID)
    assert now.state == "failed"
    assert "note.mp4" in str(now.error)
    log = (workroom.folder_of(ID) / "log.txt").read_text()
    assert json.loads(log.splitlines()[-1])["event"] == "refused"
    assert "note" not in log
    assert ID not in log
    jobs.launch(ID, jobs.options(ID))
    assert jobs.status(ID).state == "running"
    assert over(ID).state == "failed"
    workroom.clear(ID)
    assert list(workroom.workrooms().iterdir()) == []


def test_a_job_that_was_stopped_or_launched_again_is_not_wanted(data, monkeypatch):
    monkeypatch.setattr(jobs, "_launch", lambda folder, slot: None)
    jobs.start(ID, io.BytesIO(b"film"), "note.mp4", OPTIONS)
    runs = []
    for _ in range(2):
        runs.append(json.loads((workroom.folder_of(ID) / "job.json").read_text())["run"])
        jobs.stop(ID)
        assert (jobs.status(ID).state, str(jobs.status(ID).error)) == ("failed", jobs.CANCELLED)
        assert not any(worker.wanted(workroom.folder_of(ID), run) for run in runs)
        jobs.launch(ID, jobs.options(ID))
        assert jobs.status(ID) == jobs.Status("running")
    workroom.clear(ID)
    assert not worker.wanted(workroom.folder_of(ID), runs[0])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not a recording", "is a document"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret.ts\n", "is a playlist"),
        (b"PK\x03\x04" + bytes(5000), "is an archive"),
        (bytes(5000), "begins with nothing but zeros"),
        (b"\x01\x02\x03" * 2000, "is no recording"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_recording_is_refused_before_anything_is_kept(data, content, sentence):
    with pytest.raises(LiyiError, match=f"note.mp4 {sentence}"):
        beginning.upload(io.BytesIO(content), "note.mp4", "counter", Options(), lang="en")
    assert_nothing_kept()


def test_a_recording_that_is_too_large_is_refused_before_anything_is_kept(data, monkeypatch):
    monkeypatch.setenv("LIYI_LIMIT_FILE_GB", "0.00001")
    with pytest.raises(LiyiError, match=r"note.wav has .* GB: cut it into parts of at most 1e-05 GB"):
        beginning.upload(io.BytesIO(b"RIFF\xff\0\0\0WAVE" + bytes(20_000)), "note.wav", "counter", Options(), lang="en")
    assert_nothing_kept()


def assert_nothing_kept():
    assert not workroom.workrooms().exists()
    assert entries.entries() == []
    assert entries.trash() == []


@pytest.mark.parametrize(("files", "state"), [((), "failed"), (("assessment.json",), "assessed")])
def test_dead_worker_is_noticed(data, files, state):
    folder = workroom.folder_of(ID)
    (folder / "out").mkdir(parents=True)
    workroom.write_json(folder / "job.json", {"run": "1", "options": {}})
    workroom.write_json(folder / "progress.json", {"stage": "Reading the picture", "done": 0.4})
    for file in files:
        (folder / "out" / file).touch()
    assert jobs.status(ID) == jobs.Status("running", "Reading the picture", 0.4)
    old = time.time() - jobs.STALE_S - 1
    for file in folder.glob("*.json"):
        os.utime(file, (old, old))
    assert jobs.status(ID).state == state


def test_a_job_that_is_cleared_while_the_queue_is_read_is_not_begun_again(data, monkeypatch):
    monkeypatch.setattr(jobs, "advance", lambda: None)
    jobs.start(ID, io.BytesIO(b"recording"), "a.mp4", OPTIONS)
    assert [job.folder.name for job in jobs._jobs()] == [ID]

    def cleared(folder):
        workroom.clear(folder.name)

    monkeypatch.setattr(jobs, "_begun_at", cleared)
    assert jobs._jobs() == []


def test_of_a_workroom_the_job_goes_first(data, monkeypatch):
    monkeypatch.setattr(jobs, "advance", lambda: None)
    jobs.start(ID, io.BytesIO(b"recording"), "a.mp4", OPTIONS)
    left = []
    monkeypatch.setattr(jobs.shutil, "rmtree", lambda folder, **_: left.extend(path.name for path in folder.glob("*")))
    workroom.clear(ID)
    assert left == ["recording"]
