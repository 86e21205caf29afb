"""What people said in a report: beside what the tool found, within the limits of the page; nothing where nobody did."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from liyi.report.html import write_report
from liyi.report.priorities import priorities
from liyi.report.remarks import AfterReview, Appealed, Comment, Decided, Remarks, told
from liyi.report.setting import Setting
from liyi.scoring.reviewed import Reviewed

DAY = "2026-11-30"
DECISIONS = (
    Decided("shoulder_tilt", "changed", "王老师", DAY, new=0.9, why="椅子扶手高低不一"),
    Decided("shoulder_tilt", "rejected", "王老师", DAY, 12.0, 13.5, why="在递材料"),
    Decided("crossed_arms", "added", "王老师", DAY, 20.0, 24.0, why="抱臂"),
    Decided("pace", "confirmed", "王老师", DAY),
    Decided("head_roll", "changed", "王老师", DAY, new=None, why="头发遮挡"),
)
APPEALS = (
    Appealed("ab", "shoulder_tilt", "我当时在递材料", DAY),
    Appealed("cd", "pace", "是方言", DAY, upheld=False, answer="重听过,仍偏快", answered_by="李老师", answered_on=DAY),
)
COMMENTS = (Comment(None, "总体不错", "王老师", DAY), Comment(13.0, "注意 <肩>", "王老师", DAY))
SAID = Remarks(COMMENTS, DECISIONS, APPEALS, AfterReview(79.4, 3.2, "王老师", DAY), appealable=True)


@pytest.fixture
def page(assessment, performance, signals, pack):
    def written(remarks=SAID, lang="zh", **more):
        setting = Setting(person="张三", at="2026-11-29 14:05", media="recording", in_app=True, remarks=remarks, **more)
        return write_report(assessment, performance, signals, pack=pack, lang=lang, stills={}, setting=setting)

    return written


def section(page: str) -> str:
    start = page.index('<details id="people">')
    return page[start : page.index("</details>", start)]


def sheet(page: str) -> str:
    shown = page[page.index('<div class="sheet">') : page.index('<div class="annex">')]
    for hidden in (r'<section class="player".*?</section>', r'<details class="exact">.*?</details>',
                   r'<span class="unread">.*?</span>'):  # fmt: skip
        shown = re.sub(hidden, "", shown, flags=re.DOTALL)
    return re.sub("<[^>]+>", "", shown)


def test_both_totals_are_named(page):
    shown = page()
    assert "82 ±" in sheet(shown) or "82" in sheet(shown), "the tool's total stays the first"
    assert "王老师复核：79 ±3" in sheet(shown)
    people = section(shown)
    assert re.search(r"系统评估</dt><dd><b>82( ±\d+)?</b>", people)
    assert "王老师复核后（2026-11-30）</dt><dd><b>79 ±3</b>" in people


def test_a_mark_is_named_with_who_confirmed_it(page):
    shown = page(Remarks(mark=AfterReview(81.0, 3.2, "王评", DAY)))
    assert "王评 已核定成绩：81 ±3" in sheet(shown)
    assert "成绩，王评 于 2026-11-30 核定</dt><dd><b>81 ±3</b>" in section(shown)
    assert "82" in sheet(shown), "the tool's total stays"


@pytest.fixture
def after(assessment):
    """What it comes to after a person has rejected the first thing that is to be done."""
    first = priorities(assessment)[0].criterion
    rejected = {"status": "not_assessed", "reason": "rejected", "value": None, "sub_score": None, "evidence": ()}
    verdicts = tuple(v.model_copy(update=rejected) if v.criterion == first else v for v in assessment.verdicts)
    deductions = tuple(d for d in assessment.deductions if d.criterion != first)
    found = Reviewed(91.0, 2.0, assessment.dimensions, (), verdicts, deductions, assessment.coverage)
    return first, AfterReview(found.total, found.total_error, "王老师", DAY, found)


def test_the_first_screen_goes_by_what_people_decided_and_the_tools_stays_one_tap_deeper(page, after, assessment):
    first, decided = after
    name = next(v.name.zh for v in assessment.verdicts if v.criterion == first)
    said = replace(SAID, decisions=(Decided(first, "rejected", "王老师", DAY, why="看错了"),), after=decided)
    before, shown = page(Remarks()), page(said)
    assert name in sheet(before)
    assert name not in sheet(shown)
    assert f"{decided.total:.0f}" in sheet(shown).split("王老师复核后的结果")[0]
    assert f"系统评估：{assessment.total:.0f}" in sheet(shown)
    row = re.search(rf'<tr[^>]*><th scope="row">(?:(?!</tr>).)*{name}.*?</tr>', shown[shown.index('id="details"') :],
                    flags=re.DOTALL)[0]  # fmt: skip
    assert "未评估" in row
    assert re.search("系统评估: (需改进|留意)", row)


def test_a_decision_stands_beside_what_the_tool_found(page, assessment):
    rows = re.findall(r'<tr><th scope="row">(.*?)</tr>', section(page()), flags=re.DOTALL)
    cells = [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", row)).strip() for row in rows]
    assert cells[0].split()[:5] == ["肩线水平", "需改进", "52", "留意", "90"]
    assert cells[0].split()[5:] == ["王老师", "·", "2026-11-30", "椅子扶手高低不一"]
    assert "不成立" in cells[1]
    assert "0:12" in cells[1]
    assert cells[2].split()[-5:] == ["补充", "王老师", "·", "2026-11-30", "抱臂"]
    assert "属实" in cells[3]
    assert "未评估" in cells[4]
    beside = told(SAID, assessment, "zh")["beside"]["shoulder_tilt"]
    assert [line["appeal"] for line in beside] == [False, False, True]


def test_an_appeal_and_its_answer_both_stay(page):
    people = section(page())
    for text in ("我当时在递材料", "已申诉，等待答复", "是方言", "申诉不成立", "重听过,仍偏快", "李老师"):
        assert text in people
    assert people.count('class="take-back"') == 1, "what was answered is not taken back"
    assert 'class="take-back"' not in section(page(replace(SAID, appealable=False)))


def test_what_can_be_appealed_is_each_finding_once(page, assessment):
    shown = page()
    found = set(re.findall(r'class="disagree" data-criterion="(\w+)"', shown))
    waiting = {v.criterion for v in assessment.verdicts if v.status != "not_assessed" and v.kind != "condition"}
    assert found == waiting - {"shoulder_tilt", "pace"}, "one waits, the other was answered"
    assert shown.count('<form id="appeal"') == 1
    bare = page(replace(SAID, appealable=False))
    assert '<form id="appeal"' not in bare
    assert 'class="disagree"' not in bare


def test_where_nobody_said_anything_nothing_is_there(page):
    assert page(Remarks()) == page(Remarks(), seen_by="")
    for trace in ('id="people"', 'class="ticks"', 'class="disagree"', 'id="appeal"'):
        assert trace not in page(Remarks())
    assert 'class="people"' not in page(Remarks())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_fifty_comments_keep_to_the_limits(page, lang):
    many = tuple(Comment(k * 1.2, f"第 {k} 条点评：注意" + "肩" * 300, "王老师", DAY) for k in range(50))
    shown, bare = page(replace(SAID, comments=many), lang), page(Remarks(), lang)
    assert len(re.findall("[一-鿿]", sheet(page(replace(SAID, comments=many))))) <= 160
    assert len(shown.encode()) - len(bare.encode()) < 250_000
    assert section(shown).count('class="play"') == 50 + 2 + 0
    ticks = re.search(r'<svg class="ticks".*?</svg>', shown, flags=re.DOTALL)[0]
    assert ticks.count("data-clip") == 50
    assert " style=" not in shown[shown.index("<body") :]
    if lang == "en":
        own = re.sub(r"第 \d+ 条点评.*?肩+|王老师|李老师|[一-鿿]+,?[一-鿿]*", "", section(shown))
        assert not re.findall("[一-鿿]", own)


def test_what_people_wrote_is_text(page):
    shown = page(replace(SAID, comments=(Comment(3.0, "<script>x</script>", "<b>", DAY),)))
    assert "<script>x" not in shown
    assert "&lt;script&gt;x" in shown
    assert "<title>&lt;b&gt;: &lt;script" in shown
