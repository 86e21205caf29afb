"""Filled pauses by a second source: the recogniser is asked again, with a prompt that is full of them.

Whisper writes down what people meant to say and leaves 嗯 and um out; shown text in which they stand, it writes them.
It is asked so only about stretches in which the sound suggests one (`speech.fillers.in_doubt`), the most promising
first, and about no more than a fifth of the speech. The transcript is not touched: a prompted recogniser repeats itself
and makes words up, and a window in which it does is thrown away as a whole.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.timeline import join_close
from liyi.core.trace import Interval
from speech import fillers, transcript
from speech.fillers import Prompted
from speech.stretches import RATE
from speech.voice import Word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from speech.frames import Frames
    from speech.stretches import Piece
    from speech.transcript import Recogniser
    from speech.voice import Utterance

# Given as hotwords, which stand before every window. Only in these languages was it tried. No words to a reader (those
# begin with a capital letter): the space makes no difference to the recogniser.
PROMPTS = {
    "zh": "嗯，呃，那个，这个，啊，就是说，嗯……我想想，呃，然后呢。",
    "en": " Umm, let me think, like, hmm... Okay, uh, here's what I'm, um, like, thinking.",
}
SHARE = 0.2  # of the speech so far, the most that is asked twice
_MARGINS_S = ((0.1, 0.25), (0.4, 0.8))  # before, after: as many doubts as can be asked, then more words to each
_WINDOW_S = 24.0  # less than the model's 30 s: prompt and answer share its 448 tokens
_FILLER = re.compile(r"[嗯呃额啊唔欸诶哦喔噢]+|u+m+|u+h+|er+m*|h+m+|m{2,}", re.IGNORECASE)
_MARKS = re.compile(r"[\W_]+")
# After the last word of a window the prompt makes the model add one: a filler needs something said after it.
_AFTER, _CONTENT_S = 8, 0.05  # words looked at, and how long one must last


class SecondPass:
    """Collects what is in doubt, piece by piece, and asks when a window is full; holds no more sound than that."""

    def __init__(self, recogniser: Recogniser) -> None:
        self.asked_s = 0.0
        self.speech_s = 0.0
        self._recogniser = recogniser
        self._language = ""
        self._spans: list[Interval] = []
        self._sounds: list[npt.NDArray[np.float32]] = []
        self._told: list[Prompted] = []

    def take(self, piece: Piece, heard: Frames, utterances: Sequence[Utterance], language: str) -> None:
        """Choose what to ask of a piece, from its frames and from what was understood of it."""
        if language not in PROMPTS:
            return
        if language != self._language:
            self._ask()
        self._language = language
        self.speech_s += sum(stretch.duration_s for stretch in piece.speech)
        words = [
            Word(word.start_s - piece.start_s, word.end_s - piece.start_s, word.text, word.probability)
            for utterance in utterances
            for word in utterance.words
        ]
        doubts = fillers.in_doubt(heard, words, language)
        chosen = _chosen(doubts, piece.samples.size / RATE, SHARE * self.speech_s - self.asked_s)
        for span in chosen:
            if self._spans and sum(each.duration_s for each in self._spans) + span.duration_s > _WINDOW_S:
                self._ask()
            self._spans.append(Interval(piece.start_s + span.start_s, piece.start_s + span.end_s))
            self._sounds.append(piece.samples[round(span.start_s * RATE) : round(span.end_s * RATE)].copy())
            self.asked_s += span.duration_s

    def told(self) -> tuple[Prompted, ...]:
        """The fillers that were heard, in time order; asks about what is left."""
        self._ask()
        return tuple(sorted(self._told, key=lambda each: (each.start_s, each.end_s)))

    def _ask(self) -> None:
        if not self._spans:
            return
        words = transcript.prompted(
            np.concatenate(self._sounds),
            self._spans,
            language=self._language,
            recogniser=self._recogniser,
            prompt=PROMPTS[self._language],
        )
        self._told += fillers_among(words)
        self._spans, self._sounds = [], []


def _chosen(doubts: Sequence[Interval], duration_s: float, budget_s: float) -> list[Interval]:
    """Spans of the piece to ask about, in time order: the first doubts that fit the budget, then more words to each."""
    spans: dict[Interval, Interval] = {}
    for before_s, after_s in _MARGINS_S:
        for doubt in doubts:
            span = Interval(max(0.0, doubt.start_s - before_s), min(duration_s, doubt.end_s + after_s))
            wider = {**spans, doubt: span}
            if sum(each.duration_s for each in _joined(wider.values())) <= budget_s:
                spans = wider
    return _joined(spans.values())


def _joined(spans: Iterable[Interval]) -> list[Interval]:
    """The spans in time order, those that touch as one; none longer than a window."""
    ordered = sorted((span.start_s, span.end_s) for span in spans)
    groups = [(ordered[first][0], max(end_s for _, end_s in ordered[first:last]))
              for first, last in join_close(ordered, 0.0)]  # fmt: skip
    edges = [np.linspace(start_s, end_s, int((end_s - start_s) / _WINDOW_S) + 2).tolist() for start_s, end_s in groups]
    return [Interval(a, b) for each in edges for a, b in pairwise(each)]


def fillers_among(words: Sequence[Word]) -> list[Prompted]:
    """The words that are fillers; those that nothing follows are marked."""
    return [
        Prompted(word.start_s, word.end_s, _plain(word.text), word.probability, trailing=not _goes_on(words[k + 1 :]))
        for k, word in enumerate(words)
        if _is_filler(word)
    ]


def _goes_on(words: Sequence[Word]) -> bool:
    return any(not _is_filler(word) and word.end_s - word.start_s > _CONTENT_S for word in words[:_AFTER])


def _is_filler(word: Word) -> bool:
    return _FILLER.fullmatch(_plain(word.text)) is not None


def _plain(text: str) -> str:
    return _MARKS.sub("", text).lower()
