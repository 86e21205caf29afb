"""With what voice it is said: vocal folds or breath, an open mouth or a closed one, at ease or strained.

The spectrum depends on the microphone too: what is said of it is a cue, and the bands are wide.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import Attribute, Found, Happened, Single
from liyi.core.reasons import Reason
from liyi.core.trace import Event
from speech.frames import FRAME_S
from speech.measures.declare import measure
from speech.measures.phrasing import noise, obstacle, phrases, sounding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import BoolArray
    from speech.voice import Voice

_NOISY_DB = 15.0  # under this the noise adds to the high half of the spectrum, and a voice seems brighter than it is

_PITCH_HZ = 200.0  # half way between the usual voices of men and women
# Voiced, ten to fifteen syllables: an orator's first 2 s, the stressed words of two sentences, lie 13 dB over the rest.
_CALIBRATED_S = 2.5
_STEADY_DB = 6.5  # SD of the level of ordinary speech from frame to frame; a shout is pressed against its ceiling


@measure("voiced_share", kind="scalar", unit="%", error="voiced_share", params={"min_sounding_s": 3.0})
def voiced_share(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the sound of the voice in which the vocal folds swing: hardly any in a whisper."""
    reason = noise(voice) if voice.stretches else obstacle(voice, quiet=True)
    if reason:
        return reason
    heard = sounding(voice)
    seconds = np.count_nonzero(heard) * FRAME_S
    if seconds < params["min_sounding_s"]:
        return Reason.TOO_LITTLE_SPEECH
    value = 100 * float(np.mean(np.isfinite(voice.pitch_hz[heard])))
    return Single(value, seconds, evidence=_least_voiced(voice, heard))


@measure("brightness", kind="scalar", unit="dB", error="brightness", params={"min_voiced_s": 3.0})
def brightness(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Level of 1-5 kHz over that below 1 kHz, in dB (alpha ratio): low in a mumble and under a covered microphone."""
    if reason := _obstacle_to_spectrum(voice):
        return reason
    heard = sounding(voice) & np.isfinite(voice.pitch_hz)
    seconds = np.count_nonzero(heard) * FRAME_S
    if seconds < params["min_voiced_s"]:
        return Reason.TOO_LITTLE_SPEECH
    return Single(_alpha_db(voice, heard), seconds)


@measure(
    "strained_voice",
    kind="events",
    unit="s",
    error=0.0,
    params={"min_voiced_s": 5.0, "min_strain_db": -4.0, "min_rise_db": 9.0},
    attributes={"strain_db": Attribute("dB")},
)
def strained_voice(voice: Voice, params: Mapping[str, Any]) -> Found:
    """The whole speech, where it sounds like a voice raised throughout; a cue, for a person to decide.

    With enough speech in the calibration, what follows is brighter, higher and louder than that, by ``min_rise_db`` in
    sum (a semitone counts as a decibel). Without, it is bright, high and even at once: one of the three may be the
    microphone, the person or the subject, and even together they say little of how this person usually speaks. What is
    found without a calibration is therefore undecided, never an event.
    """
    if reason := _obstacle_to_spectrum(voice):
        return reason
    heard = sounding(voice)
    voiced = heard & np.isfinite(voice.pitch_hz)
    usual = _calibrated(voice)
    judged = voiced if usual is None else voiced & (voice.t > voice.t[usual][-1])
    if np.count_nonzero(judged) * FRAME_S < params["min_voiced_s"]:
        return Reason.TOO_LITTLE_SPEECH
    if usual is None:
        evenness_db = _STEADY_DB - float(np.std(voice.level_db[heard]))
        strain = _alpha_db(voice, judged) + _height_st(voice, judged) + evenness_db
        raised = strain >= params["min_strain_db"]
    else:
        strain = _effort(voice, judged) - _effort(voice, usual)
        raised = strain >= params["min_rise_db"]
    watched_s = np.count_nonzero(judged) * FRAME_S
    first_s, last_s = float(voice.t[judged][0]) - FRAME_S / 2, float(voice.t[judged][-1]) + FRAME_S / 2
    item = Event(first_s, last_s, {"strain_db": strain}, f"{strain:+.0f} dB")
    found = (item,) if raised else ()
    if usual is None:
        return Happened((), watched_s, undecided=found)
    return Happened(found, watched_s)


@measure(
    "weak_voice",
    kind="events",
    unit="s",
    error=0.0,
    params={"min_voiced_s": 5.0, "min_fall_db": 12.0},
    attributes={"fall_db": Attribute("dB")},
)
def weak_voice(voice: Voice, params: Mapping[str, Any]) -> Found:
    """All speech, where it is softer, lower and duller than in the calibration by ``min_fall_db`` in sum.

    A semitone counts as a decibel. Without speech in a calibration nothing is said: a microphone further away sounds
    as soft.
    """
    if reason := _obstacle_to_spectrum(voice):
        return reason
    usual = _calibrated(voice)
    if usual is None:
        return Reason.NO_SPOKEN_CALIBRATION
    judged = sounding(voice) & np.isfinite(voice.pitch_hz) & (voice.t > voice.t[usual][-1])
    watched_s = np.count_nonzero(judged) * FRAME_S
    if watched_s < params["min_voiced_s"]:
        return Reason.TOO_LITTLE_SPEECH
    fall_db = _effort(voice, usual) - _effort(voice, judged)
    first_s, last_s = float(voice.t[judged][0]) - FRAME_S / 2, float(voice.t[judged][-1]) + FRAME_S / 2
    item = Event(first_s, last_s, {"fall_db": fall_db}, f"{-fall_db:+.0f} dB")
    return Happened((item,) if fall_db >= params["min_fall_db"] else (), watched_s)


def _calibrated(voice: Voice) -> BoolArray | None:
    """Voiced frames of the calibration; None without one, or with too little speech in it.

    What is judged is a voice from which the stretches of the calibration were taken: here they are put back.
    """
    if voice.calibration is None:
        return None
    inside = sounding(replace(voice, stretches=(voice.calibration,))) & np.isfinite(voice.pitch_hz)
    return inside if np.count_nonzero(inside) * FRAME_S >= _CALIBRATED_S else None


def _effort(voice: Voice, part: BoolArray) -> float:
    """Brightness, height and level of the frames ``part``, in sum: means something only beside another sum."""
    return _alpha_db(voice, part) + _height_st(voice, part) + float(np.median(voice.level_db[part]))


def _height_st(voice: Voice, part: BoolArray) -> float:
    return 12 * float(np.log2(np.median(voice.pitch_hz[part]) / _PITCH_HZ))


def _obstacle_to_spectrum(voice: Voice) -> Reason | None:
    if reason := obstacle(voice, quiet=True):
        return reason
    if voice.high_db is None:
        return Reason.TOO_LITTLE_SPEECH
    return Reason.TOO_NOISY if voice.snr_db < _NOISY_DB else None


def _alpha_db(voice: Voice, part: BoolArray) -> float:
    """Energy over 1 kHz against the energy below it, of the frames ``part``."""
    assert voice.high_db is not None
    high = float(np.sum(10 ** (voice.high_db[part].astype(np.float64) / 10)))
    both = float(np.sum(10 ** (voice.level_db[part].astype(np.float64) / 10)))
    return 10 * float(np.log10(max(high, 1e-12) / max(both - high, 1e-12)))


def _least_voiced(voice: Voice, heard: BoolArray) -> tuple[Event, ...]:
    """Phrases with the least voice, least first."""
    events = []
    for phrase in phrases(voice):
        first, last = np.searchsorted(voice.t, (phrase.start_s, phrase.end_s))
        sound = heard[first:last]
        if np.count_nonzero(sound) * FRAME_S >= 0.5:
            value = 100 * float(np.mean(np.isfinite(voice.pitch_hz[first:last][sound])))
            events.append(Event(phrase.start_s, phrase.end_s, {"value": value}, f"{value:.0f} %"))
    return tuple(sorted(events, key=lambda event: event.attributes["value"])[:5])
