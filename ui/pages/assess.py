"""Assess one recording: upload it or take a sample, watch the progress, read the report in the page."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import streamlit as st

from etiquette.norms import list_packs, load_pack
from report.words import explain_error
from signals.errors import LiyiError
from ui import jobs
from ui.wording import _, lang

SAMPLES = Path(__file__).resolve().parents[2] / "sample_media"
KINDS = [
    "mp4",
    "mov",
    "mkv",
    "webm",
    "avi",
    "m4v",
    "3gp",
    "ts",
    "wav",
    "mp3",
    "m4a",
    "flac",
    "ogg",
    "opus",
    "aac",
    "amr",
]


def choose() -> None:
    """First step: which recording, judged by which rules."""
    st.header(_("Assess a recording"))
    st.caption(_("The recording stays on this machine. Nothing is sent anywhere."))
    say_upload()
    upload = st.file_uploader(_("Video, or sound alone"), type=KINDS)
    left, middle, right = st.columns(3)
    packs = {ref.id: load_pack(ref.id) for ref in list_packs()}
    pack_id = left.selectbox(_("Norm pack"), list(packs), format_func=lambda p: getattr(packs[p].name, lang()))
    pack = packs[pack_id]
    profile = middle.selectbox(_("Profile"), list(pack.profiles), format_func=lambda p: pack.profile_name(p, lang()))
    camera = right.selectbox(_("Camera"), ["auto", "front", "side"],
                             format_func=lambda c: {"auto": _("Find out"), "front": _("From the front"),
                                                    "side": _("From the side")}[c])  # fmt: skip
    options = {"pack": pack_id, "profile": profile, "camera": camera, "language": "auto", "lang": lang()}
    if st.button(_("Assess"), type="primary", disabled=upload is None) and upload is not None:
        begin(upload, upload.name, options)
    samples = sorted(SAMPLES.glob("*.mp4"))
    if samples:
        st.divider()
        st.subheader(_("No recording at hand? Take a sample"))
        for column, sample in zip(st.columns(len(samples)), samples, strict=True):
            with column:
                if st.button(_("Assess this sample"), key=sample.stem):
                    with sample.open("rb") as content:
                        begin(content, sample.name, options)
                st.video(str(sample))


def say_upload() -> None:
    """Put the page's language on Streamlit's own upload control, which speaks English only."""
    button, limit = _("Choose a file"), _("or drop one here, up to 1 GB")
    st.html(f"""<style>
    [data-testid=stFileUploaderDropzone] button p {{font-size: 0}}
    [data-testid=stFileUploaderDropzone] button p::after {{font-size: 1rem; content: "{button}"}}
    [data-testid=stFileUploaderDropzoneInstructions] {{font-size: 0}}
    [data-testid=stFileUploaderDropzoneInstructions] * {{display: none}}
    [data-testid=stFileUploaderDropzoneInstructions]::after {{font-size: .875rem; content: "{limit}"}}
    </style>""")


def begin(content: IO[bytes], name: str, options: dict[str, str]) -> None:
    """Start the job and show it; its token in the address survives a reload."""
    try:
        st.query_params["job"] = jobs.start(content, name, options)
    except LiyiError as error:
        st.error(explain_error(error, lang()))
        return
    st.rerun()


@st.fragment(run_every=0.7)
def watch(token: str) -> None:
    """Progress of a running job; turns into the report when it is done."""
    now = jobs.status(token)
    if now.state != "running":
        st.rerun()
    st.progress(min(max(now.done, 0.0), 1.0), text=_(now.stage) if now.stage else _("Starting"))
    st.caption(_("You may close or reload this page: the work goes on, and this address leads back to it."))
    if st.button(_("Cancel and delete the recording")):
        leave(token)


def leave(token: str) -> None:
    """Delete everything of the job and go back to the first step."""
    jobs.delete(token)
    st.query_params.clear()
    st.rerun()


def show(token: str) -> None:
    """The finished report, with its files to take away."""
    out = jobs.outputs(token)
    bar = st.container(horizontal=True, vertical_alignment="center")
    if bar.button(_("Assess another recording"), type="primary"):
        st.query_params.clear()
        st.rerun()
    with bar.popover(_("Files")):
        for file, label in (("report.html", _("Report")), ("assessment.json", _("Assessment (JSON)")),
                            ("measures.parquet", _("Measures (Parquet)"))):  # fmt: skip
            st.download_button(label, (out / file).read_bytes(), file, on_click="ignore", width="stretch")
    with bar.popover(_("Delete")):
        st.write(_("This removes the recording, its report and everything measured from it. It cannot be undone."))
        if st.button(_("Delete for good")):
            leave(token)
    st.iframe((out / "report.html").read_text(encoding="utf-8"), alt=_("Report"))


def page() -> None:
    """One page, three states: choose, watch, read."""
    token = st.query_params.get("job")
    if token is None:
        choose()
        return
    try:
        now = jobs.status(token)
    except LiyiError as error:
        now = jobs.Status("failed", error=error)
    if now.state == "running":
        st.header(_("Assessing the recording"))
        watch(token)
    elif now.state == "done":
        show(token)
    else:
        fault = now.error or LiyiError("There is no such assessment. Start a new one.")
        st.error(explain_error(fault, lang()))
        if st.button(_("Start again"), type="primary"):
            leave(token) if now.state == "failed" and jobs._TOKEN.fullmatch(token) else st.query_params.clear()
            st.rerun()


page()
