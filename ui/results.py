"""An assessment on the page: its progress, then its report with replay and files, or one sentence that says why not."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import streamlit as st

from report.folder import ASSESSMENT, MEASURES, REPORT
from report.words import explain_error
from ui import jobs, shelf
from ui.live import session
from ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Callable


def follow(entry: shelf.Entry, *, again: str, leave: Callable[[], None]) -> None:
    """Show where the assessment stands, and the report when it is done.

    Parameters
    ----------
    entry
        A recording with a job.
    again
        Label of the button that goes back to the first step.
    leave
        Goes back to the first step.
    """
    now = jobs.status(str(entry.job))
    if now.state == "running":
        _watch(entry)
    elif now.state == "done":
        _show(entry, again, leave)
    else:
        if now.error:
            st.error(explain_error(now.error, lang()))
        _mend(entry, again, leave)


@st.fragment(run_every=0.7)
def _watch(entry: shelf.Entry) -> None:
    """Progress of a running job; turns into the report when it is done."""
    now = jobs.status(str(entry.job))
    if now.state != "running":
        st.rerun()
    st.progress(min(max(now.done, 0.0), 1.0), text=_(now.stage) if now.stage else _("Starting"))
    st.caption(_("You may close or reload this page: the work goes on, and this address leads back to it."))
    if st.button(_("Cancel and delete the recording")):
        discard(entry)


def _show(entry: shelf.Entry, again: str, leave: Callable[[], None]) -> None:
    """The finished report, with its files to take away."""
    out = jobs.outputs(str(entry.job))
    bar = st.container(horizontal=True, vertical_alignment="center")
    if bar.button(again, type="primary"):
        leave()
    replayed = bar.toggle(_("Replay"), key=f"replay-{entry.id}")
    with bar.popover(_("Files")):
        download(entry)
        for file, label in ((REPORT, _("Report")), (ASSESSMENT, _("Assessment (JSON)")),
                            (MEASURES, _("Measures (Parquet)"))):  # fmt: skip
            st.download_button(label, (out / file).read_bytes, file, on_click="ignore", width="stretch")
    with bar.popover(_("Delete")):
        confirm(entry)
    if replayed:
        play(entry)
    st.iframe((out / REPORT).read_text(encoding="utf-8"), alt=_("Report"))


def _mend(entry: shelf.Entry, again: str, leave: Callable[[], None]) -> None:
    """What can be done after a failure."""
    bar = st.container(horizontal=True)
    if entry.kind == "rehearsal":
        calibrated = session.open_session(entry.id).calibration is not None
        if bar.button(_("Assess once more"), type="primary"):
            shelf.assess(entry.id)
            st.rerun()
        if calibrated and bar.button(_("Assess without the calibration stretch")):
            shelf.assess(entry.id, calibrated=False)
            st.rerun()
    if bar.button(again):
        leave()
    with bar.popover(_("Delete")):
        confirm(entry)


def confirm(entry: shelf.Entry) -> None:
    """Say what deleting takes away, and do it."""
    st.write(_("The recording, its report and everything measured from it go into the trash. "
               "They can be restored for 7 days; then they are removed for good."))  # fmt: skip
    if st.button(_("Delete"), key=f"delete-{entry.id}"):
        discard(entry)


def discard(entry: shelf.Entry) -> NoReturn:
    """Put it into the trash and go to the page of recordings, which offers to undo that."""
    shelf.discard(entry)
    st.session_state["undo"] = entry.id
    st.switch_page("pages/recordings.py")


def play(entry: shelf.Entry) -> None:
    """The recording in the page's player."""
    path = shelf.recording(entry)
    if path is None:
        st.caption(_("There is no recording to play."))
    elif (mimetypes.guess_type(path.name)[0] or "").startswith("audio"):
        st.audio(str(path))
    elif entry.kind == "rehearsal":
        # from the live routes, which send any part of the file: nothing of it is held in memory
        tokens = st.session_state.setdefault("tokens", {})
        if entry.id not in tokens:
            tokens[entry.id] = session.resume_token(entry.id)
        here = urlsplit(st.context.url or "")
        st.video(f"{here.scheme}://{here.netloc}/live/{tokens[entry.id]}/recording")
    else:
        st.video(str(path))


def download(entry: shelf.Entry) -> None:
    """A button to take the recording away."""
    path = shelf.recording(entry)
    if path is not None:
        st.download_button(_("Recording"), path.read_bytes, path.name, on_click="ignore", width="stretch",
                           key=f"download-{entry.id}")  # fmt: skip
