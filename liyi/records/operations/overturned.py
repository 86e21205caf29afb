"""Criteria by how often people decided otherwise than the tool: told to who keeps a norm pack, in sums."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, select

from liyi.core.moments import month_of
from liyi.core.trace import Interval
from liyi.records.appeal_tables import AppealRow
from liyi.records.operations.registry import operation
from liyi.records.operations.space import FEWEST
from liyi.records.recording_rules import sent
from liyi.records.review_schema import Confirmation, Decision
from liyi.records.schema import Assessment, Person, Recording
from liyi.records.unit_of_work import reading
from liyi.records.validation import key_of
from liyi.records.viewer import administers_organisation, consent_stands, judges, people_judged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


@dataclass(frozen=True)
class Overturned:
    """One criterion of a norm pack: findings that people decided on, by decision; appeals, and those upheld.

    ``people``: of how many. ``since``: from when on; None for all of it.
    """

    pack_id: str
    criterion: str
    confirmed: int
    rejected: int
    changed: int
    added: int
    appeals: int
    upheld: int
    people: int
    since: datetime | None

    @property
    def judged(self) -> int:
        """Findings of the tool that a person decided on."""
        return self.confirmed + self.rejected + self.changed

    @property
    def share(self) -> float | None:
        """Share, 0..1, of those that a person decided otherwise; None where nobody decided on any."""
        return (self.rejected + self.changed) / self.judged if self.judged else None


@dataclass(frozen=True)
class _Entry:
    """A decision or an appeal: whose recording it is about, and when it came."""

    person_id: UUID
    at: datetime
    row: Confirmation | AppealRow


@operation
def overturned(
    records: Records, viewer: Viewer, *, pack_id: str | None = None, since: datetime | None = None
) -> list[Overturned]:
    """Criteria by how often a person decided otherwise than the tool, the most often first.

    Who administers the whole organisation is told of all that was submitted in it, each criterion only where it is of
    at least `FEWEST` people whom the viewer does not judge; else a subtraction would tell of one of them. Of two sums
    from two days on the same would be true, and whole months alone would not prevent it: in one of them a single person
    may have appealed. So months are joined, from the first on, until they are of `FEWEST` people, and a sum begins
    where such a stretch does, at ``since`` or before. Everybody else is told of what they judge, from ``since`` on. Of
    one finding the last decision that was sent counts.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    pack_id
        Only assessments by this norm pack.
    since
        Only what was decided or appealed from then on; for who administers from the beginning of its stretch on.
    """
    with reading(records, viewer) as unit:
        whole = unit.holds(administers_organisation(viewer, _organisation(unit)))
        scope = _submitted_in(unit) if whole else judges(viewer)
        if pack_id is not None:
            scope = and_(scope, Assessment.pack_id == key_of(pack_id))
        entries = _entries(unit, scope)
        known = {viewer.person_id, *unit.session.scalars(people_judged(viewer))}
    found = []
    for key, told in entries.items():
        start = _stretch_of(told, since, known) if whole else since
        some = [each for each in told if start is None or each.at >= start]
        if some and (not whole or _is_of_enough(some, known)):
            found.append(_row(key, some, start))
    return sorted(found, key=lambda row: (-(row.share or 0), row.criterion, row.pack_id))


def _stretch_of(entries: Sequence[_Entry], since: datetime | None, known: set[UUID]) -> datetime | None:
    """The beginning of the stretch of months in which ``since`` lies; None for the first, which has no beginning."""
    if since is None:
        return None
    start, stretch, month = None, [], None
    for each in sorted(entries, key=lambda each: each.at):
        if month is not None and month_of(each.at) != month and _is_of_enough(stretch, known):
            rest = [other for other in entries if other.at >= month_of(each.at)]
            if month_of(each.at) > since or not _is_of_enough(rest, known):
                break
            start, stretch = month_of(each.at), []
        month = month_of(each.at)
        stretch.append(each)
    return start


def _is_of_enough(entries: Iterable[_Entry], known: set[UUID]) -> bool:
    """Whether they tell nothing of a single person whom the viewer does not judge."""
    unknown = {each.person_id for each in entries} - known
    return not unknown or len(unknown) >= FEWEST


def _organisation(unit: UnitOfWork) -> Any:
    return select(Person.organisation_id).where(Person.id == unit.viewer.person_id).scalar_subquery()


def _submitted_in(unit: UnitOfWork) -> ColumnElement[bool]:
    """Recordings that people of the viewer's organisation have submitted."""
    people = select(Person.id).where(Person.organisation_id == unit.viewer.organisation_id)
    return and_(
        Recording.submitted_at.is_not(None), Recording.deleted_at.is_(None), Recording.person_id.in_(people),
        Recording.person_id != unit.viewer.person_id, consent_stands(),
    )  # fmt: skip


def _entries(unit: UnitOfWork, scope: ColumnElement[bool]) -> dict[tuple[str, str], list[_Entry]]:
    """Every last decision that was sent and every appeal, by norm pack and criterion."""
    found: dict[tuple[str, str], list[_Entry]] = defaultdict(list)
    decided = _last_decided(_rows(unit, Confirmation, scope, sent()))
    for person, pack, row in (*decided, *_rows(unit, AppealRow, scope)):
        found[pack, row.criterion].append(_Entry(person, row.created_at, row))
    return found


def _rows(unit: UnitOfWork, entity: Any, *conditions: ColumnElement[bool]) -> list[Any]:
    """Owner, norm pack and row of each decision or appeal that meets the conditions, in the order of time."""
    query = (
        select(Assessment.person_id, Assessment.pack_id, entity)
        .join(Assessment, Assessment.id == entity.assessment_id)
        .join(Recording, Recording.id == Assessment.recording_id)
        .where(*conditions)
    )
    return list(unit.session.execute(query.order_by(entity.created_at, entity.id)))


def _last_decided(rows: Iterable[Any]) -> list[tuple[UUID, str, Confirmation]]:
    """Of each finding the last decision."""
    kept: dict[tuple[UUID, str], list[tuple[UUID, str, Confirmation]]] = {}
    for person, pack, row in rows:
        key = (row.assessment_id, row.criterion)
        others = [each for each in kept.get(key, []) if not _is_same(each[2], row)]
        kept[key] = [*others, (person, pack, row)]
    return [each for found in kept.values() for each in found]


def _is_same(one: Confirmation, other: Confirmation) -> bool:
    if one.start_s is None or one.end_s is None or other.start_s is None or other.end_s is None:
        return one.start_s is None and other.start_s is None
    return Interval(one.start_s, one.end_s).is_same(Interval(other.start_s, other.end_s))


def _row(key: tuple[str, str], entries: Sequence[_Entry], since: datetime | None) -> Overturned:
    decisions = [each.row.decision for each in entries if isinstance(each.row, Confirmation)]
    appeals = [each.row.upheld for each in entries if isinstance(each.row, AppealRow)]
    decided = {each: decisions.count(each) for each in Decision}
    return Overturned(
        *key, confirmed=decided[Decision.confirmed], rejected=decided[Decision.rejected],
        changed=decided[Decision.changed], added=decided[Decision.added], appeals=len(appeals),
        upheld=appeals.count(True), people=len({each.person_id for each in entries}), since=since,
    )  # fmt: skip
