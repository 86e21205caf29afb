"""Norm packs as files: read one, list those that ship, check one, compare two.

What belongs here: everything that ``liyi norms`` does. A pack is read whole or refused whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.errors import Fault
from liyi.etiquette.pack import Criterion, NormPack, NormPackError, Profile
from liyi.etiquette.pack_faults import LARGEST_BYTES, read_pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from liyi.etiquette.assessment import PackRef

__all__ = [
    "BrokenPackError",
    "Change",
    "Criterion",
    "Fault",
    "NormPack",
    "NormPackError",
    "Profile",
    "check_pack",
    "diff_packs",
    "list_packs",
    "load_pack",
    "pack_bytes",
]

_SHIPPED = Path(__file__).parent / "packs"


class BrokenPackError(NormPackError):
    """A norm pack that breaks the rules; ``faults`` holds every one of them, in the order of the file's lines."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = str(path)
        self.faults = tuple(faults)
        super().__init__(
            "The norm pack {file} was refused; mend and try again:\n{faults}",
            file=path.name,
            faults="\n".join(fault.text for fault in faults),
        )


def list_packs() -> list[PackRef]:
    """The norm packs that ship, by name."""
    return [load_pack(id).ref for id in _shipped()]


def known_exemptions() -> frozenset[str]:
    """What somebody may be exempt from by the packs that ship: their flags, and ids of their criteria."""
    return frozenset().union(*(load_pack(id).exemptions for id in _shipped()))


def _shipped() -> dict[str, Path]:
    return {path.stem: path for path in sorted(_SHIPPED.glob("*.toml"))}


def load_pack(name_or_path: str | Path) -> NormPack:
    """Read a norm pack.

    Parameters
    ----------
    name_or_path
        The id of a pack that ships (``counter``, ``presentation``), or the path of a ``.toml`` file.

    Raises
    ------
    BrokenPackError
        With every fault of the file.
    NormPackError
        When there is no such pack or the file cannot be read.
    """
    path = _find(name_or_path)
    data = _bytes(path)
    read = _read_once(data)
    if isinstance(read, NormPack):
        return read
    raise BrokenPackError(path, read)


@lru_cache(maxsize=16)  # a page names the same pack for each of its rows
def _read_once(data: bytes) -> NormPack | list[Fault]:
    return read_pack(data, sha256=hashlib.sha256(data).hexdigest())


def pack_bytes(name_or_path: str | Path) -> bytes:
    """The file of a norm pack as it stands; named as for `load_pack`."""
    return _bytes(_find(name_or_path))


def check_pack(name_or_path: str | Path) -> list[Fault]:
    """Every fault of a norm pack, in the order of the file's lines; empty for a sound one."""
    read = read_pack(_bytes(_find(name_or_path)), sha256="")
    return [] if isinstance(read, NormPack) else read


def _find(name_or_path: str | Path) -> Path:
    shipped = _shipped()
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    path = Path(name_or_path)
    if path.is_file():
        return path
    raise NormPackError(
        "There is no norm pack {name}: name one of {shipped}, or the path of a .toml file.",
        name=str(name_or_path),
        shipped=", ".join(shipped),
    )


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise NormPackError(
            "The norm pack {file} cannot be read ({why}): check the file and its permissions.",
            file=path.name,
            why=error.strerror or str(error),
        ) from error


@dataclass(frozen=True)
class Change:
    """One difference between two packs; ``old`` is None for what was added, ``new`` for what was taken away."""

    key: str
    old: Any
    new: Any

    @property
    def text(self) -> str:
        """One readable line: ``+`` added, ``-`` taken away, ``old -> new`` changed."""
        if self.old is None:
            return f"+ {self.key}{_shown(self.new, ': ')}"
        if self.new is None:
            return f"- {self.key}{_shown(self.old, ': ')}"
        return f"  {self.key}: {_shown(self.old)} -> {_shown(self.new)}"


def diff_packs(old: NormPack, new: NormPack) -> list[Change]:
    """What changed from ``old`` to ``new``: header, profiles and weights, criteria, in the order of the packs."""
    skip = {"sha256"}
    return list(_changes(old.model_dump(exclude=skip), new.model_dump(exclude=skip), ""))


def _changes(old: dict[str, Any], new: dict[str, Any], above: str) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        before, after, path = old.get(key), new.get(key), f"{above}{key}"
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _changes(before, after, f"{path}.")
        elif before != after and _is_tables(before, "id") and _is_tables(after, "id"):  # phrases, one by one
            named, renamed = ({each["id"]: each for each in side or ()} for side in (before, after))
            yield from _changes(named, renamed, f"{path}.")
        elif before != after and _is_tables(before) and _is_tables(after):
            yield from (Change(path, table, None) for table in before or () if table not in (after or ()))
            yield from (Change(path, None, table) for table in after or () if table not in (before or ()))
        elif before != after:
            yield Change(path, before, after)


def _is_tables(value: Any, key: str = "") -> bool:
    """Whether it is a list of tables, such as the red lines, which are compared one by one; with ``key`` if given."""
    listed = value is None or (isinstance(value, tuple | list) and all(isinstance(each, dict) for each in value))
    return listed and all(not key or key in each for each in value or ())


def _shown(value: Any, before: str = "") -> str:
    """A value as it could stand in a pack; a whole profile or criterion is not spelt out, of a phrase its text is."""
    if isinstance(value, dict):
        if any(isinstance(inner, dict) for inner in value.values()):
            return before + value["text"] if "text" in value else ""
        said = {key: inner for key, inner in value.items() if inner is not False and inner not in ((), "")}
        text = "{ " + ", ".join(f"{key} = {_shown(inner)}" for key, inner in said.items()) + " }"
    elif isinstance(value, (tuple, list)):
        text = "[" + ", ".join(_shown(inner) for inner in value) + "]"
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return before + text
