"""The shelf: every recording that is kept, from rehearsals and uploads alike, and what may be done with it.

The one small interface between pages and store. Today the store is folders below the data folder: ``rehearsals/ID``,
``jobs/TOKEN``, and ``trash/ID`` where both wait until they are purged. Pages know entries, never folders.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from report.folder import ASSESSMENT
from signals.errors import LiyiError
from ui import jobs
from ui.live import session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEPT_IN_TRASH_S = 7 * 24 * 3600.0
# A rehearsal of which nothing was recorded within a day was given up before it began.
GIVEN_UP_S = 24 * 3600.0

State = Literal["open", "ended", "running", "done", "failed"]


@dataclass(frozen=True)
class Entry:
    """One recording.

    ``id`` is the rehearsal's id or the job's token, ``created_at`` and ``deleted_at`` are seconds since 1970, ``job``
    the token of its assessment. ``state``: ``open`` while it is recorded, ``ended`` before its assessment begins, then
    that of its job. ``total`` (0..100) and ``coverage`` (0..1) are None without an assessment, ``total`` below the
    pack's coverage too.
    """

    id: str
    kind: Literal["rehearsal", "upload"]
    created_at: float
    name: str
    pack: str
    profile: str | None
    state: State
    job: str | None
    total: float | None = None
    coverage: float | None = None
    deleted_at: float | None = None


def entries() -> list[Entry]:
    """Everything that is kept and not deleted, newest first."""
    rehearsals = [_of_rehearsal(each) for each in _sessions() if anything_recorded(each.id)]
    taken = {entry.job for entry in rehearsals}
    uploads = [entry for entry in _uploads() if entry.job not in taken]
    return sorted([*rehearsals, *uploads], key=lambda entry: -entry.created_at)


def find(id: str) -> Entry:
    """The recording with this id; raises LiyiError when there is none, or it was deleted."""
    found = next((entry for entry in entries() if entry.id == id), None)
    if found is None:
        raise LiyiError("There is no such recording, or it was deleted. Look under Recordings.")
    return found


def trash() -> list[Entry]:
    """What was deleted and can still be restored, last deleted first."""
    found = [_stored(path) for path in _trash_folder().glob("*/entry.json")]
    return sorted(found, key=lambda entry: -(entry.deleted_at or 0.0))


def recording(entry: Entry) -> Path | None:
    """The recording as one file that can be played; None as long as there is none."""
    if entry.kind == "rehearsal":
        return session.recording(entry.id)
    return next((jobs.folder_of(entry.id) / "recording").glob("*"), None)


def anything_recorded(id: str) -> bool:
    """Whether any piece of the rehearsal ``id`` has arrived."""
    pieces = session.folder(id) / "chunks"
    return session.recording(id) is not None or next(pieces.glob("*.part"), None) is not None


def assess(id: str, *, calibrated: bool = True) -> str:
    """End the rehearsal ``id`` and start its assessment, unless one is running or done; returns the job's token.

    Parameters
    ----------
    id
        Of the rehearsal.
    calibrated
        Whether its calibration stretch is used. False assesses once more, with a stretch that is found.
    """
    now = session.open_session(id)
    if now.job and calibrated and jobs.status(now.job).state in ("running", "done"):
        return now.job
    session.end(id)
    job = jobs.start_rehearsal(session.folder(id), {
        "pack": now.pack, "profile": now.profile, "camera": now.camera, "language": "auto", "lang": now.lang,
        "calibration": now.calibration if calibrated else None,
    })  # fmt: skip
    session.assessed_by(id, job)
    if now.job:
        jobs.delete(now.job)
    return job


def discard(entry: Entry) -> None:
    """Put the recording and everything made from it into the trash; its work stops."""
    home = _trash_folder() / entry.id
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    jobs.write_json(home / "entry.json", asdict(replace(entry, deleted_at=time.time())))
    if entry.kind == "rehearsal":
        session.end(entry.id)
    for place, bin_ in _places(entry):
        if place.exists():
            os.replace(place, bin_)


def restore(entry: Entry) -> None:
    """Take a deleted recording back out of the trash."""
    for place, bin_ in _places(entry):
        if bin_.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(bin_, place)
    purge(entry)


def purge(entry: Entry) -> None:
    """Remove a deleted recording for good."""
    shutil.rmtree(_trash_folder() / entry.id, ignore_errors=True)


def purge_old(*, now: float | None = None) -> None:
    """Purge what was deleted more than `KEPT_IN_TRASH_S` ago, and rehearsals that never began."""
    at = time.time() if now is None else now
    for entry in trash():
        if at - (entry.deleted_at or 0.0) > KEPT_IN_TRASH_S:
            purge(entry)
    for each in _sessions():
        if not anything_recorded(each.id) and at - each.created_at > GIVEN_UP_S:
            shutil.rmtree(session.folder(each.id), ignore_errors=True)


def _trash_folder() -> Path:
    return jobs.jobs_folder().parent / "trash"


def _places(entry: Entry) -> Iterator[tuple[Path, Path]]:
    """Where the folders of an entry stand, and where in the trash."""
    home = _trash_folder() / entry.id
    if entry.kind == "rehearsal":
        yield session.folder(entry.id), home / "rehearsal"
    if entry.job:
        yield jobs.folder_of(entry.job), home / "job"


def _stored(path: Path) -> Entry:
    return Entry(**json.loads(path.read_text(encoding="utf-8")))


def _sessions() -> Iterator[session.Session]:
    for path in session.rehearsals_folder().glob("*/session.json"):
        try:
            yield session.open_session(path.parent.name)
        except LiyiError:  # removed meanwhile
            continue


def _of_rehearsal(now: session.Session) -> Entry:
    state: State = "open" if now.state == "open" else "ended"
    entry = Entry(now.id, "rehearsal", now.created_at, "", now.pack, now.profile, state, now.job)
    return _assessed(entry) if now.job else entry


def _uploads() -> Iterator[Entry]:
    for path in jobs.jobs_folder().glob("*/job.json"):
        try:
            job = json.loads(path.read_text(encoding="utf-8"))
            if "rehearsal" in job:
                continue
            created_at = job.get("created_at", path.stat().st_mtime)
            options, token = job["options"], path.parent.name
            entry = Entry(token, "upload", created_at, job["recording"], options["pack"], options["profile"], "running",
                          token)  # fmt: skip
            yield _assessed(entry)
        except (FileNotFoundError, LiyiError):  # removed meanwhile, or a folder that is no job
            continue


def _assessed(entry: Entry) -> Entry:
    """The entry with what its job has come to."""
    assert entry.job is not None
    status = jobs.status(entry.job)
    if status.state != "done":
        return replace(entry, state="running" if status.state == "running" else "failed")
    result: dict[str, Any] = json.loads((jobs.outputs(entry.job) / ASSESSMENT).read_text(encoding="utf-8"))
    return replace(entry, state="done", profile=result["profile"], total=result["total"], coverage=result["coverage"])
