"""Assessing a rehearsal while it is recorded, so that its person waits less at its end.

``python -m liyi.ui.ahead FOLDER`` is a process that holds a slot of its own, looks at the recorder's pieces as they
come, and does the job itself once it is asked for. It begins and goes on only while nobody waits for a slot and a core
is idle, since who practises, here or in a browser on the same machine, comes first. What it has found out is in the
memory of its child and goes with it; nothing is written.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from liyi.core import logs
from liyi.core.children import python_module
from liyi.core.errors import LiyiError
from liyi.core.owner import only_owner
from liyi.etiquette.norms import load_pack
from liyi.scoring.limited import close_shared, go_ahead_limited
from liyi.ui import jobs, slots, worker, workroom
from liyi.ui.live import session

if TYPE_CHECKING:
    from collections.abc import Sequence

SETTING = "LIYI_AHEAD"  # ``off``: never; ``always``: whether a core is idle or not
FIRST_PIECES = 6  # 12 s: shorter rehearsals are assessed quickly, and many are given up before
MORE_PIECES, MORE_SHARE = 4, 0.2  # each look decodes from the beginning: all together five times the recording
QUIET_S = 60.0  # without a new piece it is paused, cut off or given up
IDLE_CORES = 0.7
EVERY_S = 0.5
NICE = 5


class _GivenUpError(Exception):
    """Somebody waits for the slot, or the rehearsal is gone."""


def begin() -> None:
    """Have the rehearsals that are recorded now assessed ahead, as far as there is room; called by the server."""
    if not may_look():
        return
    for folder in _recorded_now():
        with slots.deciding():
            if jobs.others_wait(folder) or jobs.is_ahead(folder) or not slots.has_room():
                return
            slot, running = slots.take(ahead=True)
            if slot is None:
                return
            try:
                if slots.may_begin(running, jobs.fresh()):
                    jobs.start_process(python_module("liyi.ui.ahead", str(folder.absolute())), folder, slot)
            finally:
                os.close(slot)
        return  # one at a time: what it takes shows at the next call


def _recorded_now() -> list[Path]:
    """Workrooms of rehearsals whose pieces are coming, of which nobody is at work yet."""
    rooms = (file.parent for file in workroom.workrooms().glob("*/session.json"))
    return [folder for folder in rooms if _is_recorded(folder)]


def _is_recorded(folder: Path) -> bool:
    try:
        pieces = _pieces(folder)
        if len(pieces) < FIRST_PIECES or time.time() - pieces[-1].stat().st_mtime > 5 * jobs.PIECE_S:
            return False
        refused = (folder / jobs.AHEAD).exists() and (folder / jobs.AHEAD).stat().st_size > 0
        taken = refused or jobs.is_ahead(folder) or (folder / "job.json").exists()
        return not taken and session.open_session(folder.name).state == "open"
    except (OSError, LiyiError):  # deleted meanwhile, or damaged: its page says so
        return False


def _pieces(folder: Path) -> list[Path]:
    return sorted((folder / "chunks").glob("*.part"))


def may_look() -> bool:
    """Whether a core had little to do since the last call; or what `SETTING` says."""
    told = os.environ.get(SETTING, "")
    if told in ("off", "always"):
        return told == "always"
    busy = float(psutil.cpu_percent()) / 100
    return (1 - busy) * (os.cpu_count() or 1) >= IDLE_CORES


def go_ahead(folder: Path) -> None:
    """Look at the pieces in ``folder`` until its job has begun, and do that; or until there is no more use in it."""
    lock = slots.hold(folder / jobs.AHEAD)
    if lock is None:
        return
    known: list[Path] = []
    until_s = time.monotonic() + QUIET_S
    may_look()
    while not jobs.has_begun(folder):
        time.sleep(EVERY_S)
        if not folder.is_dir():
            return
        pieces = _pieces(folder)
        if pieces[: len(known)] != known:
            close_shared()  # the calibration is made once more: another recording
            known = []
        if len(pieces) >= len(known) + max(MORE_PIECES, MORE_SHARE * len(known)) and may_look():
            looked = _look(folder, pieces)
            known, until_s = pieces, time.monotonic() + (QUIET_S if looked else 0.0)
        if (time.monotonic() >= until_s or jobs.others_wait(folder)) and _leave(folder, lock):
            return
    worker.work(folder, ahead=folder / "chunks")


def _look(folder: Path, pieces: Sequence[Path]) -> bool:
    """Have the child take in what is new; False when that cannot be, and the child is gone."""
    next_s = 0.0

    def tell(stage: str, done: float) -> None:
        """Beat for the job that began meanwhile; give up for one that waits."""
        nonlocal next_s
        if time.monotonic() < next_s:
            return
        next_s = time.monotonic() + worker.BEAT_S
        if jobs.has_begun(folder):
            with suppress(OSError):
                (folder / "progress.json").touch()  # this is work on that very job
        elif jobs.others_wait(folder) or not folder.is_dir():
            raise _GivenUpError

    try:
        now = session.open_session(folder.name)
        go_ahead_limited(pieces, pack=load_pack(now.pack), options=now.options, progress=tell)
    except _GivenUpError:
        return False
    except (LiyiError, OSError) as fault:
        logs.event("ahead_failed", key=folder.name, error=fault)
        close_shared()
        with suppress(OSError):
            (folder / jobs.AHEAD).write_bytes(b"refused")  # not to be tried again
        return False
    return True


def _leave(folder: Path, lock: int) -> bool:
    """Give the rehearsal up, unless its job was handed over meanwhile."""
    with slots.deciding():
        if jobs.has_begun(folder):
            return False
        os.close(lock)
        return True


if __name__ == "__main__":
    only_owner()
    logs.start()
    os.nice(NICE)
    go_ahead(Path(sys.argv[1]))
