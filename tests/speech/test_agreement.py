"""Whether the second recogniser hears what the first one wrote."""

from __future__ import annotations

import numpy as np
import pytest

from speech import second
from speech.agreement import differing, distance, sample, wordings
from speech.stretches import RATE
from speech.voice import Utterance, Word

SAID = "广州市房地产中介协会分析"


def written(text: str, start_s: float = 0.5, end_s: float = 3.8) -> Utterance:
    return Utterance(start_s, end_s, text, (Word(start_s, end_s, text, 0.9),))


def test_texts_that_sound_alike_do_not_differ() -> None:
    assert distance("管理", "馆里") == 0
    assert distance("不归我管", "不归我关心") == 1
    assert distance("您好", "你好") == 0
    assert distance("行长", "航常") == 0  # by one of their readings
    assert (distance("", "您好"), distance("您好", ""), distance("", "")) == (2, 2, 0)
    assert distance("abc", "abx") == 1


def test_a_sample_lasts_ten_seconds_of_a_minute_and_is_spread_over_it() -> None:
    said = [written("您好", 3.0 * k, 3.0 * k + 3.0) for k in range(20)]
    assert [each.start_s for each in sample(said)] == [0.0, 18.0, 36.0, 54.0]
    assert sample(said[:3]) == tuple(said[:3])
    assert sample(()) == ()


def test_what_the_model_cannot_hear_is_left_out_of_what_it_listens_for(monkeypatch) -> None:
    monkeypatch.setattr(second, "split", lambda text: None if "喎" in text else tuple(text))
    assert wordings([written("好喎，12号窗口。OK")]) == ("好", "号窗口")


def test_words_that_were_said_are_confirmed_and_others_are_not(phrases_ready, shared) -> None:
    import soundfile

    sound = soundfile.read(shared / "media/speech/zh_aishell_BAC009S0724W0121.wav", dtype="float32")[0]
    assert differing(sound, [written(SAID)]) == (0, len(SAID))
    later = np.concatenate([np.zeros(RATE, np.float32), sound])
    assert differing(later, [written(SAID, 101.5, 104.8)], offset_s=100.0) == (0, len(SAID))
    wrong, count = differing(sound, [written("今天下午我们一起去图书馆")])
    assert wrong >= 0.7 * count
    assert differing(sound, [written("12345, OK")]) == (0, 0)


@pytest.mark.parametrize("text", ["", "，。"])
def test_nothing_written_is_nothing_to_compare(monkeypatch, text) -> None:
    monkeypatch.setattr(second, "Listener", lambda _: pytest.fail("nothing to listen for"))
    assert differing(np.zeros(RATE, np.float32), [written(text)]) == (0, 0)
