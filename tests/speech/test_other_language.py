"""A second language: no words are given for it, it is told, and asking what it is costs little."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from liyi.core.reasons import Reason
from liyi.core.trace import Event, Interval
from speech import listening, transcript
from speech.measures.hearing import poorly_heard
from speech.notices import notices
from speech.other_language import OtherLanguage
from speech.stretches import RATE, Piece
from speech.transcript import Recogniser
from speech.voice import Transcript, Utterance, Voice, Word

SOUND = np.full(60 * RATE, 0.1, np.float32)


def spoken(start_s: float, end_s: float, probability: float, text: str = "said") -> Utterance:
    return Utterance(start_s, end_s, text, (Word(start_s, end_s, text, probability),))


def detecting(*answers: tuple[str, float]) -> tuple[Recogniser, list[int]]:
    """A recogniser that is asked for the language, and how long each sound was that it was asked about."""
    asked: list[int] = []

    def detect_language(sound: np.ndarray) -> tuple[str, float, list[Any]]:
        asked.append(sound.size)
        return (*answers[min(len(asked), len(answers)) - 1], [])

    model = SimpleNamespace(model=SimpleNamespace(is_multilingual=True), detect_language=detect_language)
    return Recogniser(model, None), asked


def told(other: OtherLanguage, probability: float, start_s: float = 0.0, end_s: float = 20.0) -> bool:
    said = [spoken(start_s, end_s, probability)]
    return other.speaks(SOUND, [Interval(start_s, end_s)], said, "en", 100.0)


@pytest.mark.parametrize(
    ("answer", "left_out"), [(("de", 0.99), True), (("de", 0.6), False), (("en", 0.99), False), (("yue", 0.99), False)]
)
def test_only_what_is_clearly_another_language_is_left_out(answer: tuple[str, float], left_out: bool) -> None:
    other = OtherLanguage(detecting(answer)[0])
    assert told(other, 0.5, 10.0, 30.0) is left_out
    assert [(event.start_s, event.end_s, event.label) for event in other.found] == [(110.0, 130.0, "de")] * left_out


def test_what_is_heard_well_or_too_short_costs_no_question() -> None:
    recogniser, asked = detecting(("de", 0.99))
    other = OtherLanguage(recogniser)
    assert not told(other, 0.9)
    assert not told(other, 0.3, 0.0, 3.0)
    assert asked == []


def test_noise_is_asked_about_ever_more_rarely() -> None:
    recogniser, asked = detecting(("en", 0.9))
    other = OtherLanguage(recogniser)
    assert not any(told(other, 0.4) for _ in range(100))
    assert len(asked) == 7


def test_the_words_of_another_language_are_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """English, then German that is taken for English, then English."""

    def heard(samples: np.ndarray, window: list[Interval], *_: Any) -> tuple[list[Utterance], float]:
        start_s, end_s = window[0].start_s, window[-1].end_s
        return [spoken(start_s, end_s, 0.5 if 20 < start_s < 40 else 0.95)], end_s

    monkeypatch.setattr(transcript, "_heard", heard)
    monkeypatch.setattr(transcript, "_detected", lambda *_: "en")
    pieces = [Piece(0.0, np.full(84 * RATE, 0.1, np.float32), (Interval(0.0, 84.0),))]
    monkeypatch.setattr(listening.stretches, "cut", lambda blocks: pieces)
    recogniser, asked = detecting(("de", 0.99))
    voice = listening.listen([], recogniser=recogniser)
    assert voice.transcript is not None
    assert [round(utterance.start_s) for utterance in voice.transcript.utterances] == [0, 56]
    assert voice.foreign_s == pytest.approx(28.0)
    assert len(asked) == 1
    [notice] = [each for each in notices(voice) if "another language" in each.sentence]
    assert notice.fields == {"seconds": 28.0, "start": 28.0}
    series = {each.id: each for each in voice.to_series()}
    assert Voice.from_series(series, voice.about()).foreign == voice.foreign
    assert Voice.from_series(series, voice.about()).foreign[0].label == "de"


def test_what_was_not_said_is_not_told_where_much_was_said_in_another_language() -> None:
    words = Transcript("en", tuple(spoken(float(k), k + 1.0, 0.95, "good morning to you") for k in range(20)))
    none, single = np.zeros(0), np.zeros(0, np.float32)
    voice = Voice(100.0, (Interval(0.0, 100.0),), none, single, single, none, (), 0.0, 40.0, words)
    assert poorly_heard(voice, 20) is None
    assert poorly_heard(replace(voice, foreign=(Event(0.0, 15.0, {}, "de"),)), 20) is None
    assert poorly_heard(replace(voice, foreign=(Event(0.0, 30.0, {}, "de"),)), 20) is Reason.LANGUAGE
