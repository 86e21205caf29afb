"""What an assessment says to its reader, before any page is laid out: marks, bands in words, order, what to do first.

The HTML report and the terminal table both read from here, so that they cannot disagree.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.words import N_
from liyi.etiquette.aggregate import TOLERABLE
from liyi.etiquette.performance import measures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from liyi.etiquette.assessment import Assessment, CapFound, NeedMissing, Verdict


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


_LARGE = 10.0  # percent: a dimension without which a total is not called one
_GOOD_FROM = 0.8  # of a mean over criteria: half-way from that edge to the good band
BORDERS = (TOLERABLE, _GOOD_FROM)  # where the mark of a total or a dimension changes


def mark_of_score(score: float | None) -> Mark:
    """The mark of a total or a dimension, 0..1; open when there is none."""
    if score is None:
        return Mark.OPEN
    return Mark.GOOD if score >= _GOOD_FROM else Mark.ATTENTION if score >= TOLERABLE else Mark.FAULT


def mark_of_dimension(assessment: Assessment, dimension: str) -> Mark:
    """The mark of a dimension's score; what crossed a red line in it leaves it no better than that line."""
    score = assessment.dimensions[dimension].score
    if score is None:
        return Mark.OPEN
    own = {v.criterion for v in assessment.verdicts if v.dimension == dimension}
    lines = [cap.total for cap in assessment.caps if cap.status == "applied" and own & {*cap.criteria}]
    return mark_of_score(min([score, *lines]) / 100)


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
    """The measured value with its error and unit; a share of time says so."""
    if verdict.good_share is None or verdict.value is None:
        return words.quantity(verdict.value, verdict.unit, lang, error=verdict.error)
    return share_text(100 - verdict.value, lang)


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


def typical_text(verdict: Verdict, lang: str) -> str:
    """The quantity behind a share of time, such as ``typically 2.1° ± 1.1°``; empty when there is none."""
    if verdict.typical is None:
        return ""
    text = words.quantity(verdict.typical, verdict.typical_unit, lang, error=verdict.typical_error)
    return words.translate("typically {value}", lang, value=text)


def side_text(verdict: Verdict, lang: str) -> str:
    """What was measured with its side in words, such as ``left shoulder lower by about 7°``; else the plain value."""
    told = words.pick(verdict.says, lang)
    if not told:
        return typical_text(verdict, lang)
    share = verdict.typical is not None
    value = verdict.typical if share else verdict.value
    code = verdict.typical_unit if share else verdict.unit
    error = verdict.typical_error if share else verdict.error
    size = None if value is None else abs(value) if code == "deg" else value
    return told.format(value=words.quantity(size, code, lang, error=error))


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
    good = [v for v in assessment.verdicts if mark_of(v) is Mark.GOOD and v.kind == "quality" and _clear(v)]
    return sorted(good, key=lambda v: -v.weight)[:limit]


def _clear(verdict: Verdict) -> bool:
    """Whether the value is larger than its error: smaller ones are no praise."""
    value, error = (verdict.value, verdict.error) if verdict.typical is None else (verdict.typical,
                                                                                   verdict.typical_error)  # fmt: skip
    low, high = verdict.good or (None, None)
    if verdict.good_share is not None and low is not None and high is not None and low < 0 < high:
        return not error or error < (high - low) / 2  # of a band around zero, zero is what is praised
    return not error or value is None or abs(value) > error


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


_NEEDS = {
    "bearing_s": N_("the person was in view for {got} s: stay in the picture for at least {wanted} s"),
    "speech_s": N_("{got} s of speech were heard: speak for at least {wanted} s"),
    "syllables": N_("{got} syllables were heard: say at least {wanted}"),
    "hands_s": N_("the hands were in view for {got} s: step back until both hands show, for at least {wanted} s"),
    "position": N_("the person is {got}, the profile is for {wanted}: choose the profile that fits"),
    "position_unseen": N_(
        "it cannot be seen whether the person is {wanted}: step back or lower the camera until the legs show"
    ),
    "review": N_("a person must decide first: {got}"),
}


def need_text(missing: NeedMissing, lang: str, assessment: Assessment) -> str:
    """Why there is no total, and what to do about it."""
    if missing.need == "review":
        names = {v.criterion: name_of(v, lang) for v in assessment.verdicts}
        got = words.listed((names.get(id, id) for id in str(missing.got).split(", ")), lang)
        return words.translate(_NEEDS["review"], lang, got=got)
    shown = {
        key: words.number(value, 0) if isinstance(value, float | int) else words.translate(value, lang)
        for key, value in (("got", missing.got), ("wanted", missing.wanted))
    }
    unseen = missing.need == "position" and missing.got == "unknown"
    return words.translate(_NEEDS["position_unseen" if unseen else missing.need], lang, **shown)


def total_name(assessment: Assessment, lang: str) -> str:
    """What the total is made of, as in ``Bearing + Voice``; ``Total`` when every large dimension is in it."""
    large = [id for id, d in assessment.dimensions.items() if d.weight >= _LARGE]
    if large and all(id in assessment.total_of for id in large):
        return words.translate("Total", lang)
    return " + ".join(dimension_name(assessment, id, lang) for id in assessment.total_of)


def left_out_text(assessment: Assessment, lang: str) -> str:
    """The dimensions of the profile that the total does not hold; empty when there are none."""
    names = [dimension_name(assessment, id, lang) for id in assessment.dimensions if id not in assessment.total_of]
    return words.translate("not in it: {names}", lang, names=words.listed(names, lang)) if names else ""


def dimension_scope(assessment: Assessment, dimension: str, lang: str) -> str:
    """What a dimension's score stands for, as in ``Bearing only · head and shoulders``."""
    own = [v for v in assessment.verdicts if v.dimension == dimension]
    hands = any(v.kind == "fault" and v.status != "not_assessed" for v in own)
    name = words.translate("{name} only", lang, name=dimension_name(assessment, dimension, lang))
    if assessment.recording.framing == "upper_body" and not hands and any(v.unit == "%" for v in own):
        return f"{name} · {words.translate('head and shoulders', lang)}"
    return name


_OF_PICTURE, _OF_SOUND = ("bearing_s", "hands_s", "position"), ("speech_s", "syllables")


def dimension_remedy(assessment: Assessment, dimension: str, lang: str) -> str:
    """What to do so that a dimension counts, where there is no total or no score of it; empty where nothing is asked.

    First what the profile needs of picture or sound; else the commonest reason against its criteria.
    """
    found = assessment.dimensions[dimension]
    if not found.ships or (assessment.total is not None and found.score is not None):
        return ""
    own = [v for v in assessment.verdicts if v.dimension == dimension]
    seen = any(measures()[v.measure].by_picture for v in own if v.measure in measures())
    asked = [m for m in assessment.needs_missing if m.need in (_OF_PICTURE if seen else _OF_SOUND)]
    if asked:
        joint = "；" if lang == "zh" else "; "
        return joint.join(need_text(missing, lang, assessment) for missing in asked)
    reasons = not_assessed(own) if found.score is None else {}
    if not reasons:
        return ""
    chief = max(reasons, key=lambda code: (sum(v.weight for v in reasons[code]), len(reasons[code])))
    return words.explain_reason(chief, lang)


def cap_text(cap: CapFound, assessment: Assessment, lang: str) -> str:
    """Which red line was crossed and what it does."""
    names = {v.criterion: name_of(v, lang) for v in assessment.verdicts}
    told = words.listed((names.get(id, id) for id in cap.criteria), lang)
    if cap.status == "needs_review" and assessment.total is not None and cap.total < assessment.total:
        return words.translate(
            "Red line, waiting for a person's decision: {names}. Until then the total is provisional; "
            "if it is confirmed, the total is at most {most}.",
            lang, names=told, most=words.number(cap.total, 0),
        )  # fmt: skip
    if cap.status == "needs_review":
        return words.translate("Red line, waiting for a person's decision: {names}.", lang, names=told)
    whole = assessment.total_before_caps
    if whole is None:  # no total that it could cap
        return words.translate("Red line: {names}.", lang, names=told)
    return words.translate(
        "Red line: {names}. The total is at most {most}; without it {before}.",
        lang, names=told, most=words.number(cap.total, 0), before=words.number(whole, 0),
    )  # fmt: skip


def is_provisional(assessment: Assessment) -> bool:
    """Whether a person's decision on a red line may still lower the total."""
    total = assessment.total
    return total is not None and any(cap.status == "needs_review" and cap.total < total for cap in assessment.caps)


def total_text(assessment: Assessment, lang: str) -> str:
    """The total as a whole number with its error, or why there is none and what to do."""
    if assessment.total is not None:
        error = f" ±{words.number(assessment.total_error, 0)}" if assessment.total_error else ""
        return words.number(assessment.total, 0) + error
    if assessment.needs_missing:
        joint = "；" if lang == "zh" else "; "
        what = joint.join(need_text(missing, lang, assessment) for missing in assessment.needs_missing)
        return words.translate("No total, because {why}.", lang, why=what)
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
