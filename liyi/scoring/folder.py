"""The folder of results: whole files or none, of one run and one recording; what stood there stays until then.

A run writes its set into a hidden folder inside and it is moved into place at the end, so that a typing error, Ctrl-C,
an unreadable recording or a full disk leave the earlier results as they were. Whose a folder is, says
`liyi.scoring.ownership`.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from liyi.core.atomic import MARKER, OTHERS, atomic_write, bar, make_scratch_folder, sweep, sync_file, sync_folder
from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.scoring.ownership import ASSESSMENT as ASSESSMENT
from liyi.scoring.ownership import MEASURES as MEASURES
from liyi.scoring.ownership import REPORT as REPORT
from liyi.scoring.ownership import RESULTS, require_free

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from liyi.core.atomic import IsOwn

FULL = N_("The disk of the folder {folder} is full: make room, or name another folder with --out.")


@contextmanager
def results_in(folder: Path, recording: str | None = None) -> Iterator[Path]:
    """Give a scratch folder for the results of one run; they become those of ``folder`` when the block ends well.

    A folder that was made for a run of which nothing came is removed again.

    Parameters
    ----------
    folder
        Made when it is not there.
    recording
        SHA-256 of the recording, to which the folder must belong when it holds results; None: not asked.

    Raises
    ------
    LiyiError
        When the folder is another recording's, holds a file of a result's name that is not Liyi's, or cannot be made
        or written.
    """
    with made_folder(folder):
        require_free(folder, recording)
        with swapped_into(folder) as scratch:
            yield scratch
            require_free(folder, recording)  # what came there meanwhile


@contextmanager
def swapped_into(folder: Path) -> Iterator[Path]:
    """Give a scratch folder for a set of results; it takes the place of the one in ``folder``, whatever that is.

    Raises
    ------
    LiyiError
        When it cannot be written.
    """
    with explain_os_errors(folder):
        sweep(folder)
        scratch = make_scratch_folder(folder)
    try:
        yield scratch
        with explain_os_errors(folder):
            _move(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Make the folder and what is above it; what was made and holds nothing in the end is removed again."""
    with explain_os_errors(folder):
        if os.path.lexists(folder) and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        made = make_folders(folder)
    try:
        yield
        with explain_os_errors(folder):
            for each in made:
                sync_folder(each.parent)
    finally:
        for each in reversed(made):
            with suppress(OSError):  # it holds something
                each.rmdir()


def make_folders(folder: Path) -> list[Path]:
    """Make ``folder`` and what lacks above it, closed to others; returns those that were made, outermost first."""
    lacking = []
    for each in (folder, *folder.parents):
        if each.exists():
            break
        lacking.append(each)
    made = []
    for each in reversed(lacking):
        with suppress(FileExistsError):
            each.mkdir(mode=0o777 & ~OTHERS)
            made.append(each)
    return made


def _move(scratch: Path, folder: Path) -> None:
    """Put the new set in place of the old one; Ctrl-C waits for that."""
    names = sorted({*os.listdir(scratch)} - {MARKER}, key=lambda name: RESULTS.index(name) if name in RESULTS else -1)
    for name in names:
        bar(scratch / name, OTHERS)
        sync_file(scratch / name)
        if (folder / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        for name in names:
            os.replace(scratch / name, folder / name)
        for name in (name for name in RESULTS if name not in names):
            (folder / name).unlink(missing_ok=True)  # of the run before
        sync_folder(folder)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


@contextmanager
def result_file(path: Path, is_own: IsOwn) -> Iterator[Path]:
    """Give a path to write to; what was written there becomes ``path`` at once, or not at all.

    Raises
    ------
    LiyiError
        When it cannot be written, or something else than Liyi's own stands there (`liyi.core.atomic.require_own`).
    """
    with explain_os_errors(path.parent), atomic_write(path, is_own) as part:
        yield part


@contextmanager
def explain_os_errors(folder: Path) -> Iterator[None]:
    """Say in one sentence why the operating system refuses."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sentence = FULL
        elif error.errno in (errno.EEXIST, errno.ENOTDIR):
            sentence = N_("{folder} cannot be a folder, because a file is in its place: name another with --out.")
        else:
            sentence = N_("The folder {folder} cannot be written ({fault}): name another with --out.")
        raise LiyiError(sentence, folder=str(folder), fault=error.strerror or str(error)) from error
