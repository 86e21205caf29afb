"""``log.csv`` of a batch: when it began and ended, and what came of each recording, a line as it happens.

It is only ever added to; a batch that goes on goes on in it.
"""

from __future__ import annotations

import csv
import time
from typing import TYPE_CHECKING, Literal

from liyi.batch.outputs import IS_OWN, LOG_CSV, OF_A_LOG
from liyi.core.atomic import atomic_write, require_own
from liyi.core.spreadsheet_text import csv_cell
from liyi.scoring.folder import explain_os_errors, make_folders

if TYPE_CHECKING:
    from pathlib import Path

# A recording is ``kept`` when its result stood there before, or another line has the same one.
What = Literal["begun", "assessed", "kept", "tried again", "failed", "done", "stopped", "broken off"]


class BatchLog:
    """The log in the folder ``out``, which `liyi.batch.results.batch_lock` holds; raises LiyiError where it may not."""

    def __init__(self, out: Path) -> None:
        self._file = out / LOG_CSV
        with explain_os_errors(out):
            make_folders(out)
            require_own(self._file, IS_OWN[LOG_CSV])
            if not self._file.exists() or not self._file.stat().st_size:
                with atomic_write(self._file) as part:
                    part.write_text(f"\ufeff{','.join(OF_A_LOG)}\r\n", encoding="utf-8", newline="")
            elif not self._file.read_bytes().endswith(b"\n"):  # the process that wrote it was killed
                self._add("\r\n")

    def note(self, what: What, *, file: str = "", seconds: float | None = None, sentence: str = "") -> None:
        """Add a line; raises LiyiError when it cannot be written.

        Parameters
        ----------
        what
            What happened.
        file
            The recording's path as its line names it; empty for the batch as a whole.
        seconds
            How long it was worked on.
        sentence
            Why, in the run's language, where it was refused or broken off.
        """
        taken = "" if seconds is None else f"{seconds:.1f}"
        cells = [time.strftime("%Y-%m-%dT%H:%M:%S%z"), file, what, taken, sentence]
        with explain_os_errors(self._file.parent), self._file.open("a", encoding="utf-8", newline="") as log:
            csv.writer(log).writerow(map(csv_cell, cells))

    def _add(self, text: str) -> None:
        with self._file.open("a", encoding="utf-8", newline="") as log:
            log.write(text)
