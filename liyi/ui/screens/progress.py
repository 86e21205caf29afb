"""Progress: every criterion over time against oneself, the same moment then and now, and all that is one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_, explain_reason, labelled, listed, pick, quantity
from liyi.etiquette.drill import all_drills
from liyi.etiquette.norms import load_pack
from liyi.records.operations import consent
from liyi.report.findings import Mark, dimension_name, measured_texts
from liyi.ui import clips, copies, deleting, history, pages, people, plot, replay
from liyi.ui.plain import explain, plain
from liyi.ui.screens.home import tried
from liyi.ui.wording import _, lang, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.records.operations.tries import Try
    from liyi.ui.history import Judged, Point, Series

LAST_TRIES = 12
SINCE_FIRST = {
    "better": N_("Better than the first time."),
    "none": N_("No clear change since the first time."),
    "worse": N_("Not as good as the first time."),
}
SINCE_LAST = {
    "better": N_("Better than the time before."),
    "worse": N_("Not as good as the time before."),
    "none": N_("No clear change since the time before."),
}
_COUNTS = {"better": N_("{count} better"), "none": N_("{count} without a clear change"),
           "worse": N_("{count} not as good")}  # fmt: skip
_EXAMPLE = ((9.0, 1.5), (7.0, 1.5), (None, 0.0), (4.0, 1.2), (2.0, 1.2))  # degrees, and their errors; told as such


def scene_name(of: Judged) -> str:
    """Norm pack, profile and major version in words."""
    judged = of.assessment
    try:
        pack = load_pack(judged.pack.id)
        names = [pick(pack.name, lang()), pack.profile_name(judged.profile, lang())]
    except LiyiError:  # a pack that is not here any more
        names = [judged.pack.id, judged.profile]
    return " · ".join(names)


def empty() -> None:
    """What there will be to see, and the way to it."""
    st.write(_("Here you see what has changed from one time to the next. Two assessments of the same scene are enough, "
               "or some tries of a drill. This is an example:"))  # fmt: skip
    found = [plot.Attempt(f"11-{day:02d}", value, error, "") for day, (value, error) in enumerate(_EXAMPLE, 3)]
    label = _("An example: shoulders, from 9° off to 2°, with the good band shaded and one time not assessed")
    with st.container(border=True):
        st.markdown(f"**{_('Example')}**")
        st.html(plot.attempts(found, "deg", -3.0, 3.0, lang=lang(), label=label))
    with st.container(horizontal=True):
        pages.link("today", _("To today's drills"))
        pages.link("practise", _("Practise a scene"))


def chosen_scene(found: Sequence[Judged]) -> tuple[Judged, ...]:
    """The assessments that are compared; asks for the scene where there are several."""
    groups = history.scenes(found)
    if len(groups) == 1:
        return groups[0]
    k = st.selectbox(_("Scene"), range(len(groups)), format_func=lambda k: scene_name(groups[k][0]), key="scene")
    return groups[k or 0]


def summary(every: Sequence[Series]) -> None:
    """How many criteria have changed since the first time."""
    changes = [change for change in map(history.since_first, every) if change is not None]
    if changes:
        counts = {kind: sum(change == kind for change in changes) for kind in _COUNTS}
        told = [_(_COUNTS[kind], count=count) for kind, count in counts.items() if count]
        st.write(labelled(_("Against the first time"), listed(told, lang()), lang()))
    st.caption(_("● ▲ ■ assessment · ◆ drill (measured live, with a larger error) · ○ not assessed · shaded: good"))
    st.caption(_("A change counts only when it is larger than the errors of both times. Nobody is compared with you."))


def criterion(one: Series) -> None:
    """A criterion: its attempts, what changed in words, and the same moment then and now."""
    with st.container(border=True):
        left, right = st.columns([3, 2], vertical_alignment="center")
        name = pick(one.name, lang()) or one.criterion
        with left:
            st.markdown(f"**{plain(name)}**")
            found = [attempt(point, one) for point in one.points]
            st.html(plot.attempts(found, one.unit, one.low, one.high, lang=lang(), label=said(name, one)))
        with right:
            for line in lines(one):
                st.write(line)
            for line in gaps(one):
                st.caption(line)
            both = [point.of for point in one.assessed if point.of is not None and point.of.entry.playable]
            if len(both) > 1 and st.toggle(_("Then and now"), key=f"pair-{one.criterion}"):
                st.session_state["pair"] = one.criterion
        if len(both) > 1 and st.session_state.get(f"pair-{one.criterion}"):
            side_by_side(both[0], both[-1], one.criterion)


def attempt(point: Point, one: Series) -> plot.Attempt:
    """A point of the plot."""
    date = when(point.at)
    if point.reading is None:
        why = explain_reason(point.verdict.reason if point.verdict else None, lang())
        return plot.Attempt(date[5:10], None, 0.0, f"{date} · {_('not assessed')} · {why}")
    told = quantity(point.reading.value, one.unit, lang(), error=point.reading.error)
    title = f"{date} · {told}"
    if point.source == "drill" or point.mark is None:
        return plot.Attempt(date[5:10], point.reading.value, point.reading.error, title, "accent", "◆")
    return plot.Attempt(date[5:10], point.reading.value, point.reading.error, title, point.mark.style,
                        point.mark.shape)  # fmt: skip


def said(name: str, one: Series) -> str:
    """What a screen reader says of the plot: every attempt."""
    return labelled(name, "; ".join(attempt(point, one).title for point in one.points), lang())


def lines(one: Series) -> list[str]:
    """The first and the last time in words, and what has changed."""
    known = one.assessed
    told = []
    for point in (*known[:1], *known[1:][-1:]):
        if point.verdict is not None:
            words = " · ".join(filter(None, [usual(point, one), *measured_texts(point.verdict, lang())]))
            told.append(labelled(when(point.at)[5:10], words, lang()))
    first, last = history.since_first(one), history.since_last(one)
    if first is not None:
        told.append(_(SINCE_FIRST[first]))
    if last is not None and last != first and len(known) > 2:
        told.append(_(SINCE_LAST[last]))
    return told


def usual(point: Point, one: Series) -> str:
    """What is drawn of what was off for a part of the time only: a point in the good band, which words must explain."""
    if point.reading is None or point.mark is Mark.GOOD or not one.low <= point.reading.value <= one.high:
        return ""
    return _("usually {value}", value=quantity(point.reading.value, one.unit, lang(), error=point.reading.error))


def gaps(one: Series) -> list[str]:
    """Why the last time that was not assessed was not."""
    missing = [point for point in one.points if point.reading is None and point.verdict is not None]
    if not missing or missing[-1].verdict is None:
        return []
    why = explain_reason(missing[-1].verdict.reason, lang())
    return [labelled(f"{when(missing[-1].at)[5:10]} {_('not assessed')}", why, lang())] if why else []


def side_by_side(first: Judged, last: Judged, of: str) -> None:
    """The same moment of two recordings, one beside the other."""
    pair = clips.pair(first.assessment, last.assessment, of)
    for column, judged, clip in zip(st.columns(2), (first, last), pair, strict=True):
        with column:
            st.caption(when(judged.entry.created_at) + (f" · {plain(clip.said)}" if clip.said else ""))
            play(judged, clip, silent=clips.is_seen(last.assessment, of))


def play(judged: Judged, clip: clips.Clip, *, silent: bool) -> None:
    """A stretch of a recording in a player; what is only seen plays at once, without its sound, again and again."""
    tokens: dict[str, str] = st.session_state.setdefault("replays", {})
    found = replay.opened(tokens.get(judged.entry.id, ""), people.viewer())
    if found is None:
        tokens[judged.entry.id] = replay.grant(judged.entry.id)
        found = replay.opened(tokens[judged.entry.id], people.viewer())
    begin = clips.start_in_file(judged.assessment, clip.start_s)
    if found is None or begin is None:
        st.caption(_("There is no recording to play."))
        return
    address = here(f"/live/{tokens[judged.entry.id]}/recording")
    start, end = int(begin), int(begin + clip.end_s - clip.start_s) + 1
    if found[1].startswith("audio/"):
        st.audio(address, start_time=start, end_time=end)
    else:
        st.video(address, start_time=start, end_time=end, autoplay=silent, muted=silent, loop=silent)


def here(path: str) -> str:
    """A path of this server as a whole address."""
    asked = urlsplit(st.context.url or "")
    return f"{asked.scheme}://{asked.netloc}{path}"


def criteria(found: Sequence[Judged], tries: Sequence[Try]) -> None:
    """One scene's criteria, a dimension at a time."""
    scene = chosen_scene(found)
    every = [one for one in history.series(scene, tries) if any(point.reading is not None for point in one.points)]
    summary(every)
    names = {one.dimension: dimension_name(scene[0].assessment, one.dimension, lang()) for one in every}
    if not names:
        return
    shown = st.segmented_control(_("Dimension"), list(names), format_func=names.__getitem__, default=next(iter(names)),
                                 key="dimension", required=True)  # fmt: skip
    of_it = [one for one in every if one.dimension == shown]
    for one in of_it:
        if history.is_telling(one):
            criterion(one)
    steady = [one for one in of_it if not history.is_telling(one)]
    if steady:
        with st.expander(_("Good, and without a clear change: {count}", count=len(steady))):
            for one in steady:
                criterion(one)


def drills(tries: Sequence[Try]) -> None:
    """Tries of each drill, those of the last days first."""
    st.subheader(_("Drills"))
    known = all_drills()
    for id in dict.fromkeys(each.drill for each in tries):
        own = [each for each in tries if each.drill == id]
        bar = st.container(horizontal=True, vertical_alignment="center")
        with bar:
            st.markdown(f"**{plain(pick(known[id].title, lang()) if id in known else id)}**")
            st.html(tried(own[:LAST_TRIES]), width="content")
            st.caption(_("Tries: {count}, met: {met}", count=len(own), met=sum(each.passed for each in own)))


def own() -> None:
    """All that is kept of oneself: taken away, or deleted."""
    st.subheader(_("What is kept of you"))
    st.caption(_("Your recordings, their assessments and your tries belong to you. Tries are seen by nobody else, "
                 "administrators neither."))  # fmt: skip
    bar = st.container(horizontal=True)
    with bar:
        if not copies.opens(st.session_state.get("copy", "")):
            st.session_state["copy"] = copies.grant()
        st.link_button(_("Download all of it (ZIP)"), here(f"/live/{st.session_state['copy']}/copy"))
        with st.popover(_("Delete all of it")):
            st.write(_("All your recordings, with their reports and everything measured from them, and all your tries "
                       "go into the trash. They can be restored for 7 days; then they are gone for good."))  # fmt: skip
            if st.button(_("Delete all of it"), key="delete-everything"):
                try:
                    deleting.discard_everything()
                except LiyiError as error:
                    st.error(explain(error))
                else:
                    st.rerun()
        who = people.viewer()
        if any(each.withdrawn_at is None for each in consent.consents(people.records(), who, who.person_id)):
            _withdrawing()
    for each in deleting.discarded():
        if each.tries or each.recordings > 1:  # a single recording is restored under Recordings
            bar = st.container(horizontal=True, vertical_alignment="center")
            bar.write(_("Deleted on {time}: recordings {recordings}, tries {tries}.", time=when(each.at.timestamp()),
                        recordings=each.recordings, tries=each.tries))  # fmt: skip
            if bar.button(_("Restore"), key=f"restore-{each.at.timestamp()}"):
                deleting.restore_everything(each.at)
                st.rerun()


def _withdrawing() -> None:
    """The way out of all consent, and what follows from it."""
    with st.popover(_("Withdraw my consent")):
        st.write(_("From then on nothing of you is recorded until you agree again. What is kept by your consent is "
                   "removed for good at the next purge, within the hour as a rule, and cannot be restored: download "
                   "first what you want to keep."))  # fmt: skip
        if st.button(_("Withdraw my consent"), key="withdraw-consent"):
            try:
                consent.withdraw_consent(people.records(), people.viewer())
            except LiyiError as error:
                st.error(explain(error))
            else:
                st.rerun()


def page() -> None:
    """Criteria of recordings, tries of drills, and what is kept."""
    st.html(plot.STYLE)
    st.header(_(PAGE.title))
    found, tries = history.own(), history.own_tries()
    if found:
        criteria(found, tries)
    if tries:
        drills(tries)
    if not found and not tries:
        empty()
    st.divider()
    own()


PAGE = pages.Page(N_("Progress"), "progress", "trainee", 5, page)
