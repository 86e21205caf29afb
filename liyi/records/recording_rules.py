"""Which rows of recordings a viewer sees, and of what was found in them, said of them and shared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, or_, select

from liyi.records.access_tables import AccessGrant, Assignment, RecordingShare
from liyi.records.appeal_tables import AppealRow, SeenRow
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldProposal, GoldRating, GoldValue
from liyi.records.review_schema import Confirmation, Review
from liyi.records.schema import Assessment, Cohort, CohortMember, Rating, Recording
from liyi.records.viewer import (
    administers,
    administers_organisation,
    cohorts_trained,
    granted,
    judges,
    of_submitted,
    people_followed,
    rates_anybody,
    recordings_followed,
    recordings_shared,
    submitted,
    trainees_of,
)

if TYPE_CHECKING:
    from liyi.records.viewer import Condition, Rule, Viewer


def recording(viewer: Viewer) -> Condition:
    """Those of people whom one follows, those that one follows, and those that are shared with one's cohorts."""
    return and_(submitted(viewer), or_(
        Recording.person_id.in_(people_followed(viewer)),
        Recording.id.in_(recordings_followed(viewer)),
        Recording.id.in_(recordings_shared(viewer)),
    ))  # fmt: skip


def assessment(viewer: Viewer) -> Condition:
    """Of recordings that one follows; of what is merely shared nobody sees results."""
    followed = or_(
        Assessment.person_id.in_(people_followed(viewer)),
        Assessment.recording_id.in_(recordings_followed(viewer)),
    )
    return and_(followed, of_submitted(viewer, Assessment.recording_id))


def of_assessment(column: Any) -> Rule:
    """Rows that belong to an assessment which the viewer sees."""
    return lambda viewer: exists().where(Assessment.id == column, assessment(viewer))


def of_followed(column: Any) -> Rule:
    """Rows that belong to a recording of which the viewer sees the results too."""
    return lambda viewer: exists().where(
        Recording.id == column,
        submitted(viewer),
        or_(
            Recording.person_id.in_(people_followed(viewer)),
            Recording.id.in_(recordings_followed(viewer)),
        ),
    )


def share(viewer: Viewer) -> Condition:
    """With which cohorts one's own recordings are shared, and what is shared with the cohorts that one trains."""
    mine = select(Recording.id).where(Recording.person_id == viewer.person_id)
    trained = RecordingShare.cohort_id.in_(cohorts_trained(viewer))
    return and_(of_submitted(viewer, RecordingShare.recording_id), or_(RecordingShare.recording_id.in_(mine), trained))


def assignment(viewer: Viewer) -> Condition:
    """Those given to and by oneself, and of cohorts that one trains or administers."""
    administered = select(Cohort.id).where(administers(viewer, Cohort))
    theirs = or_(
        Assignment.evaluator_id == viewer.person_id,
        Assignment.by_id == viewer.person_id,
        Assignment.cohort_id.in_(cohorts_trained(viewer)),
        Assignment.cohort_id.in_(administered),
    )
    return and_(theirs, or_(Assignment.recording_id.is_(None), of_submitted(viewer, Assignment.recording_id)))


def access_grant(viewer: Viewer) -> Condition:
    """Those given to and by oneself, on one's own recordings, and on cohorts that one trains."""
    mine = select(Recording.id).where(Recording.person_id == viewer.person_id)
    theirs = or_(
        AccessGrant.grantee_id == viewer.person_id,
        AccessGrant.by_id == viewer.person_id,
        AccessGrant.recording_id.in_(mine),
        AccessGrant.cohort_id.in_(cohorts_trained(viewer)),
    )
    return and_(theirs, or_(AccessGrant.recording_id.is_(None), of_submitted(viewer, AccessGrant.recording_id)))


def seen(viewer: Viewer) -> Condition:
    """How far one has read what others said of one's own recordings; nobody is told how far others have."""
    mine = exists().where(Recording.id == SeenRow.recording_id, Recording.person_id == viewer.person_id)
    return and_(mine, of_submitted(viewer, SeenRow.recording_id))


def rating(viewer: Viewer) -> Condition:
    """One's own; other raters' once one has rated the same, so that ratings stay blind; all where access is granted."""
    mine = Rating.__table__.alias()
    rated = exists(
        select(mine.c.id).where(
            mine.c.recording_id == Rating.recording_id,
            mine.c.criterion == Rating.criterion,
            mine.c.rater_id == viewer.person_id,
        )
    )
    opened = exists().where(
        Recording.id == Rating.recording_id,
        or_(
            Recording.id.in_(granted(viewer, AccessGrant.recording_id)),
            Recording.person_id.in_(trainees_of(CohortMember.cohort_id.in_(granted(viewer, AccessGrant.cohort_id)))),
        ),
    )
    judged = exists().where(Recording.id == Rating.recording_id, judges(viewer))
    return and_(
        of_submitted(viewer, Rating.recording_id),
        or_(and_(judged, or_(Rating.rater_id == viewer.person_id, rated)), opened),
    )


def confirmation(viewer: Viewer) -> Condition:
    """Those on what one judges; of all other assessments that one sees those that their author has sent."""
    judged = select(Assessment.id).join(Recording, Recording.id == Assessment.recording_id).where(judges(viewer))
    shown = of_assessment(Confirmation.assessment_id)(viewer)
    return and_(shown, or_(Confirmation.assessment_id.in_(judged), sent()))


def sent() -> Condition:
    """Confirmations that their author has told: by a review sent since, or as what an answer to an appeal led to."""
    reviewed = exists().where(
        Assessment.id == Confirmation.assessment_id,
        Review.recording_id == Assessment.recording_id,
        Review.author_id == Confirmation.author_id,
        Review.created_at >= Confirmation.created_at,
    )
    return or_(reviewed, exists().where(AppealRow.confirmation_id == Confirmation.id))


def gold_clip(viewer: Viewer) -> Condition:
    """Of one's own recordings, and those that one has proposed oneself: nobody else is told which ones they are."""
    mine = exists().where(Recording.id == GoldClip.recording_id, Recording.person_id == viewer.person_id)
    judged = exists().where(Recording.id == GoldClip.recording_id, judges(viewer))
    proposed = and_(GoldClip.proposed_by_id == viewer.person_id, judged)
    return and_(of_submitted(viewer, GoldClip.recording_id), or_(mine, proposed))


def gold_proposal(viewer: Viewer) -> Condition:
    """One's own of what another had proposed before."""
    judged = exists().where(Recording.id == GoldProposal.recording_id, judges(viewer))
    return and_(GoldProposal.person_id == viewer.person_id, judged)


def gold_value(viewer: Viewer) -> Condition:
    """What people agreed on, once one has rated the same oneself."""
    rated = exists().where(
        GoldRating.recording_id == GoldValue.recording_id, GoldRating.criterion == GoldValue.criterion,
        GoldRating.rater_id == viewer.person_id,
    )  # fmt: skip
    return and_(of_submitted(viewer, GoldValue.recording_id), rated)


def gold_rating(viewer: Viewer) -> Condition:
    """One's own."""
    return and_(of_submitted(viewer, GoldRating.recording_id), GoldRating.rater_id == viewer.person_id)


def gold_check(viewer: Viewer) -> Condition:
    """Checks of one's own organisation: for who rates in it, and who administers it as a whole."""
    here = GoldCheck.organisation_id == viewer.organisation_id
    return and_(here, or_(rates_anybody(viewer), administers_organisation(viewer, GoldCheck.organisation_id)))
