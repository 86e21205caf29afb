"""Long work for the pages: one folder and one child process per recording, so that it survives a reload.

A job waits until one of the machine's slots (`liyi.ui.slots`) is free; who asked first begins first.

The folder is the recording's workroom, known by the recording's id. It holds the recording (or the pieces of a
rehearsal), ``job.json``, ``progress.json`` (rewritten as the work goes on), the outputs in ``out/``, and ``error.json``
when it failed. It is there until its assessment is filed. Untrusted media are decoded in the child process only.
"""

from __future__ import annotations

import math
import os
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Literal

from liyi.core import logs
from liyi.core.children import child_environment, python_module
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.owner import make_folder
from liyi.core.typed_json import Amount, Count, DamagedError, read_json, require
from liyi.core.words import N_
from liyi.records.engine import data_folder
from liyi.scoring.answers import UntrueError, check_sentence, error_from_json
from liyi.scoring.folder import ASSESSMENT
from liyi.ui import slots, space, workroom

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

State = Literal["running", "assessed", "failed", "unknown"]
PIECE_S = 2.0  # what the page's recorder puts into one piece
STALE_S = 60.0  # the worker beats every 2 s; a minute of silence means that it died
STOPPED = N_("The assessment stopped unexpectedly. Start it again.")
JOINING = N_("Joining the recording")
FILING = N_("Keeping the recording and its report")
CANCELLED = N_("The assessment was stopped because the recording was deleted. Start it again.")
UNREADABLE = N_("What was asked for with this recording cannot be read any more. Assess it once more; if that is "
                "refused, download the recording, delete it here and upload it again.")  # fmt: skip
AHEAD = "ahead.lock"  # held by the process that assesses a rehearsal while it is recorded (`liyi.ui.ahead`)
_stuck: set[str] = set()  # jobs that could not be begun, of which the log says so


@dataclass(frozen=True)
class Status:
    """Where a job stands: ``stage`` is an English sentence key, ``done`` 0..1 of it, ``error`` what went wrong.

    ``assessed``: the assessment is there, and nobody is at filing it; ``error`` then says that it was refused.
    ``place`` counts from 1 while it waits for others (0 once it has begun), and ``wait_s`` is how long that may take,
    in seconds, by the ones before it; ``left_s`` is how long its work still takes. None where nothing was measured yet.
    """

    state: State
    stage: str = ""
    done: float = 0.0
    error: LiyiError | None = None
    place: int = 0
    wait_s: float | None = None
    left_s: float | None = None


@dataclass(frozen=True)
class _Order:
    """What else than `Options` a job is told."""

    pack: str
    lang: Literal["zh", "en"]


@dataclass(frozen=True)
class Asked:
    """What ``job.json`` says; ``run`` names the process that is to do it, None once it was stopped.

    ``options`` is an `order`.
    """

    run: str | None
    options: dict[str, Any]
    ticket: Count = 0
    size: Count = 0
    recorded_s: Amount | None = None

    def __post_init__(self) -> None:
        """Refuse options that nothing can be assessed by."""
        require(self.options, _Order)
        Options.of_json(self.options)


@dataclass(frozen=True)
class _Beat:
    """What ``progress.json`` says."""

    stage: str = ""
    done: Amount = 0.0
    begun_at: Amount = 0.0


@dataclass(frozen=True)
class _Fault:
    """What ``error.json`` says."""

    sentence: str
    fields: dict[str, str | int | float]


@dataclass(frozen=True)
class _Job:
    """A job as its folder has it; ``begun_at`` is in seconds since 1970, None while it waits."""

    folder: Path
    ticket: int
    recorded_s: float | None
    size: int
    begun_at: float | None


def order(pack: str, lang: str, options: Options) -> dict[str, Any]:
    """What a job is told: the id of the norm pack, the language of the report, and the options; as JSON holds it."""
    return {"pack": pack, "lang": lang, **options.as_json()}


def start(
    id: str, content: IO[bytes], name: str, options: Mapping[str, Any], side: tuple[IO[bytes], str] | None = None
) -> None:
    """Put an upload into its workroom and start its assessment.

    Parameters
    ----------
    id
        Of the recording.
    content
        The recording, read from its current position.
    name
        A `liyi.ui.workroom.safe_name`.
    options
        As for `launch`.
    side
        Content and name of the recording of the same performance from the side.

    Raises
    ------
    LiyiError
        When it cannot be written; nothing is left then.
    """
    folder = workroom.folder_of(id)
    try:
        for room, (source, called) in {"recording": (content, name), **({workroom.SIDE: side} if side else {})}.items():
            make_folder(folder / room)
            with open(folder / room / called, "wb", opener=workroom.owners) as out:
                shutil.copyfileobj(source, out, 1 << 20)
    except OSError as error:
        workroom.clear(id)
        raise LiyiError("The recording could not be kept: {fault}. Free some space and try again.",
                        fault=error.strerror or str(error)) from error  # fmt: skip
    launch(id, options)


def launch(id: str, options: Mapping[str, Any], *, unless_running: bool = False) -> None:
    """Assess what lies in a workroom in a child process, anew if that was done or failed before.

    Parameters
    ----------
    id
        Of the recording; the pieces of a rehearsal, in ``chunks/``, are joined first.
    options
        As `order` gives them.
    unless_running
        Leave a job as it is that somebody else has launched meanwhile, and that waits or runs.
    """
    folder = workroom.folder_of(id)
    pieces = len(list((folder / "chunks").glob("*.part")))
    found = workroom.media(id)
    size = found.stat().st_size if found else sum(piece.stat().st_size for piece in (folder / "chunks").glob("*.part"))
    try:
        with slots.deciding():
            if unless_running and status(id).state == "running":
                return
            workroom.write_json(folder / "job.json", {
                "run": secrets.token_hex(8), "options": dict(options), "ticket": slots.next_ticket(), "size": size,
                "recorded_s": pieces * PIECE_S if pieces and not found else None,
            })  # fmt: skip
            shutil.rmtree(folder / "out", ignore_errors=True)  # by other options, perhaps
            for old in ("error.json", "progress.json"):
                (folder / old).unlink(missing_ok=True)
    except OSError as error:
        raise space.full(error) from error
    advance()


def advance() -> None:
    """Begin what waits, in the order in which it was asked for, as far as there are slots.

    Called when something new waits, and by the server every other second: so the queue goes on after a job has ended
    in whatever way, and after a restart.
    """
    with slots.deciding():
        for job in _waiting():
            if is_ahead(job.folder):  # it holds a slot already
                _mark_begun(job.folder)
                continue
            slot, running = slots.take()
            if slot is None:
                return
            try:
                if not slots.may_begin(running, fresh()):
                    return
                _mark_begun(job.folder)
                _launch(job.folder, slot)
                _stuck.discard(job.folder.name)
            except OSError as error:  # no process, or no room for a line: it goes on waiting
                if job.folder.name not in _stuck:  # the server tries again every other second
                    logs.event("not_begun", key=job.folder.name, error=error)
                    _stuck.add(job.folder.name)
                (job.folder / "progress.json").unlink(missing_ok=True)
                return
            finally:
                os.close(slot)


def _mark_begun(folder: Path) -> None:
    workroom.write_json(folder / "progress.json", {"stage": "", "done": 0.0, "begun_at": time.time()})


def _launch(folder: Path, slot: int) -> None:
    start_process(python_module("liyi.ui.worker", str(folder.absolute())), folder, slot)


def start_process(command: list[str], folder: Path, slot: int) -> None:
    """Start a process for the workroom ``folder``; it holds the slot as long as it lives."""
    with open(folder / "log.txt", "wb", opener=workroom.owners) as log:
        subprocess.Popen(command, env=child_environment(), cwd=data_folder(), stdout=log, stderr=log,
                         stdin=subprocess.DEVNULL, start_new_session=True, pass_fds=[slot])  # fmt: skip


def is_ahead(folder: Path) -> bool:
    """Whether a process assesses the rehearsal in this workroom while it is recorded."""
    return slots.is_held(folder / AHEAD)


def has_begun(folder: Path) -> bool:
    """Whether the job of this workroom is being done, or was."""
    return (folder / "job.json").exists() and (folder / "progress.json").exists()


def others_wait(folder: Path) -> bool:
    """Whether the job of another workroom waits for a slot."""
    return any(job.folder.name != folder.name for job in _waiting())


def _jobs() -> list[_Job]:
    """Every job that waits or has begun, in the order in which they were asked for."""
    found = (_job(file) for file in workroom.workrooms().glob("*/job.json"))
    return sorted((job for job in found if job is not None), key=lambda job: job.ticket)


def _job(file: Path) -> _Job | None:
    """The job of a folder; None when it is over, stopped, gone or damaged."""
    folder = file.parent
    try:
        asked = read_json(file, Asked)
        if asked.run is None or (folder / "error.json").exists():
            return None
    except (FileNotFoundError, DamagedError):
        return None
    begun_at = _begun_at(folder)
    if begun_at is None and not file.exists():  # `liyi.ui.workroom.clear` was at it
        return None
    return _Job(folder, asked.ticket, asked.recorded_s, asked.size, begun_at)


def _begun_at(folder: Path) -> float | None:
    try:
        return read_json(folder / "progress.json", _Beat).begun_at
    except FileNotFoundError:
        return None
    except DamagedError:
        return 0.0


def _waiting() -> list[_Job]:
    return [job for job in _jobs() if job.begun_at is None]


def fresh() -> int:
    """How many jobs began just now, those of a process that was there before too."""
    since = time.time() - slots.SETTLE_S
    return sum(job.begun_at is not None and job.begun_at > since for job in _jobs())


def _place(folder: Path) -> tuple[int, float | None]:
    """Where a waiting job stands, from 1, and how long it may wait, in seconds."""
    jobs, now = _jobs(), time.time()
    waiting = [job for job in jobs if job.begun_at is None]
    place = next((n for n, job in enumerate(waiting, 1) if job.folder == folder), 1)
    ahead = [slots.expected_s(job.recorded_s, job.size) for job in waiting[: place - 1]]
    running = [
        (slots.expected_s(job.recorded_s, job.size), now - job.begun_at) for job in jobs if job.begun_at is not None
    ]
    if any(each is None for each in ahead) or any(each is None for each, _ in running):
        return place, None
    left = [max(0.0, (each or 0.0) - spent_s) for each, spent_s in running]
    wait_s = slots.wait_s(left, [each or 0.0 for each in ahead], slots.most())
    return place, wait_s if math.isfinite(wait_s) else None


def stop(id: str) -> None:
    """End a job that runs or waits: its process ends at its next beat. It can be launched again."""
    with slots.deciding():
        if status(id).state == "running":
            folder = workroom.folder_of(id)
            try:
                given = dict(options(id))
            except LiyiError:
                given = {}
            workroom.write_json(folder / "job.json", {"run": None, "options": given})
            workroom.write_json(folder / "error.json", {"sentence": CANCELLED, "fields": {}})


def asked(folder: Path) -> Asked:
    """What the newest job of a workroom is to do; raises LiyiError when there is none, or it cannot be read."""
    try:
        return read_json(folder / "job.json", Asked)
    except FileNotFoundError as error:
        raise LiyiError("There is no such assessment. Start a new one.") from error
    except DamagedError as error:
        raise LiyiError(UNREADABLE) from error


def options(id: str) -> dict[str, Any]:
    """Options of the newest job; raises LiyiError as `asked`."""
    return asked(workroom.folder_of(id)).options


def status(id: str) -> Status:
    """Where the job stands, from its folder alone (so after a restart of the server too)."""
    try:
        return _status(workroom.folder_of(id))
    except FileNotFoundError:  # filed or deleted meanwhile
        return Status("unknown")


def _status(folder: Path) -> Status:
    begun = (folder / "job.json").stat().st_mtime
    over: State = "assessed" if (folder / "out" / ASSESSMENT).is_file() else "failed"
    if (folder / "error.json").is_file():
        return Status(over, error=_fault(folder))
    beat = folder / "progress.json"
    if not beat.exists():
        try:
            asked(folder)
        except LiyiError as error:
            return Status(over, error=error)
        place, wait_s = _place(folder)
        return Status("running", place=place, wait_s=wait_s)
    if time.time() - max(begun, beat.stat().st_mtime) > STALE_S:
        return Status(over, error=LiyiError(STOPPED) if over == "failed" else None)
    try:
        progress = read_json(beat, _Beat)
        check_sentence(progress.stage, {})
    except (DamagedError, UntrueError, ValueError):
        return Status("running")
    done = min(progress.done, 1.0)
    return Status("running", progress.stage, done, left_s=_left_s(folder, progress.stage, done))


def _left_s(folder: Path, stage: str, done: float) -> float | None:
    try:
        job = asked(folder)
    except LiyiError:  # damaged: the work goes on
        return None
    left_s = slots.left_s(stage, done, job.recorded_s, job.size, ahead=is_ahead(folder))
    return left_s if left_s is not None and math.isfinite(left_s) else None


def _fault(folder: Path) -> LiyiError:
    """Why the job failed."""
    try:
        told = read_json(folder / "error.json", _Fault)
        return error_from_json(told.sentence, told.fields)
    except (DamagedError, UntrueError):
        return LiyiError(STOPPED)
