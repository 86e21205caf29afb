"""The clips of cases, made by the server one at a time while nobody waits, on behalf of who agreed to be shown."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from liyi.core import logs
from liyi.core.errors import LiyiError, Notice
from liyi.core.words import N_
from liyi.records import case_queue
from liyi.records.operations import case_clips
from liyi.ui import people, slots
from liyi.ui.cases.making import Stretch

if TYPE_CHECKING:
    from liyi.records.case_queue import WantedClip

_FAULT = Notice(N_("The clip could not be made because of a fault in Liyi or a full disk: the server's log says more."))
AGAIN_S = 60.0  # where not even the fault could be noted, the same clip is not tried anew all the time
_busy = threading.Lock()
_failed_s = float("-inf")


def advance() -> None:
    """Begin the next clip, unless one is being made: here, or by another server on the same data."""
    if time.monotonic() - _failed_s < AGAIN_S or not _busy.acquire(blocking=False):
        return
    lock = None
    try:
        wanted = case_queue.next_clip(people.records())
        lock = slots.hold(slots.folder() / "clips.lock") if wanted else None
        if wanted is not None and lock is not None:
            threading.Thread(target=_work, args=(wanted, lock), daemon=True).start()
            return
    except BaseException:
        if lock is not None:
            os.close(lock)
        _busy.release()
        raise
    _busy.release()


def make(wanted: WantedClip) -> None:
    """Make one and keep it; where that fails its owner is told why."""
    store, who = people.records(), wanted.owner
    stretch = Stretch(who, wanted.recording_id, wanted.criterion, wanted.start_s, wanted.end_s)
    try:
        with people.acting(who), stretch.content(wanted.form) as content:
            case_clips.keep_clip(store, who, wanted.case_id, content)
    except Exception as error:
        logs.event("clip_failed", key=wanted.case_id.hex, error=error)
        told = Notice(error.sentence, error.fields) if isinstance(error, LiyiError) else _FAULT
        try:
            case_clips.fail_clip(store, who, wanted.case_id, told)
        except LiyiError:
            pass  # it was withdrawn meanwhile
        except Exception as again:  # a full disk, such as that which it failed for
            global _failed_s
            _failed_s = time.monotonic()
            logs.event("clip_failed", key=wanted.case_id.hex, error=again)


def _work(wanted: WantedClip, lock: int) -> None:
    try:
        make(wanted)
    finally:
        os.close(lock)
        _busy.release()
