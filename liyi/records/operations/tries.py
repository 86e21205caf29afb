"""Tries of drills: what each has measured, kept for who practised and for nobody else, administrators neither.

No picture and no sound is in a try. It goes by the same rules as a recording: with its person, after the organisation's
days, and with a consent that is withdrawn.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from liyi.core.errors import LiyiError
from liyi.records.operations.consent import need_consent
from liyi.records.operations.registry import operation
from liyi.records.schema import TryRow, now
from liyi.records.unit_of_work import MOST, reading, writing
from liyi.records.validation import MOST_NAME, key_of, name_of, number_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Select

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

READING = "read_aloud."  # begins what stands for a drill in a reading of a known text (`liyi.ui.live.reading_aloud`)
MOST_RESULTS = 50  # of one try: no pack has as many criteria
_LARGEST = 1e9


@dataclass(frozen=True)
class Result:
    """What a try has measured for one criterion.

    ``value`` in ``unit`` with its ``error`` (one sigma), None where it was not assessed; ``sub_score`` 0..1; ``side``
    of the good band on which the value lies (``low``, ``high``, ``both``), None or empty inside.
    """

    criterion: str
    value: float | None
    error: float | None
    unit: str
    sub_score: float | None
    side: str | None


@dataclass(frozen=True)
class Try:
    """One try of the drill with the id ``drill``; ``at`` in seconds since 1970."""

    id: UUID
    drill: str
    at: float
    passed: bool
    results: tuple[Result, ...]


@operation
def add(records: Records, viewer: Viewer, *, drill: str, results: Sequence[Result], passed: bool) -> Try:
    """Keep a try of one's own; refused without one's consent.

    Parameters
    ----------
    records, viewer
        The store, and who has practised.
    drill
        Id of the drill.
    results
        What was measured, one for each criterion.
    passed
        Whether the drill's rule was met.

    Raises
    ------
    LiyiError
        Without consent, or when a number or a name in it cannot be kept.
    """
    if len(results) > MOST_RESULTS:
        raise LiyiError("A try of a drill holds at most {most} results.", most=MOST_RESULTS)
    told = [asdict(_checked(each)) for each in results]
    with writing(records, viewer) as unit:
        need_consent(unit, viewer.person_id)
        row = TryRow(person_id=viewer.person_id, drill=key_of(drill), passed=bool(passed), results=told)
        return _try(unit.add(row, "try", only_for=viewer.person_id))


@operation
def mine(records: Records, viewer: Viewer, drill: str | None = None, newest: int | None = None) -> tuple[Try, ...]:
    """One's own tries, newest first: all or those of one drill, at most ``newest`` of them (500 when not given)."""
    with reading(records, viewer) as unit:
        query = _own(unit, drill).order_by(TryRow.created_at.desc(), TryRow.id)
        return tuple(_try(row) for row in unit.page(query, size=MOST if newest is None else newest, offset=0))


@operation
def forget(records: Records, viewer: Viewer, drill: str | None = None) -> int:
    """Put one's own tries, all or those of one drill, into the trash; returns how many went."""
    at = now()
    with writing(records, viewer) as unit:
        rows = unit.all(_own(unit, drill))
        for row in rows:
            row.deleted_at = at
            unit.note("discard", TryRow, row.id, only_for=viewer.person_id)
    return len(rows)


def _own(unit: UnitOfWork, drill: str | None) -> Select[Any]:
    query = unit.select(TryRow, TryRow.person_id == unit.viewer.person_id)
    return query if drill is None else query.where(TryRow.drill == key_of(drill))


def _checked(result: Result) -> Result:
    """The result with plain numbers; what cannot be told of it is None."""
    return Result(
        name_of(result.criterion), _number(result.value), _number(result.error, 0.0), _word(result.unit),
        _number(result.sub_score, 0.0, 1.0), _word(result.side) or None,
    )  # fmt: skip


def _number(value: float | None, least: float = -_LARGEST, most: float = _LARGEST) -> float | None:
    return None if value is None or math.isnan(value) else number_of(value, least, most)


def _word(text: str | None) -> str:
    return name_of(text[: MOST_NAME + 1]) if text else ""


def _try(row: TryRow) -> Try:
    results = tuple(Result(**each) for each in row.results)
    return Try(row.id, row.drill, row.created_at.timestamp(), row.passed, results)
