"""The shapes that every measurement takes: `Trace` over time, `Events` in time, `Scalar` for the whole recording.

Seconds are float seconds from the recording's first frame. ``error`` is always one standard deviation of the
measurement error, in the measurement's own unit, for the view it was taken in. ``view`` says which view that was where
a performance was recorded by two cameras; it is empty of one camera, and of what was heard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.core.reasons import Reason

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
View = Literal["", "front", "side"]


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch of time, ``start_s <= end_s``, in seconds."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s

    def overlap_s(self, other: Interval) -> float:
        """Seconds shared with ``other`` (0 when apart)."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def is_same(self, other: Interval) -> bool:
        """Whether two moments are the same but for rounding: each shares more than half of the other."""
        shared = self.overlap_s(other)
        at_once = (self.start_s, self.end_s) == (other.start_s, other.end_s)
        return at_once or shared > 0.5 * max(self.duration_s, other.duration_s)

    def covers(self, t: FloatArray) -> BoolArray:
        """Which of the times ``t`` (n,), in seconds, lie in it: from its start on, before its end."""
        return np.asarray((t >= self.start_s) & (t < self.end_s))


@dataclass(frozen=True)
class Event(Interval):
    """Something that happened from ``start_s`` to ``end_s``, with named numbers about it."""

    attributes: Mapping[str, float] = field(default_factory=dict, compare=False)
    label: str = field(default="", compare=False)


@dataclass(frozen=True)
class Trace:
    """A quantity over time.

    Attributes
    ----------
    id : str
        The measure's id.
    unit : str
        Unit of ``value``: ``deg``, ``%``, ``ratio``, ``st``, ``dB`` …
    t : array, shape (n,)
        Seconds, increasing.
    value : array, shape (n,)
        NaN where it could not be measured.
    error : float
        One sigma of the measurement error, in ``unit``, for this view.
    reason : Reason or None
        Why samples are missing (the commonest reason); None when none is missing.
    """

    id: str
    unit: str
    t: FloatArray
    value: FloatArray
    error: float = 0.0
    reason: Reason | None = None
    view: View = ""

    def __post_init__(self) -> None:
        if self.t.shape != self.value.shape or self.t.ndim != 1:
            raise ValueError(f"{self.id}: t and value must both be (n,), got {self.t.shape} and {self.value.shape}")


@dataclass(frozen=True)
class Events:
    """Things that happened, and for how long one could have seen them.

    Attributes
    ----------
    items : tuple of Event
        In time order, not overlapping.
    watched_s : float
        Seconds in which such an event would have been seen (the denominator of rates and shares).
    reason : Reason or None
        Why the rest of the recording was not watched.
    undecided : tuple of Event
        Stretches between the rule's inner and its outer limit, which a person should decide: neither happened nor
        did not. In time order, overlapping neither each other nor ``items``.
    watched : tuple of Interval or None
        Where those ``watched_s`` lie, so that a stretch can be left out of them; None where only the length is known.
    """

    id: str
    unit: str
    items: tuple[Event, ...]
    watched_s: float
    error: float = 0.0
    reason: Reason | None = None
    undecided: tuple[Event, ...] = ()
    watched: tuple[Interval, ...] | None = None
    view: View = ""


@dataclass(frozen=True)
class Scalar:
    """One value for the whole recording; ``value`` is NaN when it could not be measured, ``reason`` says why.

    ``evidence`` holds the stretches that the value rests on (or that stand out), ``watched_s`` how many seconds
    of the recording were used. ``between`` are the least and the most that the value may be, depending on what a person
    decides about ``undecided``, moments that may count; None where nothing is undecided.
    """

    id: str
    unit: str
    value: float
    watched_s: float
    error: float = 0.0
    reason: Reason | None = None
    evidence: tuple[Event, ...] = ()
    between: tuple[float, float] | None = None
    undecided: tuple[Event, ...] = ()
    view: View = ""


Signal = Trace | Events | Scalar
