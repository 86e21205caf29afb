"""The folder of a batch: one folder for each result, written at once and whole, and never by two batches together.

``OUT/recordings/KEY/`` holds what `liyi score` writes; ``assessment.json`` last, so that where it stands the rest does.
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING

from report.folder import ASSESSMENT, MEASURES, REPORT, make_folders, told, whole
from signals.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from batch.unit import Unit
    from etiquette.assessment import Assessment

RECORDINGS, LOCK = "recordings", ".lock"
_ORDER = (MEASURES, REPORT, ASSESSMENT)


class OccupiedError(LiyiError):
    """The folder is another batch's."""


@contextlib.contextmanager
def kept_in(out: Path, *, resume: bool) -> Iterator[None]:
    """Hold the folder ``out`` for one batch; made when it is not there.

    Raises
    ------
    OccupiedError
        When it holds results and ``resume`` is not asked for, or another batch is writing to it.
    LiyiError
        When it cannot be written.
    """
    from filelock import FileLock, Timeout

    with told(out):
        make_folders(out)
        with tempfile.TemporaryFile(dir=out):  # told before the work, not after it
            pass
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


def _sweep(out: Path) -> None:
    """Remove the half-written files of a batch that was killed."""
    for part in (out / RECORDINGS).glob("*/.*.part"):
        part.unlink(missing_ok=True)


def write(out: Path, key: str, files: Mapping[str, bytes]) -> None:
    """Write one result; raises LiyiError when it cannot be written, and then nothing of it counts as done."""
    folder = out / RECORDINGS / key
    for name in sorted(files, key=_ORDER.index):
        with whole(folder / name) as part:
            make_folders(folder)
            part.write_bytes(files[name])


def done(out: Path, unit: Unit) -> bool:
    """Whether the unit's result stands in ``out``, whole and its own."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = out / RECORDINGS / unit.key
    assessment = read(out, unit.key)
    if assessment is None or assessment.recording.sha256 != unit.sha256 or assessment.pack != unit.pack.ref:
        return False
    if unit.report and not (folder / REPORT).is_file():
        return False
    try:
        pq.read_metadata(folder / MEASURES)
    except (OSError, pa.ArrowException):
        return False
    return True


def read(out: Path, key: str) -> Assessment | None:
    """The assessment of a result; None when it is not there or damaged."""
    from pydantic import ValidationError

    from etiquette.assessment import Assessment

    try:
        return Assessment.model_validate_json((out / RECORDINGS / key / ASSESSMENT).read_bytes())
    except (OSError, ValidationError):
        return None
