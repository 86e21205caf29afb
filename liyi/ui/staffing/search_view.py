"""Everybody whom the viewer administers: searched, narrowed, a page at a time; and somebody new."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.words import listed
from liyi.records.operations import accounts, enrolment, roster
from liyi.records.people_sheet import Held, Line
from liyi.records.schema import Role
from liyi.records.unit_of_work import MOST
from liyi.ui import people as signed_in
from liyi.ui.plain import plain
from liyi.ui.staffing import changes, shown
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from uuid import UUID

SIZE = 25


def draw() -> None:
    """The list, and a form for somebody new."""
    store, who = signed_in.records(), signed_in.viewer()
    departments, groups = shown.department_names(), shown.cohorts_administered()
    with st.expander(_("Enter somebody new"), key="new-person"):
        _new_person(departments)
    asked = _asked(departments, {id: row.name for id, row in groups.items()})
    if st.session_state.get("people-asked") != asked:
        st.session_state["people-asked"], st.session_state["people-page"] = asked, 0
    found = roster.roster(store, who, **asked, size=SIZE, offset=int(st.session_state["people-page"]) * SIZE)
    st.caption(_("{count} people. No recording and no practice is shown here.", count=found.total))
    states = accounts.accounts(store, who) if found.entries else {}
    for entry in found.entries:
        bar = st.container(horizontal=True, wrap=False, vertical_alignment="center")
        state = shown.state_html(states.get(entry.person.id), entry.person.account)
        bar.container(width="stretch").html(
            shown.person_html(entry, departments, groups, "" if entry.person.left_at else state)
        )
        if bar.button(_("Open"), key=f"person-{entry.person.id}", help=plain(entry.person.name)):
            changes.go(person=str(entry.person.id))
    if not found.entries:
        st.write(_("Nobody is found by this. Search for a part of the name or the account, or choose All."))
    shown.turn(found.total, SIZE, "people-page")


def _asked(departments: dict[UUID, str], groups: dict[UUID, str]) -> dict[str, Any]:
    """What the list is narrowed to."""
    first, second, third, fourth = st.columns(4)
    text = first.text_input(_("Name or account"), key="people-text", max_chars=100)
    everything = _("All")
    department = second.selectbox(
        _("Department"), [None, *departments], key="people-department",
        format_func=lambda id: departments[id] if id else everything,
    )  # fmt: skip
    cohort = third.selectbox(
        _("Cohort (class)"),
        [None, *groups],
        key="people-cohort",
        format_func=lambda id: groups[id] if id else everything,
    )
    role = fourth.selectbox(
        _("Role"),
        [None, *Role],
        key="people-role",
        format_func=lambda role: shown.role_name(role) if role else everything,
    )
    left = st.checkbox(_("Show people who have left"), key="people-left")
    return {"text": text, "department_id": department, "cohort_id": cohort, "role": role, "left": left}


def _new_person(departments: dict[UUID, str]) -> None:
    with st.form("new-person-form", border=False, clear_on_submit=False):
        left, right = st.columns(2)
        name = left.text_input(_("Full name"), max_chars=200, key="new-name")
        account = right.text_input(_("Account (empty: cannot sign in)"), max_chars=200, key="new-account")
        with left:
            department = shown.chosen_department(_("Department"), "new-department", now=None, whole=_("none"))
        roles = right.multiselect(_("Roles"), list(Role), [Role.trainee], format_func=shown.role_name, key="new-roles")
        if not st.form_submit_button(_("Enter"), type="primary"):
            return
    if not name.strip():
        st.error(_("Enter a name first."))
        return
    line = Line(0, name, account=account or None, department=departments[department] if department else None,
                roles=tuple(Held(role, _within(departments)) for role in roles))  # fmt: skip
    _enter(line)


def _within(departments: dict[UUID, str]) -> str | None:
    """The department in which a role is given by somebody who does not administer the whole organisation."""
    mine = shown.administered()
    return None if None in mine else next((departments[id] for id in mine if id), None)


def _enter(line: Line) -> None:
    """Enter one person as a list of one line: all of it or nothing."""
    store, who = signed_in.records(), signed_in.viewer()

    def named() -> set[UUID]:
        found = roster.roster(store, who, text=line.account or line.name, size=MOST)
        return {entry.person.id for entry in found.entries}

    draft, before = enrolment.draft_people(store, who, [line]), named()
    if draft.faults:
        st.error(plain(listed((_(each.notice.sentence, **each.notice.fields) for each in draft.faults), lang())))
        return
    said = _("{name} is entered. Give them a one-time code below, so that they can sign in.", name=line.name)
    changes.act(lambda: enrolment.enter_people(store, who, [line], draft.key), said,
             then=lambda: {"person": str((named() - before).pop())})  # fmt: skip
