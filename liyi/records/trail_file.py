"""The audit trail as a spreadsheet: in words, with the ids that tell one thing from another, never with content."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from liyi.core.moments import moment
from liyi.core.spreadsheet_text import cell, csv_cell
from liyi.core.words import N_, translate
from liyi.records.schema import Cohort, Department, Person
from liyi.records.trail_words import action_words, thing_words, who_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo
    from uuid import UUID

    from liyi.records.store_tables import AuditLine

# Heading and width in characters.
COLUMNS = (
    (N_("When"), 22), (N_("Who"), 20), (N_("What was done"), 32), (N_("With what"), 28), (N_("Id of who"), 38),
    (N_("Action"), 20), (N_("Id of what"), 38), (N_("Id of whom it is about"), 38),
)  # fmt: skip
_NAMED = tuple(entity.__tablename__ for entity in (Person, Department, Cohort))


def ids_named(lines: Sequence[AuditLine]) -> set[UUID]:
    """Ids of all in the lines that has a name: who did it, and people, departments and cohorts with which it was done.

    What a recording is called is not among it: that may tell what is in it.
    """
    on = {line.entity_id for line in lines if line.entity in _NAMED and line.entity_id}
    return {line.person_id for line in lines} | {line.about_id for line in lines if line.about_id} | on


def csv_of(lines: Sequence[AuditLine], names: Mapping[UUID, str], lang: str, zone: tzinfo) -> bytes:
    """The lines as CSV in UTF-8 with the mark by which spreadsheets know it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow([csv_cell(translate(heading, lang)) for heading, _ in COLUMNS])
    writer.writerows([csv_cell(text) for text in row] for row in _rows(lines, names, lang, zone))
    return file.getvalue().encode("utf-8-sig")


def workbook_of(lines: Sequence[AuditLine], names: Mapping[UUID, str], lang: str, zone: tzinfo) -> bytes:
    """The lines as a workbook; every cell is text, none a formula."""
    import xlsxwriter

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        text = workbook.add_format({"num_format": "@", "valign": "top"})
        head = workbook.add_format({"num_format": "@", "bold": True, "font_color": "#FFFFFF", "bg_color": "#0F6E6E"})
        sheet = workbook.add_worksheet(translate(N_("Records of processing"), lang))
        for at, (heading, width) in enumerate(COLUMNS):
            sheet.set_column(at, at, width, text)
            sheet.write_string(0, at, translate(heading, lang), head)
        sheet.freeze_panes(1, 0)
        for row, cells in enumerate(_rows(lines, names, lang, zone), start=1):
            for at, said in enumerate(cells):
                sheet.write_string(row, at, cell(said), text)
        sheet.autofilter(0, 0, max(len(lines), 1), len(COLUMNS) - 1)
    return file.getvalue()


def _rows(lines: Sequence[AuditLine], names: Mapping[UUID, str], lang: str, zone: tzinfo) -> Iterator[list[str]]:
    for line in lines:
        yield [
            moment(line.at, zone, named=True), who_words(line, names, lang), action_words(line.action, lang),
            thing_words(line, names, lang), str(line.person_id), line.action, str(line.entity_id or ""),
            str(line.about_id or ""),
        ]  # fmt: skip
