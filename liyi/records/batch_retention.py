"""What of batches must go: those too long in the trash, and what was brought to one and was not assessed in its days.

The machine does it, as `liyi.records.retention` has it, by which it is called.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, not_, or_, select

from liyi.records.access_tables import Assignment
from liyi.records.batch_queue import going
from liyi.records.batch_tables import Batch, BatchFile, BatchLine, BatchState, LineState
from liyi.records.consent_tables import Consent
from liyi.records.consent_texts import BATCH_VERSION, FROM_LIST
from liyi.records.keeper import KEEPER
from liyi.records.lifecycle import batch_file, batch_folder
from liyi.records.operations.deletion import unname
from liyi.records.schema import CohortMember, Person, Recording, now
from liyi.records.store_tables import AuditLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from liyi.records.engine import Records
    from liyi.records.schema import Base

TRASH_DAYS = 7
UPLOAD_DAYS = 30  # after the batch was last worked on; told on the page
_CLOSED = (BatchState.waiting, BatchState.running, BatchState.stopping)


@dataclass(frozen=True)
class DueOfBatches:
    """Batches that must go, and files that were brought and never assessed, by their ids."""

    batches: Sequence[UUID]
    files: Sequence[UUID]

    def __bool__(self) -> bool:
        return bool(self.batches or self.files)


def due(session: Session, at: datetime) -> DueOfBatches:
    """What must go at a moment."""
    gone = select(Batch.id).where(Batch.deleted_at < at - timedelta(days=TRASH_DAYS), Batch.state.not_in(_CLOSED))
    return DueOfBatches(session.scalars(gone.order_by(Batch.id)).all(), [row.id for row in _late(session, at)])


def uploads_until(of_batch: Batch, brought_at: Iterable[datetime]) -> datetime | None:
    """When the first of what was brought to a batch at these moments goes, unless it is assessed; None for nothing."""
    first = min(brought_at, default=None)
    if first is None:
        return None
    return max(first, of_batch.ended_at or first) + timedelta(days=UPLOAD_DAYS)


def purge(records: Records, at: datetime) -> DueOfBatches:
    """Remove what is due, each with its line in the audit trail, and return it.

    Recordings that were to go together with a batch are gone by now.
    """
    places: list[Path] = []
    with records.writing() as session:
        found = _lock_due(session, at)
        for file in session.scalars(select(BatchFile).where(BatchFile.id.in_(found.files))):
            places.append(batch_file(records, file).parent)
            organisation = session.scalar(select(Batch.organisation_id).where(Batch.id == file.batch_id))
            session.add(_line("purge_expired", BatchFile, file.id, organisation))
            session.delete(file)
        for row in session.scalars(select(Batch).where(Batch.id.in_(found.batches))):
            session.add(_line("purge_discarded", Batch, row.id, row.organisation_id))
            _end_judging(session, row)
            _unname(session, row)
            going(batch_folder(records, row.id))
            places.append(batch_folder(records, row.id))
            session.delete(row)
    for place in places:
        shutil.rmtree(place, ignore_errors=True)
    return found


def _lock_due(session: Session, at: datetime) -> DueOfBatches:
    """What must go, of batches that nobody is at: who takes one back or queues it meanwhile waits, or has done so."""
    wanted = due(session, at)
    of_files = select(BatchFile.batch_id).where(BatchFile.id.in_(wanted.files))
    these = select(Batch.id).where(or_(Batch.id.in_(wanted.batches), Batch.id.in_(of_files))).order_by(Batch.id)
    held = set(session.scalars(these.with_for_update(skip_locked=True)))
    found = due(session, at)  # asked again of what is held now
    kept = select(BatchFile.id).where(BatchFile.id.in_(found.files), BatchFile.batch_id.in_(held))
    return DueOfBatches([id for id in found.batches if id in held], session.scalars(kept).all())


def brought_sizes(records: Records) -> list[int]:
    """Sizes in bytes of the files that were brought to batches and are in no recording: a backup leaves them out."""
    with records.reading() as session:
        rows = session.scalars(select(BatchFile)).all()
    found = (batch_file(records, row) for row in rows)
    return [file.stat().st_size for file in found if file.is_file()]


def _late(session: Session, at: datetime) -> Sequence[BatchFile]:
    """Files past their days, of batches that are neither at work nor wait, and that no line has assessed."""
    since = func.coalesce(Batch.ended_at, BatchFile.created_at)
    before = at - timedelta(days=UPLOAD_DAYS)
    made = exists().where(
        BatchLine.batch_id == BatchFile.batch_id, BatchLine.state == LineState.done,
        BatchLine.recording_id == Recording.id,
        or_(Recording.sha256 == BatchFile.sha256, Recording.side_sha256 == BatchFile.sha256),
    )  # fmt: skip
    query: Select[BatchFile] = (
        select(BatchFile)
        .join(Batch, Batch.id == BatchFile.batch_id)
        .where(Batch.state.not_in(_CLOSED), BatchFile.created_at < before, since < before, not_(made))
    )
    return session.scalars(query.order_by(BatchFile.id)).all()


def _end_judging(session: Session, row: Batch) -> None:
    """What the batch gave its evaluator, and whom they asked, to judge ends with it, but for what another batch has."""
    made = select(BatchLine.recording_id).where(BatchLine.batch_id == row.id, BatchLine.recording_id.is_not(None))
    others = (
        select(BatchLine.recording_id)
        .join(Batch, Batch.id == BatchLine.batch_id)
        .where(Batch.owner_id == row.owner_id, Batch.id != row.id, BatchLine.recording_id.is_not(None))
    )
    gone = select(Assignment).where(
        Assignment.by_id == row.owner_id, Assignment.recording_id.in_(made), Assignment.recording_id.not_in(others)
    )
    for each in session.scalars(gone):
        session.add(AuditLine(
            person_id=KEEPER, organisation_id=row.organisation_id, action="unassign", entity=Assignment.__tablename__,
            entity_id=each.id, seen_by=row.organisation_id, about_id=each.evaluator_id,
        ))  # fmt: skip
        session.delete(each)


def _unname(session: Session, row: Batch) -> None:
    """Take the names from people whom this batch's list alone has entered, and of whom nothing is kept any more."""
    of_batch = select(BatchLine.person_id).where(BatchLine.batch_id == row.id, BatchLine.person_id.is_not(None))
    elsewhere = exists().where(BatchLine.person_id == Person.id, BatchLine.batch_id != row.id)
    known = or_(  # entered by an administrator, not by this list
        exists().where(CohortMember.person_id == Person.id),
        exists().where(Consent.person_id == Person.id, Consent.version.not_in((FROM_LIST, BATCH_VERSION))),
    )
    kept = exists().where(Recording.person_id == Person.id)
    listed = exists().where(Consent.person_id == Person.id, Consent.version.in_((FROM_LIST, BATCH_VERSION)))
    query = select(Person).where(
        Person.id.in_(of_batch), Person.account.is_(None), Person.left_at.is_(None), listed, not_(known), not_(kept),
        not_(elsewhere),
    )  # fmt: skip
    for person in session.scalars(query):
        person.left_at = now()
        unname(session, person)
        session.add(_line("delete_person", Person, person.id, row.organisation_id))


def _line(action: str, entity: type[Base], id: UUID, organisation_id: UUID | None) -> AuditLine:
    return AuditLine(person_id=KEEPER, organisation_id=organisation_id, action=action, entity=entity.__tablename__,
                     entity_id=id, seen_by=organisation_id)  # fmt: skip
