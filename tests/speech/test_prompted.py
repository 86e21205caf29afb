"""Asking the recogniser again: about what is in doubt, at most a fifth of the speech, and what is a filler then."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from liyi.core.trace import Interval
from speech import fillers, prompted, transcript
from speech.prompted import SHARE, SecondPass, fillers_among
from speech.stretches import RATE, Piece
from speech.voice import Utterance, Word

if TYPE_CHECKING:
    from collections.abc import Sequence


def words(*texts: str) -> list[Word]:
    return [Word(k * 0.5, k * 0.5 + 0.4, text, 0.9) for k, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (["嗯，", "您好"], [("嗯", False)]),
        (["您好", "嗯，", "呃。"], [("嗯", True), ("呃", True)]),
        (["Umm,", "this", "is", "er...", "hmm", "it"], [("umm", False), ("er", False), ("hmm", False)]),
        (["那个", "然后", "是啊", "uh-huh", "human", "her"], []),
    ],
)
def test_fillers_among_words(said: list[str], found: list[tuple[str, bool]]) -> None:
    assert [(each.text, each.trailing) for each in fillers_among(words(*said))] == found


class Asked(SecondPass):
    """A second pass whose recogniser hears nothing; what it was given is kept."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, doubts: Sequence[Interval]) -> None:
        super().__init__(SimpleNamespace())  # type: ignore[arg-type]
        self.given: list[tuple[int, list[Interval], str]] = []
        monkeypatch.setattr(fillers, "in_doubt", lambda *_: tuple(doubts))
        monkeypatch.setattr(transcript, "prompted", self.hear)

    def hear(self, sound: np.ndarray, spans: list[Interval], *, language: str, **_: Any) -> tuple[Word, ...]:
        self.given.append((sound.size, list(spans), language))
        return ()


def piece(start_s: float, speech_s: float) -> Piece:
    return Piece(start_s, np.zeros(60 * RATE, np.float32), (Interval(0.0, speech_s),))


def test_no_more_than_a_fifth_of_the_speech_is_asked_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    doubts = [Interval(second, second + 0.5) for second in np.arange(1.0, 50.0, 2.0)]
    again = Asked(monkeypatch, doubts)
    for number in range(10):
        again.take(piece(60.0 * number, 40.0), None, (), "zh")  # type: ignore[arg-type]
        assert again.asked_s <= SHARE * again.speech_s + 1e-9
    again.told()
    assert again.asked_s > 0.9 * SHARE * again.speech_s
    assert sum(size for size, *_ in again.given) == pytest.approx(again.asked_s * RATE, abs=10)
    assert all(sum(span.duration_s for span in spans) <= 24 for _, spans, _ in again.given)
    assert len(again.given) == 4  # 80 s in windows of up to 24


def test_the_first_doubts_are_asked_first_and_get_more_words_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    doubts = [Interval(30.0, 30.5), Interval(10.0, 10.5), Interval(20.0, 20.5)]
    short, long = Asked(monkeypatch, doubts), Asked(monkeypatch, doubts)
    short.take(piece(0.0, 9.0), None, (), "en")  # type: ignore[arg-type]
    long.take(piece(0.0, 40.0), None, (), "en")  # type: ignore[arg-type]
    long.told()
    monkeypatch.setattr(transcript, "prompted", short.hear)
    short.told()
    assert [[(s.start_s, s.end_s) for s in spans] for _, spans, _ in short.given] == [[(9.9, 10.75), (29.9, 30.75)]]
    assert [[(s.start_s, s.end_s) for s in spans] for _, spans, _ in long.given] == [
        [(9.6, 11.3), (19.6, 21.3), (29.6, 31.3)]
    ]


def test_each_language_has_its_prompt_and_others_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    again = Asked(monkeypatch, [Interval(1.0, 1.5)])
    for start_s, language in ((0.0, "zh"), (60.0, "auto"), (120.0, "ja"), (180.0, "en")):
        again.take(piece(start_s, 30.0), None, (), language)  # type: ignore[arg-type]
    again.told()
    assert [language for *_, language in again.given] == ["zh", "en"]
    assert again.speech_s == 60
    assert [spans[0].start_s for _, spans, _ in again.given] == [pytest.approx(0.6), pytest.approx(180.6)]


def test_words_are_given_in_the_time_of_the_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Word] = []
    again = Asked(monkeypatch, [])
    monkeypatch.setattr(fillers, "in_doubt", lambda _frames, said, _language: given.extend(said) or ())
    said = Utterance(61.0, 61.4, "好", (Word(61.0, 61.4, "好", 0.9),))
    again.take(piece(60.0, 30.0), None, (said,), "zh")  # type: ignore[arg-type]
    assert [(word.start_s, word.end_s) for word in given] == [(1.0, pytest.approx(1.4))]


@pytest.mark.parametrize(("loops", "log_odds", "heard"), [(False, -0.5, 1), (True, -0.5, 0), (False, -1.2, 0)])
def test_a_window_that_loops_or_fails_is_dropped(
    monkeypatch: pytest.MonkeyPatch, loops: bool, log_odds: float, heard: int
) -> None:
    asked: list[dict[str, Any]] = []

    def ask(_sound: np.ndarray, _language: str, _recogniser: Any, **options: Any) -> tuple[Any, bool]:
        asked.append(options)
        said = SimpleNamespace(start=0.2, end=0.5, word=" Um,", probability=0.5)
        return SimpleNamespace(words=[said], avg_logprob=log_odds), loops

    monkeypatch.setattr(transcript, "_asked", ask)
    found = transcript.prompted(
        np.zeros(RATE, np.float32), [Interval(7.0, 8.0)], language="en", recogniser=None, prompt="Um"  # type: ignore[arg-type]
    )  # fmt: skip
    assert asked == [{"hotwords": "Um"}]
    assert len(found) == heard
    assert all((word.start_s, word.text) == (pytest.approx(7.2), "Um,") for word in found)


def test_prompts_are_of_the_languages_that_are_judged() -> None:
    assert set(prompted.PROMPTS) == set(transcript.LANGUAGES)
