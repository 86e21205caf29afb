"""Appeals: by the owner of what was submitted, once a finding, in time; answered by who judges; both stay."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, inspect, select, update

from liyi.core.errors import LiyiError
from liyi.records import schema
from liyi.records.appeal_tables import AppealRow, SeenRow
from liyi.records.backup import backup
from liyi.records.engine import open_records
from liyi.records.operations import (
    access,
    appeals,
    audience,
    confirmations,
    deletion,
    feedback,
    overturned,
    people,
    remarks,
    standing,
    submission,
)
from liyi.records.operations.personal_copy import personal_copy
from liyi.records.restore import restore
from liyi.records.review_schema import Confirmation, Decision
from liyi.records.schema import Assessment, Person, Recording, now
from liyi.records.unit_of_work import not_there
from liyi.records.viewer import Viewer
from tests.records.rehearsal import IN_ONE, ON_ONE


def test_an_appeal_is_answered_once_and_both_stay(stage):
    store, world = stage
    owner, trainer, evaluator = (world.viewers[who] for who in ("owner", "trainer", "evaluator"))
    [made] = appeals.appeals(store, trainer, open_only=True)
    assert (made.id, made.author, made.sentence, made.open) == (world.appeal, "owner", "I spoke slowly", True)
    answered = appeals.answer_appeal(store, evaluator, made.id, upheld=False, sentence="280 a minute, heard again")
    assert (answered.upheld, answered.answered_by, answered.answer) == (False, "evaluator", "280 a minute, heard again")
    for who in (trainer, evaluator):
        with pytest.raises(LiyiError, match="has answered this appeal meanwhile"):
            appeals.answer_appeal(store, who, made.id, upheld=True, sentence="right")
    assert [each.id for each in appeals.appeals(store, owner, open_only=True)] == [world.secret_appeal]
    assert appeals.appeals(store, owner, recording_id=world.recording) == [answered]
    with pytest.raises(LiyiError, match="stays in the report"):
        appeals.take_back_appeal(store, owner, made.id)


@ON_ONE
def test_of_one_finding_there_is_one_appeal(stage):
    store, world = stage
    owner = world.viewers["owner"]
    with pytest.raises(LiyiError, match="appealed this finding already"):
        appeals.appeal(store, owner, world.assessment, "pace", "again")
    first = appeals.appeal(store, owner, world.assessment, "pace", "not here", start_s=3.0, end_s=5.0)
    with pytest.raises(LiyiError, match="appealed this finding already"):
        appeals.appeal(store, owner, world.assessment, "pace", "again", start_s=3.0004, end_s=5.0)
    appeals.appeal(store, owner, world.assessment, "pace", "nor here", start_s=7.0, end_s=9.0)
    appeals.take_back_appeal(store, owner, first.id)
    appeals.appeal(store, owner, world.assessment, "pace", "in better words", start_s=3.0, end_s=5.0)
    appeals.answer_appeal(store, world.viewers["evaluator"], world.appeal, upheld=False, sentence="no")
    with pytest.raises(LiyiError, match="was answered on"):
        appeals.appeal(store, owner, world.assessment, "pace", "once more")


@ON_ONE
def test_the_last_moment_may_end_with_its_last_sample_and_half_a_moment_is_none(stage):
    store, world = stage
    owner = world.viewers["owner"]
    with store.writing() as session:
        session.get(Recording, world.recording).duration_s = 20.0
    last = appeals.appeal(store, owner, world.assessment, "pace", "not there", start_s=18.0, end_s=20.04)
    assert (last.start_s, last.end_s) == (18.0, 20.04)
    with pytest.raises(LiyiError, match="a start and an end"):
        appeals.appeal(store, owner, world.assessment, "pace", "nor there", start_s=3.0)


def test_two_tabs_appeal_the_same_finding_once(inhabited):
    store, world = inhabited
    owner, together = world.viewers["owner"], Barrier(2)

    def send(sentence: str) -> str:
        together.wait(timeout=20)
        try:
            return appeals.appeal(store, owner, world.assessment, "shoulder_tilt", sentence).sentence
        except LiyiError as error:
            return error.sentence

    with ThreadPoolExecutor(2) as tabs:
        said = sorted(tabs.map(send, ["one", "two"]), key=len)
    assert said[0] in ("one", "two")
    assert said[1].startswith("You have appealed this finding already")
    assert len(appeals.appeals(store, owner)) == 2, "the one that was there, and one of these"


@ON_ONE
def test_nobody_appeals_without_end(stage, monkeypatch):
    store, world = stage
    owner = world.viewers["owner"]
    there = [each for each in appeals.appeals(store, owner) if each.assessment_id == world.assessment]
    monkeypatch.setattr(appeals, "MOST_APPEALS", len(there) + 1)
    appeals.appeal(store, owner, world.assessment, "pace", "not here", start_s=3.0, end_s=5.0)
    with pytest.raises(LiyiError, match="appeals on this recording already"):
        appeals.appeal(store, owner, world.assessment, "pace", "nor here", start_s=6.0, end_s=7.0)


@ON_ONE
def test_what_cannot_be_appealed(stage, monkeypatch):
    store, world = stage
    owner = world.viewers["owner"]
    with pytest.raises(LiyiError, match="secret is private"):
        appeals.appeal(store, owner, world.secret_assessment, "shoulder_tilt", "no")
    for criterion in ("no_such_criterion", "facing"):
        with pytest.raises(LiyiError) as refused:
            appeals.appeal(store, owner, world.assessment, criterion, "no")
        assert refused.value.sentence == not_there().sentence
    for start_s, end_s in ((5.0, 3.0), (-1.0, 2.0), (1.0, 61.5)):  # of a minute, and its last sample
        with pytest.raises(LiyiError, match="between"):
            appeals.appeal(store, owner, world.assessment, "shoulder_tilt", "no", start_s=start_s, end_s=end_s)
    with pytest.raises(LiyiError, match="cannot be stored"):
        appeals.appeal(store, owner, world.assessment, "shoulder_tilt", " ")
    in_time = now() + timedelta(days=appeals.APPEAL_DAYS - 1)
    monkeypatch.setattr(appeals, "now", lambda: in_time + timedelta(days=2))
    with pytest.raises(LiyiError, match="possible for 60 days"):
        appeals.appeal(store, owner, world.assessment, "shoulder_tilt", "too late")
    monkeypatch.setattr(appeals, "now", lambda: in_time)
    assert appeals.appeal(store, owner, world.assessment, "shoulder_tilt", "in time").open


@ON_ONE
def test_what_is_withdrawn_takes_its_appeals_behind_the_wall(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    submission.submit_recording(store, owner, world.secret)
    made = appeals.appeal(store, owner, world.secret_assessment, "shoulder_tilt", "I sat level")
    assert made.id in {each.id for each in appeals.appeals(store, trainer)}
    submission.withdraw_recording(store, owner, world.secret)
    assert made.id not in {each.id for each in appeals.appeals(store, trainer)}
    with pytest.raises(LiyiError) as refused:
        appeals.answer_appeal(store, trainer, made.id, upheld=True, sentence="x")
    assert refused.value.sentence == not_there().sentence
    submission.submit_recording(store, owner, world.secret)
    appeals.answer_appeal(store, trainer, made.id, upheld=True, sentence="x")
    with pytest.raises(LiyiError, match="was opened by somebody else"):
        submission.withdraw_recording(store, owner, world.secret)


@ON_ONE
def test_an_appeal_that_is_upheld_decides_the_finding_anew_and_its_owner_sees_it(stage):
    store, world = stage
    owner, trainer, evaluator = (world.viewers[who] for who in ("owner", "trainer", "evaluator"))
    with pytest.raises(LiyiError, match="somebody else answers the appeal: ") as refused:
        appeals.answer_appeal(store, trainer, world.appeal, upheld=True, sentence="I was right")
    assert refused.value.fields["names"] == "evaluator"
    with pytest.raises(LiyiError, match="it adds none"):
        appeals.answer_appeal(store, evaluator, world.appeal, upheld=True, sentence="x", decision=Decision.added)
    with pytest.raises(LiyiError, match="between"):
        appeals.answer_appeal(store, evaluator, world.appeal, upheld=True, sentence="x", decision="changed", new=2)
    before = [each.id for each in confirmations.confirmations(store, owner, world.assessment)]
    appeals.answer_appeal(
        store, evaluator, world.appeal, upheld=True, sentence="you are right", decision=Decision.changed, new=1.0
    )
    *rest, last = confirmations.confirmations(store, owner, world.assessment)
    assert [each.id for each in rest] == before, "what was decided before stays"
    assert (last.criterion, last.new, last.why, last.author_id) == ("pace", 1.0, "you are right", world.evaluator_id)
    with pytest.raises(LiyiError, match="sent already"):
        confirmations.take_back(store, evaluator, last.id)


@ON_ONE
def test_the_report_is_told_what_was_sent_with_names(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    for who in (owner, trainer):  # a draft is in nobody's report
        told = remarks.remarks(store, who, world.assessment)
        assert [(each.criterion, each.new, each.author) for each in told.decisions] == [("pace", 0.75, "trainer")]
        assert [(each.text, each.author) for each in told.comments] == [("Shoulders level", "trainer")]
        assert [each.author for each in told.appeals] == ["owner"]
        assert [name for name, _ in told.reviews] == ["trainer"]
    confirmations.send_review(store, trainer, world.recording)
    assert len(remarks.remarks(store, owner, world.assessment).decisions) == 2
    assert remarks.remarks(store, owner, world.later).appeals == ()


@ON_ONE
def test_who_decided_answers_where_nobody_else_judges(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    made = appeals.appeal(store, owner, world.assessment, "shoulder_tilt", "not here", start_s=3.0, end_s=5.0)
    moment = {"start_s": 8.0, "end_s": 9.0}
    confirmations.confirm(store, trainer, world.assessment, "shoulder_tilt", decision=Decision.confirmed, **moment)
    confirmations.send_review(store, trainer, world.recording)
    appeals.answer_appeal(store, trainer, made.id, upheld=True, sentence="another moment than I decided on")
    [other] = [each for each in appeals.appeals(store, trainer, open_only=True) if each.id == world.appeal]
    access.unassign(store, trainer, world.assignment)
    assert not appeals.answer_appeal(store, trainer, other.id, upheld=False, sentence="nobody else is here").upheld


@ON_ONE
def test_overturned_by_criterion(stage):
    store, world = stage
    trainer, evaluator, admin = (world.viewers[who] for who in ("trainer", "evaluator", "admin"))
    [pace] = overturned.overturned(store, trainer)
    assert (pace.criterion, pace.changed, pace.confirmed, pace.appeals, pace.upheld, pace.people) == (
        "pace", 1, 0, 1, 0, 1)  # fmt: skip
    assert (pace.judged, pace.share) == (1, 1.0)
    appeals.answer_appeal(store, evaluator, world.appeal, upheld=True, sentence="x", decision=Decision.confirmed)
    [pace] = overturned.overturned(store, trainer)
    assert (pace.changed, pace.confirmed, pace.upheld) == (0, 1, 1), "of one finding the last decision counts"
    assert overturned.overturned(store, trainer, pack_id="other") == []
    assert overturned.overturned(store, trainer, since=now() + timedelta(hours=1)) == []
    told = []
    for nth in range(5):
        told.append([row.people for row in overturned.overturned(store, admin)])
        person = people.add_person(store, admin, name=f"p{nth}")
        with store.writing() as session:
            kept = Recording(person_id=person.id, name="x", kind="upload", state="open", submitted_at=now())
            session.add(kept)
            session.flush()
            old = session.get(Assessment, world.assessment)
            found = Assessment(**{**columns(old), "id": None, "recording_id": kept.id, "person_id": person.id})
            session.add(found)
            session.flush()
            session.add(AppealRow(recording_id=kept.id, assessment_id=found.id, criterion="pace", author_id=person.id,
                                  sentence="no"))  # fmt: skip
    assert told == [[], [], [], [], [5]], "of fewer than five people nothing is told"
    assert [(row.criterion, row.people, row.appeals) for row in overturned.overturned(store, admin)] == [("pace", 6, 6)]
    assert [row.people for row in overturned.overturned(store, trainer)] == [1]


@ON_ONE
def test_no_two_days_tell_what_a_single_person_decided_or_appealed(stage):
    """Months are joined until they are of five people; any two sums differ by whole such stretches."""
    store, world = stage
    admin = world.viewers["admin"]
    months = [datetime(2026, month, 9, 12, tzinfo=UTC) for month in (1, 1, 1, 2, 3, 4, 4, 5, 5, 5, 5, 6, 6)]
    with store.writing() as session:
        session.execute(delete(AppealRow))
        session.execute(delete(Confirmation))
        old = session.get(Assessment, world.assessment)
        for nth, at in enumerate(months):
            person = Person(organisation_id=admin.organisation_id, name=f"p{nth}")
            session.add(person)
            session.flush()
            kept = Recording(person_id=person.id, name="x", kind="upload", state="open", submitted_at=at)
            session.add(kept)
            session.flush()
            found = Assessment(**{**columns(old), "id": None, "recording_id": kept.id, "person_id": person.id})
            session.add(found)
            session.flush()
            session.add(AppealRow(recording_id=kept.id, assessment_id=found.id, criterion="pace", author_id=person.id,
                                  sentence="no", created_at=at))  # fmt: skip
    told = {}
    for month in range(1, 9):
        for day in (1, 10, 28):
            for row in overturned.overturned(store, admin, since=datetime(2026, month, day, tzinfo=UTC)):
                told[row.since] = row.people
    april = datetime(2026, 4, 1, tzinfo=UTC)
    assert told == {None: 13, april: 8}, "five until March; what is left after May is of two people alone"


def columns(row) -> dict:
    return {each.key: getattr(row, each.key) for each in inspect(type(row)).column_attrs}


@IN_ONE
def test_appeals_go_with_their_recording_and_with_a_backup(inhabited, tmp_path):
    store, world = inhabited
    owner, evaluator = world.viewers["owner"], world.viewers["evaluator"]
    appeals.answer_appeal(store, evaluator, world.appeal, upheld=True, sentence="heard again: you are right")
    standing.note_read(store, owner, world.recording)
    [first, *_] = personal_copy(store, owner, tmp_path / "copy.zip").recordings
    [said] = first["appeals"]
    assert (said["sentence"], said["upheld"], said["answered_by"]) == ("I spoke slowly", True, "evaluator")
    backup(store, tmp_path / "backup.zip")
    other = open_records(tmp_path / "other")
    restore(other, tmp_path / "backup.zip")
    assert appeals.appeals(other, owner) == appeals.appeals(store, owner)
    deletion.delete_recording(other, owner, world.recording)
    with other.reading() as session:
        assert session.scalars(select(AppealRow)).all() == session.scalars(select(SeenRow)).all() == []
    other.close()


# Who sees it


@ON_ONE
def test_the_owner_is_told_who_will_see_it(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    told = audience.audience(store, owner, world.recording)
    found = [(each.name, each.how) for each in told.readers]
    assert found == [("trainer", "trainer"), ("evaluator", "evaluator"), ("granted_admin", "granted")]
    assert told.cohorts == ("Spring",)
    # of the private one others were assigned and granted something, which holds again once it is submitted
    unsaid = audience.audience(store, owner, world.secret)
    granted = {"Admin", "granted_admin", "peer"}
    assert {each.name for each in unsaid.readers} == {"trainer", "evaluator"} | granted
    access.assign(store, trainer, world.idle_evaluator_id, cohort_id=world.cohort)
    names = {each.name for each in audience.audience(store, owner, world.recording).readers}
    assert "idle_evaluator" in names
    assert not names & {"dismissed_trainer", "gone_trainer", "other_trainer", "expired_admin", "owner"}


@ON_ONE
def test_who_is_named_is_who_sees_it(stage):
    """What the owner is told and what the rules of access do are the same."""
    store, world = stage
    told = {each.person_id for each in audience.audience(store, world.viewers["owner"], world.recording).readers}
    seeing = set()
    for name, who in world.viewers.items():
        if name in ("owner", "impostor", "nobody"):
            continue
        try:
            feedback.comments(store, who, world.recording)
            seeing |= {who.person_id} if feedback.comments(store, who, world.recording) else set()
        except LiyiError:
            continue
    assert told == seeing


# What is new


@ON_ONE
def test_what_others_said_is_unread_until_it_was_read(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    found = standing.standings(store, owner)
    assert set(found) == {world.recording}, "of what is private nobody says anything"
    assert (found[world.recording].unread, found[world.recording].open_appeals) == (True, 1)
    assert standing.note_read(store, owner, world.recording)
    assert not standing.standings(store, owner)[world.recording].unread
    assert not standing.note_read(store, owner, world.recording), "no second line for what was read before"
    feedback.comment(store, owner, world.recording, "my own")
    assert not standing.standings(store, owner)[world.recording].unread
    appeals.answer_appeal(store, world.viewers["evaluator"], world.appeal, upheld=False, sentence="no")
    told = standing.standings(store, owner)[world.recording]
    assert (told.unread, told.open_appeals, told.answered) == (True, 0, 1)
    assert standing.standings(store, trainer) == {}
    lines = [line.action for line in people.audit_trail(store, world.viewers["admin"], size=500)]
    assert "read" not in lines, "when somebody reads their own report is theirs alone"


@ON_ONE
def test_somebody_who_has_left_answers_nothing(stage):
    store, world = stage
    gone = world.viewers["gone_trainer"]
    with pytest.raises(LiyiError):
        appeals.answer_appeal(store, Viewer(gone.person_id, gone.organisation_id), world.appeal, upheld=True,
                              sentence="x")  # fmt: skip
    with store.writing() as session:  # of what lies in the trash nobody is told
        session.execute(update(Recording).where(Recording.id == world.recording).values(deleted_at=schema.now()))
    assert appeals.appeals(store, world.viewers["owner"], recording_id=world.recording) == []
    assert standing.standings(store, world.viewers["owner"]) == {}
