"""SQLite files after accident or malice: `database` damages one in a named way, the same for the same numbers."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from mutants import flipped_head

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _zeroed_middle(rng: np.random.Generator, data: bytes) -> bytes:
    copy = bytearray(data)
    copy[len(data) // 4 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 4)
    return bytes(copy)


def _noisy_middle(rng: np.random.Generator, data: bytes) -> bytes:
    copy = bytearray(data)
    copy[len(data) // 4 : len(data) * 3 // 4] = rng.bytes(len(data) * 3 // 4 - len(data) // 4)
    return bytes(copy)


def _flipped_rows(rng: np.random.Generator, data: bytes) -> bytes:
    """Bits beyond the first page, where the rows are."""
    copy = bytearray(data)
    for at in rng.integers(4096, len(data), 200):
        copy[at] ^= 1 << int(rng.integers(8))
    return bytes(copy)


def _edited(data: bytes, edit: Callable[[sqlite3.Connection], None]) -> bytes:
    """A SQLite file after an edit by which its own rules were switched off."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "edited.sqlite3"
        file.write_bytes(data)
        with closing(sqlite3.connect(file, isolation_level=None)) as rows:
            for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON", "writable_schema = ON"):
                rows.execute(f"PRAGMA {pragma}")
            for (trigger,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                rows.execute(f"DROP TRIGGER {trigger}")
            edit(rows)
        return file.read_bytes()  # closed by now, so that all of it stands in the file itself


def _tables(rows: sqlite3.Connection) -> list[str]:
    """Tables that hold rows, by name."""
    names = [name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in names if rows.execute(f"SELECT EXISTS (SELECT * FROM {name})").fetchone()[0]]


_ODD_VALUES = ("", "x", "1e999", -1, 2**62, 1e308, b"\xff\xfe", "0000-00-00", "9999-12-31 23:59:59.999999", "\0", "[",
               "a" * 100_000)  # fmt: skip


def _odd_value(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    table = str(rng.choice(_tables(rows)))
    columns = [name for _, name, *_ in rows.execute(f"PRAGMA table_info({table})")]
    column = str(rng.choice(columns))
    value = _ODD_VALUES[int(rng.integers(len(_ODD_VALUES)))]
    where = f"WHERE {column} = (SELECT {column} FROM {table} LIMIT 1)"
    with suppress(sqlite3.IntegrityError):  # two rows of one key: the file stays as it is
        rows.execute(f"UPDATE OR REPLACE {table} SET {column} = ? {where}", (value,))


def _rows_lost(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    table = str(rng.choice(_tables(rows)))
    most = f"LIMIT {int(rng.integers(1, 4))}" if rng.integers(2) else ""
    key = next(name for _, name, *_, key in rows.execute(f"PRAGMA table_info({table})") if key)
    rows.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} {most})")


def _lost(rng: np.random.Generator, rows: sqlite3.Connection, kind: str) -> None:
    query = "SELECT name FROM sqlite_master WHERE type = ? AND sql IS NOT NULL ORDER BY name"
    names = [name for (name,) in rows.execute(query, (kind,))]
    rows.execute(f"DROP {kind} {rng.choice(names)}")


def _column_renamed(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    table = str(rng.choice(_tables(rows)))
    columns = [name for _, name, *_ in rows.execute(f"PRAGMA table_info({table})")]
    rows.execute(f"ALTER TABLE {table} RENAME COLUMN {rng.choice(columns)} TO other")


def _other_version(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    known = ("0001", "0002", "0003", "9999", "", "\0")
    how = int(rng.integers(3))
    if how == 0:
        rows.execute("DELETE FROM alembic_version")
    elif how == 1:
        rows.execute("INSERT INTO alembic_version VALUES (?)", ("0001",))
    else:
        rows.execute("UPDATE alembic_version SET version_num = ?", (str(rng.choice(known)),))


def _other_store(rng: np.random.Generator, rows: sqlite3.Connection) -> None:
    other = rng.bytes(16).hex()
    how = int(rng.integers(3))
    if how == 0:
        rows.execute("DELETE FROM store")
    elif how == 1:
        rows.execute("INSERT INTO store (id, created_at) VALUES (?, '1999-01-01 00:00:00')", (other,))
    else:
        rows.execute("UPDATE store SET id = ?", (other,))


DATABASE_WAYS: Mapping[str, Callable[[np.random.Generator, bytes], bytes]] = {
    "header of noise": lambda rng, data: rng.bytes(100) + data[100:],
    "bits of the header flipped": lambda rng, data: flipped_head(rng, data, data),
    "middle of noise": _noisy_middle,
    "middle of zeros": _zeroed_middle,
    "bits of rows flipped": _flipped_rows,
    "truncated": lambda rng, data: data[: int(rng.integers(1, len(data)))],
    "truncated to pages": lambda rng, data: data[: 4096 * int(rng.integers(1, len(data) // 4096))],
    "text": lambda rng, data: "你好，请问办理什么业务？\n".encode(),
    "nothing": lambda rng, data: b"",
    "zeros": lambda rng, data: bytes(len(data)),
    "value of another kind": lambda rng, data: _edited(data, lambda rows: _odd_value(rng, rows)),
    "rows lost": lambda rng, data: _edited(data, lambda rows: _rows_lost(rng, rows)),
    "table lost": lambda rng, data: _edited(data, lambda rows: _lost(rng, rows, "table")),
    "index lost": lambda rng, data: _edited(data, lambda rows: _lost(rng, rows, "index")),
    "column renamed": lambda rng, data: _edited(data, lambda rows: _column_renamed(rng, rows)),
    "version of the tables": lambda rng, data: _edited(data, lambda rows: _other_version(rng, rows)),
    "identity of the store": lambda rng, data: _edited(data, lambda rows: _other_store(rng, rows)),
}


def database(number: int, seed: int, given: bytes) -> tuple[str, bytes]:
    """The ``number``-th mutant of a SQLite file in a run: (way, content)."""
    rng = np.random.default_rng([seed, number])
    way = list(DATABASE_WAYS)[number % len(DATABASE_WAYS)]
    return way, DATABASE_WAYS[way](rng, given)
