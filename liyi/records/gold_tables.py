"""The tables of gold clips (校准样片): recordings that people and tool are held against, with their owners' consent.

What people have agreed on of a clip is frozen in `GoldValue`. Whatever is rated of it from then on is a `GoldRating`,
which changes nothing of it. All of it goes with the clip, and the clip with its recording.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (SQLAlchemy reads the annotations)
from uuid import UUID, uuid4

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, now


class GoldClip(Base):
    """A recording that was proposed as gold clip, whether its owner consented, and since when people agree on it.

    ``consented`` is None until its owner has answered. ``assessment_id`` is the tool's assessment of it when people
    agreed: against that a later version is held.
    """

    __tablename__ = "gold_clip"
    __table_args__ = (
        CheckConstraint("(consented is null) = (answered_at is null)", name="answered_when"),
        CheckConstraint("(assessment_id is null) = (agreed_at is null)", name="agreed_when"),
    )
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), primary_key=True)
    proposed_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(default=now)
    consented: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    agreed_at: Mapped[datetime | None]


class GoldProposal(Base):
    """That somebody proposed a recording which another had proposed before; what came of that one is not told to them.

    They read what the first read as long as there was no answer, so that nobody finds out which recordings are gold
    clips by proposing them.
    """

    __tablename__ = "gold_proposal"
    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("gold_clip.recording_id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=now)


class GoldValue(Base):
    """What people have agreed on for one criterion of a gold clip: median, lowest and highest rating, 0..100."""

    __tablename__ = "gold_value"
    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("gold_clip.recording_id", ondelete="CASCADE"), primary_key=True
    )
    criterion: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    raters: Mapped[int]


class GoldRating(Base):
    """A blind rating (0..100) of one criterion of a gold clip that people have agreed on before."""

    __tablename__ = "gold_rating"
    __table_args__ = (Index(None, "rater_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("gold_clip.recording_id", ondelete="CASCADE"), index=True)
    rater_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    criterion: Mapped[str]
    score: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=now)


class GoldCheck(Base):
    """That the gold clips of an organisation were judged again: by which version and norm packs (SHA-256 by id).

    ``measured``: from the files themselves, not only from the stored measures. ``clips``: how many were judged.
    """

    __tablename__ = "gold_check"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    liyi_version: Mapped[str]
    packs: Mapped[dict[str, str]] = mapped_column(JSON)
    measured: Mapped[bool]
    clips: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=now)


class GoldMove(Base):
    """What a check found for one criterion of a clip, or for its ``total``: points (0..100) at agreement and now.

    None where there was none. ``error`` is one sigma of the points at agreement; ``moved`` says whether it is further
    away than that, in points or in the criterion's own unit.
    """

    __tablename__ = "gold_move"
    check_id: Mapped[UUID] = mapped_column(ForeignKey("gold_check.id", ondelete="CASCADE"), primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(
        ForeignKey("gold_clip.recording_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    criterion: Mapped[str] = mapped_column(primary_key=True)
    before: Mapped[float | None]
    after: Mapped[float | None]
    error: Mapped[float]
    moved: Mapped[bool]
