"""What needs care: the home of an administrator. Nothing on it tells of anybody's practice."""

from __future__ import annotations

from html import escape

import streamlit as st

from liyi.core.words import N_, listed
from liyi.records.operations import care, people
from liyi.ui import pages
from liyi.ui import people as signed_in
from liyi.ui.wording import _, lang

_GROUPS = {"machine": N_("The server and its rules"), "people": N_("People and their roles")}


def page() -> None:
    """Everything that needs care, by what it is about; one sentence where nothing does."""
    st.header(_(PAGE.title))
    store, who = signed_in.records(), signed_in.viewer()
    found = care.care(store, who)
    if not found:
        st.html(f'<p class="row"><b><span class="mark-good" aria-hidden="true">●</span> '
                f"{escape(_('Everything is in order.'))}</b></p>")  # fmt: skip
    for group, title in _GROUPS.items():
        if theirs := [each for each in found if each.about == group]:
            st.subheader(_(title))
            for each in theirs:
                draw(each)
            if group == "people" and pages.has("people", signed_in.roles()):
                pages.link("people", _("See to it under People"))
    st.caption(_("As of now: {people} people, {cohorts} cohorts. No recording is shown to an administrator.",
                 **_counts()))  # fmt: skip


def draw(one: care.Care) -> None:
    """One thing to look after, with the first names of those whom it concerns."""
    sentence = escape(_(one.notice.sentence, **one.notice.fields)).replace("`", "")
    names = listed(one.names, lang())
    of = f'<span class="soft">{escape(names)}</span>' if names else ""
    st.html(
        f'<div class="row"><span><span class="mark-attention" aria-hidden="true">▲</span> {sentence}</span>{of}</div>'
    )


def _counts() -> dict[str, str]:
    from liyi.records.operations import cohorts
    from liyi.records.unit_of_work import MOST

    store, who = signed_in.records(), signed_in.viewer()
    here = [each for each in people.people(store, who, size=MOST) if each.left_at is None]
    groups = cohorts.cohorts(store, who, size=MOST)
    return {"people": _count(len(here), MOST), "cohorts": _count(len(groups), MOST)}


def _count(number: int, most: int) -> str:
    return str(number) if number < most else f"{most}+"


PAGE = pages.Page(N_("What needs care"), "care", "admin", 9, page)
