"""What is brought to a batch: files as they arrive, and the list that says whose they are; then it waits its turn.

A file is written where `open_file` says, by whoever hands it in, in any number of goes: how much of it is there, its
size on the disk says. What cells mean is `liyi.batch.record_lines`' matter; of consent alone something is asked here.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from liyi.core.errors import LiyiError, Notice
from liyi.core.list_headings import CONSENT
from liyi.core.owner import make_folder
from liyi.media.files import check_start, head_of, sha256
from liyi.records.batch_tables import Batch, BatchFile, BatchLine, BatchState, LineState, Purpose
from liyi.records.lifecycle import batch_file, brought_file
from liyi.records.operations.batch_people import people_named
from liyi.records.operations.batches import draft_of
from liyi.records.operations.registry import operation
from liyi.records.schema import Recording, now
from liyi.records.unit_of_work import reading, writing
from liyi.records.validation import key_of, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

MOST_FILES = 2000
MOST_BYTES = 1_000_000_000_000  # of all files of a batch
MOST_LINES = 5000
MOST_CELLS, MOST_CELL = 40, 1000  # columns of a line, characters of a cell
_MOST_TOLD = 10  # lines that a sentence names
_MOST_MS = 1 << 53


@dataclass(frozen=True)
class Brought:
    """A file of a batch: ``received_bytes`` of ``size_bytes`` are at ``path``; ``sha256`` once it was found whole."""

    id: UUID
    name: str
    path: Path
    size_bytes: int
    received_bytes: int
    modified_ms: int
    sha256: str | None
    brought_at: datetime
    is_filed: bool = False  # a recording was made of it

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there, and was found to be a recording."""
        return self.sha256 is not None and self.received_bytes == self.size_bytes


@operation
def batch_files(records: Records, viewer: Viewer, batch_id: UUID | str) -> list[Brought]:
    """Files of a batch, by name."""
    with reading(records, viewer) as unit:
        of_batch = unit.one(Batch, batch_id)
        query = unit.select(BatchFile, BatchFile.batch_id == of_batch.id).order_by(BatchFile.name, BatchFile.id)
        filed = filed_contents(unit, of_batch)
        return [_file_of(records, row, filed) for row in unit.all(query)]


@operation
def begin_file(
    records: Records, viewer: Viewer, batch_id: UUID | str, *, name: str, size_bytes: int, modified_ms: int = 0
) -> Brought:
    """Begin to bring a file; one of the same name, size and time of change goes on where it was cut off.

    Parameters
    ----------
    records, viewer, batch_id
        The store, on whose behalf, and to which batch.
    name
        How lists call it: a file name, with folders before it and ``/`` between them.
    size_bytes
        Of the whole file.
    modified_ms
        When it was last changed where it comes from, in milliseconds since 1970.

    Raises
    ------
    LiyiError
        When the batch is at work or takes no more, or another file has this name.
    """
    name = _file_name(name)
    if not 0 < size_bytes <= MOST_BYTES or not 0 <= modified_ms <= _MOST_MS:
        raise LiyiError("{name} is empty, or too large to be taken.", name=name)
    with writing(records, viewer) as unit:
        of_batch = draft_of(unit, batch_id)
        row = unit.session.scalars(
            unit.select(BatchFile, BatchFile.batch_id == of_batch.id, BatchFile.name == name)
        ).first()
        if row is None:
            _check_room(unit, of_batch, size_bytes)
            row = unit.add(BatchFile(batch_id=of_batch.id, name=name, size_bytes=size_bytes, received_bytes=0,
                                     modified_ms=modified_ms), "begin_file")  # fmt: skip
        elif (row.size_bytes, row.modified_ms) != (size_bytes, modified_ms):
            raise LiyiError("Another file called {name} is in this batch already: remove that one first, or rename "
                            "this one.", name=name)  # fmt: skip
        found = _file_of(records, row, filed_contents(unit, of_batch))
    make_folder(found.path.parent)
    return found


@operation
def open_file(records: Records, viewer: Viewer, batch_id: UUID | str, file_id: UUID | str) -> Brought:
    """One file, of a batch that may be edited: where more of it is to be written."""
    with reading(records, viewer) as unit:
        of_batch = draft_of(unit, batch_id, alone=False)
        row = unit.one(BatchFile, file_id, BatchFile.batch_id == of_batch.id)
        return _file_of(records, row, filed_contents(unit, of_batch))


@operation
def end_file(records: Records, viewer: Viewer, batch_id: UUID | str, file_id: UUID | str) -> Brought:
    """Note that a file is whole.

    Raises
    ------
    MediaError
        When its first bytes are no recording's, or it is larger than a recording may be.
    LiyiError
        When not all of it is there.
    """
    found = open_file(records, viewer, batch_id, file_id)
    if found.received_bytes != found.size_bytes:
        raise LiyiError("{name} has not arrived as a whole: bring it again.", name=found.name)
    check_start(found.path, head_of(found.path), found.size_bytes)
    digest = sha256(found.path)
    with writing(records, viewer) as unit:
        of_batch = draft_of(unit, batch_id)
        row = unit.one(BatchFile, file_id, BatchFile.batch_id == of_batch.id, alone=True)
        if row.sha256 is None:
            row.received_bytes, row.sha256 = row.size_bytes, digest
            unit.note("end_file", BatchFile, row.id)
        return _file_of(records, row, filed_contents(unit, of_batch))


@operation
def remove_file(records: Records, viewer: Viewer, batch_id: UUID | str, file_id: UUID | str) -> None:
    """Remove a file from a batch; lines that name it stay."""
    with writing(records, viewer) as unit:
        of_batch = draft_of(unit, batch_id)
        row = unit.one(BatchFile, file_id, BatchFile.batch_id == of_batch.id)
        place = batch_file(records, row)
        unit.remove(row, "remove_file")
    shutil.rmtree(place.parent, ignore_errors=True)


@operation
def lines(records: Records, viewer: Viewer, batch_id: UUID | str) -> Sequence[BatchLine]:
    """The lines of a batch's list, in their order."""
    with reading(records, viewer) as unit:
        return _lines(unit, unit.one(Batch, batch_id))


@operation
def set_lines(
    records: Records, viewer: Viewer, batch_id: UUID | str, cells: Sequence[Mapping[str, str]]
) -> Sequence[BatchLine]:
    """Write the list anew; lines that have their assessment already stay as they are, before and between the others.

    Parameters
    ----------
    records, viewer, batch_id
        The store, on whose behalf, and of which batch.
    cells
        Of each line that is not assessed yet, texts by column; empty ones are left out.

    Raises
    ------
    LiyiError
        When the batch is at work, or there are too many lines or too long ones.
    """
    if len(cells) > MOST_LINES:
        raise LiyiError("A batch takes {most} lines: make several of it.", most=MOST_LINES)
    wanted = [_cells(each) for each in cells]
    with writing(records, viewer) as unit:
        of_batch = draft_of(unit, batch_id)
        there = _lines(unit, of_batch)
        rest = [row for row in there if row.state is not LineState.done]
        for row, new in zip(rest, wanted, strict=False):
            if row.cells != new:
                row.cells, row.state, row.error = new, LineState.waiting, None
        for row in rest[len(wanted) :]:
            unit.session.delete(row)
        after = max((row.position for row in there), default=-1) + 1
        unit.session.add_all(
            BatchLine(batch_id=of_batch.id, position=at, cells=new, state=LineState.waiting)
            for at, new in enumerate(wanted[len(rest) :], start=after)
        )
        if unit.session.dirty or unit.session.deleted or unit.session.new:
            unit.note("set_lines", Batch, of_batch.id)
        unit.session.flush()
        return _lines(unit, of_batch)


@operation
def people_called(records: Records, viewer: Viewer, names: Collection[str]) -> dict[str, list[UUID]]:
    """Whom the names in a list may mean among the people whose recordings the viewer judges.

    A name is somebody's id or account, or else what they are called (`batch_people`); what means nobody is left out.
    """
    with reading(records, viewer) as unit:
        found = people_named(unit, names)
        return {name: [each.id for each in people] for name, people in found.items() if people}


@operation
def queue_batch(records: Records, viewer: Viewer, batch_id: UUID | str) -> Batch:
    """Have a batch wait for its turn; what is assessed already stays, what failed is tried again.

    Whether its cells can be understood is asked before, by `liyi.batch.record_lines.queue`.

    Raises
    ------
    LiyiError
        When nothing is left to assess, or it is an examination in which a line says not when and how was consented.
    """
    with writing(records, viewer) as unit:
        of_batch = draft_of(unit, batch_id)
        numbered = list(enumerate(_lines(unit, of_batch), start=1))
        left = [(number, row) for number, row in numbered if row.state is not LineState.done]
        if not left:
            raise LiyiError("Nothing is left to assess in {name}: add lines to its list.", name=of_batch.name)
        if of_batch.purpose is Purpose.examination:
            _require_consent([number for number, row in left if consent_faults(row.cells, required=True)])
        for _, row in left:
            row.state, row.error = LineState.waiting, None
        of_batch.state, of_batch.queued_at, of_batch.error = BatchState.waiting, now(), None
        of_batch.began_at = of_batch.ended_at = None
        unit.note("queue_batch", Batch, of_batch.id)
        return of_batch


def consent_faults(cells: Mapping[str, str], *, required: bool) -> list[tuple[str, Notice]]:
    """What is wrong with the consent of a line, by column; ``required`` where there must be one."""
    day, form = (cells.get(column, "") for column in CONSENT)
    told = []
    if day:
        try:
            given = date.fromisoformat(day)
        except ValueError:
            told.append((CONSENT[0], Notice("{found} is no day: write it as 2026-11-30.", {"found": day})))
        else:
            if given > (now() + timedelta(hours=14)).date():  # as late as it is anywhere
                told.append((CONSENT[0], Notice("this day is still to come.")))
    if (required or form) and not day:
        told.append((CONSENT[0], Notice("it is not said when the person consented.")))
    if (required or day) and not form:
        told.append((CONSENT[1], Notice("it is not said how the person consented, such as on paper.")))
    return told


def _require_consent(numbers: Sequence[int]) -> None:
    if numbers:
        shown = ", ".join(map(str, numbers[:_MOST_TOLD])) + (" …" if len(numbers) > _MOST_TOLD else "")
        raise LiyiError("This is an examination: each line must say when and how its person consented. It is missing "
                        "in {count} lines: {lines}.", count=len(numbers), lines=shown)  # fmt: skip


def filed_contents(unit: UnitOfWork, of_batch: Batch) -> set[str]:
    """Digests of the files of the recordings that were made of a batch: what is in the vault as its own."""
    made = select(BatchLine.recording_id).where(BatchLine.batch_id == of_batch.id)
    rows = unit.session.execute(select(Recording.sha256, Recording.side_sha256).where(Recording.id.in_(made)))
    return {digest for pair in rows for digest in pair if digest}


def _file_of(records: Records, row: BatchFile, filed: Collection[str]) -> Brought:
    path = (brought_file(records, row) if row.sha256 in filed else None) or batch_file(records, row)
    try:
        there = min(path.stat().st_size, row.size_bytes)
    except OSError:  # not begun, or not restored with a backup
        there = 0
    return Brought(row.id, row.name, path, row.size_bytes, there, row.modified_ms, row.sha256,
                   row.created_at, row.sha256 in filed)  # fmt: skip


def _check_room(unit: UnitOfWork, of_batch: Batch, size_bytes: int) -> None:
    query = select(func.count(), func.coalesce(func.sum(BatchFile.size_bytes), 0))
    count, total = unit.session.execute(query.where(BatchFile.batch_id == of_batch.id)).one()
    if count >= MOST_FILES or total + size_bytes > MOST_BYTES:
        raise LiyiError("A batch takes {count} files and {size} GB: make several of it.", count=MOST_FILES,
                        size=MOST_BYTES // 1_000_000_000)  # fmt: skip


def _lines(unit: UnitOfWork, of_batch: Batch) -> Sequence[BatchLine]:
    query = unit.select(BatchLine, BatchLine.batch_id == of_batch.id).order_by(BatchLine.position)
    return unit.all(query)


def _file_name(name: str) -> str:
    name = name_of(name)
    if "\\" in name or any(part in ("", ".", "..") for part in name.split("/")):
        raise LiyiError("This is no file name: rename the file.")
    return name


def _cells(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells of a line as they are kept: what is not empty, on one line each."""
    kept = {key_of(column): " ".join(str(text).split()) for column, text in cells.items() if text}
    if len(kept) > MOST_CELLS or any(len(text) > MOST_CELL or not text.isprintable() for text in kept.values()):
        raise LiyiError("A cell takes {most} characters that can be shown.", most=MOST_CELL)
    return {column: text for column, text in kept.items() if text}
