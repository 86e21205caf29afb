"""Jobs: names and tokens from outside never become paths, states are read from the folder, deleting deletes."""

from __future__ import annotations

import io
import os
import time

import pytest

from signals.errors import LiyiError
from ui import jobs


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("token", ["", "../../etc/passwd", "a" * 21, "a" * 23, "a/" * 11, "a" * 21 + "\n"])
def test_only_tokens_name_folders(data, token):
    with pytest.raises(LiyiError):
        jobs.status(token)


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
    assert jobs.safe_name(name) == kept


def test_unknown_token(data):
    assert jobs.status("A" * 22).state == "unknown"


def test_failed_job_says_why_and_is_deleted(data):
    token = jobs.start(io.BytesIO(b"not a recording"), "note.mp4", {
        "pack": "counter", "profile": None, "camera": "auto", "language": "auto", "lang": "en",
    })  # fmt: skip
    deadline = time.monotonic() + 60
    while jobs.status(token).state == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
    now = jobs.status(token)
    assert now.state == "failed"
    assert "note.mp4" in str(now.error)
    jobs.delete(token)
    assert list(jobs.jobs_folder().iterdir()) == []


def test_dead_worker_is_noticed(data):
    folder = jobs.jobs_folder() / ("A" * 22)
    folder.mkdir(parents=True)
    jobs.write_json(folder / "job.json", {"recording": "a.mp4", "options": {}})
    jobs.write_json(folder / "progress.json", {"stage": "Reading the picture", "done": 0.4})
    assert jobs.status("A" * 22) == jobs.Status("running", "Reading the picture", 0.4)
    old = time.time() - jobs.STALE_S - 1
    for file in folder.iterdir():
        os.utime(file, (old, old))
    assert jobs.status("A" * 22).state == "failed"
