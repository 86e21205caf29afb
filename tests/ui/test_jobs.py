"""Jobs: names and tokens from outside never become paths, states are read from the folder, deleting deletes."""

from __future__ import annotations

import io
import json
import os
import time

import pytest

from signals.errors import LiyiError
from ui import jobs

OPTIONS = {"pack": "counter", "profile": None, "camera": "auto", "language": "auto", "lang": "en"}


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
    token = jobs.start(io.BytesIO(b"RIFF\xff\0\0\0WAVEnot a recording"), "note.mp4", OPTIONS)
    deadline = time.monotonic() + 60
    while jobs.status(token).state == "running" and time.monotonic() < deadline:
        time.sleep(0.1)
    now = jobs.status(token)
    assert now.state == "failed"
    assert "note.mp4" in str(now.error)
    log = (jobs.folder_of(token) / "log.txt").read_text()
    assert json.loads(log.splitlines()[-1])["event"] == "refused"
    assert "note" not in log
    assert token not in log
    jobs.delete(token)
    assert list(jobs.jobs_folder().iterdir()) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"not a recording", "is a document"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret.ts\n", "is a playlist"),
        (b"PK\x03\x04" + bytes(5000), "is an archive"),
        (bytes(5000), "is no recording"),
        (b"", "is empty"),
    ],
)
def test_what_is_no_recording_is_refused_before_anything_is_kept(data, content, sentence):
    with pytest.raises(LiyiError, match=f"note.mp4 {sentence}"):
        jobs.start(io.BytesIO(content), "note.mp4", OPTIONS)
    assert not jobs.jobs_folder().exists()


def test_a_recording_that_is_too_large_is_refused_before_anything_is_kept(data, monkeypatch):
    monkeypatch.setenv("LIYI_LIMIT_FILE_GB", "0.00001")
    with pytest.raises(LiyiError, match=r"note.wav has .* GB: cut it into parts of at most 1e-05 GB"):
        jobs.start(io.BytesIO(b"RIFF\xff\0\0\0WAVE" + bytes(20_000)), "note.wav", OPTIONS)
    assert not jobs.jobs_folder().exists()


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
