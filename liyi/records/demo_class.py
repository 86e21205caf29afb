"""A class of made-up people, so that every page can be looked at before the first trainee comes.

Whoever is in it bears a name that says so. Their recordings are the samples that ship with Liyi, and what is found in
them is judged anew from what was measured in these (`rejudge`): no number is invented. They differ by the sample, the
profile, and what is exempt. Days are set back, so that there is something to compare.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from liyi.core.errors import LiyiError
from liyi.core.shipped import shipped
from liyi.etiquette.norms import load_pack
from liyi.etiquette.store import load_performance
from liyi.records import demo, passwords, sign_in
from liyi.records.case_tables import CaseForm, CasePurpose
from liyi.records.engine import open_records
from liyi.records.operations import (
    access,
    appeals,
    assessments,
    case_clips,
    cases,
    cohorts,
    confirmations,
    consent,
    feedback,
    gold,
    people,
    recordings,
    submission,
)
from liyi.records.review_schema import Decision
from liyi.records.schema import Comment, Kind, Recording, Role, now
from liyi.records.viewer import Viewer
from liyi.report.clip import captions_between, moving_joints
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.scoring.rejudge import rejudge

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from liyi.etiquette.assessment import Assessment as Judged
    from liyi.records.engine import Records
    from liyi.records.passwords import Code
    from liyi.scoring.reporting import Report

FRONT, SIDE = "counter_front_zh", "counter_side_zh"
PACK = "counter"
DAYS = 180  # for which submitted recordings are kept


@dataclass(frozen=True)
class Take:
    """A sample as it is judged: by which profile, and without what."""

    sample: str
    profile: str
    exempt: tuple[str, ...] = ()


SEATED, COMPLAINT, PHONE = Take(FRONT, "seated"), Take(FRONT, "complaint"), Take(FRONT, "phone")
FREE_ARMS, SIDEWAYS = Take(FRONT, "seated", ("crossed_arms",)), Take(SIDE, "seated")


@dataclass(frozen=True)
class Practice:
    """A recording of a trainee: how many days ago, how judged, whether submitted."""

    trainee: int
    days_ago: int
    take: Take
    submitted: bool = True


# Who practised what; the last one of trainee 0 is private, all of trainee 5's are, trainee 11 has not begun.
PRACTICE = (
    Practice(0, 21, SEATED), Practice(0, 12, SIDEWAYS), Practice(0, 4, FREE_ARMS), Practice(0, 1, SEATED, False),
    Practice(1, 15, COMPLAINT), Practice(1, 3, FREE_ARMS), Practice(2, 9, SIDEWAYS), Practice(3, 8, FREE_ARMS),
    Practice(3, 2, COMPLAINT), Practice(4, 6, SEATED), Practice(5, 5, SEATED, False), Practice(5, 2, SIDEWAYS, False),
    Practice(6, 14, PHONE), Practice(6, 5, PHONE), Practice(7, 11, PHONE), Practice(8, 7, PHONE),
    Practice(8, 1, COMPLAINT, False), Practice(9, 3, PHONE), Practice(10, 2, COMPLAINT),
)  # fmt: skip

_TITLES = {"seated": "坐席接待", "complaint": "投诉接待", "phone": "电话接听"}
_TRAINEES = ("李明", "王丽", "张伟", "刘洋", "陈晨", "杨帆", "黄蕾", "周杰", "吴婷", "徐磊", "孙悦", "马超")
_COMMENT = "开场问候清楚；双臂交叉那几秒请改为双手叠放腹前。"
_WHY = "当时在整理桌上的材料，不是抱臂。"
_APPEAL = "我是在取材料，不是双臂抱胸，请再看一下。"
_ANSWER = "回看了第 2 至 4 秒，确实是抱臂；取材料时请单手。"


_SHOWN: Mapping[str, Any] = {
    "purpose": CasePurpose.exemplary, "criterion": "shoulder_tilt", "start_s": 6.0, "end_s": 16.0,
    "form": CaseForm.skeleton, "title": "问答时双肩放平", "look_at": "说话和停顿时，双肩是否一直端平。",
    "question": "低头看材料时，您怎样保持双肩放平？",
}  # fmt: skip
_ASKED: Mapping[str, Any] = {
    "purpose": CasePurpose.instructive, "criterion": "crossed_arms", "start_s": 1.0, "end_s": 9.0,
    "form": CaseForm.as_is, "title": "开场时的双手", "look_at": "双手放在哪里，什么时候放回腹前。",
    "question": "手里没有材料时，双手放在哪里？",
}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in: made-up name, role, account, and the one-time code that is shown this once."""

    name: str
    role: Role
    account: str
    id: UUID
    code: Code


@dataclass(frozen=True)
class Made:
    """What was made."""

    accounts: Sequence[Account]
    recordings: int


@dataclass
class _Class:
    """Everybody, while the class is made."""

    records: Records
    admin: Viewer
    accounts: list[Account]

    def add(self, name: str, account: str, *roles: Role, department: UUID | None = None) -> Viewer:
        """Enter somebody with these roles; who has any is told as an account, with a code."""
        row = people.add_person(
            self.records, self.admin, name=_made_up(name), account=account, department_id=department
        )
        for role in roles:
            people.grant_role(self.records, self.admin, row.id, role)
        if roles:
            self.accounts.append(_account(self.records, row.name, roles[0], account, row.id))
        return Viewer(row.id, row.organisation_id)


def make(folder: Path, *, report: Report | None, progress: Callable[[float], None] = lambda done: None) -> Made:
    """Make the class in an empty folder.

    Parameters
    ----------
    folder
        Of the data; it must hold nothing.
    report
        Draws the reports; none are made without it.
    progress
        Called with the share (0..1) that is made.

    Raises
    ------
    LiyiError
        When the folder holds anything, or cannot be written.
    """
    need_empty(folder)
    records = open_records(folder, url=f"sqlite:///{folder / 'liyi.sqlite3'}")
    try:
        demo.mark(folder)
        everybody, trainees, (*trainers, evaluator) = _people(records)
        with tempfile.TemporaryDirectory(prefix="liyi-demo-") as room:
            judged = _judged(Path(room), report)
            kept = []
            for count, each in enumerate(PRACTICE, start=1):
                trainer = trainers[0 if each.trainee < 6 else 1]
                kept.append(_practise(records, trainees[each.trainee], (trainer, evaluator), each, judged[each.take]))
                progress(count / len(PRACTICE))
            _gold_clips(records, trainers[0], trainees, dict(zip(PRACTICE, kept, strict=True)))
            _cases(records, trainees, trainers[0], judged)
        return Made(tuple(everybody.accounts), len(PRACTICE))
    finally:
        records.close()


def need_empty(folder: Path) -> None:
    """Refuse a folder that holds anything: nobody made up is to stand among people who are there."""
    try:
        holds = folder.exists() and any(folder.iterdir())
    except OSError as error:
        raise LiyiError("{folder} cannot be looked into ({fault}): name another folder with --data.",
                        folder=str(folder), fault=error.strerror or str(error)) from error  # fmt: skip
    if holds:
        raise LiyiError("{folder} is not empty, and made-up people belong in a folder of their own: name a new one "
                        "with --data.", folder=str(folder))  # fmt: skip


def _made_up(name: str) -> str:
    return f"示范-{name}"


def _account(records: Records, name: str, role: Role, account: str, id: UUID) -> Account:
    with records.writing() as session:
        return Account(name, role, account, id, passwords.issue(session, id))


def _people(records: Records) -> tuple[_Class, list[Viewer], list[Viewer]]:
    admin = sign_in.found_organisation(records, _made_up("政务服务中心"), admin=_made_up("周敏"), account="demo-admin")
    first = _account(records, _made_up("周敏"), Role.admin, "demo-admin", admin.person_id)
    here = _Class(records, admin, [first])
    window, line = (people.add_department(records, admin, name=_made_up(name)).id for name in ("综合窗口", "热线"))
    trainers = [here.add(name, f"demo-trainer-{number}", Role.trainer, Role.trainee)
                for number, name in enumerate(("王芳", "赵强"), start=1)]  # fmt: skip
    evaluator = here.add("陈静", "demo-evaluator", Role.evaluator)
    trainees = [here.add(name, f"demo-{number}", Role.trainee, department=window if number <= 6 else line)
                for number, name in enumerate(_TRAINEES, start=1)]  # fmt: skip
    here.add("新同事", "demo-new")  # who has no role yet: the administrator's first page says so
    groups = [cohorts.add_cohort(records, admin, name=_made_up(name)).id for name in ("窗口一班", "热线一班")]
    for number, group in enumerate(groups):
        cohorts.add_member(records, admin, group, trainers[number].person_id, Role.trainer)
        for who in trainees[6 * number : 6 * number + 6 - number]:  # the last one of the second is in none
            cohorts.add_member(records, admin, group, who.person_id, Role.trainee)
    access.assign(records, admin, evaluator.person_id, cohort_id=groups[0])
    people.set_retention(records, admin, Role.trainee, days=DAYS)
    return here, trainees, [*trainers, evaluator]


def _judged(room: Path, report: Report | None) -> Mapping[Take, tuple[Judged, Path]]:
    """What each take comes to, and the folder of its files."""
    found, pack = {}, load_pack(PACK)
    for number, take in enumerate(dict.fromkeys(each.take for each in PRACTICE)):
        folder = room / str(number)
        folder.mkdir()
        measures = shipped("sample_media") / f"{take.sample}.measures.parquet"
        (folder / MEASURES).write_bytes(measures.read_bytes())
        found[take] = rejudge(folder, pack=pack, profile=take.profile, exemptions=take.exempt, lang="zh",
                              report=report), folder  # fmt: skip
    return found


def _practise(
    records: Records, who: Viewer, judges: tuple[Viewer, Viewer], each: Practice, result: tuple[Judged, Path]
) -> UUID:
    """One recording with its assessment, as if it had been made days ago; ``judges`` are a trainer and an evaluator."""
    judged, folder = result
    at = now() - timedelta(days=each.days_ago, hours=each.trainee % 5)
    if not consent.consents(records, who, who.person_id):
        text = hashlib.sha256(_made_up("同意").encode()).hexdigest()
        consent.give_consent(records, who, version="demo-1", text_sha256=text)
    row = recordings.keep_recording(
        records, who, shipped("sample_media") / f"{each.take.sample}.mp4", kind=Kind.upload,
        name=f"{_made_up(_TITLES[each.take.profile])}.mp4", duration_s=judged.recording.duration_s,
    )  # fmt: skip
    dated = judged.model_copy(update={"created_at": at.isoformat(timespec="seconds").replace("+00:00", "Z")})
    (folder / ASSESSMENT).write_text(dated.model_dump_json(indent=2), encoding="utf-8")
    files = {name: folder / name for name in (ASSESSMENT, MEASURES, REPORT) if (folder / name).is_file()}
    filed = assessments.file_assessment(records, who, row.id, dated, files)
    if each.submitted:
        submission.submit_recording(records, who, row.id)
        _said_of_it(records, judges[0], row.id, filed.id, each)
        _appealed(records, who, judges[1], filed.id, each)
    _set_back(records, row.id, at, submitted=each.submitted)
    return row.id


def _gold_clips(records: Records, trainer: Viewer, trainees: Sequence[Viewer], kept: Mapping[Practice, UUID]) -> None:
    """Two gold clips: one waits for its owner, one to be rated blind. Ratings would be invented, so there are none."""
    for each in (Practice(0, 4, FREE_ARMS), Practice(3, 8, FREE_ARMS)):
        gold.propose_gold(records, trainer, kept[each])
    gold.answer_gold(records, trainees[3], kept[Practice(3, 8, FREE_ARMS)], consented=True)


def _said_of_it(records: Records, trainer: Viewer, recording: UUID, assessment: UUID, each: Practice) -> None:
    """What a trainer has said of what was submitted over a week ago; what is newer waits for somebody."""
    if each.days_ago <= 7:
        return
    if each.take is SEATED:
        feedback.comment(records, trainer, recording, _COMMENT, at_s=2.5)
        confirmations.confirm(records, trainer, assessment, "courtesy_coverage", decision=Decision.confirmed)
    if each.take is COMPLAINT:
        confirmations.confirm(records, trainer, assessment, "crossed_arms", decision=Decision.rejected, why=_WHY)
    confirmations.send_review(records, trainer, recording)


def _appealed(records: Records, who: Viewer, evaluator: Viewer, assessment: UUID, each: Practice) -> None:
    """Two appeals: one was answered by who had not decided on the finding before, the other waits."""
    if each.take is SEATED and each.submitted:
        found = appeals.appeal(records, who, assessment, "crossed_arms", _APPEAL)
        if each.days_ago > 7:
            appeals.answer_appeal(records, evaluator, found.id, upheld=False, sentence=_ANSWER)


def _cases(
    records: Records, trainees: Sequence[Viewer], trainer: Viewer, judged: Mapping[Take, tuple[Judged, Path]]
) -> None:
    """One case that is shown as a skeleton, and one for which its owner is asked."""
    [group] = [each.id for each in cohorts.cohorts(records, trainer)]
    for who, take, case in ((trainees[3], FREE_ARMS, _SHOWN), (trainees[0], SEATED, _ASKED)):
        found = recordings.recordings(records, trainer, person_id=who.person_id)
        name = f"{_made_up(_TITLES[take.profile])}.mp4"
        on = next(row for row in reversed(found) if row.name == name)
        row = cases.propose_case(records, trainer, on.id, group, until=now() + timedelta(days=30), **case)
        if case is _SHOWN:
            told, folder = judged[take]
            performance = load_performance(folder / MEASURES)
            joints = moving_joints(performance, told, row.criterion, row.start_s, row.end_s)
            cases.agree_to_case(
                records, who, row.id, form=CaseForm.skeleton,
                captions=captions_between(told.transcript, row.start_s, row.end_s),
                text_sha256=hashlib.sha256(_made_up("同意").encode()).hexdigest(),
            )  # fmt: skip
            case_clips.keep_clip(records, who, row.id, io.BytesIO(joints))


def _set_back(records: Records, recording: UUID, at: datetime, *, submitted: bool) -> None:
    """Days of a recording, and of what was said of it."""
    later = partial(timedelta, minutes=30)
    with records.writing() as session:
        days = {"created_at": at, **({"submitted_at": at + later()} if submitted else {})}
        session.execute(update(Recording).where(Recording.id == recording).values(**days))
        session.execute(update(Comment).where(Comment.recording_id == recording).values(created_at=at + 3 * later()))
