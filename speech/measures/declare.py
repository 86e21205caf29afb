"""`measure`: makes a function of the voice a `Measure`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liyi.core.measure import Live, Measure, first_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liyi.core.measure import Attribute, Found, Kind
    from speech.voice import Voice


def measure(
    id: str,
    *,
    kind: Kind,
    unit: str,
    error: float | str | tuple[str, ...],
    params: Mapping[str, Any] | None = None,
    attributes: Mapping[str, Attribute] | None = None,
    live: Live | None = None,
) -> Callable[[Callable[[Voice, Mapping[str, Any]], Found]], Measure[Voice]]:
    """Declare a measure: ``function(voice, params)`` gives what it found, without id, unit and published error.

    Parameters
    ----------
    error
        One sigma (0 of what is counted); or names in ``speech/errors.toml`` that it rests on, of which the first is
        that sigma unless the function tells its own.
    id, kind, unit, params, attributes, live
        As in `Measure`.
    """

    def declared(function: Callable[[Voice, Mapping[str, Any]], Found]) -> Measure[Voice]:
        return Measure(
            id, unit, kind, "voice", function, params=params or {}, attributes=attributes or {},
            errors=(error,) if isinstance(error, str) else error,
            live=live or Live(), about=first_sentence(function.__doc__), module=function.__module__,
        )  # fmt: skip

    return declared
