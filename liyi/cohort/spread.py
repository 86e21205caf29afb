"""How totals and dimensions are spread, cohort by cohort, among recordings that were judged alike."""

from __future__ import annotations

from dataclasses import dataclass
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
    from collections.abc import Callable, Sequence

    from liyi.batch.rows import Row
    from liyi.etiquette.assessment import Assessment
    from liyi.report.findings import Mark


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


Judged = tuple["Row", "Assessment"]


def spreads_of(judged: Sequence[Judged], lang: str) -> list[Group]:
    """The groups of recordings judged alike, in the order in which they first occur."""
    groups: dict[Alike, list[Judged]] = {}
    for row, assessment in judged:
        groups.setdefault(alike(assessment), []).append((row, assessment))
    return [_group(members, lang) for members in groups.values()]


def _group(members: Sequence[Judged], lang: str) -> Group:
    first = members[0][1]
    cohorts: dict[str, list[Assessment]] = {}
    for row, assessment in members:
        name = cell(row.cohort) if row.cohort else translate("no cohort named", lang)
        cohorts.setdefault(name, []).append(assessment)
    everybody = [assessment for _, assessment in members]
    several = len(cohorts) > 1
    divided = {translate("All", lang): everybody, **cohorts} if several else {"": everybody}

    def part(name: str, read: Callable[[Assessment], float | None]) -> Part:
        lines = (
            (cohort or name, [s for a in those if (s := read(a)) is not None]) for cohort, those in divided.items()
        )
        return Part(name, tuple(_spread(line, scores, lang) for line, scores in lines))

    names: dict[str, str] = {}
    for assessment in everybody:
        names |= {id: findings.dimension_name(assessment, id, lang) for id in assessment.dimensions if id not in names}
    parts = [part(translate("Total", lang), lambda a: a.total)]
    parts += [part(name, _dimension(id)) for id, name in names.items()]
    without = sum(a.total is None for a in everybody)
    about = (
        profile_text(first.pack, first.profile, lang),
        translate(CAMERAS[first.recording.camera], lang),
        pack_text(first.pack, lang),
    )
    few = translate("Judged alike here: {count} recordings, fewer than {least}; their spread is not shown.",
                    lang, count=len(everybody), least=FEWEST)  # fmt: skip
    no_total = translate("No total: {count} of {all}; why stands with each.", lang,
                         count=without, all=len(everybody))  # fmt: skip
    return Group(
        name=" · ".join(about),
        cohorts=several,
        parts=tuple(parts),
        few=few if len(everybody) < FEWEST else "",
        without=no_total if without else "",
    )


def _dimension(id: str) -> Callable[[Assessment], float | None]:
    def score(assessment: Assessment) -> float | None:
        found = assessment.dimensions.get(id)
        return found.score if found else None

    return score


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
