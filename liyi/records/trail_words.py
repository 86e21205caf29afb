"""What the lines of the audit trail say, in words: each action with its group, each kind of thing, and who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.words import N_, translate
from liyi.records.keeper import KEEPER
from liyi.records.role_names import ROLE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from liyi.records.store_tables import AuditLine

# Groups in the order in which a page offers them.
GROUPS: Mapping[str, str] = {
    "made": N_("Recorded and assessed"),
    "seen": N_("Watched and opened"),
    "exported": N_("Exported"),
    "shown": N_("Submitted, shared and assigned"),
    "judged": N_("Reviewed and rated"),
    "removed": N_("Deleted"),
    "agreed": N_("Consent and exemptions"),
    "people": N_("People, roles and cohorts"),
    "signed": N_("Sign-in and accounts"),
}

ACTIONS: Mapping[str, tuple[str, str]] = {
    "open_recording": ("made", N_("began a recording")),
    "close_recording": ("made", N_("ended a recording")),
    "keep_recording": ("made", N_("brought in a recording")),
    "adopt": ("made", N_("entered a file that was found as a recording")),
    "add_batch": ("made", N_("began a batch")),
    "begin_file": ("made", N_("began to bring a file to a batch")),
    "end_file": ("made", N_("brought a file to a batch")),
    "set_lines": ("made", N_("edited the list of a batch")),
    "queue_batch": ("made", N_("had a batch assessed")),
    "choose_scheduler": ("made", N_("chose where a batch is run")),
    "begin_batch": ("made", N_("ran a batch")),
    "end_batch": ("made", N_("ended the run of a batch")),
    "stop_batch": ("made", N_("stopped a batch")),
    "fail_line": ("made", N_("could not assess a recording of a batch")),
    "file_assessment": ("made", N_("assessed a recording")),
    "try": ("made", N_("tried a drill")),
    "watch": ("seen", N_("watched a recording")),
    "open": ("seen", N_("opened a submitted recording for the first time")),
    "open_file": ("seen", N_("opened a report or another result")),
    "export": ("exported", N_("took a copy of all that is kept of a person")),
    "export_people": ("exported", N_("took the list of people")),
    "export_trail": ("exported", N_("took the records of processing")),
    "export_batch": ("exported", N_("took results of a batch")),
    "export_marks": ("exported", N_("took the marks of a batch")),
    "submit": ("shown", N_("submitted a recording")),
    "withdraw": ("shown", N_("withdrew a recording")),
    "share": ("shown", N_("shared a recording with a cohort")),
    "unshare": ("shown", N_("ended the sharing of a recording")),
    "grant_access": ("shown", N_("gave leave to look")),
    "revoke_access": ("shown", N_("took leave to look away")),
    "assign": ("shown", N_("assigned work to an evaluator")),
    "unassign": ("shown", N_("took assigned work back")),
    "comment": ("judged", N_("commented")),
    "remove_comment": ("judged", N_("removed a comment")),
    "override": ("judged", N_("changed a finding")),
    "confirm": ("judged", N_("decided on a finding")),
    "take_back_confirmation": ("judged", N_("took a decision on a finding back")),
    "send_review": ("judged", N_("finished a review")),
    "confirm_mark": ("judged", N_("confirmed a mark")),
    "withdraw_mark": ("judged", N_("withdrew a mark")),
    "add_sheet_template": ("judged", N_("brought in a template of the deduction sheet")),
    "remove_sheet_template": ("judged", N_("removed a template of the deduction sheet")),
    "rate": ("judged", N_("rated blind")),
    "add_canned_phrase": ("judged", N_("added a phrase for comments")),
    "remove_canned_phrase": ("judged", N_("removed a phrase for comments")),
    "appeal": ("judged", N_("appealed a finding")),
    "take_back_appeal": ("judged", N_("took an appeal back")),
    "answer_appeal": ("judged", N_("answered an appeal")),
    "propose_gold": ("judged", N_("proposed a gold clip")),
    "answer_gold": ("agreed", N_("answered whether a recording may serve as gold clip")),
    "end_gold": ("agreed", N_("ended a gold clip")),
    "settle_gold": ("judged", N_("completed the ratings of a gold clip")),
    "check_gold": ("judged", N_("checked the gold clips against this version")),
    "read": ("seen", N_("read what a reviewer said")),
    "propose_case": ("shown", N_("proposed a case")),
    "offer_case": ("shown", N_("offered a case of their own")),
    "agree_to_case": ("shown", N_("agreed to be shown as a case")),
    "accept_case": ("shown", N_("took up a case that was offered")),
    "decline_case": ("shown", N_("declined a case")),
    "withdraw_case": ("shown", N_("ended a case")),
    "end_cases": ("shown", N_("ended all cases of a cohort")),
    "keep_clip": ("made", N_("made the clip of a case")),
    "fail_clip": ("made", N_("could not make the clip of a case")),
    "retry_clip": ("made", N_("had the clip of a case made again")),
    "watch_case": ("seen", N_("watched a case")),
    "comment_on_case": ("judged", N_("commented on a case")),
    "remove_case_comment": ("judged", N_("removed a comment on a case")),
    "remove_file": ("removed", N_("removed a file from a batch")),
    "discard": ("removed", N_("put something into the trash")),
    "take_back": ("removed", N_("took something out of the trash")),
    "delete": ("removed", N_("deleted for good")),
    "remove_batch": ("removed", N_("deleted a batch")),
    "discard_batch": ("removed", N_("put a batch into the trash")),
    "take_back_batch": ("removed", N_("took a batch out of the trash")),
    "hand_over_batch": ("people", N_("gave a batch to another evaluator")),
    "delete_person": ("removed", N_("deleted all that was kept of a person")),
    "discard_unknown": ("removed", N_("removed files that nobody named")),
    "purge_withdrawn": ("removed", N_("removed: consent was withdrawn")),
    "purge_discarded": ("removed", N_("removed: over 7 days in the trash")),
    "purge_expired": ("removed", N_("removed: past its days")),
    "give_consent": ("agreed", N_("consented to being recorded")),
    "withdraw_consent": ("agreed", N_("withdrew consent")),
    "exempt": ("agreed", N_("exempted a person from something")),
    "end_exemption": ("agreed", N_("ended an exemption")),
    "found": ("people", N_("made the organisation")),
    "restore": ("people", N_("restored from a backup")),
    "add_person": ("people", N_("entered a person")),
    "change_person": ("people", N_("changed name, account or department")),
    "end_person": ("people", N_("noted that a person has left")),
    "return_person": ("people", N_("took a person back")),
    "choose_post": ("people", N_("chose a post")),
    "grant_role": ("people", N_("gave a role")),
    "revoke_role": ("people", N_("took a role away")),
    "add_department": ("people", N_("made a department")),
    "rename_department": ("people", N_("renamed a department")),
    "remove_department": ("people", N_("removed a department")),
    "add_cohort": ("people", N_("made a cohort")),
    "change_cohort": ("people", N_("changed a cohort")),
    "remove_cohort": ("people", N_("removed a cohort")),
    "add_member": ("people", N_("put into a cohort")),
    "remove_member": ("people", N_("took out of a cohort")),
    "set_retention": ("people", N_("said for how long recordings are kept")),
    "issue_code": ("signed", N_("issued a one-time code")),
    "set_password": ("signed", N_("set a password")),
    "sign_in": ("signed", N_("signed in")),
    "sign_out": ("signed", N_("signed out")),
    "end_sessions": ("signed", N_("signed a person out everywhere")),
}

ENTITIES: Mapping[str, str] = {
    "organisation": N_("organisation"),
    "department": N_("department"),
    "person": N_("person"),
    "role_grant": N_("role"),
    "cohort": N_("cohort"),
    "recording": N_("recording"),
    "assessment": N_("assessment"),
    "comment": N_("comment"),
    "override": N_("decision"),
    "confirmation": N_("decision"),
    "review": N_("review"),
    "canned_phrase": N_("phrase"),
    "appeal": N_("appeal"),
    "gold_check": N_("check of the gold clips"),
    "case_clip": N_("case"),
    "case_comment": N_("comment on a case"),
    "rating": N_("rating"),
    "gold_rating": N_("rating"),
    "assignment": N_("assignment"),
    "access_grant": N_("leave to look"),
    "batch": N_("batch"),
    "drill_try": N_("try of a drill"),
    "consent": N_("consent"),
    "exemption": N_("exemption from criteria"),
    "sheet_template": N_("template of the deduction sheet"),
    "retention_policy": N_("rule of retention"),
    "batch_file": N_("file of a batch"),
    "batch_line": N_("line of a batch"),
    "mark": N_("mark"),
    "audit_line": N_("records of processing"),
    "credential": N_("account"),
}


def actions_of(group: str) -> list[str]:
    """The actions of a group."""
    return [action for action, (theirs, _) in ACTIONS.items() if theirs == group]


def action_words(action: str, lang: str) -> str:
    """What was done, in words; an action of a later version as it is."""
    return translate(ACTIONS[action][1], lang) if action in ACTIONS else action


def thing_words(line: AuditLine, names: Mapping[UUID, str], lang: str) -> str:
    """With what it was done: by kind and name, or where it has none, by the beginning of its id; of what role; whom."""
    kind = translate(ENTITIES[line.entity], lang) if line.entity in ENTITIES else line.entity
    role = translate(ROLE_NAMES.get(line.role, line.role), lang) if line.role else ""
    named = _named(line.entity_id, names) if line.entity_id and not (line.entity == "role_grant" and role) else ""
    return " · ".join(filter(None, (f"{kind} {named}".strip(), role, _named(line.about_id, names))))


def _named(id: UUID | None, names: Mapping[UUID, str]) -> str:
    return names.get(id) or id.hex[:8] if id else ""


def who_words(line: AuditLine, names: Mapping[UUID, str], lang: str) -> str:
    """Who did it: by name, or that the machine did; the beginning of the id of somebody whose name is gone."""
    if line.person_id == KEEPER:
        return translate(N_("Liyi (by its rules)"), lang)
    return _named(line.person_id, names)
