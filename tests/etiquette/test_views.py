"""Of two views that both show a criterion the one with the smaller error is judged, unless it saw far less of it."""

from __future__ import annotations

import numpy as np
import pytest

from liyi.core.trace import Trace
from liyi.etiquette.views import better


def seen(view: str, *, error: float, seconds: float) -> Trace:
    t = np.arange(0.0, 10.0, 0.1)
    return Trace("facing", "deg", t, np.where(t < seconds - 0.05, 1.0, np.nan), error, view=view)


@pytest.mark.parametrize(
    ("front", "side", "taken"),
    [
        ((2.0, 10.0), (1.0, 10.0), "side"),
        ((1.0, 10.0), (2.0, 10.0), "front"),
        ((1.0, 10.0), (1.0, 10.0), "front"),
        ((2.0, 10.0), (1.0, 6.0), "side"),
        ((2.0, 10.0), (1.0, 4.0), "front"),
        ((2.0, 10.0), (0.0, 0.0), "front"),
    ],
)
def test_the_rule(front, side, taken):
    shown = {
        "side": seen("side", error=side[0], seconds=side[1]),
        "front": seen("front", error=front[0], seconds=front[1]),
    }
    assert better(shown).view == taken
