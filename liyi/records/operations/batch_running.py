"""A batch at work: how far it is, stopping it, and what its process has made of each line.

What a process files is on behalf of the batch's owner, and only as long as that process has the batch (``run``).
"""

from __future__ import annotations

import hashlib
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select

from liyi.core.errors import LiyiError, Notice, error_to_json
from liyi.core.words import N_
from liyi.records import vault
from liyi.records.access_tables import Assignment
from liyi.records.batch_tables import Batch, BatchFile, BatchLine, BatchState, LineState
from liyi.records.consent_tables import Consent
from liyi.records.consent_texts import BATCH_VERSION, FROM_LIST
from liyi.records.lifecycle import batch_file, batch_folder
from liyi.records.operations.assessments import enter_assessment
from liyi.records.operations.batch_bringing import filed_contents
from liyi.records.operations.batch_people import people_named
from liyi.records.operations.batches import AT_WORK, draft_of, need_evaluator
from liyi.records.operations.consent import need_consent
from liyi.records.operations.registry import operation
from liyi.records.rules import visible
from liyi.records.schema import Kind, Person, Recording, State, now
from liyi.records.unit_of_work import PAGE, reading, writing
from liyi.records.validation import key_of, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment as Judged
    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

UNFILED = N_("The result of this recording was there and could not be read again: run the batch again.")


class RefusedLine(LiyiError):
    """What came of a line may not be kept as it is; the rest of the batch goes on."""


@dataclass(frozen=True)
class LineCounts:
    """How many lines of a batch wait, have their assessment, and have none."""

    waiting: int = 0
    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.done + self.failed


@dataclass(frozen=True)
class Made:
    """What a process has made of a line: ``judged``, and ``files`` by name, of the recording ``content``.

    ``key`` is that of the work (`liyi.batch.unit`), ``side`` the recording of the same performance from the side.
    """

    content: Path
    judged: Judged
    files: Mapping[str, Path]
    key: str
    side: Path | None = None


@operation
def line_counts(records: Records, viewer: Viewer, batch_id: UUID | str) -> LineCounts:
    """How far a batch is."""
    with reading(records, viewer) as unit:
        here = unit.one(Batch, batch_id)
        query = select(BatchLine.state, func.count()).where(BatchLine.batch_id == here.id).group_by(BatchLine.state)
        return LineCounts(**{str(state): count for state, count in unit.session.execute(query)})


@operation
def failed_lines(
    records: Records, viewer: Viewer, batch_id: UUID | str, *, size: int = PAGE, offset: int = 0
) -> Sequence[BatchLine]:
    """Lines of a batch without an assessment, in the order of its list, each with its ``error``."""
    with reading(records, viewer) as unit:
        here = unit.one(Batch, batch_id)
        query = unit.select(BatchLine, BatchLine.batch_id == here.id, BatchLine.state == LineState.failed)
        return unit.page(query.order_by(BatchLine.position), size=size, offset=offset)


@operation
def place_of_batch(records: Records, viewer: Viewer, batch_id: UUID | str) -> int:
    """Where a batch stands among all that wait or are at work, from 1; 0 where it does not wait."""
    with reading(records, viewer) as unit:
        here = unit.one(Batch, batch_id)
        if here.state is not BatchState.waiting or here.queued_at is None:
            return 0
        waits = select(func.count()).where(Batch.state == BatchState.waiting, Batch.queued_at < here.queued_at)
        return 1 + (unit.session.scalar(waits) or 0)


@operation
def batch_log(records: Records, viewer: Viewer, batch_id: UUID | str) -> Path | None:
    """Where the log of one's own batch lies (`liyi.batch.log_file`); None before it was run."""
    with reading(records, viewer) as unit:
        log = batch_folder(records, unit.one(Batch, batch_id).id) / "out" / "log.csv"
    return log if log.is_file() else None


@operation
def choose_scheduler(records: Records, viewer: Viewer, batch_id: UUID | str, address: str | None) -> Batch:
    """Say where a batch is run: at a scheduler, None for this machine; whether it is allowed, its process asks."""
    with writing(records, viewer) as unit:
        row = draft_of(unit, batch_id)
        row.scheduler = None if address is None else name_of(address)
        unit.note("choose_scheduler", Batch, row.id)
        return row


@operation
def stop_batch(records: Records, viewer: Viewer, batch_id: UUID | str) -> Batch:
    """Take a batch out of the queue, or have its process end; what is finished stays."""
    with writing(records, viewer) as unit:
        row = unit.one(Batch, batch_id, alone=True)
        if row.state is BatchState.waiting:
            begun = exists().where(BatchLine.batch_id == row.id, BatchLine.state == LineState.done)
            row.state = BatchState.stopped if unit.holds(begun) else BatchState.draft
        elif row.state is BatchState.running:
            row.state = BatchState.stopping
        else:
            return row
        unit.note("stop_batch", Batch, row.id)
        return row


@operation
def file_line(
    records: Records, viewer: Viewer, batch_id: UUID | str, line_id: UUID | str, run: str, made: Made
) -> BatchLine:
    """Enter what came of a line: whom it is of, the recording, submitted from the start, and its assessment.

    Whoever the list names and the evaluator judges already is that person; else somebody is entered, without an
    account. The evaluator is assigned the recording. A line that is filed already stays as it is.

    Raises
    ------
    RefusedLine
        When the list names several people, there is no consent, or the recording was changed meanwhile.
    LiyiError
        When the process has not the batch, or something cannot be written.
    """
    with reading(records, viewer) as unit:
        line = _line_at_work(unit, batch_id, line_id, run, alone=False)[1]
        if line.state is LineState.done:
            return line
    with ExitStack() as stack:
        media = stack.enter_context(vault.copied_in(records, made.content))
        side = stack.enter_context(vault.copied_in(records, made.side)) if made.side else None
        brought = {name: stack.enter_context(vault.copied_in(records, file)) for name, file in made.files.items()}
        judged = made.judged.recording
        if (media.sha256, side and side.sha256) != (judged.sha256, judged.side and judged.side.sha256):
            raise RefusedLine("{file} was changed while the batch ran: run it again.", file=made.content.name)
        unit = stack.enter_context(writing(records, viewer))
        batch, line = _line_at_work(unit, batch_id, line_id, run)
        person = _person_of(unit, line)
        _enter_consent(unit, line, person)
        recording = _recording_of(unit, records, line, person, media, made.judged)
        vault.keep_side(records, unit.session, recording, side)
        assessment = enter_assessment(unit, recording, made.judged, brought, store=records)
        line.state, line.error, line.person_id, line.key = LineState.done, None, person.id, made.key
        line.recording_id, line.assessment_id = recording.id, assessment.id
        batch.losses = 0
        return line


@operation
def put_away(records: Records, viewer: Viewer, batch_id: UUID | str, run: str, file_ids: Collection[UUID]) -> int:
    """Remove of these files, which were brought to a batch, those that its lines have filed by now; how many that were.

    From here on they are found in the vault (`liyi.records.lifecycle.brought_file`). That somebody else keeps the same
    content is no reason: theirs may go at any time.
    """
    gone = 0
    with reading(records, viewer) as unit:
        batch = unit.one(Batch, batch_id, Batch.run == key_of(run), Batch.state.in_(AT_WORK))
        filed = filed_contents(unit, batch)
        for id in file_ids:
            row = unit.one(BatchFile, id, BatchFile.batch_id == batch.id)
            if row.sha256 in filed:
                shutil.rmtree(batch_file(records, row).parent, ignore_errors=True)
                gone += 1
    return gone


@operation
def fail_line(
    records: Records, viewer: Viewer, batch_id: UUID | str, line_id: UUID | str, run: str, failure: Notice,
    key: str | None = None,
) -> BatchLine:  # fmt: skip
    """Note why a line has no assessment; ``key`` is the one that its result would have had."""
    with writing(records, viewer) as unit:
        batch, line = _line_at_work(unit, batch_id, line_id, run)
        if line.state is not LineState.done:
            line.state = LineState.failed
            line.error = error_to_json(LiyiError(failure.sentence, **failure.fields))
            line.key = key
        batch.losses = 0
        unit.note("fail_line", BatchLine, line.id)
        return line


def _line_at_work(
    unit: UnitOfWork, batch_id: UUID | str, line_id: UUID | str, run: str, *, alone: bool = True
) -> tuple[Batch, BatchLine]:
    """A line of a batch that the process ``run`` is at; ``alone`` as `UnitOfWork.one` has it."""
    need_evaluator(unit)
    batch = unit.one(Batch, batch_id, Batch.run == key_of(run), Batch.state.in_(AT_WORK), alone=alone)
    return batch, unit.one(BatchLine, line_id, BatchLine.batch_id == batch.id)


def _named(line: BatchLine) -> tuple[str, str]:
    """The column by which a line says whose it is, and what stands there: its file where it names nobody."""
    column = "person" if str(line.cells.get("person", "")).strip() else "file"
    return column, str(line.cells.get(column, "")).strip()


def _person_of(unit: UnitOfWork, line: BatchLine) -> Person:
    """Whom a line is of: as another line of the batch that says the same, somebody known, or somebody new."""
    column, name = _named(line)
    same = [BatchLine.batch_id == line.batch_id, BatchLine.cells[column].as_string() == name]
    if column == "file":
        same.append(BatchLine.cells["person"].as_string().is_(None))
    others = unit.select(BatchLine, *same, BatchLine.person_id.is_not(None))
    known = unit.session.scalars(others.order_by(BatchLine.position).limit(1)).first()
    if known is not None:
        theirs = or_(Person.account.is_(None), visible(unit.viewer, Person))  # an account is its person's own affair
        there = select(Person).where(Person.id == known.person_id, Person.left_at.is_(None), theirs)
        person = unit.session.scalars(there).first()
        if person is None:
            raise RefusedLine("{person} has left, or is not judged by you any more: write whom this line means, or "
                              "take it away.", person=name)  # fmt: skip
        return person
    found = people_named(unit, [name]).get(name, ()) if column == "person" else ()
    if len(found) > 1:
        raise RefusedLine("{person} is the name of several people: write the account or the id of the one who is "
                          "meant.", person=name)  # fmt: skip
    if found:
        return found[0]
    own = unit.one(Person, unit.viewer.person_id)
    called = name if column == "person" else name.rpartition("/")[2].rpartition(".")[0] or name
    row = Person(organisation_id=own.organisation_id, department_id=own.department_id, name=name_of(called))
    return unit.add(row, "add_person")


def _enter_consent(unit: UnitOfWork, line: BatchLine, person: Person) -> None:
    """Note the consent that the line tells of, or that the evaluator has declared for people without an account."""
    given = select(Consent).where(Consent.person_id == person.id)
    consents = unit.session.scalars(given.order_by(Consent.given_at.desc())).all()
    standing = [each for each in consents if each.withdrawn_at is None]
    day, form = str(line.cells.get("consent_on", "")), str(line.cells.get("consent_form", ""))
    if day and form:
        at = datetime.combine(date.fromisoformat(day), time(), UTC)
        said = hashlib.sha256(f"{day} {form}".encode()).hexdigest()
        # who has an account takes consent back there, and gives it there again: no list speaks against that
        has_account = person.account is not None
        taken_back = any(
            each.withdrawn_at is not None and (has_account or each.withdrawn_at >= at) for each in consents
        )
        if not taken_back and all(each.text_sha256 != said for each in standing):
            row = Consent(person_id=person.id, version=FROM_LIST, text_sha256=said, given_at=at)
            unit.add(row, "give_consent")
    elif not consents and person.account is None:
        mine = select(Consent).where(Consent.person_id == unit.viewer.person_id, Consent.version == BATCH_VERSION)
        declared = unit.session.scalars(mine.order_by(Consent.given_at.desc()).limit(1)).first()
        if declared is not None and declared.withdrawn_at is None:
            row = Consent(person_id=person.id, version=BATCH_VERSION, text_sha256=declared.text_sha256)
            unit.add(row, "give_consent")
    try:
        need_consent(unit, person.id)
    except LiyiError as error:
        raise RefusedLine(error.sentence, **error.fields) from error


def _recording_of(
    unit: UnitOfWork, records: Records, line: BatchLine, person: Person, media: vault.Stored, judged: Judged
) -> Recording:
    """The recording of a line: one of the batch with the same person and content, else a new one, assigned."""
    of_batch = select(BatchLine.recording_id).where(BatchLine.batch_id == line.batch_id)
    same = unit.select(Recording, Recording.id.in_(of_batch), Recording.person_id == person.id,
                       Recording.sha256 == media.sha256)  # fmt: skip
    there = unit.session.scalars(same.limit(1)).first()
    if there is not None:
        return there
    at = now()
    row = Recording(
        person_id=person.id, sha256=media.sha256, size_bytes=media.size_bytes, kind=Kind.batch, state=State.kept,
        name=name_of(str(line.cells.get("file", "")).rpartition("/")[2]), duration_s=judged.recording.duration_s,
        submitted_at=at, opened_at=at,
    )  # fmt: skip
    unit.add(row, "keep_recording")
    vault.keep(records, unit.session, media)
    given = Assignment(evaluator_id=unit.viewer.person_id, recording_id=row.id, by_id=unit.viewer.person_id)
    unit.add(given, "assign")
    return row
