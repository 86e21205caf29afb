"""What a recogniser heard as one line of syllables with times, in which patterns are looked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from speech.characters import alike, readings
from speech.patterns import WEAK, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speech.voice import Word

UNKNOWN = "[unk]"  # speech that the second recogniser did not listen for
_BREAK = ""  # a pause across which nobody goes on with the same sentence
BREAK_S = 1.0
_EDGE_S = 0.3  # a pause at which a clause ends
_FINAL = frozenset({"ma", "ne", "ba", "a", "ya", "la", "o"})  # particles that end a clause


@dataclass(frozen=True)
class Syllable:
    """One syllable (in English one word): how it was written, its time in seconds, and the word's probability."""

    token: str
    start_s: float
    end_s: float
    probability: float


@dataclass(frozen=True)
class Line:
    """Syllables in time order, and by sound the places where each stands: bit i is syllable i.

    Attributes
    ----------
    syllables : tuple of Syllable
        A pause too long for one sentence is one with an empty token.
    places : dict
        Bits by reading.
    spoken, weak : int
        Which are spoken at all; which are particles.
    begins, ends : int
        Boundaries (bit i is that before syllable i) at which a clause may begin, or end.
    """

    syllables: tuple[Syllable, ...]
    places: dict[str, int]
    spoken: int
    weak: int
    begins: int
    ends: int
    _same: dict[str, int] = field(default_factory=dict)
    _similar: dict[str, int] = field(default_factory=dict)

    @property
    def every(self) -> int:
        """All boundaries."""
        return (1 << (len(self.syllables) + 1)) - 1

    def same(self, token: str) -> int:
        """Syllables that sound like ``token``."""
        if token not in self._same:
            self._same[token] = self._at(readings(token))
        return self._same[token]

    def similar(self, token: str) -> int:
        """Syllables that are easily taken for ``token``."""
        if token not in self._similar:
            taken = {other for other in self.places for reading in readings(token) if alike(reading, other)}
            self._similar[token] = self._at(taken) & ~self.same(token)
        return self._similar[token]

    def _at(self, sounds: Iterable[str]) -> int:
        bits = 0
        for sound in sounds:
            bits |= self.places.get(sound, 0)
        return bits

    def text(self, first: int, last: int) -> str:
        """What was written from syllable ``first`` to before ``last``."""
        written = [syllable.token for syllable in self.syllables[first:last] if syllable.token]
        return ("" if all(len(token) == 1 for token in written) else " ").join(written)

    def between(self, start_s: float, end_s: float) -> tuple[int, int]:
        """First syllable whose middle lies in a stretch of time, and one past the last; the same boundary for none."""
        inside = [
            place
            for place, each in enumerate(self.syllables)
            if each.token and start_s <= (each.start_s + each.end_s) / 2 <= end_s
        ]
        if inside:
            return inside[0], inside[-1] + 1
        before = sum((each.start_s + each.end_s) / 2 < start_s for each in self.syllables)
        return before, before


@lru_cache(maxsize=8)
def line_of(words: tuple[Word, ...], least_probability: float = 0.0) -> Line:
    """The line of ``words`` in time order; those under ``least_probability`` are speech that nobody understood."""
    syllables: list[Syllable] = []
    for word in words:
        said = [UNKNOWN] if word.text == UNKNOWN or word.probability < least_probability else list(tokens(word.text))
        if syllables and said and word.start_s - syllables[-1].end_s > BREAK_S:
            syllables.append(Syllable(_BREAK, syllables[-1].end_s, word.start_s, 0.0))
        each_s = (word.end_s - word.start_s) / max(1, len(said))
        for place, token in enumerate(said):
            start_s = word.start_s + place * each_s
            syllables.append(Syllable(token, start_s, start_s + each_s, word.probability))
    return _line(tuple(syllables))


def _line(syllables: tuple[Syllable, ...]) -> Line:
    places: dict[str, int] = {}
    spoken = weak = 0
    for place, syllable in enumerate(syllables):
        bit = 1 << place
        if syllable.token == _BREAK:
            continue
        spoken |= bit
        if syllable.token == UNKNOWN:
            continue
        sounds = readings(syllable.token)
        weak |= bit if not WEAK.isdisjoint(sounds) else 0
        for reading in sounds:
            places[reading] = places.get(reading, 0) | bit
    begins = ends = 1 | 1 << len(syllables)
    for place, (before, after) in enumerate(pairwise(syllables), start=1):
        paused = not before.token or not after.token or after.start_s - before.end_s >= _EDGE_S
        begins |= 1 << place if paused or _final(before) else 0
        ends |= 1 << place if paused or (_final(after) and _closes(syllables, place)) else 0
    return Line(syllables, places, spoken, weak, begins, ends)


def _final(syllable: Syllable) -> bool:
    return not _FINAL.isdisjoint(readings(syllable.token))


def _closes(syllables: tuple[Syllable, ...], place: int) -> bool:
    """Whether the particle at ``place`` is the last of its clause."""
    if place + 1 == len(syllables):
        return True
    after = syllables[place + 1]
    return not after.token or after.start_s - syllables[place].end_s >= _EDGE_S
