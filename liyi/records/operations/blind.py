"""Blind rating: of which recordings a reviewer rates the criteria before the tool's result is shown.

Which ones they are hangs on recording and reviewer alone, so that nobody chooses them, and they stay the same however
often the page is drawn. A norm pack may ask for all of them, or for none.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, union

from liyi.core.errors import LiyiError
from liyi.records.review_schema import Confirmation
from liyi.records.schema import Assessment, Rating

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import Row

    from liyi.records.unit_of_work import UnitOfWork

ONE_IN = 10


def rated_or_decided(unit: UnitOfWork, recording_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the recordings that the viewer has rated already, or whose findings the viewer has decided on."""
    rated = select(Rating.recording_id).where(
        Rating.rater_id == unit.viewer.person_id, unit.among(Rating.recording_id, recording_ids)
    )
    decided = (
        select(Assessment.recording_id)
        .join(Confirmation, Confirmation.assessment_id == Assessment.id)
        .where(Confirmation.author_id == unit.viewer.person_id, unit.among(Assessment.recording_id, recording_ids))
    )
    return set(unit.session.scalars(union(rated, decided)))


def wants_rating(recording_id: UUID, rater_id: UUID, of: Assessment | Row[*tuple[Any, ...]]) -> bool:
    """Whether a rating is asked of this rater: always or never where the norm pack says so, else of one in ten.

    ``of``: an assessment, or a row with its ``pack_id`` and ``pack_sha256``.
    """
    rule = _rule(of.pack_id, of.pack_sha256)
    if rule != "some":
        return rule == "all"
    drawn = hashlib.sha256(recording_id.bytes + rater_id.bytes).digest()
    return int.from_bytes(drawn[:8], "big") % ONE_IN == 0


@lru_cache(maxsize=64)
def _rule(pack_id: str, pack_sha256: str) -> str:
    """What a norm pack asks for as it is now; ``pack_sha256`` has it read again once it has changed."""
    from liyi.etiquette.norms import load_pack

    try:
        return load_pack(pack_id).review.blind
    except LiyiError:  # a pack that is not here any more
        return "some"
