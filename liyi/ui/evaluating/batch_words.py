"""What the pages call the states, the purposes and the steps of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.words import N_, explain_error
from liyi.records.batch_tables import BatchState, Purpose
from liyi.scoring.answers import UntrueError, error_from_json
from liyi.ui.plain import explain
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_UNKNOWN = N_("Why is not known any more: run it again.")

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


def why(error: Mapping[str, Any] | None, *, markdown: bool = True) -> str:
    """Why a batch or one of its lines failed, in the page's language; as Markdown, or as plain text."""
    try:
        told = error_from_json((error or {}).get("sentence"), (error or {}).get("fields"))
    except UntrueError:  # of another version
        return _(_UNKNOWN)
    return explain(told) if markdown else explain_error(told, lang())
