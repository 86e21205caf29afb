"""Deleting a recording with everything that was made of it: into the trash, back out of it, or for good."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.records import reserve
from liyi.records.operations import deletion, recordings
from liyi.records.unit_of_work import MOST
from liyi.ui import jobs, people
from liyi.ui.live import session

if TYPE_CHECKING:
    from datetime import datetime

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer
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


def discard_everything() -> None:
    """Put all that is one's own into the trash, recordings with what was made of them and tries; their work stops."""
    store, who = people.records(), people.viewer()
    with reserve.released(store.folder):
        ids = _own(store, who)
        deletion.discard_everything(store, who)
        for id in ids:
            jobs.stop(id)
            with suppress(LiyiError):
                session.shut(id)


def restore_everything(at: datetime) -> None:
    """Take out of the trash what was put there at this moment."""
    deletion.take_back_everything(people.records(), people.viewer(), at)


def discarded() -> tuple[deletion.Discarded, ...]:
    """What of one's own was put into the trash, by moment, last first."""
    return deletion.discarded_together(people.records(), people.viewer())


def _own(store: Records, who: Viewer) -> list[str]:
    """Ids of all one's own recordings."""
    ids: list[str] = []
    while rows := recordings.recordings(store, who, person_id=who.person_id, size=MOST, offset=len(ids)):
        ids += [row.id.hex for row in rows]
    return ids


def purge(entry: Entry) -> None:
    """Remove a deleted recording for good."""
    deletion.delete_recording(people.records(), people.viewer(), entry.id)
