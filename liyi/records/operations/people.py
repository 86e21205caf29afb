"""People of an organisation, its departments and roles, how long it keeps recordings, and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select

from liyi.core.errors import LiyiError
from liyi.records.operations.registry import operation
from liyi.records.schema import AuditLine, Department, Organisation, Person, RetentionPolicy, Role, RoleGrant, now
from liyi.records.unit_of_work import PAGE, id_of, not_oneself, not_there, reading, writing
from liyi.records.validation import key_of, name_of, number_of, word_of
from liyi.records.viewer import administers, administers_organisation, may

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer


@dataclass(frozen=True)
class Colleague:
    """Somebody to whom work can be given: no more than the name."""

    id: UUID
    name: str


@operation
def person(records: Records, viewer: Viewer, person_id: UUID | str) -> Person:
    """One person."""
    with reading(records, viewer) as unit:
        return unit.one(Person, person_id)


@operation
def people(records: Records, viewer: Viewer, *, size: int = PAGE, offset: int = 0) -> Sequence[Person]:
    """People whom the viewer administers, judges or is, by name."""
    with reading(records, viewer) as unit:
        return unit.page(unit.select(Person).order_by(Person.name, Person.id), size=size, offset=offset)


@operation
def colleagues(records: Records, viewer: Viewer, role: Role) -> list[Colleague]:
    """Trainers, evaluators or administrators of the viewer's organisation, by name."""
    role = word_of(Role, role)
    if role == Role.trainee:
        raise not_there()
    with reading(records, viewer) as unit:
        holds = exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == role)
        query = (
            select(Person.id, Person.name)
            .where(Person.organisation_id == viewer.organisation_id, Person.left_at.is_(None), holds)
            .order_by(Person.name, Person.id)
        )
        return [Colleague(id, name) for id, name in unit.session.execute(query)]


@operation
def add_person(
    records: Records,
    viewer: Viewer,
    *,
    name: str,
    account: str | None = None,
    department_id: UUID | str | None = None,
) -> Person:
    """Enter a person into the viewer's organisation; without an account nobody can sign in as this person."""
    with writing(records, viewer) as unit:
        department = unit.one(Department, department_id).id if department_id else None
        if not unit.holds(may(viewer, Role.admin, viewer.organisation_id, department)):
            raise not_there()
        account = name_of(account) if account else None
        if account and unit.session.scalar(select(Person.id).where(Person.account == account)):
            raise LiyiError("The account {account} is somebody's already: name another.", account=account)
        row = Person(
            organisation_id=viewer.organisation_id, department_id=department, name=name_of(name), account=account
        )
        return unit.add(row, "add_person")


@operation
def choose_post(records: Records, viewer: Viewer, post: str) -> None:
    """Note at which post one works oneself: the id of a profile."""
    with writing(records, viewer) as unit:
        unit.one(Person, viewer.person_id).post = key_of(post)
        unit.note("choose_post", Person, viewer.person_id)


@operation
def end_person(records: Records, viewer: Viewer, person_id: UUID | str) -> None:
    """Note that a person has left: the account opens nothing from now on, and the roles are gone."""
    with writing(records, viewer) as unit:
        row = unit.one(Person, person_id, administers(viewer, Person))
        not_oneself(viewer, row.id)
        row.left_at = row.left_at or now()
        for grant in unit.all(unit.select(RoleGrant, RoleGrant.person_id == row.id)):
            unit.remove(grant, "revoke_role")
        unit.note("end_person", Person, row.id)


@operation
def roles(records: Records, viewer: Viewer, person_id: UUID | str) -> Sequence[RoleGrant]:
    """Roles of a person."""
    with reading(records, viewer) as unit:
        query = unit.select(RoleGrant, RoleGrant.person_id == id_of(person_id))
        return unit.all(query.order_by(RoleGrant.role, RoleGrant.id))


@operation
def grant_role(
    records: Records, viewer: Viewer, person_id: UUID | str, role: Role, *, department_id: UUID | str | None = None
) -> RoleGrant:
    """Give a person a role in the organisation, or in one department of it; nobody gives one to themselves."""
    with writing(records, viewer) as unit:
        row = unit.one(Person, person_id, administers(viewer, Person), Person.left_at.is_(None))
        not_oneself(viewer, row.id)
        department = unit.one(Department, department_id).id if department_id else None
        if not unit.holds(may(viewer, Role.admin, row.organisation_id, department)):
            raise not_there()
        role = word_of(Role, role)
        same = (RoleGrant.person_id == row.id, RoleGrant.role == role, RoleGrant.department_id == department)
        there = unit.session.scalars(unit.select(RoleGrant, *same)).first()
        if there:
            return there
        grant = RoleGrant(person_id=row.id, role=role, organisation_id=row.organisation_id, department_id=department)
        return unit.add(grant, "grant_role")


@operation
def revoke_role(records: Records, viewer: Viewer, role_grant_id: UUID | str) -> None:
    """Take a role away; from now on nothing is seen by it."""
    with writing(records, viewer) as unit:
        administered = RoleGrant.person_id.in_(select(Person.id).where(administers(viewer, Person)))
        wide_enough = or_(
            RoleGrant.department_id.is_not(None), administers_organisation(viewer, RoleGrant.organisation_id)
        )
        row = unit.one(RoleGrant, role_grant_id, administered, wide_enough)
        not_oneself(viewer, row.person_id)
        unit.remove(row, "revoke_role")


@operation
def departments(records: Records, viewer: Viewer) -> Sequence[Department]:
    """Departments of the viewer's organisation, by name."""
    with reading(records, viewer) as unit:
        return unit.all(unit.select(Department).order_by(Department.name, Department.id))


@operation
def add_department(records: Records, viewer: Viewer, *, name: str) -> Department:
    """Enter a department."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        return unit.add(Department(organisation_id=viewer.organisation_id, name=name_of(name)), "add_department")


@operation
def organisation(records: Records, viewer: Viewer) -> Organisation:
    """The viewer's organisation."""
    with reading(records, viewer) as unit:
        return unit.one(Organisation, viewer.organisation_id)


@operation
def retention(records: Records, viewer: Viewer) -> Sequence[RetentionPolicy]:
    """For how long submitted recordings are kept, by role; for private ones see `Organisation.private_days`."""
    with reading(records, viewer) as unit:
        return unit.all(unit.select(RetentionPolicy).order_by(RetentionPolicy.role))


@operation
def set_retention(records: Records, viewer: Viewer, role: Role, *, days: int) -> RetentionPolicy:
    """Say for how many days submitted recordings of people of a role are kept."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        whole_days = int(number_of(days, 1, 36500))
        role = word_of(Role, role)
        row = unit.session.get(RetentionPolicy, (viewer.organisation_id, role))
        if row is None:
            row = RetentionPolicy(organisation_id=viewer.organisation_id, role=role, days=whole_days)
            return unit.add(row, "set_retention")
        row.days = whole_days
        unit.note("set_retention", RetentionPolicy, None)
        return row


@operation
def set_private_retention(records: Records, viewer: Viewer, *, days: int) -> Organisation:
    """Say for how many days what people practise privately is kept; until then the rules of their roles hold for it."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        row = unit.one(Organisation, viewer.organisation_id)
        row.private_days = int(number_of(days, 1, 36500))
        unit.note("set_retention", Organisation, row.id)
        return row


@operation
def audit_trail(records: Records, viewer: Viewer, *, size: int = PAGE, offset: int = 0) -> Sequence[AuditLine]:
    """What was done, newest first: one's own doings, and for administrators everybody's in the organisation.

    What somebody does with their own private practice is in their own trail alone.
    """
    with reading(records, viewer) as unit:
        return unit.page(unit.select(AuditLine).order_by(AuditLine.at.desc(), AuditLine.id), size=size, offset=offset)


def _whole_organisation(allowed: bool) -> None:
    if not allowed:
        raise not_there()
