"""The workbook, read as XML: sheets, ranks, marks, and nothing that Excel would compute or open."""

from __future__ import annotations

import errno
import re
import xml.etree.ElementTree as ET
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liyi.cohort.outliers import recheck
from liyi.cohort.workbook import write_workbook
from liyi.core.errors import LiyiError
from tests.cohort.batches import assessment, mixed, row

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
SHEETS = {"en": ["Ranking", "Dimensions", "Deductions", "Not assessed", "Failures", "Criteria"],
          "zh": ["排名", "维度", "扣分表", "未评估项", "未能评估", "指标"]}  # fmt: skip


class Opened:
    """Cells of each sheet, by the sheet's name."""

    def __init__(self, path):
        with zipfile.ZipFile(path) as archive:
            self.names = archive.namelist()
            book = ET.fromstring(archive.read("xl/workbook.xml"))
            self.titles = [sheet.get("name") for sheet in book.iterfind("m:sheets/m:sheet", NS)]
            self.xml = [archive.read(f"xl/worksheets/sheet{i + 1}.xml").decode() for i in range(len(self.titles))]
            self.styles = archive.read("xl/styles.xml").decode()

    def rows(self, title):
        sheet = ET.fromstring(self.xml[self.titles.index(title)])
        return [[self.value(c) for c in r.iterfind("m:c", NS)] for r in sheet.iterfind("m:sheetData/m:row", NS)]

    def table(self, title):
        head, *rest = self.rows(title)
        return [dict(zip(head, line, strict=False)) for line in rest]

    @staticmethod
    def value(c):
        if c.get("t") == "inlineStr":
            return "".join(t.text or "" for t in c.iter(f"{{{NS['m']}}}t"))
        number = c.find("m:v", NS)
        return None if number is None else float(number.text)


def opened(rows, path, lang="en"):
    write_workbook(rows, recheck(rows), path, lang)
    return Opened(path)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_sheets_have_frozen_headings_filters_and_widths(tmp_path, lang):
    book = opened(mixed(), tmp_path / "scores.xlsx", lang)
    assert book.titles == SHEETS[lang]
    for xml in book.xml:
        assert '<pane xSplit="' in xml
        assert 'state="frozen"' in xml
        assert "<autoFilter ref=" in xml
        assert "<cols>" in xml


def test_ranking_ties_share_a_rank_and_views_are_not_mixed(tmp_path):
    write_workbook(mixed(), recheck(mixed()), tmp_path / "s.xlsx", "en")
    rows = Opened(tmp_path / "s.xlsx").rows("Ranking")[1:]
    ranked = {line[1]: line[0] for line in rows if isinstance(line[0], float)}
    assert ranked == {"c.mp4": 1, "a.mp4": 2, "b.mp4": 2, "=cmd|'/c calc'!A1.mp4": 4, "d.mp4": 5, "side.mp4": 1}


def test_without_a_total_there_is_no_rank_but_a_reason(tmp_path):
    *_, last = opened(mixed(), tmp_path / "s.xlsx").rows("Ranking")
    assert last[0] == "hidden.mp4"  # the cell of the rank is not there
    assert last[3] == "○"
    assert any("a total needs 60" in str(text) for text in last)
    assert not any(isinstance(value, float) and value > 1 for value in last)


def test_marks_have_shape_and_colour_and_cells_stay_numbers(tmp_path):
    book = opened(mixed(), tmp_path / "s.xlsx")
    for shape in "●▲■":
        assert f"&quot;{shape} &quot;0.0" in book.styles
    for colour in ("1D6B3A", "8F5A00", "A63A28", "5C6968"):
        assert f"FF{colour}" in book.styles
    totals = [line["Total"] for line in book.table("Dimensions")]
    assert totals == [82.4, 82.4, 91.0, 55.0, 70.0, "○", 77.0]


def test_the_map_gives_the_reason_of_each_gap(tmp_path):
    lines = opened(mixed(), tmp_path / "s.xlsx").rows("Not assessed")
    assert lines[0][4:] == ["Shoulders level", "Trunk lean", "Pace", "Filled pauses"]
    hidden = next(line for line in lines if line[0] == "hidden.mp4")
    assert hidden[5] == "○ Cannot be seen from the front: record from the side."
    assert hidden[6] == "○ The file has no sound."


def test_deductions_name_points_and_clips(tmp_path):
    rows = opened(mixed(), tmp_path / "s.xlsx").table("Deductions")
    assert {line["Recording"] for line in rows} == {"d.mp4", "side.mp4", "=cmd|'/c calc'!A1.mp4"}
    assert (rows[0]["Points"], rows[0]["Charged"], rows[0]["Clips"]) == (6.1, 6.1, "0:12–0:14, 0:40–0:46")


def test_failures_and_what_was_not_begun(tmp_path):
    rows = opened(mixed(), tmp_path / "s.xlsx").rows("Failures")
    assert [line[0] for line in rows[1:]] == ["broken.mp4", "later.mp4"]


HOSTILE = st.text(st.characters(), max_size=30) | st.sampled_from([
    "=1+1", "@x", "http://a.b/", "file:///etc/passwd", "internal:'A'!A1", "mailto:a@b", "_x000D_", "<v>1</v>", "\x00",
    "{=SUM(A1)}", "12345", "=cmd|'/c calc'!A1", "字" * 40_000,
])  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_becomes_a_formula_a_link_or_broken_xml(tmp_path_factory, path, person, cohort):
    rows = [row(path, assessment(55.0), person=person, cohort=cohort), row(path, failure=person)]
    book = opened(rows, tmp_path_factory.mktemp("x") / "s.xlsx")
    for xml in book.xml:
        ET.fromstring(xml)
        assert not re.search(r"<f[ >/]|<hyperlink|t=\"str\"", xml)
    assert not any("sharedStrings" in name or "externalLink" in name or "_rels/sheet" in name for name in book.names)
    told = book.rows("Failures")[1]
    assert isinstance(told[0], str) or not path
    assert all(len(str(value)) <= 32_767 for value in told)


def test_text_cells_have_the_format_text(tmp_path):
    book = opened(mixed(), tmp_path / "s.xlsx")
    styles = ET.fromstring(book.styles)
    formats = [int(xf.get("numFmtId")) for xf in styles.iterfind("m:cellXfs/m:xf", NS)]
    for xml in book.xml:
        for c in ET.fromstring(xml).iter(f"{{{NS['m']}}}c"):
            if c.get("t") == "inlineStr":
                assert formats[int(c.get("s"))] == 49  # @


def test_a_full_sheet_goes_on_in_another(tmp_path, monkeypatch):
    monkeypatch.setattr("liyi.cohort.workbook._ROWS_OF_A_SHEET", 4)
    book = opened(mixed(), tmp_path / "s.xlsx")
    assert {"Ranking", "Ranking 2", "Ranking 3"} <= set(book.titles)
    assert sum(len(book.rows(t)) - 1 for t in book.titles if t.startswith("Ranking")) == 7


def test_a_disk_that_fills_up_is_one_sentence(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.Workbook._store_workbook", full)
    with pytest.raises(LiyiError, match="is full"):
        write_workbook(mixed(), recheck(mixed()), tmp_path / "s.xlsx", "en")
    assert not list(tmp_path.iterdir())
