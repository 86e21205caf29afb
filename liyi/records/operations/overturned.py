"""Criteria by how often people decided otherwise than the tool: told to who keeps a norm pack, in sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from liyi.core.trace import Interval
from liyi.records.appeal_tables import AppealRow
from liyi.records.operations.registry import operation
from liyi.records.operations.space import FEWEST
from liyi.records.review_schema import Confirmation, Decision
from liyi.records.schema import Assessment, Person, Recording
from liyi.records.unit_of_work import reading
from liyi.records.validation import key_of
from liyi.records.viewer import administers_organisation, judges, people_judged, sent

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


@dataclass(frozen=True)
class Overturned:
    """One criterion: findings that people decided on, by decision; appeals, and those upheld; of how many people."""

    criterion: str
    confirmed: int
    rejected: int
    changed: int
    added: int
    appeals: int
    upheld: int
    people: int

    @property
    def judged(self) -> int:
        """Findings of the tool that a person decided on."""
        return self.confirmed + self.rejected + self.changed

    @property
    def share(self) -> float | None:
        """Share, 0..1, of those that a person decided otherwise; None where nobody decided on any."""
        return (self.rejected + self.changed) / self.judged if self.judged else None


@dataclass
class _Tally:
    decided: list[Decision] = field(default_factory=list)
    appeals: list[bool | None] = field(default_factory=list)
    people: set[UUID] = field(default_factory=set)


@operation
def overturned(
    records: Records, viewer: Viewer, *, pack_id: str | None = None, since: datetime | None = None
) -> list[Overturned]:
    """Criteria by how often a person decided otherwise than the tool, the most often first.

    Who administers the whole organisation is told of all that was submitted in it, each criterion only where it is of
    at least `FEWEST` people whom the viewer does not judge, else a subtraction would tell of one of them. Everybody
    else is told of what they judge. Of one finding the last decision that was sent counts.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    pack_id
        Only assessments by this norm pack.
    since
        Only what was decided or appealed from then on.
    """
    with reading(records, viewer) as unit:
        whole = unit.holds(administers_organisation(viewer, _organisation(unit)))
        scope = _submitted_in(unit) if whole else judges(viewer)
        if pack_id is not None:
            scope = and_(scope, Assessment.pack_id == key_of(pack_id))
        tallies = _tallies(unit, scope, since)
        known = {viewer.person_id, *unit.session.scalars(people_judged(viewer))}
    if whole:
        tallies = {id: each for id, each in tallies.items() if _is_of_enough(each.people - known)}
    return sorted((_row(id, each) for id, each in tallies.items()), key=lambda row: (-(row.share or 0), row.criterion))


def _organisation(unit: UnitOfWork) -> Any:
    return select(Person.organisation_id).where(Person.id == unit.viewer.person_id).scalar_subquery()


def _submitted_in(unit: UnitOfWork) -> ColumnElement[bool]:
    """Recordings that people of the viewer's organisation have submitted."""
    people = select(Person.id).where(Person.organisation_id == unit.viewer.organisation_id)
    return and_(
        Recording.submitted_at.is_not(None), Recording.deleted_at.is_(None), Recording.person_id.in_(people),
        Recording.person_id != unit.viewer.person_id,
    )  # fmt: skip


def _is_of_enough(unknown: set[UUID]) -> bool:
    return not unknown or len(unknown) >= FEWEST


def _tallies(unit: UnitOfWork, scope: ColumnElement[bool], since: datetime | None) -> dict[str, _Tally]:
    found: dict[str, _Tally] = {}
    for person, row in _last_decided(_rows(unit, Confirmation, scope, sent(), since)):
        tally = found.setdefault(row.criterion, _Tally())
        tally.decided.append(row.decision)
        tally.people.add(person)
    for person, row in _rows(unit, AppealRow, scope, None, since):
        tally = found.setdefault(row.criterion, _Tally())
        tally.appeals.append(row.upheld)
        tally.people.add(person)
    return found


def _rows(unit: UnitOfWork, entity: Any, scope: Any, also: Any, since: datetime | None) -> list[Any]:
    """Owner and row of each decision or appeal on what is in ``scope``, in the order of time."""
    query = (
        select(Assessment.person_id, entity)
        .join(Assessment, Assessment.id == entity.assessment_id)
        .join(Recording, Recording.id == Assessment.recording_id)
        .where(scope, *([] if also is None else [also]), *([] if since is None else [entity.created_at >= since]))
    )
    return list(unit.session.execute(query.order_by(entity.created_at, entity.id)))


def _last_decided(rows: Iterable[Any]) -> list[tuple[UUID, Confirmation]]:
    """Of each finding the last decision."""
    kept: dict[tuple[UUID, str], list[tuple[UUID, Confirmation]]] = {}
    for person, row in rows:
        key = (row.assessment_id, row.criterion)
        others = [each for each in kept.get(key, []) if not _is_same(each[1], row)]
        kept[key] = [*others, (person, row)]
    return [each for found in kept.values() for each in found]


def _is_same(one: Confirmation, other: Confirmation) -> bool:
    if one.start_s is None or one.end_s is None or other.start_s is None or other.end_s is None:
        return one.start_s is None and other.start_s is None
    return Interval(one.start_s, one.end_s).is_same(Interval(other.start_s, other.end_s))


def _row(criterion: str, tally: _Tally) -> Overturned:
    decided = {each: tally.decided.count(each) for each in Decision}
    return Overturned(
        criterion=criterion, confirmed=decided[Decision.confirmed], rejected=decided[Decision.rejected],
        changed=decided[Decision.changed], added=decided[Decision.added], appeals=len(tally.appeals),
        upheld=tally.appeals.count(True), people=len(tally.people),
    )  # fmt: skip
