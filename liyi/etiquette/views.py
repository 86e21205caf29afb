"""A performance seen by two cameras: what the one at the side saw, and which view a criterion is taken from.

What belongs here: the second camera's part of a performance, on the clock of the first, and the one rule of choosing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from liyi.core.errors import LiyiError
from liyi.core.reasons import Reason
from liyi.core.smoothing import sample_interval_s
from liyi.core.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.trace import Interval, Signal, View
    from liyi.media.aligning import Alignment
    from posture.body import Body
    from posture.track import PoseTrack

MUCH_LONGER = 2.0  # a view that shows it for so many times as long is better, whatever its error


@dataclass(frozen=True)
class SideView:
    """The same performance recorded from the side.

    Attributes
    ----------
    name, sha256, duration_s
        Of the second recording, as in `liyi.etiquette.performance.Performance`; its own length.
    alignment : Alignment or None
        Where its moments lie in the first recording; None where that is not sure.
    body : Body or None
        What was seen in it while the first recording ran, in the seconds of that one; None without an alignment.
    """

    name: str
    sha256: str
    duration_s: float
    alignment: Alignment | None
    body: Body | None

    @property
    def reason(self) -> Reason | None:
        """Why nothing of it can be used; None where it can."""
        return Reason.NOT_ALIGNED if self.alignment is None else None


def better(shown: Mapping[View, Signal]) -> Signal:
    """The signal to judge, of those of the views that can show it.

    The one with the smaller error; where one view shows it for more than twice as long as the other, that one; of
    equals the front, whose clock all moments are told by.
    """
    ranked = sorted(shown.values(), key=lambda signal: (signal.error, signal.view))
    longest = max(map(_seen_s, ranked))
    return next(signal for signal in ranked if MUCH_LONGER * _seen_s(signal) >= longest)


def _seen_s(signal: Signal) -> float:
    """Seconds in which it was seen."""
    if isinstance(signal, Trace):
        return float(np.isfinite(signal.value).sum()) * sample_interval_s(signal.t)
    return signal.watched_s


def read_side(track: PoseTrack, stretch: Interval | None) -> Body | None:
    """What a camera at the side saw, with the calibration as far as it shows it; None where it saw nothing."""
    from posture.reading import read_body

    if not track.t.size:
        return None
    try:
        return read_body(track, camera="side", calibration=stretch)
    except LiyiError:  # somebody else stood before it then, or it was not on yet
        return read_body(track, camera="side")
