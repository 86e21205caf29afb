"""One row of a batch's tables: what came of one line of the manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment


@dataclass(frozen=True)
class Row:
    """What came of one line of the manifest.

    ``path`` is the recording's path or URL as the line named it, ``key`` the name of its folder below ``recordings/``.
    ``assessment`` or ``failure`` (a sentence in the run's language) is there; neither when the run was stopped before
    the line's turn.
    """

    path: str
    person: str | None
    cohort: str | None
    key: str | None
    assessment: Assessment | None
    failure: str | None
