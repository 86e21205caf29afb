"""All that people said of a recording, as its report shows it: comments, decisions that were sent, appeals, a mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liyi.records.appeal_tables import AppealRow
from liyi.records.operations.appeals import Appeal, found_appeals
from liyi.records.operations.batch_marks import MarkTold, marks_of, standing_mark
from liyi.records.operations.feedback import Remark, found_comments
from liyi.records.operations.registry import operation
from liyi.records.recording_rules import sent
from liyi.records.review_schema import Confirmation, Decision, Review
from liyi.records.schema import Assessment, Person, Recording
from liyi.records.unit_of_work import MOST, reading

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer


@dataclass(frozen=True)
class Decided:
    """A decision on a finding with the name of who made it; the rest as `Confirmation` keeps it."""

    criterion: str
    decision: Decision
    start_s: float | None
    end_s: float | None
    new: float | None
    why: str
    author: str
    created_at: datetime


@dataclass(frozen=True)
class Remarks:
    """Comments in the recording's time, all else oldest first; ``mark`` where one stands.

    ``reviews``: who sent each, and when.
    """

    comments: tuple[Remark, ...] = ()
    decisions: tuple[Decided, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    reviews: tuple[tuple[str, datetime], ...] = ()
    mark: MarkTold | None = None

    def __bool__(self) -> bool:
        """Whether anybody has said anything."""
        return bool(self.comments or self.decisions or self.appeals or self.reviews or self.mark)


@operation
def remarks(records: Records, viewer: Viewer, assessment_id: UUID | str) -> Remarks:
    """What people said of an assessment and its recording; of decisions those that were sent."""
    with reading(records, viewer) as unit:
        parent = unit.one(Assessment, assessment_id)
        row = unit.one(Recording, parent.recording_id)
        mine = unit.select(Confirmation, Confirmation.assessment_id == parent.id, sent())
        decided = mine.join(Person, Person.id == Confirmation.author_id).add_columns(Person.name)
        reviewed = unit.select(Review, Review.recording_id == row.id).join(Person, Person.id == Review.author_id)
        rows: Iterable[Any] = unit.session.execute(decided.order_by(Confirmation.created_at, Confirmation.id))
        reviews: Iterable[Any] = unit.session.execute(
            reviewed.with_only_columns(Person.name, Review.created_at).order_by(Review.created_at, Review.id)
        )
        return Remarks(
            comments=tuple(found_comments(unit, row.id)),
            decisions=tuple(_decided(each, name) for each, name in rows),
            appeals=tuple(found_appeals(unit, AppealRow.assessment_id == parent.id, size=MOST, offset=0)),
            reviews=tuple((name, at) for name, at in reviews),
            mark=standing_mark(marks_of(unit, [parent.id]).get(parent.id, ())),
        )


def _decided(row: Confirmation, author: str) -> Decided:
    return Decided(row.criterion, row.decision, row.start_s, row.end_s, row.new, row.why, author, row.created_at)
