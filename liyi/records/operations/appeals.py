"""Appeals: the owner of a submitted recording disagrees with a finding, and a person answers; both stay.

An appeal overwrites nothing: neither what the tool found nor what a person confirmed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from liyi.core.errors import LiyiError
from liyi.core.moments import day
from liyi.core.trace import Interval
from liyi.core.words import N_
from liyi.records.appeal_tables import AppealRow
from liyi.records.operations.audience import judges_of
from liyi.records.operations.confirmations import enter
from liyi.records.operations.registry import operation
from liyi.records.recording_rules import sent
from liyi.records.review_schema import Confirmation, Decision, Review
from liyi.records.schema import Assessment, Person, Recording, VerdictRow, now
from liyi.records.unit_of_work import PAGE, id_of, not_there, reading, writing
from liyi.records.validation import key_of, stretch_of, text_of
from liyi.records.viewer import judges

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

# Days for an appeal, from when its owner could know the finding. A proposal: as long as Chinese law gives for the
# reconsideration of an administrative act (行政复议法 Art. 20, sixty days from knowing it).
APPEAL_DAYS = 60
MOST_APPEALS = 100  # on one assessment: somebody answers each


@dataclass(frozen=True)
class Appeal:
    """What an owner holds against a finding, and what was answered; names beside ids.

    ``start_s`` and ``end_s`` are the moment, None for the whole criterion. ``upheld`` is None as long as it is open.
    """

    id: UUID
    recording_id: UUID
    assessment_id: UUID
    criterion: str
    start_s: float | None
    end_s: float | None
    sentence: str
    author_id: UUID
    author: str
    created_at: datetime
    upheld: bool | None = None
    answer: str = ""
    answered_by_id: UUID | None = None
    answered_by: str = ""
    answered_at: datetime | None = None
    confirmation_id: UUID | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has answered yet."""
        return self.upheld is None


@operation
def appeal(
    records: Records,
    viewer: Viewer,
    assessment_id: UUID | str,
    criterion: str,
    sentence: str,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
) -> Appeal:
    """Disagree with a finding on one's own submitted recording, in a sentence.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    assessment_id, criterion
        Whose verdict.
    sentence
        What is wrong with it.
    start_s, end_s
        The moment in seconds of the recording; the whole criterion without them.

    Raises
    ------
    LiyiError
        When it is not one's own or not submitted, the same finding was appealed before, or `APPEAL_DAYS` have gone by.
    """
    with writing(records, viewer) as unit:
        parent = unit.one(Assessment, assessment_id, Assessment.person_id == viewer.person_id)
        if unit.session.get(VerdictRow, (parent.id, key_of(criterion))) is None:
            raise not_there()
        on = unit.one(Recording, parent.recording_id, alone=True)  # two at once: the second finds the first
        _need_submitted(on)
        moment = stretch_of(start_s, end_s, on.duration_s)
        _need_in_time(unit, on, parent)
        _need_new(unit, parent, criterion, moment)
        row = AppealRow(
            recording_id=on.id, assessment_id=parent.id, criterion=criterion, author_id=viewer.person_id,
            sentence=text_of(sentence), start_s=moment and moment[0], end_s=moment and moment[1],
        )  # fmt: skip
        unit.add(row, "appeal")
        return _one(unit, row.id)


@operation
def take_back_appeal(records: Records, viewer: Viewer, appeal_id: UUID | str) -> None:
    """Take back one's own appeal, as long as nobody has answered it."""
    with writing(records, viewer) as unit:
        row = unit.one(AppealRow, appeal_id, AppealRow.author_id == viewer.person_id, alone=True)
        if row.upheld is not None:
            raise LiyiError("This appeal was answered: it stays in the report with its answer.")
        unit.remove(row, "take_back_appeal")


@operation
def answer_appeal(
    records: Records,
    viewer: Viewer,
    appeal_id: UUID | str,
    *,
    upheld: bool,
    sentence: str,
    decision: Decision = Decision.rejected,
    new: float | None = None,
) -> Appeal:
    """Answer an appeal of somebody one judges, in a sentence.

    Whoever last decided on the finding answers only where nobody else judges the recording.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    appeal_id
        An open one.
    upheld
        Whether its author is right. Then the finding is decided anew in the same act, beside all that stands.
    sentence
        Why, or why not; also the reason of that decision.
    decision, new
        What it is then: ``rejected``, ``changed`` with the sub-score 0..1 (None for not assessed), or ``confirmed``,
        where the appeal was against another person's decision.

    Raises
    ------
    LiyiError
        When it was answered already, or is for another person to answer.
    """
    with writing(records, viewer) as unit:
        judged = select(Recording.id).where(judges(viewer))
        row = unit.one(AppealRow, appeal_id, AppealRow.recording_id.in_(judged), alone=True)
        if row.upheld is not None:
            raise LiyiError("Somebody else has answered this appeal meanwhile. Load the page again.")
        on = unit.one(Recording, row.recording_id, alone=True)
        _need_other(unit, on, row)
        row.answer = text_of(sentence)
        row.upheld, row.answered_by_id, row.answered_at = bool(upheld), viewer.person_id, now()
        if row.upheld:
            if decision == Decision.added:
                raise LiyiError("An appeal that is upheld rejects, changes or confirms the finding; it adds none.")
            row.confirmation_id = enter(
                unit, row.assessment_id, row.criterion, decision=decision, start_s=row.start_s, end_s=row.end_s,
                new=new, why=row.answer,
            ).id  # fmt: skip
        unit.opened(on)
        unit.note("answer_appeal", AppealRow, row.id)
        unit.session.flush()
        return _one(unit, row.id)


@operation
def appeals(
    records: Records,
    viewer: Viewer,
    *,
    recording_id: UUID | str | None = None,
    open_only: bool = False,
    size: int = PAGE,
    offset: int = 0,
) -> Sequence[Appeal]:
    """Appeals that the viewer sees, the oldest first: all, those on one recording, or those that wait for an answer."""
    with reading(records, viewer) as unit:
        conditions = []
        if recording_id is not None:
            conditions.append(AppealRow.recording_id == id_of(recording_id))
        if open_only:
            conditions.append(AppealRow.upheld.is_(None))
        return found_appeals(unit, *conditions, size=size, offset=offset)


def found_appeals(unit: UnitOfWork, *conditions: ColumnElement[bool], size: int, offset: int) -> list[Appeal]:
    """Appeals that meet the conditions, as far as the viewer sees them, within a look that holds more than this."""
    author, answering = aliased(Person), aliased(Person)
    query = (
        unit.select(AppealRow, *conditions)
        .join(author, author.id == AppealRow.author_id)
        .outerjoin(answering, answering.id == AppealRow.answered_by_id)
        .add_columns(author.name, answering.name)
        .order_by(AppealRow.created_at, AppealRow.id)
    )
    rows: Sequence[Any] = unit.session.execute(unit.limited(query, size=size, offset=offset)).all()
    return [_described(row, by, answered_by or "") for row, by, answered_by in rows]


def _one(unit: UnitOfWork, id: UUID) -> Appeal:
    [found] = found_appeals(unit, AppealRow.id == id, size=1, offset=0)
    return found


def _described(row: AppealRow, author: str, answered_by: str) -> Appeal:
    return Appeal(
        id=row.id, recording_id=row.recording_id, assessment_id=row.assessment_id, criterion=row.criterion,
        start_s=row.start_s, end_s=row.end_s, sentence=row.sentence, author_id=row.author_id, author=author,
        created_at=row.created_at, upheld=row.upheld, answer=row.answer or "", answered_by_id=row.answered_by_id,
        answered_by=answered_by, answered_at=row.answered_at, confirmation_id=row.confirmation_id,
    )  # fmt: skip


def appealable_until(known_at: datetime) -> datetime:
    """Until when a finding can be appealed that its owner could know from ``known_at`` on."""
    return known_at + timedelta(days=APPEAL_DAYS)


def _need_submitted(row: Recording) -> None:
    if row.submitted_at is None:
        raise LiyiError("{name} is private: nobody else has judged it, so there is nothing to appeal.", name=row.name)


def _is_same(row: AppealRow, moment: tuple[float, float] | None) -> bool:
    if moment is None or row.start_s is None or row.end_s is None:
        return moment is None and row.start_s is None
    return Interval(*moment).is_same(Interval(row.start_s, row.end_s))


def _need_other(unit: UnitOfWork, on: Recording, row: AppealRow) -> None:
    """Refuse whoever last decided on the finding, where somebody else can answer: nobody is judge of their own word."""
    same = unit.select(
        Confirmation, Confirmation.assessment_id == row.assessment_id, Confirmation.criterion == row.criterion, sent()
    )
    moment = None if row.start_s is None or row.end_s is None else (row.start_s, row.end_s)
    decided = [each for each in unit.all(same.order_by(Confirmation.created_at)) if _concerns(each, moment)]
    if not decided or decided[-1].author_id != unit.viewer.person_id:
        return
    others = [each.name for each in judges_of(unit, on) if each.person_id != unit.viewer.person_id]
    if others:
        raise LiyiError(
            "You have decided on this finding yourself, so somebody else answers the appeal: {names}.",
            names=", ".join(others),
        )


def _concerns(decided: Confirmation, moment: tuple[float, float] | None) -> bool:
    """Whether a decision is on a moment; one on the whole criterion is on each of its moments."""
    if moment is None or decided.start_s is None or decided.end_s is None:
        return True
    return Interval(*moment).is_same(Interval(decided.start_s, decided.end_s))


def _known_at(unit: UnitOfWork, row: Recording, parent: Assessment) -> datetime:
    """From when on the owner could know the finding: the last that anybody said of it."""
    reviewed = unit.select(Review, Review.recording_id == row.id).with_only_columns(func.max(Review.created_at))
    told = unit.session.scalar(reviewed)
    return max(at for at in (row.submitted_at, parent.created_at, told) if at is not None)


def _need_in_time(unit: UnitOfWork, row: Recording, parent: Assessment) -> None:
    known = _known_at(unit, row, parent)
    if now() > appealable_until(known):
        raise LiyiError(
            N_("This finding is of {day}: an appeal is possible for {days} days. Talk to your trainer."),
            day=day(known), days=APPEAL_DAYS,
        )  # fmt: skip


def _need_new(unit: UnitOfWork, parent: Assessment, criterion: str, moment: tuple[float, float] | None) -> None:
    all_of_it = unit.select(AppealRow, AppealRow.assessment_id == parent.id)
    if unit.count(all_of_it) >= MOST_APPEALS:
        raise LiyiError("There are {most} appeals on this recording already: talk to your trainer about the rest.",
                        most=MOST_APPEALS)  # fmt: skip
    alike = all_of_it.where(AppealRow.criterion == criterion)
    same = [row for row in unit.all(alike.order_by(AppealRow.created_at)) if _is_same(row, moment)]
    if not same:
        return
    if (last := same[-1]).answered_at is None:
        raise LiyiError("You have appealed this finding already: it waits for an answer.")
    raise LiyiError(
        "Your appeal against this finding was answered on {day}: talk to your trainer about what is still open.",
        day=day(last.answered_at),
    )
