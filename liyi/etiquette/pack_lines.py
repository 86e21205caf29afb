"""On which line of a TOML file each key stands, so that a fault can be pointed at."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

KeyPath = tuple[str, ...]


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line (from 1) of every key and table of a well-formed TOML text, also of the keys inside inline tables.

    A statement begins on a line and ends on the first line with which it can be read on its own, so that strings and
    arrays over several lines are taken whole.
    """
    lines = text.splitlines()
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    listed: dict[KeyPath, int] = {}
    at = 0
    while at < len(lines):
        end, statement = _statement(lines, at)
        if lines[at].lstrip().startswith("["):
            table = _deepest(statement)
            if lines[at].lstrip().startswith("[["):  # one of a list of tables: its place is part of its path
                listed[table] = listed.get(table, -1) + 1
                table = (*table, str(listed[table]))
            found.setdefault(table, at + 1)
        for path in _paths(statement):
            whole = path if lines[at].lstrip().startswith("[") else (*table, *path)
            found.setdefault(whole, at + 1)
        at = end
    return found


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Line of ``path``, or of the nearest table around it; 1 when the file has neither."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def _statement(lines: list[str], at: int) -> tuple[int, dict[str, Any]]:
    for end in range(at + 1, len(lines) + 1):
        try:
            return end, tomllib.loads("\n".join(lines[at:end]))
        except tomllib.TOMLDecodeError:
            continue
    return len(lines), {}


def _deepest(header: dict[str, Any]) -> KeyPath:
    path: list[str] = []
    inner: Any = header
    while isinstance(inner, dict) and inner:
        key, inner = next(iter(inner.items()))
        path.append(key)
    return tuple(path)


def _paths(statement: dict[str, Any], above: KeyPath = ()) -> Iterator[KeyPath]:
    for key, value in statement.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _paths(value, (*above, key))
