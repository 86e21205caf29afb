"""The whole store as one archive, and a store from such an archive: on the other database too.

The archive (zip, nothing compressed) holds ``manifest.json``, each table as JSON lines in ``tables/NAME.jsonl``, and
each file of the vault as ``media/SHA256``. Rows come from one consistent look at the database, while others go on
writing.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from pydantic import TypeAdapter
from sqlalchemy import Table, select, text

from liyi.core.atomic import ALL_BUT_OWNER, atomic_write, is_replaceable
from liyi.core.errors import LiyiError
from liyi.records import chain, pairing, vault
from liyi.records.archive_writer import CHUNK_BYTES, Outgoing, outgoing, outside
from liyi.records.schema import now
from liyi.records.store_tables import kept_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

FORMAT = 1
MANIFEST = "manifest.json"
NOTE = "backup.txt"  # in the data folder: when the newest backup was made
MOST_MANIFEST = 256 << 20  # bytes
_ATTEMPTS = 5
_ROWS = 1000


@dataclass(frozen=True)
class TableSum:
    """What a table's file must hold: how many rows, and the SHA-256 of its bytes."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in an archive: when and by what it was made, its tables, and sizes in bytes of the files by digest."""

    format: int
    liyi_version: str
    revision: str
    created_at: str
    tables: dict[str, TableSum]
    media: dict[str, int]
    store: str = ""  # id of the store that it was made of; before, it did not say
    trail: str = ""  # head of its audit trail (`liyi.records.chain.Head`); empty from before there was one

    @property
    def made_at(self) -> datetime:
        """When the rows were read."""
        return datetime.fromisoformat(self.created_at)


class _Vanished(Exception):
    """A file was deleted, with its rows, since the rows were read."""


def backup(records: Records, file: Path, *, progress: Callable[[float], None] = lambda done: None) -> Manifest:
    """Write the whole store into one archive, which names people and shows them: keep it like the store itself.

    An earlier backup of the same store is replaced; that of another, which may be all that is left of it, is not.
    ``progress`` is called with the share of the files (0..1) that are in it.

    Raises
    ------
    LiyiError
        When it cannot be written, something else stands there, or the store lacks a file or holds a damaged one.
    """
    outside(records, file)
    with records.reading() as session:
        store = str(pairing.database_id(session))
    _refuse_others(file, store)
    for _ in range(_ATTEMPTS):
        try:
            with (
                outgoing(records, file, now(), _is_backup) as archive,
                records.reading() as session,
            ):
                made = _write(records, session, archive, store, progress)
            _note(records, made)
            return made
        except _Vanished:
            continue
    raise LiyiError("Recordings were deleted again and again while the store was copied: back it up once it is quiet.")


def newest(records: Records) -> datetime | None:
    """When the newest backup of this folder was made; None where none was, or its note cannot be read."""
    try:
        return datetime.fromisoformat((records.folder / NOTE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _note(records: Records, made: Manifest) -> None:
    """Leave word in the data folder; a backup is none the worse where that fails."""
    with suppress(OSError), atomic_write(records.folder / NOTE, barred=ALL_BUT_OWNER) as part:
        part.write_text(made.created_at, encoding="utf-8")


def _store_of(file: Path) -> str:
    """Id of the store whose backup a file is; empty where the backup is older than that."""
    with ZipFile(file) as archive, archive.open(MANIFEST) as said:
        return TypeAdapter(Manifest).validate_json(said.read(MOST_MANIFEST)).store


def _refuse_others(file: Path, store: str) -> None:
    if not is_replaceable(file, lambda there: _store_of(there) in ("", store)) and is_replaceable(file, _is_backup):
        raise LiyiError(
            "{file} is the backup of another store and is not overwritten: it may be all that is left of that. Name "
            "another file, or the data folder that is meant (LIYI_DATA).",
            file=str(file),
        )


def _is_backup(file: Path) -> bool:
    return isinstance(_store_of(file), str)


def revision_of(session: Session) -> str:
    """Which migration the tables stand at."""
    return str(session.scalar(text("SELECT version_num FROM alembic_version")))


def column_value(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    if value is None or isinstance(value, dict | list | bool | int | float):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _write(
    records: Records, session: Session, archive: Outgoing, store: str, progress: Callable[[float], None]
) -> Manifest:
    made_at, revision = now(), revision_of(session)  # the first query: what is seen from here on no longer changes
    tables = {table.name: _table(session, archive, table) for table in kept_tables()}
    named, media = sorted(vault.named(session)), {}
    for count, digest in enumerate(named, start=1):
        media[digest] = _file(records, archive, digest)
        progress(count / len(named))
    trail = str(chain.head(session))
    manifest = Manifest(FORMAT, version("liyi"), revision, made_at.isoformat(), tables, media, store, trail)
    archive.text(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _table(session: Session, archive: Outgoing, table: Table) -> TableSum:
    digest, rows = hashlib.sha256(), 0
    with archive.open(f"tables/{table.name}.jsonl") as target:
        for line in _lines(session, table):
            digest.update(line)
            target.write(line)
            rows += 1
    return TableSum(rows, digest.hexdigest())


def _lines(session: Session, table: Table) -> Iterator[bytes]:
    for row in session.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=_ROWS)):
        values = {column.name: column_value(value) for column, value in zip(table.columns, row, strict=True)}
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _file(records: Records, archive: Outgoing, sha256: str) -> int:
    digest, size = hashlib.sha256(), 0
    try:
        source = vault.path_of(records, sha256).open("rb")
    except FileNotFoundError as error:
        raise _Vanished if not _named(records, sha256) else _damaged(sha256) from error
    with source, archive.open(f"media/{sha256}") as target:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            size += target.write(chunk)
    if digest.hexdigest() != sha256:
        raise _damaged(sha256)
    return size


def _named(records: Records, sha256: str) -> bool:
    with records.reading() as session:
        return sha256 in vault.named(session)


def _damaged(sha256: str) -> LiyiError:
    return LiyiError(
        "The store's file {sha256} is missing or damaged: put it back from an older backup, or delete its recording, "
        "then back up again.",
        sha256=sha256,
    )
