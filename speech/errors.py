"""The published errors of what the measures of voice rest on, by name: ``speech/errors.toml`` holds them."""

from __future__ import annotations

from liyi.core import published as constants


def published(name: str) -> float:
    """One sigma in the unit of its table; read at first use."""
    return constants.published("speech", name)


def published_weights(name: str) -> tuple[float, ...]:
    """A constant that holds several numbers."""
    value = constants.constants("speech")[name].value
    return value if isinstance(value, tuple) else (value,)
