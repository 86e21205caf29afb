"""Phrases that a norm pack lists, and finding them in what two recognisers heard."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Literal

from liyi.core.trace import Interval
from liyi.core.words import UNSURE_BELOW
from speech.characters import readings
from speech.context import Allowance, Place, Severity, freed
from speech.patterns import ERRORS_FROM, Reached, backward, forward, least_said, parsed, pattern_fault, variants
from speech.syllable_line import Line, line_of
from speech.voice import Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from speech.voice import SecondHearing, Voice

__all__ = ["Allowance", "Hit", "Phrase", "Spoken", "pattern_fault", "spoken", "wordings"]

Ears = Literal["both", "first", "second"]


@dataclass(frozen=True)
class Phrase:
    """One entry of a list of phrases, as a norm pack gives it.

    Attributes
    ----------
    id : str
        Unique in its pack.
    text : str
        As it is shown to a reader.
    patterns : tuple of str
        Any of these is the phrase; the text itself when empty. They are compared by sound without tones, with every
        reading of a character, 您 like 你, 儿 left out; from five syllables on one may be wrong. Punctuation and spaces
        do not count: a recogniser often writes none. Beside characters (in English words) a pattern may hold

        - ``…`` (also ``……``, ``××``, ``XX``): up to 12 syllables of anything; ``~``: up to 3. No pause of more than a
          second lies in them.
        - ``(a|b)``: one of these; ``[a]`` or ``[a|b]``: may be missing. A particle among ``(啊|吧)`` must be said.
        - ``!(a|b)``: what follows here is none of these; at the beginning of the pattern: what stands before it.
          So ``自己看!(一下|看)`` is not found in 自己看一下.
        - ``^`` and ``$``: a clause begins, or ends, here: after or before a pause of 0.3 s, the beginning or the end,
          or a particle (``^`` after 吗, 呢, 吧 …; ``$`` before one that closes). Where nobody pauses, a clause
          that goes on is not told from one that ends, so what is said in one breath is missed: prefer ``!(…)``.

        Digits are read as they are said (12 as 十二, 12345 one by one).
    severity : str
        Of a forbidden phrase: ``minor`` depends on what is said around it, ``veto`` is a red line that a person
        confirms; empty for others.
    stage : str
        Which part of a conversation, or which part of what must be told, the phrase stands for; empty for none.
    language : str
        ``zh`` or ``en``.
    """

    id: str
    text: str
    patterns: tuple[str, ...] = ()
    severity: Severity = ""
    stage: str = ""
    language: str = "zh"

    @property
    def written(self) -> tuple[str, ...]:
        """The patterns, or the text where there are none."""
        return self.patterns or (self.text,)


@dataclass(frozen=True)
class Hit:
    """A phrase where it was said: its time in seconds, what was heard there, and by which recogniser."""

    phrase: Phrase
    start_s: float
    end_s: float
    heard: str
    ears: Ears


@dataclass(frozen=True)
class Spoken:
    """Phrases that were said, in time order; one stretch of speech is one of them.

    Attributes
    ----------
    sure : tuple of Hit
        Heard by both recognisers; never a veto.
    unsure : tuple of Hit
        For a person to decide: heard by one, or a veto.
    softened : tuple of Hit
        Minor ones that were followed by an alternative: told, and no fault.
    """

    sure: tuple[Hit, ...] = ()
    unsure: tuple[Hit, ...] = ()
    softened: tuple[Hit, ...] = ()


_SHORT = 2  # syllables of a wording that the second recogniser hears too often where nobody said it
# Of the second recogniser. From 0.9 down to 0.7 it found two phrases more in 22 Mandarin clips (11 of speech
# synthesis), both of them said; what it hears where nobody said it, the first one's words there tell.
_CONFIDENT = 0.7
_AGREE = 0.5  # of the syllables that it heard, those that the first one has there too
# Alone it must be surer: of three syllables (太乙真人 was taken for 真烦人, at 0.71), and where the first one wrote
# nothing, or nothing that can be believed; there it must have heard four. 0.9 kept both from false hits in 12 minutes.
_SURE, _FEW = 0.9, 3
_NEAR_S = 0.5  # the two give a word times that differ by up to this much
_CLOSE = 3  # syllables between two parts of one phrase
_NOTHING = Transcript("zh", ())  # that the first one wrote, in the language that the second hears
_RANK: dict[str, int] = {"veto": 0, "major": 1, "minor": 2, "": 3}


@dataclass(frozen=True)
class _Found:
    """A phrase in a line: from boundary ``first`` to ``last``, of so many syllables that had to be said."""

    phrase: Phrase
    first: int
    last: int
    said: int
    errors: int


@lru_cache(maxsize=64)
def wordings(phrases: tuple[Phrase, ...], allowances: tuple[Allowance, ...] = ()) -> tuple[str, ...]:
    """What the second recogniser is to listen for: every way to say the parts of the Chinese phrases, without gaps.

    Simplified characters only; those of ``allowances`` too, so that it has the polite wording to choose as well.
    """
    patterns = [pattern for phrase in phrases if phrase.language == "zh" for pattern in phrase.written]
    patterns += [pattern for allowance in allowances for pattern in allowance.patterns]
    found = {part for pattern in patterns for way in variants(parsed(pattern)) for part in _parts(way)}
    return tuple(sorted(found))


def _parts(way: tuple[str, ...]) -> Iterator[str]:
    """What stands between gaps and foreign words, digits as characters."""
    part = ""
    for token in (*way, ""):
        if len(token) == 1 and not token.isascii():
            part += token
        elif token.isdigit():
            part += "零一二三四五六七八九"[int(token)]
        else:
            if part:
                yield part
            part = ""


def spoken(voice: Voice, phrases: tuple[Phrase, ...], allowances: tuple[Allowance, ...] = ()) -> Spoken:
    """Phrases of the list that were said.

    What both recognisers heard is sure; what one of them heard, and every veto, is for a person. Of what the second
    alone heard, wordings of one or two syllables say nothing, and of longer ones the first must have at least half of
    the syllables there. Allowances are looked for in the words of the first, which heard the whole sentence.

    Parameters
    ----------
    voice : Voice
        Without a transcript only what the second recogniser alone is sure of is found.
    phrases, allowances : tuple
        Of the norm pack; phrases in another language than the transcript's are left out.
    """
    if voice.transcript is None and voice.second is None:
        return Spoken()
    found = _spoken(voice.transcript or _NOTHING, voice.second, phrases, allowances)
    return _decided(found, voice) if voice.said or voice.unsaid else found


def _decided(found: Spoken, voice: Voice) -> Spoken:
    """The same after what a person said of the phrases that were for a person; vetoes stay for the red lines."""
    said, rest = [], []
    for hit in found.unsure:
        moment = Interval(hit.start_s, hit.end_s)
        if hit.phrase.severity == "veto":
            rest.append(hit)
        elif any(moment.is_same(each) for each in voice.said):
            said.append(hit)
        elif not any(moment.is_same(each) for each in voice.unsaid):
            rest.append(hit)
    sure = sorted((*found.sure, *said), key=lambda hit: (hit.start_s, hit.end_s))
    return Spoken(tuple(sure), tuple(rest), found.softened)


@lru_cache(maxsize=32)
def _spoken(
    transcript: Transcript,
    second: SecondHearing | None,
    phrases: tuple[Phrase, ...],
    allowances: tuple[Allowance, ...],
) -> Spoken:
    asked = tuple(phrase for phrase in phrases if phrase.language == transcript.language)
    line = line_of(tuple(word for utterance in transcript.utterances for word in utterance.words))
    first = _joined(_longest(_all(asked, line, errors=True)), line)
    other = line_of(second.words, _CONFIDENT) if second else None
    heard = _joined(_longest(_all(asked, other, errors=False)), other) if other else []
    again: dict[str, list[_Found]] = defaultdict(list)
    for each in heard:
        again[each.phrase.id].append(each)
    said: dict[str, list[Hit]] = {"sure": [], "unsure": [], "softened": []}
    faults = sum(((1 << each.last) - 1) & ~((1 << each.first) - 1) for each in first)
    for found in first:
        verdict = _freed(found, line, allowances, faults)
        if verdict in ("freed", "softened"):
            said.setdefault(verdict, []).append(_hit(found, line, "first"))
            continue
        both = other is not None and any(_same(found, line, each, other) for each in again[found.phrase.id])
        sure = both and not verdict and found.phrase.severity != "veto"
        said["sure" if sure else "unsure"].append(_hit(found, line, "both" if both else "first"))
    taken = [hit for hits in said.values() for hit in hits]
    if other is not None:
        for found in heard:
            hit = _hit(found, other, "second")
            if _enough(found, other) and not any(_overlap(hit, each) for each in taken):
                verdict = _by_second(found, other, line, allowances)
                said.setdefault(verdict, []).append(hit)
    in_order = {name: tuple(sorted(hits, key=lambda hit: (hit.start_s, hit.end_s))) for name, hits in said.items()}
    return Spoken(in_order["sure"], in_order["unsure"], in_order["softened"])


def _by_second(found: _Found, other: Line, line: Line, allowances: tuple[Allowance, ...]) -> str:
    """What becomes of a phrase that only the second recogniser heard: looked up where it was, in the first's words."""
    start_s, end_s = other.syllables[found.first].start_s, other.syllables[found.last - 1].end_s
    first, last = line.between(start_s - _NEAR_S, end_s + _NEAR_S)
    if _agreement(found, other, line, first, last) < _AGREE:
        return "dropped"
    first, last = line.between(start_s, end_s)
    # The two give times that differ by a syllable: what frees the phrase may begin or end one beside it.
    for begin, end in product((first, first - 1, first + 1), (last, last - 1, last + 1)):
        if 0 <= begin < end <= len(line.syllables):
            verdict = _freed(_Found(found.phrase, begin, end, found.said, 0), line, allowances)
            if verdict in ("freed", "softened"):
                return verdict
    return "unsure"


def _freed(found: _Found, line: Line, allowances: tuple[Allowance, ...], faults: int = 0) -> str:
    phrase = found.phrase
    return freed(Place(phrase.id, phrase.severity, found.first, found.last), line, allowances, faults)


def _enough(found: _Found, other: Line) -> bool:
    """Whether the second recogniser heard enough of a phrase to be asked alone."""
    return found.said > _FEW or (found.said > _SHORT and _odds(found, other) >= _SURE)


def _odds(found: _Found, other: Line) -> float:
    """The lowest probability of what the second recogniser heard of a phrase."""
    heard = (each for each in other.syllables[found.first : found.last] if each.token[:1] not in ("", "["))
    return min((each.probability for each in heard), default=0.0)


def _agreement(found: _Found, other: Line, line: Line, first: int, last: int) -> float:
    """Share of the syllables of ``found`` that ``line`` has in the same order between two boundaries.

    Where ``line`` has none there, or such as nobody can believe, all of a phrase that is long and sure enough.
    """
    begin, end = line.between(other.syllables[found.first].start_s, other.syllables[found.last - 1].end_s)
    there = [each.probability for each in line.syllables[begin:end] if each.token]
    if found.said > _FEW and sum(there) <= UNSURE_BELOW * len(there) and _odds(found, other) >= _SURE:
        return 1.0
    mine = [
        readings(each.token) for each in other.syllables[found.first : found.last] if each.token[:1] not in ("", "[")
    ]
    theirs = [readings(each.token) for each in line.syllables[first:last]]
    row = [0] * (len(theirs) + 1)
    for sounds in mine:
        before, row = row, [0] * (len(theirs) + 1)
        for k, heard in enumerate(theirs):
            row[k + 1] = before[k] + 1 if not sounds.isdisjoint(heard) else max(row[k], before[k + 1])
    return row[-1] / len(mine) if mine else 0.0


def _all(phrases: Sequence[Phrase], line: Line, *, errors: bool) -> Iterator[_Found]:
    """Every place of every phrase."""
    for phrase in phrases:
        for pattern in phrase.written:
            said = least_said(pattern)
            fuzzy = errors and phrase.language == "zh" and said >= ERRORS_FROM
            yield from _places(phrase, pattern, said, line, fuzzy=fuzzy)


def _places(phrase: Phrase, pattern: str, said: int, line: Line, *, fuzzy: bool) -> Iterator[_Found]:
    parts = parsed(pattern)
    exact, near = forward(parts, (line.every, 0), line, errors=fuzzy)
    for wrong, bits in ((0, exact), (1, near & ~exact)):
        for last in _bits(bits):
            starts: Reached = backward(parts, (1 << last, 0), line, errors=fuzzy)
            if starts[wrong]:
                yield _Found(phrase, starts[wrong].bit_length() - 1, last, said, wrong)


def _bits(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _longest(found: Iterable[_Found]) -> list[_Found]:
    """Of what overlaps, that of which most was said; as long ones the one without an error, then the gravest."""
    kept: list[_Found] = []
    for each in sorted(
        found,
        key=lambda each: (each.errors - each.said, each.errors, _RANK[each.phrase.severity], each.last - each.first,
                          each.first, each.phrase.id),
    ):  # fmt: skip
        if all(each.last <= other.first or other.last <= each.first for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: each.first)


def _joined(found: Sequence[_Found], line: Line) -> list[_Found]:
    """Parts of one fault that follow each other closely are said once: 看不出来，这不一眼就看出来了吗."""
    joined: list[_Found] = []
    for each in found:
        last = joined[-1] if joined else each
        between = line.syllables[last.last : each.first]
        close = len(between) <= _CLOSE and all(syllable.token for syllable in between)
        if joined and close and each.phrase.severity and last.phrase.id == each.phrase.id:
            said, errors = last.said + each.said, last.errors + each.errors
            joined[-1] = _Found(each.phrase, last.first, each.last, said, errors)
        else:
            joined.append(each)
    return joined


def _hit(found: _Found, line: Line, ears: Ears) -> Hit:
    syllables = line.syllables[found.first : found.last]
    return Hit(found.phrase, syllables[0].start_s, syllables[-1].end_s, line.text(found.first, found.last), ears)


def _overlap(one: Hit, other: Hit) -> bool:
    """Whether half of one is in the other: phrases that follow each other closely touch, by two recognisers' times."""
    common_s = min(one.end_s, other.end_s) - max(one.start_s, other.start_s)
    return common_s > 0 and 2 * common_s >= min(one.end_s - one.start_s, other.end_s - other.start_s)


def _same(one: _Found, line: Line, two: _Found, other: Line) -> bool:
    """Whether two recognisers heard them at the same time."""
    first, second = line.syllables[one.first : one.last], other.syllables[two.first : two.last]
    begins_s, ends_s = max(first[0].start_s, second[0].start_s), min(first[-1].end_s, second[-1].end_s)
    return begins_s < ends_s + _NEAR_S
