"""How far a voice gets before it stops: syllables from one pause to the next, and how many stand in scraps.

Who pauses at commas has five syllables and more between pauses; who stops inside words has two or three. Where a word
ends is not asked: the sound alone tells it, in every language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liyi.core.measure import MOST_EVIDENCE, Found, Single
from liyi.core.reasons import Reason
from liyi.core.timeline import Timeline
from liyi.core.trace import Event, FloatArray, Interval
from speech.errors import published
from speech.measures.declare import measure
from speech.measures.phrasing import PAUSE_S, obstacle, syllables_by_run, usual_run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speech.voice import Voice

_RUNS = {"pause_s": PAUSE_S, "min_syllables": 24}


@measure("run_length", kind="scalar", unit="syll", error="nuclei", params=_RUNS)
def run_length(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Syllables between two pauses: the length of the run that a syllable stands in, averaged over the syllables."""
    runs, counts, reason = _runs(voice, params)
    if reason:
        return reason
    value = usual_run(counts)
    error = float(np.hypot(published("nuclei") * value, _error_of_mean(counts)))
    return Single(value, runs.duration_s, error, evidence=_shortest(runs, counts))


@measure("short_runs", kind="scalar", unit="%", error=0.0, params={**_RUNS, "short_syllables": 5})
def short_runs(voice: Voice, params: Mapping[str, Any]) -> Found:
    """Percent of the syllables that stand in runs of fewer than ``short_syllables`` from pause to pause."""
    runs, counts, reason = _runs(voice, params)
    if reason:
        return reason
    short = counts < params["short_syllables"]
    share = float(np.sum(counts[short]) / np.sum(counts))
    # A run is on one side or the other: of n runs, the share that are short has the error of a proportion.
    error = float(np.sqrt(max(share * (1 - share), 0.25 / counts.size) / counts.size))
    return Single(100 * share, runs.duration_s, 100 * error, evidence=_shortest(runs, counts))


def _runs(voice: Voice, params: Mapping[str, Any]) -> tuple[Timeline[Interval], FloatArray, Reason | None]:
    """Runs that hold a syllable, how many each holds, and why they are not to be judged."""
    if reason := obstacle(voice, quiet=True):
        return Timeline(), np.zeros(0), reason
    runs, counts = syllables_by_run(voice, pause_s=params["pause_s"])
    few = counts.sum() < params["min_syllables"]
    return runs, counts, Reason.TOO_LITTLE_SPEECH if few else None


def _error_of_mean(counts: FloatArray) -> float:
    """1 sigma of the syllables' mean run: the spread of the runs over the root of their number."""
    if counts.size < 2:
        return 0.0
    mean = usual_run(counts)
    weights = counts / counts.sum()
    return float(np.sqrt(np.sum(weights**2 * (counts - mean) ** 2)))


def _shortest(runs: Timeline[Interval], counts: FloatArray) -> tuple[Event, ...]:
    order = np.argsort(counts, kind="stable")[:MOST_EVIDENCE]
    return tuple(
        Event(runs[i].start_s, runs[i].end_s, {"value": float(counts[i])}, f"{counts[i]:.0f} syll") for i in order
    )
