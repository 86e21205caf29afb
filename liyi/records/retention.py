"""What the rules say must go: past its organisation's days, too long in the trash, or without consent any more.

They are the same for recordings and for tries of drills.

The machine does it, not a person: lines of the audit trail name `KEEPER`. Run it daily. A clock that is far ahead of
all that was entered is not trusted: what is past its days by a wrong clock cannot be brought back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, exists, func, literal, not_, or_, select, update

from liyi.core.errors import LiyiError
from liyi.core.moments import day
from liyi.core.words import N_
from liyi.records import batch_retention, reserve, secure_delete, unknown
from liyi.records.batch_retention import TRASH_DAYS
from liyi.records.case_tables import ASK_AGAIN, CaseRow
from liyi.records.consent_tables import Consent, RetentionPolicy
from liyi.records.keeper import KEEPER
from liyi.records.lifecycle import Removal, removing
from liyi.records.schema import Organisation, Person, Recording, RoleGrant, TryRow, now
from liyi.records.store_tables import AuditLine, Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

CLOCK_DAYS = 45
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
    """A recording (or a try of a drill) that must go; by its id alone, for who reads this need not know whose it is."""

    id: UUID
    organisation_id: UUID
    created_at: datetime
    why: Why
    only_for: UUID | None = None  # who alone is told of it, where it is private practice


def due(records: Records, *, at: datetime | None = None) -> Sequence[Due]:
    """Recordings that must go at a moment (now when not given), oldest first."""
    with records.reading() as session:
        return _due(session, at or now(), most=None)


def tries_due(records: Records, *, at: datetime | None = None) -> Sequence[Due]:
    """Tries of drills that must go at a moment (now when not given), oldest first."""
    with records.reading() as session:
        return _due(session, at or now(), most=None, entity=TryRow)


def anything_due(records: Records, *, at: datetime) -> bool:
    """Whether `purge` would remove anything at a moment."""
    with records.reading() as session:
        return bool(_due(session, at, most=1) or _due(session, at, most=1, entity=TryRow) or _cases_due(session, at)
                    or batch_retention.due(session, at))  # fmt: skip


class ClockError(LiyiError):
    """The clock is so far ahead of all entries that it may be wrong."""


def require_clock(records: Records, at: datetime | None = None) -> None:
    """Refuse a moment (now when not given) more than `CLOCK_DAYS` after the newest entry.

    A clock that is behind lets too little go, and is no danger.

    Raises
    ------
    ClockError
        When it is. A store without any entry has nothing to lose.
    """
    at = at or now()
    with records.reading() as session:
        newest = _newest(session, at)
    if newest is not None and at - newest > timedelta(days=CLOCK_DAYS):
        raise ClockError(
            "The clock says {today}, but the newest entry is of {newest}: nothing was removed. Set the clock; if it is "
            "right, run `liyi records purge --clock-is-right`.",
            today=day(at),
            newest=day(newest),
        )


def _newest(session: Session, at: datetime) -> datetime | None:
    """When something was last entered or retention last applied, without what a clock that was far ahead has dated."""
    columns = (AuditLine.at, Recording.created_at, Store.purged_at)
    latest = at + timedelta(days=1)  # clocks of several machines may differ
    found = [session.scalars(select(column).where(column <= latest).order_by(column.desc()).limit(1)).first()
             for column in columns]  # fmt: skip
    return max((moment for moment in found if moment is not None), default=None)


def purge(records: Records, *, at: datetime | None = None, batch: int = BATCH, clock_is_right: bool = False) -> Removal:
    """Remove what is due, a batch at a time, then files and traces that an earlier removal left.

    Cut short, what was removed stays removed, and the next run does the rest. Files that this database never named
    are counted only.

    Parameters
    ----------
    records
        The store.
    at
        The moment at which something is due; now when not given.
    batch
        How many recordings go in one transaction; others may write between two.
    clock_is_right
        Whether the user says so, however long ago something was entered.

    Raises
    ------
    ClockError
        As `require_clock`; nothing was removed.
    LiyiError
        When a file cannot be removed.
    """
    at = at or now()
    if not clock_is_right:
        require_clock(records, at)
    traces = secure_delete.pending(records)
    with reserve.released(records.folder), removing(records, scrubbing=False) as removal:
        while True:
            with records.writing() as session:
                rows = _due(session, at, most=batch)
                for row in rows:
                    session.add(_line(row))
                removal.remove(session, [row.id for row in rows])
            if not rows:
                break
            removal.remove_files(records)
        _purge_tries(records, removal, at)
        _purge_cases(records, removal, at)
        of_batches = batch_retention.purge(records, at)
        removal.batches, removal.uploads = len(of_batches.batches), len(of_batches.files)
        removal.finish(records)
        if removal.recordings or removal.tries or removal.files or of_batches or traces:
            removal.scrubbed = secure_delete.scrub(records)
        with records.writing() as session:
            session.execute(update(Store).values(purged_at=at))
    left = unknown.unknown(records)
    unknown.tell(records, left)
    removal.unknown = len(left)
    return removal


class _GivenUp(Exception):
    """The transaction was only to see what it would do."""


def preview(records: Records, *, at: datetime | None = None) -> tuple[Sequence[Due], Removal]:
    """What `purge` would remove at a moment (now when not given): the recordings, and the counts; nothing goes."""
    at, removal = at or now(), Removal()
    rows: Sequence[Due] = ()
    with suppress(_GivenUp), records.writing() as session:
        rows = _due(session, at, most=None)
        removal.remove(session, [row.id for row in rows])
        removal.remove_tries(session, [row.id for row in _due(session, at, most=None, entity=TryRow)])
        removal.remove_cases(session, [row.id for row in _cases_due(session, at)])
        of_batches = batch_retention.due(session, at)
        removal.batches, removal.uploads = len(of_batches.batches), len(of_batches.files)
        removal.preview(records, session)
        raise _GivenUp
    removal.unknown = len(unknown.unknown(records))
    return rows, removal


def _purge_tries(records: Records, removal: Removal, at: datetime) -> None:
    with records.writing() as session:
        rows = _due(session, at, most=None, entity=TryRow)
        for row in rows:
            session.add(_line(row, TryRow))
        removal.remove_tries(session, [row.id for row in rows])


def _purge_cases(records: Records, removal: Removal, at: datetime) -> None:
    """Cases whose last day is over go with what was said of them; a declined one not before it may be asked again."""
    with records.writing() as session:
        rows = _cases_due(session, at)
        for row in rows:
            session.add(_line(row, CaseRow))
        removal.remove_cases(session, [row.id for row in rows])
    removal.remove_files(records)


def _cases_due(session: Session, at: datetime) -> Sequence[Due]:
    over = (
        select(CaseRow, Recording, Person.organisation_id)
        .join(Recording, Recording.id == CaseRow.recording_id)
        .join(Person, Person.id == Recording.person_id)
        .where(CaseRow.until < at, or_(CaseRow.declined_at.is_(None), CaseRow.declined_at < at - ASK_AGAIN))
    )
    found: Sequence[Any] = session.execute(over).all()
    return [Due(row.id, hall, row.created_at, Why.expired, of.only_for) for row, of, hall in found]


def _due(
    session: Session, at: datetime, *, most: int | None, entity: type[Recording | TryRow] = Recording
) -> Sequence[Due]:
    """What of ``entity`` must go, oldest first."""
    discarded = entity.deleted_at < at - timedelta(days=TRASH_DAYS)
    expired = _expired(session, at, entity)
    # Consent that was withdrawn after a recording takes the recording with it, though it was given again since.
    withdrawn = exists().where(Consent.person_id == entity.person_id, Consent.withdrawn_at >= entity.created_at)
    why = case((withdrawn, Why.withdrawn), (discarded, Why.discarded), else_=Why.expired).label("why")
    query = (
        select(entity, Person.organisation_id, why)
        .join(Person, Person.id == entity.person_id)
        .where(or_(withdrawn, discarded, expired))
        .order_by(entity.created_at, entity.id)
        .limit(most)
    )
    found: Sequence[Any] = session.execute(query).all()
    return [Due(row.id, hall, row.created_at, Why(reason), row.only_for) for row, hall, reason in found]


def _expired(session: Session, at: datetime, entity: type[Recording | TryRow]) -> ColumnElement[bool]:
    """Past its days: those of the organisation for what is private, those of the person's roles for the rest.

    Of several roles the shortest time counts; who holds none falls under all of them. Where no days were said for what
    is private, those of the roles hold for it too. What is submitted has its days from then on.
    """
    since, is_private = _standing(entity)
    roleless = ~exists().where(RoleGrant.person_id == Person.id)
    said = select(Organisation).where(Organisation.private_days.is_not(None))
    private = {row.id: row.private_days or 0 for row in session.scalars(said)}
    rules = [
        and_(
            Person.organisation_id == policy.organisation_id,
            since < at - timedelta(days=policy.days),
            not_(is_private) if policy.organisation_id in private else literal(True),
            or_(roleless, exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == policy.role)),
        )
        for policy in session.scalars(select(RetentionPolicy))
    ]
    rules += [
        and_(Person.organisation_id == id, is_private, entity.created_at < at - timedelta(days=days))
        for id, days in private.items()
    ]
    return or_(literal(False), *rules)


def _standing(entity: type[Recording | TryRow]) -> tuple[ColumnElement[datetime], ColumnElement[bool]]:
    """From when the days count, and whether it is private; tries of drills always are."""
    if entity is Recording:
        return func.coalesce(Recording.submitted_at, Recording.created_at), Recording.submitted_at.is_(None)
    return TryRow.created_at.expression, literal(True)


def _line(row: Due, entity: type[Recording | TryRow | CaseRow] = Recording) -> AuditLine:
    return AuditLine(
        person_id=KEEPER, organisation_id=row.organisation_id, action=row.why, entity=entity.__tablename__,
        entity_id=row.id, seen_by=row.only_for or row.organisation_id,
    )  # fmt: skip
