"""The sheet of deductions in a unit's own layout: fields in both languages, repeated rows, no value that computes."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula

from liyi.cohort.default_sheet import default_sheet
from liyi.cohort.sheet import check_template, fill
from liyi.cohort.sheet_fields import FIELDS, ITEM_FIELDS, About, sheet_items, sheet_values
from liyi.cohort.sheet_formulas import reaching_out
from liyi.cohort.sheet_rows import moved_formula
from liyi.core.errors import LiyiError
from tests.records.evaluated import sample

ABOUT = About(person="=HYPERLINK(1)", file="a.mp4", batch="B", evaluator="王", date="2026-11-30")


def workbook(**cells) -> bytes:
    made = Workbook()
    for place, value in cells.items():
        made.active[place] = value
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def filled(template: bytes, judged=None, about=ABOUT, lang="zh"):
    judged = judged or sample()
    check_template("t.xlsx", template)
    return load_workbook(io.BytesIO(fill(template, sheet_values(judged, about, lang), sheet_items(judged, lang))))


def test_fields_in_both_languages_and_of_single_criteria():
    sheet = filled(workbook(
        A1="{{person}}", A2="总分：{{总分}} 分", A3="{{ total }}", A4="{{扣分.crossed_arms}}", A5="{{扣分.双臂抱胸}}",
        A6="{{charged.no_such_criterion}}", A7="{{charged.trunk_lean}}", B1="stays", B2=7,
    )).active  # fmt: skip
    [charged] = [each.charged for each in sample().deductions if each.criterion == "crossed_arms"]
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=HYPERLINK(1)", "s"), "a name is never a formula"
    assert sheet["A2"].value == "总分：79 分"
    assert (sheet["A3"].value, sheet["A3"].data_type) == (79, "n")
    assert sheet["A4"].value == sheet["A5"].value == round(charged, 1)
    assert (sheet["A6"].value, sheet["A7"].value) == ("–", "–"), "what was not assessed costs no 0"
    assert (sheet["B1"].value, sheet["B2"].value) == ("stays", 7)


def test_a_row_is_repeated_for_each_deduction_and_what_is_below_moves_along():
    made = Workbook()
    sheet = made.active
    for place, value in {"A3": "{{item.number}}", "B3": "{{扣分项.指标}}", "C3": "{{item.points}}", "C4": "=SUM(C3:C3)",
                         "A5": "{{person}}", "C1": "=C4"}.items():  # fmt: skip
        sheet[place] = value
    sheet["B3"].font = Font(bold=True)
    sheet.merge_cells("A5:C5")
    sheet.row_dimensions[5].height = 40
    content = io.BytesIO()
    made.save(content)
    found = filled(content.getvalue()).active
    lost = sorted((each.charged for each in sample().deductions), reverse=True)
    assert len(lost) == 3
    assert [found.cell(row, 3).value for row in (3, 4, 5)] == [round(each, 1) for each in lost]
    assert [found.cell(row, 2).font.bold for row in (3, 4, 5)] == [True] * 3
    assert (found["C6"].value, found["C1"].value) == ("=SUM(C3:C5)", "=C6")
    assert [str(each) for each in found.merged_cells.ranges] == ["A7:C7"]
    assert found.row_dimensions[7].height == 40


def test_who_lost_nothing_has_one_empty_row():
    clean = sample().model_copy(update={"deductions": ()})
    sheet = filled(workbook(A1="{{item.criterion}}", A2="{{charged}}"), clean).active
    assert (sheet["A1"].value, sheet["A2"].value) == (None, 0)


def test_a_range_that_ends_in_the_repeated_row_grows():
    assert moved_formula("=SUM($C$3:C9)+C2+C10", 9, 2) == "=SUM($C$3:C11)+C2+C12"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_default_sheet_is_one_and_names_no_field_that_it_lacks(lang):
    sheet = filled(default_sheet(lang), lang=lang).active
    texts = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not any("{{" in text for text in texts)
    assert "79" in texts


def test_every_field_has_a_value():
    values = sheet_values(sample(), ABOUT, "zh")
    assert set(FIELDS) <= set(values)
    assert set(sheet_items(sample(), "zh")[0]) == set(ITEM_FIELDS)


def test_without_a_total_it_says_why():
    judged = sample().model_copy(update={"total": None, "coverage": 0.3})
    values = sheet_values(judged, ABOUT, "en")
    assert values["total"] is None
    assert "30\u00a0%" in values["no_total"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no workbook", "no workbook"),
        (workbook(A1="nothing"), "asks for no field"),
        (workbook(A1="{{persn}}"), "fields that there are not: persn"),
        (workbook(A1="{{person}}", A2='=WEBSERVICE("http://x")'), "formula in A2"),
        (workbook(A1="{{person}}", A2="=cmd|' /c calc'!A0"), "formula in A2"),
        (workbook(A1="{{person}}", A2="='[other.xlsx]S'!A1"), "formula in A2"),
        (workbook(A1="{{item.points}}", A2="{{item.points}}"), "several rows"),
        (workbook(**{f"A{row}": "{{person}}" for row in range(1, 20_100)}), "too large"),
    ],
)
def test_what_is_no_template_is_refused(content, said):
    with pytest.raises(LiyiError) as caught:
        check_template("t.xlsx", content)
    assert said in str(caught.value)


def with_more(more) -> bytes:
    """A template to which something is added that is in no cell."""
    made = Workbook()
    made.active["A1"], made.active["B1"] = "{{person}}", 3
    more(made, made.active)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def named(text):
    return lambda book, sheet: book.defined_names.update({"X": DefinedName("X", attr_text=text)})


def formatted(formula):
    return lambda book, sheet: sheet.conditional_formatting.add("B1", FormulaRule(formula=[formula], font=Font(b=True)))


def checked(formula):
    def more(book, sheet):
        check = DataValidation(type="list", formula1=formula)
        check.add("B1")
        sheet.add_data_validation(check)

    return more


def linked(book, sheet):
    sheet["B1"].hyperlink = "http://10.0.0.1/a"


def tabled(book, sheet):
    sheet["C1"], sheet["C2"] = "a", 1
    table = Table(displayName="T", ref="C1:C2")
    table._initialise_columns()
    table.tableColumns[0].calculatedColumnFormula = TableFormula(attr_text="WEBSERVICE(1)")
    sheet.add_table(table)


@pytest.mark.parametrize(
    ("more", "place"),
    [
        (named("cmd|'/c calc'!A0"), "X"),
        (named("'[other.xlsx]S'!$A$1"), "X"),
        (named("Other!$A$1"), "X"),
        (named("INDIRECT(1)"), "X"),
        (formatted('WEBSERVICE("http://x")'), "B1"),
        (checked("INDIRECT(A1)"), "B1"),
        (checked("Other!$A$1:$A$9"), "B1"),
        (linked, "B1"),
        (tabled, "C1:C2"),
    ],
)
def test_what_reaches_out_beside_the_cells_is_refused_and_never_handed_on(more, place):
    content = with_more(more)
    with pytest.raises(LiyiError, match="reaches out") as caught:
        check_template("t.xlsx", content)
    assert caught.value.fields["place"] == place
    kept_before = load_workbook(io.BytesIO(fill(content, {"person": "王"}, [])))
    assert list(reaching_out(kept_before)) == []
    assert kept_before.active["A1"].value == "王"


def test_plain_names_formats_and_lists_of_choices_stay():
    def more(book, sheet):
        for add in (named("Sheet!$B$1:$B$2"), formatted("$B$1>SUM(B2:B3)"), checked('"好|优,中!,差"')):
            add(book, sheet)
        sheet.print_area = "A1:C9"

    content = with_more(more)
    check_template("t.xlsx", content)
    found = load_workbook(io.BytesIO(fill(content, {"person": "王"}, [])))
    assert set(found.defined_names) == {"X"}
    assert len(found.active.conditional_formatting) == len(found.active.data_validations.dataValidation) == 1


def test_macros_and_bombs_are_refused():
    for name, content in (("xl/vbaProject.bin", b"x"), ("xl/media/a.bin", bytes(9_000_000))):
        made = io.BytesIO(workbook(A1="{{person}}"))
        with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        with pytest.raises(LiyiError):
            check_template("t.xlsx", made.getvalue())
    merged = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(A1="{{person}}"))) as source, zipfile.ZipFile(merged, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            whole = b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
            archive.writestr(name, content.replace(b"</sheetData>", b"</sheetData>" + whole))
    with pytest.raises(LiyiError, match="too large for a sheet"):  # before an object is made of each cell
        check_template("t.xlsx", merged.getvalue())
