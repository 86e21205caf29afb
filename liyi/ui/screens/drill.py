"""Drills (练习科目): the list by module, and one drill, which runs in the browser (`liyi.ui.live.drill_component`).

Nothing of a take is kept unless its trainee asks for it; what is kept of every try is its result, for who practised.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_, listed, pick
from liyi.etiquette.drill import MODULES, all_drills, drill_named, faulty_files, pack_of
from liyi.records.consent_texts import DRILL as CONSENT
from liyi.records.consent_texts import DRILL_VERSION as VERSION
from liyi.records.operations import tries
from liyi.ui import choosing, history, not_inferred, pages, people
from liyi.ui.figure import as_image
from liyi.ui.live import drilling, take_words
from liyi.ui.live.drill_component import drilled
from liyi.ui.live.take import dots
from liyi.ui.plain import explain, plain
from liyi.ui.screens.practise import why_not
from liyi.ui.wording import _, here, lang, zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.etiquette.drill import Drill
    from liyi.records.operations.tries import Try

_STYLE = """<style>
.drill-card {display: flex; gap: 12px; align-items: center}
.drill-card img {width: 88px; height: 72px; flex: none}
.drill-card p {margin: 0; line-height: 1.5}
.drill-dots {font-size: 16px; letter-spacing: 4px; min-height: 24px; padding-top: 4px}
.drill-dots .good {color: var(--good)} .drill-dots .attention {color: var(--attention)}
.drill-dots .fault {color: var(--fault)} .drill-dots .open {color: var(--open)}
</style>"""


def page() -> None:
    """The list, or the drill whose id stands in the address."""
    id = st.query_params.get("id")
    if id is None:
        every()
        return
    try:
        one(drill_named(id))
    except LiyiError as error:
        st.error(explain(error))
        every()


def every() -> None:
    """All drills by module, each with its last tries as dots."""
    st.header(_(PAGE.title))
    st.write(_("One thing at a time, twenty to thirty seconds, a result at once, and again."))
    if broken := faulty_files():
        st.warning(_("Left out, because they have faults: {files}. `liyi drills check FILE` says where.",
                     files=listed(map(plain, broken), lang())))  # fmt: skip
    st.html(_STYLE)
    own = own_tries()
    drills = all_drills()
    for module, heading in MODULES.items():
        st.subheader(_(heading))
        about = [drill for drill in drills.values() if drill.module == module]
        for first in range(0, len(about), 3):
            for place, drill in zip(st.columns(3), about[first : first + 3], strict=False):
                with place:
                    card(drill, own.get(drill.id, ()))


def own_tries() -> Mapping[str, tuple[Try, ...]]:
    """One's own tries by drill, newest first, at most five of each."""
    found: dict[str, tuple[Try, ...]] = {}
    for each in tries.mine(people.records(), people.viewer()):
        if len(found.get(each.drill, ())) < drilling.SHOWN_TRIES:
            found[each.drill] = (*found.get(each.drill, ()), each)
    return found


def card(drill: Drill, tried: tuple[Try, ...]) -> None:
    """One drill in the list."""
    with st.container(border=True):
        title, what = pick(drill.title, lang()), pick(drill.what, lang())
        drawn = as_image(drill.figure, title)
        shown = "".join(
            f'<span class="{dot["mark"]}" title="{escape(dot["text"], quote=True)}">{dot["shape"]}</span>'
            for dot in dots(tried, drill, pack_of(drill), lang())
        )
        st.button(plain(title), key=f"open-{drill.id}", width="stretch", on_click=show, args=(drill.id,))
        st.html(
            f'<div class="drill-card">{drawn}<p>{escape(what)}</p></div>'
            f'<div class="drill-dots" role="img" aria-label="{_("Your last five tries")}">{shown}</div>'
        )


def one(drill: Drill) -> None:
    """One drill: consent first, then everything happens in the browser."""
    st.header(plain(pick(drill.title, lang())))
    obstacle = why_not(sound_only=drill.camera == "none") or unheard(drill)
    if obstacle:
        st.info(obstacle)
    elif agreed():
        practised(drill)
    else:
        ask(drill)
    with st.container(horizontal=True, vertical_alignment="center"):
        if (following := next_today(drill)) is not None:
            label = _("Next: {title}", title=pick(following.title, lang()))
            st.button(label, key="next", on_click=show, args=(following.id,))
        pages.link("today", _("To today's drills"))
        st.button(_("All drills"), key="all", type="tertiary", on_click=show, args=(None,))
    st.caption(_("The picture stays in this browser, the sound is only measured; nothing is kept unless you keep it."))


def unheard(drill: Drill) -> str | None:
    """Why the words of a drill cannot be heard here; None where they can, or are not asked for."""
    absent = take_words.lacking(drill)
    if not absent:
        return None
    return _("This drill is about words, and what hears them is not on this machine ({what}): `liyi models fetch` "
             "brings the model.", what=listed(absent, lang()))  # fmt: skip


def show(id: str | None) -> None:
    """Show another drill on this page, or all of them.

    A link from a page to itself would leave the browser's address as it was: the old drill would come back on reload.
    """
    if id is None:
        st.query_params.clear()
    else:
        st.query_params["id"] = id


def next_today(drill: Drill) -> Drill | None:
    """The drill of the day that comes after this one, so that nobody has to go back for it."""
    post = history.post()
    if post is None:
        return None
    tried, today_s = history.own_tries(), history.start_of_day(zone())
    done = {each.drill for each in tried if each.at >= today_s}
    judged = [each.assessment for each in history.own()]
    chosen = choosing.choose(judged, tried, post=post, today_s=today_s, without=take_words.unheard())
    return next((each.drill for each in chosen if each.drill.id not in {drill.id, *done}), None)


def agreed() -> bool:
    """Whether who looks has agreed to be measured while practising."""
    return people.has_agreed(_(CONSENT, place=here()), version=VERSION)


def ask(drill: Drill) -> None:
    """What is to be agreed to, once."""
    st.write(plain(pick(drill.what, lang())))
    not_inferred.draw()
    given = st.checkbox(_(CONSENT, place=here()))
    if st.button(_("To the drill"), type="primary", disabled=not given):
        try:
            people.agree(_(CONSENT, place=here()), version=VERSION)
        except LiyiError as error:
            st.error(explain(error))
        else:
            st.rerun()
    if not given:
        st.caption(_("Agree to this above, then go on."))


def practised(drill: Drill) -> None:
    """The drill itself; its token is kept for as long as the server knows it."""
    key = f"drill-token-{drill.id}-{lang()}"
    token = st.session_state.get(key)
    if token is None or drilling.by_token(token) is None:
        token = st.session_state[key] = drilling.begin(drill.id, lang=lang())
    tried = tries.mine(people.records(), people.viewer(), drill.id, drilling.SHOWN_TRIES)
    news = drilled(drill, token, lang=lang(), tried=tried)
    if news.failed is not None and drill.camera != "none":
        st.session_state["camera-refused"] = True
    if st.session_state.get("camera-refused") and drill.camera != "none":
        without_camera()
    if news.kept is not None:
        st.session_state["kept-take"] = str(news.kept.get("id", ""))
    if kept := st.session_state.get("kept-take"):
        st.page_link(
            pages.shown(pages.at("assess")), label=_("Show the kept take's report"), query_params={"job": kept}
        )


def without_camera() -> None:
    """The drills that need no camera."""
    st.write(_("These drills need the microphone alone:"))
    for drill in all_drills().values():
        if drill.camera == "none":
            title = plain(pick(drill.title, lang()))
            st.button(title, key=f"voice-{drill.id}", on_click=show, args=(drill.id,))


PAGE = pages.Page(N_("Drills"), "drill", "trainee", 1, page)
