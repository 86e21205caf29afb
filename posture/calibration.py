"""The calibration stretch: seconds that the user named, with which relative measures compare.

None is ever chosen by the program: whoever slouches throughout would be compared with their own slouch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from liyi.core.errors import LiyiError
from liyi.core.smoothing import sample_interval_s
from liyi.core.words import N_
from posture.skeleton import SHOULDERS

if TYPE_CHECKING:
    from liyi.core.trace import FloatArray, Interval
    from posture.track import FloatFrames

SHORTEST_S = 3.0

_OUTSIDE = N_("The calibration stretch {start_s}-{end_s} s lies outside the recording, which has {length_s} s: "
              "name seconds within it.")  # fmt: skip
_SHORT = N_("The calibration stretch {start_s}-{end_s} s is too short: name at least {least_s} seconds.")
_UNSEEN = N_("The shoulders are not in the picture for most of the calibration stretch {start_s}-{end_s} s: "
             "name another one, or none.")  # fmt: skip
REFUSALS = frozenset((_OUTSIDE, _SHORT, _UNSEEN))  # for interfaces where no seconds can be named


def check_calibration(given: Interval, t: FloatArray, points: FloatFrames) -> Interval:
    """The stretch that the user named, if one can calibrate with it.

    Raises
    ------
    LiyiError
        When it is shorter than 3 s, lies outside the recording, or does not show the shoulders for most of the time.
    """
    end_s = float(t[-1]) + sample_interval_s(t) if t.size else 0.0
    stretch = {"start_s": round(given.start_s, 1), "end_s": round(given.end_s, 1)}
    if given.start_s < 0 or given.end_s > end_s + 0.05:
        raise LiyiError(_OUTSIDE, **stretch, length_s=round(end_s, 1))
    if given.duration_s < SHORTEST_S:
        raise LiyiError(_SHORT, **stretch, least_s=round(SHORTEST_S))
    inside = given.covers(t)
    shoulders = np.isfinite(points[inside][:, SHOULDERS, 0]).all(axis=1)
    if not shoulders.size or shoulders.mean() < 0.5:
        raise LiyiError(_UNSEEN, **stretch)
    return given
