"""A known text read aloud: how much of it the recogniser mishears of this speaker, at this microphone, in this room.

What belongs here: the texts, comparing what was heard with them by its sound, and the figures of one reading.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from speech.stretches import RATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from speech.voice import Voice

_TEXTS = Path(__file__).with_suffix(".toml")
OTHER_TEXT = 0.6  # of the syllables misheard: another text was read, or none
_CHARACTERS_OR_NOT = re.compile(r"([\u3400-\u9fff]+)|([^\u3400-\u9fff]+)")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


@dataclass(frozen=True)
class Reading:
    """What a reading gave; None where it could not be measured.

    Attributes
    ----------
    misheard : float
        Share of the text's syllables (English: words) that were heard as others, left out or put in, 0..1.
    misheard_error : float
        One sigma of it, by the number of syllables.
    speech_s : float
        Seconds of speech.
    pace, pace_error : float or None
        In ``pace_unit``.
    level_db : float or None
        Median level of the speech, in dB re full scale.
    snr_db, snr_error : float or None
        Level of the speech over that of the background, in dB.
    """

    misheard: float
    misheard_error: float
    speech_s: float
    pace: float | None = None
    pace_error: float | None = None
    pace_unit: str = ""
    level_db: float | None = None
    snr_db: float | None = None
    snr_error: float | None = None


@cache
def texts() -> Mapping[str, str]:
    """The texts that can be read, by language."""
    return MappingProxyType(tomllib.loads(_TEXTS.read_text(encoding="utf-8")))


def sounds(text: str, language: str) -> list[str]:
    """What a text is made of, to be compared by the ear: toneless syllables in Chinese, else words.

    Parameters
    ----------
    text
        In simplified characters, if in Chinese.
    language
        ``zh`` or another code.
    """
    if language != "zh":
        return _WORD.findall(text.lower().replace("’", "'"))
    from pypinyin import lazy_pinyin

    parts = _CHARACTERS_OR_NOT.findall(text.lower())
    return [sound for han, rest in parts for sound in (lazy_pinyin(han) if han else _WORD.findall(rest))]


def distance(a: Sequence[str], b: Sequence[str]) -> int:
    """How many must be changed, left out or put in to make one sequence of the other (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (one != other))
    return row[-1]


def misheard(known: str, heard: str, language: str) -> tuple[float, float]:
    """Share of the known text that was misheard, 0..1, and one sigma of it.

    Parameters
    ----------
    known
        What was to be read.
    heard
        What the recogniser wrote.
    language
        Of both.
    """
    truth = sounds(known, language)
    share = min(1.0, distance(truth, sounds(heard, language)) / len(truth))
    # Wilson's half width: a share of nothing in a hundred syllables is not known to the last digit either.
    n = len(truth)
    return share, float(np.sqrt(share * (1 - share) / n + 1 / (4 * n**2)) / (1 + 1 / n))


def read_aloud(samples: npt.NDArray[np.float32], language: str, recogniser: str) -> Reading:
    """Hear somebody read the text of `texts` in a language.

    Parameters
    ----------
    samples : float32 array, shape (n,)
        Mono, 16 kHz, full scale 1.
    language
        A key of `texts`.
    recogniser
        Model for `speech.transcript.load_recogniser`.

    Raises
    ------
    ModelMissingError, LiyiError
        The recogniser cannot be loaded.
    """
    from speech.listening import listen

    blocks = (samples[first : first + RATE] for first in range(0, samples.size, RATE))
    return figures(listen(blocks, language=language, recogniser=recogniser), language)


def figures(voice: Voice, language: str) -> Reading:
    """The figures of a reading that was heard."""
    from liyi.core.trace import Scalar
    from speech.measures import MEASURES

    utterances = voice.transcript.utterances if voice.transcript else ()
    share, error = misheard(texts()[language], " ".join(each.text for each in utterances), language)
    found = {each.id: each(voice, None) for each in MEASURES if each.id in ("pace", "snr")} if voice.stretches else {}
    told = {id: signal for id, signal in found.items() if isinstance(signal, Scalar) and np.isfinite(signal.value)}
    spoken = np.zeros(voice.t.size, dtype=np.bool_)
    for stretch in voice.stretches:
        spoken |= stretch.covers(voice.t)
    pace, snr = told.get("pace"), told.get("snr")
    return Reading(
        share, error, voice.speech_s,
        pace=pace.value if pace else None, pace_error=pace.error if pace else None, pace_unit=pace.unit if pace else "",
        level_db=float(np.median(voice.level_db[spoken])) if spoken.any() else None,
        snr_db=snr.value if snr else None, snr_error=snr.error if snr else None,
    )  # fmt: skip
