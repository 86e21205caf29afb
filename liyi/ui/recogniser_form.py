"""Which recogniser writes down what is said: asked for where a recording or a rehearsal begins."""

from __future__ import annotations

import streamlit as st

from liyi.core.options import RECOGNISER, Options
from liyi.ui.wording import _


def recogniser_form(options: Options) -> Options:
    """The options with the recogniser that was named; the usual one where nothing was."""
    named = st.text_input(
        _("Recogniser"),
        placeholder=options.recogniser or "",
        key="recogniser",
        help=_("The folder of another Whisper model converted for CTranslate2, on the machine that Liyi runs on; none "
               "for no transcript. Leave it empty for the usual one."),
    )  # fmt: skip
    return options.with_texts({RECOGNISER.name: named.strip()})
