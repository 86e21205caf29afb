"""Who looks, and what may be seen: the one place with the rules of access.

`visible` gives, for a viewer and a table, the condition that each of its rows must meet; a table without a rule shows
nothing. The rules ask the tables of roles, cohorts and assignments themselves, so that a role that is taken away is
gone at once.

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
it counts. `_submitted` is the one condition; every rule that reaches somebody else's recording asks it. Administrators
may still have deleted and copied what they do not see (`disposes`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, false, not_, or_, select, union

from liyi.records.appeal_tables import AppealRow, SeenRow
from liyi.records.batch_tables import Batch, BatchFile, BatchLine, Mark, SheetTemplate
from liyi.records.case_tables import CaseComment, CaseRow
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove, GoldRating, GoldValue
from liyi.records.review_schema import CannedPhrase, Confirmation, Review
from liyi.records.schema import (
    AccessGrant,
    Assessment,
    AssessmentFile,
    Assignment,
    AuditLine,
    Cohort,
    CohortMember,
    Comment,
    Consent,
    Department,
    DimensionRow,
    Exemption,
    Organisation,
    Person,
    Rating,
    Recording,
    RecordingShare,
    RetentionPolicy,
    Role,
    RoleGrant,
    TryRow,
    VerdictRow,
    now,
)
from liyi.records.sign_in_tables import Credential, SignInAttempt, SignInSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

    from liyi.records.schema import Base

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
        .where(_has(viewer, Role.trainer, Cohort.organisation_id, Cohort.department_id))
    )


def cohorts_evaluated(viewer: Viewer) -> Any:
    """Ids of the cohorts that the viewer evaluates."""
    return (
        select(Assignment.cohort_id)
        .join(Cohort, Cohort.id == Assignment.cohort_id)
        .where(Assignment.evaluator_id == viewer.person_id)
        .where(_has(viewer, Role.evaluator, Cohort.organisation_id, Cohort.department_id))
    )


def people_trained(viewer: Viewer) -> Any:
    """Ids of the trainees of the cohorts that the viewer trains."""
    return _trainees_of(CohortMember.cohort_id.in_(cohorts_trained(viewer)))


def people_judged(viewer: Viewer) -> Any:
    """Ids of the people whose recordings the viewer judges: their trainees, and those of cohorts assigned to them."""
    return _trainees_of(or_(
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
                    _has(viewer, role, Person.organisation_id, Person.department_id)
                    for role in (Role.evaluator, Role.trainer)
                )
            )
        )
        .where(_submitted(viewer))
    )


def judges(viewer: Viewer) -> Condition:
    """Recordings on which the viewer may judge, decide and rate: not their own."""
    theirs = or_(Recording.person_id.in_(people_judged(viewer)), Recording.id.in_(recordings_assigned(viewer)))
    return and_(_submitted(viewer), Recording.person_id != viewer.person_id, theirs)


def works_on(viewer: Viewer) -> Condition:
    """Recordings to which the viewer may add: their own, and those they judge."""
    return and_(_submitted(viewer), or_(Recording.person_id == viewer.person_id, judges(viewer)))


def disposes(viewer: Viewer) -> Condition:
    """Recordings, deleted ones too, that the viewer may have deleted: their own, and of people they administer."""
    administered = select(Person.id).where(administers(viewer, Person))
    return or_(Recording.person_id == viewer.person_id, Recording.person_id.in_(administered))


def may(viewer: Viewer, role: Role, organisation_id: Any, department_id: Any = None) -> Condition:
    """Whether the viewer has ``role`` in a department, or without one in the whole organisation (ids or columns)."""
    return _has(viewer, role, organisation_id, department_id)


def administers(viewer: Viewer, entity: type[Person] | type[Cohort]) -> Condition:
    """People or cohorts that the viewer administers."""
    return _has(viewer, Role.admin, entity.organisation_id, entity.department_id)


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


def visible(viewer: Viewer, entity: type[Base]) -> Condition:
    """What a row of ``entity`` must meet for the viewer to see it; nothing does where no rule stands."""
    rule = RULES.get(entity)
    return rule(viewer) if rule else false()


def _has(viewer: Viewer, role: Role, organisation: Any, department: Any) -> Condition:
    """Whether the viewer has ``role`` where a row belongs: in its whole organisation, or in its department."""
    return exists().where(
        RoleGrant.person_id == viewer.person_id,
        RoleGrant.role == role,
        RoleGrant.organisation_id == organisation,
        or_(RoleGrant.department_id.is_(None), RoleGrant.department_id == department),
    )


def _trainees_of(cohorts: Condition) -> Any:
    return select(CohortMember.person_id).where(CohortMember.role == Role.trainee, cohorts)


def _submitted(viewer: Viewer) -> Condition:
    """Recordings of which the viewer may be told at all: not in the trash; their own, or submitted by their owner."""
    return and_(
        Recording.deleted_at.is_(None),
        or_(Recording.person_id == viewer.person_id, Recording.submitted_at.is_not(None)),
    )


def _granted(viewer: Viewer, column: Any) -> Any:
    """Ids of what is granted to the viewer at this moment."""
    return select(column).where(
        AccessGrant.grantee_id == viewer.person_id, AccessGrant.until > now(), column.is_not(None)
    )


def _people_followed(viewer: Viewer) -> Any:
    """Ids of the people all of whose recordings the viewer sees, their own id among them."""
    return union(
        select(Person.id).where(Person.id == viewer.person_id),
        people_judged(viewer),
        _trainees_of(CohortMember.cohort_id.in_(_granted(viewer, AccessGrant.cohort_id))),
    )


def _recordings_followed(viewer: Viewer) -> Any:
    """Ids of the single recordings that the viewer sees with all that was found in them."""
    return union(recordings_assigned(viewer), _granted(viewer, AccessGrant.recording_id))


def _cohorts_attended(viewer: Viewer) -> Any:
    """Ids of the cohorts in which the viewer is a trainee."""
    return select(CohortMember.cohort_id).where(
        CohortMember.person_id == viewer.person_id, CohortMember.role == Role.trainee
    )


def _recordings_shared(viewer: Viewer) -> Any:
    mine = (
        RecordingShare.cohort_id.in_(_cohorts_attended(viewer)),
        RecordingShare.cohort_id.in_(cohorts_trained(viewer)),
    )
    return select(RecordingShare.recording_id).where(or_(*mine))


def _recording(viewer: Viewer) -> Condition:
    return and_(_submitted(viewer), or_(
        Recording.person_id.in_(_people_followed(viewer)),
        Recording.id.in_(_recordings_followed(viewer)),
        Recording.id.in_(_recordings_shared(viewer)),
    ))  # fmt: skip


def _assessment(viewer: Viewer) -> Condition:
    followed = or_(
        Assessment.person_id.in_(_people_followed(viewer)),
        Assessment.recording_id.in_(_recordings_followed(viewer)),
    )
    return and_(followed, _in_submitted(viewer, Assessment.recording_id))


def _in_submitted(viewer: Viewer, recording_id: Any) -> Condition:
    """Whether the viewer may be told of the recording to which a row belongs."""
    return exists().where(Recording.id == recording_id, _submitted(viewer))


def _of_assessment(column: Any) -> Rule:
    """Rows that belong to an assessment which the viewer sees."""
    return lambda viewer: exists().where(Assessment.id == column, _assessment(viewer))


def _of_followed(column: Any) -> Rule:
    """Rows that belong to a recording of which the viewer sees the results too."""
    return lambda viewer: exists().where(
        Recording.id == column,
        _submitted(viewer),
        or_(
            Recording.person_id.in_(_people_followed(viewer)),
            Recording.id.in_(_recordings_followed(viewer)),
        ),
    )


def _rating(viewer: Viewer) -> Condition:
    """One's own; other raters' once one has rated the same, so that ratings stay blind; all where access is granted."""
    mine = Rating.__table__.alias()
    rated = exists(
        select(mine.c.id).where(
            mine.c.recording_id == Rating.recording_id,
            mine.c.criterion == Rating.criterion,
            mine.c.rater_id == viewer.person_id,
        )
    )
    granted = exists().where(
        Recording.id == Rating.recording_id,
        or_(
            Recording.id.in_(_granted(viewer, AccessGrant.recording_id)),
            Recording.person_id.in_(_trainees_of(CohortMember.cohort_id.in_(_granted(viewer, AccessGrant.cohort_id)))),
        ),
    )
    judged = exists().where(Recording.id == Rating.recording_id, judges(viewer))
    return and_(
        _in_submitted(viewer, Rating.recording_id),
        or_(and_(judged, or_(Rating.rater_id == viewer.person_id, rated)), granted),
    )


def _confirmation(viewer: Viewer) -> Condition:
    """Those on what one judges; of all other assessments that one sees those that their author has sent."""
    judged = select(Assessment.id).join(Recording, Recording.id == Assessment.recording_id).where(judges(viewer))
    seen = _of_assessment(Confirmation.assessment_id)(viewer)
    return and_(seen, or_(Confirmation.assessment_id.in_(judged), sent()))


def sent() -> Condition:
    """Confirmations that their author has told: by a review sent since, or as what an answer to an appeal led to."""
    reviewed = exists().where(
        Assessment.id == Confirmation.assessment_id,
        Review.recording_id == Assessment.recording_id,
        Review.author_id == Confirmation.author_id,
        Review.created_at >= Confirmation.created_at,
    )
    return or_(reviewed, exists().where(AppealRow.confirmation_id == Confirmation.id))


def _gold_clip(viewer: Viewer) -> Condition:
    """Of one's own recordings, and those that one has proposed oneself: nobody else is told which ones they are."""
    mine = exists().where(Recording.id == GoldClip.recording_id, Recording.person_id == viewer.person_id)
    judged = exists().where(Recording.id == GoldClip.recording_id, judges(viewer))
    proposed = and_(GoldClip.proposed_by_id == viewer.person_id, judged)
    return and_(_in_submitted(viewer, GoldClip.recording_id), or_(mine, proposed))


def _gold_value(viewer: Viewer) -> Condition:
    """What people agreed on, once one has rated the same oneself."""
    rated = exists().where(
        GoldRating.recording_id == GoldValue.recording_id, GoldRating.criterion == GoldValue.criterion,
        GoldRating.rater_id == viewer.person_id,
    )  # fmt: skip
    return and_(_in_submitted(viewer, GoldValue.recording_id), rated)


def _gold_rating(viewer: Viewer) -> Condition:
    return and_(_in_submitted(viewer, GoldRating.recording_id), GoldRating.rater_id == viewer.person_id)


def _gold_check(viewer: Viewer) -> Condition:
    """Checks of one's own organisation: for who rates in it, and who administers it as a whole."""
    here = GoldCheck.organisation_id == viewer.organisation_id
    return and_(here, or_(rates_anybody(viewer), administers_organisation(viewer, GoldCheck.organisation_id)))


def _canned_phrase(viewer: Viewer) -> Condition:
    return CannedPhrase.author_id == viewer.person_id


def _organisation(viewer: Viewer) -> Condition:
    return Organisation.id == viewer.organisation_id


def _department(viewer: Viewer) -> Condition:
    return Department.organisation_id == viewer.organisation_id


def _person(viewer: Viewer) -> Condition:
    return or_(
        Person.id == viewer.person_id,
        administers(viewer, Person),
        Person.id.in_(_people_followed(viewer)),
        Person.id.in_(
            select(Recording.person_id).where(Recording.id.in_(_recordings_followed(viewer)), _submitted(viewer))
        ),
    )


def _of_person(column: Any) -> Rule:
    """Rows about a person: their own, those of people whom the viewer judges or administers."""
    return lambda viewer: or_(
        column == viewer.person_id,
        column.in_(people_judged(viewer)),
        column.in_(select(Person.id).where(administers(viewer, Person))),
    )


def _exemption(viewer: Viewer) -> Condition:
    assigned = select(Recording.person_id).where(Recording.id.in_(recordings_assigned(viewer)))
    return or_(_of_person(Exemption.person_id)(viewer), Exemption.person_id.in_(assigned))


def _role_grant(viewer: Viewer) -> Condition:
    administered = select(Person.id).where(administers(viewer, Person))
    return or_(RoleGrant.person_id == viewer.person_id, RoleGrant.person_id.in_(administered))


def _cohort(viewer: Viewer) -> Condition:
    return or_(
        administers(viewer, Cohort),
        Cohort.id.in_(_cohorts_attended(viewer)),
        Cohort.id.in_(cohorts_trained(viewer)),
        Cohort.id.in_(cohorts_evaluated(viewer)),
        Cohort.id.in_(_granted(viewer, AccessGrant.cohort_id)),
    )


def _cohort_member(viewer: Viewer) -> Condition:
    administered = select(Cohort.id).where(administers(viewer, Cohort))
    return or_(
        CohortMember.person_id == viewer.person_id,
        CohortMember.cohort_id.in_(cohorts_trained(viewer)),
        CohortMember.cohort_id.in_(cohorts_evaluated(viewer)),
        CohortMember.cohort_id.in_(_granted(viewer, AccessGrant.cohort_id)),
        CohortMember.cohort_id.in_(administered),
    )


def _share(viewer: Viewer) -> Condition:
    mine = select(Recording.id).where(Recording.person_id == viewer.person_id)
    trained = RecordingShare.cohort_id.in_(cohorts_trained(viewer))
    return and_(_in_submitted(viewer, RecordingShare.recording_id), or_(RecordingShare.recording_id.in_(mine), trained))


def _assignment(viewer: Viewer) -> Condition:
    administered = select(Cohort.id).where(administers(viewer, Cohort))
    theirs = or_(
        Assignment.evaluator_id == viewer.person_id,
        Assignment.by_id == viewer.person_id,
        Assignment.cohort_id.in_(cohorts_trained(viewer)),
        Assignment.cohort_id.in_(administered),
    )
    return and_(theirs, or_(Assignment.recording_id.is_(None), _in_submitted(viewer, Assignment.recording_id)))


def _access_grant(viewer: Viewer) -> Condition:
    mine = select(Recording.id).where(Recording.person_id == viewer.person_id)
    theirs = or_(
        AccessGrant.grantee_id == viewer.person_id,
        AccessGrant.by_id == viewer.person_id,
        AccessGrant.recording_id.in_(mine),
        AccessGrant.cohort_id.in_(cohorts_trained(viewer)),
    )
    return and_(theirs, or_(AccessGrant.recording_id.is_(None), _in_submitted(viewer, AccessGrant.recording_id)))


def owns_case(viewer: Viewer) -> Condition:
    """Cases that are of the viewer's own recording."""
    return exists().where(
        Recording.id == CaseRow.recording_id, Recording.person_id == viewer.person_id, _submitted(viewer)
    )


def answers_for_case(viewer: Viewer) -> Condition:
    """Cases that the viewer as a trainer has proposed or taken up, and those that wait for one of their cohort."""
    trained = CaseRow.cohort_id.in_(cohorts_trained(viewer))
    waits = and_(CaseRow.trainer_id.is_(None), CaseRow.withdrawn_at.is_(None), CaseRow.until > now())
    judged = exists().where(Recording.id == CaseRow.recording_id, judges(viewer))
    return and_(judged, trained, or_(CaseRow.trainer_id == viewer.person_id, waits))


def case_may_be_shown() -> Condition:
    """Cases to which their owner agrees at this moment: neither over nor ended, and the owner's consent stands."""
    stands = exists().where(
        Recording.id == CaseRow.recording_id,
        Recording.deleted_at.is_(None),
        Recording.submitted_at.is_not(None),
        Person.id == Recording.person_id,
        Person.left_at.is_(None),  # who has left could not withdraw it
        not_(exists().where(Consent.person_id == Person.id, Consent.withdrawn_at >= Recording.created_at)),
    )
    ended = or_(CaseRow.declined_at.is_not(None), CaseRow.withdrawn_at.is_not(None), CaseRow.until <= now())
    return and_(CaseRow.agreed_at.is_not(None), CaseRow.sha256.is_not(None), not_(ended), stands)


def watches_case(viewer: Viewer) -> Condition:
    """Cases whose clip the viewer may be shown: members once a trainer stands for it, before that who is to decide."""
    members = or_(CaseRow.cohort_id.in_(_cohorts_attended(viewer)), CaseRow.cohort_id.in_(cohorts_trained(viewer)))
    shown = and_(CaseRow.accepted_at.is_not(None), members, _in_submitted(viewer, CaseRow.recording_id))
    return and_(case_may_be_shown(), or_(owns_case(viewer), answers_for_case(viewer), shown))


def _case(viewer: Viewer) -> Condition:
    return or_(owns_case(viewer), answers_for_case(viewer), watches_case(viewer))


def _case_comment(viewer: Viewer) -> Condition:
    return exists().where(CaseRow.id == CaseComment.case_id, CaseRow.accepted_at.is_not(None), watches_case(viewer))


def _try(viewer: Viewer) -> Condition:
    return and_(TryRow.person_id == viewer.person_id, TryRow.deleted_at.is_(None))


def _batch(viewer: Viewer) -> Condition:
    """One's own, as long as one evaluates where one belongs, and not in the trash."""
    return and_(owns_batch(viewer), Batch.deleted_at.is_(None))


def owns_batch(viewer: Viewer) -> Condition:
    """Batches of the viewer's own, in the trash too, as long as they evaluate where they belong."""
    here = Batch.organisation_id == viewer.organisation_id
    return and_(Batch.owner_id == viewer.person_id, here, _evaluates(viewer))


def left_batch(viewer: Viewer) -> Condition:
    """Batches that their evaluator can see no more, having left or lost the role, of people the viewer administers."""
    evaluates = exists().where(
        RoleGrant.person_id == Person.id, RoleGrant.role == Role.evaluator,
        RoleGrant.organisation_id == Person.organisation_id,
        or_(RoleGrant.department_id.is_(None), RoleGrant.department_id == Person.department_id),
    )  # fmt: skip
    gone = or_(Person.left_at.is_not(None), not_(evaluates))
    return exists().where(Person.id == Batch.owner_id, gone, administers(viewer, Person)).correlate(Batch)


def _evaluates(viewer: Viewer) -> Condition:
    """Whether the viewer evaluates where the viewer belongs."""
    return exists().where(
        Person.id == viewer.person_id, _has(viewer, Role.evaluator, Person.organisation_id, Person.department_id)
    )


def _sheet_template(viewer: Viewer) -> Condition:
    return and_(SheetTemplate.organisation_id == viewer.organisation_id, _evaluates(viewer))


def _of_batch(column: Any) -> Rule:
    """Rows that belong to a batch which the viewer sees."""
    return lambda viewer: exists().where(Batch.id == column, _batch(viewer))


def _nobody(viewer: Viewer) -> Condition:
    """Rows that are shown to nobody, whoever asks."""
    return false()


def _seen(viewer: Viewer) -> Condition:
    mine = exists().where(Recording.id == SeenRow.recording_id, Recording.person_id == viewer.person_id)
    return and_(mine, _in_submitted(viewer, SeenRow.recording_id))


def _retention(viewer: Viewer) -> Condition:
    return RetentionPolicy.organisation_id == viewer.organisation_id


def _audit_line(viewer: Viewer) -> Condition:
    """What one did oneself, but for what is of somebody else's private practice; what is for oneself alone.

    Administrators see all of their organisation's but what is for somebody alone.
    """
    administered = administers_organisation(viewer, AuditLine.organisation_id)
    for_all = AuditLine.seen_by == AuditLine.organisation_id
    before = AuditLine.seen_by.is_(None)
    return or_(
        AuditLine.seen_by == viewer.person_id,
        and_(AuditLine.person_id == viewer.person_id, or_(for_all, before)),
        and_(administered, or_(for_all, and_(before, _surely_no_practice()))),
    )


# Lines from before practice was private, of things in which somebody practises: what nobody does to their own.
_PRACTISED = tuple(each.__tablename__ for each in (Recording, Assessment, Comment, AccessGrant, TryRow))
_BY_OTHERS = ("watch", "open_file", "discard_unknown", "purge_withdrawn", "purge_discarded", "purge_expired")
_BROUGHT_IN = ("open_recording", "keep_recording", "adopt", "try")


def _surely_no_practice() -> Condition:
    """Lines that tell nothing of what somebody did with their own, though they do not say whose it was.

    A deletion is one by somebody else when another person had brought in what was deleted.
    """
    earlier = AuditLine.__table__.alias()
    brought_in = exists(select(earlier.c.id).where(
        earlier.c.entity_id == AuditLine.entity_id, earlier.c.person_id == AuditLine.person_id,
        earlier.c.action.in_(_BROUGHT_IN),
    ))  # fmt: skip
    return or_(
        AuditLine.entity.not_in(_PRACTISED),
        AuditLine.action.in_(_BY_OTHERS),
        and_(AuditLine.action == "delete", not_(brought_in)),
    )


RULES: Mapping[type[Base], Rule] = {
    Organisation: _organisation,
    Department: _department,
    Person: _person,
    RoleGrant: _role_grant,
    Cohort: _cohort,
    CohortMember: _cohort_member,
    Recording: _recording,
    RecordingShare: _share,
    Assessment: _assessment,
    AssessmentFile: _of_assessment(AssessmentFile.assessment_id),
    DimensionRow: _of_assessment(DimensionRow.assessment_id),
    VerdictRow: _of_assessment(VerdictRow.assessment_id),
    Confirmation: _confirmation,
    Comment: _of_followed(Comment.recording_id),
    AppealRow: _of_assessment(AppealRow.assessment_id),
    SeenRow: _seen,
    CaseRow: _case,
    CaseComment: _case_comment,
    Rating: _rating,
    Review: _of_followed(Review.recording_id),
    CannedPhrase: _canned_phrase,
    GoldClip: _gold_clip,
    GoldValue: _gold_value,
    GoldRating: _gold_rating,
    GoldCheck: _gold_check,
    GoldMove: _nobody,
    Batch: _batch,
    BatchFile: _of_batch(BatchFile.batch_id),
    BatchLine: _of_batch(BatchLine.batch_id),
    Mark: _of_assessment(Mark.assessment_id),
    SheetTemplate: _sheet_template,
    Assignment: _assignment,
    AccessGrant: _access_grant,
    TryRow: _try,
    Consent: _of_person(Consent.person_id),
    Exemption: _exemption,
    RetentionPolicy: _retention,
    AuditLine: _audit_line,
    Credential: _nobody,
    SignInSession: _nobody,
    SignInAttempt: _nobody,
}
