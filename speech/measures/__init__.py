"""Measures of voice: each a pure function from a `Voice` to a signal. `MEASURES` holds them in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speech.measures import fluency, loudness, melody, pauses, sound, tempo, timbre

if TYPE_CHECKING:
    from liyi.core.measure import Measure
    from speech.voice import Voice

MEASURES: tuple[Measure[Voice], ...] = (
    *tempo.MEASURES,
    *pauses.MEASURES,
    *fluency.MEASURES,
    *melody.MEASURES,
    *loudness.MEASURES,
    *timbre.MEASURES,
    *sound.MEASURES,
)
