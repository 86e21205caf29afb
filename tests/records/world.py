"""Two organisations in which everybody has somebody else's data to look at."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from sqlalchemy import select

from liyi.core.options import Options
from liyi.etiquette.assessment import (
    Assessment,
    Deduction,
    DimensionScore,
    ModelRef,
    PackRef,
    RecordingInfo,
    Verdict,
)
from liyi.records import sign_in
from liyi.records.access_tables import AccessGrant, Assignment, RecordingShare
from liyi.records.appeal_tables import AppealRow, SeenRow
from liyi.records.batch_tables import Batch, BatchLine, BatchState, LineState, Mark, Purpose
from liyi.records.case_tables import CaseComment, CaseForm, CasePurpose, CaseRow
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove, GoldProposal, GoldRating, GoldValue
from liyi.records.operations import (
    access,
    appeals,
    assessments,
    batch_bringing,
    batches,
    case_clips,
    case_views,
    cases,
    cohorts,
    confirmations,
    consent,
    deletion,
    feedback,
    people,
    recordings,
    sheet_templates,
    submission,
    tries,
)
from liyi.records.review_schema import Confirmation, Decision, Review
from liyi.records.schema import Kind, Rating, Role, now
from liyi.records.viewer import Viewer

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

RUN = "0" * 32
FILM = b"\x1aE\xdf\xa3" + bytes(range(96))  # begins as WebM does
CONSENTED = {"file": "a.webm", "person": "owner", "consent_on": "2026-03-01", "consent_form": "on paper"}
CONTENT = b"moving picture and sound"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SECRET = b"what nobody else may know"
SECRET_SHA256 = hashlib.sha256(SECRET).hexdigest()
TEXT_SHA256 = "ab" * 32


def judged(
    sha256: str = SHA256, *, total: float | None = 80.0, version: str = "1.0.0", created_at: str = ""
) -> Assessment:
    """What the judge says of a recording: one criterion kept, one missed by half, one not seen."""
    return Assessment(
        liyi_version="0.1.0",
        created_at=created_at or "2026-01-05T08:00:00Z",
        elapsed_s=1.0,
        recording=RecordingInfo(
            name="a.mp4", sha256=sha256, duration_s=60.0, camera="front", framing="upper", position="seated", people=1
        ),
        pack=PackRef(id="counter", version=version, sha256="cd" * 32),
        profile="seated",
        options={"camera": "auto"},
        models=(ModelRef(id="pose", sha256="ef" * 32),),
        verdicts=(
            Verdict(criterion="shoulder_tilt", measure="shoulder_tilt", dimension="posture", status="assessed",
                    value=1.0, unit="deg", sub_score=1.0, weight=2.0),
            Verdict(criterion="pace", measure="pace", dimension="voice", status="assessed", value=280.0, unit="字/分",
                    sub_score=0.5, weight=2.0),
            Verdict(criterion="toe_angle", measure="toe_angle", dimension="posture", status="not_assessed", weight=1.0),
        ),
        coverage=0.8,
        coverage_floor=0.6,
        total=total,
        dimensions={
            "posture": DimensionScore(score=100.0, coverage=0.7), "voice": DimensionScore(score=50.0, coverage=1.0)
        },
        deductions=(Deduction(criterion="pace", dimension="voice", points=25.0, charged=20.0),),
        transcript=(),
    )  # fmt: skip


@dataclass
class World:
    """Viewers by who they are to ``owner``, and ids of what is the owner's."""

    viewers: dict[str, Viewer] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)

    def __getattr__(self, name: str) -> UUID:
        return self.ids[name]


def build(records: Records, folder: Path) -> World:
    """Fill a store, through operations alone (but for a grant that has expired)."""
    world = World()
    admin = world.viewers["admin"] = sign_in.found_organisation(records, "Hall A", admin="Admin", account="admin@a")
    other = world.viewers["foreign_admin"] = sign_in.found_organisation(
        records, "Hall B", admin="Admin B", account="admin@b"
    )
    department = people.add_department(records, admin, name="Window")
    world.ids["department"] = department.id

    def person(name: str, *roles: Role, by: Viewer = admin) -> Viewer:
        row = people.add_person(records, by, name=name, account=name)
        for role in roles:
            people.grant_role(records, by, row.id, role)
        world.viewers[name] = Viewer(row.id, row.organisation_id)
        world.ids[f"{name}_id"] = row.id
        return world.viewers[name]

    owner, peer, stranger = (person(name, Role.trainee) for name in ("owner", "peer", "stranger"))
    trainer, other_trainer = person("trainer", Role.trainer), person("other_trainer", Role.trainer)
    evaluator, idle = person("evaluator", Role.evaluator), person("idle_evaluator", Role.evaluator)
    granted, expired = person("granted_admin", Role.admin), person("expired_admin", Role.admin)
    dismissed, gone = person("dismissed_trainer", Role.trainer), person("gone_trainer", Role.trainer)
    world.ids["paper_id"] = people.add_person(records, admin, name="Paper").id  # cannot sign in
    foreign = person("foreign_trainer", Role.trainer, by=other)
    world.viewers["nobody"] = Viewer(uuid4(), admin.organisation_id)
    world.viewers["impostor"] = Viewer(owner.person_id, other.organisation_id)
    part = people.add_person(records, admin, name="window_admin", account="window", department_id=department.id)
    people.grant_role(records, admin, part.id, Role.admin, department_id=department.id)
    world.viewers["window_admin"] = Viewer(part.id, part.organisation_id)

    cohort = world.ids["cohort"] = cohorts.add_cohort(records, admin, name="Spring").id
    autumn = world.ids["other_cohort"] = cohorts.add_cohort(records, admin, name="Autumn").id
    for viewer in (owner, peer):
        cohorts.add_member(records, admin, cohort, viewer.person_id, Role.trainee)
    cohorts.add_member(records, admin, cohort, world.ids["paper_id"], Role.trainee)
    for viewer in (trainer, dismissed, gone):
        cohorts.add_member(records, admin, cohort, viewer.person_id, Role.trainer)
    cohorts.add_member(records, admin, autumn, stranger.person_id, Role.trainee)
    cohorts.add_member(records, admin, autumn, other_trainer.person_id, Role.trainer)
    world.ids["evening_cohort"] = cohorts.add_cohort(records, admin, name="Evening").id
    cohorts.add_member(records, admin, world.ids["evening_cohort"], owner.person_id, Role.trainee)
    away = cohorts.add_cohort(records, other, name="Away").id
    cohorts.add_member(records, other, away, foreign.person_id, Role.trainer)
    [role] = people.roles(records, admin, dismissed.person_id)
    people.revoke_role(records, admin, role.id)
    people.end_person(records, admin, gone.person_id)

    for viewer in (owner, peer):
        world.ids["consent"] = consent.give_consent(records, viewer, version="1", text_sha256=TEXT_SHA256).id
    world.ids["consent"] = consent.consents(records, owner, owner.person_id)[0].id
    exempt = consent.exempt(records, trainer, owner.person_id, "toe_angle", from_day=date(2026, 1, 1))
    world.ids["exemption"] = exempt.id
    world.ids["role_grant"] = people.roles(records, owner, owner.person_id)[0].id
    people.set_retention(records, admin, Role.trainee, days=180)

    recording = recordings.keep_recording(
        records, owner, io.BytesIO(CONTENT), name="a.mp4", kind=Kind.upload, duration_s=60.0,
        side=io.BytesIO(b"from the side"),
    )  # fmt: skip
    world.ids["recording"] = recording.id
    thrown = recordings.keep_recording(records, owner, io.BytesIO(b"thrown away"), name="c.mp4", kind=Kind.upload)
    deletion.discard(records, owner, thrown.id)
    world.ids["discarded"] = thrown.id
    tilt = tries.Result("shoulder_tilt", 4.0, 1.2, "deg", 0.7, "high")
    world.ids["try"] = tries.add(records, owner, drill="level_shoulders", results=[tilt], passed=False).id
    world.ids["open_recording"] = recordings.open_recording(records, owner, name="b", kind=Kind.rehearsal).id
    submission.submit_recording(records, owner, recording.id)
    recordings.share(records, owner, recording.id, cohort)
    files = {name: folder / name for name in ("assessment.json", "measures.parquet", "report.html")}
    for name, file in files.items():
        file.write_text(f"{name} of the owner", encoding="utf-8")
    world.ids["assessment"] = assessments.file_assessment(records, owner, recording.id, judged(), files).id
    later = judged(version="1.1.0", created_at="2026-02-05T08:00:00Z")
    world.ids["later"] = assessments.file_assessment(records, owner, recording.id, later, {}).id
    world.ids["assignment"] = access.assign(records, trainer, evaluator.person_id, recording_id=recording.id).id
    tomorrow = now() + timedelta(days=1)
    grant = access.grant_access(records, owner, granted.person_id, until=tomorrow, recording_id=recording.id)
    world.ids["access_grant"] = grant.id
    with records.writing() as session:
        session.add(AccessGrant(grantee_id=expired.person_id, by_id=owner.person_id, recording_id=recording.id,
                                until=now() - timedelta(seconds=1)))  # fmt: skip
    world.ids["comment"] = feedback.comment(records, trainer, recording.id, "Shoulders level", at_s=3.0).id
    confirmations.confirm(
        records, trainer, world.ids["assessment"], "pace", decision=Decision.changed, new=0.75, why="noise in the hall"
    )
    world.ids["review"] = confirmations.send_review(records, trainer, recording.id).id
    draft = confirmations.confirm(records, trainer, world.ids["assessment"], "pace", decision=Decision.confirmed)
    world.ids["confirmation"] = draft.id  # not sent yet
    world.ids["canned_phrase"] = feedback.add_canned_phrase(records, trainer, "双肩放平").id
    world.ids["appeal"] = appeals.appeal(records, owner, world.ids["assessment"], "pace", "I spoke slowly").id
    feedback.rate(records, trainer, recording.id, "pace", 70)
    feedback.rate(records, evaluator, recording.id, "pace", 60)
    _cases(records, world)
    begun = batches.add_batch(records, evaluator, name="Spring examination", purpose=Purpose.examination,
                              pack="counter", lang="zh", options=Options())  # fmt: skip
    world.ids["batch"] = begun.id
    brought = batch_bringing.begin_file(records, evaluator, begun.id, name="甲班/a.webm", size_bytes=len(FILM))
    brought.path.touch(0o600)
    brought.path.write_bytes(FILM)
    world.ids["batch_file"] = brought.id
    batch_bringing.set_lines(records, evaluator, begun.id, [CONSENTED])
    _run_batches(records, world)
    _judge_batch(records, world)
    assert idle.person_id != evaluator.person_id
    _gold(records, world, recording.id, rated=70.0)
    return world


def _gold(records: Records, world: World, recording_id: UUID, *, rated: float) -> None:
    """What there is of a gold clip: the owner has not answered, and yet it was agreed on, rated again and checked."""
    admin = world.viewers["admin"]
    with records.writing() as session:
        before = now() - timedelta(days=40)  # what happens in this month is not counted yet
        session.add(GoldClip(recording_id=recording_id, proposed_by_id=world.trainer_id, proposed_at=before))
        session.flush()
        session.add(GoldProposal(recording_id=recording_id, person_id=world.evaluator_id))
        check = GoldCheck(organisation_id=admin.organisation_id, liyi_version="0", packs={}, measured=False, clips=1)
        session.add(check)
        session.flush()
        named = {"recording_id": recording_id, "criterion": "pace"}
        session.add_all([
            GoldValue(**named, score=60.0, low=55.0, high=65.0, raters=2),
            GoldRating(**named, rater_id=world.evaluator_id, score=rated, created_at=before),
            GoldMove(**named, check_id=check.id, before=50.0, after=80.0, error=5.0, moved=True),
        ])  # fmt: skip


def _judge_batch(records: Records, world: World) -> None:
    """A batch of the evaluator's that was run: the owner's recording, a mark from before the appeal, and a template."""
    evaluator = world.viewers["evaluator"]
    begun = batches.add_batch(records, evaluator, name="Judged", purpose=Purpose.training, pack="counter", lang="zh",
                              options=Options())  # fmt: skip
    world.ids["judged_batch"] = begun.id
    line = BatchLine(
        batch_id=begun.id, position=0, cells={"file": "a.mp4", "person": "owner"}, state=LineState.done,
        person_id=world.owner_id, recording_id=world.recording, assessment_id=world.assessment,
    )  # fmt: skip
    mark = Mark(assessment_id=world.later, author_id=evaluator.person_id, total=80, total_error=3, why="")
    with records.writing() as session:
        session.get(Batch, begun.id).state = BatchState.done
        session.add_all([line, mark])
        session.flush()
        world.ids |= {"judged_line": line.id, "mark": mark.id}
    template = sheet_templates.add_sheet_template(records, evaluator, name="Hall A", content=b"a workbook")
    world.ids["sheet_template"] = template.id


JOINTS, OFFERED = b'{"joints": "of the owner"}', b'{"joints": "offered"}'
CAPTIONS = ({"start_s": 0.5, "end_s": 2.0, "text": "what the owner says in it"},)


def about(start_s: float = 10.0, **named: object) -> dict[str, object]:
    """What a case is about, for who proposes one."""
    return {
        "purpose": CasePurpose.exemplary, "criterion": "pace", "start_s": start_s, "end_s": start_s + 8.0,
        "title": "An even pace", "look_at": "The pauses between the sentences", "form": CaseForm.skeleton,
        "until": now() + timedelta(days=30), **named,
    }  # fmt: skip


def _cases(records: Records, world: World) -> None:
    """One that is shown and spoken of, one for which the owner is asked, one that the owner offers."""
    owner, trainer = world.viewers["owner"], world.viewers["trainer"]
    shown = cases.propose_case(records, trainer, world.recording, world.cohort, **about(question="And you?"))  # type: ignore[arg-type]
    world.ids["case"] = shown.id
    cases.agree_to_case(records, owner, shown.id, form=CaseForm.skeleton, captions=CAPTIONS, text_sha256=TEXT_SHA256)
    case_clips.keep_clip(records, owner, shown.id, io.BytesIO(JOINTS))
    said = case_views.comment_on_case(records, world.viewers["peer"], shown.id, "I would breathe first")
    world.ids["case_comment"] = said.id
    asked = cases.propose_case(records, trainer, world.recording, world.cohort, **about(30.0))  # type: ignore[arg-type]
    world.ids["asked_case"] = asked.id
    offered = cases.offer_case(
        records, owner, world.recording, world.cohort, text_sha256=TEXT_SHA256,
        **about(40.0),  # type: ignore[arg-type]
    )  # fmt: skip
    world.ids["offered_case"] = offered.id
    case_clips.keep_clip(records, owner, offered.id, io.BytesIO(OFFERED))
    unmade = about(5.0, end_s=7.0, title="Not made yet")
    made = cases.offer_case(records, owner, world.recording, world.cohort, text_sha256=TEXT_SHA256, **unmade)  # type: ignore[arg-type]
    world.ids["unmade_case"] = made.id


def _run_batches(records: Records, world: World) -> None:
    """A batch of the evaluator's that the process ``RUN`` is at, one line of it failed; and one that is empty."""
    evaluator = world.viewers["evaluator"]
    made = [
        batches.add_batch(records, evaluator, name=name, purpose=Purpose.training, pack="counter", lang="zh",
                          options=Options()).id
        for name in ("At work", "Empty")
    ]  # fmt: skip
    world.ids["batch_at_work"], world.ids["empty_batch"] = made
    batch_bringing.set_lines(records, evaluator, made[0], [{**CONSENTED, "person": "Zhang"}, {"file": "b.webm"}])
    with records.writing() as session:
        row = session.get(Batch, made[0])
        row.state, row.run, row.beat_at = BatchState.running, RUN, now()
        first, second = session.scalars(select(BatchLine).where(BatchLine.batch_id == made[0]).order_by("position"))
        second.state, second.error = LineState.failed, {"sentence": "{file} is empty.", "fields": {"file": "b.webm"}}
        world.ids["batch_line"] = first.id
        for name, owner in (("left_batch", world.dismissed_trainer_id), ("trashed_batch", world.evaluator_id)):
            row = Batch(organisation_id=evaluator.organisation_id, owner_id=owner, name=name, purpose=Purpose.training,
                        state=BatchState.draft, pack="counter", lang="zh", options=Options().as_json(),
                        deleted_at=now() if name == "trashed_batch" else None)  # fmt: skip
            session.add(row)
            session.flush()
            world.ids[name] = row.id


def practise(records: Records, world: World, folder: Path) -> None:
    """What the owner practises privately, as `behind_the_wall` names it.

    It was shared, granted, assigned and judged all the same, as in a store from before practice was private.
    """
    owner, later = world.viewers["owner"], now() + timedelta(days=1)
    kept = recordings.keep_recording(
        records, owner, io.BytesIO(SECRET), name="secret", kind=Kind.rehearsal, duration_s=30.0,
        side=io.BytesIO(b"secret from the side"),
    )  # fmt: skip
    world.ids["secret"] = kept.id
    (folder / "secret.html").write_text("report on the secret", encoding="utf-8")
    found = judged(SECRET_SHA256, total=11.0, created_at="2026-03-05T08:00:00Z")
    files = {"report.html": folder / "secret.html"}
    world.ids["secret_assessment"] = assessments.file_assessment(records, owner, kept.id, found, files).id
    world.ids["secret_later"] = world.ids["secret_assessment"]
    world.ids["secret_comment"] = feedback.comment(records, owner, kept.id, "a secret of mine").id
    grants = [
        AccessGrant(grantee_id=world.viewers[who].person_id, by_id=owner.person_id, recording_id=kept.id, until=later)
        for who in ("granted_admin", "admin", "peer")
    ]
    given = Assignment(evaluator_id=world.evaluator_id, by_id=world.trainer_id, recording_id=kept.id)
    with records.writing() as session:
        session.add(RecordingShare(recording_id=kept.id, cohort_id=world.cohort))
        session.add_all([*grants, given])
        decided = Confirmation(
            assessment_id=world.secret_assessment, criterion="pace", author_id=world.trainer_id, new=0.1,
            decision=Decision.changed, why="of the secret",
        )  # fmt: skip
        session.add(decided)
        session.flush()
        session.add(Review(recording_id=kept.id, author_id=world.trainer_id))
        mark = Mark(assessment_id=world.secret_assessment, author_id=world.evaluator_id, total=11, why="a secret")
        session.add(mark)
        session.flush()
        world.ids["secret_mark"] = mark.id
        world.ids["secret_confirmation"] = decided.id
        objected = AppealRow(recording_id=kept.id, assessment_id=world.secret_assessment, criterion="pace",
                             author_id=owner.person_id, sentence="of the secret too")  # fmt: skip
        session.add(objected)
        session.add(SeenRow(recording_id=kept.id, at=now()))
        _secret_cases(session, world, kept.id)
        for who in (world.trainer_id, world.evaluator_id):
            session.add(Rating(recording_id=kept.id, rater_id=who, criterion="pace", score=13))
        session.flush()
        world.ids |= {"secret_access_grant": grants[0].id, "secret_assignment": given.id, "secret_appeal": objected.id}
    _gold(records, world, kept.id, rated=13.0)


def _secret_cases(session: Session, world: World, recording_id: UUID) -> None:
    """Cases of what is private, as if it had been withdrawn since."""
    there = {"recording_id": recording_id, "cohort_id": world.cohort, "pack_id": "counter", "captions": []}
    stands = {"trainer_id": world.trainer_id, "accepted_at": now()}
    agreed = {"agreed_at": now(), "sha256": SECRET_SHA256, "text_sha256": TEXT_SHA256}
    rows = {
        "secret_case": CaseRow(by_id=world.trainer_id, **about(2.0), **there, **stands, **agreed),
        "secret_asked_case": CaseRow(by_id=world.trainer_id, **about(12.0), **there, **stands),
        "secret_offered_case": CaseRow(by_id=world.owner_id, **about(20.0), **there, **agreed),
        "secret_unmade_case": CaseRow(by_id=world.owner_id, **about(25.0), **there, agreed_at=now()),
    }
    session.add_all(rows.values())
    session.flush()
    said = CaseComment(case_id=rows["secret_case"].id, author_id=world.peer_id, text="of the secret")
    session.add(said)
    session.flush()
    world.ids |= {name: row.id for name, row in rows.items()} | {"secret_case_comment": said.id}


def behind_the_wall(world: World) -> World:
    """The same world, in which every name is of what the owner has not submitted."""
    secret = {name.removeprefix("secret_"): id for name, id in world.ids.items() if name.startswith("secret_")}
    return World(world.viewers, {**world.ids, **secret, "recording": world.secret})
