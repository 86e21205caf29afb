"""Archives that leave the store: written beside their place, readable by their owner only, whole or not at all.

Everything in them is stored, not compressed: media are compressed already, and an archive that cannot swell cannot hurt
whoever opens it.
"""

from __future__ import annotations

import io
import os
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from liyi.core.atomic import require_own, settle
from liyi.core.errors import LiyiError
from liyi.core.names import cut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from typing import IO

    from liyi.core.atomic import IsOwn
    from liyi.records.engine import Records

CHUNK_BYTES = 1 << 20
_NOTE = ".outgoing-"


class Pipe(io.RawIOBase):
    """Takes what is written, and gives it on; it cannot be gone back in, and so `zipfile` does not."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        """Whether it takes anything: always."""
        return True

    def write(self, data: Any) -> int:
        """Take a piece."""
        self._waiting.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        waiting, self._waiting = self._waiting, []
        return b"".join(waiting)


class Outgoing:
    """An archive being written; every member carries the archive's own date."""

    def __init__(self, archive: ZipFile, at: datetime) -> None:
        self._archive = archive
        self._at = at.timetuple()[:6]

    def text(self, name: str, text: str) -> None:
        """Add a text."""
        with self.open(name) as target:
            target.write(text.encode())

    def file(self, name: str, source: Path) -> None:
        """Add a file, a piece at a time; raises FileNotFoundError when it is gone."""
        with source.open("rb") as content, self.open(name) as target:
            while chunk := content.read(CHUNK_BYTES):
                target.write(chunk)

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Give a stream whose content becomes the member ``name``."""
        member = ZipInfo(name, self._at)
        member.compress_type = ZIP_STORED
        member.external_attr = 0o600 << 16
        with self._archive.open(member, "w", force_zip64=True) as target:
            yield target


@contextmanager
def outgoing(records: Records, file: Path, at: datetime, is_own: IsOwn) -> Iterator[Outgoing]:
    """Write an archive that becomes ``file`` when all of it is on the disk; what stood there is replaced if ``is_own``.

    Where it is written is noted in the data folder until it ends, so that `sweep` finds what a killed process leaves.

    Raises
    ------
    LiyiError
        When it cannot be written, or something else stands there.
    """
    require_own(file, is_own)
    sweep(records)
    part: Path | None = None
    note: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{cut(file.name, 100)}.", suffix=".part")
        part = Path(name)
        with os.fdopen(descriptor, "wb") as target:
            _lock(target.fileno())  # as long as it is written
            note = _write_note(records, part)
            with ZipFile(target, "w") as archive:
                yield Outgoing(archive, at)
            target.flush()
            os.fsync(target.fileno())  # as long as it is locked: afterwards a sweep may take it for one that was left
        settle(part, file, is_own)
    except FileNotFoundError as error:
        if part is not None:  # something that was to go into it
            raise
        raise _unwritable(file, error) from error
    except OSError as error:
        raise _unwritable(file, error) from error
    finally:
        for each in (part, note):
            if each is not None:
                each.unlink(missing_ok=True)


def sweep(records: Records) -> list[Path]:
    """Remove half-written archives that nobody writes any more; returns which."""
    swept = []
    for note in records.folder.glob(f"{_NOTE}*"):
        with suppress(OSError, ValueError):
            part = Path(note.read_text(encoding="utf-8"))
            if not part.name.startswith(".") or part.suffix != ".part":
                continue
            if part.is_file() and not part.is_symlink():
                with part.open("r+b") as target:
                    if not _lock(target.fileno()):
                        continue
                part.unlink(missing_ok=True)
                swept.append(part)
            note.unlink(missing_ok=True)
    return swept


def _write_note(records: Records, part: Path) -> Path | None:
    """Note where an archive is being written; None where the data folder takes no note."""
    with suppress(OSError, ValueError):
        descriptor, name = tempfile.mkstemp(dir=records.folder, prefix=_NOTE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as target:
            target.write(str(part.absolute()))
        return Path(name)
    return None


def _lock(descriptor: int) -> bool:
    """Lock a file for this process; False where another has it locked."""
    try:
        import fcntl
    except ImportError:  # Windows removes no file that is open, and needs no lock for that
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return False
    return True


def _unwritable(file: Path, error: OSError) -> LiyiError:
    return LiyiError(
        "The file {file} cannot be written ({fault}): make room on its disk, or name another place.",
        file=str(file),
        fault=error.strerror or str(error),
    )


def outside(records: Records, file: Path) -> None:
    """Refuse a place inside the store's media, where a file that no row names does not last."""
    if (records.folder / "media").resolve() in file.resolve().parents:
        raise LiyiError("{file} lies among the store's own media: name a place outside of it.", file=str(file))
