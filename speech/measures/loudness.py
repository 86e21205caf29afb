"""How loud the voice is against its own usual level: what a change of the microphone's gain cannot imitate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Attribute, Found, Happened, Live
from liyi.core.reasons import Reason
from liyi.core.smoothing import runs
from liyi.core.timeline import join_close
from liyi.core.trace import Event
from speech.frames import FRAME_S
from speech.measures.declare import measure
from speech.measures.phrasing import obstacle, phrases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import FloatArray
    from speech.voice import Voice

_AROUND_NUCLEUS = 3  # frames on each side
# Two seconds hold six to ten syllables: their median does not follow a stressed one. On 16 recordings of ordinary
# speech it rises over the usual level by at most 5.3 dB.
_OVER_S = 2.0
_OVER_SYLLABLES = 4  # of three, the median is one loud beginning between pauses
# What is usual is the level that 30 % of the syllables stay under, some 2 dB below the median one: it stays where it
# is when most of a recording is shouted.
_USUAL_PERCENTILE = 30
_HABIT_SYLLABLES, _HABIT_PHRASES = 4, 3  # before a phrase has a slope, and a speaker a habit
_GAP_S = 1.0  # a breath between two shouted sentences


@measure(
    "raised_voice",
    kind="events",
    unit="s",
    error="raised_voice",
    params={"rise_db": 8.0, "min_s": 1.0, "min_syllables": 16},
    attributes={"rise_db": Attribute("dB"), "duration_s": Attribute("s", "raised_voice")},
    live=Live(panel="level"),
)
def raised_voice(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Stretches in which the syllables are at least ``rise_db`` louder than the speaker's own usual level.

    Needs ``min_syllables`` to know what is usual; a stretch shorter than ``min_s`` is an emphasis.
    """
    if reason := obstacle(voice, quiet=True):
        return reason
    t = voice.nuclei_s
    if t.size < params["min_syllables"]:
        return Reason.TOO_LITTLE_SPEECH
    level_db = syllable_levels(voice, voice.nuclei_s, 0, voice.t.size) - _declination(voice)
    rise_db = _smoothed(t, level_db) - np.percentile(level_db, _USUAL_PERCENTILE)
    items = tuple(event for event in _stretches(t, rise_db, params["rise_db"]) if event.duration_s >= params["min_s"])
    return Happened(items, voice.speech_s)


def syllable_levels(voice: Voice, nuclei_s: FloatArray, first: int, end: int) -> FloatArray:
    """Level of each syllable, shape (k,), in dB: the loudest of 70 ms around its nucleus.

    Parameters
    ----------
    voice
        Its level is read.
    nuclei_s
        The syllables' nuclei, shape (k,), in seconds.
    first, end
        Frames from ``first`` until before ``end`` that count, such as those of the phrase.
    """
    at = np.searchsorted(voice.t, nuclei_s)[:, None] + np.arange(-_AROUND_NUCLEUS, _AROUND_NUCLEUS + 1)
    return np.asarray(voice.level_db[np.clip(at, first, end - 1)].max(axis=1), dtype=np.float64)


def _declination(voice: Voice) -> FloatArray:
    """How far each syllable lies under its phrase's beginning by the speaker's habit, shape (k,), in dB, at most 0.

    A voice that dies away in every phrase is at its usual level when it begins the next one, not raised. The habit is
    the median phrase's slope over its length; of fewer than `_HABIT_PHRASES` phrases none is known.
    """
    t, level_db = voice.nuclei_s, syllable_levels(voice, voice.nuclei_s, 0, voice.t.size)
    place, slopes = np.zeros(t.size), []
    for phrase in phrases(voice):
        first, last = np.searchsorted(t, (phrase.start_s, phrase.end_s))
        place[first:last] = (t[first:last] - phrase.start_s) / phrase.duration_s
        if last - first >= _HABIT_SYLLABLES:
            slopes.append(np.polyfit(place[first:last], level_db[first:last], 1)[0])
    habit_db = float(np.median(slopes)) if len(slopes) >= _HABIT_PHRASES else 0.0
    return min(habit_db, 0.0) * place


def _smoothed(t: FloatArray, level_db: FloatArray) -> FloatArray:
    """Median of the syllables within `_OVER_S` centred on each, shape (k,); of fewer than `_OVER_SYLLABLES` none."""
    first = np.searchsorted(t, t - _OVER_S / 2)
    last = np.searchsorted(t, t + _OVER_S / 2, side="right")
    around = zip(first, last, strict=True)
    return np.array([np.median(level_db[a:b]) if b - a >= _OVER_SYLLABLES else -np.inf for a, b in around])


def _stretches(t: FloatArray, rise_db: FloatArray, least_db: float) -> list[Event]:
    """Runs of syllables that are so much louder, joined over a breath."""
    louder = runs(rise_db >= least_db)
    groups = join_close(((t[first], t[last - 1]) for first, last in louder), _GAP_S)
    found = [(louder[a][0], louder[b - 1][1]) for a, b in groups]
    return [
        Event(
            float(t[first]) - 5 * FRAME_S,
            float(t[last - 1]) + 5 * FRAME_S,
            {"rise_db": float(rise_db[first:last].max()), "duration_s": float(t[last - 1] - t[first]) + 10 * FRAME_S},
            f"{rise_db[first:last].max():+.0f} dB",
        )
        for first, last in found
    ]
