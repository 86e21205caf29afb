"""The first step of a batch: files are brought in, and the list says whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.ui.wording import _

if TYPE_CHECKING:
    from liyi.records.batch_tables import Batch


def draw(batch: Batch) -> None:
    """What was brought to the batch."""
    st.caption(_("Nothing has been brought in yet."))
