"""Which frames a sampling takes: the first one of every slot of time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# A frame may come this part of a slot early and still be its slot's frame: time stamps of WebM are rounded to 1 ms
# and cameras jitter, and without the grace a 10 fps recording sampled at 10 fps would lose frames to rounding.
SLOT_GRACE = 0.25


def slot(t_s: float | npt.NDArray[np.float64], rate_hz: float) -> npt.NDArray[np.int64]:
    """Index k of the sampling slot that a frame at ``t_s`` seconds belongs to.

    Slot k begins a quarter of a slot before k / ``rate_hz`` seconds. A slot without a frame is left out, so a
    recording slower than ``rate_hz`` keeps every frame it has.
    """
    return np.floor(np.asarray(t_s, dtype=np.float64) * rate_hz + SLOT_GRACE).astype(np.int64)


def sampled(t_s: npt.NDArray[np.float64], rate_hz: float) -> npt.NDArray[np.bool_]:
    """Which of the frames at ``t_s`` (n,), in increasing seconds, the sampling takes."""
    taken = np.ones(t_s.size, dtype=np.bool_)
    taken[1:] = np.diff(slot(t_s, rate_hz)) > 0
    return taken
