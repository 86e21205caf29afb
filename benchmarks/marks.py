"""How long 1,000 lines take to be shown, confirmed and handed over: ``python -m benchmarks.marks [--lines 1000]``.

The sample's assessment is filed for each line, on SQLite. Told are seconds of the table's query; of the whole page,
drawn without a browser (the first time and later), and of those of the run and of a list that waits; of confirming all
lines at once; of the tables, of the marks; and of the archive of reports the time per report and what the process grew
by while they were sent. Exits with 1 when a page takes longer than is promised.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from liyi.core.options import Options
from liyi.records.batch_tables import BatchFile
from liyi.records.engine import open_records
from liyi.records.lifecycle import batch_file
from liyi.records.operations import batch_bringing, batch_marks, batches
from liyi.ui import people
from liyi.ui.evaluating import reports_zip, results_taken
from liyi.ui.evaluating.results_taken import Asking
from tests.records.evaluated import evaluate
from tests.records.world import FILM
from tests.ui.drawing import page

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from liyi.records.engine import Records
    from tests.records.evaluated import Evaluated

PAGE_S = 1.0  # what is promised of any page


def timed(name: str, work: Callable[[], object]) -> float:
    """Seconds of one call, told."""
    began, busy = time.perf_counter(), time.process_time()
    work()
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(f"{name:42} {took:7.2f} s, of the processor {busy:.2f} s", flush=True)
    return took


def drawn(batch_id: UUID, step: str = "defend") -> Callable[[], object]:
    """The page of a step, drawn again and again in one session."""
    shown = page("evaluate", batch=batch_id.hex, step=step)

    def draw() -> None:
        shown.run()
        assert not shown.exception

    return draw


def measure(store: Records, made: Evaluated) -> float:
    """Tell all of it; returns the slowest page."""
    draw = drawn(made.batch_id)
    timed("page, first time in this process", draw)
    pages = [timed("page, later", draw)]
    pages.append(timed("table, as the records give it",
                       lambda: batch_marks.batch_table(store, made.evaluator, made.batch_id)))  # fmt: skip
    timed(
        "confirm all",
        lambda: batch_marks.confirm_marks(store, made.evaluator, made.batch_id, made.assessment_ids, undecided=True),
    )
    pages.append(timed("page with all confirmed", draw))
    pages.append(timed("page of the run", drawn(made.batch_id, "run")))
    listed = drawn(listed_batch(store, made, len(made.line_ids)), "bring")
    listed()
    pages.append(timed("page of the list, later", listed))
    asking = Asking(made.evaluator, made.batch_id, "zh")
    timed("page over all recordings, first time", lambda: results_taken.cohort(asking))
    pages.append(timed("page over all recordings, later", lambda: results_taken.cohort(asking)))
    timed("marks.xlsx", lambda: results_taken.marks(asking, ".xlsx"))
    for name in ("scores.parquet", "scores.xlsx"):
        before = psutil.Process().memory_info().rss
        timed(name, lambda name=name: results_taken.table(asking, name))  # type: ignore[misc]
        print(f"{'':42} the process grew by {(psutil.Process().memory_info().rss - before) / 1e6:.0f} MB")
    reports(asking, len(made.line_ids))
    return max(pages)


def listed_batch(store: Records, made: Evaluated, lines: int) -> UUID:
    """A batch that is not run yet, with a file and a line of its list for each recording; nothing is wrong with it."""
    viewer = made.evaluator
    batch = batches.add_batch(store, viewer, name="list", purpose="examination", pack="counter", lang="zh",
                              options=Options("seated"))  # fmt: skip
    size = {"size_bytes": len(FILM), "received_bytes": len(FILM)}
    rows = [BatchFile(batch_id=batch.id, name=f"{at % 20}/{at:04d}.webm", sha256=f"{at:064x}", **size)
            for at in range(lines)]  # fmt: skip
    with store.writing() as session:
        session.add_all(rows)
    for row in rows:
        path = batch_file(store, row)
        path.parent.mkdir(parents=True)
        path.write_bytes(FILM)
    cells = [{"file": row.name, "person": f"{at:04d}", "profile": "seated", "consent_on": "2026-11-01",
              "consent_form": "书面"} for at, row in enumerate(rows)]  # fmt: skip
    batch_bringing.set_lines(store, viewer, batch.id, cells)
    return batch.id


def reports(asking: Asking, lines: int, most: int = 50) -> None:
    """Time per report, and by how much the process grew from the fifth report on."""
    own, began = psutil.Process(), time.perf_counter()
    before, size = own.memory_info().rss, 0
    for at, piece in enumerate(reports_zip.reports_zip(asking)):
        size += len(piece)
        if at == 5:
            before = own.memory_info().rss
        if at == min(most, lines - 2):
            break
    took = time.perf_counter() - began
    print(f"{'reports.zip, per report':42} {took / (at + 1):7.2f} s; {size / 1e6:.0f} MB sent, the process grew by "
          f"{(own.memory_info().rss - before) / 1e6:.0f} MB")  # fmt: skip


def main() -> int:
    """Run it; returns the exit status."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--lines", type=int, default=1000)
    asked = reader.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        room = Path(folder, "room")
        room.mkdir()
        store = open_records(Path(folder, "data"))
        made = evaluate(store, room, asked.lines)
        people.records = lambda: store  # type: ignore[assignment]
        people.viewer = lambda: made.evaluator  # type: ignore[assignment]
        people.roles = lambda: frozenset({"evaluator"})  # type: ignore[assignment]
        slowest = measure(store, made)
        store.close()
    print(f"slowest page {slowest:.2f} s, promised {PAGE_S:.1f} s")
    return int(slowest > PAGE_S)


if __name__ == "__main__":
    sys.exit(main())
