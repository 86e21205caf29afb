"""Deleting a recording with everything that was made of it: into the trash, back out of it, or for good."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.records import reserve
from liyi.records.operations import deletion
from liyi.ui import jobs, people
from liyi.ui.live import session

if TYPE_CHECKING:
    from liyi.ui.entries import Entry


def discard(entry: Entry) -> None:
    """Put the recording and everything made from it into the trash; its work stops. Works on a full disk."""
    with reserve.released(people.records().folder):
        deletion.discard(people.records(), people.viewer(), entry.id)
        jobs.stop(entry.id)
        with suppress(LiyiError):  # no rehearsal, or none that goes on
            session.shut(entry.id)


def restore(entry: Entry) -> None:
    """Take a deleted recording back out of the trash."""
    deletion.take_back(people.records(), people.viewer(), entry.id)


def purge(entry: Entry) -> None:
    """Remove a deleted recording for good."""
    deletion.delete_recording(people.records(), people.viewer(), entry.id)
