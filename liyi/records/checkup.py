"""Whether the store is sound, as ``liyi doctor`` tells it; makes no store where there is none."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text

from liyi.core import owner
from liyi.core.errors import LiyiError, Notice
from liyi.records import archive_writer, chain, pairing, unknown, vault
from liyi.records.engine import ROOMS, SQLITE, damaged, data_folder, explain_database_errors, open_records
from liyi.records.schema import Base, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liyi.records.engine import Records

LITTLE_BYTES = 2_000_000_000
MOST_NAMED = 20


@dataclass(frozen=True)
class Finding:
    """One thing that was found; not ``sound`` where something must be done."""

    notice: Notice
    sound: bool = True


def examine(records: Records) -> LiyiError | None:
    """What is wrong with the database; None when its own check and a look at every value of every row find nothing."""
    try:
        with explain_database_errors(), records.reading() as session:
            if session.get_bind().dialect.name == "sqlite":
                fault = str(session.scalar(text("PRAGMA integrity_check(1)")))
                if fault != "ok":
                    return damaged(fault.partition("\n")[0])
            for table in Base.metadata.sorted_tables:
                for row in session.execute(select(table).execution_options(yield_per=1000)):
                    for column, value in zip(table.columns, row, strict=True):
                        if not _fits(column.type.python_type, value, nullable=bool(column.nullable)):
                            return damaged(f"{table.name}.{column.name}")
    except LiyiError as error:
        return error
    except Exception as error:  # whatever a value that was never written makes of the reading
        return damaged(type(error).__name__)
    return None


def _fits(kind: type, value: object, *, nullable: bool) -> bool:
    if value is None:
        return nullable
    if kind is float:
        return isinstance(value, int | float)
    return isinstance(value, kind) or kind is dict  # JSON: an object or a list


def checkup() -> Iterator[Finding]:
    """Look at the store of this machine: pair, database, space, files that were never named, archives half-written."""
    folder = data_folder()
    try:
        known = pairing.folder_id(folder)
        if known is None and not vault.holds_files(folder) and not (folder / SQLITE).exists():
            yield Finding(Notice("Recordings: nothing is kept in {folder} yet.", {"folder": str(folder)}))
            return
        records = open_records(folder)
    except (LiyiError, OSError) as error:
        yield _finding_of(error)
        return
    try:
        yield from _of(records)
    finally:
        records.close()


def _of(records: Records) -> Iterator[Finding]:
    if fault := examine(records):
        yield _finding_of(fault)
        return
    with records.reading() as session:
        count = session.scalar(select(func.count()).select_from(Recording)) or 0
        pending = len(vault.pending(session))
        lost = [digest for digest in vault.named(session) if not vault.path_of(records, digest).is_file()]
        trail = chain.check(session)
    free = shutil.disk_usage(records.folder).free
    yield Finding(Notice(
        "Recordings: {count} in {folder}; {free} MB are free on its disk. Folder and database belong together.",
        {"count": count, "folder": str(records.folder), "free": free // 1_000_000},
    ))  # fmt: skip
    if free < LITTLE_BYTES:
        yield Finding(Notice("The disk of the data folder is almost full: make room on it, or delete recordings."))
    yield from _trail(trail)
    for digest in lost[:MOST_NAMED]:
        yield Finding(Notice("The store's file {sha256} is missing or damaged: put it back from an older backup, or "
                             "delete its recording, then back up again.", {"sha256": digest}), sound=False)  # fmt: skip
    if pending:
        yield Finding(Notice("Files that a removal left: {count}; the next `liyi records purge` removes them.",
                             {"count": pending}))  # fmt: skip
    for place in (records.folder, *(records.folder / name for name in ROOMS)):
        if place.exists() and owner.is_open(place):
            yield Finding(Notice("Others on this machine can open {folder}: give it to the account that runs Liyi, or "
                                 "keep the data elsewhere (LIYI_DATA).", {"folder": str(place)}))  # fmt: skip
    for part in archive_writer.sweep(records):
        yield Finding(Notice("The half-written archive {file} of a process that ended was removed.",
                             {"file": str(part)}))  # fmt: skip
    yield from _unknown(records)


def _trail(trail: chain.Check) -> Iterator[Finding]:
    for fault in trail.faults:
        yield Finding(fault, sound=False)
    if not trail.faults:
        yield Finding(Notice("Audit trail: {count} lines, none changed and none removed.", {"count": trail.head.lines}))


def _unknown(records: Records) -> Iterator[Finding]:
    files = unknown.unknown(records)
    unknown.tell(records, files)
    if files:
        yield Finding(Notice(
            "Files in media/ that this database never named: {count}. Are they another database's? If not, `liyi "
            "records adopt --unknown` enters them as recordings, `liyi records discard --unknown` removes them.",
            {"count": len(files)},
        ))  # fmt: skip
    for stored in unknown.named(records, files):
        yield Finding(Notice(
            "Never named: {path} ({size} kB, of {day}, digest {sha256}).",
            {"path": stored.path, "size": -(-stored.size // 1000), "day": stored.dated, "sha256": stored.sha256 or "–"},
        ))  # fmt: skip
    if len(files) > unknown.MOST_FILES:
        yield Finding(Notice("And {count} more.", {"count": len(files) - unknown.MOST_FILES}))


def _finding_of(error: Exception) -> Finding:
    if isinstance(error, LiyiError):
        return Finding(Notice(error.sentence, error.fields), sound=False)
    return Finding(Notice("The data folder cannot be read: {fault}.", {"fault": str(error)}), sound=False)
