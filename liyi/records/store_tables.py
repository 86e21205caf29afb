"""Tables of the store itself: what was done in it, which store it is, which files are still to go."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (SQLAlchemy reads annotations when it runs)
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, now

if TYPE_CHECKING:
    from sqlalchemy import Table


def _organisation_of(context: Any) -> UUID:
    organisation: UUID = context.get_current_parameters()["organisation_id"]
    return organisation


class AuditLine(Base):
    """Who did what to what, and when; never with what content. The database refuses to change or remove a line.

    ``about_id``: whom it is about, where the thing is none itself (a role, a place in a cohort, an exemption, a task);
    ``role``: which role, where it is of one. ``seen_by``: the organisation whose administrators see it beside who did
    it, or the one person who alone does (of what is private). None in lines from before practice was private; they do
    not say.
    """

    __tablename__ = "audit_line"
    __table_args__ = (Index(None, "organisation_id", "at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime] = mapped_column(default=now)
    person_id: Mapped[UUID] = mapped_column(index=True)
    organisation_id: Mapped[UUID]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID | None]
    seen_by: Mapped[UUID | None] = mapped_column(default=_organisation_of)
    about_id: Mapped[UUID | None]
    role: Mapped[str | None] = mapped_column(String(16))


class Store(Base):
    """Which store this database is: the data folder carries the same id (`liyi.records.pairing`); one row.

    ``purged_at``: when retention was last applied; a clock far ahead of it and of all entries is not trusted.
    """

    __tablename__ = "store"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    created_at: Mapped[datetime] = mapped_column(default=now)
    purged_at: Mapped[datetime | None]


class PendingRemoval(Base):
    """A file of the vault that must go unless a row names it: of a deletion, or of work that did not end."""

    __tablename__ = "pending_removal"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)


# What a backup does not hold: it belongs to one database and its folder, and not to what is kept in them.
OF_THIS_DATABASE = {Store.__tablename__, PendingRemoval.__tablename__}


def kept_tables() -> list[Table]:
    """Tables of what is kept, each after those that it refers to."""
    from liyi.records import rules  # noqa: F401  (it knows every table, as each has its rule there)

    return [table for table in Base.metadata.sorted_tables if table.name not in OF_THIS_DATABASE]
