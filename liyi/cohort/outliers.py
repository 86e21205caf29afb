"""What a human should look at again: recordings that differ from the rest or were hard to measure.

A note is about a recording and its measurement, never about a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.batch.rows import briefly
from liyi.cohort.ranks import alike
from liyi.core import words
from liyi.core.words import N_, translate
from liyi.report import findings, totals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.batch.rows import Row
    from liyi.cohort.ranks import Alike
    from liyi.etiquette.assessment import Assessment

FEWEST = 5  # with fewer recordings nothing is said of how they are spread
FAR = 3.5  # modified z-score; Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers
NEAR_POINTS = 2.0  # of a border
SCANT = 0.1  # of coverage above the floor
# The codes, most telling first.
CODES = ("provisional", "far_from_rest", "warning", "no_total", "low_coverage", "near_border")


@dataclass(frozen=True)
class Note:
    """Why a recording should be looked at: a code of `CODES`, and the English sentence with its fields."""

    code: str
    sentence: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    dimension: str = ""

    def text(self, assessment: Assessment, lang: str) -> str:
        """The sentence in ``lang``; the dimension's name comes from the assessment, as does why there is no total."""
        if self.code == "no_total":
            return totals.total_text(assessment, lang)
        if self.code == "provisional":
            told = [totals.cap_text(cap, assessment, lang) for cap in totals.provisional_caps(assessment)]
            return ("" if lang == "zh" else " ").join(told)
        named = {"name": findings.dimension_name(assessment, self.dimension, lang)} if self.dimension else {}
        return translate(self.sentence, lang, **self.fields, **named)


def recheck(rows: Sequence[Row]) -> list[tuple[Note, ...]]:
    """Notes of each row, the most telling first.

    Totals, and each dimension, are held against those judged alike by the modified z-score 0.6745 (x - median) / MAD;
    where more than half are equal (MAD = 0) the mean absolute deviation takes its place.
    """
    notes: list[list[Note]] = [[] for _ in rows]
    groups: dict[Alike, list[_Scores]] = {}
    for index, row in enumerate(briefly(rows)):
        if row.assessment is not None:
            scores = {name: found.score for name, found in row.assessment.dimensions.items()}
            groups.setdefault(alike(row.assessment), []).append(_Scores(index, row.assessment.total, scores))
            notes[index] += _own(row.assessment)
    for members in groups.values():
        _compare({each.index: each.total for each in members}, "", notes)
        for name in dict.fromkeys(name for each in members for name in each.dimensions):
            _compare({each.index: each.dimensions.get(name) for each in members}, name, notes)
    return [tuple(sorted(found, key=lambda note: CODES.index(note.code))) for found in notes]


@dataclass(frozen=True)
class _Scores:
    """The scores of the row at an index: its total, and those of its dimensions."""

    index: int
    total: float | None
    dimensions: Mapping[str, float | None]


def robust_z(values: Sequence[float]) -> list[float]:
    """Modified z-score of each value; zeros where all, or all but nothing measurable, are equal."""
    x = np.asarray(values, dtype=np.float64)
    if x.size == 0:
        return []
    away = x - np.median(x)
    # 0.6745 and 0.7979: median and mean of |z| of a normal distribution
    median, mean = np.median(np.abs(away)) / 0.6745, np.mean(np.abs(away)) / 0.7979
    spread = median or mean
    return [float(z) for z in away / spread] if spread > 0 else [0.0] * x.size


def _compare(found: Mapping[int, float | None], dimension: str, notes: list[list[Note]]) -> None:
    """Add a note to every row, by its index, whose score lies far from the others'."""
    scores = {index: score for index, score in found.items() if score is not None}
    if len(scores) < FEWEST:
        return
    middle = words.number(float(np.median(list(scores.values()))), 1)
    sentence = (
        N_("{name} {score}: far from the middle of its group, {middle}.")
        if dimension
        else N_("Total {score}: far from the middle of its group, {middle}.")
    )
    for (index, value), z in zip(scores.items(), robust_z(list(scores.values())), strict=True):
        if abs(z) > FAR:
            about = {"score": words.number(value, 1), "middle": middle}
            notes[index].append(Note("far_from_rest", sentence, about, dimension))


def _own(assessment: Assessment) -> list[Note]:
    """What can be said of a recording without the others."""
    notes = [Note("warning", warning.sentence, warning.fields) for warning in assessment.recording.warnings]
    if assessment.is_photo:
        return notes
    if assessment.total is None:
        return [*notes, Note("no_total", "")]
    if totals.is_provisional(assessment):
        notes.append(Note("provisional", ""))
    share = {"coverage": percent(assessment.coverage), "floor": percent(assessment.coverage_floor)}
    if assessment.coverage < assessment.coverage_floor + SCANT:
        said = N_("Only {coverage} of the profile was assessed, little more than the {floor} that a total needs.")
        notes.append(Note("low_coverage", said, share))
    limited = assessment.total_before_caps is not None and assessment.total < assessment.total_before_caps
    for border in (100 * edge for edge in findings.BORDERS):
        if abs(assessment.total - border) <= NEAR_POINTS and not limited:  # a red line's total is chosen, not measured
            about = {"total": words.number(assessment.total, 1), "border": words.number(border, 0)}
            said = N_("Total {total}: within 2 points of the border at {border}.")
            notes.append(Note("near_border", said, about))
    return notes


def percent(share: float) -> str:
    """A share 0..1 in whole percent."""
    return words.quantity(round(100 * share), "%", "en")
