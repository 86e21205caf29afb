"""Courteous words are ticked while they are said, never anything else, and not where there is no room for it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from liyi.etiquette.norms import load_pack
from liyi.media.recording import open_media
from liyi.ui import slots
from liyi.ui.live import session, ticks
from liyi.ui.live.rehearsing import Rehearsing
from liyi.ui.live.ticks import COURTEOUS, Ticks, said_in
from speech.phrases import wordings
from speech.second import SecondFailedError
from speech.voice import Word
from tests.ui.live.conftest import begin
from tests.ui.live.simulated import sound_message

SAMPLE = Path(__file__).resolve().parents[3] / "sample_media" / "counter_front_zh.mp4"
PIECE = np.full(8000, 100, np.int16)


class Played:
    """A listener that hears what it is told to: what is finished, and what has begun, at each look."""

    script: tuple[tuple[tuple[Word, ...], tuple[str, ...]], ...] = ()
    wordings: tuple[str, ...] = ()
    heard_s: float = 0.0

    def __init__(self, wordings) -> None:
        Played.wordings = wordings
        self._at = -1

    def accept(self, samples):
        self._at += 1
        Played.heard_s += samples.size / 16_000
        return self.script[self._at][0]

    def partial(self):
        return self.script[self._at][1]


@pytest.fixture(autouse=True)
def played(monkeypatch):
    monkeypatch.setattr(ticks, "Listener", Played)
    monkeypatch.setattr(ticks, "lacking", tuple)
    ticks._listening.clear()
    Played.wordings, Played.heard_s = (), 0.0


def looks(*script, **about) -> Ticks:
    """Half a second of sound at each look."""
    Played.script = script
    listening = Ticks(load_pack("counter"), "zh", **about)
    for n in range(len(script)):
        listening.add(PIECE)
        listening.look(0.5 * n)
    return listening


def said(listening: Ticks) -> list[str]:
    [message] = listening.told("zh")
    assert message["note"] == ""
    return message["said"]


def word(text: str, probability: float = 1.0) -> Word:
    return Word(0.0, 0.5, text, probability)


@pytest.mark.parametrize(("words", "found"), [
    (("您好", "请问"), ["您好", "请"]), (("您", "好"), ["您好"]), (("申请", "表"), []),
    (("对", "不", "起"), ["对不起"]), (("不知道", "不归", "我", "管"), []),
    (("[unk]", "谢谢", "再见"), ["谢谢", "再见"]), ((), []),
])  # fmt: skip
def test_a_word_is_said_where_a_word_begins(words, found):
    assert said_in(words) == found


def test_a_word_that_stands_for_two_looks_is_ticked_and_one_that_changes_is_not():
    listening = looks(((), ("您好",)), ((), ("您好", "请")), ((), ("您好", "情况")))
    assert said(listening) == ["您好"]


def test_a_finished_word_is_ticked_when_it_is_sure():
    assert said(looks(((word("谢谢", 0.95), word("再见", 0.6)), ()))) == ["谢谢"]


def test_words_stand_in_the_order_in_which_they_were_said_and_once():
    listening = looks(((word("谢谢"),), ()), ((word("您好"), word("谢谢"), word("请问"), word("请您")), ()))
    assert said(listening) == ["谢谢", "您好", "请"]


def test_a_forbidden_phrase_is_listened_for_and_never_told():
    listening = looks(((word("不知道"), word("不归"), word("我"), word("管")), ("等", "着")), ((), ("等", "着")))
    assert said(listening) == []
    forbidden = tuple(replace(each.spoken, patterns=()) for each in load_pack("counter").phrases["forbidden"])
    assert {*wordings(forbidden), *COURTEOUS} <= set(Played.wordings)


def test_when_all_were_said_nobody_listens_any_more():
    listening = looks((tuple(map(word, COURTEOUS)), ()), ((), ()))
    assert said(listening) == list(COURTEOUS)
    assert Played.heard_s == 0.5


@pytest.mark.parametrize("about", [{"language": "en"}, {"silent": True}, {"pack": "presentation"}, {"lacking": True}])
def test_there_is_no_line_where_it_cannot_or_must_not_be_told(about, monkeypatch):
    monkeypatch.setattr(ticks, "lacking", lambda: ("vosk",) if about.get("lacking") else ())
    pack = load_pack(about.get("pack", "counter"))
    listening = Ticks(pack, about.get("language", "zh"), silent=about.get("silent", False))
    listening.add(PIECE)
    listening.look(0.0)
    assert listening.told("zh") == []
    assert listening._new == []


def test_it_stops_with_a_note_while_every_slot_is_held_and_goes_on_when_one_is_free(monkeypatch):
    monkeypatch.setenv(slots.SLOTS, "1")
    held, _ = slots.take()
    Played.script = (((word("您好"),), ()),)
    listening = Ticks(load_pack("counter"), "zh")
    for now_s in (0.0, 1.0):
        listening.add(PIECE)
        listening.look(now_s)
    assert listening.told("zh") == [{"type": "ticks", "said": [], "note": "机器正忙，暂不显示"}]
    assert Played.heard_s == 0
    os.close(held)
    listening.add(PIECE)
    listening.look(31.0)
    assert said(listening) == ["您好"]


def test_only_so_many_are_listened_to_at_once(monkeypatch):
    monkeypatch.setattr(ticks, "_MOST", 1)
    first = looks(((word("您好"),), ()))
    second = looks(((word("您好"),), ()))
    assert said(first) == ["您好"]
    assert second.told("en")[0]["note"].startswith("not now")
    del first
    third = looks(((word("您好"),), ()))
    assert said(third) == ["您好"]


def test_sound_that_waited_too_long_is_let_go():
    Played.script = (((), ()),)
    listening = Ticks(load_pack("counter"), "zh")
    for _ in range(40):
        listening.add(PIECE)
    listening.look(0.0)
    assert Played.heard_s == 5.0


def test_the_sample_is_ticked_within_two_seconds_of_each_word(models_ready, monkeypatch):
    """It says 您好 at 0.4 s, 请问 at 3.5 s, and 谢谢 until 8.7 s."""
    from speech.second import Listener

    monkeypatch.setattr(ticks, "Listener", Listener)
    sound = np.concatenate(list(open_media(SAMPLE).samples()))[: 11 * 16_000]
    listening, at_s = Ticks(load_pack("counter"), "zh"), {}
    for first in range(0, sound.size, PIECE.size):
        listening.add((sound[first : first + PIECE.size] * 32767).astype(np.int16))
        listening.look(first / 16_000)
        for courteous in said(listening):
            at_s.setdefault(courteous, (first + PIECE.size) / 16_000)
    assert list(at_s) == ["您好", "请", "谢谢"]
    assert at_s["您好"] <= 2.5
    assert at_s["请"] <= 5.5
    assert at_s["谢谢"] <= 10.7


def test_a_rehearsal_ticks_what_is_said_in_the_practice_and_nothing_before(monkeypatch):
    id, _ = begin()
    Played.script = (((word("您好"),), ()),) * 9
    live = Rehearsing(session.open_session(id))
    live.clock = lambda: 100.0
    live.take(sound_message(1, -9.0, np.zeros(8000)))
    live.look()
    assert Played.heard_s == 0
    live.told(json.dumps({"type": "practising", "start_s": 0}))
    live.take(sound_message(2, 0.0, np.zeros(8000)))
    live.clock = lambda: 102.0
    told = live.look()
    assert [m["said"] for m in told if m["type"] == "ticks"] == [["您好"]]
    exam = Rehearsing(replace(session.open_session(id), exam=True))
    assert exam._ticks.told("zh") == []


@pytest.mark.parametrize("method", ["__init__", "accept", "partial"])
def test_where_the_recogniser_fails_there_are_no_ticks_and_nothing_else_stops(monkeypatch, method):
    def fails(*_):
        raise SecondFailedError("broken")

    monkeypatch.setattr(Played, method, fails)
    listening = looks(([], []), ([], []))
    assert listening.told("zh") == []
