"""The list of recordings: narrowed by scene and time where there are many, and what it teaches while it is empty."""

from __future__ import annotations

import time

import pytest

from liyi.core.words import translate
from liyi.ui import entries, people
from liyi.ui.entries import Entry
from tests.ui.drawing import page

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
