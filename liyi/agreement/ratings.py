"""Ratings by people, read from a list: one row a score that one rater gave one recording for one criterion.

What belongs here: the file and its scale. A file is read whole or refused whole, with every fault and its line.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core import list_file
from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

COLUMNS = ("recording", "rater", "criterion", "score")
_LIST = list_file.Columns((*COLUMNS, "session"), required=COLUMNS, others=True)


@dataclass(frozen=True)
class Scale:
    """How raters score: from ``low`` to ``high``; a score times ``points`` stands on the report's scale of 0 to 100.

    ``grades`` is how many ordered grades there are; 0 for a scale that is continuous.
    """

    name: str
    low: float
    high: float
    points: float
    grades: int = 0

    def fits(self, score: float) -> bool:
        """Whether ``score`` can stand on this scale."""
        return self.low <= score <= self.high and (not self.grades or score == int(score))


# A grade counts 20 points, as five-point marks are read in Chinese schools and units: 3 is a pass (60), 4 is good (80).
SCALES: Mapping[str, Scale] = {
    scale.name: scale
    for scale in (Scale("0-1", 0, 1, 100), Scale("0-100", 0, 100, 1), Scale("1-5", 1, 5, 20, grades=5))
}


@dataclass(frozen=True)
class Rating:
    """What one rater gave, in ``points`` of 100; ``session`` tells repeated ratings apart."""

    recording: str
    rater: str
    criterion: str
    session: str
    points: float
    line: int


@dataclass(frozen=True)
class Ratings:
    """A file of ratings; ``detected`` says that its scale was told from the scores."""

    items: tuple[Rating, ...]
    scale: Scale
    detected: bool


class RatingsError(LiyiError):
    """A file of ratings that breaks the rules; ``faults`` holds what is wrong, in the order of its lines."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.faults = list_file.limit_faults(faults)
        super().__init__(
            "The ratings {file} were refused; mend and try again:\n{faults}",
            file=path.name,
            faults="\n".join(fault.text for fault in self.faults),
        )


def read_ratings(path: Path, scale: str | None = None) -> Ratings:
    """Read a file of ratings.

    Parameters
    ----------
    path
        A list (`liyi.core.list_file`) with the columns ``recording``, ``rater``, ``criterion``, ``score`` and, for
        repeated ratings, ``session``; other columns are left alone. A row without a score was not rated.
    scale
        A name in `SCALES`; told from the scores when not given.

    Raises
    ------
    RatingsError
        With every fault of the file.
    LiyiError
        When it cannot be read, holds no ratings, or its scale cannot be told.
    """
    read = list_file.read_list(path, _LIST)
    rated = [(line, row) for line, row in read.rows if row["score"]]
    if not rated and not read.faults:
        raise LiyiError("The ratings {file} hold no score: fill in the column score.", file=path.name)
    faults = [*read.faults, *_row_faults(rated)]
    chosen = SCALES[scale] if scale else _detected([_number(row["score"]) for _, row in rated])
    if chosen is None and not faults:
        raise LiyiError("The scale of {file} cannot be told from its scores: name it with --scale.", file=path.name)
    if chosen is None or (faults := faults + _scale_faults(rated, chosen)):
        raise RatingsError(path, sorted(faults, key=lambda fault: fault.line))
    items = (
        Rating(row["recording"], row["rater"], row["criterion"], row.get("session", ""),
               round(float(row["score"]) * chosen.points, 6), line)
        for line, row in rated
    )  # fmt: skip
    return Ratings(tuple(items), chosen, detected=scale is None)


def ratings_of(rows: Sequence[Mapping[str, object]]) -> Ratings:
    """Ratings that the records gave: ``recording``, ``rater``, ``criterion`` and ``score`` of 0 to 100."""
    items = (
        Rating(str(row["recording"]), str(row["rater"]), str(row["criterion"]), "", float(str(row["score"])), line)
        for line, row in enumerate(rows, 1)
    )
    return Ratings(tuple(items), SCALES["0-100"], detected=False)


def _number(text: str) -> float:
    """NaN for what is no finite number."""
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def _row_faults(rated: Sequence[tuple[int, Mapping[str, str]]]) -> list[Fault]:
    """Empty cells, scores that are no number, and ratings given twice."""
    faults: list[Fault] = []
    first: dict[tuple[str, ...], int] = {}
    for line, row in rated:
        faults += [Fault(line, name, Notice(N_("The cell is empty."))) for name in COLUMNS[:3] if not row[name]]
        if math.isnan(_number(row["score"])):
            faults.append(Fault(line, "score", Notice(N_("{found} is not a number."), {"found": row["score"]})))
        key = (row["recording"], row["rater"], row["criterion"], row.get("session", ""))
        if key in first:
            said = N_("The same rating stands on line {first}: give a second rating another session.")
            faults.append(Fault(line, "", Notice(said, {"first": first[key]})))
        first.setdefault(key, line)
    return faults


def _scale_faults(rated: Sequence[tuple[int, Mapping[str, str]]], scale: Scale) -> list[Fault]:
    said = N_("{found} is not on the scale {scale}.")
    return [
        Fault(line, "score", Notice(said, {"found": row["score"], "scale": scale.name}))
        for line, row in rated
        if not math.isnan(score := _number(row["score"])) and not scale.fits(score)
    ]


def _detected(scores: Sequence[float]) -> Scale | None:
    """The narrowest scale on which every number stands; None where that would be a guess.

    Ones alone stand on any scale; and where most scores, but not all, stand on a narrower one, the rest may be slips.
    """
    known = [score for score in scores if not math.isnan(score)]
    if known and all(score == 1 for score in known):
        return None
    for name in ("0-1", "1-5"):
        fitting = sum(map(SCALES[name].fits, known))
        if fitting == len(known):
            return SCALES[name]
        if 2 * fitting > len(known):
            return None
    return SCALES["0-100"]
