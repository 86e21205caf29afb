"""The tables of a review: what people decided on findings, when they had finished, and their stock of phrases.

A finding is the tool's and stays as it is in the verdicts of an assessment; a confirmation is a person's and stands
beside it. Neither is ever changed: who decides otherwise adds another confirmation.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (SQLAlchemy reads the annotations)
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, Enum, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, now


class Decision(StrEnum):
    """What a person decides on a finding; ``added`` is a finding of the person's own."""

    confirmed = "confirmed"
    rejected = "rejected"
    changed = "changed"
    added = "added"


class Confirmation(Base):
    """What a person decided on a finding of an assessment, at a moment of it (seconds) or on the whole criterion.

    ``new`` belongs to ``changed``: the sub-score 0..1 in place of the tool's, None for not assessed.
    """

    __tablename__ = "confirmation"
    __table_args__ = (
        CheckConstraint("(start_s is null) = (end_s is null)", name="both_ends"),
        CheckConstraint("new is null or decision = 'changed'", name="new_of_changed"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    criterion: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    decision: Mapped[Decision] = mapped_column(
        Enum(Decision, native_enum=False, create_constraint=True, length=16, name="decision")
    )
    start_s: Mapped[float | None]
    end_s: Mapped[float | None]
    new: Mapped[float | None]
    why: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Review(Base):
    """That somebody had finished reviewing a recording; from then on its owner sees what was decided until then."""

    __tablename__ = "review"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class CannedPhrase(Base):
    """A phrase that somebody writes often in comments; ``criterion`` where it belongs to one."""

    __tablename__ = "canned_phrase"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    criterion: Mapped[str | None]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
