"""Cases in words: what each is for, how it is shown, where it stands, to whom until when."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.moments import day
from liyi.core.words import N_, listed
from liyi.records.case_tables import CaseForm, CasePurpose
from liyi.records.operations.case_views import CaseState
from liyi.ui import drafts, pages
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from liyi.records.operations.case_views import Case, Watchers

ADDRESS = "cases"
PURPOSES: Mapping[CasePurpose, str] = {
    CasePurpose.exemplary: N_("Exemplary"),
    CasePurpose.instructive: N_("Instructive"),
}
FORMS: Mapping[CaseForm, str] = {
    CaseForm.skeleton: N_("As a skeleton, without picture and sound"),
    CaseForm.as_is: N_("As it is, with picture and sound"),
}
STATES: Mapping[CaseState, str] = {
    CaseState.asked: N_("waits for the owner's answer"),
    CaseState.offered: N_("waits for a trainer"),
    CaseState.making: N_("is being made"),
    CaseState.failed: N_("could not be made"),
    CaseState.shown: N_("is shown"),
    CaseState.declined: N_("declined"),
    CaseState.withdrawn: N_("withdrawn"),
    CaseState.over: N_("over"),
}
# What whoever is shown must know before they agree; `consent_text` says all of it.
RISKS: Mapping[CaseForm, tuple[str, ...]] = {
    CaseForm.skeleton: (
        N_("Neither picture nor sound of you is shown. Colleagues may still know you by how you move, or by what is "
           "said in the captions."),
    ),
    CaseForm.as_is: (N_("Your face and your voice are shown in this stretch; what comes before and after it is not."),),
}  # fmt: skip
RISKS_TO_MEMBERS: Mapping[CaseForm, tuple[str, ...]] = {
    CaseForm.skeleton: (
        N_("Shown without picture and sound. You may still know somebody by how they move: keep that to yourself."),
    ),
    CaseForm.as_is: (N_("Shown with its owner's consent, to this cohort alone: do not film or pass it on."),),
}
_SAID = "case-said"


def last_moment(last: date) -> datetime:
    """The end of a day where the user is."""
    return datetime.combine(last, time.max, tzinfo=zone())


def consent_text(watchers: Watchers, until: datetime, form: CaseForm, *, captions: bool) -> list[str]:
    """All that an owner agrees to, sentence by sentence."""
    trainers = listed([plain(name) for name in watchers.trainers], lang()) or "–"
    lines = [
        _("It is shown to the cohort {cohort}: {count} trainees today, its trainers ({names}), and whoever joins it.",
          cohort=plain(watchers.cohort), count=watchers.trainees, names=trainers),
        _("It is shown until {day}, that day included; then nobody sees it any more.", day=day(until, zone())),
        *(_(each) for each in RISKS[form]),
    ]  # fmt: skip
    if captions:
        lines.append(_("The captions below are shown too: check them for names, also of others."))
    return [
        *lines,
        _("Your name is not shown with it. Members of the cohort may comment on it under their names."),
        _("Whoever watches it could film the screen: Liyi cannot prevent that."),
        _("You can withdraw it at any time, under Cases: from then on nobody sees it, and the comments go with it."),
    ]


def about(case: Case) -> str:
    """Purpose, form, cohort and last day on one line."""
    parts = [_(PURPOSES[case.purpose]), _(FORMS[case.form]), case.cohort, _("until {day}", day=day(case.until, zone()))]
    return " · ".join(parts)


def frame(path: str, key: str, **query: str) -> None:
    """The player of a clip, in a frame of its own; ``key`` tells it from others on the page."""
    st.html("<style>[class*=st-key-clip] iframe {height: clamp(26rem, calc(46vw + 4rem), 34rem); display: block} "
            "[class*=st-key-clip] [data-testid=stElementContainer] {height: auto} "
            "[class*=st-key-clip] {max-width: 48rem}</style>")  # fmt: skip
    with st.container(key=f"clip-{key}"):
        st.iframe(f"/cases/{path}?{urlencode({**query, 'lang': lang()})}", height=416, alt=_("Case"))


def act(work: Callable[[], object], said: str, *, sent: str = "", **view: str) -> None:
    """Do something, tell it, and go to a view of the page of cases; what was refused is told at once.

    ``sent`` is the form whose draft (`liyi.ui.drafts`) is not needed any more.
    """
    try:
        work()
    except LiyiError as error:
        st.error(explain(error))
        return
    drafts.forget(sent)
    st.session_state[_SAID] = said
    pages.go(ADDRESS, **view)


def say() -> None:
    """What came of the last act, said once."""
    if done := st.session_state.pop(_SAID, None):
        st.success(done)
