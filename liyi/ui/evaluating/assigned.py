"""What others have assigned to an evaluator: recordings and cohorts, each with the way to its review."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.records.operations import access, assessments, cohorts, feedback, queue, recordings
from liyi.records.operations import people as persons
from liyi.records.unit_of_work import MOST
from liyi.ui import pages, people
from liyi.ui.plain import plain
from liyi.ui.wording import _, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.records.access_tables import Assignment


FEW, COHORTS = 10, 3  # recordings of a cohort, and cohorts, of which they are shown here: all stand among the reviews


def draw() -> None:
    """Single recordings first, then cohorts with what their trainees have submitted; nothing where nothing is."""
    mine = given()
    if not mine:
        return
    st.subheader(_("Assigned to me"))
    store, who = people.records(), people.viewer()
    single = [each.recording_id for each in mine if each.recording_id]
    rows = [recordings.recording(store, who, id) for id in single[:FEW]]
    names = persons.names(store, who, {row.person_id for row in rows})
    reviews = pages.has("review", people.roles())
    for row in rows:
        assessed = bool(assessments.assessments(store, who, recording_id=row.id, size=1))
        if feedback.blind_due(store, who, row.id):
            _draw_row(row.id, _("Blind rating"), "", None, assessed=assessed, reviews=reviews)
            continue
        _draw_row(row.id, names.get(row.person_id, ""), row.name, row.created_at, assessed=assessed, reviews=reviews)
    _to_queue(more=reviews and len(single) > FEW, key="single")
    groups = [each.cohort_id for each in mine if each.cohort_id]
    for id in groups[:COHORTS]:
        _draw_cohort(id, reviews=reviews)
    _to_queue(more=reviews and len(groups) > COHORTS, key="cohorts")


def given() -> Sequence[Assignment]:
    """What others have assigned to the viewer, the newest first; recordings of one's own batches stand in these."""
    return access.assignments(people.records(), people.viewer(), received=True, size=MOST)


def _draw_cohort(cohort_id: UUID, *, reviews: bool) -> None:
    store, who = people.records(), people.viewer()
    st.markdown("#### " + _("Cohort {name}", name=plain(cohorts.cohort(store, who, cohort_id).name)))
    waiting = queue.queue(store, who, cohort_id=cohort_id, size=FEW + 1)
    if not waiting:
        st.caption(_("Nobody in it has submitted anything yet."))
    for row in waiting[:FEW]:
        assessed = row.assessment_id is not None
        person = row.person or _("Blind rating")  # whose it is and when it came is told after the rating
        _draw_row(row.recording_id, person, row.name or "", row.submitted_at, assessed=assessed, reviews=reviews)
    _to_queue(more=reviews and len(waiting) > FEW, key=cohort_id.hex)


def _to_queue(*, more: bool, key: str) -> None:
    if more:
        with st.container(key=f"assigned-more-{key}"):
            pages.link("review", _("Show more"))


def _draw_row(id: UUID, person: str, name: str, at: datetime | None, *, assessed: bool, reviews: bool) -> None:
    """One recording: whose, when, whether it was assessed, and the way to its review."""
    told = [when(at.timestamp())] if at else []
    told.append(_("Assessed") if assessed else _("Not assessed yet"))
    with st.container(horizontal=True, vertical_alignment="center", key=f"assigned-{id.hex}"):
        st.html(f'<div class="row"><span class="head"><b>{escape(person)}</b><span>{escape(name)}</span></span>'
                f'<span class="soft">{escape(" · ".join(told))}</span></div>',
                width="stretch")  # fmt: skip
        if reviews:
            pages.link("review", _("Review"), recording=id.hex)
