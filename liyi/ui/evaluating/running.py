"""The second step of a batch: it is run by a process of its own, and the page follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from liyi.ui.evaluating.batch_words import STATES
from liyi.ui.wording import _

if TYPE_CHECKING:
    from liyi.records.batch_tables import Batch


def draw(batch: Batch) -> None:
    """Where the batch stands."""
    st.caption(_(STATES[batch.state]))
