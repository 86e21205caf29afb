"""Ratings beside the tool's scores, as `liyi agreement` compares them: two tables that name recordings by content."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, DimensionRow, Rating, Recording, Status, VerdictRow
from liyi.records.unit_of_work import reading

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

SCORE_COLUMNS = ("file", "sha256", "profile", "pack", "pack_version", "total")


@dataclass(frozen=True)
class RatingTables:
    """``ratings``: recording (SHA-256), rater (the start of an id, no name), criterion, score 0..100.

    ``scores``: a row for each recording with its newest assessment, columns as in ``scores.parquet`` of `liyi batch`
    (`SCORE_COLUMNS`, ``dimension.*`` 0..100, ``sub_score.*`` 0..1); None where nothing was assessed.
    """

    ratings: Sequence[Mapping[str, object]]
    scores: Sequence[Mapping[str, object]]


@operation
def rating_tables(records: Records, viewer: Viewer) -> RatingTables:
    """Ratings that the viewer sees (one's own, and others' of what one has rated), with the tool's scores of the same.

    What somebody still rates blind is not among them: nobody has rated it for this viewer.
    """
    with reading(records, viewer) as unit:
        given = unit.select(Rating).order_by(Rating.recording_id, Rating.rater_id, Rating.criterion)
        rated = unit.all(given)
        ids = {row.recording_id for row in rated}
        on = {row.id: row for row in unit.all(unit.select(Recording, Recording.id.in_(ids)))}
        return RatingTables(rating_rows(rated, on), score_rows(unit, _newest(unit, on), on))


def rating_rows(rated: Sequence[Rating], on: Mapping[UUID, Recording]) -> list[dict[str, object]]:
    """Ratings of the recordings ``on``, a row each."""
    return [{"recording": on[row.recording_id].sha256, "rater": row.rater_id.hex[:8], "criterion": row.criterion,
             "score": row.score} for row in rated if row.recording_id in on]  # fmt: skip


def _newest(unit: UnitOfWork, on: Mapping[UUID, Recording]) -> Sequence[Assessment]:
    """The newest assessment of each recording."""
    newest_first = Assessment.created_at.desc(), Assessment.id
    age = func.row_number().over(partition_by=Assessment.recording_id, order_by=newest_first).label("age")
    done = unit.select(Assessment, Assessment.recording_id.in_(on), Assessment.status == Status.done)
    aged = done.with_only_columns(Assessment.id, age).subquery()
    return unit.all(select(Assessment).where(Assessment.id.in_(select(aged.c.id).where(aged.c.age == 1))))


def score_rows(
    unit: UnitOfWork, newest: Sequence[Assessment], on: Mapping[UUID, Recording]
) -> list[dict[str, object]]:  # fmt: skip
    """What the tool found in these assessments of the recordings ``on``, a row each."""
    parts: dict[UUID, dict[str, float | None]] = defaultdict(dict)
    ids = [each.id for each in newest]
    for row in unit.all(select(DimensionRow).where(DimensionRow.assessment_id.in_(ids))):
        parts[row.assessment_id][f"dimension.{row.dimension}"] = row.score
    for verdict in unit.all(select(VerdictRow).where(VerdictRow.assessment_id.in_(ids))):
        scored = verdict.sub_score if verdict.status == "assessed" else None
        parts[verdict.assessment_id][f"sub_score.{verdict.criterion}"] = scored
    found: list[dict[str, object]] = []
    for each in sorted(newest, key=lambda row: (on[row.recording_id].sha256 or "", row.id)):
        of = on[each.recording_id]
        about = (of.name, of.sha256, each.profile, each.pack_id, each.pack_version, each.total)
        found.append({**dict(zip(SCORE_COLUMNS, about, strict=True)), **parts[each.id]})
    return found
