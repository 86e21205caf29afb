"""The sheet of deductions that is used where a unit brings none of its own, and from which it can make one."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

from liyi.cohort.sheet_fields import FIELDS, ITEM_FIELDS
from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEAD: Sequence[tuple[str, str, str, str]] = (
    (N_("Name of the person"), "person", N_("Department"), "department"),
    (N_("Batch"), "batch", N_("Recording"), "file"),
    (N_("Profile"), "profile", N_("Norm pack"), "pack"),
    (N_("Day"), "date", N_("Coverage"), "coverage"),
)
_COLUMNS = (
    ("item.number", N_("No."), 6), ("item.dimension", N_("Dimension"), 12), ("item.criterion", N_("Criterion"), 22),
    ("item.measured", N_("Measured"), 24), ("item.clips", N_("Clips"), 24), ("item.points", N_("Charged"), 10),
)  # fmt: skip
_BELOW = (
    (N_("Why no total"), "no_total"),
    (N_("Red lines"), "red_lines"), (N_("Not assessed"), "not_assessed"), (N_("State"), "state"),
    (N_("Confirmed by"), "confirmed_by"), (N_("Confirmed on"), "confirmed_on"), (N_("Reason"), "why"),
)  # fmt: skip


@cache
def default_sheet(lang: str) -> bytes:
    """The template, in ``zh`` or ``en``."""
    from openpyxl import Workbook

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = translate(N_("Deduction sheet"), lang)
    for at, (_, _, width) in enumerate(_COLUMNS):
        sheet.column_dimensions["ABCDEF"[at]].width = width
    row = _title(sheet, lang)
    for left, one, right, other in _HEAD:
        _put(sheet, row, 1, translate(left, lang), bold=True)
        _put(sheet, row, 3, _field(one, lang))
        _put(sheet, row, 4, translate(right, lang), bold=True)
        _put(sheet, row, 5, _field(other, lang))
        row += 1
    row = _items(sheet, row + 1, lang)
    _put(sheet, row, 1, translate(N_("Total"), lang), bold=True)
    _put(sheet, row, 3, _field("total", lang), bold=True)
    _put(sheet, row, 4, translate(N_("± (1 SD)"), lang), bold=True)
    _put(sheet, row, 5, _field("error", lang))
    for label, name in _BELOW:
        row += 1
        _put(sheet, row, 1, translate(label, lang), bold=True)
        sheet.merge_cells(start_row=row, start_column=3, end_row=row, end_column=6)
        _put(sheet, row, 3, _field(name, lang))
    sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = 9, 0  # A4
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _title(sheet: Any, lang: str) -> int:
    from openpyxl.styles import Alignment, Font

    sheet.merge_cells("A1:F1")
    sheet["A1"] = translate(N_("Deduction sheet"), lang)
    sheet["A1"].font, sheet["A1"].alignment = Font(size=16, bold=True), Alignment(horizontal="center")
    return 3


def _items(sheet: Any, row: int, lang: str) -> int:
    """The headings, the row that is repeated, and the sum below; returns the row after it."""
    from openpyxl.styles import Border, Font, PatternFill, Side

    line = Border(*(Side(style="thin", color="DBE4E3") for _ in range(4)))
    for at, (name, heading, _) in enumerate(_COLUMNS, 1):
        _put(sheet, row, at, translate(heading, lang), bold=True)
        head = sheet.cell(row, at)
        head.fill, head.font = PatternFill("solid", fgColor="0F6E6E"), Font(bold=True, color="FFFFFF")
        _put(sheet, row + 1, at, _field(name, lang))
        sheet.cell(row + 1, at).border = line
    _put(sheet, row + 2, 5, translate(N_("All charged"), lang), bold=True)
    _put(sheet, row + 2, 6, f"=SUM(F{row + 1}:F{row + 1})", bold=True)
    return row + 4


def _put(sheet: Any, row: int, column: int, text: str, *, bold: bool = False) -> None:
    from openpyxl.styles import Alignment, Font

    cell = sheet.cell(row, column, text)
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    cell.font = Font(bold=bold)


def _field(name: str, lang: str) -> str:
    chinese = {**FIELDS, **ITEM_FIELDS}[name][0]
    return f"{{{{{chinese if lang == 'zh' else name}}}}}"
