"""What the upload page asks about a recording reaches its job, as it would from the terminal."""

from __future__ import annotations

import pytest

from liyi.core.options import Options
from liyi.core.trace import Interval
from liyi.core.words import translate
from liyi.ui import beginning
from tests.ui import drawing


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    return drawing.page("assess").run()


@pytest.fixture
def asked(monkeypatch):
    """What would have been assessed: pack, options, language."""
    found = []

    def upload(content, name, pack, options, *, lang, side):
        found.append((pack, options, lang))
        return "0" * 32

    monkeypatch.setattr(beginning, "upload", upload)
    return found


def choose(page, label, value):
    next(box for box in page.selectbox if box.label == translate(label, "zh")).set_value(value)


def test_the_choices_reach_the_job(page, asked):
    choose(page, "Profile", "standing")
    choose(page, "Camera", "side")
    choose(page, "Language spoken", "zh")
    page.text_input(key="calibration").set_value(" 0-6.5 ")
    page.text_input(key="recogniser").set_value(" /models/another ")
    page.text_input(key="track").set_value(" A1 v2 ")
    page.run()
    next(button for button in page.button if button.label == translate("Assess this sample", "zh")).click().run()
    options = Options("standing", "side", Interval(0.0, 6.5), "zh", "/models/another", track="v2,a1")
    assert asked == [("counter", options, "zh")]


def test_a_stretch_that_is_none_is_told_and_nothing_begins(page, asked):
    page.text_input(key="calibration").set_value("6-2").run()
    assert ["0-6.5" in each.value for each in page.error] == [True]
    assert all(button.disabled for button in page.button)
    assert asked == []
