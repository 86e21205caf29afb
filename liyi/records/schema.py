"""The tables at the centre: who there is, what was recorded, what was found in it, and what their columns are made of.

What else is kept of a subject stands in the `*_tables` modules beside this one. Rows are plain values: no relationship
loads anything by itself, so nothing is read that did not pass a `Viewer`. Ids are random UUIDs, so that the id of
something deleted never names something new, and no id can be counted up to. Times are UTC. What belongs to a recording
goes when its row goes (foreign keys cascade); the audit trail has no foreign keys and stays.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Role(StrEnum):
    """What a person may be in an organisation."""

    trainee = "trainee"
    trainer = "trainer"
    evaluator = "evaluator"
    admin = "admin"


class Kind(StrEnum):
    """How a recording came in."""

    rehearsal = "rehearsal"
    upload = "upload"
    batch = "batch"


class State(StrEnum):
    """Where a recording stands: ``open`` while its pieces arrive, ``kept`` once it is one whole file."""

    open = "open"
    kept = "kept"


class Status(StrEnum):
    """Where an assessment stands."""

    running = "running"
    done = "done"
    failed = "failed"


class FileKind(StrEnum):
    """What a file made from a recording is."""

    assessment = "assessment"
    measures = "measures"
    report = "report"
    still = "still"


class Utc(TypeDecorator[datetime]):
    """A moment in UTC, with its zone on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a moment without a zone; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment in UTC, whatever zone the database answers in."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """Give this moment in UTC."""
    return datetime.now(UTC)


def _choice(kind: type[StrEnum]) -> Enum:
    """A column of one of ``kind``'s words, checked by the database."""
    return Enum(kind, native_enum=False, create_constraint=True, length=16, name=kind.__name__.lower())


class Base(DeclarativeBase):
    """All tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy's own hook)
        datetime: Utc,
        str: Text,
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
        Role: _choice(Role),
        Kind: _choice(Kind),
        State: _choice(State),
        Status: _choice(Status),
        FileKind: _choice(FileKind),
    }


def _key() -> Mapped[UUID]:
    return mapped_column(primary_key=True, default=uuid4)


def _of(column: str, *, whole: bool = False, **options: Any) -> Any:
    """A foreign key; with ``whole`` the row goes when what it belongs to goes."""
    return mapped_column(ForeignKey(column, ondelete="CASCADE" if whole else None), **options)


def _sha256(**options: Any) -> Any:
    return mapped_column(String(64), **options)


class Organisation(Base):
    """A unit that trains people; nothing is seen across organisations.

    ``private_days``: for how many days private practice is kept; None where nobody has said so.
    """

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("private_days > 0", name="private_days_positive"),)
    id: Mapped[UUID] = _key()
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    private_days: Mapped[int | None]


class Department(Base):
    """A department (部门) of an organisation; a cohort without one crosses departments (跨部门)."""

    __tablename__ = "department"
    id: Mapped[UUID] = _key()
    organisation_id: Mapped[UUID] = _of("organisation.id", index=True)
    name: Mapped[str]


class Person(Base):
    """Somebody who records, trains, evaluates or administers.

    ``account`` is the name that the sign-in service vouches for; without one nobody can sign in as this person.
    ``left_at``: when the person left; whoever has left sees nothing. ``post``: the profile of the norm pack after
    which the person's work is (Seated counter, Telephone), None until the person has said so.
    """

    __tablename__ = "person"
    id: Mapped[UUID] = _key()
    organisation_id: Mapped[UUID] = _of("organisation.id", index=True)
    department_id: Mapped[UUID | None] = _of("department.id", index=True)
    name: Mapped[str]
    account: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    left_at: Mapped[datetime | None]
    post: Mapped[str | None]


class RoleGrant(Base):
    """A role in an organisation, or in one department of it only."""

    __tablename__ = "role_grant"
    id: Mapped[UUID] = _key()
    person_id: Mapped[UUID] = _of("person.id", whole=True, index=True)
    role: Mapped[Role]
    organisation_id: Mapped[UUID] = _of("organisation.id")
    department_id: Mapped[UUID | None] = _of("department.id")
    created_at: Mapped[datetime] = mapped_column(default=now)


class Cohort(Base):
    """People who are trained together."""

    __tablename__ = "cohort"
    id: Mapped[UUID] = _key()
    organisation_id: Mapped[UUID] = _of("organisation.id", index=True)
    department_id: Mapped[UUID | None] = _of("department.id")
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class CohortMember(Base):
    """A person in a cohort, as trainee or as trainer."""

    __tablename__ = "cohort_member"
    __table_args__ = (
        CheckConstraint("role in ('trainee', 'trainer')", name="trainee_or_trainer"),
        Index(None, "person_id", "role"),
    )
    cohort_id: Mapped[UUID] = _of("cohort.id", whole=True, primary_key=True)
    person_id: Mapped[UUID] = _of("person.id", whole=True, primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


class Recording(Base):
    """A recording of one person.

    ``sha256`` (lower-case hexadecimal) names its file in the vault; None while it is ``open``. ``deleted_at``: when it
    was put into the trash, from where on nobody sees it. ``submitted_at``: when its owner submitted it; None while it
    is private (`liyi.records.viewer`). ``opened_at``: when somebody else first opened what was submitted.
    ``side_sha256``, ``side_bytes``: of the file of the same performance from the side, where there is one.
    """

    __tablename__ = "recording"
    __table_args__ = (
        CheckConstraint("state <> 'kept' or sha256 is not null", name="kept_has_file"),
        Index(None, "person_id", "created_at"),
        Index(None, "submitted_at"),
    )
    id: Mapped[UUID] = _key()
    person_id: Mapped[UUID] = _of("person.id")
    sha256: Mapped[str | None] = _sha256(index=True)
    name: Mapped[str]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    duration_s: Mapped[float | None]
    kind: Mapped[Kind]
    state: Mapped[State]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    deleted_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    side_sha256: Mapped[str | None] = _sha256(index=True)
    side_bytes: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def only_for(self) -> UUID | None:
        """Who alone is told of it: its owner while it is private, nobody in particular once it is submitted."""
        return self.person_id if self.submitted_at is None else None


class Assessment(Base):
    """A recording held against a norm pack, frozen with all that it came from.

    ``key`` is the SHA-256 of recording, pack, profile, models, options and version: the same work is filed once.
    ``person_id`` is the recording's owner. ``total`` 0..100 or None, ``total_error`` one sigma of it, ``coverage`` 0..1
    and the least of it that the pack asks for; the last and the error are None in what was filed before they were kept.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        Index(None, "recording_id", "key", unique=True),
        Index(None, "person_id", "created_at"),
    )
    id: Mapped[UUID] = _key()
    recording_id: Mapped[UUID] = _of("recording.id", whole=True)
    person_id: Mapped[UUID] = _of("person.id")
    key: Mapped[str] = _sha256()
    pack_id: Mapped[str]
    pack_version: Mapped[str]
    pack_sha256: Mapped[str] = _sha256()
    profile: Mapped[str]
    models: Mapped[list[dict[str, Any]]]
    options: Mapped[dict[str, Any]]
    liyi_version: Mapped[str]
    total: Mapped[float | None]
    total_error: Mapped[float | None]
    coverage: Mapped[float | None]
    coverage_floor: Mapped[float | None]
    status: Mapped[Status]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class DimensionRow(Base):
    """Score 0..100 of one dimension of an assessment (None where nothing was assessed), coverage 0..1."""

    __tablename__ = "dimension_score"
    __table_args__ = ({"sqlite_with_rowid": False},)
    assessment_id: Mapped[UUID] = _of("assessment.id", whole=True, primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[float | None]
    coverage: Mapped[float]


_WAITING = text("waits is not null")


class VerdictRow(Base):
    """What was found for one criterion: ``value`` in ``unit``, ``sub_score`` 0..1, ``charged`` points of 100.

    ``waits`` for a person: a ``finding`` that the tool could not decide, a red ``line`` that hangs on it, or a
    ``hint``, which never scores.
    """

    __tablename__ = "verdict"
    __table_args__ = (
        Index(None, "assessment_id", "waits", sqlite_where=_WAITING, postgresql_where=_WAITING),
        {"sqlite_with_rowid": False},
    )
    assessment_id: Mapped[UUID] = _of("assessment.id", whole=True, primary_key=True)
    criterion: Mapped[str] = mapped_column(primary_key=True)
    dimension: Mapped[str]
    status: Mapped[str] = mapped_column(String(16))
    value: Mapped[float | None]
    unit: Mapped[str]
    sub_score: Mapped[float | None]
    charged: Mapped[float]
    waits: Mapped[str | None] = mapped_column(String(16))


class AssessmentFile(Base):
    """A file of an assessment in the vault: ``assessment.json``, measures, report, stills."""

    __tablename__ = "assessment_file"
    assessment_id: Mapped[UUID] = _of("assessment.id", whole=True, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[FileKind]
    sha256: Mapped[str] = _sha256(index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)


class Comment(Base):
    """What somebody wrote on a recording, at ``at_s`` seconds of it or on all of it."""

    __tablename__ = "comment"
    id: Mapped[UUID] = _key()
    recording_id: Mapped[UUID] = _of("recording.id", whole=True, index=True)
    author_id: Mapped[UUID] = _of("person.id")
    at_s: Mapped[float | None]
    text: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Rating(Base):
    """A person's blind judgement of one criterion, given without the tool's and the other raters' (0..100)."""

    __tablename__ = "rating"
    __table_args__ = (Index(None, "recording_id", "rater_id", "criterion", unique=True),)
    id: Mapped[UUID] = _key()
    recording_id: Mapped[UUID] = _of("recording.id", whole=True)
    rater_id: Mapped[UUID] = _of("person.id")
    criterion: Mapped[str]
    score: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=now)


class TryRow(Base):
    """What a try of a drill has measured; no picture, no sound. ``results`` as `liyi.records.operations.tries` reads.

    ``deleted_at``: when it was put into the trash, from where on nobody sees it.
    """

    __tablename__ = "drill_try"
    __table_args__ = (Index(None, "person_id", "created_at"),)
    id: Mapped[UUID] = _key()
    person_id: Mapped[UUID] = _of("person.id", whole=True)
    drill: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)
    passed: Mapped[bool]
    results: Mapped[list[dict[str, Any]]]
    deleted_at: Mapped[datetime | None]

    @property
    def only_for(self) -> UUID:
        """Who alone is told of it: always its owner."""
        return self.person_id
