"""What is kept of people is readable by its owner only: the one place that says how.

`only_owner` is called once at the start of a process that keeps recordings (app, worker, records commands);
`make_folder` and `close` are for folders that may have been made by others before.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_OTHERS = 0o077  # what group and others may do


def only_owner() -> int:
    """From now on, what this process and its children make is readable by its owner only; returns the umask before."""
    return os.umask(_OTHERS)


def make_folder(folder: Path) -> bool:
    """Make a folder, and those above it that are missing, for its owner only; one that is there is closed to others.

    Where a link leads to it, what it leads to is closed.

    Returns
    -------
    bool
        Whether only its owner can enter it now; as `close`.

    Raises
    ------
    OSError
        When it cannot be made.
    """
    missing = [folder, *(each for each in folder.parents if not each.exists())]
    for each in reversed(missing):  # ``mkdir(parents=True, mode=...)`` gives the mode to the last one only
        each.mkdir(mode=0o700, exist_ok=True)
    return close(folder.resolve())


def is_open(path: Path) -> bool:
    """Whether group or others may do anything with a file or folder, or with what a link leads to."""
    return bool(path.stat().st_mode & _OTHERS)


def close(path: Path) -> bool:
    """Take from group and others what they may do with a file or a folder; a link is left as it is.

    A folder for everybody's temporary files (sticky bit) is never closed: others work in it.

    Returns
    -------
    bool
        Whether only its owner can open it now; False where it belongs to another account, or is a sticky folder.
    """
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return True
    if not found.st_mode & _OTHERS:
        return True
    if stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX:
        return False
    try:
        path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
    except PermissionError:
        return False
    return True
