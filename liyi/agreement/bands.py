"""Bands that follow people's pass and fail: tried on the stored measures, believed only where they hold up.

What belongs here: moving the edges of a criterion's bands, judging stored signals by each, and deciding whether one of
them agrees with people better than the present ones by more than chance. Nothing here writes a pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from liyi.agreement.concordance import CONFIDENCE, RESAMPLES, SEED, Estimate
from liyi.etiquette.aggregate import read
from liyi.report.findings import Mark, mark_of_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.core.trace import BoolArray, FloatArray, Signal
    from liyi.etiquette.pack import Band, Criterion

FEWEST = 20  # recordings; and of each verdict:
FEWEST_EACH = 5
FOLDS = 5
_STEPS = 5  # between the edge of good and that of tolerable
_FURTHEST_IN, _FURTHEST_OUT = -5, 10


@dataclass(frozen=True)
class Trial:
    """What came of trying other bands for one criterion.

    ``now`` is the balanced agreement of the present bands with people (mean of the shares of people's passes and of
    people's fails on which Liyi says the same), ``then`` that of moved bands in cross-validation, ``gain`` their
    difference with its interval. ``moved`` is None where the data do not support moving a band; ``n`` recordings were
    used, of which people let ``passed`` pass.
    """

    criterion: str
    n: int
    passed: int
    now: float
    then: float
    gain: Estimate
    moved: Criterion | None

    @property
    def enough(self) -> bool:
        """Whether there were recordings enough, of both verdicts, to try."""
        return enough(self.n, self.passed)


def enough(n: int, passed: int) -> bool:
    """Whether ``n`` recordings with ``passed`` passes can say anything about a band."""
    return n >= FEWEST and min(passed, n - passed) >= FEWEST_EACH


def passes(score: float) -> bool:
    """Whether a score of 0 to 1 is a pass: not a fault in the report."""
    return mark_of_score(round(score, 6)) is not Mark.FAULT


def candidates(criterion: Criterion) -> list[Criterion]:
    """The criterion itself, then with its edges moved, the nearest first.

    All three edges of a side move by the same amount, in fifths of the way from good to tolerable: both sides together
    where both are edges, and each alone. A side without a finite edge, or whose three edges are one, stays.
    """
    low, high = _step(criterion, 0), _step(criterion, 1)
    sides = [pair for pair in ((low, high), (low, 0.0), (0.0, high)) if pair != (0.0, 0.0)]
    steps = sorted(range(_FURTHEST_IN, _FURTHEST_OUT + 1), key=lambda k: (abs(k), k))
    found = [criterion]
    for k in steps[1:]:
        for by_low, by_high in dict.fromkeys(sides):
            other = _moved(criterion, k * by_low, k * by_high)
            if other.good[0] <= other.good[1]:
                found.append(other)
    return found


def pass_row(signal: Signal, tried: Sequence[Criterion]) -> list[bool]:
    """Whether a recording's signal passes by each of the bands, judged as the judge does."""
    readings = (read(signal, criterion) for criterion in tried)
    return [reading is not None and passes(reading.score) for reading in readings]


def decide(name: str, tried: Sequence[Criterion], table: BoolArray, people: BoolArray) -> Trial:
    """Choose among the bands by cross-validation over the recordings.

    Each fifth of the recordings is judged by the bands that agree best on the other four, so the gain is that on
    recordings which had no part in the choice. Its interval comes from resampling recordings within people's verdicts.

    Parameters
    ----------
    name : str
        Of the criterion.
    tried : sequence of Criterion, length m
        The present one first.
    table : array of bool, shape (n, m)
        A `pass_row` for each recording.
    people : array of bool, shape (n,)
        Whether people let each recording pass.
    """
    n, passed = people.size, int(people.sum())
    if not enough(n, passed):
        return Trial(name, n, passed, np.nan, np.nan, Estimate(np.nan), None)
    held_out = np.zeros(n, bool)
    fold = _folds(people)
    for number in range(FOLDS):
        mine = fold == number
        held_out[mine] = table[mine, _best(table[~mine], people[~mine])]
    now, then = _balanced(table[:, 0] == people, people), _balanced(held_out == people, people)
    gain = Estimate(then - now, *_gain_interval(held_out == people, table[:, 0] == people, people))
    best = _best(table, people)
    return Trial(name, n, passed, now, then, gain, tried[best] if best and gain.low > 0 else None)


def _step(criterion: Criterion, side: int) -> float:
    good, tolerable, fail = criterion.good[side], criterion.tolerable[side], criterion.fail[side]
    if not np.isfinite(good):
        return 0.0
    for outer in (tolerable, fail):
        if np.isfinite(outer) and outer != good:
            return abs(outer - good) / _STEPS
    return 0.0


def _moved(criterion: Criterion, low: float, high: float) -> Criterion:
    def move(band: Band) -> Band:
        return float(f"{band[0] - low:.6g}"), float(f"{band[1] + high:.6g}")

    bands = {key: move(getattr(criterion, key)) for key in ("good", "tolerable", "fail")}
    return criterion.model_copy(update=bands)


def _folds(people: BoolArray) -> FloatArray:
    """Fold of each recording: every verdict is dealt out in turn, so that each fold has its share of both."""
    fold = np.zeros(people.size)
    for verdict in (True, False):
        mine = np.flatnonzero(people == verdict)
        fold[mine] = np.arange(mine.size) % FOLDS
    return fold


def _best(table: BoolArray, people: BoolArray) -> int:
    """Column that agrees best; of equal ones the first, which is moved least."""
    agree = table == people[:, None]
    return int(np.argmax((agree[people].mean(axis=0) + agree[~people].mean(axis=0)).round(9)))


def _balanced(agree: BoolArray, people: BoolArray) -> float:
    return float(agree[people].mean() + agree[~people].mean()) / 2


def _gain_interval(then: BoolArray, now: BoolArray, people: BoolArray) -> tuple[float, float]:
    rng = np.random.default_rng(SEED)
    gain = np.zeros(RESAMPLES)
    for verdict in (True, False):
        change = then[people == verdict].astype(np.float64) - now[people == verdict]
        gain += change[rng.integers(change.size, size=(RESAMPLES, change.size))].mean(axis=1) / 2
    low, high = np.quantile(gain, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return float(low), float(high)
