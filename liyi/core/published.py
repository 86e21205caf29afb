"""Numbers that were measured once and are used ever since: errors, biases, weights, each with where it comes from.

What belongs here: reading ``errors.toml`` of a package, by name. No number stands here.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

NOT_REPRODUCIBLE = "none: "


@dataclass(frozen=True)
class Constant:
    """One table of an ``errors.toml``.

    Attributes
    ----------
    name : str
        The table's, with its dots.
    value : float or tuple of float
        In ``unit``.
    measured : date
        When the figure came into the project.
    n : int
        How many readings it rests on; 0 where that is not known, or nothing was measured.
    script : str
        Path of the script that prints it; else ``none: `` and why it cannot be had again.
    on : str
        What was measured, and how.
    """

    name: str
    value: float | tuple[float, ...]
    unit: str
    measured: date
    n: int
    script: str
    on: str

    @property
    def reproducible(self) -> bool:
        """Whether a script of the project prints it."""
        return not self.script.startswith(NOT_REPRODUCIBLE)


@cache
def constants(package: str) -> Mapping[str, Constant]:
    """Every constant that ``package`` publishes, by name, in the order of its file."""
    text = files(package).joinpath("errors.toml").read_text(encoding="utf-8")
    return MappingProxyType({constant.name: constant for constant in _tables(tomllib.loads(text), "")})


def published(package: str, name: str) -> float:
    """The value of one of the package's constants; raises ``KeyError`` for one that it does not publish."""
    value = constants(package)[name].value
    if isinstance(value, tuple):
        raise TypeError(f"{name} of {package} holds several numbers")
    return value


def _tables(table: Mapping[str, Any], above: str) -> Iterator[Constant]:
    for key, inner in table.items():
        if not isinstance(inner, dict):
            continue
        name = f"{above}{key}"
        about = {field: value for field, value in inner.items() if not isinstance(value, dict)}
        if about:
            value = about.pop("value")
            yield Constant(name, tuple(map(float, value)) if isinstance(value, list) else float(value), **about)
        yield from _tables(inner, f"{name}.")
