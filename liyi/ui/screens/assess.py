"""Assess one recording: upload it or take a sample, watch the progress, read the report in the page."""

from __future__ import annotations

from functools import partial
from typing import IO, TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.options import CALIBRATION, LANGUAGE, TRACK, Camera, OptionError, Options
from liyi.core.words import N_
from liyi.etiquette.norms import list_packs, load_pack
from liyi.media.kinds import PHOTO_SUFFIXES, SUFFIXES
from liyi.records.consent_texts import UPLOAD as CONSENT
from liyi.records.consent_texts import UPLOAD_VERSION as VERSION
from liyi.ui import beginning, entries, not_inferred, pages, people, results, space, takes
from liyi.ui.exemption_form import exemption_form
from liyi.ui.plain import explain
from liyi.ui.recogniser_form import recogniser_form
from liyi.ui.sample import SAMPLES
from liyi.ui.wording import _, here, lang

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SAMPLE = N_("By assessing a sample you agree that a copy of it and its report stay on {place} until you delete them "
            "under Recordings.")  # fmt: skip


# Scene and view of each shipped sample, by the name of its file.
_SAMPLE_OF = {
    "counter_front_zh": (
        N_("At the counter, from the front"),
        N_("20 seconds: greeting and apology, arms crossed now and then"),
    ),
    "counter_side_zh": (N_("At the counter, from the side"), N_("12 seconds: sitting upright, then slouching")),
}


def title_of_sample(name: str) -> str:
    """What a shipped sample shows, by the name of its file; empty for any other name."""
    stem, _dot, suffix = name.rpartition(".")
    return _(_SAMPLE_OF[stem][0]) if stem in _SAMPLE_OF and suffix == "mp4" else ""


def choose() -> None:
    """First step: which recording, judged by which rules."""
    st.header(_(PAGE.title))
    st.caption(_("The recording stays on {place}. Nothing is sent anywhere.", place=here()))
    form, beside = st.columns([8, 5], gap="large")
    with form:
        pack_id, options, begun = _choose_own()
    with beside:
        begun = samples(pack_id, options, sorted(SAMPLES.glob("*.mp4"))) or begun
    if begun is not None:
        st.query_params["job"] = begun  # in the address it survives a reload
        st.rerun()


def _choose_own() -> tuple[str, Options | None, str | None]:
    """A recording of one's own, and how any is judged, which holds for the samples too; last, the id of what began."""
    try:
        space.check_upload(0)
    except LiyiError as error:
        st.info(explain(error))
    say_refusal()
    upload = st.file_uploader(_("Video, photo, or sound alone"), type=SUFFIXES + PHOTO_SUFFIXES, key="upload")
    left, middle, right = st.columns([3, 2, 2])
    packs = {ref.id: load_pack(ref.id) for ref in list_packs()}
    pack_id = left.selectbox(
        _("Standard"), list(packs), format_func=lambda p: getattr(packs[p].name, lang()), key="pack"
    )
    pack = packs[pack_id]
    profile = middle.selectbox(
        _("Profile"), list(pack.profiles), format_func=lambda p: pack.profile_name(p, lang()), key="profile"
    )
    seen_from: dict[Camera, str] = {
        "auto": _("Automatic"), "front": _("From the front"), "side": _("From the side")
    }  # fmt: skip
    camera = right.selectbox(_("Camera"), list(seen_from), format_func=seen_from.__getitem__, key="camera")
    side = None
    if camera != "side":
        with st.expander(_("A second camera at the side")):
            side = st.file_uploader(
                _("The same performance from the side"),
                type=SUFFIXES,
                key="side",
                help=_("With the sound of the same room, all the time: both are aligned by it. Each criterion is taken "
                       "from the view that shows it."),
            )  # fmt: skip
    options = more(Options(profile, camera))
    exemption_form(pack)
    not_inferred.draw()
    agreed = st.checkbox(_(CONSENT, place=here()))  # by its text: in another language it is asked again
    ready = upload is not None and agreed and options is not None
    start = st.button(_("Begin the assessment"), type="primary", width="stretch", disabled=not ready)
    if upload is None:
        st.caption(_("Choose a file first."))
    elif not agreed:
        st.caption(_("Say first that you have the consent."))
    begun = None
    if start and upload is not None and options is not None:
        beside = (side, side.name) if side is not None else None
        begun = begin(
            upload, upload.name, pack_id, options, consent=_(CONSENT, place=here()), version=VERSION, side=beside
        )
    return pack_id, options, begun


def samples(pack: str, options: Options | None, found: Sequence[Path]) -> str | None:
    """Shipped recordings to assess, to see what a report says; the id of the one that began.

    Parameters
    ----------
    pack
        Id of the norm pack by which they are judged.
    options
        How; None where what was typed cannot be understood.
    found
        Their files.
    """
    begun = None
    if found:
        st.subheader(_("No recording at hand? Take a sample"))
    for sample in found:
        with st.container(border=True):
            title, what = _SAMPLE_OF.get(sample.stem, (sample.stem, ""))
            st.html(f'<div class="card"><b>{_(title)}</b><span class="soft">{_(what) if what else ""}</span></div>')
            st.video(str(sample))
            label = _("Assess this sample")
            if st.button(label, key=sample.stem, width="stretch", disabled=options is None) and options is not None:
                consent = _(SAMPLE, place=here())
                with sample.open("rb") as content:
                    begun = begin(content, sample.name, pack, options, consent=consent, version="sample-1")
    if found:
        st.caption(_(SAMPLE, place=here()))
    return begun


def more(options: Options) -> Options | None:
    """The options with what is seldom asked for; None where it is not understood, which is told then."""
    with st.expander(_("More about this recording")):
        left, right = st.columns(2)
        names = {"auto": _("Automatic"), "zh": "中文", "en": "English"}
        speech = left.selectbox(_("Language spoken"), LANGUAGE.choices, format_func=names.__getitem__, key="spoken")
        calibration = right.text_input(
            _("Quiet upright stretch, in seconds"),
            placeholder="0-6.5",
            key="calibration",
            help=_("From when until when the person sits or stands quietly and upright, facing the camera. What "
                   "compares a person with their own upright posture is assessed only with it."),
        )  # fmt: skip
        options = recogniser_form(options)
        track = st.text_input(
            _("Picture and sound to take"),
            placeholder="v2,a1",
            key="track",
            help=_("Only for a file with several: v1 is its first picture, a2 its second sound. Leave it empty to have "
                   "them chosen; the report says which were."),
        )  # fmt: skip
        written = {LANGUAGE.name: speech, CALIBRATION.name: calibration.strip(), TRACK.name: track.strip()}
        try:
            return options.with_texts(written)
        except OptionError as error:
            st.error(explain(error))
            return None


def say_refusal() -> None:
    """Say below the field what it does not take: Streamlit says it in a narrow tooltip only."""
    refused = _("This file cannot be taken: choose a video, a photo or a sound of at most 1 GB.")
    st.html(f"""<style>
    [data-testid=stFileChip] [role=alert], [data-testid=stTooltipErrorContent] {{display: none}}
    [data-testid=stFileUploaderDropzone]:has([data-testid=stFileChip][aria-invalid=true]) {{flex-wrap: wrap}}
    [data-testid=stFileUploaderDropzone]:has([data-testid=stFileChip][aria-invalid=true])::after {{
        content: "{refused}"; flex-basis: 100%; padding-top: .5rem; color: var(--fault)}}
    </style>""")


def begin(
    content: IO[bytes],
    name: str,
    pack: str,
    options: Options,
    *,
    consent: str,
    version: str,
    side: tuple[IO[bytes], str] | None = None,
) -> str | None:
    """Keep the recording by the consent that was just given and assess it: its id; None where a fault was told."""
    try:
        people.agree(consent, version=version)
        return beginning.upload(content, name, pack, options, lang=lang(), side=side)
    except LiyiError as error:
        st.error(explain(error))
        return None


def leave() -> None:
    """Go back to the first step."""
    st.query_params.pop("job", None)
    st.rerun()


def page() -> None:
    """One page, three states: choose, watch, read."""
    id = st.query_params.get("job")
    if id is None:
        choose()
        return
    try:
        entry = entries.find(id)
    except LiyiError as error:
        st.error(explain(error))
        if st.button(_("Start again"), type="primary"):
            leave()
        return
    if entry.state == "running":
        st.header(_("Assessing the recording"))
    drill = takes.drill_of(entry.name)
    if drill is None:
        results.follow(entry, again=_("Assess another recording"), leave=leave)
    else:
        results.follow(entry, again=_("Practise again"), leave=partial(pages.go, "drill", id=drill.id))


PAGE = pages.Page(N_("Assess"), "assess", "everyone", 3, page)
