"""JSON that Liyi wrote for itself and reads again: checked by the type that it must have, and damaged in one way only.

A file may be cut short, empty, nested without end, or hold another type than it must: after a power cut, on a failing
disk, or by somebody's editor. Whoever reads it handles `DamagedError`, and nothing else.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast

from pydantic import Field, TypeAdapter, ValidationError

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

# Seconds or bytes: bounded, so that no sum of them is infinite.
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Stretch = Annotated[list[Amount], Field(min_length=2, max_length=2)]  # start and end in seconds
Count = Annotated[int, Field(ge=0, lt=1 << 63)]
LONGEST_S = 24 * 3600.0  # of a recording that is kept, far above what `liyi.media.limits` lets in unless it is raised
T = TypeVar("T")
MOST_BYTES = 16 << 20


class DamagedError(ValueError):
    """A file that cannot be read, or does not hold what it must."""


def read_json(file: Path, kind: type[T]) -> T:
    """The content of a JSON file.

    Parameters
    ----------
    file
        The file; `MOST_BYTES` at most.
    kind
        What it must hold: a dataclass, or any other type that pydantic knows.

    Raises
    ------
    FileNotFoundError
        When it is not there.
    DamagedError
        When it cannot be read, or holds something else.
    """
    try:
        with file.open("rb") as content:
            data = content.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedError(file.name) from error
    return parse_json(data, kind)


def parse_json(data: bytes | str, kind: type[T]) -> T:
    """The same for what was read already; raises `DamagedError`."""
    if len(data) > MOST_BYTES:
        raise DamagedError("too large")
    try:
        parsed: T = _adapter(cast("Hashable", kind)).validate_json(data)
    except (ValidationError, RecursionError) as error:
        raise DamagedError(kind.__name__ if hasattr(kind, "__name__") else str(kind)) from error
    return parsed


def require(value: object, kind: type[T]) -> T:
    """A value read from JSON as what ``kind`` says, without the keys that it does not name; raises `DamagedError`."""
    try:
        held: T = _adapter(cast("Hashable", kind)).validate_python(value)
    except ValidationError as error:
        raise DamagedError(kind.__name__) from error
    return held


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)
