"""The product bar on top of every page: the mark, the pages, the language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.ui.wording import LANGUAGES, _, lang

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = "礼仪 Liyi"  # the product's, in every language


def draw_bar(start: st.Page, tabs: Sequence[tuple[str, st.Page]], here: str) -> None:
    """Draw it.

    Parameters
    ----------
    start
        The page that the mark leads to.
    tabs
        Address and page of each, in their order.
    here
        Address of the page that is shown.
    """
    # What the document's script reads (`static/shell.mjs`): it marks the tab and tells screen readers the language.
    st.html(f'<i data-page-lang="{lang()}" data-page-address="{here}"></i>')
    bar = st.container(key="bar", horizontal=True, vertical_alignment="center")
    with bar.container(key="brand", width="content"):
        st.page_link(start, label=NAME)
    with bar.container(key="tabs", horizontal=True, width="stretch", gap=None):
        for address, page in tabs:
            with st.container(key=f"tab-{address}", width="content"):
                st.page_link(page)
    bar.segmented_control(
        _("Language"),
        list(LANGUAGES),
        format_func=lambda code: LANGUAGES[code],
        default=lang(),
        key="lang",
        required=True,
        label_visibility="collapsed",
    )
