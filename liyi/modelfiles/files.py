"""Files of the model folder: checksums, the scratch folder for unfinished ones, faults of a full or closed disk."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import sys
from typing import IO, TYPE_CHECKING

from liyi.core import owner
from liyi.core.atomic import require_own
from liyi.core.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_CHUNK_BYTES = 1024 * 1024


def file_sha256(file: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def intact(file: Path, *, sha256: str, size_bytes: int) -> bool:
    """Whether a file is there with exactly this content."""
    return file.is_file() and file.stat().st_size == size_bytes and file_sha256(file) == sha256


def copy_hashed(source: IO[bytes], target: IO[bytes], most_bytes: int | None = None) -> str:
    """Copy a stream in small pieces and return the SHA-256 of what was copied.

    Of a stream longer than ``most_bytes`` one byte more is copied and no other, so that its checksum is a wrong one.
    """
    digest = hashlib.sha256()
    left = sys.maxsize if most_bytes is None else most_bytes + 1
    while chunk := source.read(min(_CHUNK_BYTES, left)):
        digest.update(chunk)
        target.write(chunk)
        left -= len(chunk)
    return digest.hexdigest()


def require_space(folder: Path, sizes: Iterable[int]) -> None:
    """Refuse work that the disk has no room for.

    Parameters
    ----------
    folder
        An existing folder on the disk.
    sizes
        Bytes of everything that will lie there at the same time.

    Raises
    ------
    LiyiError
        Too little room, with how much is needed.
    """
    needed, free = sum(sizes), shutil.disk_usage(folder).free
    if free < needed:
        raise LiyiError(
            "There is too little room on the disk of {folder} ({needed_mb} MB are needed, {free_mb} MB are free): make "
            "room, or choose another folder (LIYI_MODELS names the one of the models).",
            folder=str(folder),
            needed_mb=-(-needed // 1_000_000),
            free_mb=free // 1_000_000,
        )


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Create a folder, and say in one sentence why it or something in it could not be written.

    Raises
    ------
    LiyiError
        Instead of any ``OSError`` of the block.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise LiyiError(
                "The disk of {folder} is full: make room, or choose another folder (LIYI_MODELS names the one of the "
                "models).",
                folder=str(folder),
            ) from error
        raise LiyiError(
            "The folder {folder} cannot be written ({fault}): mend its permissions, or choose another folder "
            "(LIYI_MODELS names the one of the models).",
            folder=str(folder),
            fault=error.strerror or str(error),
        ) from error


@contextlib.contextmanager
def scratch_folder(folder: Path) -> Iterator[Path]:
    """Scratch folder inside the model folder where unfinished files lie, for one process at a time.

    Its files stay when the work breaks, for the next run to use; folders in it are scratch and never stay.
    """
    from filelock import FileLock

    if not os.environ.get("LIYI_MODELS"):  # in the data folder, which only its owner reads
        _close_data_folder(folder.parent)
    require_own(folder / ".lock", lambda _: False)  # taking a lock empties its file
    with writing(folder), FileLock(folder / ".lock"):
        scratch = folder / ".unfinished"
        scratch.mkdir(exist_ok=True)
        for leftover in scratch.iterdir():
            if leftover.is_dir():
                shutil.rmtree(leftover, ignore_errors=True)
        yield scratch
        shutil.rmtree(scratch, ignore_errors=True)


def _close_data_folder(data: Path) -> None:
    with contextlib.suppress(OSError):  # what cannot be made is told where the model folder is
        owner.make_folder(data)
