"""Tables of what people and their organisation have settled: consent, exemptions, how long recordings are kept."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003  (SQLAlchemy reads annotations when it runs)
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, Role, now


class Consent(Base):
    """A person's consent to being recorded: which text, from when until when."""

    __tablename__ = "consent"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    version: Mapped[str]
    text_sha256: Mapped[str] = mapped_column(String(64))
    given_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class Exemption(Base):
    """A criterion or flag of the packs by which a person is not judged, from one day until another (inclusive).

    ``reason`` is what was said of it, in one line; it may tell of somebody's health.
    """

    __tablename__ = "exemption"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    flag: Mapped[str]
    from_day: Mapped[date]
    until_day: Mapped[date | None]
    reason: Mapped[str | None]


class RetentionPolicy(Base):
    """For how many days an organisation keeps the recordings of people of a role."""

    __tablename__ = "retention_policy"
    __table_args__ = (CheckConstraint("days > 0", name="days_positive"),)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)
    days: Mapped[int]
