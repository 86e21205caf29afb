"""The page's language: the browser's, unless the user chose another; times as the user's clock shows them."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from liyi.core.words import translate
from liyi.ui.place import place

LANGUAGES = {"zh": "中文", "en": "English"}


def lang() -> str:
    """``zh`` or ``en``: the choice in this session or address, else the browser's locale."""
    chosen = st.session_state.get("lang") or st.query_params.get("lang")
    return str(chosen) if chosen in LANGUAGES else _browser_lang()


def keep_lang() -> None:
    """Put a language that is not the browser's into the address, where it survives a reload."""
    wanted = lang() if lang() != _browser_lang() else None
    if wanted is None:
        st.query_params.pop("lang", None)
    elif st.query_params.get("lang") != wanted:
        st.query_params["lang"] = wanted


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
    with contextlib.suppress(ZoneInfoNotFoundError, ValueError):  # a browser's zone that this machine does not know
        return ZoneInfo(st.context.timezone or "UTC")
    return UTC


def when(seconds: float) -> str:
    """Seconds since 1970 as date and time where the user is."""
    return datetime.fromtimestamp(seconds, zone()).strftime("%Y-%m-%d %H:%M")
