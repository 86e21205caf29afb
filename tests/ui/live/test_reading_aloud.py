"""A text read aloud in the check: offered once, heard beside the rehearsal, kept as figures, counted for its words."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from liyi.core.options import Options
from liyi.records.operations import tries
from liyi.report.findings import Mark
from liyi.ui import history, people, reader, slots
from liyi.ui.live import reading_aloud, session
from liyi.ui.live.reading_aloud import ReadingAloud
from liyi.ui.live.rehearsing import Rehearsing
from speech.read_aloud import Reading, texts
from tests.ui.live.conftest import begin
from tests.ui.live.simulated import sound_message

GOOD = (Mark.GOOD, "")
READ = Reading(0.04, 0.02, 28.0, 195.0, 6.0, "字/分", -24.0, 32.0, 1.0)
PIECE = np.full(4000, 300, np.int16)


@pytest.fixture(autouse=True)
def agreed(monkeypatch):
    people.agree("I agree.", version="test-1")
    monkeypatch.setattr(reading_aloud, "missing", list)
    reading_aloud._declined.clear()


@pytest.fixture
def heard(monkeypatch):
    """What was handed over to be heard; `result` is what comes of it, None as long as it is still heard."""

    class Heard:
        result: Reading | None = READ
        free = True
        asked: list[tuple] = []  # noqa: RUF012

        def begin(self, folder, samples, language, recogniser):
            self.asked = [*self.asked, (samples.size, language, recogniser)] if self.free else self.asked
            return self.free

        def told(self, folder):
            return reader.Told(self.result)

    standing_in = Heard()
    monkeypatch.setattr(reader, "begin", standing_in.begin)
    monkeypatch.setattr(reader, "told", standing_in.told)
    return standing_in


def reads(language: str = "zh", **changes) -> ReadingAloud:
    """Somebody in the check of a new rehearsal."""
    id, _ = begin()
    return ReadingAloud(replace(session.open_session(id), **changes), language)


def at(live: ReadingAloud, label: str = "Desk microphone"):
    live.told({"type": "room", "label": label, "device": "d1"})
    return live.look(GOOD)


def does(live: ReadingAloud, *steps: str, sound=GOOD, pieces: int = 0):
    for step in steps:
        live.told({"type": "reading", "do": step})
        for _ in range(pieces if step == "begin" else 0):
            live.add(PIECE)
    return live.look(sound)


def error_of(live: ReadingAloud) -> float | None:
    return session.open_session(live._session.id).options.reading_error


def test_a_reading_is_offered_heard_kept_and_counted(heard):
    live = reads()
    assert [(m["state"], m["text"]) for m in at(live)] == [("offer", texts()["zh"])]
    told = does(live, "begin", "end", pieces=120)
    assert [m["state"] for m in told] == ["hearing", "done"]
    assert "4%" in told[-1]["said"]
    assert heard.asked == [(480_000, "zh", "whisper_base")]
    assert error_of(live) == 0.04
    [kept] = tries.mine(people.records(), people.viewer())
    assert {each.criterion: each.value for each in kept.results} == {
        "misheard": 4.0, "pace": 195.0, "level": -24.0, "snr": 32.0,
    }  # fmt: skip
    assert live.look(GOOD) == []


def test_what_was_read_here_today_counts_for_the_next_rehearsal_and_nowhere_else(heard, monkeypatch):
    first = reads()
    at(first)
    does(first, "begin", "end", pieces=120)
    later = reads()
    assert [m["state"] for m in at(later)] == ["done"]
    assert error_of(later) == 0.04
    assert [m["state"] for m in at(later, "Another microphone")] == ["offer"]
    assert error_of(later) is None  # of that room nothing is known
    tomorrow = reading_aloud._midnight() + 86_400
    monkeypatch.setattr(reading_aloud, "_midnight", lambda: tomorrow)
    assert [m["state"] for m in at(reads())] == ["offer"]


def test_who_does_not_want_to_is_not_asked_again_today(heard, monkeypatch):
    live = reads()
    at(live)
    assert [m["state"] for m in does(live, "skip")] == ["quiet"]
    assert [m["state"] for m in at(reads())] == ["quiet"]
    assert [m["state"] for m in at(reads(), "Another microphone")] == ["offer"]
    assert heard.asked == []
    assert tries.mine(people.records(), people.viewer()) == ()


@pytest.mark.parametrize(("result", "sound", "pieces", "why"), [
    (READ, (Mark.FAULT, "靠近麦克风。"), 120, "靠近麦克风。"),
    (READ, GOOD, 5, "听到的太少"),
    (replace(READ, speech_s=2.0), GOOD, 120, "听到的太少"),
    (replace(READ, misheard=0.7), GOOD, 120, "听到的与所示文字不符"),
    (None, GOOD, 120, "这次朗读没能识别"),
])  # fmt: skip
def test_what_is_no_reading_is_told_and_offered_again(heard, result, sound, pieces, why):
    heard.result = result
    live = reads()
    at(live)
    told = does(live, "begin", "end", sound=sound, pieces=pieces)[-1]
    assert told["state"] == "offer"
    assert told["said"].startswith(why)
    assert error_of(live) is None
    assert tries.mine(people.records(), people.viewer()) == ()


def test_it_waits_for_a_slot_and_nobody_waits_for_it(heard):
    heard.free = False
    live = reads()
    at(live)
    assert [m["state"] for m in does(live, "begin", "end", pieces=120)] == ["hearing"]
    assert live.look(GOOD) == []
    heard.free = True
    assert [m["state"] for m in live.look(GOOD)] == ["done"]


def test_nothing_is_kept_of_what_nobody_reads(heard):
    live = reads()
    at(live)
    live.add(PIECE)
    does(live, "begin", "stop", pieces=120)
    assert does(live, "end") == []
    does(live, "begin", pieces=2000)
    assert sum(piece.size for piece in live._pieces) <= (reading_aloud.LONGEST_S + 1) * 16_000
    assert heard.asked == []


@pytest.mark.parametrize("changes", [{"options": Options("seated", "front", recogniser=None)}, {}])
def test_it_is_offered_only_where_it_can_be_heard(monkeypatch, changes):
    if not changes:
        monkeypatch.setattr(reading_aloud, "missing", lambda: ["whisper_base"])
    assert [m["state"] for m in at(reads(**changes))] == ["none"]
    assert [m["state"] for m in at(reads("yue"))] == ["none"]


def test_a_rehearsal_hands_the_reader_its_sound_and_goes_on(heard):
    id, _ = begin()
    live = Rehearsing(session.open_session(id))
    live.told(json.dumps({"type": "room", "label": "Desk microphone", "device": "d1"}))
    live.told('{"type": "reading", "do": "begin"}')
    for n in range(1, 25):
        live.take(sound_message(n, 0.25 * n, np.zeros(4000)))
    live.told('{"type": "reading", "do": "end"}')
    assert live.due
    states = [m["state"] for m in live.look() if m["type"] == "reading"]
    assert states[0] == "offer"
    assert live._reading._asked == []
    for bad in ('{"type": "reading", "do": "sing"}', '{"type": "reading"}', '{"type": "room", "label": "x"}'):
        with pytest.raises(ValueError, match=r"."):
            live.told(bad)


def test_a_reading_is_no_practice_of_a_drill():
    tries.add(people.records(), people.viewer(), drill=tries.READING + "ab", results=[], passed=True)
    assert history.own_tries() == ()


def test_the_sound_is_gone_before_it_is_heard(tmp_path, monkeypatch):
    folder = tmp_path / "work" / "reading"
    monkeypatch.setattr(reader.subprocess, "Popen", lambda *command, **about: None)
    assert reader.begin(folder, PIECE, "zh", "whisper_base")
    assert (folder / "sound.pcm").stat().st_mode & 0o077 == 0
    assert reader.told(folder) is None

    def hear(samples, language, recogniser):
        assert [file.name for file in folder.iterdir()] == ["asked.json"]
        assert (samples.size, round(float(samples[0]), 5), language, recogniser) == (
            4000,
            0.00916,
            "zh",
            "whisper_base",
        )
        return READ

    monkeypatch.setattr(reader, "read_aloud", hear)
    reader.work(folder)
    assert reader.told(folder) == reader.Told(READ)
    monkeypatch.setattr(reader, "read_aloud", lambda *asked: 1 / 0)
    assert reader.begin(folder, PIECE, "zh", "whisper_base")
    reader.work(folder)
    assert reader.told(folder) == reader.Told(None)
    assert not (folder / "sound.pcm").exists()


def test_a_reading_takes_a_slot_as_an_assessment_does(tmp_path, monkeypatch):
    monkeypatch.setenv(slots.SLOTS, "1")
    held, _ = slots.take()
    assert not reader.begin(tmp_path / "reading", PIECE, "zh", "whisper_base")
    assert not (tmp_path / "reading").exists()
    os.close(held)
