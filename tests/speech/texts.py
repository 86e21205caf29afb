"""A `Voice` of which only the words are known: a text said at an even pace, as one recogniser or both heard it."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from pypinyin import lazy_pinyin

from liyi.core.trace import Interval
from speech.characters import readings
from speech.voice import SecondHearing, Transcript, Utterance, Voice, Word

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable

STEP_S = 0.2  # seconds a syllable
_PIECE = re.compile(r"\[(?P<pause>[\d.]+)\]|(?P<word>[A-Za-z'’]+|\d+|[^\W_]|_)|(?P<mark>[^\w\s])")


def words_of(text: str, *, probability: float = 0.95, start_s: float = 0.0) -> list[Word]:
    """One word a character (in English one a word), punctuation after it; ``[1.5]`` is a pause of so many seconds."""
    words: list[Word] = []
    for piece in _PIECE.finditer(text):
        if piece["pause"]:
            start_s += float(piece["pause"])
        elif piece["word"]:
            words.append(Word(start_s, start_s + STEP_S, piece["word"], probability))
            start_s += STEP_S
        elif words:
            last = words[-1]
            words[-1] = Word(last.start_s, last.end_s, last.text + piece["mark"], last.probability)
    return words


def hearing(text: str, **changed: Any) -> SecondHearing:
    """What the second recogniser heard: the words as they stand, ``[unk]`` where ``_`` stands."""
    plain = [
        Word(word.start_s, word.end_s, "[unk]" if word.text == "_" else word.text.strip("，。！？,.?!"), 0.99)
        for word in words_of(text)
    ]
    return SecondHearing((), tuple(plain), **changed)


def voice_of_text(
    text: str | Iterable[Word],
    *,
    language: str = "zh",
    second: SecondHearing | str | None = None,
    probability: float = 0.95,
    **changed: Any,
) -> Voice:
    """A voice that said ``text``; ``second`` is ``both`` (the same words), a hearing, or nothing."""
    words = tuple(words_of(text, probability=probability) if isinstance(text, str) else text)
    written = "".join(word.text for word in words)
    end_s = words[-1].end_s if words else 1.0
    t = (np.arange(round((end_s + 0.5) * 100)) + 0.5) / 100
    sounds = np.zeros(t.size, bool)
    for word in words:
        sounds |= (t >= word.start_s) & (t < word.end_s)
    heard = hearing(text) if second == "both" and isinstance(text, str) else second
    made: dict[str, Any] = {
        "duration_s": end_s + 0.5,
        "stretches": (Interval(0.0, end_s),),
        "t": t,
        "level_db": np.where(sounds, -20, -70).astype(np.float32),
        "pitch_hz": np.where(sounds, 150, np.nan).astype(np.float32),
        "nuclei_s": np.array([word.start_s + STEP_S / 2 for word in words]),
        "filled": (),
        "clipped_share": 0.0,
        "snr_db": 40.0,
        "transcript": Transcript(language, (Utterance(0.0, end_s, written, words),)) if words else None,
        "second": heard,
    }
    return Voice(**{**made, **changed})


@cache
def homophones() -> dict[str, list[str]]:
    """The characters of GB 2312 that have one reading, by it."""
    found: dict[str, list[str]] = {}
    for row, column in product(range(0xB0, 0xF8), range(0xA1, 0xFF)):
        character = bytes((row, column)).decode("gb2312", "ignore")
        if character and len(readings(character)) == 1:
            found.setdefault(min(readings(character)), []).append(character)
    return found


def homophone(character: str, chance: random.Random) -> str:
    """Another character that sounds as this one usually does and in no other way; itself when there is none."""
    usual = lazy_pinyin(character)[0].replace("nin", "ni")
    return chance.choice(homophones().get(usual, [character]))
