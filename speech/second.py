"""The second recogniser: Vosk, which listens for a list of wordings in Mandarin and for nothing else.

What belongs here: loading its model, making its grammar from wordings, and feeding it sound. It is given its list
before it listens, so it finds a listed phrase where one that writes everything down takes it for other words; but it
hears nothing else, so what it finds is to be held against what the other one wrote. SpeechRecognition's own interface
to Vosk gives neither times nor confidence, and so does not serve.
"""

from __future__ import annotations

import json
import sys
from bisect import bisect
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.errors import LiyiError
from speech.stretches import RATE
from speech.transcript import collage, level_gain, padded
from speech.voice import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy.typing as npt

    from liyi.core.trace import Interval

MODEL = "vosk_small_cn"
LANGUAGE = "zh"  # the only one that it hears
UNKNOWN = "[unk]"  # the model's own word for whatever is none of the list
_LONGEST_WORD = 8  # characters of the longest words that are asked for; its vocabulary has hardly any longer
_CHUNK = RATE // 5  # what it is fed at once, always the same, because it looks for an end of speech after each
_FULL_SCALE = 2**15 - 1
# Kaldi adds noise of this size itself so that digital silence has a spectrum, but never twice the same; its own is
# switched off in the model's settings.
_NOISE = np.random.default_rng(0).standard_normal(RATE)


class SecondFailedError(LiyiError):
    """The second recogniser is there and fails; what it should have heard is judged by the first one alone."""


def lacking() -> tuple[str, ...]:
    """What the second recogniser needs and this machine does not have sound: a Python package, or a model."""
    from liyi.modelfiles.registry import model, usable

    absent = () if find_spec("vosk") and _loads() else ("vosk",)
    return absent if usable(model(MODEL)) else (*absent, MODEL)


def failure() -> SecondFailedError | None:
    """Why it fails though nothing is lacking; None where it hears, or where something is lacking."""
    try:
        if not lacking():
            Listener(()).finish()
    except SecondFailedError as error:
        return error
    return None


@contextmanager
def _faults() -> Iterator[None]:
    """Faults of Vosk as our own: it raises none finer than Exception, and what it answers is then no JSON."""
    try:
        yield
    except (LiyiError, MemoryError):
        raise
    except Exception as error:
        raise SecondFailedError(
            "The second recogniser failed ({fault}): install the Python package vosk again, then run `liyi doctor`.",
            fault=str(error) or type(error).__name__,
        ) from error


@lru_cache(maxsize=1)
def load_second() -> Any:
    """Load the model, once per process (0.3 s).

    Raises
    ------
    ModelMissingError
        The model is not on this machine, or damaged.
    SecondFailedError
        The library cannot read it.
    """
    from liyi.modelfiles.registry import path

    with _faults():
        vosk = _vosk()
        vosk.SetLogLevel(-1)
        return vosk.Model(str(path(MODEL)))


@lru_cache(maxsize=1)
def _loads() -> bool:
    """Whether the library in the package can be loaded on this machine (once, 0.5 s)."""
    try:
        return bool(_vosk())
    except (ImportError, OSError):
        return False


def _vosk() -> Any:
    """Vosk, without the network client that it imports for downloads of its own, which are never asked of it.

    That client opens a socket as soon as it is imported.
    """
    if "vosk" in sys.modules or "requests" in sys.modules:
        return import_module("vosk")
    sys.modules["requests"] = ModuleType("requests")
    try:
        return import_module("vosk")
    finally:
        del sys.modules["requests"]


def unknown(wordings: Iterable[str]) -> tuple[str, ...]:
    """Those of the wordings that cannot be listened for, because a character in them is none of the model's."""
    return tuple(wording for wording in wordings if split(wording) is None)


def split(wording: str) -> tuple[str, ...] | None:
    """The longest words of the model's vocabulary, from left to right; None where a character is none of them."""
    model = load_second()
    words: list[str] = []
    rest = wording
    while rest:
        known = (rest[:n] for n in range(min(len(rest), _LONGEST_WORD), 0, -1))
        word = next((each for each in known if model.vosk_model_find_word(each) >= 0), None)
        if word is None:
            return None
        words.append(word)
        rest = rest[len(word) :]
    return tuple(words)


def grammar(wordings: Iterable[str]) -> tuple[str, ...]:
    """What Vosk takes as a grammar: each wording as words with spaces between, and a word for everything else."""
    return (*dict.fromkeys(" ".join(words) for words in map(split, wordings) if words), UNKNOWN)


class Listener:
    """A stream of sound and the words that are heard in it; for one thread at a time.

    Parameters
    ----------
    wordings
        What is listened for, in simplified characters without punctuation; what `unknown` gives of them is left out.
        None to write down whatever is said, at several times the cost.

    Raises
    ------
    ModelMissingError, SecondFailedError
        As `load_second` raises them, each method as well.
    """

    def __init__(self, wordings: Iterable[str] | None) -> None:
        listed = () if wordings is None else (json.dumps(grammar(wordings), ensure_ascii=False),)
        with _faults():
            self._recogniser = _vosk().KaldiRecognizer(load_second(), RATE, *listed)
            self._recogniser.SetWords(True)
        self._held = np.zeros(0, np.float32)
        self._fed = 0  # samples of the stream
        self._from_s: list[float] = []  # where in the stream a stretch begins,
        self._later_s: list[float] = []  # and how much later it is in the recording

    def accept(self, samples: npt.NDArray[np.float32], start_s: float | None = None) -> tuple[Word, ...]:
        """Take sound in, and return the words that are finished with it, at their times in the recording.

        Parameters
        ----------
        samples : float32 array, shape (n,)
            Mono, 16 kHz, full scale 1.
        start_s : float or None
            Where they begin in the recording, in seconds; None when they follow on what was taken in before.
        """
        if start_s is not None or not self._from_s:
            now_s = (self._fed + self._held.size) / RATE
            self._from_s.append(now_s)
            self._later_s.append((start_s or 0.0) - now_s)
        sound = np.concatenate([self._held, samples])
        whole = sound.size - sound.size % _CHUNK
        self._held = sound[whole:]
        found: list[Word] = []
        for first in range(0, whole, _CHUNK):
            if self._feed(sound[first : first + _CHUNK]):
                with _faults():
                    found += self._placed(self._recogniser.Result())
        return tuple(found)

    def partial(self) -> tuple[str, ...]:
        """The words that have begun and may still become others."""
        with _faults():
            return tuple(json.loads(self._recogniser.PartialResult()).get("partial", "").split())

    def finish(self) -> tuple[Word, ...]:
        """The words that are left when the sound has ended; the stream may go on with other sound."""
        if self._held.size:
            self._feed(self._held)
            self._held = self._held[:0]
        with _faults():
            return tuple(self._placed(self._recogniser.FinalResult()))

    def _feed(self, sound: npt.NDArray[np.float32]) -> bool:
        noise = np.take(_NOISE, np.arange(self._fed, self._fed + sound.size), mode="wrap")
        samples = np.clip(sound * _FULL_SCALE + noise, -_FULL_SCALE, _FULL_SCALE).astype("<i2")
        self._fed += sound.size
        with _faults():
            return bool(self._recogniser.AcceptWaveform(samples.tobytes()))

    def _placed(self, answer: str) -> list[Word]:
        """Words of an answer with times of the recording, each within the stretch in which most of it lies."""
        words = []
        for each in json.loads(answer).get("result", ()):
            at = max(bisect(self._from_s, (each["start"] + each["end"]) / 2) - 1, 0)
            last_s = self._from_s[at + 1] if at + 1 < len(self._from_s) else self._fed / RATE
            start_s, end_s = (
                min(max(each[edge], self._from_s[at]), last_s) + self._later_s[at] for edge in ("start", "end")
            )
            words.append(Word(round(start_s, 3), round(end_s, 3), each["word"], round(each["conf"], 4)))
        return words


def hear(
    samples: npt.NDArray[np.float32], speech: Sequence[Interval], *, listener: Listener, offset_s: float = 0.0
) -> tuple[Word, ...]:
    """Have a listener hear the speech of one piece of sound, at one level whatever the gain was.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        Mono, 16 kHz.
    speech : sequence of Interval
        Where speech is, in seconds within the piece; nothing else is listened to.
    listener : Listener
        Also hears the other pieces of the recording, in time order.
    offset_s : float
        Start of the piece in the recording.

    Returns
    -------
    tuple of Word
        What is finished with this piece; the rest comes with the next or with `Listener.finish`.
    """
    spans = padded(speech, samples.size / RATE)
    if not spans:
        return ()
    gain = level_gain(collage(samples, spans))
    found: list[Word] = []
    for span in spans:
        sound = samples[round(span.start_s * RATE) : round(span.end_s * RATE)]
        found += listener.accept(sound * gain, offset_s + span.start_s)
    return tuple(found)
