"""The judge: signals held against a norm pack become verdicts, deductions, dimensions, coverage and a total.

What belongs here: how the criteria of a profile are weighed together. Pure: the same signals, pack and circumstances
give the same judgement, wherever they came from. `docs/norms.md` tells the same story for readers of a report.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.bilingual import Bilingual
from liyi.core.errors import LiyiError
from liyi.core.reasons import Reason
from liyi.core.trace import Events, Trace
from liyi.etiquette import moment
from liyi.etiquette.aggregate import TOLERABLE, assessed_s, read, too_uncertain
from liyi.etiquette.assessment import Evidence, Verdict
from liyi.etiquette.causes import flags_told
from liyi.etiquette.performance import measures
from liyi.etiquette.red_lines import capped, caps_found, held_back, needs_missing
from liyi.etiquette.weighing import coverage, deductions, dimension_scores, expected, weighed, weights_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from liyi.core.measure import Cameras
    from liyi.core.trace import Signal, View
    from liyi.etiquette.aggregate import Reading
    from liyi.etiquette.assessment import CapFound, Deduction, DimensionScore, NeedMissing
    from liyi.etiquette.pack import Band, Criterion, NormPack


@dataclass(frozen=True)
class Circumstances:
    """What the judge must know about the recording beside its signals, all of it outside the calibration.

    Attributes
    ----------
    duration_s, speech_s : float
        How much of the recording is judged, and how much of that was speech, in seconds.
    camera : Cameras
        From where the recording shows the person.
    language : str or None
        Language of the transcript; None without one.
    exemptions : collection of str
        What the person is exempt from: names in a criterion's ``exempt``, or ids of criteria.
    syllables : int
        How many syllables were heard.
    position : str
        ``sitting``, ``standing`` or ``unknown``.
    end_s : float or None
        Where the recording ends, when that is not ``duration_s``.
    one_picture : bool
        Whether it is a photo: one moment, of which no total is made.
    unseen, unseen_side, unheard : float
        Share of the recording of which there is no picture, none from the side, and no sound: it was never looked at,
        or listened to.
    """

    duration_s: float
    speech_s: float
    camera: Cameras
    language: str | None = None
    exemptions: Collection[str] = ()
    syllables: int = 0
    position: str = "unknown"
    end_s: float | None = None
    one_picture: bool = False
    unseen: float = 0.0
    unseen_side: float = 0.0
    unheard: float = 0.0

    def read(self, measure: str, view: View = "") -> float:
        """Share of the recording that could be read for a measure, in the view that it is taken from."""
        seen = self.unseen_side if view == "side" else self.unseen
        return 1 - (seen if measures()[measure].by_picture else self.unheard)


@dataclass(frozen=True)
class Judgement:
    """What the judge found; ``total`` is None under the pack's coverage floor or where a need was not met."""

    verdicts: tuple[Verdict, ...]
    dimensions: Mapping[str, DimensionScore]
    deductions: tuple[Deduction, ...]
    coverage: float
    total: float | None
    total_error: float | None = None
    total_of: tuple[str, ...] = ()
    total_before_caps: float | None = None
    caps: tuple[CapFound, ...] = ()
    needs_missing: tuple[NeedMissing, ...] = ()


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
    verdicts = judge_criteria(pack.profiles[profile].weights, signals, pack, profile, circumstances)
    return weigh(verdicts, signals, pack, profile, circumstances)


def weigh(
    verdicts: tuple[Verdict, ...],
    signals: Mapping[str, Signal],
    pack: NormPack,
    profile: str,
    circumstances: Circumstances,
) -> Judgement:
    """The second half of `judge`: the verdicts on a profile weighed together, capped, or without a total."""
    chosen = pack.profiles[profile]
    among = expected(verdicts, chosen, circumstances.camera)
    share = coverage([v for v in verdicts if v.dimension not in chosen.uncounted], among, circumstances.read)
    if circumstances.one_picture:
        unscored = dimension_scores(verdicts, among, pack, chosen, circumstances.read)
        unscored = {id: d.model_copy(update={"score": None, "error": None}) for id, d in unscored.items()}
        return Judgement(verdicts, unscored, (), share, None, needs_missing=(moment.NO_TOTAL,))
    lost = deductions(verdicts, pack)
    whole = weighed(verdicts, lost, pack)
    caps = caps_found(verdicts, signals, pack, profile)
    missing = (*needs_missing(chosen, pack, signals, circumstances), *held_back(caps, pack))
    # The published (rounded) coverage is what is compared, so that a reader can check the decision.
    given = whole.points is not None and share >= pack.coverage_floor and not missing
    points = whole.points if given else None
    return Judgement(
        verdicts=verdicts,
        dimensions=dimension_scores(verdicts, among, pack, chosen, circumstances.read),
        deductions=lost,
        coverage=share,
        total=None if points is None else capped(points, caps),
        total_error=whole.error if given else None,
        total_of=tuple(dict.fromkeys(v.dimension for v in verdicts if v.status == "assessed" and v.weight > 0)),
        total_before_caps=points,
        caps=caps,
        needs_missing=missing,
    )


def judge_criteria(
    criteria: Collection[str],
    signals: Mapping[str, Signal],
    pack: NormPack,
    profile: str,
    circumstances: Circumstances,
) -> tuple[Verdict, ...]:
    """Verdicts on some criteria of a profile, in its order, with the weights that they have among all of them.

    Parameters
    ----------
    criteria
        Ids of criteria of the profile.
    signals
        The signal of each of them, by the criterion's id.
    pack, profile, circumstances
        As for `judge`.

    Raises
    ------
    LiyiError
        When an exemption is not one that the pack knows.
    """
    check_exemptions(pack, circumstances.exemptions)
    weights = weights_of(pack, pack.profiles[profile], circumstances.camera)
    found = [_verdict(id, pack, weights[id], signals[id], circumstances) for id in weights if id in criteria]
    return _gated(found, pack)


def _gated(verdicts: Sequence[Verdict], pack: NormPack) -> tuple[Verdict, ...]:
    """A condition outside ``fail`` keeps the qualities of its dimension from being assessed."""
    broken = {
        v.dimension
        for v in verdicts
        if v.kind == "condition" and v.status == "assessed" and v.sub_score == 0 and _beyond_fail(v, pack)
    }
    return tuple(
        v.model_copy(update={"status": "not_assessed", "reason": Reason.CONDITION, "value": None, "error": None,
                             "sub_score": None, "score_error": None, "evidence": (), "typical": None,
                             "outside": None, "side": ""})
        if v.dimension in broken and v.kind == "quality" and v.status != "not_assessed"
        else v
        for v in verdicts
    )  # fmt: skip


def _beyond_fail(verdict: Verdict, pack: NormPack) -> bool:
    low, high = pack.criteria[verdict.criterion].fail
    return verdict.value is not None and not low <= verdict.value <= high


def _verdict(id: str, pack: NormPack, weight: float, signal: Signal, circumstances: Circumstances) -> Verdict:
    criterion = pack.criteria[id]
    of_picture = circumstances.one_picture
    reading, share, reason = (_at_once if of_picture else _over_time)(id, pack, signal, circumstances)
    measured = not of_picture or not isinstance(signal, Events)  # of a photo a posture is held or not: without a band
    blank = Verdict(
        criterion=id,
        name=criterion.name,
        kind=criterion.kind,
        measure=criterion.measure,
        dimension=criterion.dimension,
        status="not_assessed",
        weight=weight,
        coverage=round(share, 3),
        view=signal.view,
        reason=reason,
        confidence=criterion.confidence,
        good=_finite(criterion.good) if measured else None,
        good_share=criterion.share.good if criterion.share and not of_picture else None,
        source=criterion.source,
        advice=criterion.advice.on(""),
    )
    if reading is None or reason is not None:
        return blank
    end_s = circumstances.duration_s if circumstances.end_s is None else circumstances.end_s
    evidence = _within(reading.evidence, end_s)
    waiting = _waits_for(criterion, reading)
    return blank.model_copy(
        update={
            "status": "needs_review" if waiting else "assessed",
            "reason": waiting,
            "value": _rounded(reading.value),
            "unit": reading.unit,
            "error": _rounded(reading.error),
            "sub_score": None if waiting else round(reading.score, 4),
            "score_error": None if waiting else round(reading.score_error, 4),
            "side": reading.side,
            "typical": _rounded(reading.typical),
            "typical_unit": reading.typical_unit,
            "typical_error": _rounded(reading.typical_error),
            "outside": _rounded(reading.outside),
            "times": reading.times,
            "watched_s": _rounded(reading.watched_s),
            "evidence": evidence,
            "undecided": _within(reading.undecided, end_s),
            "advice": criterion.advice.on(reading.side),
            "says": criterion.says.on(reading.side) if reading.side else Bilingual(),
        }
    )


def _over_time(
    id: str, pack: NormPack, signal: Signal, circumstances: Circumstances
) -> tuple[Reading | None, float, Reason | None]:
    """What a recording tells of a criterion, on what share of it that rests, and why it is not assessed."""
    criterion = pack.criteria[id]
    reading, seconds = read(signal, criterion), assessed_s(signal)
    picture = measures()[criterion.measure].by_picture
    relevant_s = circumstances.duration_s if picture else circumstances.speech_s
    share = min(1.0, seconds / relevant_s) if relevant_s > 0 else 0.0
    if not picture:
        share *= circumstances.read(criterion.measure)  # as much may have been said where there is no sound
    reason = _reason_against(id, criterion, signal, reading, circumstances)
    if reason is None and seconds < pack.min_assessed_s:
        reason = signal.reason or Reason.TOO_SHORT
    if reason is None and share < pack.criterion_floor:
        reason = signal.reason or _too_little(criterion)
    return reading, share, reason


def _at_once(
    id: str, pack: NormPack, signal: Signal, circumstances: Circumstances
) -> tuple[Reading | None, float, Reason | None]:
    """The same of a photo."""
    criterion = pack.criteria[id]
    reading = moment.read_at_once(signal, criterion)
    if _exempt(id, criterion, circumstances.exemptions):
        return reading, float(reading is not None), Reason.EXEMPT
    if reading is None:
        return None, 0.0, moment.reason_against(signal, criterion)
    unsure = isinstance(signal, Trace) and too_uncertain(reading.value, reading.error, criterion)
    return reading, 1.0, Reason.TOO_UNCERTAIN if unsure else None


def _too_little(criterion: Criterion) -> Reason:
    return Reason.TOO_LITTLE_SEEN if measures()[criterion.measure].by_picture else Reason.TOO_LITTLE_HEARD


def _waits_for(criterion: Criterion, reading: Reading) -> Reason | None:
    """Why a person decides: a hint that found something, or undecided moments that could change the mark."""
    if criterion.review and reading.evidence:  # where nothing was found, there is nothing to listen to
        return Reason.HUMAN_DECIDES
    if reading.score_decided is None:
        return None
    scores = (reading.score, reading.score_decided)
    marks = {(score >= 1, score >= TOLERABLE) for score in scores}
    return Reason.UNDECIDED if len(marks) > 1 else None


def _within(evidence: tuple[Evidence, ...], duration_s: float) -> tuple[Evidence, ...]:
    """Evidence that ends with the recording: its last sample may stand for a moment longer."""
    end_s = round(duration_s, 3)
    return tuple(each.model_copy(update={"end_s": min(each.end_s, end_s)}) for each in evidence)


def _reason_against(
    id: str, criterion: Criterion, signal: Signal, reading: Reading | None, circumstances: Circumstances
) -> Reason | None:
    if _exempt(id, criterion, circumstances.exemptions):
        return Reason.EXEMPT
    if reading is None:
        if criterion.attribute and assessed_s(signal) > 0:
            return Reason.UNDECIDED if isinstance(signal, Events) and signal.undecided else Reason.NO_EVENT
        return signal.reason or _too_little(criterion)
    value, error = (reading.value, reading.error) if reading.typical is None else (
        reading.typical, reading.typical_error or 0.0)  # fmt: skip
    if too_uncertain(value, error, criterion):
        return Reason.TOO_UNCERTAIN
    if criterion.language and circumstances.language is None:
        return Reason.NO_TRANSCRIPT
    if criterion.language and circumstances.language not in criterion.language:
        return Reason.LANGUAGE
    return None


def _exempt(id: str, criterion: Criterion, exemptions: Collection[str]) -> bool:
    return id in exemptions or not set(criterion.exempt).isdisjoint(exemptions)


def check_exemptions(pack: NormPack, exemptions: Collection[str]) -> None:
    """Raise LiyiError for an exemption that the pack does not know."""
    for exemption in exemptions:
        if exemption not in pack.exemptions:
            raise LiyiError(
                "The norm pack {pack} knows no exemption {exemption}: choose one of {flags}, or a criterion's id.",
                pack=pack.id,
                exemption=exemption,
                **flags_told(pack.exemptions.difference(pack.criteria)),
            )


def _finite(band: Band) -> tuple[float | None, float | None]:
    low, high = (edge if math.isfinite(edge) else None for edge in band)
    return low, high


def _rounded(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else round(value, 3)
