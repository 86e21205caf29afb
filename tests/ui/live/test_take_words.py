"""The words of a take: heard when it has ended, by a recogniser that knows the drill's text, and judged by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liyi.core.bilingual import Bilingual
from liyi.core.trace import Interval
from liyi.etiquette.drill import pack_of
from liyi.etiquette.drill_shape import Drill
from liyi.ui.live import take_words
from liyi.ui.live.messages import Sound
from liyi.ui.live.take_words import TakeEar, ear_for, followed, listened_for, needs_words, with_words
from liyi.ui.live.window import SoundWindow
from speech import second
from speech.voice import Voice, Word

TEXT = Bilingual(zh="您好！请坐，谢谢。")
BAND = {
    "measure": "courtesy_coverage", "aggregate": "value", "dimension": "voice", "good": [100, 100],
    "tolerable": [80, 100], "fail": [20, 100], "params": {"phrases": "ten_words"}, "confidence": "L",
    "source": {"doc": "d", "clause": "c"}, "advice": {"zh": "z", "en": "e"},
}  # fmt: skip
GREET = Drill("greet", TEXT, "words", TEXT, TEXT, TEXT, 10.0, 5, "none", "near", "phone", "counter", ("ten_words",),
              {"ten_words": BAND})  # fmt: skip
PLAIN = replace(GREET, criteria=("pace",), bands={})
EMPTY = np.empty(0)
SINGLE = EMPTY.astype(np.float32)
SAID = np.random.default_rng(0).normal(0, 0.05, 16_000 * 4).astype(np.float32)
QUIET = Voice(3.0, (Interval(0.2, 2.8),), EMPTY, SINGLE, SINGLE, EMPTY, (), 0.0, 30.0, None)


@pytest.fixture
def hears(monkeypatch):
    """A second recogniser that hears what it is told, and what it was asked for."""
    asked = []

    class Listener:
        def __init__(self, wordings):
            asked.append(wordings)
            self.fed, self.told = [], [Word(0.2, 0.6, "您好", 1.0), Word(0.6, 1.0, "[unk]", 1.0),
                                       Word(1.0, 1.2, "请", 0.9)]  # fmt: skip

        def accept(self, sound):
            self.fed.append(sound)
            told, self.told = self.told, []
            return tuple(told)

        def finish(self):
            return (Word(1.2, 1.5, "坐", 0.95), Word(2.7, 3.0, "谢谢", 1.0), Word(3.2, 3.3, "坐", 1.0))

    monkeypatch.setattr(take_words.second, "Listener", Listener)
    monkeypatch.setattr(take_words.second, "lacking", lambda: ())
    return asked


def test_a_take_of_words_has_what_was_said_cut_where_something_else_was(hears):
    voice = with_words(QUIET, SAID, GREET, pack_of(GREET), lang="zh")
    assert [(u.text, u.start_s, u.end_s) for u in voice.transcript.utterances] == [
        ("您好", 0.2, 0.6), ("请坐", 1.0, 1.5), ("谢谢", 2.7, 3.0)]  # fmt: skip
    assert voice.transcript.language == "zh"
    assert voice.second.listened_for == hears[0]
    assert [word.text for word in voice.second.words] == ["您好", "[unk]", "请", "坐", "谢谢"]


def test_it_listens_for_the_text_of_the_drill_alone(hears):
    assert listened_for(GREET) == ("您好", "请坐", "谢谢")
    assert listened_for(replace(GREET, say=None)) == ()


def test_where_no_words_are_asked_for_or_none_can_be_heard_the_voice_is_as_it_was(hears, monkeypatch):
    assert not needs_words(pack_of(PLAIN))
    assert with_words(QUIET, SINGLE, PLAIN, pack_of(PLAIN), lang="zh") is QUIET
    english = replace(GREET, say=Bilingual(en="Good morning."))
    assert with_words(QUIET, SINGLE, english, pack_of(english), lang="en") is QUIET
    monkeypatch.setattr(take_words.second, "lacking", lambda: ("vosk",))
    assert with_words(QUIET, SINGLE, GREET, pack_of(GREET), lang="zh") is QUIET
    assert take_words.lacking(GREET) == ("vosk",)
    assert take_words.lacking(PLAIN) == ()
    assert {"ten_words", "tell_at_once"} <= take_words.unheard()
    assert "read_120" not in take_words.unheard()
    assert hears == []


def test_a_take_that_is_followed_is_heard_as_one_that_is_heard_at_its_end(hears):
    whole = TakeEar(GREET)
    words = whole.end(SAID)
    for blocks in ((4_000, 9_000, 30_000, 30_001, 63_999), (16_000, 64_000)):
        ear = TakeEar(GREET)
        for size in blocks:
            ear.follow(SAID[:size])
        left = SAID.size - sum(part.size for part in ear._listener.fed)
        assert left <= 16_000 + 2 * 3_200  # a second, and what is no whole step
        assert ear.end(SAID) == words
        assert np.concatenate(ear._listener.fed).tobytes() == np.concatenate(whole._listener.fed).tobytes()


def test_the_level_follows_the_loudest_moment_so_far_and_is_the_same_at_every_gain(hears):
    louder = SAID * np.repeat([0.2, 0.2, 1.0, 0.1], 16_000).astype(np.float32)
    told = []
    for gain in (1.0, 0.1):
        ear = TakeEar(GREET)
        ear.end(louder * np.float32(gain))
        told.append(np.concatenate(ear._listener.fed))
    np.testing.assert_allclose(told[0], told[1], rtol=1e-3)
    peaks = [float(np.percentile(np.abs(part), 99)) for part in np.split(told[0], 20)]
    assert max(peaks) == pytest.approx(0.5, rel=0.1)
    assert peaks[2] == pytest.approx(0.5, rel=0.1)  # soft as it was: the loud second was not there yet


def test_another_take_than_the_one_that_was_followed_is_heard_from_its_start(hears):
    ear = TakeEar(GREET)
    ear.follow(SAID)
    other = SAID[::-1].copy()
    assert ear.end(other) is None
    assert ear.end(SAID[:3_000]) is None
    voice = with_words(QUIET, other, GREET, pack_of(GREET), lang="zh", ear=ear)
    assert len(voice.second.words) == 5
    assert len(hears) == 2


def test_a_recogniser_that_fails_is_left_out_of_a_take(hears, monkeypatch):
    def fails(*_):
        raise second.SecondFailedError("broken")

    ear = ear_for(GREET, pack_of(GREET), "zh")
    monkeypatch.setattr(take_words.second.Listener, "accept", fails)
    assert followed(ear, SAID) is None
    assert with_words(QUIET, SAID, GREET, pack_of(GREET), lang="zh", ear=ear) is QUIET
    monkeypatch.setattr(take_words.second.Listener, "__init__", fails)
    assert ear_for(GREET, pack_of(GREET), "zh") is None
    assert with_words(QUIET, SAID, GREET, pack_of(GREET), lang="zh") is QUIET


def test_the_model_is_loaded_before_a_take_of_words_ends_and_for_no_other(hears, monkeypatch):
    loaded = []
    monkeypatch.setattr(take_words.second, "load_second", lambda: loaded.append(1))
    take_words.make_ready(pack_of(PLAIN))
    assert loaded == []
    take_words.make_ready(pack_of(GREET))
    assert loaded == [1]


def test_the_sound_of_a_take_is_that_of_its_stretch():
    window = SoundWindow(20.0)
    sound = np.round(np.random.default_rng(0).normal(0, 900, 16000 * 3)).astype(np.int16)
    for k in range(3):
        window.add(Sound(1, float(k), sound[16000 * k : 16000 * (k + 1)]))
    stretch = Interval(0.5, 2.0)
    assert window.take(stretch).duration_s == pytest.approx(1.5)
    np.testing.assert_allclose(window.sound(stretch), sound[8000:32000].astype(np.float32) / 32768)
