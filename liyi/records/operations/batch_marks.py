"""Marks: what came of each line of a batch, what in it still needs a person, and totals that a named person confirms.

A total is provisional until then. None is confirmed while a red line, an appeal or a blind rating waits for a person,
nor one with findings that nobody has decided, unless it is said of it that they stay uncounted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records.appeal_tables import AppealRow
from liyi.records.batch_tables import Batch, BatchLine, LineState, Mark
from liyi.records.operations.blind import rating_due
from liyi.records.operations.outcome import outcome
from liyi.records.operations.queue import waiting_criteria
from liyi.records.operations.registry import operation
from liyi.records.review_schema import Confirmation
from liyi.records.schema import Assessment, Person, Recording, now
from liyi.records.unit_of_work import id_of, not_there, reading, writing
from liyi.records.validation import text_of
from liyi.records.viewer import judges

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

Need = Literal["failed", "gone", "rate", "appeal", "line", "finding", "no_total", "changed"]
NEEDS: tuple[Need, ...] = ("failed", "gone", "rate", "appeal", "line", "finding", "no_total", "changed")

_REFUSALS: Mapping[Need, str] = {
    "failed": N_("{name} was not assessed: there is nothing to confirm."),
    "gone": N_("{name} is not kept any more: there is nothing to confirm."),
    "rate": N_("{name} is rated before its result is shown: rate it in the review first."),
    "appeal": N_("An appeal against {name} waits for an answer: answer it in the review first."),
    "line": N_("A red line in {name} waits for a person's decision: decide it in the review first."),
    "no_total": N_("{name} has no total that could be confirmed."),
    "changed": N_("{name} is confirmed already, and was decided otherwise since: withdraw that mark first."),
}


@dataclass(frozen=True)
class MarkTold:
    """A mark with its author's name; ``withdrawn_at`` and ``withdrawn_why`` where it does not stand any more."""

    id: UUID
    total: float
    total_error: float | None
    by: str
    at: datetime
    why: str
    withdrawn_at: datetime | None = None
    withdrawn_why: str = ""


@dataclass(frozen=True)
class BatchRow:
    """What came of a line of a batch.

    ``total`` is the tool's. ``decisions`` is how many findings people decided on; with any, the total after review,
    which is what is confirmed, is that of `liyi.records.operations.outcome`. ``lines`` and ``findings`` are criteria
    that wait for a person: red lines, and what could not be decided. While ``blind``, nothing that was found is told.
    ``needs``: why a person has to look at it, the most urgent first.
    """

    line_id: UUID
    position: int
    cells: Mapping[str, Any]
    state: LineState
    error: Mapping[str, Any] | None
    key: str | None
    person_id: UUID | None
    person: str
    recording_id: UUID | None = None
    assessment_id: UUID | None = None
    pack_id: str = ""
    pack_version: str = ""
    pack_sha256: str = ""
    profile: str = ""
    total: float | None = None
    total_error: float | None = None
    coverage: float | None = None
    coverage_floor: float | None = None
    lines: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    decisions: int = 0
    blind: bool = False
    mark: MarkTold | None = None
    needs: tuple[Need, ...] = ()

    @property
    def file(self) -> str:
        """The recording as the list names it."""
        return str(self.cells.get("file", ""))

    @property
    def hindrance(self) -> Need | None:
        """What keeps its total from being confirmed; of findings that could not be decided it is asked each time."""
        return next((need for need in self.needs if need != "finding"), None)

    @property
    def confirmable(self) -> bool:
        """Whether its total can be confirmed."""
        return self.assessment_id is not None and self.hindrance is None and self.mark is None

    @property
    def ready(self) -> bool:
        """Whether nothing is left to do but to confirm it."""
        return self.confirmable and not self.needs

    @property
    def place(self) -> tuple[int, int, int]:
        """By which it is sorted: what a person must do first, what can be confirmed, what is confirmed, the rest."""
        if self.hindrance is not None:
            return 0, NEEDS.index(self.hindrance), self.position
        if self.assessment_id is None:
            return 4, 0, self.position
        return (3 if self.mark is not None else 1 if self.needs else 2), 0, self.position


@operation
def batch_table(records: Records, viewer: Viewer, batch_id: UUID | str) -> list[BatchRow]:
    """What came of each line of one's own batch, in the order of its list."""
    with reading(records, viewer) as unit:
        return rows_of_batch(unit, unit.one(Batch, batch_id).id)


@operation
def confirm_mark(
    records: Records, viewer: Viewer, assessment_id: UUID | str, *, why: str = "", undecided: bool = False
) -> Mark:
    """Confirm under one's own name the total after review of a recording of one's own batch.

    Parameters
    ----------
    records, viewer, assessment_id
        The store, on whose behalf, and which assessment.
    why
        What is to be said of it.
    undecided
        Whether findings that could not be decided, and that no person has decided, are to stay uncounted.

    Raises
    ------
    LiyiError
        When it is not there for this viewer, is one's own, is confirmed already, has no total, a red line waits for a
        person, an appeal for an answer, it is to be rated before its result is shown, or findings are not decided and
        it was not said that they are to stay so.
    """
    id = id_of(assessment_id)
    with reading(records, viewer) as unit:
        line = unit.session.scalars(unit.select(BatchLine, BatchLine.assessment_id == id)).first()
        if line is None:
            raise not_there()
    return _confirm(records, viewer, line.batch_id, [id], why, undecided=undecided)[0]


@operation
def confirm_marks(
    records: Records, viewer: Viewer, batch_id: UUID | str, assessment_ids: Sequence[UUID | str], *,
    undecided: bool = False,
) -> list[Mark]:  # fmt: skip
    """Confirm several recordings of a batch, all or none; ``undecided`` and faults as `confirm_mark` has them."""
    with reading(records, viewer) as unit:
        parent = unit.one(Batch, batch_id)
    return _confirm(records, viewer, parent.id, [id_of(each) for each in assessment_ids], "", undecided=undecided)


@operation
def withdraw_mark(records: Records, viewer: Viewer, mark_id: UUID | str, why: str) -> None:
    """Withdraw a mark that one has confirmed, or that stands in a batch that was handed over to one, and say why.

    It stays to be seen, and the total is provisional again.
    """
    with writing(records, viewer) as unit:
        own = unit.select(BatchLine, BatchLine.assessment_id.is_not(None)).with_only_columns(BatchLine.assessment_id)
        mine = or_(Mark.author_id == viewer.person_id, Mark.assessment_id.in_(own))
        row = unit.one(Mark, mark_id, mine, Mark.withdrawn_at.is_(None), alone=True)
        row.withdrawn_at, row.withdrawn_why = now(), text_of(why)
        unit.note("withdraw_mark", Mark, row.id)


@operation
def marks(records: Records, viewer: Viewer, assessment_id: UUID | str) -> list[MarkTold]:
    """Marks of an assessment, withdrawn ones too, oldest first."""
    with reading(records, viewer) as unit:
        return marks_of(unit, [id_of(assessment_id)]).get(id_of(assessment_id), [])


def marks_of(unit: UnitOfWork, assessment_ids: Collection[UUID]) -> dict[UUID, list[MarkTold]]:
    """Marks by assessment, withdrawn ones too, oldest first."""
    found: dict[UUID, list[MarkTold]] = defaultdict(list)
    query = unit.select(Mark, Mark.assessment_id.in_(assessment_ids)).join(Person, Person.id == Mark.author_id)
    rows: Iterable[Any] = unit.session.execute(query.add_columns(Person.name).order_by(Mark.created_at, Mark.id))
    for row, by in rows:
        told = MarkTold(row.id, row.total, row.total_error, by, row.created_at, row.why, row.withdrawn_at,
                        row.withdrawn_why or "")  # fmt: skip
        found[row.assessment_id].append(told)
    return found


def standing_mark(told: Sequence[MarkTold]) -> MarkTold | None:
    """The mark that counts: the last one, unless it was withdrawn."""
    return told[-1] if told and told[-1].withdrawn_at is None else None


def rows_of_batch(unit: UnitOfWork, batch_id: UUID, only: Collection[UUID] | None = None) -> list[BatchRow]:
    """The same as `batch_table` within a look that holds more than this; ``only`` those of these assessments."""
    query = unit.select(BatchLine, BatchLine.batch_id == batch_id).order_by(BatchLine.position)
    lines = unit.all(query if only is None else query.where(BatchLine.assessment_id.in_(only)))
    seen = _Seen.of(unit, lines)
    return [_row(line, seen) for line in lines]


@dataclass(frozen=True)
class _Seen:
    """What the viewer sees of the assessments of some lines, by their ids."""

    judged: Mapping[UUID, Assessment]
    names: Mapping[UUID, str]
    waits: Mapping[UUID, Mapping[str, Sequence[str]]]
    decided: Mapping[UUID, Mapping[str, datetime]]
    counts: Mapping[UUID, int]
    appealed: Collection[UUID]
    due: Collection[UUID]
    marks: Mapping[UUID, Sequence[MarkTold]]

    @classmethod
    def of(cls, unit: UnitOfWork, lines: Sequence[BatchLine]) -> _Seen:
        """Read it for all of these lines at once, not line by line."""
        wanted = {line.assessment_id for line in lines if line.assessment_id is not None}
        query = unit.select(Assessment, Assessment.id.in_(wanted))
        rows = unit.all(query.options(defer(Assessment.models), defer(Assessment.options)))
        judged = {row.id: row for row in rows}
        people = unit.select(Person, Person.id.in_({line.person_id for line in lines if line.person_id}))
        named = unit.session.execute(people.with_only_columns(Person.id, Person.name))
        decided, counts = _decided(unit, judged)
        appeals = unit.select(AppealRow, AppealRow.assessment_id.in_(judged), AppealRow.upheld.is_(None))
        return cls(
            judged=judged,
            names={id: name for id, name in named},
            waits=waiting_criteria(unit, list(judged)),
            decided=decided,
            counts=counts,
            appealed=set(unit.session.scalars(appeals.with_only_columns(AppealRow.assessment_id))),
            due=rating_due(unit, {row.recording_id: row for row in rows}),
            marks=marks_of(unit, judged),
        )


def _decided(unit: UnitOfWork, judged: Collection[UUID]) -> tuple[dict[UUID, dict[str, datetime]], dict[UUID, int]]:
    """By assessment the criteria that people decided on, each with the last time; and how many decisions there are."""
    last: dict[UUID, dict[str, datetime]] = defaultdict(dict)
    counts: dict[UUID, int] = defaultdict(int)
    query = unit.select(Confirmation, Confirmation.assessment_id.in_(judged)).with_only_columns(
        Confirmation.assessment_id, Confirmation.criterion, func.max(Confirmation.created_at), func.count()
    )
    rows: Iterable[Any] = unit.session.execute(query.group_by(Confirmation.assessment_id, Confirmation.criterion))
    for id, criterion, at, count in rows:
        last[id][criterion] = at
        counts[id] += count
    return last, counts


def _row(line: BatchLine, seen: _Seen) -> BatchRow:
    of = seen.judged.get(line.assessment_id) if line.assessment_id else None
    name = seen.names.get(line.person_id, "") if line.person_id else ""
    bare = BatchRow(
        line.id, line.position, line.cells, line.state, line.error, line.key, line.person_id,
        name or str(line.cells.get("person", "")),
    )  # fmt: skip
    if of is None:
        why: Mapping[LineState, tuple[Need, ...]] = {LineState.failed: ("failed",), LineState.done: ("gone",)}
        return replace(bare, needs=why.get(line.state, ()))
    if of.recording_id in seen.due:
        return replace(bare, recording_id=of.recording_id, assessment_id=of.id, blind=True, needs=("rate",))
    decided, waits = seen.decided.get(of.id, {}), seen.waits.get(of.id, {})
    left = {kind: tuple(sorted(set(ids) - set(decided))) for kind, ids in waits.items()}
    mark = standing_mark(seen.marks.get(of.id, ()))
    changed = mark is not None and any(at > mark.at for at in decided.values())
    found: dict[Need, bool] = {
        "appeal": of.id in seen.appealed,
        "line": mark is None and bool(left.get("line")),
        "finding": mark is None and bool(left.get("finding")),
        "no_total": mark is None and of.total is None and not decided,
        "changed": changed,
    }
    return replace(
        bare, recording_id=of.recording_id, assessment_id=of.id, pack_id=of.pack_id, pack_version=of.pack_version,
        pack_sha256=of.pack_sha256, profile=of.profile, total=of.total, total_error=of.total_error,
        coverage=of.coverage, coverage_floor=of.coverage_floor, lines=left.get("line", ()),
        findings=left.get("finding", ()), decisions=seen.counts.get(of.id, 0), mark=mark,
        needs=tuple(need for need in NEEDS if found.get(need)),
    )  # fmt: skip


def _confirm(
    records: Records, viewer: Viewer, batch_id: UUID, ids: Sequence[UUID], why: str, *, undecided: bool
) -> list[Mark]:
    """Confirm the totals of these assessments of a batch, all or none."""
    with reading(records, viewer) as unit:
        before = _confirmable(unit, batch_id, ids)
    left = [row for row in before if row.findings]
    if left and not undecided:
        raise LiyiError("{name} has findings that could not be decided ({count}): decide them in the review, or say "
                        "that they are to stay uncounted.", name=left[0].file, count=len(left[0].findings))  # fmt: skip
    totals = {row.assessment_id: _total(records, viewer, row) for row in before}
    with writing(records, viewer) as unit:
        kept = unit.select(Recording, Recording.id.in_([row.recording_id for row in before])).order_by(Recording.id)
        recordings = unit.all(kept.with_for_update(of=Recording))  # who decides or confirms meanwhile waits
        if _confirmable(unit, batch_id, ids) != before:
            raise LiyiError("Something was decided meanwhile, and nothing was confirmed: look at it once more.")
        for recording in recordings:
            unit.opened(recording)
        made = []
        for row in before:
            assert row.assessment_id is not None
            total, error = totals[row.assessment_id]
            said = text_of(why) if why.strip() else ""
            mark = Mark(assessment_id=row.assessment_id, author_id=viewer.person_id, total=total, total_error=error,
                        why=said)  # fmt: skip
            made.append(unit.add(mark, "confirm_mark"))
        return made


def _confirmable(unit: UnitOfWork, batch_id: UUID, ids: Sequence[UUID]) -> list[BatchRow]:
    """The rows of these assessments, each once; refuses the first of which something keeps it from being confirmed."""
    rows = {row.assessment_id: row for row in rows_of_batch(unit, batch_id, ids)}
    recordings = {row.recording_id for row in rows.values()}
    judged = set(unit.session.scalars(select(Recording.id).where(judges(unit.viewer), Recording.id.in_(recordings))))
    found = []
    for id in dict.fromkeys(ids):
        row = rows.get(id)
        if row is None or row.recording_id not in judged:
            raise not_there()
        if row.hindrance is not None:
            raise LiyiError(_REFUSALS[row.hindrance], name=row.file)
        if row.mark is not None:
            raise LiyiError("{name} is confirmed already.", name=row.file)
        found.append(row)
    return found


def _total(records: Records, viewer: Viewer, row: BatchRow) -> tuple[float, float | None]:
    """The total after review with its error: without a decision it is the tool's, and no file is read."""
    total, error = row.total, row.total_error
    if row.decisions:
        assert row.assessment_id is not None
        found = outcome(records, viewer, row.assessment_id)
        if any(cap.status == "needs_review" for cap in found.caps):
            raise LiyiError(_REFUSALS["line"], name=row.file)
        total, error = found.total, found.total_error
    if total is None:
        raise LiyiError(_REFUSALS["no_total"], name=row.file)
    return total, error
