"""The web door: ``streamlit run app.py``, or ``liyi app``. Thin: the pages and the live routes are in `ui`."""

import streamlit as st

from signals import logs, owner
from ui.attending import attend
from ui.live.policy import middleware
from ui.live.routes import routes

owner.only_owner()
logs.start()
app = st.App("ui/main.py", routes=routes(), middleware=middleware(), lifespan=attend)
