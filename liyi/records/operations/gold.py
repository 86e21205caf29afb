"""Gold clips (校准样片): proposed by who judges a recording, with its owner's consent, until raters agree on it.

A clip is never shown to anybody for being one: whoever rates it judges its person anyway. Its owner may end it at any
time, and all that was made of it goes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, exists, func, not_, or_, select

from liyi.core.errors import LiyiError
from liyi.core.moments import month_of
from liyi.records.gold_tables import GoldClip, GoldProposal, GoldRating, GoldValue
from liyi.records.keeper import KEEPER
from liyi.records.operations.gold_mixing import FEWEST, LATELY
from liyi.records.operations.registry import operation
from liyi.records.schema import Assessment, Person, Rating, Recording, Role, State, Status, now
from liyi.records.store_tables import AuditLine
from liyi.records.unit_of_work import id_of, not_there, reading, writing
from liyi.records.viewer import consent_stands, judges, may, rates_anybody

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

# People agree on a criterion when no rating is further from the median than half a step of the scale of five: two
# raters on neighbouring steps agree, who are two steps apart do not. A proposal.
WITHIN = 12.5  # of 100
RATERS = 2  # at least, of a criterion
CRITERIA = 3  # at least, on which they agree
SHARE = 0.5  # at least, of those that as many have rated

Answer = Literal["asked", "consented", "declined"]


@dataclass(frozen=True)
class Clip:
    """A recording that was proposed as gold clip, and what its owner answered; who proposed it, and when."""

    recording_id: UUID
    name: str
    recorded_at: datetime
    proposed_by: str
    proposed_by_id: UUID
    proposed_at: datetime
    answer: Answer


@dataclass(frozen=True)
class GoldCounts:
    """How many clips of a unit waited for their owner, were rated, and were agreed on when this month began (``at``).

    ``wanted`` agreed ones are needed before any is mixed into queues.
    """

    asked: int
    rated: int
    agreed: int
    at: datetime
    wanted: int = FEWEST


@operation
def propose_gold(records: Records, viewer: Viewer, recording_id: UUID | str) -> Clip:
    """Propose a recording of somebody one judges as gold clip: its owner is asked, once.

    Who proposes what another proposed before is answered and told the same as the first, but for the owner's answer:
    nobody finds out by this which recordings are gold clips, or whose owner declined.

    Raises
    ------
    LiyiError
        When it is not assessed yet, or the viewer has proposed it before.
    """
    with writing(records, viewer) as unit:
        on = unit.one(Recording, recording_id, judges(viewer), Recording.state == State.kept, alone=True)
        if _newest(unit, on.id) is None:
            raise LiyiError("This recording is not assessed yet, so nobody can be compared with it.")
        if any(each.recording_id == on.id for each in _proposed(unit)):
            raise LiyiError("You have proposed this recording as a gold clip already.")
        first = unit.session.get(GoldClip, on.id) is None
        kind = {"proposed_by_id": viewer.person_id} if first else {"person_id": viewer.person_id}
        unit.session.add((GoldClip if first else GoldProposal)(recording_id=on.id, **kind))
        unit.opened(on)
        unit.note("propose_gold", Recording, on.id, only_for=viewer.person_id)
        unit.session.flush()
        return next(each for each in _proposed(unit) if each.recording_id == on.id)


@operation
def answer_gold(records: Records, viewer: Viewer, recording_id: UUID | str, *, consented: bool) -> Clip:
    """Consent that one's own recording serves as gold clip, or decline; declining follows one nowhere."""
    with writing(records, viewer) as unit:
        row = unit.one(GoldClip, recording_id, _own(viewer), alone=True)
        if row.consented is not None:
            raise LiyiError("You have answered this already. To end it, withdraw your consent.")
        row.consented, row.answered_at = bool(consented), now()
        unit.note("answer_gold", Recording, row.recording_id, only_for=viewer.person_id)
        unit.session.flush()
        return next(each for each in _seen_clips(unit) if each.recording_id == row.recording_id)


@operation
def end_gold(records: Records, viewer: Viewer, recording_id: UUID | str) -> None:
    """End a gold clip: by its owner at any time, by who proposed it first as long as its owner has not answered.

    What people agreed on, what was rated of it since and what checks found of it goes at once. Who proposed it after
    another takes back their own proposal.
    """
    with writing(records, viewer) as unit:
        later = unit.session.scalars(
            unit.select(GoldProposal, GoldProposal.recording_id == id_of(recording_id))
        ).first()
        asked = and_(GoldClip.proposed_by_id == viewer.person_id, GoldClip.consented.is_(None))
        row = later or unit.one(GoldClip, recording_id, or_(_own(viewer), asked), alone=True)
        unit.note("end_gold", Recording, row.recording_id, only_for=viewer.person_id)
        if isinstance(row, GoldClip) and (heir := _next_proposal(unit, row)) is not None:
            row.proposed_by_id, row.proposed_at = heir.person_id, heir.created_at
            unit.session.delete(heir)
        else:
            unit.session.delete(row)


@operation
def gold_clips(records: Records, viewer: Viewer) -> list[Clip]:
    """Clips of one's own recordings, and those that one has proposed; those that wait for an answer first."""
    with reading(records, viewer) as unit:
        found = [*_seen_clips(unit), *_later(unit)]
        return sorted(found, key=lambda each: (each.answer != "asked", -each.proposed_at.timestamp()))


@operation
def settle_gold(records: Records, viewer: Viewer, recording_id: UUID | str) -> bool:
    """Freeze what raters agree on, once a recording that one judges has been rated by enough; whether it was now.

    The line in the audit trail is the machine's and for the recording's owner alone: whoever rated last would find in
    it that it is a gold clip, and administrators which recording.
    """
    with writing(records, viewer) as unit:
        on = unit.one(Recording, recording_id, judges(viewer), alone=True)
        clip = unit.session.get(GoldClip, on.id)
        if clip is None or not clip.consented or clip.agreed_at is not None:
            return False
        assessed, values = _newest(unit, on.id), agreed_values(_ratings(unit, clip, on))
        if assessed is None or not values:
            return False
        clip.agreed_at, clip.assessment_id = now(), assessed
        unit.session.add_all(
            GoldValue(recording_id=on.id, criterion=criterion, score=median(scores), low=min(scores), high=max(scores),
                      raters=len(scores)) for criterion, scores in values.items()
        )  # fmt: skip
        unit.session.add(AuditLine(
            person_id=KEEPER, organisation_id=viewer.organisation_id, action="settle_gold",
            entity=Recording.__tablename__, entity_id=on.id, seen_by=on.person_id,
        ))  # fmt: skip
        return True


@operation
def gold_counts(records: Records, viewer: Viewer) -> GoldCounts:
    """How far a unit has come with its gold clips, for who rates in it or administers it: counts, and nobody's name.

    As of the beginning of the month: a count that rose with a proposal or a rating would tell what it was of.
    """
    with reading(records, viewer) as unit:
        need_staff(unit)
        at = month_of(now())
        clips = (
            select(func.count())
            .select_from(GoldClip)
            .join(Recording, Recording.id == GoldClip.recording_id)
            .join(Person, Person.id == Recording.person_id)
            .where(Person.organisation_id == viewer.organisation_id, Recording.deleted_at.is_(None))
            .where(Recording.submitted_at.is_not(None), consent_stands())
        )
        asked = and_(GoldClip.proposed_at < at, or_(GoldClip.answered_at.is_(None), GoldClip.answered_at >= at))
        agreed = GoldClip.agreed_at < at
        rated = and_(GoldClip.consented.is_(True), GoldClip.answered_at < at,
                     or_(GoldClip.agreed_at.is_(None), GoldClip.agreed_at >= at))  # fmt: skip
        counts = [unit.session.scalar(clips.where(each)) or 0 for each in (asked, rated, agreed)]
        return GoldCounts(asked=counts[0], rated=counts[1], agreed=counts[2], at=at)


def need_staff(unit: UnitOfWork) -> None:
    """Refuse whoever neither rates in the organisation nor administers it as a whole."""
    if not unit.holds(or_(rates_anybody(unit.viewer), may(unit.viewer, Role.admin, unit.viewer.organisation_id))):
        raise not_there()


def agreed_values(ratings: Mapping[str, Sequence[float]]) -> dict[str, Sequence[float]]:
    """The criteria on which raters agree; nothing where they are too few for a gold clip.

    Parameters
    ----------
    ratings
        Of each criterion one rating (0..100) of each rater.
    """
    compared = {id: scores for id, scores in ratings.items() if len(scores) >= RATERS}
    agreed = {
        id: scores for id, scores in compared.items() if all(abs(each - median(scores)) <= WITHIN for each in scores)
    }
    return agreed if len(agreed) >= max(CRITERIA, SHARE * len(compared)) else {}


def rated_again(unit: UnitOfWork, on: Recording, criterion: str, score: float) -> bool:
    """Keep a rating of a clip that people have agreed on, beside what they agreed on; whether it is of such a one.

    A second one within `LATELY` corrects the first.
    """
    clip = unit.session.get(GoldClip, on.id)
    if clip is None or clip.agreed_at is None:
        return False
    same = select(GoldRating).where(
        GoldRating.recording_id == on.id, GoldRating.rater_id == unit.viewer.person_id,
        GoldRating.criterion == criterion, GoldRating.created_at > now() - LATELY,
    )  # fmt: skip
    row = unit.session.scalars(same).first()
    if row is None:
        row = GoldRating(recording_id=on.id, rater_id=unit.viewer.person_id, criterion=criterion, score=score)
        unit.session.add(row)
    row.score = score
    unit.session.flush()
    return True


def _own(viewer: Viewer) -> Any:
    return GoldClip.recording_id.in_(select(Recording.id).where(Recording.person_id == viewer.person_id))


def _ratings(unit: UnitOfWork, clip: GoldClip, on: Recording) -> dict[str, list[float]]:
    """Blind ratings by criterion; of who proposed the clip only those from before, as they had seen the result then."""
    again = exists().where(
        GoldProposal.recording_id == on.id, GoldProposal.person_id == Rating.rater_id,
        GoldProposal.created_at <= Rating.created_at,
    )  # fmt: skip
    blind = and_(or_(Rating.rater_id != clip.proposed_by_id, Rating.created_at < clip.proposed_at), not_(again))
    query = select(Rating.criterion, Rating.score).where(
        Rating.recording_id == on.id, Rating.rater_id != on.person_id, blind
    )
    found: dict[str, list[float]] = defaultdict(list)
    for criterion, score in unit.session.execute(query.order_by(Rating.criterion, Rating.score)):
        found[criterion].append(score)
    return found


def _newest(unit: UnitOfWork, recording_id: UUID) -> UUID | None:
    done = select(Assessment.id).where(Assessment.recording_id == recording_id, Assessment.status == Status.done)
    return unit.session.scalar(done.order_by(Assessment.created_at.desc(), Assessment.id).limit(1))


def _seen_clips(unit: UnitOfWork) -> list[Clip]:
    """The clips that the viewer sees: of their own recordings, and those that they were the first to propose."""
    rows = unit.all(unit.select(GoldClip))
    return _described(unit, [(each, each.proposed_by_id, each.proposed_at, _answer(each)) for each in rows])


def _next_proposal(unit: UnitOfWork, clip: GoldClip) -> GoldProposal | None:
    """The proposal that stands once the first one is taken back; none where the owner of the recording ends it."""
    if clip.proposed_by_id != unit.viewer.person_id:
        return None
    others = select(GoldProposal).where(GoldProposal.recording_id == clip.recording_id)
    return unit.session.scalars(others.order_by(GoldProposal.created_at).limit(1)).first()


def _later(unit: UnitOfWork) -> list[Clip]:
    """What the viewer proposed after another had, and nothing of what came of it."""
    rows = unit.all(unit.select(GoldProposal))
    return _described(unit, [(each, each.person_id, each.created_at, "asked") for each in rows])


def _proposed(unit: UnitOfWork) -> list[Clip]:
    """Whatever the viewer has proposed."""
    return [*(each for each in _seen_clips(unit) if each.proposed_by_id == unit.viewer.person_id), *_later(unit)]


def _described(
    unit: UnitOfWork, rows: Sequence[tuple[GoldClip | GoldProposal, UUID, datetime, Answer]]
) -> list[Clip]:  # fmt: skip
    """Proposals with their recordings and who made them."""
    recordings: Any = select(Recording).where(Recording.id.in_({row.recording_id for row, *_ in rows}))
    people: Any = select(Person).where(Person.id.in_({by for _, by, *_ in rows}))
    on: dict[UUID, Recording] = {each.id: each for each in unit.session.scalars(recordings)}
    names: dict[UUID, str] = {each.id: each.name for each in unit.session.scalars(people)}
    return [
        Clip(
            recording_id=row.recording_id, name=on[row.recording_id].name,
            recorded_at=on[row.recording_id].created_at, proposed_by=names[by], proposed_by_id=by, proposed_at=at,
            answer=answer,
        ) for row, by, at, answer in rows
    ]  # fmt: skip


def _answer(row: GoldClip) -> Answer:
    if row.consented is None:
        return "asked"
    return "consented" if row.consented else "declined"
