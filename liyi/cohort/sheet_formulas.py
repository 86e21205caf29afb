"""What a workbook that comes from elsewhere may calculate: plain formulas within a sheet, wherever one may stand.

Formulas stand in cells, and also in defined names, conditional formats, data checks and tables; links lead out, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = frozenset(("SUM", "AVERAGE", "MIN", "MAX", "ROUND", "IF", "AND", "OR", "COUNT", "COUNTA", "ABS", "TODAY"))
_TEXT = re.compile(r'"[^"]*"')
_CALLED = re.compile(r"([A-Za-z_.][A-Za-z0-9_.]*)\s*\(")
_FAR = re.compile(r"[\[\]|!]")  # another workbook, another program, another sheet
_CELLS = re.compile(r"(?:'([^'\[\]|]+)'|([^'!\[\]|]+))!\$?[A-Z]{1,3}\$?\d{1,7}(?::\$?[A-Z]{1,3}\$?\d{1,7})?")


def is_plain(formula: str) -> bool:
    """Whether a formula calculates with plain functions within its sheet; what stands in quotes is text."""
    code = _TEXT.sub("", formula)
    return bool(formula) and not _FAR.search(code) and {each.upper() for each in _CALLED.findall(code)} <= PLAIN


def reaching_out(workbook: Any) -> Iterator[str]:
    """Where something beside the cells' own formulas is not plain: the name or the cells of each."""
    for name, defined in [*workbook.defined_names.items(), *(
        pair for sheet in workbook.worksheets for pair in sheet.defined_names.items()
    )]:  # fmt: skip
        found = _CELLS.fullmatch(defined.value or "")
        if not found or (found[1] or found[2]) not in workbook.sheetnames:
            yield str(name)
    for sheet in workbook.worksheets:
        for place, formulas in _formulas_beside(sheet):
            if not all(isinstance(each, str) and is_plain(each) for each in formulas if each is not None):
                yield place
        yield from (cell.coordinate for cell in sheet._cells.values() if cell.hyperlink and cell.hyperlink.target)
        yield from (sheet.title for _ in sheet._pivots)


def take_out(workbook: Any) -> None:
    """Remove all of that, plain or not."""
    from openpyxl.formatting.formatting import ConditionalFormattingList

    workbook.defined_names.clear()
    for sheet in workbook.worksheets:
        sheet.defined_names.clear()
        sheet.conditional_formatting = ConditionalFormattingList()
        sheet.data_validations.dataValidation = []
        sheet.tables.clear()
        sheet._pivots = []
        for cell in sheet._cells.values():
            cell.hyperlink = None


def _formulas_beside(sheet: Any) -> Iterator[tuple[str, list[Any]]]:
    """Cells of conditional formats, data checks and tables, with their formulas."""
    for area in sheet.conditional_formatting:
        for rule in area.rules:
            scales = [each for each in (rule.colorScale, rule.dataBar, rule.iconSet) if each is not None]
            steps = [step.val for scale in scales for step in scale.cfvo if step.type == "formula"]
            yield str(area.sqref), [*rule.formula, *map(str, steps)]
    for check in sheet.data_validations.dataValidation:
        yield str(check.sqref), [check.formula1 or None, check.formula2 or None]
    for table in sheet.tables.values():
        columns = [each for column in table.tableColumns for each in (
            column.calculatedColumnFormula, column.totalsRowFormula
        ) if each is not None]  # fmt: skip
        yield table.ref, [each.attr_text or "" for each in columns]
