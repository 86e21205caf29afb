"""A person's own copy of all that is kept of the person: one archive to open anywhere.

It holds what the person may see in Liyi: recordings that are not in the trash, what was found in them, comments,
confirmations, marks and answers to appeals with their authors' names, tries of drills, and what is noted of the
person. Raters stay unnamed: ratings are not in it.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from sqlalchemy import or_, select

from liyi.core.errors import LiyiError
from liyi.core.spreadsheet_text import csv_cell
from liyi.core.templates import template
from liyi.core.words import LANGUAGES, clock, pick, translate
from liyi.etiquette.norms import load_pack
from liyi.media.kinds import HEAD_BYTES, recorded_suffix
from liyi.records import vault
from liyi.records.access_tables import RecordingShare
from liyi.records.appeal_tables import AppealRow
from liyi.records.archive_writer import CHUNK_BYTES, Outgoing, Pipe, outgoing, outside
from liyi.records.batch_tables import Mark
from liyi.records.case_tables import CaseComment, CaseForm, CaseRow
from liyi.records.consent_tables import Consent, Exemption
from liyi.records.gold_tables import GoldClip
from liyi.records.operations.registry import operation
from liyi.records.review_schema import CannedPhrase, Confirmation, Review
from liyi.records.schema import (
    Assessment,
    AssessmentFile,
    Cohort,
    CohortMember,
    Comment,
    Department,
    DimensionRow,
    FileKind,
    Organisation,
    Person,
    Recording,
    RoleGrant,
    TryRow,
    now,
)
from liyi.records.sign_in import LOCAL
from liyi.records.sign_in_tables import Credential, SignInSession
from liyi.records.unit_of_work import UnitOfWork, id_of, writing
from liyi.records.viewer import Viewer, administers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from liyi.records.engine import Records

_TEMPLATES = Path(__file__).parents[1] / "templates"
_INDEX, _PERSON, _TRIES, _TRIES_TABLE = "index.html", "person.json", "tries.json", "tries.csv"
_MOST_PERSON = 16 << 20  # bytes
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")
_NAMES = {
    FileKind.assessment: "assessment.json",
    FileKind.measures: "measures.parquet",
    FileKind.report: "report.html",
}


@dataclass(frozen=True)
class Copy:
    """What is in a personal copy: of the person, of each recording and try, and each file's digest by its name."""

    person: Mapping[str, Any]
    recordings: Sequence[Mapping[str, Any]]
    files: Mapping[str, str]
    tries: Sequence[Mapping[str, Any]] = ()


@operation
def personal_copy(records: Records, viewer: Viewer, file: Path, *, person_id: UUID | str | None = None) -> Copy:
    """Write an archive of what is kept of a person.

    Parameters
    ----------
    records, viewer
        The store, and on whose behalf.
    file
        The archive to write (zip); an earlier copy of the same person's is replaced, another file never.
    person_id
        Oneself when not given, or for an administrator with the person's written request somebody administered.

    Returns
    -------
    Copy
        What is in it; of somebody else's only whose it is, for it is written unseen.

    Raises
    ------
    LiyiError
        When the viewer may not have it, it cannot be written or another file stands there, or something in it is
        deleted meanwhile.
    """
    id = viewer.person_id if person_id is None else id_of(person_id)
    with writing(records, viewer) as unit:
        who = unit.one(Person, id, or_(Person.id == viewer.person_id, administers(viewer, Person)))
        unit.note("export", Person, who.id)
    outside(records, file)
    copy = _copy(records, who)
    try:
        with outgoing(records, file, now(), lambda there: _is_copy(there, copy.person)) as archive:
            for name, text in _texts(copy):
                archive.text(name, text)
            for name, digest in copy.files.items():
                archive.file(name, vault.path_of(records, digest))
    except FileNotFoundError as error:
        raise LiyiError("A recording was deleted while it was copied: ask for the copy again.") from error
    return copy if who.id == viewer.person_id else Copy({"id": copy.person["id"]}, (), {})


@operation
def sent_copy(records: Records, viewer: Viewer) -> Iterator[bytes]:
    """The archive of what is kept of oneself, in pieces as it is made: nothing of it is written on the disk.

    Whoever takes the first piece has asked for it: only then it is noted and gathered. Where something in it is deleted
    meanwhile it ends before its end, and no program opens it.
    """
    with writing(records, viewer) as unit:
        who = unit.one(Person, viewer.person_id)
        unit.note("export", Person, who.id)
    copy = _copy(records, who)
    pipe = Pipe()
    with ZipFile(pipe, "w") as archive:
        target = Outgoing(archive, now())
        for name, text in _texts(copy):
            target.text(name, text)
        for name, digest in copy.files.items():
            with vault.path_of(records, digest).open("rb") as content, target.open(name) as member:
                while chunk := content.read(CHUNK_BYTES):
                    member.write(chunk)
                    yield pipe.taken()
    yield pipe.taken()


def _copy(records: Records, who: Person) -> Copy:
    with records.reading() as session:
        return _gather(UnitOfWork(session, Viewer(who.id, who.organisation_id)), who, records)


def _texts(copy: Copy) -> Iterator[tuple[str, str]]:
    """The archive's texts by name, the page that leads through it first."""
    yield _INDEX, _index(copy)
    yield _PERSON, _json(copy.person)
    if copy.tries:
        yield _TRIES, _json(copy.tries)
        yield _TRIES_TABLE, _table(copy.tries)
    for each in copy.recordings:
        yield f"{each['folder']}/recording.json", _json(each)


def _is_copy(file: Path, person: Mapping[str, Any]) -> bool:
    """Whether a file is a copy of what is kept of this person."""
    with ZipFile(file) as archive, archive.open(_PERSON) as said:
        there = json.loads(said.read(_MOST_PERSON))
    return there["id"] == person["id"] and _INDEX in archive.namelist()


def _gather(unit: UnitOfWork, who: Person, records: Records) -> Copy:
    files: dict[str, str] = {}
    mine = unit.select(Recording, Recording.person_id == who.id).order_by(Recording.created_at, Recording.id)
    recordings = [
        _recording(unit, row, f"recordings/{number:04d}", files, records)
        for number, row in enumerate(unit.all(mine), 1)
    ]
    tries = unit.select(TryRow, TryRow.person_id == who.id).order_by(TryRow.created_at, TryRow.id)
    told = [_fields(row, "drill", "created_at", "passed", "results") for row in unit.all(tries)]
    return Copy(_person(unit, who), recordings, files, told)


def _person(unit: UnitOfWork, who: Person) -> dict[str, Any]:
    cohorts = select(Cohort.name, CohortMember.role).join(CohortMember).where(CohortMember.person_id == who.id)
    consents = unit.select(Consent, Consent.person_id == who.id).order_by(Consent.given_at)
    exemptions = unit.select(Exemption, Exemption.person_id == who.id).order_by(Exemption.from_day)
    phrases = unit.select(CannedPhrase, CannedPhrase.author_id == who.id).order_by(CannedPhrase.created_at)
    said = select(CaseComment).where(CaseComment.author_id == who.id).order_by(CaseComment.created_at)
    roles = unit.select(RoleGrant, RoleGrant.person_id == who.id).order_by(RoleGrant.role)
    password = select(Credential.password_set_at).where(Credential.person_id == who.id)
    sign_ins = select(SignInSession).where(SignInSession.person_id == who.id).order_by(SignInSession.begun_at)
    return {
        "id": str(who.id),
        "name": who.name,
        "account": who.account,
        "organisation": unit.session.scalar(select(Organisation.name).where(Organisation.id == who.organisation_id)),
        "department": unit.session.scalar(select(Department.name).where(Department.id == who.department_id)),
        "post": who.post,
        "entered_at": who.created_at,
        "left_at": who.left_at,
        "roles": [row.role for row in unit.all(roles)],
        "cohorts": [dict(row._mapping) for row in unit.session.execute(cohorts.order_by(Cohort.name))],
        "consents": [_fields(row, "version", "text_sha256", "given_at", "withdrawn_at") for row in unit.all(consents)],
        "exemptions": [_fields(row, "flag", "from_day", "until_day", "reason") for row in unit.all(exemptions)],
        "password_set_at": unit.session.scalar(password),
        "sign_ins": [_fields(row, "begun_at", "seen_at", "ended_at") for row in unit.session.scalars(sign_ins)],
        "case_comments": [_fields(row, "text", "created_at") for row in unit.session.scalars(said)],
        "canned_phrases": [_fields(row, "criterion", "text", "created_at") for row in unit.all(phrases)],
    }


def _suffix(records: Records, name: str, digest: str) -> str:
    """How the copied file's name ends, by which its owner's computer opens it; a rehearsal has no file name."""
    suffix = Path(name).suffix
    if _SUFFIX.fullmatch(suffix):
        return suffix.lower()
    try:
        with vault.path_of(records, digest).open("rb") as content:
            return recorded_suffix(content.read(HEAD_BYTES))
    except OSError:  # it is missed where it is copied
        return ""


def _recording(
    unit: UnitOfWork, row: Recording, folder: str, files: dict[str, str], records: Records
) -> dict[str, Any]:
    shares = select(Cohort.name).join(RecordingShare).where(RecordingShare.recording_id == row.id)
    found = unit.select(Assessment, Assessment.recording_id == row.id).order_by(Assessment.created_at, Assessment.id)
    media = None
    if row.sha256 is not None:
        media = f"{folder}/recording{_suffix(records, row.name, row.sha256)}"
        files[media] = row.sha256
    side = None
    if row.side_sha256 is not None:
        side = f"{folder}/recording_from_the_side{_suffix(records, '', row.side_sha256)}"
        files[side] = row.side_sha256
    return {
        "folder": folder,
        **_fields(
            row,
            "name",
            "kind",
            "state",
            "created_at",
            "duration_s",
            "size_bytes",
            "sha256",
            "submitted_at",
            "opened_at",
        ),
        "shown_to": "owner" if row.submitted_at is None else "reviewers",
        "media": media,
        "media_from_the_side": side,
        "shared_with": sorted(unit.session.scalars(shares)),
        "comments": _by_author(unit, Comment, Comment.recording_id == row.id, "at_s", "text", "created_at"),
        "reviews": _by_author(unit, Review, Review.recording_id == row.id, "created_at"),
        "appeals": _appeals(unit, AppealRow.recording_id == row.id),
        "gold_clip": [
            _fields(each, "proposed_at", "consented", "answered_at", "agreed_at")
            for each in unit.all(unit.select(GoldClip, GoldClip.recording_id == row.id))
        ],
        "cases": _cases(unit, row, folder, files),
        "assessments": [
            _assessment(unit, each, f"{folder}/assessment_{number}", files)
            for number, each in enumerate(unit.all(found), 1)
        ],
    }


def _assessment(unit: UnitOfWork, row: Assessment, folder: str, files: dict[str, str]) -> dict[str, Any]:
    kept = unit.select(AssessmentFile, AssessmentFile.assessment_id == row.id).order_by(AssessmentFile.name)
    scores = unit.select(DimensionRow, DimensionRow.assessment_id == row.id).order_by(DimensionRow.dimension)
    names: dict[str, list[str]] = {kind: [] for kind in FileKind}
    for number, file in enumerate(unit.all(kept), 1):
        suffix = Path(file.name).suffix
        still = f"still_{number:03d}{suffix if _SUFFIX.fullmatch(suffix) else ''}"
        name = f"{folder}/{_NAMES.get(file.kind, still)}"
        files[name] = file.sha256
        names[file.kind].append(name)
    return {
        **_fields(row, "pack_id", "pack_version", "profile", "total", "coverage", "status", "created_at",
                  "liyi_version", "models", "options"),
        "dimensions": {each.dimension: _fields(each, "score", "coverage") for each in unit.all(scores)},
        "confirmations": _by_author(unit, Confirmation, Confirmation.assessment_id == row.id, "criterion", "decision",
                                    "start_s", "end_s", "new", "why", "created_at"),
        "marks": _by_author(unit, Mark, Mark.assessment_id == row.id, "total", "total_error", "why", "created_at",
                            "withdrawn_at", "withdrawn_why"),
        "files": names,
    }  # fmt: skip


def _cases(unit: UnitOfWork, of: Recording, folder: str, files: dict[str, str]) -> list[dict[str, Any]]:
    """What of a recording was asked for, offered or shown as a case, to whom until when, and what was said of it."""
    query = unit.select(CaseRow, CaseRow.recording_id == of.id).join(Cohort, Cohort.id == CaseRow.cohort_id)
    rows: Iterator[Any] = iter(unit.session.execute(query.add_columns(Cohort.name).order_by(CaseRow.created_at)))
    names = ("purpose", "criterion", "start_s", "end_s", "title", "look_at", "question", "form", "captions", "until",
             "created_at", "agreed_at", "text_sha256", "accepted_at", "declined_at", "withdrawn_at")  # fmt: skip
    told = []
    for number, (row, cohort) in enumerate(rows, 1):
        clip = None
        if row.sha256 is not None:
            clip = f"{folder}/case_{number}.{'json' if row.form == CaseForm.skeleton else 'webm'}"
            files[clip] = row.sha256
        comments = _by_author(unit, CaseComment, CaseComment.case_id == row.id, "text", "created_at")
        told.append({**_fields(row, *names), "cohort": cohort, "clip": clip, "comments": comments})
    return told


def _by_author(unit: UnitOfWork, entity: Any, condition: Any, *names: str) -> list[dict[str, Any]]:
    query = unit.select(entity, condition).add_columns(Person.name).join(Person, Person.id == entity.author_id)
    rows = unit.session.execute(query.order_by(entity.created_at, entity.id))
    return [{**_fields(row, *names), "author": author} for row, author in rows]


def _appeals(unit: UnitOfWork, condition: Any) -> list[dict[str, Any]]:
    """Appeals with what was answered, and by whom."""
    query = unit.select(AppealRow, condition).outerjoin(Person, Person.id == AppealRow.answered_by_id)
    rows = unit.session.execute(query.add_columns(Person.name).order_by(AppealRow.created_at, AppealRow.id))
    names = ("criterion", "start_s", "end_s", "sentence", "created_at", "upheld", "answer", "answered_at")
    return [{**_fields(row, *names), "answered_by": by} for row, by in rows]


def _fields(row: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _table(tries: Sequence[Mapping[str, Any]]) -> str:
    """Tries as CSV, a line for each result; with the mark by which Excel knows UTF-8."""
    lines = io.StringIO()
    names = ("criterion", "value", "error", "unit", "sub_score", "side")
    table = csv.writer(lines, lineterminator="\r\n")
    table.writerow(("created_at", "drill", "passed", *names))
    for each in tries:
        at = each["created_at"].isoformat()
        for result in each["results"]:
            found = (result[name] for name in names)
            table.writerow((at, csv_cell(each["drill"]), int(each["passed"]),
                            *(csv_cell(value) if isinstance(value, str) else value for value in found)))  # fmt: skip
    return f"\N{ZERO WIDTH NO-BREAK SPACE}{lines.getvalue()}"


def _json(values: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2, default=_moment) + "\n"


def _moment(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _index(copy: Copy) -> str:
    """The page that leads through the archive, in Chinese and English."""
    tongues = [(lang, partial(translate, lang=lang)) for lang in LANGUAGES]
    page = template("personal_copy.html.j2", _TEMPLATES)
    shown = {"person": copy.person, "recordings": copy.recordings, "tries": len(copy.tries)}
    return page.render(**shown, tongues=tongues, clock=clock, made_at=now(), heading=_heading, judged_by=_judged_by)


def _heading(person: Mapping[str, Any], lang: str) -> str:
    """Of whom it is; the one person of a machine without sign-in, who reads it, has no name."""
    if person["id"] == str(LOCAL):
        return translate("What is kept of you", lang)
    return translate("What is kept of {name}", lang, name=person["name"])


def _judged_by(found: Mapping[str, Any], lang: str) -> str:
    """Norm pack and profile of an assessment in words; their ids where the pack is not here any more."""
    try:
        pack = load_pack(found["pack_id"])
        names = pick(pack.name, lang), pack.profile_name(found["profile"], lang)
    except LiyiError:
        names = found["pack_id"], found["profile"]
    return f"{names[0]} {found['pack_version']} · {names[1]}"
