"""Where two transcripts say the same, and how a moment of one recording is found in the other.

What belongs here: pure functions from words with their times to stretches of time. Words are compared by their sounds
(toneless syllables in Chinese), because recognisers write the same words in different characters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from speech.read_aloud import sounds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from liyi.etiquette.assessment import TranscriptLine

LEAST = 4  # sounds in a row that are the same in both: fewer are the same by chance
_MOST_PAIRS = 60_000  # sounds of one gap times those of the other that are compared one by one
_GAP_S, _GAP = 0.8, 3  # a phrase goes on over so many seconds and so many sounds that differ


@dataclass(frozen=True)
class Sound:
    """One sound of a transcript: when it is said, in seconds, and of what word (its place in the transcript)."""

    text: str
    start_s: float
    end_s: float
    word: int


@dataclass(frozen=True)
class Phrase:
    """The same words in both recordings: from when until when in each, in seconds, and as the first one has them."""

    start_s: float
    end_s: float
    other_start_s: float
    other_end_s: float
    text: str


@dataclass(frozen=True)
class Piece:
    """From ``from_s`` of the first recording on, the second is at ``at_s`` and goes on at ``rate`` of its speed."""

    from_s: float
    at_s: float
    rate: float


def sounds_of(transcript: Iterable[TranscriptLine]) -> list[Sound]:
    """The sounds of a transcript in their order; those of one word share its time evenly."""
    found: list[Sound] = []
    words = (word for line in transcript for word in line.words)
    for place, word in enumerate(words):
        said = sounds(word.text, "zh")
        each_s = (word.end_s - word.start_s) / max(1, len(said))
        found += [
            Sound(text, word.start_s + k * each_s, word.start_s + (k + 1) * each_s, place)
            for k, text in enumerate(said)
        ]
    return found


def pairs(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """Places of what is the same in both, rising in both.

    What occurs once in each holds the two together (as in a patience diff); what lies between is compared one by one.
    """
    held = _rising([(one_at, other_at) for one_at, other_at in _unique(one, other)])
    found: list[tuple[int, int]] = []
    edges = [(-1, -1), *_grown(held), (len(one), len(other))]
    for (i, j), (k, m) in pairwise(edges):
        if i >= 0:
            found.append((i, j))
        if (k - i) * (m - j) <= _MOST_PAIRS:
            matcher = SequenceMatcher(None, one[i + 1 : k], other[j + 1 : m], autojunk=False)
            found += [
                (i + 1 + a + n, j + 1 + b + n) for a, b, size in matcher.get_matching_blocks() for n in range(size)
            ]
    return found


def _unique(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """Places at which sequences of `LEAST` sounds begin that occur once in each."""
    there = [_once(each) for each in (one, other)]
    return [(at, there[1][key]) for key, at in there[0].items() if key in there[1]]


def _once(said: Sequence[str]) -> dict[tuple[str, ...], int]:
    keys = [tuple(said[k : k + LEAST]) for k in range(len(said) - LEAST + 1)]
    counts = Counter(keys)
    return {key: place for place, key in enumerate(keys) if counts[key] == 1}


def _rising(found: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs, given in the order of their first, that rises in the second too."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for place, (_, at) in enumerate(found):
        length = bisect_left(ends, at)
        before.append(last[length - 1] if length else None)
        if length == len(ends):
            ends.append(at)
            last.append(place)
        else:
            ends[length], last[length] = at, place
    chain: list[tuple[int, int]] = []
    at_place = last[-1] if last else None
    while at_place is not None:
        chain.append(found[at_place])
        at_place = before[at_place]
    return chain[::-1]


def _grown(held: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Every pair of sounds of the sequences that begin there; what would not rise is left out."""
    found: list[tuple[int, int]] = []
    for i, j in held:
        for n in range(LEAST):
            if not found or (i + n > found[-1][0] and j + n > found[-1][1]):
                found.append((i + n, j + n))
    return found


def phrases(one: Sequence[TranscriptLine], other: Sequence[TranscriptLine]) -> list[Phrase]:
    """The phrases that both say, in their order: at least `LEAST` sounds without a difference in each."""
    left, right = sounds_of(one), sounds_of(other)
    words = [word.text for line in one for word in line.words]
    found = pairs([each.text for each in left], [each.text for each in right])
    runs: list[list[tuple[int, int]]] = []
    for i, j in found:
        if runs and _goes_on(runs[-1][-1], (i, j), left, right, apart=1):
            runs[-1].append((i, j))
        else:
            runs.append([(i, j)])
    long = [run for run in runs if len(run) >= LEAST]
    return [_phrase(run, left, right, words) for run in _joined(long, left, right)]


def _joined(
    runs: Sequence[list[tuple[int, int]]], left: Sequence[Sound], right: Sequence[Sound]
) -> list[list[tuple[int, int]]]:
    """Runs between which only a few sounds differ, as one."""
    found: list[list[tuple[int, int]]] = []
    for run in runs:
        if found and _goes_on(found[-1][-1], run[0], left, right, apart=_GAP + 1):
            found[-1] = [*found[-1], *run]
        else:
            found.append(run)
    return found


def _goes_on(
    last: tuple[int, int], after: tuple[int, int], left: Sequence[Sound], right: Sequence[Sound], *, apart: int
) -> bool:
    """Whether a phrase goes on from one pair of sounds to another, at most so many further on and without a pause."""
    (i, j), (k, m) = last, after
    waits_s = left[k].start_s - left[i].end_s, right[m].start_s - right[j].end_s
    return max(k - i, m - j) <= apart and max(waits_s) <= _GAP_S


def _phrase(
    run: Sequence[tuple[int, int]], left: Sequence[Sound], right: Sequence[Sound], words: Sequence[str]
) -> Phrase:
    (i, j), (k, m) = run[0], run[-1]
    said = words[left[i].word : left[k].word + 1]
    spaced = any(each.isascii() and each.isalpha() for each in said)
    return Phrase(left[i].start_s, left[k].end_s, right[j].start_s, right[m].end_s, (" " if spaced else "").join(said))


def by_time(shift_s: float) -> list[Piece]:
    """Both at their own speed, the second ``shift_s`` seconds further on than the first."""
    return [Piece(0.0, shift_s, 1.0)]


def by_phrase(found: Sequence[Phrase]) -> list[Piece]:
    """Phrase against phrase.

    Within a phrase the second goes as much faster or slower as it takes to end with the first. Between two phrases both
    go at their own speed: where the second is through earlier it stands still, where it needs longer it leaps.
    """
    if not found:
        return by_time(0.0)
    first = found[0]
    pieces = [Piece(min(0.0, first.start_s), first.other_start_s - first.start_s, 1.0)]
    for each, after in zip(found, [*found[1:], None], strict=True):
        length_s = max(each.end_s - each.start_s, 1e-3)
        pieces.append(Piece(each.start_s, each.other_start_s, (each.other_end_s - each.other_start_s) / length_s))
        pieces.append(Piece(each.end_s, each.other_end_s, 1.0))
        if after is not None:
            pieces += _between(each, after)
    return pieces


def _between(each: Phrase, after: Phrase) -> list[Piece]:
    """How the second gets from the end of a phrase to the start of the next, beside going on at its own speed."""
    waits_s, other_waits_s = after.start_s - each.end_s, after.other_start_s - each.other_end_s
    if other_waits_s >= waits_s:  # half of the time after the one, half before the other
        half_s = waits_s / 2
        return [Piece(each.end_s + half_s, after.other_start_s - half_s, 1.0)]
    half_s = other_waits_s / 2
    middle_s = each.other_end_s + half_s
    return [Piece(each.end_s + half_s, middle_s, 0.0), Piece(after.start_s - half_s, middle_s, 1.0)]


def at(pieces: Sequence[Piece], second: float) -> float:
    """Where the second recording is when the first is at ``second``; before its beginning it is negative."""
    piece = next((each for each in reversed(pieces) if each.from_s <= second), pieces[0])
    return piece.at_s + piece.rate * (second - piece.from_s)
