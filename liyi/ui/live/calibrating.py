"""Whether the calibration that was just made can be used: judged while one still sits for it, so that it is repeated.

What belongs here: the four things that a calibration needs. Whoever is compared with a stretch in which they slouched,
crossed their arms or talked would be praised for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liyi.core.timeline import Timeline
from liyi.core.trace import Events, Trace
from liyi.core.words import N_, pick, translate
from liyi.etiquette.calibration import REFUSED_S
from liyi.etiquette.performance import measures
from liyi.ui.live.coach import live_criteria
from liyi.ui.live.position import ASKED, position_of
from posture.skeleton import SHOULDERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from liyi.core.trace import Interval
    from liyi.etiquette.pack import Criterion, NormPack
    from liyi.ui.live.window import Heard
    from posture.body import Body

SEEN_SHARE = 0.8  # of the stretch, both shoulders (one from the side, where it hides the other)
TALKED_S = 1.0  # a cough is not talk
_MEASURED_SHARE = 0.5


def fault_in(
    body: Body | None,
    heard: Heard | None,
    stretch: Interval,
    pack: NormPack,
    profile: str,
    exemptions: Collection[str],
    lang: str,
) -> str | None:
    """Why the calibration must be made once more, as one sentence in ``lang``; None for a good one.

    Parameters
    ----------
    body
        What the picture showed in the stretch alone, in its own time; None when no picture came.
    heard
        The last seconds of sound.
    stretch
        When it was, on the recording's clock.
    """
    if body is None or not _seen(body):
        return translate(ASKED["into_picture"][position_of(pack, profile)], lang)
    free = [c for id, c in pack.criteria.items() if not _exempt(id, c, exemptions)]
    for criterion in _held(body, free):
        return translate(N_("Let your arms hang or rest your hands ({what} was seen)."), lang,
                         what=pick(criterion.name, "en"), what_zh=pick(criterion.name, "zh"))  # fmt: skip
    named = live_criteria(pack, profile, "body")
    for criterion, side in _leaning(body, [c for id, c in named.items() if not _exempt(id, c, exemptions)]):
        words = criterion.hint.on("low" if side < 0 else "high")
        words = words if words.zh or words.en else criterion.name
        said = ASKED["not_upright"][position_of(pack, profile)]
        return translate(said, lang, what=pick(words, "en"), what_zh=pick(words, "zh"))
    if _talk_s(heard, stretch) >= TALKED_S:
        return translate(N_("Somebody spoke: please stay quiet until the countdown is over."), lang)
    return None


def _exempt(id: str, criterion: Criterion, exemptions: Collection[str]) -> bool:
    return bool({id, *criterion.exempt} & {*exemptions})


def _seen(body: Body) -> bool:
    shoulders = body.usable[:, SHOULDERS]
    there = shoulders.any(axis=1) if body.camera == "side" else shoulders.all(axis=1)
    return there.size > 0 and float(there.mean()) >= SEEN_SHARE


def _held(body: Body, criteria: list[Criterion]) -> Iterator[Criterion]:
    """Forbidden postures that were held, as in `liyi.etiquette.calibration.checked`."""
    for criterion in criteria:
        if criterion.kind == "fault" and measures()[criterion.measure].of == "body":
            signal = measures()[criterion.measure](body, criterion.params)
            if isinstance(signal, Events) and Timeline(signal.items).duration_s >= REFUSED_S:
                yield criterion


def _leaning(body: Body, criteria: list[Criterion]) -> Iterator[tuple[Criterion, int]]:
    """Qualities of bearing that stood beyond their tolerable band, with the side (-1, 1)."""
    for criterion in criteria:
        if criterion.kind != "quality" or measures()[criterion.measure].kind != "trace":
            continue
        signal = measures()[criterion.measure](body, criterion.params)
        value = signal.value if isinstance(signal, Trace) else np.empty(0)
        if value.size and np.isfinite(value).mean() >= _MEASURED_SHARE:
            middle = float(np.nanmedian(value))
            low, high = criterion.tolerable
            if not low <= middle <= high:
                yield criterion, -1 if middle < low else 1


def _talk_s(heard: Heard | None, stretch: Interval) -> float:
    if heard is None:
        return 0.0
    begin_s = heard.end_s - heard.voice.duration_s
    return sum(
        max(0.0, min(each.end_s + begin_s, stretch.end_s) - max(each.start_s + begin_s, stretch.start_s))
        for each in heard.voice.stretches
    )
