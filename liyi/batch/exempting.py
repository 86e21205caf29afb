"""Exemptions that the records keep, for the people whom a manifest names by their ids in the records."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from liyi.core.errors import LiyiError
from liyi.records.operations import consent, people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from liyi.batch.manifest import Line
    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer


def id_in(person: str | None) -> UUID | None:
    """The id that a manifest's ``person`` is; None for a name or a number of another kind."""
    try:
        return UUID(person) if person else None
    except ValueError:
        return None


def exempted(
    lines: Sequence[Line], records: Records, viewer: Viewer, *, on: date
) -> tuple[list[Line], list[str]]:  # fmt: skip
    """Lines with what their people are exempt from by the records, beside what the manifest says.

    Parameters
    ----------
    lines
        As `liyi.batch.manifest.read_lines` returns them.
    records, viewer
        The store, and on whose behalf.
    on
        The day of which the exemptions count.

    Returns
    -------
    list of Line
        In their order.
    list of str
        Ids of people whom the viewer does not know, so that nothing is known of their exemptions; sorted.
    """
    flags: dict[UUID, set[str]] = {}
    unknown: set[UUID] = set()
    for id in {id for line in lines if (id := id_in(line.person))}:
        try:
            people.person(records, viewer, id)
        except LiyiError:
            unknown.add(id)
            continue
        flags[id] = {row.flag for row in consent.exemptions(records, viewer, id, on=on)}
    return [_with(line, flags) for line in lines], sorted(map(str, unknown))


def _with(line: Line, flags: dict[UUID, set[str]]) -> Line:
    id = id_in(line.person)
    known = line.pack.exemptions.intersection(flags.get(id, ())) if id else ()  # others change nothing in this pack
    return replace(line, options=line.options.exempting(known))
