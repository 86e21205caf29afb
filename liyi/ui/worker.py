"""The process of one job: ``python -m liyi.ui.worker FOLDER`` has its recording assessed and files what was found.

Its heartbeat tells that it lives. It decodes nothing itself: the child of `liyi.scoring.sandbox` does, within the
limits.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from liyi.core import logs
from liyi.core.errors import LiyiError, error_to_json
from liyi.core.options import Options
from liyi.core.owner import make_folder, only_owner
from liyi.core.typed_json import Amount, DamagedError, read_json
from liyi.media.joined import Joined
from liyi.records import reserve
from liyi.records.engine import data_folder
from liyi.records.operations import recordings
from liyi.scoring.child import FULL as workshop_full
from liyi.scoring.folder import ASSESSMENT
from liyi.scoring.folder import FULL as folder_full
from liyi.scoring.limited import close_shared, join_limited, run_limited
from liyi.ui import filing, jobs, people, slots, space, workroom
from liyi.ui.workroom import write_json

BEAT_S = 2.0


@dataclass(frozen=True)
class _Recording:
    duration_s: Amount


@dataclass(frozen=True)
class _Judged:
    """What the estimates need of an ``assessment.json``."""

    recording: _Recording


class Heartbeat:
    """Writes the newest progress every `BEAT_S` seconds and at each new stage, until closed."""

    def __init__(self, folder: Path, run: str) -> None:
        self._folder, self._run = folder, run
        self._stage, self._done, self._begun_at = "", 0.0, time.time()
        self._since_s, self._spent_s = time.monotonic(), dict[str, float]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def __call__(self, stage: str, done: float) -> None:
        """Take the newest progress."""
        changed = stage != self._stage or done - self._done > 0.02
        if stage != self._stage:
            self.stages()
        self._stage, self._done = stage, done
        if changed:
            self._write()

    def stages(self) -> dict[str, float]:
        """Seconds spent in each stage until now, in the order in which they came."""
        now_s = time.monotonic()
        if self._stage:
            self._spent_s[self._stage] = self._spent_s.get(self._stage, 0.0) + now_s - self._since_s
        self._since_s = now_s
        return dict(self._spent_s)

    def _write(self) -> None:
        with suppress(OSError):  # a full disk: the work goes on unseen, and says itself what it lacks
            write_json(self._folder / "progress.json", {
                "stage": self._stage, "done": self._done, "begun_at": self._begun_at,
            })  # fmt: skip

    def _beat(self) -> None:
        while not self._stop.wait(BEAT_S):
            if not wanted(self._folder, self._run):
                close_shared()
                os._exit(1)
            with suppress(OSError):
                (self._folder / "progress.json").touch()

    def close(self) -> None:
        """Stop the heart."""
        self._stop.set()
        self._thread.join()


def wanted(folder: Path, run: str) -> bool:
    """Whether anybody still waits for this run: the job was not deleted, stopped or launched again.

    A damaged file says neither, and the work goes on.
    """
    try:
        return read_json(folder / "job.json", jobs.Asked).run == run
    except FileNotFoundError:
        return False
    except DamagedError:
        return True


def recording(id: str, folder: Path, beat: Heartbeat) -> Joined:
    """The file to assess; for a rehearsal it is joined from its pieces, which go where it gives all of them back."""
    whole, needed = workroom.media(id), folder / "chunks" / workroom.NEEDED
    if whole is not None:  # joined before, or uploaded
        with suppress(FileNotFoundError, ValueError):
            return Joined(whole, float(needed.read_text(encoding="ascii")))
        return Joined(whole)
    beat(jobs.JOINING, 0.0)
    name = recordings.recording(people.records(), people.owner_of(id), id).name  # the report bears it, too
    make_folder(folder / "recording")
    pieces = sorted((folder / "chunks").glob("*.part"))
    joined = join_limited(pieces, folder / "recording" / workroom.safe_name(name.replace(".", "-")))
    if joined.lost_s:
        logs.event("joined_short", key=id, seconds=joined.lost_s, cause="short")
        needed.write_text(str(joined.lost_s), encoding="ascii")
    else:
        shutil.rmtree(folder / "chunks")
    return joined


def work(folder: Path, *, ahead: Path | None = None) -> None:
    """Assess the recording in ``folder`` and file the assessment; a fault ends in ``error.json``, never in silence.

    ``ahead`` is the folder of the pieces that this process's child has looked at while they were recorded.
    """
    id = folder.name
    try:
        job = jobs.asked(folder)
    except LiyiError as error:
        logs.event("refused", key=id, error=error)
        _fail(folder, "", error)
        return
    if job.run is None:  # stopped between its turn and here
        return
    run, told = job.run, job.options
    begun_s, beat = time.monotonic(), Heartbeat(folder, run)
    try:
        from liyi.etiquette.norms import load_pack
        from liyi.report.html import HTML

        joined = recording(id, folder, beat)
        run_limited(
            joined.path, folder / "out", pack=load_pack(told["pack"]), side=workroom.side(id),
            options=Options.of_json(told), lang=told["lang"], progress=beat, report=HTML, ahead=ahead,
            lost_s=joined.lost_s,
        )  # fmt: skip
        beat(jobs.FILING, 0.0)
        took = replace(measured(id, time.monotonic() - begun_s, beat.stages()), ahead=ahead is not None)
        filing.file(id)
        slots.note(took)
        logs.event("assessed", key=id, seconds=time.monotonic() - begun_s)
    except LiyiError as error:
        logs.event("refused", key=id, seconds=time.monotonic() - begun_s, error=error)
        _fail(folder, run, _full() if error.sentence in (folder_full, workshop_full) else error)
    except BaseException as error:
        logs.event("failed", key=id, seconds=time.monotonic() - begun_s, error=error)
        fault = space.full(error) if space.is_full(error) else LiyiError(jobs.STOPPED)
        _fail(folder, run, fault)
        raise SystemExit(1) from None
    else:
        beat.close()
        workroom.clear(id)
    finally:
        beat.close()


def measured(id: str, work_s: float, stages: dict[str, float]) -> slots.Took:
    """How long the assessment that was just made took, for the estimates of those that wait."""
    judged = read_json(workroom.outputs(id) / ASSESSMENT, _Judged)
    found = workroom.media(id)
    return slots.Took(judged.recording.duration_s, found.stat().st_size if found else 0, work_s, stages)


def _full() -> LiyiError:
    """A full disk as the page tells it: who reads that chooses no folder and sets no variable."""
    return space.full(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


def _fail(folder: Path, run: str, error: LiyiError) -> None:
    """Leave the fault for the page; on a full disk in the room that is kept back for deletions."""
    if wanted(folder, run):
        with suppress(OSError), reserve.released(data_folder(), below=reserve.OPENING_BYTES):
            write_json(folder / "error.json", error_to_json(error))


if __name__ == "__main__":
    only_owner()
    logs.start()
    work(Path(sys.argv[1]))
