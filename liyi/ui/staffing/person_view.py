"""One person: name and place, account, roles, cohorts, exemptions, and that they have left. No recording is shown."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import pick, translate
from liyi.etiquette.causes import CAUSES
from liyi.etiquette.norms import known_exemptions, list_packs, load_pack
from liyi.records.operations import accounts, cohorts, consent, people, roster
from liyi.records.schema import Role
from liyi.ui import people as signed_in
from liyi.ui.plain import plain
from liyi.ui.staffing import changes, shown
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from liyi.records.consent_tables import Exemption
    from liyi.records.operations.roster import Entry
    from liyi.records.schema import CohortMember, RoleGrant


def draw(id: str) -> None:
    """Everything that an administrator looks after of this person."""
    store, who = signed_in.records(), signed_in.viewer()
    entry = roster.roster_entry(store, who, id)
    departments = shown.department_names()
    st.subheader(plain(entry.person.name))
    if st.button(_("Back to the list"), key="back"):
        changes.go()
    changes.told()
    if entry.person.left_at is not None:
        _gone(entry)
        return
    oneself = entry.person.id == who.person_id
    if oneself:
        st.info(_("This is you. Nobody changes their own access: another administrator does that."))
    _place(entry, oneself=oneself)
    if not oneself:
        _account(entry)
        _roles(entry, departments)
        _groups(entry)
        _exemptions(entry)
        _leave(entry)


def _do(work: Callable[..., object], *given: object, **named: object) -> Callable[[], object]:
    """An operation on behalf of the viewer, to be done later."""
    store, who = signed_in.records(), signed_in.viewer()
    return lambda: work(store, who, *given, **named)


def _place(entry: Entry, *, oneself: bool) -> None:
    person = entry.person
    with st.form("place", border=True):
        left, right = st.columns(2)
        name = left.text_input(_("Full name"), person.name, max_chars=200)
        account = right.text_input(_("Account (empty: cannot sign in)"), person.account or "", max_chars=200,
                                   disabled=oneself)  # fmt: skip
        with left:
            department = person.department_id if oneself else shown.chosen_department(
                _("Department"), "place-department", now=person.department_id, whole=_("none"))  # fmt: skip
        if not st.form_submit_button(_("Save")):
            return
    new = {"name": name, "account": account or None, "department_id": department}
    old = {"name": person.name, "account": person.account, "department_id": person.department_id}
    if new != old:
        changes.act(
            _do(people.change_person, person.id, **new),
            _("Saved: {name}. Recordings, roles and cohorts stay as they are.", name=name),
            undo=_do(people.change_person, person.id, **old),
        )


def _account(entry: Entry) -> None:
    st.markdown(f"#### {_('Account')}")
    person = entry.person
    state = accounts.accounts(signed_in.records(), signed_in.viewer()).get(person.id)
    last = shown.last_signed_in(state)
    st.html(f'<p class="row">{shown.state_html(state, person.account)} {last}</p>')
    if person.account is None:
        st.caption(_("Enter an account above first; then a one-time code opens it."))
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    if bar.button(_("New one-time code"), key="code"):
        changes.act(_do(accounts.issue_code, person.id),
                 _("With this code {name} sets a password. An earlier code opens nothing any more.",
                   name=person.name))  # fmt: skip
    if bar.button(_("Sign out everywhere"), key="sign-out-everywhere"):
        changes.act(_do(accounts.end_sessions, person.id),
                 _("{name} is signed out in every browser. The password stays.", name=person.name))  # fmt: skip


def _roles(entry: Entry, departments: Mapping[UUID, str]) -> None:
    st.markdown(f"#### {_('Roles')}")
    person = entry.person
    for grant in entry.roles:
        _role(entry, grant, shown.role_text(grant, departments))
    if not entry.roles:
        st.caption(_("No role yet: without one, a person sees nothing but their own."))
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    role = first.selectbox(_("Role"), list(Role), format_func=shown.role_name, key="role-new")
    with second:
        where = shown.chosen_department(_("Where"), "role-where", now=None, whole=_("whole organisation"))
    if third.button(_("Give this role"), key="role-give"):
        given: list[UUID] = []

        def give() -> None:
            row = people.grant_role(signed_in.records(), signed_in.viewer(), person.id, role, department_id=where)
            given.append(row.id)

        changes.act(give, _("{name} now has the role {role}.", name=person.name, role=shown.role_name(role)),
                 undo=lambda: _do(people.revoke_role, given[0])())  # fmt: skip


def _role(entry: Entry, grant: RoleGrant, text: str) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.text(text)
    if bar.button(_("Take away"), key=f"revoke-{grant.id}"):
        changes.act(
            _do(people.revoke_role, grant.id),
            _("{name} has the role {role} no longer; nothing is seen by it from now on.", name=entry.person.name,
              role=text),
            undo=_do(people.grant_role, entry.person.id, grant.role, department_id=grant.department_id),
        )  # fmt: skip


def _groups(entry: Entry) -> None:
    st.markdown(f"#### {_('Cohorts (classes)')}")
    person, groups = entry.person, shown.cohorts_administered()
    for row in entry.memberships:
        if row.cohort_id in groups:
            _membership(entry, row, groups[row.cohort_id].name)
    if not groups:
        st.caption(_("There is no cohort yet: make one under Departments and cohorts."))
        return
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    cohort = first.selectbox(
        _("Cohort (class)"), list(groups), format_func=lambda id: groups[id].name, key="cohort-new"
    )
    trains = any(row.role == Role.trainer for row in entry.roles)
    kinds = [Role.trainee, Role.trainer] if trains else [Role.trainee]
    role = second.selectbox(_("As"), kinds, format_func=shown.role_name, key="cohort-as")
    if third.button(_("Put into it"), key="cohort-join"):
        changes.act(
            _do(cohorts.add_member, cohort, person.id, role),
            joined(person.name, groups[cohort].name, role),
            undo=_do(cohorts.remove_member, cohort, person.id, role),
        )


def joined(name: str, cohort: str, role: Role) -> str:
    """What it means that somebody was put into a cohort."""
    if role == Role.trainer:
        return _("{name} now trains {cohort} and sees what its trainees submit.", name=name, cohort=cohort)
    return _("{name} is now in {cohort}. Its trainers see what {name} submits, nothing else.", name=name, cohort=cohort)


def _membership(entry: Entry, row: CohortMember, cohort: str) -> None:
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.text(_("{cohort}, as {role}", cohort=cohort, role=shown.role_name(row.role)))
    if bar.button(_("Take out"), key=f"part-{row.cohort_id}-{row.role}"):
        changes.act(
            _do(cohorts.remove_member, row.cohort_id, row.person_id, row.role),
            _("{name} is no longer in {cohort}.", name=entry.person.name, cohort=cohort),
            undo=_do(cohorts.add_member, row.cohort_id, row.person_id, row.role),
        )


def _exemptions(entry: Entry) -> None:
    st.markdown(f"#### {_('Not judged (exemptions)')}")
    person = entry.person
    names = _exemption_names(lang())
    for row in consent.exemptions(signed_in.records(), signed_in.viewer(), person.id):
        _exemption(entry, row, names)
    with st.expander(_("Leave something out of the assessment"), key="exempt"), st.form("exempt-form", border=False):
        item = st.selectbox(_("What is left out"), list(names), index=None, placeholder=_("Choose"),
                            format_func=lambda flag: names[flag])  # fmt: skip
        left, right = st.columns(2)
        from_day = left.date_input(_("From"), date.today(), format="YYYY-MM-DD")
        until_day = right.date_input(_("Until (empty: for good)"), None, format="YYYY-MM-DD")
        reason = st.text_input(_("Reason (may stay empty; it may be health data)"), max_chars=200)
        if not st.form_submit_button(_("Leave it out")):
            return
    if item is None:
        st.error(_("Choose first what is left out."))
        return
    made: list[UUID] = []

    def exempt() -> None:
        row = consent.exempt(signed_in.records(), signed_in.viewer(), person.id, item, from_day=from_day,
                             until_day=until_day, reason=reason or None)  # fmt: skip
        made.append(row.id)

    changes.act(
        exempt,
        _("{name} is not judged by this: {what}. The report says so.", name=person.name, what=names[item]),
        undo=lambda: _do(consent.end_exemption, made[0])(),
    )


@cache
def _exemption_names(language: str) -> dict[str, str]:
    """Everything that somebody can be exempt from, in words: causes first, then criteria by name."""
    names = {cause: translate(words, language) for cause, words in CAUSES.items()}
    for ref in list_packs():
        for id, criterion in load_pack(ref.id).criteria.items():
            names.setdefault(id, pick(criterion.name, language) or id)
    known = known_exemptions()
    return {flag: name for flag, name in names.items() if flag in known}


def _exemption(entry: Entry, row: Exemption, names: Mapping[str, str]) -> None:
    what = names.get(row.flag, row.flag)
    until = _("until {day}", day=row.until_day.isoformat()) if row.until_day else _("for good")
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.text(" · ".join(filter(None, [what, _("from {day}", day=row.from_day.isoformat()), until, row.reason])))
    if bar.button(_("Judge it again"), key=f"unexempt-{row.id}"):
        again = {"from_day": row.from_day, "until_day": row.until_day, "reason": row.reason}
        changes.act(
            _do(consent.end_exemption, row.id),
            _("{name} is judged by this again: {what}.", name=entry.person.name, what=what),
            undo=_do(consent.exempt, row.person_id, row.flag, **again),
        )


def _leave(entry: Entry) -> None:
    st.markdown(f"#### {_('Leaving')}")
    person = entry.person
    held = tuple((row.role, row.department_id) for row in entry.roles)
    with st.popover(_("Has left"), key="leave"):
        st.write(_("The account opens nothing from now on, and the roles end. Recordings stay for the days of their "
                   "retention; `liyi records delete` removes them at once."))  # fmt: skip
        if st.button(_("Note that {name} has left", name=plain(person.name)), key="leave-now"):
            changes.act(
                _do(people.end_person, person.id),
                _("{name} has left: the account opens nothing any more.", name=person.name),
                undo=_do(people.return_person, person.id, held=held),
            )


def _gone(entry: Entry) -> None:
    st.write(_("This person has left. The account opens nothing, and there are no roles."))
    if st.button(_("Take back that they have left"), key="return"):
        changes.act(
            _do(people.return_person, entry.person.id),
            _("{name} is back. Give the roles that they need.", name=entry.person.name),
            undo=_do(people.end_person, entry.person.id),
        )
