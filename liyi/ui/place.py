"""What the place is called in which everything is kept: the reader's own machine, or a server that others reach too."""

from __future__ import annotations

from liyi.core.words import N_, translate
from liyi.ui.live import access

MACHINE, SERVER = N_("this machine"), N_("this server")


def place(lang: str) -> str:
    """The place in words: who reads that on a server that has a name is at another machine."""
    return translate(SERVER if access.has_other_names() else MACHINE, lang)
