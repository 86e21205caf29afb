"""A batch of the records, run by the process that claimed it: each result is filed on its owner's behalf as it comes.

The work is that of `liyi.batch.run`, in the batch's own folder. What is filed leaves that folder when the process ends;
of one that is killed it stays there, and the next goes on with it.
"""

from __future__ import annotations

import shutil
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from liyi.batch import results
from liyi.batch.cluster import capacity
from liyi.batch.exempting import exempted
from liyi.batch.record_lines import read_record_lines
from liyi.batch.record_progress import Reporter
from liyi.batch.run import Hooks, Settings, run_batch
from liyi.batch.unit import score_unit
from liyi.core import logs
from liyi.core.errors import LiyiError, Notice
from liyi.core.owner import make_folder
from liyi.records import batch_queue
from liyi.records.batch_tables import BatchState, LineState
from liyi.records.lifecycle import batch_folder
from liyi.records.operations import batch_bringing, batch_running, batches
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from distributed import Client

    from liyi.batch.line_states import Landed
    from liyi.batch.manifest import Line
    from liyi.batch.run import Outcome
    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer

_FILES = (ASSESSMENT, MEASURES, REPORT)


class Heart:
    """Says every few seconds that the process lives, and hears whether it is to stop."""

    def __init__(self, records: Records, batch_id: UUID, run: str) -> None:
        self._records, self._id, self._run = records, batch_id, run
        self._end = threading.Event()
        self.state: BatchState | None = BatchState.running
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def _beat(self) -> None:
        while not self._end.wait(batch_queue.BEAT_S):
            try:
                self.state = batch_queue.beat(self._records, self._id, self._run)
            except LiyiError as error:  # the database may be back before anybody misses this process
                logs.event("no_beat", key=self._id.hex, error=error)

    def close(self) -> None:
        """Stop it."""
        self._end.set()
        self._thread.join()


class RecordRun:
    """The batch that the process ``run`` has claimed.

    Parameters
    ----------
    records, viewer, batch_id
        The store, the batch's owner, and the batch.
    run
        By which the records know this process.
    room
        How many recordings may be worked on now, as `liyi.batch.run.Hooks` asks it.
    """

    def __init__(
        self, records: Records, viewer: Viewer, batch_id: UUID, run: str, *, room: Callable[[], int | None]
    ) -> None:
        self._records, self._viewer, self._run, self._room = records, viewer, run, room
        self._batch = batches.batch(records, viewer, batch_id)
        self._folder = batch_folder(records, batch_id)
        self._out = self._folder / "out"
        self._lines: list[tuple[UUID, Line]] = []
        self._filed: set[int] = set()
        self._keys: set[str] = set()  # of results that are not needed any more
        make_folder(self._folder)

    def work(self, client: Client, heart: Heart, *, assess: Any = score_unit) -> Outcome:
        """Assess every line that has no assessment yet, and file each result.

        Raises
        ------
        LiyiError
            When the batch cannot go on; what is finished is filed.
        """
        self._read()
        counts = batch_running.line_counts(self._records, self._viewer, self._batch.id)
        workers = min(capacity(client), self._room() or capacity(client)) or 1
        reporter = Reporter(self._folder, of=counts.total, done=counts.done, failed=counts.failed, workers=workers)

        def room() -> int | None:
            """How many units may be at work at once, None for no bound; ends the work once the batch was stopped."""
            if heart.state is not BatchState.running:
                raise KeyboardInterrupt
            free = self._room()
            if (free == 0) is not reporter.held_back:
                reporter.held_back = free == 0
                reporter.write()
            return free

        def landed(each: Landed) -> Notice | None:
            """Take in what a worker has finished; why it failed, where it did."""
            failure = self._take_in(each)
            line = self._lines[each.at][1]
            reporter.landed(line.path, failed=failure is not None, seconds=each.seconds)
            return failure

        settings = Settings(self._batch.lang, report=True)
        lines = [line for _, line in self._lines]
        with results.batch_lock(self._out, resume=True):
            try:
                return run_batch(lines, self._out, client, settings, write=lambda *_: None, assess=assess,
                                 hooks=Hooks(room, reporter.began, landed))  # fmt: skip
            finally:
                self._sweep()

    def _read(self) -> None:
        """The lines that are to be assessed, with the exemptions of their people; what is faulty fails at once."""
        rows = batch_bringing.lines(self._records, self._viewer, self._batch.id)
        self._keys |= {row.key for row in rows if row.state is LineState.done and row.key}  # of a process before
        pairs, faults = read_record_lines(self._records, self._batch, rows)
        for fault in {fault.line: fault for fault in reversed(faults)}.values():
            row = rows[fault.line - 1]
            batch_running.fail_line(self._records, self._viewer, self._batch.id, row.id, self._run, fault.notice)
        self._lines = list(zip([id for id, _ in pairs], self._exempted([line for _, line in pairs]), strict=True))

    def _exempted(self, lines: Sequence[Line]) -> list[Line]:
        called = batch_bringing.people_called(self._records, self._viewer, [line.person or "" for line in lines])
        ids = {name: str(found[0]) for name, found in called.items() if len(found) == 1}
        known = [replace(line, person=ids.get(line.person or "")) for line in lines]
        free, _ = exempted(known, self._records, self._viewer, on=date.today())
        return [replace(line, options=each.options) for line, each in zip(lines, free, strict=True)]

    def _take_in(self, landed: Landed) -> Notice | None:
        """File what came of a line; why it has no assessment, where it has none."""
        line_id, line = self._lines[landed.at]
        failure = landed.failure
        if failure is None and landed.key is not None:
            failure = self._file(landed.at, line_id, line, landed.key)
        if failure is not None:
            batch_running.fail_line(
                self._records, self._viewer, self._batch.id, line_id, self._run, failure, landed.key
            )
        return failure

    def _file(self, at: int, line_id: UUID, line: Line, key: str) -> Notice | None:
        judged = results.read(self._out, key)
        if judged is None:  # removed by hand, or the disk is failing
            return Notice(batch_running.UNFILED)
        folder = self._out / results.RECORDINGS / key
        files = {name: folder / name for name in _FILES if (folder / name).is_file()}
        made = batch_running.Made(Path(line.source), judged, files, key, Path(line.side) if line.side else None)
        try:
            batch_running.file_line(self._records, self._viewer, self._batch.id, line_id, self._run, made)
        except batch_running.RefusedLine as error:
            self._keys.add(key)
            return Notice(error.sentence, error.fields)
        self._filed.add(at)
        self._keys.add(key)
        self._put_away([line.source, line.side])
        return None

    def _put_away(self, sources: Iterable[str | None]) -> None:
        """Remove what was brought to the batch and is in the vault by now, where no line needs it that is not filed."""
        waiting = [line for at, (_, line) in enumerate(self._lines) if at not in self._filed]
        needed = {None, *(source for line in waiting for source in (line.source, line.side))}
        brought = self._folder / "files"
        paths = [Path(source) for source in sources if source is not None and source not in needed]
        ids = [UUID(path.parent.name) for path in paths if path.is_relative_to(brought)]
        batch_running.put_away(self._records, self._viewer, self._batch.id, self._run, ids)

    def _sweep(self) -> None:
        """Remove results that are filed, or may not be kept; what could not be filed stays for the next process."""
        for key in self._keys:
            shutil.rmtree(self._out / results.RECORDINGS / key, ignore_errors=True)
        with suppress(LiyiError):  # the batch is another process's by now, or the database is gone
            files = batch_bringing.batch_files(self._records, self._viewer, self._batch.id)
            self._put_away(str(each.path) for each in files if each.is_whole)
