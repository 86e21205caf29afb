"""Cases: nothing is shown before its owner agreed, after its last day, or once anything took the consent away."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import timedelta
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from liyi.core.errors import LiyiError, Notice
from liyi.records import case_queue, retention, vault
from liyi.records.case_tables import CaseComment, CaseForm, CaseRow
from liyi.records.operations import case_clips, case_views, cases, cohorts, consent, deletion, people, submission
from liyi.records.operations.case_views import CaseState
from liyi.records.operations.personal_copy import personal_copy
from liyi.records.schema import Recording, Role, now
from liyi.records.store_tables import AuditLine
from tests.records.rehearsal import IN_ONE, ON_ONE, refused
from tests.records.world import CAPTIONS, JOINTS, TEXT_SHA256, about

FILM = b"\x1a\x45\xdf\xa3 a film"
SKELETON = {"form": CaseForm.skeleton, "text_sha256": TEXT_SHA256}
MEMBERS = ("owner", "peer", "trainer")
NEAR = (*MEMBERS, "stranger", "evaluator", "granted_admin", "dismissed_trainer")  # all others: `test_matrix`


def watchers(store, world, id) -> set[str]:
    """Who of these is shown the clip."""
    found = set()
    for name in NEAR:
        with suppress(LiyiError):
            case_views.watch_case(store, world.viewers[name], id, noted=True)
            found.add(name)
    return found


def knowing(store, world, id) -> set[str]:
    """Who is told that there is such a case."""
    found = set()
    for name in NEAR:
        with suppress(LiyiError):  # not there any more
            found |= {name for each in case_views.cases(store, world.viewers[name], size=500) if each.id == id}
    return found


def change(store, id, **values) -> None:
    with store.writing() as session:
        session.execute(update(CaseRow).where(CaseRow.id == id).values(**values))


def test_before_its_owner_agrees_only_they_and_who_asked_know_of_it(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    assert watchers(store, world, world.asked_case) == set()
    assert knowing(store, world, world.asked_case) == {"owner", "trainer"}
    cases.agree_to_case(store, owner, world.asked_case, captions=CAPTIONS, **SKELETON)
    assert watchers(store, world, world.asked_case) == set(), "its clip is not made yet"
    assert knowing(store, world, world.asked_case) == {"owner", "trainer"}
    assert case_views.one_case(store, trainer, world.asked_case).state == CaseState.making
    case_clips.keep_clip(store, owner, world.asked_case, io.BytesIO(JOINTS))
    assert watchers(store, world, world.asked_case) == set(MEMBERS)
    seen = case_views.one_case(store, world.viewers["peer"], world.asked_case)
    assert (seen.owner, seen.recording_id, seen.trainer, seen.state) == ("", None, "trainer", CaseState.shown)
    assert [each["text"] for each in seen.captions] == ["what the owner says in it"]
    assert case_views.one_case(store, owner, world.asked_case).mine


def test_what_is_declined_is_known_to_who_asked_alone_and_is_not_asked_again(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    cases.decline_case(store, owner, world.asked_case)
    told = people.audit_trail(store, world.viewers["admin"], size=500)
    assert "decline_case" not in [each.action for each in told], "nobody is told but who asked"
    assert knowing(store, world, world.asked_case) == {"owner", "trainer"}
    assert case_views.one_case(store, trainer, world.asked_case).state == CaseState.declined
    with pytest.raises(LiyiError, match="has declined"):
        cases.propose_case(store, trainer, world.recording, world.cohort, **about(31.0))
    assert cases.propose_case(store, trainer, world.recording, world.cohort, **about(50.0))
    with pytest.raises(LiyiError, match="is over"):
        cases.agree_to_case(store, owner, world.asked_case, **SKELETON)


@ON_ONE
def test_what_an_owner_declined_is_asked_by_nobody_for_90_days_and_told_to_nobody_else(stage):
    store, world = stage
    owner, second = world.viewers["owner"], world.viewers["trainer"]
    change(store, world.asked_case, by_id=world.ids["other_trainer_id"], trainer_id=world.ids["other_trainer_id"])
    asking = pytest.raises(LiyiError, match="cannot be proposed now")

    def ask(**named):
        return cases.propose_case(store, second, world.recording, world.cohort, **about(31.0, **named))

    with asking:  # somebody else's question waits
        ask()
    cases.decline_case(store, owner, world.asked_case)
    with asking:
        ask()
    change(store, world.asked_case, cohort_id=world.other_cohort, until=now() - timedelta(days=1))
    with asking:  # of another cohort, and over by now
        ask()
    change(store, world.asked_case, declined_at=now() - timedelta(days=91))
    assert ask()


@ON_ONE
def test_an_owner_may_agree_to_less_and_never_shows_more(stage):
    store, world = stage
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    with pytest.raises(LiyiError, match="proposed as a skeleton"):
        cases.agree_to_case(store, owner, world.asked_case, form=CaseForm.as_is, text_sha256=TEXT_SHA256)
    cases.agree_to_case(store, owner, world.asked_case, **SKELETON)
    assert refused(case_clips.keep_clip, store, owner, world.asked_case, io.BytesIO(FILM)), "a film in it"
    row = cases.propose_case(store, trainer, world.recording, world.cohort, **about(50.0, form=CaseForm.as_is))
    assert cases.agree_to_case(store, owner, row.id, **SKELETON).form == CaseForm.skeleton
    case_clips.keep_clip(store, owner, row.id, io.BytesIO(JOINTS))
    assert case_views.one_case(store, world.viewers["peer"], row.id).captions == ()
    assert case_views.watch_case(store, world.viewers["peer"], row.id).path.read_bytes() == JOINTS


def test_what_an_owner_offers_waits_for_a_trainer_of_that_cohort(stage):
    store, world = stage
    owner, trainer, id = world.viewers["owner"], world.viewers["trainer"], world.offered_case
    assert watchers(store, world, id) == knowing(store, world, id) == {"owner", "trainer"}
    assert refused(case_views.comment_on_case, store, owner, id, "not yet")
    cases.accept_case(store, trainer, id)
    assert watchers(store, world, id) == set(MEMBERS)
    seen = case_views.one_case(store, world.viewers["peer"], id)
    assert (seen.trainer, seen.owner) == ("trainer", "")
    assert (seen.look_at, seen.question) == ("The pauses between the sentences", ""), "what the owner agreed to"


@ON_ONE
def test_what_could_not_be_made_is_told_to_its_owner_who_has_it_tried_again(stage):
    store, world = stage
    owner, trainer, id = world.viewers["owner"], world.viewers["trainer"], world.unmade_case
    assert refused(cases.accept_case, store, trainer, id), "there is nothing to be shown yet"
    assert case_queue.next_clip(store).case_id == id
    case_clips.fail_clip(store, owner, id, Notice("{file} is empty.", {"file": "a.webm"}))
    assert case_queue.next_clip(store) is None, "not over and over again"
    told = case_views.one_case(store, owner, id)
    assert (told.state, told.failed["fields"]) == (CaseState.failed, {"file": "a.webm"})
    assert case_views.one_case(store, trainer, id).failed is None
    case_clips.retry_clip(store, owner, id)
    assert case_queue.next_clip(store).owner == owner
    cases.withdraw_case(store, owner, id)
    assert refused(case_clips.keep_clip, store, owner, id, io.BytesIO(JOINTS))
    assert case_queue.next_clip(store) is None


ENDS = {
    "its owner withdraws it": lambda store, world: cases.withdraw_case(store, world.viewers["owner"], world.case),
    "another trainer of the cohort ends it": lambda store, world: (
        cohorts.add_member(store, world.viewers["admin"], world.cohort, world.ids["other_trainer_id"], Role.trainer),
        cases.withdraw_case(store, world.viewers["other_trainer"], world.case),
    ),
    "an administrator ends all of the cohort": lambda store, world: cases.end_cases(
        store, world.viewers["admin"], world.cohort
    ),
    "its trainer ends it": lambda store, world: cases.withdraw_case(store, world.viewers["trainer"], world.case),
    "its last day is over": lambda store, world: change(store, world.case, until=now() - timedelta(seconds=1)),
    "the recording is in the trash": lambda store, world: deletion.discard(
        store, world.viewers["owner"], world.recording
    ),
    "consent is withdrawn": lambda store, world: consent.withdraw_consent(store, world.viewers["owner"]),
    "its owner has left": lambda store, world: people.end_person(store, world.viewers["admin"], world.owner_id),
    "everything of its owner is deleted": lambda store, world: deletion.delete_person(
        store, world.viewers["admin"], world.owner_id
    ),
}


@ON_ONE
@pytest.mark.parametrize("how", ENDS)
def test_it_is_over_at_once_when(stage, how):
    store, world = stage
    ENDS[how](store, world)
    assert watchers(store, world, world.case) == set()
    assert "peer" not in knowing(store, world, world.case)
    for who in ("peer", "trainer"):
        assert case_views.case_comments(store, world.viewers[who], world.case) == []
        assert refused(case_views.comment_on_case, store, world.viewers[who], world.case, "still?")
    assert refused(case_views.one_case, store, world.viewers["peer"], world.case)


@ON_ONE
def test_who_leaves_the_cohort_is_shown_it_no_more(stage):
    store, world = stage
    cohorts.remove_member(store, world.viewers["admin"], world.cohort, world.peer_id, "trainee")
    assert watchers(store, world, world.case) == {"owner", "trainer"}


@pytest.fixture
def records(inhabited):
    return inhabited[0]


@pytest.fixture
def world(inhabited):
    return inhabited[1]


def clip_of(store, world):
    return case_views.watch_case(store, world.viewers["owner"], world.case).path


def test_its_file_and_what_was_said_go_with_it(records, world):
    clip = clip_of(records, world)
    assert clip.read_bytes() == JOINTS
    cases.withdraw_case(records, world.viewers["owner"], world.case)
    assert not clip.exists()
    with records.reading() as session:
        row = session.get_one(CaseRow, world.case)
        assert (row.sha256, row.captions, session.query(CaseComment).count()) == (None, [], 0)
    deletion.delete_recording(records, world.viewers["owner"], world.recording)
    with records.reading() as session:
        assert session.query(CaseRow).count() == 0
        assert not vault.pending(session)


@IN_ONE
def test_deleting_the_recording_removes_its_cases_and_their_files(records, world):
    clip = clip_of(records, world)
    deletion.delete_recording(records, world.viewers["owner"], world.recording)
    assert not clip.exists()
    with records.reading() as session:
        assert (session.query(CaseRow).count(), session.query(CaseComment).count()) == (0, 0)


@IN_ONE
def test_a_purge_removes_what_is_over(records, world):
    clip = clip_of(records, world)
    change(records, world.case, until=now() - timedelta(days=1))
    change(records, world.asked_case, until=now() - timedelta(days=1), declined_at=now())  # or it could be asked again
    _, seen = retention.preview(records)
    assert (seen.recordings, clip.exists()) == (0, True)
    retention.purge(records)
    assert not clip.exists()
    with records.reading() as session:
        assert {row.id for row in session.query(CaseRow)} == {world.asked_case, world.offered_case, world.unmade_case}
        assert session.query(Recording).count() == 3
        lines = session.scalars(select(AuditLine.action).where(AuditLine.entity_id == world.case))
        assert "purge_expired" in lines.all()


@IN_ONE
def test_a_cohort_that_goes_takes_its_cases_along(records, world):
    admin, clip = world.viewers["admin"], clip_of(records, world)
    for row in cohorts.members(records, admin, world.cohort):
        cohorts.remove_member(records, admin, world.cohort, row.person_id, row.role)
    cohorts.remove_cohort(records, admin, world.cohort)
    assert not clip.exists()


@IN_ONE
def test_what_was_offered_is_withdrawn_with_the_recording(records, world):
    owner = world.viewers["owner"]
    with records.writing() as session:
        session.execute(update(Recording).where(Recording.id == world.recording).values(opened_at=None))
    clip = case_views.watch_case(records, owner, world.offered_case).path
    submission.withdraw_recording(records, owner, world.recording)
    submission.submit_recording(records, owner, world.recording)
    assert not clip.exists()
    assert watchers(records, world, world.offered_case) == watchers(records, world, world.case) == set()


@IN_ONE
def test_a_persons_copy_holds_their_cases_and_what_they_said(records, world, tmp_path):
    personal_copy(records, world.viewers["owner"], tmp_path / "owner.zip")
    with ZipFile(tmp_path / "owner.zip") as archive:
        told = json.loads(archive.read("recordings/0001/recording.json"))["cases"]
        assert [(each["title"], each["cohort"], bool(each["clip"])) for each in told] == [
            ("An even pace", "Spring", True), ("An even pace", "Spring", False), ("An even pace", "Spring", True),
            ("Not made yet", "Spring", False),
        ]  # fmt: skip
        assert archive.read(told[0]["clip"]) == JOINTS
        assert [each["text"] for each in told[0]["comments"]] == ["I would breathe first"]
    personal_copy(records, world.viewers["peer"], tmp_path / "peer.zip")
    with ZipFile(tmp_path / "peer.zip") as archive:
        said = json.loads(archive.read("person.json"))["case_comments"]
        assert [each["text"] for each in said] == ["I would breathe first"]
        assert "case_" not in "".join(archive.namelist())


def test_watching_somebody_elses_is_in_the_audit_trail_and_ones_own_is_not(stage):
    store, world = stage

    def lines():
        with store.reading() as session:
            return session.query(AuditLine).filter_by(action="watch_case", entity_id=world.case).count()

    before = lines()
    case_views.watch_case(store, world.viewers["owner"], world.case)
    case_views.watch_case(store, world.viewers["peer"], world.case, noted=True)
    assert lines() == before
    case_views.watch_case(store, world.viewers["peer"], world.case)
    assert lines() == before + 1


@ON_ONE
@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"end_s": 10.5}, "lasts 1 to 180 s"),
        ({"until": now() - timedelta(days=1)}, "a day in the future"),
        ({"until": now() + timedelta(days=500)}, "366 days at most"),
        ({"criterion": "nothing"}, "nothing like this"),
        ({"title": " "}, "cannot be stored"),
    ],
)
def test_a_proposal_is_checked(stage, wrong, why):
    store, world = stage
    with pytest.raises(LiyiError, match=why):
        cases.propose_case(store, world.viewers["trainer"], world.recording, world.cohort, **(about() | wrong))
