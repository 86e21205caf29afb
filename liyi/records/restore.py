"""A store from a backup's archive: every checksum verified first, then all of it in one transaction, or nothing.

An archive is not trusted until it has been verified: nothing in it may be compressed, its members are those that
its manifest names, and none becomes a path.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Column, Date, Enum, Table, Uuid, exists, insert, select
from sqlalchemy.exc import SQLAlchemyError

from liyi.core.errors import LiyiError
from liyi.modelfiles.files import require_space
from liyi.records import chain, vault
from liyi.records.archive_writer import CHUNK_BYTES
from liyi.records.backup import FORMAT, MANIFEST, MOST_MANIFEST, Manifest, revision_of
from liyi.records.keeper import KEEPER
from liyi.records.schema import Organisation, Utc
from liyi.records.store_tables import AuditLine, kept_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import IO

    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

MOST_LINE = 16 << 20  # bytes
_ROWS = 1000
# Revisions with the same kept tables but for later.
_SAME = ("0002", "0003", "0004", "0005", "0006", "0010", "0018", "0019")
_LATER = {  # columns, None in the rows of before
    "exemption": {"reason"}, "person": {"post"}, "organisation": {"private_days"},
    "audit_line": {"seen_by", "about_id", "role"},
    "recording": {"submitted_at", "opened_at", "side_sha256", "side_bytes"},
    "assessment": {"total_error", "coverage_floor"}, "verdict": {"waits"},
    "batch": {"deleted_at"}, "case_clip": {"failed"},
}  # fmt: skip
_LATER_TABLES = {  # the revision that brought each; empty before
    "drill_try": "0005", "credential": "0007", "confirmation": "0008", "review": "0008", "canned_phrase": "0008",
    "appeal": "0009", "recording_seen": "0009", "audit_link": "0010",
    "batch": "0011", "batch_file": "0011", "batch_line": "0011", "mark": "0011", "sheet_template": "0014",
    "case_clip": "0015", "case_comment": "0015",
    "gold_clip": "0016", "gold_value": "0016", "gold_rating": "0016", "gold_check": "0016", "gold_move": "0016",
    "gold_proposal": "0019",
}  # fmt: skip
_GONE = {"override": "0008"}  # the revision that has it no more; no page ever wrote to it, and it must be empty
_EMPTY = hashlib.sha256(b"").hexdigest()
_MEDIA = re.compile(r"[0-9a-f]{64}")
# ``zipfile`` and ``json`` let some errors of their own reckoning through.
_DAMAGE = (BadZipFile, ValueError, KeyError, EOFError, OverflowError, NotImplementedError, RecursionError)


def restore(records: Records, file: Path, *, progress: Callable[[float], None] = lambda done: None) -> Manifest:
    """Fill an empty store from an archive.

    Parameters
    ----------
    records
        A store, just made, in which nothing is kept.
    file
        An archive that `liyi.records.backup.backup` wrote, on whichever database.
    progress
        Called with the share of the files (0..1) that are copied and verified.

    Returns
    -------
    Manifest
        What it held. Whatever was deleted after ``made_at`` is back, and has to be deleted again.

    Raises
    ------
    LiyiError
        When something is kept already, or the archive is damaged, no backup, or of another version. The store is
        then as empty as before.
    """
    with _refused(file), ZipFile(file) as archive, ExitStack() as stack:
        manifest = _manifest(archive, file)
        _require_empty(records)
        require_space(records.folder, manifest.media.values())
        for name, table_sum in manifest.tables.items():
            _verify(archive, name, table_sum.sha256)
        parts = []
        for count, each in enumerate(manifest.media.items(), start=1):
            parts.append(stack.enter_context(_verified_copy(records, archive, *each)))
            progress(count / len(manifest.media))
        session = stack.enter_context(records.writing())
        _require_empty(records, session)
        if manifest.revision not in (revision_of(session), *_SAME):
            raise LiyiError(
                "The backup was made by version {theirs} of Liyi, this is {ours}: restore it with that version, then "
                "install this one, which brings the store up to date.",
                theirs=manifest.liyi_version,
                ours=version("liyi"),
            )
        for table in kept_tables():
            if table.name in manifest.tables:
                _fill(session, table, archive)
        _require_whole(session, manifest)
        chain.link_rest(session)
        for organisation_id in session.scalars(select(Organisation.id)).all():
            session.add(AuditLine(person_id=KEEPER, organisation_id=organisation_id, action="restore",
                                  entity=Organisation.__tablename__, entity_id=organisation_id))  # fmt: skip
        for part in parts:
            vault.keep(records, session, part)
    return manifest


@contextmanager
def _refused(file: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise LiyiError("There is no file {file}: name a backup that `liyi records backup` wrote.",
                        file=str(file)) from error  # fmt: skip
    except (*_DAMAGE, SQLAlchemyError) as error:
        raise LiyiError("{file} is no backup of Liyi's, or is damaged: copy it again, or take another. Nothing was "
                        "restored.", file=str(file)) from error  # fmt: skip
    except OSError as error:
        raise LiyiError(
            "{file} cannot be restored ({fault}): make it readable, and room on the disk of the data folder. Nothing "
            "was restored.",
            file=str(file),
            fault=error.strerror or str(error),
        ) from error


def _manifest(archive: ZipFile, file: Path) -> Manifest:
    """Read what the archive says of itself, and hold its members against it."""
    members = {member.filename: member for member in archive.infolist()}
    if len(members) != len(archive.infolist()):
        raise ValueError("two members of one name")
    if any(each.compress_type != ZIP_STORED or each.file_size != each.compress_size for each in members.values()):
        raise ValueError("a compressed member")
    if sum(each.file_size for each in members.values()) > file.stat().st_size:
        raise ValueError("members that lie over one another")
    if members[MANIFEST].file_size > MOST_MANIFEST:
        raise ValueError("a manifest beyond reason")
    try:
        manifest = TypeAdapter(Manifest).validate_json(archive.read(MANIFEST))
    except ValidationError as error:
        raise ValueError("a manifest with faults") from error
    later = {name for name, revision in _LATER_TABLES.items() if manifest.revision < revision}
    gone = {name for name, revision in _GONE.items() if manifest.revision < revision}
    gone = {name for name in gone & set(manifest.tables) if manifest.tables[name].sha256 == _EMPTY}
    expected_tables = {table.name for table in kept_tables()} - later | gone
    if manifest.format != FORMAT or set(manifest.tables) != expected_tables:
        raise LiyiError(
            "The backup was made by version {theirs} of Liyi, this is {ours}: restore it with that version, then "
            "install this one, which brings the store up to date.",
            theirs=manifest.liyi_version,
            ours=version("liyi"),
        )
    sizes = {f"media/{digest}": size for digest, size in manifest.media.items() if _MEDIA.fullmatch(digest)}
    expected = {MANIFEST, *(_member(name) for name in manifest.tables), *sizes}
    if set(members) != expected or any(members[name].file_size != size for name, size in sizes.items()):
        raise ValueError("members that the manifest does not name")
    return manifest


def _member(table: str) -> str:
    return f"tables/{table}.jsonl"


def _require_empty(records: Records, session: Session | None = None) -> None:
    if session is None:
        with records.reading() as session:
            return _require_empty(records, session)
    if any(session.scalar(select(exists().select_from(table))) for table in kept_tables()):
        raise LiyiError("A backup is restored into an empty store only, and something is kept in this one: name an "
                        "empty data folder (LIYI_DATA), and with PostgreSQL an empty database.")  # fmt: skip
    return None


def _verify(archive: ZipFile, table: str, sha256: str) -> None:
    digest = hashlib.sha256()
    with archive.open(_member(table)) as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    if digest.hexdigest() != sha256:
        raise ValueError("a table with a wrong checksum")


@contextmanager
def _verified_copy(records: Records, archive: ZipFile, digest: str, size: int) -> Iterator[vault.Stored]:
    with archive.open(f"media/{digest}") as source, vault.copied_in(records, source) as stored:
        if (stored.sha256, stored.size_bytes) != (digest, size):
            raise ValueError("a file with a wrong checksum")
        yield stored


def _fill(session: Session, table: Table, archive: ZipFile) -> None:
    with archive.open(_member(table.name)) as source:
        rows = []
        for row in _rows(source, table):
            rows.append(row)
            if len(rows) == _ROWS:
                session.execute(insert(table), rows)
                rows.clear()
        if rows:
            session.execute(insert(table), rows)


def _rows(source: IO[bytes], table: Table) -> Iterator[dict[str, Any]]:
    names = {column.name for column in table.columns}
    while line := source.readline(MOST_LINE):
        values = json.loads(line)
        if not isinstance(values, dict) or names - set(values) - _LATER.get(table.name, set()) or set(values) - names:
            raise ValueError("a row of another table")
        yield {column.name: _value(column, values.get(column.name)) for column in table.columns}


def _value(column: Column[Any], value: Any) -> Any:
    """A column's value from what `liyi.records.backup.column_value` made of it."""
    if value is None:
        return None
    match column.type:
        case Uuid():
            return UUID(value)
        case Utc():
            return datetime.fromisoformat(value)
        case Date():
            return date.fromisoformat(value)
        case Enum(enum_class=kind) if kind is not None:
            return kind(value)
        case _:
            return value


def _require_whole(session: Session, manifest: Manifest) -> None:
    """Refuse rows whose file is not there, and files that no row names."""
    if vault.named(session) != set(manifest.media):
        raise ValueError("files and rows that do not belong together")
