"""Recordings put into the trash and taken out again, deleted for good, and all that is kept of a person deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, or_, select

from liyi.records.access_tables import AccessGrant, Assignment
from liyi.records.batch_tables import BatchLine
from liyi.records.case_tables import CaseComment
from liyi.records.consent_tables import Exemption
from liyi.records.lifecycle import Removal, removing
from liyi.records.operations.registry import operation
from liyi.records.review_schema import CannedPhrase
from liyi.records.schema import CohortMember, Person, Recording, RoleGrant, TryRow, now
from liyi.records.sign_in_tables import Credential, SignInSession
from liyi.records.unit_of_work import PAGE, id_of, not_there, reading, writing
from liyi.records.viewer import administers, disposes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy.orm import Session

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

Kept = TypeVar("Kept", Recording, TryRow)
NAMELESS = "—"


@dataclass(frozen=True)
class Discarded:
    """How many recordings and tries of drills were put into the trash at one moment."""

    at: datetime
    recordings: int
    tries: int


@operation
def discard(records: Records, viewer: Viewer, recording_id: UUID | str) -> None:
    """Put one's own recording into the trash: nobody sees it any more, and it can be taken out for some days."""
    with writing(records, viewer) as unit:
        row = unit.one(Recording, recording_id, Recording.person_id == viewer.person_id)
        row.deleted_at = now()
        unit.note("discard", Recording, row.id, only_for=row.only_for)


@operation
def trash(records: Records, viewer: Viewer, *, size: int = PAGE, offset: int = 0) -> Sequence[Recording]:
    """One's own recordings in the trash, last discarded first."""
    with reading(records, viewer) as unit:
        mine = select(Recording).where(Recording.person_id == viewer.person_id, Recording.deleted_at.is_not(None))
        return unit.page(mine.order_by(Recording.deleted_at.desc(), Recording.id), size=size, offset=offset)


@operation
def take_back(records: Records, viewer: Viewer, recording_id: UUID | str) -> Recording:
    """Take one's own recording out of the trash."""
    with writing(records, viewer) as unit:
        row = _disposable(unit, recording_id)
        if row.person_id != viewer.person_id or row.deleted_at is None:
            raise not_there()
        row.deleted_at = None
        unit.note("take_back", Recording, row.id, only_for=row.only_for)
        return row


@operation
def discard_everything(records: Records, viewer: Viewer) -> datetime | None:
    """Put all of one's own recordings and tries of drills into the trash.

    Returns
    -------
    datetime or None
        The moment, by which `take_back_everything` finds them again; None when there was nothing.
    """
    at = now()
    with writing(records, viewer) as unit:
        there: list[Recording | TryRow] = []
        there += unit.all(unit.select(Recording, Recording.person_id == viewer.person_id))
        there += unit.all(unit.select(TryRow, TryRow.person_id == viewer.person_id))
        for row in there:
            row.deleted_at = at
            unit.note("discard", type(row), row.id, only_for=row.only_for)
    return at if there else None


@operation
def discarded_together(records: Records, viewer: Viewer) -> tuple[Discarded, ...]:
    """What of one's own is in the trash, by the moment at which it was put there, last first."""
    counts: dict[datetime, list[int]] = {}
    with reading(records, viewer) as unit:
        kinds: tuple[type[Recording | TryRow], ...] = (Recording, TryRow)
        for place, entity in enumerate(kinds):
            gone = select(entity.deleted_at, func.count()).where(
                entity.person_id == viewer.person_id, entity.deleted_at.is_not(None)
            )
            for at, count in unit.session.execute(gone.group_by(entity.deleted_at)):
                if at is not None:
                    counts.setdefault(at, [0, 0])[place] = count
    return tuple(Discarded(at, *counts[at]) for at in sorted(counts, reverse=True))


@operation
def take_back_everything(records: Records, viewer: Viewer, at: datetime) -> int:
    """Take out of the trash what of one's own was put there at this moment; returns how much that was."""
    with writing(records, viewer) as unit:
        back: list[Recording | TryRow] = []
        back += _discarded(unit, Recording, at)
        back += _discarded(unit, TryRow, at)
        for row in back:
            row.deleted_at = None
            unit.note("take_back", type(row), row.id, only_for=row.only_for)
    return len(back)


@operation
def delete_recording(records: Records, viewer: Viewer, recording_id: UUID | str) -> Removal:
    """Delete a recording for good, in the trash or not: one's own, or of a person whom one administers.

    Its media, measures, stills, reports, transcript, comments, confirmations, ratings and what was being made of it go;
    the audit trail keeps that it was deleted, not what it was. Whose it is not is told no counts.
    """
    with removing(records) as removal, writing(records, viewer) as unit:
        row = _disposable(unit, recording_id)
        own = row.person_id == viewer.person_id
        unit.note("delete", Recording, row.id, only_for=row.only_for if own else None)
        removal.remove(unit.session, [row.id])
    return removal.told_to(records, viewer.person_id) if own else removal.untold()


@operation
def delete_person(records: Records, viewer: Viewer, person_id: UUID | str) -> Removal:
    """Delete for good what is kept of oneself, or of a person whom one administers: recordings, tries, exemptions.

    What the person said of others' cases goes too, and of somebody who has left name, account, roles and memberships.
    Consents stay, as proof that recording was allowed; they name nobody then. Whose it is not is told no counts, and of
    what was private the trail tells its owner alone.
    """
    with removing(records) as removal, writing(records, viewer) as unit:
        who = unit.one(Person, person_id, or_(Person.id == viewer.person_id, administers(viewer, Person)))
        rows = unit.session.scalars(select(Recording).where(Recording.person_id == who.id)).all()
        for row in rows:
            unit.note("delete", Recording, row.id, only_for=row.only_for)
        removal.remove(unit.session, [row.id for row in rows])
        tries = unit.session.scalars(select(TryRow.id).where(TryRow.person_id == who.id)).all()
        for id in tries:
            unit.note("delete", TryRow, id, only_for=who.id)
        removal.remove_tries(unit.session, tries)
        for said in unit.session.scalars(select(CaseComment).where(CaseComment.author_id == who.id)):
            unit.remove(said, "remove_case_comment")
        for exemption in unit.session.scalars(select(Exemption).where(Exemption.person_id == who.id)):
            unit.remove(exemption, "end_exemption")
        if who.left_at is not None:
            unname(unit.session, who)
        unit.note("delete_person", Person, who.id)
    return removal.told_to(records, viewer.person_id) if who.id == viewer.person_id else removal.untold()


def _discarded(unit: UnitOfWork, entity: type[Kept], at: datetime) -> Sequence[Kept]:
    """What the viewer put into the trash at this moment."""
    mine = (entity.person_id == unit.viewer.person_id, entity.deleted_at == at)
    return unit.session.scalars(select(entity).where(*mine)).all()


def unname(session: Session, who: Person) -> None:
    """Take from a person who has left all but the id, to which comments on others' recordings still refer."""
    who.name, who.account, who.department_id, who.post = NAMELESS, None, None, None
    for entity, column in (
        (RoleGrant, RoleGrant.person_id),
        (CohortMember, CohortMember.person_id),
        (Assignment, Assignment.evaluator_id),
        (AccessGrant, AccessGrant.grantee_id),
        (Credential, Credential.person_id),
        (SignInSession, SignInSession.person_id),
        (CannedPhrase, CannedPhrase.author_id),
    ):
        for row in session.scalars(select(entity).where(column == who.id)):
            session.delete(row)
    for line in session.scalars(select(BatchLine).where(BatchLine.person_id == who.id)):
        line.cells = {}


def _disposable(unit: UnitOfWork, recording_id: UUID | str) -> Recording:
    """Fetch a recording, in the trash or not, that the viewer may have deleted."""
    query = select(Recording).where(disposes(unit.viewer), Recording.id == id_of(recording_id))
    row = unit.session.scalars(query).first()
    if row is None:
        raise not_there()
    return row
