"""What is given to others: work to evaluators, and leave to look for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists, or_, select

from liyi.core.errors import LiyiError
from liyi.records.access_tables import AccessGrant, Assignment
from liyi.records.operations.registry import operation
from liyi.records.operations.submission import need_submitted
from liyi.records.schema import Cohort, Person, Recording, Role, RoleGrant, now
from liyi.records.unit_of_work import PAGE, id_of, not_there, reading, writing
from liyi.records.viewer import administers, cohorts_trained, people_trained

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer


@operation
def assign(
    records: Records,
    viewer: Viewer,
    evaluator_id: UUID | str,
    *,
    recording_id: UUID | str | None = None,
    cohort_id: UUID | str | None = None,
) -> Assignment:
    """Give an evaluator a recording or a cohort to judge; its trainer does, of a cohort its administrator too."""
    with writing(records, viewer) as unit:
        evaluator = colleague(unit, evaluator_id, Role.evaluator)
        recording, cohort = _one_thing(recording_id, cohort_id)
        if recording:
            thing = {"recording_id": unit.one(Recording, recording, _of_trainee(viewer), alone=True).id}
        else:
            runs = or_(administers(viewer, Cohort), Cohort.id.in_(cohorts_trained(viewer)))
            thing = {"cohort_id": unit.one(Cohort, cohort or "", runs).id}
        return unit.add(Assignment(evaluator_id=evaluator, by_id=viewer.person_id, **thing), "assign")


@operation
def unassign(records: Records, viewer: Viewer, assignment_id: UUID | str) -> None:
    """Take an assignment back: whoever gave it, the cohort's trainer or its administrator."""
    with writing(records, viewer) as unit:
        administered = select(Cohort.id).where(administers(viewer, Cohort))
        runs = or_(
            Assignment.by_id == viewer.person_id,
            Assignment.cohort_id.in_(cohorts_trained(viewer)),
            Assignment.cohort_id.in_(administered),
        )
        unit.remove(unit.one(Assignment, assignment_id, runs), "unassign")


@operation
def assignments(
    records: Records, viewer: Viewer, *, received: bool = False, size: int = PAGE, offset: int = 0
) -> Sequence[Assignment]:
    """Assignments that the viewer has or gave, and those of their cohorts, newest first.

    ``received``: only those that somebody else gave to the viewer, so not the recordings of their own batches.
    """
    with reading(records, viewer) as unit:
        query = unit.select(Assignment).order_by(Assignment.created_at.desc(), Assignment.id)
        if received:
            query = query.where(Assignment.evaluator_id == viewer.person_id, Assignment.by_id != viewer.person_id)
        return unit.page(query, size=size, offset=offset)


@operation
def grant_access(
    records: Records,
    viewer: Viewer,
    grantee_id: UUID | str,
    *,
    until: datetime,
    recording_id: UUID | str | None = None,
    cohort_id: UUID | str | None = None,
) -> AccessGrant:
    """Let a trainer, evaluator or administrator look at one's own recording, or at a cohort one trains, until a moment.

    What an administrator may see of recordings is granted here by those whose they are, never by the administrator. A
    recording must be submitted.
    """
    with writing(records, viewer) as unit:
        grantee = colleague(unit, grantee_id, Role.trainer, Role.evaluator, Role.admin)
        recording, cohort = _one_thing(recording_id, cohort_id)
        if until.tzinfo is None or until <= now():
            raise LiyiError("Access ends in the future: name a later moment.")
        if recording:
            mine = or_(Recording.person_id == viewer.person_id, _of_trainee(viewer))
            row = unit.one(Recording, recording, mine, alone=True)
            need_submitted(row)
            thing = {"recording_id": row.id}
        else:
            thing = {"cohort_id": unit.one(Cohort, cohort or "", Cohort.id.in_(cohorts_trained(viewer))).id}
        return unit.add(AccessGrant(grantee_id=grantee, by_id=viewer.person_id, until=until, **thing), "grant_access")


@operation
def revoke_access(records: Records, viewer: Viewer, access_grant_id: UUID | str) -> None:
    """End an access grant: whoever gave it, the recording's owner or the cohort's trainer."""
    with writing(records, viewer) as unit:
        mine = select(Recording.id).where(Recording.person_id == viewer.person_id)
        runs = or_(
            AccessGrant.by_id == viewer.person_id,
            AccessGrant.recording_id.in_(mine),
            AccessGrant.cohort_id.in_(cohorts_trained(viewer)),
        )
        row = unit.one(AccessGrant, access_grant_id, runs)
        unit.remove(row, "revoke_access", only_for=unit.only_for(row.recording_id))


@operation
def access_grants(records: Records, viewer: Viewer, *, size: int = PAGE, offset: int = 0) -> Sequence[AccessGrant]:
    """Access grants that the viewer has or gave, and those to what is theirs, newest first."""
    with reading(records, viewer) as unit:
        query = unit.select(AccessGrant).order_by(AccessGrant.created_at.desc(), AccessGrant.id)
        return unit.page(query, size=size, offset=offset)


def _of_trainee(viewer: Viewer) -> ColumnElement[bool]:
    """Recordings of the people whom the viewer trains."""
    return Recording.person_id.in_(people_trained(viewer))


def _one_thing(recording_id: UUID | str | None, cohort_id: UUID | str | None) -> tuple[UUID | None, UUID | None]:
    if (recording_id is None) == (cohort_id is None):
        raise not_there()
    return (id_of(recording_id) if recording_id else None), (id_of(cohort_id) if cohort_id else None)


def colleague(unit: UnitOfWork, person_id: UUID | str, *roles: Role) -> UUID:
    """Find somebody else of the viewer's organisation who holds one of these roles."""
    holds = exists().where(RoleGrant.person_id == Person.id, RoleGrant.role.in_(roles))
    found = unit.session.scalar(select(Person.id).where(
        Person.id == id_of(person_id), Person.id != unit.viewer.person_id, Person.left_at.is_(None),
        Person.organisation_id == unit.viewer.organisation_id, holds,
    ))  # fmt: skip
    if found is None:
        raise not_there()
    return found
