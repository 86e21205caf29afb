"""How totals and dimensions are spread, cohort by cohort, among recordings that were judged alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from liyi.cohort.charts import histogram
from liyi.cohort.outliers import FEWEST
from liyi.cohort.ranks import Alike, alike, pack_text, profile_text
from liyi.core import words
from liyi.core.spreadsheet_text import cell
from liyi.core.words import translate
from liyi.report import findings
from liyi.report.facts import CAMERAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.batch.rows import Row
    from liyi.etiquette.assessment import Assessment
    from liyi.report.findings import Mark


_TOTAL = ""  # beside the ids of dimensions


@dataclass(frozen=True)
class Spread:
    """One line: how a score is spread over ``count`` recordings; ``few`` says why nothing else is shown."""

    name: str
    count: int
    few: str = ""
    mark: Mark | None = None
    median: str = ""
    middle: str = ""
    ends: str = ""
    chart: str = ""


@dataclass(frozen=True)
class Part:
    """The total, or a dimension, for everybody and for each cohort."""

    name: str
    spreads: tuple[Spread, ...]


@dataclass(frozen=True)
class Group:
    """Recordings judged alike; ``cohorts`` where there are several, ``few`` and ``without`` say what is not shown."""

    name: str
    cohorts: bool
    parts: tuple[Part, ...]
    few: str
    without: str


@dataclass
class _Scores:
    """Of recordings judged alike: how many, their cohorts, the names of dimensions, scores with cohort by part."""

    first: Assessment
    count: int = 0
    cohorts: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    of: dict[str, list[tuple[str, float]]] = field(default_factory=lambda: {_TOTAL: []})


def spreads_of(judged: Sequence[tuple[Row, Assessment]], lang: str) -> list[Group]:
    """The groups of recordings judged alike, in the order in which they first occur."""
    groups: dict[Alike, _Scores] = {}
    for row, assessment in judged:
        name = cell(row.cohort) if row.cohort else translate("no cohort named", lang)
        group = groups.setdefault(alike(assessment), _Scores(assessment))
        group.count += 1
        group.cohorts.setdefault(name)
        if assessment.total is not None:
            group.of[_TOTAL].append((name, assessment.total))
        for id, dimension in assessment.dimensions.items():
            if id not in group.names:
                group.names[id] = findings.dimension_name(assessment, id, lang)
            if dimension.score is not None:
                group.of.setdefault(id, []).append((name, dimension.score))
    return [_group(group, lang) for group in groups.values()]


def _group(group: _Scores, lang: str) -> Group:
    first = group.first
    several = len(group.cohorts) > 1

    def part(id: str, name: str) -> Part:
        scores = group.of.get(id, [])
        everybody = _spread(translate("All", lang) if several else name, [score for _, score in scores], lang)
        divided = [
            _spread(cohort or name, [score for of, score in scores if of == cohort], lang) for cohort in group.cohorts
        ] if several else []  # fmt: skip
        return Part(name, (everybody, *divided))

    parts = [part(_TOTAL, translate("Total", lang)), *(part(id, name) for id, name in group.names.items())]
    without = group.count - len(group.of[_TOTAL])
    about = (
        profile_text(first.pack, first.profile, lang),
        translate(CAMERAS[first.recording.camera], lang),
        pack_text(first.pack, lang),
    )
    few = translate("Judged alike here: {count} recordings, fewer than {least}; their spread is not shown.",
                    lang, count=group.count, least=FEWEST)  # fmt: skip
    no_total = translate("No total: {count} of {all}; why stands with each.", lang,
                         count=without, all=group.count)  # fmt: skip
    return Group(
        name=" · ".join(about),
        cohorts=several,
        parts=tuple(parts),
        few=few if group.count < FEWEST else "",
        without=no_total if without else "",
    )


def _spread(name: str, scores: Sequence[float], lang: str) -> Spread:
    count = len(scores)
    if count < FEWEST:
        said = translate("Fewer than {count}: their spread is not shown.", lang, count=FEWEST)
        return Spread(name, count, few=said)
    low, quarter, median, three, high = (float(q) for q in np.percentile(scores, (0, 25, 50, 75, 100)))
    shown = words.number(median, 1)
    middle = f"{words.number(quarter, 0)}–{words.number(three, 0)}"
    label = translate("{name}: median {median}, middle half {middle}, {count} recordings", lang,
                      name=name, median=shown, middle=middle, count=count)  # fmt: skip
    return Spread(
        name=name,
        count=count,
        mark=findings.mark_of_score(round(median, 1) / 100),
        median=shown,
        middle=middle,
        ends=f"{words.number(low, 0)}–{words.number(high, 0)}",
        chart=Markup(histogram(scores, label)),
    )
