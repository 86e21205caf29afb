"""A batch to its end: each content once, a row for each line, and every fault costs only what it must.

Recordings and their assessment are stand-ins (`tests.batch.standin`), but for the last test.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pytest

from liyi.batch import run
from liyi.batch.manifest import Defaults, read_lines
from liyi.batch.results import batch_lock
from liyi.batch.run import Settings, run_batch
from liyi.batch.unit import environment_fingerprint, score_unit
from liyi.cohort.files import write_cohort
from liyi.core.errors import LiyiError
from liyi.etiquette.norms import load_pack
from liyi.scoring.score import score
from tests.batch.standin import HEAD, assess, recording, recordings, results_of
from tests.exempting import clip as first_seconds
from tests.exempting import require_left_out

ROOT = Path(__file__).resolve().parents[2]


def batch(client, paths, out, *, settings=None, tell=lambda counts, failure: None, assess=assess):
    lines = read_lines([str(path) for path in paths], Defaults())
    with batch_lock(out, resume=True):
        return run_batch(lines, out, client, settings or Settings("en", retries=1), write=write_cohort, tell=tell,
                         assess=assess)  # fmt: skip


def failures(outcome) -> dict[str, str]:
    return {Path(row.path).name: row.failure for row in outcome.rows if row.failure is not None}


@contextmanager
def process(*args: object):
    """`tests.batch.client` in a process group of its own, of which nothing is left afterwards."""
    child = subprocess.Popen([sys.executable, "-m", "tests.batch.client", *map(str, args)], cwd=ROOT,
                             start_new_session=True, stderr=subprocess.PIPE, text=True)  # fmt: skip
    try:
        yield child
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def wait_for(condition, seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)


def some_done(out: Path, least: int = 2):
    return lambda: len(list(out.glob("recordings/*/assessment.json"))) >= least


def test_every_line_has_its_row_and_its_files(client, tmp_path):
    recordings(tmp_path / "in", 5)
    counts = []
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out", settings=Settings("en", report=True),
                    tell=lambda now, failure: counts.append((now.done, now.failed)))  # fmt: skip
    assert [Path(row.path).name for row in outcome.rows] == [f"00{at}.mp4" for at in range(5)]
    assert outcome.done == len(results_of(tmp_path / "out")) == 5
    assert counts == [(at, 0) for at in range(1, 6)]
    for row in outcome.rows:
        names = {path.name for path in (tmp_path / "out/recordings" / row.key).iterdir()}
        assert names == {"assessment.json", "measures.parquet", "report.html"}
    with (tmp_path / "out/scores.csv").open(encoding="utf-8-sig", newline="") as table:
        assert len(list(csv.reader(table))) == 6


def test_one_content_is_computed_once_and_gives_a_row_for_each_path(client, tmp_path):
    log = tmp_path / "log"
    first = recording(tmp_path / "in" / "a.mp4", log=str(log))
    for name in ("b.mp4", "c.mp4"):
        shutil.copy(first, tmp_path / "in" / name)
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out")
    assert log.read_text() == "a.mp4\n"
    assert [Path(row.path).name for row in outcome.rows] == ["a.mp4", "b.mp4", "c.mp4"]
    assert len({row.key for row in outcome.rows}) == 1
    assert outcome.done == 3


def test_resume_does_only_what_is_not_done(client, tmp_path):
    log = tmp_path / "log"
    recordings(tmp_path / "in", 4, log=str(log))
    before = batch(client, [tmp_path / "in"], tmp_path / "out")
    shutil.rmtree(tmp_path / "out/recordings" / before.rows[1].key)
    (tmp_path / "out/recordings" / before.rows[2].key / "assessment.json").write_text("{}")
    log.unlink()
    after = batch(client, [tmp_path / "in"], tmp_path / "out")
    assert sorted(log.read_text().split()) == ["001.mp4", "002.mp4"]
    assert [row.assessment and row.assessment.total for row in after.rows] == [
        row.assessment.total for row in before.rows
    ]


def test_the_damaged_the_poisonous_and_the_absent_fail_alone_and_are_named(client, tmp_path):
    recordings(tmp_path / "in", 4)
    recording(tmp_path / "in" / "damaged.mp4", "be damaged")
    recording(tmp_path / "in" / "poison.mp4", "kill the worker")
    recording(tmp_path / "in" / "stumble.mp4", "stumble")
    recording(tmp_path / "in" / "once.mp4", "stumble once", mark=str(tmp_path / "mark"))
    (tmp_path / "in" / "zero.mp4").touch()
    names = [*sorted(path.name for path in (tmp_path / "in").iterdir()), "absent.mp4"]
    (tmp_path / "in" / "list.csv").write_text("file\n" + "\n".join(names))
    outcome = batch(client, [tmp_path / "in" / "list.csv"], tmp_path / "out")
    told = failures(outcome)
    assert set(told) == {"damaged.mp4", "poison.mp4", "stumble.mp4", "zero.mp4", "absent.mp4"}
    assert all(name in sentence for name, sentence in told.items())
    assert "was lost" in told["poison.mp4"]
    assert "ZeroDivisionError" in told["stumble.mp4"]
    assert outcome.done == 5
    with (tmp_path / "out/failures.csv").open(encoding="utf-8-sig", newline="") as table:
        assert {name for name, *_ in list(csv.reader(table))[1:]} == set(told)


def test_a_worker_killed_at_work_costs_nothing(client, tmp_path):
    recordings(tmp_path / "in", 6, seconds=0.4)
    timer = threading.Timer(0.6, lambda: [os.kill(pid, signal.SIGKILL) for pid in client.run(os.getpid).values()])
    timer.start()
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out")
    timer.join()
    assert outcome.done == len(results_of(tmp_path / "out")) == 6


def test_where_no_worker_comes_back_the_batch_says_so(client, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "capacity", lambda client: 0)
    monkeypatch.setattr(run, "GONE_S", 0.0)
    recordings(tmp_path / "in", 1)
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out")
    assert "No worker has been there" in str(outcome.error)
    assert outcome.done == 0


def test_a_client_that_is_killed_goes_on_where_it_was(client, tmp_path):
    recordings(tmp_path / "in", 12, seconds=0.2)
    with process(tmp_path / "in", tmp_path / "out") as child:
        wait_for(some_done(tmp_path / "out"))
        child.kill()
        child.wait()
    assert not (tmp_path / "out/scores.csv").exists()
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out")
    assert outcome.done == len(results_of(tmp_path / "out")) == 12


def test_ctrl_c_leaves_tables_of_what_is_done_and_no_half_file(tmp_path):
    recordings(tmp_path / "in", 2)
    recordings(tmp_path / "in" / "long", 10, seconds=60.0)  # these are left, however late the signal comes
    with process(tmp_path / "in", tmp_path / "out") as child:
        wait_for(some_done(tmp_path / "out"))
        os.killpg(child.pid, signal.SIGINT)  # as a terminal does: every process of the group
        _, said = child.communicate(timeout=30)
    assert child.returncode == 130, said
    assert "Traceback" not in said
    done = len(results_of(tmp_path / "out"))
    assert done == 2
    assert not list((tmp_path / "out").rglob(".liyi-*"))
    assert (tmp_path / "out/scores.csv").is_file()


def test_a_scheduler_that_is_killed_is_told_and_resumed_with_another(client, tmp_path):
    recordings(tmp_path / "in", 8, seconds=0.3)
    with (
        scheduler_and_worker(tmp_path) as (address, scheduler),
        process(tmp_path / "in", tmp_path / "out", address) as child,
    ):
        wait_for(some_done(tmp_path / "out"))
        scheduler.kill()
        _, said = child.communicate(timeout=60)
    assert child.returncode == 1
    assert said.strip() == "The scheduler is gone: start it again, then give the same command with --resume."
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out")
    assert outcome.done == len(results_of(tmp_path / "out")) == 8


@contextmanager
def scheduler_and_worker(folder: Path):
    """`dask scheduler` and `dask worker` as ``docs/batch.md`` says, without their dashboards."""
    place = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    quiet = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen([*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
                                  "--scheduler-file", str(place)], **quiet)  # fmt: skip
    worker = subprocess.Popen([*dask, "worker", "--scheduler-file", str(place), "--nthreads", "1", "--no-dashboard",
                               "--death-timeout", "5", "--local-directory", str(folder)], **quiet)  # fmt: skip
    try:
        wait_for(place.is_file)
        yield json.loads(place.read_text())["address"], scheduler
    finally:
        scheduler.kill()
        worker.terminate()
        scheduler.wait()
        worker.wait()


def test_recordings_that_workers_do_not_see_are_sent(client, tmp_path, monkeypatch):
    seen = recordings(tmp_path / "in", 3)
    fsspec.filesystem("memory").pipe("/sent/far.mp4", HEAD + b'{"do": "", "name": "far.mp4"}')  # of this process alone
    outcome = batch(client, [*seen, "memory://sent/far.mp4"], tmp_path / "out")
    assert outcome.done == 4
    monkeypatch.setattr(run, "LARGEST_SENT_BYTES", 10)
    outcome = batch(client, ["memory://sent/far.mp4"], tmp_path / "again")
    assert "too large to be sent" in failures(outcome)["far.mp4"]


def test_workers_of_another_version_are_refused(client, tmp_path, monkeypatch):
    recordings(tmp_path / "in", 2)
    elsewhere = {**environment_fingerprint(), "mediapipe": "9.9"}
    monkeypatch.setattr(run, "environment_fingerprint", lambda recogniser=None: elsewhere)
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out")
    assert "differs from this machine (mediapipe" in str(outcome.error)
    assert outcome.done == 0


def test_a_full_disk_is_one_sentence_and_loses_nothing_done(client, tmp_path, monkeypatch):
    recordings(tmp_path / "in", 6)
    write, written = run.results.write, []

    def full_after_two(out, key, files):
        if len(written) == 2:
            files = FullDisk(files)
        write(out, key, files)
        written.append(key)

    monkeypatch.setattr(run.results, "write", full_after_two)
    outcome = batch(client, [tmp_path / "in"], tmp_path / "out")
    assert "is full: make room" in str(outcome.error)
    assert len(results_of(tmp_path / "out")) == 2
    monkeypatch.undo()
    assert batch(client, [tmp_path / "in"], tmp_path / "out").done == 6


class FullDisk(dict):
    """Files of which the first bytes already find no room."""

    def items(self):
        raise OSError(28, "No space left on device")


MOUNTS = subprocess.run(["unshare", "-rm", "true"], check=False).returncode == 0


@pytest.mark.skipif(not MOUNTS, reason="no mounts here; the tests beside this one need none")
@pytest.mark.parametrize(("mount", "sentence"), [("size=80k", "is full: make room"), ("ro", "cannot be written")])
def test_a_disk_that_is_really_full_or_read_only(tmp_path, mount, sentence):
    recordings(tmp_path / "in", 12)
    (tmp_path / "out").mkdir()
    command = f"mount -t tmpfs -o {mount} none out && {sys.executable} -m tests.batch.client in out; c=$?; " \
              f"ls out/recordings | wc -l; exit $c"  # fmt: skip
    done = subprocess.run(["unshare", "-rm", "sh", "-c", command], cwd=tmp_path, capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert int(done.stdout) > 0 or mount == "ro"


def test_a_folder_that_cannot_be_made_is_one_sentence(client, tmp_path):
    (tmp_path / "file").touch()
    recordings(tmp_path / "in", 1)
    with pytest.raises(LiyiError):
        batch(client, [tmp_path / "in"], tmp_path / "file" / "out")


@pytest.fixture
def clip(tmp_path):
    """The first 3 s of the sample, in the names of a counter."""
    path = tmp_path / "in" / "窗口一.mp4"
    path.parent.mkdir()
    return first_seconds(path, 3)


def test_the_result_is_that_of_score(client, models_ready, clip, tmp_path):
    outcome = batch(client, [clip], tmp_path / "out", assess=score_unit)
    score(clip, out=tmp_path / "alone", pack=load_pack("counter"), lang="en")
    alone = json.loads((tmp_path / "alone/assessment.json").read_text(encoding="utf-8"))
    del alone["created_at"], alone["elapsed_s"]
    assert failures(outcome) == {}
    assert results_of(tmp_path / "out") == {"窗口一.mp4": alone}


def test_an_exempt_persons_item_leaves_the_denominator(client, models_ready, clip, tmp_path):
    (tmp_path / "list.csv").write_text(f"file,person,recogniser,exempt\n{clip},7,none,head_roll\n", encoding="utf-8")
    outcome = batch(client, [tmp_path / "list.csv"], tmp_path / "out", assess=score_unit)
    assert failures(outcome) == {}
    [folder] = (tmp_path / "out" / "recordings").iterdir()
    require_left_out(folder, "head_roll")


def test_a_fault_that_all_recordings_meet_ends_the_batch(client, tmp_path):
    recordings(tmp_path / "in", 12, "no such order")
    lines = read_lines([str(tmp_path / "in")], Defaults())
    outcome = run_batch(lines, tmp_path / "out", client, Settings("en", retries=0), write=write_cohort,
                        assess=stumble)  # fmt: skip
    assert outcome.error is not None
    assert "met the same fault in Liyi (KeyError)" in str(outcome.error)
    assert outcome.done == 0


def stumble(path: Path, out: Path, unit: object) -> None:
    """What stands in for Liyi with a fault of its own."""
    raise KeyError(path.name)
