"""Blind rating: of which recordings a reviewer rates the criteria before the tool's result is shown.

Which ones they are hangs on recording and reviewer alone, so that nobody chooses them, and they stay the same however
often the page is drawn. A norm pack may ask for all of them, or for none. Of a batch the sample is drawn by who began
it, for a second person (`liyi.records.operations.batch_ratings`): that person rates each of it, and of what one has
brought in oneself nothing is drawn, as its table shows all of it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, or_, select, union

from liyi.core.errors import LiyiError
from liyi.records.access_tables import Assignment
from liyi.records.batch_tables import Batch, BatchLine
from liyi.records.gold_tables import GoldRating
from liyi.records.operations.gold_mixing import candidates, mixed_in
from liyi.records.review_schema import Confirmation, Review
from liyi.records.schema import Assessment, Rating

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from sqlalchemy import Row

    from liyi.records.unit_of_work import UnitOfWork

ONE_IN = 10


def rating_due(unit: UnitOfWork, newest: Mapping[UUID, Assessment | Row[*tuple[Any, ...]]]) -> set[UUID]:
    """Recordings that the viewer rates before anything found in them is shown; ``newest`` is the assessment of each.

    Or a row with its ``pack_id`` and ``pack_sha256``.
    """
    return due_and_gold(unit, newest)[0]


def due_and_gold(
    unit: UnitOfWork, newest: Mapping[UUID, Assessment | Row[*tuple[Any, ...]]]
) -> tuple[set[UUID], set[UUID]]:
    """The same, and those of them that are rated for the sake of a gold clip."""
    done = rated_or_decided(unit, newest)
    brought_in, asked = _of_batches(unit, newest)
    to_agree, mixed = candidates(unit, newest), mixed_in(unit) & set(newest)
    due = (((to_agree - done) | mixed) - brought_in) | {
        id for id, of in newest.items()
        if id not in done and (id in asked or _rates_all(of) or
                               (id not in brought_in and wants_rating(id, unit.viewer.person_id, of)))
    }  # fmt: skip
    return due, (to_agree | mixed) & due


def rated_or_decided(unit: UnitOfWork, recording_ids: Collection[UUID]) -> set[UUID]:
    """Those of the recordings that the viewer has rated already, or whose results they have decided on or reviewed."""
    rated = select(Rating.recording_id).where(
        Rating.rater_id == unit.viewer.person_id, unit.among(Rating.recording_id, recording_ids)
    )
    decided = (
        select(Assessment.recording_id)
        .join(Confirmation, Confirmation.assessment_id == Assessment.id)
        .where(Confirmation.author_id == unit.viewer.person_id, unit.among(Assessment.recording_id, recording_ids))
    )
    reviewed = select(Review.recording_id).where(
        Review.author_id == unit.viewer.person_id, unit.among(Review.recording_id, recording_ids)
    )
    again = select(GoldRating.recording_id).where(GoldRating.rater_id == unit.viewer.person_id)
    return {id for id in unit.session.scalars(union(rated, decided, reviewed, again)) if id in recording_ids}


def _of_batches(unit: UnitOfWork, recording_ids: Collection[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Those that the viewer has brought in as a batch, and those of others' batches that the viewer is asked to rate.

    Asked by who began the batch: the assignments that somebody else gave are no such request.
    """
    me = unit.viewer.person_id
    asked = exists().where(
        Assignment.recording_id == BatchLine.recording_id, Assignment.by_id == Batch.owner_id,
        Assignment.evaluator_id == me, Batch.owner_id != me,
    )  # fmt: skip
    query = (
        select(BatchLine.recording_id, Batch.owner_id == me)
        .join(Batch, Batch.id == BatchLine.batch_id)
        .where(unit.among(BatchLine.recording_id, recording_ids), or_(Batch.owner_id == me, asked))
    )
    brought_in: set[UUID] = set()
    by_request: set[UUID] = set()
    for id, own in unit.session.execute(query):
        if id is not None:
            (brought_in if own else by_request).add(id)
    return brought_in, by_request


def _rates_all(of: Assessment | Row[*tuple[Any, ...]]) -> bool:
    return _rule(of.pack_id, of.pack_sha256) == "all"


def wants_rating(recording_id: UUID, rater_id: UUID, of: Assessment | Row[*tuple[Any, ...]]) -> bool:
    """Whether a rating is asked of this rater: always or never where the norm pack says so, else of one in ten."""
    rule = _rule(of.pack_id, of.pack_sha256)
    if rule != "some":
        return rule == "all"
    drawn = hashlib.sha256(recording_id.bytes + rater_id.bytes).digest()
    return int.from_bytes(drawn[:8], "big") % ONE_IN == 0


def lot(recording_id: UUID, rater_id: UUID) -> float:
    """Where among all that a rater is to rate blind a recording stands, 0..1: at no place that anybody can choose."""
    drawn = hashlib.sha256(b"place" + recording_id.bytes + rater_id.bytes).digest()
    return int.from_bytes(drawn[:8], "big") / 2**64


@lru_cache(maxsize=64)
def _rule(pack_id: str, pack_sha256: str) -> str:
    """What a norm pack asks for as it is now; ``pack_sha256`` has it read again once it has changed."""
    from liyi.etiquette.norms import load_pack

    try:
        return load_pack(pack_id).review.blind
    except LiyiError:  # a pack that is not here any more
        return "some"
