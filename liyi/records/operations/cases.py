"""Cases: a stretch of a recording that its owner lets a cohort see; proposed, agreed to, taken up, withdrawn.

Nothing of it is shown to the cohort before its owner has agreed and a trainer of the cohort stands for it. What is
shown is one file, made once the owner has agreed (`liyi.records.operations.case_clips`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select

from liyi.core.errors import LiyiError
from liyi.records.case_rules import answers_for_case, ends_case, owns_case
from liyi.records.case_tables import ASK_AGAIN, CaseForm, CasePurpose, CaseRow
from liyi.records.lifecycle import removing
from liyi.records.operations.registry import operation
from liyi.records.operations.submission import need_submitted
from liyi.records.schema import Assessment, Cohort, CohortMember, Recording, Role, State, Status, VerdictRow, now
from liyi.records.unit_of_work import not_there, writing
from liyi.records.validation import digest_of, key_of, name_of, stretch_of, text_of, word_of
from liyi.records.viewer import administers, cohorts_trained, judges

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

LEAST_S, MOST_S = 1.0, 180.0  # of a stretch: enough to see something, and not the recording
MOST_DAYS = 366  # that a case is shown
MOST_CASES = 20  # that wait or are shown of one recording
_MOST_CAPTIONS = 500


@operation
def propose_case(
    records: Records,
    viewer: Viewer,
    recording_id: UUID | str,
    cohort_id: UUID | str,
    *,
    purpose: CasePurpose,
    criterion: str,
    start_s: float,
    end_s: float,
    title: str,
    look_at: str,
    form: CaseForm,
    until: datetime,
    question: str = "",
) -> CaseRow:
    """Ask the owner of a recording that one judges whether a stretch of it may be shown to a cohort that one trains.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    recording_id, cohort_id
        Of what, and to whom.
    purpose
        ``exemplary`` or ``instructive``.
    criterion
        Of which finding it is about; one of the recording's newest assessment.
    start_s, end_s
        The stretch, in seconds of the recording: `LEAST_S` to `MOST_S` long.
    title, look_at, question
        What members read: what it is called, what to look at, and what to say something to (may stay empty).
    form
        As it is, or as a skeleton with captions; the owner may agree to less.
    until
        After which moment nobody is shown it any more.
    """
    with writing(records, viewer) as unit:
        on = unit.one(Recording, recording_id, judges(viewer), Recording.state == State.kept, alone=True)
        group = unit.one(Cohort, cohort_id, Cohort.id.in_(cohorts_trained(viewer)))
        row = _row(unit, on, group, purpose, criterion, (start_s, end_s), title, look_at, question, form, until)
        _need_new(unit, row)
        row.trainer_id, row.accepted_at = viewer.person_id, now()
        unit.opened(on)
        return unit.add(row, "propose_case")


@operation
def offer_case(
    records: Records,
    viewer: Viewer,
    recording_id: UUID | str,
    cohort_id: UUID | str,
    *,
    purpose: CasePurpose,
    criterion: str,
    start_s: float,
    end_s: float,
    title: str,
    look_at: str,
    form: CaseForm,
    until: datetime,
    captions: Sequence[Mapping[str, Any]] = (),
    text_sha256: str,
) -> CaseRow:
    """Offer a stretch of one's own submitted recording to the trainers of a cohort that one attends.

    Its owner agrees by this; it is shown once a trainer of the cohort has taken it up. ``captions`` and ``text_sha256``
    as for `agree_to_case`, all else as for `propose_case`.
    """
    mine = Recording.person_id == viewer.person_id
    with writing(records, viewer) as unit:
        on = unit.one(Recording, recording_id, mine, Recording.state == State.kept, alone=True)
        need_submitted(on)
        group = unit.one(Cohort, cohort_id, Cohort.id.in_(_attended(viewer)))
        row = _row(unit, on, group, purpose, criterion, (start_s, end_s), title, look_at, "", form, until)
        _agree(row, captions, text_sha256)
        return unit.add(row, "offer_case")


@operation
def agree_to_case(
    records: Records,
    viewer: Viewer,
    case_id: UUID | str,
    *,
    form: CaseForm,
    captions: Sequence[Mapping[str, Any]] = (),
    text_sha256: str,
) -> CaseRow:
    """Agree that a stretch of one's own recording is shown as a trainer proposed it, or in less: as a skeleton only.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    case_id
        A proposal that waits.
    form
        How it will be shown.
    captions
        What is said in it: ``start_s`` and ``end_s`` from the stretch's start, and ``text``; empty for none.
    text_sha256
        Of the text that the owner agreed to.
    """
    with writing(records, viewer) as unit:
        row = _waiting(unit, case_id, owns_case(viewer), CaseRow.agreed_at.is_(None))
        wanted = word_of(CaseForm, form)
        if row.form == CaseForm.skeleton and wanted != row.form:
            raise LiyiError("This was proposed as a skeleton: it is shown as that, or not at all.")
        row.form = wanted
        _agree(row, captions, text_sha256)
        unit.note("agree_to_case", CaseRow, row.id)
        return row


@operation
def decline_case(records: Records, viewer: Viewer, case_id: UUID | str) -> None:
    """Decline what a trainer proposes of one's own recording, or as a trainer what an owner offers to the cohort.

    Nobody is told but who asked.
    """
    asked = or_(CaseRow.agreed_at.is_(None) & owns_case(viewer), _offered(viewer))
    with removing(records, scrubbing=False) as removal, writing(records, viewer) as unit:
        row = _waiting(unit, case_id, asked)
        row.declined_at = now()
        if row.trainer_id is None:
            row.trainer_id = viewer.person_id
        own = unit.session.scalar(select(Recording.person_id).where(Recording.id == row.recording_id))
        mine = viewer.person_id if own == viewer.person_id else None  # that its owner declined is told to nobody else
        unit.note("decline_case", CaseRow, row.id, only_for=mine)
        unit.session.flush()
        removal.empty_cases(unit.session, [row.id])


@operation
def accept_case(records: Records, viewer: Viewer, case_id: UUID | str) -> CaseRow:
    """Take up what an owner offers to a cohort that one trains: from now on its members are shown it, as it is."""
    with writing(records, viewer) as unit:
        row = _waiting(unit, case_id, _offered(viewer), CaseRow.sha256.is_not(None))
        row.trainer_id, row.accepted_at = viewer.person_id, now()
        unit.opened(unit.one(Recording, row.recording_id, alone=True))
        unit.note("accept_case", CaseRow, row.id)
        return row


@operation
def withdraw_case(records: Records, viewer: Viewer, case_id: UUID | str) -> None:
    """End a case at once: as the owner of its recording, or as a trainer of its cohort, whoever stands for it.

    What was shown and what was said of it go for good.
    """
    may = or_(owns_case(viewer), ends_case(viewer))
    with removing(records, scrubbing=False) as removal, writing(records, viewer) as unit:
        row = unit.one(CaseRow, case_id, may, alone=True)
        if row.withdrawn_at is not None or row.declined_at is not None:
            return
        row.withdrawn_at = now()
        unit.note("withdraw_case", CaseRow, row.id, only_for=unit.only_for(row.recording_id))
        unit.session.flush()
        removal.empty_cases(unit.session, [row.id])


@operation
def end_cases(records: Records, viewer: Viewer, cohort_id: UUID | str) -> None:
    """End all cases of a cohort that one administers, unseen: nobody is told of how many, or of whom, they were."""
    with removing(records, scrubbing=False) as removal, writing(records, viewer) as unit:
        group = unit.one(Cohort, cohort_id, administers(viewer, Cohort))
        unit.note("end_cases", Cohort, group.id)
        open_ = select(CaseRow, Recording.person_id).join(Recording).where(CaseRow.cohort_id == group.id, _is_open())
        rows: Sequence[Any] = unit.session.execute(open_).all()
        for row, owner_id in rows:
            row.withdrawn_at = now()
            unit.note("withdraw_case", CaseRow, row.id, only_for=owner_id)
        unit.session.flush()
        removal.empty_cases(unit.session, [row.id for row, _ in rows])


def _row(
    unit: UnitOfWork, on: Recording, group: Cohort, purpose: str, criterion: str, stretch: tuple[float, float],
    title: str, look_at: str, question: str, form: str, until: datetime,
) -> CaseRow:  # fmt: skip
    found = stretch_of(*stretch, on.duration_s)
    assert found is not None
    start_s, end_s = found
    if not LEAST_S <= end_s - start_s <= MOST_S:
        raise LiyiError("A case lasts {least} to {most} s: choose another start or end.",
                        least=f"{LEAST_S:g}", most=f"{MOST_S:g}")  # fmt: skip
    if not now() < until <= now() + timedelta(days=MOST_DAYS):
        raise LiyiError("A case is shown until a day in the future, for {days} days at most.", days=MOST_DAYS)
    shown = select(CaseRow.id).where(CaseRow.recording_id == on.id, CaseRow.until > now(), _is_open())
    if unit.count(shown) >= MOST_CASES:
        raise LiyiError("There are {most} cases of this recording already: end one first.", most=MOST_CASES)
    return CaseRow(
        recording_id=on.id, cohort_id=group.id, by_id=unit.viewer.person_id, purpose=word_of(CasePurpose, purpose),
        pack_id=_pack_of(unit, on, key_of(criterion)), criterion=criterion, start_s=start_s, end_s=end_s,
        title=name_of(title), look_at=text_of(look_at), question=_question(question), form=word_of(CaseForm, form),
        until=until, captions=[],
    )  # fmt: skip


def _pack_of(unit: UnitOfWork, on: Recording, criterion: str) -> str:
    """Id of the pack of the recording's newest assessment, of which the criterion must be."""
    done = unit.select(Assessment, Assessment.recording_id == on.id, Assessment.status == Status.done)
    newest = unit.session.scalars(done.order_by(Assessment.created_at.desc(), Assessment.id).limit(1)).first()
    if newest is None or unit.session.get(VerdictRow, (newest.id, criterion)) is None:
        raise not_there()
    return newest.pack_id


def _agree(row: CaseRow, captions: Sequence[Mapping[str, Any]], text_sha256: str) -> None:
    """Note that its owner agrees to these words, and to be shown in this form."""
    row.captions = [_caption(each, row.end_s - row.start_s) for each in captions[:_MOST_CAPTIONS]]
    row.agreed_at, row.text_sha256 = now(), digest_of(text_sha256)


def _caption(each: Mapping[str, Any], most_s: float) -> dict[str, Any]:
    found = stretch_of(each["start_s"], each["end_s"], most_s)
    assert found is not None
    return {"start_s": round(found[0], 3), "end_s": round(found[1], 3), "text": text_of(each["text"])}


def _question(text: str) -> str | None:
    return text_of(text) if text.strip() else None


def _waiting(unit: UnitOfWork, case_id: UUID | str, *conditions: ColumnElement[bool]) -> CaseRow:
    """A case that waits for the viewer's answer."""
    row = unit.one(CaseRow, case_id, *conditions, alone=True)
    if row.declined_at is not None or row.withdrawn_at is not None or row.until <= now():
        raise LiyiError("This is over: it was withdrawn, answered, or its last day has passed. Load the page again.")
    return row


def _is_open() -> ColumnElement[bool]:
    return CaseRow.declined_at.is_(None) & CaseRow.withdrawn_at.is_(None)


def _offered(viewer: Viewer) -> ColumnElement[bool]:
    """Offers of owners that wait for a trainer, of whom the viewer is one."""
    return answers_for_case(viewer) & CaseRow.accepted_at.is_(None) & CaseRow.agreed_at.is_not(None)


def _attended(viewer: Viewer) -> Any:
    return select(CohortMember.cohort_id).where(
        CohortMember.person_id == viewer.person_id, CohortMember.role == Role.trainee
    )


def _need_new(unit: UnitOfWork, row: CaseRow) -> None:
    """Refuse to ask an owner for what waits for their answer, or was declined by them not long ago, by whomever.

    Only who asked before is told why: that somebody else asked, or was refused, is no business of others.
    """
    declined = and_(CaseRow.declined_at > now() - ASK_AGAIN, CaseRow.agreed_at.is_(None))
    waiting = and_(CaseRow.cohort_id == row.cohort_id, CaseRow.declined_at.is_(None), CaseRow.withdrawn_at.is_(None),
                   CaseRow.agreed_at.is_(None), CaseRow.until > now())  # fmt: skip
    same = select(CaseRow).where(
        CaseRow.recording_id == row.recording_id, CaseRow.start_s < row.end_s, CaseRow.end_s > row.start_s,
        or_(declined, waiting),
    )  # fmt: skip
    found = sorted(unit.session.scalars(same), key=lambda each: each.by_id != unit.viewer.person_id)
    if not found:
        return
    if found[0].by_id != unit.viewer.person_id:
        raise LiyiError("This stretch cannot be proposed now: choose another one.")
    if found[0].declined_at is None:
        raise LiyiError("The owner was asked for this stretch already: wait for the answer.")
    raise LiyiError("The owner has declined to have this stretch shown: choose another one, or talk to the person.")
