"""A norm pack with other bands, as a new version: the old file's text with those lines changed and nothing else.

What belongs here: rewriting the text of a pack so that its comments and its order stay. Whether a band should move is
decided in `liyi.agreement.bands`.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.etiquette.norms import NormPack, NormPackError, diff_packs
from liyi.etiquette.pack_faults import read_pack
from liyi.etiquette.pack_lines import key_lines
from liyi.scoring.folder import result_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from liyi.etiquette.pack import Band, Criterion

_BANDS = ("good", "tolerable", "fail")
_VALUE = {key: re.compile(rf"^(\s*{key}\s*=\s*)\[[^\]#]*\]") for key in _BANDS} | {
    "version": re.compile(r"""^(\s*version\s*=\s*)["'][^"']*["']""")
}


def next_version(version: str) -> str:
    """The next minor version: 1.1.0 becomes 1.2.0."""
    major, minor, _ = version.split(".")
    return f"{major}.{int(minor) + 1}.0"


def write_new_version(
    data: bytes, pack: NormPack, moved: Mapping[str, Criterion], notes: Mapping[str, str], target: Path
) -> NormPack:
    """Write ``data``, the text of ``pack``, with moved bands and the next version to ``target``.

    Parameters
    ----------
    data
        The old file's bytes.
    pack
        What they say.
    moved
        Criteria with other bands, by id.
    notes
        For each of them, one line that says on which data it rests; it becomes a comment above the bands.
    target
        A file that does not exist.

    Returns
    -------
    NormPack
        As it was written.

    Raises
    ------
    NormPackError
        When the bands stand in the file in a way that cannot be rewritten line by line.
    LiyiError
        When ``target`` exists or cannot be written.
    """
    refuse_existing(target)
    text = data.decode("utf-8")
    mark, text = ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)
    at = key_lines(text.replace("\r\n", "\n"))
    lines = text.split("\n")
    ending = "\r" if lines[0].endswith("\r") else ""
    _rewrite(lines, at.get(("version",), 0), "version", f'"{next_version(pack.version)}"')
    above: dict[int, str] = {}
    for id, criterion in moved.items():
        for key in _BANDS:
            _rewrite(lines, at.get(("criteria", id, key), 0), key, _band_text(getattr(criterion, key)))
        above[min(at[("criteria", id, key)] for key in _BANDS)] = f"# {notes[id]}{ending}"
    for line in sorted(above, reverse=True):
        lines.insert(line - 1, above[line])
    written = (mark + "\n".join(lines)).encode()
    new = read_pack(written, sha256="")
    wanted = {"version"} | {
        f"criteria.{id}.{key}"
        for id, criterion in moved.items()
        for key in _BANDS
        if getattr(criterion, key) != getattr(pack.criteria[id], key)
    }
    if not isinstance(new, NormPack) or {change.key for change in diff_packs(pack, new)} != wanted:
        raise _not_by_line(moved)
    with result_file(target, lambda _: False) as part:
        part.write_bytes(written)
    return new


def refuse_existing(target: Path) -> None:
    """Raise when ``target`` exists: a norm pack is never overwritten."""
    if os.path.lexists(target):
        raise LiyiError("{file} exists and is not overwritten: name another file with --suggest.", file=str(target))


def _rewrite(lines: list[str], number: int, key: str, value: str) -> None:
    found = _VALUE[key].match(lines[number - 1]) if number else None
    if found is None:
        raise _not_by_line([key])
    lines[number - 1] = _VALUE[key].sub(lambda match: match[1] + value, lines[number - 1], count=1)


def _not_by_line(names: Iterable[str]) -> NormPackError:
    return NormPackError(
        "The norm pack cannot be rewritten line by line ({names}): give version, good, tolerable and fail a line each, "
        "as in the shipped packs.",
        names=", ".join(names),
    )


def _band_text(band: Band) -> str:
    return "[" + ", ".join(f"{edge:.6g}" for edge in band) + "]"
