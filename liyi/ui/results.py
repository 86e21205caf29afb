"""An assessment on the page: its progress, then its report with its files, or one sentence that says why not."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlencode, urlsplit

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import N_, number
from liyi.etiquette.norms import load_pack
from liyi.media.files import head_of
from liyi.media.kinds import is_photo
from liyi.scoring.folder import ASSESSMENT, MEASURES
from liyi.ui import (
    asking,
    beginning,
    deleting,
    entries,
    faults,
    jobs,
    outcomes,
    pages,
    people,
    replay,
    reports,
    stages,
    submitting,
    workroom,
)
from liyi.ui.plain import explain
from liyi.ui.wording import _, lang
from posture.calibration import REFUSALS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from liyi.ui.entries import Entry

_REFUSED_CALIBRATION = N_(
    "Nothing can be compared with the calibration stretch: for most of it your shoulders were not in the picture, or "
    "it is too short. Assess without it; next time sit or stand in the picture before you begin."
)
_RECORDING, _REPORT, _CAPTIONS = N_("recording file"), N_("Report"), N_("Captions")
_MACHINE = ((N_("Assessment (JSON)"), ASSESSMENT), (N_("Measures (Parquet)"), MEASURES))
_DAMAGED = N_("The assessment's file is missing or damaged.")


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
    return _(_REFUSED_CALIBRATION) if error.sentence in REFUSALS else explain(error)


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
            seen, heard = not workroom.is_sound_alone(entry.id), not workroom.is_photo(entry.id)
            beside = workroom.side(entry.id) is not None
            stages.show_stages(now, rehearsal=entry.kind == "rehearsal", seen=seen, heard=heard, beside=beside)
        asking.ask(entry)
        st.caption(_("You may close or reload this page: the work goes on, and this address leads back to it."))
        _cancel(entry)


def _ask(entry: Entry) -> None:
    """A rehearsal that has ended is assessed by itself after some seconds; who asks for it learns what hinders that."""
    key = f"unasked-{entry.id}"
    if st.button(_("Assess what was recorded")):
        try:
            beginning.assess(entry.id)
        except LiyiError as error:
            st.session_state[key] = explain(error)
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
            st.session_state[key] = explain(error)
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
    """The finished report in its own frame, with its files to take away."""
    address = _address(entry)
    bar = st.container(horizontal=True, vertical_alignment="center")
    if bar.button(again, type="primary"):
        leave()
    bar.link_button(_("In a tab of its own"), address)
    with bar.popover(_("Files")):
        _files(entry)
    submitting.lead(bar, entry)
    with bar.popover(_("Delete")):
        confirm(entry)
    offer_profile(entry)
    asking.tell(entry)
    # The report scrolls by itself, in what the bars above leave of the window, so that its player stays in view.
    # Its box is given no height of its own, or what stands below would be drawn over it on a tall screen.
    st.html("<style>.st-key-report iframe {height: calc(100dvh - 9.5rem); min-height: 26rem; display: block} "
            ".st-key-report [data-testid=stElementContainer] {height: auto}</style>")  # fmt: skip
    with st.container(key="report"):
        st.iframe(address, height=600, alt=_("Report"))


def _address(entry: Entry) -> str:
    """Where the viewer's report is served; another language is another address, and nothing is scored again."""
    return f"/live/{_token(entry)}/report?{urlencode({'lang': lang(), 'tz': st.context.timezone or ''})}"


def _token(entry: Entry) -> str:
    """A token for the recording and its report that still opens them, one a session."""
    tokens = st.session_state.setdefault("replays", {})
    if replay.holder(tokens.get(entry.id, ""), people.viewer()) is None:
        tokens[entry.id] = replay.grant(entry.id)
    return str(tokens[entry.id])


def _files(entry: Entry) -> None:
    """Buttons to take the recording, the report and what was measured away."""
    download(entry)
    who, named = people.viewer(), {"lang": lang(), "zone": st.context.timezone or ""}
    try:
        path = entries.recording_of(entry) if entry.playable else None
        media = _name_of_recording(entry, path) if path else entry.name
        report, captions = (
            reports.file_name(who, entry.id, _(what), ending, **named)
            for what, ending in ((_REPORT, ".html"), (_CAPTIONS, ".vtt"))
        )
        transcript = outcomes.judged(entry).transcript
        paths = [(_(label), outcomes.result(entry, file)) for label, file in _MACHINE]
    except (LiyiError, OSError, ValueError) as error:  # a file of it is missing
        st.caption(explain(error) if isinstance(error, LiyiError) else _(_DAMAGED))
        return
    words = reports.anything_said(who, entry.id) and st.checkbox(
        _("With what people said, and their names"), key=f"words-{entry.id}"
    )
    written = partial(reports.standalone, who, entry.id, media=media, remarks=words, **named)
    _take_away(_(_REPORT), written, report, f"report-{entry.id}")
    if transcript:
        _take_away(_(_CAPTIONS), partial(reports.captions, who, entry.id), captions, f"captions-{entry.id}")
    for (label, path), (_label, file) in zip(paths, _MACHINE, strict=True):
        if path.is_file():
            _take_away(label, path.read_bytes, file, f"{file}-{entry.id}")


def _take_away(label: str, content: Callable[[], bytes | str], name: str, key: str) -> None:
    st.download_button(label, content, name, on_click="ignore", width="stretch", key=key)


def _name_of_recording(entry: Entry, path: Path, whose: str | None = None) -> str:
    """What the recording is called when it is taken away; ``whose`` name it bears, where that is known already."""
    if entry.state != "done":
        return entry.name
    suffix, named = replay.suffix_of(path, entry.name), {"lang": lang(), "zone": st.context.timezone or ""}
    if whose is None:
        return reports.file_name(people.viewer(), entry.id, _(_RECORDING), suffix, **named)
    at = datetime.fromtimestamp(entry.created_at, UTC)
    about = reports.About(whose, entry.name, entry.pack, entry.profile, at)
    return reports.name_of_file(about, _(_RECORDING), suffix, **named)


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
            st.error(explain(error))
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
    token = _token(entry)
    found = replay.opened(token, people.viewer())
    here = urlsplit(st.context.url or "")
    address = f"{here.scheme}://{here.netloc}/live/{token}/recording"
    if found is not None and found[1].startswith("image/"):
        st.image(address, width=432)
    elif found is not None and is_photo(head_of(found[0])):
        st.caption(_("Browsers cannot show this kind of picture: its report does."))
    elif found is not None and found[1].startswith("audio/"):
        st.audio(address)
    else:
        st.video(address)


def download(entry: Entry, *, whose: str | None = None) -> None:
    """A button to take the recording away, named after whose it is."""
    try:
        path = entries.recording_of(entry) if entry.playable else None
        if path is not None:
            label = _("Download the recording ({size} MB)", size=number(path.stat().st_size / 1e6, 1))
            _take_away(label, path.read_bytes, _name_of_recording(entry, path, whose), f"download-{entry.id}")
    except LiyiError as error:
        st.caption(explain(error))
    except OSError:
        st.caption(_("There is no recording to play."))  # its file is missing
