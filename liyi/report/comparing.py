"""Two assessments of one person held against each other: a change smaller than the error is none, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.words import translate
from liyi.etiquette.change import comparable

if TYPE_CHECKING:
    from liyi.etiquette.assessment import Assessment


_APART = 2.0  # two totals differ when they lie more than two sigma of their difference apart


def change_text(now: Assessment, before: Assessment | None, lang: str) -> str:
    """How the total has changed since ``before``, with what it must exceed; empty without a comparison.

    Totals of other dimensions are not compared: what one of them holds and the other does not would pass for a change.
    Nor are those of another profile, or of another major version of the pack.
    """
    if before is None or now.total is None or before.total is None or not comparable(before, now):
        return ""
    if set(now.total_of) != set(before.total_of):
        return ""
    change = round(now.total) - round(before.total)
    error = max(1, round(_APART * math.hypot(now.total_error or 0.0, before.total_error or 0.0)))
    if abs(change) <= error:
        return translate("Against last time: no clear change (within ±{error}).", lang, error=error)
    size = words.number(abs(change), 0)
    if change > 0:
        return translate("{size} points more than last time (±{error}).", lang, size=size, error=error)
    return translate("{size} points fewer than last time (±{error}).", lang, size=size, error=error)
