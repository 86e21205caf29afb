"""What a unit prints is filled in from how Liyi is set up, and says word for word what pages ask for."""

from __future__ import annotations

import re
from html import unescape

import pytest

from liyi.core.words import LANGUAGES, translate
from liyi.modelfiles.registry import registry
from liyi.records import printed
from liyi.records.consent_texts import NOT_INFERRED, TEXTS
from liyi.ui.screens import assess, drill, evaluate, practise

KNOWN = printed.SetUp("Hall <A>", 17, 2, 3, {"trainee": 12, "trainer": 2, "evaluator": 1, "admin": 1},
                      {"trainee": 180}, None)  # fmt: skip


class Store:
    """As much of a store as is named in the page."""

    class engine:
        class dialect:
            name = "postgresql"

    def __init__(self, folder):
        self.folder = folder


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_impact_assessment_is_filled_in(lang, tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_HOST_NAMES", "coach.example.cn")
    page = printed.impact_assessment(Store(tmp_path), KNOWN, lang)
    text = unescape(page)
    for said in (str(tmp_path), "PostgreSQL", "coach.example.cn", "17", "180", "Hall <A>", "counter 3.0.0"):
        assert said in text
    assert "<A>" not in page  # escaped
    assert all(model.name in text and model.licence in text for model in registry().values())
    assert all(translate(each, lang) in text for each in NOT_INFERRED)
    assert text.count('contenteditable="true"') > 20
    assert "http" not in page  # nothing comes from elsewhere


def test_both_languages_ask_for_the_same(tmp_path):
    pages = [printed.impact_assessment(Store(tmp_path), KNOWN, lang) for lang in LANGUAGES]
    forms = [printed.consent_form(lang) for lang in LANGUAGES]
    for chinese, english in (pages, forms):
        for part in ("<h2>", "<tr>", 'class="field"', "<table>"):
            assert chinese.count(part) == english.count(part), part
    assert not re.search("[一-鿿]", (pages[1] + forms[1]).replace("Saying 您", ""))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_form_says_what_the_pages_say(lang):
    form = unescape(printed.consent_form(lang, organisation="Hall A"))
    shown = {screen.VERSION: screen.CONSENT for screen in (practise, drill, assess, evaluate)}
    assert shown == TEXTS
    for version, text in shown.items():
        assert translate(text, lang, place=translate("this server", lang)) in form
        assert version in form
    assert "Hall A" in form


def test_only_such_a_page_is_written_over(tmp_path):
    (tmp_path / "a.html").write_text(printed.consent_form("zh"), encoding="utf-8")
    (tmp_path / "b.html").write_text("<!DOCTYPE html>\n<p>mine", encoding="utf-8")
    assert printed.is_printed(tmp_path / "a.html")
    assert not printed.is_printed(tmp_path / "b.html")
