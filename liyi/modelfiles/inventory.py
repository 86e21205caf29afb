"""What is on this machine: each model file against the checksum it must have, and a list for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from liyi.modelfiles.files import file_sha256
from liyi.modelfiles.registry import home, model, registry

if TYPE_CHECKING:
    from collections.abc import Sequence


class Check(NamedTuple):
    """One model file held against its checksum; ``got`` is empty for a file that is not there."""

    name: str
    file: str
    ok: bool
    expected: str
    got: str


class Entry(NamedTuple):
    """A model as the list shows it; ``source`` is where it comes from, in package names."""

    name: str
    purpose: str
    bytes: int
    licence: str
    source: str
    present: bool
    verified: bool


def verify(names: Sequence[str] | None = None) -> list[Check]:
    """Hash model files and compare.

    Parameters
    ----------
    names
        Ids of models; None for all, also those inside installed packages.

    Returns
    -------
    list of Check
        One per file, in the order of the registry.

    Raises
    ------
    LiyiError
        No model has one of the ids.
    """
    checks = []
    for entry in registry().values() if names is None else map(model, names):
        base = home(entry)
        for file in entry.files:
            place = base / file.path if base else None
            got = file_sha256(place) if place and place.is_file() else ""
            checks.append(Check(entry.name, file.path, got == file.sha256, file.sha256, got))
    return checks


def describe() -> list[Entry]:
    """Every model with its purpose, size, licence and source, and whether it is here and right."""
    entries = []
    for entry in registry().values():
        checks = verify([entry.name])
        packages = dict.fromkeys(part.package.requirement for file in entry.files for part in file.parts)
        entries.append(
            Entry(
                name=entry.name,
                purpose=entry.purpose,
                bytes=entry.bytes,
                licence=entry.licence,
                source=entry.inside or ", ".join(packages),
                present=all(check.got for check in checks),
                verified=all(check.ok for check in checks),
            )
        )
    return entries
