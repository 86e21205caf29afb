"""A list is read as it was meant, whatever program wrote it; what is wrong is told by line and cell, all at once."""

from __future__ import annotations

import io
import time
import zipfile
from contextlib import suppress
from datetime import date, datetime
from itertools import chain
from pathlib import Path

import openpyxl
import pytest

from liyi.agreement.ratings import RatingsError, read_ratings
from liyi.batch.manifest import COLUMNS as MANIFEST
from liyi.batch.record_lines import CELLS
from liyi.core import list_sheet
from liyi.core.errors import LiyiError
from liyi.core.list_file import Columns, Rows, read_list
from liyi.core.list_headings import HEADINGS, known_headings, plain_heading
from liyi.records.people_sheet import HEADINGS as PEOPLE_SHEET

PEOPLE = Columns(("file", "person", "cohort"), required=("file",))


def read(folder: Path, data: bytes, name: str = "list.csv") -> Rows:
    (folder / name).write_bytes(data)
    return read_list(folder / name, PEOPLE)


def cells(rows: Rows) -> list[tuple[str, ...]]:
    assert not rows.faults, [fault.text for fault in rows.faults]
    return [tuple(row.values()) for _, row in rows.rows]


def faults(rows: Rows) -> list[tuple[int, str]]:
    return [(fault.line, fault.key) for fault in rows.faults]


@pytest.mark.parametrize("name", ["谢强", "石强", "童薇", "史珂", "郑艳", "王小明", "庄强，薛强", "IMG谢强"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_chinese_names_in_every_encoding(tmp_path, name, encoding):
    found = read(tmp_path, f'file,person\r\na.mp4,"{name}"\r\n'.encode(encoding))
    assert cells(found) == [("a.mp4", name)]


@pytest.mark.parametrize("name", ["喆", "IMG喆", "a王b", "a喆b谢c"])
def test_rare_and_single_characters_in_gbk_stay(tmp_path, name):
    assert cells(read(tmp_path, f"file,person\na.mp4,{name}\n".encode("gb18030"))) == [("a.mp4", name)]


@pytest.mark.parametrize("name", ["José", "Müller", "Иван Петров", "Ελένη", "Nguyễn", "Zoë", "naïve café"])
def test_western_names_in_utf_8_stay(tmp_path, name):
    assert cells(read(tmp_path, f"file,person\na.mp4,{name}\n".encode())) == [("a.mp4", name)]


def test_what_is_no_text_or_another_is_refused_with_a_remedy(tmp_path):
    for data, said in (
        ("file,person\na.mp4,王小明的錄影\n".encode("big5"), "Big5"),
        (b"file,person\n\xff\xff\xff,a\n", "neither UTF-8"),
        ("file,person\na.mp4,Müller\nb.mp4,Görg\n".encode("cp1252"), "neither UTF-8"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "before 2007"),
        (b"\xd0\xcf\x11\xe0" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"<html><table><tr><td>file</td></tr></table>", "web page"),
        (b"PK\x03\x04" + bytes(60), "no workbook"),
    ):
        with pytest.raises(LiyiError, match=said) as refused:
            read(tmp_path, data, "list.xls")
        assert "CSV UTF-8" in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "file;person\na.mp4;王\n", "file\tperson\na.mp4\t王\n", "sep=;\r\nfile;person\r\na.mp4;王\r\n",
        "文件，姓名\na.mp4，王\n", "file,person,,\n,,,\na.mp4,王,,\n\n,,,\n", " File , PERSON \na.mp4,王\n",
        "ｆｉｌｅ,Person：\na.mp4,王\n", "文件名,人员\na.mp4,王\n", "三季度名单,\n,\n录像,学员\na.mp4,王\n",
    ],
)  # fmt: skip
def test_separators_empty_columns_and_headings_as_people_write_them(tmp_path, text):
    assert [row[:2] for row in cells(read(tmp_path, text.encode()))] == [("a.mp4", "王")]


def test_every_fault_is_told_by_its_line(tmp_path):
    found = read(tmp_path, b'file,persn,,file\na.mp4,x,stray\nb.mp4,x,,,,more\n"c\n')
    assert faults(found) == [(1, "persn"), (1, "file"), (2, "C2"), (3, ""), (4, "")]
    assert faults(read(tmp_path, b"person\nx\n")) == [(1, "file")]


def workbook(rows: list[list[object]], *, title: str = "Sheet", merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_a_workbook_is_read_as_it_is_shown(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"], sheet["B2"], sheet["C2"] = "名单", "文件", "Person", "班级"
    for at, values in enumerate([("001", 1, True), (7, 2.5, date(2026, 3, 1)), (8.0, "x", datetime(2026, 3, 1, 9, 5))]):
        for column, value in zip("ABC", values, strict=True):
            sheet[f"{column}{at + 4}"] = value
    sheet["A5"].number_format = "000"
    assert cells(read(tmp_path, saved(book), "list.xlsx")) == [
        ("001", "1", "true"), ("007", "2.5", "2026-03-01"), ("8", "x", "2026-03-01 09:05"),
    ]  # fmt: skip
    assert [line for line, _ in read_list(tmp_path / "list.xlsx", PEOPLE).rows] == [4, 5, 6]


def test_the_sheet_with_the_headings_is_meant_and_hidden_ones_are_not(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["how to fill this in"])
    hidden = book.create_sheet("old")
    hidden.append(["file"])
    hidden.append(["old.mp4"])
    hidden.sheet_state = "hidden"
    third = book.create_sheet("名单")
    third.append(["file"])
    third.append(["a.mp4"])
    assert cells(read(tmp_path, saved(book), "list.xlsx")) == [("a.mp4",)]
    book["old"].sheet_state = "visible"
    found = read(tmp_path, saved(book), "list.xlsx")
    assert [fault.notice.fields for fault in found.faults] == [{"names": "old, 名单"}]


def test_cells_that_say_nothing_certain_are_told_by_their_names(tmp_path):
    rows: list[list[object]] = [["file", "person", "note"], ["=A9", 110101199001011234, "=A9"], ["a.mp4", "#REF!", ""]]
    rows += [["b.mp4", "x", ""], ["c.mp4", "", ""], ["d.mp4", "y", "", "stray"]]
    found = read_list(
        _file(tmp_path, workbook(rows, merge="B4:B5")), Columns(("file", "person"), ("file",), others=True)
    )
    assert faults(found) == [(2, "file (A2)"), (2, "person (B2)"), (3, "person (B3)"), (4, "person (B4)")]
    found = read(tmp_path, workbook([["file", ""], ["a.mp4", "stray"], ["b.mp4", "stray", "", "further"]]), "x.xlsx")
    assert faults(found) == [(2, "B2"), (3, "D3")]


def test_a_column_too_far_right_is_told(tmp_path):
    """Never left out in silence: neither one that the list needs, nor one of which nobody knows what it is."""
    wide: list[object] = [None] * 255
    strict, open = Columns(("file", "person"), ("file",)), Columns(("file", "person"), ("file",), others=True)
    last = _file(tmp_path, workbook([["file", *wide[1:], "person"], ["a.mp4", *wide[1:], "x"]]))
    assert cells(read_list(last, strict)) == [("a.mp4", "x")]  # column IV
    far = _file(tmp_path, workbook([["file", *wide, "person"], ["a.mp4", *wide, "x"]]))
    for columns in (strict, open):
        assert faults(read_list(far, columns)) == [(1, "person (IW1)")]
    assert "right of IV" in read_list(far, strict).faults[0].notice.text
    needed = _file(tmp_path, workbook([[*wide, None, "file"], [*wide, None, "a.mp4"]]))
    assert faults(read_list(needed, strict)) == [(1, "file (IW1)")]
    other = _file(tmp_path, workbook([["file"], ["a.mp4", *wide, *wide, "stray"]]))
    assert faults(read_list(other, strict)) == [(2, "SR2")]
    assert cells(read_list(other, open)) == [("a.mp4",)]
    styled = openpyxl.Workbook()
    styled.active["A1"], styled.active["A2"] = "file", "a.mp4"
    styled.active["IW2"].number_format = "000"  # a cell that holds nothing
    assert cells(read_list(_file(tmp_path, saved(styled)), strict)) == [("a.mp4",)]


def _file(folder: Path, data: bytes) -> Path:
    (folder / "list.xlsx").write_bytes(data)
    return folder / "list.xlsx"


def with_sheet(xml: str) -> bytes:
    """A workbook whose one sheet is this XML."""
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["file"]]))) as old,
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            is_sheet = name.startswith("xl/worksheets/sheet")
            new.writestr(name, xml if is_sheet else old.read(name))
    return data.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
BOMBS = (
    SHEET.format("<row><c/></row>" * 3_000_000),
    SHEET.format('<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>x</t></is></c></row>'),
    SHEET.format('<row r="1"><c r="ZZZZZZZ1" t="inlineStr"><is><t>file</t></is></c></row>'),
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ) + "]>" + SHEET.format('<row><c t="inlineStr"><is><t>&i;</t></is></c></row>'),
    "<worksheet><sheetData><row>",
)  # fmt: skip


@pytest.mark.parametrize("at", range(len(BOMBS)))
@pytest.mark.timeout(20)
def test_a_workbook_that_means_harm_is_refused(tmp_path, at):
    found: Rows | None = None
    with suppress(LiyiError):
        found = read(tmp_path, with_sheet(BOMBS[at]), "list.xlsx")
    assert found is None or found.faults


def test_ratings_are_read_by_the_same_reader(tmp_path):
    rows: list[list[object]] = [["录像", "评委", "指标", "得分", "备注"], ["a.mp4", "石强", "total", 4, "x"]]
    (item,) = read_ratings(_file(tmp_path, workbook(rows)), "1-5").items
    assert (item.recording, item.rater, item.points) == ("a.mp4", "石强", 80)
    (tmp_path / "r.csv").write_bytes("recording,rater,criterion,score\na.mp4,石强,total,4\n".encode("gbk"))
    assert read_ratings(tmp_path / "r.csv", "1-5").items[0].rater == "石强"
    rows += [["b.mp4", "", "total", "good"], ["c.mp4", "石强", "total", "=X9"]]
    with pytest.raises(RatingsError) as refused:
        read_ratings(_file(tmp_path, workbook(rows)), "1-5")
    assert [(fault.line, fault.key) for fault in refused.value.faults] == [
        (3, "rater"),
        (3, "score"),
        (4, "score (D4)"),
    ]


def test_no_heading_stands_for_two_columns_of_a_list():
    ratings = ("recording", "rater", "criterion", "score", "session")
    assert set(HEADINGS) <= {*CELLS, "neutral", *ratings, *PEOPLE_SHEET}
    for names in (MANIFEST, CELLS, ratings, PEOPLE_SHEET):
        said = list(chain.from_iterable(HEADINGS.get(name, ()) for name in names))
        assert len(said) == len(set(said))
        assert all(known_headings(names)[plain_heading(name)] == name for name in names)


def test_the_public_cases(tmp_path):
    cases = Path(__file__).resolve().parents[3] / "shared" / "trials" / "cases"
    if not cases.is_dir():
        pytest.skip("the cases are not here")
    assert cells(read_list(cases / "15-manifest-gbk-two-names.csv", PEOPLE))[0][1] == "谢强"
    assert read_list(cases / "16-manifest-trailing-commas.csv", PEOPLE).rows


@pytest.mark.parametrize(
    "comment",
    [b"<mergeCell " * 20_000, b"<c " * 20_000, b"<c" + b' r="IW1"' * 20_000 + b"/>"],
    ids=["merged cells", "cells", "references"],
)
def test_a_comment_made_to_look_like_cells_takes_no_time(comment):
    began = time.process_time()
    list_sheet._merged(b"<!-- " + comment + b" -->")
    list_sheet._further(b"<!-- " + comment + b" -->")
    assert time.process_time() - began < 1
    assert list_sheet._further(b'<c r="IV1"><v/></c><c r="IW1"/><x:c s="1" r="JA12" t="s">') == (12, 260)
