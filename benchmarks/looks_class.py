"""The demo class in every state that a page can be in, for `benchmarks.looks`.

People, recordings and assessments are those of `liyi demo-class`. What a page shows only after weeks of a unit's work
is added here: batches in each of their states, gold clips that people agreed on with ratings of them, and exemptions.
These added rows are invented; they stand in a folder of their own that is thrown away.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from liyi.core.options import Options
from liyi.core.shipped import shipped
from liyi.etiquette.norms import load_pack
from liyi.records import demo_class, sessions, sign_in
from liyi.records.access_tables import Assignment
from liyi.records.batch_tables import Batch, BatchLine, BatchState, LineState, Purpose
from liyi.records.engine import open_records
from liyi.records.gold_tables import GoldCheck, GoldClip, GoldMove, GoldRating, GoldValue
from liyi.records.operations import (
    accounts,
    assessments,
    batch_bringing,
    batch_marks,
    batch_ratings,
    batches,
    case_views,
    consent,
    feedback,
    people,
    recordings,
    tries,
)
from liyi.records.schema import Assessment, Kind, Recording, Role, now
from liyi.records.viewer import Viewer
from liyi.report.html import HTML
from liyi.scoring.folder import REPORT
from liyi.scoring.rejudge import rejudge

if TYPE_CHECKING:
    from pathlib import Path

    from liyi.records.engine import Records

ACCOUNTS = {"admin": "demo-admin", "trainer": "demo-trainer-1", "evaluator": "demo-evaluator", "trainee": "demo-1",
            "member": "demo-4", "private": "demo-6", "fresh": "demo-12", "nobody": "demo-new"}  # fmt: skip
FRONT = shipped("sample_media") / f"{demo_class.FRONT}.mp4"
NAMES = ("李雷", "韩梅梅", "孙浩", "赵敏")
FORM = {"consent_on": "2026-11-01", "consent_form": "书面"}
FULL = "The disk of the folder {folder} is full: make room, or name another folder with --out."
CRITERIA = ("shoulder_tilt", "crossed_arms", "pace", "courtesy_coverage")


@dataclass
class There:
    """What pages are opened with: tokens of sessions by who, ids and files by what they are called."""

    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)


def make(folder: Path) -> There:
    """Make the class with every state in ``folder``, and a session for each of its kinds of people."""
    demo_class.make(folder / "data", report=HTML)
    there = There(folder / "data")
    records = open_records(folder / "data", url=f"sqlite:///{folder / 'data' / 'liyi.sqlite3'}")
    try:
        who = {name: sign_in.signed_in(records, account) for name, account in ACCOUNTS.items()}
        for name, viewer in who.items():
            there.tokens[name] = sessions.begin(records, viewer)
        _recordings(records, who, there)
        _tries(records, who["trainee"])
        _batches(records, who, folder, there)
        _gold(records, who["trainer"], there.ids["blind"])
        _people(records, who, there)
    finally:
        records.close()
    for lang in ("zh", "en"):
        there.files[f"report-{lang}"] = _exported(folder / f"exported-{lang}", lang)
    return there


def _recordings(records: Records, who: dict[str, Viewer], there: There) -> None:
    """Ids of recordings of the trainee, and of the cases that they take part in."""
    own = recordings.recordings(records, who["trainee"])
    there.ids |= {"newest": own[0].id.hex, "reviewed": own[-1].id.hex}
    submitted = [row for row in own if row.submitted_at is not None]
    there.ids["submitted"] = submitted[0].id.hex
    others = recordings.recordings(records, who["trainer"])
    there.ids["queued"] = next(row.id.hex for row in others if row.person_id != who["trainee"].person_id)
    for case in case_views.cases(records, who["trainer"]):
        there.ids[f"case-{case.state}"] = case.id.hex


def _tries(records: Records, trainee: Viewer) -> None:
    for passed, value in ((False, 6.0), (False, 4.5), (True, 2.0), (True, 1.5)):
        result = tries.Result("shoulder_tilt", value, 1.2, "deg", 1.0 if passed else 0.4, "")
        tries.add(records, trainee, drill="level_shoulders", results=[result], passed=passed)


def _batches(records: Records, who: dict[str, Viewer], folder: Path, there: There) -> None:
    """A batch in each of its states; that its process lives is said until tomorrow, so that no server takes it."""
    viewer = who["evaluator"]
    consent.give_consent(records, viewer, version="demo-1", text_sha256="ab" * 32)
    for name, title in (
        ("draft-empty", "十二月窗口抽查"),
        ("draft-faults", "十二月窗口考核"),
        ("draft-ready", "热线培训"),
    ):
        _draft(records, viewer, name, title, folder, there)
    for state in (BatchState.waiting, BatchState.running, BatchState.stopped, BatchState.failed, BatchState.done):
        made = _run(records, viewer, state, folder)
        there.ids[f"batch-{state}"] = made.hex
    _marks(records, viewer, there)
    _second_ratings(records, viewer, who["trainer"], there)


def _draft(records: Records, viewer: Viewer, name: str, title: str, folder: Path, there: There) -> None:
    purpose = Purpose.training if name == "draft-ready" else Purpose.examination
    row = batches.add_batch(records, viewer, name=title, purpose=purpose, pack="counter", lang="zh",
                            options=Options("seated"))  # fmt: skip
    there.ids[name] = row.id.hex
    if name == "draft-empty":
        return
    for number, person in enumerate(NAMES[:2], 1):
        film = _film(folder, f"{name}-{number}")
        file = batch_bringing.begin_file(records, viewer, row.id, name=f"{person}.mp4", size_bytes=film.stat().st_size)
        shutil.copyfile(film, file.path)
        batch_bringing.end_file(records, viewer, row.id, file.id)
    cells = [{"file": f"{person}.mp4", "person": person, **FORM} for person in NAMES[:2]]
    if name == "draft-faults":
        cells[1] |= {"consent_on": "上个月", "profile": "sitting"}
        cells.append({"file": "王芳.mp4", "person": "王芳", **FORM})
    batch_bringing.set_lines(records, viewer, row.id, cells)


def _film(folder: Path, name: str) -> Path:
    """The sample as a file that is nobody else's."""
    path = folder / f"{name}.mp4"
    path.write_bytes(FRONT.read_bytes() + name.encode())
    return path


def _run(records: Records, viewer: Viewer, state: BatchState, folder: Path) -> Any:
    titles = {"waiting": "三季度复查", "running": "十一月热线考核", "stopped": "新员工入职考核", "failed": "夜班抽查",
              "done": "十一月窗口考核"}  # fmt: skip
    row = batches.add_batch(records, viewer, name=titles[state], purpose=Purpose.examination, pack="counter",
                            lang="zh", options=Options("seated"))  # fmt: skip
    done = {"waiting": 0, "running": 2, "stopped": 1, "failed": 1, "done": len(NAMES)}[state]
    lines = [_line(records, viewer, row.id, at, folder, state, done=at < done) for at in range(len(NAMES))]
    error = {"sentence": "{file} is empty (0 bytes): record or copy it again.", "fields": {"file": "马超.mp4"}}
    if state in ("done", "running"):
        cells = {"file": "马超.mp4", "person": "马超", **FORM}
        lines.append(BatchLine(batch_id=row.id, position=len(NAMES), cells=cells, state=LineState.failed, error=error))
    began = now() - timedelta(minutes=12)
    with records.writing() as session:
        session.add_all(lines)
        there = session.get(Batch, row.id)
        assert there is not None
        there.state, there.queued_at = state, began
        if state != "waiting":
            there.began_at = began
        if state == "running":
            there.run, there.beat_at = "ab" * 16, now() + timedelta(days=1)
        if state in ("stopped", "failed", "done"):
            there.ended_at = now()
        if state == "failed":
            there.error = {"sentence": FULL, "fields": {"folder": "liyi-data"}}
    return row.id


def _line(
    records: Records, viewer: Viewer, batch_id: Any, at: int, folder: Path, state: BatchState, *, done: bool
) -> BatchLine:
    cells = {"file": f"{NAMES[at]}.mp4", "person": NAMES[at], "cohort": "一班", **FORM}
    line = BatchLine(batch_id=batch_id, position=at, cells=cells, state=LineState.waiting)
    if done:
        film = _film(folder, f"{state}-{at}")
        taken = ("seated", "complaint", "phone", "seated")[at]
        out = folder / f"{state}-{at}"
        out.mkdir()
        measures = shipped("sample_media") / f"{demo_class.FRONT}.measures.parquet"
        shutil.copyfile(measures, out / "measures.parquet")
        judged = rejudge(out, pack=load_pack("counter"), profile=taken, lang="zh", report=HTML)
        row = people.add_person(records, sign_in.signed_in(records, ACCOUNTS["admin"]), name=NAMES[at])
        consent.give_consent(records, sign_in.signed_in(records, ACCOUNTS["admin"]), version="list",
                             text_sha256="ab" * 32, person_id=row.id)  # fmt: skip
        person = Viewer(row.id, row.organisation_id)
        kept = recordings.keep_recording(records, person, film, kind=Kind.upload, name=f"{NAMES[at]}.mp4",
                                         duration_s=judged.recording.duration_s)  # fmt: skip
        about = judged.recording.model_copy(update={"sha256": kept.sha256, "name": kept.name})
        judged = judged.model_copy(update={"recording": about})
        (out / "assessment.json").write_text(judged.model_dump_json(), encoding="utf-8")
        files = {each: out / each for each in ("assessment.json", "measures.parquet", REPORT)}
        found = assessments.file_assessment(records, person, kept.id, judged, files)
        with records.writing() as session:
            recording = session.get(Recording, kept.id)
            assert recording is not None
            recording.kind, recording.submitted_at, recording.opened_at = Kind.batch, now(), now()
            session.add(Assignment(evaluator_id=viewer.person_id, by_id=viewer.person_id, recording_id=kept.id))
        line.state, line.person_id, line.key = LineState.done, row.id, f"{at:064x}"
        line.recording_id, line.assessment_id = kept.id, found.id
    return line


def _marks(records: Records, viewer: Viewer, there: There) -> None:
    """A batch of which a mark is confirmed, beside the one of which none is."""
    rows = batch_marks.batch_table(records, viewer, there.ids["batch-done"])
    for row in rows:
        if row.recording_id is not None:
            there.ids.setdefault("line-recording", row.recording_id.hex)
            there.ids.setdefault("line-open", row.line_id.hex)
    marked = next(row for row in reversed(rows) if row.confirmable and row.assessment_id is not None)
    batch_marks.confirm_mark(records, viewer, marked.assessment_id, undecided=True)
    there.ids["line-confirmed"] = marked.line_id.hex


def _second_ratings(records: Records, evaluator: Viewer, trainer: Viewer, there: There) -> None:
    """All of the batch for the trainer to rate; all but one are rated, which stays blind."""
    batch_ratings.ask_second_rating(records, evaluator, there.ids["batch-done"], 1.0, trainer.person_id)
    rows = [row for row in batch_marks.batch_table(records, evaluator, there.ids["batch-done"]) if row.recording_id]
    for row in rows[1:]:
        for criterion, score in zip(CRITERIA, (60.0, 80.0, 100.0, 40.0), strict=True):
            feedback.rate(records, trainer, row.recording_id, criterion, score)
    there.ids["blind"] = rows[0].recording_id.hex


def _gold(records: Records, trainer: Viewer, but: str) -> None:
    """Clips on which people agreed, but none of one recording, the trainer's ratings, and two checks of the tool."""
    with records.writing() as session:
        taken = {*session.scalars(select(GoldClip.recording_id)), UUID(but)}
        query = select(Assessment).where(Assessment.pack_id == "counter").order_by(Assessment.created_at.desc())
        found: dict[Any, Assessment] = {}
        for each in session.scalars(query):
            recording = session.get(Recording, each.recording_id)
            if recording is not None and recording.submitted_at and recording.id not in taken:
                found.setdefault(recording.id, each)
        clips = list(found.values())[:12]
        at = now() - timedelta(days=40)
        for number, each in enumerate(clips):
            session.add(GoldClip(recording_id=each.recording_id, proposed_by_id=trainer.person_id, consented=True,
                                 answered_at=at, assessment_id=each.id, agreed_at=at))  # fmt: skip
            session.flush()
            for criterion in CRITERIA:
                session.add(GoldValue(recording_id=each.recording_id, criterion=criterion, score=75.0, low=70.0,
                                      high=80.0, raters=3))  # fmt: skip
                if number < 4:
                    session.add(GoldRating(recording_id=each.recording_id, rater_id=trainer.person_id,
                                           criterion=criterion, score=70.0 + 4 * number,
                                           created_at=now() - timedelta(days=28 - 7 * number)))  # fmt: skip
        packs = {"counter": load_pack("counter").sha256}
        for days, moved in ((20, False), (1, True)):
            check = GoldCheck(organisation_id=trainer.organisation_id, liyi_version=version("liyi"), packs=packs,
                              measured=False, clips=len(clips), created_at=now() - timedelta(days=days))  # fmt: skip
            session.add(check)
            session.flush()
            for each in clips:
                for criterion in (*CRITERIA, "total"):
                    by = 6.0 if moved and criterion == "pace" else 0.4
                    session.add(GoldMove(check_id=check.id, recording_id=each.recording_id, criterion=criterion,
                                         before=75.0, after=75.0 + by, error=2.0, moved=by > 2.0))  # fmt: skip


def _people(records: Records, who: dict[str, Viewer], there: There) -> None:
    admin = who["admin"]
    member = who["member"].person_id
    consent.exempt(records, admin, member, "crossed_arms", from_day=date.today(), reason=None)
    there.ids |= {"person": str(member), "admin": str(admin.person_id)}
    people.grant_role(records, admin, who["trainer"].person_id, Role.evaluator)
    there.ids["person-trainer"] = str(who["trainer"].person_id)
    from liyi.records.operations import cohorts

    there.ids["cohort"] = str(cohorts.cohorts(records, admin)[0].id)
    accounts.issue_code(records, admin, who["fresh"].person_id)


def _exported(folder: Path, lang: str) -> Path:
    """The report of the sample as a file that is taken away."""
    folder.mkdir()
    shutil.copyfile(shipped("sample_media") / f"{demo_class.FRONT}.measures.parquet", folder / "measures.parquet")
    rejudge(folder, pack=load_pack("counter"), profile="seated", lang=lang, report=HTML)
    return folder / REPORT
