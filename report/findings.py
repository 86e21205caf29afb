"""What an assessment says to its reader, before any page is laid out: marks, bands in words, order, what to do first.

The HTML report and the terminal table both read from here, so that they cannot disagree.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from report import words
from report.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from etiquette.assessment import Assessment, Verdict


class Mark(Enum):
    """A status as shape, style class and word; never colour alone."""

    GOOD = ("●", "good", N_("good"))
    ATTENTION = ("▲", "attention", N_("attention"))
    FAULT = ("■", "fault", N_("fault"))
    OPEN = ("○", "open", N_("not assessed"))
    REVIEW = ("○", "open", N_("needs review"))

    @property
    def shape(self) -> str:
        """One of ● ▲ ■ ○."""
        return self.value[0]

    @property
    def style(self) -> str:
        """Name of the colour: good, attention, fault or open."""
        return self.value[1]

    def word(self, lang: str) -> str:
        """The status in words."""
        return words.translate(self.value[2], lang)


_TOLERABLE = 0.6  # the sub-score at the tolerable edge, whatever the pack
_GOOD_FROM = 0.8  # of a mean over criteria: half-way from that edge to the good band
BORDERS = (_TOLERABLE, _GOOD_FROM)  # where the mark of a total or a dimension changes


def mark_of_score(score: float | None) -> Mark:
    """The mark of a total or a dimension, 0..1; open when there is none."""
    if score is None:
        return Mark.OPEN
    return Mark.GOOD if score >= _GOOD_FROM else Mark.ATTENTION if score >= _TOLERABLE else Mark.FAULT


def mark_of(verdict: Verdict) -> Mark:
    """The mark of one criterion: inside its good band, still inside the tolerable one, or beyond."""
    if verdict.status != "assessed" or verdict.sub_score is None:
        return Mark.REVIEW if verdict.status == "needs_review" else Mark.OPEN
    if verdict.sub_score >= 1:
        return Mark.GOOD
    return Mark.ATTENTION if verdict.sub_score >= _TOLERABLE else Mark.FAULT


def name_of(verdict: Verdict, lang: str) -> str:
    """The criterion's name in the pack, else its id."""
    return words.pick(verdict.name, lang) or verdict.criterion


def dimension_name(assessment: Assessment, dimension: str, lang: str) -> str:
    """The dimension's name in the pack, else its id."""
    found = assessment.dimensions.get(dimension)
    return (found and words.pick(found.name, lang)) or dimension


def value_text(verdict: Verdict, lang: str) -> str:
    """The measured value with its error and unit; a share of time says so."""
    text = words.quantity(verdict.value, verdict.unit, lang, error=verdict.error)
    shared = verdict.good_share is not None and verdict.value is not None
    return words.translate("{value} of the time", lang, value=text) if shared else text


def typical_text(verdict: Verdict, lang: str) -> str:
    """The quantity behind a share of time, such as ``typically 2.1° ± 1.1°``; empty when there is none."""
    if verdict.typical is None:
        return ""
    text = words.quantity(verdict.typical, verdict.typical_unit, lang, error=verdict.typical_error)
    return words.translate("typically {value}", lang, value=text)


def band_text(verdict: Verdict, lang: str) -> str:
    """The good band in words: ``−3 to 3°``, ``at most 2 %``, ``−3 to 3° for at least 90 % of the time``."""
    if verdict.good is None:
        return ""
    code = verdict.unit if verdict.good_share is None else verdict.typical_unit
    band = edges_text(*verdict.good, code, lang)
    if verdict.good_share is None or not band:
        return band
    share = words.quantity(verdict.good_share, "%", lang)
    return words.translate("{band} for at least {share} of the time", lang, band=band, share=share)


def edges_text(low: float | None, high: float | None, code: str, lang: str) -> str:
    """A band in words; an edge that is None is open."""
    if low is not None and high is not None:
        last = words.quantity(high, code, lang)
        if low == high:
            return last
        return words.translate("{low} to {high}", lang, low=words.number(low, words.decimals(low, None)), high=last)
    if low is not None:
        return words.translate("at least {value}", lang, value=words.quantity(low, code, lang))
    if high is not None:
        return words.translate("at most {value}", lang, value=words.quantity(high, code, lang))
    return ""


_CONFIDENCE = {
    "H": N_("stated in a service rule"),
    "M": N_("implied, or from training texts"),
    "L": N_("a proposal"),
}


def confidence_text(verdict: Verdict, lang: str) -> str:
    """How sure the source is, in words."""
    sentence = _CONFIDENCE.get(verdict.confidence)
    return words.translate(sentence, lang) if sentence else verdict.confidence


def by_dimension(assessment: Assessment) -> dict[str, list[Verdict]]:
    """Verdicts of each dimension in the pack's order, the assessed ones first."""
    grouped: dict[str, list[Verdict]] = {name: [] for name in assessment.dimensions}
    for verdict in assessment.verdicts:
        grouped.setdefault(verdict.dimension, []).append(verdict)
    return {name: sorted(group, key=lambda v: v.status == "not_assessed") for name, group in grouped.items() if group}


def well_done(assessment: Assessment, limit: int = 3) -> list[Verdict]:
    """What was measured as good, the weightiest first: a report praises before it advises."""
    good = [v for v in assessment.verdicts if mark_of(v) is Mark.GOOD]
    return sorted(good, key=lambda v: -v.weight)[:limit]


def praise_text(verdict: Verdict, lang: str) -> str:
    """A good criterion with what was measured, as in ``Shoulder tilt 0.4°``: the name alone may sound like a fault."""
    measured = (verdict.value, verdict.unit, verdict.error)
    value, code, error = measured if verdict.typical is None else (verdict.typical, verdict.typical_unit,
                                                                   verdict.typical_error)  # fmt: skip
    return f"{name_of(verdict, lang)} {words.quantity(value, code, lang, error=error)}"


def not_assessed(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Verdicts that could not be reached, by the code of their reason."""
    grouped: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.status == "not_assessed":
            grouped.setdefault(verdict.reason or "", []).append(verdict)
    return grouped


def priorities(assessment: Assessment, limit: int = 3) -> list[Verdict]:
    """What to do first: the criteria that cost most points, dearest first."""
    verdicts = {v.criterion: v for v in assessment.verdicts}
    charged: Sequence[str] = [
        d.criterion for d in sorted(assessment.deductions, key=lambda d: -d.charged) if d.charged > 0
    ]
    return [verdicts[name] for name in charged if name in verdicts][:limit]


def total_text(assessment: Assessment, lang: str) -> str:
    """The total as a whole number, or why there is none: how much was assessed and what chiefly stood in the way."""
    if assessment.total is not None:
        return words.number(assessment.total, 0)
    text = words.translate(
        "Only {coverage} of the profile could be assessed; a total needs {floor}.",
        lang,
        coverage=words.quantity(round(100 * assessment.coverage), "%", lang),
        floor=words.quantity(round(100 * assessment.coverage_floor), "%", lang),
    )
    reasons = not_assessed(assessment.verdicts)
    if not reasons:
        return text
    chief = max(reasons, key=lambda code: sum(v.weight for v in reasons[code]))
    joint = "" if lang == "zh" else " "
    return text + joint + words.explain_reason(chief, lang)
