"""Everything that is kept: rehearsals and uploads, with report, replay, download, delete and undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_, number, quantity
from liyi.etiquette.norms import load_pack
from liyi.report.findings import mark_of_score
from liyi.report.totals import total_name, total_text
from liyi.ui import deleting, entries, outcomes, pages, results
from liyi.ui.wording import _, lang, when

if TYPE_CHECKING:
    from liyi.ui.entries import Entry

STATES = {
    "open": N_("Not finished"),
    "ended": N_("Waiting for its assessment"),
    "running": N_("Being assessed"),
    "done": N_("Assessed"),
    "failed": N_("Could not be assessed"),
}

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


def outcome(entry: Entry) -> str:
    """Total and coverage, or how far the recording has come."""
    if entry.place:
        return _("Waiting for its assessment: place {place}", place=entry.place)
    if entry.coverage is None:
        return _(STATES[entry.state])
    coverage = _("coverage {share}", share=quantity(round(100 * entry.coverage), "%", lang()))
    if entry.total is None:
        return " · ".join([_("no total"), coverage])
    mark = mark_of_score(entry.total / 100)
    shown = f"{mark.shape} {mark.word(lang())}"  # of the total, and so before it
    return " · ".join([shown, points(entry, entry.total), coverage, *reservations(entry)])


def points(entry: Entry, total: float) -> str:
    """The total with what it is made of and its error."""
    try:
        judged = outcomes.judged(entry)
    except (
        OSError,
        ValueError,
        LiyiError,
    ):  # its file is missing or damaged: the row in the records still has a number
        return _("{total} points", total=number(total, 0))
    return " ".join(filter(None, [total_name(judged, lang()), _("{total} points", total=total_text(judged, lang()))]))


def reservations(entry: Entry) -> list[str]:
    """What stands behind a total that is none by itself: a red line that caps it, or waits for a person."""
    try:
        judged = outcomes.judged(entry)
    except (OSError, ValueError, LiyiError):
        return []
    told = {cap.status for cap in judged.caps if cap.status == "applied" or cap.total < (judged.total or 0.0)}
    return [_(_RESERVATIONS[status]) for status in sorted(told)]


def name_of(entry: Entry) -> str:
    """What the user calls it."""
    return _("Rehearsal") if entry.kind == "rehearsal" else entry.name


def row(entry: Entry) -> None:
    """One recording."""
    with st.container(border=True):
        text, buttons = st.columns([3, 2], vertical_alignment="center")
        text.markdown(f"**{when(entry.created_at)}** · {name_of(entry)}")
        text.caption(scene(entry))
        text.write(outcome(entry))
        bar = buttons.container(horizontal=True, horizontal_alignment="right")
        label = _("Report") if entry.state == "done" else _("Open")
        if bar.button(label, key=f"open-{entry.id}", type="primary"):
            if entry.kind == "rehearsal":
                pages.go("practise", rehearsal=entry.id)
            pages.go("assess", job=entry.id)
        shown = entry.playable and bar.toggle(_("Replay"), key=f"replay-{entry.id}")
        with bar.popover(_("More")):
            results.download(entry)
            results.confirm(entry)
        if shown:
            results.play(entry)


def undo() -> None:
    """Right after a deletion: the way back."""
    last = next((entry for entry in entries.trash() if entry.id == st.session_state.get("undo")), None)
    if last is None:
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    bar.write(_("Deleted: {name}, {time}.", name=name_of(last), time=when(last.created_at)))
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
            bar.write(f"{when(entry.created_at)} · {name_of(entry)}")
            if bar.button(_("Restore"), key=f"restore-{entry.id}"):
                deleting.restore(entry)
                st.rerun()
            if bar.button(_("Delete for good"), key=f"purge-{entry.id}"):
                deleting.purge(entry)
                st.rerun()


def page() -> None:
    """The list, newest first."""
    st.header(_(PAGE.title))
    st.caption(_("Recordings stay on this machine. Nothing is sent anywhere."))
    undo()
    asked = st.session_state.setdefault("asked", entries.PAGE)
    kept = entries.entries(size=asked + 1)
    if not kept:
        st.write(_("Nothing is kept here yet. Practise once, or assess a sample recording to see what a report says."))
        with st.container(horizontal=True):
            pages.link("practise", _("Practise"))
            pages.link("assess", _("Assess a recording"))
    for entry in kept[:asked]:
        row(entry)
    if len(kept) > asked and st.button(_("Older recordings")):
        st.session_state["asked"] = asked + entries.PAGE
        st.rerun()
    trash()


PAGE = pages.Page(N_("Recordings"), "recordings", "everyone", 3, page)
