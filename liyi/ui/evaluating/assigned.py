"""What others have assigned to an evaluator: recordings and cohorts, each with the way to its review."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.records.operations import access, assessments, cohorts, recordings
from liyi.records.operations import people as persons
from liyi.records.unit_of_work import MOST
from liyi.ui import pages, people
from liyi.ui.plain import plain
from liyi.ui.wording import _, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.records.access_tables import Assignment
    from liyi.records.schema import Recording


def draw() -> None:
    """Single recordings first, then cohorts with what their trainees have submitted; nothing where nothing is."""
    mine = given()
    if not mine:
        return
    st.subheader(_("Assigned to me"))
    store, who = people.records(), people.viewer()
    for each in mine:
        if each.recording_id:
            _draw_row(recordings.recording(store, who, each.recording_id))
    for each in mine:
        if each.cohort_id:
            _draw_cohort(each.cohort_id)


def given() -> Sequence[Assignment]:
    """What others have assigned to the viewer, the newest first; recordings of one's own batches stand in these."""
    return access.assignments(people.records(), people.viewer(), received=True, size=MOST)


def _draw_cohort(cohort_id: UUID) -> None:
    store, who = people.records(), people.viewer()
    st.markdown("#### " + _("Cohort {name}", name=plain(cohorts.cohort(store, who, cohort_id).name)))
    trainees = [each.person_id for each in cohorts.members(store, who, cohort_id) if each.role == "trainee"]
    rows = [row for id in trainees if id != who.person_id for row in recordings.recordings(store, who, person_id=id)]
    rows.sort(key=lambda row: row.created_at, reverse=True)
    if not rows:
        st.caption(_("Nobody in it has submitted anything yet."))
    for row in rows[:MOST]:
        _draw_row(row)


def _draw_row(row: Recording) -> None:
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
