"""What the lines of a list of people would change, held against who is there; nothing is changed here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import not_, select

from liyi.core.errors import Fault, Notice
from liyi.core.words import N_, translate
from liyi.records.consent_tables import Exemption
from liyi.records.operations.accounts import within_reach
from liyi.records.operations.people import BEYOND
from liyi.records.operations.roster import entries_of
from liyi.records.people_sheet import Exempted, Held, Line, plain_word
from liyi.records.role_names import ROLE_NAMES
from liyi.records.schema import Cohort, CohortMember, Department, Person, Role, RoleGrant
from liyi.records.unit_of_work import MOST, not_there
from liyi.records.viewer import administers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Protocol

    from liyi.records.operations.roster import Entry
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

    class _Fault(Protocol):
        """Notes a fault of a cell of the line: its column, and what is wrong."""

        def __call__(self, column: str, sentence: str, **fields: Any) -> None: ...


OWN = N_("nobody changes their own access: leave this cell empty, and ask another administrator.")


@dataclass
class Plan:
    """What is to be done with one line's person; new departments and cohorts by name, the others by id."""

    line: Line
    entry: Entry | None
    changes: list[Notice] = field(default_factory=list)
    name: str = ""
    account: str | None = None
    department: UUID | str | None = None
    left: bool = False
    grants: list[tuple[Role, UUID | str | None]] = field(default_factory=list)
    revoked: list[RoleGrant] = field(default_factory=list)
    joined: list[tuple[UUID | str, Role]] = field(default_factory=list)
    parted: list[CohortMember] = field(default_factory=list)
    exempted: list[Exempted] = field(default_factory=list)
    ended: list[Exemption] = field(default_factory=list)


@dataclass
class There:
    """What is there, as far as the viewer administers it."""

    viewer: Viewer
    wide: bool  # the whole organisation, or only the departments in ``mine``
    mine: set[UUID]
    departments: Mapping[UUID, Department]
    cohorts: Mapping[UUID, Cohort]
    entries: Mapping[UUID, Entry]
    exemptions: Mapping[UUID, list[Exemption]]
    accounts: Mapping[str, UUID]  # of everybody, here or not
    beyond: set[UUID]  # people who also work beyond what the viewer administers

    def departments_named(self, name: str) -> list[UUID]:
        """Ids of the departments with this name."""
        return [id for id, row in self.departments.items() if plain_word(row.name) == plain_word(name)]

    def cohorts_named(self, name: str) -> list[UUID]:
        """Ids of the cohorts with this name."""
        return [id for id, row in self.cohorts.items() if plain_word(row.name) == plain_word(name)]


def who_is_there(unit: UnitOfWork, lines: Sequence[Line]) -> There:
    """Everything that the lines are held against; refused to somebody who administers nobody."""
    viewer = unit.viewer
    held = select(RoleGrant.department_id).where(
        RoleGrant.person_id == viewer.person_id, RoleGrant.role == Role.admin,
        RoleGrant.organisation_id == viewer.organisation_id,
    )  # fmt: skip
    mine = set(unit.session.scalars(held))
    if not mine:
        raise not_there()
    people = unit.all(unit.select(Person, administers(viewer, Person)).order_by(Person.name, Person.id))
    entries: list[Entry] = []
    for start in range(0, len(people), MOST):
        entries += entries_of(unit, people[start : start + MOST])
    exemptions: dict[UUID, list[Exemption]] = {}
    theirs = Exemption.person_id.in_(select(Person.id).where(administers(viewer, Person)))
    for row in unit.all(unit.select(Exemption, theirs).order_by(Exemption.from_day, Exemption.id)):
        exemptions.setdefault(row.person_id, []).append(row)
    asked = sorted({line.account for line in lines if line.account})
    accounts: dict[str, UUID] = {}
    for start in range(0, len(asked), MOST):
        query = select(Person.account, Person.id).where(Person.account.in_(asked[start : start + MOST]))
        accounts.update((account or "", id) for account, id in unit.session.execute(query))
    return There(
        viewer, None in mine, {id for id in mine if id},
        {row.id: row for row in unit.all(unit.select(Department).order_by(Department.name))},
        {row.id: row for row in unit.all(unit.select(Cohort, administers(viewer, Cohort)).order_by(Cohort.name))},
        {entry.person.id: entry for entry in entries}, exemptions, accounts,
        set(unit.session.scalars(select(Person.id).where(administers(viewer, Person), not_(within_reach(viewer))))),
    )  # fmt: skip


def line_of(there: There, entry: Entry) -> Line:
    """The line that changes nothing of a person."""
    person = entry.person

    def department(id: UUID | None) -> str | None:
        return there.departments[id].name if id else None

    def cohorts(role: Role) -> tuple[str, ...]:
        return tuple(there.cohorts[row.cohort_id].name for row in entry.memberships if row.role == role)

    roles = tuple(Held(row.role, department(row.department_id)) for row in entry.roles)
    exempted = tuple(Exempted(row.flag, row.from_day, row.until_day) for row in there.exemptions.get(person.id, ()))
    return Line(0, person.name, person.id, person.account, department(person.department_id), roles,
                cohorts(Role.trainee), cohorts(Role.trainer), tuple(dict.fromkeys(exempted)))  # fmt: skip


def twice(lines: Sequence[Line], there: There) -> Iterable[Fault]:
    """Lines of the same person or account."""
    accounts = Counter(line.account for line in lines if line.account)
    whose = [line.id or there.accounts.get(line.account or "") for line in lines]
    people = Counter(id for id in whose if id)
    for line, person in zip(lines, whose, strict=True):
        if line.account and accounts[line.account] > 1:
            yield Fault(line.number, "account", Notice("this account stands in several lines: keep it in one."))
        elif person and people[person] > 1:
            yield Fault(line.number, "id", Notice("this person stands in several lines: keep one of them."))


def plan_line(line: Line, there: There, faults: list[Fault]) -> Plan | None:
    """What a line would change; None, with its faults, where its person cannot be told."""

    def fault(column: str, sentence: str, **fields: Any) -> None:
        faults.append(Fault(line.number, column, Notice(sentence, fields)))

    whose = there.accounts.get(line.account or "")
    entry = there.entries.get(line.id or whose or UUID(int=0))
    if line.id and entry is None:
        fault("id", N_("nobody whom you administer has this id: leave the cell empty for a new person."))
        return None
    if whose and (entry is None or entry.person.id != whose):
        fault("account", N_("this account is somebody's already: name another."))
        return None
    if entry is None and _nameless(line, there):
        fault("account", N_("somebody of this name is there without an account: enter an account, or the id from the "
                            "exported list."))  # fmt: skip
        return None
    plan = Plan(line, entry, name=line.name)
    _plan_person(plan, there, fault)
    _check_reach(plan, there, fault)
    if not plan.left:
        _plan_roles(plan, there, fault)
        _plan_cohorts(plan, there, fault)
        _plan_exemptions(plan, there, fault)
    if entry is not None and entry.person.id == there.viewer.person_id and _touches_access(plan):
        fault("account", OWN)
    return plan


def _nameless(line: Line, there: There) -> bool:
    """Whether a line without id and account may mean somebody who is there."""
    same = plain_word(line.name)
    return not line.account and any(
        entry.person.account is None and plain_word(entry.person.name) == same for entry in there.entries.values()
    )


def _plan_person(plan: Plan, there: There, fault: _Fault) -> None:
    line, person = plan.line, plan.entry.person if plan.entry else None
    gone = person is not None and person.left_at is not None
    plan.account = (line.account or None) if line.account is not None else person.account if person else None
    plan.department = _department(line.department, person.department_id if person else None, there, fault)
    if person is None:
        plan.changes.append(Notice(N_("new person")))
        if line.left:
            fault("left", N_("a new person has not left: delete the line, or write no."))
    plan.left = gone if line.left is None else line.left
    if gone and line.left is None:
        fault("left", N_("{name} has left: write no in this column to take the person back, or delete the line."),
              name=line.name)  # fmt: skip
    if plan.left != gone and person is not None:
        plan.changes.append(Notice(N_("has left: account and roles end") if plan.left else N_("comes back")))
        plan.revoked = list(plan.entry.roles) if plan.left and plan.entry else []
    if person is not None and plan.name != person.name:
        plan.changes.append(Notice(N_("name: {old} becomes {new}"), {"old": person.name, "new": plan.name}))
    if plan.account != (person.account if person else None):
        plan.changes.append(_account_change(person.account if person else None, plan.account))
    if plan.department != (person.department_id if person else None):
        old, new = (_place(at, there.departments) for at in (person.department_id if person else None, plan.department))
        first = not person or person.department_id is None
        said = N_("department: {new}") if first else N_("department: {old} becomes {new}")
        plan.changes.append(Notice(said, {"old": old, "new": new}))
    wide_enough = there.wide or plan.department in there.mine or isinstance(plan.department, str)
    if not wide_enough and (person is None or plan.department != person.department_id):
        fault("department", N_("name a department that you administer."))


def _check_reach(plan: Plan, there: There, fault: _Fault) -> None:
    """Note what would take the account, or the work, from somebody who also works beyond what is administered."""
    person = plan.entry.person if plan.entry else None
    if person is None or person.id not in there.beyond:
        return
    for column, changed in (("account", plan.account != person.account), ("left", plan.left)):
        if changed:
            fault(column, BEYOND, name=person.name)


def _account_change(old: str | None, new: str | None) -> Notice:
    if old is None:
        return Notice(N_("account: {new}"), {"new": new})
    return Notice(N_("account: {old} becomes {new}"), {"old": old, "new": new or "–"})


def _place(place: UUID | str | None, named: Mapping[UUID, Department] | Mapping[UUID, Cohort]) -> str:
    return named[place].name if isinstance(place, UUID) else place or "–"


def _department(said: str | None, now_in: UUID | None, there: There, fault: _Fault) -> UUID | str | None:
    """The department that a cell names: its id, the name of one that is to be made, or none."""
    if said is None:
        return now_in
    if said == "":
        return None
    found = there.departments_named(said)
    if now_in in found or len(found) == 1:
        return now_in if now_in in found else found[0]
    if found:
        fault("department", N_("several departments are called {name}: rename one of them first."), name=said)
    return said


def _plan_roles(plan: Plan, there: There, fault: _Fault) -> None:
    if plan.line.roles is None:
        return
    standing = list(plan.entry.roles) if plan.entry else []
    for held in plan.line.roles:
        current = {row.department_id for row in standing if row.role == held.role}
        at = _department(held.department, None, there, fault) if held.department else None
        same = there.departments_named(held.department) if held.department else [None]
        there_already = next((row for row in standing if row.role == held.role and row.department_id in same), None)
        if there_already is not None and current:
            standing.remove(there_already)
            continue
        if not there.wide and at not in there.mine:
            fault("roles", N_("you may give roles only in the department that you administer: write it behind the "
                              "role, as in trainee (Window)."))  # fmt: skip
        plan.grants.append((held.role, at))
        plan.changes.append(_said_role(N_("role: {role}"), held.role, _place(at, there.departments) if at else None))
    for row in standing:
        if row.department_id is None and not there.wide:
            continue  # of the whole organisation, which the viewer does not administer: it is left as it is
        plan.revoked.append(row)
        where = _place(row.department_id, there.departments) if row.department_id else None
        plan.changes.append(_said_role(N_("no longer: {role}"), row.role, where))


def _said_role(sentence: str, role: Role, department: str | None) -> Notice:
    words, at = ROLE_NAMES[role], f" ({department})" if department else ""
    return Notice(sentence, {"role": words + at, "role_zh": translate(words, lang="zh") + at})


def _plan_cohorts(plan: Plan, there: There, fault: _Fault) -> None:
    holds_trainer = any(role == Role.trainer for role, _ in plan.grants) or any(
        row.role == Role.trainer and row not in plan.revoked for row in (plan.entry.roles if plan.entry else ())
    )
    for column, role, names in (
        ("trainee_of", Role.trainee, plan.line.trainee_of), ("trainer_of", Role.trainer, plan.line.trainer_of),
    ):  # fmt: skip
        if names is None:
            continue
        standing = [row for row in (plan.entry.memberships if plan.entry else ()) if row.role == role]
        for name in names:
            found = there.cohorts_named(name)
            already = next((row for row in standing if row.cohort_id in found), None)
            if already is not None:
                standing.remove(already)
                continue
            if len(found) > 1:
                fault(column, N_("several cohorts are called {name}: rename one of them first."), name=name)
            if role == Role.trainer and not holds_trainer:
                fault(column, N_("{name} is no trainer: add this role first."), name=plan.name)
            plan.joined.append((found[0] if found else name, role))
            joined = N_("into {cohort} as trainee") if role == Role.trainee else N_("into {cohort} as trainer")
            plan.changes.append(Notice(joined, {"cohort": there.cohorts[found[0]].name if found else name}))
        for row in standing:
            plan.parted.append(row)
            parted = N_("out of {cohort} as trainee") if role == Role.trainee else N_("out of {cohort} as trainer")
            plan.changes.append(Notice(parted, {"cohort": there.cohorts[row.cohort_id].name}))


def _plan_exemptions(plan: Plan, there: There, fault: _Fault) -> None:
    if plan.line.exemptions is None:
        return
    standing = list(there.exemptions.get(plan.entry.person.id, ())) if plan.entry else []
    kept: set[UUID] = set()
    for said in plan.line.exemptions:
        same = [row for row in standing if _is_same(said, row)]
        if same:
            kept.update(row.id for row in same)
            continue
        plan.exempted.append(said)
        plan.changes.append(Notice(N_("exempt from {flag}"), {"flag": said.flag}))
    for row in standing:
        if row.id not in kept:
            plan.ended.append(row)
            plan.changes.append(Notice(N_("no longer exempt from {flag}"), {"flag": row.flag}))


def _is_same(said: Exempted, row: Exemption) -> bool:
    """Whether an exemption that stands is the one that is said; without a first day the last one tells."""
    return (
        said.flag == row.flag and said.until_day == row.until_day and said.from_day in (None, row.from_day)
    )  # fmt: skip


def check_exemptions(plan: Plan, known: frozenset[str] | None, faults: list[Fault]) -> None:
    """Note exemptions that are not among the known ones."""
    for said in plan.exempted:
        if known is not None and said.flag not in known:
            faults.append(Fault(plan.line.number, "exemptions", Notice(
                N_("no norm pack knows an exemption {flag}: write pregnancy, spine, limb, speech or a criterion's id."),
                {"flag": said.flag})))  # fmt: skip


def _touches_access(plan: Plan) -> bool:
    """Whether more than the name would change."""
    return any(each.sentence != "name: {old} becomes {new}" for each in plan.changes)


def new_places(*places: UUID | str | None) -> list[str]:
    """Those that are to be made: they have no id yet."""
    return [place for place in places if isinstance(place, str)]
