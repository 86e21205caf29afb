"""Recordings: kept with consent, listed, watched, shared with a cohort."""

from __future__ import annotations

from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from liyi.core.typed_json import LONGEST_S
from liyi.records import vault
from liyi.records.access_tables import RecordingShare
from liyi.records.operations.consent import need_consent
from liyi.records.operations.registry import operation
from liyi.records.operations.submission import need_submitted
from liyi.records.schema import Cohort, CohortMember, Kind, Person, Recording, State, now
from liyi.records.unit_of_work import PAGE, id_of, not_there, reading, writing
from liyi.records.validation import name_of, number_of, word_of
from liyi.records.viewer import cohorts_trained, judges, people_judged

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


@operation
def open_recording(
    records: Records, viewer: Viewer, *, name: str, kind: Kind, person_id: UUID | str | None = None
) -> Recording:
    """Enter a recording before its first piece arrives; refused without the person's consent.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    name
        What it is called; shown, never used as a path.
    kind
        How it comes in.
    person_id
        Who is recorded: the viewer when not given, else somebody whom the viewer judges. What one brings in for oneself
        is private; what somebody else brings in is submitted, and opened, from the start.
    """
    with writing(records, viewer) as unit:
        return _enter(unit, person_id, name, kind, None)


@operation
def close_recording(
    records: Records,
    viewer: Viewer,
    recording_id: UUID | str,
    content: Path | IO[bytes],
    *,
    duration_s: float,
    side: Path | None = None,
) -> Recording:
    """Keep the whole file of a recording that was opened, and that from the side; it is ``kept`` from now on."""
    with reading(records, viewer) as unit:  # refused before its bytes are copied
        _recorded_by(unit, recording_id)
    with ExitStack() as stack:
        stored = stack.enter_context(vault.copied_in(records, content))
        beside = stack.enter_context(vault.copied_in(records, side)) if side else None
        unit = stack.enter_context(writing(records, viewer))
        row = _recorded_by(unit, recording_id)
        need_consent(unit, row.person_id)
        vault.keep(records, unit.session, stored)
        vault.keep_side(records, unit.session, row, beside)
        row.sha256, row.size_bytes, row.state = stored.sha256, stored.size_bytes, State.kept
        row.duration_s = number_of(duration_s, 0, LONGEST_S)
        unit.note("close_recording", Recording, row.id, only_for=row.only_for)
        return row


@operation
def keep_recording(
    records: Records,
    viewer: Viewer,
    content: Path | IO[bytes],
    *,
    name: str,
    kind: Kind,
    duration_s: float | None = None,
    person_id: UUID | str | None = None,
    side: Path | IO[bytes] | None = None,
) -> Recording:
    """Keep a recording that is there as one file, and that from the side; parameters as in `open_recording`.

    Raises
    ------
    LiyiError
        Without the person's consent, when the viewer may not record this person, or when it cannot be written.
    """
    with reading(records, viewer) as unit:  # refused before its bytes are copied
        need_consent(unit, _recordable(unit, person_id))
    with ExitStack() as stack:
        stored = stack.enter_context(vault.copied_in(records, content))
        beside = stack.enter_context(vault.copied_in(records, side)) if side else None
        unit = stack.enter_context(writing(records, viewer))
        row = _enter(unit, person_id, name, kind, stored)
        row.duration_s = None if duration_s is None else number_of(duration_s, 0, LONGEST_S)
        vault.keep(records, unit.session, stored)
        vault.keep_side(records, unit.session, row, beside)
        return row


@operation
def recordings(
    records: Records, viewer: Viewer, *, person_id: UUID | str | None = None, size: int = PAGE, offset: int = 0
) -> Sequence[Recording]:
    """Recordings that the viewer may watch, all or those of one person, newest first."""
    with reading(records, viewer) as unit:
        if person_id is None:
            return unit.newest(Recording, size=size, offset=offset)
        query = unit.select(Recording, Recording.person_id == id_of(person_id))
        return unit.page(query.order_by(Recording.created_at.desc(), Recording.id), size=size, offset=offset)


@operation
def recording(records: Records, viewer: Viewer, recording_id: UUID | str) -> Recording:
    """One recording."""
    with reading(records, viewer) as unit:
        return unit.one(Recording, recording_id)


@operation
def judged_recording(records: Records, viewer: Viewer, recording_id: UUID | str) -> Recording:
    """One recording of somebody whom the viewer judges."""
    with reading(records, viewer) as unit:
        return unit.one(Recording, recording_id, judges(viewer), Recording.state == State.kept)


@operation
def watch(records: Records, viewer: Viewer, recording_id: UUID | str) -> Path:
    """Where the file of a recording lies; who watches somebody else's leaves a line in the audit trail."""
    row = _watched(records, viewer, recording_id)
    assert row.sha256 is not None
    return vault.path_of(records, row.sha256)


@operation
def watch_side(records: Records, viewer: Viewer, recording_id: UUID | str) -> Path:
    """Where the file of a recording from the side lies, as `watch`; raises LiyiError where there is none."""
    row = _watched(records, viewer, recording_id, Recording.side_sha256.is_not(None))
    assert row.side_sha256 is not None
    return vault.path_of(records, row.side_sha256)


@operation
def share(records: Records, viewer: Viewer, recording_id: UUID | str, cohort_id: UUID | str) -> None:
    """Let a cohort to which one belongs watch one's own recording (not its results), once it is submitted."""
    with writing(records, viewer) as unit:
        row = unit.one(Recording, recording_id, Recording.person_id == viewer.person_id, alone=True)
        need_submitted(row)
        mine = select(CohortMember.cohort_id).where(CohortMember.person_id == viewer.person_id)
        group = unit.one(Cohort, cohort_id, Cohort.id.in_(mine))
        if unit.session.get(RecordingShare, (row.id, group.id)) is None:
            unit.session.add(RecordingShare(recording_id=row.id, cohort_id=group.id))
            unit.note("share", Recording, row.id)


@operation
def unshare(records: Records, viewer: Viewer, recording_id: UUID | str, cohort_id: UUID | str) -> None:
    """End the sharing of one's own recording, or as its trainer of any with the cohort."""
    with writing(records, viewer) as unit:
        mine = select(Recording.id).where(Recording.person_id == viewer.person_id)
        allowed = or_(RecordingShare.recording_id.in_(mine), RecordingShare.cohort_id.in_(cohorts_trained(viewer)))
        this = and_(RecordingShare.recording_id == id_of(recording_id), RecordingShare.cohort_id == id_of(cohort_id))
        row = unit.session.scalars(unit.select(RecordingShare, this, allowed)).first()
        if row is None:
            raise not_there()
        unit.note("unshare", Recording, row.recording_id, only_for=unit.only_for(row.recording_id))
        unit.session.delete(row)


@operation
def shared_with(records: Records, viewer: Viewer, recording_id: UUID | str) -> Sequence[RecordingShare]:
    """Cohorts with which a recording is shared: all for its owner, for a trainer their own."""
    with reading(records, viewer) as unit:
        query = unit.select(RecordingShare, RecordingShare.recording_id == id_of(recording_id))
        return unit.all(query.order_by(RecordingShare.cohort_id))


def _watched(records: Records, viewer: Viewer, recording_id: UUID | str, *conditions: Any) -> Recording:
    with reading(records, viewer) as unit:
        row = unit.one(Recording, recording_id, Recording.state == State.kept, *conditions)
    if row.person_id != viewer.person_id:
        with writing(records, viewer) as unit:
            row = unit.one(Recording, recording_id, Recording.state == State.kept, alone=True)
            unit.opened(row)
            unit.note("watch", Recording, row.id)
    return row


def _recordable(unit: UnitOfWork, person_id: UUID | str | None) -> UUID:
    """Whom the viewer may record: the viewer, and those whom the viewer judges."""
    if person_id is None or id_of(person_id) == unit.viewer.person_id:
        return unit.viewer.person_id
    return unit.one(Person, person_id, Person.id.in_(people_judged(unit.viewer))).id


def _recorded_by(unit: UnitOfWork, recording_id: UUID | str) -> Recording:
    """Fetch a recording that is still open, of oneself or of somebody one judges."""
    theirs = or_(Recording.person_id == unit.viewer.person_id, Recording.person_id.in_(people_judged(unit.viewer)))
    return unit.one(Recording, recording_id, theirs, Recording.state == State.open)


def _enter(
    unit: UnitOfWork, person_id: UUID | str | None, name: str, kind: Kind, stored: vault.Stored | None
) -> Recording:
    who = _recordable(unit, person_id)
    need_consent(unit, who)
    row = Recording(person_id=who, name=name_of(name), kind=word_of(Kind, kind), state=State.open)
    if who != unit.viewer.person_id:  # whoever brings it in has it, so that it cannot be withdrawn
        row.submitted_at = row.opened_at = now()
    if stored is not None:
        row.sha256, row.size_bytes, row.state = stored.sha256, stored.size_bytes, State.kept
    return unit.add(row, "keep_recording" if stored else "open_recording", only_for=row.only_for)
