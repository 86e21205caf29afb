"""Batches: begun, listed, thrown away. Nobody but the evaluator who began one sees that it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.records.batch_tables import Batch, BatchState, Purpose
from liyi.records.operations.registry import operation
from liyi.records.schema import Person, Role
from liyi.records.unit_of_work import PAGE, not_there, reading, writing
from liyi.records.validation import key_of, name_of, word_of
from liyi.records.viewer import may

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from liyi.core.options import Options
    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

AT_WORK = (BatchState.running, BatchState.stopping)


def is_closed(batch: Batch) -> bool:
    """Whether nothing of it may be edited now: it waits for its turn, or is at work."""
    return batch.state in (BatchState.waiting, *AT_WORK)


@operation
def add_batch(
    records: Records, viewer: Viewer, *, name: str, purpose: Purpose, pack: str, lang: str, options: Options
) -> Batch:
    """Begin a batch, as a draft.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf: an evaluator.
    name
        What it is called; shown, never used as a path.
    purpose
        An examination needs the consent of each line.
    pack
        Norm pack of lines that name no other.
    lang
        ``zh`` or ``en``: in which its reports are written.
    options
        How recordings are read and judged whose lines say nothing else.

    Raises
    ------
    LiyiError
        When the viewer is no evaluator.
    """
    with writing(records, viewer) as unit:
        need_evaluator(unit)
        row = Batch(
            organisation_id=viewer.organisation_id, owner_id=viewer.person_id, name=name_of(name),
            purpose=word_of(Purpose, purpose), state=BatchState.draft, pack=key_of(pack), lang=key_of(lang),
            options=options.as_json(),
        )  # fmt: skip
        return unit.add(row, "add_batch")


@operation
def batches(records: Records, viewer: Viewer, *, size: int = PAGE, offset: int = 0) -> Sequence[Batch]:
    """One's own batches, newest first."""
    with reading(records, viewer) as unit:
        query = unit.select(Batch).order_by(Batch.created_at.desc(), Batch.id)
        return unit.page(query, size=size, offset=offset)


@operation
def batch(records: Records, viewer: Viewer, batch_id: UUID | str) -> Batch:
    """One of them."""
    with reading(records, viewer) as unit:
        return unit.one(Batch, batch_id)


def need_evaluator(unit: UnitOfWork) -> None:
    """Refuse who evaluates nothing: neither in the whole organisation nor in their own department."""
    person = unit.one(Person, unit.viewer.person_id)
    if not unit.holds(may(unit.viewer, Role.evaluator, person.organisation_id, person.department_id)):
        raise not_there()


def draft_of(unit: UnitOfWork, batch_id: UUID | str, *, alone: bool = True) -> Batch:
    """A batch that may be edited, ``alone`` kept from other writers: a draft, or one that has ended.

    Raises
    ------
    LiyiError
        When it waits for its turn or is at work.
    """
    row = unit.one(Batch, batch_id, alone=alone)
    if is_closed(row):
        raise LiyiError("{name} is being assessed: stop it first.", name=row.name)
    return row
