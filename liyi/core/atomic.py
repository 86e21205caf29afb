"""A file appears under its name when all of it is on the disk, and takes the place of nothing but Liyi's own.

Everything that is written for good goes to its place here: synced, and moved from a folder of its own beside it. What
stands in the place is replaced when it is of the same kind and Liyi's (``is_own``); anything else is somebody's, is
refused before the work begins, and once more before the move.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    IsOwn = Callable[[Path], bool]

SCRATCH_PREFIX, MARKER = ".liyi-", ".room"
# What nobody may do with a file: results are the owner's and the group's, what is kept of people the owner's alone.
OTHERS, ALL_BUT_OWNER, NOBODY = 0o007, 0o077, 0
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)  # file systems whose folders cannot be synced


@contextmanager
def atomic_write(path: Path, is_own: IsOwn | None = None, *, barred: int = OTHERS, sync: bool = True) -> Iterator[Path]:
    """Give a path to write to; what was written there becomes ``path`` at once, or not at all.

    Parameters
    ----------
    path
        Its folder exists.
    is_own
        As for `require_own`; None for a file of the data folder, which is nobody else's.
    barred
        Bits of the mode that are taken away: `OTHERS`, `ALL_BUT_OWNER` or `NOBODY`.
    sync
        Whether it must survive a power cut; not for what is written anew every second.

    Raises
    ------
    LiyiError
        When something else than Liyi's stands there.
    OSError
        When it cannot be written.
    """
    require_own(path, is_own)
    scratch = make_scratch_folder(path.parent)
    try:
        part = scratch / path.name
        yield part
        settle(part, path, is_own, barred=barred, sync=sync)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def settle(part: Path, path: Path, is_own: IsOwn | None = None, *, barred: int = NOBODY, sync: bool = True) -> None:
    """Move a file that was written elsewhere on the same file system to its place, at once.

    Parameters
    ----------
    part
        The file, closed.
    path, is_own, barred, sync
        As for `atomic_write`.

    Raises
    ------
    LiyiError
        When something else than Liyi's stands there.
    OSError
        When it cannot be moved.
    """
    bar(part, barred)
    if sync:
        sync_file(part)
    require_own(path, is_own)  # what came there meanwhile
    os.replace(part, path)
    if sync:
        sync_folder(path.parent)


def move_folder(folder: Path, place: Path) -> None:
    """Move a folder of Liyi's to a place on the same file system at which nothing stands; raises OSError."""
    os.replace(folder, place)
    sync_folder(place.parent)


def require_own(path: Path, is_own: IsOwn | None) -> None:
    """Raise `LiyiError` when something stands at ``path`` that may not be replaced.

    Parameters
    ----------
    path
        What is to be written.
    is_own
        Whether an ordinary file that is not empty is of the kind that is to be written, and was written by Liyi;
        whatever it raises means that it is not. None: not asked.
    """
    if is_own is not None and not is_replaceable(path, is_own):
        raise LiyiError(
            "{file} is there and was not written by Liyi, so it is not overwritten: move it away, or name another "
            "place.",
            file=str(path),
        )


def is_replaceable(path: Path, is_own: IsOwn) -> bool:
    """Whether nothing, an empty file or one of Liyi's own stands at ``path``."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):  # the latter is told by whoever makes the folder
        return True
    except OSError:
        return False
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever; a link leads to somebody's
        return False
    if status.st_size == 0:
        return True
    try:
        return is_own(path)
    except Exception:  # whatever a parser makes of what somebody else wrote
        return False


def starts_with(path: Path, *heads: bytes) -> bool:
    """Whether a file begins with one of these bytes."""
    with path.open("rb") as file:
        return file.read(max(map(len, heads))).startswith(heads)


def make_scratch_folder(folder: Path) -> Path:
    """A folder inside ``folder``, which only its owner enters, to write in; `sweep` finds it when this process dies.

    It holds a file `MARKER`, which says that Liyi made it, and on which host.
    """
    scratch = Path(tempfile.mkdtemp(prefix=f"{SCRATCH_PREFIX}{os.getpid()}-", dir=folder))
    try:
        (scratch / MARKER).write_text("\n".join(_host()), encoding="utf-8")
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return scratch


def sweep(folder: Path) -> None:
    """Remove the scratch folders of this host's processes that were killed; what carries no mark of Liyi's is left."""
    for scratch in folder.glob(f"{SCRATCH_PREFIX}*"):
        pid = scratch.name.removeprefix(SCRATCH_PREFIX).partition("-")[0]
        if pid.isdecimal() and not scratch.is_symlink() and _is_left(scratch, pid):
            shutil.rmtree(scratch, ignore_errors=True)


def _is_left(scratch: Path, pid: str) -> bool:
    """Whether a scratch folder was made on this host, by a process that is gone."""
    try:
        name, boot = (scratch / MARKER).read_text(encoding="utf-8").split("\n")
        if (name, boot) != _host():
            return name == _host()[0]  # all processes of before a start are gone
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError, ValueError):
        pass
    return False


def _host() -> tuple[str, str]:
    """Name of the host that this runs on, and the id of its start; empty where the system has none."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    return socket.gethostname(), boot


def bar(file: Path, bits: int) -> None:
    """Take these bits from a file's mode."""
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & bits:
        file.chmod(mode & ~bits)


def sync_file(file: Path) -> None:
    """Wait until a file's content is on the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, where its file system can do that."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:  # Windows opens no folder; one may be written and entered, and not be read
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(descriptor)
