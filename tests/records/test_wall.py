"""The practice wall: what is not submitted is its owner's alone, in every table, answer, count and line."""

from __future__ import annotations

import inspect
import io
import json
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy import inspect as inspected

from liyi.core.errors import LiyiError
from liyi.records import case_rules, recording_rules, retention, rules, sign_in, vault, viewer
from liyi.records.access_tables import RecordingShare
from liyi.records.backup import backup
from liyi.records.engine import Records, make_engine, migrate, open_records
from liyi.records.operations import (
    access,
    assessments,
    confirmations,
    consent,
    deletion,
    feedback,
    people,
    queue,
    recordings,
    space,
    submission,
    tries,
)
from liyi.records.operations.accounts import Code
from liyi.records.operations.personal_copy import personal_copy
from liyi.records.operations.registry import OPERATIONS
from liyi.records.restore import restore
from liyi.records.review_schema import Decision
from liyi.records.rules import RULES, visible
from liyi.records.schema import Assessment, Base, Kind, Organisation, Person, Recording, Role, RoleGrant, TryRow, now
from liyi.records.store_tables import AuditLine
from liyi.records.viewer import Viewer
from tests.records.rehearsal import IN_ONE, ON_ONE, refused, rehearsing
from tests.records.test_hostile import ordinary
from tests.records.world import SECRET, TEXT_SHA256, World, judged, practise

NEAR = ("trainer", "evaluator", "peer", "admin", "granted_admin")  # all others: `test_matrix`


@pytest.fixture
def records(inhabited):
    return inhabited[0]


@pytest.fixture
def world(inhabited, tmp_path):
    store, there = inhabited
    there = World(there.viewers, dict(there.ids))  # the one of the session stays as it is
    practise(store, there, tmp_path)
    return there


def keep(store, viewer, name: str = "new", **named) -> Recording:
    content = io.BytesIO(name.encode())
    return recordings.keep_recording(store, viewer, content, name=name, kind=Kind.rehearsal, **named)


# Nobody is told


def shown(store, who: Viewer) -> dict[str, set]:
    """Keys of all rows that somebody sees, by table."""
    with store.reading() as session:
        return {
            entity.__tablename__: set(session.execute(select(*inspected(entity).primary_key).where(
                visible(who, entity))).all())
            for entity in RULES
        }  # fmt: skip


def forget_the_secret(store, world) -> None:
    """As if the owner had never practised privately, but for the trail, which nobody changes."""
    with store.writing() as session:
        for id in (world.secret, world.open_recording, world.discarded):
            session.delete(session.get(Recording, id))
        session.delete(session.get(TryRow, world.ids["try"]))


def test_no_rule_shows_what_is_not_submitted(stage):
    store, world = stage
    others = {name: who for name, who in world.viewers.items() if name not in ("owner", "impostor")}
    before = {name: shown(store, who) for name, who in {**others, "owner": world.viewers["owner"]}.items()}
    with store.reading() as session:
        secret = {world.secret, world.secret_assessment, world.secret_comment}
        told = set(session.scalars(select(AuditLine.id).where(AuditLine.entity_id.in_(secret))))
    assert len(told) == 3
    assert {(id,) for id in told} <= before["owner"]["audit_line"]
    forget_the_secret(store, world)
    changed = {table for table, rows in shown(store, world.viewers["owner"]).items() if rows != before["owner"][table]}
    own = {"recording", "assessment", "comment", "verdict", "confirmation", "review", "access_grant", "appeal",
           "recording_seen", "case_clip"}  # fmt: skip
    assert own <= changed
    for name, who in others.items():
        assert shown(store, who) == before[name], name
        assert not {(id,) for id in told} & before[name]["audit_line"], name


@ON_ONE
def test_without_the_wall_every_rule_would_show_it(stage, monkeypatch):
    """Else the tests of the wall would prove nothing."""
    store, world = stage
    for module in (viewer, rules, recording_rules, case_rules):
        monkeypatch.setattr(module, "submitted", lambda _: Recording.deleted_at.is_(None))
    before = {name: shown(store, world.viewers[name]) for name in NEAR}
    forget_the_secret(store, world)
    after = {name: shown(store, world.viewers[name]) for name in NEAR}
    differing = {table for name in NEAR for table in before[name] if before[name][table] != after[name][table]}
    assert differing == {
        "recording", "recording_share", "assessment", "assessment_file", "dimension_score", "verdict", "confirmation",
        "comment", "review", "rating", "assignment", "access_grant", "person", "appeal",
        "case_clip", "gold_clip", "gold_proposal", "gold_rating", "gold_value", "mark",
    }  # fmt: skip


def plain(answer, known: frozenset) -> object:
    """An answer as values that compare; what is new in it (ids, moments) looks alike."""
    if isinstance(answer, UUID):
        return answer if answer in known else "new"
    if isinstance(answer, Code):
        return "new"
    if isinstance(answer, float) and answer > now().timestamp() - 3600:
        return "new"
    if isinstance(answer, datetime):
        return "new" if now() - answer < timedelta(hours=1) else answer
    if isinstance(answer, Path):
        return answer.name
    if isinstance(answer, Base):
        loaded = [
            each.key for each in inspected(type(answer)).column_attrs if each.key not in inspected(answer).unloaded
        ]
        return {key: plain(getattr(answer, key), known) for key in loaded}
    if is_dataclass(answer):
        return {each.name: plain(getattr(answer, each.name), known) for each in fields(answer)
                if each.name not in ("_ids", "_digests")}  # fmt: skip
    if isinstance(answer, dict):
        return {key: plain(value, known) for key, value in answer.items()}
    if isinstance(answer, list | tuple | set):
        return [plain(each, known) for each in answer]
    return answer


def answers(store, world, name: str, who: str, known: frozenset, folder: Path) -> object:
    """What an operation answers to somebody, asked for everything that it takes."""
    work, given = OPERATIONS[name], {}
    for each in list(inspect.signature(work).parameters.values())[2:]:
        given[each.name] = ordinary(each.name, each.annotation, world)
    if "file" in given:
        given["file"] = folder / "copy.zip"
    if name in ("assign", "grant_access"):
        given["cohort_id"] = None
    try:
        answer = work(store, world.viewers[who], **given)
        if inspect.isgenerator(answer):
            answer = ZipFile(io.BytesIO(b"".join(answer))).namelist()
        return plain(answer, known)
    except LiyiError as error:
        return (error.sentence, error.fields)


@ON_ONE
@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_no_answer_differs_by_what_is_not_submitted(settled, name, tmp_path):
    """Every operation and whoever has to do with the owner: with the secret in the store, and without it."""
    store, world = settled
    with store.reading() as session:
        known = frozenset(
            value
            for table in Base.metadata.sorted_tables
            for row in session.execute(select(table))
            for value in row
            if isinstance(value, UUID)
        )
    told: list[dict[str, object]] = []
    for there in (True, False):
        found = {}
        for who in NEAR:
            with rehearsing(store) as trial:
                if not there:
                    forget_the_secret(trial, world)
                found[who] = answers(trial, world, name, who, known, tmp_path)
        told.append(found)
    assert told[0] == told[1]
    assert str(world.secret) not in str(told[0])


# Submitting and withdrawing


def test_what_is_submitted_is_seen_and_what_is_withdrawn_is_not(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    assert refused(recordings.recording, store, trainer, world.secret)
    row = submission.submit_recording(store, owner, world.secret)
    assert row.submitted_at is not None
    assert submission.submit_recording(store, owner, world.secret).submitted_at == row.submitted_at
    assert recordings.recording(store, trainer, world.secret).opened_at is None
    assert assessments.assessment(store, trainer, world.secret_assessment).total == 11.0
    assert submission.withdraw_recording(store, owner, world.secret).submitted_at is None
    assert submission.withdraw_recording(store, owner, world.secret).submitted_at is None
    assert refused(recordings.recording, store, trainer, world.secret)
    lines = [
        line.action for line in people.audit_trail(store, world.viewers["admin"]) if line.entity_id == world.secret
    ]
    assert sorted(lines) == ["submit", "withdraw"]


@pytest.mark.parametrize(
    "open_it",
    [
        lambda store, who, world: recordings.watch(store, who, world.secret),
        lambda store, who, world: assessments.assessment_file(store, who, world.secret_assessment, "report.html"),
        lambda store, who, world: assessments.verdicts(store, who, world.secret_assessment),
        lambda store, who, world: assessments.progress(store, who, world.owner_id),
        lambda store, who, world: feedback.comment(store, who, world.secret, "seen"),
        lambda store, who, world: confirmations.confirm(
            store, who, world.secret_assessment, "pace", decision=Decision.confirmed
        ),
        lambda store, who, world: confirmations.send_review(store, who, world.secret),
        lambda store, who, world: feedback.rate(store, who, world.secret, "shoulder_tilt", 50),
        lambda store, who, world: assessments.file_assessment(
            store, who, world.secret, judged(recordings.recording(store, who, world.secret).sha256), {}
        ),
    ],
)
def test_what_somebody_else_has_opened_is_not_withdrawn(stage, open_it):
    store, world = stage
    owner = world.viewers["owner"]
    submission.submit_recording(store, owner, world.secret)
    assessments.verdicts(store, owner, world.secret_assessment)
    recordings.watch(store, owner, world.secret)
    assert recordings.recording(store, owner, world.secret).opened_at is None, "its owner may look"
    open_it(store, world.viewers["trainer"], world)
    first = recordings.recording(store, owner, world.secret).opened_at
    assert first is not None
    open_it(store, world.viewers["trainer"], world)
    assert recordings.recording(store, owner, world.secret).opened_at == first
    with pytest.raises(LiyiError, match="secret was opened by somebody else on"):
        submission.withdraw_recording(store, owner, world.secret)
    opened = [line for line in people.audit_trail(store, world.viewers["admin"], size=500) if line.action == "open"]
    assert [line.entity_id for line in opened].count(world.secret) == 1


@ON_ONE
def test_only_its_owner_submits_and_only_what_is_kept_with_consent(stage):
    store, world = stage
    owner = world.viewers["owner"]
    assert refused(submission.submit_recording, store, owner, world.open_recording)
    assert refused(submission.submit_recording, store, owner, world.discarded)
    for who in ("trainer", "admin", "peer", "granted_admin"):
        assert refused(submission.submit_recording, store, world.viewers[who], world.secret)
    consent.withdraw_consent(store, owner)
    with pytest.raises(LiyiError, match="no consent"):
        submission.submit_recording(store, owner, world.secret)
    assert recordings.recording(store, owner, world.secret).submitted_at is None


def test_what_was_submitted_is_shown_to_nobody_from_the_moment_consent_is_withdrawn(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    before = {row.id for row in recordings.recordings(store, trainer) if row.person_id == owner.person_id}
    assert before
    consent.withdraw_consent(store, owner)
    assert not [row for row in recordings.recordings(store, trainer) if row.id in before]
    assert all(refused(recordings.watch, store, trainer, id) for id in before)
    assert not [each for each in queue.queue(store, trainer) if each.recording_id in before]
    assert before <= {row.id for row in recordings.recordings(store, owner)}
    consent.give_consent(store, owner, version="2", text_sha256="0" * 64)
    assert all(refused(recordings.watch, store, trainer, id) for id in before), "given again, it allows what is new"


@ON_ONE
def test_what_one_brings_in_for_oneself_is_private_and_what_somebody_else_brings_in_is_submitted(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    assert keep(store, owner).submitted_at is None
    given = keep(store, trainer, person_id=owner.person_id)
    assert given.submitted_at is not None
    with pytest.raises(LiyiError, match="opened by somebody else"):
        submission.withdraw_recording(store, owner, given.id)
    begun = recordings.open_recording(store, trainer, name="b", kind=Kind.batch, person_id=owner.person_id)
    closed = recordings.close_recording(store, trainer, begun.id, io.BytesIO(b"exam"), duration_s=3)
    assert closed.submitted_at is not None
    assert refused(recordings.close_recording, store, trainer, world.open_recording, io.BytesIO(b"x"), duration_s=3)


@ON_ONE
def test_what_is_private_is_shown_to_nobody_by_its_owner_either(stage):
    store, world = stage
    owner, later = world.viewers["owner"], now() + timedelta(days=1)
    with pytest.raises(LiyiError, match="is private: submit it"):
        recordings.share(store, owner, world.secret, world.evening_cohort)
    with pytest.raises(LiyiError, match="is private: submit it"):
        access.grant_access(store, owner, world.viewers["admin"].person_id, until=later, recording_id=world.secret)


@IN_ONE
def test_own_answers_are_dropped_at_submission_and_never_come_after_it(records, world, tmp_path):
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    (tmp_path / "answered.html").write_text("what the person said of it", encoding="utf-8")
    row = keep(records, owner)
    machine = judged(row.sha256)
    said = {"criterion": "pace", "start_s": 1.0, "end_s": 2.0, "said": "no"}
    own = machine.model_copy(update={"options": {**machine.options, "confirmed": [said]}})
    first = assessments.file_assessment(records, owner, row.id, machine, {})
    second = assessments.file_assessment(records, owner, row.id, own, {"report.html": tmp_path / "answered.html"})
    file = assessments.assessment_file(records, owner, second.id, "report.html")
    assert file.exists()
    submission.submit_recording(records, owner, row.id)
    assert [each.id for each in assessments.assessments(records, trainer, recording_id=row.id)] == [first.id]
    assert refused(assessments.assessment, records, owner, second.id)
    assert not file.exists()
    for who in (owner, trainer):
        with pytest.raises(LiyiError, match="for a trainer to answer"):
            assessments.file_assessment(records, who, row.id, own, {})
    with records.reading() as session:
        assert not [each for each in session.scalars(select(Assessment)) if "confirmed" in each.options]


# The trail


@ON_ONE
def test_administrators_cannot_count_what_somebody_practises(stage):
    """Whatever an owner does with what is private, and the machine with it, is in the owner's trail alone."""
    store, world = stage
    owner, admin = world.viewers["owner"], world.viewers["admin"]
    before = {line.id for line in people.audit_trail(store, admin, size=500)}
    mine = {line.id for line in people.audit_trail(store, owner, size=500)}
    row = keep(store, owner)
    begun = recordings.open_recording(store, owner, name="b", kind=Kind.rehearsal)
    recordings.close_recording(store, owner, begun.id, io.BytesIO(b"b"), duration_s=1)
    assessments.file_assessment(store, owner, row.id, judged(row.sha256), {})
    note = feedback.comment(store, owner, row.id, "to myself")
    feedback.remove_comment(store, owner, note.id)
    recordings.unshare(store, owner, world.secret, world.cohort)
    access.revoke_access(store, owner, world.secret_access_grant)
    tries.add(store, owner, drill="d", results=[], passed=True)
    tries.forget(store, owner)
    deletion.discard(store, owner, begun.id)
    deletion.take_back(store, owner, begun.id)
    deletion.delete_recording(store, owner, row.id)
    told = [line for line in people.audit_trail(store, owner, size=500) if line.id not in mine]
    assert len(told) == 14
    assert {line.id for line in people.audit_trail(store, admin, size=500)} == before
    deletion.discard_everything(store, owner)
    seen = [line for line in people.audit_trail(store, admin, size=500) if line.id not in before]
    assert {line.entity_id for line in seen} == {world.recording}, "what is submitted, and nothing else"


@ON_ONE
def test_what_others_do_stays_in_the_administrators_trail(stage):
    store, world = stage
    admin, owner = world.viewers["admin"], world.viewers["owner"]
    deletion.delete_recording(store, world.viewers["granted_admin"], world.secret)
    [line] = [line for line in people.audit_trail(store, admin, size=500) if line.entity_id == world.secret]
    assert (line.action, line.person_id) == ("delete", world.granted_admin_id)
    removal = deletion.delete_person(store, admin, owner.person_id)
    assert (removal.counted, removal.recordings, removal.tries, removal.files) == (False, 0, 0, 0)
    deleted = [line for line in people.audit_trail(store, admin, size=500) if line.person_id == admin.person_id]
    assert ("delete_person", owner.person_id) in {(line.action, line.entity_id) for line in deleted}
    of_recordings = {line.entity_id for line in deleted if line.action == "delete"}
    assert of_recordings == {world.recording}, "of what was private its owner alone is told"
    mine = {line.entity_id for line in people.audit_trail(store, owner, size=500) if line.action == "delete"}
    assert {world.discarded, world.open_recording, world.ids["try"]} <= mine


@IN_ONE
def test_a_deletion_does_not_tell_that_somebody_else_keeps_the_same(records, world):
    trainer = world.viewers["trainer"]
    consent.give_consent(records, trainer, version="1", text_sha256=TEXT_SHA256)
    guess = recordings.keep_recording(records, trainer, io.BytesIO(SECRET), name="guess", kind=Kind.upload)
    removal = deletion.delete_recording(records, trainer, guess.id)
    assert (removal.files, removal.size_bytes, removal.shared) == (1, len(SECRET), 0)
    assert recordings.watch(records, world.viewers["owner"], world.secret).read_bytes() == SECRET


# Days


def test_what_is_private_has_days_of_its_own(records, world):
    admin, owner = world.viewers["admin"], world.viewers["owner"]

    def gone(days: float) -> set:
        at = now() + timedelta(days=days)
        found = [*retention.due(records, at=at), *retention.tries_due(records, at=at)]
        return {row.id for row in found if row.why is retention.Why.expired}

    private = {world.secret, world.open_recording, world.ids["try"]}
    assert gone(181) == private | {world.recording}, "until days are said, those of the roles hold"
    people.set_private_retention(records, admin, days=90)
    assert gone(89) == set()
    assert gone(91) == private
    people.set_private_retention(records, admin, days=400)
    assert gone(399) == {world.recording}
    assert gone(401) == private | {world.recording}
    with records.writing() as session:  # submitted 100 days after it was made: its 180 days count from there
        session.get(Recording, world.secret).submitted_at = now() + timedelta(days=100)
    assert world.secret not in gone(279)
    assert world.secret in gone(281)
    with pytest.raises(LiyiError, match="between"):
        people.set_private_retention(records, admin, days=0)
    retention.purge(records, at=now() + timedelta(days=500), clock_is_right=True)
    seen = {line.entity_id for line in people.audit_trail(records, admin, size=500) if "purge" in line.action}
    of_batches = {world.ids["batch_file"], world.ids["trashed_batch"]}
    assert seen == {world.recording, world.secret} | of_batches, "of what was private nobody is told"
    mine = {line.entity_id for line in people.audit_trail(records, owner, size=500) if "purge" in line.action}
    assert mine == {world.open_recording, world.discarded, world.ids["try"]}


# Space


def hall(store, world, sizes: dict[str, list[int]]) -> dict[str, UUID]:
    """Departments with one recording of each size, each of another person; "" is no department."""
    ids: dict[str, UUID] = {}
    with store.writing() as session:
        for recording in session.scalars(select(Recording)):
            session.delete(recording)
    for name, each in sizes.items():
        if name:
            ids[name] = people.add_department(store, world.viewers["admin"], name=name).id
        for size in each:
            person = people.add_person(store, world.viewers["admin"], name="x", department_id=ids.get(name))
            with store.writing() as session:
                session.add(Recording(person_id=person.id, name="x", kind="rehearsal", state="open", size_bytes=size))
    return ids


@ON_ONE
@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"A": [1, 2, 3, 4, 5], "B": [10] * 5}, {"A": 15, "B": 50}),
        ({"A": [1] * 6, "B": [7]}, {"": 13}),  # else B is what A lacks to the whole
        ({"A": [1] * 9, "B": [10] * 5, "C": [7], "": [3]}, {"A": 9, "": 60}),
        ({"A": [1] * 5, "B": [2] * 3, "": [3] * 2}, {"A": 5, "": 12}),
        ({"A": [1], "B": [2], "": [3]}, {}),
        ({}, {}),
    ],
)
def test_space_is_told_of_whole_departments_of_several_people(stage, sizes, told):
    store, world = stage
    ids = hall(store, world, sizes)
    found = space.space_by_department(store, world.viewers["admin"])
    assert {each.name: each.size_bytes for each in found} == told
    if "A" in ids:  # who administers a department sees no other, and no rest
        part = people.add_person(store, world.viewers["admin"], name="p", account="p", department_id=ids["A"])
        people.grant_role(store, world.viewers["admin"], part.id, Role.admin, department_id=ids["A"])
        found = space.space_by_department(store, Viewer(part.id, part.organisation_id))
        assert [each.name for each in found] == (["A"] if "A" in told else [])


# The copy, the backup, the store of before


@IN_ONE
def test_the_personal_copy_names_the_state_of_each_recording(records, world, tmp_path):
    admin, owner = world.viewers["admin"], world.viewers["owner"]
    mine = personal_copy(records, owner, tmp_path / "copy.zip")
    assert [each["shown_to"] for each in mine.recordings] == ["reviewers", "owner", "owner"]
    with ZipFile(tmp_path / "copy.zip") as archive:
        first = json.loads(archive.read("recordings/0001/recording.json"))
        page = archive.read("index.html").decode()
    assert first["submitted_at"]
    assert first["opened_at"]
    assert page.count("Private: not submitted, nobody else sees it") == page.count("未提交：仅本人可见") == 2
    unseen = personal_copy(records, admin, tmp_path / "of_somebody.zip", person_id=owner.person_id)
    assert (unseen.person, unseen.recordings, unseen.files, unseen.tries) == ({"id": str(owner.person_id)}, (), {}, ())
    with ZipFile(tmp_path / "of_somebody.zip") as archive:
        assert len([name for name in archive.namelist() if name.endswith("recording.json")]) == 3


@IN_ONE
def test_a_backup_carries_the_wall(inhabited, world, tmp_path):
    store = inhabited[0]
    people.set_private_retention(store, world.viewers["admin"], days=90)
    backup(store, tmp_path / "backup.zip")
    other = open_records(tmp_path / "other")
    restore(other, tmp_path / "backup.zip")
    for who in ("trainer", "admin", "owner"):
        there, here = shown(other, world.viewers[who]), shown(store, world.viewers[who])
        new = there["audit_line"] - here["audit_line"]
        assert len(new) == (who == "admin"), "the line of the restoring"
        assert {**there, "audit_line": there["audit_line"] - new} == here
    assert people.organisation(other, world.viewers["admin"]).private_days == 90
    first = recordings.recording(other, world.viewers["owner"], world.recording)
    assert first.submitted_at == recordings.recording(store, world.viewers["owner"], world.recording).submitted_at
    assert first.opened_at is not None
    other.close()


def test_a_store_of_before_is_private_and_keeps_its_trail(empty_url, tmp_path):
    store = Records(make_engine(empty_url), tmp_path)
    migrate(store, "0005")
    names = ("hall", "owner", "admin", "trainer", "cohort", "kept", "given", "found", "gone", "exam", "one_try")
    ids = {name: UUID(int=k) for k, name in enumerate(names, 1)}
    with store.writing() as session:
        put = session.execute
        put(insert(Organisation), {"id": ids["hall"], "name": "Hall"})
        put(insert(Person), [{"id": ids[who], "organisation_id": ids["hall"], "name": who}
                             for who in ("owner", "admin", "trainer")])  # fmt: skip
        held = {"owner": "trainee", "admin": "admin", "trainer": "trainer"}
        put(insert(RoleGrant), [{"person_id": ids[who], "role": role, "organisation_id": ids["hall"]}
                                for who, role in held.items()])  # fmt: skip
        put(text("INSERT INTO cohort (id, organisation_id, name, created_at) "
                 "SELECT id, id, 'Spring', created_at FROM organisation"))  # fmt: skip
        put(text("INSERT INTO cohort_member (cohort_id, person_id, role) SELECT cohort.id, person.id, "
                 "CASE person.name WHEN 'owner' THEN 'trainee' ELSE 'trainer' END FROM cohort, person "
                 "WHERE person.name <> 'admin'"))  # fmt: skip
        put(insert(Recording), [
            {"id": ids[name], "person_id": ids["owner"], "sha256": "ab" * 32, "name": name, "kind": "upload",
             "state": "kept", "created_at": now()} for name in ("kept", "given")
        ])  # fmt: skip
        put(text("INSERT INTO recording_share (recording_id, cohort_id) SELECT recording.id, cohort.id "
                 "FROM recording, cohort"))  # fmt: skip
        lines = [
            ("owner", "keep_recording", "recording", "kept"), ("trainer", "keep_recording", "recording", "given"),
            ("owner", "file_assessment", "assessment", "found"), ("trainer", "watch", "recording", "kept"),
            ("owner", "keep_recording", "recording", "gone"), ("owner", "delete", "recording", "gone"),
            ("owner", "delete", "recording", "exam"), ("admin", "delete", "recording", "found"),
            ("owner", "try", "drill_try", "one_try"), ("admin", "delete_person", "person", "owner"),
            ("owner", "give_consent", "consent", "found"),
        ]  # fmt: skip
        line = AuditLine.__table__
        old = [column for column in line.columns if column.name not in ("seen_by", "about_id", "role")]
        marks = ", ".join(f":{column.name}" for column in old)
        statement = text(f"INSERT INTO audit_line ({', '.join(c.name for c in old)}) VALUES ({marks})")
        statement = statement.bindparams(*(bindparam(column.name, type_=column.type) for column in old))
        put(statement, [
            {"id": UUID(int=100 + k), "at": now(), "person_id": ids[who], "organisation_id": ids["hall"],
             "action": action, "entity": entity, "entity_id": ids[thing]}
            for k, (who, action, entity, thing) in enumerate(lines)
        ])  # fmt: skip
        before = session.execute(select(*old).order_by(line.c.id)).all()
    migrate(store)
    owner, admin, trainer = (Viewer(ids[who], ids["hall"]) for who in ("owner", "admin", "trainer"))
    with store.reading() as session:
        assert session.execute(select(*old).order_by(line.c.id)).all() == before
        assert set(session.scalars(select(Recording.submitted_at))) == {None}
        assert len(session.scalars(select(RecordingShare.recording_id)).all()) == 2
    assert len(recordings.recordings(store, owner)) == 2
    for who in (admin, trainer):
        assert recordings.recordings(store, who) == []
        assert recordings.shared_with(store, who, ids["kept"]) == []
    assert sorted((row.action, row.entity_id) for row in people.audit_trail(store, admin)) == sorted([
        ("watch", ids["kept"]), ("delete", ids["exam"]), ("delete", ids["found"]), ("delete_person", ids["owner"]),
        ("give_consent", ids["found"]),
    ])  # fmt: skip
    assert len(people.audit_trail(store, owner)) == 7
    assert len(people.audit_trail(store, trainer)) == 2
    store.close()


def test_without_sign_in_nothing_changes(tmp_path):
    store = open_records(tmp_path)
    me = sign_in.local(store)
    consent.give_consent(store, me, version="1", text_sha256=TEXT_SHA256)
    row = keep(store, me)
    assessments.file_assessment(store, me, row.id, judged(row.sha256), {})
    feedback.comment(store, me, row.id, "mine")
    assert recordings.watch(store, me, row.id) == vault.path_of(store, row.sha256)
    assert len(assessments.assessments(store, me)) == len(feedback.comments(store, me, row.id)) == 1
    assert {line.action for line in people.audit_trail(store, me)} >= {"keep_recording", "file_assessment", "comment"}
    assert deletion.delete_recording(store, me, row.id).files == 1
    with store.reading() as session:
        assert session.scalars(select(TryRow)).all() == []
    store.close()
