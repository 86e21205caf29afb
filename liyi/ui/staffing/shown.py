"""How people, their roles and their cohorts are shown on the page."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.moments import day
from liyi.core.words import N_, listed
from liyi.records.operations import cohorts, people
from liyi.records.role_names import ROLE_NAMES
from liyi.records.schema import Role
from liyi.records.unit_of_work import MOST
from liyi.ui import people as signed_in
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from liyi.records.operations.accounts import AccountState
    from liyi.records.operations.roster import Entry
    from liyi.records.schema import Cohort, RoleGrant

# Shape, style and words of how an account stands.
STATES: Mapping[str, tuple[str, str, str]] = {
    "active": ("●", "good", N_("can sign in")),
    "code": ("▲", "attention", N_("one-time code not used yet")),
    "locked": ("■", "fault", N_("locked for some minutes")),
    "none": ("○", "open", N_("cannot sign in yet")),
}

_WHOLE = "whole"


def department_names() -> dict[UUID, str]:
    """Departments of the organisation, by name."""
    rows = people.departments(signed_in.records(), signed_in.viewer())
    return {row.id: row.name for row in rows}


def cohorts_administered() -> dict[UUID, Cohort]:
    """Cohorts of the viewer, the newest first, at most `MOST`."""
    rows = cohorts.cohorts(signed_in.records(), signed_in.viewer(), size=MOST)
    return {row.id: row for row in rows}


def role_text(grant: RoleGrant, departments: Mapping[UUID, str]) -> str:
    """A role, with its department where it holds in one only."""
    word = _(ROLE_NAMES[grant.role])
    if grant.department_id is None:
        return word
    return _("{role} of {department}", role=word, department=departments.get(grant.department_id, "–"))


def role_name(role: Role) -> str:
    """A role in the page's language."""
    return _(ROLE_NAMES[role])


def summary(entry: Entry, departments: Mapping[UUID, str], groups: Mapping[UUID, Cohort]) -> str:
    """Department, roles and cohorts of a person in one line."""
    inside = [groups[row.cohort_id].name for row in entry.memberships if row.cohort_id in groups]
    parts = [
        departments.get(entry.person.department_id, "") if entry.person.department_id else "",
        listed(dict.fromkeys(role_text(row, departments) for row in entry.roles), lang()) or _("no role yet"),
        listed(dict.fromkeys(inside), lang()),
    ]
    return " · ".join(part for part in parts if part)


def state_html(state: AccountState | None, account: str | None) -> str:
    """How an account stands, as shape and words."""
    if account is None:
        return f'<span class="mark-open"><span aria-hidden="true">○</span> {escape(_("no account"))}</span>'
    shape, style, words = STATES[state.state if state else "none"]
    return f'<span class="mark-{style}"><span aria-hidden="true">{shape}</span> {escape(_(words))}</span>'


def last_signed_in(state: AccountState | None) -> str:
    """The day of the last sign-in, where there was one."""
    if state is None or state.signed_in_at is None:
        return ""
    return _("last signed in on {day}", day=day(state.signed_in_at, zone()))


def person_html(entry: Entry, departments: Mapping[UUID, str], groups: Mapping[UUID, Cohort], state: str) -> str:
    """A person as a row of a list."""
    account = f'<span class="soft">{escape(entry.person.account)}</span>' if entry.person.account else ""
    return (
        f'<div class="row"><span class="head"><b>{escape(entry.person.name)}</b>{account}<span>{state}</span></span>'
        f'<span class="soft">{escape(summary(entry, departments, groups))}</span></div>'
    )


def pager(total: int, size: int, key: str) -> int:
    """Which page of a long list is shown: its offset; buttons below where there are several."""
    page = int(st.session_state.get(key, 0))
    return min(page, max(0, (total - 1) // size)) * size


def turn(total: int, size: int, key: str) -> None:
    """The buttons that turn the pages of a long list."""
    last = max(0, (total - 1) // size)
    page = min(int(st.session_state.get(key, 0)), last)
    if not last:
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    if bar.button(_("Previous page"), key=f"{key}-before", disabled=page == 0):
        st.session_state[key] = page - 1
        st.rerun()
    bar.write(_("Page {page} of {last}", page=page + 1, last=last + 1))
    if bar.button(_("Next page"), key=f"{key}-after", disabled=page == last):
        st.session_state[key] = page + 1
        st.rerun()


def administered() -> set[UUID | None]:
    """The departments that the viewer administers; None among them for the whole organisation."""
    store, who = signed_in.records(), signed_in.viewer()
    held = people.roles(store, who, who.person_id)
    return {row.department_id for row in held if row.role == Role.admin}


def whole_organisation() -> bool:
    """Whether the viewer administers the whole organisation, not only departments of it."""
    return None in administered()


def chosen_department(label: str, key: str, *, now: UUID | None, whole: str) -> UUID | None:
    """Ask for a department that the viewer administers; ``whole`` is the word for none of them."""
    names, mine = {str(id): (id, name) for id, name in department_names().items()}, administered()
    # What stands is part of the key: once it is changed, or taken back, the field shows that. A word for "none", as
    # Streamlit takes None for nothing chosen yet, and offers to clear it.
    options = [_WHOLE, *names] if None in mine else [key for key, (id, _name) in names.items() if id in mine]
    at = str(now) if now else _WHOLE
    chosen = st.selectbox(
        label, options, index=options.index(at) if at in options else 0, key=f"{key}-{at}",
        format_func=lambda key: whole if key == _WHOLE else names[key][1],
    )  # fmt: skip
    return names[chosen][0] if chosen in names else None
