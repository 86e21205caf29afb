"""What may be seen: what each row of a table must meet for a viewer; a table without a rule shows nothing.

`RULES` has every table. The rules of what hangs on a recording stand in `liyi.records.recording_rules`, those of cases
in `liyi.records.case_rules`, all others here; they are made of what `liyi.records.viewer` says of who looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, false, not_, or_, select

from liyi.records import case_rules, recording_rules
from liyi.records.access_tables import AccessGrant, Assignment, RecordingShare
from liyi.records.appeal_tables import AppealRow, SeenRow
from liyi.records.batch_tables import Batch, BatchFile, BatchLine, Mark, SheetTemplate
from liyi.records.case_tables import CaseComment, CaseRow
from liyi.records.consent_tables import Consent, Exemption, RetentionPolicy
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove, GoldProposal, GoldRating, GoldValue
from liyi.records.review_schema import CannedPhrase, Confirmation, Review
from liyi.records.schema import (
    Assessment,
    AssessmentFile,
    Cohort,
    CohortMember,
    Comment,
    Department,
    DimensionRow,
    Organisation,
    Person,
    Rating,
    Recording,
    Role,
    RoleGrant,
    TryRow,
    VerdictRow,
)
from liyi.records.sign_in_tables import Credential, SignInAttempt, SignInSession
from liyi.records.store_tables import AuditLine
from liyi.records.viewer import (
    administers,
    administers_organisation,
    cohorts_attended,
    cohorts_evaluated,
    cohorts_trained,
    evaluates,
    granted,
    people_followed,
    people_judged,
    recordings_assigned,
    recordings_followed,
    submitted,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.records.schema import Base
    from liyi.records.viewer import Condition, Rule, Viewer


def visible(viewer: Viewer, entity: type[Base]) -> Condition:
    """What a row of ``entity`` must meet for the viewer to see it; nothing does where no rule stands."""
    rule = RULES.get(entity)
    return rule(viewer) if rule else false()


def _organisation(viewer: Viewer) -> Condition:
    return Organisation.id == viewer.organisation_id


def _department(viewer: Viewer) -> Condition:
    return Department.organisation_id == viewer.organisation_id


def _person(viewer: Viewer) -> Condition:
    return or_(
        Person.id == viewer.person_id,
        administers(viewer, Person),
        Person.id.in_(people_followed(viewer)),
        Person.id.in_(
            select(Recording.person_id).where(Recording.id.in_(recordings_followed(viewer)), submitted(viewer))
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
        Cohort.id.in_(cohorts_attended(viewer)),
        Cohort.id.in_(cohorts_trained(viewer)),
        Cohort.id.in_(cohorts_evaluated(viewer)),
        Cohort.id.in_(granted(viewer, AccessGrant.cohort_id)),
    )


def _cohort_member(viewer: Viewer) -> Condition:
    administered = select(Cohort.id).where(administers(viewer, Cohort))
    return or_(
        CohortMember.person_id == viewer.person_id,
        CohortMember.cohort_id.in_(cohorts_trained(viewer)),
        CohortMember.cohort_id.in_(cohorts_evaluated(viewer)),
        CohortMember.cohort_id.in_(granted(viewer, AccessGrant.cohort_id)),
        CohortMember.cohort_id.in_(administered),
    )


def _try(viewer: Viewer) -> Condition:
    return and_(TryRow.person_id == viewer.person_id, TryRow.deleted_at.is_(None))


def _batch(viewer: Viewer) -> Condition:
    """One's own, as long as one evaluates where one belongs, and not in the trash."""
    return and_(owns_batch(viewer), Batch.deleted_at.is_(None))


def owns_batch(viewer: Viewer) -> Condition:
    """Batches of the viewer's own, in the trash too, as long as they evaluate where they belong."""
    here = Batch.organisation_id == viewer.organisation_id
    return and_(Batch.owner_id == viewer.person_id, here, evaluates(viewer))


def left_batch(viewer: Viewer) -> Condition:
    """Batches that their evaluator can see no more, having left or lost the role, of people the viewer administers."""
    still = exists().where(
        RoleGrant.person_id == Person.id, RoleGrant.role == Role.evaluator,
        RoleGrant.organisation_id == Person.organisation_id,
        or_(RoleGrant.department_id.is_(None), RoleGrant.department_id == Person.department_id),
    )  # fmt: skip
    gone = or_(Person.left_at.is_not(None), not_(still))
    return exists().where(Person.id == Batch.owner_id, gone, administers(viewer, Person)).correlate(Batch)


def _sheet_template(viewer: Viewer) -> Condition:
    return and_(SheetTemplate.organisation_id == viewer.organisation_id, evaluates(viewer))


def _of_batch(column: Any) -> Rule:
    """Rows that belong to a batch which the viewer sees."""
    return lambda viewer: exists().where(Batch.id == column, _batch(viewer))


def _nobody(viewer: Viewer) -> Condition:
    """Rows that are shown to nobody, whoever asks."""
    return false()


def _canned_phrase(viewer: Viewer) -> Condition:
    return CannedPhrase.author_id == viewer.person_id


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
    Recording: recording_rules.recording,
    RecordingShare: recording_rules.share,
    Assessment: recording_rules.assessment,
    AssessmentFile: recording_rules.of_assessment(AssessmentFile.assessment_id),
    DimensionRow: recording_rules.of_assessment(DimensionRow.assessment_id),
    VerdictRow: recording_rules.of_assessment(VerdictRow.assessment_id),
    Confirmation: recording_rules.confirmation,
    Comment: recording_rules.of_followed(Comment.recording_id),
    AppealRow: recording_rules.of_assessment(AppealRow.assessment_id),
    SeenRow: recording_rules.seen,
    CaseRow: case_rules.case,
    CaseComment: case_rules.case_comment,
    Rating: recording_rules.rating,
    Review: recording_rules.of_followed(Review.recording_id),
    CannedPhrase: _canned_phrase,
    GoldClip: recording_rules.gold_clip,
    GoldProposal: recording_rules.gold_proposal,
    GoldValue: recording_rules.gold_value,
    GoldRating: recording_rules.gold_rating,
    GoldCheck: recording_rules.gold_check,
    GoldMove: _nobody,
    Batch: _batch,
    BatchFile: _of_batch(BatchFile.batch_id),
    BatchLine: _of_batch(BatchLine.batch_id),
    Mark: recording_rules.of_assessment(Mark.assessment_id),
    SheetTemplate: _sheet_template,
    Assignment: recording_rules.assignment,
    AccessGrant: recording_rules.access_grant,
    TryRow: _try,
    Consent: _of_person(Consent.person_id),
    Exemption: _exemption,
    RetentionPolicy: _retention,
    AuditLine: _audit_line,
    Credential: _nobody,
    SignInSession: _nobody,
    SignInAttempt: _nobody,
}
