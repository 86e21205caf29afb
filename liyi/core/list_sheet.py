"""The cells of a workbook (.xlsx) as a list's: formulas by the values that were saved, numbers and dates as text."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import repeat
from typing import TYPE_CHECKING, Any

from liyi.core.errors import Notice
from liyi.core.list_text import HEAD_ROWS, NoListError
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LARGEST_BYTES = 32_000_000  # of everything in the workbook, unpacked: some hundred thousand lines
MOST_ROWS, MOST_COLUMNS = 1_048_576, 256  # as many rows as a sheet may have; columns further right are no list's
_ALL_COLUMNS = 16_384  # of a sheet
_MOST_DIGITS = 10**15  # beyond which a spreadsheet has rounded a number
# None goes on beyond the next "<", nor tries a second reference where a first was found: else a comment of some hundred
# kilobytes, made for it, takes minutes.
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_FURTHER = re.compile(
    rb"<(?:\w+:)?c\s(?>(?:[^<>]*?\s)?r=[\"']((?:I[W-Z]|[J-Z][A-Z]|[A-Z]{3})\d{1,7})[\"'])(?:[^<>]*[^/<>])?>"
)
_ZEROS = re.compile(r"0+")

_NO_WORKBOOK = N_("{file} is no workbook that can be read: save it as .xlsx or as CSV UTF-8.")
_TOO_LARGE = N_("{file} is too large for a list: delete what is no part of it, or save it as CSV UTF-8.")
_NO_VALUE = Notice(N_("this formula has no saved value: open the list in the spreadsheet and save it again."))
_ROUNDED = Notice(N_("a spreadsheet keeps 15 digits of a number: format the column as text and write it again."))
_TWICE = N_("the sheets {names} all have these headings: keep one of them.")
_TOGETHER = N_("the cells {area} are merged: unmerge them, and fill in each line.")
_ERROR = N_("this cell holds the error {found}.")


@dataclass
class Sheet:
    """Cells as text with the rows' numbers, and what is wrong with single cells (row, column from 0, what).

    Only of the first rows, where the headings are, are cells beyond `MOST_COLUMNS` there; ``further`` is the first such
    cell of the sheet (row, column from 0), if there is one.
    """

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    faults: list[tuple[int, int, Notice]] = field(default_factory=list)
    further: tuple[int, int] | None = None


def sheet_of(data: bytes, has_headings: Callable[[Sequence[str]], bool]) -> Sheet:
    """The sheet that has the headings in one of its first rows, else the first one.

    Hidden sheets are looked at only where there is no other. Where two have the headings, that is a fault.

    Raises
    ------
    NoListError
        When it is no workbook, or one too large for a list.
    """
    _check_size(data)
    try:
        with warnings.catch_warnings(action="ignore"):  # of features that hold no cells
            return _sheet_of(data, has_headings)
    except Exception as error:  # whatever a damaged workbook makes of openpyxl, zipfile and expat
        raise NoListError(_TOO_LARGE if isinstance(error, MemoryError) else _NO_WORKBOOK) from error


def _check_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise NoListError(_NO_WORKBOOK) from error
    if unpacked > LARGEST_BYTES:
        raise NoListError(_TOO_LARGE)


def _sheet_of(data: bytes, has_headings: Callable[[Sequence[str]], bool]) -> Sheet:
    from openpyxl import load_workbook

    with (
        closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)) as values,
        closing(load_workbook(io.BytesIO(data), read_only=True, keep_links=False)) as formulas,
    ):
        sheets = [each for each in values.worksheets if each.sheet_state == "visible"] or values.worksheets
        heads = {each.title: _rows(each, None, HEAD_ROWS, _ALL_COLUMNS).rows for each in sheets}
        headed = [each for each in sheets if any(has_headings(cells) for _, cells in heads[each.title])]
        chosen = (headed or sheets)[0]
        xml = _xml(values, chosen)
        sheet = _rows(chosen, formulas[chosen.title] if _FORMULA.search(xml) else None, MOST_ROWS, MOST_COLUMNS)
        sheet.rows = sorted({**dict(sheet.rows), **dict(heads[chosen.title])}.items())
        sheet.further = _further(xml)
        if len(headed) > 1:
            said = Notice(_TWICE, {"names": ", ".join(each.title for each in headed)})
            sheet.faults.insert(0, (1, -1, said))
        sheet.faults += _merged(xml)
        return sheet


def _rows(values: Any, formulas: Any, most: int, widest: int) -> Sheet:
    """Rows that hold anything, up to row ``most`` and column ``widest``; ``formulas`` is the sheet with formulas."""
    from openpyxl.cell.read_only import EMPTY_CELL

    sheet, empty = Sheet(), None
    written = repeat(None) if formulas is None else _upto(formulas, most, widest)
    for row, (cells, formulas_of) in enumerate(zip(_upto(values, most, widest), written, strict=False), start=1):
        if cells is empty:  # rows that the file does not have are one and the same to openpyxl: there may be a million
            continue
        width = len(cells)
        while width and cells[width - 1] is EMPTY_CELL:
            width -= 1
        empty = empty if width else cells
        texts: list[str] = []
        for column, (cell, formula) in enumerate(zip(cells[:width], formulas_of or repeat(None), strict=False)):
            text, fault = _text(cell, formula)
            texts.append(text)
            if fault is not None:
                sheet.faults.append((row, column, fault))
        while texts and not texts[-1]:
            texts.pop()
        if texts or any(at == row for at, *_ in sheet.faults[-1:]):
            sheet.rows.append((row, texts))
    return sheet


def _upto(sheet: Any, most: int, widest: int) -> Any:
    sheet.reset_dimensions()  # what a file says of its size may be wrong
    return sheet.iter_rows(max_row=most, max_col=widest)


def _text(cell: Any, formula: Any) -> tuple[str, Notice | None]:
    """A cell as a person reads it, and what is wrong with it."""
    value = cell.value
    if value is None:
        return "", _NO_VALUE if getattr(formula, "data_type", "n") == "f" else None
    if cell.data_type == "e":
        return "", Notice(_ERROR, {"found": str(value)})
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format)), _ROUNDED if abs(value) >= _MOST_DIGITS else None
    if isinstance(value, datetime):
        at_midnight = value.time() == time()
        return value.date().isoformat() if at_midnight else value.isoformat(" ", timespec="minutes"), None
    if isinstance(value, date | time):
        return value.isoformat(), None
    return str(value).strip(), None


def _number(value: float, shown: str) -> str:
    """A number with the noughts before it that its format shows: 001."""
    if value != int(value):
        return repr(value)
    return f"{int(value):0{len(shown)}d}" if _ZEROS.fullmatch(shown) else str(int(value))


def _xml(workbook: Any, sheet: Any) -> bytes:
    """What openpyxl reads a sheet from; it tells of merged cells only when it holds all of a sheet in memory."""
    with workbook._archive.open(sheet._worksheet_path) as content:
        return bytes(content.read())


def _merged(xml: bytes) -> list[tuple[int, int, Notice]]:
    """Cells that are merged: only the first of them has a value, and what the others are to have is a guess."""
    from openpyxl.utils import range_boundaries

    found = []
    for match in _MERGED.finditer(xml):
        area = match[1].decode()
        column, row, *_ = range_boundaries(area)
        found.append((row, column - 1, Notice(_TOGETHER, {"area": area})))
    return found


def _further(xml: bytes) -> tuple[int, int] | None:
    """The first cell with a content right of the columns that are read."""
    from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

    match = _FURTHER.search(xml)
    if match is None:
        return None
    letters, row = coordinate_from_string(match[1].decode())
    return int(row), column_index_from_string(letters) - 1
