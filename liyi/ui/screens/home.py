"""Today: what to practise next and why, what the last assessments came to, and one button."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_, pick
from liyi.etiquette.drill import all_drills, pack_of
from liyi.etiquette.norms import load_pack
from liyi.report.findings import mark_of_score
from liyi.report.totals import total_text
from liyi.ui import choosing, gold_asking, history, pages, people, plot, sample, submitting, takes
from liyi.ui.cases import consenting
from liyi.ui.figure import as_image
from liyi.ui.live.take import dots
from liyi.ui.live.take_words import unheard
from liyi.ui.plain import explain, plain
from liyi.ui.screens.assess import SAMPLE
from liyi.ui.wording import _, here, lang, when, zone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.records.operations.tries import Try
    from liyi.ui.choosing import Choice
    from liyi.ui.history import Judged

PACK = "counter"  # its profiles are the posts
RECENT = 3
DOTS = 5
_STYLE = """<style>
.today-drill {display: flex; gap: 12px; align-items: center}
.today-drill img {width: 72px; height: 60px; flex: none}
.today-drill p {margin: 0; line-height: 1.5; color: var(--soft)}
.today-drill b {color: var(--text)}
</style>"""


def posts() -> dict[str, str]:
    """The posts that there are, by id."""
    pack = load_pack(PACK)
    return {id: pack.profile_name(id, lang()) for id in pack.profiles}


def choose_post(current: str | None = None) -> None:
    """A button for each post; one tap."""
    for column, (id, name) in zip(st.columns(len(posts())), posts().items(), strict=True):
        chosen = id == current
        if column.button(name, key=f"post-{id}", width="stretch", type="primary" if chosen else "secondary"):
            history.choose_post(id)
            st.rerun()


def first_visit() -> None:
    """Whoever comes for the first time says the post, and sees what a report is like."""
    st.write(_("Twenty seconds before camera and microphone, and at once what was good and what to do first: bearing "
               "and voice, one thing at a time."))  # fmt: skip
    st.subheader(_("Which post do you work at?"))
    st.caption(_("It decides which drills are proposed. You can change it at any time."))
    choose_post()
    show_sample()


def show_sample() -> None:
    """The way to a report before anything of one's own was recorded."""
    if st.button(_("See a sample report"), key="sample"):
        try:
            people.agree(_(SAMPLE, place=here()), version="sample-1")
            with st.spinner(_("The sample report is being written")):
                id = sample.keep(lang())
        except LiyiError as error:
            st.error(explain(error))
        else:
            pages.go("assess", job=id)
    st.caption(_(SAMPLE, place=here()))


def today(chosen: Sequence[Choice], tries: Sequence[Try]) -> None:
    """The drills of the day, and the button that begins or goes on."""
    done = {each.drill for each in tries if each.at >= history.start_of_day(zone())}
    left = [each for each in chosen if each.drill.id not in done]
    st.subheader(_("What to practise today"))
    if len(left) == len(chosen):
        st.caption(_("Three minutes before work: {count} drills, one after the other.", count=len(chosen)))
    else:
        st.caption(_("Three minutes before work: {count} drills, one after the other. {done} of them done today.",
                     count=len(chosen), done=len(chosen) - len(left)))  # fmt: skip
    if left:
        title = plain(pick(left[0].drill.title, lang()))
        label = _("Begin: {title}", title=title) if len(left) == len(chosen) else _("Next: {title}", title=title)
        if st.button(label, type="primary", width="stretch", key="begin"):
            pages.go("drill", id=left[0].drill.id)
    else:
        st.write(_("All of today's drills are done. Once more is always good."))
        pages.link("drill", _("All drills"))
    for column, each in zip(st.columns(len(chosen)), chosen, strict=True):
        with column.container(border=True, height="stretch", gap="small"):
            card(each, tries, done=each.drill.id in done)


def card(choice: Choice, tries: Sequence[Try], *, done: bool) -> None:
    """One drill: what it is called, why it is proposed, and the last tries at it."""
    drill = choice.drill
    reason = _("Practised today") if done and choice.is_of_tries else _(choice.why, **choice.fields)
    title, why = escape(pick(drill.title, lang())), escape(reason)
    st.html(f'<div class="today-drill">{as_image(drill.figure, "")}<p><b>{title}</b><br>{why}</p></div>')
    with st.container(horizontal=True, vertical_alignment="center"):
        pages.link("drill", _("Once more") if done else _("Practise this"), id=drill.id)
        if own := [each for each in tries if each.drill == drill.id][:DOTS]:
            st.html(tried(own), width="content")


def tried(newest_first: Sequence[Try]) -> str:
    """Tries of one drill as signs, the newest at the right; the same ones that the drill itself shows."""
    drill = all_drills().get(newest_first[0].drill)
    if drill is None:  # of the unit, and not there any more
        signs = [(("●", "good") if each.passed else ("▲", "attention")) for each in reversed(newest_first)]
        told = [_("met") if each.passed else _("not met") for each in reversed(newest_first)]
    else:
        drawn = dots(newest_first, drill, pack_of(drill), lang())
        signs, told = [(each["shape"], each["mark"]) for each in drawn], [each["text"] for each in drawn]
    titles = [f"{when(each.at)} · {text}" for each, text in zip(reversed(newest_first), told, strict=True)]
    return plot.dots([(*sign, title) for sign, title in zip(signs, titles, strict=True)], "; ".join(titles))


def recent(found: Sequence[Judged]) -> None:
    """What the last assessments came to, each with its report."""
    st.subheader(_("Last results"))
    for each in found[:RECENT]:
        entry, judged = each.entry, each.assessment
        mark = mark_of_score(None if judged.total is None else judged.total / 100)
        drill = takes.drill_of(entry.name)
        scene = pick(drill.title, lang()) if drill else posts().get(judged.profile, judged.profile)
        told = total_text(judged, lang()) if judged.total is not None else _("no total")
        words = " · ".join([when(entry.created_at)[5:10], f"{mark.shape} {told}", plain(scene)])
        if entry.kind == "rehearsal":
            pages.link("practise", words, rehearsal=entry.id)
        else:
            pages.link("assess", words, job=entry.id)
    pages.link("progress", _("See your progress"))


def streak(found: Sequence[Judged], tries: Sequence[Try]) -> None:
    """On how many days one has practised; nothing is said where there is nothing to be glad of."""
    moments = [each.entry.created_at for each in found] + [each.at for each in tries]
    row, week = history.days(moments, zone())
    if row > 1:
        st.caption(_("You have practised {days} days in a row.", days=row))
    elif week > 1:
        st.caption(_("You have practised on {days} of the last seven days.", days=week))


def news() -> None:
    """The way to what somebody else has said of one's recordings since one last read it."""
    if count := sum(each.unread for each in submitting.standings().values()):
        pages.link("recordings", _("New from your trainer: {count} recordings", count=count))
    if asked := sum(each.answer == "asked" for each in gold_asking.own()):
        pages.link("recordings", _("You are asked whether recordings may serve as gold clips: {count}", count=asked))


def page() -> None:
    """The first visit asks for the post; from then on the page says what is next."""
    st.html(plot.STYLE + _STYLE)
    st.header(_(PAGE.title))
    news()
    consenting.news()
    post = history.post()
    if post is None:
        first_visit()
        return
    found, tries = history.own(), history.own_tries()
    streak(found, tries)
    judged = [each.assessment for each in found]
    today_s = history.start_of_day(zone())
    chosen = choosing.choose(judged, tries, post=post, today_s=today_s, without=unheard())
    if chosen:
        today(chosen, tries)
    if found:
        recent(found)
    else:
        show_sample()
    with st.popover(_("Post: {post}", post=posts().get(post, post))):
        choose_post(post)


PAGE = pages.Page(N_("Today"), "today", "trainee", 0, page)
