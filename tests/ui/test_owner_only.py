"""Nothing of a recording is readable by group or others: while it is worked at, and what a failed job leaves."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from liyi.core.options import Options
from liyi.ui import beginning, jobs, people
from liyi.ui.live import routes, session

ROOT = Path(__file__).resolve().parents[2]
CHOICE = {"pack": "counter", "options": Options("seated", "front"), "exam": False, "lang": "zh"}
NOT_A_FILM = b"RIFF\xff\0\0\0WAVEnot a recording"


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """An open umask and a folder that an administrator made open."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    monkeypatch.setenv("LIYI_DATA", str(folder))
    before = os.umask(0o000)
    yield folder
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    found = []
    for path in folder.rglob("*"):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        if mode & 0o077:
            found.append(f"{stat.S_IMODE(mode):o} {path.relative_to(folder)}")
    return found


def test_while_a_job_runs_and_after_it_failed(data):
    people.agree("I agree.", version="1")
    id = beginning.upload(io.BytesIO(NOT_A_FILM), "note.mp4", "counter", Options(), lang="en")
    seen: list[str] = []
    deadline = time.monotonic() + 60
    while jobs.status(id).state == "running" and time.monotonic() < deadline:
        seen += open_to_others(data)
        time.sleep(0.02)
    assert jobs.status(id).state == "failed"
    assert set(seen) | set(open_to_others(data)) == set()


def test_pieces_of_a_rehearsal(data):
    people.agree("I agree.", version="1")
    id, _ = beginning.rehearse(**CHOICE)
    assert routes._take(id, 0, b"piece") == 204
    assert session.chunk_path(id, 0).read_bytes() == b"piece"
    assert open_to_others(data) == []


WORKER = """
import runpy, sys
sys.argv = ["", "."]
try:
    runpy.run_module("liyi.ui.worker", run_name="__main__")
except BaseException:
    pass
"""


@pytest.mark.parametrize("start", ["import app", WORKER])
def test_app_and_worker_begin_with_a_closed_umask(start):
    code = f"import os\nos.umask(0o022)\n{start}\nprint(oct(os.umask(0)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("0o77")
