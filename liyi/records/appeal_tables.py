"""Two tables of what its owner has to say and to read of a submitted recording: appeals, and how far they have read."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (SQLAlchemy reads annotations when it runs)
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

import liyi.records.review_schema  # noqa: F401  (the table of confirmations, to which appeals refer)
from liyi.records.schema import Base, now


class AppealRow(Base):
    """What the owner of a recording holds against a finding of it, and what a person answered.

    ``start_s`` and ``end_s`` are the moment, in seconds; None for the whole criterion. ``upheld``: None until somebody
    has answered; an appeal that is upheld leads to a confirmation by who answered.
    """

    __tablename__ = "appeal"
    __table_args__ = (
        CheckConstraint("(upheld is null) = (answer is null)", name="answered_whole"),
        CheckConstraint("(upheld is null) = (answered_at is null)", name="answered_when"),
        CheckConstraint("(upheld is null) = (answered_by_id is null)", name="answered_by_whom"),
        CheckConstraint("(start_s is null) = (end_s is null)", name="moment_whole"),
        Index(None, "assessment_id", "criterion"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    criterion: Mapped[str]
    start_s: Mapped[float | None]
    end_s: Mapped[float | None]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sentence: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    upheld: Mapped[bool | None]
    answer: Mapped[str | None]
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    confirmation_id: Mapped[UUID | None] = mapped_column(ForeignKey("confirmation.id", ondelete="SET NULL"), index=True)


class SeenRow(Base):
    """Up to when the owner of a recording has read what others said of it."""

    __tablename__ = "recording_seen"
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
