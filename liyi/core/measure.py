"""`Measure`: what a measurement declares about itself, so that packs can be checked and views gated in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liyi.core.trace import Signal

Camera = Literal["front", "oblique", "side", "none"]
Framing = Literal["upper_body", "full_body", "none"]
Kind = Literal["trace", "events", "scalar"]

Part = TypeVar("Part")


@dataclass(frozen=True)
class Measure(Generic[Part]):
    """A pure function from one part of a performance (`Body` or `Voice`) to a signal, with what it declares.

    Attributes
    ----------
    id, unit, kind
        Of the signal that ``compute`` returns.
    compute
        ``compute(part, params) -> Signal``. Pure: same part and params, same signal. It gates itself per sample
        (NaN, or less ``watched_s``) and gives the reason; it never raises on poor data.
    cameras
        Views from which it can be seen; empty for a measure of the voice.
    needs
        What else must be there, by name: ``hips``, ``legs``, ``calibration``, ``transcript`` … (for docs and checks).
    params
        Every parameter a pack may set, with its default. A pack that names another is refused.
    attributes
        For events: names of the numbers each event carries, which a pack may judge (``params.attribute``).
    """

    id: str
    unit: str
    kind: Kind
    compute: Callable[[Part, Mapping[str, Any]], Signal]
    cameras: frozenset[Camera] = frozenset()
    needs: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()

    def __call__(self, part: Part, params: Mapping[str, Any] | None = None) -> Signal:
        """Compute the signal with ``params`` laid over the defaults."""
        return self.compute(part, {**self.params, **(params or {})})
