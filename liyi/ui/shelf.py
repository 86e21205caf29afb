"""The shelf: every recording of the viewer, from rehearsals and uploads alike, and what may be done with it.

The one small interface between pages and store. A recording stands in the records from before its first byte, which
needs its person's consent. What is being made of it lies in its workroom until its assessment is filed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Literal

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.etiquette.assessment import Assessment
from liyi.records import reserve, retention, vault
from liyi.records.operations import assessments, deletion, recordings
from liyi.records.schema import Kind, Recording
from liyi.records.schema import State as Kept
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT
from liyi.ui import filing, jobs, people, space
from liyi.ui.exempting import exempted, exemptions_of
from liyi.ui.live import session

# What was begun and of which nothing arrived within a day was given up.
GIVEN_UP_S = 24 * 3600.0
PAGE = 50

State = Literal["open", "ended", "running", "done", "failed"]


@dataclass(frozen=True)
class Entry:
    """One recording.

    ``created_at`` and ``deleted_at`` are seconds since 1970, ``assessment`` the id of its newest assessment. ``state``:
    ``open`` while it is recorded, ``ended`` before its assessment begins, then how far that is; ``error`` says why it
    failed. ``total`` (0..100) and ``coverage`` (0..1) are None without an assessment, ``total`` below the pack's
    coverage too. ``place`` counts from 1 while its assessment waits for others.
    ``playable``: whether the recording is one file that can be played.
    """

    id: str
    kind: Literal["rehearsal", "upload"]
    created_at: float
    name: str
    pack: str = ""
    profile: str | None = None
    state: State = "ended"
    assessment: str | None = None
    total: float | None = None
    coverage: float | None = None
    error: LiyiError | None = None
    playable: bool = False
    deleted_at: float | None = None
    place: int = 0


def entries(*, size: int = PAGE) -> list[Entry]:
    """The newest recordings that are not deleted, newest first; rehearsals of which nothing has arrived are left out.

    Parameters
    ----------
    size
        How many recordings are looked at.
    """
    who = people.viewer()
    rows = recordings.recordings(people.records(), who, person_id=who.person_id, size=size)
    return [_entry(row) for row in rows if row.state is Kept.kept or anything_recorded(row.id.hex)]


def find(id: str) -> Entry:
    """The recording with this id; raises LiyiError when there is none, or it was deleted."""
    return _entry(_row(id))


def trash() -> list[Entry]:
    """What was deleted and can still be restored, last deleted first."""
    return [_bare(row) for row in deletion.trash(people.records(), people.viewer())]


def recording(entry: Entry) -> Path | None:
    """The recording as one file that can be played; None as long as there is none."""
    if _row(entry.id).state is Kept.kept:
        return recordings.watch(people.records(), people.viewer(), entry.id)
    return jobs.media(entry.id)


def results(entry: Entry, name: str) -> Path:
    """A file of its assessment, by name."""
    assert entry.assessment is not None
    return assessments.assessment_file(people.records(), people.viewer(), entry.assessment, name)


def report(entry: Entry) -> str:
    """The report of its assessment; raises LiyiError when its file is missing or cannot be read."""
    path = results(entry, REPORT)
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError as error:
        raise LiyiError(
            "The store's file {sha256} is missing or damaged: put it back from an older backup, or delete its "
            "recording, then back up again.",
            sha256=vault.digest_at(path) or path.name,
        ) from error


def anything_recorded(id: str) -> bool:
    """Whether any piece of the recording ``id`` has arrived in its workroom."""
    pieces = jobs.folder_of(id) / "chunks"
    return jobs.media(id) is not None or next(pieces.glob("*.part"), None) is not None


def upload(content: IO[bytes], name: str, pack: str, options: Options, *, lang: str) -> str:
    """Keep a recording that is there as one file and start its assessment; returns its id.

    Parameters
    ----------
    content
        The recording, read from its current position.
    name
        As the user's machine calls it; only its harmless characters are kept.
    pack, options, lang
        As `liyi.ui.jobs.order` takes them; exemptions are those of the records.

    Raises
    ------
    LiyiError
        When it is no recording by its first bytes, there is no consent to it, it is too large, the disk has no room
        for it, or it cannot be kept.
    """
    name = jobs.safe_name(name)
    jobs.check(content, name)
    space.check_upload(_size(content))
    id = _open(name, Kind.upload)
    try:
        jobs.start(id, content, name, jobs.order(pack, lang, exempted(id, pack, options)))
    except LiyiError:
        deletion.delete_recording(people.records(), people.viewer(), id)
        raise
    return id


def rehearse(*, pack: str, options: Options, exam: bool, lang: str) -> tuple[str, str]:
    """Begin a rehearsal; returns its id and its token.

    Parameters
    ----------
    pack, options, exam, lang
        As `liyi.ui.live.session.begin` takes them; exemptions are those of the records.

    Raises
    ------
    LiyiError
        When there is no consent to it, or its folder cannot be made.
    """
    id = _open("rehearsal", Kind.rehearsal)
    try:
        return id, session.begin(id, pack=pack, options=exempted(id, pack, options), exam=exam, lang=lang)
    except LiyiError:
        deletion.delete_recording(people.records(), people.viewer(), id)
        raise


def fitting_profile(entry: Entry) -> str | None:
    """The profile that the assessment says fits the recording; None where the one that was asked for does."""
    judged = Assessment.model_validate_json(results(entry, ASSESSMENT).read_bytes())
    found = (w.fields.get("fitting") for w in judged.recording.warnings if w.code == "profile_mismatch")
    return next((str(profile) for profile in found), None)


def judge_by(entry: Entry, profile: str, lang: str) -> None:
    """Judge what was measured by another profile of the same pack, and file that as the newest assessment.

    Raises
    ------
    LiyiError
        When the measures are gone or damaged, or the assessment cannot be written.
    """
    from liyi.etiquette.norms import load_pack
    from liyi.report.html import HTML
    from liyi.scoring.score import rejudge

    with tempfile.TemporaryDirectory(prefix="liyi-judge-") as room:
        before, after = Path(room, "before"), Path(room, "after")
        before.mkdir()
        for name in (ASSESSMENT, MEASURES):
            shutil.copyfile(results(entry, name), before / name)
        judged = rejudge(before, pack=load_pack(entry.pack), profile=profile, out=after, lang=lang,
                         exemptions=exemptions_of(entry.id, entry.pack), report=HTML)  # fmt: skip
        files = {name: after / name for name in (ASSESSMENT, MEASURES, REPORT)}
        assessments.file_assessment(people.records(), people.viewer(), entry.id, judged, files)


def assess(id: str, *, calibrated: bool = True) -> None:
    """Start the assessment of a recording, unless one is running or done; a rehearsal is ended.

    Parameters
    ----------
    id
        Of the recording.
    calibrated
        Whether a rehearsal's calibration stretch is used. False assesses once more, without one.
    """
    entry = find(id)
    if entry.state in ("running", "done"):
        return
    if entry.kind == "upload":
        told = jobs.options(id)
        jobs.launch(id, jobs.order(told["pack"], told["lang"], exempted(id, told["pack"], Options.of_json(told))))
        return
    session.end(id)
    now = session.open_session(id)
    options = now.options if calibrated else replace(now.options, calibration=None)
    jobs.launch(id, jobs.order(now.pack, now.lang, exempted(id, now.pack, options)))


def discard(entry: Entry) -> None:
    """Put the recording and everything made from it into the trash; its work stops. Works on a full disk."""
    with reserve.released(people.records().folder):
        deletion.discard(people.records(), people.viewer(), entry.id)
        jobs.stop(entry.id)
        with suppress(LiyiError):  # no rehearsal, or none that goes on
            session.shut(entry.id)


def restore(entry: Entry) -> None:
    """Take a deleted recording back out of the trash."""
    deletion.take_back(people.records(), people.viewer(), entry.id)


def purge(entry: Entry) -> None:
    """Remove a deleted recording for good."""
    deletion.delete_recording(people.records(), people.viewer(), entry.id)


def purge_old(*, now: float | None = None) -> None:
    """Purge what the records' rules say must go (`liyi.records.retention`), and what never began.

    Nothing goes by a clock that is far ahead of all entries: the log says so, and the page is shown.
    """
    store, at = people.records(), time.time() if now is None else now
    moment = datetime.fromtimestamp(at, UTC)
    try:
        retention.require_clock(store, moment)
    except retention.ClockError as error:
        logs.event("clock", error=error)
        return
    if retention.due(store, at=moment):
        retention.purge(store, at=moment)
    for folder in jobs.workrooms().glob("*"):
        with suppress(LiyiError, FileNotFoundError):  # somebody else's, in the trash, or gone meanwhile
            if at - folder.stat().st_mtime > GIVEN_UP_S and not anything_recorded(folder.name):
                _give_up(folder.name)


def _give_up(id: str) -> None:
    if recordings.recording(people.records(), people.viewer(), id).state is Kept.open:
        deletion.delete_recording(people.records(), people.viewer(), id)


def _size(content: IO[bytes]) -> int:
    """Bytes from the current position to the end."""
    begin = content.tell()
    size = content.seek(0, os.SEEK_END) - begin
    content.seek(begin)
    return size


def _open(name: str, kind: Kind) -> str:
    return recordings.open_recording(people.records(), people.viewer(), name=name, kind=kind).id.hex


def _row(id: str) -> Recording:
    try:
        return recordings.recording(people.records(), people.viewer(), id)
    except LiyiError as error:
        raise LiyiError("There is no such recording, or it was deleted. Look under Recordings.") from error


def _bare(row: Recording) -> Entry:
    """What the recording's row says by itself."""
    kind: Literal["rehearsal", "upload"] = "rehearsal" if row.kind is Kind.rehearsal else "upload"
    deleted_at = row.deleted_at.timestamp() if row.deleted_at else None
    return Entry(row.id.hex, kind, row.created_at.timestamp(), row.name, deleted_at=deleted_at)


def _entry(row: Recording) -> Entry:
    """The recording with what its assessment has come to."""
    found = assessments.assessments(people.records(), people.viewer(), recording_id=row.id, size=1)
    if not found:
        return _in_work(_bare(row), kept=row.state is Kept.kept)
    (newest,) = found
    if jobs.status(row.id.hex).state == "assessed":  # its process ended between filing and tidying
        jobs.clear(row.id.hex)
    return replace(
        _bare(row), state="done", pack=newest.pack_id, profile=newest.profile, assessment=newest.id.hex,
        total=newest.total, coverage=newest.coverage, playable=row.state is Kept.kept,
    )  # fmt: skip


def _in_work(entry: Entry, *, kept: bool) -> Entry:
    """The recording by what lies in its workroom; an assessment that waits there is filed."""
    status = jobs.status(entry.id)
    entry = replace(entry, playable=kept or jobs.media(entry.id) is not None)
    if status.state == "assessed":
        try:
            filing.file(entry.id)
        except LiyiError as error:
            return replace(_asked(entry), state="failed", error=error)
        jobs.clear(entry.id)
        return find(entry.id)
    if status.state == "unknown":
        return _begun(entry)
    return replace(_asked(entry), state=status.state, error=status.error, place=status.place)


def _asked(entry: Entry) -> Entry:
    """With the norm pack and profile that its job was given."""
    try:
        asked = jobs.options(entry.id)
    except LiyiError:  # deleted meanwhile, or damaged
        return entry
    return replace(entry, pack=asked["pack"], profile=asked["profile"])


def _begun(entry: Entry) -> Entry:
    """With the choices of its rehearsal, if it is one, of which no assessment has begun."""
    try:
        now = session.open_session(entry.id)
    except LiyiError:
        return entry
    return replace(entry, pack=now.pack, profile=now.options.profile, state="open" if now.state == "open" else "ended")
