"""What the rules say must go: past its organisation's days, too long in the trash, or without consent any more.

The machine does it, not a person: lines of the audit trail name `KEEPER`. Run it daily.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, case, exists, literal, or_, select

from records import scrub, vault
from records.lifecycle import removing
from records.schema import AuditLine, Consent, Person, Recording, RetentionPolicy, RoleGrant, now
from report.words import N_

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from records.engine import Records
    from records.lifecycle import Removal

KEEPER = UUID("6c697969-0000-4000-8000-000000000002")
TRASH_DAYS = 7
BATCH = 50


class Why(StrEnum):
    """Why a recording must go."""

    withdrawn = "purge_withdrawn"
    discarded = "purge_discarded"
    expired = "purge_expired"

    @property
    def words(self) -> str:
        """The reason as people read it; a key of the catalogue."""
        return {
            Why.withdrawn: N_("consent was withdrawn"),
            Why.discarded: N_("over 7 days in the trash"),
            Why.expired: N_("past its days"),
        }[self]


@dataclass(frozen=True)
class Due:
    """A recording that must go; by its id alone, for who reads this need not know whose it is."""

    recording_id: UUID
    organisation_id: UUID
    created_at: datetime
    why: Why


def due(records: Records, *, at: datetime | None = None) -> Sequence[Due]:
    """Recordings that must go at a moment (now when not given), oldest first."""
    with records.reading() as session:
        return _due(session, at or now(), most=None)


def purge(records: Records, *, at: datetime | None = None, batch: int = BATCH) -> Removal:
    """Remove what is due, a batch at a time, then files that no row names and traces that an earlier removal left.

    Cut short, what was removed stays removed, and the next run does the rest.

    Parameters
    ----------
    records
        The store.
    at
        The moment at which something is due; now when not given.
    batch
        How many recordings go in one transaction; others may write between two.

    Raises
    ------
    LiyiError
        When a file cannot be removed.
    """
    at = at or now()
    traces = scrub.pending(records)
    with removing(records, scrubbing=False) as removal:
        while True:
            with records.writing() as session:
                rows = _due(session, at, most=batch)
                for row in rows:
                    session.add(_line(row))
                removal.remove(session, [row.recording_id for row in rows])
            if not rows:
                break
            removal.remove_files(records)
        swept = vault.sweep(records)
    if removal.recordings or swept or traces:
        removal.scrubbed = scrub.scrub(records)
    return removal


def _due(session: Session, at: datetime, *, most: int | None) -> Sequence[Due]:
    discarded = Recording.deleted_at < at - timedelta(days=TRASH_DAYS)
    expired = _expired(session, at)
    # Consent that was withdrawn after a recording takes the recording with it, though it was given again since.
    withdrawn = exists().where(Consent.person_id == Recording.person_id, Consent.withdrawn_at >= Recording.created_at)
    why = case((withdrawn, Why.withdrawn), (discarded, Why.discarded), else_=Why.expired).label("why")
    query = (
        select(Recording.id, Person.organisation_id, Recording.created_at, why)
        .join(Person, Person.id == Recording.person_id)
        .where(or_(withdrawn, discarded, expired))
        .order_by(Recording.created_at, Recording.id)
        .limit(most)
    )
    return [Due(row.id, row.organisation_id, row.created_at, Why(row.why)) for row in session.execute(query)]


def _expired(session: Session, at: datetime) -> ColumnElement[bool]:
    """Older than the shortest time of the roles that the person holds; who holds none falls under all of them."""
    roleless = ~exists().where(RoleGrant.person_id == Person.id)
    rules = [
        and_(
            Person.organisation_id == policy.organisation_id,
            Recording.created_at < at - timedelta(days=policy.days),
            or_(roleless, exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == policy.role)),
        )
        for policy in session.scalars(select(RetentionPolicy))
    ]
    return or_(literal(False), *rules)


def _line(row: Due) -> AuditLine:
    return AuditLine(
        person_id=KEEPER, organisation_id=row.organisation_id, action=row.why, entity=Recording.__tablename__,
        entity_id=row.recording_id,
    )  # fmt: skip
