"""Records of processing: who did what with what, and when, in words; for administrators. Never with what content."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.moments import moment
from liyi.core.words import N_
from liyi.records import trail_file, trail_words
from liyi.records.operations import people, roster
from liyi.ui import pages
from liyi.ui import people as signed_in
from liyi.ui.staffing import shown
from liyi.ui.wording import _, lang, zone

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from liyi.records.store_tables import AuditLine

SIZE = 50
_FOUND = 20
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def page() -> None:
    """What was asked for, the newest first, a page at a time."""
    st.header(_(PAGE.title))
    st.caption(_("Who recorded, assessed, watched, exported and changed what. What people practise privately is in "
                 "their own records alone; the content of a recording is in none."))  # fmt: skip
    asked = _asked()
    if st.session_state.get("trail-asked") != asked:
        st.session_state["trail-asked"], st.session_state["trail-page"] = asked, 0
    at = int(st.session_state["trail-page"])
    store, who = signed_in.records(), signed_in.viewer()
    lines = people.audit_trail(store, who, **asked, size=SIZE + 1, offset=at * SIZE)
    names = people.names(store, who, trail_file.ids_named(lines))
    if lines:
        st.html(_table(lines[:SIZE], names))
    else:
        st.write(_("Nothing of this kind was done in this time."))
    _turn(at, more=len(lines) > SIZE)
    if shown.whole_organisation():
        _download(asked)


def _asked() -> dict[str, Any]:
    """What the list is narrowed to: by whom, what, and in which days."""
    first, second, third, fourth = st.columns(4)
    text = first.text_input(_("Who (name or account)"), max_chars=100, key="trail-who")
    group = second.selectbox(
        _("What"), [None, *trail_words.GROUPS], key="trail-what",
        format_func=lambda name: _(trail_words.GROUPS[name]) if name else _("All"),
    )  # fmt: skip
    since = third.date_input(_("From day"), None, format="YYYY-MM-DD", key="trail-since")
    until = fourth.date_input(_("To day"), None, format="YYYY-MM-DD", key="trail-until")
    return {
        "person_id": _person(text),
        "actions": trail_words.actions_of(group) if group else None,
        "since": datetime.combine(since, time(), zone()) if since else None,
        "until": datetime.combine(until + timedelta(days=1), time(), zone()) if until else None,
    }


def _person(text: str) -> UUID | None:
    """The person who is meant; where several are, one is to be chosen."""
    if not text.strip():
        return None
    store, who = signed_in.records(), signed_in.viewer()
    found = [
        entry.person
        for left in (False, True)
        for entry in roster.roster(store, who, text=text, left=left, size=_FOUND).entries
    ]
    if not found:
        st.info(_("Nobody is called so; everybody is shown."))
        return None
    if len(found) == 1:
        return found[0].id
    named = {person.id: person for person in found}
    chosen: UUID = st.selectbox(
        _("Several are called so"), list(named), key="trail-person",
        format_func=lambda id: f"{named[id].name} · {named[id].account or _('no account')}",
    )  # fmt: skip
    return chosen


def _table(lines: Sequence[AuditLine], names: dict[UUID, str]) -> str:
    """The lines as a table with headings."""
    heads = (_("When"), _("Who"), _("What was done"), _("With what"))
    rows = (
        (
            moment(line.at, zone()),
            trail_words.who_words(line, names, lang()),
            trail_words.action_words(line.action, lang()),
            trail_words.thing_words(line, names, lang()),
        )
        for line in lines
    )
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    labels = [escape(each) for each in heads]
    cells = (
        [f'<td data-label="{at}">{escape(each)}</td>' for at, each in zip(labels, row, strict=True)] for row in rows
    )
    body = "".join(f"<tr>{''.join(each)}</tr>" for each in cells)
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(_(PAGE.title))}">'
        f'<table class="told stacked"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _turn(at: int, *, more: bool) -> None:
    if not (at or more):
        return
    bar = st.container(horizontal=True, vertical_alignment="center")
    if bar.button(_("Newer"), key="trail-newer", disabled=at == 0):
        st.session_state["trail-page"] = at - 1
        st.rerun()
    if bar.button(_("Older"), key="trail-older", disabled=not more):
        st.session_state["trail-page"] = at + 1
        st.rerun()


def _download(asked: dict[str, Any]) -> None:
    bar = st.container(horizontal=True)
    for label, suffix, kind, write in (
        (_("Download what is shown (.xlsx)"), "xlsx", _XLSX, trail_file.workbook_of),
        (_("Download what is shown (.csv)"), "csv", "text/csv", trail_file.csv_of),
    ):
        content = _written(write, asked)
        bar.download_button(label, content, f"records.{suffix}", kind, key=f"trail-{suffix}", on_click="ignore")


def _written(write: Callable[..., bytes], asked: dict[str, Any]) -> Callable[[], bytes]:
    """Makes the file when its button is pressed; the records say then that it was taken."""
    store, who, language, clock = signed_in.records(), signed_in.viewer(), lang(), zone()

    def written() -> bytes:
        lines = people.export_trail(store, who, **asked)
        return write(lines, people.names(store, who, trail_file.ids_named(lines)), language, clock)

    return written


PAGE = pages.Page(N_("Records of processing"), "audit", "admin", 11, page)
