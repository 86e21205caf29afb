"""A case as members see it: the clip, what to look at, the question, and what people say to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.moments import moment
from liyi.records.operations import case_clips, case_views, cases
from liyi.records.operations.case_views import CaseState
from liyi.records.validation import MOST_TEXT
from liyi.scoring.answers import error_from_json
from liyi.ui import drafts, pages, people
from liyi.ui.cases import case_words, consenting
from liyi.ui.cases.making import criterion_name
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from liyi.records.operations.case_views import Case, Said

_SENT = "cases-sent"  # in the page's state: how many comments were sent


def draw(case_id: str) -> None:
    """Draw one case; raises LiyiError when the viewer may not know of it."""
    case = case_views.one_case(people.records(), people.viewer(), case_id)
    pages.link(case_words.ADDRESS, _("All cases"))
    if case.state == CaseState.asked and case.mine:
        consenting.ask(case)
        return
    st.subheader(plain(case.title))
    st.caption(plain(case_words.about(case)))
    if case.state in (CaseState.making, CaseState.failed):
        _made(case)
        return
    if case.state not in (CaseState.shown, CaseState.offered):
        st.write(_("It is not shown to anybody: {state}.", state=_(case_words.STATES[case.state])))
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        case_words.frame(f"{case.id.hex}/page", case.id.hex)
        for each in case_words.RISKS_TO_MEMBERS[case.form]:
            st.caption(_(each))
    with right:
        st.caption(_("Criterion: {name}", name=plain(criterion_name(case.pack_id, case.criterion, lang()))))
        if case.state == CaseState.offered:
            _answer(case)
            return
        st.text(_("What to look at: {text}", text=case.look_at))
        _discussion(case)
        _end(case)


def _made(case: Case) -> None:
    """What is being made, or why it could not be; its owner may have it tried again, or withdraw."""
    if case.state == CaseState.making:
        st.write(
            _("The clip is being made; you need not wait.")
            if case.mine
            else _("Its owner has agreed. The clip is being made.")
        )
    elif case.failed is None:
        st.write(_("Its owner has agreed, but the clip could not be made. The owner is told why."))
    else:
        st.write(
            _(
                "The clip could not be made: {why}",
                why=explain(error_from_json(case.failed["sentence"], case.failed["fields"])),
            )
        )
        if st.button(_("Try again"), type="primary", key="retry-clip"):
            case_words.act(lambda: case_clips.retry_clip(people.records(), people.viewer(), case.id),
                           _("The clip is being made; you need not wait."), case=case.id.hex)  # fmt: skip
    _end(case)


def _answer(case: Case) -> None:
    """A trainer takes up what an owner offers, or does not; its owner may withdraw it."""
    if not case.answers:
        consenting.told(case)
        _end(case)
        return
    st.write(_("{name} offers this to the cohort. Its members see it once you take it up.", name=plain(case.owner)))
    consenting.told(case)
    st.caption(_("It is shown in the words that its owner agreed to. What you want to ask, you write as a comment."))
    store, who, bar = people.records(), people.viewer(), st.container(horizontal=True)
    if bar.button(_("Show it to the cohort"), type="primary"):
        case_words.act(lambda: cases.accept_case(store, who, case.id),
                    _("It is shown from now on."), case=case.id.hex)  # fmt: skip
    if bar.button(_("Do not show it")):
        case_words.act(lambda: cases.decline_case(store, who, case.id), _("It is not shown to anybody."))


def _end(case: Case) -> None:
    """The way to end it, for its owner and for the trainers of its cohort."""
    if not (case.mine or case.ends):
        return
    if case.mine:
        st.caption(_("This is of your recording. Your name is not shown."))
    elif case.owner:
        st.caption(_("Of a recording of {name}; members are not told whose it is.", name=plain(case.owner)))
    with st.popover(_("Withdraw") if case.mine else _("End it")):
        st.write(_("From then on nobody sees it, and the comments go with it. This cannot be undone."))
        if st.button(_("Withdraw it now") if case.mine else _("End it now"), key="withdraw-case"):
            case_words.act(lambda: cases.withdraw_case(people.records(), people.viewer(), case.id),
                        _("It is not shown to anybody."))  # fmt: skip


def _discussion(case: Case) -> None:
    st.subheader(_("Discussion"))
    found = case_views.case_comments(people.records(), people.viewer(), case.id)
    if not found:
        st.caption(_("Nobody has said anything yet."))
    for each in found:
        _comment(case, each)
    asked = plain(case.question) if case.question else _("What do you say to it?")
    text = drafts.text(st.text_area, asked, f"say-{case.id.hex}", "text", sent=_sent(), max_chars=MOST_TEXT)
    st.caption(_("Your name stands beside it. Speak of what is done, not of who does it."))
    if st.button(_("Send the comment"), type="primary", key=f"send-{case.id}"):
        case_words.act(lambda: _keep(case, text), _("Kept."), sent=f"say-{case.id.hex}", case=case.id.hex)


def _keep(case: Case, text: str) -> None:
    case_views.comment_on_case(people.records(), people.viewer(), case.id, text)
    st.session_state[_SENT] = _sent() + 1  # an empty field for the next one


def _sent() -> int:
    return int(st.session_state.get(_SENT, 0))


def _comment(case: Case, said: Said) -> None:
    with st.container(border=True):
        st.text(said.text)
        bar = st.container(horizontal=True, vertical_alignment="center")
        bar.caption(plain(f"{said.author} · {moment(said.created_at, zone())}"))
        own = said.author_id == people.viewer().person_id
        if said.removable and bar.button(_("Take back") if own else _("Remove"), key=f"remove-{said.id}"):
            case_words.act(lambda: case_views.remove_case_comment(people.records(), people.viewer(), said.id),
                        _("Removed."), case=case.id.hex)  # fmt: skip
