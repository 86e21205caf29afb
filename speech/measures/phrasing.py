"""Phrases, pauses and turns: how a voice is divided in time. What several measures of voice need to agree on.

A phrase is sound between silent pauses; a turn is phrases whose pauses are short enough for one person to go on.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.reasons import Reason
from liyi.core.smoothing import runs
from liyi.core.timeline import Timeline, join_close
from liyi.core.trace import BoolArray, FloatArray, Interval
from speech.frames import FRAME_S, background_db

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speech.voice import Voice

# One speaker who thinks or looks something up for up to 5 s goes on with the same turn: were it parted at 2 s, a long
# pause would leave the turns, and make the speaker faster and free of pauses. A silence that is longer parts two turns,
# and still counts in part (`between_s`), so that a pause put into another one does not vanish.
TURN_GAP_S = 5.0
PAUSE_S = 0.25  # least silent pause: shorter ones are closures of plosives and hesitation within words (norms 2.2)

# Silence is 25 dB under the loudest syllables of the stretch (de Jong & Wempe 2009). In noise that level is never
# reached: then it is what lies within 10 dB of the background, but never within 12 dB of the loudest.
_BELOW_LOUDEST_DB, _OVER_BACKGROUND_DB, _NEVER_SILENT_DB = 25.0, 10.0, 12.0

_SHORTEST_PHRASE_S = 0.1  # a click, a breath
# Of ordinary speech 50 to 95 % of the sound is voiced, of a hoarse man's 30 %, of a whisper less than 6 %.
_WHISPER_VOICED, _WHISPER_S = 0.15, 2.0
_WHISPER_OVER_DB, _WHISPER_DULL_DB = 12.0, 6.0  # over the background; the most that the high half may lie below all
_SYLLABLE_S, _BREATH_S, _WHISPER_PHRASES = 0.06, 4.0, 4

_KNOWN = "_sounding"  # attribute of a voice that holds what `sounding` has found; a changed copy does not have it
_NOISY_SNR_DB = 8.0  # norms V06: under this, level and pitch of the voice are those of the noise


@dataclass(frozen=True)
class Turn(Interval):
    """One person's going on: from the first phrase's start to the last one's end."""

    phrases: Timeline[Interval]

    @property
    def sounding_s(self) -> float:
        """Seconds of sound in the turn: its length without the pauses."""
        return self.phrases.duration_s


def sounding(voice: Voice) -> BoolArray:
    """Frames in which the voice sounds: in a stretch of speech and louder than silence there; shape (m,), read-only.

    Most measures of a voice ask for it: it is found once for each.
    """
    known: BoolArray | None = voice.__dict__.get(_KNOWN)
    if known is None:
        known = _sounding(voice)
        known.flags.writeable = False
        object.__setattr__(voice, _KNOWN, known)
    return known


def _sounding(voice: Voice) -> BoolArray:
    heard = np.zeros(voice.t.size, dtype=np.bool_)
    background = background_db(voice.level_db)
    for stretch in voice.stretches:
        first, last = np.searchsorted(voice.t, (stretch.start_s, stretch.end_s))
        level = voice.level_db[first:last]
        if level.size:
            loudest = float(np.percentile(level, 95))
            in_noise = min(background + _OVER_BACKGROUND_DB, loudest - _NEVER_SILENT_DB)
            heard[first:last] = level > max(loudest - _BELOW_LOUDEST_DB, in_noise)
    return heard


def phrases(voice: Voice, *, pause_s: float = PAUSE_S) -> Timeline[Interval]:
    """Stretches of sound between silences of at least ``pause_s`` seconds, in time order."""
    sound = Timeline(
        Interval(float(voice.t[first]) - FRAME_S / 2, float(voice.t[last - 1]) + FRAME_S / 2)
        for first, last in runs(sounding(voice))
    )
    # Half a frame below: edges lie on frames, so that a silence of just ``pause_s`` is a pause whatever the rounding.
    return sound.support(pause_s - FRAME_S / 2).lasting(_SHORTEST_PHRASE_S)


def syllables_by_run(voice: Voice, *, pause_s: float = PAUSE_S) -> tuple[Timeline[Interval], FloatArray]:
    """Runs from one pause to the next that hold a syllable, and how many each holds, shape (k,)."""
    found = [(run, within(voice.nuclei_s, run).size) for run in phrases(voice, pause_s=pause_s)]
    counts = np.array([count for _, count in found if count], dtype=np.float64)
    return Timeline(run for run, count in found if count), counts


def usual_run(counts: FloatArray) -> float:
    """Syllables of the run that a syllable stands in, averaged over the syllables; ``counts`` (k,) by run, k > 0."""
    return float(np.sum(counts**2) / np.sum(counts))


def turns(phrased: Timeline[Interval], *, turn_gap_s: float) -> Timeline[Turn]:
    """Phrases with less than ``turn_gap_s`` seconds between them belong to one turn."""
    less_s = math.nextafter(turn_gap_s, 0.0)  # a gap of that length ends the turn
    groups = join_close(((phrase.start_s, phrase.end_s) for phrase in phrased), less_s)
    parts = (Timeline(phrased[first:last]) for first, last in groups)
    return Timeline(Turn(part[0].start_s, part[-1].end_s, part) for part in parts)


def between_s(spoken: Sequence[Turn], *, turn_gap_s: float) -> float:
    """Seconds of the silences between ``spoken`` that count as pauses of the speaker all the same.

    Up to ``turn_gap_s`` a silence belongs to the turn as a whole. Of a longer one ever less counts, from twice that on
    nothing: by then somebody else has spoken, or nobody is being waited for.
    """
    silences = (after.start_s - before.end_s for before, after in pairwise(spoken))
    return sum(max(0.0, 2 * turn_gap_s - silence) for silence in silences)


def within(times: FloatArray, stretch: Interval) -> FloatArray:
    """Those of the increasing ``times`` (k,), in seconds, that lie in ``stretch``."""
    first, last = np.searchsorted(times, (stretch.start_s, stretch.end_s))
    return times[first:last]


def obstacle(voice: Voice, *, quiet: bool) -> Reason | None:
    """Why nothing can be measured: no speech, a whisper, or (for measures that need ``quiet``) too much noise."""
    heard = bool(voice.stretches) and not np.isnan(voice.snr_db)
    if heard and quiet and noise(voice):
        return Reason.TOO_NOISY
    if whispered(voice):
        return Reason.WHISPERED
    return None if heard else Reason.NO_SPEECH


def noise(voice: Voice) -> Reason | None:
    """Whether the noise is so loud that level and pitch of the voice are those of the noise."""
    return Reason.TOO_NOISY if voice.snr_db < _NOISY_SNR_DB else None


def whispered(voice: Voice) -> bool:
    """Whether the recording holds the breath of speech without its voice.

    Where speech was found, hardly any of it is voiced. The detector of speech hears many a whisper as none: then it is
    bright sound (a whisper has nothing below its first formant) that comes and goes as phrases do.
    """
    if voice.high_db is None or not voice.t.size:
        return False
    if voice.stretches:
        heard = sounding(voice)
        enough = np.count_nonzero(heard) * FRAME_S >= _WHISPER_S
        return bool(enough and np.mean(np.isfinite(voice.pitch_hz[heard])) < _WHISPER_VOICED)
    over = voice.level_db > background_db(voice.level_db) + _WHISPER_OVER_DB
    bright = over & (voice.high_db > voice.level_db - _WHISPER_DULL_DB)
    spoken = [last - first for first, last in runs(over) if _SYLLABLE_S <= (last - first) * FRAME_S <= _BREATH_S]
    return bool(
        len(spoken) >= _WHISPER_PHRASES
        and sum(spoken) * FRAME_S >= _WHISPER_S / 2
        and 2 * np.count_nonzero(bright) > np.count_nonzero(over)
    )
