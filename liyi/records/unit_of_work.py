"""One piece of work on behalf of a viewer: the only way from operations to rows.

`reading` and `writing` give a `UnitOfWork` that selects nothing but what its viewer may see, and that adds and removes
with a line in the audit trail. What may not be seen looks the same as what is not there.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, func, literal, select
from sqlalchemy.exc import IntegrityError

from liyi.core.errors import LiyiError
from liyi.records.access_tables import AccessGrant, Assignment
from liyi.records.consent_tables import Exemption
from liyi.records.rules import visible
from liyi.records.schema import Assessment, Base, Person, Recording, RoleGrant, now
from liyi.records.store_tables import AuditLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from liyi.records.engine import Records
    from liyi.records.schema import Role
    from liyi.records.viewer import Viewer

Row = TypeVar("Row", bound=Base)
Dated = TypeVar("Dated", Recording, Assessment)
Query = TypeVar("Query", bound="Select[Any]")
PAGE = 50
MOST = 500
_FURTHEST = 10**9
# Rows about somebody: who that is.
_ABOUT: Mapping[type[Base], str] = {
    RoleGrant: "person_id", Exemption: "person_id", Assignment: "evaluator_id", AccessGrant: "grantee_id",
}  # fmt: skip
_AMONG = 10  # rows looked at for each row wanted, before all are


def not_there() -> LiyiError:
    """Say that something is not there; the same words for what is there but not for this viewer."""
    return LiyiError("There is nothing like this here, or you have no access to it.")


def not_oneself(viewer: Viewer, person_id: UUID) -> None:
    """Refuse to let anybody widen or end their own access."""
    if person_id == viewer.person_id:
        raise LiyiError("Nobody changes their own access: ask another administrator.")


def id_of(value: UUID | str) -> UUID:
    """Read an id as pages and addresses carry it; what is no id is not there."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        raise not_there() from error


def _within(value: int, least: int, most: int) -> int:
    return max(least, min(value, most))


class UnitOfWork:
    """A session in the hands of one viewer."""

    def __init__(self, session: Session, viewer: Viewer, *, writes: bool = False) -> None:
        self.session = session
        self.viewer = viewer
        self._writes = writes

    def select(self, entity: type[Row], *conditions: ColumnElement[bool]) -> Select[Row]:
        """Rows of ``entity`` that the viewer may see and that meet the conditions."""
        return select(entity).where(visible(self.viewer, entity), *conditions)

    def all(self, query: Select[Row]) -> Sequence[Row]:
        """Fetch all rows of a query."""
        return self.session.scalars(query).all()

    def page(self, query: Select[Row], *, size: int, offset: int) -> Sequence[Row]:
        """Fetch one page of a query, at most `MOST` rows."""
        return self.all(self.limited(query, size=size, offset=offset))

    def limited(self, query: Query, *, size: int, offset: int) -> Query:
        """The same query for one page, at most `MOST` rows."""
        return query.limit(_within(size, 1, MOST)).offset(_within(offset, 0, _FURTHEST))

    def newest(self, entity: type[Dated], *, size: int, offset: int) -> Sequence[Dated]:
        """Fetch one page of all that the viewer may see, newest first.

        Who sees much finds a page among the newest rows already; only who sees little needs a look at all of them, and
        that is quick then. The answer is the same.
        """
        query = self.select(entity).order_by(entity.created_at.desc(), entity.id)
        wanted = _within(size, 1, MOST)
        last = _AMONG * (wanted + _within(offset, 0, _FURTHEST))
        newest_first = select(entity.created_at).order_by(entity.created_at.desc())
        since = self.session.scalar(newest_first.offset(last).limit(1))
        if since is not None:
            rows = self.page(query.where(entity.created_at >= since), size=size, offset=offset)
            if len(rows) == wanted:
                return rows
        return self.page(query, size=size, offset=offset)

    def one(self, entity: type[Row], id: UUID | str, *conditions: ColumnElement[bool], alone: bool = False) -> Row:
        """Fetch the row with this id; ``alone`` keeps other writers from it until the change is whole.

        Raises
        ------
        LiyiError
            When there is none, or the viewer may not see it, or it does not meet the conditions.
        """
        assert self._writes or not alone, "a look keeps nobody from anything: PostgreSQL refuses it"
        key: Any = entity.__mapper__.primary_key[0]
        query = self.select(entity, key == id_of(id), *conditions)
        row = self.session.scalars(query.with_for_update(of=entity) if alone else query).first()
        if row is None:
            raise not_there()
        return row

    def among(self, column: InstrumentedAttribute[Any], ids: Iterable[UUID]) -> ColumnElement[bool]:
        """Whether a column is one of many ids, as one parameter: thousands of them take long to write."""
        if self.session.get_bind().dialect.name == "postgresql":
            return column == any_(literal([*ids], ARRAY(Uuid())))
        values = func.json_each(json.dumps([id.hex for id in ids])).table_valued("value")
        return column.in_(select(values.c.value))

    def holds(self, condition: ColumnElement[bool]) -> bool:
        """Whether a condition holds that names no table of its own."""
        return bool(self.session.scalar(select(condition)))

    def count(self, query: Select[Any]) -> int:
        """How many rows a query has."""
        return self.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0

    def note(
        self, action: str, entity: type[Base], id: UUID | None, *, only_for: UUID | None = None,
        about_id: UUID | None = None, role: Role | None = None,
    ) -> None:  # fmt: skip
        """Write the line of the audit trail: what was done, to what; never with what content.

        ``only_for`` is the one person who sees the line, where what was done is of that person's private practice.
        ``about_id`` and ``role`` as `AuditLine` has them.
        """
        viewer = self.viewer
        self.session.add(AuditLine(
            person_id=viewer.person_id, organisation_id=viewer.organisation_id, action=action,
            entity=entity.__tablename__, entity_id=id, seen_by=only_for or viewer.organisation_id, about_id=about_id,
            role=str(role) if role else None,
        ))  # fmt: skip

    def note_row(self, action: str, row: Base, *, only_for: UUID | None = None) -> None:
        """Write the line of what was done with a row, with the person whom the row is about and the role that it is."""
        about_id = getattr(row, _ABOUT[type(row)]) if type(row) in _ABOUT else None
        self.note(action, type(row), getattr(row, "id", None), only_for=only_for, about_id=about_id,
                  role=getattr(row, "role", None))  # fmt: skip

    def add(self, row: Row, action: str, *, only_for: UUID | None = None) -> Row:
        """Add a row, and its line to the audit trail (`note`)."""
        self.session.add(row)
        self.session.flush()
        self.note_row(action, row, only_for=only_for)
        return row

    def remove(self, row: Base, action: str, *, only_for: UUID | None = None) -> None:
        """Remove a row; its line of the audit trail (`note`) stays."""
        self.note_row(action, row, only_for=only_for)
        self.session.delete(row)

    def only_for(self, recording_id: UUID | None) -> UUID | None:
        """Who alone is told of what was done with a recording (`note`); None too where it is of none."""
        row = self.session.get(Recording, recording_id) if recording_id else None
        return row.only_for if row else None

    def opened(self, recording: Recording) -> None:
        """Note that somebody else has opened what was submitted: from the first time on it cannot be withdrawn.

        The row must be the viewer's ``alone`` (`one`), so that it is not withdrawn meanwhile.
        """
        if recording.person_id != self.viewer.person_id and recording.opened_at is None:
            recording.opened_at = now()
            self.note("open", Recording, recording.id)


@contextmanager
def reading(records: Records, viewer: Viewer) -> Iterator[UnitOfWork]:
    """One consistent look at what the viewer may see."""
    with _explain_refusals(), records.reading() as session:
        _admit(session, viewer)
        yield UnitOfWork(session, viewer)


@contextmanager
def writing(records: Records, viewer: Viewer) -> Iterator[UnitOfWork]:
    """One change on behalf of the viewer, whole or not at all; other ways to change rows call `UnitOfWork.note`."""
    with _explain_refusals(), records.writing() as session:
        _admit(session, viewer)
        yield UnitOfWork(session, viewer, writes=True)


def _admit(session: Session, viewer: Viewer) -> None:
    """Turn away whoever is not there or has left."""
    person = session.get(Person, viewer.person_id)
    if person is None or person.left_at is not None or person.organisation_id != viewer.organisation_id:
        raise not_there()
    session.expunge(person)


@contextmanager
def _explain_refusals() -> Iterator[None]:
    """Turn what the database refuses into sentences of the catalogue."""
    try:
        yield
    except IntegrityError as error:
        raise LiyiError("This cannot be stored: it contradicts what is there already. Load the page again.") from error
