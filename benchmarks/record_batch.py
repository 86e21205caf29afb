"""A batch of the records whose process is killed again and again: nothing finished is lost, and the table is the same.

Recordings and their assessment are stand-ins (`tests.batch.standin`), so that what is measured is what filing costs::

    .venv/bin/python -m benchmarks.record_batch [--count 100] [--megabytes 2] [--kills 3] [--database URL|--postgresql]

``--postgresql`` starts a private one of Debian's package, in which each commit waits for the disk. The process is the
page's own (`liyi.ui.evaluating.batch_process`).

It prints how long a line took beside its work, the size of the process, and whether what stands in the records equals
the tables of `liyi batch` on the same files, byte for byte.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import psutil
from sqlalchemy import update

from liyi.batch import cluster, record_lines
from liyi.batch.manifest import Defaults, read_lines
from liyi.batch.results import batch_lock
from liyi.batch.rows import Row
from liyi.batch.run import Settings, run_batch
from liyi.cohort.files import write_cohort
from liyi.core.options import Options
from liyi.etiquette.assessment import Assessment
from liyi.records import sign_in
from liyi.records.batch_tables import Batch, BatchState, Purpose
from liyi.records.engine import Records, open_records
from liyi.records.operations import assessments, batch_bringing, batch_running, batches, people
from liyi.records.schema import Role, now
from liyi.records.viewer import Viewer
from tests.batch.standin import HEAD, assess, recording
from tests.records.cluster import binaries, running

ROOT = Path(__file__).resolve().parents[1]
CONSENTED = {"consent_on": "2026-05-04", "consent_form": "on paper"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--megabytes", type=float, default=2.0)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--database", default="")
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, contextlib.ExitStack() as stack:
        os.environ["LIYI_DATA"] = f"{scratch}/data"
        os.environ["LIYI_SLOTS"] = "3"
        url = asked.database
        if asked.postgresql:
            programs = binaries()
            assert programs is not None, "PostgreSQL is not on this machine"
            private = stack.enter_context(running(programs, durable=True))
            url = private.url.format(name=private.create())
        if url:
            os.environ["LIYI_DATABASE_URL"] = url
        store = open_records()
        stack.callback(store.close)
        print("on", store.engine.dialect.name)
        viewer = evaluator(store)
        files = [made(Path(scratch) / "in" / f"{at:04d}.mp4", at, asked.megabytes) for at in range(asked.count)]
        id = brought(store, viewer, files)
        begun_s = time.monotonic()
        kills, largest = run(store, viewer, id, asked.kills, asked.count)
        taken_s = time.monotonic() - begun_s
        counts = batch_running.line_counts(store, viewer, id)
        print(f"{counts.done} of {counts.total} filed after {kills} kills, in {taken_s:.0f} s")
        print(f"filing: {statistics.median(gaps(store, viewer, id)):.2f} s between two lines (median)")
        print(f"largest process of the batch (without its workers): {largest / 1e6:.0f} MB")
        print("tables equal those of the command:", equal(store, viewer, id, files, Path(scratch)))


def made(path: Path, at: int, megabytes: float) -> Path:
    """A stand-in recording of some size; what is in it is read and dismissed."""
    recording(path, at=at)
    order = path.read_bytes().removeprefix(HEAD)
    path.write_bytes(HEAD + order + b" " * int(megabytes * 1e6))
    return path


def evaluator(store: Records) -> Viewer:
    admin = sign_in.found_organisation(store, "Hall", admin="Admin", account=f"admin-{time.time_ns()}")
    row = people.add_person(store, admin, name="Evaluator", account=f"evaluator-{time.time_ns()}")
    people.grant_role(store, admin, row.id, Role.evaluator)
    return Viewer(row.id, row.organisation_id)


def brought(store: Records, viewer: Viewer, files: list[Path]) -> object:
    made = batches.add_batch(store, viewer, name="b", purpose=Purpose.examination, pack="counter", lang="en",
                             options=Options("seated"))  # fmt: skip
    for file in files:
        begun = batch_bringing.begin_file(store, viewer, made.id, name=file.name, size_bytes=file.stat().st_size)
        begun.path.write_bytes(file.read_bytes())
        batch_bringing.end_file(store, viewer, made.id, begun.id)
    cells = [{"file": file.name, "person": f"p{file.stem}", **CONSENTED} for file in files]
    batch_bringing.set_lines(store, viewer, made.id, cells)
    record_lines.queue(store, viewer, made.id)
    return made.id


def run(store: Records, viewer: Viewer, id: object, kills: int, count: int) -> tuple[int, int]:
    """Run it, and kill its process after some lines; how often, and how large it was."""
    rng, killed, largest = random.Random(1), 0, 0
    while batches.batch(store, viewer, id).state in (BatchState.waiting, BatchState.running):
        before = batch_running.line_counts(store, viewer, id).done
        until = before + rng.randint(1, max(1, count // (kills + 1))) if killed < kills else count + 1
        child = subprocess.Popen([sys.executable, "-m", "tests.batch.record_client"], cwd=ROOT, start_new_session=True)
        while child.poll() is None:
            largest = max(largest, psutil.Process(child.pid).memory_info().rss)
            if batch_running.line_counts(store, viewer, id).done >= until:
                os.killpg(child.pid, signal.SIGKILL)
                killed += 1
                child.wait()
            time.sleep(0.1)
        with store.writing() as session:  # as if a minute had gone by
            session.execute(update(Batch).values(beat_at=now() - timedelta(minutes=2)))
    return killed, largest


def gaps(store: Records, viewer: Viewer, id: object) -> list[float]:
    """Seconds between two results that were filed one after the other."""
    found = []
    for line in batch_bringing.lines(store, viewer, id):
        with store.reading() as session:
            from liyi.records.schema import Recording

            row = session.get(Recording, line.recording_id)
            found.append(row.created_at.timestamp() if row else 0.0)
    found.sort()
    return [after - before for before, after in itertools.pairwise(found)]


def equal(store: Records, viewer: Viewer, id: object, files: list[Path], folder: Path) -> bool:
    """Whether the tables of what is filed are those of `liyi batch`."""
    rows = []
    for line in batch_bringing.lines(store, viewer, id):
        file = assessments.assessment_file(store, viewer, line.assessment_id, "assessment.json")
        found = Assessment.model_validate_json(file.read_bytes()).model_copy(update={"transcript": ()})
        rows.append(Row(line.cells["file"], line.cells["person"], None, line.key, found, None))
    write_cohort(rows, folder, "en")
    listed = "file,person\n" + "".join(f"{file.name},p{file.stem}\n" for file in files)
    (folder / "in" / "list.csv").write_text(listed)
    lines = read_lines([str(folder / "in" / "list.csv")], Defaults("counter", Options("seated")))
    with batch_lock(folder / "out", resume=False), cluster.local(2) as client:
        run_batch(lines, folder / "out", client, Settings("en", report=True), write=write_cohort, assess=assess)
    names = ("scores.csv", "scores.parquet", "failures.csv")
    return all((folder / name).read_bytes() == (folder / "out" / name).read_bytes() for name in names)


if __name__ == "__main__":
    main()
