"""The third step of a batch: the table of what came of it, confirmed by a named person, and handed over."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records.operations import batch_exports, batch_marks
from liyi.ui import outcomes, pages, people
from liyi.ui.evaluating import handing_over, marks_list, naming, one_line
from liyi.ui.plain import explain
from liyi.ui.staffing.shown import pager, turn
from liyi.ui.wording import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment
    from liyi.records.batch_tables import Batch
    from liyi.records.operations.batch_marks import BatchRow

SIZE = 50
_SAID = "marks-said"  # what came of the last act
_FILTERS: Mapping[str, tuple[str, Callable[[BatchRow], bool]]] = {
    "all": (N_("All"), lambda row: True),
    "needs": (N_("Need a person"), lambda row: bool(row.needs)),
    "ready": (N_("Can be confirmed"), lambda row: row.confirmable),
    "confirmed": (N_("Confirmed"), lambda row: row.mark is not None),
}
_ORDERS: Mapping[str, tuple[str, Callable[[BatchRow], object]]] = {
    "needs": (N_("What needs a person first"), lambda row: row.place),
    "list": (N_("As in the list"), lambda row: row.position),
    "person": (N_("By person"), lambda row: (row.person, row.position)),
    "coverage": (N_("Least seen and heard first"), lambda row: (row.coverage is None, row.coverage or 0.0)),
}
_ERRORS = N_(
    "A ranking says more than was measured: two totals differ for certain only where they lie more than twice the root "
    "of the sum of their squared errors apart; with errors of 4 points that is 11 points. Only what was judged by the "
    "same norm pack, profile and camera can be compared at all."
)


def draw(batch: Batch) -> None:
    """What came of the batch, the line that is open, and what can be taken away."""
    rows = batch_marks.batch_table(people.records(), people.viewer(), batch.id)
    if all(row.assessment_id is None and not row.needs for row in rows):
        st.caption(_("There are no results yet."))
        return
    say()
    st.write(_summary(rows))
    if naming.is_wanting():
        naming.ask()
    chosen = _chosen(rows)
    if chosen is not None:
        judged = _judged(batch, [chosen])
        one_line.draw(batch, chosen, judged.get(chosen.assessment_id or chosen.line_id), done=done)
    else:
        _confirm_all(batch, rows)
    found = _narrowed(rows)
    key = f"marks-page-{batch.id.hex}"
    start = pager(len(found), SIZE, key)
    title = _("What came of each recording")
    shown = found[start : start + SIZE]
    opened = marks_list.draw(shown, _judged(batch, shown), title=title, chosen=chosen.line_id.hex if chosen else "")
    if not found:
        st.caption(_("None of them is like this."))
    turn(len(found), SIZE, key)
    if opened is not None:
        pages.go("evaluate", batch=batch.id.hex, step="defend", line=opened)
    handing_over.draw(batch, ranked=bool(st.session_state.get("marks-ranked")))


def _judged(batch: Batch, rows: Sequence[BatchRow]) -> dict[UUID, Assessment]:
    """What the assessments of the rows that are shown say; of damaged ones nothing."""
    wanted = [row.assessment_id for row in rows if row.assessment_id is not None and not row.blind]
    found = {}
    for id, path in batch_exports.assessment_paths(people.records(), people.viewer(), batch.id, wanted).items():
        with suppress(OSError, ValueError):
            found[id] = outcomes.read(path)
    return found


def done(said: str) -> None:
    """Tell what was done, once, and draw the page anew."""
    st.session_state[_SAID] = said
    st.rerun()


def say() -> None:
    """What came of the last act."""
    if said := st.session_state.pop(_SAID, None):
        st.success(said)


def _summary(rows: Sequence[BatchRow]) -> str:
    confirmed, ready = sum(row.mark is not None for row in rows), sum(row.confirmable for row in rows)
    needs = sum(row.hindrance is not None for row in rows)
    return _("{all} recordings: {confirmed} confirmed, {ready} can be confirmed, {needs} need a person first.",
             all=len(rows), confirmed=confirmed, ready=ready, needs=needs)  # fmt: skip


def _chosen(rows: Sequence[BatchRow]) -> BatchRow | None:
    asked = st.query_params.get("line", "")
    return next((row for row in rows if row.line_id.hex == asked), None)


def _narrowed(rows: Sequence[BatchRow]) -> list[BatchRow]:
    """The rows as they were asked for: which, of whom, in which order."""
    first, second, third = st.columns([2, 2, 2], vertical_alignment="bottom")
    counts = {name: sum(fits(row) for row in rows) for name, (_title, fits) in _FILTERS.items()}
    which = first.selectbox(_("Show"), list(_FILTERS), key="marks-which",
                            format_func=lambda name: f"{_(_FILTERS[name][0])} ({counts[name]})")  # fmt: skip
    order = second.selectbox(_("Order"), list(_ORDERS), key="marks-order",
                             format_func=lambda name: _(_ORDERS[name][0]))  # fmt: skip
    text = third.text_input(_("Person or recording"), max_chars=100, key="marks-text").strip().casefold()
    ranked = st.toggle(_("Rank by total"), key="marks-ranked")
    if ranked:
        st.caption(_(_ERRORS))
    fits = _FILTERS[which][1]
    found = [row for row in rows if fits(row) and (text in row.person.casefold() or text in row.file.casefold())]
    if ranked:
        return sorted(found, key=lambda row: (_counted(row) is None, -(_counted(row) or 0.0), row.position))
    by = _ORDERS[order][1]
    return sorted(found, key=lambda row: by(row))  # type: ignore[arg-type,return-value]


def _counted(row: BatchRow) -> float | None:
    """The total by which a row is ranked: the mark's, else the tool's."""
    return row.mark.total if row.mark is not None else row.total


def _confirm_all(batch: Batch, rows: Sequence[BatchRow]) -> None:
    """Confirm everything in which nothing waits, once it is said that it was looked at."""
    can, undecided = [row for row in rows if row.confirmable], [row for row in rows if row.confirmable and row.needs]
    if not can or naming.is_wanting():
        return
    with st.popover(_("Confirm several"), key="confirm-all"):
        st.write(_("Each total after review becomes a mark under your name, and can be handed over. A mark can be "
                   "withdrawn, with the reason; both stay to be seen."))  # fmt: skip
        also = bool(undecided) and st.checkbox(
            _("Also {count} with findings that could not be decided: they stay uncounted.", count=len(undecided)),
            key="confirm-all-also",
        )  # fmt: skip
        chosen = can if also else [row for row in can if row.ready]
        seen = st.checkbox(_("I have looked at the totals of these {count} recordings.", count=len(chosen)),
                           key=f"confirm-all-seen-{len(chosen)}")  # fmt: skip
        label = _("Confirm {count}", count=len(chosen))
        if st.button(label, type="primary", disabled=not (seen and chosen), key="confirm-all-now"):
            ids = [row.assessment_id for row in chosen if row.assessment_id is not None]
            try:
                made = batch_marks.confirm_marks(people.records(), people.viewer(), batch.id, ids, undecided=also)
            except LiyiError as error:
                st.error(explain(error))
                return
            done(_("Confirmed: {count}.", count=len(made)))
