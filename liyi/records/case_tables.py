"""The tables of case discussions: a stretch of a recording that its owner lets a cohort see, and what is said of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, now

ASK_AGAIN = timedelta(days=90)  # what an owner declined is asked for by nobody before that


class CasePurpose(StrEnum):
    """What a case shows: how to do it, or what to learn from."""

    exemplary = "exemplary"
    instructive = "instructive"


class CaseForm(StrEnum):
    """How a case is shown: with picture and sound, or as moving joints without either."""

    as_is = "as_is"
    skeleton = "skeleton"


def _word(kind: type[StrEnum], name: str) -> Any:
    return mapped_column(Enum(kind, native_enum=False, create_constraint=True, length=16, name=name))


class CaseRow(Base):
    """A stretch of a submitted recording that is, or may be, shown to a cohort until a moment.

    ``by_id`` proposed it: a trainer, or the recording's owner. ``trainer_id`` answers for it towards the cohort: None
    as long as no trainer has taken up what its owner offers. It is shown once its owner has agreed (``agreed_at``, to
    the text with ``text_sha256``) and a trainer stands for it (``accepted_at``), and no longer once it is withdrawn.

    ``sha256`` names the one file in the vault that is shown: the stretch alone as a film, or its joints. It is made
    after the owner agreed, by the server, which notes in ``failed`` why it could not. It and ``captions`` (seconds from
    the stretch's start, and text, as the owner agreed to them) go when it is withdrawn.
    """

    __tablename__ = "case_clip"
    __table_args__ = (
        CheckConstraint("end_s > start_s", name="has_length"),
        CheckConstraint("sha256 is null or agreed_at is not null", name="file_is_agreed_to"),
        CheckConstraint("(accepted_at is null) or (trainer_id is not null)", name="accepted_by_whom"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    recording_id: Mapped[UUID] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"), index=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    trainer_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[CasePurpose] = _word(CasePurpose, "purpose")
    pack_id: Mapped[str]
    criterion: Mapped[str]
    start_s: Mapped[float]
    end_s: Mapped[float]
    title: Mapped[str]
    look_at: Mapped[str]
    question: Mapped[str | None]
    form: Mapped[CaseForm] = _word(CaseForm, "form")
    until: Mapped[datetime] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    agreed_at: Mapped[datetime | None]
    text_sha256: Mapped[str | None] = mapped_column(String(64))
    accepted_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    captions: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    failed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class CaseComment(Base):
    """What a member of the cohort, or the owner, said of a case."""

    __tablename__ = "case_comment"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case_clip.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
