"""A row of a worksheet written several times: openpyxl itself moves neither heights, merged cells nor formulas."""

from __future__ import annotations

import re
from typing import Any

_WIDTH, _HEIGHT = 8.43, 15.0  # of a column in characters, of a line in points, where a sheet says nothing
_PLACE = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d{1,7})(?::(\$?[A-Z]{1,3}\$?)(\d{1,7}))?")


def repeat_row(sheet: Any, row: int, times: int) -> None:
    """Write a row ``times`` times; what stands below moves down, and formulas name what they named before."""
    more = times - 1
    if not more:
        return
    merged = [area.bounds for area in sheet.merged_cells.ranges]
    for bounds in merged:
        _area(sheet.unmerge_cells, bounds, 0)
    heights = {at: each.height for at, each in sheet.row_dimensions.items() if each.height is not None}
    _move_cells(sheet, row, more)
    for at, height in heights.items():
        if at > row:
            sheet.row_dimensions[at + more].height = height
    for down in range(1, times):
        sheet.row_dimensions[row + down].height = heights.get(row)
    for bounds in merged:
        _, top, _, bottom = bounds
        for down in range(times) if top == bottom == row else (more if top > row else 0,):
            _area(sheet.merge_cells, bounds, down)
    for cell in sheet._cells.values():
        if cell.data_type == "f":
            cell.value = moved_formula(cell.value, row, more)


def moved_formula(formula: str, row: int, more: int) -> str:
    """A formula after ``row`` was repeated: what it names below moves along, a range that ends in the row grows."""

    def moved(found: re.Match[str]) -> str:
        start, end = int(found[2]), int(found[4] or 0)
        first = f"{found[1]}{start + more if start > row else start}"
        return first if not found[3] else f"{first}:{found[3]}{end + more if end >= row else end}"

    return _PLACE.sub(moved, formula)


def fit_height(sheet: Any, cell: Any) -> None:
    """Make a row as high as the text of merged cells in it needs, which no spreadsheet does by itself."""
    from openpyxl.utils import get_column_letter

    area = next((each for each in sheet.merged_cells.ranges if (cell.row, cell.column) == each.top[0]), None)
    if area is None or area.min_row != area.max_row or not isinstance(cell.value, str) or not cell.alignment.wrap_text:
        return
    letters = (get_column_letter(at) for at in range(area.min_col, area.max_col + 1))
    wide = sum(sheet.column_dimensions[letter].width or _WIDTH for letter in letters)
    lines = sum(-(-max(1, sum(2 if each >= "\u2e80" else 1 for each in line)) // max(1, int(wide)))
                for line in cell.value.split("\n"))  # fmt: skip
    if lines > 1:
        own = sheet.row_dimensions[cell.row].height or _HEIGHT
        sheet.row_dimensions[cell.row].height = max(own, lines * _HEIGHT)


def _move_cells(sheet: Any, row: int, more: int) -> None:
    for cell in sorted((each for each in sheet._cells.values() if each.row > row), key=lambda each: -each.row):
        _copy(cell, sheet.cell(cell.row + more, cell.column))
        cell.value = None
    for cell in [each for each in sheet._cells.values() if each.row == row]:
        for down in range(1, more + 1):
            _copy(cell, sheet.cell(row + down, cell.column))


def _copy(source: Any, target: Any) -> None:
    target.value, target._style = source.value, source._style


def _area(work: Any, bounds: tuple[int, int, int, int], down: int) -> None:
    left, top, right, bottom = bounds
    work(start_column=left, start_row=top + down, end_column=right, end_row=bottom + down)
