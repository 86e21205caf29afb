"""The question to the owner of a recording: what exactly would be shown to whom until when, and their answer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import N_, span
from liyi.records.case_tables import CaseForm
from liyi.records.operations import case_views, cases, recordings
from liyi.records.operations.case_views import CaseState
from liyi.ui import pages, people
from liyi.ui.cases import case_words
from liyi.ui.cases.making import Stretch, criterion_name
from liyi.ui.plain import plain
from liyi.ui.wording import _, lang, when

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from liyi.records.operations.case_views import Case


def news() -> None:
    """On a page of one's own: the way to what a trainer asks, or an owner offers."""
    if not people.team() or not pages.has(case_words.ADDRESS, people.roles()):
        return
    found = case_views.cases(people.records(), people.viewer())
    if count := sum(each.mine and each.state == CaseState.asked for each in found):
        pages.link(
            case_words.ADDRESS, _("A trainer asks whether something of yours may be shown: {count}", count=count)
        )
    if count := sum(each.answers and each.state == CaseState.offered for each in found):
        pages.link(case_words.ADDRESS, _("Cases that are offered to you: {count}", count=count))


def ask(case: Case) -> None:
    """What a trainer proposes of the viewer's own recording, and the answer."""
    assert case.recording_id is not None
    stretch = Stretch(people.viewer(), case.recording_id, case.criterion, case.start_s, case.start_s + case.length_s)
    store, who = people.records(), people.viewer()
    row = recordings.recording(store, who, case.recording_id)
    st.subheader(_("May this be shown? {title}", title=plain(case.title)))
    st.write(_("{name} asks to show the stretch {span} of your recording of {moment}: {purpose}, about {criterion}.",
               name=plain(case.trainer), span=span(stretch.start_s, stretch.end_s),
               moment=when(row.created_at.timestamp()), purpose=_(case_words.PURPOSES[case.purpose]),
               criterion=plain(criterion_name(case.pack_id, case.criterion, lang()))))  # fmt: skip
    told(case)
    st.text(_("Proposed: {form}", form=_(case_words.FORMS[case.form])))
    forms = [CaseForm.skeleton] if case.form == CaseForm.skeleton else stretch.forms
    form, captions = choose(stretch, forms, str(case.id))
    text = case_words.consent_text(
        case_views.case_watchers(store, who, case.id), case.until, form, captions=bool(captions)
    )
    listed([*text, _("To decline has no consequence, and nobody is told but who asked.")])
    bar = st.container(horizontal=True)
    if bar.button(_("Agree"), key=f"agree-{case.id}", type="primary"):
        case_words.act(
            lambda: cases.agree_to_case(store, who, case.id, form=form, captions=captions, text_sha256=digest(text)),
            _(MAKING),
        )  # fmt: skip
    if bar.button(_("Decline"), key=f"decline-{case.id}"):
        case_words.act(lambda: cases.decline_case(store, who, case.id), _("It is not shown to anybody."))


def told(case: Case) -> None:
    """What members read beside the clip."""
    st.text(_("What to look at: {text}", text=case.look_at))
    if case.question:
        st.text(_("Question: {text}", text=case.question))


def choose(stretch: Stretch, forms: Sequence[CaseForm], key: str) -> tuple[CaseForm, Sequence[Mapping[str, Any]]]:
    """How it would be shown, with captions or without, and a look at exactly that."""
    form = forms[0]
    if len(forms) > 1:
        form = st.radio(
            _("How it is shown"), forms, format_func=lambda each: _(case_words.FORMS[each]), key=f"form-{key}"
        )
    else:
        st.caption(_(case_words.FORMS[form]))
    found = stretch.captions()
    with_them = bool(found) and st.checkbox(_("With captions of what is said"), key=f"captions-{key}")
    st.caption(_("This is what they would see:"))
    case_words.frame(
        f"of/{stretch.recording_id.hex}/page", key, form=form.value, of=stretch.criterion, captions=str(int(with_them)),
        **{"from": f"{stretch.start_s:.3f}", "to": f"{stretch.end_s:.3f}"},
    )  # fmt: skip
    captions = found if with_them else []
    if captions:
        with st.expander(_("All captions: check them for names")):
            for each in captions:
                st.text(each["text"])
    return form, captions


def listed(text: Sequence[str]) -> None:
    """The sentences of a consent, a line each."""
    st.markdown("\n".join(f"- {line}" for line in text))


def digest(text: Sequence[str]) -> str:
    """SHA-256 of the sentences as they were shown."""
    return hashlib.sha256("\n".join(text).encode("utf-8")).hexdigest()


MAKING = N_("The clip is being made, which takes about as long as it lasts. It is shown as soon as it is there; you "
            "need not wait.")  # fmt: skip
