"""People, their departments, cohorts and roles, for administrators. No recording is shown, and no practice."""

from __future__ import annotations

import streamlit as st

from liyi.core.words import N_
from liyi.ui import pages
from liyi.ui.staffing import changes, codes_view, cohort_view, list_view, person_view, rules_view, search_view
from liyi.ui.wording import _

VIEWS = {
    "people": (N_("Everybody"), search_view.draw),
    "cohorts": (N_("Departments and cohorts"), cohort_view.draw),
    "rules": (N_("Retention"), rules_view.draw),
    "list": (N_("As a spreadsheet"), list_view.draw),
    "codes": (N_("One-time codes"), codes_view.draw),
}


def page() -> None:
    """One person, one cohort, or the view that was chosen."""
    st.header(_(PAGE.title))
    view = changes.here()
    if view.get("view") != "codes":
        codes_view.forget()
    if "person" in view:
        person_view.draw(view["person"])
        return
    if "cohort" in view:
        cohort_view.draw_cohort(view["cohort"])
        return
    open_now = view.get("view", "people")
    open_now = open_now if open_now in VIEWS else "people"
    chosen = st.segmented_control(
        _("What to look after"), list(VIEWS), format_func=lambda name: _(VIEWS[name][0]), default=open_now,
        key=f"view-of-{open_now}", required=True, label_visibility="collapsed",
    )  # fmt: skip
    if chosen != open_now:
        changes.go(view=str(chosen))
    changes.told()
    VIEWS[open_now][1]()


PAGE = pages.Page(N_("People"), changes.ADDRESS, "admin", 10, page)
