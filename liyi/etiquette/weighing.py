"""Verdicts weighed together: weights, deductions, dimensions, the mean and its error.

What belongs here: the arithmetic of a total before red lines. Qualities are averaged, faults subtract their points;
nobody earns anything by what they do not do wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.bilingual import Bilingual
from liyi.core.reasons import Reason
from liyi.etiquette.assessment import Deduction, DimensionScore
from liyi.etiquette.performance import measures

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from liyi.core.measure import Cameras
    from liyi.core.trace import View
    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import Criterion, NormPack, Profile


@dataclass(frozen=True)
class Weighed:
    """A mean over qualities less the faults' points, 0..100, and one sigma of it; None where nothing was assessed."""

    points: float | None
    error: float | None


def shows(profile: Profile, measure: str, camera: Cameras) -> bool:
    """Whether the recording's camera can show what ``measure`` needs; a voice is heard with any camera.

    A profile for ``both`` expects what the recording's own camera shows, of two cameras what either shows; what a
    recording that is neither from the front nor from the side should have shown is taken to be the front.
    """
    taken = measures()[measure]
    wanted: set[str] = {profile.camera}
    if profile.camera == "both":
        wanted = {"front", "side"} if camera == "both" else {camera if camera in ("front", "side") else "front"}
    return not taken.by_picture or bool(wanted & taken.cameras)


def weights_of(pack: NormPack, profile: Profile, camera: Cameras) -> dict[str, float]:
    """Weight of every criterion of the profile: a dimension's percent shared out among its qualities that can be shown.

    Without ``dimensions`` in the profile the weights are as they stand there.
    """
    plain = {id: float(weight) for id, weight in profile.weights.items()}
    if not profile.dimensions:
        return plain
    whole: dict[str, float] = {}
    for id, weight in plain.items():
        criterion = pack.criteria[id]
        if shows(profile, criterion.measure, camera):
            whole[criterion.dimension] = whole.get(criterion.dimension, 0.0) + weight
    return {
        id: round(_share(pack.criteria[id], profile, whole) * weight, 3)
        if shows(profile, pack.criteria[id].measure, camera)
        else 0.0
        for id, weight in plain.items()
    }


def _share(criterion: Criterion, profile: Profile, whole: Mapping[str, float]) -> float:
    among = whole.get(criterion.dimension, 0.0)
    return profile.dimensions.get(criterion.dimension, 0.0) / among if among else 0.0


def scored(verdicts: Collection[Verdict]) -> float:
    """Weight that was assessed."""
    return math.fsum(v.weight for v in verdicts if v.status == "assessed")


def coverage(verdicts: Collection[Verdict], expected: Collection[str], read: Callable[[str, View], float]) -> float:
    """Assessed weight over expected weight, 0..1, each as far as the recording could be ``read`` for its measure."""
    whole = math.fsum(v.weight for v in verdicts if v.criterion in expected)
    assessed = math.fsum(v.weight * read(v.measure, v.view) for v in verdicts if v.status == "assessed")
    return round(assessed / whole, 3) if whole else 0.0


def expected(verdicts: Collection[Verdict], profile: Profile, camera: Cameras) -> set[str]:
    """Criteria that count in the coverage: not exempt, and heard, or seen from the profile's camera."""
    return {
        v.criterion
        for v in verdicts
        if v.reason != Reason.EXEMPT and (shows(profile, v.measure, camera) or v.status == "assessed")
    }


def fault_points(value: float, criterion: Criterion, error: float) -> float:
    """Points that a fault costs beyond good: per occurrence or per tenth of the time, at most ``most``."""
    beyond = max(0.0, value - criterion.good[1] - error)
    if criterion.aggregate == "worst":  # seconds of the longest: one occurrence
        times = float(beyond > 0)
    else:
        times = beyond if criterion.aggregate == "count" else beyond / 10
    return min(criterion.most, criterion.points * times)


def _lost(verdict: Verdict, criterion: Criterion, whole: float) -> float:
    if verdict.kind == "fault":
        return fault_points(verdict.value or 0.0, criterion, verdict.error or 0.0)
    if verdict.kind == "condition" or verdict.sub_score is None or not whole:
        return 0.0
    return 100 * verdict.weight * (1 - verdict.sub_score) / whole


def deductions(verdicts: Collection[Verdict], pack: NormPack) -> tuple[Deduction, ...]:
    """Points lost by every criterion, dearest first; within a group only the dearest is charged."""
    whole = scored(verdicts)
    lost = [
        Deduction(
            criterion=v.criterion,
            dimension=v.dimension,
            points=round(_lost(v, pack.criteria[v.criterion], whole), 2),
            charged=0.0,
            group=pack.criteria[v.criterion].group,
            evidence=v.evidence,
        )
        for v in verdicts
        if v.status == "assessed" and _lost(v, pack.criteria[v.criterion], whole) > 0
    ]
    lost.sort(key=lambda deduction: -deduction.points)
    charged: list[Deduction] = []
    groups: set[str] = set()
    for deduction in lost:
        free = deduction.group in groups
        groups |= {deduction.group} - {""}
        charged.append(deduction if free else deduction.model_copy(update={"charged": deduction.points}))
    return tuple(charged)


def weighed(verdicts: Sequence[Verdict], found: Collection[Deduction], pack: NormPack) -> Weighed:
    """The total of these verdicts before red lines, with its error."""
    if not scored(verdicts):
        return Weighed(None, None)
    points = max(0.0, round(100 - math.fsum(deduction.charged for deduction in found), 2))
    return Weighed(points, _error(verdicts, found, pack))


def _error(verdicts: Sequence[Verdict], found: Collection[Deduction], pack: NormPack) -> float:
    """One sigma, rounded up to a whole point: errors of the criteria in squares, a group's only once."""
    whole = scored(verdicts)
    charged = {deduction.criterion for deduction in found if deduction.charged > 0}
    squares, groups = 0.0, set()
    for verdict in sorted(verdicts, key=lambda v: v.criterion not in charged):
        if verdict.status != "assessed":
            continue
        criterion = pack.criteria[verdict.criterion]
        if criterion.group in groups:
            continue
        groups |= {criterion.group} - {""}
        squares += _point_error(verdict, criterion, whole) ** 2
    return float(math.ceil(math.sqrt(squares) - 1e-9))


def _point_error(verdict: Verdict, criterion: Criterion, whole: float) -> float:
    if verdict.kind == "fault":
        value, error = verdict.value or 0.0, verdict.error or 0.0
        ends = [fault_points(value + k * error, criterion, error) for k in (-1, 0, 1)]
        return (max(ends) - min(ends)) / 2
    return 100 * verdict.weight * (verdict.score_error or 0.0) / whole


def dimension_scores(
    verdicts: Sequence[Verdict],
    among: Collection[str],
    pack: NormPack,
    profile: Profile,
    read: Callable[[str, View], float],
) -> dict[str, DimensionScore]:
    """Each dimension weighed alone, as if it were the whole; then those of the profile of which nothing ships yet."""
    scores: dict[str, DimensionScore] = {}
    for dimension in dict.fromkeys(v.dimension for v in verdicts):
        own = [v for v in verdicts if v.dimension == dimension]
        alone = weighed(own, deductions(own, pack), pack)
        scores[dimension] = DimensionScore(
            name=pack.dimensions.get(dimension, Bilingual()),
            score=None if alone.points is None else round(alone.points, 1),
            error=alone.error,
            coverage=coverage(own, among, read),
            weight=profile.dimensions.get(dimension, 0.0),
        )
    for dimension, weight in profile.dimensions.items():
        if dimension not in scores and weight > 0:
            name = pack.dimensions.get(dimension, Bilingual())
            scores[dimension] = DimensionScore(name=name, score=None, coverage=0.0, weight=weight, ships=False)
    return scores
