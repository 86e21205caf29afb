"""What is not inferred of anybody, one tap from where people agree to be recorded."""

from __future__ import annotations

import streamlit as st

from liyi.records.consent_texts import NOT_INFERRED
from liyi.ui.wording import _


def draw() -> None:
    """A button that opens the list."""
    with st.popover(_("What is not inferred"), type="tertiary"):
        st.markdown("\n".join(f"- {_(each)}" for each in NOT_INFERRED))
