"""The tables of a batch: many recordings that an evaluator brings in, the list that says whose they are, and marks.

A batch begins as a draft, in which files arrive and the list is edited; then it waits for its turn and is run by a
process of its own. What comes of a line is a recording, submitted from the start, and its assessment, provisional until
a person has confirmed it: a mark. A unit hands marks over on its own sheet.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (SQLAlchemy reads annotations when it runs)
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, CheckConstraint, Enum, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, now


class Purpose(StrEnum):
    """What a batch is for: an ``examination`` is run only where each line says when and how its person consented."""

    examination = "examination"
    training = "training"


class BatchState(StrEnum):
    """Where a batch stands; ``stopping`` until its process has seen that it was told to stop."""

    draft = "draft"
    waiting = "waiting"
    running = "running"
    stopping = "stopping"
    stopped = "stopped"
    done = "done"
    failed = "failed"


class LineState(StrEnum):
    """Where a line of a batch stands."""

    waiting = "waiting"
    done = "done"
    failed = "failed"


def _choice(kind: type[StrEnum]) -> Enum:
    return Enum(kind, native_enum=False, create_constraint=True, length=16, name=kind.__name__.lower())


class Batch(Base):
    """Many recordings that ``owner_id``, an evaluator, has assessed together.

    ``pack`` and ``options`` (`liyi.core.options.Options` as JSON) hold where a line says nothing else. ``scheduler`` is
    the address of a Dask scheduler; without one the machine's own processors do the work. ``error`` is what ended it
    before its time: a ``sentence`` and its ``fields``. ``run`` names the process that is at it, ``beat_at`` is when
    that was last known to live, ``losses`` how many died since a line was finished (`liyi.records.batch_queue`).
    """

    __tablename__ = "batch"
    __table_args__ = (Index(None, "owner_id", "created_at"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str]
    purpose: Mapped[Purpose] = mapped_column(_choice(Purpose))
    state: Mapped[BatchState] = mapped_column(_choice(BatchState), index=True)
    pack: Mapped[str]
    lang: Mapped[str]
    options: Mapped[dict[str, Any]]
    scheduler: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    queued_at: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    run: Mapped[str | None] = mapped_column(String(32))
    beat_at: Mapped[datetime | None]
    losses: Mapped[int] = mapped_column(default=0, server_default="0")
    deleted_at: Mapped[datetime | None]


class BatchFile(Base):
    """A file that was brought to a batch; `liyi.records.lifecycle.batch_file` says where it is.

    ``name`` is how lists call it, with the folders that it was dropped with. ``received_bytes`` and ``sha256`` are
    noted once it is whole; while it arrives, the disk alone says how much is there. One of the same name,
    ``size_bytes`` and ``modified_ms`` (milliseconds since 1970, when it was last changed where it came from) is the
    same file.
    """

    __tablename__ = "batch_file"
    __table_args__ = (CheckConstraint("received_bytes <= size_bytes", name="no_more_than_all"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    received_bytes: Mapped[int] = mapped_column(BigInteger)
    modified_ms: Mapped[int] = mapped_column(BigInteger, server_default="0")
    sha256: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)


class BatchLine(Base):
    """A line of a batch's list; ``cells`` by column, as they were written (`liyi.batch.manifest.COLUMNS` and consent).

    Once it has run: ``person_id`` whom it is of, ``key`` the work (`liyi.batch.unit`), ``recording_id`` and
    ``assessment_id`` what came of it, or ``error``, a ``sentence`` with its ``fields``.
    """

    __tablename__ = "batch_line"
    __table_args__ = (Index(None, "batch_id", "position", unique=True),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    position: Mapped[int]
    cells: Mapped[dict[str, Any]]
    state: Mapped[LineState] = mapped_column(_choice(LineState))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    key: Mapped[str | None] = mapped_column(String(64))
    recording_id: Mapped[UUID | None] = mapped_column(ForeignKey("recording.id", ondelete="SET NULL"), index=True)
    assessment_id: Mapped[UUID | None] = mapped_column(ForeignKey("assessment.id", ondelete="SET NULL"), index=True)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Mark(Base):
    """A total that a named person has confirmed (成绩): what stands in exports under that name, as long as it stands.

    ``total`` is the one after review, 0..100, with its ``total_error``. Of an assessment the last one counts, where it
    is not ``withdrawn_at``; who withdrew it, its author or who has the batch by now, said why.
    """

    __tablename__ = "mark"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    total: Mapped[float]
    total_error: Mapped[float | None]
    why: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_why: Mapped[str | None]


class SheetTemplate(Base):
    """A unit's own sheet of deductions (扣分表) as a workbook with names of fields in its cells (`liyi.cohort.sheet`).

    ``content`` is the workbook in base64.
    """

    __tablename__ = "sheet_template"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    content: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
