"""What a report tells first: what to do, and before it what went well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.reasons import Reason
from liyi.core.words import N_
from liyi.etiquette.causes import posture_behind
from liyi.report.findings import Mark, mark_of, name_of

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment, Verdict


def priorities(assessment: Assessment, limit: int = 3) -> list[Verdict]:
    """What to do first: what crossed a red line (the lowest first), what the recording lacks, what costs most points.

    A condition for which the rest could not be assessed comes before all. Of a group, of criteria with the same
    advice, and of measures that read the same posture, only the first is told. A red line that waits for a
    person is among them: it matters most to look at it.
    """
    lines: dict[str, float] = {}
    for cap in assessment.caps:
        for id in cap.criteria:
            lines[id] = min(cap.total, lines.get(id, math.inf))
    charged = {d.criterion: d.charged for d in assessment.deductions if d.charged > 0} or _beside_good(assessment)
    groups = {d.criterion: d.group for d in assessment.deductions}
    poor = {v.criterion for v in assessment.verdicts if v.kind == "condition" and mark_of(v) is Mark.FAULT}
    found = [v for v in assessment.verdicts if v.criterion in {*lines, *charged, *poor}]
    found.sort(
        key=lambda v: (lines.get(v.criterion, math.inf), v.criterion not in poor, -charged.get(v.criterion, 0.0))
    )
    told: list[Verdict] = []
    said: set[str] = set()
    for verdict in (*broken_conditions(assessment), *found):
        posture = posture_behind(verdict.measure, verdict.side)
        marks = {mark for mark in (groups.get(verdict.criterion), words.pick(verdict.advice, "zh"), posture) if mark}
        if not said & marks:
            told.append(verdict)
        said |= marks
    return told[:limit]


def _beside_good(assessment: Assessment) -> dict[str, float]:
    """How far what a photo shows lies from good, 0..1, by criterion: one picture costs no points."""
    if not assessment.is_photo:
        return {}
    scored = {v.criterion: v.sub_score for v in assessment.verdicts if v.status == "assessed"}
    return {id: 1 - score for id, score in scored.items() if score is not None and score < 1}


def broken_conditions(assessment: Assessment) -> list[Verdict]:
    """Conditions of the recording for which something was not assessed, the worst first."""
    kept = {v.dimension for v in assessment.verdicts if v.reason == Reason.CONDITION}
    broken = [v for v in assessment.verdicts if v.kind == "condition" and v.dimension in kept and v.sub_score == 0]
    return [v for v in broken if v.status == "assessed"]


def well_done(assessment: Assessment, limit: int = 3) -> list[Verdict]:
    """What was measured as good, the weightiest first: a report praises before it advises."""
    good = [v for v in assessment.verdicts if mark_of(v) is Mark.GOOD and v.kind == "quality" and _clear(v)]
    return sorted(good, key=lambda v: -v.weight)[:limit]


def praise_text(verdict: Verdict, lang: str, *, measured: tuple[float | None, float | None, str] | None = None) -> str:
    """A good criterion with what was measured (``Shoulder tilt 0.4°``): the name alone may sound like a fault.

    ``measured`` (value, error, unit) stands for that of the whole recording.
    """
    value, error, code = measured or _measured(verdict)
    size = abs(value) if value is not None and code == "deg" else value  # which side is of no interest
    if size is not None and error and code == "deg" and size < error:  # no digit of it is known
        step = 10.0 ** words.decimals(error, error)
        much = words.quantity(math.ceil(error * step) / step, code, lang)
        return words.translate(N_("{what} under {value}"), lang, what=name_of(verdict, lang), value=much)
    return f"{name_of(verdict, lang)} {words.quantity(size, code, lang, error=error)}"


def _clear(verdict: Verdict) -> bool:
    """Whether the value lies in the band itself and is larger than its error: others are no praise."""
    value, error, unit = _measured(verdict)
    return "ratio" not in (verdict.unit, unit) and is_clear(
        value, error, verdict.good, good_share=verdict.good_share, unit=unit
    )


def is_clear(
    value: float | None,
    error: float | None,
    good: tuple[float | None, float | None] | None,
    *,
    good_share: float | None,
    unit: str,
) -> bool:
    """Whether a quantity lies in its good band itself and is known well enough to be praised.

    Parameters
    ----------
    value, error
        The quantity and one sigma of it, in ``unit``.
    good
        Its band; None for an open edge.
    good_share
        Of the verdict: set where the time in the band is judged.
    unit
        A bare number (``ratio``) tells nobody what was good.
    """
    low, high = good or (None, None)
    if unit == "ratio":
        return False
    if value is not None and ((low is not None and value < low) or (high is not None and value > high)):
        return False
    if good_share is not None and low is not None and high is not None and low < 0 < high:
        return not error or error < (high - low) / 2  # of a band around zero, zero is what is praised
    return not error or value is None or abs(value) > error


def _measured(verdict: Verdict) -> tuple[float | None, float | None, str]:
    """The quantity itself with error and unit: where the value is a share of time, what stands behind it."""
    if verdict.typical is None:
        return verdict.value, verdict.error, verdict.unit
    return verdict.typical, verdict.typical_error, verdict.typical_unit
