"""One line of a batch: its total after review, what waits, its mark, and the ways to its review and its sheet."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.moments import day
from liyi.core.words import translate
from liyi.records.operations import batch_marks, outcome
from liyi.ui import pages, people
from liyi.ui.evaluating import handing_over, marks_list, naming
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.etiquette.assessment import Assessment
    from liyi.records.batch_tables import Batch
    from liyi.records.operations.batch_marks import BatchRow, MarkTold

_MOST_WHY = 500


def draw(batch: Batch, row: BatchRow, judged: Assessment | None, *, done: Callable[[str], None]) -> None:
    """Draw it, with what its assessment says of it; ``done`` tells what was done and draws the page anew."""
    with st.container(border=True, key="one-line"):
        bar = st.container(horizontal=True, vertical_alignment="center")
        bar.markdown(f"**{plain(row.person or row.file)}** · {plain(row.file)}")
        if bar.button(_("Close"), key="line-close"):
            pages.go("evaluate", batch=batch.id.hex, step="defend")
        for reason in [*marks_list.waits(row, judged), *marks_list.red_lines(judged)]:
            st.html(f'<div><span class="mark-attention" aria-hidden="true">▲</span> {escape(reason)}</div>')
        for notice in judged.recording.warnings if judged is not None else ():
            st.html(f'<div class="soft">{escape(translate(notice.sentence, lang(), **notice.fields))}</div>')
        if row.assessment_id is None:
            return
        try:
            total, error = _after(row)
        except LiyiError as fault:  # its norm pack has changed since, or a file of it is gone
            st.error(explain(fault))
            return
        st.html(_totals(row, total, error))
        ways = st.container(horizontal=True, vertical_alignment="center")
        with ways:
            query = urlencode({"recording": row.recording_id.hex if row.recording_id else "", "lang": lang()})
            st.link_button(_("Review"), f"/review?{query}")
            if not row.blind:
                handing_over.links([(_("Deduction sheet"), handing_over.sheet_address(batch, row))])
        if row.mark is None:
            _confirm(row, total, error, done)
        else:
            _withdraw(row.mark, done)
        _earlier(row)


def _after(row: BatchRow) -> tuple[float | None, float | None]:
    """The total after review; without a decision it is the tool's."""
    if row.blind or not row.decisions or row.assessment_id is None:
        return row.total, row.total_error
    found = outcome.outcome(people.records(), people.viewer(), row.assessment_id)
    return found.total, found.total_error


def _totals(row: BatchRow, total: float | None, error: float | None) -> str:
    """The tool's total, the one after review and the mark, side by side."""
    if row.blind:
        return ""
    told = [(_("By the tool"), marks_list.points(row.total, row.total_error))]
    if row.decisions:
        told.append((_("After review"), marks_list.points(total, error)))
    if row.mark is not None:
        by = _("{points}, confirmed by {name} on {day}", points=marks_list.points(row.mark.total, row.mark.total_error),
               name=row.mark.by, day=day(row.mark.at, zone()))  # fmt: skip
        told.append((_("Confirmed mark"), by))
        told += [(_("What was said of it"), row.mark.why)] if row.mark.why else []
    return "".join(f'<div><span class="soft">{escape(name)}</span> <b>{escape(said)}</b></div>' for name, said in told)


def _confirm(row: BatchRow, total: float | None, error: float | None, done: Callable[[str], None]) -> None:
    if not row.confirmable:
        if row.hindrance not in ("no_total", "gone"):
            st.caption(_("It can be confirmed as soon as no red line, appeal or rating waits for a person."))
        return
    if naming.is_wanting():
        return  # it is asked for above
    why = st.text_input(_("What is to be said of it (optional)"), max_chars=_MOST_WHY, key=f"why-{row.line_id.hex}")
    also = bool(row.findings) and st.checkbox(
        _("Findings that could not be decided stay uncounted: {count}. The table of marks tells it.",
          count=len(row.findings)), key=f"undecided-{row.line_id.hex}",
    )  # fmt: skip
    label = _("Confirm {points} under my name", points=marks_list.points(total, error))
    barred = bool(row.findings) and not also
    if st.button(label, type="primary", key="confirm-one", disabled=barred) and row.assessment_id is not None:
        try:
            batch_marks.confirm_mark(people.records(), people.viewer(), row.assessment_id, why=why, undecided=also)
        except LiyiError as fault:
            st.error(explain(fault))
            return
        done(_("Confirmed: {name}.", name=row.person or row.file))


def _withdraw(mark: MarkTold, done: Callable[[str], None]) -> None:
    with st.popover(_("Withdraw the mark"), key="withdraw"):
        why = st.text_input(_("Why"), max_chars=_MOST_WHY, key=f"withdraw-{mark.id.hex}")
        if st.button(_("Withdraw"), key="withdraw-now", disabled=not why.strip()):
            try:
                batch_marks.withdraw_mark(people.records(), people.viewer(), mark.id, why)
            except LiyiError as fault:
                st.error(explain(fault))
                return
            done(_("The mark is withdrawn; the total is provisional again."))


def _earlier(row: BatchRow) -> None:
    """Marks that were withdrawn, each with the reason."""
    if row.blind or row.assessment_id is None:
        return
    for mark in batch_marks.marks(people.records(), people.viewer(), row.assessment_id):
        if mark.withdrawn_at is not None:
            st.caption(plain(_("{points}, confirmed by {name} on {day}, was withdrawn: {why}",
                               points=marks_list.points(mark.total, mark.total_error), name=mark.by,
                               day=day(mark.at, zone()), why=mark.withdrawn_why)))  # fmt: skip
