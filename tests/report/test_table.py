"""The terminal table: inside its columns, and nothing hidden."""

from __future__ import annotations

import io
import re
from collections import Counter
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from liyi.etiquette.assessment import CapFound
from liyi.etiquette.norms import load_pack
from liyi.report import findings
from liyi.report.table import print_assessment, print_pack
from liyi.report.totals import cap_text


def printed(assessment, lang: str, width: int = 80) -> str:
    stream = io.StringIO()
    print_assessment(assessment, lang, Console(file=stream, width=width), out=Path("clip.liyi"))
    return stream.getvalue()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_wider_than_the_terminal(assessment, lang, width):
    assert max(cell_len(line) for line in printed(assessment, lang, width).splitlines()) <= width


def test_everything_is_said(assessment):
    text = " ".join(printed(assessment, "en", 120).split())
    for part in ("● 82 / 100", "Coverage 74 %", "Posture ● 84", "Face ○ not assessed", "Shoulders level", "3.4° ± 1.1°",
                 "214 ± 7 characters/min", "needs review", "Trunk lean, Knee angle: Cannot be seen from the front",
                 "The picture breaks off at 60.0 s", "clip.liyi/report.html", "[0:12–0:14, 0:40–0:46]"):  # fmt: skip
        assert part in text.replace("\N{NO-BREAK SPACE}", " "), part


@pytest.mark.parametrize(
    ("total", "says"),
    [
        (82, "the total is provisional; if it is confirmed, the total is at most 79."),
        (70, "waiting for a person's decision: Shoulders level."),
        (None, "waiting for a person's decision: Shoulders level."),
    ],
)
def test_a_total_beside_an_open_question_is_provisional(assessment, total, says):
    """Where a confirmation would lower it; a total under the red line stays as it is."""
    line = CapFound(criteria=("shoulder_tilt",), total=79, status="needs_review")
    told = cap_text(line, assessment.model_copy(update={"total": total}), "en")
    assert told.endswith(says)
    assert "暂定" in cap_text(line, assessment.model_copy(update={"total": 82}), "zh")


def test_without_a_total_it_says_why(assessment):
    text = printed(assessment.model_copy(update={"total": None, "coverage": 0.38}), "en", 200)
    assert "/ 100" not in text
    assert "a total needs 60" in text


def test_a_dimension_with_a_red_line_crossed_in_it_is_not_called_good(assessment):
    id = next(v.criterion for v in assessment.verdicts if v.dimension == "posture")
    capped = assessment.model_copy(update={"caps": (CapFound(criteria=(id,), total=79),)})
    assert "Posture ● 84" in printed(assessment, "en", 120)
    assert "Posture ▲ 84" in printed(capped, "en", 120)
    waits = assessment.model_copy(update={"caps": (CapFound(criteria=(id,), total=79, status="needs_review"),)})
    assert "Posture ● 84" in printed(waits, "en", 120)


def test_square_brackets_in_a_name_are_not_markup(assessment):
    recording = assessment.recording.model_copy(update={"name": "a[bold]b.mp4"})
    assert "a[bold]b.mp4" in printed(assessment.model_copy(update={"recording": recording}), "en")


@pytest.mark.parametrize("name", ["counter", "presentation"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_pack_is_shown_whole(name, lang):
    pack, stream = load_pack(name), io.StringIO()
    print_pack(pack, lang, Console(file=stream, width=80))
    lines = stream.getvalue().splitlines()
    assert max(cell_len(line) for line in lines) <= 80
    text = "".join(line.strip() for line in lines)
    for id, criterion in pack.criteria.items():
        assert f"({id})" in text
        assert criterion.source.text(lang).replace(" ", "") in text.replace(" ", "")
    assert all(f"({id}," in text for id in pack.profiles)


def test_bands_of_a_pack_carry_their_units(pack):
    stream = io.StringIO()
    print_pack(pack, "en", Console(file=stream, width=80))
    text = stream.getvalue().replace("\N{NO-BREAK SPACE}", " ")
    assert "good: −3 to 3° (90 %)" in text
    assert "fail: −12 to 12° (50 %)" in text


def test_marks_and_error_are_explained(assessment):
    text = printed(assessment, "en")
    assert "● good, ▲ attention, ■ fault, ○ not assessed" in text
    assert "± is one standard deviation" in " ".join(text.split())


def test_a_total_that_a_person_may_still_lower_is_called_provisional(assessment):
    waits = CapFound(criteria=("shoulder_tilt",), total=79, status="needs_review")
    total_line = "82 / 100 (provisional"
    assert total_line in printed(assessment.model_copy(update={"caps": (waits,)}), "en", 120)
    for harmless in (waits.model_copy(update={"total": 89.0}), waits.model_copy(update={"status": "applied"})):
        assert total_line not in printed(assessment.model_copy(update={"caps": (harmless,)}), "en", 120)


def test_what_weighs_nothing_is_told_apart_by_its_kind():
    pack, stream = load_pack("counter"), io.StringIO()
    print_pack(pack, "en", Console(file=stream, width=400))
    seated = stream.getvalue().partition("(seated,")[2].partition("\n\n")[0]
    for kind, start in (("fault", "Faults, "), ("condition", "Conditions "), ("hint", "Hints, ")):
        ids = [id for id, weight in pack.profiles["seated"].weights.items() if not weight
               and ("hint" if pack.criteria[id].review else pack.criteria[id].kind) == kind]  # fmt: skip
        (line,) = [line for line in seated.splitlines() if line.startswith(start)]
        assert line.endswith(f": {', '.join(ids)}.")
    assert not re.search(r"\w 0[,.]", seated)
    assert "Subtracts 3 points for each tenth of the time, at most 30." in stream.getvalue()


def test_chinese_breaks_where_the_line_is_full_and_labels_have_its_colon(assessment):
    """Not at the first space, and no mark of a dimension without its name."""
    lines = printed(assessment, "zh", 40).splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("1 "))
    assert "：" in lines[place]
    assert lines[place + 1].startswith("  ")  # it goes on, and the line above is full
    assert cell_len(lines[place]) >= 34
    names = [findings.dimension_name(assessment, id, "zh") for id in assessment.dimensions]
    assert all(any(re.search(rf"{name} [●▲■○] \S", line) for line in lines) for name in names)


def test_a_pack_is_shown_in_chinese_beside_its_keys():
    stream = io.StringIO()
    print_pack(load_pack("counter"), "zh", Console(file=stream, width=80))
    text = stream.getvalue()
    assert "摄像头：正面或侧面拍摄" in text
    assert "良好 (good)：−3 到 3°" in text
    assert all(id in text.split("肩线倾斜 (")[0] for id in load_pack("counter").profiles["seated"].weights)  # none cut
    assert max(cell_len(line) for line in text.splitlines()) <= 80


def shown(pack: str, lang: str, *, phrases: bool = False, width: int = 80) -> str:
    stream = io.StringIO()
    print_pack(load_pack(pack), lang, Console(file=stream, width=width), phrases=phrases)
    return stream.getvalue()


def test_the_lists_of_a_pack_are_counted_below_its_criteria():
    lists = load_pack("counter").phrases
    grave = Counter(phrase.severity for phrase in lists["forbidden"])
    text = " ".join(shown("counter", "en", width=400).partition("\ncourteous: ")[2].split())
    for part in ("(courtesy_coverage) [H]", "(greet)", f"forbidden: phrases {len(lists['forbidden'])}, patterns ",
                 f"red line (veto) {grave['veto']}, grave (major) {grave['major']}, slight (minor) {grave['minor']}",
                 f"ten_words: phrases {len(lists['ten_words'])}, patterns ", "No criterion judges it",
                 f"others {sum(not phrase.stage for phrase in lists['fillers'])}", "add `--phrases`"):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(("lang", "says"), [("zh", "[L] 建议值，由各单位校准。"), ("en", "[L] a proposal, which each")])
def test_the_letters_behind_a_source_are_explained(lang, says):
    for phrases in (False, True):
        assert says in shown("presentation", lang, phrases=phrases, width=200).splitlines()[-1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_phrase_is_shown_in_its_group_with_the_better_sentence(lang):
    for pack in ("counter", "presentation"):
        narrow, text = shown(pack, lang, phrases=True), shown(pack, lang, phrases=True, width=500)
        assert max(cell_len(line) for line in narrow.splitlines()) <= 80
        lines = text.splitlines()
        assert "shoulder_tilt" not in text
        for name, listed in load_pack(pack).phrases.items():
            for phrase in listed:
                at = next(n for n, line in enumerate(lines) if line.startswith(f"    {phrase.text} ({phrase.id}"))
                better = phrase.better.zh if lang == "zh" else phrase.better.en
                assert not better or better in lines[at + 1]
                heading = next(line for line in reversed(lines[:at]) if line.startswith("  ") and line[2] != " ")
                assert all(f"({key})" in heading for key in (phrase.severity, phrase.stage) if key), phrase.id
            assert any(line.startswith(name) for line in lines)
            assert all(phrase.source.text(lang) in text for phrase in listed)


def test_a_pack_without_phrases_says_so():
    stream = io.StringIO()
    bare = load_pack("counter").model_copy(update={"phrases": {}, "allowances": ()})
    print_pack(bare, "en", Console(file=stream, width=80), phrases=True)
    assert "The pack lists no phrases." in stream.getvalue()
