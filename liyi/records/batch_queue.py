"""Which batch is next, and which process is at it: asked by the machine, on nobody's behalf.

Batches wait in the order in which they were queued. The process that begins one writes its ``run`` into the row, so
that of several servers on one database only one runs it, and says from time to time that it lives. A batch whose
process has been silent for `DEAD_S` is taken up by the next that asks; one whose process is lost again and again, with
no line finished in between, is given up.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from liyi.core.atomic import move_folder
from liyi.core.owner import make_folder
from liyi.core.words import N_
from liyi.records.batch_tables import Batch, BatchState
from liyi.records.keeper import KEEPER
from liyi.records.schema import now
from liyi.records.store_tables import AuditLine
from liyi.records.viewer import Viewer

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

BEAT_S, DEAD_S = 5.0, 60.0
LEFT_S = 3600.0
KEPT_DAYS = 30
_GOING = "going"  # in the folder of a batch that is being removed: what is left of it needs no care
MOST_LOSSES = 3
LOST = N_("The process of this batch was lost {times} times before another recording was finished. What is finished "
          "stays: run it again, with less memory in use, or without the recordings that come next.")  # fmt: skip


def anything_waits(records: Records) -> bool:
    """Whether a batch waits for a process."""
    with records.reading() as session:
        return session.scalars(_next()).first() is not None


def claim(records: Records, run: str) -> tuple[UUID, Viewer] | None:
    """Take the batch whose turn it is for the process ``run``: its id and its owner; None where there is none."""
    with records.writing() as session:
        while (row := session.scalars(_next().with_for_update(skip_locked=True)).first()) is not None:
            if row.state is BatchState.waiting:
                row.losses, row.began_at = 0, now()
            elif row.state is BatchState.stopping:
                _end(session, row, BatchState.stopped)
                continue
            else:
                row.losses += 1
                if row.losses > MOST_LOSSES:
                    row.error = {"sentence": LOST, "fields": {"times": row.losses}}
                    _end(session, row, BatchState.failed)
                    continue
            row.state, row.run, row.beat_at = BatchState.running, run, now()
            _note(session, row, "begin_batch")
            return row.id, Viewer(row.owner_id, row.organisation_id)
    return None


def beat(records: Records, batch_id: UUID, run: str) -> BatchState | None:
    """Say that the process ``run`` lives; the batch's state, None where it is not this process's any more."""
    with records.writing() as session:
        mine = select(Batch).where(Batch.id == batch_id, Batch.run == run, _at_work())
        row = session.scalars(mine.with_for_update()).first()
        if row is None:
            return None
        row.beat_at = now()
        return row.state


def end(records: Records, batch_id: UUID, run: str, state: BatchState, error: dict[str, object] | None = None) -> None:
    """Note that the process ``run`` is through with a batch; ``waiting`` where another is to go on with it."""
    with records.writing() as session:
        mine = select(Batch).where(Batch.id == batch_id, Batch.run == run, _at_work())
        row = session.scalars(mine.with_for_update()).first()
        if row is not None:
            row.error = error
            _end(session, row, state)


def going(folder: Path) -> None:
    """Note that a batch is being removed, before its row is: should this process end, `sweep` does the rest."""
    with suppress(OSError):  # it is gone already, or what is left is told of
        (folder / _GOING).touch(0o600)


def left_folders(records: Records) -> list[Path]:
    """Folders of batches that this database does not know, put aside by `sweep`."""
    return sorted(_aside(records).glob("*/"))


def sweep(records: Records) -> None:
    """Remove what is left of batches that were being removed; put aside folders that this database does not know.

    These may be of a newer database than the one that was restored: they stay for `KEPT_DAYS`, are told to
    administrators, and come back to their place where the database knows them again.
    """
    with records.reading() as session:
        known = {id.hex for id in session.scalars(select(Batch.id))}
    place, aside = records.folder / "batches", _aside(records)
    for folder in place.glob("*/"):
        with suppress(OSError):  # it stands there already, or another server was faster: the next round sees
            _put_aside(folder, aside, known)
    for folder in left_folders(records):
        with suppress(OSError):
            if folder.name in known and not (place / folder.name).exists():
                move_folder(folder, place / folder.name)
            elif time.time() - folder.stat().st_mtime > KEPT_DAYS * 86_400:
                shutil.rmtree(folder, ignore_errors=True)


def _put_aside(folder: Path, aside: Path, known: set[str]) -> None:
    """Put a folder of ``batches`` aside that the database does not know, or remove it where its batch was removed."""
    if folder.name in known or time.time() - folder.stat().st_mtime < LEFT_S:
        return
    if (folder / _GOING).exists():
        shutil.rmtree(folder, ignore_errors=True)
    else:
        make_folder(aside)
        move_folder(folder, aside / folder.name)
        os.utime(aside / folder.name)


def _aside(records: Records) -> Path:
    return records.folder / "batches-left"


def _next() -> Select[Batch]:
    dead = or_(Batch.beat_at.is_(None), Batch.beat_at < now() - timedelta(seconds=DEAD_S))
    due = or_(Batch.state == BatchState.waiting, and_(_at_work(), dead))
    return select(Batch).where(due).order_by(Batch.queued_at, Batch.id).limit(1)


def _at_work() -> ColumnElement[bool]:
    return Batch.state.in_((BatchState.running, BatchState.stopping))


def _end(session: Session, row: Batch, state: BatchState) -> None:
    row.state, row.run, row.ended_at = state, None, now()
    session.flush()  # so that it is not found again
    _note(session, row, "end_batch")


def _note(session: Session, row: Batch, action: str) -> None:
    session.add(AuditLine(person_id=KEEPER, organisation_id=row.organisation_id, action=action,
                          entity=Batch.__tablename__, entity_id=row.id))  # fmt: skip
