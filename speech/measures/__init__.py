"""Measures of voice: each a pure function from a `Voice` to a signal. `MEASURES` holds them in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speech.measures import loudness, melody, pauses, sound, tempo

if TYPE_CHECKING:
    from signals.measure import Measure
    from speech.voice import Voice

MEASURES: tuple[Measure[Voice], ...] = (
    *tempo.MEASURES,
    *pauses.MEASURES,
    *melody.MEASURES,
    *loudness.MEASURES,
    *sound.MEASURES,
)
