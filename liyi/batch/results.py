"""The folder of a batch: one folder for each result, written at once and whole, and never by two batches together.

``OUT/recordings/KEY/`` holds what `liyi score` writes; ``assessment.json`` last, so that where it stands the rest does.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from typing import TYPE_CHECKING

from liyi.batch.outputs import OF_A_BATCH, require_own_outputs
from liyi.core.atomic import require_own, sweep
from liyi.core.errors import LiyiError
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT, explain_os_errors, made_folder, make_folders, swapped_into

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from liyi.batch.unit import Unit
    from liyi.etiquette.assessment import Assessment

RECORDINGS, LOCK = "recordings", ".lock"
_LOCK_MODE = 0o660  # at most


class OccupiedError(LiyiError):
    """The folder is another batch's."""


@contextlib.contextmanager
def batch_lock(out: Path, *, resume: bool) -> Iterator[None]:
    """Hold the folder ``out`` for one batch; made when it is not there.

    Raises
    ------
    OccupiedError
        When it holds results and ``resume`` is not asked for, another batch is writing to it, or a file in it has the
        name of a table and is not Liyi's.
    LiyiError
        When it cannot be written.
    """
    from filelock import FileLock, Timeout

    with explain_os_errors(out):
        make_folders(out)
        if os.path.lexists(out / RECORDINGS) and not (out / RECORDINGS).is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        with tempfile.TemporaryFile(dir=out):  # told before the work, not after it
            pass
    _require_own(out)
    _make_lock(out)
    lock = FileLock(out / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise OccupiedError(
            "Another batch is writing to {folder}: wait for it, or name another folder with --out.", folder=str(out)
        ) from None
    try:
        if not resume and next((out / RECORDINGS).glob("*"), None) is not None:
            raise OccupiedError(
                "{folder} already holds results: add --resume to go on with them, or name another folder with --out.",
                folder=str(out),
            )
        _sweep(out)
        yield
    finally:
        lock.release()


def _require_own(out: Path) -> None:
    """Tell before the work, not after it, which file is in its way; taking a lock empties its file."""
    try:
        require_own_outputs(out, OF_A_BATCH)
        require_own(out / LOCK, lambda _: False)
    except LiyiError as error:
        raise OccupiedError(error.sentence, **error.fields) from error


def _make_lock(out: Path) -> None:
    """Make the lock's file by the caller's umask, without the bits of others; one that is there keeps its mode."""
    with explain_os_errors(out), contextlib.suppress(FileExistsError):
        os.close(os.open(out / LOCK, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _LOCK_MODE))


def _sweep(out: Path) -> None:
    """Remove the half-written files of a batch that was killed."""
    sweep(out)
    for folder in (out / RECORDINGS).glob("*"):
        sweep(folder)


def write(out: Path, key: str, files: Mapping[str, bytes]) -> None:
    """Write one result; raises LiyiError when it cannot be written, and then nothing of it counts as done."""
    folder = out / RECORDINGS / key
    with made_folder(folder), swapped_into(folder) as scratch, explain_os_errors(folder):
        for name, content in files.items():
            (scratch / name).write_bytes(content)


def done(out: Path, unit: Unit) -> bool:
    """Whether the unit's result stands in ``out``, whole and its own."""
    import pyarrow.parquet as pq

    folder = out / RECORDINGS / unit.key
    assessment = read(out, unit.key)
    if assessment is None or assessment.recording.sha256 != unit.sha256 or assessment.pack != unit.pack.ref:
        return False
    side = assessment.recording.side
    if (side and side.sha256) != (unit.side and unit.side.sha256):
        return False
    if unit.report and not (folder / REPORT).is_file():
        return False
    try:
        pq.read_metadata(folder / MEASURES)
    except Exception:  # whatever a damaged file makes of the reading
        return False
    return True


def read(out: Path, key: str) -> Assessment | None:
    """The assessment of a result; None when it is not there or damaged."""
    from pydantic import ValidationError

    from liyi.etiquette.assessment import Assessment

    try:
        return Assessment.model_validate_json((out / RECORDINGS / key / ASSESSMENT).read_bytes())
    except (OSError, ValidationError):
        return None
