"""The folder of results: whole files or none, of one run and one recording; what stood there stays until then.

A run writes its set into a hidden folder inside and it is moved into place at the end, so that a typing error, Ctrl-C,
an unreadable recording or a full disk leave the earlier results as they were. A folder belongs to the recording whose
SHA-256 its ``assessment.json`` names.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from report.words import N_
from signals.errors import LiyiError
from signals.files import sha256 as file_sha256
from signals.names import readable_name

if TYPE_CHECKING:
    from collections.abc import Iterator

ASSESSMENT, MEASURES, REPORT = "assessment.json", "measures.parquet", "report.html"
FULL = N_("The disk of the folder {folder} is full: make room, or name another folder with --out.")
_ORDER = (MEASURES, REPORT, ASSESSMENT)  # the last one last, so that where it stands the others stand too
_ROOM = ".liyi-"
_OTHERS = stat.S_IRWXO  # faces and words of people are nobody's but the owner's and his group's


@contextmanager
def results_in(folder: Path, recording: str | None = None) -> Iterator[Path]:
    """Give a room to write the results of one run to; they become those of ``folder`` when the block ends well.

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
        When the folder is another recording's, or cannot be made or written.
    """
    made = _make(folder)
    room = None
    try:
        if recording is not None:
            _check_owner(folder, recording)
        with told(folder):
            _sweep(folder)
            room = Path(tempfile.mkdtemp(prefix=f"{_ROOM}{os.getpid()}-", dir=folder))
        yield room
        with told(folder):
            _move(room, folder)
    finally:
        if room is not None:
            shutil.rmtree(room, ignore_errors=True)
        for each in reversed(made):
            with suppress(OSError):  # it holds something
                each.rmdir()


def free_folder(recording: Path) -> Path:
    """``NAME.liyi`` in the current folder, or the first of ``NAME-2.liyi`` ... that is no other recording's."""
    stem = readable_name(recording.stem or recording.name)
    folder = Path(f"{stem}.liyi")
    try:
        digest = file_sha256(recording) if folder.exists() and recording.is_file() else None
    except OSError:
        digest = None
    at = 1
    while digest is not None and owner(folder) not in (None, digest):
        at += 1
        folder = Path(f"{stem}-{at}.liyi")
    return folder


def owner(folder: Path) -> str | None:
    """SHA-256 of the recording whose results stand in ``folder``; empty for results of unknown origin, None without."""
    if not any(os.path.lexists(folder / name) for name in _ORDER):
        return None
    try:
        digest = json.loads((folder / ASSESSMENT).read_bytes())["recording"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return digest if isinstance(digest, str) else ""


def _check_owner(folder: Path, recording: str) -> None:
    found = owner(folder)
    if found == "":
        raise LiyiError(
            "{folder} holds files named like results whose recording cannot be told: name another folder with --out, "
            "or move them away.",
            folder=str(folder),
        )
    if found not in (None, recording):
        raise LiyiError(
            "{folder} holds the results of another recording: name another folder with --out.", folder=str(folder)
        )


def _make(folder: Path) -> list[Path]:
    """Make the folder and what is above it; returns what was made, outermost first."""
    with told(folder):
        if os.path.lexists(folder) and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return make_folders(folder)


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
            each.mkdir(mode=0o777 & ~_OTHERS)
            made.append(each)
    return made


def _move(room: Path, folder: Path) -> None:
    """Put the new set in place of the old one; Ctrl-C waits for that."""
    names = sorted(os.listdir(room), key=lambda name: _ORDER.index(name) if name in _ORDER else -1)
    for name in names:
        _close_to_others(room / name)
        if (folder / name).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        for name in names:
            os.replace(room / name, folder / name)
        for name in (name for name in _ORDER if name not in names):
            (folder / name).unlink(missing_ok=True)  # of the run before
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _close_to_others(file: Path) -> None:
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        file.chmod(mode & ~_OTHERS)


def _sweep(folder: Path) -> None:
    """Remove the rooms of runs that were killed."""
    for room in folder.glob(f"{_ROOM}*"):
        pid = room.name.removeprefix(_ROOM).partition("-")[0]
        if not pid.isdigit() or room.is_symlink():
            continue
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            shutil.rmtree(room, ignore_errors=True)
        except (OSError, OverflowError):
            continue


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
            _close_to_others(part)
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
            sentence = FULL
        elif error.errno in (errno.EEXIST, errno.ENOTDIR):
            sentence = N_("{folder} cannot be a folder, because a file is in its place: name another with --out.")
        else:
            sentence = N_("The folder {folder} cannot be written ({fault}): name another with --out.")
        raise LiyiError(sentence, folder=str(folder), fault=error.strerror or str(error)) from error
