"""The chain of the audit trail: each line carries the SHA-256 over itself and the line before.

A line that was changed or removed in the database, by whoever can write to it, then breaks the chain; a chain that was
made anew as a whole, or cut at its end, no longer agrees with a head that was printed before (on every backup). There
is one chain in a store. Lines take their places at the end of their transaction, one transaction after the other:
SQLite has one writer at a time, on PostgreSQL a lock is held from there until the transaction is whole.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID  # SQLAlchemy reads the annotations of the table

from sqlalchemy import String, event, exists, func, insert, select, text
from sqlalchemy.orm import Mapped, mapped_column

from liyi.core.errors import LiyiError, Notice
from liyi.records.schema import Base
from liyi.records.store_tables import AuditLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

MOST_FAULTS = 20  # that are told one by one
START = "0" * 64  # what stands before the first line
_LINKING = 0x6C697971  # PostgreSQL's advisory lock
_ROWS = 1000
_HEAD = re.compile(r"(\d{1,10})-([0-9a-f]{64})")


class AuditLink(Base):
    """The place of a line in the chain, from 1 on, and the SHA-256 over the line and the link before it."""

    __tablename__ = "audit_link"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line_id: Mapped[UUID] = mapped_column(unique=True)
    sha256: Mapped[str] = mapped_column(String(64))


@dataclass(frozen=True)
class Head:
    """The end of the chain: how many lines there are, and the SHA-256 of the last, which stands for all of them."""

    lines: int
    sha256: str

    def __str__(self) -> str:
        return f"{self.lines}-{self.sha256}"


@dataclass(frozen=True)
class Check:
    """What a look at every line has found; ``faults`` holds at most `MOST_FAULTS`, ``count`` is of all of them."""

    head: Head
    faults: tuple[Notice, ...]
    count: int


@contextmanager
def linking(session: Session) -> Iterator[None]:
    """Give the lines that the block adds their places, at its end."""
    added: list[AuditLine] = []

    @event.listens_for(session, "after_flush")
    def collect(flushed: Session, _: Any) -> None:
        added.extend(row for row in flushed.new if isinstance(row, AuditLine))

    yield
    session.flush()
    if added:
        _link(session, [_values(row) for row in added])


def link_rest(session: Session) -> None:
    """Give places to lines that have none, in the order of their times: those of a backup from before the chain."""
    placed = exists().where(AuditLink.line_id == AuditLine.id)
    rows = session.scalars(select(AuditLine).where(~placed).order_by(AuditLine.at, AuditLine.id)).all()
    if rows:
        _link(session, [_values(row) for row in rows])


def head(session: Session) -> Head:
    """The end of the chain at this moment."""
    last = session.execute(select(AuditLink.number, AuditLink.sha256).order_by(AuditLink.number.desc()).limit(1))
    found = last.first()
    return Head(*found) if found else Head(0, START)


def read_head(said: str) -> Head:
    """Read a head as it was printed.

    Raises
    ------
    LiyiError
        When it is none.
    """
    found = _HEAD.fullmatch(said.strip().lower())
    if found is None:
        raise LiyiError("{head} is no head of an audit trail: give the number of lines, a hyphen and the 64 digits "
                        "that a backup printed.", head=said)  # fmt: skip
    return Head(int(found[1]), found[2])


def check(session: Session, printed: Head | None = None) -> Check:
    """Look at every line and its place in the chain.

    Parameters
    ----------
    session
        Of the store.
    printed
        A head from before, which the chain must still go through.
    """
    faults: list[Notice] = []
    end, agrees = Head(0, START), printed is None or printed == Head(0, START)
    query = select(AuditLink, AuditLine).outerjoin(AuditLine, AuditLine.id == AuditLink.line_id)
    ordered = query.order_by(AuditLink.number).execution_options(yield_per=_ROWS)
    for link, line in session.execute(ordered):
        faults += _faults_of(end, link, line)
        end = Head(link.number, link.sha256)
        agrees = agrees or end == printed
    placed = exists().where(AuditLink.line_id == AuditLine.id)
    if beside := session.scalar(select(func.count()).select_from(AuditLine).where(~placed)):
        faults.append(Notice("Lines of the audit trail that stand outside the chain, so that something else than Liyi "
                             "wrote them: {count}.", {"count": beside}))  # fmt: skip
    if printed is not None and not agrees:
        faults.append(_disagreement(printed, end))
    return Check(end, tuple(faults[:MOST_FAULTS]), len(faults))


def digest_of(number: int, before: str, values: Sequence[str | None]) -> str:
    """SHA-256 of a line at its place: ``values`` are its columns as `_values` gives them, the id first."""
    said = json.dumps([number, before, *values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode("utf-8")).hexdigest()


def line_values(
    id: UUID, at: datetime, person_id: UUID, organisation_id: UUID, action: str, entity: str, entity_id: UUID | None,
    seen_by: UUID | None, about_id: UUID | None = None, role: str | None = None,
) -> list[str | None]:  # fmt: skip
    """The columns of a line as texts that are the same on every database; ``at`` in UTC.

    Whom it is about and which role stand there only where they are said: lines from before have neither.
    """
    ids = [str(each) if each else None for each in (id, person_id, organisation_id, entity_id, seen_by, about_id)]
    told = [ids[0], at.isoformat(timespec="microseconds"), ids[1], ids[2], action, entity, ids[3], ids[4]]
    return [*told, ids[5], role] if about_id or role else told


def _values(row: AuditLine) -> list[str | None]:
    return line_values(
        row.id, row.at, row.person_id, row.organisation_id, row.action, row.entity, row.entity_id, row.seen_by,
        row.about_id, row.role,
    )  # fmt: skip


def _link(session: Session, lines: Sequence[Sequence[str | None]]) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LINKING})
    end = head(session)  # a statement of its own: it sees what stands once the lock is ours
    rows: list[dict[str, Any]] = []
    for values in lines:
        end = Head(end.lines + 1, digest_of(end.lines + 1, end.sha256, values))
        rows.append({"number": end.lines, "line_id": UUID(values[0]), "sha256": end.sha256})
    session.execute(insert(AuditLink), rows)


def _faults_of(before: Head, link: AuditLink, line: AuditLine | None) -> Iterator[Notice]:
    if link.number != before.lines + 1:
        yield Notice("Lines {first} to {last} of the audit trail are gone.",
                     {"first": before.lines + 1, "last": link.number - 1})  # fmt: skip
        return  # what its link was made of is gone with them
    if line is None:
        yield Notice("Line {number} of the audit trail was removed.", {"number": link.number})
    elif digest_of(link.number, before.sha256, _values(line)) != link.sha256:
        yield Notice("Line {number} of the audit trail was changed, or the line before it.", {"number": link.number})


def _disagreement(printed: Head, end: Head) -> Notice:
    if printed.lines > end.lines:
        fields = {"count": end.lines, "printed": printed.lines}
        return Notice("The audit trail has {count} lines, but had {printed} when this head was printed: lines are "
                      "gone, or the store is an older one.", fields)  # fmt: skip
    return Notice("The first {printed} lines of the audit trail are not those of which this head was printed: it was "
                  "written anew, or the head is another store's.", {"printed": printed.lines})  # fmt: skip
