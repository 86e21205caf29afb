"""Measures of words for somebody whom the recogniser is known to mishear: widened by that, or not assessed.

What belongs here: what a reading of a known text (`speech.read_aloud`), kept in ``options.reading_error``, means for
judging what was said.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from liyi.core.reasons import Reason
from liyi.core.trace import Events, Scalar

if TYPE_CHECKING:
    from liyi.core.measure import Measure
    from liyi.core.trace import Signal
    from liyi.etiquette.performance import Performance

# With a quarter of the syllables misheard, a phrase of four is heard whole once in three times (0.75 ** 4): what was
# not heard then says nothing.
MOST_MISHEARD = 0.25


_WITHOUT_A_LIST = frozenset({"nin_ratio"})  # of words all the same


def reading_error(performance: Performance) -> float | None:
    """Share of the syllables of a known text that the recogniser misheard, 0..1; None where none was read."""
    told = performance.options.get("reading_error")
    return float(told) if told is not None else None


def is_of_words(measure: Measure[Any]) -> bool:
    """Whether a measure is about what was said: it looks for listed phrases, or for a word."""
    return "phrases" in measure.params or measure.id in _WITHOUT_A_LIST


def as_heard(signal: Signal, measure: Measure[Any], error: float | None) -> Signal:
    """The signal of a measure, as far as the words of this speaker can be trusted.

    Parameters
    ----------
    signal
        As it was measured.
    measure
        That measured it; only those of words change.
    error
        From `reading_error`.
    """
    if error is None or not is_of_words(measure):
        return signal
    if error > MOST_MISHEARD:
        return _doubtful(signal, measure)
    if not isinstance(signal, Scalar) or math.isnan(signal.value):
        return signal
    return replace(signal, error=math.hypot(signal.error, error * _doubted(signal)))


def _doubted(signal: Scalar) -> float:
    """What of a value hangs on the words: of a share the part that was not heard as well, of a count one at least."""
    if signal.unit == "%":
        return max(signal.value, 100.0 - signal.value)
    return max(abs(signal.value), 1.0)


def _doubtful(signal: Signal, measure: Measure[Any]) -> Signal:
    """Not assessed; but phrases that were heard all the same are for a person to decide, who listens to the clip."""
    heard = (*signal.items, *signal.undecided) if isinstance(signal, Events) else ()
    if not heard or not isinstance(signal, Events):
        return measure.nothing(Reason.WORDS_UNSURE)
    return replace(signal, items=(), undecided=tuple(sorted(heard)), reason=Reason.WORDS_UNSURE)
