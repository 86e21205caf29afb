"""Sound heard while it is recorded: nothing is recognised twice, and the words are those of the whole."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from liyi.core.trace import Interval
from speech import stretches, transcript
from speech.ahead import listen_ahead, remembering
from speech.stretches import FRAME, RATE
from speech.transcript import Recogniser

if TYPE_CHECKING:
    from speech.voice import Utterance


class Script:
    """A recogniser that hears one word in the middle of each window, said by its first sample."""

    def __init__(self) -> None:
        self.asked = 0
        self.languages = 0
        self.model = SimpleNamespace(is_multilingual=True)

    def detect_language(self, sound: np.ndarray) -> tuple[str, float, list[tuple[str, float]]]:
        self.languages += 1
        return "zh", 0.9, [("zh", 0.9)]

    def recognize(self, audio: Any, **options: Any) -> dict[str, Any]:
        self.asked += 1
        middle_s = len(audio.frame_data) / 4 / RATE / 2
        said = f"{int.from_bytes(audio.frame_data[:4], 'little'):x}"
        word = SimpleNamespace(start=middle_s, end=middle_s + 0.2, word=said, probability=0.9)
        return {"segments": [SimpleNamespace(words=[word], tokens=[1], avg_logprob=-0.1)]}


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    """A hundred seconds, in which four of every five are speech."""

    def heard(samples: np.ndarray) -> tuple[tuple[Interval, ...], np.ndarray]:
        length_s = samples.size / RATE
        speech = tuple(Interval(a, min(a + 4.0, length_s)) for a in np.arange(0.0, length_s, 5.0).tolist())
        return speech, np.zeros(-(-samples.size // FRAME))

    monkeypatch.setattr(stretches, "_listen", heard)
    monkeypatch.setattr(transcript, "_UNHEARD_S", 1e9)
    return np.random.default_rng(0).uniform(-0.5, 0.5, 100 * RATE).astype(np.float32)


def words(sound: np.ndarray, recogniser: Recogniser) -> list[tuple[str, tuple[Utterance, ...]]]:
    return [
        transcript.transcribe(p.samples, p.speech, language="auto", recogniser=recogniser, offset_s=p.start_s)
        for p in stretches.cut([sound])
    ]


def test_what_was_heard_ahead_is_not_recognised_again(spoken: np.ndarray) -> None:
    plain, script = Script(), Script()
    alone = words(spoken, Recogniser(plain, plain))
    quick = remembering(Recogniser(script, script))
    for seconds in (20, 40, 70, 90):
        listen_ahead([spoken[: seconds * RATE]], language="auto", languages=("zh",), recogniser=quick)
    ahead, script.asked, script.languages = script.asked, 0, 0
    assert words(spoken, quick) == alone
    assert 0 < script.asked < plain.asked
    assert ahead + script.asked == plain.asked
    assert script.languages < plain.languages


def test_another_question_about_the_same_sound_is_asked(spoken: np.ndarray) -> None:
    script = Script()
    quick = remembering(Recogniser(script, script))
    for penalty in (1.0, 1.15, 1.15):
        transcript._asked(spoken[:RATE], "zh", quick, repetition_penalty=penalty)
    transcript._asked(spoken[:RATE], "en", quick, repetition_penalty=1.15)
    assert script.asked == 3


def test_a_window_that_may_still_grow_is_left(spoken: np.ndarray) -> None:
    script = Script()
    quick = remembering(Recogniser(script, script))
    listen_ahead([spoken[: 25 * RATE]], language="auto", languages=("zh",), recogniser=quick)
    assert (script.asked, script.languages) == (0, 0)
    listen_ahead([spoken[: 45 * RATE]], language="auto", languages=("zh",), recogniser=quick)
    assert (script.asked, script.languages) == (1, 1)
