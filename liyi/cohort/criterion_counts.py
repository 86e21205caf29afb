"""How often each criterion of a norm pack is good, tolerable, beyond, or not assessed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from markupsafe import Markup

from liyi.cohort.charts import stack
from liyi.cohort.outliers import FEWEST, percent
from liyi.cohort.ranks import pack_text
from liyi.core import words
from liyi.core.words import translate
from liyi.report import findings
from liyi.report.findings import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.batch.rows import Row
    from liyi.etiquette.assessment import Assessment, PackRef, Verdict


@dataclass(frozen=True)
class Criterion:
    """One criterion; ``share`` (0..1) of the recordings in which it was assessed are beyond tolerable, if enough."""

    name: str
    dimension: str
    advice: str
    band: str
    assessed: int
    beyond: int
    share: float | None
    beyond_text: str
    attention: int
    good: int
    open: int
    chart: Markup


@dataclass(frozen=True)
class Pack:
    """The criteria of one norm pack, the weakest first; its bands are the same in all its profiles."""

    name: str
    criteria: tuple[Criterion, ...]


@dataclass
class _Count:
    verdict: Verdict
    dimension: str
    marks: Counter[Mark] = field(default_factory=Counter)


def tally(judged: Sequence[tuple[Row, Assessment]], lang: str) -> list[Pack]:
    """The packs that judged, in the order in which they first occur."""
    packs: dict[str, tuple[PackRef, dict[str, _Count]]] = {}
    for _, assessment in judged:
        _, counts = packs.setdefault(assessment.pack.sha256, (assessment.pack, {}))
        for verdict in assessment.verdicts:
            name = findings.dimension_name(assessment, verdict.dimension, lang)
            counts.setdefault(verdict.criterion, _Count(verdict, name)).marks[findings.mark_of(verdict)] += 1
    return [_pack(ref, counts, lang) for ref, counts in packs.values()]


def _pack(ref: PackRef, counts: dict[str, _Count], lang: str) -> Pack:
    criteria = [_criterion(count, lang) for count in counts.values()]
    criteria.sort(key=lambda c: (c.share is None, -(c.share or 0.0), -c.beyond, -c.attention, -c.assessed))
    return Pack(pack_text(ref, lang), tuple(criteria))


def _criterion(count: _Count, lang: str) -> Criterion:
    marks = count.marks
    beyond = marks[Mark.FAULT]
    assessed = beyond + marks[Mark.ATTENTION] + marks[Mark.GOOD]
    share = beyond / assessed if assessed >= FEWEST else None
    text = translate("{count} of {all}", lang, count=beyond, all=assessed) if assessed else "–"
    name = findings.name_of(count.verdict, lang)
    parts = (f"{mark.word(lang)} {marks[mark]}" for mark in Mark if marks[mark])
    return Criterion(
        name=name,
        dimension=count.dimension,
        advice=words.pick(count.verdict.advice, lang),
        band=findings.band_text(count.verdict, lang),
        assessed=assessed,
        beyond=beyond,
        share=share,
        beyond_text=text if share is None else f"{text} · {percent(share)}",
        attention=marks[Mark.ATTENTION],
        good=marks[Mark.GOOD],
        open=marks[Mark.OPEN] + marks[Mark.REVIEW],
        chart=Markup(stack(marks, f"{name}: {words.listed(parts, lang)}")),
    )
