"""Measures of bearing: each a pure function from a `Body` to a signal. `MEASURES` holds them in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posture.measures import arms, front, head, relative, side, standing

if TYPE_CHECKING:
    from liyi.core.measure import Measure
    from posture.body import Body

MEASURES: tuple[Measure[Body], ...] = (
    *head.MEASURES,
    *front.MEASURES,
    *side.MEASURES,
    *relative.MEASURES,
    *standing.MEASURES,
    *arms.MEASURES,
)
