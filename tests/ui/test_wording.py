"""The language that was chosen stays: on every page, and in the address, where a reload finds it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from liyi.core.words import translate
from liyi.ui import MAIN, pages


@pytest.fixture
def app(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    return AppTest.from_file(str(MAIN), default_timeout=60)


def headings(shown):
    return [header.value for header in shown.header]


def titles(lang):
    return [translate(pages.all_pages()[0].title, lang)]


def test_a_chosen_language_stands_in_the_address(app):
    app.session_state["lang"] = "en"
    shown = app.run()
    assert headings(shown) == titles("en")
    assert shown.query_params["lang"] == "en"


def test_the_browsers_own_language_does_not(app):
    app.query_params["lang"] = "en"
    app.session_state["lang"] = "zh"
    shown = app.run()
    assert headings(shown) == titles("zh")
    assert "lang" not in shown.query_params


def test_an_address_with_a_language_opens_in_it(app):
    app.query_params["lang"] = "en"
    assert headings(app.run()) == titles("en")
