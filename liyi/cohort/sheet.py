"""A person's sheet of deductions (扣分表) in the unit's own layout: a workbook whose cells name fields.

A unit writes ``{{person}}`` or ``{{姓名}}`` into the cells of its own form; `fill` puts the values of an assessment
there and leaves everything else as it is. A row with ``{{item.criterion}}`` is repeated for each deduction. Values are
written as text or numbers, never as formulas; a template may hold plain formulas of its own.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from liyi.cohort.sheet_fields import FIELDS, ITEM_FIELDS, OF_CRITERION, field_id, is_field
from liyi.cohort.sheet_formulas import PLAIN, is_plain, reaching_out, take_out
from liyi.cohort.sheet_rows import fit_height, repeat_row
from liyi.core.errors import LiyiError
from liyi.core.spreadsheet_text import cell as cell_text
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Value = str | float | None

LARGEST_UNPACKED = 8_000_000  # bytes of everything in the workbook
MOST_CELLS, MOST_SHEETS = 20_000, 5
_FIELD = re.compile(r"\{\{\s*([^{}]{1,100}?)\s*\}\}")
_UNKNOWN = N_(
    "{name} asks for fields that there are not: {fields}. Those that there are: {known}; in the row of deductions: "
    "{items}."
)


def check_template(name: str, data: bytes) -> None:
    """Read a template as it comes from elsewhere.

    Raises
    ------
    LiyiError
        When it is no workbook, too large, holds programs or formulas that reach out of it (in cells, names, formats,
        checks or tables), names no field, or one that there is not.
    """
    workbook = _opened(name, data)
    asked = [field for sheet in workbook.worksheets for cell in _texts(sheet) for field in _FIELD.findall(cell.value)]
    if unknown := sorted({field for field in asked if not is_field(field)}):
        raise LiyiError(_UNKNOWN, name=name, **_named(unknown))
    if not asked:
        raise LiyiError("{name} asks for no field: write for example {{{{person}}}} and {{{{total}}}} into its cells.",
                        name=name)  # fmt: skip
    for sheet in workbook.worksheets:
        if len(_item_rows(sheet)) > 1:
            raise LiyiError("{name} has several rows for deductions on one sheet: keep one of them.", name=name)
        for cell in _formulas(sheet):
            _check_formula(name, cell)
    if (place := next(reaching_out(workbook), None)) is not None:
        raise LiyiError("{name} has something in {place} that reaches out of its sheet or calculates more than a sheet "
                        "needs (a defined name, a conditional format, a data check, a table or a link): take it out.",
                        name=name, place=place)  # fmt: skip


def _named(unknown: Sequence[str]) -> dict[str, str]:
    """The fields that there are not, and those that there are, in both languages."""
    told = {"fields": ", ".join(unknown), "fields_zh": "、".join(unknown)}
    for name, fields in (("known", FIELDS), ("items", ITEM_FIELDS)):
        told |= {name: ", ".join(fields), f"{name}_zh": "、".join(chinese for chinese, _ in fields.values())}
    return told


def fill(template: bytes, values: Mapping[str, Value], items: Sequence[Mapping[str, Value]]) -> bytes:
    """A template with the values of one assessment.

    Parameters
    ----------
    template
        As `check_template` has read it.
    values
        By the names of `liyi.cohort.sheet_fields.FIELDS`; of criteria ``charged.ID``, ``value.ID`` and ``status.ID``.
    items
        A deduction each, by the names of `liyi.cohort.sheet_fields.ITEM_FIELDS`.
    """
    workbook = _opened("", template)
    if next(reaching_out(workbook), None) is not None:  # kept before this was refused
        take_out(workbook)
    for sheet in workbook.worksheets:
        rows = _item_rows(sheet)
        if rows:
            repeat_row(sheet, rows[0], max(1, len(items)))
        for cell in list(_texts(sheet)):
            at = cell.row - rows[0] if rows else -1
            item = items[at] if 0 <= at < len(items) else {}
            _write(cell, {**values, **item})
            fit_height(sheet, cell)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _opened(name: str, data: bytes) -> Any:
    from openpyxl import load_workbook

    refused = LiyiError("{name} is no workbook that can be used as a sheet: save it as .xlsx, without macros and "
                        "without a password.", name=name)  # fmt: skip
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
            parts = archive.namelist()
            spanned = sum(_spanned(archive, each) for each in archive.infolist()) if unpacked <= LARGEST_UNPACKED else 0
        if any("vbaproject" in part.lower() or "/externallinks/" in part.lower() for part in parts):
            raise refused
        if unpacked > LARGEST_UNPACKED or spanned > MOST_CELLS:
            raise LiyiError("{name} is too large for a sheet: take pictures and empty rows out of it.", name=name)
        with warnings.catch_warnings(action="ignore"):  # of features that are not kept
            workbook = load_workbook(io.BytesIO(data), keep_links=False)
    except LiyiError:
        raise
    except Exception as error:  # whatever a damaged workbook makes of openpyxl, zipfile and expat
        raise refused from error
    cells = sum(len(sheet._cells) for sheet in workbook.worksheets)
    if cells > MOST_CELLS or not 0 < len(workbook.worksheets) <= MOST_SHEETS:
        raise LiyiError("{name} is too large for a sheet: take pictures and empty rows out of it.", name=name)
    return workbook


def _spanned(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> int:
    """How many cells the merged and linked ranges of a sheet span: openpyxl makes an object of each when it reads."""
    from openpyxl.utils import range_boundaries

    cells = 0
    with archive.open(part) as content, suppress(ElementTree.ParseError):  # a picture, or what openpyxl cannot read
        for _, element in ElementTree.iterparse(content):
            ref = element.get("ref", "")
            if element.tag.rpartition("}")[2] in ("mergeCell", "hyperlink") and ref:
                left, top, right, bottom = range_boundaries(ref)
                cells += (right - left + 1) * (bottom - top + 1)
            element.clear()
    return cells


def _texts(sheet: Any) -> Iterator[Any]:
    """Cells that name a field."""
    return (cell for cell in list(sheet._cells.values())
            if cell.data_type == "s" and isinstance(cell.value, str) and "{{" in cell.value)  # fmt: skip


def _formulas(sheet: Any) -> list[Any]:
    return [cell for cell in sheet._cells.values() if cell.data_type == "f"]


def _check_formula(name: str, cell: Any) -> None:
    if not isinstance(cell.value, str) or not is_plain(cell.value):  # an array formula is an object
        functions = ", ".join(sorted(PLAIN))
        raise LiyiError("{name} has a formula in {cell} that is not taken over: write a value there, or a formula "
                        "of {functions}.", name=name, cell=cell.coordinate, functions=functions)  # fmt: skip


def _item_rows(sheet: Any) -> list[int]:
    """Rows that stand for a deduction."""
    return sorted({
        cell.row for cell in _texts(sheet) if any(field_id(each) in ITEM_FIELDS for each in _FIELD.findall(cell.value))
    })  # fmt: skip


def _write(cell: Any, values: Mapping[str, Value]) -> None:
    """Put values in place of the fields of a cell: a number where the cell is one field alone."""
    alone = _FIELD.fullmatch(cell.value.strip())
    found = _value(alone[1], values) if alone else None
    if isinstance(found, int | float):
        cell.value = found
        return
    text = _FIELD.sub(lambda field: _text(_value(field[1], values)), cell.value)
    cell.value = "\n".join(map(cell_text, text.split("\n"))) if text else None
    if text:
        cell.data_type = "s"  # also where it begins with "="
        cell.quotePrefix = True


def _value(field: str, values: Mapping[str, Value]) -> Value:
    id = field_id(field)
    if id in values or id in FIELDS or id in ITEM_FIELDS:
        return values.get(id)
    part, _, criterion = id.partition(".")
    return values.get(f"{part}.{criterion}", "–") if part in OF_CRITERION else None


def _text(value: Value) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
