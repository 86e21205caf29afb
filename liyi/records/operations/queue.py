"""What waits for a reviewer: recordings that need a person first, each with its reasons, then all that is submitted.

A recording of which a blind rating is due tells nothing that the tool has found in it: no total, no reason that comes
of a finding, and it stands where it would stand without them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import defer

from liyi.records.appeal_tables import AppealRow
from liyi.records.operations.blind import rating_due
from liyi.records.operations.gold_mixing import asked_for_gold
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
    now,
)
from liyi.records.unit_of_work import MOST, PAGE, reading
from liyi.records.viewer import judges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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

    ``by`` names who is at it, or who reviewed it; ``weakest`` is the criterion that cost most. ``asked_at``: since when
    it waits, where that is not since it was submitted.
    """

    recording_id: UUID
    person_id: UUID
    person: str
    name: str
    kind: Kind
    submitted_at: datetime
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
    asked_at: datetime | None = None

    @property
    def place(self) -> tuple[int, int, float]:
        """By which it is sorted: what needs a person, then what nobody has reviewed, then the rest; newest first."""
        first = min((_ORDER.index(each.cause) for each in self.why), default=len(_ORDER))
        rank = 0 if self.why else 2 if self.progress == "reviewed" else 1
        return rank, first, -(self.asked_at or self.submitted_at).timestamp()


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
        Only what was submitted from then on.
    size, offset
        Which page of it.
    """
    first, most = max(0, offset), max(1, min(size, MOST))
    with reading(records, viewer) as unit:
        found = _assembled(unit, unit.session.execute(_looked_at(unit, cohort_id)).all())
        found = [each for each in found if (profile is None or each.profile == profile)
                 and (since is None or each.submitted_at >= since)]  # fmt: skip
        found.sort(key=lambda each: each.place)
        if weakest is not None:
            found = [each for each in _with_weakest(unit, found) if each.weakest == weakest]
        return _with_weakest(unit, found[first : first + most])


def _looked_at(unit: UnitOfWork, cohort_id: UUID | str | None) -> Select[Recording, str, Assessment]:
    """The newest recordings that the viewer judges, with whose they are and the newest assessment of each."""
    judged = select(Recording.id).where(
        judges(unit.viewer), Recording.state == State.kept, Recording.submitted_at.is_not(None)
    )
    if cohort_id is not None:
        group = unit.one(Cohort, cohort_id)
        trainee = CohortMember.cohort_id == group.id, CohortMember.role == Role.trainee
        judged = judged.where(Recording.person_id.in_(select(CohortMember.person_id).where(*trainee)))
    appealed = exists().where(AppealRow.recording_id == Recording.id, AppealRow.upheld.is_(None))
    ordered = judged.order_by(appealed.desc(), Recording.submitted_at.desc(), Recording.id)  # appeals, however old
    among = ordered.limit(MOST_LOOKED_AT).subquery()
    newest = (
        select(Assessment.id)
        .where(Assessment.recording_id == among.c.id, Assessment.status == Status.done)
        .order_by(Assessment.created_at.desc(), Assessment.id)
        .limit(1)
        .correlate(among)
        .scalar_subquery()
    )
    return (
        select(Recording, Person.name.label("person"), Assessment)
        .join(among, among.c.id == Recording.id)
        .join(Person, Person.id == Recording.person_id)
        .outerjoin(Assessment, Assessment.id == newest)
        .options(defer(Assessment.models), defer(Assessment.options))
    )


def _assembled(unit: UnitOfWork, rows: Sequence[Row[Recording, str, Assessment]]) -> list[Waiting]:
    kept = [row.Recording.id for row in rows]
    judged = [row.Assessment.id for row in rows if row.Assessment is not None]
    waits = waiting_criteria(unit, judged)
    appealed = _appealed(unit, kept)
    progress = _progress(unit, kept)
    due = rating_due(unit, {row.Recording.id: row.Assessment for row in rows if row.Assessment is not None})
    asked = asked_for_gold(unit, due)
    for id in asked:  # as if nobody had reviewed it yet: it waits for the viewer's rating, and is not told from others
        progress.pop(id, None)
    usual = _usual([row for row in rows if row.Recording.id not in due])  # or a median would tell their totals
    found = []
    for row in rows:
        on, of = row.Recording, row.Assessment
        state, by = progress.get(on.id, ("submitted", ()))
        blind = on.id in due
        each = Waiting(
            recording_id=on.id,
            person_id=on.person_id,
            person=row.person,
            name=on.name,
            kind=on.kind,
            submitted_at=on.submitted_at,
            duration_s=on.duration_s,
            assessment_id=of.id if of else None,
            pack_id=of.pack_id if of else "",
            pack_sha256=of.pack_sha256 if of else "",
            profile=of.profile if of else "",
            total=of.total if of else None,
            total_error=of.total_error if of else None,
            coverage=of.coverage if of else None,
            progress=state,
            by=by,
            why=(
                *appealed.get(on.id, ()),
                *(() if state == "reviewed" else _why(of, waits.get(of.id, {}) if of else {}, usual)),
            ),
            weakest=None,
            blind=blind,
            asked_at=now() if on.id in asked else None,
        )
        found.append(_hidden(each) if blind else each)
    return found


def _hidden(each: Waiting) -> Waiting:
    """Without anything that the tool has found; what an appeal is against would tell of it, too."""
    why = tuple(Why("appeal") for one in each.why if one.cause == "appeal")
    return replace(each, total=None, total_error=None, coverage=None, weakest=None, why=why)


def _with_weakest(unit: UnitOfWork, found: Sequence[Waiting]) -> list[Waiting]:
    """With the criterion of each that cost most; of what is rated blind there is none."""
    ids = [each.assessment_id for each in found if not each.blind]
    query = select(VerdictRow.assessment_id, VerdictRow.charged, VerdictRow.criterion).where(
        VerdictRow.assessment_id.in_(ids), VerdictRow.charged > 0
    )
    dearest: dict[UUID | None, tuple[float, str]] = {}
    for id, charged, criterion in unit.session.execute(query):
        dearest[id] = max(dearest.get(id, (0.0, "")), (charged, criterion))
    return [replace(each, weakest=dearest.get(each.assessment_id, (0.0, None))[1]) for each in found]


def waiting_criteria(unit: UnitOfWork, assessment_ids: Sequence[UUID]) -> dict[UUID, dict[str, list[str]]]:
    """Criteria of each assessment that wait for a person, by what they wait as."""
    waits: dict[UUID, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    query = select(VerdictRow.assessment_id, VerdictRow.criterion, VerdictRow.waits).where(
        VerdictRow.assessment_id.in_(assessment_ids), VerdictRow.waits.in_(("line", "finding"))
    )
    for id, criterion, waiting in unit.session.execute(query):
        if waiting is not None:
            waits[id][waiting].append(criterion)
    return waits


def _appealed(unit: UnitOfWork, recording_ids: Sequence[UUID]) -> dict[UUID, tuple[Why]]:
    """Recordings with appeals that nobody has answered yet, and the criteria that they are against."""
    criteria: dict[UUID, list[str]] = defaultdict(list)
    query = select(AppealRow.recording_id, AppealRow.criterion).where(
        AppealRow.recording_id.in_(recording_ids), AppealRow.upheld.is_(None)
    )
    for id, criterion in unit.session.execute(query.distinct()):
        criteria[id].append(criterion)
    return {id: (Why("appeal", tuple(sorted(found))),) for id, found in criteria.items()}


def _progress(unit: UnitOfWork, recording_ids: Sequence[UUID]) -> dict[UUID, tuple[Progress, tuple[str, ...]]]:
    """How far the review of each recording is, and by whom; of what nobody has begun there is nothing."""
    sent: dict[UUID, tuple[datetime, str]] = {}
    for id, at, name in unit.session.execute(_by(Review, Review.recording_id, recording_ids)):
        sent[id] = max(sent.get(id, (at, name)), (at, name))
    begun: dict[UUID, set[str]] = defaultdict(set)
    decided = _by(Confirmation, Assessment.recording_id, recording_ids).join(
        Assessment, Assessment.id == Confirmation.assessment_id
    )
    said = (
        _by(Comment, Comment.recording_id, recording_ids)
        .join(Recording, Recording.id == Comment.recording_id)
        .where(Comment.author_id != Recording.person_id)
    )
    for id, at, name in (*unit.session.execute(decided), *unit.session.execute(said)):
        if id not in sent or at > sent[id][0]:
            begun[id].add(name)
    found: dict[UUID, tuple[Progress, tuple[str, ...]]] = {id: ("reviewed", (name,)) for id, (_, name) in sent.items()}
    return found | {id: ("in_review", tuple(sorted(names))) for id, names in begun.items()}


def _by(
    entity: Any, recording_id: InstrumentedAttribute[UUID], recording_ids: Sequence[UUID]
) -> Select[UUID, datetime, str]:
    """The last time that each person added to a recording."""
    last: ColumnElement[datetime] = func.max(entity.created_at)
    return (
        select(recording_id, last, Person.name)
        .select_from(entity)
        .join(Person, Person.id == entity.author_id)
        .where(recording_id.in_(recording_ids))
        .group_by(recording_id, Person.id, Person.name)
    )


def _usual(rows: Sequence[Row[Recording, str, Assessment]]) -> Mapping[UUID, float]:
    """By assessment the median of the person's other totals under the same pack and profile; where they are enough."""
    totals: dict[tuple[UUID, str, str], dict[UUID, float]] = defaultdict(dict)
    for row in rows:
        of = row.Assessment
        if of is not None and of.total is not None:
            totals[of.person_id, of.pack_id, of.profile][of.id] = of.total
    found: dict[UUID, float] = {}
    for group in totals.values():
        ranked = sorted(group, key=lambda id: group[id])
        if len(ranked) > FEWEST_TOTALS:
            for place, id in enumerate(ranked):
                found[id] = median(group[each] for each in _middle_without(ranked, place))
    return found


def _middle_without(ranked: Sequence[UUID], place: int) -> list[UUID]:
    """The one or two in the middle of what is left when the one at ``place`` is left out."""
    left = len(ranked) - 1
    middle = (left // 2,) if left % 2 else (left // 2 - 1, left // 2)
    return [ranked[k if k < place else k + 1] for k in middle]


def _why(of: Assessment | None, waits: Mapping[str, Sequence[str]], usual: Mapping[UUID, float]) -> tuple[Why, ...]:
    if of is None:
        return (Why("not_assessed"),)
    causes: tuple[Cause, ...] = ("line", "finding")
    why = [Why(cause, tuple(sorted(waits[cause]))) for cause in causes if cause in waits]
    middle = usual.get(of.id)
    if of.total is None:
        under = of.coverage is not None and of.coverage_floor is not None and of.coverage < of.coverage_floor
        why.append(Why("coverage" if under else "no_total"))
    elif middle is not None and of.total_error is not None and abs(of.total - middle) > UNUSUAL * of.total_error:
        why.append(Why("unusual", usual=middle))
    return tuple(why)
