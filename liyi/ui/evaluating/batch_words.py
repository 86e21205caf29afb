"""What the pages call the states, the purposes and the steps of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.words import N_
from liyi.records.batch_tables import BatchState, Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

PURPOSES: Mapping[Purpose, str] = {
    Purpose.examination: N_("Examination"),
    Purpose.training: N_("Training"),
}
STATES: Mapping[BatchState, str] = {
    BatchState.draft: N_("Draft"),
    BatchState.waiting: N_("Waiting for its turn"),
    BatchState.running: N_("Being assessed"),
    BatchState.stopping: N_("Being stopped"),
    BatchState.stopped: N_("Stopped"),
    BatchState.done: N_("Run to its end"),
    BatchState.failed: N_("Broken off"),
}
STEPS: Mapping[str, str] = {"bring": N_("Bring in"), "run": N_("Run"), "defend": N_("Confirm the marks")}


def step_of(state: BatchState) -> str:
    """The step at which a batch in this state is."""
    if state == BatchState.draft:
        return "bring"
    return "defend" if state == BatchState.done else "run"
