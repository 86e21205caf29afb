"""What is taken of a batch: its rows with the files of their assessments, with a line in the audit trail each time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from liyi.core.errors import LiyiError
from liyi.records import vault
from liyi.records.batch_tables import Batch, BatchLine
from liyi.records.consent_tables import Consent
from liyi.records.operations.batch_marks import rows_of_batch
from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, AssessmentFile, Department, FileKind, Organisation, Person, Recording
from liyi.records.unit_of_work import not_there, reading, writing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.operations.batch_marks import BatchRow
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

Taken = Literal["results", "marks"]  # `results` are provisional


@dataclass(frozen=True)
class BatchContent:
    """What is taken of a batch.

    ``assessments`` and ``recordings`` by their ids; ``files`` are paths by assessment and name; ``departments`` the
    names of those to which the people belong, by person; ``consents`` the days on which people consented, by person.
    """

    batch: Batch
    organisation: str
    evaluator: str
    rows: Sequence[BatchRow]
    assessments: Mapping[UUID, Assessment]
    recordings: Mapping[UUID, Recording]
    files: Mapping[UUID, Mapping[str, Path]]
    departments: Mapping[UUID, str]
    consents: Mapping[UUID, Sequence[Consent]]


@operation
def export_batch(
    records: Records, viewer: Viewer, batch_id: UUID | str, *, what: Taken = "results", line_id: UUID | None = None
) -> BatchContent:
    """Take what came of one's own batch, or of one of its lines; others' recordings are opened by it.

    Raises
    ------
    LiyiError
        When it is not there for this viewer, or the viewer still has to rate some of it blind.
    """
    with writing(records, viewer) as unit:
        parent = unit.one(Batch, batch_id)
        rows = [row for row in rows_of_batch(unit, parent.id) if line_id in (None, row.line_id)]
        if line_id is not None and not rows:
            raise not_there()
        if blind := sum(row.blind for row in rows):
            raise LiyiError("{count} recordings are to be rated before their results are shown: rate them first.",
                            count=blind)  # fmt: skip
        unit.note("export_marks" if what == "marks" else "export_batch", Batch, parent.id)
        kept = {row.recording_id for row in rows if row.recording_id}
        recordings = unit.all(unit.select(Recording, Recording.id.in_(kept)).with_for_update(of=Recording))
        for recording in recordings:
            unit.opened(recording)
        return _content(records, unit, parent, rows, recordings)


@operation
def assessment_paths(
    records: Records, viewer: Viewer, batch_id: UUID | str, assessment_ids: Collection[UUID]
) -> dict[UUID, Path]:
    """Where ``assessment.json`` of these assessments of one's own batch lies, as its table shows them."""
    with reading(records, viewer) as unit:
        mine = unit.select(BatchLine, BatchLine.batch_id == unit.one(Batch, batch_id).id)
        own = set(unit.session.scalars(mine.with_only_columns(BatchLine.assessment_id))) & set(assessment_ids)
        wanted = AssessmentFile.assessment_id.in_(own), AssessmentFile.kind == FileKind.assessment
        return {row.assessment_id: vault.path_of(records, row.sha256) for row in unit.all(
            unit.select(AssessmentFile, *wanted)
        )}  # fmt: skip


def _content(
    records: Records, unit: UnitOfWork, parent: Batch, rows: Sequence[BatchRow], recordings: Sequence[Recording]
) -> BatchContent:
    judged = {row.assessment_id for row in rows if row.assessment_id}
    files: dict[UUID, dict[str, Path]] = defaultdict(dict)
    for file in unit.all(unit.select(AssessmentFile, AssessmentFile.assessment_id.in_(judged))):
        files[file.assessment_id][file.name] = vault.path_of(records, file.sha256)
    people = {row.person_id for row in rows if row.person_id}
    consents: dict[UUID, list[Consent]] = defaultdict(list)
    for each in unit.all(unit.select(Consent, Consent.person_id.in_(people)).order_by(Consent.given_at)):
        consents[each.person_id].append(each)
    return BatchContent(
        batch=parent,
        organisation=unit.one(Organisation, parent.organisation_id).name,
        evaluator=unit.one(Person, parent.owner_id).name,
        rows=rows,
        assessments={row.id: row for row in unit.all(unit.select(Assessment, Assessment.id.in_(judged)))},
        recordings={row.id: row for row in recordings},
        files=files,
        departments=_departments(unit, people),
        consents=consents,
    )


def _departments(unit: UnitOfWork, people: Collection[UUID]) -> dict[UUID, str]:
    query = unit.select(Person, Person.id.in_(people)).join(Department, Department.id == Person.department_id)
    return {id: name for id, name in unit.session.execute(query.with_only_columns(Person.id, Department.name))}
