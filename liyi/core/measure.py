"""`Measure`: all that a measurement declares about itself, once: gate, packs, docs, stills and hints read it here.

What belongs here: the shape of a declaration and of what a measure's function hands back, and finding the measures of a
package. Nothing here knows a part of the body: joints are numbers, which `posture` gives and `liyi.report` draws.
"""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeVar, assert_never

import numpy as np

from liyi.core.published import published
from liyi.core.reasons import Reason
from liyi.core.trace import Event, Events, FloatArray, Interval, Scalar, Signal, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Camera = Literal["front", "oblique", "side", "none"]
Cameras = Literal[Camera, "both"]  # both: a second one stood at the side
Framing = Literal["upper_body", "full_body", "none"]
Kind = Literal["trace", "events", "scalar"]
Of = Literal["body", "voice", "performance"]

Part = TypeVar("Part")
Vertex = tuple[int, ...]  # a joint by its number, or the middle of several
MOST_EVIDENCE = 5  # moments that one number stands on: what a reader can look at


class Performance(Protocol):
    """What a measure of the whole performance takes: who bows while greeting must be seen and heard."""

    @property
    def body(self) -> Any:
        """What was seen (`posture.body.Body`); None without a picture."""

    @property
    def voice(self) -> Any:
        """What was heard (`speech.voice.Voice`); None without sound."""


@dataclass(frozen=True)
class Line:
    """The line that a still draws: polylines through joints, and the direction that it is held against."""

    paths: tuple[tuple[Vertex, ...], ...]
    against: Literal["level", "plumb"] | None = None


@dataclass(frozen=True)
class Attribute:
    """A number that each event of a measure carries and that a pack may judge, with its unit.

    ``error`` is one sigma in that unit: a number, or the name of what the package publishes; None where nobody measured
    it yet.
    """

    unit: str
    error: float | str | None = None


@dataclass(frozen=True)
class Live:
    """How a measure behaves in a rehearsal.

    ``brisk``: counted in syllables or samples, steady within seconds and shown late by a long window. ``panel``: the
    line of the side panel that it is shown in, beside those of the body, which are all one line.
    """

    brisk: bool = False
    panel: Literal["pace", "level"] | None = None


@dataclass(frozen=True)
class OverTime:
    """What the function of a trace hands back: ``value`` (n,) at the seconds ``t`` (n,), NaN where not measured.

    ``error`` and ``reason`` as in `Trace`; without an error that of the declaration holds.
    """

    t: FloatArray
    value: FloatArray
    error: float | None = None
    reason: Reason | None = None


@dataclass(frozen=True)
class Happened:
    """What the function of events hands back; the fields are those of `Events`.

    ``least_error``: the error is at least that, as between pictures far apart nothing is seen to begin or end.
    """

    items: tuple[Event, ...]
    watched_s: float
    error: float | None = None
    reason: Reason | None = None
    undecided: tuple[Event, ...] = ()
    watched: tuple[Interval, ...] | None = None
    least_error: float = 0.0


@dataclass(frozen=True)
class Single:
    """What the function of a scalar hands back; the fields are those of `Scalar`, ``unit`` where it is another one."""

    value: float
    watched_s: float
    error: float | None = None
    reason: Reason | None = None
    evidence: tuple[Event, ...] = ()
    unit: str | None = None
    between: tuple[float, float] | None = None
    undecided: tuple[Event, ...] = ()


Found = OverTime | Happened | Single | Reason  # a reason alone: nothing was measured


@dataclass(frozen=True)
class Measure(Generic[Part]):
    """A pure function from what it is ``of`` to a signal, with what it declares; made by the packages' ``measure``.

    Attributes
    ----------
    id, unit, kind
        Of the signal.
    of
        What it is handed: the `Body`, the `Voice`, or the whole `Performance`.
    compute
        ``compute(part, params)``. Pure: same part and params, same answer. It gates itself per sample (NaN, or less
        ``watched_s``) and gives the reason; it never raises on poor data.
    cameras, joints
        Views from which it can be seen, and the joints (numbers) without which it is not measured; they open its gate.
    params
        Every parameter a pack may set, with its default. A pack that names another is refused.
    attributes
        For events: the numbers that each event carries, by name, which a pack may judge (``attribute``).
    errors
        One sigma as a number, or the names of what the package publishes that it rests on; the first is the sigma
        where the function gives none.
    picture
        What one picture alone adds to the error, one sigma as a number or a published name: it is followed by nothing
        and smoothed by nothing. None for what one picture cannot show.
    shows, live
        The line that a still draws; how it behaves in a rehearsal.
    about
        What is measured, in one sentence.
    module
        Where it stands.
    """

    id: str
    unit: str
    kind: Kind
    of: Of
    compute: Callable[[Part, Mapping[str, Any]], Found]
    cameras: frozenset[Camera] = frozenset()
    joints: tuple[int, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    errors: float | tuple[str, ...] = 0.0
    picture: float | str | None = None
    shows: Line | None = None
    live: Live = Live()
    about: str = ""
    module: str = ""

    def __call__(self, part: Part, params: Mapping[str, Any] | None = None) -> Signal:
        """Compute the signal with ``params`` laid over the defaults."""
        return self._signal(self.compute(part, {**self.params, **(params or {})}))

    @property
    def by_picture(self) -> bool:
        """Whether it rests on what was seen; else on what was heard."""
        return self.of == "body" or bool(self.cameras)

    @property
    def error(self) -> float:
        """One sigma in the measure's unit, unless its function says otherwise."""
        return self._published(self.errors[0] if isinstance(self.errors, tuple) else self.errors)

    @property
    def picture_error(self) -> float:
        """What one picture alone adds to the error, one sigma in the measure's unit; 0 where it shows nothing."""
        return self._published(self.picture or 0.0)

    def attribute_error(self, name: str) -> float | None:
        """One sigma of an attribute in its own unit; None where nobody measured it yet."""
        error = self.attributes[name].error
        return None if error is None else self._published(error)

    def nothing(self, reason: Reason) -> Signal:
        """The signal of what could not be measured at all."""
        return self._signal(reason)

    def _published(self, error: float | str) -> float:
        return published(self.module.partition(".")[0], error) if isinstance(error, str) else float(error)

    def _signal(self, found: Found) -> Signal:
        if isinstance(found, Reason):
            return self._nothing(found)
        error = self.error if found.error is None else found.error
        if isinstance(found, OverTime):
            return Trace(self.id, self.unit, found.t, found.value, error, found.reason)
        if isinstance(found, Happened):
            return Events(
                self.id,
                self.unit,
                found.items,
                found.watched_s,
                max(error, found.least_error),
                found.reason,
                found.undecided,
                found.watched,
            )
        if isinstance(found, Single):
            unit = found.unit or self.unit
            return Scalar(
                self.id,
                unit,
                found.value,
                found.watched_s,
                error,
                found.reason,
                found.evidence,
                found.between,
                found.undecided,
            )
        assert_never(found)

    def _nothing(self, reason: Reason) -> Signal:
        if self.kind == "trace":
            return Trace(self.id, self.unit, np.empty(0), np.empty(0), reason=reason)
        if self.kind == "events":
            return Events(self.id, self.unit, (), 0.0, reason=reason)
        return Scalar(self.id, self.unit, float("nan"), 0.0, reason=reason)


def first_sentence(text: str | None) -> str:
    """The first sentence of a docstring, in one line, without its full stop."""
    paragraph = " ".join((text or "").strip().partition("\n\n")[0].split())
    return paragraph.partition(". ")[0].rstrip(".")


def measures_in(package: str, path: Iterable[str]) -> tuple[Measure[Any], ...]:
    """Every measure that stands in a module of ``package``: by the modules' names, then as they stand there.

    Raises
    ------
    ValueError
        When two of them have the same id.
    """
    found: dict[str, Measure[Any]] = {}
    for name in sorted(each.name for each in pkgutil.iter_modules(path)):
        module = import_module(f"{package}.{name}")
        for measure in vars(module).values():
            if isinstance(measure, Measure) and measure.module == module.__name__:
                if measure.id in found:
                    raise ValueError(f"{measure.id} stands in {measure.module} and in {found[measure.id].module}")
                found[measure.id] = measure
    return tuple(found.values())
