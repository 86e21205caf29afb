"""Which cases a viewer owns, answers for and may watch, and who reads what is said of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, not_, or_

from liyi.records.case_tables import CaseComment, CaseRow
from liyi.records.schema import Person, Recording, now
from liyi.records.viewer import cohorts_attended, cohorts_trained, consent_stands, judges, of_submitted, submitted

if TYPE_CHECKING:
    from liyi.records.viewer import Condition, Viewer


def owns_case(viewer: Viewer) -> Condition:
    """Cases that are of the viewer's own recording."""
    return exists().where(
        Recording.id == CaseRow.recording_id, Recording.person_id == viewer.person_id, submitted(viewer)
    )


def answers_for_case(viewer: Viewer) -> Condition:
    """Cases that the viewer as a trainer has proposed or taken up, and those that wait for one of their cohort."""
    trained = CaseRow.cohort_id.in_(cohorts_trained(viewer))
    waits = and_(CaseRow.trainer_id.is_(None), CaseRow.withdrawn_at.is_(None), CaseRow.until > now())
    judged = exists().where(Recording.id == CaseRow.recording_id, judges(viewer))
    return and_(judged, trained, or_(CaseRow.trainer_id == viewer.person_id, waits))


def ends_case(viewer: Viewer) -> Condition:
    """Cases for which a trainer stands, of a cohort that the viewer trains."""
    return and_(CaseRow.accepted_at.is_not(None), CaseRow.cohort_id.in_(cohorts_trained(viewer)))


def case_may_be_shown() -> Condition:
    """Cases to which their owner agrees at this moment: neither over nor ended, and the owner's consent stands."""
    stands = exists().where(
        Recording.id == CaseRow.recording_id,
        Recording.deleted_at.is_(None),
        Recording.submitted_at.is_not(None),
        Person.id == Recording.person_id,
        Person.left_at.is_(None),  # who has left could not withdraw it
        consent_stands(),
    )
    ended = or_(CaseRow.declined_at.is_not(None), CaseRow.withdrawn_at.is_not(None), CaseRow.until <= now())
    return and_(CaseRow.agreed_at.is_not(None), CaseRow.sha256.is_not(None), not_(ended), stands)


def watches_case(viewer: Viewer) -> Condition:
    """Cases whose clip the viewer may be shown: members once a trainer stands for it, before that who is to decide."""
    members = or_(CaseRow.cohort_id.in_(cohorts_attended(viewer)), CaseRow.cohort_id.in_(cohorts_trained(viewer)))
    shown = and_(CaseRow.accepted_at.is_not(None), members, of_submitted(viewer, CaseRow.recording_id))
    return and_(case_may_be_shown(), or_(owns_case(viewer), answers_for_case(viewer), shown))


def case(viewer: Viewer) -> Condition:
    """Cases that one owns, answers for or watches."""
    return or_(owns_case(viewer), answers_for_case(viewer), watches_case(viewer))


def case_comment(viewer: Viewer) -> Condition:
    """What is said of cases that one watches, once a trainer stands for them."""
    return exists().where(CaseRow.id == CaseComment.case_id, CaseRow.accepted_at.is_not(None), watches_case(viewer))
