"""The page's language: the browser's, unless the user chose another; times as the user's clock shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from liyi.core.moments import moment, zone_of
from liyi.core.words import translate
from liyi.ui.place import place

if TYPE_CHECKING:
    from datetime import tzinfo

LANGUAGES = {"zh": "中文", "en": "English"}


def lang() -> str:
    """``zh`` or ``en``: the choice in this session or address, else the browser's locale."""
    chosen = st.session_state.get("lang") or st.query_params.get("lang")
    return str(chosen) if chosen in LANGUAGES else _browser_lang()


def keep_address() -> None:
    """Have the browser's address say what is shown: the page's query, and a language that is not the browser's.

    It is told at every run. A link from a page to itself leaves the address as it was: a reload would bring back what
    the page was opened with, and so would the next control, which sends the address along.
    """
    query = st.query_params.to_dict()
    query.pop("lang", None)
    if lang() != _browser_lang():
        query["lang"] = lang()
    if query:
        st.query_params.from_dict(query)
    else:
        st.query_params.clear()


def _browser_lang() -> str:
    return "zh" if (st.context.locale or "zh").lower().startswith("zh") else "en"


def _(sentence: str, **fields: Any) -> str:
    """The sentence in the page's language."""
    return translate(sentence, lang(), **fields)


def here() -> str:
    """Where everything is kept, in words: on this machine, or on this server."""
    return place(lang())


def zone() -> tzinfo:
    """The user's time zone."""
    return zone_of(st.context.timezone)


def when(seconds: float) -> str:
    """Seconds since 1970 as date and time where the user is."""
    return moment(seconds, zone())
