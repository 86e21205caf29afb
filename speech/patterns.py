"""The patterns that phrases are written in: read, checked, and looked for in a line of spoken syllables.

All places of a line are tried at once: bit i of a number stands for the boundary before syllable i, and a pattern moves
the bits of the boundaries that it can have come to. So a list of hundreds of phrases takes milliseconds for ten
minutes of speech, with alternatives, gaps and one wrong syllable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, product
from math import prod
from typing import TYPE_CHECKING

from liyi.core.words import N_
from speech.characters import HAN, readings, simplified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speech.syllable_line import Line

GAP, SHORT_GAP = 12, 3  # syllables that … and ~ stand for at most
ERRORS_FROM = 5  # syllables from which one may be wrong: of shorter ones too many other words are one syllable away
MOST_VARIANTS = 4096  # ways to say one pattern
MOST_SIGNS, MOST_DEEP = 200, 8  # characters of a pattern, and brackets within brackets

_TOKEN = re.compile(
    rf"(?P<gap>…+|\.{{3,}}|[×Xx]{{2,}}|×)|(?P<short>~)|(?P<sign>!\(|[()|\[\]^$])|(?P<word>[{HAN}]|\d+|[A-Za-z][A-Za-z'’]*)"
)
_SPOKEN = re.compile(rf"[{HAN}]|\d+|[A-Za-z][A-Za-z'’]*")
# Particles come and go between what is said and what is written; one of them more or less is one wrong syllable.
WEAK = frozenset({"de", "le", "ma", "a", "ne", "ba", "ya", "la", "o", "en", "the", "just", "well"})
_ENDING, _TWO = frozenset({"er"}), "二贰貳"  # 事 and 事儿 are one word: the ending, however written, is left out


@dataclass(frozen=True)
class Said:
    """One syllable (in English: one word) that must be said."""

    token: str


@dataclass(frozen=True)
class Gap:
    """Up to so many syllables of anything."""

    most: int


@dataclass(frozen=True)
class OneOf:
    """One of several sequences; an empty one makes it optional."""

    choices: tuple[Sequence, ...]


@dataclass(frozen=True)
class NoneOf:
    """What stands here (``behind``: before here) is none of several sequences."""

    choices: tuple[Sequence, ...]
    behind: bool


@dataclass(frozen=True)
class Edge:
    """A clause begins here, or ends here."""

    begins: bool


Part = Said | Gap | OneOf | NoneOf | Edge
Sequence = tuple[Part, ...]
Reached = tuple[int, int]  # boundaries reached without an error, and with one
_NOWHERE = (0, 0)


def tokens(text: str) -> Iterator[str]:
    """What of a text is spoken, piece by piece: a Han character, a digit (numbers up to 99 as said), a word."""
    for piece in _SPOKEN.findall(text):
        if piece.isdigit():
            yield from _number(piece)
        elif piece.isascii():
            yield piece.lower().replace("'", "")
        elif piece in _TWO or readings(piece) != _ENDING:
            yield piece.lower().replace("’", "")


def _number(digits: str) -> str:
    """A number as it is said when it is short, else digit by digit."""
    if len(digits) != 2 or digits[0] == "0":
        return digits
    tens, ones = digits[0], digits[1]
    return f"{'' if tens == '1' else tens}十{'' if ones == '0' else ones}"


# ------------------------------------------------------------------ reading


class _Fault(ValueError):
    """A pattern that cannot be read; its text is the sentence."""


@lru_cache(maxsize=4096)
def parsed(pattern: str) -> Sequence:
    """The pattern as parts.

    Raises
    ------
    ValueError
        With the sentence of `pattern_fault`.
    """
    if len(pattern) > MOST_SIGNS:
        raise _Fault(N_("It is too long: make several patterns of it."))
    signs = [(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(simplified(pattern))]
    opened = accumulate((sign[-1] in "([") - (sign in (")", "]")) for _, sign in signs)
    if max(opened, default=0) > MOST_DEEP:
        raise _Fault(N_("Too many brackets stand within each other: make several patterns of it."))
    parts, rest = _sequence(signs, "")
    if rest:
        raise _Fault(N_("A bracket is closed that was never opened."))
    if _ways(parts) > MOST_VARIANTS:
        raise _Fault(N_("There are too many ways to say it: make several patterns of it."))
    if not _least(parts):
        raise _Fault(N_("It names no syllable that must be said."))
    return parts


def pattern_fault(pattern: str) -> str | None:
    """Why a pattern cannot be used, as an English sentence; None when it can."""
    try:
        parsed(pattern)
    except _Fault as fault:
        return str(fault)
    return None


def _sequence(signs: list[tuple[str, str]], closing: str) -> tuple[Sequence, list[tuple[str, str]]]:
    """Parts up to a bracket that closes, a bar, or the end; and what is left from there on."""
    parts: list[Part] = []
    while signs:
        kind, sign = signs[0]
        if kind == "sign" and sign in ("|", ")", "]"):
            if not closing:
                raise _Fault(N_("A bracket is closed that was never opened.") if sign != "|" else N_(
                    "A bar stands outside brackets: write (a|b)."))  # fmt: skip
            return tuple(parts), signs
        signs = signs[1:]
        if kind == "word":
            parts += [Said(token) for token in tokens(sign)]
        elif kind == "gap":
            parts.append(Gap(GAP))
        elif kind == "short":
            parts.append(Gap(SHORT_GAP))
        elif sign in ("^", "$"):
            parts.append(Edge(sign == "^"))
        else:
            choices, signs = _choices(signs, "]" if sign == "[" else ")")
            parts.append(_bracket(sign, choices, first=not parts and not closing))
    return tuple(parts), signs


def _choices(signs: list[tuple[str, str]], closing: str) -> tuple[tuple[Sequence, ...], list[tuple[str, str]]]:
    choices: list[Sequence] = []
    while True:
        choice, signs = _sequence(signs, closing)
        choices.append(choice)
        if not signs or (signs[0][1] != "|" and signs[0][1] != closing):
            raise _Fault(N_("A bracket is not closed."))
        sign, signs = signs[0][1], signs[1:]
        if sign == closing:
            return tuple(choices), signs


def _bracket(sign: str, choices: tuple[Sequence, ...], *, first: bool) -> Part:
    if sign == "!(":
        if not all(choices):
            raise _Fault(N_("Between !( and ) or a bar stands nothing, so that it would never be found."))
        return NoneOf(choices, behind=first)
    return OneOf((*choices, ()) if sign == "[" else choices)


def variants(parts: Sequence) -> tuple[tuple[str, ...], ...]:
    """Every way to say the parts, as tokens; a gap is an empty one."""
    ways: list[tuple[str, ...]] = [()]
    for part in parts:
        more: tuple[tuple[str, ...], ...] = ((),)
        if isinstance(part, Said):
            more = ((part.token,),)
        elif isinstance(part, Gap):
            more = (("",),)
        elif isinstance(part, OneOf):
            more = tuple(way for choice in part.choices for way in variants(choice))
        ways = [before + after for before, after in product(ways, more)]
    return tuple(dict.fromkeys(ways))


def _ways(parts: Sequence) -> int:
    """How many ways there are to say the parts."""
    return prod(sum(map(_ways, part.choices)) for part in parts if isinstance(part, OneOf))


def _least(parts: Sequence) -> int:
    chosen = (min(map(_least, part.choices)) for part in parts if isinstance(part, OneOf))
    return sum(isinstance(part, Said) for part in parts) + sum(chosen)


@lru_cache(maxsize=4096)
def least_said(pattern: str) -> int:
    """Syllables that must be said at least."""
    return _least(parsed(pattern))


# ------------------------------------------------------------------ looking


def forward(parts: Sequence, at: Reached, line: Line, *, errors: bool = False) -> Reached:
    """Where the parts end that begin at the boundaries ``at``."""
    for part in parts:
        if at == _NOWHERE:
            break
        at = _moved(part, at, line, errors, ahead=True)
    return at


def backward(parts: Sequence, at: Reached, line: Line, *, errors: bool = False) -> Reached:
    """Where the parts begin that end at the boundaries ``at``."""
    for part in reversed(parts):
        if at == _NOWHERE:
            break
        at = _moved(part, at, line, errors, ahead=False)
    return at


def _moved(part: Part, at: Reached, line: Line, errors: bool, *, ahead: bool) -> Reached:
    if isinstance(part, Said):
        return _over(part.token, at, line, errors, ahead=ahead)
    if isinstance(part, Gap):
        exact, near = (_across(bits, part.most, line, ahead=ahead) for bits in at)
        return exact, near
    if isinstance(part, OneOf):
        go = forward if ahead else backward
        exact = near = 0
        for choice in part.choices:
            # A particle that is one of several has been chosen by whoever wrote the pattern, and must be said.
            one, other = go(choice, at, line, errors=errors and not _weak(choice))
            exact, near = exact | one, near | other
        return exact, near
    if isinstance(part, NoneOf):
        allowed = ~_standing(part, line)
        return at[0] & allowed, at[1] & allowed
    edges = line.begins if part.begins else line.ends
    return at[0] & edges, at[1] & edges


def _weak(choice: Sequence) -> bool:
    return bool(choice) and all(isinstance(part, Said) and not WEAK.isdisjoint(readings(part.token)) for part in choice)


def _standing(part: NoneOf, line: Line) -> int:
    """Boundaries at which one of the choices begins, or before which one ends."""
    bits = 0
    for choice in part.choices:
        bits |= (forward if part.behind else backward)(choice, (line.every, 0), line)[0]
    return bits


def _step(bits: int, over: int, *, ahead: bool) -> int:
    """From each boundary across the next syllable (or the one before) where that is one of ``over``."""
    return (bits & over) << 1 if ahead else (bits >> 1) & over


def _over(token: str, at: Reached, line: Line, errors: bool, *, ahead: bool) -> Reached:
    exact, near = at
    same = line.same(token)
    if errors and exact:
        near |= _step(exact, line.weak, ahead=ahead)  # one particle more
    near = _step(near, same, ahead=ahead)
    if errors and exact:
        near |= _step(exact, line.similar(token), ahead=ahead)
        near |= exact if not WEAK.isdisjoint(readings(token)) else 0  # one particle less
    return _step(exact, same, ahead=ahead), near


def _across(bits: int, most: int, line: Line, *, ahead: bool) -> int:
    reached = bits
    for _ in range(most):
        bits = _step(bits, line.spoken, ahead=ahead)
        reached |= bits
    return reached
