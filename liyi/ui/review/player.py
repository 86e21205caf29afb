"""The review of one recording within a page of the app: one frame, which does everything by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from liyi.records.unit_of_work import id_of
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from uuid import UUID


def draw(recording_id: UUID | str) -> None:
    """Draw the player with its inspector; nothing that is done in it draws the page again.

    Parameters
    ----------
    recording_id
        Of a recording that the viewer judges; the frame stays empty for anybody else.

    Raises
    ------
    LiyiError
        When it is no id.
    """
    query = urlencode({"lang": lang(), "tz": st.context.timezone or ""})
    # The frame scrolls by itself, in what the bar above leaves of the window.
    st.html("<style>.st-key-inspected iframe {height: calc(100dvh - 5.75rem); min-height: 30rem; display: block} "
            ".st-key-inspected [data-testid=stElementContainer] {height: auto} "
            "#root .stMainBlockContainer {max-width: 100rem; padding: 0 1rem 0}</style>")  # fmt: skip
    with st.container(key="inspected"):
        st.iframe(f"/review/{id_of(recording_id).hex}/page?{query}", height=640, alt=_("Review"))
