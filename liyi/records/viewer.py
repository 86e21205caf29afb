"""Who looks: whom and what a viewer works with, and may do; what follows for each table says `liyi.records.rules`.

All of it asks the tables of roles, cohorts and assignments themselves, so that a role that is taken away is gone at
once.

=========  ===========================================================================================
trainee    what is their own; the recordings (not the results) that others shared with their cohort; its cases
anybody    their own tries of drills, and nobody else's
trainer    everything of the trainees of their cohorts; what is shared with them
evaluator  everything of the recordings, and of the trainees of the cohorts, that were assigned to them; the batches
           that they began themselves
admin      people, cohorts, roles of their organisation or department; no recording nor anything from one
anybody    the recordings that an unexpired access grant opens to them, and what was found in them
=========  ===========================================================================================

**The practice wall.** All this holds for what its owner has submitted. Of a recording that is not submitted nobody but
its owner sees anything: not that it is there, not what was found in it, said of it or done with it, and no sum in which
it counts. `submitted` is the one condition; every rule that reaches somebody else's recording asks it. Administrators
may still have deleted and copied what they do not see (`disposes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, not_, or_, select, union

from liyi.records.access_tables import AccessGrant, Assignment, RecordingShare
from liyi.records.consent_tables import Consent
from liyi.records.schema import Cohort, CohortMember, Person, Recording, Role, RoleGrant, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

    Condition = ColumnElement[bool]
    Rule = Callable[["Viewer"], Condition]


@dataclass(frozen=True)
class Viewer:
    """The person on whose behalf something is read or done; `liyi.records.sign_in` makes it, never what a user sent."""

    person_id: UUID
    organisation_id: UUID


# Whom and what a viewer works with, as subqueries of ids.


def cohorts_trained(viewer: Viewer) -> Any:
    """Ids of the cohorts that the viewer trains."""
    return (
        select(CohortMember.cohort_id)
        .join(Cohort, Cohort.id == CohortMember.cohort_id)
        .where(CohortMember.person_id == viewer.person_id, CohortMember.role == Role.trainer)
        .where(may(viewer, Role.trainer, Cohort.organisation_id, Cohort.department_id))
    )


def cohorts_evaluated(viewer: Viewer) -> Any:
    """Ids of the cohorts that the viewer evaluates."""
    return (
        select(Assignment.cohort_id)
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .where(Assignment.evaluator_id == viewer.person_id)
        .where(may(viewer, Role.evaluator, Cohort.organisation_id, Cohort.department_id))
    )


def cohorts_attended(viewer: Viewer) -> Any:
    """Ids of the cohorts in which the viewer is a trainee."""
    return select(CohortMember.cohort_id).where(
        CohortMember.person_id == viewer.person_id, CohortMember.role == Role.trainee
    )


def people_trained(viewer: Viewer) -> Any:
    """Ids of the trainees of the cohorts that the viewer trains."""
    return trainees_of(CohortMember.cohort_id.in_(cohorts_trained(viewer)))


def people_judged(viewer: Viewer) -> Any:
    """Ids of the people whose recordings the viewer judges: their trainees, and those of cohorts assigned to them."""
    return trainees_of(or_(
        CohortMember.cohort_id.in_(cohorts_trained(viewer)), CohortMember.cohort_id.in_(cohorts_evaluated(viewer))
    ))  # fmt: skip


def recordings_assigned(viewer: Viewer) -> Any:
    """Ids of the single recordings that the viewer evaluates; a trainer may be asked to rate one, too."""
    return (
        select(Recording.id)
        .join(Assignment, Assignment.recording_id == Recording.id)
        .join(Person, Person.id == Recording.person_id)
        .where(Assignment.evaluator_id == viewer.person_id)
        .where(
            or_(
                *(
                    may(viewer, role, Person.organisation_id, Person.department_id)
                    for role in (Role.evaluator, Role.trainer)
                )
            )
        )
        .where(submitted(viewer))
    )


def people_followed(viewer: Viewer) -> Any:
    """Ids of the people all of whose recordings the viewer sees, their own id among them."""
    return union(
        select(Person.id).where(Person.id == viewer.person_id),
        people_judged(viewer),
        trainees_of(CohortMember.cohort_id.in_(granted(viewer, AccessGrant.cohort_id))),
    )


def recordings_followed(viewer: Viewer) -> Any:
    """Ids of the single recordings that the viewer sees with all that was found in them."""
    return union(recordings_assigned(viewer), granted(viewer, AccessGrant.recording_id))


def recordings_shared(viewer: Viewer) -> Any:
    """Ids of the recordings that their owners let a cohort of the viewer watch."""
    mine = (
        RecordingShare.cohort_id.in_(cohorts_attended(viewer)),
        RecordingShare.cohort_id.in_(cohorts_trained(viewer)),
    )
    return select(RecordingShare.recording_id).where(or_(*mine))


def granted(viewer: Viewer, column: Any) -> Any:
    """Ids of what is granted to the viewer at this moment."""
    return select(column).where(
        AccessGrant.grantee_id == viewer.person_id, AccessGrant.until > now(), column.is_not(None)
    )


def trainees_of(cohorts: Condition) -> Any:
    """Ids of the trainees of cohorts, by a condition on their memberships."""
    return select(CohortMember.person_id).where(CohortMember.role == Role.trainee, cohorts)


# What a viewer may be told of, and what a viewer may do, as conditions.


def submitted(viewer: Viewer) -> Condition:
    """Recordings of which the viewer may be told at all: not in the trash; their own, or submitted with consent."""
    return and_(
        Recording.deleted_at.is_(None),
        or_(Recording.person_id == viewer.person_id, and_(Recording.submitted_at.is_not(None), consent_stands())),
    )


def consent_stands() -> Condition:
    """Recordings made since their person last withdrew consent; what is given again later allows none of before."""
    return not_(exists().where(Consent.person_id == Recording.person_id, Consent.withdrawn_at >= Recording.created_at))


def of_submitted(viewer: Viewer, recording_id: Any) -> Condition:
    """Whether the viewer may be told of the recording to which a row belongs."""
    return exists().where(Recording.id == recording_id, submitted(viewer))


def judges(viewer: Viewer) -> Condition:
    """Recordings on which the viewer may judge, decide and rate: not their own."""
    theirs = or_(Recording.person_id.in_(people_judged(viewer)), Recording.id.in_(recordings_assigned(viewer)))
    return and_(submitted(viewer), Recording.person_id != viewer.person_id, theirs)


def works_on(viewer: Viewer) -> Condition:
    """Recordings to which the viewer may add: their own, and those they judge."""
    return and_(submitted(viewer), or_(Recording.person_id == viewer.person_id, judges(viewer)))


def disposes(viewer: Viewer) -> Condition:
    """Recordings, deleted ones too, that the viewer may have deleted: their own, and of people they administer."""
    administered = select(Person.id).where(administers(viewer, Person))
    return or_(Recording.person_id == viewer.person_id, Recording.person_id.in_(administered))


def may(viewer: Viewer, role: Role, organisation_id: Any, department_id: Any = None) -> Condition:
    """Whether the viewer has ``role`` in a department, or without one in the whole organisation (ids or columns)."""
    return exists().where(
        RoleGrant.person_id == viewer.person_id,
        RoleGrant.role == role,
        RoleGrant.organisation_id == organisation_id,
        or_(RoleGrant.department_id.is_(None), RoleGrant.department_id == department_id),
    )


def administers(viewer: Viewer, entity: type[Person] | type[Cohort]) -> Condition:
    """People or cohorts that the viewer administers."""
    return may(viewer, Role.admin, entity.organisation_id, entity.department_id)


def administers_organisation(viewer: Viewer, column: InstrumentedAttribute[UUID]) -> Condition:
    """Rows of organisations that the viewer administers as a whole, not only a department of it."""
    return exists().where(
        RoleGrant.person_id == viewer.person_id,
        RoleGrant.role == Role.admin,
        RoleGrant.organisation_id == column,
        RoleGrant.department_id.is_(None),
    )


def rates_anybody(viewer: Viewer) -> Condition:
    """Whether the viewer is a trainer or an evaluator, of the organisation or of a department of it."""
    return exists().where(
        RoleGrant.person_id == viewer.person_id, RoleGrant.role.in_((Role.trainer, Role.evaluator)),
        RoleGrant.organisation_id == viewer.organisation_id,
    )  # fmt: skip


def evaluates(viewer: Viewer) -> Condition:
    """Whether the viewer evaluates where the viewer belongs."""
    return exists().where(
        Person.id == viewer.person_id, may(viewer, Role.evaluator, Person.organisation_id, Person.department_id)
    )
