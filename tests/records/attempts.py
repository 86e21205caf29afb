"""One attempt at the owner's data for every operation, and who may succeed in it.

An attempt gives what it saw or did; for a list, what of the owner's (or of hall A's) was in it. Each operation must
have one, or `test_matrix` fails.
"""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from liyi.core.errors import LiyiError, Notice
from liyi.core.options import Options
from liyi.records import printed
from liyi.records.case_tables import CaseForm
from liyi.records.operations import (
    access,
    accounts,
    appeals,
    assessments,
    audience,
    batch_bringing,
    batch_exports,
    batch_marks,
    batch_ratings,
    batch_removal,
    batch_running,
    batches,
    care,
    case_clips,
    case_views,
    cases,
    cohorts,
    confirmations,
    consent,
    deletion,
    enrolment,
    feedback,
    gold,
    gold_check,
    gold_drift,
    outcome,
    overturned,
    people,
    personal_copy,
    queue,
    rating_tables,
    recordings,
    remarks,
    roster,
    sheet_templates,
    space,
    standing,
    submission,
    tables,
    tries,
)
from liyi.records.people_sheet import Line
from liyi.records.review_schema import Decision
from liyi.records.schema import Kind, Role, now
from tests.records import world as worlds

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer
    from tests.records.world import World

    Attempt = Callable[[Records, Viewer, World], Any]

FOLLOWERS = "owner trainer evaluator granted_admin"
WORKERS = "owner trainer evaluator"
JUDGES = "trainer evaluator"
ADMINS = "admin granted_admin expired_admin"  # of the whole of hall A
EVERY_ADMIN = f"{ADMINS} foreign_admin foreign_trainer"
STAFF_AND_TRAINEES = "owner peer stranger trainer other_trainer evaluator idle_evaluator window_admin dismissed_trainer"

ATTEMPTS: dict[str, tuple[frozenset[str], Attempt]] = {}
PRIVATELY: dict[str, frozenset[str]] = {}


def attempt(allowed: str, private: str | None = None) -> Callable[[Attempt], Attempt]:
    """Enter an attempt: who may succeed in it, and who with a recording that is ``private``; the same without it."""

    def enter(work: Attempt) -> Attempt:
        name = work.__name__.rstrip("_")  # where a module has the operation's name
        assert name not in ATTEMPTS
        ATTEMPTS[name] = (frozenset(allowed.split()), work)
        PRIVATELY[name] = frozenset((allowed if private is None else private).split())
        return work

    return enter


def table(*rows: tuple[Any, ...]) -> None:
    """Enter attempts that are one call: the operation, how it is called, and who may succeed, as for `attempt`.

    ``do`` is the operation with store and viewer. One that has no answer succeeds where it does not refuse.
    """

    def called(operation: Callable[..., Any], call: Callable[..., Any]) -> Attempt:
        def work(records, viewer, world):
            answer = call(partial(operation, records, viewer), world)
            return answer or operation.__annotations__["return"] == "None"

        work.__name__ = operation.__name__
        return work

    for operation, call, *who in rows:
        attempt(*who)(called(operation, call))


PRIVATE = ""  # falsy: nothing was done


def unless_private(work: Any, *arguments: Any, **named: Any) -> Any:
    """What its owner is told of showing to others what is private."""
    try:
        return work(*arguments, **named)
    except LiyiError as error:
        if "is private" in error.sentence:
            return PRIVATE
        raise


def ids(rows: Any, wanted: Any) -> list[Any]:
    return [row.id for row in rows if row.id == wanted]


# Recordings

table(
    (recordings.recording, lambda do, w: do(w.recording), "owner peer trainer evaluator granted_admin", "owner"),
    (recordings.judged_recording, lambda do, w: do(w.recording), JUDGES, ""),
    (recordings.open_recording, lambda do, w: do(name="x", kind=Kind.upload, person_id=w.owner_id), "owner trainer"),
    # the owner has begun it, privately
    (recordings.close_recording, lambda do, w: do(w.open_recording, io.BytesIO(b"whole"), duration_s=1), "owner"),
    (recordings.unshare, lambda do, w: do(w.recording, w.cohort), "owner trainer", "owner"),
    (recordings.shared_with, lambda do, w: do(w.recording), "owner trainer", "owner"),
)


@attempt("owner peer trainer evaluator granted_admin", private="owner")
def recordings_(records, viewer, world):
    everything = recordings.recordings(records, viewer, size=500)
    of_owner = recordings.recordings(records, viewer, person_id=world.owner_id)
    return ids([*everything, *of_owner], world.recording)


@attempt("owner peer trainer evaluator granted_admin", private="owner")
def watch(records, viewer, world):
    return recordings.watch(records, viewer, world.recording).read_bytes()


@attempt("owner peer trainer evaluator granted_admin", private="owner")
def watch_side(records, viewer, world):
    return recordings.watch_side(records, viewer, world.recording).read_bytes()


@attempt("owner trainer")
def keep_recording(records, viewer, world):
    content = io.BytesIO(b"another")
    return recordings.keep_recording(records, viewer, content, name="x", kind=Kind.batch, person_id=world.owner_id)


@attempt("owner", private="")
def share(records, viewer, world):
    return unless_private(recordings.share, records, viewer, world.recording, world.evening_cohort) != PRIVATE


# The practice wall

table(
    (submission.submit_recording, lambda do, w: do(w.recording), "owner"),
    (standing.note_read, lambda do, w: do(w.recording), "owner", ""),
)


@attempt("owner")
def withdraw_recording(records, viewer, world):
    try:
        return submission.withdraw_recording(records, viewer, world.recording)
    except LiyiError as error:
        if "was opened by somebody else" in error.sentence:  # told to the owner alone
            return True
        raise


@attempt("owner")
def audience_(records, viewer, world):
    return audience.audience(records, viewer, world.recording).readers


@attempt("owner", private="")
def standings(records, viewer, world):
    return world.recording in standing.standings(records, viewer)


# Appeals

table(
    (appeals.take_back_appeal, lambda do, w: do(w.appeal), "owner", "owner"),
    (remarks.remarks, lambda do, w: do(w.assessment), FOLLOWERS, "owner"),
    # of what they judge; an administrator is told of no sum over fewer than five
    (overturned.overturned, lambda do, w: do(), JUDGES),
)


@attempt("owner", private="")
def appeal(records, viewer, world):
    named = {"start_s": 1.0, "end_s": 2.0}
    return unless_private(appeals.appeal, records, viewer, world.assessment, "pace", "not so", **named)


@attempt(JUDGES, private="")
def answer_appeal(records, viewer, world):
    try:
        return appeals.answer_appeal(records, viewer, world.appeal, upheld=False, sentence="heard again: it is so")
    except LiyiError as error:
        if "somebody else answers" in error.sentence:  # told to who judges alone
            return True
        raise


@attempt(FOLLOWERS, private="owner")
def appeals_(records, viewer, world):
    found = [*appeals.appeals(records, viewer), *appeals.appeals(records, viewer, recording_id=world.recording)]
    return ids([*found, *appeals.appeals(records, viewer, open_only=True)], world.appeal)


# Assessments

table(
    (assessments.assessment, lambda do, w: do(w.assessment), FOLLOWERS, "owner"),
    (assessments.verdicts, lambda do, w: do(w.assessment), FOLLOWERS, "owner"),
    (assessments.dimensions, lambda do, w: do(w.assessment), FOLLOWERS, "owner"),
    (assessments.assessment_files, lambda do, w: do(w.assessment), FOLLOWERS, "owner"),
)


@attempt(WORKERS, private="owner")
def file_assessment(records, viewer, world):
    sha256 = worlds.SECRET_SHA256 if world.recording == world.secret else worlds.SHA256
    return assessments.file_assessment(records, viewer, world.recording, worlds.judged(sha256, version="2.0.0"), {})


@attempt(FOLLOWERS, private="owner")
def assessments_(records, viewer, world):
    found = [
        *assessments.assessments(records, viewer, size=500),
        *assessments.assessments(records, viewer, person_id=world.owner_id),
        *assessments.assessments(records, viewer, recording_id=world.recording),
    ]
    return ids(found, world.assessment)


@attempt(FOLLOWERS, private="owner")
def assessment_file(records, viewer, world):
    return assessments.assessment_file(records, viewer, world.assessment, "report.html").read_text()


@attempt(FOLLOWERS, private="owner")
def progress(records, viewer, world):
    found = assessments.progress(records, viewer, world.owner_id)
    return found and {found.first.id, found.last.id} & {world.assessment, world.later}


@attempt("owner trainer granted_admin", private="owner")
def cohort_table(records, viewer, world):
    found = tables.cohort_table(records, viewer, world.cohort)
    mine = {world.secret_assessment} if viewer.person_id == world.owner_id else set()
    wanted = mine | {world.assessment, world.later}
    return [row for row in found.rows if row.assessment and row.assessment.id in wanted]


# Tries of drills

table(
    (tries.mine, lambda do, w: do(), "owner"),
    (tries.forget, lambda do, w: do(), "owner"),
)


@attempt("owner peer")  # their own, each of them; without consent nobody
def add(records, viewer, world):
    try:
        return tries.add(records, viewer, drill="level_shoulders", results=[], passed=True)
    except LiyiError as error:
        if "consent" in error.sentence:
            return None
        raise


# Feedback

table(
    (feedback.comment, lambda do, w: do(w.recording, "well done"), WORKERS, "owner"),
    (feedback.remove_comment, lambda do, w: do(w.comment), "trainer", "owner"),
    (feedback.comments, lambda do, w: do(w.recording), FOLLOWERS, "owner"),
    # everybody for oneself
    (
        feedback.add_canned_phrase,
        lambda do, w: do("双肩放平", criterion="shoulder_tilt"),
        STAFF_AND_TRAINEES + " " + EVERY_ADMIN,
    ),
    (feedback.remove_canned_phrase, lambda do, w: do(w.canned_phrase), "trainer"),
    (feedback.rate, lambda do, w: do(w.recording, "shoulder_tilt", 50), JUDGES, ""),
    (feedback.rate_all, lambda do, w: do(w.recording, {"shoulder_tilt": 50, "pace": 40}), JUDGES, ""),
    (feedback.ratings, lambda do, w: do(w.recording), "trainer evaluator granted_admin", ""),
)


@attempt("trainer")  # their own, and nobody else's
def canned_phrases(records, viewer, world):
    return ids(feedback.canned_phrases(records, viewer), world.canned_phrase)


# Confirmations

table(
    (
        confirmations.confirm,
        lambda do, w: do(w.assessment, "pace", decision=Decision.changed, new=1.0, why="because"),
        JUDGES,
        "",
    ),
    (confirmations.confirmations, lambda do, w: do(w.assessment), FOLLOWERS, "owner"),
    (confirmations.take_back_confirmation, lambda do, w: do(w.confirmation), "trainer", ""),
    (confirmations.send_review, lambda do, w: do(w.recording), JUDGES, ""),
    (confirmations.reviews, lambda do, w: do(w.recording), FOLLOWERS, "owner"),
)


@attempt(JUDGES, private="")
def queue_(records, viewer, world):
    return [each for each in queue.queue(records, viewer, size=500) if each.recording_id == world.recording]


@attempt(JUDGES, private="")
def blind_due(records, viewer, world):
    return feedback.blind_due(records, viewer, world.recording) in (True, False)


@attempt("trainer evaluator granted_admin", private="")
def rating_tables_(records, viewer, world):
    sha256 = worlds.SECRET_SHA256 if world.recording == world.secret else worlds.SHA256
    return [row for row in rating_tables.rating_tables(records, viewer).ratings if row["recording"] == sha256]


@attempt(FOLLOWERS, private="owner")
def outcome_(records, viewer, world):
    try:
        return outcome.outcome(records, viewer, world.assessment)
    except LiyiError as error:  # the files of this world hold one line of text
        return "damaged" in error.sentence or None


# Gold clips

table(
    (gold.answer_gold, lambda do, w: do(w.recording, consented=True), "owner", "owner"),
    # and who proposed it after the first, their own proposal
    (gold.end_gold, lambda do, w: do(w.recording), "owner trainer evaluator", "owner"),
    (gold_drift.gold_checks, lambda do, w: do(), f"trainer other_trainer evaluator idle_evaluator {ADMINS}"),
)


@attempt(JUDGES, private="")
def propose_gold(records, viewer, world):
    try:
        return gold.propose_gold(records, viewer, world.recording)
    except LiyiError as error:
        return "have proposed this recording" in error.sentence or None  # told to who has alone


@attempt("owner trainer evaluator", private="owner")  # whose it is, and who proposed it
def gold_clips(records, viewer, world):
    return [each for each in gold.gold_clips(records, viewer) if each.recording_id == world.recording]


@attempt(JUDGES, private="")
def settle_gold(records, viewer, world):
    return gold.settle_gold(records, viewer, world.recording) in (True, False)


@attempt(f"trainer other_trainer evaluator idle_evaluator {ADMINS}")
def gold_counts(records, viewer, world):
    return gold.gold_counts(records, viewer).asked == 1  # what is private is not counted


@attempt("evaluator", private="")
def gold_drift_(records, viewer, world):
    wanted = -47 if world.recording == world.secret else 10
    with patch.object(gold_drift, "FEWEST_RATED", 1):  # there is one clip
        return [each for each in gold_drift.gold_drift(records, viewer).stretches if each.difference == wanted]


@attempt(f"trainer other_trainer evaluator idle_evaluator {ADMINS} foreign_admin foreign_trainer")  # of their own
def gold_notices(records, viewer, world):
    return gold_drift.gold_notices(records, viewer) is not None


@attempt(f"{ADMINS} foreign_admin")  # of their own
def check_gold(records, viewer, world):
    try:
        return gold_check.check_gold(records, viewer)
    except LiyiError as error:  # told to who administers a unit alone
        return "There is no gold clip yet" in error.sentence or None


# Cases

JOINTS = b'{"joints": []}'


def of_case():
    return {"form": CaseForm.skeleton, "text_sha256": worlds.TEXT_SHA256}


@attempt("trainer", private="")
def propose_case(records, viewer, world):
    return cases.propose_case(records, viewer, world.recording, world.cohort, **worlds.about(20.5, end_s=22.0))


@attempt("owner", private="")
def offer_case(records, viewer, world):
    return unless_private(
        cases.offer_case, records, viewer, world.recording, world.cohort,
        **(worlds.about(20.5, end_s=22.0) | of_case()),
    ) != PRIVATE  # fmt: skip


@attempt("owner")
def agree_to_case(records, viewer, world):
    return cases.agree_to_case(records, viewer, world.asked_case, **of_case())


@attempt("owner")
def keep_clip(records, viewer, world):
    return case_clips.keep_clip(records, viewer, world.unmade_case, io.BytesIO(JOINTS))


@attempt("owner")
def fail_clip(records, viewer, world):
    return case_clips.fail_clip(records, viewer, world.unmade_case, Notice("{file} is empty.", {"file": "a.webm"}))


@attempt("owner")
def retry_clip(records, viewer, world):
    return case_clips.retry_clip(records, viewer, world.unmade_case)


@attempt("owner trainer", private="owner")
def decline_case(records, viewer, world):
    trains = viewer == world.viewers["trainer"]
    cases.decline_case(records, viewer, world.offered_case if trains else world.asked_case)
    return True


@attempt("trainer", private="")
def accept_case(records, viewer, world):
    return cases.accept_case(records, viewer, world.offered_case)


@attempt("owner trainer", private="owner")
def withdraw_case(records, viewer, world):
    cases.withdraw_case(records, viewer, world.case)
    return True


@attempt(ADMINS)
def end_cases(records, viewer, world):
    cases.end_cases(records, viewer, world.cohort)
    return True


@attempt("owner trainer peer", private="owner")
def cases_(records, viewer, world):
    return ids(case_views.cases(records, viewer, size=500), world.case)


@attempt("owner trainer peer", private="owner")
def one_case(records, viewer, world):
    return case_views.one_case(records, viewer, world.case)


@attempt("owner trainer peer", private="")
def watch_case(records, viewer, world):
    return case_views.watch_case(records, viewer, world.case).path.name


@attempt("owner trainer", private="owner")
def case_watchers(records, viewer, world):
    return case_views.case_watchers(records, viewer, world.case)


@attempt("owner trainer", private="")
def case_cohorts(records, viewer, world):
    return case_views.case_cohorts(records, viewer, world.recording)


@attempt("owner trainer peer", private="")
def comment_on_case(records, viewer, world):
    return case_views.comment_on_case(records, viewer, world.case, "so would I")


@attempt("trainer peer", private="")
def remove_case_comment(records, viewer, world):
    case_views.remove_case_comment(records, viewer, world.case_comment)
    return True


@attempt("owner trainer peer", private="")
def case_comments(records, viewer, world):
    return ids(case_views.case_comments(records, viewer, world.case), world.case_comment)


# Access

table(
    (access.assign, lambda do, w: do(w.idle_evaluator_id, recording_id=w.recording), "trainer", ""),
    (access.unassign, lambda do, w: do(w.assignment), "trainer", ""),
    (access.revoke_access, lambda do, w: do(w.access_grant), "owner", "owner"),
)


@attempt("trainer evaluator", private="")
def assignments(records, viewer, world):
    return ids(access.assignments(records, viewer), world.assignment)


@attempt("owner trainer", private="")
def grant_access(records, viewer, world):
    later, thing = now() + timedelta(hours=1), {"recording_id": world.recording}
    return unless_private(access.grant_access, records, viewer, world.expired_admin_id, until=later, **thing)


@attempt("owner granted_admin", private="owner")
def access_grants(records, viewer, world):
    return ids(access.access_grants(records, viewer), world.access_grant)


# Consent

table(
    (
        consent.give_consent,
        lambda do, w: do(version="1", text_sha256=worlds.TEXT_SHA256, person_id=w.paper_id),
        "admin granted_admin expired_admin",
    ),
    (consent.withdraw_consent, lambda do, w: do(person_id=w.owner_id), "owner"),
    (consent.consents, lambda do, w: do(w.owner_id), f"owner trainer {ADMINS}"),
    (consent.exempt, lambda do, w: do(w.owner_id, "pace", from_day=date(2026, 1, 1)), f"trainer {ADMINS}"),
    (consent.end_exemption, lambda do, w: do(w.exemption), f"trainer {ADMINS}"),
    (consent.exemptions, lambda do, w: do(w.owner_id), f"owner trainer evaluator {ADMINS}"),
)


# People

table(
    (people.person, lambda do, w: do(w.owner_id), f"owner trainer evaluator {ADMINS}"),
    (people.change_person, lambda do, w: do(w.owner_id, name="Another", account="another", department_id=None), ADMINS),
    (people.return_person, lambda do, w: do(w.gone_trainer_id, held=[(Role.trainer, None)]), ADMINS),
    (people.names, lambda do, w: do([w.owner_id]), f"owner trainer evaluator {ADMINS}"),
    (roster.roster_entry, lambda do, w: do(w.owner_id), ADMINS),
    (people.end_person, lambda do, w: do(w.owner_id), ADMINS),
    (people.roles, lambda do, w: do(w.owner_id), f"owner {ADMINS}"),
    (people.grant_role, lambda do, w: do(w.owner_id, Role.trainer), ADMINS),
    (people.revoke_role, lambda do, w: do(w.role_grant), ADMINS),
    (people.rename_department, lambda do, w: do(w.department, name="Counter"), ADMINS),
    (people.retention, lambda do, w: do(), f"{STAFF_AND_TRAINEES} {ADMINS}"),
)


@attempt(f"owner trainer evaluator {ADMINS}")
def people_(records, viewer, world):
    return ids(people.people(records, viewer, size=500), world.owner_id)


@attempt(f"{STAFF_AND_TRAINEES} {ADMINS}")
def colleagues(records, viewer, world):
    return ids(people.colleagues(records, viewer, Role.trainer), world.trainer_id)


@attempt(ADMINS)
def add_person(records, viewer, world):
    row = people.add_person(records, viewer, name="New")
    return row.organisation_id == world.viewers["admin"].organisation_id


@attempt(ADMINS)
def roster_(records, viewer, world):
    found = roster.roster(records, viewer, text="OWN")
    return [entry for entry in found.entries if entry.person.id == world.owner_id and found.total == 1]


@attempt(ADMINS)
def people_lines(records, viewer, world):
    return [line for line in enrolment.people_lines(records, viewer) if line.id == world.owner_id]


@attempt(ADMINS)
def draft_people(records, viewer, world):
    draft = enrolment.draft_people(records, viewer, [Line(2, "Renamed", id=world.owner_id)])
    return draft.steps and not draft.faults


@attempt(ADMINS)
def enter_people(records, viewer, world):
    lines = [Line(2, "Renamed", id=world.owner_id)]
    draft = enrolment.draft_people(records, viewer, lines)
    return not draft.faults and enrolment.enter_people(records, viewer, lines, draft.key)


@attempt("owner")
def choose_post(records, viewer, world):
    if viewer.person_id != world.owner_id:  # everybody chooses for oneself, and for nobody else
        return None
    people.choose_post(records, viewer, "phone")
    return people.person(records, viewer, world.owner_id).post == "phone"


@attempt(f"{STAFF_AND_TRAINEES} {ADMINS}")
def departments(records, viewer, world):
    return ids(people.departments(records, viewer), world.department)


@attempt(ADMINS)
def add_department(records, viewer, world):
    row = people.add_department(records, viewer, name="Back office")
    return row.organisation_id == world.viewers["admin"].organisation_id


@attempt(ADMINS)
def remove_department(records, viewer, world):
    try:
        return people.remove_department(records, viewer, world.department)
    except LiyiError as error:
        if "still has" in error.sentence:  # told to its administrators alone
            return True
        raise


@attempt(f"{STAFF_AND_TRAINEES} {ADMINS}")
def organisation(records, viewer, world):
    return people.organisation(records, viewer).name == "Hall A"


@attempt(ADMINS)
def set_retention(records, viewer, world):
    row = people.set_retention(records, viewer, Role.trainee, days=30)
    return row.organisation_id == world.viewers["admin"].organisation_id


@attempt(ADMINS)
def set_private_retention(records, viewer, world):
    row = people.set_private_retention(records, viewer, days=30)
    return row.id == world.viewers["admin"].organisation_id


@attempt(f"{ADMINS} window_admin foreign_admin")  # of their own; with too few people in it nothing is told
def space_by_department(records, viewer, world):
    return space.space_by_department(records, viewer) == []


@attempt(f"owner {ADMINS}")
def audit_trail(records, viewer, world):
    lines = people.audit_trail(records, viewer, size=500)
    return [line.id for line in lines if line.person_id == world.owner_id]


@attempt(ADMINS)
def export_trail(records, viewer, world):
    return [line for line in people.export_trail(records, viewer) if line.person_id == world.owner_id]


# Cohorts

table(
    (cohorts.change_cohort, lambda do, w: do(w.cohort, name="Winter", department_id=w.department), ADMINS),
    (cohorts.cohort, lambda do, w: do(w.cohort), f"owner peer trainer {ADMINS}"),
    (cohorts.add_member, lambda do, w: do(w.other_cohort, w.owner_id, Role.trainee), ADMINS),
    (cohorts.remove_member, lambda do, w: do(w.cohort, w.owner_id, Role.trainee), ADMINS),
)


@attempt(ADMINS)
def remove_cohort(records, viewer, world):
    try:
        return cohorts.remove_cohort(records, viewer, world.cohort)
    except LiyiError as error:
        if "still has members" in error.sentence:
            return True
        raise


@attempt(ADMINS)
def cohort_sizes(records, viewer, world):
    return roster.cohort_sizes(records, viewer).get(world.cohort)


@attempt(f"owner peer trainer {ADMINS}")
def cohorts_(records, viewer, world):
    return ids(cohorts.cohorts(records, viewer), world.cohort)


@attempt(f"owner trainer {ADMINS}")
def members(records, viewer, world):
    return [row for row in cohorts.members(records, viewer, world.cohort) if row.person_id == world.owner_id]


@attempt(ADMINS)
def add_cohort(records, viewer, world):
    row = cohorts.add_cohort(records, viewer, name="Summer")
    return row.organisation_id == world.viewers["admin"].organisation_id


# Accounts

table(
    (accounts.issue_code, lambda do, w: do(w.owner_id), f"{ADMINS}"),
    (accounts.issue_codes, lambda do, w: do([w.owner_id]), f"{ADMINS}"),
    (accounts.end_sessions, lambda do, w: do(w.owner_id), f"owner {ADMINS}"),
)


@attempt(f"{ADMINS}")
def accounts_(records, viewer, world):
    return accounts.accounts(records, viewer).get(world.owner_id)


# Deletion

table(
    (deletion.discard, lambda do, w: do(w.recording), "owner"),
    (deletion.take_back, lambda do, w: do(w.discarded), "owner"),
    (deletion.discard_everything, lambda do, w: do() is not None, "owner"),
    (deletion.discarded_together, lambda do, w: do(), "owner"),
    (deletion.delete_recording, lambda do, w: do(w.recording), f"owner {ADMINS}"),
    (deletion.delete_person, lambda do, w: do(w.owner_id), f"owner {ADMINS}"),
)


@attempt("owner")
def trash(records, viewer, world):
    return ids(deletion.trash(records, viewer), world.discarded)


@attempt("owner")
def take_back_everything(records, viewer, world):
    [gone] = deletion.trash(records, world.viewers["owner"])
    return deletion.take_back_everything(records, viewer, gone.deleted_at)


@attempt(f"owner {ADMINS}")
def personal_copy_(records, viewer, world):
    file = records.folder / "copy.zip"
    personal_copy.personal_copy(records, viewer, file, person_id=world.owner_id)
    file.unlink()
    return True


@attempt("owner")
def sent_copy(records, viewer, world):
    if viewer.person_id != world.owner_id:  # everybody has their own
        return None
    return b"".join(personal_copy.sent_copy(records, viewer))


# What an administrator looks after

table(
    (printed.set_up, lambda do, w: do(), f"{ADMINS} foreign_admin"),
)


@attempt(f"{ADMINS} window_admin foreign_admin")
def care_(store, viewer, world):
    return care.care(store, viewer) is not None  # nothing where all is well


# What an evaluator brings in


@attempt("evaluator idle_evaluator")
def add_batch(records, viewer, world):
    return batches.add_batch(
        records, viewer, name="b", purpose="training", pack="counter", lang="zh", options=Options()
    )


@attempt("evaluator")
def batches_(records, viewer, world):
    return world.batch in [each.id for each in batches.batches(records, viewer)]


@attempt("evaluator")
def batch_(records, viewer, world):
    return batches.batch(records, viewer, world.batch)


@attempt("evaluator")
def batch_table(records, viewer, world):
    found = batch_marks.batch_table(records, viewer, world.judged_batch)
    return [row for row in found if row.recording_id == world.recording]


def unless_appealed(work, *arguments):
    """What who may confirm is told: the owner's appeal waits for an answer."""
    try:
        return work(*arguments)
    except LiyiError as error:
        if "An appeal" in error.sentence:
            return True
        raise


@attempt("evaluator", private="")
def confirm_mark(records, viewer, world):
    return unless_appealed(batch_marks.confirm_mark, records, viewer, world.assessment)


@attempt("evaluator", private="")
def confirm_marks(records, viewer, world):
    return unless_appealed(batch_marks.confirm_marks, records, viewer, world.judged_batch, [world.assessment])


@attempt("evaluator", private="")
def withdraw_mark(records, viewer, world):
    batch_marks.withdraw_mark(records, viewer, world.mark, "confirmed by mistake")
    return True


@attempt(FOLLOWERS, private="owner")
def marks(records, viewer, world):
    return batch_marks.marks(records, viewer, world.later)


@attempt("evaluator")
def ask_second_rating(records, viewer, world):
    return batch_ratings.ask_second_rating(records, viewer, world.judged_batch, 0.5, world.idle_evaluator_id)


@attempt("evaluator")
def second_ratings(records, viewer, world):
    batch_ratings.ask_second_rating(records, viewer, world.judged_batch, 1.0, world.idle_evaluator_id)
    return batch_ratings.second_ratings(records, viewer, world.judged_batch)


@attempt("evaluator")
def batch_rating_tables(records, viewer, world):
    return batch_ratings.batch_rating_tables(records, viewer, world.judged_batch).ratings


@attempt("evaluator")
def export_batch(records, viewer, world):
    return batch_exports.export_batch(records, viewer, world.judged_batch).files


@attempt("evaluator")
def assessment_paths(records, viewer, world):
    return batch_exports.assessment_paths(records, viewer, world.judged_batch, [world.assessment])


@attempt("evaluator idle_evaluator")
def add_sheet_template(records, viewer, world):
    return sheet_templates.add_sheet_template(records, viewer, name="another", content=b"a workbook")


@attempt("evaluator idle_evaluator")  # of hall A
def sheet_templates_(records, viewer, world):
    return ids(sheet_templates.sheet_templates(records, viewer), world.sheet_template)


@attempt("evaluator idle_evaluator")
def sheet_template(records, viewer, world):
    return sheet_templates.sheet_template(records, viewer, world.sheet_template)


@attempt("evaluator")
def remove_sheet_template(records, viewer, world):
    sheet_templates.remove_sheet_template(records, viewer, world.sheet_template)
    return True


@attempt("evaluator")
def batch_files(records, viewer, world):
    return ids(batch_bringing.batch_files(records, viewer, world.batch), world.batch_file)


@attempt("evaluator")
def begin_file(records, viewer, world):
    return batch_bringing.begin_file(records, viewer, world.batch, name="another.mp4", size_bytes=7)


@attempt("evaluator")
def open_file(records, viewer, world):
    return batch_bringing.open_file(records, viewer, world.batch, world.batch_file)


@attempt("evaluator")
def end_file(records, viewer, world):
    return batch_bringing.end_file(records, viewer, world.batch, world.batch_file).sha256


@attempt("evaluator")
def remove_file(records, viewer, world):
    again = batch_bringing.begin_file(records, viewer, world.batch, name="a third.mp4", size_bytes=7)
    batch_bringing.remove_file(records, viewer, world.batch, again.id)
    return True


@attempt("evaluator")
def lines(records, viewer, world):
    return batch_bringing.lines(records, viewer, world.batch)


@attempt("evaluator")
def set_lines(records, viewer, world):
    return batch_bringing.set_lines(records, viewer, world.batch, [{"file": "a.webm"}, {"file": "b.webm"}])


@attempt("evaluator trainer")  # the owner is one of theirs
def people_called(records, viewer, world):
    return world.owner_id in batch_bringing.people_called(records, viewer, [str(world.owner_id)]).get(
        str(world.owner_id), ()
    )


@attempt("evaluator")
def queue_batch(records, viewer, world):
    return batch_bringing.queue_batch(records, viewer, world.batch)


@attempt("evaluator")
def line_counts(records, viewer, world):
    return batch_running.line_counts(records, viewer, world.batch_at_work).total == 2


@attempt("evaluator")
def failed_lines(records, viewer, world):
    return batch_running.failed_lines(records, viewer, world.batch_at_work)


@attempt("evaluator")
def place_of_batch(records, viewer, world):
    return batch_running.place_of_batch(records, viewer, world.batch) == 0


@attempt("evaluator")
def batch_log(records, viewer, world):
    return batch_running.batch_log(records, viewer, world.batch) is None


@attempt("evaluator")
def choose_scheduler(records, viewer, world):
    return batch_running.choose_scheduler(records, viewer, world.batch, "tcp://10.0.0.1:8786")


@attempt("evaluator")
def stop_batch(records, viewer, world):
    return batch_running.stop_batch(records, viewer, world.batch_at_work)


@attempt("evaluator")
def file_line(records, viewer, world):
    film = records.folder / "film.webm"
    film.write_bytes(worlds.FILM)
    judged = worlds.judged(hashlib.sha256(worlds.FILM).hexdigest())
    made = batch_running.Made(film, judged, {}, "ab" * 32)
    return batch_running.file_line(records, viewer, world.batch_at_work, world.batch_line, worlds.RUN, made)


@attempt("evaluator")
def put_away(records, viewer, world):
    return batch_running.put_away(records, viewer, world.batch_at_work, worlds.RUN, []) == 0


@attempt("evaluator")
def fail_line(records, viewer, world):
    failure = Notice("{file} is empty.", {"file": "a.webm"})
    return batch_running.fail_line(records, viewer, world.batch_at_work, world.batch_line, worlds.RUN, failure)


@attempt("evaluator")
def discard_batch(records, viewer, world):
    return batch_removal.discard_batch(records, viewer, world.empty_batch)


@attempt("evaluator")
def discarded_batches(records, viewer, world):
    return ids(batch_removal.discarded_batches(records, viewer), world.trashed_batch)


@attempt("evaluator")
def take_back_batch(records, viewer, world):
    return batch_removal.take_back_batch(records, viewer, world.trashed_batch)


@attempt(ADMINS)
def left_batches(records, viewer, world):
    return ids(batch_removal.left_batches(records, viewer), world.left_batch)


@attempt(ADMINS)
def hand_over_batch(records, viewer, world):
    batch_removal.hand_over_batch(records, viewer, world.left_batch, world.idle_evaluator_id)
    return True


@attempt(ADMINS)
def discard_left_batch(records, viewer, world):
    batch_removal.discard_left_batch(records, viewer, world.left_batch)
    return True
