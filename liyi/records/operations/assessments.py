"""Assessments: filed once per recording and norm, listed, read, and compared over time."""

from __future__ import annotations

import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.core.reasons import Reason
from liyi.records import vault
from liyi.records.operations.consent import need_consent
from liyi.records.operations.registry import operation
from liyi.records.operations.submission import refuse_answers
from liyi.records.schema import (
    Assessment,
    AssessmentFile,
    DimensionRow,
    FileKind,
    Recording,
    State,
    Status,
    VerdictRow,
)
from liyi.records.unit_of_work import PAGE, id_of, not_there, reading, writing
from liyi.records.validation import name_of
from liyi.records.viewer import works_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment as Judged
    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

_WAITS: Mapping[str, str] = {Reason.UNDECIDED: "finding", Reason.HUMAN_DECIDES: "hint"}  # by the reason of a verdict
_KINDS = {
    "assessment.json": FileKind.assessment,
    "measures.parquet": FileKind.measures,
    "report.html": FileKind.report,
}


@dataclass(frozen=True)
class Change:
    """A score before and after: dimensions 0..100, criteria 0..1; None where not assessed."""

    before: float | None
    after: float | None


@dataclass(frozen=True)
class Progress:
    """First and last assessment of a person under one pack and profile, and what changed between them."""

    first: Assessment
    last: Assessment
    dimensions: Mapping[str, Change]
    criteria: Mapping[str, Change]


@operation
def file_assessment(
    records: Records, viewer: Viewer, recording_id: UUID | str, judged: Judged, files: Mapping[str, Path]
) -> Assessment:
    """File what was found in a recording.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    recording_id
        The recording; its own or of somebody the viewer judges.
    judged
        As `liyi.etiquette.assess.assess` gave it. The same recording under the same pack, profile, models, options and
        version is filed once: the second time gives what stands, which is the newest again when it was judged after all
        others.
    files
        By name: ``assessment.json``, ``measures.parquet``, ``report.html``; any other is a still.

    Raises
    ------
    LiyiError
        When the recording is not there for this viewer, another file was judged, it holds its person's own answers and
        the recording is submitted, or something cannot be written.
    """
    with reading(records, viewer) as unit:
        _recording(unit, recording_id, judged)
    with ExitStack() as stack:
        brought = {name_of(name): stack.enter_context(vault.copied_in(records, file)) for name, file in files.items()}
        unit = stack.enter_context(writing(records, viewer))
        recording = _recording(unit, recording_id, judged, alone=True)
        need_consent(unit, recording.person_id)
        refuse_answers(recording, judged.options)
        unit.opened(recording)
        return enter_assessment(unit, recording, judged, brought, store=records)


def enter_assessment(
    unit: UnitOfWork, recording: Recording, judged: Judged, brought: Mapping[str, vault.Stored], *, store: Records
) -> Assessment:
    """Enter what was found in a recording, with files that were copied in; what stands already is given as it is."""
    key = key_of_work(judged)
    there = unit.select(Assessment, Assessment.recording_id == recording.id, Assessment.key == key)
    standing = unit.session.scalars(there).first()
    if standing is not None:
        _bring_forward(unit, standing, judged, recording)
        return standing
    row = _row(recording, judged, key)
    row.created_at = _after(_newest(unit, recording.id), judged)
    unit.add(row, "file_assessment", only_for=recording.only_for)
    unit.session.add_all(_parts(row.id, judged))
    for name, stored in brought.items():
        vault.keep(store, unit.session, stored)
        unit.session.add(AssessmentFile(
            assessment_id=row.id, name=name, kind=_KINDS.get(name, FileKind.still), sha256=stored.sha256,
            size_bytes=stored.size_bytes,
        ))  # fmt: skip
    return row


def _bring_forward(unit: UnitOfWork, standing: Assessment, judged: Judged, recording: Recording) -> None:
    """What is judged once more as before, after it was judged otherwise, is what its owner asked for last."""
    newest = _newest(unit, standing.recording_id, but=standing.id)
    if newest is not None and newest >= standing.created_at and _judged_at(judged) >= newest.replace(microsecond=0):
        standing.created_at = _after(newest, judged)
        unit.note("file_assessment", Assessment, standing.id, only_for=recording.only_for)


def _newest(unit: UnitOfWork, recording_id: UUID, *, but: UUID | None = None) -> datetime | None:
    """When the newest assessment of a recording was made, but for one of them."""
    others = unit.select(Assessment, Assessment.recording_id == recording_id, Assessment.id != but)
    newest = unit.session.scalars(others.order_by(Assessment.created_at.desc()).limit(1)).first()
    return newest.created_at if newest is not None else None


def _judged_at(judged: Judged) -> datetime:
    return datetime.fromisoformat(judged.created_at).astimezone(UTC)


def _after(newest: datetime | None, judged: Judged) -> datetime:
    """When it was judged; later than the newest of the same second, since assessments tell whole seconds."""
    at = _judged_at(judged)
    return newest + timedelta(microseconds=1) if newest is not None and newest.replace(microsecond=0) == at else at


def key_of_work(judged: Judged) -> str:
    """SHA-256 over everything that decides what an assessment says."""
    side = judged.recording.side
    work = [
        judged.recording.sha256, *([side.sha256] if side else []), judged.pack.model_dump(), judged.profile,
        judged.options, [model.model_dump() for model in judged.models], judged.liyi_version,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(work, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@operation
def assessments(
    records: Records,
    viewer: Viewer,
    *,
    person_id: UUID | str | None = None,
    recording_id: UUID | str | None = None,
    size: int = PAGE,
    offset: int = 0,
) -> Sequence[Assessment]:
    """Assessments that the viewer may see, all or of one person or recording, newest first."""
    with reading(records, viewer) as unit:
        if person_id is None and recording_id is None:
            return unit.newest(Assessment, size=size, offset=offset)
        query = unit.select(Assessment).order_by(Assessment.created_at.desc(), Assessment.id)
        if person_id is not None:
            query = query.where(Assessment.person_id == id_of(person_id))
        if recording_id is not None:
            query = query.where(Assessment.recording_id == id_of(recording_id))
        return unit.page(query, size=size, offset=offset)


@operation
def assessment(records: Records, viewer: Viewer, assessment_id: UUID | str) -> Assessment:
    """One assessment."""
    with reading(records, viewer) as unit:
        return unit.one(Assessment, assessment_id)


@operation
def verdicts(records: Records, viewer: Viewer, assessment_id: UUID | str) -> Sequence[VerdictRow]:
    """Verdicts of an assessment; who reads somebody else's has opened it."""
    with reading(records, viewer) as unit:
        parent = unit.one(Assessment, assessment_id)
        found = _verdicts(unit, parent.id)
    if parent.person_id != viewer.person_id:
        with writing(records, viewer) as unit:
            unit.opened(unit.one(Recording, parent.recording_id, alone=True))
    return found


@operation
def dimensions(records: Records, viewer: Viewer, assessment_id: UUID | str) -> Sequence[DimensionRow]:
    """Scores of an assessment's dimensions."""
    with reading(records, viewer) as unit:
        return _dimensions(unit, unit.one(Assessment, assessment_id).id)


@operation
def assessment_files(records: Records, viewer: Viewer, assessment_id: UUID | str) -> Sequence[AssessmentFile]:
    """Files of an assessment, by name."""
    with reading(records, viewer) as unit:
        query = unit.select(AssessmentFile, AssessmentFile.assessment_id == id_of(assessment_id))
        return unit.all(query.order_by(AssessmentFile.name))


@operation
def assessment_file(records: Records, viewer: Viewer, assessment_id: UUID | str, name: str) -> Path:
    """Where a file of an assessment lies; who opens somebody else's leaves a line in the audit trail."""
    with reading(records, viewer) as unit:
        parent, row = _file(unit, assessment_id, name)
    if parent.person_id != viewer.person_id:
        with writing(records, viewer) as unit:
            parent, row = _file(unit, assessment_id, name)
            unit.opened(unit.one(Recording, parent.recording_id, alone=True))
            unit.note("open_file", Assessment, parent.id)
    return vault.path_of(records, row.sha256)


@operation
def progress(records: Records, viewer: Viewer, person_id: UUID | str) -> Progress | None:
    """What changed from a person's first to the last assessment under the pack and profile of the last.

    None with fewer than two. Who reads somebody else's has opened both.
    """
    with reading(records, viewer) as unit:
        done = unit.select(Assessment, Assessment.person_id == id_of(person_id), Assessment.status == Status.done)
        last = unit.session.scalars(done.order_by(Assessment.created_at.desc(), Assessment.id).limit(1)).first()
        if last is None:
            return None
        alike = done.where(Assessment.pack_id == last.pack_id, Assessment.profile == last.profile)
        first = unit.session.scalars(alike.order_by(Assessment.created_at, Assessment.id).limit(1)).first()
        if first is None or first.id == last.id:
            return None
        found = Progress(
            first,
            last,
            _changes(*({row.dimension: row.score for row in _dimensions(unit, each.id)} for each in (first, last))),
            _changes(*({row.criterion: row.sub_score for row in _verdicts(unit, each.id)} for each in (first, last))),
        )
    if last.person_id != viewer.person_id:
        with writing(records, viewer) as unit:
            for id in sorted({first.recording_id, last.recording_id}):
                unit.opened(unit.one(Recording, id, alone=True))
    return found


def _file(unit: UnitOfWork, assessment_id: UUID | str, name: str) -> tuple[Assessment, AssessmentFile]:
    """Fetch an assessment and its file of this name."""
    parent = unit.one(Assessment, assessment_id)
    same = (AssessmentFile.assessment_id == parent.id, AssessmentFile.name == name_of(name))
    row = unit.session.scalars(unit.select(AssessmentFile, *same)).first()
    if row is None:
        raise not_there()
    return parent, row


def _changes(before: Mapping[str, float | None], after: Mapping[str, float | None]) -> dict[str, Change]:
    return {name: Change(before.get(name), after.get(name)) for name in sorted({*before, *after})}


def _verdicts(unit: UnitOfWork, assessment_id: UUID) -> Sequence[VerdictRow]:
    query = unit.select(VerdictRow, VerdictRow.assessment_id == assessment_id)
    return unit.all(query.order_by(VerdictRow.criterion))


def _dimensions(unit: UnitOfWork, assessment_id: UUID) -> Sequence[DimensionRow]:
    query = unit.select(DimensionRow, DimensionRow.assessment_id == assessment_id)
    return unit.all(query.order_by(DimensionRow.dimension))


def _recording(unit: UnitOfWork, recording_id: UUID | str, judged: Judged, *, alone: bool = False) -> Recording:
    row = unit.one(Recording, recording_id, works_on(unit.viewer), Recording.state == State.kept, alone=alone)
    if row.sha256 != judged.recording.sha256:
        raise LiyiError("This assessment belongs to another recording: assess the one that is kept.")
    return row


def _row(recording: Recording, judged: Judged, key: str) -> Assessment:
    return Assessment(
        recording_id=recording.id,
        person_id=recording.person_id,
        key=key,
        pack_id=judged.pack.id,
        pack_version=judged.pack.version,
        pack_sha256=judged.pack.sha256,
        profile=judged.profile,
        models=[model.model_dump() for model in judged.models],
        options=judged.options,
        liyi_version=judged.liyi_version,
        total=judged.total,
        total_error=judged.total_error,
        coverage=judged.coverage,
        coverage_floor=judged.coverage_floor,
        status=Status.done,
        created_at=_judged_at(judged),
    )


def _parts(assessment_id: UUID, judged: Judged) -> list[DimensionRow | VerdictRow]:
    charged = {each.criterion: each.charged for each in judged.deductions}
    lines = {id for cap in judged.caps if cap.status == "needs_review" for id in cap.criteria}
    scores = [
        DimensionRow(assessment_id=assessment_id, dimension=name, score=each.score, coverage=each.coverage)
        for name, each in judged.dimensions.items()
    ]
    found = [
        VerdictRow(
            assessment_id=assessment_id, criterion=each.criterion, dimension=each.dimension, status=each.status,
            value=each.value, unit=each.unit,
            sub_score=None if judged.is_photo else each.sub_score,  # a moment goes into no mean of performances
            charged=charged.get(each.criterion, 0.0),
            waits="line" if each.criterion in lines else _WAITS.get(each.reason or ""),
        )
        for each in judged.verdicts
    ]  # fmt: skip
    return [*scores, *found]
