"""The door in the practice wall: one's own recording submitted, and withdrawn as long as nobody else has opened it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from liyi.core.errors import LiyiError
from liyi.core.moments import day
from liyi.core.words import N_
from liyi.records.case_tables import CaseRow
from liyi.records.lifecycle import removing
from liyi.records.operations.consent import need_consent
from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, Recording, State, now
from liyi.records.unit_of_work import reading, writing
from liyi.scoring.confirming import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

# Said on every page that keeps private practice.
WHO_CAN_READ = N_(
    "Until you submit it, nobody else sees, counts or opens this in Liyi, administrators neither. Whoever has the "
    "account of the service or the disk of the server can technically read the files on it."
)


@operation
def submit_recording(records: Records, viewer: Viewer, recording_id: UUID | str) -> Recording:
    """Submit one's own recording: from now on those see it who train and judge its owner.

    What its owner answered of undecided moments in private goes for good: assessments that rest on such answers are
    removed, and those stay that the tool alone has made. Said twice, it gives what stands.

    Raises
    ------
    LiyiError
        When it is not one's own, not yet kept, or there is no consent any more.
    """
    with reading(records, viewer) as unit:
        answered = _answered(unit, _own(unit, recording_id))
    if not answered:
        with writing(records, viewer) as unit:
            row = _own(unit, recording_id, alone=True)
            if not _answered(unit, row):
                return _submit(unit, row)
    with removing(records, scrubbing=False) as removal, writing(records, viewer) as unit:  # `purge` frees of traces
        row = _own(unit, recording_id, alone=True)
        removal.remove_assessments(unit.session, _answered(unit, row))
        _submit(unit, row)
    return row


@operation
def withdraw_recording(records: Records, viewer: Viewer, recording_id: UUID | str) -> Recording:
    """Make one's own recording private again, as long as nobody else has opened it. Said twice, it gives what stands.

    Who had leave to see it has none as long as it is private; shares and grants that stand hold again once it is
    submitted. What was offered of it as a case is withdrawn for good.

    Raises
    ------
    LiyiError
        When it is not one's own, or somebody else has opened it.
    """
    with removing(records, scrubbing=False) as removal, writing(records, viewer) as unit:
        row = _own(unit, recording_id, alone=True)
        if row.submitted_at is None:
            return row
        if row.opened_at is not None:
            raise LiyiError(
                "{name} was opened by somebody else on {day}, so it cannot be withdrawn any more: who has seen it has "
                "seen it. You may still delete it.",
                name=row.name,
                day=day(row.opened_at),
            )
        cases = unit.all(unit.select(CaseRow, CaseRow.recording_id == row.id))
        for each in cases:
            if each.withdrawn_at is None:
                each.withdrawn_at = now()
                unit.note("withdraw_case", CaseRow, each.id)
        unit.session.flush()
        removal.empty_cases(unit.session, [each.id for each in cases])
        row.submitted_at = None
        unit.note("withdraw", Recording, row.id)
        return row


def need_submitted(row: Recording) -> None:
    """Refuse to show to others what its owner has not submitted."""
    if row.submitted_at is None:
        raise LiyiError("{name} is private: submit it before you show it to others.", name=row.name)


def refuse_answers(row: Recording, options: Mapping[str, Any]) -> None:
    """Refuse an assessment that rests on its person's own answers once the recording is submitted."""
    if row.submitted_at is not None and options.get(KEY):
        raise LiyiError("{name} is submitted: what is undecided in it is for a trainer to answer now.", name=row.name)


def _own(unit: UnitOfWork, recording_id: UUID | str, *, alone: bool = False) -> Recording:
    mine = Recording.person_id == unit.viewer.person_id
    return unit.one(Recording, recording_id, mine, Recording.state == State.kept, alone=alone)


def _submit(unit: UnitOfWork, row: Recording) -> Recording:
    need_consent(unit, row.person_id)
    if row.submitted_at is None:
        row.submitted_at = now()
        unit.note("submit", Recording, row.id)
    return row


def _answered(unit: UnitOfWork, row: Recording) -> list[UUID]:
    """Assessments of a private recording that rest on what its owner answered."""
    if row.submitted_at is not None:
        return []
    found = unit.session.scalars(select(Assessment).where(Assessment.recording_id == row.id))
    return [each.id for each in found if each.options.get(KEY)]
