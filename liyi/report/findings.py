"""What an assessment says to its reader, before any page is laid out: marks, values and bands in words, their order.

The HTML report and the terminal table both read from here, so that they cannot disagree. What is told first of it says
`liyi.report.priorities`.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.reasons import Reason
from liyi.core.words import N_
from liyi.etiquette.aggregate import RATE_MIN_S, TOLERABLE
from liyi.etiquette.performance import measures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.pack import Criterion


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


_NO_SHARE = 25.0  # percent: an error of a share of time from which "half the time" and "always" cannot be told apart
_GOOD_FROM = 0.8  # of a mean over criteria: half-way from that edge to the good band
_VIEWS = {"front": N_("from the front"), "side": N_("from the side")}
BORDERS = (TOLERABLE, _GOOD_FROM)  # where the mark of a total or a dimension changes


def mark_of_score(score: float | None) -> Mark:
    """The mark of a total or a dimension, 0..1; open when there is none."""
    if score is None:
        return Mark.OPEN
    score = round(score, 8)  # a mean of floats that is 0.8 but for its last digit
    return Mark.GOOD if score >= _GOOD_FROM else Mark.ATTENTION if score >= TOLERABLE else Mark.FAULT


def whole_points(score: float) -> str:
    """A score of 0..100 as a whole number that has its mark: 79.7, which is not good, is 79, as 80 is good."""
    points = round(score)
    if mark_of_score(points / 100) is not mark_of_score(score / 100):
        points = math.floor(score)
    return words.number(points, 0)


def mark_of_dimension(assessment: Assessment, dimension: str) -> Mark:
    """The mark of a dimension's score; what crossed a red line in it leaves it no better than that line.

    Under the coverage floor nothing is called good: what was seen or heard of it is too little.
    """
    found = assessment.dimensions[dimension]
    if found.score is None:
        return Mark.OPEN
    mark = mark_of_score(min([found.score, *_lines_of(assessment, dimension)]) / 100)
    return Mark.OPEN if mark is Mark.GOOD and found.coverage < assessment.coverage_floor else mark


def dimension_word(assessment: Assessment, dimension: str, lang: str) -> str:
    """The mark of a dimension in words; what counts in the total but is too little to be called good says so."""
    mark = mark_of_dimension(assessment, dimension)
    if mark is Mark.OPEN and assessment.dimensions[dimension].score is not None:
        return words.translate("assessed in part only", lang)
    return mark.word(lang)


def line_text(assessment: Assessment, dimension: str, lang: str) -> str:
    """Why a dimension's mark is worse than its score: a red line was crossed in it; empty where the two agree."""
    score = assessment.dimensions[dimension].score
    lines = _lines_of(assessment, dimension)
    if score is None or not lines or mark_of_score(score / 100) is mark_of_score(min([score, *lines]) / 100):
        return ""
    return words.translate("red line", lang)


def _lines_of(assessment: Assessment, dimension: str) -> list[float]:
    """To what the red lines that were crossed in a dimension cap the total."""
    own = {v.criterion for v in assessment.verdicts if v.dimension == dimension}
    return [cap.total for cap in assessment.caps if cap.status == "applied" and own & {*cap.criteria}]


def dimension_points(assessment: Assessment, dimension: str) -> str:
    """The dimension's score with its error; a dash without one, and where too little of it was assessed to be good."""
    found = assessment.dimensions[dimension]
    if found.score is None or mark_of_dimension(assessment, dimension) is Mark.OPEN:
        return "–"
    return whole_points(found.score) + (f" ±{found.error:.0f}" if found.error else "")


def view_text(verdict: Verdict, lang: str) -> str:
    """From which of two cameras a verdict comes; empty of one camera, and of what was heard."""
    return words.translate(_VIEWS[verdict.view], lang) if verdict.view else ""


def mark_of(verdict: Verdict) -> Mark:
    """The mark of one criterion: inside its good band, still inside the tolerable one, or beyond."""
    if verdict.status != "assessed" or verdict.sub_score is None:
        return Mark.REVIEW if verdict.status == "needs_review" else Mark.OPEN
    if verdict.sub_score >= 1:
        return Mark.GOOD
    return Mark.ATTENTION if verdict.sub_score >= TOLERABLE else Mark.FAULT


def name_of(verdict: Verdict, lang: str) -> str:
    """The criterion's name in the pack, else its id."""
    return words.pick(verdict.name, lang) or verdict.criterion


def dimension_name(assessment: Assessment, dimension: str, lang: str) -> str:
    """The dimension's name in the pack, else its id."""
    found = assessment.dimensions.get(dimension)
    return (found and words.pick(found.name, lang)) or dimension


def value_text(verdict: Verdict, lang: str) -> str:
    """The measured value with its error and unit; a share of time says so, and what nobody could tell says why."""
    if verdict.status == "needs_review" and verdict.reason == Reason.UNDECIDED:
        return words.explain_reason(verdict.reason, lang)
    if verdict.value is not None and _lasts(verdict):
        return lasting_text(verdict.value, lang)
    if _is_posture(verdict) and verdict.value is not None and verdict.unit == "count" and verdict.value <= 1:
        return words.translate(N_("found") if verdict.value else N_("not found"), lang)
    if verdict.value is not None and verdict.kind == "fault" and verdict.unit == "count" and verdict.value == 1:
        return words.translate("found", lang)
    if verdict.times and verdict.watched_s is not None:
        return times_text(verdict, verdict.times, verdict.watched_s, lang)
    if verdict.good_share is None or verdict.value is None:
        return words.quantity(verdict.value, verdict.unit, lang, error=verdict.error)
    if (verdict.error or 0.0) >= _NO_SHARE and verdict.side:
        said = N_("off; in how many cases is uncertain") if _of_cases(verdict) else (
            N_("off; for how much of the time is uncertain"))  # fmt: skip
        return words.translate(said, lang)
    return (cases_text if _of_cases(verdict) else share_text)(100 - verdict.value, lang)


def times_text(verdict: Verdict, times: int, watched_s: float, lang: str) -> str:
    """How often something happened in how much speech; the rate too where nothing is extrapolated to a minute.

    What a person must listen to first is told as about so many.
    """
    if verdict.status == "needs_review":
        said = N_("about once in {length} of speech") if times == 1 else N_("about {count} times in {length} of speech")
    else:
        said = N_("once in {length} of speech") if times == 1 else N_("{count} times in {length} of speech")
    told = words.translate(said, lang, count=times, length=words.clock(watched_s))
    if watched_s < RATE_MIN_S:
        return told
    return f"{told}{'，' if lang == 'zh' else ', '}{words.quantity(verdict.value, verdict.unit, lang)}"


def _of_cases(verdict: Verdict) -> bool:
    """Whether a share is one of events, of which a number is judged, and none of time."""
    known = measures().get(verdict.measure)
    return verdict.good_share is not None and known is not None and known.kind == "events"


def _is_posture(verdict: Verdict) -> bool:
    """Whether the verdict is on events that are seen."""
    known = measures().get(verdict.measure)
    return known is not None and known.kind == "events" and known.by_picture and verdict.good is None


def _lasts(verdict: Verdict) -> bool:
    """Whether the value is the share of time that a fault lasts."""
    known = measures().get(verdict.measure)
    return verdict.kind == "fault" and verdict.unit == "%" and known is not None and known.kind == "events"


def lasting_text(share: float, lang: str) -> str:
    """For how much of the time a fault lasted, as people say it."""
    if round(share) == 0:
        return words.translate(N_("never") if share == 0 else N_("for a moment"), lang)
    if share >= 99:
        return words.translate("all the time", lang)
    return words.translate("for {share} of the time", lang, share=words.quantity(round(share), "%", lang))


def share_text(off: float, lang: str) -> str:
    """How much of the time something was off, as people say it."""
    share = words.quantity(round(off), "%", lang)
    if off <= 1:
        return words.translate("good all the time", lang)
    if off >= 99:
        return words.translate("off all the time", lang)
    if off >= 85:
        return words.translate("off nearly all the time ({share})", lang, share=share)
    return words.translate("off for {share} of the time", lang, share=share)


def cases_text(off: float, lang: str) -> str:
    """In how many of the events a number of theirs was off, as people say it."""
    if round(off) <= 0:
        return words.translate("good every time", lang)
    if round(off) >= 100:
        return words.translate("off every time", lang)
    return words.translate("off in {share} of the cases", lang, share=words.quantity(round(off), "%", lang))


def typical_text(verdict: Verdict, lang: str) -> str:
    """The quantity behind a share of time, such as ``typically 2.1° ± 1.1°``; empty when there is none.

    Where it lies outside its band for some of the time, that of this time: the rest would hide it.
    """
    if verdict.typical is None:
        return ""
    value = verdict.typical if verdict.outside is None else verdict.outside
    text = words.quantity(value, verdict.typical_unit, lang, error=verdict.typical_error)
    said = N_("typically {value}") if verdict.outside is None else N_("then typically {value}")
    return words.translate(said, lang, value=text)


def side_text(verdict: Verdict, lang: str, *, plain: bool = False) -> str:
    """What was measured with its side in words, such as ``left shoulder lower by about 7°``; else the plain value.

    ``plain``: without the error, and no digit finer than it.
    """
    told = words.pick(verdict.says, lang)
    if not told:
        return "" if plain else typical_text(verdict, lang)
    share = verdict.typical is not None
    value = verdict.value if not share else verdict.typical if verdict.outside is None else verdict.outside
    code = verdict.typical_unit if share else verdict.unit
    error = verdict.typical_error if share else verdict.error
    size = None if value is None else abs(value) if code == "deg" else value
    shown = (words.rounded if plain else words.quantity)(size, code, lang, error=error)
    return told.replace("{value}", shown)  # not formatted: a pack is somebody's text, with any other brace in it


def sentence_text(verdict: Verdict, lang: str) -> str:
    """What was found in one sentence as people say it: the side, then for how much of the time; no error.

    It stands after the criterion's name; one that only counts or measures says its value.
    """
    side = side_text(verdict, lang, plain=True)
    known = verdict.good_share is not None or _lasts(verdict) or verdict.value is None or bool(verdict.times)
    counted = verdict.kind == "fault" and verdict.unit == "count"
    often = value_text(verdict, lang) if known or counted else ""
    if not side and not often:
        often = words.rounded(verdict.value, verdict.unit, lang, error=verdict.error)
    told = ("，" if lang == "zh" else ", ").join(part for part in (side, often) if part and part != "–")
    told = told.rstrip("。.")  # a reason is a sentence already
    return told and told[0].upper() + told[1:] + ("。" if lang == "zh" else ".")


def measured_texts(verdict: Verdict, lang: str) -> tuple[str, str]:
    """What was measured and, where that is a share of time, the quantity behind it; nothing is said twice."""
    value, told = value_text(verdict, lang), side_text(verdict, lang)
    return (told, "") if value in told else (value, told)


def band_text(verdict: Verdict, lang: str) -> str:
    """The good band in words: ``−3 to 3°``, ``at most 2 %``, ``−3 to 3° for at least 90 % of the time``."""
    if verdict.good is None:
        return ""
    code = verdict.unit if verdict.good_share is None else verdict.typical_unit
    if verdict.kind == "fault" and verdict.good == (0, 0):
        return words.translate("never", lang)
    band = edges_text(*verdict.good, code, lang)
    if verdict.good_share is None or not band:
        return band
    share = words.quantity(verdict.good_share, "%", lang)
    said = N_("{band} for at least {share} of the time")
    if _of_cases(verdict):
        said = N_("{band} in at least {share} of the cases")
    return words.translate(said, lang, band=band, share=share)


_AGGREGATE_UNITS = {"per_minute": "/min", "count": "count", "time_share": "%"}


def unit_of(criterion: Criterion) -> str:
    """Unit of a criterion's bands, as the pack writes it."""
    measure = measures()[criterion.measure]
    own = measure.attributes[criterion.attribute].unit if criterion.attribute else measure.unit
    return _AGGREGATE_UNITS.get(criterion.aggregate, own)


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


def not_assessed(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """Verdicts that could not be reached, by the code of their reason."""
    grouped: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.status == "not_assessed":
            grouped.setdefault(verdict.reason or "", []).append(verdict)
    return grouped
