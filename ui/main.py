"""The web app's frame: language, navigation, and nothing else."""

from __future__ import annotations

import streamlit as st

from ui.wording import _

st.set_page_config(page_title="Liyi 礼仪", layout="wide", initial_sidebar_state="collapsed")
# Streamlit leaves six rem above the page for a toolbar that is not shown here
st.html("<style>.stMainBlockContainer {padding-top: 2.5rem; max-width: 76rem}</style>")
st.navigation([st.Page("pages/assess.py", title=_("Assess a recording"), url_path="assess", default=True)],
              position="hidden").run()  # fmt: skip
