"""Files of the vault that this database never named: counted and told, adopted or discarded only when somebody says.

They may be another database's, or all that is left of a store whose database was lost.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.moments import day
from liyi.core.names import readable_name
from liyi.media.files import check_file
from liyi.records import reserve, vault
from liyi.records.operations.consent import need_consent
from liyi.records.schema import Kind, Recording, State, now
from liyi.records.unit_of_work import writing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

MOST_SHARE, MOST_FILES = 0.1, 20  # what is discarded without saying that all is meant


def unknown(records: Records) -> Sequence[Path]:
    """Files of the vault that no row names and no removal has noted, by name."""
    with records.reading() as session:
        known = vault.named(session) | vault.pending(session)
    found = [file for file in vault.files(records.folder) if vault.digest_at(file) not in known]
    if not found:
        return []
    with records.reading() as session:  # what was kept meanwhile
        known = vault.named(session) | vault.pending(session)
    return sorted(file for file in found if vault.digest_at(file) not in known)


def named(records: Records, files: Sequence[Path]) -> list[logs.Stored]:
    """The first `MOST_FILES` of such files as the log and ``liyi doctor`` name them."""
    return [_named(records.folder / "media", file) for file in files[:MOST_FILES]]


def _named(media: Path, file: Path) -> logs.Stored:
    path = "".join(
        letter if letter.isprintable() else "\ufffd" for letter in readable_name(str(file.relative_to(media)))
    )
    try:
        found = file.lstat()
    except OSError:  # it went meanwhile
        return logs.Stored(path, vault.digest_at(file) or "", 0, "")
    return logs.Stored(path, vault.digest_at(file) or "", found.st_size, day(found.st_mtime))


def tell(records: Records, files: Sequence[Path]) -> None:
    """Write to the log that there are such files: how many, and which, `MOST_FILES` at most."""
    if files:
        logs.event("unknown_files", count=len(files), cause="unknown")
    for stored in named(records, files):
        logs.event("unknown_file", cause="unknown", stored=stored)
    if len(files) > MOST_FILES:
        logs.event("unknown_files_more", count=len(files) - MOST_FILES, cause="unknown")


def adopt(records: Records, viewer: Viewer) -> tuple[int, int]:
    """Enter the recordings among the unknown files as the viewer's own; their days count from now.

    Returns
    -------
    tuple
        How many were adopted, and how many files are no sound recordings and stay unknown.

    Raises
    ------
    LiyiError
        Without the viewer's consent to being recorded.
    """
    adopted = 0
    files = unknown(records)
    for file in files:
        if not _is_recording(file):
            continue
        with writing(records, viewer) as unit:
            need_consent(unit, viewer.person_id)
            adopted += _adopt(unit, file)
    return adopted, len(files) - adopted


def _adopt(unit: UnitOfWork, file: Path) -> bool:
    digest = vault.digest_at(file)
    assert digest is not None
    vault.alone(unit.session, digest)
    if not file.is_file():  # discarded meanwhile
        return False
    found = file.stat()
    row = Recording(
        person_id=unit.viewer.person_id, sha256=digest, name=digest[:16], size_bytes=found.st_size, kind=Kind.upload,
        state=State.kept, created_at=now(),  # a copy may have lost its file's times, and retention counts from this
    )  # fmt: skip
    unit.add(row, "adopt", only_for=row.only_for)
    return True


def _is_recording(file: Path) -> bool:
    """Whether it is a recording by its first bytes, and what its place says that it is."""
    digest = vault.digest_at(file)
    if digest is None or file.is_symlink():
        return False
    try:
        check_file(file)
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest() == digest
    except (LiyiError, OSError):
        return False


def discard(records: Records, viewer: Viewer, *, everything: bool = False) -> tuple[int, int]:
    """Remove the unknown files for good.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf: the audit trail names them.
    everything
        Also when they are more than `MOST_FILES`, or more than `MOST_SHARE` of all files.

    Returns
    -------
    tuple
        How many files are gone, and their size in bytes.

    Raises
    ------
    LiyiError
        When they are too many, or one cannot be removed.
    """
    files = unknown(records)
    total = sum(1 for _ in vault.files(records.folder))
    if not everything and (len(files) > MOST_FILES or len(files) > MOST_SHARE * total):
        raise LiyiError(
            "{count} of {total} files would go, which may be those of another database: look at what `liyi doctor` "
            "says, and if all of them shall go, say so with --all.",
            count=len(files),
            total=total,
        )
    gone, size = 0, 0
    with reserve.released(records.folder):
        if files:
            with writing(records, viewer) as unit:
                unit.note("discard_unknown", Recording, None)
        for file in files:
            with suppress(FileNotFoundError):
                bytes_ = file.lstat().st_size
                if _remove(records, file):
                    gone, size = gone + 1, size + bytes_
    return gone, size


def _remove(records: Records, file: Path) -> bool:
    digest = vault.digest_at(file)
    if digest is not None:
        return vault.forget(records, digest)  # unless it was named meanwhile
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise LiyiError("The file {file} cannot be removed ({fault}): mend the permissions of its folder.",
                        file=str(file), fault=error.strerror or str(error)) from error  # fmt: skip
    return True
