"""Who confirms, where nobody signs in: a mark stands under a person's name, so that is asked for first."""

from __future__ import annotations

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.records import sign_in
from liyi.ui import people
from liyi.ui.plain import explain
from liyi.ui.wording import _


def is_wanting() -> bool:
    """Whether nobody is signed in and the one person of this machine has not said their name."""
    return not people.team() and not sign_in.is_named(people.records())


def ask() -> None:
    """Ask for the name and the unit, once for this machine."""
    st.write(_("Marks stand under the name of who confirms them: say yours, and your unit's, once."))
    first, second, third = st.columns([2, 2, 1], vertical_alignment="bottom")
    name = first.text_input(_("Your name"), max_chars=100, key="own-name").strip()
    unit = second.text_input(_("Your unit"), max_chars=200, key="own-unit").strip()
    if third.button(_("Keep"), key="own-keep", disabled=not (name and unit)):
        try:
            sign_in.name_alone(people.records(), name, unit)
        except LiyiError as error:
            st.error(explain(error))
            return
        st.rerun()
