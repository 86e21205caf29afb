"""`Series`: one row of a stored performance, numbers over time with their words; each part gives and takes its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from liyi.core.trace import Event, FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

UNDECIDED = "undecided"


class Span(Protocol):
    """What has a start and an end in seconds."""

    @property
    def start_s(self) -> float:
        """Start, in seconds."""

    @property
    def end_s(self) -> float:
        """End, in seconds."""


@dataclass(frozen=True)
class Series:
    """One row: numbers in double precision, in which every float32 has its exact place."""

    id: str
    kind: str = "ingredient"
    unit: str = ""
    error: float | None = None
    reason: str | None = None
    watched_s: float | None = None
    t_s: FloatArray = field(default_factory=lambda: np.empty(0))
    end_s: FloatArray = field(default_factory=lambda: np.empty(0))
    value: FloatArray = field(default_factory=lambda: np.empty(0))
    text: Sequence[str] = ()

    def single(self) -> npt.NDArray[np.float32]:
        """The values as they were before they were stored: float32, as they stand."""
        return self.value.astype(np.float32)

    def samples(self, count: int) -> npt.NDArray[np.intp]:
        """The numbers of samples that stand in ``t_s``; raises ``ValueError`` for what numbers none of ``count``."""
        if not ((self.t_s >= 0) & (self.t_s < count)).all():  # NaN is none either
            raise ValueError("no samples")
        return self.t_s.astype(np.intp)

    def spans(self) -> Iterator[tuple[float, float]]:
        """Start and end of each moment, in seconds."""
        return zip(self.t_s.tolist(), self.end_s.tolist(), strict=True)

    def events(self) -> tuple[Event, ...]:
        """The events that `moments` made columns of; the undecided ones have an attribute of that name."""
        found = []
        for (start, end), text in zip(self.spans(), self.text, strict=True):
            attributes = json.loads(text)
            label = attributes.pop("label")
            found.append(Event(start, end, attributes, label))
        return tuple(found)


def spans(items: Sequence[Span]) -> dict[str, Any]:
    """Columns of spans of time."""
    return {
        "t_s": np.array([span.start_s for span in items], dtype=np.float64),
        "end_s": np.array([span.end_s for span in items], dtype=np.float64),
    }


def moments(events: Sequence[Event], undecided: Sequence[Event] = ()) -> dict[str, Any]:
    """Columns of the events, then of the undecided ones, which carry a flag of that name."""
    about = [{**event.attributes, "label": event.label} for event in events]
    about += [{**event.attributes, "label": event.label, UNDECIDED: True} for event in undecided]
    return {**spans([*events, *undecided]), "text": [json.dumps(each, ensure_ascii=False) for each in about]}
