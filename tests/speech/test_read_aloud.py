"""A known text against what was heard: compared by its sound, whatever characters stand for it."""

from __future__ import annotations

import numpy as np
import pytest

from liyi.core.trace import Interval
from speech import read_aloud
from speech.read_aloud import distance, figures, misheard, sounds, texts
from speech.voice import Transcript, Utterance, Voice, Word


def said(text: str, language: str = "zh", **changes) -> Voice:
    """Thirty seconds in which a text was heard, four syllables a second, over a background 40 dB lower."""
    t = np.arange(3000) * 0.01
    spoken = Interval(1.0, 29.0)
    level = np.where(spoken.covers(t), -24.0, -64.0).astype(np.float32)
    words = tuple(Word(1.0, 29.0, each, 0.9) for each in [text])
    heard = Transcript(language, (Utterance(1.0, 29.0, text, words),)) if text else None
    plain = {
        "duration_s": 30.0, "stretches": (spoken,), "t": t, "level_db": level,
        "pitch_hz": np.full(3000, 180.0, np.float32), "nuclei_s": np.arange(1.1, 28.9, 0.25), "filled": (),
        "clipped_share": 0.0, "snr_db": 40.0, "transcript": heard,
    }  # fmt: skip
    return Voice(**{**plain, **changes})


@pytest.mark.parametrize(("a", "b", "least"), [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("abc", "bc", 1),
                                               ("kitten", "sitting", 3), ("ab", "ba", 2)])  # fmt: skip
def test_the_distance_is_the_least_number_of_changes(a, b, least):
    assert distance(a, b) == distance(b, a) == least


def test_characters_are_compared_by_their_sound_and_punctuation_by_nothing():
    assert sounds("您好，请3号 OK！", "zh") == ["nin", "hao", "qing", "3", "hao", "ok"]
    assert misheard("请您先看清楚", "请您先看青褚。", "zh")[0] == 0
    assert misheard("请您先看清楚", "请您先看清", "zh")[0] == pytest.approx(1 / 6)
    assert misheard("Don’t wait, please.", "don't WAIT please", "en")[0] == 0


def test_a_share_has_the_error_of_its_count_and_is_never_sure():
    text = "好" * 100
    assert misheard(text, text, "zh") == (0.0, pytest.approx(0.005, abs=1e-4))
    share, error = misheard(text, "好" * 80, "zh")
    assert (share, error) == (0.2, pytest.approx(0.04, abs=1e-3))  # of the binomial distribution
    assert misheard("好", "你" * 50, "zh")[0] == 1.0  # more was put in than there is


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_text_is_read_in_half_a_minute_and_holds_no_figures(language):
    text = texts()[language]
    count = len(sounds(text, language))
    assert (90 <= count <= 100) if language == "zh" else (60 <= count <= 75)
    assert not any(char.isdigit() for char in text)
    assert "\n" not in text


def test_no_character_of_the_text_depends_on_those_around_it():
    from pypinyin import lazy_pinyin

    text = "".join(filter(str.isalpha, texts()["zh"]))
    assert [lazy_pinyin(char)[0] for char in text] == sounds(text, "zh")


def test_the_figures_of_a_reading():
    read = figures(said(texts()["zh"]), "zh")
    assert (read.misheard, read.speech_s, read.snr_db) == (0.0, 28.0, 40.0)
    assert read.level_db == pytest.approx(-24.0)
    assert read.pace_unit == "字/分"
    assert read.pace == pytest.approx(60 * 97 / 28, rel=0.1)


def test_what_was_not_heard_is_none_and_not_a_number():
    silent = figures(said("", stretches=(), nuclei_s=np.empty(0), snr_db=float("nan")), "zh")
    assert (silent.misheard, silent.speech_s) == (1.0, 0.0)
    assert (silent.pace, silent.level_db, silent.snr_db, silent.snr_error) == (None,) * 4


def test_sound_is_heard_in_the_language_of_the_text(monkeypatch):
    asked = {}

    def listen(blocks, **how):
        asked.update(how, samples=sum(block.size for block in blocks))
        return said(texts()["en"], "en")

    monkeypatch.setattr("speech.listening.listen", listen)
    read = read_aloud.read_aloud(np.zeros(40_000, np.float32), "en", "whisper_base")
    assert asked == {"language": "en", "recogniser": "whisper_base", "samples": 40_000}
    assert read.misheard == 0.0
