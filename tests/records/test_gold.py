"""Gold clips: asked of their owner, agreed on by rule, mixed into queues unseen, and held against what is installed."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path

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
    with pytest.raises(LiyiError, match="proposed as a gold clip before"):
        gold.propose_gold(hall.records, two, id)
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
    for who in (hall.trainers[0], hall.trainers[1]):
        with pytest.raises(LiyiError, match="owner's answer holds"):
            gold.propose_gold(hall.records, who, id)
    assert not hall.rated(id, hall.trainers[1], 80, 60, 40)
    assert not hall.rated(id, hall.trainers[2], 80, 60, 40)


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
    assert gold.gold_counts(hall.records, hall.admin) == gold.GoldCounts(asked=0, rated=0, agreed=1, ratings=1)


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
def test_everybody_sees_their_own_drift_alone(hall):
    _, two, three = hall.trainers
    id = hall.agreed("a")
    hall.rated(id, two, 95, 45, 40)
    [sitting] = gold_drift.gold_drift(hall.records, two).sittings
    assert (sitting.difference, sitting.criteria) == (0.0, 3)  # +10, -10, 0
    assert (sitting.low, sitting.high) == (pytest.approx(-10 / 3), pytest.approx(10 / 3))
    assert gold_drift.gold_drift(hall.records, two).criteria["pace"] == (-10.0, 1)
    for who in (three, hall.admin, hall.trainee, hall.stranger):
        assert gold_drift.gold_drift(hall.records, who).sittings == ()


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
