"""The end of a recording: its rows, its files, what was being made of it, and the traces of all these.

Rows go in the caller's transaction, together with their lines of the audit trail; files and traces go after it. A
process killed in between leaves files that no row names and a note that traces remain: `records.retention.purge` does
the rest.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from records import scrub, vault
from records.schema import Assessment, AssessmentFile, Comment, Recording

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from records.engine import Records

_AT_ONCE = 500  # ids in one statement


@dataclass
class Removal:
    """What goes; counts are those of rows and files that are really gone.

    ``shared`` counts files that stay because another recording has the same content; ``scrubbed`` tells whether the
    database's files are free of traces.
    """

    recordings: int = 0
    assessments: int = 0
    comments: int = 0
    files: int = 0
    size_bytes: int = 0
    shared: int = 0
    scrubbed: bool = True
    _ids: list[UUID] = field(default_factory=list)
    _digests: set[str] = field(default_factory=set)

    def remove(self, session: Session, recording_ids: Sequence[UUID]) -> None:
        """Remove recordings with everything that belongs to them; the caller notes it in the audit trail."""
        for start in range(0, len(recording_ids), _AT_ONCE):
            ids = recording_ids[start : start + _AT_ONCE]
            of_these = Assessment.recording_id.in_(ids)
            files = select(AssessmentFile.sha256).join(Assessment).where(of_these)
            media = select(Recording.sha256).where(Recording.id.in_(ids), Recording.sha256.is_not(None))
            self._digests.update(session.scalars(files))
            self._digests.update(digest for digest in session.scalars(media) if digest)
            self.assessments += _count(session, Assessment, of_these)
            self.comments += _count(session, Comment, Comment.recording_id.in_(ids))
            self.recordings += _count(session, Recording, Recording.id.in_(ids))
            session.execute(delete(Recording).where(Recording.id.in_(ids)))  # what belongs to them goes along
            self._ids += ids

    def remove_files(self, records: Records) -> None:
        """Remove what those recordings had in the vault and in their workrooms; after the transaction."""
        while self._ids:
            shutil.rmtree(workroom(records, self._ids.pop()), ignore_errors=True)
        while self._digests:
            digest = self._digests.pop()
            size = _size(vault.path_of(records, digest))
            if not vault.forget(records, digest):
                self.shared += 1
            elif size is not None:
                self.files += 1
                self.size_bytes += size


@contextmanager
def removing(records: Records, *, scrubbing: bool = True) -> Iterator[Removal]:
    """Remove recordings for good: what `Removal.remove` was given within one transaction or several.

    Parameters
    ----------
    records
        The store.
    scrubbing
        Whether the database is freed of traces at the end; who removes in batches does it once, after the last.
    """
    scrub.begin(records)
    removal = Removal()
    yield removal
    removal.remove_files(records)
    if scrubbing:
        removal.scrubbed = scrub.scrub(records)


def workroom(records: Records, recording_id: UUID) -> Path:
    """Folder for what is being made of a recording (pieces as they arrive, a job's outputs); goes when it goes."""
    return records.folder / "work" / recording_id.hex


def _count(session: Session, entity: Any, condition: Any) -> int:
    return session.scalar(select(func.count()).select_from(entity).where(condition)) or 0


def _size(file: Path) -> int | None:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return None
