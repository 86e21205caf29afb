"""The page of drills: every drill is listed with its tries, consent comes before the camera, what is broken is told."""

from __future__ import annotations

import pytest

from liyi.etiquette import drill
from liyi.records.operations import tries
from liyi.ui import history, people
from liyi.ui.live import drill_component, drilling
from liyi.ui.screens import drill as screen
from tests.drill_text import drill_text
from tests.ui.drawing import page

OWN = drill_text("own", title="![](http://elsewhere/a.png)", what="![](http://elsewhere/b.png)")


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setattr(screen, "why_not", lambda **_: None)
    people._opened.cache_clear()
    return tmp_path


def test_the_list_shows_every_drill_and_its_last_tries(data, monkeypatch):
    monkeypatch.setenv(drill.FOLDER, str(data))
    (data / "own.toml").write_text("[drills.x]\n", encoding="utf-8")
    people.agree("I agree.", version="1")
    result = tries.Result("shoulder_tilt", 7.0, 2.0, "deg", 0.5, "high")
    for passed in (False, True):
        tries.add(people.records(), people.viewer(), drill="level_shoulders", results=[result], passed=passed)
    shown = page("drill").run()
    assert not shown.exception
    labels = {button.label for button in shown.button}
    assert labels >= {each.title.zh for each in drill.all_drills().values()}
    drawn = "".join(each.proto.body for each in shown.get("html"))
    assert drawn.count("■") == 1
    assert drawn.count("●") == 1
    assert "own.toml" in shown.warning[0].value


def test_texts_of_a_units_drill_are_shown_as_they_stand(data, monkeypatch):
    monkeypatch.setenv(drill.FOLDER, str(data))
    (data / "own.toml").write_text(OWN, encoding="utf-8")
    drawn = [page("drill").run(), page("drill", id="own").run()]
    assert not any(shown.exception for shown in drawn)
    texts = [each.value for shown in drawn for each in (*shown.header, *shown.markdown)]
    labels = [each.label for shown in drawn for each in shown.button]
    assert sum("elsewhere" in text for text in (*texts, *labels)) == 3  # in the list, as heading, what to do
    assert not [text for text in (*texts, *labels) if "![" in text]


def test_nothing_is_opened_before_consent_and_it_is_asked_once():
    drilling._live.clear()
    shown = page("drill", id="level_shoulders").run()
    assert not shown.exception
    assert [button.key for button in shown.button if button.disabled] == [shown.button[0].key]
    assert drilling._live == {}
    assert [caption.value for caption in shown.caption if "勾选" in caption.value] == ["请先勾选上方的同意。"]
    shown.checkbox[0].check().run()
    assert not [caption for caption in shown.caption if "勾选" in caption.value]
    shown.button[0].click().run()
    assert not shown.exception
    assert len(drilling._live) == 1
    again = page("drill", id="level_shoulders").run()
    assert not again.checkbox


def test_the_next_drill_of_the_day_is_one_tap_away():
    people.agree("I agree.", version="1")
    history.choose_post("seated")
    tries.add(people.records(), people.viewer(), drill="face_citizen", results=[], passed=True)
    shown = page("drill", id="sit_upright").run()
    assert not shown.exception
    following = next(each for each in shown.button if each.key == "next")
    assert following.label == "接着练：朗读，每分钟 120 字"
    following.click().run()
    assert shown.query_params["id"] in ("read_120", ["read_120"])  # of a reload as well
    next(each for each in shown.button if each.key == "all").click().run()
    assert "id" not in shown.query_params


def test_an_address_without_a_drill_says_so_and_shows_the_list():
    shown = page("drill", id="nothing ![](http://elsewhere/a.png)").run()
    assert "nothing" in shown.error[0].value
    assert "![](http" not in shown.error[0].value  # else whoever sends the address has it loaded
    assert len(shown.button) == len(drill.all_drills())


def test_every_word_of_the_browser_half_is_there_in_both_languages():
    zh, en = drill_component.words("zh"), drill_component.words("en")
    assert zh.keys() == en.keys()
    assert all(zh[key] != en[key] for key in zh if en[key])
