"""Tables of who may see what beside their own people: shares with a cohort, tasks of evaluators, leave to look."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (SQLAlchemy reads annotations when it runs)
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, now


class RecordingShare(Base):
    """A recording that its owner lets the members of a cohort watch."""

    __tablename__ = "recording_share"
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"), primary_key=True, index=True)


class Assignment(Base):
    """What an evaluator is to judge: one recording, or the trainees of a cohort."""

    __tablename__ = "assignment"
    __table_args__ = (CheckConstraint("(recording_id is null) <> (cohort_id is null)", name="one_thing"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    evaluator_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class AccessGrant(Base):
    """Leave to see (not to change) one recording or the trainees of a cohort, until a moment."""

    __tablename__ = "access_grant"
    __table_args__ = (CheckConstraint("(recording_id is null) <> (cohort_id is null)", name="one_thing"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    grantee_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    cohort_id: Mapped[UUID | None] = mapped_column(ForeignKey("cohort.id", ondelete="CASCADE"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    until: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=now)
