"""The second step of a batch: it is run by a process of its own, and the page follows; it may be closed meanwhile."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Literal

import streamlit as st

from liyi.batch import record_lines, schedulers
from liyi.batch.record_progress import progress_of
from liyi.core.errors import LiyiError
from liyi.core.words import listed, number
from liyi.records import batch_queue
from liyi.records.batch_retention import TRASH_DAYS
from liyi.records.batch_tables import BatchState
from liyi.records.lifecycle import batch_folder
from liyi.records.operations import batch_removal, batch_running, batches
from liyi.records.operations.batches import AT_WORK
from liyi.records.schema import now
from liyi.records.unit_of_work import PAGE as ROWS
from liyi.ui import faults, pages, people
from liyi.ui.evaluating.batch_words import why
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, lang, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.batch.record_progress import Progress
    from liyi.records.batch_tables import Batch
    from liyi.records.operations.batch_running import LineCounts

EVERY_S = 2.0
_MOST_NAMED = 4
_REFUSED = "batch-refused"  # in the page's state: why the last button did nothing


def draw(batch: Batch) -> None:
    """Where the batch stands, and what can be done about it."""
    if batch.state in (BatchState.waiting, *AT_WORK):
        _follow(batch)
        return
    _refusal()
    counts = batch_running.line_counts(people.records(), people.viewer(), batch.id)
    if batch.state is BatchState.draft:
        st.write(_("Nothing has been run yet. Bring in the recordings and the list, then press “Assess these "
                   "recordings” there."))  # fmt: skip
    else:
        _ended(batch, counts)
    _where(batch)
    _failures(batch, counts)
    with st.container(horizontal=True):
        _log(batch)
        _remove(batch, counts)


@st.fragment(run_every=EVERY_S)
def _follow(batch: Batch) -> None:
    """A batch that waits or is at work; turns into what came of it."""
    with faults.told():
        store, who = people.records(), people.viewer()
        found = batches.batch(store, who, batch.id)
        if found.state is not batch.state:  # what stands above tells the state too
            st.rerun()
        _refusal()
        counts = batch_running.line_counts(store, who, batch.id)
        if found.state is BatchState.waiting:
            place = batch_running.place_of_batch(store, who, batch.id)
            st.progress(_share(counts), text=_("Waiting for its turn: place {place}", place=place))
            label, what = _("Take it out of the queue"), _("It goes back to step 1; nothing of it is lost.")
        else:
            _at_work(found, counts, progress_of(batch_folder(store, batch.id)))
            label = _("Stop")
            what = _("What is finished stays. What is being worked on now is begun anew when the batch goes on.")
        st.caption(_("You may close or reload this page, or the server may be started again: the work goes on."))
        if found.state is not BatchState.stopping:
            with st.popover(label, key="stop-batch"):
                st.write(what)
                st.button(label, key="stop-batch-now", on_click=_press, args=(lambda: batch_running.stop_batch(
                    people.records(), people.viewer(), batch.id),))  # fmt: skip
        _failures(found, counts)


def _at_work(batch: Batch, counts: LineCounts, told: Progress | None) -> None:
    """How far it is, how fast it goes, and what is being worked on."""
    text = _("{through} of {all} recordings", through=counts.done + counts.failed, all=counts.total)
    pace = [] if told is None else _pace(told)
    st.progress(_share(counts), text=" · ".join([text, *pace]))
    if batch.state is BatchState.stopping:
        st.info(_("It is being stopped."))
    elif batch.beat_at is None or (now() - batch.beat_at).total_seconds() > batch_queue.DEAD_S:
        st.warning(_("Its process does not answer any more: another takes the batch up within a minute, where it was."))
    elif told is not None and told.held_back:
        st.info(_("It waits: rehearsals and recordings of others come first."))
    elif told is not None and told.current:
        some = [plain(name) for name in told.current[:_MOST_NAMED]]
        more = ["…"] if len(told.current) > _MOST_NAMED else []
        st.caption(_("Being assessed now: {names}", names=listed([*some, *more], lang())))


def _pace(told: Progress) -> list[str]:
    """Rate and time left, by the median of the last recordings; nothing before there are two."""
    if told.rate is None or told.left_s is None:
        return [_("no estimate of the time yet")]
    return [
        _("{rate} an hour", rate=number(told.rate, 0 if told.rate >= 10 else 1)),
        _left(told.left_s),
    ]


def _left(seconds: float) -> str:
    """The time left, in whole minutes, or hours with one place: what it is taken for is told."""
    if seconds < 3600:
        return _("about {minutes} min left", minutes=max(1, math.ceil(seconds / 60)))
    return _("about {hours} h left", hours=number(seconds / 3600, 1))


def _share(counts: LineCounts) -> float:
    return (counts.done + counts.failed) / counts.total if counts.total else 0.0


def _ended(batch: Batch, counts: LineCounts) -> None:
    """What came of it, and going on where something is left."""
    if batch.error is not None:
        st.error(why(batch.error))
    at = when(batch.ended_at.timestamp()) if batch.ended_at else ""
    told = [_("Assessed: {count}", count=counts.done)]
    told += [_("not assessed: {count}", count=counts.failed)] if counts.failed else []
    told += [_("not begun: {count}", count=counts.waiting)] if counts.waiting else []
    st.write(" · ".join(filter(None, [*told, at])))
    with st.container(horizontal=True):
        if counts.waiting or counts.failed:
            label = _("Go on with the rest") if counts.waiting else _("Try again what failed")
            kind: Literal["primary", "secondary"] = "primary" if counts.waiting else "secondary"
            st.button(label, type=kind, key="go-on", on_click=_press, args=(
                lambda: record_lines.queue(people.records(), people.viewer(), batch.id),))  # fmt: skip
        if counts.done and st.button(_("To the results"), key="results", type="primary" if not counts.waiting else
                                     "secondary"):  # fmt: skip
            pages.go("evaluate", batch=batch.id.hex, step="defend")


def _where(batch: Batch) -> None:
    """Where it is run, where whoever runs the server has named schedulers."""
    named = schedulers.allowed()
    if not named and batch.scheduler is None:
        return
    addresses = ["", *named, *([] if batch.scheduler in (None, *named) else [str(batch.scheduler)])]

    def choose() -> None:
        address = st.session_state["scheduler"] or None
        _press(lambda: batch_running.choose_scheduler(people.records(), people.viewer(), batch.id, address))

    st.selectbox(
        _("Where it is run"), addresses, index=addresses.index(batch.scheduler or ""), key="scheduler",
        format_func=lambda address: address or _("On this machine"), on_change=choose,
        help=_("Elsewhere recordings travel to the workers of that scheduler."),
    )  # fmt: skip


def _failures(batch: Batch, counts: LineCounts) -> None:
    """Every recording without an assessment, with its sentence, as they come."""
    if not counts.failed:
        return
    st.subheader(_("Not assessed: {count}", count=counts.failed))
    shown = st.session_state.setdefault("failed-rows", ROWS)
    rows = batch_running.failed_lines(people.records(), people.viewer(), batch.id, size=shown)
    for row in rows:
        where = _("line {line}", line=row.position + 1)
        st.html(f'<div class="row"><span class="head"><span><span class="mark-fault" aria-hidden="true">■</span> '
                f"<b>{escape(str(row.cells.get('file', '')))}</b></span>"
                f'<span class="soft">{escape(where)}</span></span><span>{escape(why(row.error, markdown=False))}'
                "</span></div>")  # fmt: skip
    if counts.failed > len(rows):
        st.button(_("Show more"), key="more-failed", on_click=_more)


def _more() -> None:
    st.session_state["failed-rows"] += ROWS


def _log(batch: Batch) -> None:
    """The log of the runs as a file."""
    log = batch_running.batch_log(people.records(), people.viewer(), batch.id)
    if log is not None:
        name = _("log of {name}", name=batch.name)
        st.download_button(_("Log (CSV)"), log.read_bytes(), f"{name}.csv", "text/csv", key="batch-log")


def _remove(batch: Batch, counts: LineCounts) -> None:
    """Putting the batch into the trash: what goes with it, and what only if asked."""
    with st.popover(_("Delete this batch"), key="remove-batch"):
        st.write(_("Its list, what was brought in and not assessed, and its log go into the trash, and after {days} "
                   "days for good; until then it can be restored under Evaluate. The recordings and results that "
                   "were made of it stay with their people, unless you have them deleted too; once it is gone they are "
                   "not yours to judge any more.", days=TRASH_DAYS))  # fmt: skip
        wholly = counts.done > 0 and st.checkbox(
            _("Delete the recordings and results too ({count}); those of people with an account stay",
              count=counts.done), key="remove-recordings",
        )  # fmt: skip
        if st.button(_("Delete"), key="remove-batch-now") and _act(
            lambda: batch_removal.discard_batch(people.records(), people.viewer(), batch.id, with_recordings=wholly)
        ):
            pages.go("evaluate")


def _refusal() -> None:
    """Why the last button did nothing, said once."""
    if refused := st.session_state.pop(_REFUSED, None):
        st.error(refused)


def _press(work: Callable[[], object]) -> None:
    _act(work)


def _act(work: Callable[[], object]) -> bool:
    """Do it; whether it was done: a refusal is told when the page is drawn again."""
    try:
        work()
    except LiyiError as error:
        st.session_state[_REFUSED] = explain(error)
        return False
    return True
