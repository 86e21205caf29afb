"""Cases: stretches of recordings that their owners let their cohort see, to look at and to talk about."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import N_
from liyi.records.operations import case_views, cases
from liyi.records.operations.case_views import CaseState
from liyi.records.unit_of_work import PAGE as ROWS
from liyi.ui import pages, people
from liyi.ui.cases import case_words, consenting, proposing, showing
from liyi.ui.wording import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.records.operations.case_views import Case


def page() -> None:
    """What waits for the viewer, what is shown now, and what is over of one's own; or one case, or the form."""
    st.header(_(PAGE.title))
    case_words.say()
    if asked := st.query_params.get("propose"):
        proposing.draw(asked)
        return
    if shown := st.query_params.get("case"):
        showing.draw(shown)
        return
    size = st.session_state.setdefault("cases-rows", ROWS)
    found = case_views.cases(people.records(), people.viewer(), size=size + 1)
    draw_all(found[:size])
    if len(found) > size and st.button(_("Show more")):
        st.session_state["cases-rows"] = size + ROWS
        st.rerun()


def draw_all(found: Sequence[Case]) -> None:
    """The list, in the order in which something is to be done."""
    asked = [each for each in found if each.mine and each.state == CaseState.asked]
    for each in asked:
        with st.container(border=True):
            consenting.ask(each)
    offered = [each for each in found if each.state == CaseState.offered]
    waiting = [each for each in found if each.state == CaseState.asked and not each.mine]
    over = [each for each in found if each.state in (CaseState.declined, CaseState.withdrawn, CaseState.over)]
    making = [each for each in found if each.state in (CaseState.making, CaseState.failed)]
    shown = [each for each in found if each.state == CaseState.shown]
    for title, group in ((N_("Offered"), offered), (N_("Being made"), making), (N_("Shown now"), shown),
                         (N_("Waiting for the owner"), waiting)):  # fmt: skip
        if group:
            st.subheader(_(title))
            for each in group:
                _row(each)
    if not (asked or offered or making or shown):
        nothing_yet()
    if over:
        with st.expander(_("Over: {count}", count=len(over))):
            for each in over:
                _head(each)


def _row(case: Case) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        _head(case)
        if case.state == CaseState.asked:
            if st.button(_("Take back"), key=f"back-{case.id}"):
                case_words.act(lambda: cases.withdraw_case(people.records(), people.viewer(), case.id),
                               _("It is not shown to anybody."))  # fmt: skip
        elif st.button(_("Open"), key=f"open-{case.id}", type="primary"):
            pages.go(case_words.ADDRESS, case=case.id.hex)


def _head(case: Case) -> None:
    told = [_(case_words.STATES[case.state])] if case.state != CaseState.shown else []
    if case.comments:
        told.append(_("comments: {count}", count=case.comments))
    if case.mine:
        told.append(_("of your recording"))
    elif case.owner:
        told.append(case.owner)
    st.html(f'<div class="row"><div class="head"><b>{escape(case.title)}</b></div>'
            f'<span class="soft">{escape(case_words.about(case))}</span>'
            f'<span class="soft">{escape(" · ".join(told))}</span></div>')  # fmt: skip


def nothing_yet() -> None:
    """What there will be, and how a case comes about."""
    st.write(
        _(
            "Nothing is shown to you yet. A case is a short stretch of a recording, exemplary or instructive, that "
            "its owner lets the cohort see until a day, most often as a skeleton without picture and sound."
        )
    )
    if "trainer" in people.roles():
        st.write(_("You propose one from the review of a recording, with “Propose a case”. Its owner is asked first."))
    else:
        st.write(_("You can offer one of your own submitted recordings: under Recordings, More."))


PAGE = pages.Page(N_("Cases"), "cases", ("trainee", "trainer"), 6, page, team=True)
