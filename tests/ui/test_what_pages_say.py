"""Sentences of pages that depend on what was found: why a button waits, why there is no score, what a total is."""

from __future__ import annotations

import io
import re
from html import unescape

import numpy as np
import pytest

from liyi.core.errors import LiyiError, error_to_json
from liyi.core.options import Options
from liyi.core.trace import Interval
from liyi.core.words import translate
from liyi.etiquette.assessment import CapFound
from liyi.ui import beginning, entries, jobs, outcomes, people, upkeep, workroom
from liyi.ui.live import session
from posture.calibration import REFUSALS, check_calibration
from tests.ui.drawing import page
from tests.ui.test_kept import FILM, TEXT, died, found, left, rehearsed, uploaded


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setattr(jobs, "_launch", lambda folder, slot: None)
    people.agree(TEXT, version="1")
    return tmp_path


def said(shown, kind):
    return [each.value for each in getattr(shown, kind)]


def listed(lang):
    """What the list says of what came of each recording."""
    bodies = [element.proto.body for element in page("recordings", lang=lang).run().get("html")]
    lines = [line for body in bodies for line in re.findall(r'<span class="came">(.*)</span>', body)]
    return [unescape(re.sub(r"<.*?>", "", line)) for line in lines]


def refusal(given):
    """What the reading of a rehearsal says of its calibration, in which nobody is in the picture."""
    t = np.arange(0.0, 20.0, 0.1)
    with pytest.raises(LiyiError) as refused:
        check_calibration(given, t, np.full((t.size, 33, 2), np.nan))
    return refused.value


@pytest.mark.parametrize("given", [Interval(2.0, 10.0), Interval(2.0, 3.0), Interval(15.0, 25.0)])
def test_a_refused_calibration_is_told_in_words_of_the_page(given):
    error = refusal(given)
    assert error.sentence in REFUSALS
    id = rehearsed()
    session.calibrate(id, given)
    beginning.assess(id)
    workroom.write_json(workroom.folder_of(id) / "error.json", error_to_json(error))
    shown = page("practise", rehearsal=id).run()
    (told,) = said(shown, "error")
    assert told.startswith("校准不能使用")
    again = translate("Assess without the calibration stretch", "zh")
    next(button for button in shown.button if button.label == again).click().run()
    assert jobs.options(id)["calibration"] is None


def test_an_upload_whose_calibration_is_refused_can_be_assessed_without():
    asked = Options(calibration=Interval(2.0, 10.0))
    id = beginning.upload(io.BytesIO(FILM), "a.mp4", "counter", asked, lang="zh")
    workroom.write_json(workroom.folder_of(id) / "error.json", error_to_json(refusal(Interval(2.0, 10.0))))
    shown = page("assess", job=id).run()
    again = translate("Assess without the calibration stretch", "zh")
    next(button for button in shown.button if button.label == again).click().run()
    assert jobs.options(id)["calibration"] is None


def test_a_button_that_waits_says_for_what():
    shown = page("practise").run()
    start = next(button for button in shown.button if button.label == translate("Begin", "zh"))
    told = translate("Agree to the recording above, then go on.", "zh")
    assert start.disabled
    assert said(shown, "caption").count(told) == 1
    shown.checkbox[0].check().run()
    start = next(button for button in shown.button if button.label == translate("Begin", "zh"))
    assert start.disabled is (len(shown.info) > 0)  # the page says what else is missing
    assert told not in said(shown, "caption")
    assert translate("Choose a file first.", "zh") in said(page("assess").run(), "caption")


def judged_with(id, **changes):
    found(id)
    path = workroom.outputs(id) / "assessment.json"
    told = outcomes.Assessment.model_validate_json(path.read_bytes())
    path.write_text(told.model_copy(update=changes).model_dump_json())


@pytest.mark.parametrize(
    ("status", "most", "told"),
    [("applied", 69.0, ["capped by a red line"]), ("applied", 89.0, []),
     ("needs_review", 59.0, ["provisional: a red line waits for a "
     "person's decision"]), ("needs_review", 90.0, [])],
)  # fmt: skip
def test_the_list_says_what_a_total_is_worth(status, most, told):
    id = uploaded()
    cap = CapFound(criteria=("crossed_arms",), total=most, status=status)
    judged_with(id, caps=(cap,), total=82.0, total_before_caps=88.0, total_error=4.0, total_of=("posture", "voice"))
    died(id)
    upkeep.mend()
    assert entries.find(id).state == "done"
    (line,) = listed("en")
    assert line.split(" · ") == ["● good", "posture + voice 82 ±4 points", "coverage 80\N{NO-BREAK SPACE}%", *told]


def test_a_total_whose_file_is_gone_is_still_a_number(data):
    id = uploaded()
    left(id)
    upkeep.mend()
    outcomes.result(entries.find(id), "assessment.json").unlink()
    (line,) = listed("en")
    assert line == "● good · 82 points · coverage 80\N{NO-BREAK SPACE}%"
