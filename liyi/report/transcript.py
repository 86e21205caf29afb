"""The transcript of a report: every word with its time, listed phrases marked, what to say instead below the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from liyi.core import words
from liyi.core.trace import Interval
from liyi.core.words import UNSURE_BELOW, translate
from liyi.report import wording
from liyi.report.captions import punctuated, spelled
from liyi.report.findings import Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from liyi.etiquette.assessment import TranscriptLine, TranscriptWord
    from liyi.report.wording import Heard

_ABOVE = {Mark.FAULT: 4, Mark.REVIEW: 3, Mark.ATTENTION: 2, Mark.OPEN: 1, Mark.GOOD: 0}  # where two phrases overlap


@dataclass(frozen=True)
class Note:
    """A phrase to avoid that stands in the line: how it counts, what to say instead, which document lists it."""

    mark: Mark
    text: str
    kind: str
    better: str
    source: str


@dataclass(frozen=True)
class Line:
    """One phrase of the transcript, as the page shows it."""

    start_s: float
    end_s: float
    text: Markup
    notes: tuple[Note, ...]


def lines(transcript: Sequence[TranscriptLine], heard: Sequence[Heard], lang: str) -> tuple[Line, ...]:
    """The transcript with its phrases marked, in time order.

    Parameters
    ----------
    transcript
        As the recogniser heard it.
    heard
        Listed phrases, in time order. Where two overlap the graver one is marked; one that stands in no line (only the
        second recogniser heard it) makes a line of its own.
    lang
        ``zh`` or ``en``.
    """
    told = _apart(heard)
    homes = [_home(each, transcript) for each in told]
    shown = []
    for k, line in enumerate(transcript):
        within = [each for each, home in zip(told, homes, strict=True) if home == k]
        notes = tuple(_note(each, lang) for each in within if not each.wanted)
        shown.append(
            Line(line.start_s, line.end_s, _text(line, within, lang) or Markup(escape(punctuated(line.text))), notes)
        )
    for each, home in zip(told, homes, strict=True):
        if home is None and not each.wanted:
            shown.append(Line(each.start_s, each.end_s, _marked(each, escape(each.text), lang), (_note(each, lang),)))
    return tuple(sorted(shown, key=lambda line: line.start_s))


def styles(
    transcript: Sequence[TranscriptLine], heard: Sequence[Heard]
) -> Callable[[TranscriptLine, TranscriptWord], str]:
    """Tells for a word of a line of ``transcript`` how its phrase counts: the style of its mark, empty for none."""
    within: dict[int, list[Heard]] = {}
    for each in _apart(heard):
        home = _home(each, transcript)
        if home is not None:
            within.setdefault(id(transcript[home]), []).append(each)

    def style_of(line: TranscriptLine, word: TranscriptWord) -> str:
        phrase = _phrase_at(word, within.get(id(line), ()), line)
        return phrase.mark.style if phrase is not None and not phrase.softened else ""

    return style_of


def _apart(heard: Sequence[Heard]) -> list[Heard]:
    """The phrases without those that overlap a graver one, or one as grave before it."""
    kept: list[Heard] = []
    for each in sorted(heard, key=lambda found: (-_ABOVE[found.mark], -found.duration_s, found.start_s)):
        if not any(each.overlap_s(other) > 0 for other in kept):
            kept.append(each)
    return sorted(kept)


def _home(phrase: Heard, transcript: Sequence[TranscriptLine]) -> int | None:
    """The line that shares most time with a phrase, if one of its words does."""
    near = [line.words if line.start_s < phrase.end_s and line.end_s > phrase.start_s else () for line in transcript]
    shared = [max((_shared(phrase, word) for word in words_), default=0.0) for words_ in near]
    best = max(range(len(shared)), key=shared.__getitem__, default=None)
    return best if best is not None and shared[best] > 0 else None


def _shared(phrase: Heard, word: TranscriptWord) -> float:
    return phrase.overlap_s(Interval(word.start_s, word.end_s))


def _text(line: TranscriptLine, within: Sequence[Heard], lang: str) -> Markup:
    """The line's words; those of a phrase together in one link that plays it."""
    text, run, of = Markup(), Markup(), None
    for word, before, shown in spelled(line):
        phrase = _phrase_at(word, within, line)
        if phrase is not of:
            text += _marked(of, run, lang) if of else run
            run, of = Markup(), phrase
            text += escape(before)
        else:
            run += escape(before)
        unsure = word.probability < UNSURE_BELOW
        if of is None:
            style = Markup(' class="unsure"') if unsure else ""
            clip = f"{word.start_s:.3f} {word.end_s:.3f}"
            run += Markup('<span data-clip="{}"{}>{}</span>').format(clip, style, shown)
        else:
            run += Markup('<span class="unsure">{}</span>').format(shown) if unsure else escape(shown)
    return text + (_marked(of, run, lang) if of else run)


def _phrase_at(word: TranscriptWord, within: Sequence[Heard], line: TranscriptLine) -> Heard | None:
    """The phrase that a word is part of: half of the word lies in it, or no other word of the line is nearer to it."""
    half = (word.end_s - word.start_s) / 2
    for phrase in within:
        shared = _shared(phrase, word)
        if shared > 0 and (shared >= half or shared == max(_shared(phrase, other) for other in line.words)):
            return phrase
    return None


def _marked(phrase: Heard, text: Markup, lang: str) -> Markup:
    kind = wording.kind_text(phrase, lang) if not phrase.wanted else words.pick(phrase.name, lang)
    return Markup(
        '<a class="heard {style}" href="#player" data-clip="{start:.3f} {end:.3f}" data-of="{of}" title="{kind}">'
        '<i aria-hidden="true">{shape}</i>{text}<span class="unread"> ({kind})</span></a>'
    ).format(style=phrase.mark.style, start=phrase.start_s, end=phrase.end_s, of=phrase.criterion, kind=kind,
             shape=phrase.mark.shape, text=text)  # fmt: skip


def _note(phrase: Heard, lang: str) -> Note:
    return Note(
        phrase.mark, translate("“{phrase}”", lang, phrase=wording.bare(phrase.text)), wording.kind_text(phrase, lang),
        wording.better_text(phrase, lang), phrase.source.text(lang),
    )  # fmt: skip
