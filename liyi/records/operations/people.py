"""People of an organisation, its departments and roles, how long it keeps recordings, and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records import passwords, sessions
from liyi.records.consent_tables import RetentionPolicy
from liyi.records.operations.accounts import within_reach
from liyi.records.operations.registry import operation
from liyi.records.schema import Cohort, Department, Organisation, Person, Role, RoleGrant, now
from liyi.records.store_tables import AuditLine
from liyi.records.unit_of_work import PAGE, id_of, not_oneself, not_there, reading, writing
from liyi.records.validation import key_of, name_of, number_of, word_of
from liyi.records.viewer import administers, administers_organisation, may

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


BEYOND = N_("{name} also works beyond what you administer: ask an administrator of the whole organisation.")
MOST_LINES = 100_000  # of the audit trail in one file
_AT_ONCE = 500  # ids in one statement


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
def change_person(
    records: Records,
    viewer: Viewer,
    person_id: UUID | str,
    *,
    name: str,
    account: str | None,
    department_id: UUID | str | None,
) -> Person:
    """Say anew how a person is called, who signs in as them, and where they belong; of oneself only the name.

    Whoever has another account, or none any more, is signed out.
    """
    with writing(records, viewer) as unit:
        row = unit.one(Person, person_id, administers(viewer, Person), Person.left_at.is_(None))
        department = unit.one(Department, department_id).id if department_id else None
        account = name_of(account) if account and account.strip() else None
        if (account, department) != (row.account, row.department_id):
            not_oneself(viewer, row.id)
        if department != row.department_id and not unit.holds(
            may(viewer, Role.admin, viewer.organisation_id, department)
        ):
            raise not_there()
        other = select(Person.id).where(Person.account == account, Person.id != row.id)
        if account and unit.session.scalar(other):
            raise LiyiError("The account {account} is somebody's already: name another.", account=account)
        if account != row.account:
            need_reach(unit, row)
            sessions.end_all(unit.session, row.id)
        row.name, row.account, row.department_id = name_of(name), account, department
        unit.note("change_person", Person, row.id)
        return row


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
        need_reach(unit, row)
        row.left_at = row.left_at or now()
        for grant in unit.all(unit.select(RoleGrant, RoleGrant.person_id == row.id)):
            unit.remove(grant, "revoke_role")
        shut_out(unit, row)
        unit.note("end_person", Person, row.id)


def need_reach(unit: UnitOfWork, row: Person) -> None:
    """Refuse to change the account of somebody who works beyond what the viewer administers, or to end their work."""
    if unit.session.scalar(select(Person.id).where(Person.id == row.id, within_reach(unit.viewer))) is None:
        raise LiyiError(BEYOND, name=row.name)


def shut_out(unit: UnitOfWork, row: Person) -> None:
    """End the sessions of who has left, and forget password and code: who comes back is given a new code."""
    sessions.end_all(unit.session, row.id)
    passwords.forget(unit.session, row.id)


@operation
def return_person(
    records: Records, viewer: Viewer, person_id: UUID | str, *, held: Sequence[tuple[Role, UUID | None]] = ()
) -> Person:
    """Take back that a person has left, with the roles that are named; each of them only as far as one may give it."""
    with writing(records, viewer) as unit:
        row = unit.one(Person, person_id, administers(viewer, Person), Person.left_at.is_not(None))
        not_oneself(viewer, row.id)
        row.left_at = None
        unit.note("return_person", Person, row.id)
        for role, department_id in held:
            _grant(unit, row, role, department_id)
        return row


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
        return _grant(unit, row, role, department_id)


def _grant(unit: UnitOfWork, row: Person, role: Role, department_id: UUID | str | None) -> RoleGrant:
    department = unit.one(Department, department_id).id if department_id else None
    if not unit.holds(may(unit.viewer, Role.admin, row.organisation_id, department)):
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
        sessions.end_all(unit.session, row.person_id)
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
def rename_department(records: Records, viewer: Viewer, department_id: UUID | str, *, name: str) -> Department:
    """Give a department another name."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        row = unit.one(Department, department_id)
        row.name = name_of(name)
        unit.note("rename_department", Department, row.id)
        return row


@operation
def remove_department(records: Records, viewer: Viewer, department_id: UUID | str) -> None:
    """Remove a department in which there is nobody and nothing."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        row = unit.one(Department, department_id)
        for entity in (Person, Cohort, RoleGrant):
            if unit.session.scalar(select(exists().where(entity.department_id == row.id))):
                raise LiyiError("{name} still has people, cohorts or roles: move them to another department first.",
                                name=row.name)  # fmt: skip
        unit.remove(row, "remove_department")


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
def set_retention(records: Records, viewer: Viewer, role: Role, *, days: int | None) -> RetentionPolicy | None:
    """Say for how many days submitted recordings of people of a role are kept; None: until somebody deletes them."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        role = word_of(Role, role)
        row = unit.session.get(RetentionPolicy, (viewer.organisation_id, role))
        if days is None:
            if row is not None:
                unit.remove(row, "set_retention")
            return None
        whole_days = int(number_of(days, 1, 36500))
        if row is None:
            row = RetentionPolicy(organisation_id=viewer.organisation_id, role=role, days=whole_days)
            return unit.add(row, "set_retention")
        row.days = whole_days
        unit.note_row("set_retention", row)
        return row


@operation
def set_private_retention(records: Records, viewer: Viewer, *, days: int | None) -> Organisation:
    """Say for how many days what people practise privately is kept; None: the rules of their roles hold for it."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        row = unit.one(Organisation, viewer.organisation_id)
        row.private_days = None if days is None else int(number_of(days, 1, 36500))
        unit.note("set_retention", Organisation, row.id)
        return row


@operation
def audit_trail(
    records: Records,
    viewer: Viewer,
    *,
    person_id: UUID | str | None = None,
    actions: Collection[str] | None = None,
    entity_id: UUID | str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    size: int = PAGE,
    offset: int = 0,
) -> Sequence[AuditLine]:
    """What was done, newest first: one's own doings, and for administrators everybody's in the organisation.

    What somebody does with their own private practice is in their own trail alone.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    person_id, actions, entity_id
        Only what this person did; only these actions; only what was done with the thing or about the person that has
        this id.
    since, until
        Only from one moment until before another.
    size, offset
        Of the page.
    """
    with reading(records, viewer) as unit:
        query = _lines(unit, person_id, actions, entity_id, since, until)
        return unit.page(query, size=size, offset=offset)


@operation
def export_trail(
    records: Records,
    viewer: Viewer,
    *,
    person_id: UUID | str | None = None,
    actions: Collection[str] | None = None,
    entity_id: UUID | str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Sequence[AuditLine]:
    """The same for an administrator to hand on, at most `MOST_LINES`; the trail says that it was made."""
    with writing(records, viewer) as unit:
        _whole_organisation(unit.holds(may(viewer, Role.admin, viewer.organisation_id)))
        query = _lines(unit, person_id, actions, entity_id, since, until)
        lines = unit.all(query.limit(MOST_LINES))
        unit.note("export_trail", AuditLine, None)
        return lines


def _lines(
    unit: UnitOfWork,
    person_id: UUID | str | None,
    actions: Collection[str] | None,
    entity_id: UUID | str | None,
    since: datetime | None,
    until: datetime | None,
) -> Select[AuditLine]:
    """Lines of the trail that meet all that is asked, newest first."""
    found: list[ColumnElement[bool]] = []
    if person_id is not None:
        found.append(AuditLine.person_id == id_of(person_id))
    if actions is not None:
        found.append(AuditLine.action.in_({key_of(action) for action in actions}))
    if entity_id is not None:
        found.append(or_(AuditLine.entity_id == id_of(entity_id), AuditLine.about_id == id_of(entity_id)))
    if since is not None:
        found.append(AuditLine.at >= since)
    if until is not None:
        found.append(AuditLine.at < until)
    return unit.select(AuditLine, *found).order_by(AuditLine.at.desc(), AuditLine.id)


@operation
def names(records: Records, viewer: Viewer, ids: Collection[UUID]) -> dict[UUID, str]:
    """Names of people, departments and cohorts by their ids, as far as the viewer sees them."""
    found: dict[UUID, str] = {}
    with reading(records, viewer) as unit:
        wanted = sorted(ids)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            for query in (
                unit.select(Person, Person.id.in_(some)).with_only_columns(Person.id, Person.name),
                unit.select(Department, Department.id.in_(some)).with_only_columns(Department.id, Department.name),
                unit.select(Cohort, Cohort.id.in_(some)).with_only_columns(Cohort.id, Cohort.name),
            ):
                found.update((id, name) for id, name in unit.session.execute(query))
    return found


def _whole_organisation(allowed: bool) -> None:
    if not allowed:
        raise not_there()
