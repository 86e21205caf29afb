"""Which recordings somebody rates blind for the sake of gold clips: candidates, and now and then a clip unseen.

A clip reaches nobody who does not judge its person anyway: being one widens no access. What belongs here is asked by
the queue and the review page, which both only read.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, not_, or_, select, union
from sqlalchemy.orm import aliased

from liyi.records.gold_tables import GoldClip, GoldProposal, GoldRating
from liyi.records.review_schema import Confirmation, Review
from liyi.records.schema import Assessment, Person, Rating, Recording, now
from liyi.records.viewer import consent_stands, judges

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute

    from liyi.records.unit_of_work import UnitOfWork

FEWEST = 10  # agreed clips of a unit, before any is mixed into a queue
ONE_IN = 15  # recordings that a reviewer looks at, a clip among them
WEEK = timedelta(days=7)  # at most one clip in so long
LATELY = timedelta(days=90)  # a clip that was rated or reviewed within it is not shown again


def agreed_in(unit: UnitOfWork) -> ColumnElement[bool]:
    """Recordings of the viewer's organisation that are agreed gold clips, and still submitted."""
    clip = aliased(GoldClip)  # what asks may look at clips itself
    return and_(
        Recording.id.in_(select(clip.recording_id).where(clip.agreed_at.is_not(None), clip.consented.is_(True))),
        exists().where(Person.id == Recording.person_id, Person.organisation_id == unit.viewer.organisation_id),
        Recording.submitted_at.is_not(None),
        Recording.deleted_at.is_(None),
        consent_stands(),
    )


def candidates(unit: UnitOfWork, recording_ids: Collection[UUID]) -> set[UUID]:
    """Those of the recordings that are still to be agreed on, but for what the viewer has proposed."""
    asked = select(GoldClip.recording_id).where(
        GoldClip.consented.is_(True), GoldClip.agreed_at.is_(None), not_(_proposed(unit, GoldClip.recording_id))
    )
    return {id for id in unit.session.scalars(asked) if id in recording_ids}  # there are few


def mixed_in(unit: UnitOfWork) -> set[UUID]:
    """The gold clip that the viewer rates next, unseen; nothing where none is due.

    One is due once a unit has `FEWEST`, the viewer has looked at `ONE_IN` less one recordings since the last, and that
    is a week ago. It stays the same until it is rated, and hangs on nothing that anybody can choose.
    """
    mine = unit.viewer.person_id
    if unit.count(select(Recording.id).where(agreed_in(unit))) < FEWEST:
        return set()
    last = unit.session.scalar(select(func.max(GoldRating.created_at)).where(GoldRating.rater_id == mine))
    if (last is not None and now() - last < WEEK) or _looked_at(unit, last) < ONE_IN - 1:
        return set()
    rated = unit.count(select(GoldRating.id).where(GoldRating.rater_id == mine))
    own = _proposed(unit, Recording.id)
    waiting = select(Recording.id).where(agreed_in(unit), judges(unit.viewer), not_(own), not_(_known(unit)))
    return set(sorted(unit.session.scalars(waiting), key=lambda id: _drawn(id, mine, rated))[:1])


def _proposed(unit: UnitOfWork, recording_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """Whether the viewer has proposed a recording, and so has seen what the tool found in it."""
    clip, mine = aliased(GoldClip), unit.viewer.person_id
    return or_(
        exists().where(clip.recording_id == recording_id, clip.proposed_by_id == mine),
        exists().where(GoldProposal.recording_id == recording_id, GoldProposal.person_id == mine),
    )


def _drawn(recording_id: UUID, rater_id: UUID, rated: int) -> bytes:
    return hashlib.sha256(recording_id.bytes + rater_id.bytes + rated.to_bytes(8, "big")).digest()


def _looked_at(unit: UnitOfWork, since: datetime | None) -> int:
    """Recordings that the viewer has reviewed or rated since a moment; all where there was none."""
    found: list[Any] = []
    for entity, author in ((Review, Review.author_id), (Rating, Rating.rater_id)):
        query = select(entity.recording_id).where(author == unit.viewer.person_id)
        found.append(query if since is None else query.where(entity.created_at > since))
    return unit.session.scalar(select(func.count()).select_from(union(*found).subquery())) or 0


def _known(unit: UnitOfWork) -> ColumnElement[bool]:
    """Recordings that the viewer has rated, decided on or reviewed not long ago."""
    mine, since = unit.viewer.person_id, now() - LATELY
    decided = (
        select(Confirmation.id)
        .join(Assessment, Assessment.id == Confirmation.assessment_id)
        .where(Assessment.recording_id == Recording.id, Confirmation.author_id == mine, Confirmation.created_at > since)
    )
    return or_(
        exists().where(
            GoldRating.recording_id == Recording.id, GoldRating.rater_id == mine, GoldRating.created_at > since
        ),
        exists().where(Rating.recording_id == Recording.id, Rating.rater_id == mine, Rating.created_at > since),
        exists().where(Review.recording_id == Recording.id, Review.author_id == mine, Review.created_at > since),
        exists(decided),
    )
