"""``scores.parquet`` as agreement reads it: which recordings there are, what they are called, and their scores.

What belongs here: the tool's side of a comparison. The file's columns are those of `liyi.cohort.tables`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.core.parquet import ParquetError, read_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

TOTAL = "total"
_DIMENSION, _SUB_SCORE = "dimension.", "sub_score."
_POINTS = {TOTAL: 1.0, _DIMENSION: 1.0, _SUB_SCORE: 100.0}  # a sub-score of 1 is 100 points


@dataclass(frozen=True)
class Recording:
    """One recording that was scored; ``key`` is its folder below ``recordings/``, empty in tables without one."""

    id: str
    file: str
    key: str
    profile: str


@dataclass(frozen=True)
class Scored:
    """A table of scores.

    ``names`` leads from every name of a recording (path, file name, key, sha256) to the ids that bear it; ``points``
    holds, by target and recording's id, the score of 0 to 100 of what was assessed. ``targets`` are the total, the
    dimensions and the criteria, in the table's order.
    """

    recordings: Mapping[str, Recording]
    names: Mapping[str, tuple[str, ...]]
    points: Mapping[str, Mapping[str, float]]
    packs: tuple[str, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """What has scores."""
        return tuple(self.points)


def read_scores(path: Path) -> Scored:
    """Read ``scores.parquet`` of `liyi batch`; rows without an assessment are left out.

    Raises
    ------
    LiyiError
        When the file cannot be read, or is not such a table.
    """
    try:
        read = read_columns(path)
    except ParquetError as error:
        raise LiyiError("{file} cannot be read as a table of scores ({fault}): name scores.parquet of `liyi batch`.",
                        file=path.name, fault=str(error)) from error  # fmt: skip
    columns = {name: column for name, column in read.items() if _wanted(name)}
    if "file" not in columns or TOTAL not in columns:
        raise LiyiError("{file} has no columns file and total: name scores.parquet of `liyi batch`.", file=path.name)
    return _scored(columns, len(columns["file"]))


def scored_of(rows: Sequence[Mapping[str, object]]) -> Scored:
    """The same of rows that the records gave, with the columns of ``scores.parquet`` as far as they have them."""
    names = dict.fromkeys(name for row in rows for name in row if _wanted(name))
    return _scored({name: [row.get(name) for row in rows] for name in names}, len(rows))


def _wanted(name: str) -> bool:
    return name in {"file", "sha256", "key", "profile", "pack", "pack_version", TOTAL} or name.startswith(
        (_DIMENSION, _SUB_SCORE)
    )


def _scored(columns: Mapping[str, list[object]], count: int) -> Scored:
    def text(name: str, row: int) -> str:
        return str(columns[name][row] or "") if name in columns else ""

    recordings: dict[str, Recording] = {}
    names: dict[str, dict[str, None]] = {}
    points: dict[str, dict[str, float]] = {_target(name): {} for name in columns if _factor(name)}
    packs: dict[str, None] = {}
    for row in range(count):
        scores = {name: columns[name][row] for name in columns if _factor(name)}
        if all(score is None for score in scores.values()):  # failed, or stopped before its turn
            continue
        file, key, sha256 = (text(name, row) for name in ("file", "key", "sha256"))
        id = key or sha256 or file
        recordings.setdefault(id, Recording(id, file, key, text("profile", row)))
        packs[f"{text('pack', row)} {text('pack_version', row)}".strip()] = None
        for name in {file, PurePath(file.replace("\\", "/")).name, key, sha256} - {""}:
            names.setdefault(name, {})[id] = None
        for name, score in scores.items():
            if isinstance(score, int | float):
                points[_target(name)][id] = score * _factor(name)
    return Scored(recordings, {name: tuple(ids) for name, ids in names.items()}, points, tuple(packs))


def _factor(column: str) -> float:
    """Points of 100 for one unit of a column; 0 for a column without scores."""
    return next((factor for start, factor in _POINTS.items() if column == start or
                 (start != TOTAL and column.startswith(start))), 0.0)  # fmt: skip


def _target(column: str) -> str:
    return column.removeprefix(_DIMENSION).removeprefix(_SUB_SCORE)
