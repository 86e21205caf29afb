"""Practise live, in five steps; the rehearsal's id in the address survives a reload.

The steps in the middle run in the browser (`liyi.ui.live.component`). Its token is kept in this session only: another
session, or the same one after a reload, is given a new one as long as nothing was recorded and no other tab is at it;
else it is asked whether to go on.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NoReturn
from urllib.parse import urlsplit

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import N_, explain_error, pick
from liyi.etiquette.norms import list_packs, load_pack
from liyi.etiquette.scene import all_scenes
from liyi.modelfiles.registry import missing
from liyi.records.consent_texts import PRACTISE as CONSENT
from liyi.records.consent_texts import PRACTISE_VERSION as VERSION
from liyi.ui import beginning, entries, history, not_inferred, pages, people, results, space
from liyi.ui.exemption_form import exemption_form
from liyi.ui.live import session
from liyi.ui.live.component import Resume, Task, cut_short, rehearsal
from liyi.ui.live.rehearsing import is_on_a_page
from liyi.ui.plain import explain
from liyi.ui.recogniser_form import recogniser_form
from liyi.ui.scene_cards import choose_scene
from liyi.ui.wording import _, here, lang, when

if TYPE_CHECKING:
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.scene import Scene

STEPS = {
    "choose": N_("Choose"),
    "check": N_("Check"),
    "calibrate": N_("Calibration"),
    "practise": N_("Practise"),
    "report": N_("Report"),
}
_STYLE = """<style>
ol.steps {display: flex; gap: 8px; margin: 0 0 8px; padding: 0; list-style: none}
ol.steps li {flex: 1; padding: 8px 0 0; border-top: 3px solid color-mix(in srgb, currentColor 25%, transparent)}
ol.steps li.done, ol.steps li[aria-current] {border-color: var(--accent)}
ol.steps li[aria-current] {font-weight: 600}
ol.steps b {font-weight: inherit; font-variant-numeric: tabular-nums}
@media (max-width: 600px) {ol.steps {gap: 4px}
  ol.steps li {flex: 1 1 auto; min-width: 0; font-size: 12px; line-height: 16px}
  ol.steps span {display: block; overflow-wrap: anywhere}}
</style>"""


def steps(current: str, *, by_ear: bool = False) -> None:
    """The steps, the current one marked by weight, colour and for screen readers; by ear nothing is calibrated."""
    names = [name for name in STEPS if not (by_ear and name == "calibrate")]
    here = names.index(current)
    items = "".join(
        f"<li{' class=done' if n < here else ''}{' aria-current=step' if n == here else ''}>"
        f"<b>{n + 1}</b> <span>{_(STEPS[name])}</span></li>"
        for n, name in enumerate(names)
    )
    st.html(f'{_STYLE}<ol class="steps" aria-label="{_("Steps")}">{items}</ol>')


def footer() -> None:
    """What must be in sight at every step."""
    st.caption(_("The recording stays on {place}. Nothing is sent anywhere. You can delete it under Recordings.",
                 place=here()))  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """What is to be rehearsed, and how."""

    scene: Scene
    pack: NormPack
    options: Options
    exam: bool
    hints_only: bool
    sound_only: bool

    @property
    def name(self) -> str:
        """What the rehearsal is called: its scene, or the profile that was taken instead; and when."""
        profile = self.pack.profile_id(self.options.profile)
        own = (self.pack.id, profile) == (self.scene.pack, self.scene.profile)
        what = pick(self.scene.title, lang()) if own else self.pack.profile_name(profile, lang())
        return " ".join((what.replace(" · ", " "), when(time.time()).replace(":", "-")))


def choose() -> None:
    """First step: the scene, what else may be set, and the consent."""
    st.header(_(PAGE.title))
    scenes, post = all_scenes(), history.post()
    asked = st.query_params.get("scene") or next((id for id, scene in scenes.items() if scene.profile == post), "")
    id = choose_scene(scenes.values(), chosen=asked if asked in scenes else next(iter(scenes)),
                      legend=_("What do you practise?"), lang=lang())  # fmt: skip
    scene = scenes.get(id) or next(iter(scenes.values()))
    choice = more(scene)
    obstacle = why_not(sound_only=choice.sound_only)
    if obstacle:
        st.info(obstacle)
    not_inferred.draw()
    agreed = st.checkbox(_(CONSENT, place=here()))
    ready = agreed and obstacle is None
    if st.button(_("Begin"), type="primary", width="stretch", disabled=not ready):
        begin(choice)
    if not agreed:
        st.caption(_("Agree to the recording above, then go on."))
    pages.link("assess", _("Upload a recording"))


def more(scene: Scene) -> Choice:
    """What may be set beside the scene, folded: most people leave it as it is."""
    with st.expander(_("More settings"), key="more"):
        left, right = st.columns(2)
        packs = {ref.id: load_pack(ref.id) for ref in list_packs()}
        pack_id = left.selectbox(
            _("Standard"), list(packs), index=list(packs).index(scene.pack), key=f"pack-{scene.id}",
            format_func=lambda p: getattr(packs[p].name, lang()),
        )  # fmt: skip
        pack = packs[pack_id]
        names = list(pack.profiles)
        profile = right.selectbox(
            _("Profile"), names, index=names.index(scene.profile) if scene.profile in names else 0,
            key=f"profile-{scene.id}-{pack_id}", format_func=lambda p: pack.profile_name(p, lang()),
        )  # fmt: skip
        by_ear = pack.profiles[profile].camera == "none"
        left, right = st.columns(2)
        sound_only = by_ear or left.toggle(
            _("By voice alone"), help=_("The camera stays off; posture is not assessed.")
        )
        camera = "front"
        if not sound_only:
            camera = right.segmented_control(
                _("Camera"), ["front", "side"], default="front", required=True,
                format_func=lambda c: {"front": _("From the front"), "side": _("From the side")}[c],
            )  # fmt: skip
        hints_only = left.toggle(_("Hints only"), help=_("Without the panel beside the picture."))
        exam = right.toggle(_("Exam mode"), help=_("No hints while you practise; the report is the same."))
        options = recogniser_form(Options(profile))
        exemption_form(pack)
    seen: Literal["front", "side"] = "side" if camera == "side" else "front"
    return Choice(
        scene, pack, replace(options, camera=seen), exam=exam, hints_only=hints_only, sound_only=bool(sound_only)
    )


def why_not(*, sound_only: bool = False) -> str | None:
    """What stands in the way of practising live here, as far as the server can know."""
    if missing("live") and not sound_only:
        return _("The files of the live page are not on {place}: run `liyi models fetch` to bring them. "
                 "Until then, upload a recording or practise by voice alone (More settings).",
                 place=here())  # fmt: skip
    try:
        space.check_room(space.to_begin_bytes())
    except LiyiError as error:
        return explain_error(error, lang())
    asked = urlsplit(st.context.url or "")
    if asked.scheme == "http" and asked.hostname not in ("localhost", "127.0.0.1", "::1"):
        return _("Browsers give the camera only to secure addresses (https): ask for the https address, or upload a "
                 "recording.")  # fmt: skip
    return None


def begin(choice: Choice) -> None:
    """Make the rehearsal and go to the check."""
    try:
        people.agree(_(CONSENT, place=here()), version=VERSION)
        id, token = beginning.rehearse(
            pack=choice.pack.id, options=choice.options, exam=choice.exam, lang=lang(),
            name=choice.name, scene=choice.scene.id, hints_only=choice.hints_only, sound_only=choice.sound_only,
        )  # fmt: skip
    except LiyiError as error:
        st.error(explain(error))
        return
    for earlier in list(tokens()):  # of this tab, which is at them no more
        beginning.abandon(earlier)
        tokens().pop(earlier)
    tokens()[id] = token
    st.query_params.pop("scene", None)
    st.query_params["rehearsal"] = id
    st.rerun()


def tokens() -> dict[str, str]:
    """Tokens of this browser session, by rehearsal."""
    found: dict[str, str] = st.session_state.setdefault("tokens", {})
    return found


def rehearse(now: session.Session) -> None:
    """Check, calibration stretch and practice: one component, which must stay where it is."""
    shown = st.container()
    key = f"step-{now.id}"
    step = st.session_state.setdefault(key, "check")
    pack = load_pack(now.pack)
    profile = pack.profiles[pack.profile_id(now.options.profile)]
    by_ear = now.sound_only or profile.camera == "none"
    news = rehearsal(
        tokens()[now.id], step=step, lang=lang(), camera="none" if by_ear else now.camera,
        shape="whole" if profile.needs.position == "standing" else now.camera, position=profile.needs.position,
        hints_only=now.hints_only, task=task_of(now.scene), resume=st.session_state.get(f"resume-{now.id}"),
    )  # fmt: skip
    if news.ready is not None:
        step = "calibrate"
    if news.calibrated is not None:
        step = "practise"
    st.session_state[key] = step
    with shown:
        steps(step, by_ear=by_ear)
    if news.voice is not None:
        by_voice(now)
    if news.ended is not None:
        st.session_state[f"cut-{now.id}"] = cut_short(news.ended, lang())
        assess(now.id)
    if news.failed is not None:
        st.session_state[f"failed-{now.id}"] = True
    elif news.ready is not None or news.calibrated is not None:
        st.session_state.pop(f"failed-{now.id}", None)
    if st.session_state.get(f"failed-{now.id}"):
        rescue(now)
    elif step != "practise" and not entries.anything_recorded(now.id) and st.button(_("Back to the choice")):
        abandon(now.id)


def task_of(scene: str) -> Task | None:
    """What the card beside the picture says; None for a scene that is gone."""
    found = all_scenes().get(scene)
    if found is None:
        return None
    points, prompts = (tuple(pick(text, lang()) for text in texts) for texts in (found.points, found.prompts))
    return Task(pick(found.title, lang()), pick(found.wants, lang()), points, prompts)


def by_voice(now: session.Session) -> None:
    """Go on with the check without the camera."""
    try:
        beginning.by_voice(now.id)
    except LiyiError as error:
        st.error(explain(error))
        return
    st.session_state.pop(f"failed-{now.id}", None)
    st.rerun()


def assess(id: str) -> None:
    """Begin the assessment and go on to it; where that cannot be, say why and leave the way open to ask again."""
    try:
        beginning.assess(id)
    except LiyiError as error:
        st.error(explain(error))
        st.session_state[f"failed-{id}"] = True
        return
    st.rerun()


def go_on(now: session.Session) -> None:
    """Take the rehearsal up on this page, where it stands; another page that was at it records no more."""
    if entries.anything_recorded(now.id):
        done = now.options.calibration
        st.session_state[f"step-{now.id}"] = "practise"
        st.session_state[f"resume-{now.id}"] = Resume(
            session.next_piece(now.id), session.recorded_s(now.id), done.end_s if done else 0.0
        )
    st.session_state.pop(f"failed-{now.id}", None)
    tokens()[now.id] = session.offer_token(now.id)
    st.rerun()


def rescue(now: session.Session) -> None:
    """After the browser gave up: go on, keep what was recorded, or go another way."""
    bar = st.container(horizontal=True)
    recorded = entries.anything_recorded(now.id)
    if recorded and bar.button(_("Go on practising"), type="primary"):
        go_on(now)
    if recorded and bar.button(_("Assess what was recorded")):
        assess(now.id)
    if bar.button(_("New rehearsal") if recorded else _("Back to the choice")):
        abandon(now.id)
    with bar:
        pages.link("assess", _("Upload a recording"))


def interrupted(now: session.Session) -> None:
    """The page was left while it recorded: the recorder is gone, what it sent is here."""
    steps("practise")
    st.header(_("This rehearsal was interrupted"))
    st.write(_("What was recorded until then is kept."))
    rescue(now)


def elsewhere(now: session.Session) -> None:
    """Another tab is at it: nothing is taken from that one unless asked."""
    steps("practise" if entries.anything_recorded(now.id) else "check")
    st.header(_("This rehearsal runs in another tab"))
    st.write(_("Go back to that tab. If you go on here instead, that one stops; what it recorded is kept."))
    if st.button(_("Go on here instead")):
        go_on(now)
    _until_free(now.id)


@st.fragment(run_every=1.0)
def _until_free(id: str) -> None:
    """Draw the page anew as soon as no other one is at the rehearsal: after a reload that takes a moment."""
    if not is_on_a_page(id):
        st.rerun()


def report(entry: entries.Entry) -> None:
    """Last step: the assessment's progress, then its report."""
    steps("report")
    if cut := st.session_state.get(f"cut-{entry.id}"):
        st.warning(cut)
    results.follow(entry, again=_("New rehearsal"), leave=leave)


def abandon(id: str) -> NoReturn:
    """Back to the first step; a rehearsal of which nothing was recorded, as when the camera was refused, goes."""
    tokens().pop(id, None)
    beginning.abandon(id)
    leave()


def leave() -> NoReturn:
    """Back to the first step."""
    st.query_params.pop("rehearsal", None)
    st.rerun()
    raise AssertionError  # a rerun ends this one


def page() -> None:
    """Show the step at which the rehearsal stands, by the records, its folder and this session."""
    id = st.query_params.get("rehearsal")
    try:
        entry = entries.find(id) if id else None
        now = session.open_session(entry.id) if entry and entry.state == "open" else None
    except LiyiError as error:
        st.error(explain(error))
        entry = now = None
    if entry is None:
        steps("choose")
        choose()
    elif now is None:
        report(entry)
    elif now.id in tokens():
        rehearse(now)
    elif is_on_a_page(now.id):
        elsewhere(now)
    elif entries.anything_recorded(now.id):
        interrupted(now)
    else:
        tokens()[now.id] = session.offer_token(now.id)
        rehearse(now)
    footer()


PAGE = pages.Page(N_("Practise"), "practise", "trainee", 2, page)
