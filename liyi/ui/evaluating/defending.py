"""The third step of a batch: the table of what came of it, confirmed by a named person, and handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.ui.wording import _

if TYPE_CHECKING:
    from liyi.records.batch_tables import Batch


def draw(batch: Batch) -> None:
    """What came of the batch."""
    st.caption(_("There are no results yet."))
