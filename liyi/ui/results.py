"""An assessment on the page: its progress, then its report with replay and files, or one sentence that says why not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import N_, explain_error, number
from liyi.etiquette.norms import load_pack
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.ui import asking, beginning, deleting, entries, faults, jobs, outcomes, pages, replay, stages
from liyi.ui.wording import _, lang
from posture.calibration import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.ui.entries import Entry

_REFUSED_CALIBRATION = N_(
    "Nothing can be compared with the calibration stretch: for most of it your shoulders were not in the picture, or "
    "it is too short. Assess without it; next time sit or stand in the picture before you begin."
)


def follow(entry: Entry, *, again: str, leave: Callable[[], None]) -> None:
    """Show where the assessment stands, and the report when it is done.

    Parameters
    ----------
    entry
        A recording whose assessment has begun.
    again
        Label of the button that goes back to the first step.
    leave
        Goes back to the first step.
    """
    if entry.state in ("running", "ended"):
        _watch(entry)
    elif entry.state == "done":
        _show(entry, again, leave)
    else:
        if entry.error:
            st.error(on_page(entry.error))
        _mend(entry, again, leave)


def on_page(error: LiyiError) -> str:
    """Why an assessment failed, in words of the page: who reads that can name no other stretch of seconds."""
    return _(_REFUSED_CALIBRATION) if error.sentence in REFUSALS else explain_error(error, lang())


@st.fragment(run_every=0.7)
def _watch(entry: Entry) -> None:
    """Progress of a job that runs, or is about to begin or to be filed; turns into the report when it is done."""
    with faults.told():
        now = jobs.status(entry.id)
        if now.error is not None or (now.state == "unknown" and entries.find(entry.id).state != "ended"):
            st.rerun()
        if now.state == "unknown":
            st.progress(0.0, text=_("Starting"))
            _ask(entry)
        elif now.place:
            st.progress(0.0, text=waiting(now.place, now.wait_s))
        else:
            stages.show_stages(now, rehearsal=entry.kind == "rehearsal")
        asking.ask(entry)
        st.caption(_("You may close or reload this page: the work goes on, and this address leads back to it."))
        _cancel(entry)


def _ask(entry: Entry) -> None:
    """A rehearsal that has ended is assessed by itself after some seconds; who asks for it learns what hinders that."""
    key = f"unasked-{entry.id}"
    if st.button(_("Assess what was recorded"), type="primary"):
        try:
            beginning.assess(entry.id)
        except LiyiError as error:
            st.session_state[key] = explain_error(error, lang())
        else:
            st.rerun()
    if refused := st.session_state.get(key):
        st.error(refused)


def _cancel(entry: Entry) -> None:
    """A button to give it up; a refusal stays on the page, which is drawn again all the time."""
    key = f"refused-{entry.id}"
    if st.button(_("Cancel and delete the recording")):
        try:
            discard(entry)
        except LiyiError as error:
            st.session_state[key] = explain_error(error, lang())
    if refused := st.session_state.get(key):
        st.error(refused)


def waiting(place: int, wait_s: float | None) -> str:
    """Where an assessment stands that waits for others, and how long that may take."""
    if wait_s is None:
        return _("Waiting for other assessments: place {place}. There is no estimate of the time yet.", place=place)
    minutes = math.ceil(wait_s / 60)
    if minutes <= 1:
        return _("Waiting for other assessments: place {place}. Estimate: it begins within a minute.", place=place)
    return _("Waiting for other assessments: place {place}. Estimate: it begins in about {minutes} minutes.",
             place=place, minutes=minutes)  # fmt: skip


def _show(entry: Entry, again: str, leave: Callable[[], None]) -> None:
    """The finished report, with its files to take away."""
    bar = st.container(horizontal=True, vertical_alignment="center")
    if bar.button(again, type="primary"):
        leave()
    replayed = bar.toggle(_("Replay"), key=f"replay-{entry.id}")
    with bar.popover(_("Files")):
        download(entry)
        for file, label in ((REPORT, _("Report")), (ASSESSMENT, _("Assessment (JSON)")),
                            (MEASURES, _("Measures (Parquet)"))):  # fmt: skip
            path = outcomes.result(entry, file)
            if path.is_file():
                st.download_button(label, path.read_bytes, file, on_click="ignore", width="stretch")
    with bar.popover(_("Delete")):
        confirm(entry)
    offer_profile(entry)
    asking.tell(entry)
    if replayed:
        play(entry)
    try:
        st.iframe(within(outcomes.report(entry)), alt=_("Report"))
    except LiyiError as error:
        st.error(explain_error(error, lang()))


def within(report: str) -> str:
    """A report for a frame that is given its text: links to its own parts lead there, not to the page around it."""
    return report.replace("<head>", '<head><base href="about:srcdoc">', 1)


def offer_profile(entry: Entry) -> None:
    """One tap to the profile that fits, where somebody stands in one for sitting or sits in one for standing."""
    profile = outcomes.fitting_profile(entry)
    if profile is None:
        return
    name = load_pack(entry.pack).profile_name(profile, lang())
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.warning(_("The profile does not fit what is seen, so there is no total."))
    if bar.button(_("Judge by {profile}", profile=name), type="primary"):
        try:
            outcomes.judge_by(entry, profile, lang())
        except LiyiError as error:
            st.error(explain_error(error, lang()))
        else:
            st.rerun()


def _mend(entry: Entry, again: str, leave: Callable[[], None]) -> None:
    """What can be done after a failure."""
    bar = st.container(horizontal=True)
    if entry.error and bar.button(_("Assess once more"), type="primary"):
        beginning.assess(entry.id)
        st.rerun()
    if entry.error and calibrated(entry) and bar.button(_("Assess without the calibration stretch")):
        beginning.assess(entry.id, calibrated=False)
        st.rerun()
    if bar.button(again):
        leave()
    with bar.popover(_("Delete")):
        confirm(entry)


def calibrated(entry: Entry) -> bool:
    """Whether it was to be assessed with a calibration stretch."""
    try:
        return Options.of_json(jobs.options(entry.id)).calibration is not None
    except LiyiError:  # what was asked for cannot be read any more
        return False


def confirm(entry: Entry) -> None:
    """Say what deleting takes away, and do it."""
    st.write(_("The recording, its report and everything measured from it go into the trash. "
               "They can be restored for 7 days; then they are removed for good."))  # fmt: skip
    if st.button(_("Delete"), key=f"delete-{entry.id}"):
        discard(entry)


def discard(entry: Entry) -> NoReturn:
    """Put it into the trash and go to the page of recordings, which offers to undo that."""
    deleting.discard(entry)
    st.session_state["undo"] = entry.id
    pages.go("recordings")


def play(entry: Entry) -> None:
    """The recording in the page's player; it comes piece by piece, nothing of it is held in memory."""
    if not entry.playable:
        st.caption(_("There is no recording to play."))
        return
    tokens = st.session_state.setdefault("replays", {})
    found = replay.opened(tokens.get(entry.id, ""))
    if found is None:
        tokens[entry.id] = replay.grant(entry.id)
        found = replay.opened(tokens[entry.id])
    here = urlsplit(st.context.url or "")
    address = f"{here.scheme}://{here.netloc}/live/{tokens[entry.id]}/recording"
    if found is not None and found[1].startswith("audio/"):
        st.audio(address)
    else:
        st.video(address)


def download(entry: Entry) -> None:
    """A button to take the recording away."""
    try:
        path = entries.recording_of(entry) if entry.playable else None
        if path is not None:
            label = _("Download the recording ({size} MB)", size=number(path.stat().st_size / 1e6, 1))
            st.download_button(label, path.read_bytes, replay.file_name(path, entry.name), on_click="ignore",
                               width="stretch", key=f"download-{entry.id}")  # fmt: skip
    except LiyiError as error:  # its file is missing
        st.caption(explain_error(error, lang()))
