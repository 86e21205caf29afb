"""What stands around a listed phrase: whether its words are a fault there, by rules that hold for every phrase.

What belongs here: `Allowance`, the words of a norm pack that turn a phrase round, soften it or say nothing themselves,
and `freed`, the rule made of them. Finding the phrase is `speech.phrases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from speech.characters import readings
from speech.patterns import backward, forward, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speech.patterns import Sequence
    from speech.syllable_line import Line

Severity = Literal["", "minor", "major", "veto"]
Kind = Literal["before", "after", "near", "empty", "opens"]

_NOT = frozenset({"bu", "mei"})
_BEFORE, _AFTER, _AFTER_S = 12, 20, 6.0  # courtesy that belongs to a phrase: syllables before and after it, seconds


@dataclass(frozen=True)
class Allowance:
    """Words around a listed phrase that make it no fault, or that say nothing beside it.

    Attributes
    ----------
    kind : str
        ``before``, ``after``: one of ``patterns`` ends where the phrase begins, or begins where it ends, and turns it
        round: 不用……, 您说……, 如果……; ……的话, ……没关系. ``near``: courtesy (我帮您, 请您, 对不起) that begins at most
        12 syllables before the phrase, in the same sentence, or at most 20 syllables and 6 s after it. It softens what
        is minor, and frees other phrases that are only part of their clause. ``empty``: words with no sense of their
        own (这个事, 啊): a phrase with nothing else beside it makes the whole clause. ``opens``: words with which
        another clause begins, where nobody pauses.
    patterns : tuple of str
        Written as those of a `Phrase`; each must be said exactly. A gap is written: ``不用~`` is 不用 up to three
        syllables before the phrase.
    severities : tuple of str
        What it frees; every severity when empty.
    phrases : tuple of str
        Ids of the phrases that it frees; all when empty.
    """

    kind: Kind
    patterns: tuple[str, ...]
    severities: tuple[Severity, ...] = ()
    phrases: tuple[str, ...] = ()

    def speaks_for(self, id: str, severity: str) -> bool:
        """Whether it can free the phrase at all."""
        return (not self.severities or severity in self.severities) and (not self.phrases or id in self.phrases)


@dataclass(frozen=True)
class Place:
    """A phrase in a line: its id and severity, and the boundaries before its first and after its last syllable."""

    id: str
    severity: str
    first: int
    last: int


def freed(place: Place, line: Line, allowances: tuple[Allowance, ...], faults: int = 0) -> str:
    """``freed`` or ``softened`` where what stands around the phrase makes it no fault; empty where it is one.

    Parameters
    ----------
    place, line
        The phrase where it was said.
    allowances
        Of the norm pack.
    faults
        Bits of the syllables that belong to any phrase: beside one of those a phrase still makes its clause alone.
    """
    mine = [each for each in allowances if each.speaks_for(place.id, place.severity)]
    courtesy = _courteous(place, line, mine)
    if courtesy == "part" or _turned_round(place, line, mine):
        return "freed"
    if place.severity in ("", "minor") and (courtesy or not place.severity):
        return "softened" if courtesy else ""
    begins, ends = _edges(place, line, allowances, faults)  # as long as all of the rest together
    if courtesy and not (begins and ends):
        return "freed"
    clauses = any(each.kind in ("empty", "opens") for each in allowances)
    return "doubtful" if clauses and not begins else ""


def _turned_round(place: Place, line: Line, allowances: Iterable[Allowance]) -> bool:
    if _asks(place, line):
        return True
    for each in allowances:
        parts = _parts(each.patterns)
        if each.kind == "before" and any(backward(part, (1 << place.first, 0), line)[0] for part in parts):
            return True
        if each.kind == "after" and any(forward(part, (1 << place.last, 0), line)[0] for part in parts):
            return True
    return False


def _asks(place: Place, line: Line) -> bool:
    """Whether the phrase is the rest of a question such as 是不是…, 归不归…: 不 or 没 between the same word twice."""
    if not 0 < place.first < place.last - 1:
        return False
    before, negation, after = (line.syllables[place.first + step].token for step in (-1, 0, 1))
    return not _NOT.isdisjoint(readings(negation)) and bool(before) and not readings(before).isdisjoint(readings(after))


def _courteous(place: Place, line: Line, allowances: Iterable[Allowance]) -> str:
    """``near``: courtesy stands before the phrase in its sentence or soon after it; ``part``: it holds a part of it."""
    begins = 0
    for boundary in range(place.last - 1, max(-1, place.first - 1 - _BEFORE), -1):
        if not line.syllables[boundary].token:
            break
        begins |= 1 << boundary
    end_s = line.syllables[place.last - 1].end_s
    for boundary in range(place.last, min(len(line.syllables), place.last + _AFTER)):
        if line.syllables[boundary].start_s <= end_s + _AFTER_S:
            begins |= 1 << boundary
    inside = ((1 << place.last) - 1) & ~((1 << place.first + 1) - 1)  # boundaries within the phrase
    before, after = begins & ((1 << place.first) - 1), begins >> place.last << place.last
    found = ""
    for part in (part for each in allowances if each.kind == "near" for part in _parts(each.patterns)):
        ends = forward(part, (before, 0), line)[0]
        if ends & inside or forward(part, (begins & inside, 0), line)[0] >> place.last + 1:
            return "part"
        if ends & ~inside & ((2 << place.first) - 1) or forward(part, (after, 0), line)[0]:
            found = "near"
    return found


def _edges(place: Place, line: Line, allowances: Iterable[Allowance], faults: int) -> tuple[bool, bool]:
    """Whether the phrase begins its clause, and whether it ends it: beside it only empty words and other phrases."""
    empty = [part for each in allowances if each.kind == "empty" for part in _parts(each.patterns)]
    opens = [part for each in allowances if each.kind == "opens" for part in _parts(each.patterns)]
    courtesy = [part for each in allowances if each.kind == "near" for part in _parts(each.patterns)]
    begun = _over(empty, 1 << place.first, line, faults, ahead=False)
    ended = _over(empty, 1 << place.last, line, faults, ahead=True)
    here = 1 << place.first
    if not any(forward(part, (here, 0), line)[0] for part in empty):
        begun &= ~here | line.begins  # it does not begin with its subject
    opened = any(forward(part, (begun, 0), line)[0] for part in opens)
    closed = any(forward(part, (ended, 0), line)[0] for part in (*opens, *courtesy))
    return opened or bool(begun & line.begins), closed or bool(ended & line.ends)


def _over(empty: list[Sequence], at: int, line: Line, faults: int, *, ahead: bool) -> int:
    """Boundaries that are reached over empty words and over syllables of phrases."""
    reached = at
    while at:
        step = (at & faults) << 1 if ahead else (at >> 1) & faults
        for part in empty:
            step |= (forward if ahead else backward)(part, (at, 0), line)[0]
        at = step & ~reached
        reached |= at
    return reached


@lru_cache(maxsize=256)
def _parts(patterns: tuple[str, ...]) -> tuple[Sequence, ...]:
    return tuple(parsed(pattern) for pattern in patterns)
