"""Space kept back on the data folder's disk, so that deleting works when it is full.

Deleting writes before it frees anything: the log of the database grows first. The reserve is given up for that, and
made again after.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = ".reserve"
MOST_BYTES = 16 << 20
_SHARE = 4  # of a tiny disk at most a quarter
_BLOCK = 4096
OPENING_BYTES = 256 << 10  # SQLite's shared memory, and a lock
DELETING_BYTES = 2 * MOST_BYTES


def hold(folder: Path) -> None:
    """Keep the reserve back where there is room enough beside it; one that is there stays as it is."""
    with suppress(OSError):
        if not (folder / NAME).exists() and _free(folder) >= 2 * _size(folder):
            _take(folder, _size(folder))


@contextmanager
def released(folder: Path, *, below: int = DELETING_BYTES) -> Iterator[None]:
    """Give the reserve up while the block runs, when less than ``below`` bytes are free; hold it again after."""
    short = False
    with suppress(OSError):
        short = _free(folder) < min(below, 2 * _size(folder))
        if short:
            (folder / NAME).unlink(missing_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):
            if short and not (folder / NAME).exists():
                _take(folder, min(_size(folder), _free(folder)))
        hold(folder)


def _size(folder: Path) -> int:
    return min(MOST_BYTES, shutil.disk_usage(folder).total // _SHARE)


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def _take(folder: Path, size: int) -> None:
    size -= size % _BLOCK
    if size <= 0:
        return
    descriptor = os.open(folder / NAME, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        _fill(descriptor, size)
    except OSError:
        (folder / NAME).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def _fill(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(descriptor, 0, size)
        return
    for _ in range(size // _BLOCK):  # noise: a file system that compresses would keep nothing back for zeros
        os.write(descriptor, os.urandom(_BLOCK))
