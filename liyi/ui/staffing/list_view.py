"""People as a spreadsheet: taken out, filled in elsewhere, shown as a draft with every fault by its cell, entered."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.list_file import limit_faults
from liyi.core.words import listed
from liyi.etiquette.norms import known_exemptions
from liyi.records import people_sheet
from liyi.records.operations import enrolment
from liyi.ui import people as signed_in
from liyi.ui.plain import plain
from liyi.ui.staffing import changes
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from liyi.records.operations.enrolment import Draft

LARGEST_MB = people_sheet.LARGEST_BYTES // 1_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_SHOWN = 200


def draw() -> None:
    """Take the list out; put one in."""
    st.write(_("One line a person. An empty cell leaves what is there as it is, and whoever is not in the list stays "
               "as they are. Nothing is entered before you have seen what would change."))  # fmt: skip
    bar = st.container(horizontal=True)
    bar.download_button(_("Download the list (.xlsx)"), _written(people_sheet.workbook_of), "people.xlsx", XLSX,
                        key="list-xlsx", on_click="ignore")  # fmt: skip
    bar.download_button(_("Download the list (.csv)"), _written(people_sheet.csv_of), "people.csv", "text/csv",
                        key="list-csv", on_click="ignore")  # fmt: skip
    language = lang()
    bar.download_button(_("Empty template (.xlsx)"), lambda: people_sheet.workbook_of([], language),
                        "people-template.xlsx", XLSX, key="list-template", on_click="ignore")  # fmt: skip
    given = st.file_uploader(
        _("List of people (.xlsx or .csv, at most {size} MB)", size=LARGEST_MB), ["xlsx", "csv"],
        max_upload_size=LARGEST_MB, key="list-file",
    )  # fmt: skip
    if given is not None:
        _draft(given.name, given.getvalue())


def _written(write: Callable[..., bytes]) -> Callable[[], bytes]:
    """Makes the file when its button is pressed; the trail says then that the list was taken."""
    store, who, language = signed_in.records(), signed_in.viewer(), lang()
    return lambda: write(enrolment.people_lines(store, who), language)


def _draft(name: str, content: bytes) -> None:
    store, who, known = signed_in.records(), signed_in.viewer(), known_exemptions()
    sheet = people_sheet.read_people(name, content)
    draft = enrolment.draft_people(store, who, sheet.lines, known)
    faults = sorted((*sheet.faults, *draft.faults), key=lambda fault: fault.line)
    if faults:
        st.error(_("Nothing can be entered yet. Cells to mend: {count}.", count=len(faults)))
        st.html(_rows([[people_sheet.shown_fault(fault, lang())] for fault in limit_faults(faults)]))
        return
    _tell(draft)
    if draft.steps and st.button(_("Enter all of this"), type="primary", key="list-enter"):
        said = _(
            "Entered or changed: {count} people. The records of processing name each change.", count=len(draft.steps)
        )
        changes.act(lambda: enrolment.enter_people(store, who, sheet.lines, draft.key, known), said)


def _tell(draft: Draft) -> None:
    """What the list would do."""
    new = sum(step.person_id is None for step in draft.steps)
    st.write(_("New: {new} people. Changed: {changed}. Left as they are: {unchanged}.", new=new,
               changed=len(draft.steps) - new, unchanged=draft.unchanged))  # fmt: skip
    if draft.departments:
        st.write(_("New departments: {names}", names=plain(listed(draft.departments, lang()))))
    if draft.cohorts:
        st.write(_("New cohorts across departments: {names}", names=plain(listed(draft.cohorts, lang()))))
    rows = [
        [_("Line {line}", line=step.line), step.name,
         listed((people_sheet.shown_change(each, lang()) for each in step.changes), lang())]
        for step in draft.steps[:_MOST_SHOWN]
    ]  # fmt: skip
    if rows:
        st.html(_rows(rows))
    if len(draft.steps) > _MOST_SHOWN:
        st.caption(_("And {count} more.", count=len(draft.steps) - _MOST_SHOWN))


def _rows(rows: Sequence[Sequence[str]]) -> str:
    cells = ("".join(f"<td>{escape(text)}</td>" for text in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f'<div class="wide"><table class="told"><tbody>{body}</tbody></table></div>'
