"""Rules of access that hang on time, trash, blindness and departments; what operations answer."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from liyi.core.errors import LiyiError
from liyi.records import rules, sign_in, unit_of_work
from liyi.records.chain import AuditLink
from liyi.records.operations import (
    access,
    assessments,
    cohorts,
    confirmations,
    consent,
    feedback,
    people,
    recordings,
    tables,
)
from liyi.records.review_schema import Decision
from liyi.records.rules import RULES
from liyi.records.schema import Base, Cohort, Recording, Role, now
from liyi.records.store_tables import PendingRemoval, Store
from liyi.records.viewer import Viewer
from tests.records.rehearsal import refused
from tests.records.world import TEXT_SHA256


def test_every_table_has_a_rule_and_a_table_without_one_shows_nothing(stage, monkeypatch):
    store, world = stage
    # Nothing of a person is in them; the number of links would tell that somebody practises.
    of_nobody = {Store, PendingRemoval, AuditLink}
    assert set(RULES) == {mapper.class_ for mapper in Base.registry.mappers} - of_nobody
    monkeypatch.setattr(rules, "RULES", {})
    assert refused(recordings.recording, store, world.viewers["nobody"], world.recording)
    with store.reading() as session:
        unit = unit_of_work.UnitOfWork(session, world.viewers["owner"])
        assert unit.all(unit.select(Recording)) == []


def test_what_is_in_the_trash_is_seen_by_nobody(stage):
    store, world = stage
    with store.writing() as session:
        session.get(Recording, world.recording).deleted_at = now()
    for who in world.viewers.values():
        assert refused(recordings.recording, store, who, world.recording)
        assert refused(assessments.assessment, store, who, world.assessment)
    owner = world.viewers["owner"]
    assert feedback.comments(store, owner, world.recording) == []
    assert refused(assessments.verdicts, store, owner, world.assessment)
    assert assessments.progress(store, owner, world.owner_id) is None


def test_access_ends_with_its_grant(stage):
    store, world = stage
    granted, owner = world.viewers["granted_admin"], world.viewers["owner"]
    assert recordings.recording(store, granted, world.recording)
    access.revoke_access(store, owner, world.access_grant)
    assert refused(recordings.recording, store, granted, world.recording)
    with pytest.raises(LiyiError, match="future"):
        access.grant_access(store, owner, granted.person_id, until=now(), recording_id=world.recording)


def test_an_administrator_cannot_let_himself_in(stage):
    store, world = stage
    admin, later = world.viewers["admin"], now() + timedelta(days=1)
    for thing in ({"recording_id": world.recording}, {"cohort_id": world.cohort}):
        assert refused(access.grant_access, store, admin, admin.person_id, until=later, **thing)
        assert refused(access.grant_access, store, admin, world.expired_admin_id, until=later, **thing)
    for ask, arguments in (
        (people.grant_role, (admin.person_id, Role.evaluator)),
        (cohorts.add_member, (world.cohort, admin.person_id, Role.trainer)),
        (cohorts.add_member, (world.cohort, admin.person_id, Role.trainee)),
    ):
        with pytest.raises(LiyiError, match="their own access"):
            ask(store, admin, *arguments)
    assert refused(access.assign, store, admin, admin.person_id, cohort_id=world.cohort)


def test_a_cohort_granted_or_assigned_opens_its_trainees(stage):
    store, world = stage
    later = now() + timedelta(days=1)
    access.grant_access(store, world.viewers["trainer"], world.expired_admin_id, until=later, cohort_id=world.cohort)
    access.assign(store, world.viewers["admin"], world.idle_evaluator_id, cohort_id=world.cohort)
    looker, judge = world.viewers["expired_admin"], world.viewers["idle_evaluator"]
    assert assessments.assessment(store, looker, world.assessment)
    assert refused(feedback.comment, store, looker, world.recording, "only looking")
    assert feedback.rate(store, judge, world.recording, "pace", 40)
    assert refused(recordings.recording, store, judge, uuid4())


def test_ratings_stay_blind_until_one_has_rated_oneself(stage):
    store, world = stage
    access.assign(store, world.viewers["trainer"], world.idle_evaluator_id, recording_id=world.recording)
    judge = world.viewers["idle_evaluator"]
    assert feedback.ratings(store, judge, world.recording) == []
    feedback.rate(store, judge, world.recording, "shoulder_tilt", 90)
    assert [row.score for row in feedback.ratings(store, judge, world.recording)] == [90]
    feedback.rate(store, judge, world.recording, "pace", 50)
    feedback.rate(store, judge, world.recording, "pace", 55)
    assert sorted(row.score for row in feedback.ratings(store, judge, world.recording)) == [55, 60, 70, 90]
    assert feedback.ratings(store, world.viewers["owner"], world.recording) == []


def test_nobody_judges_himself(stage):
    store, world = stage
    admin, owner = world.viewers["admin"], world.viewers["owner"]
    people.grant_role(store, admin, owner.person_id, Role.trainer)
    cohorts.add_member(store, admin, world.cohort, owner.person_id, Role.trainer)
    assert refused(confirmations.confirm, store, owner, world.assessment, "pace", decision=Decision.confirmed)
    assert refused(confirmations.send_review, store, owner, world.recording)
    assert refused(feedback.rate, store, owner, world.recording, "pace", 100)


def test_an_administrator_of_a_department_sees_its_people_only(stage):
    store, world = stage
    admin, part = world.viewers["admin"], world.viewers["window_admin"]
    inside = people.add_person(store, part, name="Inside", department_id=world.department)
    assert {row.name for row in people.people(store, part)} == {"Inside", "window_admin"}
    assert refused(people.person, store, part, world.owner_id)
    assert refused(people.add_person, store, part, name="Elsewhere")
    assert refused(people.grant_role, store, part, inside.id, Role.admin)
    assert people.grant_role(store, part, inside.id, Role.trainee, department_id=world.department)
    wide = people.grant_role(store, admin, inside.id, Role.trainer)
    assert refused(people.revoke_role, store, part, wide.id)


def test_nothing_is_seen_across_organisations(stage):
    store, world = stage
    admin = world.viewers["admin"]
    assert refused(people.add_person, store, world.viewers["impostor"], name="x")
    assert refused(cohorts.add_member, store, admin, world.cohort, world.foreign_trainer_id, Role.trainee)
    assert refused(access.assign, store, world.viewers["trainer"], world.foreign_trainer_id, cohort_id=world.cohort)


def test_consent_on_paper_is_for_people_without_an_account(stage):
    store, world = stage
    admin = world.viewers["admin"]
    assert consent.give_consent(store, admin, version="1", text_sha256=TEXT_SHA256, person_id=world.paper_id)
    assert refused(
        consent.give_consent, store, admin, version="1", text_sha256=TEXT_SHA256, person_id=world.stranger_id
    )
    assert refused(consent.withdraw_consent, store, admin, person_id=world.owner_id)


def test_progress_and_cohort_table(stage):
    store, world = stage
    progress = assessments.progress(store, world.viewers["trainer"], world.owner_id)
    assert (progress.first.id, progress.last.id) == (world.assessment, world.later)
    assert progress.criteria["pace"] == assessments.Change(0.5, 0.5)
    assert progress.criteria["toe_angle"] == assessments.Change(None, None)
    table = tables.cohort_table(store, world.viewers["trainer"], world.cohort)
    assert {(row.name, row.assessment and row.assessment.id) for row in table.rows} >= {
        ("owner", world.later), ("peer", None)
    }  # fmt: skip
    assert table.means == {"posture": 100.0, "voice": 50.0}
    assert [(each.criterion, each.mean, each.people) for each in table.weakest] == [
        ("pace", 0.5, 1), ("shoulder_tilt", 1.0, 1)
    ]  # fmt: skip
    other = tables.cohort_table(store, world.viewers["trainer"], world.cohort, pack_id="another")
    assert {row.assessment for row in other.rows} == {None}


def test_pages_are_newest_first_and_complete(stage):
    store, world = stage
    owner = world.viewers["owner"]
    whole = recordings.recordings(store, owner)
    assert [row.created_at for row in whole] == sorted((row.created_at for row in whole), reverse=True)
    parts = [recordings.recordings(store, owner, size=1, offset=k)[0].id for k in range(len(whole))]
    assert parts == [row.id for row in whole]


def test_a_page_found_among_the_newest_is_the_page_of_all(stage, monkeypatch):
    store, world = stage
    for who in ("owner", "trainer", "peer", "admin", "evaluator"):
        answers = []
        for among in (1, 2, 10_000):
            monkeypatch.setattr(unit_of_work, "_AMONG", among)
            answers.append([
                [row.id for row in assessments.assessments(store, world.viewers[who], size=1, offset=offset)]
                for offset in range(3)
            ])  # fmt: skip
        assert answers[0] == answers[1] == answers[2]


def test_the_local_person_records_and_sees_his_own(records):
    me = sign_in.local(records)
    assert sign_in.local(records) == me
    consent.give_consent(records, me, version="1", text_sha256=TEXT_SHA256)
    assert [row.name for row in people.people(records, me)] == ["local"]
    assert cohorts.cohorts(records, me) == []
    assert refused(people.add_person, records, me, name="x")


def test_the_local_person_says_their_name_once(records):
    me = sign_in.local(records)
    assert not sign_in.is_named(records)
    with pytest.raises(LiyiError):
        sign_in.name_alone(records, " ", "大厅")
    sign_in.name_alone(records, "王评", "大厅")
    assert sign_in.is_named(records)
    assert (people.person(records, me, me.person_id).name, people.organisation(records, me).name) == ("王评", "大厅")
    assert people.audit_trail(records, me, size=1)[0].action == "change_person"


def test_signing_in(stage):
    store, world = stage
    assert sign_in.signed_in(store, "owner") == world.viewers["owner"]
    for account in ("gone_trainer", "unheard of"):
        with pytest.raises(LiyiError, match="not known"):
            sign_in.signed_in(store, account)
    with pytest.raises(LiyiError, match="already"):
        sign_in.found_organisation(store, "Hall C", admin="C", account="owner")
    assert isinstance(sign_in.found_organisation(store, "Hall C", admin="C", account="admin@c"), Viewer)


def test_the_audit_trail_holds_no_content(stage):
    store, world = stage
    lines = [*people.audit_trail(store, world.viewers["admin"], size=500)]
    lines += people.audit_trail(store, world.viewers["owner"], size=500)
    assert {"comment", "confirm", "send_review", "rate", "keep_recording", "share", "give_consent"} <= {
        row.action for row in lines
    }
    text = " ".join(f"{row.action} {row.entity} {row.entity_id}" for row in lines)
    assert not any(content in text for content in ("Shoulders level", "noise in the hall", "a.mp4", "Spring"))
    moments = [row.at for row in people.audit_trail(store, world.viewers["admin"], size=500)]
    assert moments == sorted(moments, reverse=True)
    assert Cohort.__tablename__ in {row.entity for row in lines}
