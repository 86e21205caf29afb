"""Everything that is kept: rehearsals and uploads, with report, replay, download, delete and undo."""

from __future__ import annotations

import time
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import N_, clock, labelled, pick, quantity
from liyi.etiquette.norms import list_packs, load_pack
from liyi.report.findings import mark_of_score, whole_points
from liyi.report.totals import total_name, total_text
from liyi.ui import deleting, entries, gold_asking, outcomes, pages, people, reports, results, submitting, takes
from liyi.ui.cases import consenting
from liyi.ui.plain import plain
from liyi.ui.sample import SAMPLES
from liyi.ui.screens import assess
from liyi.ui.wording import _, here, lang, when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.etiquette.assessment import Assessment
    from liyi.records.operations.standing import Standing
    from liyi.report.findings import Mark
    from liyi.ui.entries import Entry

STATES = {
    "open": N_("Not finished"),
    "ended": N_("Waiting for its assessment"),
    "running": N_("Being assessed"),
    "done": N_("Assessed"),
    "failed": N_("Could not be assessed"),
}

_DAYS = {0: N_("Any time"), 7: N_("Last 7 days"), 30: N_("Last 30 days"), 365: N_("Last year")}
_FEW = 5  # recordings among which nobody searches
_LOOKED_THROUGH = 200  # of the newest, for those of one scene
_DAY_S = 86400.0

_RESERVATIONS = {
    "applied": N_("capped by a red line"),
    "needs_review": N_("provisional: a red line waits for a person's decision"),
}


def scene(entry: Entry) -> str:
    """Norm pack and profile in words."""
    try:
        pack = load_pack(entry.pack)
        names = [getattr(pack.name, lang())] + ([pack.profile_name(entry.profile, lang())] if entry.profile else [])
    except LiyiError:  # a pack that is not here any more
        names = [entry.pack, entry.profile or ""]
    return " · ".join(name for name in names if name)


def outcome(entry: Entry) -> tuple[Mark | None, str]:
    """The mark of its total, if it has one; total and coverage in words, or how far the recording has come."""
    if entry.place:
        return None, _("Waiting for its assessment: place {place}", place=entry.place)
    if entry.coverage is None:
        return None, _(STATES[entry.state])
    coverage = _("coverage {share}", share=quantity(round(100 * entry.coverage), "%", lang()))
    if entry.total is None:
        return None, " · ".join([_("no total"), coverage])
    try:
        judged = outcomes.judged(entry)
    except (OSError, ValueError, LiyiError):  # its file is missing or damaged: the row in the records has a number
        told = _("{total} points", total=whole_points(entry.total))
        return mark_of_score(entry.total / 100), " · ".join([told, coverage])
    return mark_of_score(entry.total / 100), " · ".join([points(judged), coverage, *reservations(judged)])


def points(judged: Assessment) -> str:
    """The total with what it is made of and its error."""
    return " ".join(filter(None, [total_name(judged, lang()), _("{total} points", total=total_text(judged, lang()))]))


def reservations(judged: Assessment) -> list[str]:
    """What stands behind a total that is none by itself: a red line that took from it, or waits for a person."""
    limited = {"applied": judged.total_before_caps or 0.0, "needs_review": judged.total or 0.0}
    told = {cap.status for cap in judged.caps if cap.total < limited[cap.status]}
    return [_(_RESERVATIONS[status]) for status in sorted(told)]


def name_of(entry: Entry) -> str:
    """What the user calls it: a kept take by its drill, a sample by what it shows, an upload by its file."""
    if entry.kind == "rehearsal":
        return _("Rehearsal")
    drill = takes.drill_of(entry.name)
    if drill is not None:
        return labelled(_("Drill"), pick(drill.title, lang()), lang())
    title = assess.title_of_sample(entry.name)
    return labelled(_("Sample"), title, lang()) if title else entry.name


def row(entry: Entry, standing: Standing | None = None, *, whose: str | None = None) -> None:
    """One recording: when, what, where, how long, what came of it, and what can be done with it.

    ``standing`` is where it stands once it is submitted (`liyi.ui.submitting`), ``whose`` the name that its file bears.
    """
    with st.container(border=True):
        text, buttons = st.columns([3, 2], vertical_alignment="center")
        about = [scene(entry), clock(entry.duration_s) if entry.duration_s else ""]
        mark, came = outcome(entry)
        marked = f'<span class="mark-{mark.style}">{mark.shape} {mark.word(lang())}</span> · ' if mark else ""
        new = f'<span class="new">{escape(_("New"))}</span>' if standing is not None and standing.unread else ""
        head = f"<b>{when(entry.created_at)}</b><span>{escape(name_of(entry))}</span>{new}"
        state = f'<span class="soft state">{escape(submitting.told(standing))}</span>' if people.team() else ""
        text.html(
            f'<div class="row"><div class="head">{head}</div>'
            f'<span class="soft">{escape(" · ".join(filter(None, about)))}</span>'
            f'<span class="came">{marked}{escape(came)}</span>{state}</div>'
        )
        bar = buttons.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center")
        shown = entry.playable and bar.toggle(
            _("Show") if entry.duration_s == 0 else _("Replay"), key=f"replay-{entry.id}"
        )
        if people.team():
            submitting.offer(bar, entry, standing)
        label = _("Report") if entry.state == "done" else _("Open")
        if bar.button(label, key=f"open-{entry.id}", type="primary"):
            submitting.note_read(entry, standing)
            if entry.kind == "rehearsal":
                pages.go("practise", rehearsal=entry.id)
            pages.go("assess", job=entry.id)
        with bar.popover(_("More")):
            results.download(entry, whose=whose)
            if standing is not None:
                st.caption(_("What others said of it, your appeals and its cases are deleted with it."))
                if (
                    entry.state == "done"
                    and entry.duration_s
                    and st.button(_("Offer a stretch as a case"), key=f"case-{entry.id}")
                ):
                    pages.go("cases", propose=entry.id)
            results.confirm(entry)
        submitting.ask(entry)
        if shown:
            results.play(entry)


def nothing_yet() -> None:
    """What a list without recordings teaches: what a report is, and how to get one's own."""
    st.write(_("Nothing is kept here yet. Practise once, or assess a sample recording to see what a report says."))
    if st.button(_("Practise now"), type="primary"):
        pages.go("practise")
    found = sorted(SAMPLES.glob("*.mp4"))
    pack = next((ref.id for ref in list_packs()), None)
    if found and pack is not None:
        profile = next(iter(load_pack(pack).profiles))
        with st.container(key="samples", width=432):
            begun = assess.samples(pack, Options(profile), found[:1])
        if begun is not None:
            pages.go("assess", job=begun)


def chosen(kept: list[Entry], standings: Mapping[str, Standing]) -> list[Entry]:
    """Those of the scene, the days and the state that are asked for; asked only where there are many."""
    if len(kept) <= _FEW and "since" not in st.session_state:
        return kept
    left, right, *rest = st.columns(3 if people.team() else 2)
    state = rest[0].selectbox(
        _("State"), list(submitting.STATES), format_func=lambda state: _(submitting.STATES[state]), key="state"
    ) if rest else ""  # fmt: skip
    days = right.selectbox(_("When"), list(_DAYS), format_func=lambda days: _(_DAYS[days]), key="since")
    since = time.time() - days * _DAY_S if days else 0.0
    names = sorted({scene(entry) for entry in kept} - {""})
    wanted = left.selectbox(_("Scene"), ["", *names], format_func=lambda name: name or _("All scenes"), key="scene")
    of_state = (entry for entry in kept if submitting.is_in(state, standings.get(entry.id)))
    found = [entry for entry in of_state if entry.created_at >= since and wanted in ("", scene(entry))]
    if not found:
        st.write(_("None of your newest recordings is of this scene, this time and this state.") if state else
                 _("None of your newest recordings is of this scene and this time."))  # fmt: skip
    return found


def undo() -> None:
    """Right after a deletion: the way back."""
    last = next((entry for entry in entries.trash() if entry.id == st.session_state.get("undo")), None)
    if last is None:
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.write(_("Deleted: {name}, {time}.", name=plain(name_of(last)), time=when(last.created_at)))
    if bar.button(_("Undo")):
        deleting.restore(last)
        st.rerun()


def trash() -> None:
    """What was deleted, until it is purged."""
    gone = entries.trash()
    if not gone:
        return
    with st.expander(_("Deleted: {count}", count=len(gone))):
        st.caption(_("Removed for good 7 days after deletion."))
        for entry in gone:
            bar = st.container(horizontal=True, vertical_alignment="center")
            bar.write(f"{when(entry.created_at)} · {plain(name_of(entry))}")
            if bar.button(_("Restore"), key=f"restore-{entry.id}"):
                deleting.restore(entry)
                st.rerun()
            if bar.button(_("Delete for good"), key=f"purge-{entry.id}"):
                deleting.purge(entry)
                st.rerun()


def page() -> None:
    """The list, newest first."""
    st.header(_(PAGE.title))
    st.caption(_("Recordings stay on {place}. Nothing is sent anywhere.", place=here()))
    if people.team():
        submitting.who_can_see()
    consenting.news()
    submitting.say()
    gold_asking.ask()
    undo()
    asked = st.session_state.setdefault("asked", entries.PAGE)
    narrowed = any(st.session_state.get(name) for name in ("since", "scene", "state"))
    kept = entries.entries(size=max(asked + 1, _LOOKED_THROUGH) if narrowed else asked + 1)
    standings = submitting.standings()
    found = chosen(kept, standings)
    if not kept:
        nothing_yet()
    whose = reports.own_name(people.viewer())
    for entry in found[:asked]:
        row(entry, standings.get(entry.id), whose=whose)
    if len(kept if narrowed else found) > asked and st.button(_("Older recordings")):
        st.session_state["asked"] = asked + entries.PAGE
        st.rerun()
    trash()


PAGE = pages.Page(N_("Recordings"), "recordings", "everyone", 4, page)
