"""How far one's own submitted recordings have come with those who judge them, and what is new to read of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func
from sqlalchemy.orm import aliased

from liyi.records.appeal_tables import AppealRow, SeenRow
from liyi.records.batch_tables import Mark
from liyi.records.operations.registry import operation
from liyi.records.review_schema import Review
from liyi.records.schema import Assessment, Comment, Person, Recording, now
from liyi.records.unit_of_work import reading, writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


@dataclass(frozen=True)
class Standing:
    """Where a submitted recording stands.

    ``opened_at``: when somebody else first opened it. ``mark``: the total (0..100) that a person confirmed, if one
    stands. ``open_appeals`` wait for an answer, ``answered`` have one.
    ``said_at``: when somebody else last said something of it; ``unread`` when that was after its owner last read it.
    """

    submitted_at: datetime
    opened_at: datetime | None = None
    reviewed_by: str = ""
    reviewed_at: datetime | None = None
    mark: float | None = None
    mark_by: str = ""
    open_appeals: int = 0
    answered: int = 0
    said_at: datetime | None = None
    unread: bool = False


@operation
def standings(records: Records, viewer: Viewer) -> dict[UUID, Standing]:
    """Of each of one's own submitted recordings, where it stands."""
    with reading(records, viewer) as unit:
        return _standings(unit)


@operation
def note_read(records: Records, viewer: Viewer, recording_id: UUID | str) -> bool:
    """Note that one has read what others said of one's own recording; gives whether there was anything unread."""
    with writing(records, viewer) as unit:
        row = unit.one(Recording, recording_id, Recording.person_id == viewer.person_id)
        found = _standings(unit).get(row.id)
        if found is None or not found.unread:
            return False
        there = unit.session.get(SeenRow, row.id)
        if there is None:
            unit.session.add(SeenRow(recording_id=row.id, at=now()))
        else:
            there.at = now()
        unit.note("read", Recording, row.id, only_for=viewer.person_id)
        return True


def _standings(unit: UnitOfWork) -> dict[UUID, Standing]:
    mine = unit.select(
        Recording, Recording.person_id == unit.viewer.person_id, Recording.submitted_at.is_not(None)
    ).outerjoin(SeenRow, SeenRow.recording_id == Recording.id)
    found: dict[UUID, Standing] = {}
    seen: dict[UUID, datetime] = {}
    own: Iterable[Any] = unit.session.execute(mine.add_columns(SeenRow.at))
    for row, seen_at in own:
        found[row.id] = Standing(row.submitted_at, row.opened_at)
        if seen_at is not None:
            seen[row.id] = seen_at
    for query, fields in (
        (_appeals(unit), ("open_appeals", "answered")),
        (_reviews(unit), ("reviewed_by", "reviewed_at")),  # the last one stands, and so of marks
        (_marks(unit), ("mark", "mark_by")),
    ):
        rows: Iterable[Any] = unit.session.execute(query)
        for id, *values in rows:
            if id in found:
                found[id] = replace(found[id], **dict(zip(fields, values, strict=True)))
    for id, at in _said(unit):
        if id in found and at is not None and (found[id].said_at or at) <= at:
            found[id] = replace(found[id], said_at=at, unread=id not in seen or at > seen[id])
    return found


def _appeals(unit: UnitOfWork) -> Any:
    answered = func.count(AppealRow.answered_at)
    appealed = unit.select(AppealRow, AppealRow.author_id == unit.viewer.person_id).with_only_columns(
        AppealRow.recording_id, func.count() - answered, answered
    )
    return appealed.group_by(AppealRow.recording_id)


def _reviews(unit: UnitOfWork) -> Any:
    sent = unit.select(Review).join(Person, Person.id == Review.author_id)
    return sent.with_only_columns(Review.recording_id, Person.name, Review.created_at).order_by(Review.created_at)


def _marks(unit: UnitOfWork) -> Any:
    """Marks that stand on one's own recordings, oldest first: the last one counts."""
    of = aliased(Assessment)
    standing = unit.select(Mark, Mark.withdrawn_at.is_(None)).join(Person, Person.id == Mark.author_id)
    mine = standing.join(of, of.id == Mark.assessment_id).where(of.person_id == unit.viewer.person_id)
    return mine.with_only_columns(of.recording_id, Mark.total, Person.name).order_by(Mark.created_at, Mark.id)


def _said(unit: UnitOfWork) -> Iterator[Any]:
    """When others last said something, by recording, of each kind."""
    by_others = unit.select(Comment, Comment.author_id != unit.viewer.person_id)
    comments = by_others.with_only_columns(Comment.recording_id, func.max(Comment.created_at))
    answers = unit.select(AppealRow, AppealRow.author_id == unit.viewer.person_id).with_only_columns(
        AppealRow.recording_id, func.max(AppealRow.answered_at)
    )
    reviews = unit.select(Review).with_only_columns(Review.recording_id, func.max(Review.created_at))
    yield from unit.session.execute(comments.group_by(Comment.recording_id))
    yield from unit.session.execute(answers.group_by(AppealRow.recording_id))
    of = aliased(Assessment)
    marked = unit.select(Mark, Mark.author_id != unit.viewer.person_id).join(of, of.id == Mark.assessment_id)
    marks = marked.with_only_columns(of.recording_id, func.max(Mark.created_at))
    yield from unit.session.execute(reviews.group_by(Review.recording_id))
    yield from unit.session.execute(marks.group_by(of.recording_id))
