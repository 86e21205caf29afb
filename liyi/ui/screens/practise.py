"""Practise live, in five steps; the rehearsal's id in the address survives a reload.

The steps in the middle run in the browser (`liyi.ui.live.component`). Its token is kept in this session only: another
session, or the same one after a reload, is given a new one as long as nothing was recorded, and else what was recorded.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import N_, explain_error
from liyi.etiquette.norms import list_packs, load_pack
from liyi.modelfiles.registry import missing
from liyi.ui import beginning, entries, pages, people, results, space
from liyi.ui.exemption_form import exemption_form
from liyi.ui.live import session
from liyi.ui.live.component import cut_short, rehearsal
from liyi.ui.wording import _, lang, when

STEPS = {
    "choose": N_("Choose"),
    "check": N_("Check"),
    "calibrate": N_("Calibration"),
    "practise": N_("Practise"),
    "report": N_("Report"),
}
CONSENT = N_(
    "I agree that this rehearsal is recorded with picture and sound and assessed on this machine. The recording stays "
    "here until I delete it under Recordings; 7 days after that, or at once if I wish, it is removed for good."
)
_STYLE = """<style>
ol.steps {display: flex; gap: 8px; margin: 0 0 8px; padding: 0; list-style: none}
ol.steps li {flex: 1; padding: 8px 0 0; border-top: 3px solid color-mix(in srgb, currentColor 25%, transparent)}
ol.steps li.done, ol.steps li[aria-current] {border-color: #0F6E6E; border-color: light-dark(#0F6E6E, #3FA3A3)}
ol.steps li[aria-current] {font-weight: 600}
ol.steps b {font-weight: inherit; font-variant-numeric: tabular-nums}
@media (max-width: 600px) {ol.steps {gap: 4px}
  ol.steps li {flex: 1 1 0; min-width: 0; font-size: 12px; line-height: 16px}
  ol.steps span {display: block; overflow-wrap: anywhere}}
</style>"""


def steps(current: str) -> None:
    """The five steps, the current one marked by weight, colour and for screen readers."""
    names = list(STEPS)
    here = names.index(current)
    items = "".join(
        f"<li{' class=done' if n < here else ''}{' aria-current=step' if n == here else ''}>"
        f"<b>{n + 1}</b> <span>{_(STEPS[name])}</span></li>"
        for n, name in enumerate(names)
    )
    st.html(f'{_STYLE}<ol class="steps" aria-label="{_("Steps")}">{items}</ol>')


def footer() -> None:
    """What must be in sight at every step."""
    st.caption(_("The recording stays on this machine. Nothing is sent anywhere. You can delete it under Recordings."))


def choose() -> None:
    """First step: consent, then what is practised and by which rules."""
    st.header(_(PAGE.title))
    agreed = st.checkbox(_(CONSENT))
    left, right = st.columns(2)
    packs = {ref.id: load_pack(ref.id) for ref in list_packs()}
    pack_id = left.selectbox(_("Norm pack"), list(packs), format_func=lambda p: getattr(packs[p].name, lang()))
    pack = packs[pack_id]
    profile = right.selectbox(_("Profile"), list(pack.profiles), format_func=lambda p: pack.profile_name(p, lang()))
    left, right = st.columns(2, vertical_alignment="bottom")
    camera = left.segmented_control(
        _("Camera"), ["front", "side"], default="front", required=True,
        format_func=lambda c: {"front": _("From the front"), "side": _("From the side")}[c],
    )  # fmt: skip
    exam = right.toggle(_("Exam mode"), help=_("No hints while you practise; the report is the same."))
    exemption_form(pack)
    obstacle = why_not()
    if obstacle:
        st.info(obstacle)
    if st.button(_("To the check"), type="primary", disabled=not agreed or obstacle is not None):
        begin(pack_id, profile, "side" if camera == "side" else "front", exam=exam)
    if not agreed:
        st.caption(_("Agree to the recording above, then go on."))
    without_camera(pack_id, profile, agreed=agreed)


def why_not() -> str | None:
    """What stands in the way of practising live here, as far as the server can know."""
    if missing("live"):
        return _("The files of the live page are not on this machine: run `liyi models fetch` to bring them. "
                 "Until then, upload a recording or record sound alone.")  # fmt: skip
    try:
        space.check_room(space.to_begin_bytes())
    except LiyiError as error:
        return explain_error(error, lang())
    here = urlsplit(st.context.url or "")
    if here.scheme == "http" and here.hostname not in ("localhost", "127.0.0.1", "::1"):
        return _("Browsers give the camera only to secure addresses (https) or to this machine itself. Ask for the "
                 "https address, upload a recording, or practise on this machine.")  # fmt: skip
    return None


def begin(pack: str, profile: str, camera: str, *, exam: bool) -> None:
    """Make the rehearsal and go to the check."""
    try:
        people.agree(_(CONSENT), version="practise-1")
        id, token = beginning.rehearse(
            pack=pack, options=Options(profile, "side" if camera == "side" else "front"), exam=exam, lang=lang(),
            name=" ".join((_("Rehearsal"), load_pack(pack).profile_name(profile, lang()),
                           when(time.time()).replace(":", "-"))),
        )  # fmt: skip
    except LiyiError as error:
        st.error(explain_error(error, lang()))
        return
    tokens()[id] = token
    st.query_params["rehearsal"] = id
    st.rerun()


def without_camera(pack: str, profile: str, *, agreed: bool) -> None:
    """The ways that need no camera: sound alone, or a recording made elsewhere."""
    with st.expander(_("Without a camera")):
        st.write(_("Record your voice alone: pace, pauses, pitch and loudness are assessed, posture is not. "
                   "Or upload a recording made elsewhere."))  # fmt: skip
        sound = st.audio_input(_("Record sound"), disabled=not agreed)
        if not agreed:
            st.caption(_("Agree to the recording above, then go on."))
        if sound is not None and st.button(_("Assess the sound"), type="primary"):
            try:
                people.agree(_(CONSENT), version="practise-1")
                id = beginning.upload(sound, f"{_('Rehearsal')}.wav", pack, Options(profile), lang=lang())
            except LiyiError as error:
                st.error(explain_error(error, lang()))
            else:
                pages.go("assess", job=id)
        pages.link("assess", _("Upload a recording"))


def tokens() -> dict[str, str]:
    """Tokens of this browser session, by rehearsal."""
    found: dict[str, str] = st.session_state.setdefault("tokens", {})
    return found


def rehearse(now: session.Session) -> None:
    """Check, calibration stretch and practice: one component, which must stay where it is."""
    shown = st.container()
    key = f"step-{now.id}"
    step = st.session_state.setdefault(key, "check")
    news = rehearsal(tokens()[now.id], step=step, lang=lang(), camera=now.camera)
    if news.ready is not None:
        step = "calibrate"
    if news.calibrated is not None:
        step = "practise"
    st.session_state[key] = step
    with shown:
        steps(step)
    if news.ended is not None:
        st.session_state[f"cut-{now.id}"] = cut_short(news.ended, lang())
        assess(now.id)
    if news.failed is not None:
        st.session_state[f"failed-{now.id}"] = True
    elif news.ready is not None:
        st.session_state.pop(f"failed-{now.id}", None)
    if st.session_state.get(f"failed-{now.id}"):
        rescue(now)
    elif not entries.anything_recorded(now.id) and st.button(_("Back to the choice")):
        leave()


def assess(id: str) -> None:
    """Begin the assessment and go on to it; where that cannot be, say why and leave the way open to ask again."""
    try:
        beginning.assess(id)
    except LiyiError as error:
        st.error(explain_error(error, lang()))
        st.session_state[f"failed-{id}"] = True
        return
    st.rerun()


def rescue(now: session.Session) -> None:
    """After the browser gave up: keep what was recorded, or go another way."""
    bar = st.container(horizontal=True)
    if entries.anything_recorded(now.id) and bar.button(_("Assess what was recorded"), type="primary"):
        assess(now.id)
    if bar.button(_("New rehearsal")):
        leave()
    with bar:
        pages.link("assess", _("Upload a recording"))


def interrupted(now: session.Session) -> None:
    """The page was left while it recorded: the recorder is gone, what it sent is here."""
    steps("practise")
    st.header(_("This rehearsal was interrupted"))
    st.write(_("What was recorded until then is kept."))
    rescue(now)


def report(entry: entries.Entry) -> None:
    """Last step: the assessment's progress, then its report."""
    steps("report")
    if cut := st.session_state.get(f"cut-{entry.id}"):
        st.warning(cut)
    results.follow(entry, again=_("New rehearsal"), leave=leave)


def leave() -> None:
    """Back to the first step."""
    st.query_params.pop("rehearsal", None)
    st.rerun()


def page() -> None:
    """Show the step at which the rehearsal stands, by the records, its folder and this session."""
    id = st.query_params.get("rehearsal")
    try:
        entry = entries.find(id) if id else None
        now = session.open_session(entry.id) if entry and entry.state == "open" else None
    except LiyiError as error:
        st.error(explain_error(error, lang()))
        entry = now = None
    if entry is None:
        steps("choose")
        choose()
    elif now is None:
        report(entry)
    elif now.id in tokens():
        rehearse(now)
    elif entries.anything_recorded(now.id):
        interrupted(now)
    else:
        tokens()[now.id] = session.offer_token(now.id)
        rehearse(now)
    footer()


PAGE = pages.Page(N_("Practise"), "practise", "trainee", 2, page)
