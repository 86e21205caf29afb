"""Long work for the pages: one folder and one child process per recording, so that it survives a reload.

A job is known by a random token. Its folder holds the recording, ``progress.json`` (rewritten as the work goes on),
the outputs in ``out/``, and ``error.json`` when it failed. The job of a rehearsal holds no recording but names the
rehearsal's folder, where its pieces lie. Untrusted media are decoded in the child process only.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from signals.errors import LiyiError
from signals.files import check_start
from signals.kinds import HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

State = Literal["running", "done", "failed", "unknown"]
STALE_S = 60.0  # the worker beats every 2 s; a minute of silence means that it died
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_UNSAFE = re.compile(r"[^\w.\- ()（）]", re.UNICODE)


@dataclass(frozen=True)
class Status:
    """Where a job stands: ``stage`` is an English sentence key, ``done`` 0..1 of it, ``error`` what went wrong."""

    state: State
    stage: str = ""
    done: float = 0.0
    error: LiyiError | None = None


def jobs_folder() -> Path:
    """Where jobs are kept: ``LIYI_DATA``, else the user's data folder."""
    base = os.environ.get("LIYI_DATA")
    if base is None:
        import platformdirs

        base = platformdirs.user_data_dir("liyi", appauthor=False)
    return Path(base) / "jobs"


def folder_of(token: str) -> Path:
    """Folder of the job ``token``; raises LiyiError for anything that is not a token."""
    if not _TOKEN.fullmatch(token):
        raise LiyiError("There is no such assessment. Start a new one.")
    return jobs_folder() / token


def safe_name(name: str) -> str:
    """A file name with nothing in it that a file system could misread; keeps Chinese, at most 80 characters."""
    base = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1])
    head, dot, tail = base.rpartition(".")
    if not dot:
        head, tail = base, ""
    head = head.strip(" .")[:70] or "recording"
    return f"{head}.{tail[:8]}" if tail else head


def write_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write atomically: a reader sees the old file or the new one."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)


def start(content: IO[bytes], name: str, options: Mapping[str, Any]) -> str:
    """Keep the recording and start its assessment in a child process; returns the job's token.

    Parameters
    ----------
    content
        The recording, read from its current position.
    name
        As the user's machine calls it; only its harmless characters are kept.
    options
        Passed to `report.scoring.score`: ``pack``, ``profile``, ``camera``, ``language``, ``lang``, and where it is
        known ``calibration`` (start and end in seconds).

    Raises
    ------
    LiyiError
        When it is no recording by its first bytes, is too large, or cannot be kept.
    """
    recording = safe_name(name)
    _check(content, recording)
    token, folder = _new_folder()
    (folder / "recording").mkdir()
    try:
        with (folder / "recording" / recording).open("wb") as out:
            shutil.copyfileobj(content, out, 1 << 20)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise LiyiError("The recording could not be kept: {fault}. Free some space and try again.",
                        fault=error.strerror or str(error)) from error  # fmt: skip
    _launch(folder, {"recording": recording, "options": dict(options)})
    return token


def _check(content: IO[bytes], name: str) -> None:
    """Raise MediaError for what is no recording by its first bytes, or too large; nothing is kept or decoded then."""
    begin = content.tell()
    head = content.read(HEAD_BYTES)
    size = content.seek(0, os.SEEK_END) - begin
    content.seek(begin)
    check_start(name, head, size)


def start_rehearsal(rehearsal: Path, options: Mapping[str, Any]) -> str:
    """Join the pieces in the folder of a finished rehearsal and assess them in a child process; returns the token.

    Parameters
    ----------
    rehearsal
        Holds ``chunks/``; the joined file, ``recording`` with a suffix, is put beside it and used again when there.
    options
        As for `start`.
    """
    token, folder = _new_folder()
    _launch(folder, {"rehearsal": os.path.relpath(rehearsal, folder), "options": dict(options)})
    return token


def _new_folder() -> tuple[str, Path]:
    token = secrets.token_urlsafe(16)
    folder = jobs_folder() / token
    folder.mkdir(parents=True, mode=0o700)
    return token, folder


def _launch(folder: Path, job: Mapping[str, Any]) -> None:
    write_json(folder / "job.json", {"created_at": time.time(), **job})
    with (folder / "log.txt").open("wb") as log:
        subprocess.Popen([sys.executable, "-m", "ui.worker", str(folder)], stdout=log, stderr=log,
                         stdin=subprocess.DEVNULL, start_new_session=True)  # fmt: skip


def status(token: str) -> Status:
    """Where the job stands, from its folder alone (so after a restart of the server too)."""
    folder = folder_of(token)
    if not (folder / "job.json").is_file():
        return Status("unknown")
    if (folder / "error.json").is_file():
        error = json.loads((folder / "error.json").read_text(encoding="utf-8"))
        return Status("failed", error=LiyiError(error["sentence"], **error["fields"]))
    if (folder / "out" / "assessment.json").is_file():
        return Status("done", done=1.0)
    beat = folder / "progress.json"
    newest = max(p.stat().st_mtime for p in (beat, folder / "job.json") if p.exists())
    if time.time() - newest > STALE_S:
        return Status("failed", error=LiyiError("The assessment stopped unexpectedly. Start it again."))
    if not beat.exists():
        return Status("running")
    progress = json.loads(beat.read_text(encoding="utf-8"))
    return Status("running", progress["stage"], progress["done"])


def outputs(token: str) -> Path:
    """Folder with ``assessment.json``, ``measures.parquet`` and ``report.html`` of a finished job."""
    return folder_of(token) / "out"


def delete(token: str) -> None:
    """Remove the recording and everything made from it."""
    shutil.rmtree(folder_of(token), ignore_errors=True)
