"""A cohort at a glance: each trainee's latest assessment, the means, and what the cohort should practise first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from liyi.records.operations.registry import operation
from liyi.records.rules import visible
from liyi.records.schema import Assessment, Cohort, CohortMember, DimensionRow, Person, Role, Status, VerdictRow
from liyi.records.unit_of_work import reading
from liyi.records.validation import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

WEAKEST = 5


@dataclass(frozen=True)
class CohortRow:
    """One trainee: the latest assessment (None without one) and its dimensions, 0..100."""

    person_id: UUID
    name: str
    assessment: Assessment | None
    dimensions: Mapping[str, float | None]


@dataclass(frozen=True)
class Weakness:
    """A criterion over the cohort: mean sub-score 0..1 of the ``people`` for whom it was assessed."""

    criterion: str
    mean: float
    people: int


@dataclass(frozen=True)
class CohortTable:
    """The cohort's rows by name, mean of each dimension (0..100), and its weakest criteria, worst first."""

    rows: Sequence[CohortRow]
    means: Mapping[str, float]
    weakest: Sequence[Weakness]


@operation
def cohort_table(records: Records, viewer: Viewer, cohort_id: UUID | str, *, pack_id: str | None = None) -> CohortTable:
    """Latest assessments of a cohort's trainees, as far as the viewer may see them.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    cohort_id
        The cohort.
    pack_id
        Counts only assessments by this norm pack; any when not given.
    """
    with reading(records, viewer) as unit:
        group = unit.one(Cohort, cohort_id)
        latest = _latest(unit, group.id, pack_id)
        ids = [assessment.id for _, _, assessment in latest if assessment is not None]
        scores: dict[UUID, dict[str, float | None]] = {}
        for row in unit.all(select(DimensionRow).where(DimensionRow.assessment_id.in_(ids))):
            scores.setdefault(row.assessment_id, {})[row.dimension] = row.score
        rows = [CohortRow(id, name, each, scores.get(each.id, {}) if each else {}) for id, name, each in latest]
        return CohortTable(rows, _means(rows), _weakest(unit, ids))


def _latest(unit: UnitOfWork, cohort_id: UUID, pack_id: str | None) -> list[tuple[UUID, str, Assessment | None]]:
    """Trainees of a cohort by name, each with the newest assessment that the viewer may see."""
    trainees = (
        select(Person.id, Person.name)
        .join(CohortMember, CohortMember.person_id == Person.id)
        .where(CohortMember.cohort_id == cohort_id, CohortMember.role == Role.trainee)
        .where(visible(unit.viewer, CohortMember))
        .order_by(Person.name, Person.id)
    )
    names: dict[UUID, str] = {row[0]: row[1] for row in unit.session.execute(trainees).all()}
    done = unit.select(Assessment, Assessment.person_id.in_(names), Assessment.status == Status.done)
    if pack_id is not None:
        done = done.where(Assessment.pack_id == key_of(pack_id))
    newest_first = Assessment.created_at.desc(), Assessment.id
    age = func.row_number().over(partition_by=Assessment.person_id, order_by=newest_first).label("age")
    aged = done.with_only_columns(Assessment.id, age).subquery()
    newest = unit.all(select(Assessment).where(Assessment.id.in_(select(aged.c.id).where(aged.c.age == 1))))
    of_person = {row.person_id: row for row in newest}
    return [(id, name, of_person.get(id)) for id, name in names.items()]


def _means(rows: Sequence[CohortRow]) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for row in rows:
        for name, score in row.dimensions.items():
            if score is not None:
                found.setdefault(name, []).append(score)
    return {name: sum(scores) / len(scores) for name, scores in sorted(found.items())}


def _weakest(unit: UnitOfWork, assessment_ids: Sequence[UUID]) -> list[Weakness]:
    mean, people = func.avg(VerdictRow.sub_score), func.count()
    query = (
        select(VerdictRow.criterion, mean, people)
        .where(VerdictRow.assessment_id.in_(assessment_ids), VerdictRow.sub_score.is_not(None))
        .where(VerdictRow.status == "assessed")
        .group_by(VerdictRow.criterion)
        .order_by(mean, VerdictRow.criterion)
        .limit(WEAKEST)
    )
    return [Weakness(row[0], float(row[1]), row[2]) for row in unit.session.execute(query).all()]
