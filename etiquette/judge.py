"""The judge: signals held against a norm pack become verdicts, deductions, dimensions, coverage and a total.

What belongs here: how the criteria of a profile are weighed together. Pure: the same signals, pack and circumstances
give the same judgement, wherever they came from. `docs/norms.md` tells the same story for readers of a report.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from etiquette.aggregate import Reading, assessed_s, read
from etiquette.assessment import Bilingual, Deduction, DimensionScore, Evidence, Verdict
from etiquette.performance import measures
from signals.errors import LiyiError
from signals.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from etiquette.pack import Band, Criterion, NormPack, Profile
    from signals.measure import Camera
    from signals.trace import Signal


@dataclass(frozen=True)
class Circumstances:
    """What the judge must know about the recording beside its signals.

    Attributes
    ----------
    duration_s, speech_s : float
        Length of the recording, and how much of it was speech, in seconds.
    camera : Camera
        From where the recording shows the person.
    language : str or None
        Language of the transcript; None without one.
    exemptions : collection of str
        What the person is exempt from: names in a criterion's ``exempt``, or ids of criteria.
    """

    duration_s: float
    speech_s: float
    camera: Camera
    language: str | None = None
    exemptions: Collection[str] = ()


@dataclass(frozen=True)
class Judgement:
    """What the judge found; ``total`` is None under the pack's coverage floor."""

    verdicts: tuple[Verdict, ...]
    dimensions: Mapping[str, DimensionScore]
    deductions: tuple[Deduction, ...]
    coverage: float
    total: float | None


def judge(signals: Mapping[str, Signal], pack: NormPack, profile: str, circumstances: Circumstances) -> Judgement:
    """Hold signals against one profile of a norm pack.

    Parameters
    ----------
    signals : mapping
        The signal of every criterion of the profile, by the criterion's id.
    pack : NormPack
    profile : str
        Id of one of the pack's profiles.
    circumstances : Circumstances

    Returns
    -------
    Judgement
        With a verdict for every criterion of the profile, in its order.

    Raises
    ------
    LiyiError
        When an exemption is not one that the pack knows.
    """
    _check_exemptions(pack, circumstances.exemptions)
    chosen = pack.profiles[profile]
    verdicts = tuple(_verdict(id, pack, weight, signals[id], circumstances) for id, weight in chosen.weights.items())
    expected = {v.criterion for v in verdicts if _expected(v, chosen, circumstances.camera)}
    deductions = _deductions(verdicts, pack)
    coverage = _coverage(verdicts, expected)
    # The published (rounded) coverage is what is compared, so that a reader can check the decision.
    total = _points_left(deductions) if coverage >= pack.coverage_floor and _scored(verdicts) else None
    return Judgement(verdicts, _dimensions(verdicts, expected, deductions, pack), deductions, coverage, total)


def _verdict(id: str, pack: NormPack, weight: float, signal: Signal, circumstances: Circumstances) -> Verdict:
    criterion = pack.criteria[id]
    reading = read(signal, criterion)
    seconds = assessed_s(signal)
    picture = bool(measures()[criterion.measure].cameras)
    relevant_s = circumstances.duration_s if picture else circumstances.speech_s
    coverage = min(1.0, seconds / relevant_s) if relevant_s > 0 else 0.0
    reason = _reason_against(id, criterion, signal, reading, circumstances)
    if reason is None and seconds < pack.min_assessed_s:
        reason = signal.reason or Reason.TOO_SHORT
    if reason is None and coverage < pack.criterion_floor:
        reason = signal.reason or Reason.TOO_LITTLE_SEEN
    blank = Verdict(
        criterion=id,
        name=criterion.name,
        measure=criterion.measure,
        dimension=criterion.dimension,
        status="not_assessed",
        weight=weight,
        coverage=round(coverage, 3),
        reason=reason,
        confidence=criterion.confidence,
        good=_finite(criterion.good),
        good_share=criterion.share.good if criterion.share else None,
        source=criterion.source,
        advice=criterion.advice,
    )
    if reading is None or reason is not None:
        return blank
    evidence = _within(reading.evidence, circumstances.duration_s)
    hint = criterion.review and bool(evidence)  # where nothing was found, there is nothing to listen to
    return blank.model_copy(
        update={
            "status": "needs_review" if hint else "assessed",
            "reason": Reason.HUMAN_DECIDES if hint else None,
            "value": _rounded(reading.value),
            "unit": reading.unit,
            "error": _rounded(reading.error),
            "sub_score": None if hint else round(reading.score, 4),
            "typical": _rounded(reading.typical),
            "typical_unit": reading.typical_unit,
            "typical_error": _rounded(reading.typical_error),
            "evidence": evidence,
        }
    )


def _within(evidence: tuple[Evidence, ...], duration_s: float) -> tuple[Evidence, ...]:
    """Evidence that ends with the recording: its last sample may stand for a moment longer."""
    end_s = round(duration_s, 3)
    return tuple(moment.model_copy(update={"end_s": min(moment.end_s, end_s)}) for moment in evidence)


def _reason_against(
    id: str, criterion: Criterion, signal: Signal, reading: Reading | None, circumstances: Circumstances
) -> Reason | None:
    if _exempt(id, criterion, circumstances.exemptions):
        return Reason.EXEMPT
    if reading is None:
        return signal.reason or Reason.TOO_LITTLE_SEEN
    if criterion.language and circumstances.language is None:
        return Reason.NO_TRANSCRIPT
    if criterion.language and circumstances.language not in criterion.language:
        return Reason.LANGUAGE
    return None


def _exempt(id: str, criterion: Criterion, exemptions: Collection[str]) -> bool:
    return id in exemptions or not set(criterion.exempt).isdisjoint(exemptions)


def _check_exemptions(pack: NormPack, exemptions: Collection[str]) -> None:
    flags = sorted({flag for criterion in pack.criteria.values() for flag in criterion.exempt})
    for exemption in exemptions:
        if exemption not in flags and exemption not in pack.criteria:
            raise LiyiError(
                "The norm pack {pack} knows no exemption {exemption}: choose one of {flags}, or a criterion's id.",
                pack=pack.id,
                exemption=exemption,
                flags=", ".join(flags),
            )


def _expected(verdict: Verdict, profile: Profile, camera: Camera) -> bool:
    """Whether a criterion counts in the coverage: not exempt, and heard, or seen from the profile's camera.

    A profile for ``both`` expects what the recording's own camera shows; what a recording that is neither from the
    front nor from the side should have shown is taken to be the front.
    """
    if verdict.reason == Reason.EXEMPT:
        return False
    cameras = measures()[verdict.measure].cameras
    wanted: str = profile.camera
    if wanted == "both":
        wanted = camera if camera in ("front", "side") else "front"
    return not cameras or wanted in cameras or verdict.status == "assessed"


def _scored(verdicts: Collection[Verdict]) -> float:
    """Weight that was assessed."""
    return math.fsum(v.weight for v in verdicts if v.status == "assessed")


def _coverage(verdicts: Collection[Verdict], expected: Collection[str]) -> float:
    whole = math.fsum(v.weight for v in verdicts if v.criterion in expected)
    return round(_scored(verdicts) / whole, 3) if whole else 0.0


def _deductions(verdicts: Collection[Verdict], pack: NormPack) -> tuple[Deduction, ...]:
    """Points lost by every criterion below 1, dearest first; within a group only the dearest is charged."""
    whole = _scored(verdicts)
    lost = [
        Deduction(
            criterion=v.criterion,
            dimension=v.dimension,
            points=round(100 * v.weight * (1 - v.sub_score) / whole, 2),
            charged=0.0,
            group=pack.criteria[v.criterion].group,
            evidence=v.evidence,
        )
        for v in verdicts
        if v.status == "assessed" and v.sub_score is not None and v.sub_score < 1 and v.weight > 0
    ]
    lost.sort(key=lambda deduction: -deduction.points)
    charged: list[Deduction] = []
    groups: set[str] = set()
    for deduction in lost:
        free = deduction.group in groups
        groups |= {deduction.group} - {""}
        charged.append(deduction if free else deduction.model_copy(update={"charged": deduction.points}))
    return tuple(charged)


def _points_left(deductions: Collection[Deduction]) -> float:
    return max(0.0, round(100 - math.fsum(deduction.charged for deduction in deductions), 2))


def _dimensions(
    verdicts: Collection[Verdict], expected: Collection[str], deductions: Collection[Deduction], pack: NormPack
) -> dict[str, DimensionScore]:
    """Per dimension the score that it would have alone: 100 less its charged points over its part of the weight."""
    whole = _scored(verdicts)
    scores: dict[str, DimensionScore] = {}
    for dimension in dict.fromkeys(v.dimension for v in verdicts):
        own = [v for v in verdicts if v.dimension == dimension]
        weight = _scored(own)
        charged = math.fsum(d.charged for d in deductions if d.dimension == dimension)
        scores[dimension] = DimensionScore(
            name=pack.dimensions.get(dimension, Bilingual()),
            score=max(0.0, round(100 - charged * whole / weight, 1)) if weight else None,
            coverage=_coverage(own, expected),
        )
    return scores


def _finite(band: Band) -> tuple[float | None, float | None]:
    low, high = (edge if math.isfinite(edge) else None for edge in band)
    return low, high


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 3)
