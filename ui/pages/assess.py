"""Assess one recording: upload it or take a sample, watch the progress, read the report in the page."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import streamlit as st

from etiquette.norms import list_packs, load_pack
from report.words import explain_error
from signals.errors import LiyiError
from ui import jobs, results, shelf
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


def leave() -> None:
    """Go back to the first step."""
    st.query_params.pop("job", None)
    st.rerun()


def page() -> None:
    """One page, three states: choose, watch, read."""
    token = st.query_params.get("job")
    if token is None:
        choose()
        return
    try:
        entry = shelf.find(token)
    except LiyiError as error:
        st.error(explain_error(error, lang()))
        if st.button(_("Start again"), type="primary"):
            leave()
        return
    if entry.state == "running":
        st.header(_("Assessing the recording"))
    results.follow(entry, again=_("Assess another recording"), leave=leave)


page()
