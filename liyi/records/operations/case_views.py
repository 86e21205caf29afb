"""Cases as they are read: listed, opened, watched, discussed; what members are told names nobody but the trainer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from liyi.core.errors import LiyiError
from liyi.records import vault
from liyi.records.case_rules import answers_for_case, ends_case, owns_case, watches_case
from liyi.records.case_tables import CaseComment, CaseForm, CasePurpose, CaseRow
from liyi.records.operations.registry import operation
from liyi.records.schema import Cohort, CohortMember, Person, Recording, Role, State, now
from liyi.records.unit_of_work import PAGE, id_of, reading, writing
from liyi.records.validation import text_of
from liyi.records.viewer import cohorts_trained, judges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

MOST_COMMENTS = 300  # of one case: a discussion that is read


class CaseState(StrEnum):
    """Where a case stands."""

    asked = "asked"  # its owner has not answered
    making = "making"  # its owner has agreed, and the server makes what is shown
    failed = "failed"  # that could not be made
    offered = "offered"  # its owner offers it, and no trainer has answered
    shown = "shown"
    declined = "declined"
    withdrawn = "withdrawn"
    over = "over"  # its last day has passed, or its recording may not be shown any more


@dataclass(frozen=True)
class Case:
    """A case as far as the viewer may know it.

    ``mine``: it is of the viewer's own recording, and ``failed`` says why its clip could not be made; ``answers``: the
    viewer stands for it, or may take it up, as a trainer; ``ends``: the viewer may end it as a trainer. To members who
    are none of these, ``owner`` and ``recording_id`` say nothing: who is shown is not named.
    """

    id: UUID
    state: CaseState
    purpose: CasePurpose
    form: CaseForm
    pack_id: str
    criterion: str
    title: str
    look_at: str
    question: str
    cohort: str
    until: datetime
    created_at: datetime
    length_s: float
    trainer: str
    mine: bool
    answers: bool
    ends: bool
    comments: int
    captions: tuple[Mapping[str, Any], ...] = ()
    owner: str = ""
    recording_id: UUID | None = None
    start_s: float = 0.0
    failed: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Clip:
    """The one file that a case shows, and what it is."""

    path: Path
    form: CaseForm


@dataclass(frozen=True)
class Said:
    """A comment on a case with its author's name; ``removable`` by the viewer."""

    id: UUID
    text: str
    author: str
    author_id: UUID
    created_at: datetime
    removable: bool


@dataclass(frozen=True)
class Watchers:
    """Whom a case is shown to: how many trainees of the cohort, and its trainers by name; those too who join it."""

    cohort: str
    trainees: int
    trainers: tuple[str, ...]


@operation
def cases(
    records: Records, viewer: Viewer, *, recording_id: UUID | str | None = None, size: int = PAGE, offset: int = 0
) -> list[Case]:
    """Cases that the viewer may know of, newest first: all, or those of one recording."""
    with reading(records, viewer) as unit:
        conditions = [] if recording_id is None else [
            CaseRow.recording_id == id_of(recording_id), or_(owns_case(viewer), answers_for_case(viewer))
        ]  # fmt: skip
        return _list_cases(unit, *conditions, size=size, offset=offset)


@operation
def one_case(records: Records, viewer: Viewer, case_id: UUID | str) -> Case:
    """One case."""
    with reading(records, viewer) as unit:
        row = unit.one(CaseRow, case_id)
        return _list_cases(unit, CaseRow.id == row.id, size=1, offset=0)[0]


@operation
def watch_case(records: Records, viewer: Viewer, case_id: UUID | str, *, noted: bool = False) -> Clip:
    """The file of a case that is shown to the viewer; who watches somebody else's leaves a line in the audit trail.

    ``noted``: that line was written when the case was opened.
    """
    with reading(records, viewer) as unit:
        row = unit.one(CaseRow, case_id, watches_case(viewer))
        own = unit.count(unit.select(CaseRow, CaseRow.id == row.id, owns_case(viewer)))
    if not (own or noted):
        with writing(records, viewer) as unit:
            row = unit.one(CaseRow, case_id, watches_case(viewer))
            unit.note("watch_case", CaseRow, row.id)
    assert row.sha256 is not None
    return Clip(vault.path_of(records, row.sha256), row.form)


@operation
def case_watchers(records: Records, viewer: Viewer, case_id: UUID | str) -> Watchers:
    """To whom a case is or would be shown; for the owner of its recording and the trainer who stands for it."""
    with reading(records, viewer) as unit:
        row = unit.one(CaseRow, case_id, or_(owns_case(viewer), answers_for_case(viewer)))
        return _watchers(unit, row.cohort_id)


@operation
def case_cohorts(records: Records, viewer: Viewer, recording_id: UUID | str) -> dict[UUID, Watchers]:
    """Cohorts to which a case of this recording can be shown: those that one trains, or attends with one's own."""
    with reading(records, viewer) as unit:
        mine = and_(Recording.person_id == viewer.person_id, Recording.submitted_at.is_not(None))
        row = unit.one(Recording, recording_id, Recording.state == State.kept, or_(mine, judges(viewer)))
        ids = cohorts_trained(viewer) if row.person_id != viewer.person_id else select(CohortMember.cohort_id).where(
            CohortMember.person_id == viewer.person_id, CohortMember.role == Role.trainee)  # fmt: skip
        groups = unit.all(unit.select(Cohort, Cohort.id.in_(ids)).order_by(Cohort.name, Cohort.id))
        return {each.id: _watchers(unit, each.id) for each in groups}


@operation
def comment_on_case(records: Records, viewer: Viewer, case_id: UUID | str, text: str) -> CaseComment:
    """Say something to a case that one is shown."""
    with writing(records, viewer) as unit:
        on = unit.one(CaseRow, case_id, watches_case(viewer), CaseRow.accepted_at.is_not(None), alone=True)
        if unit.count(unit.select(CaseComment, CaseComment.case_id == on.id)) >= MOST_COMMENTS:
            raise LiyiError("There are {most} comments on this case already.", most=MOST_COMMENTS)
        return unit.add(CaseComment(case_id=on.id, author_id=viewer.person_id, text=text_of(text)), "comment_on_case")


@operation
def remove_case_comment(records: Records, viewer: Viewer, comment_id: UUID | str) -> None:
    """Take back a comment of one's own, or as a trainer of the cohort remove any."""
    with writing(records, viewer) as unit:
        unit.remove(unit.one(CaseComment, comment_id, _removable(viewer)), "remove_case_comment")


@operation
def case_comments(records: Records, viewer: Viewer, case_id: UUID | str) -> list[Said]:
    """What was said of a case, oldest first."""
    with reading(records, viewer) as unit:
        query = unit.select(CaseComment, CaseComment.case_id == id_of(case_id))
        named = query.join(Person, Person.id == CaseComment.author_id).add_columns(Person.name, _removable(viewer))
        rows: Iterable[Any] = unit.session.execute(named.order_by(CaseComment.created_at, CaseComment.id)).all()
        return [
            Said(row.id, row.text, author, row.author_id, row.created_at, bool(removable))
            for row, author, removable in rows
        ]


def _removable(viewer: Viewer) -> Any:
    trained = select(CaseRow.id).where(CaseRow.cohort_id.in_(cohorts_trained(viewer)))
    return or_(CaseComment.author_id == viewer.person_id, CaseComment.case_id.in_(trained))


def _list_cases(unit: UnitOfWork, *conditions: Any, size: int, offset: int) -> list[Case]:
    """Cases that meet the conditions, as far as the viewer may know them, newest first."""
    who = unit.viewer
    trainer, owner, of = aliased(Person), aliased(Person), aliased(Recording)
    said = select(func.count()).where(CaseComment.case_id == CaseRow.id).scalar_subquery()
    flags = (case((condition, 1), else_=0) for condition in
             (owns_case(who), answers_for_case(who), ends_case(who), watches_case(who)))  # fmt: skip
    query = (
        unit.select(CaseRow, *conditions)
        .join(Cohort, Cohort.id == CaseRow.cohort_id)
        .join(of, of.id == CaseRow.recording_id)
        .join(owner, owner.id == of.person_id)
        .outerjoin(trainer, trainer.id == CaseRow.trainer_id)
        .add_columns(Cohort.name, owner.name, trainer.name, said, *flags)
        .order_by(CaseRow.created_at.desc(), CaseRow.id)
    )
    rows: Sequence[Any] = unit.session.execute(unit.limited(query, size=size, offset=offset)).all()
    return [_described(*each) for each in rows]


def _described(
    row: CaseRow, cohort: str, owner: str, trainer: str | None, said: int, mine: int, answers: int, ends: int,
    watches: int,
) -> Case:  # fmt: skip
    known = bool(mine or answers)
    return Case(
        id=row.id, state=_state(row, watches=bool(watches)), purpose=row.purpose, form=row.form, pack_id=row.pack_id,
        criterion=row.criterion, title=row.title, look_at=row.look_at, question=row.question or "", cohort=cohort,
        until=row.until, created_at=row.created_at, length_s=row.end_s - row.start_s, trainer=trainer or "",
        mine=bool(mine), answers=bool(answers), ends=bool(ends), comments=said, captions=tuple(row.captions),
        owner=owner if known else "", recording_id=row.recording_id if known else None,
        start_s=row.start_s if known else 0.0, failed=row.failed if mine else None,
    )  # fmt: skip


def _state(row: CaseRow, *, watches: bool) -> CaseState:
    if row.declined_at is not None:
        return CaseState.declined
    if row.withdrawn_at is not None:
        return CaseState.withdrawn
    if row.until <= now():
        return CaseState.over
    if row.agreed_at is None:
        return CaseState.asked
    if row.sha256 is None:
        return CaseState.failed if row.failed else CaseState.making
    if not watches:
        return CaseState.over
    return CaseState.offered if row.accepted_at is None else CaseState.shown


def _watchers(unit: UnitOfWork, cohort_id: UUID) -> Watchers:
    members = select(CohortMember.role, Person.name).join(Person, Person.id == CohortMember.person_id).where(
        CohortMember.cohort_id == cohort_id, Person.left_at.is_(None)
    ).order_by(Person.name, Person.id)  # fmt: skip
    rows = unit.session.execute(members).all()
    name = unit.session.scalar(select(Cohort.name).where(Cohort.id == cohort_id)) or ""
    trainers = tuple(who for role, who in rows if role == Role.trainer)
    return Watchers(name, sum(role == Role.trainee for role, _ in rows), trainers)
