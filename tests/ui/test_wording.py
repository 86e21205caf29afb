"""The language that was chosen stays: on every page, and in the address, where a reload finds it."""

from __future__ import annotations

import pytest
from streamlit.runtime.state.query_params import QueryParams
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


def test_the_browser_is_told_the_address_at_every_run(app, monkeypatch):
    """After a link of the bar to the page that is shown, its address still has what was opened with it."""
    told = []
    send = QueryParams._send_query_param_msg
    monkeypatch.setattr(
        QueryParams, "_send_query_param_msg", lambda own: (told.append(dict(own._query_params)), send(own))
    )
    app.session_state["lang"] = "zh"
    app.run()
    assert told[-1:] == [{}]
    app.query_params["job"] = "a"
    before = len(told)
    app.run()
    assert len(told) > before
    assert told[-1] == {"job": "a"}
