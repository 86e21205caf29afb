"""`Voice`: everything that was heard, as frames, stretches, syllables and words; what the measures of voice take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.series import Series, moments, spans
from liyi.core.timeline import Timeline
from liyi.core.trace import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    import numpy.typing as npt

    from liyi.core.trace import Event, FloatArray


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
class SecondHearing:
    """What the second recogniser heard, which listened for a list of phrases and for nothing else.

    Attributes
    ----------
    listened_for : tuple of str
        The wordings it listened for, in simplified characters without punctuation; those that it cannot hear are not
        among them.
    words : tuple of Word
        What it heard, in time order; ``[unk]`` stands for speech that is none of the list.
    disagreement : float or None
        Share of the syllables, compared by their sound, in which the two recognisers differ, of a sample of what the
        first one wrote; None where there were too few.
    """

    listened_for: tuple[str, ...]
    words: tuple[Word, ...]
    disagreement: float | None = None


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
    second : SecondHearing or None
        What the second recogniser heard; None where it was not asked.
    said, unsaid : tuple of Interval
        Moments of which a person said that the phrase that may have been said there was said, or was not.
    foreign : tuple of Event
        Stretches in a language that is not judged, of which there are no words; the label is Whisper's code.
    missing_s : float
        Seconds of the recording for which there is no sound: it begins late, ends early, or was lost on the way.
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
    second: SecondHearing | None = None
    said: tuple[Interval, ...] = ()
    unsaid: tuple[Interval, ...] = ()
    foreign: tuple[Event, ...] = ()
    missing_s: float = 0.0

    @property
    def foreign_s(self) -> float:
        """Seconds of speech in a language that is not judged."""
        return sum(Timeline(self.stretches).overlap_s(span) for span in self.foreign)

    @property
    def speech_s(self) -> float:
        """Seconds of all stretches of speech together."""
        return Timeline(self.stretches).duration_s

    def about(self) -> dict[str, Any]:
        """What stands beside the series: JSON values."""
        return {
            "duration_s": self.duration_s,
            "clipped_share": self.clipped_share,
            "snr_db": self.snr_db,
            "fillers_sought": self.filled is not None,
            "calibration": self.calibration and [self.calibration.start_s, self.calibration.end_s],
            "missing_s": self.missing_s,
            "language": self.transcript and self.transcript.language,
            "second": self.second
            and {
                "listened_for": list(self.second.listened_for),
                "disagreement": self.second.disagreement,
            },
        }

    def to_series(self) -> Iterator[Series]:
        """Stretches, frames, syllables, filled pauses, and the words, those of the second recogniser apart."""
        yield Series("voice.stretches", **spans(self.stretches))
        yield Series("voice.level_db", unit="dB", t_s=self.t, value=self.level_db.astype(np.float64))
        yield Series("voice.pitch_hz", unit="Hz", value=self.pitch_hz.astype(np.float64))
        if self.high_db is not None:
            yield Series("voice.high_db", unit="dB", value=self.high_db.astype(np.float64))
        yield Series("voice.nuclei", t_s=self.nuclei_s)
        yield Series("voice.filled", **moments(self.filled or ()))
        utterances = self.transcript.utterances if self.transcript else ()
        words = [word for utterance in utterances for word in utterance.words]
        counts = np.array([len(utterance.words) for utterance in utterances], dtype=np.float64)
        yield Series("voice.utterances", value=counts, text=[u.text for u in utterances], **spans(utterances))
        yield _words("voice.words", words)
        if self.second is not None:
            yield _words("voice.second", self.second.words)
        if self.foreign:
            yield Series("voice.foreign", **moments(self.foreign))

    @classmethod
    def from_series(cls, series: Mapping[str, Series], about: Mapping[str, Any]) -> Voice:
        """The voice that `to_series` and `about` gave, to the last bit.

        Raises
        ------
        LookupError, ValueError
            When a series is missing or holds something else.
        """
        stretch = about.get("calibration")
        level = series["voice.level_db"]
        return cls(
            duration_s=about["duration_s"],
            stretches=tuple(Interval(start, end) for start, end in series["voice.stretches"].spans()),
            t=level.t_s,
            level_db=level.single(),
            pitch_hz=series["voice.pitch_hz"].single(),
            nuclei_s=series["voice.nuclei"].t_s,
            filled=series["voice.filled"].events() if about.get("fillers_sought", True) else None,
            clipped_share=about["clipped_share"],
            snr_db=about["snr_db"],
            high_db=series["voice.high_db"].single() if "voice.high_db" in series else None,
            calibration=Interval(*stretch) if stretch else None,
            transcript=Transcript(about["language"], _utterances(series)) if about["language"] is not None else None,
            second=_second(about.get("second"), series),
            missing_s=about.get("missing_s", 0.0),
            foreign=series["voice.foreign"].events() if "voice.foreign" in series else (),
        )


def _words(id: str, words: Sequence[Word]) -> Series:
    sure = np.array([word.probability for word in words], dtype=np.float64)
    return Series(id, value=sure, text=[word.text for word in words], **spans(words))


def _words_of(said: Series) -> list[Word]:
    return [
        Word(start, end, text, sure)
        for (start, end), text, sure in zip(said.spans(), said.text, said.value.tolist(), strict=True)
    ]


def _second(about: Mapping[str, Any] | None, series: Mapping[str, Series]) -> SecondHearing | None:
    """What the second recogniser heard; None in what was stored before there was one, too."""
    if about is None:
        return None
    words = tuple(_words_of(series["voice.second"]))
    return SecondHearing(tuple(about["listened_for"]), words, about["disagreement"])


def _utterances(series: Mapping[str, Series]) -> tuple[Utterance, ...]:
    spoken, words = series["voice.utterances"], _words_of(series["voice.words"])
    utterances, first = [], 0
    counts = spoken.value.astype(int).tolist()
    for (start, end), text, count in zip(spoken.spans(), spoken.text, counts, strict=True):
        utterances.append(Utterance(start, end, text, tuple(words[first : first + count])))
        first += count
    return tuple(utterances)
