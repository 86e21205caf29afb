"""Review: what waits for whoever judges, those that need a person first; and one recording with its inspector."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import N_
from liyi.records.operations import cohorts
from liyi.records.operations.gold_drift import gold_notices
from liyi.records.operations.queue import queue
from liyi.records.schema import now
from liyi.records.unit_of_work import PAGE as ROWS
from liyi.ui import pages, people
from liyi.ui.cases import consenting
from liyi.ui.plain import plain
from liyi.ui.review import player, waiting_list
from liyi.ui.wording import _

if TYPE_CHECKING:
    from liyi.records.operations.queue import Waiting

_DAYS = {0: N_("Any time"), 7: N_("Last 7 days"), 30: N_("Last 30 days"), 365: N_("Last year")}
_CHOICES = ("review-cohort", "review-profile", "review-days", "review-weakest")


def page() -> None:
    """The queue; with ``recording`` in the address that recording."""
    asked = st.query_params.get("recording")
    if asked:
        player.draw(asked)
        return
    st.header(_(PAGE.title))
    for notice in gold_notices(people.records(), people.viewer()):
        st.warning(_(notice.sentence, **notice.fields).replace("`", ""))
    consenting.news()
    shown = st.session_state.setdefault("review-rows", ROWS)
    every = waiting(shown + 1)
    if not every and not narrowed():
        nothing_yet()
        return
    by = choices(every)
    found = waiting(shown + 1, **by) if any(by.values()) else every
    if not found:
        st.write(_("None of them is like this."))
        return
    opened = waiting_list.draw(found[:shown])
    if opened is not None:
        st.query_params["recording"] = opened
        st.rerun()
    if len(found) > shown and st.button(_("Show more")):
        st.session_state["review-rows"] = shown + ROWS
        st.rerun()


def waiting(size: int, **narrowed: object) -> list[Waiting]:
    """What waits for the viewer, as far as it is shown."""
    return queue(people.records(), people.viewer(), size=size, **narrowed)  # type: ignore[arg-type]


def narrowed() -> bool:
    """Whether anything was chosen to narrow the queue."""
    return any(st.session_state.get(key) for key in _CHOICES)


def choices(every: list[Waiting]) -> dict[str, object]:
    """By what the queue is narrowed: cohort, scene, time, weakest criterion; asked in one place that stays closed."""
    groups = cohorts.cohorts(people.records(), people.viewer())
    profiles = {each.profile: waiting_list.scene(each) for each in every if each.profile}
    weakest = {each.weakest: waiting_list.criterion_name(each, each.weakest) for each in every if each.weakest}
    with st.expander(_("Narrow down"), expanded=narrowed()):
        columns = st.columns(4)
        cohort = columns[0].selectbox(
            _("Cohort"), ["", *(each.id.hex for each in groups)], key=_CHOICES[0],
            format_func=lambda id: next((each.name for each in groups if each.id.hex == id), _("All cohorts")),
        )  # fmt: skip
        profile = columns[1].selectbox(_("Scene"), ["", *profiles], key=_CHOICES[1],
                                       format_func=lambda id: profiles.get(id) or _("All scenes"))  # fmt: skip
        days = columns[2].selectbox(_("When"), list(_DAYS), key=_CHOICES[2], format_func=lambda each: _(_DAYS[each]))
        worst = columns[3].selectbox(_("Weakest criterion"), ["", *weakest], key=_CHOICES[3],
                                     format_func=lambda id: weakest.get(id) or _("Any criterion"))  # fmt: skip
    since = now() - timedelta(days=days) if days else None
    return {"cohort_id": cohort or None, "profile": profile or None, "since": since, "weakest": worst or None}


def nothing_yet() -> None:
    """What there will be to do, and whose practice is not shown here."""
    st.write(_("Nothing has been submitted to you yet. Here you see what your trainees submit, and first of all what "
               "needs a person: findings that could not be decided, red lines, appeals, totals unlike the person's "
               "usual ones."))  # fmt: skip
    st.write(_("What somebody practises is private until they submit it: under Recordings, with one button. Until then "
               "you are not told that it is there."))  # fmt: skip
    names = [each.name for each in cohorts.cohorts(people.records(), people.viewer())]
    if names:
        st.caption(_("Your cohorts: {names}", names=plain("、".join(names))))
    else:
        st.caption(_("You are in no cohort yet: an administrator enters you under People."))
    if pages.has("assess", people.roles()):
        pages.link("assess", _("See what a report says: assess a sample recording"))


PAGE = pages.Page(N_("Review"), "review", ("trainer", "evaluator"), 7, page)
