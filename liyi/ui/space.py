"""Room on the disk: what must be free before something is recorded or taken, and while it is.

The data folder's disk holds a recording two times for a moment: while it is joined from its pieces, and while it is
filed. ``LIYI_FREE_GB`` (2 when not set, in 10^9 bytes) must be free before a rehearsal begins; an eighth of it stays
free, so that what was recorded can still be assessed and the database written.
"""

from __future__ import annotations

import errno
import math
import os
import shutil
from typing import TypeGuard

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records.engine import data_folder

FREE_GB = "LIYI_FREE_GB"
FULL = N_("The server's disk is full ({fault}): free some space, then try again. What was kept before is still there.")
_TOO_LITTLE = N_("The server's disk has {free} GB free, and {needed} GB are needed: delete recordings that are not "
                 "needed any more, or free space in another way, then try again.")  # fmt: skip
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)


def to_begin_bytes() -> int:
    """What must be free before a rehearsal begins, in bytes."""
    try:
        asked = float(os.environ.get(FREE_GB, "2"))
    except ValueError:
        asked = math.nan
    return round(asked * 1e9) if math.isfinite(asked) and asked >= 0 else 2_000_000_000


def to_leave_bytes() -> int:
    """What stays free whatever is recorded or taken, in bytes."""
    return to_begin_bytes() // 8


def free_bytes() -> int:
    """What the disk of the data folder has free for us, in bytes."""
    folder = data_folder().absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def check_room(needed: int) -> None:
    """Raise LiyiError unless ``needed`` bytes are free."""
    free = free_bytes()
    if free < needed:
        raise LiyiError(_TOO_LITTLE, free=f"{math.floor(free / 1e7) / 100:.2f}", needed=f"{needed / 1e9:.2f}")


def check_upload(size: int) -> None:
    """Raise LiyiError unless there is room for a recording of ``size`` bytes, its filing, and the rest."""
    check_room(2 * size + to_leave_bytes())


def check_rest(coming: int) -> None:
    """Raise LiyiError unless ``coming`` more bytes leave free what must stay free."""
    check_room(coming + to_leave_bytes())


def can_go_on(recorded: int) -> bool:
    """Whether a rehearsal of which ``recorded`` bytes are there may grow: it must still be joined afterwards."""
    return free_bytes() >= recorded + to_leave_bytes()


def is_full(error: BaseException) -> TypeGuard[OSError]:
    """Whether a write failed because the disk, or the account's share of it, is full."""
    return isinstance(error, OSError) and error.errno in _NO_SPACE


def full(error: OSError) -> LiyiError:
    """The sentence for a write that failed for want of room."""
    return LiyiError(FULL, fault=error.strerror or str(error))
