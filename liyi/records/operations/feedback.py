"""What people say to a recording: comments and phrases for them, blind ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.records.operations.blind import rating_due
from liyi.records.operations.gold import rated_again
from liyi.records.operations.registry import operation
from liyi.records.review_schema import CannedPhrase
from liyi.records.schema import Assessment, Comment, Person, Rating, Recording, Status
from liyi.records.unit_of_work import id_of, reading, writing
from liyi.records.validation import key_of, number_of, text_of
from liyi.records.viewer import judges, works_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

MOST_PHRASES = 200  # of one person: a list to choose from


@dataclass(frozen=True)
class Remark:
    """A comment with its author's name; ``at_s`` seconds of the recording, None for all of it."""

    id: UUID
    at_s: float | None
    text: str
    author: str
    author_id: UUID
    created_at: datetime


@operation
def comment(
    records: Records, viewer: Viewer, recording_id: UUID | str, text: str, *, at_s: float | None = None
) -> Comment:
    """Comment on a recording: one's own, or of somebody one judges."""
    with writing(records, viewer) as unit:
        on = unit.one(Recording, recording_id, works_on(viewer), alone=True)
        unit.opened(on)
        second = None if at_s is None else number_of(at_s, 0, on.duration_s or 24 * 3600)
        row = Comment(recording_id=on.id, author_id=viewer.person_id, at_s=second, text=text_of(text))
        return unit.add(row, "comment", only_for=on.only_for)


@operation
def remove_comment(records: Records, viewer: Viewer, comment_id: UUID | str) -> None:
    """Take back a comment of one's own."""
    with writing(records, viewer) as unit:
        row = unit.one(Comment, comment_id, Comment.author_id == viewer.person_id)
        unit.remove(row, "remove_comment", only_for=unit.only_for(row.recording_id))


@operation
def comments(records: Records, viewer: Viewer, recording_id: UUID | str) -> list[Remark]:
    """Comments on a recording, in its time; those on all of it first."""
    with reading(records, viewer) as unit:
        return found_comments(unit, id_of(recording_id))


def found_comments(unit: UnitOfWork, recording_id: UUID) -> list[Remark]:
    """The same as `comments` within a look that holds more than this."""
    query = unit.select(Comment, Comment.recording_id == recording_id)
    named = query.join(Person, Person.id == Comment.author_id).add_columns(Person.name)
    ordered = named.order_by(Comment.at_s.is_not(None), Comment.at_s, Comment.created_at, Comment.id)
    return [_remark(found[0], found[1]) for found in unit.session.execute(ordered).all()]


@operation
def rate(records: Records, viewer: Viewer, recording_id: UUID | str, criterion: str, score: float) -> Rating:
    """Rate one criterion (0..100) of somebody one judges; a second rating replaces one's first.

    Of a gold clip on which people have agreed one's first stays, and the rating stands beside what they agreed on.
    """
    with writing(records, viewer) as unit:
        return _rate(unit, _to_rate(unit, recording_id), criterion, score)


@operation
def rate_all(
    records: Records, viewer: Viewer, recording_id: UUID | str, scores: Mapping[str, float]
) -> list[Rating]:  # fmt: skip
    """Rate several criteria as `rate` does: all of them or none, so that a rating is not over after the first."""
    with writing(records, viewer) as unit:
        on = _to_rate(unit, recording_id)
        return [_rate(unit, on, criterion, score) for criterion, score in scores.items()]


def _to_rate(unit: UnitOfWork, recording_id: UUID | str) -> Recording:
    on = unit.one(Recording, recording_id, judges(unit.viewer), alone=True)
    unit.opened(on)
    return on


def _rate(unit: UnitOfWork, on: Recording, criterion: str, score: float) -> Rating:
    value, rater_id = number_of(score, 0, 100), unit.viewer.person_id
    again = rated_again(unit, on, key_of(criterion), value)
    same = unit.select(Rating, Rating.recording_id == on.id, Rating.criterion == criterion)
    row = unit.session.scalars(same.where(Rating.rater_id == rater_id)).first()
    if row is None:
        row = Rating(recording_id=on.id, rater_id=rater_id, criterion=criterion, score=value)
        return unit.add(row, "rate")
    if not again:
        row.score = value
    unit.note("rate", Rating, row.id)
    return row


@operation
def ratings(records: Records, viewer: Viewer, recording_id: UUID | str) -> Sequence[Rating]:
    """Ratings of a recording: one's own, and others' of what one has rated oneself."""
    with reading(records, viewer) as unit:
        query = unit.select(Rating, Rating.recording_id == id_of(recording_id))
        return unit.all(query.order_by(Rating.criterion, Rating.created_at, Rating.id))


@operation
def blind_due(records: Records, viewer: Viewer, recording_id: UUID | str) -> bool:
    """Whether the viewer rates a recording before the tool's result is shown; not once one has rated or decided."""
    with reading(records, viewer) as unit:
        on = unit.one(Recording, recording_id, judges(viewer))
        done = unit.select(Assessment, Assessment.recording_id == on.id, Assessment.status == Status.done)
        newest = unit.session.scalars(done.order_by(Assessment.created_at.desc(), Assessment.id).limit(1)).first()
        return newest is not None and on.id in rating_due(unit, {on.id: newest})


@operation
def canned_phrases(records: Records, viewer: Viewer) -> Sequence[CannedPhrase]:
    """One's own stock of phrases for comments, oldest first."""
    with reading(records, viewer) as unit:
        return unit.all(unit.select(CannedPhrase).order_by(CannedPhrase.created_at, CannedPhrase.id))


@operation
def add_canned_phrase(records: Records, viewer: Viewer, text: str, *, criterion: str | None = None) -> CannedPhrase:
    """Add a phrase to one's own stock, for comments on one criterion or on any; a phrase that is there stays once."""
    with writing(records, viewer) as unit:
        of = None if criterion is None else key_of(criterion)
        same = unit.select(CannedPhrase, CannedPhrase.text == text_of(text), CannedPhrase.criterion == of)
        standing = unit.session.scalars(same).first()
        if standing is not None:
            return standing
        if unit.count(unit.select(CannedPhrase)) >= MOST_PHRASES:
            raise LiyiError("There are {most} phrases already: remove one first.", most=MOST_PHRASES)
        row = CannedPhrase(author_id=viewer.person_id, criterion=of, text=text_of(text))
        return unit.add(row, "add_canned_phrase", only_for=viewer.person_id)


@operation
def remove_canned_phrase(records: Records, viewer: Viewer, phrase_id: UUID | str) -> None:
    """Remove a phrase from one's own stock."""
    with writing(records, viewer) as unit:
        unit.remove(unit.one(CannedPhrase, phrase_id), "remove_canned_phrase", only_for=viewer.person_id)


def _remark(row: Comment, author: str) -> Remark:
    return Remark(row.id, row.at_s, row.text, author, row.author_id, row.created_at)
