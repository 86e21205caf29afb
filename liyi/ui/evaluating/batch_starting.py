"""How a batch's process is started: by the server, one at a time on a machine, as soon as one waits."""

from __future__ import annotations

import os
import platform
import re
import time

from liyi.core.children import python_module
from liyi.core.owner import make_folder
from liyi.records import batch_queue
from liyi.records.engine import data_folder
from liyi.ui import jobs, people, slots

AGAIN_S = 10.0  # one that ends as it begins is not started anew all the time
_started_s = float("-inf")


def advance() -> None:
    """Start the process of the batch whose turn it is, where this machine runs none; the server asks all the time."""
    global _started_s
    if time.monotonic() - _started_s < AGAIN_S:
        return
    lock = slots.hold(slots.folder() / f"batch-{_machine()}.lock")
    if lock is None:
        return
    try:
        if batch_queue.anything_waits(people.records()):
            _started_s = time.monotonic()
            rooms = data_folder() / "batches"
            make_folder(rooms)
            jobs.start_process(python_module("liyi.ui.evaluating.batch_process"), rooms, lock)
    finally:
        os.close(lock)


def _machine() -> str:
    """The machine's name as a file may bear it: several may share one data folder."""
    return re.sub(r"[^\w-]", "_", platform.node()) or "here"
