"""Who an administrator is responsible for: people with their roles and cohorts, searched and paged; no recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select

from liyi.records.operations.registry import operation
from liyi.records.schema import Cohort, CohortMember, Department, Person, Role, RoleGrant
from liyi.records.unit_of_work import PAGE, id_of, reading
from liyi.records.validation import MOST_NAME, word_of
from liyi.records.viewer import administers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


@dataclass(frozen=True)
class Entry:
    """A person with the roles they hold, and the cohorts they are in as far as the viewer administers these."""

    person: Person
    roles: tuple[RoleGrant, ...]
    memberships: tuple[CohortMember, ...]


@dataclass(frozen=True)
class Roster:
    """One page of people by name, and how many there are on all pages."""

    entries: Sequence[Entry]
    total: int


@operation
def roster(
    records: Records,
    viewer: Viewer,
    *,
    text: str = "",
    department_id: UUID | str | None = None,
    cohort_id: UUID | str | None = None,
    role: Role | None = None,
    left: bool = False,
    size: int = PAGE,
    offset: int = 0,
) -> Roster:
    """People whom the viewer administers, by name.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    text
        What name or account must hold; capitals make no difference.
    department_id, cohort_id, role
        Only of this department or cohort, only with this role.
    left
        Those who have left, instead of those who are there.
    size, offset
        Of the page.
    """
    conditions: list[ColumnElement[bool]] = [Person.left_at.is_not(None) if left else Person.left_at.is_(None)]
    if words := text.strip().lower():
        if not words.isprintable() or len(words) > MOST_NAME:
            return Roster((), 0)
        conditions.append(or_(
            *(func.lower(column).contains(words, autoescape=True) for column in (Person.name, Person.account))
        ))  # fmt: skip
    if role is not None:
        conditions.append(exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == word_of(Role, role)))
    with reading(records, viewer) as unit:
        if department_id is not None:
            conditions.append(Person.department_id == unit.one(Department, department_id).id)
        if cohort_id is not None:
            cohort = unit.one(Cohort, cohort_id, administers(viewer, Cohort)).id
            inside = (CohortMember.person_id == Person.id, CohortMember.cohort_id == cohort)
            conditions.append(exists().where(*inside))
        query = unit.select(Person, administers(viewer, Person), *conditions)
        ordered = query.order_by(Person.name, Person.id)
        return Roster(entries_of(unit, unit.page(ordered, size=size, offset=offset)), unit.count(query))


@operation
def roster_entry(records: Records, viewer: Viewer, person_id: UUID | str) -> Entry:
    """One person whom the viewer administers, also one who has left."""
    with reading(records, viewer) as unit:
        return entries_of(unit, [unit.one(Person, id_of(person_id), administers(viewer, Person))])[0]


@operation
def cohort_sizes(records: Records, viewer: Viewer) -> dict[UUID, tuple[int, int]]:
    """How many trainees and trainers each cohort has that the viewer administers."""
    with reading(records, viewer) as unit:
        query = (
            select(Cohort.id, CohortMember.role, func.count())
            .join(CohortMember, CohortMember.cohort_id == Cohort.id)
            .join(Person, Person.id == CohortMember.person_id)
            .where(administers(viewer, Cohort), Person.left_at.is_(None))
            .group_by(Cohort.id, CohortMember.role)
        )
        counts: dict[UUID, dict[Role, int]] = {}
        for id, role, count in unit.session.execute(query):
            counts.setdefault(id, {})[role] = count
    return {id: (each.get(Role.trainee, 0), each.get(Role.trainer, 0)) for id, each in counts.items()}


def entries_of(unit: UnitOfWork, people: Sequence[Person]) -> list[Entry]:
    """People with their roles and cohorts, in three queries however many there are (at most `MOST` at once)."""
    ids = [person.id for person in people]
    roles: dict[UUID, list[RoleGrant]] = {}
    members: dict[UUID, list[CohortMember]] = {}
    held = unit.select(RoleGrant, RoleGrant.person_id.in_(ids)).order_by(RoleGrant.role, RoleGrant.id)
    for row in unit.all(held):
        roles.setdefault(row.person_id, []).append(row)
    mine = CohortMember.cohort_id.in_(select(Cohort.id).where(administers(unit.viewer, Cohort)))
    inside = unit.select(CohortMember, CohortMember.person_id.in_(ids), mine)
    for member in unit.all(inside.order_by(CohortMember.role, CohortMember.cohort_id)):
        members.setdefault(member.person_id, []).append(member)
    return [Entry(each, tuple(roles.get(each.id, ())), tuple(members.get(each.id, ()))) for each in people]
