"""`Voice`: everything that was heard, as frames, stretches, syllables and words; what the measures of voice take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.timeline import Timeline

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from liyi.core.trace import Event, FloatArray, Interval


@dataclass(frozen=True)
class Word:
    """One recognised word (in Chinese usually one or two characters) with its time and the recogniser's confidence."""

    start_s: float
    end_s: float
    text: str
    probability: float


@dataclass(frozen=True)
class Utterance:
    """A recognised phrase; ``words`` in time order."""

    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Transcript:
    """What was said, in simplified characters or in English; ``language`` is ``zh``, ``en`` or another code."""

    language: str
    utterances: tuple[Utterance, ...]


@dataclass(frozen=True)
class Voice:
    """What the measures of voice take.

    Attributes
    ----------
    duration_s : float
        Length of the sound, in seconds.
    stretches : tuple of Interval
        Where speech was detected, in time order.
    t : array, shape (m,)
        Frame times, 10 ms apart, in seconds.
    level_db : float32 array, shape (m,)
        Level of the speech band in dB re full scale.
    pitch_hz : float32 array, shape (m,)
        Fundamental frequency; NaN where unvoiced.
    nuclei_s : array, shape (k,)
        Times of the syllable nuclei found in the sound.
    filled : tuple of Event or None
        Filled pauses found in the sound (attribute ``probability``); None where they were not looked for: speech too
        slow for the detector, or hardly any sound like a vowel.
    clipped_share : float
        Share of samples at full scale in speech, 0..1.
    snr_db : float
        Level of speech over level of the background; NaN without speech.
    transcript : Transcript or None
        None when no recogniser was asked or nothing was recognised.
    high_db : float32 array, shape (m,), or None
        Level of 1-5 kHz in dB re full scale; None in what was stored before it was measured.
    calibration : Interval or None
        Stretch in which the person did or named what is usual for them; None without one.
    """

    duration_s: float
    stretches: tuple[Interval, ...]
    t: FloatArray
    level_db: npt.NDArray[np.float32]
    pitch_hz: npt.NDArray[np.float32]
    nuclei_s: FloatArray
    filled: tuple[Event, ...] | None
    clipped_share: float
    snr_db: float
    transcript: Transcript | None
    high_db: npt.NDArray[np.float32] | None = None
    calibration: Interval | None = None

    @property
    def speech_s(self) -> float:
        """Seconds of all stretches of speech together."""
        return Timeline(self.stretches).duration_s
