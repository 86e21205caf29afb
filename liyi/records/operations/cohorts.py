"""Cohorts: who is trained together, and by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, select

from liyi.core.errors import LiyiError
from liyi.records.case_tables import CaseRow
from liyi.records.lifecycle import removing
from liyi.records.operations.registry import operation
from liyi.records.schema import Cohort, CohortMember, Department, Person, Role, RoleGrant
from liyi.records.unit_of_work import PAGE, id_of, not_oneself, not_there, reading, writing
from liyi.records.validation import name_of, word_of
from liyi.records.viewer import administers, may

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer


@operation
def cohorts(records: Records, viewer: Viewer, *, size: int = PAGE, offset: int = 0) -> Sequence[Cohort]:
    """Cohorts to which the viewer belongs, which they evaluate or administer, newest first."""
    with reading(records, viewer) as unit:
        query = unit.select(Cohort).order_by(Cohort.created_at.desc(), Cohort.id)
        return unit.page(query, size=size, offset=offset)


@operation
def cohort(records: Records, viewer: Viewer, cohort_id: UUID | str) -> Cohort:
    """One cohort."""
    with reading(records, viewer) as unit:
        return unit.one(Cohort, cohort_id)


@operation
def members(records: Records, viewer: Viewer, cohort_id: UUID | str) -> Sequence[CohortMember]:
    """Members of a cohort; a trainee sees their own row only."""
    with reading(records, viewer) as unit:
        query = unit.select(CohortMember, CohortMember.cohort_id == id_of(cohort_id))
        return unit.all(query.order_by(CohortMember.role, CohortMember.person_id))


@operation
def add_cohort(records: Records, viewer: Viewer, *, name: str, department_id: UUID | str | None = None) -> Cohort:
    """Make a cohort, in one department or across departments."""
    with writing(records, viewer) as unit:
        department = unit.one(Department, department_id).id if department_id else None
        if not unit.holds(may(viewer, Role.admin, viewer.organisation_id, department)):
            raise not_there()
        row = Cohort(organisation_id=viewer.organisation_id, department_id=department, name=name_of(name))
        return unit.add(row, "add_cohort")


@operation
def change_cohort(
    records: Records, viewer: Viewer, cohort_id: UUID | str, *, name: str, department_id: UUID | str | None
) -> Cohort:
    """Say anew how a cohort is called and of which department it is; without one it crosses departments."""
    with writing(records, viewer) as unit:
        row = unit.one(Cohort, cohort_id, administers(viewer, Cohort))
        department = unit.one(Department, department_id).id if department_id else None
        if department != row.department_id and not unit.holds(
            may(viewer, Role.admin, viewer.organisation_id, department)
        ):
            raise not_there()
        row.name, row.department_id = name_of(name), department
        unit.note("change_cohort", Cohort, row.id)
        return row


@operation
def remove_cohort(records: Records, viewer: Viewer, cohort_id: UUID | str) -> None:
    """Remove a cohort that has no members; what was shared with it is shared with nobody then, and its cases go."""
    with removing(records, scrubbing=False) as removal, writing(records, viewer) as unit:
        row = unit.one(Cohort, cohort_id, administers(viewer, Cohort))
        if unit.session.scalar(select(exists().where(CohortMember.cohort_id == row.id))):
            raise LiyiError("{name} still has members: take them out of it first.", name=row.name)
        shown = unit.session.scalars(select(CaseRow.id).where(CaseRow.cohort_id == row.id)).all()
        removal.remove_cases(unit.session, shown)
        unit.remove(row, "remove_cohort")


@operation
def add_member(
    records: Records, viewer: Viewer, cohort_id: UUID | str, person_id: UUID | str, role: Role
) -> CohortMember:
    """Put a person into a cohort, as trainee or as trainer; a trainer must hold that role already."""
    with writing(records, viewer) as unit:
        group = unit.one(Cohort, cohort_id, administers(viewer, Cohort))
        who = unit.one(Person, person_id, administers(viewer, Person), Person.left_at.is_(None))
        not_oneself(viewer, who.id)
        role = word_of(Role, role)
        if role not in (Role.trainee, Role.trainer):
            raise LiyiError("A member of a cohort is a trainee or a trainer.")
        trains = exists().where(RoleGrant.person_id == who.id, RoleGrant.role == Role.trainer)
        if role == Role.trainer and not unit.session.scalar(select(trains)):
            raise LiyiError("{name} is no trainer: give the role first.", name=who.name)
        there = unit.session.get(CohortMember, (group.id, who.id, role))
        if there:
            return there
        row = CohortMember(cohort_id=group.id, person_id=who.id, role=role)
        unit.session.add(row)
        unit.note("add_member", Cohort, group.id, about_id=who.id, role=role)
        return row


@operation
def remove_member(records: Records, viewer: Viewer, cohort_id: UUID | str, person_id: UUID | str, role: Role) -> None:
    """Take a person out of a cohort."""
    with writing(records, viewer) as unit:
        group = unit.one(Cohort, cohort_id, administers(viewer, Cohort))
        row = unit.session.get(CohortMember, (group.id, id_of(person_id), word_of(Role, role)))
        if row is None:
            raise not_there()
        unit.note("remove_member", Cohort, group.id, about_id=row.person_id, role=row.role)
        unit.session.delete(row)
