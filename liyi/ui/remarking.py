"""What people said of a recording, brought from the records into its report; and the person's appeal from there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.moments import day, zone_of
from liyi.core.typed_json import LONGEST_S
from liyi.records.operations import appeals, assessments, outcome
from liyi.records.operations import remarks as said_of
from liyi.records.schema import now
from liyi.report.remarks import MOST_SENTENCE, NOTHING, AfterReview, Appealed, Comment, Decided, Remarks
from liyi.ui import people

if TYPE_CHECKING:
    from datetime import tzinfo

    from liyi.records.operations.remarks import Remarks as Said
    from liyi.records.schema import Assessment, Recording
    from liyi.records.viewer import Viewer


def of_report(viewer: Viewer, recording: Recording, assessment: Assessment, zone: str) -> Remarks:
    """What the report of a submitted recording shows of people's words; nothing of one that is private.

    ``zone`` is the reader's time zone, such as ``Asia/Shanghai``.
    """
    if recording.submitted_at is None:
        return NOTHING
    said, clock = said_of.remarks(people.records(), viewer, assessment.id), zone_of(zone)
    return Remarks(
        comments=tuple(
            Comment(each.at_s, each.text, each.author, day(each.created_at, clock)) for each in said.comments
        ),
        decisions=tuple(
            Decided(each.criterion, each.decision.value, each.author, day(each.created_at, clock), each.start_s,
                    each.end_s, each.new, each.why)
            for each in said.decisions
        ),
        appeals=tuple(_appealed(each, clock) for each in said.appeals),
        after=_after(viewer, assessment, said, clock),
        mark=AfterReview(said.mark.total, said.mark.total_error, said.mark.by, day(said.mark.at, clock))
        if said.mark else None,
        appealable=recording.person_id == viewer.person_id and _in_time(recording, assessment, said),
        draft=f"appeal-{recording.id.hex}-{viewer.person_id.hex}",
    )  # fmt: skip


def anything_said(viewer: Viewer, recording: Recording, assessment: Assessment) -> bool:
    """Whether a report has anything of people's words."""
    return recording.submitted_at is not None and bool(said_of.remarks(people.records(), viewer, assessment.id))


def act(viewer: Viewer, id: str, said: Any) -> None:
    """Appeal a finding of the newest assessment of the recording ``id``, or take an appeal back.

    Parameters
    ----------
    viewer
        The person of the recording.
    id
        Of the recording.
    said
        What `read` made of a request.

    Raises
    ------
    LiyiError
        When this person may not, or not any more.
    """
    store = people.records()
    if "take_back" in said:
        appeals.take_back_appeal(store, viewer, said["take_back"])
        return
    newest = assessments.assessments(store, viewer, recording_id=id, size=1)
    if not newest:
        raise LiyiError("There is no report yet: the recording has not been assessed.")
    moment = {"start_s": said["start_s"], "end_s": said["end_s"]}
    appeals.appeal(store, viewer, newest[0].id, said["criterion"], said["sentence"], **moment)


def read(said: Any) -> dict[str, Any] | None:
    """An appeal, or one that is taken back, as JSON brings it; None for anything else."""
    if not isinstance(said, dict):
        return None
    if set(said) == {"take_back"}:
        return said if isinstance(said["take_back"], str) else None
    if set(said) != {"criterion", "sentence", "start_s", "end_s"}:
        return None
    moment = (said["start_s"], said["end_s"])
    texts = isinstance(said["criterion"], str) and isinstance(said["sentence"], str)
    if (
        not texts
        or len(said["sentence"]) > MOST_SENTENCE
        or not (moment == (None, None) or all(map(_is_second, moment)))
    ):
        return None
    return said


def _in_time(recording: Recording, assessment: Assessment, said: Said) -> bool:
    """Whether a finding can still be appealed."""
    told = [recording.submitted_at, assessment.created_at, *(at for _, at in said.reviews)]
    return now() <= appeals.appealable_until(max(at for at in told if at is not None))


def _is_second(value: Any) -> bool:
    """Compared, not converted: a whole number in JSON may be larger than any float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LONGEST_S


def _appealed(each: appeals.Appeal, clock: tzinfo) -> Appealed:
    answered_on = day(each.answered_at, clock) if each.answered_at else ""
    return Appealed(
        each.id.hex, each.criterion, each.sentence, day(each.created_at, clock), each.start_s, each.end_s, each.upheld,
        each.answer, each.answered_by, answered_on,
    )  # fmt: skip


def _after(viewer: Viewer, assessment: Assessment, said: Said, clock: tzinfo) -> AfterReview | None:
    """The total with what was decided and told; None without a review, and where it cannot be judged any more."""
    upheld = [each for each in said.appeals if each.upheld and each.answered_at]
    if not said.reviews and not upheld:
        return None
    last = [*said.reviews[-1:], *((each.answered_by, each.answered_at) for each in upheld[-1:] if each.answered_at)]
    by, at = max(last, key=lambda each: each[1])
    if not said.decisions:  # who reviewed it found nothing to change
        return AfterReview(assessment.total, assessment.total_error, by, day(at, clock))
    with suppress(LiyiError, OSError, ValueError):
        found = outcome.outcome(people.records(), viewer, assessment.id)
        return AfterReview(found.total, found.total_error, by, day(at, clock), found)
    logs.event("outcome_failed", key=assessment.id.hex)
    return None
