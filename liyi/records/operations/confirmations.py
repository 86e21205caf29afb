"""What people decide on findings, beside the tool's verdicts, and that they have finished.

A confirmation is added and never changed; of one criterion and moment the last counts. Who judges a recording sees all
of them at once; its owner sees what stood when the review was sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from liyi.core.errors import LiyiError
from liyi.records.batch_tables import Mark
from liyi.records.operations.registry import operation
from liyi.records.recording_rules import sent
from liyi.records.review_schema import Confirmation, Decision, Review
from liyi.records.schema import Assessment, Recording, VerdictRow
from liyi.records.unit_of_work import id_of, not_there, reading, writing
from liyi.records.validation import key_of, number_of, stretch_of, text_of, word_of
from liyi.records.viewer import judges

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

MOST_DECISIONS = 500  # of one person on one assessment: each moment is held against every other one


@operation
def confirm(
    records: Records,
    viewer: Viewer,
    assessment_id: UUID | str,
    criterion: str,
    *,
    decision: Decision,
    start_s: float | None = None,
    end_s: float | None = None,
    new: float | None = None,
    why: str = "",
) -> Confirmation:
    """Decide on a finding of somebody whom one judges; the tool's verdict stays beside it.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    assessment_id, criterion
        Whose verdict.
    decision
        Every one but ``confirmed`` needs its reason.
    start_s, end_s
        The moment of the recording in seconds; the whole criterion without one. What is ``added`` has one.
    new
        Of ``changed`` alone: the sub-score 0..1; None for not assessed.
    why
        The reason.
    """
    with writing(records, viewer) as unit:
        mine = Confirmation.author_id == viewer.person_id, Confirmation.assessment_id == id_of(assessment_id)
        if unit.count(unit.select(Confirmation, *mine)) >= MOST_DECISIONS:
            raise LiyiError("You have decided {most} times on this recording: take back some of it first, or comment "
                            "instead.", most=MOST_DECISIONS)  # fmt: skip
        return enter(unit, assessment_id, criterion, decision=decision, start_s=start_s, end_s=end_s, new=new, why=why)


def enter(
    unit: UnitOfWork,
    assessment_id: UUID | str,
    criterion: str,
    *,
    decision: Decision,
    start_s: float | None = None,
    end_s: float | None = None,
    new: float | None = None,
    why: str = "",
) -> Confirmation:
    """The same as `confirm` within a change that holds more than this."""
    judged = select(Recording.id).where(judges(unit.viewer))
    parent = unit.one(Assessment, assessment_id, Assessment.recording_id.in_(judged))
    verdict = unit.session.get(VerdictRow, (parent.id, key_of(criterion)))
    if verdict is None:
        raise not_there()
    on = unit.one(Recording, parent.recording_id, alone=True)
    what = word_of(Decision, decision)
    moment = stretch_of(start_s, end_s, on.duration_s)
    if what == Decision.added and moment is None:
        raise LiyiError("Say from when to when it happened: what a person adds has its moment.")
    if new is not None and what != Decision.changed:
        raise LiyiError("Only a changed finding has a new value.")
    row = Confirmation(
        assessment_id=parent.id,
        criterion=verdict.criterion,
        author_id=unit.viewer.person_id,
        decision=what,
        start_s=moment[0] if moment else None,
        end_s=moment[1] if moment else None,
        new=None if new is None else number_of(new, 0, 1),
        why=text_of(why) if what != Decision.confirmed or why.strip() else "",
    )
    unit.opened(on)
    return unit.add(row, "confirm")


@operation
def confirmations(records: Records, viewer: Viewer, assessment_id: UUID | str) -> Sequence[Confirmation]:
    """What was decided on an assessment, oldest first: of one criterion and moment the last counts."""
    with reading(records, viewer) as unit:
        query = unit.select(Confirmation, Confirmation.assessment_id == id_of(assessment_id))
        return unit.all(query.order_by(Confirmation.created_at, Confirmation.id))


@operation
def take_back_confirmation(records: Records, viewer: Viewer, confirmation_id: UUID | str) -> None:
    """Take back a decision of one's own that was not sent yet; after that one decides otherwise, and both stay."""
    with writing(records, viewer) as unit:
        row = unit.one(Confirmation, confirmation_id, Confirmation.author_id == viewer.person_id)
        parent = unit.one(Assessment, row.assessment_id)
        unit.one(Recording, parent.recording_id, alone=True)  # so that it is not sent meanwhile
        if _is_sent(unit, row):
            raise LiyiError("This was sent already: decide otherwise instead; both stay to be seen.")
        rests = exists().where(Mark.assessment_id == parent.id, Mark.withdrawn_at.is_(None),
                               Mark.created_at >= row.created_at)  # fmt: skip
        if unit.holds(rests):
            raise LiyiError("A confirmed mark rests on this: withdraw the mark first, or decide otherwise.")
        unit.remove(row, "take_back_confirmation")


take_back = take_back_confirmation  # as pages call it; among all operations another one has the short name


@operation
def send_review(records: Records, viewer: Viewer, recording_id: UUID | str) -> Review:
    """Say that one has finished reviewing a recording: its owner sees from now on what one has decided."""
    with writing(records, viewer) as unit:
        on = unit.one(Recording, recording_id, judges(viewer), alone=True)
        unit.opened(on)
        return unit.add(Review(recording_id=on.id, author_id=viewer.person_id), "send_review")


@operation
def reviews(records: Records, viewer: Viewer, recording_id: UUID | str) -> Sequence[Review]:
    """Reviews of a recording that were sent, oldest first."""
    with reading(records, viewer) as unit:
        query = unit.select(Review, Review.recording_id == id_of(recording_id))
        return unit.all(query.order_by(Review.created_at, Review.id))


def _is_sent(unit: UnitOfWork, row: Confirmation) -> bool:
    """Whether its author has sent a review since, or it came of the answer to an appeal."""
    return unit.session.scalar(select(Confirmation.id).where(Confirmation.id == row.id, sent())) is not None
