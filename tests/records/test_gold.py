"""Gold clips: asked of their owner, agreed on by rule, mixed into queues unseen, and held against what is installed."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from liyi.cli import app
from liyi.core.errors import LiyiError
from liyi.etiquette.assess import assess
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance
from liyi.records import sign_in
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove, GoldRating, GoldValue
from liyi.records.operations import (
    access,
    assessments,
    blind,
    care,
    cohorts,
    confirmations,
    consent,
    deletion,
    feedback,
    gold,
    gold_check,
    gold_drift,
    gold_mixing,
    people,
    queue,
    recordings,
    submission,
)
from liyi.records.schema import Kind, Rating, Recording, Role, now
from liyi.records.unit_of_work import not_there
from liyi.records.viewer import Viewer
from liyi.scoring.reviewed import measured
from tests.records.world import TEXT_SHA256, judged

SAMPLE = Path(__file__).parents[2] / "sample_media" / "counter_front_zh.measures.parquet"
CRITERIA = ("shoulder_tilt", "pace", "toe_angle")


class Hall:
    """A unit with a trainee, three trainers of the same cohort, and an administrator."""

    def __init__(self, records) -> None:
        self.records = records
        self.admin = sign_in.found_organisation(records, "Hall", admin="Admin", account="admin")
        self.trainee = self.person("trainee", Role.trainee)
        self.trainers = [self.person(name, Role.trainer) for name in ("one", "two", "three")]
        self.stranger = self.person("stranger", Role.trainer)
        cohort = cohorts.add_cohort(records, self.admin, name="Spring").id
        cohorts.add_member(records, self.admin, cohort, self.trainee.person_id, Role.trainee)
        for each in self.trainers:
            cohorts.add_member(records, self.admin, cohort, each.person_id, Role.trainer)
        consent.give_consent(records, self.trainee, version="1", text_sha256=TEXT_SHA256)

    def person(self, name: str, role: Role) -> Viewer:
        row = people.add_person(self.records, self.admin, name=name, account=name)
        people.grant_role(self.records, self.admin, row.id, role)
        return Viewer(row.id, row.organisation_id)

    def submitted(self, name: str):
        row = recordings.keep_recording(
            self.records, self.trainee, io.BytesIO(name.encode()), name=name, kind=Kind.upload, duration_s=60.0
        )
        assessments.file_assessment(self.records, self.trainee, row.id, judged(row.sha256), {})
        submission.submit_recording(self.records, self.trainee, row.id)
        return row.id

    def consented(self, name: str):
        id = self.submitted(name)
        gold.propose_gold(self.records, self.trainers[0], id)
        gold.answer_gold(self.records, self.trainee, id, consented=True)
        return id

    def rated(self, id, who: Viewer, *scores: float) -> bool:
        for criterion, score in zip(CRITERIA, scores, strict=True):
            feedback.rate(self.records, who, id, criterion, score)
        return gold.settle_gold(self.records, who, id)

    def agreed(self, name: str):
        """An agreed clip, rated by the second and the third trainer long ago."""
        id = self.consented(name)
        self.rated(id, self.trainers[1], 80, 60, 40)
        assert self.rated(id, self.trainers[2], 90, 50, 40)
        with self.records.writing() as session:
            session.execute(update(Rating).values(created_at=now() - timedelta(days=100)))
        return id

    def rows(self, entity):
        with self.records.reading() as session:
            return session.scalars(select(entity)).all()


ON_ONE = pytest.mark.parametrize("records", ["sqlite"], indirect=True)


@pytest.fixture
def hall(records, monkeypatch):
    """No other rating is due but for the sake of a gold clip."""
    monkeypatch.setattr(blind, "wants_rating", lambda *_: False)
    return Hall(records)


def due(hall: Hall, who: Viewer, id) -> tuple[bool, bool]:
    """Whether a blind rating is asked for: on the page of the recording, and in the queue."""
    [waits] = [each for each in queue.queue(hall.records, who) if each.recording_id == id]
    assert (waits.total is None) == waits.blind
    return feedback.blind_due(hall.records, who, id), waits.blind


def test_the_owner_is_asked_and_until_then_nobody_rates(hall):
    one, two, _ = hall.trainers
    id = hall.submitted("a")
    gold.propose_gold(hall.records, one, id)
    with pytest.raises(LiyiError, match="have proposed this recording"):
        gold.propose_gold(hall.records, one, id)
    assert due(hall, two, id) == (False, False)
    assert [each.answer for each in gold.gold_clips(hall.records, hall.trainee)] == ["asked"]
    assert gold.gold_clips(hall.records, two) == [], "only who proposed it is told"
    gold.answer_gold(hall.records, hall.trainee, id, consented=True)
    assert [each.answer for each in gold.gold_clips(hall.records, one)] == ["consented"]
    assert due(hall, two, id) == (True, True)
    assert due(hall, one, id) == (False, False), "who proposed it has seen the result"
    confirmations.send_review(hall.records, one, id)
    [waits] = queue.queue(hall.records, two)
    assert (waits.progress, waits.by) == ("submitted", ()), "it still waits for the other's rating"
    assert queue.queue(hall.records, one)[0].progress == "reviewed"


@ON_ONE
def test_declined_it_stays_an_ordinary_recording_and_is_not_asked_again(hall):
    id = hall.submitted("a")
    gold.propose_gold(hall.records, hall.trainers[0], id)
    gold.answer_gold(hall.records, hall.trainee, id, consented=False)
    assert due(hall, hall.trainers[1], id) == (False, False)
    with pytest.raises(LiyiError, match="have proposed this recording"):
        gold.propose_gold(hall.records, hall.trainers[0], id)
    gold.propose_gold(hall.records, hall.trainers[1], id)
    assert [each.answer for each in gold.gold_clips(hall.records, hall.trainee)] == ["declined"], "not asked again"
    assert not hall.rated(id, hall.trainers[1], 80, 60, 40)
    assert not hall.rated(id, hall.trainers[2], 80, 60, 40)


def told(hall: Hall, who: Viewer, id) -> list:
    """All that somebody finds out about a proposal of theirs, but for ids and moments."""
    clips = [(each.recording_id, each.answer, each.proposed_by_id) for each in gold.gold_clips(hall.records, who)]
    lines = people.audit_trail(hall.records, who, size=500)
    return [clips, [(each.action, each.person_id) for each in lines if each.entity_id == id], due(hall, who, id)[1]]


@pytest.mark.parametrize("answer", [None, True, False])
def test_who_proposes_after_another_is_told_the_same_as_the_first(hall, answer):
    one, _, three = hall.trainers
    taken, free = hall.submitted("a"), hall.submitted("b")
    gold.propose_gold(hall.records, one, taken)
    if answer is not None:
        gold.answer_gold(hall.records, hall.trainee, taken, consented=answer)
    for who, id in ((one, free), (three, taken)):  # both were opened; and the page would ask for the rating first
        feedback.rate(hall.records, who, id, "pace", 50)
    before = gold.gold_counts(hall.records, three)
    answered = [gold.propose_gold(hall.records, three, each).answer for each in (taken, free)]
    assert answered == ["asked", "asked"]
    [clips, *found], [_, *as_first] = told(hall, three, taken), told(hall, three, free)
    assert (set(clips), found) == ({(id, "asked", three.person_id) for id in (taken, free)}, as_first)
    assert gold.gold_counts(hall.records, three) == before
    gold.end_gold(hall.records, three, taken)
    assert [each.recording_id for each in gold.gold_clips(hall.records, three)] == [free]
    assert gold.gold_clips(hall.records, one)[0].recording_id == taken, "the first one's stays"


def test_who_takes_back_the_first_proposal_leaves_that_of_another(hall):
    one, _, three = hall.trainers
    id = hall.submitted("a")
    for who in (one, three):
        feedback.rate(hall.records, who, id, "pace", 50)
        gold.propose_gold(hall.records, who, id)
    gold.end_gold(hall.records, one, id)  # before its owner has answered
    assert gold.gold_clips(hall.records, one) == []
    for who in (three, hall.trainee):
        assert [(each.recording_id, each.answer) for each in gold.gold_clips(hall.records, who)] == [(id, "asked")]
    gold.answer_gold(hall.records, hall.trainee, id, consented=True)
    gold.end_gold(hall.records, hall.trainee, id)
    assert gold.gold_clips(hall.records, three) == [], "its owner ends it for all"


@ON_ONE
def test_who_proposed_after_another_has_seen_the_result_and_does_not_rate(hall):
    one, two, three = hall.trainers
    id = hall.submitted("a")
    gold.propose_gold(hall.records, one, id)
    gold.propose_gold(hall.records, three, id)
    gold.answer_gold(hall.records, hall.trainee, id, consented=True)
    assert due(hall, three, id) == (False, False)
    assert not hall.rated(id, two, 80, 60, 40)
    assert not hall.rated(id, three, 80, 60, 40)


@ON_ONE
def test_the_trail_names_no_gold_clip_to_raters_and_administrators(hall):
    id = hall.agreed("a")
    about = {"propose_gold", "answer_gold", "settle_gold", "end_gold"}
    for who in (hall.trainers[1], hall.trainers[2], hall.admin):
        assert about.isdisjoint(each.action for each in people.audit_trail(hall.records, who, size=500))
    gold.end_gold(hall.records, hall.trainee, id)
    own = people.audit_trail(hall.records, hall.trainee, size=500)
    assert {"answer_gold", "settle_gold", "end_gold"} <= {each.action for each in own if each.entity_id == id}
    assert about.isdisjoint(each.action for each in people.audit_trail(hall.records, hall.admin, size=500))


def test_two_raters_who_agree_make_it_one_and_what_they_agreed_on_stays(hall):
    _, two, three = hall.trainers
    id = hall.consented("a")
    assert not hall.rated(id, two, 80, 60, 40)
    assert due(hall, two, id) == (False, False)
    assert hall.rated(id, three, 90, 50, 40)
    values = {row.criterion: (row.score, row.low, row.high, row.raters) for row in hall.rows(GoldValue)}
    assert values == {"shoulder_tilt": (85, 80, 90, 2), "pace": (55, 50, 60, 2), "toe_angle": (40, 40, 40, 2)}
    assert hall.rows(GoldClip)[0].assessment_id is not None
    before = [(row.rater_id, row.criterion, row.score) for row in hall.rows(Rating)]
    feedback.rate(hall.records, two, id, "pace", 0)
    assert [(row.rater_id, row.criterion, row.score) for row in hall.rows(Rating)] == before
    assert [row.score for row in hall.rows(GoldRating)] == [0]
    counts = gold.gold_counts(hall.records, hall.admin)
    assert (counts.asked, counts.rated, counts.agreed) == (0, 0, 0), "or the last rater would be told"
    with hall.records.writing() as session:
        session.execute(update(GoldClip).values(agreed_at=counts.at - timedelta(seconds=1)))
    assert gold.gold_counts(hall.records, hall.admin).agreed == 1


@ON_ONE
def test_a_blind_rating_of_a_clip_counts_among_all_ratings_too(hall):
    id = hall.agreed("a")
    people.grant_role(hall.records, hall.admin, hall.stranger.person_id, Role.evaluator)
    access.assign(hall.records, hall.trainers[0], hall.stranger.person_id, recording_id=id)
    hall.rated(id, hall.stranger, 20, 30, 40)
    given = [(row.criterion, row.score) for row in hall.rows(Rating) if row.rater_id == hall.stranger.person_id]
    assert sorted(given) == [("pace", 30), ("shoulder_tilt", 20), ("toe_angle", 40)], "a batch's agreement has it"
    assert len(hall.rows(GoldRating)) == 3
    assert {row.raters for row in hall.rows(GoldValue)} == {2}, "what was agreed on stays"


@pytest.mark.parametrize(
    ("ratings", "agreed"),
    [
        ({"a": [50, 75], "b": [50, 75], "c": [100, 100]}, {"a", "b", "c"}),  # neighbouring steps of five
        ({"a": [50, 76], "b": [50, 50], "c": [0, 0], "d": [1, 1]}, {"b", "c", "d"}),
        ({"a": [50, 50], "b": [50, 50]}, set()),  # too few criteria
        ({"a": [50], "b": [50, 50], "c": [0, 0], "d": [1, 1]}, {"b", "c", "d"}),  # one rater agrees with nobody
        ({id: [0, 100] for id in "abcd"} | {id: [50, 50] for id in "efg"}, set()),  # less than half
        ({"a": [50, 50, 75], "b": [0, 12, 24], "c": [5, 5, 5], "d": [1, 1], "e": [2, 2]}, {"b", "c", "d", "e"}),
    ],
)
def test_the_rule_of_agreement(ratings, agreed):
    assert set(gold.agreed_values(ratings)) == agreed


@ON_ONE
def test_ratings_after_the_result_was_seen_do_not_count(hall):
    one, two, _ = hall.trainers
    id = hall.consented("a")
    assert not hall.rated(id, two, 80, 60, 40)
    assert not hall.rated(id, one, 80, 60, 40), "who proposed it"


def test_it_ends_with_its_owners_consent_and_with_its_recording(hall):
    first, second = hall.agreed("a"), hall.agreed("b")
    for id in (first, second):
        feedback.rate(hall.records, hall.trainers[1], id, "pace", 0)
    with pytest.raises(LiyiError) as caught:
        gold.end_gold(hall.records, hall.trainers[0], first)
    assert caught.value.sentence == not_there().sentence, "who proposed it does not end it"
    gold.end_gold(hall.records, hall.trainee, first)
    assert {row.recording_id for entity in (GoldClip, GoldValue, GoldRating) for row in hall.rows(entity)} == {second}
    deletion.delete_recording(hall.records, hall.trainee, second)
    assert [hall.rows(entity) for entity in (GoldClip, GoldValue, GoldRating)] == [[], [], []]


@ON_ONE
def test_ten_are_mixed_in_unseen_one_in_fifteen_and_one_a_week(hall, monkeypatch):
    _, two, _ = hall.trainers
    clips = {hall.agreed(f"clip {k}") for k in range(gold_mixing.FEWEST)}
    new = [hall.submitted(f"new {k}") for k in range(3)]

    def mixed():
        return {each.recording_id for each in queue.queue(hall.records, two) if each.blind}

    with hall.records.writing() as session:
        session.execute(
            update(Recording).where(Recording.id.in_(clips)).values(submitted_at=now() - timedelta(days=99))
        )
    monkeypatch.setattr(gold_mixing, "ONE_IN", 21)
    assert mixed() == set(), "twenty others first"
    for id in new:
        feedback.rate(hall.records, two, id, "pace", 50)
    monkeypatch.setattr(gold_mixing, "ONE_IN", 14)  # ten clips and three new ones were looked at
    assert len(mixed()) == 1
    [id] = mixed()
    assert id in clips
    [shown] = [each for each in queue.queue(hall.records, two) if each.recording_id == id]
    assert (shown.progress, shown.by, shown.why, shown.total) == ("submitted", (), (), None)
    assert next(each.recording_id for each in queue.queue(hall.records, two)) == id, "not at the end of a long list"
    last_days = queue.queue(hall.records, two, since=now() - timedelta(days=7))
    assert id in {each.recording_id for each in last_days}, "or one would find out how old it is"
    assert mixed() == {id}, "it stays the same"
    assert feedback.blind_due(hall.records, two, id)
    hall.rated(id, two, 95, 55, 45)
    assert mixed() == set()
    monkeypatch.setattr(gold_mixing, "ONE_IN", 1)
    assert mixed() == set(), "one a week"
    with hall.records.writing() as session:
        session.execute(update(GoldRating).values(created_at=now() - timedelta(days=8)))
    assert mixed() != {id}, "not the one rated lately"
    assert len(mixed()) == 1
    assert not any(each.blind for each in queue.queue(hall.records, hall.trainers[0])), "who proposed all of them"
    gold.end_gold(hall.records, hall.trainee, id)
    assert mixed() == set(), "nine are too few"


@ON_ONE
def test_a_gold_clip_in_the_queue_is_like_any_other_blind_rating(hall, monkeypatch):
    """Name, date, state and place: nothing tells the clip of last year from what came today."""
    _, two, _ = hall.trainers
    clip = hall.agreed("old.mp4")
    confirmations.send_review(hall.records, hall.trainers[0], clip)
    with hall.records.writing() as session:
        session.execute(update(Recording).values(submitted_at=now() - timedelta(days=300)))
    new = [hall.submitted(f"new {k}.mp4") for k in range(4)]
    monkeypatch.setattr(blind, "wants_rating", lambda *_: True)
    for module in (blind, gold_mixing):
        monkeypatch.setattr(module, "mixed_in", lambda unit: {clip})
    shown = {each.recording_id: replace(each, recording_id=None, place=(*each.place[:2], 0)) for each in
             queue.queue(hall.records, two) if each.blind}  # fmt: skip
    assert set(shown) == {clip, *new}
    same = {"assessment_id": None, "pack_sha256": ""}
    assert {replace(each, **same) for each in shown.values()} == {replace(shown[clip], **same)}
    [first] = {(each.person, each.name, each.submitted_at) for each in shown.values()}
    assert first == (None, None, None)
    places = []
    for k in range(6):
        monkeypatch.setattr(queue, "lot", lambda id, _, k=k: blind.lot(id, UUID(int=k)))
        places.append([each.recording_id for each in queue.queue(hall.records, two)].index(clip))
    assert len(set(places)) > 1, "it stands at no certain place"


@ON_ONE
def test_everybody_sees_their_own_drift_alone_and_only_when_the_month_is_over(hall):
    _, two, three = hall.trainers
    clips = [hall.agreed(f"clip {k}") for k in range(4)]
    for id in clips[:3]:
        hall.rated(id, two, 95, 45, 40)

    def drift(who=two):
        return gold_drift.gold_drift(hall.records, who)

    def rated_at(at, *ids):
        with hall.records.writing() as session:
            session.execute(update(GoldRating).where(GoldRating.recording_id.in_(ids)).values(created_at=at))

    assert drift().stretches == (), "a point right after a rating would tell that it was of a gold clip"
    october, november = datetime(2026, 10, 3, tzinfo=UTC), datetime(2026, 11, 9, tzinfo=UTC)
    rated_at(october, *clips[:2])
    rated_at(november, clips[2])
    with freeze(november):
        assert drift() == gold_drift.Drift((), {}), "two clips are too few, and this month is not over"
    with freeze(november + timedelta(days=30)):
        [only] = drift().stretches
        assert (only.difference, only.low, only.high, only.clips) == (0, -3, 3, 3)  # +10, -10, 0; ±10/3
        assert (only.since.month, only.until.month) == (10, 12)
        assert drift().criteria["pace"] == (-10, 3)
        for who in (three, hall.admin, hall.trainee, hall.stranger):
            assert drift(who).stretches == ()
        hall.rated(clips[3], two, 0, 0, 0)
        rated_at(november + timedelta(days=29), clips[3])
        assert [each.difference for each in drift().stretches] == [0]


@contextmanager
def freeze(at):
    with patch.object(gold_drift, "now", lambda: at):
        yield


@pytest.fixture
def sample(hall):
    """The sample, really measured, as an agreed gold clip."""
    pack = load_pack("counter")
    row = recordings.keep_recording(
        hall.records, hall.trainee, io.BytesIO(b"s"), name="s", kind=Kind.upload, duration_s=20
    )
    found = assess(load_performance(SAMPLE), pack, profile="seated", signals=measured(SAMPLE, pack).signals,
                   liyi_version="0", created_at="2026-05-05T08:00:00Z", elapsed_s=1.0)  # fmt: skip
    found = found.model_copy(update={"recording": found.recording.model_copy(update={"sha256": row.sha256})})
    told = hall.records.folder / "told.json"

    def file(assessment):
        told.write_text(assessment.model_dump_json(), encoding="utf-8")
        files = {"assessment.json": told, "measures.parquet": SAMPLE}
        assessments.file_assessment(hall.records, hall.trainee, row.id, assessment, files)
        told.unlink()

    return row.id, found, file


def make_gold(hall: Hall, id) -> None:
    submission.submit_recording(hall.records, hall.trainee, id)
    gold.propose_gold(hall.records, hall.trainers[0], id)
    gold.answer_gold(hall.records, hall.trainee, id, consented=True)
    for who in hall.trainers[1:]:
        hall.rated(id, who, 80, 60, 40)


def at_terminal(hall: Hall, monkeypatch) -> tuple[int, str]:
    """Exit code and words of the command."""
    monkeypatch.setenv("LIYI_DATA", str(hall.records.folder))
    done = CliRunner().invoke(app, ["records", "gold-check", "--as", "admin", "--lang", "en"])
    return done.exit_code, done.output


@ON_ONE
def test_the_version_that_judged_moves_nothing(hall, sample, monkeypatch):
    id, found, file = sample
    file(found)
    make_gold(hall, id)
    who = hall.trainers[0]
    assert "has changed since" in gold_drift.gold_notices(hall.records, who)[0].sentence
    checked = gold_check.check_gold(hall.records, hall.admin)
    assert (checked.clips, checked.moved, checked.measured) == (1, (), False)
    assert checked.shifts["total"].change == 0
    assert gold_drift.gold_notices(hall.records, who) == []
    assert [each.moved for each in gold_drift.gold_checks(hall.records, who)] == [()]
    with hall.records.writing() as session:
        session.execute(update(GoldCheck).values(liyi_version="before"))
    assert "has changed since" in gold_drift.gold_notices(hall.records, who)[0].sentence
    about = [each.notice.sentence for each in care.care(hall.records, hall.admin)]
    assert any("has changed since the gold clips" in each for each in about)
    code, told = at_terminal(hall, monkeypatch)
    assert (code, "Nothing moved by more than its error." in told) == (0, True)
    assert "Judged from stored measures" in told


@ON_ONE
def test_a_version_that_moves_a_clip_beyond_its_error_is_told(hall, sample, monkeypatch):
    id, found, file = sample
    was = next(each for each in found.verdicts if each.criterion == "pace")
    within = was.model_copy(update={"value": was.value + 0.9 * was.error, "sub_score": was.sub_score})
    beyond = was.model_copy(update={"value": was.value + 1.1 * was.error})

    def with_pace(verdict):
        return found.model_copy(
            update={"verdicts": tuple(verdict if each.criterion == "pace" else each for each in found.verdicts)}
        )

    assert not any(each.moved for each in gold_check.moves(with_pace(within), found))
    assert [each.criterion for each in gold_check.moves(with_pace(beyond), found) if each.moved] == ["pace"]
    gone = found.model_copy(update={"verdicts": tuple(v for v in found.verdicts if v.criterion != "pace")})
    assert [each.criterion for each in gold_check.moves(gone, found) if each.moved] == ["pace"]
    assert found.total is not None
    lower = found.model_copy(update={"total": found.total + found.total_error + 1})
    assert [each.criterion for each in gold_check.moves(lower, found) if each.moved] == ["total"]
    file(with_pace(beyond))
    make_gold(hall, id)
    assert gold_check.check_gold(hall.records, hall.admin).moved == ("pace",)
    assert [(row.criterion, row.moved) for row in hall.rows(GoldMove) if row.moved] == [("pace", True)]
    [notice] = gold_drift.gold_notices(hall.records, hall.trainers[0])
    assert notice.fields == {"criteria": 1}
    code, told = at_terminal(hall, monkeypatch)
    assert (code, "pace: moved on 1 clips" in told) == (1, True)
    deletion.delete_recording(hall.records, hall.trainee, id)
    assert hall.rows(GoldMove) == []


def test_what_was_rated_as_gold_is_rated(hall):
    """So that it is not asked for a second time as an ordinary blind rating."""
    id = hall.agreed("a")
    with hall.records.writing() as session:
        session.execute(update(GoldRating).values(score=1))
    assert blind.ONE_IN == 10
    fourth = hall.trainers[0]
    feedback.rate(hall.records, fourth, id, "pace", 50)
    assert not feedback.blind_due(hall.records, fourth, id)
    assert {row.rater_id for row in hall.rows(GoldRating)} == {fourth.person_id}
