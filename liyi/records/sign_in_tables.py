"""The tables of signing in: what proves who somebody is, who is signed in, and how often it was tried in vain.

No secret stands in them: of a password its argon2id hash, of codes and tokens their SHA-256, of accounts and addresses
that were tried a digest. Nobody is shown a row of them (`liyi.records.rules`): who may know something of them asks
`liyi.records.operations.accounts`.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003  (SQLAlchemy reads the annotations)
from uuid import UUID  # noqa: TC003

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from liyi.records.schema import Base, now
from liyi.records.store_tables import OF_THIS_DATABASE


class Credential(Base):
    """With what a person proves who they are: a password, and a one-time code that allows them to set one."""

    __tablename__ = "credential"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    password_hash: Mapped[str | None]
    password_set_at: Mapped[datetime | None]
    code_sha256: Mapped[str | None] = mapped_column(String(64))
    code_until: Mapped[datetime | None]


class SignInSession(Base):
    """Somebody signed in, in one browser; ``seen_at`` is written at most once a minute.

    ``ended_at``: when it was ended before its time (`liyi.records.sessions` says when that is up).
    """

    __tablename__ = "sign_in_session"
    token_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    begun_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]


class SignInAttempt(Base):
    """How often signing in failed of late, for an account (known or not) or from an address; ``key`` is a digest."""

    __tablename__ = "sign_in_attempt"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    faults: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(default=now)
    locked_until: Mapped[datetime | None]


# A store that is restored from a backup has nobody signed in.
OF_THIS_DATABASE.update((SignInSession.__tablename__, SignInAttempt.__tablename__))
