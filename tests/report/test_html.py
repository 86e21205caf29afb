"""The page: everything that was found is in it, everything in it is explained, and it needs nothing from outside."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from babel.messages.pofile import read_po

from liyi.core.bilingual import Bilingual
from liyi.etiquette.assessment import Evidence, TranscriptLine, TranscriptWord
from liyi.report import html
from liyi.report.html import write_report
from liyi.report.setting import ALONE, Setting
from liyi.report.stills import draw, line_of, stills_in

ROOT = Path(__file__).resolve().parents[2]
VOID = {"meta", "link", "img", "br", "hr", "input"}


class Page(HTMLParser):
    """Elements with their attributes, and the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def stills(performance):
    grey = np.full((480, 640, 3), 150, np.uint8)
    return {"shoulder_tilt": draw(grey, 41.0, performance.body, line_of("shoulder_tilt"))}


@pytest.fixture
def render(assessment, performance, signals, pack, stills):
    def page(lang="zh", **changes):
        given = {"assessment": assessment, "performance": performance, "signals": signals, "stills": stills, **changes}
        return write_report(given["assessment"], given["performance"], given["signals"], pack=pack, lang=lang,
                            stills=given["stills"], setting=given.get("setting", ALONE))  # fmt: skip

    return page


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_needs_nothing_from_outside(render, lang):
    text = render(lang)
    page = Page(text)
    assert page.open == []
    assert not re.search(r"https?://|@import|url\(", text)
    assert {tag for tag, _ in page.elements}.isdisjoint({"link", "iframe", "object"})
    assert [script.get("src") for script in page.all("script")] == [None, None]
    assert [video["src"] for video in page.all("video")] == ["./%E7%AA%97%E5%8F%A3%E7%BB%83%E4%B9%A0_01.mp4"]
    assert all(image["src"].startswith("data:image/jpeg;base64,") for image in page.all("img"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_links_lead_somewhere_and_ids_are_single(render, lang):
    page = Page(render(lang))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    targets = {link["href"] for link in page.all("a")}
    assert len(ids) == len(set(ids))
    assert targets <= {f"#{id}" for id in ids}
    assert targets == {"#player", "#open"}
    summaries = sum(tag == "summary" for tag, _ in page.elements)
    assert summaries == 8 + 3 + 2  # all but the first screen is folded; in its cards how sure, and how to practise
    clips = [attributes for _, attributes in page.elements if attributes.get("data-clip")]
    assert all(len(each["data-clip"].split()) == 2 for each in clips)
    assert len([each for each in clips if each.get("data-of")]) > 12


def test_it_can_be_read_without_seeing(render):
    page = Page(render("en"))
    assert all(image["alt"] for image in page.all("img"))
    assert all(head["scope"] in ("row", "col", "rowgroup") for head in page.all("th"))
    assert all(svg.get("aria-hidden") == "true" or svg.get("aria-label") for svg in page.all("svg"))
    (slider,) = [a for _, a in page.elements if a.get("role") == "slider"]
    assert (slider["tabindex"], slider["aria-label"]) == ("0", "Position in the recording")
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert page.all("html")[0]["lang"] == "en"


def test_every_number_has_unit_error_band_and_source(render):
    text = Page(render("zh")).text.replace("\N{NO-BREAK SPACE}", " ")
    for part in ("29% 的时间偏", "通常为 3.4° ± 1.1°", "−3 到 3°，至少 90% 的时间", "第十六条", "214 ± 7 字/分",
                 "120 到 180 字/分", "1.8 ± 0.2 半音", "建议值"):  # fmt: skip
        assert part in text


def test_all_verdicts_are_there_and_gaps_are_honest(render, assessment):
    text = Page(render("en")).text
    for verdict in assessment.verdicts:
        assert verdict.name.en in text
    assert "Cannot be seen from the front: record from the side." in text
    assert "needs review" in text
    assert "The picture breaks off at 60.0 s" in text


def test_the_three_dearest_faults_come_first(render):
    text = Page(render("zh")).text
    first = text.index("先做这三件事")
    places = [text.index(name, first) for name in ("语速", "肩线水平", "托腮")]
    assert places == sorted(places)
    assert places[-1] < text.index("维度", first)


def test_good_news_stands_before_advice(render):
    text = Page(render("en")).text
    assert text.index("Best moment") < text.index("Do these three things first")


def test_what_only_a_person_can_tell_is_named_where_nothing_is_to_be_done(render, assessment):
    good = assessment.verdicts[0].model_copy(update={"status": "assessed", "sub_score": 1.0})
    unsure = good.model_copy(update={
        "criterion": "crossed_arms", "name": Bilingual(zh="双臂抱胸", en="Crossed arms"), "kind": "fault", "value": 0.0,
        "status": "needs_review", "reason": "undecided", "sub_score": None, "evidence": (),
        "undecided": (Evidence(start_s=1, end_s=3),),
    })  # fmt: skip
    calm = assessment.model_copy(update={
        "verdicts": (good, unsure), "deductions": (), "caps": (), "total": 96.0, "needs_missing": (),
    })  # fmt: skip
    assert "For a person to decide: Crossed arms." in Page(render("en", assessment=calm, stills={})).text


def test_without_a_total_it_says_why(render, assessment):
    low = assessment.model_copy(update={"total": None, "coverage": 0.38})
    text = Page(render("en", assessment=low)).text
    assert "No total" in text
    assert "/ 100" not in text
    said = text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Only 38 % of the profile could be assessed; a total needs 60 %. Cannot be seen from the front" in said


def test_what_a_file_says_is_never_markup(render, assessment, performance):
    evil = "<script>alert(1)</script>\"'&.mp4"
    line = assessment.transcript[0].model_copy(
        update={"words": (assessment.transcript[0].words[0].model_copy(update={"text": "<img src=x>"}),)}
    )
    bad = assessment.model_copy(
        update={
            "recording": assessment.recording.model_copy(update={"name": evil}),
            "transcript": (line,),
            "verdicts": (
                assessment.verdicts[1].model_copy(update={"name": Bilingual(zh="<b>", en="<i onload=x>")}),
                *assessment.verdicts[2:],
            ),
            "deductions": (),
        }
    )
    page = Page(render("en", assessment=bad, stills={}))
    assert len(page.all("script")) == 2  # the player's data and the player
    assert page.all("img") == page.all("i onload") == []
    assert "<script>alert(1)</script>" in page.text


def test_a_chinese_page_has_no_english_sentence(render):
    with (ROOT / "liyi/core/locale/zh/LC_MESSAGES/liyi.po").open("rb") as file:
        english = [str(m.id) for m in read_po(file) if m.id and " " in str(m.id)]
    text = Page(render("zh")).text
    assert [sentence for sentence in english if "{" not in sentence and sentence in text] == []


@pytest.mark.parametrize("part", ["body", "voice"])
def test_half_a_recording_makes_a_page(render, performance, part):
    text = render("en", performance=replace(performance, **{part: None}), stills=None if part == "voice" else {})
    assert Page(text).open == []
    assert ("the voice alone was assessed" in text) == (part == "body")


def test_the_timeline_tells_darkness_from_an_empty_picture(render, performance):
    body = performance.body
    usable, luma = body.usable.copy(), np.full(body.t.size, 0.5)
    usable[:20], luma[:10] = False, 0.02
    text = Page(render("zh", performance=replace(performance, body=replace(body, usable=usable)))).text
    assert "画面无人" in text
    assert "画面太暗" not in text
    dark = replace(body, usable=usable, track=replace(body.track, luma=luma))
    text = Page(render("zh", performance=replace(performance, body=dark))).text
    assert "画面无人" in text
    assert "画面太暗" in text


def test_a_finding_without_a_picture_says_so(render, stills):
    told = "There is no picture of {}: at that moment"
    assert told.format("Chin propped") in Page(render("en")).text  # the stills given have the shoulders only
    both = {**stills, "chin_prop": stills["shoulder_tilt"]}
    assert "There is no picture of" not in Page(render("en", stills=both)).text


def test_the_stills_of_a_page_are_taken_over_where_they_still_show_a_finding(render, assessment, stills):
    text = render("zh")
    assert stills_in(text, assessment) == stills
    assert Page(render("zh", stills=stills_in(text, assessment))).all("img") == Page(text).all("img")
    verdicts = tuple(v.model_copy(update={"evidence": ()}) for v in assessment.verdicts)
    assert stills_in(text, assessment.model_copy(update={"verdicts": verdicts})) == {}
    assert stills_in(text.replace('data-t="41.000"', 'data-t="4.000"'), assessment) == {}
    assert stills_in(text.replace('data-t="41.000"', 'data-t="x"'), assessment) == {}
    assert stills_in("<img data-criterion='shoulder_tilt'>", assessment) == {}


def test_the_heading_names_person_and_scene_and_no_file(render):
    page = render("zh", setting=Setting(person="张三", at="2026-11-29 14:05"))
    assert "<h1>张三 · 坐席窗口</h1>" in page
    assert ">2026-11-29 14:05 · 1:04</p>" in page
    assert "<h1>坐席窗口</h1>" in render("zh")


def test_stored_measures_make_a_page_without_stills(render):
    text = Page(render("en", stills=None)).text
    assert "No stills: they need the recording itself" in text


def test_a_doubted_word_is_marked(render):
    assert re.search('<span data-clip="[0-9. ]+" class="unsure">问您</span>', render("zh"))


def test_english_words_stand_apart(render, assessment):
    said = [("It", 0.9), ("was", 0.9), ("a", 0.9), ("<great>", 0.1), ("sorrow,", 0.9), ("a", 0.1), ("loss.", 0.9)]
    words = [TranscriptWord(start_s=k, end_s=k + 1, text=text, probability=p) for k, (text, p) in enumerate(said)]
    line = TranscriptLine(start_s=0, end_s=7, text="It was a <great> sorrow, a loss.", words=tuple(words))
    page = render("en", assessment=assessment.model_copy(update={"transcript": (line,)}))
    said_ = re.sub(' data-clip="[0-9. ]+"', "", page)
    assert (
        '<dd><span>It</span> <span>was</span> <span>a</span> <span class="unsure">&lt;great&gt;</span>'
        ' <span>sorrow,</span> <span class="unsure">a</span> <span>loss.</span></dd>' in said_
    )


@pytest.mark.parametrize("minutes", [10, 60])
def test_long_recordings_stay_small(assessment, pack, minutes, request):
    make = request.getfixturevalue("long_example")
    performance, signals, long_assessment = make(60.0 * minutes)
    text = write_report(long_assessment, performance, signals, pack=pack, lang="zh", stills={})
    assert len(text.encode()) < 1_200_000


def luminance(colour: str) -> float:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes() -> list[dict[str, str]]:
    """Colours of the light, the dark and the printed page."""
    blocks = re.findall(r":root \{(.*?)\}", html._css(), flags=re.DOTALL)
    return [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks]


@pytest.mark.parametrize("theme", [0, 1, 2])
def test_text_stands_out_from_its_ground(theme):
    """WCAG 2.1, 1.4.3: at least 4.5 to 1; shapes on the chart at least 3 to 1 (1.4.11)."""
    colours = themes()[theme]
    for ground in ("page", "card"):
        for ink in ("ink", "soft", "accent", "good", "attention", "fault", "open"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for on, fill in (("on", "good-fill"), ("on", "fault-fill"), ("on-attention", "attention-fill")):
        assert contrast(colours[on], colours[fill]) >= 3.0, fill


def test_paper_has_the_light_colours():
    light, _, paper = themes()
    assert paper == light


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_overflows_in_a_browser(browser, render, tmp_path, width, lang):
    file = tmp_path / "report.html"
    file.write_text(render(lang), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme="dark")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 22, 21)"
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.wait_for_function("() => !document.querySelector('.nothing').hidden")  # no recording lies beside it
    assert page.locator(".still").get_attribute("src").startswith("data:image/jpeg")
    page.locator("#details summary").first.click()
    page.locator("#details [data-of=shoulder_tilt]").first.click()
    page.wait_for_function("() => document.querySelector('.seek').ariaValueNow > 11")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 695, "height": 1013})  # an A4 page less its margins, in CSS pixels
    assert page.locator(".sheet").evaluate("e => e.scrollHeight") <= 1013
    assert page.locator(".annex").evaluate("e => getComputedStyle(e).breakBefore") == "page"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()


@pytest.mark.parametrize(("error", "said"), [(None, ()), (0.043, ("4%", "加大")), (0.4, ("40%", "不评估"))])
def test_a_text_that_was_read_aloud_stands_under_method(render, performance, error, said):
    read = replace(performance, options={**performance.options, "reading_error": error})
    text = render(performance=read).partition('id="method"')[2]
    assert ("朗读一段" in text) == (error is not None)
    assert all(part in text for part in said)
