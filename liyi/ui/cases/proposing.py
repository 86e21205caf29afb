"""The form with which a trainer proposes a case, or the owner of a recording offers one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.words import clock, listed
from liyi.records.case_tables import CasePurpose
from liyi.records.operations import case_views, cases
from liyi.records.operations import people as persons
from liyi.records.schema import now
from liyi.records.unit_of_work import id_of
from liyi.report.findings import name_of
from liyi.ui import drafts, people
from liyi.ui.cases import case_words, consenting
from liyi.ui.cases.making import Stretch
from liyi.ui.plain import plain
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID


_DAYS, _LENGTH_S = 30, 10.0  # what stands in the form at first


def draw(recording_id: str) -> None:
    """Draw the form for a recording that the viewer judges, or that is their own.

    Raises
    ------
    LiyiError
        When it is neither, or nobody could be shown it.
    """
    store, who = people.records(), people.viewer()
    groups = case_views.case_cohorts(store, who, recording_id)
    id = id_of(recording_id)
    recording = Stretch(who, id, "", 0.0, 0.0).recording
    own = recording.person_id == who.person_id
    st.subheader(_("Offer a stretch of your recording as a case") if own else _("Propose a case"))
    if not groups:
        st.write(_("There is no cohort to show it to: an administrator enters you into one."))
        return
    if not own:
        st.write(_("{name} is asked first, sees exactly what would be shown, and may decline without giving a reason. "
                   "Until then nobody else sees anything.",
                   name=plain(persons.person(store, who, recording.person_id).name)))  # fmt: skip
    stretch = _stretch(id, recording.duration_s or 0.0)
    form = f"case-{id.hex}"
    said = _said(form, own=own)
    cohort = st.selectbox(
        _("Shown to the cohort"), list(groups), format_func=lambda each: groups[each].cohort, key="case-cohort"
    )
    today = now().astimezone(zone()).date()
    last = st.date_input(_("Last day"), today + timedelta(days=_DAYS), format="YYYY-MM-DD", key="case-until",
                         min_value=today, max_value=today + timedelta(days=cases.MOST_DAYS - 1))  # fmt: skip
    said["until"] = case_words.last_moment(last)
    if own:
        _offer(stretch, cohort, groups[cohort], said)
    else:
        _propose(stretch, cohort, said)


def _stretch(recording_id: UUID, length_s: float) -> Stretch:
    """About which finding, from when to when."""
    asked, who = st.query_params, people.viewer()
    found = Stretch(who, recording_id, "", 0.0, 0.0).assessment
    names = {each.criterion: name_of(each, lang()) for each in found.verdicts}
    ids = list(names)
    at = ids.index(asked["of"]) if asked.get("of") in names else 0
    criterion = st.selectbox(_("Criterion"), ids, at, format_func=lambda id: names[id], key="case-criterion")
    left, right = st.columns(2)
    most = max(length_s, cases.LEAST_S)
    from_s = min(_second(asked.get("from")), most)
    to_s = min(_second(asked.get("to")) or from_s + _LENGTH_S, most)
    start_s = left.number_input(_("Start (seconds)"), 0.0, most, from_s, 0.5, "%.1f", key="case-from")
    end_s = right.number_input(_("End (seconds)"), 0.0, most, to_s, 0.5, "%.1f", key="case-to")
    st.caption(_("The recording lasts {length}; a case lasts {least} to {most} s.", length=clock(length_s),
                 least=f"{cases.LEAST_S:g}", most=f"{cases.MOST_S:g}"))  # fmt: skip
    return Stretch(who, recording_id, criterion, float(start_s), float(end_s))


def _second(text: str | None) -> float:
    try:
        return max(0.0, round(float(text or 0.0), 1))
    except (ValueError, OverflowError):
        return 0.0


def _said(form: str, *, own: bool) -> dict[str, Any]:
    """What members read, and what it is for."""
    said: dict[str, Any] = {
        "purpose": st.radio(_("What it shows"), list(CasePurpose), horizontal=True, key="case-purpose",
                            format_func=lambda each: _(case_words.PURPOSES[each])),
        "title": drafts.text(st.text_input, _("Title"), form, "title", max_chars=80),
        "look_at": drafts.text(st.text_area, _("What to look at"), form, "look", max_chars=1000),
    }  # fmt: skip
    if not own:
        said["question"] = drafts.text(st.text_area, _("Question to the members (may stay empty)"), form, "question",
                                       max_chars=1000, placeholder=_("What would you do otherwise?"))  # fmt: skip
    return said


def _propose(stretch: Stretch, cohort: UUID, said: dict[str, Any]) -> None:
    form = st.radio(_("How it is shown"), stretch.forms, format_func=lambda each: _(case_words.FORMS[each]),
                    key="case-form")  # fmt: skip
    st.caption(_("The owner may agree to a skeleton only, and to no captions."))
    if st.button(_("Ask for consent"), type="primary"):
        case_words.act(
            lambda: cases.propose_case(
                people.records(), people.viewer(), stretch.recording_id, cohort, criterion=stretch.criterion,
                start_s=stretch.start_s, end_s=stretch.end_s, form=form, **said,
            ),
            _("The owner is asked. You see the answer here."), sent=f"case-{stretch.recording_id.hex}",
        )  # fmt: skip


def _offer(stretch: Stretch, cohort: UUID, watchers: case_views.Watchers, said: dict[str, Any]) -> None:
    until: datetime = said["until"]
    if stretch.end_s <= stretch.start_s:
        st.caption(_("The end comes after the start."))
        return
    form, captions = consenting.choose(stretch, stretch.forms, "offer")
    text = case_words.consent_text(watchers, until, form, captions=bool(captions))
    consenting.listed([*text, _("A trainer of the cohort decides first: {names}.",
                                names=listed([plain(name) for name in watchers.trainers], lang()) or "–")])  # fmt: skip
    if st.button(_("Agree and offer it"), type="primary"):
        case_words.act(
            lambda: cases.offer_case(
                people.records(), people.viewer(), stretch.recording_id, cohort, criterion=stretch.criterion,
                start_s=stretch.start_s, end_s=stretch.end_s, form=form, captions=captions,
                text_sha256=consenting.digest(text), **said,
            ),
            _("It is offered to your trainers once the clip is made."), sent=f"case-{stretch.recording_id.hex}",
        )  # fmt: skip
