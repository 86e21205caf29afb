"""Today: the first visit asks for the post, then the page says what is next, why, and what the last results were."""

from __future__ import annotations

import time

import pytest

from liyi.core.words import pick
from liyi.etiquette.assessment import Assessment
from liyi.etiquette.drill import all_drills
from liyi.records.operations import assessments, recordings
from liyi.records.schema import Kind
from liyi.scoring.folder import REPORT
from liyi.ui import entries, history, outcomes, people, sample
from tests.records.world import judged
from tests.ui.drawing import page
from tests.ui.practised import assessment, drill, practise, tilt
from tests.ui.test_kept import TEXT

DAY_S = 86400.0


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    people.agree(TEXT, version="1")


def words(shown) -> str:
    drawn = [each.proto.body for each in shown.get("html") if 'class="today-drill"' in each.proto.body]
    return "\n".join([*(str(each.value) for each in (*shown.subheader, *shown.caption, *shown.markdown)), *drawn])


def test_two_taps_from_the_first_visit_to_a_drill():
    shown = page("home").run()
    assert [button.label for button in shown.button] == ["坐席窗口", "导办站立", "投诉接待", "电话", "看一份样例报告"]
    assert "哪个岗位" in words(shown)
    shown.button[1].click().run()
    assert not shown.exception
    assert history.post() == "standing"
    [begin] = [button for button in shown.button if button.key == "begin"]
    first = next(each for each in all_drills().values() if each.profile == "standing")
    assert begin.label == f"开始：{first.title.zh}"
    assert words(shown).count("还没练过") == 3
    shown.session_state["lang"] = "en"
    shown.run()
    assert next(button for button in shown.button if button.key == "begin").label == f"Begin: {first.title.en}"
    assert words(shown).count("Not practised yet") == 3
    assert "哪" not in words(shown)


def test_a_sample_report_is_there_at_once_and_says_nothing_of_who_looks():
    store, who, other = people.records(), people.viewer(), sample.SAMPLES / "counter_side_zh.mp4"
    row = recordings.keep_recording(store, who, other, name=other.name, kind=Kind.upload)
    assessments.file_assessment(store, who, row.id, judged(row.sha256), {})
    id = sample.keep("zh")
    assert entries.find(id).name == f"{sample.NAME}.mp4"  # whatever other sample was assessed
    assert sample.keep("en") == id
    entry = entries.find(id)
    told = outcomes.judged(entry)
    assert (entry.state, entry.playable, told.profile) == ("done", True, "seated")
    assert told.total is not None
    assert ("crossed_arms",) in [cap.criteria for cap in told.caps]
    assert "画面" in outcomes.result(entry, REPORT).read_text(encoding="utf-8")
    assert history.own() == ()


def test_the_sample_report_is_what_scoring_finds(scored_sample):
    """The shipped measures are made anew (`liyi score`) whenever what is seen or heard changes."""
    told = outcomes.judged(entries.find(sample.keep("zh")))
    scored = Assessment.model_validate_json((scored_sample / "assessment.json").read_bytes())
    assert told.models == scored.models
    assert told.total_of == scored.total_of
    assert [(v.criterion, v.status, v.reason) for v in told.verdicts] == [
        (v.criterion, v.status, v.reason) for v in scored.verdicts
    ]


def test_what_is_next_what_is_done_and_what_the_last_results_were():
    history.choose_post("seated")
    now = time.time()
    practise(assessment(tilt(9.0), total=71.0), now - 3 * DAY_S)
    drill("head_straight", now - 2 * DAY_S, passed=False)
    drill("head_straight", now - 2 * DAY_S + 60, passed=True)
    drill("level_shoulders", now - 1, passed=True)
    shown = page("home").run()
    assert not shown.exception
    told = words(shown)
    assert "最近几次评估中最弱的一项：双肩放平" in told
    assert "2 天没练了，巩固一下" in told
    assert "其中 1 个今天已练" in told
    assert next(button for button in shown.button if button.key == "begin").label.startswith("接着练：")
    assert pick(all_drills()["level_shoulders"].title, "zh") in told
    signs = [each.proto.body for each in shown.get("html") if 'class="dots"' in each.proto.body]
    assert [[sign for sign in body if sign in "●▲■○"] for body in signs] == [["●"], ["■", "●"]]
    [result] = [each.proto.label for each in shown.get("page_link") if "坐席窗口" in each.proto.label]
    assert "▲ 71" in result
    assert "最近七天练了 3 天" in told


def test_a_drill_of_today_is_not_called_new_once_it_was_tried():
    history.choose_post("seated")
    drill("sit_upright", time.time(), passed=True)
    told = words(page("home").run())
    assert told.count("今天练过了") == 1
    assert told.count("还没练过") == 2
