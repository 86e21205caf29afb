"""Which case's file is to be made next: asked by the machine, on nobody's behalf."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from liyi.records.case_tables import CaseForm, CaseRow
from liyi.records.schema import Person, Recording, now
from liyi.records.viewer import Viewer, consent_stands

if TYPE_CHECKING:
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.viewer import Condition


@dataclass(frozen=True)
class WantedClip:
    """A case to which its owner agreed, and what is to be made of it on their behalf."""

    case_id: UUID
    owner: Viewer
    recording_id: UUID
    criterion: str
    start_s: float
    end_s: float
    form: CaseForm


def wants_clip() -> Condition:
    """Cases to which their owner agreed, neither over nor ended, and whose file is not there."""
    return and_(
        CaseRow.agreed_at.is_not(None), CaseRow.sha256.is_(None), CaseRow.declined_at.is_(None),
        CaseRow.withdrawn_at.is_(None), CaseRow.until > now(),
    )  # fmt: skip


def next_clip(records: Records) -> WantedClip | None:
    """The clip that was agreed to first of those that nobody has tried to make; None where there is none."""
    query = (
        select(CaseRow, Person.id, Person.organisation_id)
        .join(Recording, Recording.id == CaseRow.recording_id)
        .join(Person, Person.id == Recording.person_id)
        .where(wants_clip(), CaseRow.failed.is_(None), Recording.deleted_at.is_(None), Person.left_at.is_(None))
        .where(Recording.submitted_at.is_not(None), consent_stands())
        .order_by(CaseRow.agreed_at, CaseRow.id)
        .limit(1)
    )
    with records.reading() as session:
        found = session.execute(query).first()
    if found is None:
        return None
    row, owner_id, hall = found
    return WantedClip(row.id, Viewer(owner_id, hall), row.recording_id, row.criterion, row.start_s, row.end_s, row.form)
