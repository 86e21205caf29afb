"""The list of recordings: narrowed by scene and time where there are many, and what it teaches while it is empty."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import event

from liyi.core.words import translate
from liyi.etiquette.drill import drill_named
from liyi.ui import entries, people, takes, workroom
from liyi.ui.entries import Entry
from liyi.ui.live import access
from tests.ui.drawing import page
from tests.ui.practised import assessment, practise, tilt

DAY_S = 86400.0


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    people.viewer()


@pytest.fixture
def many(monkeypatch):
    """Eight recordings, one a fortnight, every second one standing; what was looked through is noted."""
    asked = []
    kept = [
        Entry(f"{n:032x}", "upload", time.time() - 14 * n * DAY_S, f"{n}.mp4", "counter", ["seated", "standing"][n % 2],
              duration_s=75.0)
        for n in range(8)
    ]  # fmt: skip

    def newest(*, size):
        asked.append(size)
        return kept[:size]

    monkeypatch.setattr(entries, "entries", newest)
    return asked


def rows(shown):
    return [each.proto.body for each in shown.get("html") if 'class="row"' in each.proto.body]


def test_many_are_narrowed_by_scene_and_time(many):
    shown = page("recordings").run()
    assert len(rows(shown)) == 8
    assert all("1:15" in row for row in rows(shown))
    scenes = next(box for box in shown.selectbox if box.label == translate("Scene", "zh"))
    (standing,) = [name for name in scenes.options if "导办站立" in name]
    shown = scenes.set_value(standing).run()
    assert [f"{n}.mp4" in row for n, row in zip((1, 3, 5, 7), rows(shown), strict=True)] == [True] * 4
    assert many[-1] > many[0]  # those of one scene are looked for further back
    since = next(box for box in shown.selectbox if box.label == translate("When", "zh"))
    shown = since.set_value(30).run()
    assert ["1.mp4" in row for row in rows(shown)] == [True]
    since = next(box for box in shown.selectbox if box.label == translate("When", "zh"))
    shown = since.set_value(7).run()
    assert rows(shown) == []
    told = translate("None of your newest recordings is of this scene and this time.", "zh")
    assert told in [each.value for each in shown.markdown]


def test_an_empty_list_shows_a_sample_and_one_way_to_begin():
    shown = page("recordings").run()
    labels = [button.label for button in shown.button]
    assert labels == [translate("Practise now", "zh"), translate("Assess this sample", "zh")]
    assert len(shown.selectbox) == 0


def test_takes_of_drills_and_samples_are_named_by_what_they_are(monkeypatch):
    drill = drill_named("read_120")
    names = {"zh": takes.take_name(drill, "zh"), "en": takes.take_name(drill, "en")}
    assert workroom.safe_name(names["zh"]).endswith(".webm")
    for name in names.values():
        assert takes.drill_of(workroom.safe_name(name)) == drill
    assert takes.drill_of("窗口 2026-11-29 20-00.webm") is None
    kept = [Entry("1" * 32, "upload", time.time(), workroom.safe_name(names["en"])),
            Entry("2" * 32, "upload", time.time(), "counter_front_zh.mp4"),
            Entry("3" * 32, "upload", time.time(), "mine.mp4")]  # fmt: skip
    monkeypatch.setattr(entries, "entries", lambda *, size: kept)
    first, second, third = rows(page("recordings").run())
    assert "科目：朗读，每分钟 120 字" in first
    assert "样例：" in second
    assert "counter_front" not in second
    assert "mine.mp4" in third


@pytest.mark.parametrize(("names", "said"), [("", "本机"), ("coach.example.cn", "本服务器")])
def test_the_place_is_called_by_how_the_app_is_served(monkeypatch, names, said):
    monkeypatch.setenv(access.HOST_NAMES, names)
    told = [each.value for name in ("recordings", "practise", "assess", "drill") for each in page(name).run().caption]
    told += [each.label for name in ("practise", "assess") for each in page(name).run().checkbox]
    other = {"本机": "本服务器", "本服务器": "本机"}[said]
    assert sum(said in text for text in told) >= 5
    assert not [text for text in told if other in text]


def test_it_asks_the_records_as_often_for_many_as_for_two():
    people.agree("I agree.", version="1")
    asked = []
    event.listen(people.records().engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def questions():
        shown = page("recordings").run()  # once, so that the place of each file is known
        assert not shown.exception
        asked.clear()
        page("recordings").run()
        return len(asked)

    for number in range(2):
        practise(assessment(tilt(4.0), number=number), time.time() - number * DAY_S, number=number)
    few = questions()
    for number in range(2, 5):
        practise(assessment(tilt(4.0), number=number), time.time() - number * DAY_S, number=number)
    assert questions() == few
