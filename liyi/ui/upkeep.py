"""What the server puts right by itself, so that pages need only read: what was cut off, and what has had its time.

An assessment whose process ended before it was filed is filed; a rehearsal that ended without its page is assessed;
what is past its days goes. Each may be done at any moment and again, beside other servers on the same data.
"""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from liyi.core import logs
from liyi.core.atomic import sweep
from liyi.core.errors import LiyiError, error_to_json
from liyi.records import batch_queue, reserve, retention
from liyi.records.operations import deletion, recordings
from liyi.records.schema import State
from liyi.scoring.folder import ASSESSMENT
from liyi.ui import beginning, filing, jobs, people, slots, workroom
from liyi.ui.entries import anything_recorded
from liyi.ui.live import session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GIVEN_UP_S = 24 * 3600.0  # what was begun and of which nothing arrived within a day was given up
FILE_AGAIN_S = 60.0  # what could not be filed is copied whole at each try
LEFT_S = 5.0  # a rehearsal's own page asks for its assessment within that time after its end
PURGE_EVERY_S = 3600.0


def mend() -> None:
    """File what was assessed and not filed, and begin what has ended; cheap where there is nothing to do."""
    for folder in _old(workroom.workrooms().glob(f"*/out/{ASSESSMENT}"), 0.0):
        with suppress(LiyiError):  # somebody else's, or no recording's
            _file(folder.parent.parent)
    for file in _old(workroom.workrooms().glob("*/session.json"), LEFT_S):
        with suppress(LiyiError):  # damaged, or refused: its page says so
            _begin(file.parent)


def purge_old(*, now: float | None = None) -> None:
    """Purge what the records' rules say must go (`liyi.records.retention`), and what never began.

    Nothing goes by a clock that is far ahead of all entries: the log says so, and everything stays.
    """
    store, at = people.records(), time.time() if now is None else now
    moment = datetime.fromtimestamp(at, UTC)
    try:
        retention.require_clock(store, moment)
    except retention.ClockError as error:
        logs.event("clock", error=error)
        return
    if retention.anything_due(store, at=moment):
        retention.purge(store, at=moment)
    batch_queue.sweep(store)
    for folder in _old(workroom.workrooms().glob("*"), GIVEN_UP_S, now=at):
        with suppress(LiyiError):  # somebody else's, or in the trash
            if not anything_recorded(folder.name):
                _give_up(folder.name)


def sweep_scratch() -> None:
    """Remove what killed processes have left half written, in the queue's folder and in workrooms."""
    rooms = workroom.workrooms()
    for folder in (slots.folder(), *rooms.glob("*"), *rooms.glob("*/chunks")):
        sweep(folder)


def _old(files: Iterator[Path], least_s: float, *, now: float | None = None) -> Iterator[Path]:
    """Those that were not written for a while, in seconds; without what goes meanwhile."""
    at = time.time() if now is None else now
    for file in files:
        with suppress(FileNotFoundError):
            if at - file.stat().st_mtime >= least_s:
                yield file


def _file(folder: Path) -> None:
    """File an assessment whose process has ended; where that is refused, its page finds the reason in the workroom."""
    id, refused = folder.name, folder / "error.json"
    if jobs.status(id).state != "assessed":
        return
    recordings.recording(people.records(), people.owner_of(id), id)  # raises for one in the trash
    if refused.exists() and time.time() - refused.stat().st_mtime < FILE_AGAIN_S:
        return
    try:
        filing.file(id)
    except LiyiError as error:
        with suppress(OSError), reserve.released(people.records().folder, below=reserve.OPENING_BYTES):
            workroom.write_json(refused, error_to_json(error))
        return
    workroom.clear(id)


def _begin(folder: Path) -> None:
    id = folder.name
    if not (folder / "job.json").exists() and session.open_session(id).state == "ended" and anything_recorded(id):
        with people.acting_for_owner(id):
            beginning.assess(id)


def _give_up(id: str) -> None:
    store, who = people.records(), people.owner_of(id)
    if recordings.recording(store, who, id).state is State.open:
        deletion.delete_recording(store, who, id)
