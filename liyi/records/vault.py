"""The folder of media: each file under the SHA-256 of its content, once, whole or not at all.

What is kept stands in the database. A file goes when it was noted for removal (`PendingRemoval`) and no row names it:
of a deletion, with its rows, and of what is brought, until the row that names it stands. A file that this database
never named is left (`liyi.records.unknown`). Paths are made from checked digests only, never from what anybody called a
file.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import delete, exists, select, text

from liyi.core.atomic import settle
from liyi.core.errors import LiyiError
from liyi.records.case_tables import CaseRow
from liyi.records.schema import AssessmentFile, Recording, now
from liyi.records.store_tables import PendingRemoval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 1 << 20
_PART = ".part-"
_ABANDONED_S = 24 * 3600.0
_NAMING = (Recording.sha256, Recording.side_sha256, AssessmentFile.sha256, CaseRow.sha256)  # columns that name a file


@dataclass(frozen=True)
class Stored:
    """A file brought to the vault: SHA-256 of its content in lower-case hexadecimal, size, where it waits."""

    sha256: str
    size_bytes: int
    part: Path


def path_of(records: Records, sha256: str) -> Path:
    """Where the file with this digest lies; raises LiyiError for anything that is not a digest."""
    if not isinstance(sha256, str) or not _DIGEST.fullmatch(sha256):
        raise LiyiError("There is no such file in the store.")
    return _media(records) / sha256[:2] / sha256[2:]


@contextmanager
def copied_in(records: Records, content: Path | IO[bytes]) -> Iterator[Stored]:
    """Copy a file, or what is left to read of a stream, next to its place in the vault; `keep` settles it there.

    Copying takes as long as the file is big, so it is done before the transaction that `keep` belongs to.

    Raises
    ------
    LiyiError
        When it cannot be read or written. Nothing half-written is left, nor what was not kept.
    """
    with _explain_os_errors(records), _opened(content) as source:
        room = _media(records)
        room.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=room, prefix=_PART)  # readable by its owner only
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target:
                stored = _copy(source, target, part)
            if not path_of(records, stored.sha256).exists():  # what stands there already may be a stranger's
                with records.writing() as session:
                    note_removal(session, [stored.sha256])  # should this process end before the row stands
            yield stored
        finally:
            part.unlink(missing_ok=True)


def keep(records: Records, session: Session, stored: Stored) -> None:
    """Settle a brought file in its place, within the transaction that adds the row which names it."""
    alone(session, stored.sha256)
    place = path_of(records, stored.sha256)
    session.execute(delete(PendingRemoval).where(PendingRemoval.sha256 == stored.sha256))
    with _explain_os_errors(records):
        place.parent.mkdir(exist_ok=True, mode=0o700)
        settle(stored.part, place)  # over the same content, if it stands there already


def keep_side(records: Records, session: Session, recording: Recording, stored: Stored | None) -> None:
    """Keep the file of the same performance from the side with a recording that has none, as `keep` does."""
    if stored is not None and recording.side_sha256 is None:
        keep(records, session, stored)
        recording.side_sha256, recording.side_bytes = stored.sha256, stored.size_bytes


def note_removal(session: Session, digests: Iterable[str]) -> None:
    """Note files that must go unless a row names them; within the transaction that removes their rows."""
    rows = [{"sha256": digest, "at": now()} for digest in sorted(digests)]
    if not rows:
        return
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    session.execute(insert(PendingRemoval).on_conflict_do_nothing(), rows)


def forget(records: Records, sha256: str) -> bool:
    """Remove a file that no row names any more, and the note that it must go.

    Returns
    -------
    bool
        Whether nothing names it: False where another row still does.
    """
    place = path_of(records, sha256)
    with records.writing() as session:
        alone(session, sha256)
        used = is_named(session, sha256)
        if not used:
            with _explain_os_errors(records):
                place.unlink(missing_ok=True)
        session.execute(delete(PendingRemoval).where(PendingRemoval.sha256 == sha256))
    return not used


def is_named(session: Session, sha256: str) -> bool:
    """Whether some row names the file."""
    return any(session.scalar(select(exists().where(column == sha256))) for column in _NAMING)


def pending(session: Session) -> set[str]:
    """Digests of the files that were noted for removal."""
    return set(session.scalars(select(PendingRemoval.sha256)))


def abandoned(records: Records) -> list[Path]:
    """Parts older than a day, which a killed process left."""
    parts = []
    for part in _media(records).glob(f"{_PART}*"):
        with suppress(FileNotFoundError):
            if time.time() - part.stat().st_mtime > _ABANDONED_S:
                parts.append(part)
    return parts


def files(folder: Path) -> Iterator[Path]:
    """All files in the vault of the data folder, but those that are just being written."""
    for file in (folder / "media").rglob("*"):
        if not file.name.startswith(_PART) and (file.is_symlink() or not file.is_dir()):
            yield file


def holds_files(folder: Path) -> bool:
    """Whether the vault of the data folder holds any file."""
    return next(files(folder), None) is not None


def digest_at(file: Path) -> str | None:
    """Digest of the file of the vault that lies there; None where its place is not that of a digest."""
    digest = file.parent.name + file.name
    proper = _DIGEST.fullmatch(digest) and len(file.parent.name) == 2 and file.parent.parent.name == "media"
    return digest if proper else None


def named(session: Session) -> set[str]:
    """Digests of all files that some row names."""
    return {digest for column in _NAMING for digest in session.scalars(select(column)) if digest}


def alone(session: Session, sha256: str) -> None:
    """Keep others from removing a file, or from beginning to name it, until this transaction ends.

    SQLite has one writer at a time anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        key = int.from_bytes(bytes.fromhex(sha256)[:8], "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _media(records: Records) -> Path:
    return records.folder / "media"


@contextmanager
def _opened(content: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    if not isinstance(content, Path):
        yield content
        return
    with content.open("rb") as source:
        yield source


def _copy(source: IO[bytes], target: IO[bytes], part: Path) -> Stored:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK_BYTES):
        digest.update(chunk)
        size += target.write(chunk)
    target.flush()
    os.fsync(target.fileno())  # here, where nobody waits for it
    return Stored(digest.hexdigest(), size, part)


@contextmanager
def _explain_os_errors(records: Records) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LiyiError(
            "The recording cannot be kept in {folder} ({fault}): make room on its disk or mend its permissions.",
            folder=str(_media(records)),
            fault=error.strerror or str(error),
        ) from error
