"""Marks (成绩) as a table to hand over: confirmed totals only, with who confirmed each, and when."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.spreadsheet_text import cell, csv_cell
from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from liyi.cohort.columns import Value

TITLE = N_("Marks")


@dataclass(frozen=True)
class MarkLine:
    """A confirmed total in points with its error (1 SD); ``coverage`` 0..1; the rest as it is shown.

    ``undecided`` is how many findings the tool could not decide and nobody has decided; ``remark`` says what is open
    beside it, such as an appeal.
    """

    person: str
    person_id: str
    department: str
    cohort: str
    file: str
    total: int
    total_error: float | None
    profile: str
    pack: str
    pack_version: str
    coverage: float | None
    by: str
    on: str
    why: str
    undecided: int
    remark: str


# Heading, width in characters, value.
_COLUMNS: tuple[tuple[str, int, Callable[[MarkLine], Value]], ...] = (
    (N_("Person"), 14, lambda line: line.person),
    (N_("Department"), 14, lambda line: line.department),
    (N_("Cohort"), 14, lambda line: line.cohort),
    (N_("Confirmed mark"), 8, lambda line: line.total),
    (N_("± (1 SD)"), 8, lambda line: line.total_error),
    (N_("Coverage"), 10, lambda line: None if line.coverage is None else round(100 * line.coverage) / 100),
    (N_("Profile"), 16, lambda line: line.profile),
    (N_("Norm pack"), 18, lambda line: line.pack),
    (N_("Version"), 10, lambda line: line.pack_version),
    (N_("Confirmed by"), 14, lambda line: line.by),
    (N_("Confirmed on"), 20, lambda line: line.on),
    (N_("Reason"), 30, lambda line: line.why),
    (N_("Findings not decided"), 12, lambda line: line.undecided),
    (N_("Remarks"), 30, lambda line: line.remark),
    (N_("Recording"), 30, lambda line: line.file),
    (N_("Person's id"), 38, lambda line: line.person_id),
)


def marks_csv(lines: Sequence[MarkLine], lang: str) -> bytes:
    """The marks as CSV in UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([csv_cell(translate(heading, lang)) for heading, _, _ in _COLUMNS])
    for line in lines:
        values = [value(line) for _, _, value in _COLUMNS]
        writer.writerow([csv_cell(each) if isinstance(each, str) else each for each in values])
    return file.getvalue().encode("utf-8-sig")


def marks_workbook(lines: Sequence[MarkLine], lang: str, *, heading: str, notes: Sequence[str]) -> bytes:
    """The marks as a workbook in the order of the lines, headed by what they are; no cell is a formula.

    Parameters
    ----------
    lines
        A confirmed total each.
    lang
        ``zh`` or ``en``.
    heading
        Beside the title: of which batch.
    notes
        Sentences below the title: how many are confirmed, what was left out.
    """
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    title = translate(TITLE, lang)
    with xlsxwriter.Workbook(file, options) as workbook:
        text, wrapped = (workbook.add_format({"num_format": "@", "valign": "top", "text_wrap": on}) for on in (0, 1))
        large = workbook.add_format({"num_format": "@", "bold": True, "font_size": 16})
        head = workbook.add_format({"num_format": "@", "bold": True, "font_color": "#FFFFFF", "bg_color": "#0F6E6E"})
        sheet = workbook.add_worksheet(title)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, cell(f"{title} · {heading}"), large)
        for row, note in enumerate(notes, 1):
            sheet.write_string(row, 0, cell(note), text)
        top = len(notes) + 1
        for at, (name, width, _) in enumerate(_COLUMNS):
            sheet.set_column(at, at, width)
            sheet.write_string(top, at, translate(name, lang), head)
        for row, line in enumerate(lines, top + 1):
            for at, (_, width, value) in enumerate(_COLUMNS):
                found = value(line)
                if isinstance(found, str):
                    sheet.write_string(row, at, cell(found), wrapped if width >= 30 else text)
                elif found is not None:
                    sheet.write_number(row, at, found)
        sheet.freeze_panes(top + 1, 1)
        sheet.repeat_rows(top)
        sheet.autofilter(top, 0, top + max(len(lines), 1), len(_COLUMNS) - 1)
    return file.getvalue()
