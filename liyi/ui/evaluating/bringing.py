"""The first step of a batch: files are brought in, and the list says whose they are."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import streamlit as st

from liyi.batch import record_lines, server_folders
from liyi.batch.list_book import workbook_of
from liyi.batch.record_lines import FILES, FilesByName
from liyi.core.errors import LiyiError
from liyi.core.list_headings import CONSENT
from liyi.core.moments import day
from liyi.core.words import listed
from liyi.records.batch_retention import UPLOAD_DAYS, uploads_until
from liyi.records.batch_tables import LineState, Purpose
from liyi.records.operations import batch_bringing
from liyi.records.operations.batches import is_closed
from liyi.ui import pages, people
from liyi.ui.evaluating import bring_component, list_grid
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from liyi.core.errors import Fault
    from liyi.records.batch_tables import Batch, BatchLine
    from liyi.records.operations.batch_bringing import Brought
    from liyi.ui.evaluating.list_grid import Cells

LARGEST_MB = record_lines.LARGEST_LIST_BYTES // 1_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REFUSED = "bring-refused"
_MOST_NAMED, _MOST_ASIDE = 5, 20


def draw(batch: Batch) -> None:
    """Files and list of the batch, as long as it may be edited; else what it is made of."""
    store, who = people.records(), people.viewer()
    files = batch_bringing.batch_files(store, who, batch.id)
    lines = batch_bringing.lines(store, who, batch.id)
    if is_closed(batch):
        st.write(_("{files} files, {lines} lines. While the batch waits or is assessed, nothing is changed: stop it "
                   "first.", files=len(files), lines=len(lines)))  # fmt: skip
        return
    st.subheader(_("Recordings"))
    bring_component.files(batch.id, files, lang=lang())
    _until(batch, files)
    _from_server(batch)
    st.subheader(_("List"))
    known = FilesByName(files)
    _list_in_and_out(batch, files, lines)
    refused = st.session_state.pop(_REFUSED, None)
    if refused:
        st.error(refused)
    _without_line(batch, known, lines)
    done = sum(line.state is LineState.done for line in lines)
    if done:
        st.caption(_("Lines that are assessed already: {count}. They stay as they are.", count=done))
    faults: Sequence[Fault] = ()
    if len(lines) > done:
        _made, faults = record_lines.read_record_lines(store, batch, lines, known)
        names = [file.name for file in files if file.is_whole]
        chosen = list_grid.draw(batch, lines, names, faults)
        _for_several(batch, chosen)
        nameless = sum(line.state is not LineState.done and not line.cells.get("person") for line in lines)
        if nameless:
            st.caption(_("Lines without a person: {count}. Each of their recordings counts as somebody of its own, "
                         "called by the file.", count=nameless))  # fmt: skip
        _several_lines(lines)
        named = {at: line.cells.get("file", "") for at, line in enumerate(lines, start=1)}
        list_grid.tell(faults, _("Cells to mend: {count}", count=len(faults)), named)
    _queue(batch, len(lines) - done, faults)


def _several_lines(lines: Sequence[BatchLine]) -> None:
    """Who stands in several lines: one person as long as the list does not tell two of them apart."""
    times = Counter(line.cells.get("person", "") for line in lines)
    names = [name for name, count in times.items() if name and count > 1]
    if names:
        shown = listed([*names[:_MOST_NAMED], *(["…"] if len(names) > _MOST_NAMED else [])], lang())
        st.caption(plain(_("In several lines, and one person each: {names}. If they are different people, write their "
                           "ids or accounts.", names=shown)))  # fmt: skip


def _until(batch: Batch, files: Sequence[Brought]) -> None:
    """Until when what was brought in and is not assessed stays."""
    ends = uploads_until(batch, [file.brought_at for file in files if not file.is_filed])
    if ends is not None:
        st.caption(_("What is brought in and not assessed is removed after {days} days: the first on {day}.",
                     days=UPLOAD_DAYS, day=day(ends, zone())))  # fmt: skip


def _from_server(batch: Batch) -> None:
    """Recordings that lie on the server already, in folders that its operator named."""
    with st.expander(_("From a folder of this server")):
        known = server_folders.server_folders()
        if not known:
            st.caption(_("No folder of this server may be taken from. Whoever runs it can allow one: start it with "
                         "`liyi app --recordings DIR`."))  # fmt: skip
            return
        left, right = st.columns([1, 2])
        name = left.selectbox(_("Folder"), list(known), key="server-folder")
        below = right.text_input(_("Folder in it"), key="server-below", placeholder=_("empty: all of it"))
        st.button(_("Add its recordings to the list"), key="server-add", on_click=_add_from_server,
                  args=(batch, f"{server_folders.PREFIX}{name}/{below.strip()}"))  # fmt: skip


def _add_from_server(batch: Batch, folder: str) -> None:
    try:
        found = server_folders.recordings_in(folder)
    except LiyiError as error:
        st.session_state[_REFUSED] = explain(error)
        return
    if not found:
        st.session_state[_REFUSED] = _("There is no recording in this folder.")
        return
    there = {cells.get(column) for cells in list_grid.open_cells(batch.id) for column in FILES}
    new = [{"file": each} for each in found if each not in there]
    before = list_grid.change(batch.id, lambda cells: cells + new)
    _note(batch, before, _("Added from the server: {count} lines.", count=len(new)))


def _list_in_and_out(batch: Batch, files: Sequence[Brought], lines: Sequence[BatchLine]) -> None:
    """Take the list out, filled in as far as it is; bring one in."""
    language = lang()
    cells = [dict(line.cells) for line in lines if line.state is not LineState.done]
    cells = cells or [{"file": file.name} for file in files if file.is_whole]
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    key = f"list-file-{list_grid.edition()}"
    left.file_uploader(
        _("List (.xlsx or .csv): a line for each recording, with its file, person and consent"), ["xlsx", "csv"],
        max_upload_size=LARGEST_MB,
        key=key, on_change=_take_list, args=(batch, key),
    )  # fmt: skip
    right.download_button(
        _("Download the list to fill in (.xlsx)"), lambda: workbook_of(cells, language), f"{_('List')}.xlsx", XLSX,
        key="list-out", on_click="ignore", width="stretch",
    )  # fmt: skip
    done = list_grid.noted(batch)
    if done is None:
        return
    bar = st.container(horizontal=True, vertical_alignment="center", key="list-said")
    bar.write(plain(done.said))
    bar.button(_("Undo"), key="list-undo", on_click=_undo, args=(batch, done.before))
    list_grid.tell(done.faults, _("Of the file that was brought, this could not be read; the rest was taken over:"))


def _take_list(batch: Batch, key: str) -> None:
    """Take the lines of a list over, with what is wrong in them: it is mended here."""
    given: UploadedFile | None = st.session_state.get(key)
    if given is None:
        return
    try:
        found = record_lines.read_list(given.name, given.getvalue())
    except LiyiError as error:
        st.session_state[_REFUSED] = explain(error)
        return
    if not found.cells:
        told = [list_grid.in_words(each, lang()) for each in found.faults[:_MOST_NAMED]]
        said = _("{name} has no line that could be taken over.", name=plain(given.name))
        if not found.aside:
            told.append(_("Download the list above, fill it in, and bring it back."))
        st.session_state[_REFUSED] = " ".join([said, *map(plain, told)])
        return
    files = FilesByName(batch_bringing.batch_files(people.records(), people.viewer(), batch.id))
    settled = [
        each | {column: files.settle(each[column]) for column in FILES if each.get(column)} for each in found.cells
    ]  # fmt: skip
    before = list_grid.change(batch.id, lambda _before: settled)
    taken = [_("Taken from {name}: {count} lines.", name=given.name, count=len(settled))]
    if found.aside:
        taken.append(_("Columns that are no part of the list were left aside: {names}.",
                      names=listed(found.aside[:_MOST_ASIDE], lang())))  # fmt: skip
    _note(batch, before, " ".join(taken), found.faults)


def _note(batch: Batch, before: list[Cells] | None, said: str, faults: Sequence[Fault] = ()) -> None:
    """Have the next drawing tell what was done, with the way back; nothing where it was refused."""
    list_grid.note(None if before is None else list_grid.Done(batch.id, said, before, tuple(faults)))


def _undo(batch: Batch, before: list[Cells]) -> None:
    list_grid.change(batch.id, lambda _after: before)
    list_grid.note(None)


def _without_line(batch: Batch, known: FilesByName, lines: Sequence[BatchLine]) -> None:
    """Files that no line names, with the way to enter them."""
    named = {known.settle(line.cells.get(column, "")) for line in lines for column in FILES}
    rest = [file.name for file in known.all if file.is_whole and file.name not in named]
    if not rest:
        if not lines:
            st.caption(_("Nothing is in the list yet: bring recordings, or a list."))
        return
    shown = listed([*rest[:_MOST_NAMED], *(["…"] if len(rest) > _MOST_NAMED else [])], lang())
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="without-line"):
        st.write(_("Recordings that no line names: {count} ({names}).", count=len(rest), names=plain(shown)))
        st.button(_("Enter a line for each"), key="enter-lines", type="secondary" if lines else "primary",
                  on_click=_enter, args=(batch, rest))  # fmt: skip


def _enter(batch: Batch, names: Sequence[str]) -> None:
    before = list_grid.change(batch.id, lambda cells: cells + [{"file": name} for name in names])
    _note(batch, before, _("Entered: {count} lines.", count=len(names)))


def _for_several(batch: Batch, chosen: Sequence[int]) -> None:
    """What is done to the chosen lines at once, or to all: the consent; and lines taken away or added."""
    with st.container(border=True, key="for-several"):
        whom = _("for the {count} chosen lines", count=len(chosen)) if chosen else _("for all lines")
        first, second, third = st.columns(3, vertical_alignment="bottom")
        day = first.date_input(_("Consent date"), value=None, format="YYYY-MM-DD", max_value="today", key="consent-day")
        forms = [_("On paper"), _("Electronically"), _("Spoken, on record")]
        form = second.selectbox(_("Consent form"), forms, index=None, accept_new_options=True, key="consent-form",
                                placeholder="")  # fmt: skip
        third.button(_("Enter consent {whom}", whom=whom), key="consent-all", width="stretch",
                     disabled=not (day and form), on_click=_consent, args=(batch, chosen, day, form))  # fmt: skip
        bar = st.container(horizontal=True)
        bar.button(_("Add an empty line"), key="line-add", on_click=_change, args=(batch, "add", chosen))
        bar.button(_("Take the chosen lines away"), key="line-remove", disabled=not chosen, on_click=_change,
                   args=(batch, "remove", chosen))  # fmt: skip


def _consent(batch: Batch, chosen: Sequence[int], day: date, form: str) -> None:
    def entered(cells: list[Cells]) -> list[Cells]:
        for at in chosen or range(len(cells)):
            cells[at] |= {"consent_on": day.isoformat(), "consent_form": form.strip()}
        return cells

    _note(batch, list_grid.change(batch.id, entered), _("Consent entered: {count} lines.",
                                                 count=len(chosen) or len(list_grid.open_cells(batch.id))))  # fmt: skip


def _change(batch: Batch, what: str, chosen: Sequence[int]) -> None:
    if what == "add":
        list_grid.change(batch.id, lambda cells: [*cells, {}])
        return
    before = list_grid.change(batch.id, lambda cells: [each for at, each in enumerate(cells) if at not in chosen])
    _note(batch, before, _("Taken away: {count} lines.", count=len(chosen)))


def _queue(batch: Batch, left: int, faults: Sequence[Fault]) -> None:
    """Begin the assessment, or what is missing for that."""
    if st.button(_("Assess these recordings"), type="primary", key="queue", disabled=not left or bool(faults)):
        try:
            record_lines.queue(people.records(), people.viewer(), batch.id)
        except LiyiError as error:
            st.error(explain(error))
            return
        pages.go("evaluate", batch=batch.id.hex, step="run")
    lacking = sum(fault.key in CONSENT for fault in faults)
    if not left:
        st.caption(_("Enter at least one line first."))
    elif lacking and batch.purpose is Purpose.examination:
        st.caption(_("An examination needs date and form of the consent in each line; cells to mend: {count}.",
                     count=len(faults)))  # fmt: skip
    elif faults:
        st.caption(_("Mend the cells named above first: {count}.", count=len(faults)))
