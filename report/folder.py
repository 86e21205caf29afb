"""The folder of results: whole files or none, and never the results of one run beside those of another."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

from report.words import N_
from signals.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASSESSMENT, MEASURES, REPORT = "assessment.json", "measures.parquet", "report.html"


@contextmanager
def results_in(folder: Path) -> Iterator[None]:
    """Keep ``folder`` for the results of one run.

    Results of an earlier run are removed first, so that they are not taken for this one's if it fails; a folder that
    was made for a run of which nothing came is removed again.

    Raises
    ------
    LiyiError
        When the folder cannot be made or written.
    """
    new = not folder.exists()
    with told(folder):
        if not new and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        folder.mkdir(parents=True, exist_ok=True)
        for name in (ASSESSMENT, REPORT, MEASURES):
            (folder / name).unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # told before the work, not after it
            pass
    try:
        yield
    finally:
        if new and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a path to write to; what was written there becomes ``path`` at once, or not at all.

    Raises
    ------
    LiyiError
        When it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with told(path.parent):
            yield part
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Say in one sentence why the operating system refuses."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sentence = N_("The disk of the folder {folder} is full: make room, or name another folder with --out.")
        elif error.errno in (errno.EEXIST, errno.ENOTDIR):
            sentence = N_("{folder} cannot be a folder, because a file is in its place: name another with --out.")
        else:
            sentence = N_("The folder {folder} cannot be written ({fault}): name another with --out.")
        raise LiyiError(sentence, folder=str(folder), fault=error.strerror or str(error)) from error
