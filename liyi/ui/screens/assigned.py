"""What is assigned to an evaluator: recordings and cohorts, each with the way to its review."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import N_
from liyi.records.operations import access, assessments, cohorts, recordings
from liyi.records.operations import people as persons
from liyi.records.unit_of_work import MOST
from liyi.ui import pages, people
from liyi.ui.plain import plain
from liyi.ui.wording import _, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.schema import Assignment, Recording


def page() -> None:
    """Single recordings first, then cohorts with what their trainees have submitted."""
    st.header(_(PAGE.title))
    mine = given()
    if not mine:
        st.write(_("Nothing is assigned to you. A trainer or an administrator assigns recordings or cohorts."))
        return
    store, who = people.records(), people.viewer()
    single = [recordings.recording(store, who, each.recording_id) for each in mine if each.recording_id]
    if single:
        st.subheader(_("Recordings"))
        for row in single:
            draw(row)
    for each in mine:
        if each.cohort_id:
            _draw_cohort(each.cohort_id)


def given() -> Sequence[Assignment]:
    """What is assigned to the viewer, the newest first."""
    store, who = people.records(), people.viewer()
    return [each for each in access.assignments(store, who, size=MOST) if each.evaluator_id == who.person_id]


def _draw_cohort(cohort_id: UUID) -> None:
    store, who = people.records(), people.viewer()
    st.subheader(_("Cohort {name}", name=plain(cohorts.cohort(store, who, cohort_id).name)))
    trainees = [each.person_id for each in cohorts.members(store, who, cohort_id) if each.role == "trainee"]
    rows = [row for id in trainees if id != who.person_id for row in recordings.recordings(store, who, person_id=id)]
    rows.sort(key=lambda row: row.created_at, reverse=True)
    if not rows:
        st.caption(_("Nobody in it has submitted anything yet."))
    for row in rows[:MOST]:
        draw(row)


def draw(row: Recording) -> None:
    """One recording: whose, when, whether it was assessed, and the way to its review."""
    store, who = people.records(), people.viewer()
    name = persons.person(store, who, row.person_id).name
    found = assessments.assessments(store, who, recording_id=row.id, size=1)
    state = _("Assessed") if found else _("Not assessed yet")
    with st.container(horizontal=True, vertical_alignment="center", key=f"assigned-{row.id.hex}"):
        st.html(f'<div class="row"><span class="head"><b>{escape(name)}</b><span>{escape(row.name)}</span></span>'
                f'<span class="soft">{escape(when(row.created_at.timestamp()))} · {escape(state)}</span></div>',
                width="stretch")  # fmt: skip
        if pages.has("review", people.roles()):
            pages.link("review", _("Review"), recording=row.id.hex)


PAGE = pages.Page(N_("Assigned to me"), "assigned", "evaluator", 8, page)
