"""The folder of media: each file under the SHA-256 of its content, once, whole or not at all.

What is kept stands in the database; a file that no row names is removed by `forget`. Paths are made from checked
digests only, never from what anybody called a file.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from sqlalchemy import exists, select, text

from records.schema import AssessmentFile, Recording
from signals.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from records.engine import Records

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 1 << 20
_PART = ".part-"
_ABANDONED_S = 24 * 3600.0


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
def brought(records: Records, content: Path | IO[bytes]) -> Iterator[Stored]:
    """Copy a file, or what is left to read of a stream, next to its place in the vault; `keep` settles it there.

    Copying takes as long as the file is big, so it is done before the transaction that `keep` belongs to.

    Raises
    ------
    LiyiError
        When it cannot be read or written. Nothing half-written is left, nor what was not kept.
    """
    with _told(records), _opened(content) as source:
        room = _media(records)
        room.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=room, prefix=_PART)  # readable by its owner only
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target:
                stored = _copy(source, target, part)
            yield stored
        finally:
            part.unlink(missing_ok=True)


def keep(records: Records, session: Session, stored: Stored) -> None:
    """Settle a brought file in its place, within the transaction that adds the row which names it."""
    _alone(session, stored.sha256)
    place = path_of(records, stored.sha256)
    with _told(records):
        place.parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(stored.part, place)  # over the same content, if it stands there already
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name, too, survives a power cut
        finally:
            os.close(folder)


def forget(records: Records, sha256: str) -> bool:
    """Remove a file that no row names any more; called after the transaction that removed the row.

    Returns
    -------
    bool
        Whether nothing names it: False where another row still does.
    """
    place = path_of(records, sha256)
    with records.writing() as session:
        _alone(session, sha256)
        named = exists().where(Recording.sha256 == sha256), exists().where(AssessmentFile.sha256 == sha256)
        if any(session.scalar(select(each)) for each in named):
            return False
        with _told(records):
            place.unlink(missing_ok=True)
    return True


def sweep(records: Records) -> int:
    """Remove files that no row names and parts older than a day, which a killed process leaves; returns how many."""
    gone = 0
    for part in _media(records).glob(f"{_PART}*"):
        if time.time() - part.stat().st_mtime > _ABANDONED_S:
            part.unlink(missing_ok=True)
            gone += 1
    with records.reading() as session:
        there = named(session)
    for file in _media(records).glob("??/*"):
        digest = file.parent.name + file.name
        if digest not in there and _DIGEST.fullmatch(digest):
            gone += forget(records, digest)
    return gone


def named(session: Session) -> set[str]:
    """Digests of all files that some row names."""
    media = session.scalars(select(Recording.sha256).where(Recording.sha256.is_not(None)))
    return {*(digest for digest in media if digest), *session.scalars(select(AssessmentFile.sha256))}


def _alone(session: Session, sha256: str) -> None:
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
    os.fsync(target.fileno())
    return Stored(digest.hexdigest(), size, part)


@contextmanager
def _told(records: Records) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LiyiError(
            "The recording cannot be kept in {folder} ({fault}): make room on its disk or mend its permissions.",
            folder=str(_media(records)),
            fault=error.strerror or str(error),
        ) from error
