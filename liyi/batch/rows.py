"""The rows of a batch's tables: what came of each line of the manifest.

An assessment takes 340 kB of memory, and 15 kB packed: of a large batch each is unpacked when its row is looked at.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from liyi.core.lazy import LazySequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from liyi.etiquette.assessment import Assessment

MOST_UNPACKED = 500
_FAST = 1  # level of compression


@dataclass(frozen=True)
class Row:
    """What came of one line of the manifest.

    ``path`` is the recording's path or URL as the line named it, ``key`` the name of its folder below ``recordings/``.
    ``assessment`` or ``failure`` (a sentence in the run's language) is there; neither when the run was stopped before
    the line's turn.
    """

    path: str
    person: str | None
    cohort: str | None
    key: str | None
    assessment: Assessment | None
    failure: str | None


class PackedRows(LazySequence[Row]):
    """Rows whose assessments are packed.

    ``briefs`` are the same without verdicts, deductions and words, ``criteria`` the ids of the verdicts of each.
    """

    def __init__(self, rows: Iterable[Row]) -> None:
        contents, briefs, models = list[bytes](), list[Row](), dict[Any, Any]()
        self.criteria, ids = list[tuple[str, ...]](), dict[tuple[str, ...], tuple[str, ...]]()
        for row in rows:
            judged, content = row.assessment, b""
            of = _criteria(row)
            self.criteria.append(ids.setdefault(of, of))
            if judged is not None:
                content = zlib.compress(judged.model_dump_json().encode(), _FAST)
                less = {"verdicts": (), "deductions": (), "transcript": (), "options": {},
                        "models": models.setdefault(judged.models, judged.models)}  # fmt: skip
                judged = judged.model_copy(update=less)
            contents.append(content)
            briefs.append(replace(row, assessment=judged))
        self.briefs = briefs
        super().__init__(range(len(briefs)), lambda at: _unpacked(briefs[at], contents[at]))


def packed(rows: Iterable[Row]) -> Sequence[Row]:
    """Rows to go through as often as needed; of more than `MOST_UNPACKED` the assessments are packed meanwhile."""
    coming = iter(rows)
    first = [*islice(coming, MOST_UNPACKED + 1)]
    return first if len(first) <= MOST_UNPACKED else PackedRows(chain(first, coming))


def briefly(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows for whoever asks neither for verdicts nor deductions nor words: nothing is unpacked for that."""
    return rows.briefs if isinstance(rows, PackedRows) else rows


def criteria_of(rows: Sequence[Row]) -> Sequence[tuple[str, ...]]:
    """Ids of the criteria on which there is a verdict, of each row; nothing is unpacked for that."""
    return rows.criteria if isinstance(rows, PackedRows) else [_criteria(row) for row in rows]


def _criteria(row: Row) -> tuple[str, ...]:
    return () if row.assessment is None else tuple(verdict.criterion for verdict in row.assessment.verdicts)


def _unpacked(row: Row, content: bytes) -> Row:
    from liyi.etiquette.assessment import Assessment

    return replace(row, assessment=Assessment.model_validate_json(zlib.decompress(content))) if content else row
