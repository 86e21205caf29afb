"""What changed between two times for the same criterion or total, told only where it is larger than the errors.

A change is one when it exceeds twice the combined error of both times; what is smaller is no clear change. What counts
is how far each value lies outside the good band: inside it nothing becomes better or worse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.pack import Criterion

Change = Literal["better", "worse", "none"]
SIGMAS = 2.0  # by chance alone two times differ by more than this in one case of twenty


@dataclass(frozen=True)
class Reading:
    """A value in ``unit`` with its error (one sigma) and the band ``(low, high)`` in which it is good."""

    value: float
    error: float
    unit: str
    low: float
    high: float

    @property
    def outside(self) -> float:
        """How far the value lies outside its band, in its unit; 0 inside."""
        return max(0.0, self.low - self.value, self.value - self.high)


def reading_of(verdict: Verdict) -> Reading | None:
    """A verdict's value and the band in which it is good; None where it was not assessed, or has no band.

    A share of time is good from its own limit on.
    """
    if verdict.status != "assessed" or verdict.value is None:
        return None
    if verdict.good_share is not None:
        return Reading(verdict.value, verdict.error or 0.0, verdict.unit, verdict.good_share, math.inf)
    if verdict.good is None:
        return None
    low, high = verdict.good
    return Reading(verdict.value, verdict.error or 0.0, verdict.unit, -math.inf if low is None else low,
                   math.inf if high is None else high)  # fmt: skip


def behind(verdict: Verdict) -> Reading | None:
    """The quantity behind a share of time, such as degrees, and the band in which it is good; None without one."""
    if verdict.status != "assessed" or verdict.typical is None or verdict.good is None:
        return None
    low, high = verdict.good
    return Reading(verdict.typical, verdict.typical_error or 0.0, verdict.typical_unit,
                   -math.inf if low is None else low, math.inf if high is None else high)  # fmt: skip


def reading_by(criterion: Criterion, value: float | None, error: float | None, unit: str) -> Reading | None:
    """A value that was measured by a criterion of a pack, as a try of a drill keeps it; None without a value.

    Where the criterion judges a share of time, the value may be that share or the quantity behind it.
    """
    if value is None:
        return None
    low, high = criterion.good
    if criterion.share is not None and unit == "%":
        low, high = criterion.share.good, math.inf
    return Reading(value, error or 0.0, unit, low, high)


def changed(before: Reading | None, after: Reading | None) -> Change | None:
    """Whether the second is better than the first; None where the two cannot be compared."""
    if before is None or after is None or before.unit != after.unit:
        return None
    gain = before.outside - after.outside
    if abs(gain) <= SIGMAS * math.hypot(before.error, after.error):
        return "none"
    return "better" if gain > 0 else "worse"


def change(before: Verdict, after: Verdict) -> Change | None:
    """Whether a criterion was met better the second time; None where the two cannot be compared.

    Of a share of time the quantity behind it counts as well: who hangs less is better though the time is the same.
    Where one became better and the other worse there is no clear change.

    Parameters
    ----------
    before, after
        Verdicts on the same criterion, by the same or another version of its pack; each is held against its own band.
    """
    if (before.criterion, before.measure) != (after.criterion, after.measure):
        return None
    told = {changed(reading_of(before), reading_of(after)), changed(behind(before), behind(after))} - {None}
    if not told:
        return None
    clear = told - {"none"}
    return clear.pop() if len(clear) == 1 else "none"


def comparable(before: Assessment, after: Assessment) -> bool:
    """Whether two assessments ask for the same: the same profile of the same major version of a pack."""
    return (before.pack.id, _major(before.pack.version), before.profile) == (
        after.pack.id, _major(after.pack.version), after.profile)  # fmt: skip


def change_of_total(before: Assessment, after: Assessment) -> Change | None:
    """Whether the total is better the second time; None where one has none, or they are made of different things."""
    if before.total is None or after.total is None or not comparable(before, after):
        return None
    if before.total_of != after.total_of:
        return None
    gain = after.total - before.total
    if abs(gain) <= SIGMAS * math.hypot(before.total_error or 0.0, after.total_error or 0.0):
        return "none"
    return "better" if gain > 0 else "worse"


def _major(version: str) -> str:
    return version.partition(".")[0]
