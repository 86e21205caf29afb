"""The web door of browser tests: the app itself, with a calibration of a few seconds, and on request nothing assessed.

Nothing of this can be asked of the app: what is changed here are names of its modules, before it begins.
"""

import os

import streamlit as st

from liyi.core import logs, owner
from liyi.ui import MAIN, slots
from liyi.ui.addresses import known_addresses
from liyi.ui.attending import attend
from liyi.ui.live import component, rehearsing
from liyi.ui.live.policy import middleware
from liyi.ui.live.routes import routes
from liyi.ui.shell import shell

component.SETTLE_S, component.NEUTRAL_S = 0.5, 3.0  # the shortest that can calibrate
rehearsing.fault_in = lambda *about: None  # the camera's player crosses the arms and talks: any calibration is taken
if os.environ.get("E2E_QUEUE") == "closed":
    slots.may_begin = lambda running, fresh: False

owner.only_owner()
logs.start()
app = st.App(MAIN, routes=routes(), middleware=[*middleware(), known_addresses(), shell()], lifespan=attend)
