"""The web door: ``streamlit run app.py``, or ``liyi app``. Thin: the pages are in `ui`."""

import streamlit as st

app = st.App("ui/main.py")
