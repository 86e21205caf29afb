"""The process of one batch: ``python -m liyi.ui.evaluating.batch_process`` runs the one whose turn it is.

The server starts it (`liyi.ui.evaluating.batch_starting`) and it goes on when the server ends. Rehearsals and uploads
of others come first: it works on one recording less at a time than the machine has slots, and on none while somebody
waits for theirs.
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import time
from typing import TYPE_CHECKING, Any

from liyi.batch import cluster
from liyi.batch.record_run import Heart, RecordRun
from liyi.batch.schedulers import require_allowed
from liyi.batch.unit import score_unit
from liyi.core import logs
from liyi.core.errors import LiyiError, error_to_json
from liyi.core.owner import only_owner
from liyi.core.words import N_
from liyi.records import batch_queue
from liyi.records.batch_tables import BatchState
from liyi.records.operations import batches
from liyi.ui import jobs, people, slots

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer

LOOK_S = 2.0
FAULT = N_("The batch was stopped by an unexpected fault in Liyi ({fault}). What is finished stays; report the fault, "
           "then run it again.")  # fmt: skip
_STOPS = (signal.SIGTERM, signal.SIGINT)


def at_a_time() -> int:
    """How many recordings of a batch this machine works on at most: one slot stays free where there are several."""
    return max(1, slots.most() - 1)


def room() -> int:
    """How many may be worked on now: the slots that nobody else holds, and none while somebody waits for one."""
    if jobs.others_wait(slots.folder()):
        return 0
    return max(0, min(at_a_time(), slots.most() - slots.held()))


def run_next(records: Records, *, assess: Any = score_unit) -> bool:
    """Run the batch whose turn it is; whether there was one."""
    run = secrets.token_hex(16)
    claimed = batch_queue.claim(records, run)
    if claimed is None:
        return False
    batch_id, viewer = claimed
    begun_s, heart = time.monotonic(), Heart(records, batch_id, run)
    logs.event("batch_begun", key=batch_id.hex)
    try:
        state, error = _run(records, viewer, batch_id, run, heart, assess)
    except KeyboardInterrupt:
        state, error = BatchState.waiting, None
    except LiyiError as fault:
        state, error = BatchState.failed, fault
    except Exception as fault:
        logs.event("batch_failed", key=batch_id.hex, error=fault)
        state, error = BatchState.failed, LiyiError(FAULT, fault=type(fault).__name__)
    finally:
        heart.close()
    batch_queue.end(records, batch_id, run, state, error_to_json(error) if error else None)
    logs.event("batch_ended", key=batch_id.hex, seconds=time.monotonic() - begun_s, cause=state, error=error)
    return True


def _run(
    records: Records, viewer: Viewer, batch_id: UUID, run: str, heart: Heart, assess: Any
) -> tuple[BatchState, LiyiError | None]:
    """What became of it; ``waiting`` when this process was told to end, and not by who runs the batch."""
    row = batches.batch(records, viewer, batch_id)
    if row.scheduler is not None:
        require_allowed(row.scheduler)
    free = _every(LOOK_S, room) if row.scheduler is None else lambda: None
    work = RecordRun(records, viewer, batch_id, run, room=free)
    with cluster.remote(row.scheduler) if row.scheduler else cluster.local(at_a_time()) as client:
        outcome = work.work(client, heart, assess=assess)
    if outcome.error is not None:
        return BatchState.failed, outcome.error
    if not outcome.stopped:
        return BatchState.done, None
    return BatchState.stopped if heart.state is BatchState.stopping else BatchState.waiting, None


def _every(seconds: float, ask: Callable[[], int]) -> Callable[[], int]:
    """Ask again only after so many seconds; between, the last answer holds."""
    asked_s, answer = float("-inf"), 0

    def asked() -> int:
        nonlocal asked_s, answer
        if time.monotonic() - asked_s >= seconds:
            with contextlib.suppress(OSError):
                answer = ask()
            asked_s = time.monotonic()
        return answer

    return asked


def main() -> None:
    """Run the batch whose turn it is on behalf of its owner."""
    only_owner()
    logs.start()
    for stop in _STOPS:  # whoever ends the machine's processes ends this one too: the batch waits for the next
        signal.signal(stop, signal.default_int_handler)
    run_next(people.records())


if __name__ == "__main__":
    main()
