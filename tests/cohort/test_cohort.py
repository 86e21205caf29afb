"""The cohort report: counts that can be checked by hand, nothing said of a few, nothing run or fetched by the page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from liyi.batch.outputs import COHORT_HTML
from liyi.cohort.charts import histogram, stack
from liyi.cohort.criterion_counts import tally
from liyi.cohort.page import cohort_page, write_cohort_report
from liyi.cohort.spread import spreads_of
from liyi.report.findings import Mark
from tests.cohort.batches import assessment, mixed, row, verdict


def judged(rows):
    return [(r, r.assessment) for r in rows if r.assessment is not None]


def ten(cohorts=("一班",)):
    return [row(f"{i}.mp4", assessment(50.0 + 5 * i), cohort=cohorts[i % len(cohorts)], key=str(i)) for i in range(10)]


def test_quartiles_of_known_totals():
    (group,) = spreads_of(judged(ten()), "en")
    total, posture, voice = (part.spreads[0] for part in group.parts)
    assert (total.count, total.median, total.middle, total.ends) == (10, "72.5", "61–84", "50–95")
    assert total.mark is Mark.ATTENTION
    assert posture.median == "72.5"
    assert (voice.median, voice.mark) == ("90.0", Mark.GOOD)
    assert not group.cohorts


def test_cohorts_stand_beside_all_and_small_ones_are_not_spread_out():
    rows = [*ten(), row("x.mp4", assessment(20.0), cohort="二班", key="x")]
    (group,) = spreads_of(judged(rows), "en")
    everybody, first, second = group.parts[0].spreads
    assert (everybody.name, everybody.count) == ("All", 11)
    assert (first.name, first.count, first.few) == ("一班", 10, "")
    assert (second.name, second.count) == ("二班", 1)
    assert second.few
    assert second.chart == second.median == second.ends == ""


def test_views_and_packs_are_kept_apart():
    rows = [*ten(), row("s.mp4", assessment(70.0, camera="side"), key="s")]
    front, side = spreads_of(judged(rows), "en")
    assert front.parts[0].spreads[0].count == 10
    assert "1 recordings, fewer than 5" in side.few


def test_recordings_without_a_total_are_counted_but_not_spread():
    rows = [*ten(), row("n.mp4", assessment(None), key="n")]
    (group,) = spreads_of(judged(rows), "en")
    assert group.parts[0].spreads[0].count == 10
    assert group.without.startswith("No total: 1 of 11")


def test_criteria_are_counted_by_mark_the_weakest_first():
    (pack,) = tally(judged(ten()), "en")
    shoulders, *_ = pack.criteria
    # below 60 the made-up verdict is 0.52 (■), below 80 it is 0.8 (▲), else 1 (●)
    assert (shoulders.name, shoulders.beyond_text) == ("Shoulders level", "2 of 10 · 20\xa0%")
    assert (shoulders.attention, shoulders.good, shoulders.open) == (4, 4, 0)
    lean = next(c for c in pack.criteria if c.name == "Trunk lean")
    assert (lean.assessed, lean.share, lean.beyond_text, lean.open) == (0, None, "–", 10)


def test_a_share_needs_enough_recordings():
    (pack,) = tally(judged(ten()[:4]), "en")
    shoulders = next(c for c in pack.criteria if c.name == "Shoulders level")
    assert (shoulders.share, shoulders.beyond_text) == (None, "2 of 4")
    assert pack.criteria[0] is shoulders  # what went wrong stands first without a share, too


def test_the_same_recording_twice_counts_once():
    rows = ten()
    page = cohort_page([*rows, rows[0]], "en")
    assert "name a recording once more: 1;" in page
    assert "2 of 10" in page


class Parsed(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.open = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href", "style", "onload", "onerror")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_stands_alone_and_nothing_from_outside_runs_in_it(tmp_path, lang):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}\udcff"
    rows = [*mixed(), row(evil, assessment(None), person=evil, cohort=evil), row(evil, failure=evil, cohort=evil)]
    write_cohort_report(rows, tmp_path, lang)
    text = (tmp_path / COHORT_HTML).read_text(encoding="utf-8")
    page = Parsed(text)
    assert "script" not in page.tags
    assert "img" not in page.tags
    assert all(link.startswith("#") for link in page.links)
    assert not re.search(r"https?://|@import|url\(", text)
    assert "49" not in re.findall(r"alert\(1\)&gt;(\d+)", text)
    assert [p.name for p in tmp_path.iterdir()] == [COHORT_HTML]


def test_the_page_names_failures_gaps_and_what_to_look_at_again():
    page = cohort_page(mixed(), "en")
    for said in ("broken.mp4 is empty", "--resume", "2 people were seen", "Cannot be seen from the front",
                 "1 not begun", "6 with a total", "1 without a total", "1 not assessed at all"):  # fmt: skip
        assert said in page, said


def test_chinese_page_speaks_chinese():
    page = cohort_page([*ten(("一班", "二班")), *mixed()], "zh")
    for said in ("班组报告", "薄弱指标", "复核提示", "未评估项", "中位数", "先练这几项", "肩线水平"):
        assert said in page, said
    words = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)
    assert not re.search(r"\b(recordings|median|assessed|of the)\b", words)


@pytest.mark.parametrize("rows", [[], [row("a.mp4")], [row("a.mp4", assessment(None, voice=None))]])
def test_batches_with_nothing_to_show(rows):
    page = cohort_page(rows, "en")
    assert "<main>" in page
    assert "Practise these first" not in page


def test_every_score_falls_into_one_bar():
    svg = histogram([0.0, 4.9, 59.9, 60.0, 79.9, 80.0, 100.0], "seven")
    bars = re.findall(r'<rect class="(\w+)".*?: (\d+)</title>', svg)
    assert bars == [
        ("fault", "2"),
        ("fault", "1"),
        ("attention", "1"),
        ("attention", "1"),
        ("good", "1"),
        ("good", "1"),
    ]


def test_the_stack_is_as_wide_as_its_counts():
    widths = re.findall(
        r'<rect class="(\w+)" x="[\d.]+" y="0" width="([\d.]+)"', stack({Mark.FAULT: 1, Mark.GOOD: 3}, "x")
    )
    assert [name for name, _ in widths] == ["fault", "good"]
    assert float(widths[1][1]) + 1 == pytest.approx(3 * (float(widths[0][1]) + 1))


def test_labels_are_escaped():
    assert "<b>" not in histogram([1.0], "<b>") + stack({}, "<b>")


def test_names_of_criteria_are_escaped():
    named = verdict("x", "<i>中</i>", "<i>en</i>", 0.1)
    rows = [row("a.mp4", assessment().model_copy(update={"verdicts": (named,)}))]
    assert "<i>en" not in cohort_page(rows, "en")
