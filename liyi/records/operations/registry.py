"""The list of everything that can be asked of the records; tests go through it role by role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Work = TypeVar("Work", bound="Callable[..., Any]")

OPERATIONS: dict[str, Callable[..., Any]] = {}


def operation(work: Work) -> Work:
    """Enter a function into the list; it takes the store and the viewer first."""
    assert work.__name__ not in OPERATIONS, work.__name__
    OPERATIONS[work.__name__] = work
    return work
