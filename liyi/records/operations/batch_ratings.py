"""Blind second ratings of a batch: a sample that a named person rates before seeing its results, and what came of it.

The sample hangs on batch and rater alone, so that nobody chooses it: a larger share holds a smaller one.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from liyi.core.errors import LiyiError
from liyi.records.access_tables import Assignment
from liyi.records.batch_tables import Batch, BatchLine
from liyi.records.operations.access import colleague
from liyi.records.operations.batches import need_evaluator
from liyi.records.operations.blind import rating_due
from liyi.records.operations.rating_tables import RatingTables, rating_rows, score_rows
from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, Person, Rating, Recording, Role
from liyi.records.unit_of_work import reading, writing
from liyi.records.validation import number_of
from liyi.records.viewer import Viewer, judges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Sample:
    """What was drawn for a rater: ``count`` of ``of`` recordings, ``new`` of them now, in the order by ``seed``."""

    count: int
    of: int
    new: int
    seed: str


@dataclass(frozen=True)
class SecondRating:
    """How far a rater is: ``rated`` of ``asked`` recordings, drawn by ``seed``."""

    rater_id: UUID
    rater: str
    asked: int
    rated: int
    seed: str


@operation
def ask_second_rating(
    records: Records, viewer: Viewer, batch_id: UUID | str, share: float, rater_id: UUID | str
) -> Sample:
    """Have a sample of one's own batch rated blind by a second person.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    batch_id
        One's own batch.
    share
        0.01..1 of what was assessed, rounded up; recordings of the rater's own are left out.
    rater_id
        An evaluator or a trainer of the organisation.

    Raises
    ------
    LiyiError
        When nothing was assessed, or the rater has no such role where the people of the recordings belong.
    """
    part = number_of(share, 0.01, 1.0)
    with writing(records, viewer) as unit:
        need_evaluator(unit)
        parent = unit.one(Batch, batch_id)
        rater = colleague(unit, rater_id, Role.evaluator, Role.trainer)
        among = [id for id, person in _assessed(unit, parent.id).items() if person != rater]
        if not among:
            raise LiyiError("Nothing in {name} can be rated yet: it has to be assessed first.", name=parent.name)
        seed = sample_seed(parent.id, rater)
        drawn = sorted(among, key=lambda id: hashlib.sha256(f"{seed}:{id.hex}".encode()).digest())
        drawn = drawn[: math.ceil(part * len(among))]
        given = set(unit.session.scalars(select(Assignment.recording_id).where(
            Assignment.evaluator_id == rater, Assignment.by_id == viewer.person_id, Assignment.recording_id.in_(drawn)
        )))  # fmt: skip
        new = [id for id in drawn if id not in given]
        for id in new:
            unit.add(Assignment(evaluator_id=rater, by_id=viewer.person_id, recording_id=id), "assign")
        theirs = judges(Viewer(rater, viewer.organisation_id))
        if unit.session.scalar(select(func.count()).where(Recording.id.in_(drawn), theirs)) != len(drawn):
            raise LiyiError("This person rates in another department than that of the recordings: choose somebody who "
                            "evaluates or trains in theirs.")  # fmt: skip
        return Sample(len(drawn), len(among), len(new), seed)


@operation
def second_ratings(records: Records, viewer: Viewer, batch_id: UUID | str) -> list[SecondRating]:
    """Who was asked to rate recordings of one's own batch, and how far they are, by name."""
    with reading(records, viewer) as unit:
        parent = unit.one(Batch, batch_id)
        among = _assessed(unit, parent.id)
        asked = (Assignment.by_id == viewer.person_id, Assignment.evaluator_id != viewer.person_id)
        query = select(Assignment.evaluator_id, Person.name, Assignment.recording_id).join(
            Person, Person.id == Assignment.evaluator_id
        )
        rows: Iterable[Any] = unit.session.execute(query.where(*asked, Assignment.recording_id.in_(among)))
        given = {(rater, name, id) for rater, name, id in rows}
        ratings: Iterable[Any] = unit.session.execute(
            select(Rating.rater_id, Rating.recording_id).where(Rating.recording_id.in_(among))
        )
        rated = {(rater, id) for rater, id in ratings}
        counts = Counter((rater, name) for rater, name, _ in given)
        done = Counter(rater for rater, _, id in given if (rater, id) in rated)
        return [
            SecondRating(rater, name, count, done[rater], sample_seed(parent.id, rater))
            for (rater, name), count in sorted(counts.items(), key=lambda each: (each[0][1], each[0][0]))
        ]


@operation
def batch_rating_tables(records: Records, viewer: Viewer, batch_id: UUID | str) -> RatingTables:
    """All ratings of the recordings of one's own batch, with the tool's scores, as `liyi agreement` compares them.

    Who has a batch rated sees what was given, by whomever; but for what the viewer still has to rate blind.
    """
    with reading(records, viewer) as unit:
        among = _assessed(unit, unit.one(Batch, batch_id).id)
        judged = unit.all(unit.select(Assessment, Assessment.id.in_(_lines(unit, batch_id))))
        due = rating_due(unit, {row.recording_id: row for row in judged})
        given = select(Rating).where(Rating.recording_id.in_(set(among) - due))
        rated = unit.all(given.order_by(Rating.recording_id, Rating.rater_id, Rating.criterion))
        on = {row.id: row for row in unit.all(unit.select(Recording, Recording.id.in_(among)))}
        return RatingTables(
            rating_rows(rated, on), score_rows(unit, [row for row in judged if row.recording_id in on], on)
        )


def sample_seed(batch_id: UUID, rater_id: UUID) -> str:
    """What the order hangs on in which recordings of a batch are drawn for a rater: SHA-256 of ``SEED:RECORDING``."""
    return f"{batch_id.hex}:{rater_id.hex}"


def _lines(unit: UnitOfWork, batch_id: UUID | str) -> list[UUID]:
    """Assessments of the lines of a batch."""
    lines = unit.all(unit.select(BatchLine, BatchLine.batch_id == unit.one(Batch, batch_id).id))
    return [line.assessment_id for line in lines if line.assessment_id is not None]


def _assessed(unit: UnitOfWork, batch_id: UUID) -> Mapping[UUID, UUID]:
    """Recordings of a batch that were assessed and that the viewer judges, each with its person."""
    done = select(BatchLine.recording_id).where(
        BatchLine.batch_id == batch_id, BatchLine.assessment_id.is_not(None), BatchLine.recording_id.is_not(None)
    )
    query = unit.select(Recording, Recording.id.in_(done), judges(unit.viewer))
    return {row.id: row.person_id for row in unit.all(query.order_by(Recording.id))}
