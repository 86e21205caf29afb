"""Measures of voice. `MEASURES` holds each that a module of this package declares: there is no list to extend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.measure import measures_in

if TYPE_CHECKING:
    from liyi.core.measure import Measure
    from speech.voice import Voice

MEASURES: tuple[Measure[Voice], ...] = measures_in(__name__, __path__)
