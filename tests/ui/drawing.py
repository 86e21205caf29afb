"""A page drawn by itself, without a browser."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page(name: str, *, lang: str = "zh", **query: str) -> AppTest:
    """The page of a module of `liyi.ui.screens`, not drawn yet."""
    script = f"from liyi.ui import faults\nfrom liyi.ui.screens import {name}\nwith faults.told(): {name}.PAGE.draw()\n"
    shown = AppTest.from_string(script, default_timeout=60)
    shown.session_state["lang"] = lang
    for key, value in query.items():
        shown.query_params[key] = value
    return shown
