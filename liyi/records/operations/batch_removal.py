"""Batches that go: into the trash and out of it, and those that their evaluator can see no more.

What is in the trash is seen by nobody, and gone for good after some days (`liyi.records.batch_retention`). A batch
whose evaluator has left or lost the role is given to another one, or thrown away, by an administrator, who is told
whose it was and when it was begun, and nothing of what is in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from liyi.core.errors import LiyiError
from liyi.records.access_tables import Assignment
from liyi.records.batch_tables import Batch, BatchLine, BatchState, Mark, Purpose
from liyi.records.operations.access import colleague
from liyi.records.operations.batches import AT_WORK, draft_of
from liyi.records.operations.registry import operation
from liyi.records.rules import left_batch, owns_batch
from liyi.records.schema import Kind, Person, Recording, Role, now
from liyi.records.unit_of_work import id_of, not_there, reading, writing
from liyi.records.viewer import Viewer, consent_stands, judges

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class LeftBatch:
    """A batch that its evaluator can see no more, as administrators are told of it."""

    id: UUID
    evaluator: str
    purpose: Purpose
    begun_at: datetime


@operation
def discard_batch(
    records: Records, viewer: Viewer, batch_id: UUID | str, *, with_recordings: bool = False
) -> Batch:  # fmt: skip
    """Put one's own batch into the trash: its list, what was brought to it, and its log.

    Parameters
    ----------
    records, viewer, batch_id
        The store, on whose behalf, and which batch.
    with_recordings
        Whether the recordings that were made of it go too, and, once they are gone for good, the names of people who
        have no other. Those of people with an account stay: they are theirs.

    Raises
    ------
    LiyiError
        When it is at work, or a mark stands on one of the recordings that were to go.
    """
    with writing(records, viewer) as unit:
        row = draft_of(unit, batch_id)
        row.deleted_at = at = now()
        if with_recordings:
            for recording in _removable(unit, row):
                recording.deleted_at = at
                unit.note("discard", Recording, recording.id)
        unit.note("discard_batch", Batch, row.id)
        return row


@operation
def discarded_batches(records: Records, viewer: Viewer) -> Sequence[Batch]:
    """One's own batches in the trash, last discarded first."""
    with reading(records, viewer) as unit:
        mine = select(Batch).where(owns_batch(viewer), Batch.deleted_at.is_not(None))
        return unit.all(mine.order_by(Batch.deleted_at.desc(), Batch.id))


@operation
def take_back_batch(records: Records, viewer: Viewer, batch_id: UUID | str) -> Batch:
    """Take a batch out of the trash, with the recordings that were put there together with it.

    Its evaluator does; where that one can see it no more, who administers them.
    """
    with writing(records, viewer) as unit:
        whose = or_(owns_batch(viewer), left_batch(viewer))
        query = select(Batch).where(whose, Batch.deleted_at.is_not(None), Batch.id == id_of(batch_id))
        row = unit.session.scalars(query.with_for_update(of=Batch)).first()
        if row is None:
            raise not_there()
        together = select(Recording).where(Recording.id.in_(_made_of(row)), Recording.deleted_at == row.deleted_at)
        for recording in unit.all(together):
            recording.deleted_at = None
            unit.note("take_back", Recording, recording.id)
        row.deleted_at = None
        unit.note("take_back_batch", Batch, row.id)
        return row


@operation
def left_batches(records: Records, viewer: Viewer) -> list[LeftBatch]:
    """Batches whose evaluator has left or lost the role, among people whom the viewer administers, oldest first."""
    with reading(records, viewer) as unit:
        query = select(Batch, Person.name).join(Person, Person.id == Batch.owner_id).where(
            left_batch(viewer), Batch.deleted_at.is_(None)
        )  # fmt: skip
        rows: Iterable[Any] = unit.session.execute(query.order_by(Batch.created_at, Batch.id))
        return [LeftBatch(row.id, name, row.purpose, row.created_at) for row, name in rows]


@operation
def hand_over_batch(records: Records, viewer: Viewer, batch_id: UUID | str, evaluator_id: UUID | str) -> None:
    """Give a batch whose evaluator has left or lost the role to another evaluator, with what was judged by it.

    Nobody hands it to themselves. Whose recordings are in it agreed to be assessed by the organisation, and are seen by
    one evaluator as before.

    Raises
    ------
    LiyiError
        When it is not there for this viewer, is at work, or the evaluator judges in another department.
    """
    with writing(records, viewer) as unit:
        row = _left(unit, batch_id)
        evaluator = colleague(unit, evaluator_id, Role.evaluator)
        given = select(Assignment).where(Assignment.recording_id.in_(_made_of(row)))
        before = unit.all(given.where(Assignment.by_id == row.owner_id))
        there = set(unit.session.scalars(
            given.where(Assignment.evaluator_id == evaluator).with_only_columns(Assignment.recording_id)
        ))  # fmt: skip
        own = [each for each in before if each.evaluator_id == row.owner_id]
        for each in before:
            each.by_id = evaluator
        for each in own:
            if each.recording_id in there:
                unit.session.delete(each)
            else:
                each.evaluator_id = evaluator
        made = set(unit.session.scalars(select(Recording.id).where(
            Recording.id.in_(_made_of(row)), Recording.person_id != evaluator, Recording.deleted_at.is_(None)
        )))  # fmt: skip
        moved = {each.recording_id for each in own}
        for id in made - there - moved:  # of an evaluator of whom nothing is kept any more
            unit.session.add(Assignment(evaluator_id=evaluator, by_id=evaluator, recording_id=id))
        row.owner_id = evaluator
        unit.session.flush()
        successor = Viewer(evaluator, viewer.organisation_id)
        if not unit.holds(select(Batch.id).where(Batch.id == row.id, owns_batch(successor)).exists()) or not _judged(
            unit, successor, made
        ):
            raise LiyiError("This person evaluates in another department than that of the recordings: choose somebody "
                            "who evaluates in theirs.")  # fmt: skip
        unit.note("hand_over_batch", Batch, row.id, about_id=evaluator)


@operation
def discard_left_batch(records: Records, viewer: Viewer, batch_id: UUID | str) -> None:
    """Put a batch whose evaluator has left or lost the role into the trash, unseen; what was made of it stays."""
    with writing(records, viewer) as unit:
        row = _left(unit, batch_id)
        row.deleted_at = now()
        if row.state is BatchState.waiting:
            row.state = BatchState.stopped
        unit.note("discard_batch", Batch, row.id)


def _left(unit: UnitOfWork, batch_id: UUID | str) -> Batch:
    """A batch whose evaluator has left or lost the role, kept from other writers."""
    query = select(Batch).where(left_batch(unit.viewer), Batch.deleted_at.is_(None), Batch.id == id_of(batch_id))
    row = unit.session.scalars(query.with_for_update(of=Batch)).first()
    if row is None:
        raise not_there()
    if row.state in AT_WORK:
        raise LiyiError("This batch is being assessed still: it ends by itself with its next recording.")
    return row


def _judged(unit: UnitOfWork, viewer: Viewer, recording_ids: set[UUID]) -> bool:
    """Whether somebody judges these recordings, but for their own, and those that nobody is shown."""
    others = (Recording.id.in_(recording_ids), Recording.person_id != viewer.person_id, Recording.deleted_at.is_(None),
              consent_stands())  # fmt: skip
    query = select(func.count()).select_from(Recording).where(*others)
    return unit.session.scalar(query) == unit.session.scalar(query.where(judges(viewer)))


def _made_of(batch: Batch) -> Any:
    """Ids of the recordings that were made of a batch."""
    return select(BatchLine.recording_id).where(BatchLine.batch_id == batch.id, BatchLine.recording_id.is_not(None))


def _removable(unit: UnitOfWork, batch: Batch) -> Sequence[Recording]:
    """The recordings of a batch whose people have no account."""
    theirs = (
        unit.select(Recording, Recording.id.in_(_made_of(batch)), Recording.kind == Kind.batch)
        .join(Person, Person.id == Recording.person_id)
        .where(Person.account.is_(None), Person.id != unit.viewer.person_id)
    )
    marked = select(func.count(Mark.id)).where(
        Mark.assessment_id.in_(select(BatchLine.assessment_id).where(BatchLine.batch_id == batch.id)),
        Mark.withdrawn_at.is_(None),
    )
    if count := unit.session.scalar(marked):
        raise LiyiError("{count} marks of this batch are confirmed: withdraw them first, or leave the recordings.",
                        count=count)  # fmt: skip
    return unit.all(theirs)
