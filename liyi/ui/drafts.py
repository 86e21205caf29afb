"""What somebody typed and has not sent: kept in the memory of the server, for a reload or a session that ended.

It is that person's alone, never written to a disk, and gone once it is sent, after a day, and when the server ends.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.ui import people

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

KEPT_S = 24 * 3600.0
_MOST = 2000  # texts, of all people
_kept: dict[tuple[str, UUID, str, str], tuple[float, str]] = {}


def text(draw: Callable[..., str], label: str, form: str, name: str, *, sent: int = 0, **named: Any) -> str:
    """Draw a text field (``st.text_input`` or ``st.text_area``) in which a draft stands; what was typed is kept.

    Parameters
    ----------
    draw, label, named
        The field, and what it takes.
    form, name
        Of which form it is a field: one of the same recording or case.
    sent
        How often the form was sent: the field is another one, and empty, after each.
    """
    place, key = _place(form, name), f"{form}-{name}-{sent}"

    def keep() -> None:
        _drop()
        _kept.pop(place, None)
        _kept[place] = time.monotonic(), str(st.session_state.get(key, ""))

    at, draft = _kept.get(place, (0.0, ""))
    return draw(label, draft if time.monotonic() - at < KEPT_S else "", key=key, on_change=keep, **named)


def forget(form: str) -> None:
    """Forget what was typed into a form: it was sent."""
    mine = _place(form, "")[:3]
    for place in list(_kept):  # of which another session may take some away meanwhile
        if place[:3] == mine:
            _kept.pop(place, None)


def _drop() -> None:
    """Drop what is older than a day, and the oldest of too many; who typed last stands last."""
    for place, (at, _typed) in list(_kept.items()):
        if time.monotonic() - at < KEPT_S and len(_kept) < _MOST:
            return
        _kept.pop(place, None)


def _place(form: str, name: str) -> tuple[str, UUID, str, str]:
    return str(people.records().engine.url), people.viewer().person_id, form, name
