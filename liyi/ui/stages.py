"""How far an assessment is, as a list that is ticked off, with the time that is left where that is known."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.words import N_
from liyi.scoring.perform import LISTENING, WATCHING
from liyi.scoring.score import WRITING
from liyi.scoring.two_views import ALIGNING, WATCHING_SIDE
from liyi.ui import jobs
from liyi.ui.wording import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.ui.jobs import Status

# As a list has them; while one runs, its own sentence says so.
NAMES: Mapping[str, str] = {
    jobs.JOINING: N_("Join the pieces"),
    LISTENING: N_("Listen to the voice"),
    WATCHING: N_("Watch the picture"),
    ALIGNING: N_("Align the recording from the side"),
    WATCHING_SIDE: N_("Watch the picture from the side"),
    WRITING: N_("Write the report"),
    jobs.FILING: N_("Keep recording and report"),
}
_SOON_S, _MINUTES_S = 5.0, 90.0
_STYLE = """<style>
ol.stages {list-style: none; margin: 0; padding: 0}
ol.stages li {display: flex; gap: 12px; padding: 4px 0; color: var(--soft)}
ol.stages li.done {color: var(--good)}
ol.stages li[aria-current] {color: var(--text); font-weight: 600}
ol.stages b {min-width: 1.25em; text-align: center; font-weight: inherit}
</style>"""


def show_stages(now: Status, *, rehearsal: bool, seen: bool = True, heard: bool = True, beside: bool = False) -> None:
    """Draw the stages of a job that runs, and how long it still takes.

    Parameters
    ----------
    now
        Where it stands.
    rehearsal
        Whether it begins with pieces that are joined.
    seen, heard
        Whether there is a picture to watch, and whether there may be sound.
    beside
        Whether there is another recording from the side.
    """
    left_out = {*([] if rehearsal else [jobs.JOINING]), *([] if seen else [WATCHING]),
                *([] if heard else [LISTENING]), *([] if beside else [ALIGNING, WATCHING_SIDE])}  # fmt: skip
    order = [stage for stage in NAMES if stage not in left_out]
    stage = jobs.FILING if now.state == "assessed" else now.stage
    here = order.index(stage) if stage in order else -1
    rows = "".join(_row(name, n, here, now.done) for n, name in enumerate(order))
    st.html(f'{_STYLE}<ol class="stages" aria-label="{escape(_("Stages"))}">{rows}</ol>')
    st.progress(_share(here, len(order), now.done), text=left(now.left_s) or _("Starting" if here < 0 else stage))


def _row(name: str, n: int, here: int, done: float) -> str:
    if n < here:
        return f'<li class="done"><b>✓</b>{escape(_(NAMES[name]))}</li>'
    if n > here:
        return f"<li><b>○</b>{escape(_(NAMES[name]))}</li>"
    share = f" {100 * done:.0f}%" if 0 < done < 1 else ""
    return f'<li aria-current="step"><b>●</b>{escape(_(name))}{share}</li>'


def _share(here: int, count: int, done: float) -> float:
    """How much of the stages is behind, 0..1: one bar for all, which never goes back."""
    return 0.0 if here < 0 else min(1.0, (here + min(max(done, 0.0), 1.0)) / count)


def left(seconds: float | None) -> str:
    """How long it still takes, as people say it; nothing where nobody knows."""
    if seconds is None:
        return ""
    if seconds < _SOON_S:
        return _("Nearly done")
    if seconds < _MINUTES_S:
        return _("About {seconds} seconds left", seconds=5 * math.ceil(seconds / 5))
    return _("About {minutes} minutes left", minutes=math.ceil(seconds / 60))
