"""Submitting one's own recording to who trains one, and what came of it: states, the act, taking it back.

All of it is for teams: without sign-in there is nobody to submit to, and nothing of it is shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.moments import day
from liyi.core.words import N_, listed
from liyi.records.operations import audience, standing, submission
from liyi.report.findings import whole_points
from liyi.scoring.confirming import answers_in
from liyi.ui import entries, outcomes, pages, people
from liyi.ui.plain import explain, plain
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from streamlit.delta_generator import DeltaGenerator

    from liyi.records.engine import Records
    from liyi.records.operations.audience import Audience, Reader
    from liyi.records.operations.standing import Standing
    from liyi.records.viewer import Viewer
    from liyi.ui.entries import Entry

PRIVATE, SUBMITTED, REVIEWED, APPEALED = "private", "submitted", "reviewed", "appealed"
STATES: Mapping[str, str] = {
    "": N_("All states"),
    PRIVATE: N_("Only I can see it"),
    SUBMITTED: N_("Submitted"),
    REVIEWED: N_("Reviewed"),
    APPEALED: N_("With an open appeal"),
}
_ASKED = "submitting"  # in the page's state: the recording of which is asked whether to submit it
_SAID = "submitted"  # what came of the last act


def standings() -> dict[str, Standing]:
    """Of each submitted recording of the viewer's where it stands; nothing where there is nobody to submit to."""
    if not people.team():
        return {}
    return {id.hex: each for id, each in standing.standings(people.records(), people.viewer()).items()}


def is_in(state: str, found: Standing | None) -> bool:
    """Whether a recording is in one of `STATES`; without a standing it is private."""
    if state == PRIVATE:
        return found is None
    if found is None:
        return not state
    if state == REVIEWED:
        return found.reviewed_at is not None
    return found.open_appeals > 0 if state == APPEALED else True


def told(found: Standing | None) -> str:
    """The state in words."""
    if found is None:
        return _(STATES[PRIVATE])
    said = [_("submitted on {day}", day=day(found.submitted_at, zone()))]
    if found.reviewed_at is not None:
        said.append(_("reviewed by {name} on {day}", name=found.reviewed_by, day=day(found.reviewed_at, zone())))
    elif found.opened_at is not None:
        said.append(_("opened on {day}", day=day(found.opened_at, zone())))
    if found.mark is not None:
        said.append(_("mark {points}, confirmed by {name}", points=whole_points(found.mark), name=found.mark_by))
    if found.open_appeals:
        said.append(_("appeals without an answer: {count}", count=found.open_appeals))
    return " · ".join(said)


def offer(bar: DeltaGenerator, entry: Entry, found: Standing | None) -> None:
    """The button that asks whether to submit it, or takes it back as long as nobody has opened it."""
    if found is None:
        if entry.state == "done" and bar.button(_("Submit to my trainer"), key=f"submit-{entry.id}"):
            st.session_state[_ASKED] = entry.id
    elif found.opened_at is None and bar.button(_("Make it private again"), key=f"withdraw-{entry.id}"):
        _act(entry, N_("It is private again: nobody else sees it."), submission.withdraw_recording)


def lead(bar: DeltaGenerator, entry: Entry) -> None:
    """From a finished report of one's own to the question whether to submit it, as long as it is private."""
    if not people.team() or entry.id in standings() or all(each.id != entry.id for each in entries.entries()):
        return
    if bar.button(_("Submit to my trainer"), key=f"lead-{entry.id}"):
        st.session_state[_ASKED] = entry.id
        pages.go("recordings")


def ask(entry: Entry) -> None:
    """Who will see what if it is submitted, whether it can be taken back, and the act itself."""
    if st.session_state.get(_ASKED) != entry.id:
        return
    who = audience.audience(people.records(), people.viewer(), entry.id)
    with st.container(key="submitting"):
        st.subheader(_("Submit this recording?"))
        st.markdown("\n".join(f"- {line}" for line in [*_readers(who), *_goes(entry), _back()]))
        bar = st.container(horizontal=True)
        if bar.button(_("Submit"), key=f"submit-now-{entry.id}", type="primary"):
            _act(entry, N_("It is submitted."), submission.submit_recording)
        if bar.button(_("Do not submit"), key=f"submit-not-{entry.id}"):
            st.session_state.pop(_ASKED)
            st.rerun()


def note_read(entry: Entry, found: Standing | None) -> None:
    """Note that the viewer opens what is new of it."""
    if found is not None and found.unread:
        standing.note_read(people.records(), people.viewer(), entry.id)


def say() -> None:
    """What came of the last act, said once."""
    if done := st.session_state.pop(_SAID, None):
        st.success(_(done))


def who_can_see() -> None:
    """One tap away: who sees what is private, and who can technically read the files."""
    with st.popover(_("Who can see this?")):
        st.write(_(submission.WHO_CAN_READ))


def _act(entry: Entry, done: str, act: Callable[[Records, Viewer, str], object]) -> None:
    try:
        act(people.records(), people.viewer(), entry.id)
    except LiyiError as error:
        st.error(explain(error))
        return
    st.session_state.pop(_ASKED, None)
    st.session_state[_SAID] = done
    st.rerun()


def _readers(who: Audience) -> list[str]:
    """Who will see it, a line for each kind."""
    lines = []
    for how, sentence in (("trainer", N_("Your trainers see it: {names}.")),
                          ("evaluator", N_("Your evaluators see it: {names}."))):  # fmt: skip
        if names := [plain(each.name) for each in who.readers if each.how == how]:
            lines.append(_(sentence, names=listed(names, lang())))
    if granted := [_until(each) for each in who.readers if each.how == "granted"]:
        lines.append(_("By leave that was given: {names}.", names=listed(granted, lang())))
    if who.cohorts:
        names = [plain(name) for name in who.cohorts]
        lines.append(_("Members of {names} watch the recording, without its results.", names=listed(names, lang())))
    if not who.readers:
        lines.append(_("Nobody trains or evaluates you yet, so nobody would see it: ask an administrator to enter you "
                       "into a cohort."))  # fmt: skip
    lines.append(_("Administrators do not see it."))
    return lines


def _until(reader: Reader) -> str:
    if reader.until is None:
        return plain(reader.name)
    return _("{name}, until {day}", name=plain(reader.name), day=day(reader.until, zone()))


def _goes(entry: Entry) -> list[str]:
    """What goes with it, and what does not."""
    lines = [_("They see the recording, its report with everything measured from it, and your comments on it.")]
    try:
        answered = bool(answers_in(outcomes.judged(entry).options))
    except (OSError, ValueError, LiyiError):  # its file is missing or damaged: nothing more can be said of it
        answered = False
    if answered:
        lines.append(_("Your own answers about uncertain moments are removed for good, and so are the reports that "
                       "rest on them; where no other is left, it has to be assessed again."))  # fmt: skip
    return lines


def _back() -> str:
    return _("You can make it private again until somebody else has opened it. You can always delete it.")
