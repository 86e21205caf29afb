"""One change at a time: it is done when a button was pressed, then told in words, with the way back where there is one.

What was done is told until the next change, and only on the view to which it belongs.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NoReturn

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.moments import moment
from liyi.records.passwords import Code
from liyi.ui import pages
from liyi.ui.plain import explain
from liyi.ui.wording import _, zone

if TYPE_CHECKING:
    from collections.abc import Callable

ADDRESS = "people"
VIEW_KEYS = ("person", "cohort", "view")  # of the address
_DONE = "people-done"


@dataclass(frozen=True)
class Done:
    """What was done, where it is told, how to take it back, and a one-time code that is shown this once."""

    said: str
    view: dict[str, str]
    undo: Callable[[], object] | None = None
    code: Code | None = None


def here() -> dict[str, str]:
    """Which view is open."""
    return {key: st.query_params[key] for key in VIEW_KEYS if key in st.query_params}


def go(**view: str) -> NoReturn:
    """Open another view of the page."""
    pages.go(ADDRESS, **view)


def act(
    work: Callable[[], object],
    said: str,
    *,
    undo: Callable[[], object] | None = None,
    then: dict[str, str] | Callable[[], dict[str, str]] | None = None,
) -> None:
    """Do something, tell it, and draw the page anew; what was refused is told at once.

    Parameters
    ----------
    work
        The change; where it gives a one-time code, that is shown.
    said
        What it did, in words of the page's language.
    undo
        Takes it back; None where that is not possible.
    then
        The view to open, or what gives it once the change is done; the same view when not given.
    """
    try:
        answer = work()
        view = then() if callable(then) else then
    except LiyiError as error:
        st.error(explain(error))
        return
    code = answer if isinstance(answer, Code) else None
    st.session_state[_DONE] = Done(said, here() if view is None else view, undo, code)
    if view is None:
        st.rerun()
    go(**view)


def told() -> None:
    """What was done last, on top of the view, with its undo; a code is never shown twice."""
    last: Done | None = st.session_state.get(_DONE)
    if last is None or last.view != here():
        st.session_state.pop(_DONE, None)
        return
    with st.container(key="done", border=True):
        bar = st.container(horizontal=True, vertical_alignment="center")
        bar.html(f'<span role="status"><span class="mark-good" aria-hidden="true">●</span> {escape(last.said)}</span>')
        if last.undo is not None and bar.button(_("Undo"), key="undo-last"):
            act(last.undo, _("Taken back."))
        if last.code is not None:
            st.html(f'<output class="code">{escape(last.code.text)}</output>')
            until = moment(last.code.until, zone())
            st.caption(_("This code is shown only now. Hand it over in person; it opens the account once, until "
                         "{until}.", until=until))  # fmt: skip
