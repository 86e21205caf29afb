"""The total of an assessment in words: what it is made of, why there is none, and the red lines that cap it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.reasons import Reason
from liyi.core.words import N_
from liyi.etiquette.performance import measures
from liyi.report.findings import dimension_name, name_of, not_assessed, whole_points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from liyi.etiquette.assessment import Assessment, CapFound, NeedMissing

_LARGE = 10.0  # percent: a dimension without which a total is not called one
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
    "one_picture": N_("one picture shows one moment only: record a video for a total"),
}


# Reasons that say better than the missing seconds why too little was seen or heard, and what helps.
_CAUSES = frozenset({
    Reason.NO_PICTURE, Reason.TOO_DARK, Reason.PICTURE_TURNED, Reason.PICTURE_FROZEN, Reason.FIGURE_STILL,
    Reason.TOO_SMALL, Reason.CAMERA_OBLIQUE, Reason.TURNED_AWAY, Reason.IMPLAUSIBLE, Reason.NO_PERSON,
    Reason.NO_SOUND, Reason.NO_SPEECH, Reason.TOO_NOISY, Reason.WHISPERED,
})  # fmt: skip


def _cause(missing: NeedMissing, assessment: Assessment) -> Reason | None:
    """The reason behind a need that was not met, by weight and number of what it kept from being assessed."""
    if missing.need not in ("bearing_s", "hands_s", *_OF_SOUND):
        return None
    by_picture = missing.need in _OF_PICTURE
    kinds = {"bearing_s": ("quality",), "hands_s": ("fault",)}.get(missing.need, ("quality", "fault"))
    known = measures()
    own = [v for v in assessment.verdicts if v.kind in kinds and v.measure in known]
    reasons = not_assessed(v for v in own if known[v.measure].by_picture == by_picture)
    told = {code: group for code, group in reasons.items() if code not in (Reason.CAMERA_FRONT, Reason.CAMERA_SIDE)}
    if not told:
        return None
    chief = max(told, key=lambda code: (sum(v.weight for v in told[code]), len(told[code])))
    return Reason(chief) if chief in _CAUSES else None


def needs_told(assessment: Assessment, lang: str) -> tuple[list[str], list[str]]:
    """Why there is no total: whole sentences on what went wrong, and needs in words for what remains."""
    causes: list[str] = []
    needs: list[str] = []
    for missing in assessment.needs_missing:
        cause = _cause(missing, assessment)
        if cause is None:
            needs.append(need_text(missing, lang, assessment))
        elif (sentence := words.explain_reason(cause, lang)) not in causes:
            causes.append(sentence)
    return causes, needs


def need_text(missing: NeedMissing, lang: str, assessment: Assessment) -> str:
    """Why there is no total, and what to do about it."""
    if missing.need == "review":
        names = {v.criterion: name_of(v, lang) for v in assessment.verdicts}
        got = words.listed((names.get(id, id) for id in str(missing.got).split(", ")), lang)
        return words.translate(_NEEDS["review"], lang, got=got)
    if missing.need == "one_picture":
        return words.translate(_NEEDS["one_picture"], lang)
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
        causes, needs = needs_told(assessment.model_copy(update={"needs_missing": tuple(asked)}), lang)
        return _sentences((*causes, _as_sentence(needs, lang)), lang) if causes else _joined(needs, lang)
    reasons = not_assessed(own) if found.score is None else {}
    if not reasons:
        return ""
    chief = max(reasons, key=lambda code: (sum(v.weight for v in reasons[code]), len(reasons[code])))
    return words.explain_reason(chief, lang)


def caps_told(assessment: Assessment) -> list[CapFound]:
    """Red lines as a reader needs them: the lowest first, each criterion and each group of them once.

    A line that waits for a person tells nothing of one that caps the total already: that one is told beside it.
    """
    free = {d.criterion for d in assessment.deductions if d.charged == 0}
    groups = {d.criterion: d.group for d in assessment.deductions}
    told: list[CapFound] = []
    applied: set[str] = set()
    named: set[str] = set()
    for cap in sorted(assessment.caps, key=lambda cap: (cap.total, cap.status != "applied")):
        before = applied if cap.status == "applied" else named
        left = [id for id in cap.criteria if not {id, groups.get(id, "")} & before]
        left = [id for id in left if id not in free] or left[:1]
        own = {*cap.criteria} | {groups[id] for id in cap.criteria if groups.get(id)}
        named |= own
        applied |= own if cap.status == "applied" else set()
        if left:
            told.append(cap.model_copy(update={"criteria": tuple(left)}))
    return told


def caps_texts(assessment: Assessment, lang: str) -> list[str]:
    """Red lines in words, as a reader needs them."""
    return [cap_text(cap, assessment, lang) for cap in caps_told(assessment)]


def cap_text(cap: CapFound, assessment: Assessment, lang: str) -> str:
    """Which red line was crossed, or which quality caps the total, and what that does."""
    forbidden = not any(v.kind != "fault" and v.criterion in cap.criteria for v in assessment.verdicts)
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
    lowest = min(other.total for other in assessment.caps if other.status == "applied")
    if whole is None and not forbidden:
        return words.translate(
            "Not good enough for a high total: {names}. If there were one, it would be at most {most}.",
            lang, names=told, most=words.number(cap.total, 0),
        )  # fmt: skip
    if whole is None or cap.total > lowest:  # there is no total, or another line takes more from it
        return words.translate(N_("Red line: {names}.") if forbidden else N_("Capped: {names}."), lang, names=told)
    if whole <= cap.total:
        return words.translate(
            N_("Red line: {names}. The total is at most {most}; it is not above that anyway.") if forbidden else
            N_("Capped: {names}. The total is at most {most}; it is not above that anyway."),
            lang, names=told, most=words.number(cap.total, 0),
        )  # fmt: skip
    return words.translate(
        N_("Red line: {names}. The total is at most {most}; without it {before}.") if forbidden else
        N_("Capped: {names}. The total is at most {most}; without it {before}."),
        lang, names=told, most=words.number(cap.total, 0), before=whole_points(whole),
    )  # fmt: skip


def is_provisional(assessment: Assessment) -> bool:
    """Whether a person's decision on a red line may still lower the total."""
    return bool(provisional_caps(assessment))


def provisional_caps(assessment: Assessment) -> list[CapFound]:
    """Red lines that wait for a person and would lower the total."""
    total = 0.0 if assessment.total is None else assessment.total
    return [cap for cap in assessment.caps if cap.status == "needs_review" and cap.total < total]


def total_text(assessment: Assessment, lang: str) -> str:
    """The total as a whole number with its error, or why there is none and what to do."""
    if assessment.total is not None:
        error = f" ±{words.number(assessment.total_error, 0)}" if assessment.total_error else ""
        return whole_points(assessment.total) + error
    if assessment.needs_missing:
        causes, needs = needs_told(assessment, lang)
        if causes:
            why = _sentences((*causes, _as_sentence(needs, lang)), lang)
            return words.translate("No total. {why}", lang, why=why)
        return words.translate("No total, because {why}.", lang, why=_joined(needs, lang))
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
    return _sentences((text, words.explain_reason(chief, lang)), lang)


def _sentences(items: Iterable[str], lang: str) -> str:
    """Sentences one after the other; empty ones are left out."""
    return ("" if lang == "zh" else " ").join(filter(None, items))


def _as_sentence(items: Iterable[str], lang: str) -> str:
    """Parts of a sentence as one that stands alone."""
    text = _joined(items, lang)
    return text and text[0].upper() + text[1:] + ("。" if lang == "zh" else ".")


def _joined(items: Iterable[str], lang: str) -> str:
    """Parts of one sentence."""
    return ("；" if lang == "zh" else "; ").join(items)
