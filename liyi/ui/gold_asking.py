"""Asking the owner of a recording whether it may serve as gold clip (校准样片), and the way out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records.operations import gold
from liyi.ui import people
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.records.operations.gold import Clip

WHAT = N_(
    "A gold clip is a recording that several raters judge alone, so that people and the tool can be held against it. "
    "Nobody sees it who does not judge you anyway, and your name is told to nobody else. It may be shown to them again "
    "to be rated, for as long as the recording is kept."
)
FREE = N_(
    "You may decline without a reason: nothing follows from it, and only who asked is told. You may end it at any "
    "time; all ratings of it go then."
)


def own() -> list[Clip]:
    """What was asked of one's own recordings, and what one has consented to; nothing without sign-in."""
    if not people.team():
        return []
    who = people.viewer()
    return [each for each in gold.gold_clips(people.records(), who) if each.proposed_by_id != who.person_id]


def ask() -> None:
    """Each question that waits, with what it means; then what one has consented to, with the way out."""
    found = own()
    for each in found:
        if each.answer == "asked":
            _question(each)
    if given := [each for each in found if each.answer == "consented"]:
        with st.expander(_("My recordings that serve as gold clips: {count}", count=len(given))):
            st.caption(_(WHAT))
            for each in given:
                bar = st.container(horizontal=True, vertical_alignment="center")
                bar.write(f"{plain(each.name)} · {when(each.recorded_at.timestamp())}")
                bar.button(_("Withdraw my consent"), key=f"gold-end-{each.recording_id}", on_click=_act,
                           args=(gold.end_gold, each))  # fmt: skip


def _question(each: Clip) -> None:
    with st.container(border=True, key=f"gold-{each.recording_id}"):
        st.subheader(_("May this recording serve as a gold clip?"))
        st.write(_("{who} asks for your recording “{name}” of {time}.", who=plain(each.proposed_by),
                   name=plain(each.name), time=when(each.recorded_at.timestamp())))  # fmt: skip
        st.write(_(WHAT))
        st.caption(_(FREE))
        bar = st.container(horizontal=True)
        for label, consented in ((N_("I agree"), True), (N_("I decline"), False)):
            bar.button(_(label), key=f"gold-{consented}-{each.recording_id}", on_click=_act,
                       args=(gold.answer_gold, each), kwargs={"consented": consented})  # fmt: skip


def _act(act: Callable[..., object], each: Clip, **named: bool) -> None:
    try:
        act(people.records(), people.viewer(), each.recording_id, **named)
    except LiyiError as error:
        st.error(explain(error))
