"""People entered from a list: what the list would change is told first, then all of it is done, or nothing.

Who is in a list is found by id, else by account. Whoever is not in it stays as they are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from liyi.core.errors import Fault, LiyiError, Notice
from liyi.records import sessions
from liyi.records.consent_tables import Exemption
from liyi.records.operations.people import shut_out
from liyi.records.operations.people_plan import check_exemptions, line_of, new_places, plan_line, twice, who_is_there
from liyi.records.operations.registry import operation
from liyi.records.people_sheet import plain_word
from liyi.records.schema import Cohort, CohortMember, Department, Person, Role, RoleGrant, now
from liyi.records.unit_of_work import reading, writing
from liyi.records.viewer import may

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from liyi.records.engine import Records
    from liyi.records.operations.people_plan import Plan
    from liyi.records.people_sheet import Line
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


@dataclass(frozen=True)
class Step:
    """What a line would do: to whom (None: somebody new), and each change in words."""

    line: int
    name: str
    person_id: UUID | None
    changes: tuple[Notice, ...]


@dataclass(frozen=True)
class Draft:
    """What a list would do; nothing can be entered as long as there are ``faults``.

    ``key`` stands for all of it: what is entered is what was shown.
    """

    steps: tuple[Step, ...]
    unchanged: int
    departments: tuple[str, ...]
    cohorts: tuple[str, ...]
    faults: tuple[Fault, ...]
    key: str


@operation
def people_lines(records: Records, viewer: Viewer) -> list[Line]:
    """Everybody whom the viewer administers and who has not left, as lines of a list; the trail says that it was made.

    Raises
    ------
    LiyiError
        For somebody who administers nobody.
    """
    with writing(records, viewer) as unit:
        there = who_is_there(unit, ())
        unit.note("export_people", Person, None)
        present = [entry for entry in there.entries.values() if entry.person.left_at is None]
        return [line_of(there, entry) for entry in present]


@operation
def draft_people(records: Records, viewer: Viewer, lines: Sequence[Line], known: frozenset[str] | None = None) -> Draft:
    """What entering these lines would do; nothing is done.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    lines
        Of a list without faults of its own.
    known
        The exemptions that there are, by the norm packs; any when not given.
    """
    with reading(records, viewer) as unit:
        return _planned(unit, lines, known)[0]


@operation
def enter_people(
    records: Records, viewer: Viewer, lines: Sequence[Line], key: str, known: frozenset[str] | None = None
) -> Draft:
    """Do what `draft_people` said, all of it in one transaction, with a line in the trail for each change.

    Raises
    ------
    LiyiError
        When there are faults, or the records have changed since that draft: nothing was entered.
    """
    with writing(records, viewer) as unit:
        draft, plans = _planned(unit, lines, known)
        if draft.faults or draft.key != key:
            raise LiyiError("People were changed meanwhile, so that this list would do something else than was shown: "
                            "nothing was entered. Look at it again.")  # fmt: skip
        made = _make_places(unit, draft)
        whose = [_enter_person(unit, plan, _made(made, "department", plan.department)) for plan in plans]
        unit.session.flush()  # all of them before what refers to them
        for person, plan in zip(whose, plans, strict=True):
            _enter(unit, person, plan, made)
        return draft


def _planned(unit: UnitOfWork, lines: Sequence[Line], known: frozenset[str] | None) -> tuple[Draft, list[Plan]]:
    there = who_is_there(unit, lines)
    faults = [*twice(lines, there)]
    plans = []
    for line in lines:
        plan = plan_line(line, there, faults)
        if plan is not None:
            check_exemptions(plan, known, faults)
            plans.append(plan)
    acting = [plan for plan in plans if plan.changes]
    steps = tuple(
        Step(plan.line.number, plan.name, plan.entry.person.id if plan.entry else None, tuple(plan.changes))
        for plan in acting
    )  # fmt: skip
    new_departments = [
        place for plan in acting for place in new_places(plan.department, *(at for _, at in plan.grants))
    ]
    new_cohorts = [place for plan in acting for place in new_places(*(at for at, _ in plan.joined))]
    departments, cohorts = _once(new_departments), _once(new_cohorts)
    no_right = Notice("there is no such department, and only who administers the whole organisation makes one.")
    for plan in acting if departments and not there.wide else ():
        if new_places(plan.department, *(at for _, at in plan.grants)):
            faults.append(Fault(plan.line.number, "department", no_right))
    said = repr([(step.line, step.name, step.person_id, [each.text for each in step.changes]) for step in steps])
    key = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()
    faults.sort(key=lambda fault: fault.line)
    return Draft(steps, len(plans) - len(acting), departments, cohorts, tuple(faults), key), acting


def _once(names: Iterable[str]) -> tuple[str, ...]:
    """Names without those that differ in nothing that matters."""
    return tuple({plain_word(name): name for name in reversed([*names])}.values())[::-1]


def _make_places(unit: UnitOfWork, draft: Draft) -> dict[tuple[str, str], UUID]:
    """Make the departments and cohorts that are new; their ids by kind and name."""
    made: dict[tuple[str, str], UUID] = {}
    where = unit.viewer.organisation_id
    for name in draft.departments:
        made["department", plain_word(name)] = unit.add(Department(organisation_id=where, name=name),
                                                        "add_department").id  # fmt: skip
    if draft.cohorts:
        home = None if unit.holds(may(unit.viewer, Role.admin, where)) else _only_department(unit)
        for name in draft.cohorts:
            row = Cohort(organisation_id=where, name=name, department_id=home)
            made["cohort", plain_word(name)] = unit.add(row, "add_cohort").id
    return made


def _only_department(unit: UnitOfWork) -> UUID | None:
    """Of somebody who does not administer the whole organisation: the department that new cohorts belong to."""
    held = select(RoleGrant.department_id).where(
        RoleGrant.person_id == unit.viewer.person_id, RoleGrant.role == Role.admin
    )
    return min((id for id in unit.session.scalars(held) if id), key=str)


def _made(made: Mapping[tuple[str, str], UUID], kind: str, at: UUID | str | None) -> UUID | None:
    """The id of a place, which may just have been made."""
    return made[kind, plain_word(at)] if isinstance(at, str) else at


def _enter(unit: UnitOfWork, person: Person, plan: Plan, made: Mapping[tuple[str, str], UUID]) -> None:
    """Do what is planned for one person; rows are sent to the database together, at the end."""
    session = unit.session
    if plan.revoked:
        sessions.end_all(session, person.id)
    for grant in plan.revoked:
        unit.remove(grant, "revoke_role")
    for role, at in plan.grants:
        new = RoleGrant(id=uuid4(), person_id=person.id, role=role, organisation_id=person.organisation_id,
                        department_id=_made(made, "department", at))  # fmt: skip
        session.add(new)
        unit.note_row("grant_role", new)
    for member in plan.parted:
        session.delete(member)
        unit.note("remove_member", Cohort, member.cohort_id, about_id=person.id, role=member.role)
    for at, role in plan.joined:
        cohort = _made(made, "cohort", at)
        session.add(CohortMember(cohort_id=cohort, person_id=person.id, role=role))
        unit.note("add_member", Cohort, cohort, about_id=person.id, role=role)
    for ended in plan.ended:
        unit.remove(ended, "end_exemption")
    for said in plan.exempted:
        exemption = Exemption(id=uuid4(), person_id=person.id, flag=said.flag, from_day=said.from_day or date.today(),
                              until_day=said.until_day)  # fmt: skip
        session.add(exemption)
        unit.note_row("exempt", exemption)


def _enter_person(unit: UnitOfWork, plan: Plan, department: UUID | None) -> Person:
    """Enter the person of a plan, or how they are called and where they belong now."""
    if plan.entry is None:
        person = Person(id=uuid4(), organisation_id=unit.viewer.organisation_id, name=plan.name, account=plan.account,
                        department_id=department)  # fmt: skip
        unit.session.add(person)
        unit.note("add_person", Person, person.id)
        return person
    person = plan.entry.person
    if person.account != plan.account:
        sessions.end_all(unit.session, person.id)
    if (person.name, person.account, person.department_id) != (plan.name, plan.account, department):
        person.name, person.account, person.department_id = plan.name, plan.account, department
        unit.note("change_person", Person, person.id)
    if plan.left != (person.left_at is not None):
        person.left_at = now() if plan.left else None
        shut_out(unit, person)
        unit.note("end_person" if plan.left else "return_person", Person, person.id)
    return person
