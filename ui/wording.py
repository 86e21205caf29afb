"""The page's language: the browser's, unless the user chose another."""

from __future__ import annotations

from typing import Any

import streamlit as st

from report.words import translate


def lang() -> str:
    """``zh`` or ``en``: the choice in this session, else the browser's locale."""
    chosen = st.session_state.get("lang")
    if chosen in ("zh", "en"):
        return str(chosen)
    return "zh" if (st.context.locale or "zh").lower().startswith("zh") else "en"


def _(sentence: str, **fields: Any) -> str:
    """The sentence in the page's language."""
    return translate(sentence, lang(), **fields)
