"""Who sees a recording once it is submitted: told to its owner before the act, and asked where somebody must answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import aliased

from liyi.records.access_tables import AccessGrant, Assignment, RecordingShare
from liyi.records.operations.registry import operation
from liyi.records.schema import Cohort, CohortMember, Person, Recording, Role, RoleGrant, now
from liyi.records.unit_of_work import reading

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

How = Literal["trainer", "evaluator", "granted"]


@dataclass(frozen=True)
class Reader:
    """Somebody who sees a submitted recording and what was found in it.

    ``how``: as trainer of a cohort, as evaluator, or by the owner's or a trainer's leave ``until`` a moment.
    """

    person_id: UUID
    name: str
    how: How
    until: datetime | None = None


@dataclass(frozen=True)
class Audience:
    """Readers by name, trainers first; ``cohorts`` whose members watch the recording too, without its results."""

    readers: tuple[Reader, ...]
    cohorts: tuple[str, ...]


@operation
def audience(records: Records, viewer: Viewer, recording_id: UUID | str) -> Audience:
    """Who sees one's own recording now if it is submitted, and would see it if it were."""
    with reading(records, viewer) as unit:
        row = unit.one(Recording, recording_id, Recording.person_id == viewer.person_id)
        shared = select(Cohort.name).join(RecordingShare).where(RecordingShare.recording_id == row.id)
        found = [*judges_of(unit, row), *_granted(unit, row)]
        first: dict[UUID, Reader] = {}
        for each in found:  # by the strongest of several reasons
            first.setdefault(each.person_id, each)
        return Audience(tuple(first.values()), tuple(unit.session.scalars(shared.order_by(Cohort.name))))


def judges_of(unit: UnitOfWork, row: Recording) -> list[Reader]:
    """Who judges a recording once it is submitted, whoever asks: trainers, then evaluators, each once, by name."""
    trainers = _people(unit, _trainers(row))
    known = {each.person_id for each in trainers}
    evaluators = {
        each.person_id: each for each in [*_people(unit, _by_cohort(row)), *_people(unit, _by_itself(unit, row))]
    }
    return [*trainers, *(each for each in evaluators.values() if each.person_id not in known)]


def _people(unit: UnitOfWork, condition: tuple[How, ColumnElement[bool]]) -> list[Reader]:
    how, which = condition
    query = select(Person.id, Person.name).where(Person.left_at.is_(None), which).order_by(Person.name, Person.id)
    return [Reader(id, name, how) for id, name in unit.session.execute(query)]


def _holds(role: Role, organisation: Any, department: Any) -> ColumnElement[bool]:
    """Whether a `Person` has a role in an organisation, or in its department."""
    held = exists().where(
        RoleGrant.person_id == Person.id,
        RoleGrant.role == role,
        RoleGrant.organisation_id == organisation,
        or_(RoleGrant.department_id.is_(None), RoleGrant.department_id == department),
    )
    return held.correlate(Person, Cohort)  # of the query two levels up, which SQLAlchemy does not guess


def _attends(row: Recording, cohort_id: Any) -> ColumnElement[bool]:
    """Whether the owner is a trainee of a cohort."""
    member = aliased(CohortMember)
    return exists().where(member.cohort_id == cohort_id, member.person_id == row.person_id, member.role == Role.trainee)


def _trainers(row: Recording) -> tuple[How, ColumnElement[bool]]:
    return "trainer", exists().where(
        CohortMember.person_id == Person.id,
        CohortMember.role == Role.trainer,
        Person.id != row.person_id,
        Cohort.id == CohortMember.cohort_id,
        _attends(row, Cohort.id),
        _holds(Role.trainer, Cohort.organisation_id, Cohort.department_id),
    )


def _by_cohort(row: Recording) -> tuple[How, ColumnElement[bool]]:
    return "evaluator", exists().where(
        Assignment.evaluator_id == Person.id,
        Person.id != row.person_id,
        Cohort.id == Assignment.cohort_id,
        _attends(row, Cohort.id),
        _holds(Role.evaluator, Cohort.organisation_id, Cohort.department_id),
    )


def _by_itself(unit: UnitOfWork, row: Recording) -> tuple[How, ColumnElement[bool]]:
    owner = unit.session.get_one(Person, row.person_id)
    return "evaluator", exists().where(
        Assignment.evaluator_id == Person.id,
        Assignment.recording_id == row.id,
        Person.id != row.person_id,
        or_(*(_holds(role, owner.organisation_id, owner.department_id) for role in (Role.evaluator, Role.trainer))),
    )


def _granted(unit: UnitOfWork, row: Recording) -> list[Reader]:
    """Who has leave to look at the recording, or at a cohort of its owner's, at this moment."""
    theirs = or_(AccessGrant.recording_id == row.id, _attends(row, AccessGrant.cohort_id))
    query = (
        select(Person.id, Person.name, AccessGrant.until)
        .join(AccessGrant, AccessGrant.grantee_id == Person.id)
        .where(theirs, AccessGrant.until > now(), Person.left_at.is_(None), Person.id != row.person_id)
        .order_by(Person.name, Person.id, AccessGrant.until.desc())
    )
    return [Reader(id, name, "granted", until) for id, name, until in unit.session.execute(query)]
