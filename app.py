"""The web app: ``streamlit run app.py``, or ``liyi app``. Thin: the pages and the live routes are in `liyi.ui`."""

import streamlit as st

from liyi.core import logs, owner
from liyi.ui import MAIN
from liyi.ui.addresses import known_addresses
from liyi.ui.attending import attend
from liyi.ui.live.policy import middleware
from liyi.ui.live.routes import routes
from liyi.ui.shell import shell
from liyi.ui.sign_in import media_owners

owner.only_owner()
logs.start()
media_owners.bind()
app = st.App(MAIN, routes=routes(), middleware=[*middleware(), known_addresses(), shell()], lifespan=attend)
