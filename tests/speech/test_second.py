"""The second recogniser: its grammar, its stream of sound, and times that are the recording's."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liyi.cli.norms import say_unheard
from liyi.core.trace import Interval
from liyi.etiquette.calibration import voice_outside
from liyi.etiquette.norms import load_pack
from liyi.etiquette.pack_phrases import listened_for
from speech import second
from speech.notices import notices
from speech.second import UNKNOWN, Listener, grammar, hear, split, unknown
from speech.stretches import RATE, cut
from speech.voice import SecondHearing, Transcript, Word
from tests.speech.test_measures_delivery import spoken

ROOT = Path(__file__).resolve().parents[2]
SAID = ("下班了明天再来", "有意见你去投诉好了", "系统正在处理")


@pytest.fixture(scope="module")
def sentence(shared) -> np.ndarray:
    """A woman who says 广州市房地产中介协会分析, as 16 kHz samples."""
    import soundfile

    return soundfile.read(shared / "media/speech/zh_aishell_BAC009S0724W0121.wav", dtype="float32")[0]


@pytest.fixture
def dictionary(monkeypatch) -> None:
    """A model that knows a few words, and whose name for what it does not know is a word too."""

    class Known:
        words = ("您", "好", "您好", "请", "稍", "等", "归", "我", "管", "不", "[unk]")

        def vosk_model_find_word(self, word: str) -> int:
            return self.words.index(word) if word in self.words else -1

    monkeypatch.setattr(second, "load_second", Known)


def test_a_wording_is_split_into_the_longest_words_that_the_model_knows(dictionary) -> None:
    assert split("您好请稍等") == ("您好", "请", "稍", "等")
    assert split("不归我管") == ("不", "归", "我", "管")
    assert split("") == ()


def test_what_the_model_does_not_know_is_named_and_never_listened_for_in_part(dictionary) -> None:
    assert split("您好喎") is None
    assert unknown(("您好", "您好喎", "APP")) == ("您好喎", "APP")
    assert grammar(("您好", "您好喎", "您好", "请等")) == ("您好", "请 等", UNKNOWN)
    assert grammar(()) == (UNKNOWN,)


def test_what_is_missing_is_named(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    assert second.lacking() == ("vosk_small_cn",)
    monkeypatch.setattr(second, "find_spec", lambda name: None)
    assert second.lacking() == ("vosk", "vosk_small_cn")


def test_a_model_that_is_damaged_is_lacking_and_a_library_that_fails_is_told(phrases_ready, monkeypatch) -> None:
    from liyi.modelfiles import registry

    assert second.failure() is None

    class Vosk:
        SetLogLevel = staticmethod(lambda level: None)

        def __init__(self, *_: object) -> None:
            raise Exception("Failed to create a model")  # as Vosk does

        Model = KaldiRecognizer = None

    Vosk.Model = Vosk.KaldiRecognizer = Vosk
    second.load_second.cache_clear()
    monkeypatch.setattr(second, "_vosk", lambda: Vosk)
    failure = second.failure()
    assert failure is not None
    assert "Failed to create a model" in str(failure)
    for ask in (second.load_second, lambda: Listener(("您好",)), lambda: Listener(None)):
        with pytest.raises(second.SecondFailedError):
            ask()
    monkeypatch.setattr(registry, "content_sha256", lambda _: "0" * 64)
    assert second.lacking() == ("vosk_small_cn",)
    assert second.failure() is None  # what is lacking is told already


@pytest.mark.parametrize("method", ["accept", "partial", "finish"])
def test_what_the_library_raises_while_it_hears_is_our_own_fault(phrases_ready, monkeypatch, method) -> None:
    class Fails:
        def __getattr__(self, name: str):
            return lambda *_: "{" if name.endswith("Result") else True

    listener = Listener(("您好",))
    listener._recogniser = Fails()
    with pytest.raises(second.SecondFailedError):
        getattr(listener, method)(*([np.zeros(RATE, np.float32)] if method == "accept" else []))


def test_a_listed_phrase_is_heard_at_its_time_and_other_speech_is_none_of_the_list(phrases_ready, sentence) -> None:
    (piece,) = cut([sentence])
    words = listened(piece.samples, piece.speech, (*SAID, "房地产中介"), 100.0)
    heard = [word for word in words if word.text != UNKNOWN]
    assert "".join(word.text for word in heard) == "房地产中介"
    assert min(word.probability for word in heard) > 0.9
    first_s, last_s = 100 + piece.speech[0].start_s, 100 + piece.speech[-1].end_s
    assert first_s + 0.3 < heard[0].start_s < heard[-1].end_s < last_s - 0.3
    assert {word.text for word in listened(piece.samples, piece.speech, SAID, 0.0)} == {UNKNOWN}


def listened(samples, speech, wordings, offset_s):
    listener = Listener(wordings)
    return (*hear(samples, speech, listener=listener, offset_s=offset_s), *listener.finish())


def test_twice_the_same_sound_gives_the_same_words_at_every_gain(phrases_ready, sentence) -> None:
    (piece,) = cut([sentence])
    once = listened(piece.samples, piece.speech, ("房地产中介", *SAID), 0.0)
    assert listened(piece.samples, piece.speech, ("房地产中介", *SAID), 0.0) == once
    quiet = listened(piece.samples * np.float32(0.03), piece.speech, ("房地产中介", *SAID), 0.0)
    assert [word.text for word in quiet] == [word.text for word in once]


def test_silence_is_skipped_and_times_stay_those_of_the_recording(phrases_ready, sentence) -> None:
    (alone,) = cut([sentence])
    apart = np.concatenate([sentence, np.zeros(20 * RATE, np.float32), sentence])
    speech = (*alone.speech, *(Interval(s.start_s + 20 + sentence.size / RATE, s.end_s + 20 + sentence.size / RATE)
                               for s in alone.speech))  # fmt: skip
    words = [word for word in listened(apart, speech, ("房地产中介",), 0.0) if word.text != UNKNOWN]
    first, again = words[: len(words) // 2], words[len(words) // 2 :]
    assert [word.text for word in first] == [word.text for word in again]
    later_s = [b.start_s - a.start_s for a, b in zip(first, again, strict=True)]
    assert later_s == pytest.approx([20 + sentence.size / RATE] * len(first), abs=0.08)


def test_a_stream_gives_words_while_it_goes_on_whatever_the_blocks(phrases_ready, sentence) -> None:
    stream = np.concatenate([sentence, np.zeros(RATE, np.float32)])
    found = []
    for block in (700, 12_345):
        listener, words, begun = Listener(("房地产中介", *SAID)), [], False
        for first in range(0, stream.size, block):
            words += listener.accept(stream[first : first + block])
            begun = begun or "房地产" in listener.partial()
        assert begun
        assert "房地产" in [word.text for word in words]  # the pause has ended it
        found.append((*words, *listener.finish()))
    assert found[0] == found[1]


def test_a_recording_heard_by_one_recogniser_alone_says_so() -> None:
    voice = spoken([20, 20], level_db=-40)
    mandarin = replace(voice, transcript=Transcript("zh", ()))
    (notice,) = notices(mandarin, SAID)
    assert "one recogniser alone" in notice.sentence
    english = replace(voice, transcript=Transcript("en", ()))
    heard_twice = replace(mandarin, second=SecondHearing(SAID, ()))
    assert [notices(*each) for each in ((mandarin,), (english, SAID), (heard_twice, SAID), (voice, SAID))] == [()] * 4


def test_what_was_said_while_the_person_was_calibrated_is_not_judged() -> None:
    words = (Word(1.0, 1.4, "不归", 1.0), Word(6.0, 6.4, "您好", 1.0))
    voice = replace(spoken([20, 20]), second=SecondHearing(SAID, words))
    assert voice_outside(voice, Interval(0.0, 5.0)).second == SecondHearing(SAID, words[1:])


def test_checking_a_pack_says_which_phrases_are_not_listened_for_twice(monkeypatch, capsys) -> None:
    pack = load_pack("counter")
    monkeypatch.setattr(second, "lacking", tuple)
    monkeypatch.setattr(second, "unknown", lambda wordings: ("您好喎",) if "您好" in wordings else ())
    say_unheard(pack, "en")
    assert capsys.readouterr().out.startswith("A character of 您好喎 is unknown")
    monkeypatch.setattr(second, "lacking", lambda: ("vosk",))
    say_unheard(pack, "en")
    assert "was not checked" in capsys.readouterr().out


def test_every_phrase_of_the_shipped_packs_can_be_listened_for(phrases_ready) -> None:
    assert unknown(listened_for(load_pack("counter"))) == ()


def test_loading_it_loads_no_network_client(phrases_ready) -> None:
    """urllib3 opens a socket on this machine as soon as it is imported."""
    code = "import sys; from speech import second; second.load_second(); print('urllib3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"


def test_a_library_that_cannot_be_loaded_is_lacking(tmp_path) -> None:
    (tmp_path / "vosk").mkdir()
    (tmp_path / "vosk" / "__init__.py").write_text("raise OSError('libvosk.so: cannot open shared object file')")
    asked = "from speech.second import lacking; print('vosk' in lacking())"
    told = subprocess.run(
        [sys.executable, "-c", asked], env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=ROOT, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "True"
