"""What people decide on findings: kept beside them, in order, seen by its owner once it is sent."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import Uuid, bindparam, text

from liyi.core.errors import LiyiError
from liyi.records.engine import Records, make_engine, migrate
from liyi.records.operations import confirmations, feedback
from liyi.records.review_schema import Confirmation, Decision, Review
from liyi.records.schema import Utc, now
from liyi.records.unit_of_work import not_there
from tests.records.rehearsal import ON_ONE


def told(rows) -> list[tuple]:
    return [(row.criterion, str(row.decision), row.start_s, row.end_s, row.new, row.why) for row in rows]


@ON_ONE
def test_they_follow_one_another_and_the_owner_sees_them_once_they_are_sent(stage):
    store, world = stage
    trainer, owner, evaluator = (world.viewers[who] for who in ("trainer", "owner", "evaluator"))
    confirmations.confirm(
        store, trainer, world.assessment, "pace", decision=Decision.rejected, start_s=3, end_s=4.5, why="door"
    )
    sent = ("pace", "changed", None, None, 0.75, "noise in the hall")
    draft = ("pace", "confirmed", None, None, None, "")
    new = ("pace", "rejected", 3.0, 4.5, None, "door")
    assert told(confirmations.confirmations(store, trainer, world.assessment)) == [sent, draft, new]
    assert told(confirmations.confirmations(store, evaluator, world.assessment)) == [sent, draft, new]
    for who in (owner, world.viewers["granted_admin"]):
        assert told(confirmations.confirmations(store, who, world.assessment)) == [sent]
    confirmations.send_review(store, evaluator, world.recording)
    assert told(confirmations.confirmations(store, owner, world.assessment)) == [sent], "another one's is not sent"
    confirmations.send_review(store, trainer, world.recording)
    assert told(confirmations.confirmations(store, owner, world.assessment)) == [sent, draft, new]
    authors = [row.author_id for row in confirmations.reviews(store, owner, world.recording)]
    assert authors == [world.trainer_id, world.evaluator_id, world.trainer_id]


@ON_ONE
def test_what_was_sent_is_not_taken_back(stage):
    store, world = stage
    trainer = world.viewers["trainer"]
    sent = confirmations.confirmations(store, trainer, world.assessment)[0]
    with pytest.raises(LiyiError, match="sent already"):
        confirmations.take_back(store, trainer, sent.id)
    confirmations.take_back(store, trainer, world.confirmation)
    assert len(confirmations.confirmations(store, trainer, world.assessment)) == 1
    with pytest.raises(LiyiError) as caught:
        confirmations.take_back(store, trainer, world.confirmation)
    assert caught.value.sentence == not_there().sentence


@ON_ONE
@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"decision": Decision.rejected}, "1 to"),
        ({"decision": Decision.changed, "new": 0.5, "why": " "}, "1 to"),
        ({"decision": Decision.added, "why": "seen"}, "has its moment"),
        ({"decision": Decision.confirmed, "new": 0.5}, "Only a changed"),
        ({"decision": Decision.confirmed, "start_s": 3.0}, "a start and an end"),
        ({"decision": Decision.confirmed, "start_s": 3.0, "end_s": 2.0}, "between 3"),
        ({"decision": Decision.confirmed, "start_s": 3.0, "end_s": 70.0}, "between"),
        ({"decision": Decision.changed, "new": 1.5, "why": "x"}, "between"),
        ({"decision": "settled"}, "one of these"),
    ],
)
def test_what_says_too_little_or_too_much_is_refused(stage, given, sentence):
    store, world = stage
    with pytest.raises(LiyiError, match=sentence):
        confirmations.confirm(store, world.viewers["trainer"], world.assessment, "pace", **given)
    with pytest.raises(LiyiError, match="nothing like this"):
        confirmations.confirm(store, world.viewers["trainer"], world.assessment, "none", decision=Decision.confirmed)
    assert store.written == []


@ON_ONE
def test_nobody_decides_without_end(stage, monkeypatch):
    store, world = stage
    trainer = world.viewers["trainer"]
    mine = [
        row
        for row in confirmations.confirmations(store, trainer, world.assessment)
        if row.author_id == trainer.person_id
    ]
    monkeypatch.setattr(confirmations, "MOST_DECISIONS", len(mine) + 1)
    confirmations.confirm(store, trainer, world.assessment, "pace", decision=Decision.confirmed)
    with pytest.raises(LiyiError, match="take back some"):
        confirmations.confirm(store, trainer, world.assessment, "pace", decision=Decision.confirmed)


@ON_ONE
def test_a_stock_of_phrases_is_ones_own(stage):
    store, world = stage
    trainer, evaluator = world.viewers["trainer"], world.viewers["evaluator"]
    first = feedback.add_canned_phrase(store, trainer, " 放慢一点 ", criterion="pace")
    assert feedback.add_canned_phrase(store, trainer, "放慢一点", criterion="pace").id == first.id
    assert [(row.text, row.criterion) for row in feedback.canned_phrases(store, trainer)] == [
        ("双肩放平", None), ("放慢一点", "pace")
    ]  # fmt: skip
    assert feedback.canned_phrases(store, evaluator) == []
    feedback.remove_canned_phrase(store, trainer, first.id)
    assert [row.text for row in feedback.canned_phrases(store, trainer)] == ["双肩放平"]


def test_overrides_become_confirmations_that_were_sent(empty_url, tmp_path):
    records = Records(make_engine(empty_url), tmp_path)
    migrate(records, "0006")
    ids = {name: uuid4() for name in ("organisation", "owner", "trainer", "recording", "assessment", "first", "second")}
    at = {"at": now()}
    rows = [
        "INSERT INTO organisation (id, name, created_at) VALUES (:organisation, '大厅', :at)",
        "INSERT INTO person (id, organisation_id, name, created_at) VALUES (:owner, :organisation, '王', :at)",
        "INSERT INTO person (id, organisation_id, name, created_at) VALUES (:trainer, :organisation, '李', :at)",
        "INSERT INTO recording (id, person_id, name, kind, state, created_at, submitted_at)"
        " VALUES (:recording, :owner, 'a', 'upload', 'open', :at, :at)",
        "INSERT INTO assessment (id, recording_id, person_id, key, pack_id, pack_version, pack_sha256, profile, models,"
        " options, liyi_version, status, created_at) VALUES (:assessment, :recording, :owner, 'k', 'counter', '1', 's',"
        " 'seated', '[]', '{}', '0', 'done', :at)",
        "INSERT INTO verdict (assessment_id, criterion, dimension, status, unit, charged)"
        " VALUES (:assessment, 'pace', 'voice', 'needs_review', '', 0)",
        "INSERT INTO override VALUES (:first, :assessment, 'pace', :trainer, 0.5, NULL, '听不清', :at)",
        "INSERT INTO override VALUES (:second, :assessment, 'pace', :trainer, NULL, 0.9, '再听', :at)",
    ]
    with records.writing() as session:
        for row in rows:
            named = [name for name in ids if f":{name}" in row]
            typed = text(row).bindparams(
                *(bindparam(name, type_=Uuid()) for name in named),
                *([bindparam("at", type_=Utc())] if ":at" in row else []),
            )
            session.execute(typed, {**{name: ids[name] for name in named}, **(at if ":at" in row else {})})
    migrate(records)
    with records.reading() as session:
        kept = {row.id: row for row in session.query(Confirmation)}
        assert {(id, str(row.decision), row.new, row.why) for id, row in kept.items()} == {
            (ids["first"], "changed", None, "听不清"), (ids["second"], "changed", 0.9, "再听")
        }  # fmt: skip
        assert session.scalar(text("SELECT waits FROM verdict")) == "finding"
        [sent] = session.query(Review).all()
        assert (sent.author_id, sent.recording_id) == (ids["trainer"], ids["recording"])
        assert sent.created_at == max(row.created_at for row in kept.values())
    records.close()
