"""Listed phrases in a report: marked in the transcript, told with the better sentence, asked about where undecided."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import av
import pytest

from liyi.core.bilingual import Bilingual
from liyi.core.trace import Event, Events, Scalar
from liyi.etiquette.assessment import CapFound, Evidence, Source, Verdict
from liyi.etiquette.pack import Criterion
from liyi.etiquette.pack_phrases import ListedAllowance, ListedPhrase
from liyi.report import transcript, wording
from liyi.report.captions import webvtt
from liyi.report.first_screen import first_screen
from liyi.report.html import write_report
from liyi.report.setting import Setting
from liyi.scoring.confirming import questions
from speech.voice import SecondHearing

IN_APP = Setting(media="recording", in_app=True, asks=True)
LAW = Source(doc="窗口服务忌语", clause="第3条", en="Forbidden phrases, no. 3")


def listed(text, severity="", stage="", better=""):
    instead = Bilingual(zh=better, en=better and "Counter three handles this; I will take you.")
    return ListedPhrase(id="x", text=text, severity=severity, stage=stage, source=LAW, better=instead)


LISTS = {
    "forbidden": (listed("不归我管", "major", better="这项业务在三号窗口办理，我带您过去。"),
                  listed("我不知道", "minor"),
                  listed("有完没完", "veto", better="您别着急，我再给您说一遍。")),
    "courteous": (listed("您好", stage="greet"), listed("请稍等", stage="hold")),
    "told": (listed("一次性给您列出来", stage="itemised"), listed("我给您写下来", stage="written"),
             listed("您还缺少", stage="materials")),
}  # fmt: skip
# Words of the transcript of the fixtures, whose first line begins at 1.0 s with two characters in 0.44 s.
SAID = {
    "forbidden": Events("forbidden_phrases", "count", (Event(3.2, 4.08, label="不归我管"),), 40.0, undecided=(
        Event(10.0, 10.4, label="有完没完"),)),
    "courtesy": Scalar("courtesy_coverage", "%", 50.0, 40.0),
    "told_at_once": Scalar("told_at_once", "%", 33.0, 40.0),
}  # fmt: skip


def criterion(measure, dimension, good, **params):
    fail = (0.0, 100.0) if good[0] else (0.0, 2.0)
    return Criterion(measure=measure, aggregate="value", dimension=dimension, good=good, tolerable=good, fail=fail,
                     params=params, confidence="M", source=LAW, advice={"zh": "改说文明用语。"})  # fmt: skip


@pytest.fixture
def spoken(pack):
    judged = {
        "forbidden": criterion("forbidden_phrases", "language", (0.0, 0.0), phrases="forbidden"),
        "courtesy": criterion("courtesy_coverage", "language", (80.0, 100.0), phrases=["courteous"],
                              stages=["greet", "hold"]),
        "told_at_once": criterion("told_at_once", "process", (90.0, 100.0), phrases="told",
                                  stages=["itemised", "written", "deadline"]),
    }  # fmt: skip
    return pack.model_copy(update={"criteria": {**pack.criteria, **judged}, "phrases": LISTS})


def verdict(id, measure, dimension, **more):
    return Verdict(**{"criterion": id, "measure": measure, "dimension": dimension, "status": "assessed", "weight": 5.0,
                      "coverage": 0.9, "advice": Bilingual(zh=f"把{id}说全。"), "source": LAW,
                      "name": Bilingual(zh=f"{id}项", en=id), **more})  # fmt: skip


@pytest.fixture
def judged(assessment):
    moments = tuple(Evidence(start_s=e.start_s, end_s=e.end_s, label=e.label) for e in SAID["forbidden"].undecided)
    verdicts = (
        *assessment.verdicts[:2],
        verdict("forbidden", "forbidden_phrases", "language", kind="fault", status="needs_review", reason="undecided",
                value=1.0, unit="count", undecided=moments, good=(0, 0)),
        verdict("courtesy", "courtesy_coverage", "language", value=50.0, unit="%", sub_score=0.3, good=(80, 100)),
        verdict("told_at_once", "told_at_once", "process", value=33.0, unit="%", sub_score=0.2, good=(90, 100)),
    )  # fmt: skip
    lost = [assessment.deductions[0].model_copy(update={"criterion": id, "dimension": "language"})
            for id in ("courtesy", "told_at_once")]  # fmt: skip
    line = CapFound(criteria=("forbidden",), total=59.0, status="needs_review")
    return assessment.model_copy(update={"verdicts": verdicts, "deductions": tuple(lost), "caps": (line,)})


@pytest.fixture
def performance(performance):
    """Heard by both: the greeting of every first line, and what every third one tells."""
    words = [word for line in performance.voice.transcript.utterances for word in line.words]
    both = [replace(w, probability=1.0) for w in words if w.text in ("您好", "一次", "性给", "您列", "出来")]
    return replace(performance, voice=replace(performance.voice, second=SecondHearing((), tuple(both))))


@pytest.fixture
def found(judged, performance, spoken):
    return wording.heard(judged, performance, SAID, spoken)


@pytest.fixture
def page(judged, performance, spoken, signals):
    def write(lang="zh", setting=IN_APP, **changes):
        return write_report(judged, replace(performance, **changes), {**signals, **SAID}, pack=spoken, lang=lang,
                            stills={}, setting=setting)  # fmt: skip

    return write


def of(found, text):
    return next(each for each in found if each.text == text)


def test_each_phrase_is_found_with_how_it_counts(found):
    told = {each.text: (each.mark.name, each.severity, each.wanted) for each in found}
    assert told == {
        "您好": ("GOOD", "", True), "不归我管": ("FAULT", "major", False), "有完没完": ("REVIEW", "veto", False),
        "一次性给您列出来": ("GOOD", "", True), "请稍等": ("REVIEW", "", True)}  # fmt: skip
    assert wording.kind_text(of(found, "不归我管"), "zh") == "forbidden项"
    assert wording.kind_text(of(found, "有完没完"), "zh") == "一票否决 · 须人工确认"
    assert [each.start_s for each in found] == sorted(each.start_s for each in found)


def test_what_was_not_assessed_marks_nothing(judged, performance, spoken):
    told = [v.model_copy(update={"status": "not_assessed", "reason": "words_unsure"}) for v in judged.verdicts]
    bare = judged.model_copy(update={"verdicts": tuple(told)})
    assert wording.heard(bare, performance, SAID, spoken) == ()


def test_what_a_way_out_followed_is_told_and_no_fault(judged, performance, spoken):
    softening = ListedAllowance(kind="near", patterns=("我一次性",))
    missing = listed("您还缺少", "minor", better="我帮您看看还差什么。")
    pack = spoken.model_copy(update={"phrases": {**LISTS, "forbidden": (missing,)}, "allowances": (softening,)})
    none = Events("forbidden_phrases", "s", (), 40.0)
    told = wording.heard(judged, performance, {**SAID, "forbidden": none}, pack)
    soft = of(told, "您还缺少")
    assert (soft.mark.name, soft.fault, wording.kind_text(soft, "zh")) == (
        "OPEN",
        False,
        "forbidden项 · 后面给了办法，不算",
    )
    assert wording.sentence([soft], "zh") == ""


def test_a_phrase_is_told_with_the_better_sentence(found, judged, spoken):
    forbidden = [each for each in found if each.criterion == "forbidden"]
    assert wording.sentence(forbidden, "zh") == (
        "可能说了“有完没完”（0:10），由人听过再定。可以说：“您别着急，我再给您说一遍。”")  # fmt: skip
    assert (
        wording.sentence(forbidden[:1], "zh")
        == "听到“不归我管”（0:03）。可以说：“这项业务在三号窗口办理，我带您过去。”"
    )
    twice = [replace(forbidden[0], start_s=30.0, end_s=31.0), forbidden[0]]
    assert wording.sentence(twice, "zh").startswith("听到“不归我管”（0:03）等，共 2 处。")
    assert wording.sentence([of(found, "您好")], "zh") == ""  # what is good to say is no fault
    assert "窗口服务忌语 · 第3条" in dict(wording.exact(forbidden, "zh")).values()


def test_missing_parts_are_named(found, judged, spoken):
    by_id = {v.criterion: v for v in judged.verdicts}
    own = [each for each in found if each.criterion == "told_at_once"]
    assert wording.parts_text(by_id["told_at_once"], own, spoken, "zh") == "说到了：逐项列清。没听到：写下来、给时限。"
    assert wording.parts_text(by_id["forbidden"], [], spoken, "zh") == ""
    perhaps = [replace(own[0], mark=of(found, "有完没完").mark)]
    assert wording.parts_text(by_id["told_at_once"], perhaps, spoken, "en") == (
        "Perhaps said: item by item. Not heard: in writing, by when.")  # fmt: skip


def test_the_transcript_marks_phrases_and_says_what_is_better(page):
    text = page()
    said = text[text.index('<dl class="said">') : text.index("</dl>", text.index('<dl class="said">'))]
    assert re.search('<a class="heard good" href="#player" data-clip="1.000 1.440" data-of="courtesy"', said)
    assert re.search('class="heard fault" [^>]*data-clip="3.200 4.080"[^>]*title="forbidden项"', said)
    assert "可以说：“这项业务在三号窗口办理，我带您过去。”" in said
    assert "窗口服务忌语 · 第3条" in said
    assert 'class="unsure"' in said
    assert "标出的是用语" in text
    english = page("en")
    assert "Forbidden phrases, no. 3" in english
    assert "You could say: “Counter three handles this; I will take you.”" in english


def test_words_of_the_transcript_are_all_there_once(judged, found):
    plain = ["".join(re.findall(r">([^<>]*)<", f">{line.text}<")) for line in
             transcript.lines(judged.transcript, [], "zh")]  # fmt: skip
    assert plain == [line.text for line in judged.transcript]
    marked = transcript.lines(judged.transcript, found, "zh")
    bare = [re.sub(r'<i aria-hidden="true">.</i>|<span class="unread">[^<]*</span>|<[^>]+>', "", line.text)
            for line in marked]  # fmt: skip
    assert bare == plain


def test_captions_mark_the_words_that_the_transcript_marks(judged, found, tmp_path, page):
    told = judged.transcript
    vtt = webvtt(told, transcript.styles(told, found))
    assert vtt.startswith("WEBVTT\n\nSTYLE\n::cue(")
    style, _, cues = vtt.partition("\n\n")[2].partition("\n\n")
    marked = set(re.findall(r"<c\.(\w+)(?:\.unsure)?>", cues))
    assert {"good", "fault", "open"} <= marked
    assert all(f"::cue(.{each})" in style for each in marked)
    assert "<c.good>您好</c>" in cues
    assert not re.search(
        r"<c\.fault", webvtt(told, transcript.styles(told, [replace(f, softened=True) for f in found]))
    )
    bare = re.sub(r"<[^>]+>", "", cues)
    assert bare == re.sub(r"<[^>]+>", "", webvtt(told)).partition("\n\n")[2]
    assert "<c.fault" in base64.b64decode(re.search('"captions":"([^"]+)"', page())[1]).decode()
    (tmp_path / "a.vtt").write_text(vtt, encoding="utf-8")
    with av.open(tmp_path / "a.vtt") as plain:  # which knows no styles
        shown = [subtitle.dialogue.decode() for packet in plain.demux() for subtitle in packet.decode()]
    assert shown == re.findall(r"-->.*\n(.+)\n", bare)


def test_of_two_phrases_in_one_place_the_graver_is_marked(judged, found):
    fault = of(found, "不归我管")
    mild = replace(
        fault, mark=of(found, "您好").mark, wanted=True, text="请", start_s=fault.start_s, end_s=fault.end_s + 1
    )
    told = "".join(line.text for line in transcript.lines(judged.transcript, [fault, mild], "zh"))
    assert told.count('class="heard') == 1
    assert "heard fault" in told


def test_what_only_the_second_recogniser_heard_has_a_line_of_its_own(judged, found):
    alone = replace(
        of(found, "有完没完"), start_s=judged.transcript[0].end_s + 0.1, end_s=judged.transcript[0].end_s + 0.5
    )
    lines = transcript.lines(judged.transcript, [alone], "zh")
    assert len(lines) == len(judged.transcript) + 1
    assert "有完没完" in lines[1].text
    assert lines[1].notes[0].kind == "一票否决 · 须人工确认"


def test_a_pack_is_somebodys_text_and_never_markup(judged, found):
    evil = replace(
        of(found, "不归我管"), text="<img src=x>", criterion='x" onclick="y', name=Bilingual(zh="<b>"), severity=""
    )
    told = "".join(line.text for line in transcript.lines(judged.transcript, [evil], "zh"))
    assert "<img" not in told
    assert 'x" onclick' not in told
    assert "<b>" not in told


def test_the_question_is_about_the_phrase(judged, performance, spoken, signals):
    asked = questions(judged)
    assert [(each.criterion, each.phrase) for each in asked] == [("forbidden", "有完没完")]
    shown = first_screen(judged, performance, {**signals, **SAID}, pack=spoken, lang="zh", setting=IN_APP)
    assert shown["question"]["text"] == "这里说的是“有完没完”吗？"
    assert shown["question"]["unclear"] == "听不清"
    cards = {card.criterion: card for card in shown["cards"]}
    assert cards["forbidden"].clip.start_s == 10.0
    assert cards["told_at_once"].text == "说到了：逐项列清。没听到：写下来、给时限。"
    assert cards["courtesy"].text == "说到了：迎候。可能说到：等候说明。"


def test_three_findings_of_words_keep_to_the_text_budget(page):
    text = page()
    sheet = text[text.index('<div class="first">') : text.index('<div class="annex">')]
    folded = re.sub(r"(?s)<details.*?</details>|<[^>]+>", "", sheet)
    assert len(re.findall(r"[\u3400-\u9fff]", folded)) <= 160


def test_the_method_says_by_how_many_phrases_were_heard(performance, spoken, pack):
    assert "两个识别器" in wording.method_text(performance, spoken, "zh")
    alone = replace(performance, voice=replace(performance.voice, second=None))
    assert "只由一个识别器" in wording.method_text(alone, spoken, "zh")
    assert wording.method_text(performance, pack, "zh") == ""  # a pack without lists
    assert wording.method_text(replace(performance, voice=None), spoken, "zh") == ""


def test_a_pack_that_lists_nothing_any_more_still_tells_what_was_heard(judged, performance, spoken):
    bare = spoken.model_copy(update={"phrases": {}})
    found = wording.heard(judged, performance, SAID, bare)
    assert "不归我管" in [each.text for each in found]
    assert wording.sentence([each for each in found if each.text == "不归我管"], "zh") == "听到“不归我管”（0:03）。"
