"""What waits for a reviewer: recordings that need a person first, each with its reasons, then all that is submitted.

A recording of which a blind rating is due tells nothing that the tool has found in it: no total, no reason that comes
of a finding. Nor does it tell whose it is, what it is called or when it came, and stands at a place that was drawn, so
that a gold clip (`liyi.records.operations.gold_mixing`) is not known by its age.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sqlalchemy import String, and_, func, literal, not_, select, type_coerce, union_all

from liyi.records.appeal_tables import AppealRow
from liyi.records.operations.blind import due_and_gold, lot
from liyi.records.operations.registry import operation
from liyi.records.review_schema import Confirmation, Review
from liyi.records.schema import (
    Assessment,
    Cohort,
    CohortMember,
    Comment,
    Kind,
    Person,
    Recording,
    Role,
    State,
    Status,
    VerdictRow,
)
from liyi.records.unit_of_work import MOST, PAGE, reading
from liyi.records.viewer import judges

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import InstrumentedAttribute

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

MOST_LOOKED_AT = 2000  # recordings, the newest: more than a class submits in a course
FEWEST_TOTALS = 3  # of a person beside this one, before one of them can be unusual
UNUSUAL = 2.0  # errors from the person's own median

Progress = Literal["submitted", "in_review", "reviewed"]
Cause = Literal["appeal", "line", "finding", "unusual", "coverage", "no_total", "not_assessed"]
_ORDER: tuple[Cause, ...] = ("appeal", "line", "finding", "unusual", "coverage", "no_total", "not_assessed")


@dataclass(frozen=True)
class Why:
    """Why a recording needs a person.

    ``appeal``: the owner holds something against findings on ``criteria``. ``line``: a red line waits, ``criteria``
    hang on it. ``finding``: ``criteria`` could not be decided. ``unusual``: the total lies far from the person's
    ``usual`` one. ``coverage``: less was assessed than the norm pack asks for. ``no_total``: none for another reason.
    ``not_assessed``: no assessment is there.
    """

    cause: Cause
    criteria: tuple[str, ...] = ()
    usual: float | None = None


@dataclass(frozen=True)
class Waiting:
    """A recording in the queue, with its newest assessment; ``total`` (0..100) and all that was found None while blind.

    So are ``person``, ``name`` and ``submitted_at``. ``by`` names who is at it, or who reviewed it; ``weakest`` is the
    criterion that cost most. It is sorted by ``place``: what needs a person, then what nobody has reviewed, then the
    rest; in each the newest first, behind what is to be rated blind.
    """

    recording_id: UUID
    person: str | None
    name: str | None
    kind: Kind
    submitted_at: datetime | None
    duration_s: float | None
    assessment_id: UUID | None
    pack_id: str
    pack_sha256: str
    profile: str
    total: float | None
    total_error: float | None
    coverage: float | None
    progress: Progress
    by: tuple[str, ...]
    why: tuple[Why, ...]
    weakest: str | None
    blind: bool
    place: tuple[int, int, float]


def _place(why: Sequence[Why], after: float, *, reviewed: bool, blind: bool) -> tuple[int, int, float]:
    group = 0 if why else 2 if reviewed else 1
    return group, min(_ORDER.index(each.cause) for each in why) if why else -1 if blind else len(_ORDER), after


class _Placed(NamedTuple):
    """A recording that was looked at, with what decides on its place; only of those that are shown more is made."""

    place: tuple[int, int, float]
    row: Row[*tuple[Any, ...]]
    why: tuple[Why, ...]
    blind: bool
    for_gold: bool


@operation
def queue(
    records: Records,
    viewer: Viewer,
    *,
    cohort_id: UUID | str | None = None,
    profile: str | None = None,
    since: datetime | None = None,
    weakest: str | None = None,
    size: int = PAGE,
    offset: int = 0,
) -> list[Waiting]:
    """Recordings that the viewer judges, those that need a person first.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    cohort_id
        Only those of its trainees.
    profile, weakest
        Only those of a profile; only those whose weakest criterion this is.
    since
        Only what was submitted from then on; what is to be rated blind in any case, or it would tell its age.
    size, offset
        Which page of it.
    """
    first, most = max(0, offset), max(1, min(size, MOST))
    with reading(records, viewer) as unit:
        appealed = _appealed(unit)
        found = [each for each in _place_all(unit, _looked_at(unit, cohort_id, appealed), appealed)
                 if (profile is None or each.row.profile == profile)
                 and (since is None or each.blind or each.row.submitted_at >= since)]  # fmt: skip
        found.sort(key=lambda each: each.place)
        if weakest is not None:
            dearest = _weakest(unit, found)
            found = [each for each in found if dearest.get(each.row.assessment_id) == weakest]
        return _describe(unit, found[first : first + most])


def _looked_at(
    unit: UnitOfWork, cohort_id: UUID | str | None, appealed: Collection[UUID]
) -> list[Row[*tuple[Any, ...]]]:
    """Of those that the viewer judges, what has an open appeal, however old, and the newest: each found by an index.

    Columns alone, with the newest assessment of each: to make whole rows of thousands takes longer than the database
    does. Who judges much finds enough among the newest of all; who judges little needs a look at all; the answer is the
    same (`UnitOfWork.newest`).
    """
    query = _with_assessment(_judged(unit, cohort_id)).order_by(Recording.submitted_at.desc()).limit(MOST_LOOKED_AT)
    submitted = select(Recording.submitted_at).where(Recording.submitted_at.is_not(None))
    since = unit.session.scalar(submitted.order_by(Recording.submitted_at.desc()).offset(2 * MOST_LOOKED_AT).limit(1))
    newest: Sequence[Row[*tuple[Any, ...]]] = ()
    if since is not None:
        newest = unit.session.execute(query.where(Recording.submitted_at >= since)).all()
    if len(newest) < MOST_LOOKED_AT:
        newest = unit.session.execute(query).all()
    if not (missing := {*appealed} - {row.id for row in newest}):
        return [*newest]
    older = unit.session.execute(query.where(unit.among(Recording.id, missing))).all()
    first = [*older, *(row for row in newest if row.id in appealed)]
    return [*first, *(row for row in newest if row.id not in appealed)][:MOST_LOOKED_AT]


def _judged(unit: UnitOfWork, cohort_id: UUID | str | None) -> ColumnElement[bool]:
    """Recordings that the viewer judges; only those of a cohort's trainees, if told."""
    judged = and_(judges(unit.viewer), Recording.state == State.kept, Recording.submitted_at.is_not(None))
    if cohort_id is None:
        return judged
    group = unit.one(Cohort, cohort_id)
    trainee = CohortMember.cohort_id == group.id, CohortMember.role == Role.trainee
    return and_(judged, Recording.person_id.in_(select(CohortMember.person_id).where(*trainee)))


def _with_assessment(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Recordings with the newest assessment of each, and ``whose`` they are as the database writes it."""
    newest = (
        select(Assessment.id)
        .where(Assessment.recording_id == Recording.id, Assessment.status == Status.done)
        .order_by(Assessment.created_at.desc(), Assessment.id)
        .limit(1)
        .correlate(Recording)
        .scalar_subquery()
    )
    return (
        select(
            Recording.id, type_coerce(Recording.person_id, String).label("whose"), Recording.submitted_at,
            Assessment.id.label("assessment_id"),
            Assessment.pack_id, Assessment.pack_sha256, Assessment.profile, Assessment.total, Assessment.total_error,
            Assessment.coverage, Assessment.coverage_floor,
        )
        .outerjoin(Assessment, Assessment.id == newest)
        .where(condition)
    )  # fmt: skip


def _place_all(
    unit: UnitOfWork, rows: Sequence[Row[*tuple[Any, ...]]], appealed: Mapping[UUID, tuple[Why]]
) -> list[_Placed]:
    waits = waiting_criteria(unit, [row.assessment_id for row in rows if row.assessment_id])
    reviewed = _reviewed(unit, [row.id for row in rows])
    due, asked = due_and_gold(unit, {row.id: row for row in rows if row.assessment_id})
    reviewed -= asked  # it waits for the viewer's rating, and is not told from others
    usual = _usual([row for row in rows if row.id not in due])  # or a median would tell their totals
    found = []
    for row in rows:
        done = row.id in reviewed
        blind = row.id in due
        if blind:  # what an appeal is against would tell of it, too
            why = (Why("appeal"),) if row.id in appealed else ()
        else:
            causes = () if done else _why(row, waits.get(row.assessment_id, {}), usual)
            why = (*appealed.get(row.id, ()), *causes)
        after = lot(row.id, unit.viewer.person_id) if blind else -row.submitted_at.timestamp()
        place = _place(why, after, reviewed=done, blind=blind)
        found.append(_Placed(place, row, why, blind, row.id in asked))
    return found


def _describe(unit: UnitOfWork, found: Sequence[_Placed]) -> list[Waiting]:
    """What is shown of them; of one that is rated blind nothing that the tool has found."""
    query = select(Recording, Person.name).join(Person, Person.id == Recording.person_id)
    rows = unit.session.execute(query.where(unit.among(Recording.id, [each.row.id for each in found])))
    on = {row.Recording.id: (row.Recording, row.name) for row in rows}
    weakest = _weakest(unit, found)
    # One that is to be rated for a gold clip stands as if nobody had reviewed it yet (`_place_all`).
    states = _progress(unit, [each.row.id for each in found if not each.for_gold])
    return [
        _waiting(each, *on[each.row.id], states.get(each.row.id), weakest.get(each.row.assessment_id)) for each in found
    ]


def _waiting(
    each: _Placed, on: Recording, person: str, state: tuple[Progress, tuple[str, ...]] | None, weakest: str | None
) -> Waiting:
    row = each.row
    progress, by = state or ("submitted", ())
    total, error, coverage = (None,) * 3 if each.blind else (row.total, row.total_error, row.coverage)
    return Waiting(
        recording_id=row.id,
        person=None if each.blind else person,
        name=None if each.blind else on.name,
        kind=on.kind,
        submitted_at=None if each.blind else row.submitted_at,
        duration_s=on.duration_s,
        assessment_id=row.assessment_id,
        pack_id=row.pack_id or "",
        pack_sha256=row.pack_sha256 or "",
        profile=row.profile or "",
        total=total,
        total_error=error,
        coverage=coverage,
        progress=progress,
        by=by,
        why=each.why,
        weakest=weakest,
        blind=each.blind,
        place=each.place,
    )


def _weakest(unit: UnitOfWork, found: Sequence[_Placed]) -> dict[UUID, str]:
    """By assessment the criterion that cost most; of what is rated blind there is none."""
    ids = [each.row.assessment_id for each in found if each.row.assessment_id and not each.blind]
    query = select(VerdictRow.assessment_id, VerdictRow.charged, VerdictRow.criterion).where(
        unit.among(VerdictRow.assessment_id, ids), VerdictRow.charged > 0
    )
    dearest: dict[UUID, tuple[float, str]] = {}
    for id, charged, criterion in unit.session.execute(query):
        dearest[id] = max(dearest.get(id, (0.0, "")), (charged, criterion))
    return {id: criterion for id, (_, criterion) in dearest.items()}


def waiting_criteria(unit: UnitOfWork, assessment_ids: Sequence[UUID]) -> dict[UUID, dict[str, list[str]]]:
    """Criteria of each assessment that wait for a person, by what they wait as."""
    waits: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    query = select(VerdictRow.assessment_id, VerdictRow.criterion, VerdictRow.waits).where(
        unit.among(VerdictRow.assessment_id, assessment_ids), VerdictRow.waits.is_not(None), VerdictRow.waits != "hint"
    )
    for id, criterion, waiting in unit.session.execute(query):
        if waiting is not None:
            waits[id][waiting].append(criterion)
    return waits


def _appealed(unit: UnitOfWork) -> dict[UUID, tuple[Why]]:
    """Recordings with appeals that nobody has answered yet, of which there are few, and what they are against.

    Of whomever: nothing of it is told but of recordings that the viewer judges.
    """
    criteria: dict[UUID, list[str]] = defaultdict(list)
    query = select(AppealRow.recording_id, AppealRow.criterion).where(AppealRow.upheld.is_(None))
    for id, criterion in unit.session.execute(query.distinct()):
        criteria[id].append(criterion)
    return {id: (Why("appeal", tuple(sorted(found))),) for id, found in criteria.items()}


def _reviewed(unit: UnitOfWork, recording_ids: Collection[UUID]) -> set[UUID]:
    """Those whose review was sent, and to which nobody has added anything since."""
    sent = select(Review.recording_id, func.max(Review.created_at).label("at")).where(
        unit.among(Review.recording_id, recording_ids)
    )
    last = sent.group_by(Review.recording_id).subquery()
    decided = (
        select(Confirmation.id)
        .join(Assessment, Assessment.id == Confirmation.assessment_id)
        .where(Assessment.recording_id == last.c.recording_id, Confirmation.created_at > last.c.at)
    )
    said = (
        select(Comment.id)
        .join(Recording, Recording.id == Comment.recording_id)
        .where(
            Comment.recording_id == last.c.recording_id, Comment.created_at > last.c.at,
            Comment.author_id != Recording.person_id,
        )
    )  # fmt: skip
    query = select(last.c.recording_id).where(not_(decided.exists()), not_(said.exists()))
    return set(unit.session.scalars(query))


def _progress(unit: UnitOfWork, recording_ids: Sequence[UUID]) -> dict[UUID, tuple[Progress, tuple[str, ...]]]:
    """How far the review of each recording is, and by whom; of what nobody has begun there is nothing."""
    added = union_all(
        _by(unit, "sent", Review, Review.recording_id, recording_ids),
        _by(unit, "decided", Confirmation, Assessment.recording_id, recording_ids).join(
            Assessment, Assessment.id == Confirmation.assessment_id
        ),
        _by(unit, "said", Comment, Comment.recording_id, recording_ids)
        .join(Recording, Recording.id == Comment.recording_id)
        .where(Comment.author_id != Recording.person_id),
    )
    rows = unit.session.execute(added).all()
    sent: dict[UUID, tuple[datetime, str]] = {}
    for _, id, at, name in (row for row in rows if row.what == "sent"):
        sent[id] = max(sent.get(id, (at, name)), (at, name))
    begun: dict[UUID, set[str]] = defaultdict(set)
    for _, id, at, name in (row for row in rows if row.what != "sent"):
        if id not in sent or at > sent[id][0]:
            begun[id].add(name)
    found: dict[UUID, tuple[Progress, tuple[str, ...]]] = {id: ("reviewed", (name,)) for id, (_, name) in sent.items()}
    return found | {id: ("in_review", tuple(sorted(names))) for id, names in begun.items()}


def _by(
    unit: UnitOfWork, what: str, entity: Any, recording_id: InstrumentedAttribute[UUID], recording_ids: Sequence[UUID]
) -> Select[str, UUID, datetime, str]:
    """The last time that each person added to a recording."""
    last: ColumnElement[datetime] = func.max(entity.created_at)
    return (
        select(literal(what).label("what"), recording_id, last, Person.name)
        .select_from(entity)
        .join(Person, Person.id == entity.author_id)
        .where(unit.among(recording_id, recording_ids))
        .group_by(recording_id, Person.id, Person.name)
    )


def _usual(rows: Sequence[Row[*tuple[Any, ...]]]) -> Mapping[UUID, float]:
    """By assessment the median of the person's other totals under the same pack and profile; where they are enough."""
    totals: dict[tuple[str, str, str], dict[UUID, float]] = defaultdict(dict)
    for row in rows:
        if row.total is not None:
            totals[row.whose, row.pack_id, row.profile][row.assessment_id] = row.total
    found: dict[UUID, float] = {}
    for group in totals.values():
        ranked = sorted(group.items(), key=lambda each: each[1])
        if len(ranked) > FEWEST_TOTALS:
            found |= {id: _median_without(ranked, place) for place, (id, _) in enumerate(ranked)}
    return found


def _median_without(ranked: Sequence[tuple[UUID, float]], place: int) -> float:
    """The median of what is left when the one at ``place`` is left out."""
    left = len(ranked) - 1
    low, high = (left - 1) // 2, left // 2
    return (ranked[low + (low >= place)][1] + ranked[high + (high >= place)][1]) / 2


def _why(of: Row[*tuple[Any, ...]], waits: Mapping[str, Sequence[str]], usual: Mapping[UUID, float]) -> tuple[Why, ...]:
    """Why a recording needs a person, but for appeals."""
    if of.assessment_id is None:
        return (Why("not_assessed"),)
    causes: tuple[Cause, ...] = ("line", "finding")
    why = [Why(cause, tuple(sorted(waits[cause]))) for cause in causes if cause in waits]
    middle = usual.get(of.assessment_id)
    if of.total is None:
        under = of.coverage is not None and of.coverage_floor is not None and of.coverage < of.coverage_floor
        why.append(Why("coverage" if under else "no_total"))
    elif middle is not None and of.total_error is not None and abs(of.total - middle) > UNUSUAL * of.total_error:
        why.append(Why("unusual", usual=middle))
    return tuple(why)
