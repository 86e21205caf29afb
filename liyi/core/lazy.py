"""A sequence whose items are made when they are looked at, so that a long one needs the memory of one item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

Item = TypeVar("Item", covariant=True)


class LazySequence(Sequence[Item], Generic[Item]):
    """As many items as there are ``places``, each made of its place, every time anew.

    Parameters
    ----------
    places
        What ``make`` is given for each item, in order.
    make
        Makes an item.
    """

    def __init__(self, places: Sequence[Any], make: Callable[[Any], Item]) -> None:
        self._places, self._make = places, make

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Item: ...
    @overload
    def __getitem__(self, at: slice) -> LazySequence[Item]: ...
    def __getitem__(self, at: int | slice) -> Item | LazySequence[Item]:
        if isinstance(at, slice):
            return LazySequence(self._places[at], self._make)
        return self._make(self._places[at])
