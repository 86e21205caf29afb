"""For how long recordings are kept, submitted ones by the role of their person, private ones by one rule; how much."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import number
from liyi.records.operations import people, space
from liyi.records.schema import Role
from liyi.ui import people as signed_in
from liyi.ui.staffing import changes, left_batches, shown
from liyi.ui.wording import _

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_DAYS = 36_500


def draw() -> None:
    """One rule a line, each saved by itself."""
    store, who = signed_in.records(), signed_in.viewer()
    st.write(_("Recordings older than this are removed for good, with everything that was found in them. Of several "
               "roles the shortest time counts. Without a number, they stay until somebody deletes them."))  # fmt: skip
    days = {row.role: row.days for row in people.retention(store, who)}
    for role in Role:
        label = _("Submitted recordings: {role}, days", role=shown.role_name(role))
        _rule(f"days-{role}", label, days.get(role), _of_role(role))
    private = people.organisation(store, who).private_days
    _rule("days-private", _("What people practise privately, days"), private, _of_private())
    st.caption(_("Without a number of its own, what is private falls under the days of its person's role. The server "
                 "removes what is due by itself; `liyi records purge --dry-run` shows what that is."))  # fmt: skip
    left_batches.draw()
    _space()


def _space() -> None:
    """What is kept of the departments, as far as a sum tells of nobody."""
    st.subheader(_("Space that is taken"))
    kept = space.space_by_department(signed_in.records(), signed_in.viewer())
    for each in kept:
        name = each.name or _("Other departments, and people without one")
        size = _("{size} MB", size=number(each.size_bytes / 1e6, 1))
        st.html(f'<div class="row"><b>{escape(name)}</b><span class="soft">{escape(size)}</span></div>',
                width="stretch")  # fmt: skip
    st.caption(_("Recordings with what was found in them, the trash too. A department in which fewer than {few} people "
                 "keep something stands with others, so that no sum tells of one person.",
                 few=space.FEWEST))  # fmt: skip


def _of_role(role: Role) -> Callable[[int | None], object]:
    return lambda days: people.set_retention(signed_in.records(), signed_in.viewer(), role, days=days)


def _of_private() -> Callable[[int | None], object]:
    return lambda days: people.set_private_retention(signed_in.records(), signed_in.viewer(), days=days)


def _rule(key: str, label: str, days: int | None, keep: Callable[[int | None], object]) -> None:
    with st.form(key, border=False):
        left, right = st.columns([3, 1], vertical_alignment="bottom")
        mine = shown.whole_organisation()
        new = left.number_input(label, 1, MOST_DAYS, days, step=1, placeholder=_("until somebody deletes them"),
                                disabled=not mine)  # fmt: skip
        if not right.form_submit_button(_("Save"), disabled=not mine) or new == days:
            return
    told = _("kept for {days} days", days=new) if new else _("kept until somebody deletes them")
    changes.act(lambda: keep(int(new) if new else None), f"{label}: {told}", undo=lambda: keep(days))
