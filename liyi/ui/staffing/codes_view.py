"""One-time codes for many people at once: whoever has no password yet is chosen, and their codes are shown this once.

They stand on the page until another view or page is opened, and in a sheet to print, cut and hand over; nowhere else.
"""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.moments import moment
from liyi.core.templates import template
from liyi.core.words import translate
from liyi.records.operations import accounts, roster
from liyi.records.unit_of_work import MOST
from liyi.ui import people as signed_in
from liyi.ui.plain import explain
from liyi.ui.staffing import shown
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo
    from uuid import UUID

    from liyi.records.operations.accounts import Issued

_KEPT = "people-codes"  # what was just issued, for this page alone
_STATES = ("none", "code")
_TEMPLATES = Path(__file__).parents[1] / "templates"


def draw() -> None:
    """Choose people, then their codes; or the codes that were just issued."""
    issued: list[Issued] | None = st.session_state.get(_KEPT)
    if issued:
        _shown(issued)
        return
    st.write(_("People who have an account and no password yet. Each gets a code of their own, with which they set a "
               "password; an earlier code opens nothing any more."))  # fmt: skip
    waiting = _waiting()
    if not waiting:
        st.write(_("Everybody here who has an account has a password."))
        return
    chosen = st.multiselect(_("For whom"), list(waiting), list(waiting), format_func=lambda id: waiting[id],
                            key="codes-for", max_selections=MOST)  # fmt: skip
    if st.button(_("Issue {count} one-time codes", count=len(chosen)), type="primary", disabled=not chosen):
        try:
            st.session_state[_KEPT] = accounts.issue_codes(signed_in.records(), signed_in.viewer(), chosen)
        except LiyiError as error:
            st.error(explain(error))
        else:
            st.rerun()


def forget() -> None:
    """Another view or page is open: what was shown once is shown no more."""
    st.session_state.pop(_KEPT, None)


def _waiting() -> dict[UUID, str]:
    """People who cannot sign in yet, by department and cohort where one is chosen."""
    store, who = signed_in.records(), signed_in.viewer()
    departments, groups = shown.department_names(), shown.cohorts_administered()
    left, right = st.columns(2)
    everything = _("All")
    department = left.selectbox(_("Department"), [None, *departments], key="codes-department",
                                format_func=lambda id: departments[id] if id else everything)  # fmt: skip
    cohort = right.selectbox(_("Cohort (class)"), [None, *groups], key="codes-cohort",
                             format_func=lambda id: groups[id].name if id else everything)  # fmt: skip
    states = accounts.accounts(store, who)
    found = roster.roster(store, who, department_id=department, cohort_id=cohort, size=MOST)
    return {
        entry.person.id: f"{entry.person.name} · {entry.person.account}"
        for entry in found.entries
        if entry.person.account and entry.person.id != who.person_id
        and (state := states.get(entry.person.id)) is not None and state.state in _STATES
    }  # fmt: skip


def _shown(issued: Sequence[Issued]) -> None:
    until = moment(issued[0].code.until, zone())
    st.html(f'<span role="status"><span class="mark-good" aria-hidden="true">●</span> '
            f"{escape(_('Issued: {count} one-time codes.', count=len(issued)))}</span>")  # fmt: skip
    st.caption(_("These codes are shown only now. Print the sheet, cut it and hand each slip over in person; a code "
                 "opens its account once, until {until}.", until=until))  # fmt: skip
    bar = st.container(horizontal=True)
    written = partial(sheet, [*issued], lang(), zone())
    bar.download_button(_("Sheet to print (.html)"), written, "codes.html", "text/html", key="codes-sheet",
                        on_click="ignore", type="primary")  # fmt: skip
    if bar.button(_("Done: hide the codes"), key="codes-done"):
        forget()
        st.rerun()
    heads = (_("Full name"), _("Account"), _("One-time code"))
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    rows = "".join(
        f"<tr><td>{escape(each.name)}</td><td>{escape(each.account)}</td><td><code>{escape(each.code.text)}</code></td></tr>"
        for each in issued
    )
    st.html(f'<div class="wide" tabindex="0" role="region" aria-label="{escape(_("One-time codes"))}">'
            f'<table class="told"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>')  # fmt: skip


def sheet(issued: Sequence[Issued], language: str, clock: tzinfo) -> str:
    """A page to print, with a slip for each person."""
    until = moment(issued[0].code.until, clock, named=True)
    page = template("codes.html.j2", _TEMPLATES)
    return page.render(_=partial(translate, lang=language), lang=language, issued=issued, until=until)
