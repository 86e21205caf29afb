"""Recordings of two cameras found by their names: ``window1_side.mp4`` beside ``window1.mp4`` is one performance."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from liyi.batch.manifest import Line

_MOST_NAMED = 5


def paired(lines: Sequence[Line], ending: str) -> list[Line]:
    """The lines of which each recording from the side has become the partner of its front recording.

    Parameters
    ----------
    lines
        Found by paths, each with a recording of its own.
    ending
        How names of recordings from the side end before their suffix, such as ``_side``: the rest is the name of the
        front recording in the same folder, whatever its suffix. Capitals count for nothing.

    Raises
    ------
    LiyiError
        When a recording from the side has no front recording, or several.
    """
    fronts: dict[tuple[str, str], list[int]] = defaultdict(list)
    sides: list[tuple[int, tuple[str, str]]] = []
    for at, line in enumerate(lines):
        place = PurePosixPath(line.source.replace("\\", "/"))
        folder, stem = str(place.parent), place.stem.casefold()
        if stem.endswith(ending.casefold()) and len(stem) > len(ending):
            sides.append((at, (folder, stem.removesuffix(ending.casefold()))))
        else:
            fronts[folder, stem].append(at)
    found: dict[int, Line] = dict(enumerate(lines))
    lonely = [lines[at].path for at, front in sides if len(fronts[front]) != 1]
    if lonely:
        told = [*lonely[:_MOST_NAMED], *(["…"] if len(lonely) > _MOST_NAMED else [])]
        raise LiyiError("These recordings from the side have no front recording of their name, or several: {names}. "
                        "Rename them, or name both files in a manifest.", names=", ".join(told))  # fmt: skip
    for at, front in sides:
        own = fronts[front][0]
        if found[own].side is not None:
            raise LiyiError("{file} has several recordings from the side: name the one that counts in a manifest.",
                            file=lines[own].path)  # fmt: skip
        found[own] = replace(found[own], side=lines[at].source)
        del found[at]
    return [*found.values()]
