"""The end of a recording: its rows, its files, what was being made of it, and the traces of all these.

Rows go in the caller's transaction, which also notes the files that must go, and writes the lines of the audit trail;
files and traces go after it. A process killed in between leaves these notes: `liyi.records.retention.purge` does the
rest, and removes no other file.
"""

from __future__ import annotations

import shutil
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, union, update

from liyi.records import reserve, secure_delete, vault
from liyi.records.case_tables import CaseComment, CaseRow
from liyi.records.schema import Assessment, AssessmentFile, Comment, Recording, TryRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy.orm import Session

    from liyi.records.batch_tables import BatchFile
    from liyi.records.engine import Records

_AT_ONCE = 500  # ids in one statement


@dataclass
class Removal:
    """What goes; counts are those of rows and files that are really gone.

    ``files`` and ``size_bytes`` count those of the vault, of workrooms and half-written ones; ``uploads`` what was
    brought to batches and never assessed. ``shared`` counts files that stay because another recording has the same
    content; ``scrubbed`` tells whether the database's files are free of traces; ``unknown`` counts files of the vault
    that this database never named, which stay. Without ``counted`` no number says anything: who reads it may not know
    how much there was.
    """

    recordings: int = 0
    assessments: int = 0
    comments: int = 0
    tries: int = 0
    batches: int = 0
    uploads: int = 0
    files: int = 0
    size_bytes: int = 0
    scrubbed: bool = True
    unknown: int = 0
    counted: bool = True
    _ids: list[UUID] = field(default_factory=list)
    _digests: set[str] = field(default_factory=set)
    _shared: set[str] = field(default_factory=set)

    @property
    def shared(self) -> int:
        """How many files stay because another recording has the same content."""
        return len(self._shared)

    def untold(self) -> Removal:
        """The same for somebody who had deleted what they may not see: that it was done, and no count."""
        return Removal(scrubbed=self.scrubbed, counted=False)

    def told_to(self, records: Records, person_id: UUID) -> Removal:
        """The same for a person whose own it was: files that stay for others' recordings alone are gone for them.

        Else a deletion would tell that somebody else keeps the same content.
        """
        with records.reading() as session:
            media = _media_of(Recording.person_id == person_id)
            files = select(AssessmentFile.sha256).join(Assessment).where(Assessment.person_id == person_id)
            clips = select(CaseRow.sha256).join(Recording).where(Recording.person_id == person_id)
            others = self._shared - {*session.scalars(media), *session.scalars(files), *session.scalars(clips)}
        self._gone(_sizes(vault.path_of(records, digest) for digest in others))
        self._shared -= others
        return self

    def remove(self, session: Session, recording_ids: Sequence[UUID]) -> None:
        """Remove recordings with everything that belongs to them; the caller notes it in the audit trail."""
        for start in range(0, len(recording_ids), _AT_ONCE):
            ids = recording_ids[start : start + _AT_ONCE]
            of_these = Assessment.recording_id.in_(ids)
            files = select(AssessmentFile.sha256).join(Assessment).where(of_these)
            media = _media_of(Recording.id.in_(ids))
            self._take(session, {*session.scalars(files), *(digest for digest in session.scalars(media) if digest)})
            self._take_clips(session, CaseRow.recording_id.in_(ids))
            self.assessments += _count(session, Assessment, of_these)
            self.comments += _count(session, Comment, Comment.recording_id.in_(ids))
            self.recordings += _count(session, Recording, Recording.id.in_(ids))
            session.execute(delete(Recording).where(Recording.id.in_(ids)))  # what belongs to them goes along
            self._ids += ids

    def remove_assessments(self, session: Session, assessment_ids: Sequence[UUID]) -> None:
        """Remove assessments with what belongs to them, and leave their recordings."""
        digests = set(session.scalars(
            select(AssessmentFile.sha256).where(AssessmentFile.assessment_id.in_(assessment_ids))
        ))  # fmt: skip
        self._take(session, digests)
        self.assessments += len(assessment_ids)
        session.execute(delete(Assessment).where(Assessment.id.in_(assessment_ids)))

    def empty_cases(self, session: Session, case_ids: Sequence[UUID]) -> None:
        """Remove what cases show and what was said of them, and leave that there was one."""
        these = CaseRow.id.in_(case_ids)
        self._take_clips(session, these)
        session.execute(delete(CaseComment).where(CaseComment.case_id.in_(case_ids)))
        session.execute(update(CaseRow).where(these).values(sha256=None, size_bytes=None, captions=[]))

    def remove_cases(self, session: Session, case_ids: Sequence[UUID]) -> None:
        """Remove cases with all that belongs to them; the caller notes it in the audit trail."""
        self._take_clips(session, CaseRow.id.in_(case_ids))
        session.execute(delete(CaseRow).where(CaseRow.id.in_(case_ids)))

    def remove_tries(self, session: Session, try_ids: Sequence[UUID]) -> None:
        """Remove tries of drills; the caller notes it in the audit trail."""
        for start in range(0, len(try_ids), _AT_ONCE):
            these = TryRow.id.in_(try_ids[start : start + _AT_ONCE])
            self.tries += _count(session, TryRow, these)
            session.execute(delete(TryRow).where(these))

    def remove_files(self, records: Records) -> None:
        """Remove what those recordings had in the vault and in their workrooms; after the transaction."""
        while self._ids:
            scratch = workroom(records, self._ids.pop())
            before = _sizes(scratch.rglob("*"))
            shutil.rmtree(scratch, ignore_errors=True)
            self._gone(before, _sizes(scratch.rglob("*")))
        while self._digests:
            digest = self._digests.pop()
            file = vault.path_of(records, digest)
            size = _sizes([file])
            if vault.forget(records, digest):
                self._gone(size)
                self._shared.discard(digest)
            else:
                self._shared.add(digest)

    def finish(self, records: Records) -> None:
        """Remove what an earlier removal, or work that did not end, left noted; and parts older than a day."""
        parts = vault.abandoned(records)
        self._gone(_sizes(parts))
        for part in parts:
            part.unlink(missing_ok=True)
        with records.reading() as session:
            left = vault.pending(session)
        for digest in left:
            size = _sizes([vault.path_of(records, digest)])
            if vault.forget(records, digest):
                self._gone(size)

    def preview(self, records: Records, session: Session) -> None:
        """Count the files that `remove_files` and `finish` would remove, in a transaction that is given up after."""
        named = vault.named(session)
        self._shared = self._digests & named
        self._gone(_sizes(vault.path_of(records, digest) for digest in vault.pending(session) - named))
        self._gone(_sizes(vault.abandoned(records)))
        for id in self._ids:
            self._gone(_sizes(workroom(records, id).rglob("*")))

    def _take_clips(self, session: Session, condition: Any) -> None:
        clips = select(CaseRow.sha256).where(condition).with_for_update()  # one that is being kept is waited for
        self._take(session, {digest for digest in session.scalars(clips) if digest})

    def _take(self, session: Session, digests: set[str]) -> None:
        """Have files removed unless another row names them."""
        vault.note_removal(session, digests)
        self._digests |= digests

    def _gone(self, before: list[int], after: Sequence[int] = ()) -> None:
        self.files += len(before) - len(after)
        self.size_bytes += sum(before) - sum(after)


@contextmanager
def removing(records: Records, *, scrubbing: bool = True) -> Iterator[Removal]:
    """Remove recordings for good: what `Removal.remove` was given within one transaction or several.

    Works on a full disk: the reserve is given up, and media go before the database is written anew.

    Parameters
    ----------
    records
        The store.
    scrubbing
        Whether the database is freed of traces at the end; who removes in batches does it once, after the last.
    """
    with reserve.released(records.folder):
        secure_delete.begin(records)
        removal = Removal()
        yield removal
        removal.remove_files(records)
        if scrubbing:
            removal.scrubbed = secure_delete.scrub(records)


def _media_of(condition: Any) -> Any:
    """Digests of the files of recordings, both where there are two."""
    return union(select(Recording.sha256).where(condition), select(Recording.side_sha256).where(condition))


def workroom(records: Records, recording_id: UUID) -> Path:
    """Folder for what is being made of a recording (pieces as they arrive, a job's outputs); goes when it goes."""
    return records.folder / "work" / recording_id.hex


def batch_folder(records: Records, batch_id: UUID) -> Path:
    """Folder of a batch: the files that were brought to it, and what its process has written; goes when it goes."""
    return records.folder / "batches" / batch_id.hex


def batch_file(records: Records, file: BatchFile) -> Path:
    """Where a file that is brought to a batch is written: under the last part of its name, in a folder of its own."""
    return batch_folder(records, file.batch_id) / "files" / file.id.hex / file.name.rpartition("/")[2]


def brought_file(records: Records, file: BatchFile) -> Path | None:
    """Where a whole file that was brought to a batch is now; None where it is in neither place.

    As long as it was not assessed it is in the batch's folder. Once a recording was made of it, it is in the vault
    alone, and goes with that recording.
    """
    brought = batch_file(records, file)
    if brought.is_file():
        return brought
    kept = vault.path_of(records, file.sha256) if file.sha256 else None
    return kept if kept is not None and kept.is_file() else None


def _count(session: Session, entity: Any, condition: Any) -> int:
    return session.scalar(select(func.count()).select_from(entity).where(condition)) or 0


def _sizes(files: Iterable[Path]) -> list[int]:
    """Sizes in bytes of those that are there and are files."""
    sizes = []
    for file in files:
        with suppress(OSError):
            found = file.lstat()
            if not stat.S_ISDIR(found.st_mode):
                sizes.append(found.st_size)
    return sizes
