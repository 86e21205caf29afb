"""The first screen keeps to its budget and answers the ten questions, by itself or with one tap."""

from __future__ import annotations

import re

import pytest

from liyi.core.bilingual import Bilingual
from liyi.etiquette.assessment import CapFound, Evidence
from liyi.report.comparing import change_text
from liyi.report.first_screen import MOST_NOTICES, card, first_screen, seen_text
from liyi.report.html import content_security_policy, write_report
from liyi.report.setting import Setting
from liyi.scoring.confirming import Answer, with_answers

IN_APP = Setting(person="张三", at="2026-11-29 14:05", media="recording", in_app=True, asks=True, seen_by="谁能看到。")


@pytest.fixture
def shown(assessment, performance, signals, pack):
    def screen(lang="zh", **changes):
        told = assessment.model_copy(update=changes)
        return first_screen(told, performance, signals, pack=pack, lang=lang, setting=IN_APP)

    return screen


def undecided(assessment, **more):
    arms = next(v for v in assessment.verdicts if v.criterion == "crossed_arms")
    asked = arms.model_copy(update={
        "kind": "fault", "status": "needs_review", "reason": "undecided", "sub_score": None,
        "undecided": (Evidence(start_s=21.0, end_s=23.0), Evidence(start_s=30.0, end_s=31.0)), **more,
    })  # fmt: skip
    return tuple(asked if v.criterion == "crossed_arms" else v for v in assessment.verdicts)


def test_a_card_is_one_sentence_with_its_first_step(assessment):
    tilt = assessment.verdicts[1].model_copy(update={
        "says": Bilingual(zh="左肩低约 {value}", en="left shoulder lower by about {value}"), "typical": 6.96,
        "value": 0.6, "typical_error": 1.2,
    })  # fmt: skip
    told = card(tilt, assessment, "zh")
    assert (told.text, told.advice) == ("左肩低约 7°，一直偏。", "检查座椅扶手，双肘放平，让两肩一样高。")
    assert (told.clip.start_s, told.clip.end_s, told.clip.criterion) == (40.0, 46.0, "shoulder_tilt")
    assert ("建议", "检查座椅扶手，双肘放平，让两肩一样高。") in told.exact
    assert any("± 1.2°" in text for _, text in told.exact)  # how sure: one tap away
    assert told.drill.address.startswith("/drill?id=")
    english = card(tilt, assessment, "en")
    assert english.text == "Left shoulder lower by about 7°, off all the time."
    pace = assessment.verdicts[7].model_copy(update={
        "says": Bilingual(zh="偏快，约 {value}"),
        "advice": Bilingual(zh="偏快：说到每分钟 180 字以内；一句话说完停一停。"),
    })  # fmt: skip
    assert card(pace, assessment, "zh").text == "偏快，约 214\N{NO-BREAK SPACE}字/分。"
    assert card(pace, assessment, "zh").advice == "说到每分钟 180 字以内。"  # the side is said already


def test_it_keeps_to_the_text_budget(assessment, performance, signals, pack):
    told = assessment.model_copy(update={"verdicts": undecided(assessment)})
    page = write_report(told, performance, signals, pack=pack, lang="zh", stills={}, setting=IN_APP)
    sheet = page[page.index('<div class="sheet">') : page.index('<div class="annex">')]
    sheet = re.sub(r'<section class="player".*?</section>', "", sheet, flags=re.DOTALL)
    sheet = re.sub(r'<details class="exact">.*?</details>', "", sheet, flags=re.DOTALL)
    sheet = re.sub(r'<span class="unread">.*?</span>', "", sheet)
    assert len(re.findall("[一-鿿]", re.sub("<[^>]+>", "", sheet))) <= 160


def test_notices_are_two_and_the_rest_stands_under_method(shown, assessment):
    warning = assessment.recording.warnings[0]
    many = assessment.recording.model_copy(update={"warnings": (warning,) * 4})
    caps = (CapFound(criteria=("pace",), total=69.0),)
    told = shown(recording=many, caps=caps)
    assert len(told["notices"]) == MOST_NOTICES
    assert len(told["more_notices"]) == 3
    assert told["notices"][0].startswith("语速超出容许范围：即使给出总分")


def test_the_ten_questions_are_answered(assessment, performance, signals, pack):
    before = assessment.model_copy(update={"total": 78.4, "total_error": 4.0})
    now = assessment.model_copy(update={"total_error": 3.0, "total_of": before.total_of})
    setting = Setting(person="张三", in_app=True, asks=True, before=before, media="recording", seen_by="谁能看到。")
    page = write_report(now, performance, signals, pack=pack, lang="zh", stills={}, setting=setting)
    for answer in (
        "最好的一刻", "先做这三件事", 'class="play" href="#player"', "检查座椅扶手", 'href="/drill?id=', "82 ±3",
        "与上次相比：无明显变化（误差 ±10 以内）。", 'href="#open"', "谁能看到。", 'data-do="print"',
    ):  # fmt: skip
        assert answer in page, answer


@pytest.mark.parametrize(
    ("before", "said"),
    [(78.0, "no clear change (within ±10)"), (60.0, "22 points more than last time (±10)"),
     (95.0, "13 points fewer than last time (±10)"), (None, "")],
)  # fmt: skip
def test_a_change_within_the_error_is_none(assessment, before, said):
    now = assessment.model_copy(update={"total": 82.0, "total_error": 3.0, "total_of": ("posture",)})
    then = now.model_copy(update={"total": before, "total_error": 4.0})
    assert said in change_text(now, then, "en")
    assert bool(change_text(now, then, "en")) == bool(said)
    assert change_text(now, then.model_copy(update={"total_of": ("voice",)}), "en") == ""
    newer = then.pack.model_copy(update={"version": "9.0.0"})
    assert change_text(now, then.model_copy(update={"pack": newer}), "en") == ""
    assert change_text(now, None, "en") == ""


def test_how_much_was_seen_is_said_as_people_say_it(assessment):
    def told(lang, **changes):
        return seen_text(assessment.model_copy(update=changes), lang).replace("\N{NO-BREAK SPACE}", " ")

    assert told("zh", coverage=0.74) == "看清了七成"
    assert told("zh", coverage=0.99) == "全部看清"
    assert told("zh", coverage=0.02) == "看清了不到一成"
    assert told("en", coverage=0.74) == "74 % of it seen"
    voice = assessment.recording.model_copy(update={"camera": "none", "framing": "none"})
    assert told("zh", coverage=0.9, recording=voice) == "听清了九成"


def test_the_person_is_asked_about_the_dearest_undecided_moment_one_at_a_time(shown, assessment):
    asked = shown(verdicts=undecided(assessment))["question"]
    assert (asked["criterion"], asked["start_s"], asked["text"]) == ("crossed_arms", 21.0, "这里是“双臂抱胸”吗？")
    answered = with_answers(assessment.options, [Answer("crossed_arms", 21.0, 23.0, "unclear")])
    assert shown(verdicts=undecided(assessment), options=answered)["question"]["start_s"] == 30.0
    three = with_answers(assessment.options, [Answer("crossed_arms", s, s + 1, "no") for s in (1.0, 5.0, 9.0)])
    assert shown(verdicts=undecided(assessment), options=three)["question"] is None
    assert shown()["question"] is None  # nothing waits


def test_a_question_that_holds_the_total_back_comes_before_the_cards(assessment, performance, signals, pack):
    for total, first in ((81.6, False), (None, True)):
        told = assessment.model_copy(update={"verdicts": undecided(assessment), "total": total})
        page = write_report(told, performance, signals, pack=pack, lang="zh", stills={}, setting=IN_APP)
        assert page.count("<form") == 1
        assert (page.index("<form") < page.index("<ol>")) == first


def test_only_the_person_in_the_app_is_asked(assessment, performance, signals, pack):
    told = assessment.model_copy(update={"verdicts": undecided(assessment)})
    for setting in (Setting(), Setting(in_app=True)):
        page = write_report(told, performance, signals, pack=pack, lang="zh", stills={}, setting=setting)
        assert "<form" not in page


def test_the_policy_lets_the_pages_own_script_and_style_run_and_nothing_else(assessment, performance, signals, pack):
    page = write_report(assessment, performance, signals, pack=pack, lang="en", stills={}, setting=IN_APP)
    policy = content_security_policy()
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert "http-equiv" not in page  # the server says it
    alone = write_report(assessment, performance, signals, pack=pack, lang="en", stills={})
    assert 'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;' in alone
    assert ' style="' not in page  # the policy would not apply it
