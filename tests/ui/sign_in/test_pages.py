"""A page is of who is signed in in its browser, says so when nobody is any more, and never becomes somebody else's."""

from __future__ import annotations

import pytest
import streamlit as st

from liyi.core.words import translate
from liyi.records import sessions
from liyi.ui import people
from tests.ui.drawing import page


@pytest.fixture
def browser(monkeypatch):
    """The cookies of the browser."""
    kept: dict[str, str] = {}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: kept))
    monkeypatch.setattr(type(st.context), "url", property(lambda _: "https://coach.example.cn/recordings"))
    return kept


def links(shown) -> list[str]:
    return [each.proto.body for each in shown.get("html") if "/sign-in?" in each.proto.body]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_page_says_that_its_person_is_signed_out_and_leads_back(unit, browser, lang):
    shown = page("recordings", lang=lang, x="1")
    assert [each.value for each in shown.run().warning] == [translate(people._SIGNED_OUT, lang)]
    browser[people.COOKIE] = token = sessions.begin(people.records(), unit.wang)
    assert not shown.run().warning
    assert not shown.exception
    sessions.end(people.records(), sessions.find(people.records(), token))
    assert [each.value for each in shown.run().warning] == [translate(people._SIGNED_OUT, lang)]
    [link] = links(shown)
    assert f"/sign-in?next=%2Frecordings%3Fx%3D1&amp;lang={lang}" in link
    browser[people.COOKIE] = sessions.begin(people.records(), unit.wang)
    assert not shown.run().warning, "the same person goes on with the page"
    browser[people.COOKIE] = sessions.begin(people.records(), unit.zhang)
    assert [each.value for each in shown.run().warning] == [translate(people._SOMEBODY_ELSE, lang)]
    assert not page("recordings", lang=lang).run().warning, "a page of their own does"
