"""One question while an assessment is made: which of these went best? The answer stands beside the result.

Who judges themselves before they read what was measured learns from the difference. Kept in this session only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.etiquette.norms import load_pack
from liyi.report.findings import Mark, mark_of
from liyi.ui import outcomes
from liyi.ui.wording import _, lang

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.etiquette.assessment import Verdict
    from liyi.etiquette.pack import NormPack
    from liyi.ui.entries import Entry

MOST = 5


@dataclass(frozen=True)
class Aspect:
    """Something that may have gone well, in words of the trainee, and the criteria that measure it."""

    id: str
    words: str
    criteria: frozenset[str]


ASPECTS = (
    Aspect("bearing", N_("Upright bearing"), frozenset((
        "shoulder_tilt", "head_roll", "trunk_side_lean", "upright_ratio", "trunk_forward_lean",
        "trunk_forward_lean_standing", "head_forward", "sway",
    ))),
    Aspect("facing", N_("Facing the other person"), frozenset(("facing", "face_toward"))),
    Aspect("wording", N_("Courteous words"), frozenset(("courtesy_coverage", "please_not_orders"))),
    Aspect("tempo", N_("A fitting pace"), frozenset(("pace", "articulation_rate"))),
    Aspect("pauses", N_("Well placed pauses"), frozenset(("pause_share", "run_length", "long_pauses"))),
    Aspect("loudness", N_("A steady volume"), frozenset(("level_stability", "final_drop"))),
    Aspect("melody", N_("A lively tone"), frozenset(("pitch_variation", "pitch_range"))),
)  # fmt: skip


def aspects_of(pack: NormPack, profile: str) -> tuple[Aspect, ...]:
    """What can be chosen in a profile: aspects that it weighs, at most five."""
    weighed = {id for id, weight in pack.profiles[profile].weights.items() if weight > 0}
    return tuple(aspect for aspect in ASPECTS if aspect.criteria & weighed)[:MOST]


def mark_of_aspect(aspect: Aspect, verdicts: Sequence[Verdict]) -> Mark:
    """What was measured of it: the mark of its worst criterion; open when nothing of it was assessed."""
    found = [v for v in verdicts if v.criterion in aspect.criteria and v.status == "assessed" and v.weight > 0]
    worst = min(found, key=lambda v: v.sub_score if v.sub_score is not None else 1.0, default=None)
    return mark_of(worst) if worst is not None else Mark.OPEN


def ask(entry: Entry) -> None:
    """Put the question, while there is no result."""
    if not entry.pack:
        return
    try:
        pack = load_pack(entry.pack)
        offered = aspects_of(pack, pack.profile_id(entry.profile))
    except LiyiError:  # a pack or a profile that is gone: the assessment says so
        return
    if not offered:
        return
    words = {aspect.id: _(aspect.words) for aspect in offered}
    chosen = st.pills(_("Meanwhile: what went best this time?"), list(words), format_func=words.__getitem__,
                      default=_answers().get(entry.id), key=f"best-{entry.id}")  # fmt: skip
    if chosen:
        _answers()[entry.id] = chosen


def tell(entry: Entry) -> None:
    """Say beside the result what was thought best, and what was measured of it."""
    chosen = _answers().get(entry.id)
    aspect = next((each for each in ASPECTS if each.id == chosen), None)
    if aspect is None:
        return
    try:
        verdicts = outcomes.judged(entry).verdicts
    except (OSError, ValueError):  # its file is missing or damaged, as the page says
        return
    mark = mark_of_aspect(aspect, verdicts)
    st.caption(_("You thought that this went best: {aspect}. Measured: {mark}.",
                 aspect=_(aspect.words), mark=f"{mark.shape} {mark.word(lang())}"))  # fmt: skip


def _answers() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault("best", {})
    return found
