"""A batch's list as a workbook: taken out with the files filled in, completed in Excel, and brought back."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from liyi.batch.record_lines import CELLS
from liyi.core.list_headings import HEADINGS as ALIASES
from liyi.core.options import PROFILE
from liyi.core.spreadsheet_text import cell
from liyi.core.words import N_, labelled, translate
from liyi.etiquette.norms import list_packs, load_pack
from liyi.records.operations.batch_bringing import MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What stands above a column, how wide it is in characters, and what to write in it.
HEADINGS: Mapping[str, tuple[str, int, str]] = {
    "file": (N_("File"), 32, N_("Name of the recording as it was brought. Must be there.")),
    "person": (N_("Person"), 16, N_("Id, account or name. Who is not known yet is entered under this name.")),
    "profile": (N_("Profile"), 16, N_("Empty: as the batch says.")),
    "norms": (N_("Norm pack"), 16, N_("Empty: as the batch says.")),
    "side": (N_("From the side"), 32, N_("Recording of the same performance by a camera at the side.")),
    "neutral": (N_("Neutral posture"), 24, N_("Photo or recording of the person's neutral posture.")),
    "consent_on": (N_("Consent date"), 14, N_("When the person consented, as 2026-11-30. An examination needs it.")),
    "consent_form": (N_("Consent form"), 14, N_("On paper, electronically …. An examination needs it.")),
    "cohort": (N_("Cohort"), 16, N_("For the tables.")),
}  # fmt: skip
SHOWN = tuple(column for column in HEADINGS if column in CELLS)  # always; others where a line says something in them


def heading(column: str, lang: str) -> str:
    """What stands above a column."""
    if column in HEADINGS:
        return translate(HEADINGS[column][0], lang)
    chinese = ALIASES.get(column, ())  # the first is the usual one
    return chinese[0] if lang == "zh" and chinese else column


@cache
def choices(column: str, lang: str) -> Mapping[str, str]:
    """What a cell of a column may hold by the packs that ship: the names in ``lang``, by id; of others nothing."""
    packs = [load_pack(ref.id) for ref in list_packs()]
    if column == "norms":
        return {pack.id: getattr(pack.name, lang) or pack.id for pack in packs}
    if column == PROFILE.name:
        return {id: pack.profile_name(id, lang) for pack in packs for id in pack.profiles}
    return {}


def columns_of(lines: Sequence[Mapping[str, str]]) -> list[str]:
    """The columns of a list: those that are always shown, and others in which a line says something."""
    said = {column for cells in lines for column, text in cells.items() if text}
    return [*SHOWN, *(column for column in CELLS if column in said and column not in SHOWN)]


def workbook_of(lines: Sequence[Mapping[str, str]], lang: str) -> bytes:
    """The cells as a workbook, with a sheet that explains the columns; every cell is text, none a formula."""
    import xlsxwriter

    file, columns = io.BytesIO(), columns_of(lines)
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        text = workbook.add_format({"num_format": "@", "valign": "top"})
        wrapped = workbook.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        head = workbook.add_format({"num_format": "@", "bold": True, "font_color": "#FFFFFF", "bg_color": "#0F6E6E"})
        sheet = workbook.add_worksheet(translate(N_("List"), lang))
        for at, column in enumerate(columns):
            sheet.set_column(at, at, HEADINGS[column][1] if column in HEADINGS else 16, text)
            sheet.write_string(0, at, heading(column, lang), head)
            if known := choices(column, lang):  # to choose from; another one may be written
                offered = {"validate": "list", "source": [*dict.fromkeys(known.values())], "show_error": False}
                sheet.data_validation(1, at, MOST_LINES, at, offered)
        sheet.freeze_panes(1, 1)
        for row, cells in enumerate(lines, start=1):
            for at, column in enumerate(columns):
                if cells.get(column):
                    said = choices(column, lang).get(cells[column], cells[column])
                    sheet.write_string(row, at, cell(said), text)
        help_sheet = workbook.add_worksheet(translate(N_("Explanation"), lang))
        help_sheet.set_column(0, 0, 100, wrapped)
        for row, column in enumerate(SHOWN):  # in one cell: no heading stands by itself
            said = labelled(heading(column, lang), translate(HEADINGS[column][2], lang), lang)
            help_sheet.write_string(row, 0, said, wrapped)
    return file.getvalue()
