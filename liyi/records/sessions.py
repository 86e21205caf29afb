"""Who is signed in: sessions, known by the SHA-256 of a token that only the browser has.

A session is over `idle` after it was last used, `LONGEST` after it began, when it was ended, and when its person left.
Every process on the same database sees the same sessions.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from liyi.core.errors import LiyiError
from liyi.records.schema import Person, now
from liyi.records.sign_in_tables import SignInSession
from liyi.records.store_tables import AuditLine
from liyi.records.viewer import Viewer

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

IDLE_MINUTES = "LIYI_IDLE_MINUTES"
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
_KEPT = timedelta(days=90)  # for how long it stays known when somebody was signed in
_IDLE, _MOST_IDLE = 60, 720  # minutes
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes in URL-safe base64


@dataclass(frozen=True)
class SignedIn:
    """A session that is not over: on whose behalf it acts, and since when."""

    viewer: Viewer
    name: str
    token_sha256: str
    begun_at: datetime
    seen_at: datetime


def idle() -> timedelta:
    """After how long without use a session is over: ``LIYI_IDLE_MINUTES``, else an hour.

    Raises
    ------
    LiyiError
        When the setting is no number of minutes between 1 and 720.
    """
    told = os.environ.get(IDLE_MINUTES, "").strip()
    if not told:
        return timedelta(minutes=_IDLE)
    if not re.fullmatch(r"[0-9]{1,3}", told) or not 1 <= int(told) <= _MOST_IDLE:
        raise LiyiError("{setting} must be a number of minutes between 1 and {most}.",
                        setting=IDLE_MINUTES, most=_MOST_IDLE)  # fmt: skip
    return timedelta(minutes=int(told))


def begin(records: Records, viewer: Viewer, *, before: str | None = None) -> str:
    """Begin a session; returns its token, which is new whatever the browser had.

    ``before`` is the token that the browser had: what it opened is ended.

    Raises
    ------
    LiyiError
        When the person is not there any more.
    """
    token = secrets.token_urlsafe(32)
    with records.writing() as session:
        person = session.get(Person, viewer.person_id)
        if person is None or person.left_at is not None:
            raise LiyiError("Your account is not known here: ask an administrator to enter it.")
        session.execute(delete(SignInSession).where(SignInSession.begun_at < now() - _KEPT))
        if before is not None:
            _end(session, SignInSession.token_sha256 == _digest(before))
        session.add(SignInSession(token_sha256=_digest(token), person_id=viewer.person_id))
        session.add(AuditLine(person_id=viewer.person_id, organisation_id=viewer.organisation_id, action="sign_in",
                              entity=Person.__tablename__, entity_id=viewer.person_id))  # fmt: skip
    return token


def find(records: Records, token: str | None) -> SignedIn | None:
    """The session that a token opens; None for any other, and for one that is over."""
    if token is None or not _TOKEN.fullmatch(token):
        return None
    at = now()
    query = (
        select(Person.id, Person.organisation_id, Person.name, SignInSession.begun_at, SignInSession.seen_at)
        .join(Person, Person.id == SignInSession.person_id)
        .where(SignInSession.token_sha256 == _digest(token), SignInSession.ended_at.is_(None))
        .where(SignInSession.begun_at > at - LONGEST, SignInSession.seen_at > at - idle(), Person.left_at.is_(None))
    )
    with records.reading() as session:
        row = session.execute(query).first()
    if row is None:
        return None
    id, organisation_id, name, begun_at, seen_at = row
    return SignedIn(Viewer(id, organisation_id), name, _digest(token), begun_at, seen_at)


def seen(records: Records, found: SignedIn) -> None:
    """Note that a session was used; written at most once a minute, by whichever process."""
    at = now()
    if found.seen_at > at - SEEN_EVERY:
        return
    with records.writing() as session:
        session.execute(update(SignInSession).values(seen_at=at).where(
            SignInSession.token_sha256 == found.token_sha256, SignInSession.seen_at <= at - SEEN_EVERY,
        ))  # fmt: skip


def end(records: Records, found: SignedIn) -> None:
    """End a session: its person signs out."""
    with records.writing() as session:
        _end(session, SignInSession.token_sha256 == found.token_sha256)
        viewer = found.viewer
        session.add(AuditLine(person_id=viewer.person_id, organisation_id=viewer.organisation_id, action="sign_out",
                              entity=Person.__tablename__, entity_id=viewer.person_id))  # fmt: skip


def end_all(session: Session, person_id: UUID) -> None:
    """End all sessions of a person; the caller notes it in the audit trail."""
    _end(session, SignInSession.person_id == person_id)


def _end(session: Session, *conditions: ColumnElement[bool]) -> None:
    session.execute(update(SignInSession).values(ended_at=now()).where(SignInSession.ended_at.is_(None), *conditions))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
