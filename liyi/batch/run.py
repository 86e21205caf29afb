"""A batch: lines in, a result or a sentence for each, tables out. The client's half of the work.

Units are handed out as workers get free, so that ten thousand recordings need no more memory than ten. The client alone
writes; whatever stops it, what was written stays, and ``--resume`` does the rest.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
import time
from collections import Counter, deque
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from liyi.batch import results
from liyi.batch.cluster import capacity
from liyi.batch.line_states import Tally
from liyi.batch.log_file import BatchLog
from liyi.batch.rows import briefly
from liyi.batch.source import digest, name_of, pieces
from liyi.batch.unit import Content, Done, Failed, Unfit, Unit, Unseen, environment_fingerprint, score_unit, work
from liyi.core.errors import LiyiError, MediaError, Notice, plain_fields
from liyi.core.words import N_, explain_error, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from distributed import Client, Future

    from liyi.batch.line_states import Counts, Landed
    from liyi.batch.log_file import What
    from liyi.batch.manifest import Line
    from liyi.batch.rows import Row
    from liyi.batch.unit import Result

# A worker that is lost is mostly not the recording's fault (a machine restarts, a job's time ends): so many more times
# than --retries says may it happen before the recording is given up.
LOSSES_PER_RETRY = 3
# Larger ones would fill a worker's memory: they belong in a folder that the workers see.
LARGEST_SENT_BYTES = 1_000_000_000
LOOK_S = 0.5
GONE_S = 300.0  # no worker for so long: none is coming back
LOST = N_(
    "{file} could not be assessed: the process that worked on it was lost {times} times. Check the recording, or try "
    "it again with --resume."
)
# So many recordings that meet the same fault of Liyi's, before any other has a result, end the batch.
MOST_ALIKE = 5
UNREADABLE = N_("{file} could not be brought to the workers: check their disks, and try it again with --resume.")


@dataclass(frozen=True)
class Settings:
    """How the batch is to be done; ``retries`` of a recording that stopped the process it was assessed in."""

    lang: str = "zh"
    report: bool = False
    retries: int = 2


@dataclass(frozen=True)
class Hooks:
    """What a batch asks and tells on the way, in the thread that called `run_batch`.

    Attributes
    ----------
    room : callable
        How many units may be worked on now, None for as many as there are workers; with 0 the batch waits. Whoever has
        it stopped raises KeyboardInterrupt here.
    began : callable
        Takes the name of a recording that is given to a worker.
    landed : callable
        As `liyi.batch.line_states.Tally` takes it.
    """

    room: Callable[[], int | None] = lambda: None
    began: Callable[[str], None] = lambda name: None
    landed: Callable[[Landed], Notice | None] = lambda landed: landed.failure


HOOKS = Hooks()


@dataclass(frozen=True)
class Outcome:
    """What came of a batch: a row for each line, whether it was stopped by hand, and what ended it before its time."""

    rows: Sequence[Row]
    stopped: bool = False
    error: LiyiError | None = None

    @property
    def done(self) -> int:
        """How many lines have their assessment."""
        return len(self._totals)

    @property
    def with_total(self) -> int:
        """How many of them have a total."""
        return sum(total is not None for total in self._totals)

    @cached_property
    def _totals(self) -> list[float | None]:
        return [row.assessment.total for row in briefly(self.rows) if row.assessment is not None]


@dataclass
class _Job:
    """A unit of line ``at`` with what happened to it; ``sent`` when workers do not see its recording.

    ``begun_s`` and ``seconds``: when it was given to a worker last, and how long that took.
    """

    unit: Unit
    at: int
    failures: int = 0
    losses: int = 0
    sent: bool = False
    begun_s: float = 0.0
    seconds: float = 0.0


def run_batch(
    lines: Sequence[Line],
    out: Path,
    client: Client,
    settings: Settings,
    *,
    write: Callable[[Sequence[Row], Path, str], None],
    tell: Callable[[Counts, str | None], None] = lambda counts, failure: None,
    hooks: Hooks = HOOKS,
    assess: Any = score_unit,
) -> Outcome:
    """Assess every line, and write the results to ``out``, which `liyi.batch.results.batch_lock` holds.

    Parameters
    ----------
    lines
        What to assess, as `liyi.batch.manifest.read_lines` returns them.
    out
        Folder of the batch. Results that stand there are kept and not computed again.
    client
        From `liyi.batch.cluster`.
    settings
        Language, reports, retries.
    write
        Called at the end with the rows, ``out`` and the language, to write what is told over all recordings:
        `liyi.cohort.files.write_cohort`.
    tell
        Called as the batch goes on, as `liyi.batch.line_states.Tally` does.
    hooks
        What else is asked and told on the way.
    assess
        What a worker calls for a unit; `score_unit` but for tests and benchmarks.

    Raises
    ------
    LiyiError
        When ``write`` cannot write.
    """
    log, stopped, error = BatchLog(out), False, None
    tally = Tally(lines, tell, settings.lang, partial(_landed, lines, log, settings.lang, hooks))
    log.note("begun")
    try:
        _Dispatch(tally, out, client, settings, hooks, log, assess).run()
    except KeyboardInterrupt:
        stopped = True
    except LiyiError as fault:
        error = fault
    with contextlib.suppress(LiyiError):  # the disk may be full: that is the error then
        log.note("broken off" if error else "stopped" if stopped else "done",
                 sentence=explain_error(error, settings.lang) if error else "")  # fmt: skip
    rows = tally.rows(out)
    with contextlib.suppress(LiyiError) if error else contextlib.nullcontext():
        write(rows, out, settings.lang)
    return Outcome(rows, stopped, error)


def _landed(lines: Sequence[Line], log: BatchLog, lang: str, hooks: Hooks, landed: Landed) -> Notice | None:
    """Have what came of a line taken in, and note it in the log."""
    failure = hooks.landed(landed)
    what: What = "failed" if failure else "kept" if landed.seconds is None else "assessed"
    sentence = translate(failure.sentence, lang, **failure.fields) if failure else ""
    log.note(what, file=lines[landed.at].path, seconds=landed.seconds, sentence=sentence)
    return failure


class _Dispatch:
    """Gives out the units and takes in their results, until every line has one or the other."""

    def __init__(
        self, tally: Tally, out: Path, client: Client, settings: Settings, hooks: Hooks, log: BatchLog, assess: Any
    ) -> None:
        self._tally, self._out, self._client, self._settings, self._assess = tally, out, client, settings, assess
        self._hooks, self._log = hooks, log
        self._new, self._again = self._jobs(), deque[_Job]()
        self._ahead: _Job | None = None
        self._workers, self._looked_s = 1, -LOOK_S
        self._there_s = time.monotonic()  # when a worker was last there
        self._running: dict[str, tuple[_Job, Future]] = {}
        self._faults: Counter[str] | None = Counter()  # None once a recording has been assessed
        self._landed: queue.SimpleQueue[tuple[str, float]] = queue.SimpleQueue()

    def run(self) -> None:
        """Do it all; raises LiyiError when the batch cannot go on."""
        try:
            while self._give_out():
                with contextlib.suppress(queue.Empty):
                    key, ended_s = self._landed.get(timeout=LOOK_S)
                    job, future = self._running.pop(key)
                    job.seconds = ended_s - job.begun_s
                    self._give_out()  # before the result is fetched, so that the worker does not wait for that
                    self._take_in(job, future)
        except (OSError, CancelledError) as error:  # Dask's CommClosedError is an OSError
            raise LiyiError(
                "The scheduler is gone: start it again, then give the same command with --resume."
            ) from error
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel([future for _, future in self._running.values()], force=True)

    def _give_out(self) -> bool:
        """Keep the workers busy; whether anything is being worked on, or waits for room.

        A worker is given nothing in reserve: a unit in reserve would be told to have lost its worker when it had not
        begun.
        """
        while len(self._running) < self._room() and (job := self._next()):
            try:
                content, beside = self._content(job, job.unit.recording), self._content(job, job.unit.side)
            except LiyiError as error:
                self._tally.finish(job.unit.key, _notice(error))
                continue
            self._hooks.began(self._tally.lines[job.at].path)
            job.begun_s = time.monotonic()
            future = self._client.submit(work, job.unit, content, self._assess, beside, pure=False)
            self._running[future.key] = job, future
            future.add_done_callback(lambda ended: self._landed.put((ended.key, time.monotonic())))
        self._ahead = self._ahead or next(self._new, None)
        return bool(self._running or self._ahead or self._again)

    def _room(self) -> int:
        """How many units may be done at the same time, by workers as it was at most `LOOK_S` ago."""
        now_s = time.monotonic()
        if now_s - self._looked_s > LOOK_S:
            there = capacity(self._client)
            self._there_s = now_s if there else self._there_s
            self._workers, self._looked_s = max(1, there), now_s
        if now_s - self._there_s > GONE_S:
            raise LiyiError(
                "No worker has been there for {seconds} s: start workers again, then give the same command with "
                "--resume.",
                seconds=round(GONE_S),
            )
        room = self._hooks.room()
        return self._workers if room is None else min(room, self._workers)

    def _next(self) -> _Job | None:
        """New work before what failed: those that stopped their process wait until the rest is done."""
        job, self._ahead = self._ahead or next(self._new, None), None
        return job if job is not None else self._again.popleft() if self._again else None

    def _jobs(self) -> Iterator[_Job]:
        """What is to be computed: each content once, and not what stands there already."""
        settings = self._settings
        for at, line in enumerate(self._tally.lines):
            try:
                sha256, size = digest(line.source)
                side = None if line.side is None else Content(line.side, name_of(line.side), *digest(line.side))
            except LiyiError as error:
                self._tally.refuse(at, _notice(error))
                continue
            unit = Unit(line.source, name_of(line.source), sha256, size, line.pack, line.options, settings.lang,
                        settings.report, environment_fingerprint(line.options.recogniser), side)  # fmt: skip
            if not self._tally.expect(at, unit.key):
                continue
            if results.done(self._out, unit):
                self._tally.finish(unit.key)
            else:
                yield _Job(unit, at)

    def _content(self, job: _Job, recording: Content | None) -> list[Any]:
        """A recording in pieces, on its way to the workers when they do not see it; else nothing."""
        if not job.sent or recording is None:
            return []
        sha256, content = hashlib.sha256(), []
        if recording.size > LARGEST_SENT_BYTES:
            raise MediaError(
                recording.name,
                "{file} is not seen by the workers and too large to be sent to them ({size_mb} MB): put it into a "
                "folder that all machines see under the same path.",
                size_mb=recording.size // 1_000_000,
            )
        for piece in pieces(recording.source):
            sha256.update(piece)
            content.append(self._client.scatter(piece, hash=False))
        if sha256.hexdigest() != recording.sha256:
            raise MediaError(recording.name, "{file} was changed while the batch ran: run it again with --resume.")
        return content

    def _take_in(self, job: _Job, future: Future) -> None:
        """Write what came of one try, or see whether there is to be another."""
        from distributed import KilledWorker

        try:
            result: Result = future.result()
        except (KilledWorker, CancelledError) as error:
            if self._client.status != "running":
                raise
            job.losses += 1 + getattr(error, "allowed_failures", 0)
            self._retry(job, job.losses <= LOSSES_PER_RETRY * self._settings.retries, LOST, times=job.losses)
            return
        except OSError:
            raise
        except Exception as error:  # Dask could not carry the unit over
            raise LiyiError(
                "The workers cannot run this batch ({fault}): install the same version of Liyi and its packages on all "
                "machines, that of the scheduler too.",
                fault=type(error).__name__,
            ) from error
        match result:
            case Done(files):
                results.write(self._out, job.unit.key, files)
                self._tally.finish(job.unit.key, seconds=job.seconds)
                self._faults = None
            case Failed(sentence, fields, again, fault):
                if fault and job.failures == 0:
                    self._count(fault)
                job.failures += 1
                self._retry(job, again and job.failures <= self._settings.retries, sentence, **fields)
            case Unseen():
                may_be_sent, job.sent = not job.sent, True
                self._retry(job, may_be_sent, UNREADABLE)
            case Unfit(sentence, fields):
                raise LiyiError(sentence, **fields)

    def _count(self, fault: str) -> None:
        """Count a fault of Liyi's; one that the first recordings all meet will be met by all."""
        if self._faults is None:
            return
        self._faults[fault] += 1
        if self._faults[fault] >= MOST_ALIKE:
            raise LiyiError(
                "The batch was stopped: {count} recordings met the same fault in Liyi ({fault}) and none was assessed. "
                "The recordings are not to blame: run `liyi doctor`, report the fault, then go on with --resume.",
                count=self._faults[fault],
                fault=fault,
            )

    def _retry(self, job: _Job, may: bool, sentence: str, **fields: Any) -> None:
        """Try once more, where that ``may`` be done; else the sentence is what came of it."""
        notice = Notice(sentence, {"file": job.unit.name, **fields})
        if may:
            said = translate(notice.sentence, self._settings.lang, **notice.fields)
            self._log.note("tried again", file=self._tally.lines[job.at].path, seconds=job.seconds, sentence=said)
            self._again.append(job)
        else:
            self._tally.finish(job.unit.key, notice, seconds=job.seconds)


def _notice(error: LiyiError) -> Notice:
    return Notice(error.sentence, plain_fields(error))
