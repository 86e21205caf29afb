"""What is kept of the viewer, as pages list it: every recording, from rehearsals and uploads alike, and its state.

Nothing here writes. How far a recording is stands in two places that are only read: its row and its assessments in the
records, and, until its assessment is filed, its workroom (`liyi.ui.jobs.status`, `liyi.ui.live.session`).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from liyi.core.errors import LiyiError
from liyi.records import vault
from liyi.records.operations import assessments, deletion, feedback, recordings
from liyi.records.schema import Kind, Recording
from liyi.records.schema import State as Kept
from liyi.records.unit_of_work import MOST
from liyi.ui import jobs, people, workroom
from liyi.ui.live import session

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from uuid import UUID

    from liyi.records.schema import Assessment
    from liyi.records.viewer import Viewer

PAGE = 50

State = Literal["open", "ended", "running", "done", "failed"]


@dataclass(frozen=True)
class Entry:
    """One recording.

    ``created_at`` and ``deleted_at`` are seconds since 1970, ``assessment`` the id of its newest assessment. ``state``:
    ``open`` while it is recorded, ``ended`` before its assessment begins, then how far that is; ``error`` says why it
    failed. ``total`` (0..100) and ``coverage`` (0..1) are None without an assessment, ``total`` below the pack's
    coverage too. ``place`` counts from 1 while its assessment waits for others.
    ``playable``: whether the recording is one file that can be played. ``duration_s``: None until it was assessed.
    ``sha256`` names that file where both were found among the viewer's own, who is then not asked again.
    """

    id: str
    kind: Literal["rehearsal", "upload"]
    created_at: float
    name: str
    pack: str = ""
    profile: str | None = None
    state: State = "ended"
    assessment: str | None = None
    total: float | None = None
    coverage: float | None = None
    error: LiyiError | None = None
    playable: bool = False
    deleted_at: float | None = None
    place: int = 0
    duration_s: float | None = None
    sha256: str | None = None


def entries(*, size: int = PAGE) -> list[Entry]:
    """The newest recordings that are not deleted, newest first; rehearsals of which nothing has arrived are left out.

    Parameters
    ----------
    size
        How many recordings are looked at.
    """
    newest, rows = _newest(), _own(size)
    shown = [row for row in rows if row.state is Kept.kept or anything_recorded(row.id.hex)]
    found = [_done(row, newest[row.id]) if row.id in newest else _entry(row) for row in shown]
    return [replace(each, sha256=row.sha256) for each, row in zip(found, shown, strict=True)]


def assessed(*, size: int = PAGE) -> list[Entry]:
    """Of the viewer's newest recordings those that are assessed, newest first; by two questions to the records."""
    newest = _newest()
    found = ((row, newest[row.id]) for row in _own(size) if row.id in newest)
    return [replace(_done(row, last), sha256=row.sha256) for row, last in found]


def _own(size: int) -> Sequence[Recording]:
    who = people.viewer()
    return recordings.recordings(people.records(), who, person_id=who.person_id, size=size)


def _newest() -> dict[UUID, Assessment]:
    """The newest assessment of each of the viewer's recordings, of those that were assessed last."""
    who = people.viewer()
    newest: dict[UUID, Assessment] = {}
    for each in assessments.assessments(people.records(), who, person_id=who.person_id, size=MOST):
        newest.setdefault(each.recording_id, each)
    return newest


def find(id: str) -> Entry:
    """The recording with this id; raises LiyiError when there is none, or it was deleted."""
    return _entry(_row(id))


def trash() -> list[Entry]:
    """What was deleted and can still be restored, last deleted first."""
    return [_bare(row) for row in deletion.trash(people.records(), people.viewer())]


def recording_of(entry: Entry) -> Path | None:
    """The recording as one file that can be played; None as long as there is none."""
    if entry.sha256 is not None:
        return vault.path_of(people.records(), entry.sha256)
    if _row(entry.id).state is Kept.kept:
        return recordings.watch(people.records(), people.viewer(), entry.id)
    return workroom.media(entry.id)


def anything_recorded(id: str) -> bool:
    """Whether any piece of the recording ``id`` has arrived in its workroom."""
    pieces = workroom.folder_of(id) / "chunks"
    return workroom.media(id) is not None or next(pieces.glob("*.part"), None) is not None


def _row(id: str) -> Recording:
    try:
        row = recordings.recording(people.records(), people.viewer(), id)
    except LiyiError as error:
        raise LiyiError("There is no such recording, or it was deleted. Look under Recordings.") from error
    need_rated(people.viewer(), row)
    return row


def need_rated(who: Viewer, row: Recording) -> None:
    """Refuse to show what was found in somebody else's recording to whoever rates it blind, before they have."""
    due = False
    if row.person_id != who.person_id:
        with suppress(LiyiError):  # somebody who does not judge it rates nothing
            due = feedback.blind_due(people.records(), who, row.id)
    if due:
        raise LiyiError("This recording is rated before its result is shown: rate it in the review first.")


def _bare(row: Recording) -> Entry:
    """What the recording's row says by itself."""
    kind: Literal["rehearsal", "upload"] = "rehearsal" if row.kind is Kind.rehearsal else "upload"
    deleted_at = row.deleted_at.timestamp() if row.deleted_at else None
    return Entry(row.id.hex, kind, row.created_at.timestamp(), row.name, deleted_at=deleted_at,
                 duration_s=row.duration_s)  # fmt: skip


def _entry(row: Recording) -> Entry:
    """The recording with what its assessment has come to."""
    found = assessments.assessments(people.records(), people.viewer(), recording_id=row.id, size=1)
    if not found:
        return _in_work(_bare(row), kept=row.state is Kept.kept)
    return _done(row, found[0])


def _done(row: Recording, newest: Assessment) -> Entry:
    """The recording with its newest assessment."""
    return replace(
        _bare(row), state="done", pack=newest.pack_id, profile=newest.profile, assessment=newest.id.hex,
        total=newest.total, coverage=newest.coverage, playable=row.state is Kept.kept,
    )  # fmt: skip


def _in_work(entry: Entry, *, kept: bool) -> Entry:
    """The recording by what lies in its workroom."""
    status = jobs.status(entry.id)
    entry = replace(entry, playable=kept or workroom.media(entry.id) is not None)
    if status.state == "unknown":
        return _begun(entry)
    state: State = "failed" if status.error else "running"
    return replace(_asked(entry), state=state, error=status.error, place=status.place)


def _asked(entry: Entry) -> Entry:
    """With the norm pack and profile that its job was given."""
    try:
        asked = jobs.options(entry.id)
    except LiyiError:  # deleted meanwhile, or damaged
        return entry
    return replace(entry, pack=asked["pack"], profile=asked["profile"])


def _begun(entry: Entry) -> Entry:
    """With the choices of its rehearsal, if it is one, of which no assessment has begun."""
    try:
        now = session.open_session(entry.id)
    except LiyiError:
        return entry
    return replace(entry, pack=now.pack, profile=now.options.profile, state="open" if now.state == "open" else "ended")
