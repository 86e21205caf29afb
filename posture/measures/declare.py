"""`measure`: makes a function of the body (or of a performance that shows one) a `Measure`, and opens its gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from liyi.core.measure import Live, Measure, first_sentence
from liyi.core.published import constants
from posture.measures.gating import open_gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from liyi.core.measure import Attribute, Camera, Found, Kind, Line, Performance
    from posture.body import Body
    from posture.measures.gating import Gate

Part = TypeVar("Part")


def measure(
    id: str,
    *,
    kind: Kind,
    unit: str,
    cameras: Iterable[Camera],
    joints: tuple[int, ...] = (),
    of: Literal["body", "performance"] = "body",
    error: float | str | tuple[str, ...] | None = None,
    picture: float | None = None,
    params: Mapping[str, Any] | None = None,
    attributes: Mapping[str, Attribute] | None = None,
    shows: Line | None = None,
    live: Live | None = None,
) -> Callable[[Callable[[Part, Gate, Mapping[str, Any]], Found]], Measure[Part]]:
    """Declare a measure: ``function(body, gate, params)`` gives what it found, without id, unit and published error.

    The gate is open where the body is seen from one of ``cameras`` with all ``joints`` usable; the function narrows it.

    Parameters
    ----------
    of
        ``performance``: the function takes that instead of its body, and the gate is that of its body.
    error
        One sigma; or names in ``posture/errors.toml`` that it rests on, of which the first is that sigma (the measure's
        own id when nothing is given).
    picture
        What one picture adds to the error of events that it shows; that of a trace is published as ``ID.picture``.
    id, kind, unit, cameras, joints, params, attributes, shows, live
        As in `Measure`.
    """
    views = frozenset(cameras)

    def declared(function: Callable[[Part, Gate, Mapping[str, Any]], Found]) -> Measure[Part]:
        def compute(part: Part, given: Mapping[str, Any]) -> Found:
            body = cast("Body", part if of == "body" else cast("Performance", part).body)
            return function(part, open_gate(body, views, joints), given)

        names = id if error is None else error
        alone = f"{id}.picture" if f"{id}.picture" in constants("posture") else picture
        return Measure(
            id, unit, kind, of, compute, views, tuple(joints), params or {}, attributes or {},
            errors=(names,) if isinstance(names, str) else names,
            picture=alone, shows=shows, live=live or Live(), about=first_sentence(function.__doc__),
            module=function.__module__,
        )  # fmt: skip

    return declared
