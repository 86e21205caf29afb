"""One picture judged: what a criterion's rule says of a single moment, and why not where it takes time to tell.

What belongs here: a signal of one sample read as a value. A share of time is a yes or a no there, and a median the
value itself; nothing is averaged, so that the error is that of one reading alone. No total is made of it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from liyi.core.reasons import Reason
from liyi.core.trace import Events, Trace
from liyi.etiquette.aggregate import Reading, graded, sub_score
from liyi.etiquette.assessment import Evidence, NeedMissing
from liyi.etiquette.performance import measures

if TYPE_CHECKING:
    from liyi.core.trace import Signal
    from liyi.etiquette.pack import Criterion

AT_ONCE = frozenset(("time_share", "count"))  # of events: what one moment tells
# Of which a picture lacks more than time: that is told first.
_FIRST = frozenset((Reason.NO_SOUND, Reason.NO_PERSON, Reason.TOO_DARK, Reason.PICTURE_TURNED))
# Remedies that are no use to somebody with a photo.
_TAKES_TIME = frozenset((Reason.NO_CALIBRATION, Reason.TOO_SHORT, Reason.NOT_STILL))
NO_TOTAL = NeedMissing(need="one_picture", wanted="video", got="photo")


def read_at_once(signal: Signal, criterion: Criterion) -> Reading | None:
    """What one picture tells of a criterion; None where it shows nothing of it.

    Parameters
    ----------
    signal
        Measured in a photo: of one sample at most.
    criterion
        Its bands are those of the quantity itself; of a share of time, all of it or none.
    """
    if measures()[criterion.measure].picture is None or criterion.attribute:
        return None
    if isinstance(signal, Trace):
        return _of_value(signal, criterion)
    if isinstance(signal, Events) and criterion.aggregate in AT_ONCE:
        return _of_posture(signal, criterion)
    return None


def reason_against(signal: Signal, criterion: Criterion) -> Reason:
    """Why one picture tells nothing of a criterion."""
    at_once = measures()[criterion.measure].picture is not None and not criterion.attribute
    if signal.reason in _FIRST or (at_once and signal.reason is not None and signal.reason not in _TAKES_TIME):
        return Reason(signal.reason)
    return Reason.ONE_PICTURE


def _of_value(trace: Trace, criterion: Criterion) -> Reading | None:
    if not trace.value.size or not math.isfinite(trace.value[0]):
        return None
    value, error = float(trace.value[0]), math.hypot(trace.error, measures()[criterion.measure].picture_error)
    reading = graded(value, trace.unit, error, criterion)
    return replace(reading, evidence=(_at(f"{value:.3g} {trace.unit}".strip()),)) if reading.side else reading


def _of_posture(events: Events, criterion: Criterion) -> Reading | None:
    """Whether a posture is held: 1 or 0; undecided between its inner and its outer limit."""
    if not events.items and not events.undecided and events.reason is not None:
        return None
    held, most = bool(events.items), 100.0 if criterion.aggregate == "time_share" else 1.0
    scores = [sub_score(most * value, criterion) for value in (0.0, 1.0)]
    undecided = bool(events.undecided) and not held
    return Reading(
        value=float(held),
        unit="count",
        error=0.0,
        score=scores[held],
        evidence=(_at(""),) if held else (),
        value_decided=1.0 if undecided else None,
        score_decided=scores[1] if undecided else None,
    )


def _at(label: str) -> Evidence:
    return Evidence(start_s=0.0, end_s=0.0, label=label)
