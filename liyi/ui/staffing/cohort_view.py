"""Departments and cohorts: made, renamed, removed when empty; and one cohort with its trainees and trainers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import N_, listed
from liyi.records.operations import cases, cohorts, people, roster
from liyi.records.schema import Role
from liyi.records.unit_of_work import MOST
from liyi.ui import people as signed_in
from liyi.ui.plain import plain
from liyi.ui.staffing import changes, shown
from liyi.ui.staffing.person_view import joined
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from liyi.records.operations.roster import Entry
    from liyi.records.schema import Cohort

SIZE = 50
_FOUND = 10

_ENDING = N_(
    "Whatever is shown to this cohort as a case, or was asked for, ends at once, with its comments: when its trainer "
    "has left, for example. You are not told what it was. This cannot be undone."
)


def draw() -> None:
    """All departments, then all cohorts."""
    departments = shown.department_names()
    st.subheader(_("Departments"))
    if shown.whole_organisation():
        for id, name in departments.items():
            _department(id, name)
        _add_department()
    else:
        st.text(listed(departments.values(), lang()))
    st.subheader(_("Cohorts (classes)"))
    groups, sizes = shown.cohorts_administered(), roster.cohort_sizes(signed_in.records(), signed_in.viewer())
    for row in groups.values():
        _row(row, departments, *sizes.get(row.id, (0, 0)))
    if not groups:
        st.caption(_("There is no cohort yet. A trainer sees what the trainees of their cohorts submit."))
    _add_cohort()


def draw_cohort(id: str) -> None:
    """One cohort: its name and department, who is in it, and somebody more."""
    store, who = signed_in.records(), signed_in.viewer()
    row = cohorts.cohort(store, who, id)
    departments = shown.department_names()
    st.subheader(plain(row.name))
    if st.button(_("Back to the cohorts"), key="back"):
        changes.go(view="cohorts")
    changes.told()
    _change_cohort(row)
    _add_members(row, departments)
    for role, title in ((Role.trainer, _("Trainers")), (Role.trainee, _("Trainees"))):
        st.markdown(f"#### {title}")
        _members(row, role)
    with st.popover(_("End the cases of this cohort"), key="end-cases"):
        st.write(_(_ENDING))
        if st.button(_("End all of them"), key="end-cases-now"):
            changes.act(_do(cases.end_cases, row.id), _("No case is shown to {name} any more.", name=row.name))
    with st.popover(_("Remove this cohort"), key="remove-cohort"):
        st.write(_("Only an empty cohort can be removed. What was shared with it is shared with nobody then."))
        if st.button(_("Remove {name}", name=plain(row.name)), key="remove-cohort-now"):
            changes.act(_do(cohorts.remove_cohort, row.id), _("{name} is removed.", name=row.name),
                     then={"view": "cohorts"},
                     undo=_do(cohorts.add_cohort, name=row.name, department_id=row.department_id))  # fmt: skip


def _do(work: Callable[..., object], *given: object, **named: object) -> Callable[[], object]:
    store, who = signed_in.records(), signed_in.viewer()
    return lambda: work(store, who, *given, **named)


def _department(id: UUID, name: str) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.text(name)
    with bar.popover(_("Change"), key=f"department-{id}"):
        new = st.text_input(_("Name"), name, max_chars=200, key=f"department-name-{id}")
        if st.button(_("Rename"), key=f"department-rename-{id}") and new.strip() != name:
            changes.act(_do(people.rename_department, id, name=new),
                     _("The department {old} is now called {new}.", old=name, new=new),
                     undo=_do(people.rename_department, id, name=name))  # fmt: skip
        if st.button(_("Remove"), key=f"department-remove-{id}"):
            changes.act(_do(people.remove_department, id), _("The department {name} is removed.", name=name),
                     undo=_do(people.add_department, name=name))  # fmt: skip


def _add_department() -> None:
    with st.form("department-new", border=False, clear_on_submit=True):
        left, right = st.columns([4, 1], vertical_alignment="bottom")
        name = left.text_input(_("New department"), max_chars=200)
        if not right.form_submit_button(_("Make it")) or not name.strip():
            return
    made: list[UUID] = []

    def make() -> None:
        made.append(people.add_department(signed_in.records(), signed_in.viewer(), name=name).id)

    changes.act(make, _("The department {name} is there.", name=name),
             undo=lambda: _do(people.remove_department, made[0])())  # fmt: skip


def _row(row: Cohort, departments: Mapping[UUID, str], trainees: int, trainers: int) -> None:
    bar = st.container(horizontal=True, wrap=False, vertical_alignment="center")
    where = departments.get(row.department_id, "") if row.department_id else _("across departments")
    counts = _("{trainees} trainees, {trainers} trainers", trainees=trainees, trainers=trainers)
    text = bar.container(width="stretch")
    text.html(f'<div class="row"><b>{escape(row.name)}</b><span class="soft">{escape(where)} · {escape(counts)}</span>'
              "</div>")  # fmt: skip
    if bar.button(_("Open"), key=f"cohort-{row.id}", help=plain(row.name)):
        changes.go(cohort=str(row.id))


def _add_cohort() -> None:
    with st.form("cohort-new", border=False, clear_on_submit=True):
        first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
        name = first.text_input(_("New cohort"), max_chars=200)
        with second:
            where = shown.chosen_department(_("Department"), "cohort-where", now=None, whole=_("across departments"))
        if not third.form_submit_button(_("Make it")) or not name.strip():
            return
    made: list[UUID] = []

    def make() -> None:
        row = cohorts.add_cohort(signed_in.records(), signed_in.viewer(), name=name, department_id=where)
        made.append(row.id)

    changes.act(make, _("The cohort {name} is there. Open it to put people into it.", name=name),
             undo=lambda: _do(cohorts.remove_cohort, made[0])())  # fmt: skip


def _change_cohort(row: Cohort) -> None:
    with st.form("cohort-change", border=True):
        first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
        name = first.text_input(_("Name"), row.name, max_chars=200)
        with second:
            where = shown.chosen_department(
                _("Department"), "cohort-department", now=row.department_id, whole=_("across departments")
            )
        if not third.form_submit_button(_("Save")):
            return
    new, old = (name.strip(), where), (row.name, row.department_id)
    if new != old:
        changes.act(
            _do(cohorts.change_cohort, row.id, name=name, department_id=where),
            _("Saved: {name}. Its members stay.", name=name),
            undo=_do(cohorts.change_cohort, row.id, name=row.name, department_id=row.department_id),
        )


def _members(row: Cohort, role: Role) -> None:
    store, who = signed_in.records(), signed_in.viewer()
    rows = [each.person_id for each in cohorts.members(store, who, row.id) if each.role == role]
    names = people.names(store, who, rows)
    known = roster.roster(store, who, cohort_id=row.id, size=MOST).entries
    accounts = {entry.person.id: entry.person.account for entry in known}
    ordered = sorted(rows, key=lambda id: (names.get(id, ""), str(id)))
    if not ordered:
        st.caption(_("Nobody yet."))
    key = f"members-{role}"
    for id in ordered[shown.pager(len(ordered), SIZE, key) :][:SIZE]:
        name = names.get(id) or _("somebody of another department")
        bar = st.container(horizontal=True, vertical_alignment="center")
        bar.text(" · ".join(filter(None, [name, accounts.get(id)])))
        if id in names and id != who.person_id and bar.button(_("Take out"), key=f"part-{role}-{id}", help=name):
            changes.act(
                _do(cohorts.remove_member, row.id, id, role),
                _("{name} is no longer in {cohort}.", name=name, cohort=row.name),
                undo=_do(cohorts.add_member, row.id, id, role),
            )
    shown.turn(len(ordered), SIZE, key)


def _add_members(row: Cohort, departments: Mapping[UUID, str]) -> None:
    st.markdown(f"#### {_('Put somebody into it')}")
    text = st.text_input(_("Name or account"), max_chars=100, key="member-text")
    if not text.strip():
        return
    store, who = signed_in.records(), signed_in.viewer()
    found = roster.roster(store, who, text=text, size=_FOUND)
    groups = shown.cohorts_administered()
    for entry in found.entries:
        if entry.person.id != who.person_id:
            _candidate(row, entry, shown.person_html(entry, departments, groups, ""))
    if found.total > _FOUND:
        st.caption(_("And {count} more: write more of the name.", count=found.total - _FOUND))
    if not found.total:
        st.caption(_("Nobody is called so."))


def _candidate(row: Cohort, entry: Entry, html: str) -> None:
    inside = {each.role for each in entry.memberships if each.cohort_id == row.id}
    trains = any(each.role == Role.trainer for each in entry.roles)
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.html(html)
    bar = right.container(horizontal=True)
    for role, label in ((Role.trainee, _("As trainee")), (Role.trainer, _("As trainer"))):
        if role in inside or (role == Role.trainer and not trains):
            continue
        if bar.button(label, key=f"join-{role}-{entry.person.id}", help=plain(entry.person.name)):
            changes.act(
                _do(cohorts.add_member, row.id, entry.person.id, role),
                joined(entry.person.name, row.name, role),
                undo=_do(cohorts.remove_member, row.id, entry.person.id, role),
            )
