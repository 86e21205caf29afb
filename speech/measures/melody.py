"""How high and how loud, and how much that varies: pitch variation, steadiness of the level, fading ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import MOST_EVIDENCE, Found, Live, Single
from liyi.core.reasons import Reason
from liyi.core.timeline import Timeline
from liyi.core.trace import Event, FloatArray, Interval
from speech.errors import published
from speech.frames import FRAME_S
from speech.measures.declare import measure
from speech.measures.loudness import syllable_levels
from speech.measures.phrasing import obstacle, phrases, sounding, within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speech.frames import Float32Array
    from speech.voice import Voice

_VOICED_IN_PHRASE = 20  # frames: two or three syllables, so that one odd syllable is not the phrase's pitch
_OCTAVE_JUMP_ST = 8.0  # from the phrase's middle: an error of the pitch detector rather than a melody
_SYLLABLES_IN_PHRASE = 4  # before a last syllable can be said to fall off


@measure(
    "pitch_variation",
    kind="scalar",
    unit="st",
    error="pitch",
    params={"level": "phrase", "min_voiced_s": 10.0, "min_phrases": 5},
)
def pitch_variation(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Standard deviation of the pitch in semitones: of the phrases' medians, or of every voiced frame.

    In a tone language only the first says something about the speaker: tones alone move the frames by octaves.
    """
    if reason := obstacle(voice, quiet=True):
        return reason
    voiced = np.isfinite(voice.pitch_hz)
    if np.count_nonzero(voiced) * FRAME_S < params["min_voiced_s"]:
        return Reason.TOO_LITTLE_SPEECH
    semitones = np.full(voice.t.size, np.nan)
    semitones[voiced] = 12 * np.log2(voice.pitch_hz[voiced].astype(np.float64))
    phrased, pitches = _by_phrase(voice, lambda part: _median_pitch(semitones[part]))
    if pitches.size < params["min_phrases"]:
        return Reason.TOO_LITTLE_SPEECH
    values = pitches if params["level"] == "phrase" else semitones[voiced]
    spread = float(np.std(values, ddof=1))
    error = _error_of_spread(spread, pitches.size, published("pitch"))
    return Single(spread, _length_s(phrased), error, evidence=_outliers(phrased, pitches, "st"))


@measure("pitch_range", kind="scalar", unit="st", error="pitch", params={"min_phrases": 3})
def pitch_range(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Semitones between the low and the high tenth of a phrase's pitch; the median phrase.

    In a tone language the tones are in it: they too are flattened by a tired voice.
    """
    phrased, ranges, reason = _ranges(voice, params)
    if reason:
        return reason
    value = float(np.median(ranges))
    error = float(np.hypot(1.25 * np.std(ranges, ddof=1) / np.sqrt(ranges.size), published("pitch")))
    return Single(value, _length_s(phrased), error, evidence=_flattest(phrased, ranges))


@measure("flat_phrases", kind="scalar", unit="%", error=0.0, params={"min_phrases": 3, "flat_st": 3.2})
def flat_phrases(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the phrases' time in phrases whose pitch ranges over less than ``flat_st`` semitones."""
    phrased, ranges, reason = _ranges(voice, params)
    if reason:
        return reason
    lengths = np.array([phrase.duration_s for phrase in phrased])
    share = float(np.sum(lengths[ranges < params["flat_st"]]) / np.sum(lengths))
    error = float(np.sqrt(max(share * (1 - share), 0.25 / ranges.size) / ranges.size))
    return Single(100 * share, _length_s(phrased), 100 * error, evidence=_flattest(phrased, ranges))


def _ranges(voice: Voice, params: Mapping[str, Any]) -> tuple[list[Interval], FloatArray, Reason | None]:
    """Phrases with enough voice, their pitch ranges in semitones, and why they are not to be judged."""
    if reason := obstacle(voice, quiet=True):
        return [], np.zeros(0), reason
    semitones = 12 * np.log2(voice.pitch_hz.astype(np.float64))
    phrased, ranges = _by_phrase(voice, lambda part: _range(semitones[part]))
    return phrased, ranges, Reason.TOO_LITTLE_SPEECH if ranges.size < params["min_phrases"] else None


def _range(semitones: FloatArray) -> float:
    voiced = semitones[np.isfinite(semitones)]
    if voiced.size < 2 * _VOICED_IN_PHRASE:
        return np.nan
    near = voiced[np.abs(voiced - np.median(voiced)) < _OCTAVE_JUMP_ST]
    low, high = np.percentile(near, [10, 90])
    return float(high - low)


def _flattest(phrased: list[Interval], ranges: FloatArray) -> tuple[Event, ...]:
    order = np.argsort(ranges, kind="stable")[:MOST_EVIDENCE]
    return tuple(
        Event(phrased[i].start_s, phrased[i].end_s, {"value": float(ranges[i])}, f"{ranges[i]:.1f} st") for i in order
    )


@measure(
    "level_stability", kind="scalar", unit="dB", error="level", params={"min_phrases": 5}, live=Live(panel="level")
)
def level_stability(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Standard deviation of the phrases' levels, in dB."""
    if reason := obstacle(voice, quiet=True):
        return reason
    heard = sounding(voice)
    phrased, levels = _by_phrase(voice, lambda part: _mean_level(voice.level_db[part][heard[part]]))
    if levels.size < params["min_phrases"]:
        return Reason.TOO_LITTLE_SPEECH
    spread = float(np.std(levels, ddof=1))
    error = _error_of_spread(spread, levels.size, published("level"))
    return Single(spread, _length_s(phrased), error, evidence=_outliers(phrased, levels, "dB"))


@measure("final_drop", kind="scalar", unit="dB", error="level", params={"min_phrases": 3})
def final_drop(voice: Voice, params: Mapping[str, Any]) -> Found:
    """How far the last syllable of a phrase lies below the phrase's other syllables, in dB; the median phrase."""
    if reason := obstacle(voice, quiet=True):
        return reason
    phrased, drops = _by_phrase(voice, lambda part: _drop(voice, part))
    if drops.size < params["min_phrases"]:
        return Reason.TOO_LITTLE_SPEECH
    value = float(np.median(drops))
    # The standard error of a median is 1.25 times that of a mean.
    error = float(np.hypot(1.25 * np.std(drops, ddof=1) / np.sqrt(drops.size), published("level")))
    order = np.argsort(-drops, kind="stable")[:MOST_EVIDENCE]
    evidence = tuple(
        Event(phrased[i].start_s, phrased[i].end_s, {"value": float(drops[i])}, f"{drops[i]:.1f} dB") for i in order
    )
    return Single(value, _length_s(phrased), error, evidence=evidence)


def _by_phrase(voice: Voice, quantity: Callable[[slice], float]) -> tuple[list[Interval], FloatArray]:
    """Phrases for which ``quantity`` (of the phrase's frames) is a number, and those numbers."""
    found = []
    for phrase in phrases(voice):
        first, last = np.searchsorted(voice.t, (phrase.start_s, phrase.end_s))
        found.append((phrase, quantity(slice(int(first), int(last)))))
    kept = [(phrase, value) for phrase, value in found if np.isfinite(value)]
    return [phrase for phrase, _ in kept], np.array([value for _, value in kept], dtype=np.float64)


def _median_pitch(semitones: FloatArray) -> float:
    voiced = semitones[np.isfinite(semitones)]
    return float(np.median(voiced)) if voiced.size >= _VOICED_IN_PHRASE else np.nan


def _mean_level(level_db: Float32Array) -> float:
    """Level of the mean power; NaN for a phrase too short to have one of its own."""
    if level_db.size < _VOICED_IN_PHRASE:
        return np.nan
    return float(10 * np.log10(np.mean(10 ** (level_db.astype(np.float64) / 10))))


def _drop(voice: Voice, part: slice) -> float:
    phrase = Interval(float(voice.t[part.start]), float(voice.t[part.stop - 1]))
    nuclei_s = within(voice.nuclei_s, phrase)
    if nuclei_s.size < _SYLLABLES_IN_PHRASE:
        return np.nan
    levels = syllable_levels(voice, nuclei_s, part.start, part.stop)
    return float(np.median(levels[:-1]) - levels[-1])


def _error_of_spread(spread: float, count: int, single: float) -> float:
    """1 sigma of a standard deviation of ``count`` values that each have the error ``single``."""
    return float(np.hypot(spread, single) / np.sqrt(2 * (count - 1)))


def _outliers(phrased: list[Interval], values: FloatArray, unit: str) -> tuple[Event, ...]:
    """Phrases furthest from the middle one, most first, with their distance from it."""
    apart = values - np.median(values)
    order = np.argsort(-np.abs(apart), kind="stable")[:MOST_EVIDENCE]
    return tuple(
        Event(phrased[i].start_s, phrased[i].end_s, {"value": float(apart[i])}, f"{apart[i]:+.1f} {unit}")
        for i in order
    )


def _length_s(phrased: list[Interval]) -> float:
    return Timeline(phrased).duration_s
