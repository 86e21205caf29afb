"""The published errors and biases of the measures of bearing, by name: ``posture/errors.toml`` holds them."""

from __future__ import annotations

from liyi.core import published as constants


def published(name: str) -> float:
    """One sigma (or a bias) in the unit of its measure; read at first use."""
    return constants.published("posture", name)
