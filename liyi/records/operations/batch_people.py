"""Whom the cells of a batch's list name: by id, by account, or by name, among those whom the evaluator judges."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select

from liyi.records.batch_tables import BatchLine
from liyi.records.schema import Person, Recording
from liyi.records.viewer import people_judged, recordings_assigned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select

    from liyi.records.unit_of_work import UnitOfWork

_AT_ONCE = 300  # names in one statement


def people_named(unit: UnitOfWork, names: Iterable[str]) -> dict[str, tuple[Person, ...]]:
    """Whom each of these texts names: nobody (who then is new), one person, or several, which is a fault.

    An id counts before an account, an account before a name. Found are people whose recordings the viewer judges by a
    cohort, and those of whom a batch of the viewer's own has a recording that they still judge: a single recording that
    somebody else gave to them, or a batch that is gone, makes nobody theirs. Whoever has left is not found.
    """
    wanted = sorted({name.strip() for name in names if name.isprintable()} - {""})
    by_name: dict[str, list[Person]] = {}
    exactly: dict[str, Person] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        for person in unit.all(_among(unit, wanted[start : start + _AT_ONCE])):
            by_name.setdefault(person.name, []).append(person)
            exactly |= {str(person.id): person, person.id.hex: person}
            if person.account is not None:
                exactly.setdefault(person.account, person)
    return {name: (exactly[name],) if name in exactly else tuple(by_name.get(name, ())) for name in wanted}


def _among(unit: UnitOfWork, wanted: list[str]) -> Select[Person]:
    ids = [id for name in wanted if (id := _id(name))]
    own = unit.select(BatchLine, BatchLine.recording_id.is_not(None)).with_only_columns(BatchLine.recording_id)
    assigned = select(Recording.person_id).where(
        Recording.id.in_(recordings_assigned(unit.viewer)), Recording.id.in_(own)
    )
    judged = or_(Person.id.in_(people_judged(unit.viewer)), Person.id.in_(assigned))
    said = or_(Person.id.in_(ids), Person.account.in_(wanted), Person.name.in_(wanted))
    return unit.select(Person, judged, said, Person.left_at.is_(None), Person.id != unit.viewer.person_id)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
