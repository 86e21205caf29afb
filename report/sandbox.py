"""Recordings of unknown origin are decoded here: in a child process that may crash, hang or swell, and is then ended.

The child (`report.sandboxed`) is kept from one recording to the next, since models take 4 s to load: a fresh child
for each would cost half as much again for a recording of 20 s, and a twelfth for one of two minutes. It is
replaced after a crash or an overrun, and after `MOST_TASKS`. It knows none of the parent's secrets, reads no standard
input, and stands in a session of its own, so that all of it can be killed.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from report import sandboxed
from report.words import N_
from signals.children import child_environment, python_module
from signals.errors import LiyiError, MediaError
from signals.limits import Limits, current_limits
from signals.logs import event

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection

    from report.sandboxed import Task

    Progress = Callable[[str, float], None]

Cause = Literal["memory", "time", "crash"]

LOOK_EVERY_S = 0.1
MOST_TASKS = 100
MOST_ANSWER = 1 << 20

# What a child needs of the environment: where things are, how numbers are computed, our own settings but for the
# data folder and the database. Everything else may be a secret.
_KEPT = {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LIYI_MODELS"}
_KEPT_STARTS = ("LC_", "XDG_", "PYTHON", "OMP_", "OPENBLAS_", "MKL_", "CUDA_", "MALLOC_", "LIYI_LIMIT_")

_SENTENCES: Mapping[Cause, str] = {
    "memory": N_("{file} takes more than {memory} GB of memory to read: it is damaged or was made to do so; export it "
                 "again with a smaller picture."),
    "time": N_("{file} could not be assessed within {seconds} s: it is damaged, or the machine is too busy; export it "
               "again, or try later."),
    "crash": N_("{file} is damaged in a way that stopped its assessment: record, copy or export it again."),
}  # fmt: skip


class StoppedError(MediaError):
    """The child was ended, or ended itself; ``cause`` says why."""

    def __init__(self, path: str | Path, cause: Cause, *, memory: str, seconds: int) -> None:
        self.cause = cause
        super().__init__(path, _SENTENCES[cause], memory=memory, seconds=seconds)


class Sandbox:
    """One child process and its line; for one thread at a time.

    Parameters
    ----------
    limits
        What the child may take and a recording may hold; those of the environment when not given.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or current_limits()
        self._child: subprocess.Popen[bytes] | None = None
        self._line: Connection[Any, Any] | None = None
        self._workshop = ""
        self._tasks, self._idle = 0, True

    def run(
        self, path: Path, task: Task, arguments: Mapping[str, Any], *, progress: Progress | None = None
    ) -> Any:  # fmt: skip
        """Have the child do ``task`` with ``arguments``; ``path`` names it in a refusal.

        Raises
        ------
        LiyiError
            As the task raised it; `StoppedError` when the child crashed, swelled or hung, or the task met a fault that
            was not foreseen.
        """
        if self._tasks >= MOST_TASKS:
            self.close()
        line = self._line if self._line is not None and self._alive() else self._open()
        self._tasks, self._idle = self._tasks + 1, False
        try:
            with suppress(OSError):  # it died meanwhile: there will be no answer, and that is told
                line.send((task, arguments))
            return self._follow(path, line, progress or (lambda stage, done: None))
        except StoppedError as stopped:
            event("child_stopped", cause=stopped.cause)
            raise
        finally:
            if not self._idle:  # stopped; or the parent was, by Ctrl-C or by what it does with the progress
                self.close()

    def close(self) -> None:
        """End the child and all that it started; the next task gets a new one."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
        if self._line is not None:
            self._line.close()
        if self._workshop:
            shutil.rmtree(self._workshop, ignore_errors=True)
        self._child, self._line, self._workshop, self._tasks = None, None, "", 0

    def _alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def _open(self) -> Connection[Any, Any]:
        self.close()
        ours, theirs = Pipe()
        self._workshop = tempfile.mkdtemp(prefix="liyi-")
        try:
            self._child = subprocess.Popen(
                python_module("report.sandboxed", str(theirs.fileno())), cwd=self._workshop,
                env=environment_of(self._limits, self._workshop), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        finally:
            theirs.close()
        self._line = ours
        return ours

    def _follow(self, path: Path, line: Connection[Any, Any], progress: Progress) -> Any:
        """Take the child's answers in, and look at its memory and the clock between them."""
        begun_s, looked_s, wall_s = time.monotonic(), 0.0, self._limits.wall_s(0.0)
        while True:
            answer = None
            try:
                answer = _answer(line) if line.poll(LOOK_EVERY_S) else None
            except EOFError:
                raise self._ended(path, wall_s) from None
            match answer:
                case None:
                    pass
                case {"stage": str(stage), "done": float(done)}:
                    progress(stage, done)
                case {"duration_s": float(duration_s)}:
                    wall_s = self._limits.wall_s(min(duration_s, self._limits.hours * 3600))
                case {"result": result}:
                    self._idle = True
                    return result
                case {"refused": LiyiError() as refused}:
                    self._idle = True
                    raise refused
                case _:
                    raise self._stopped(path, "memory" if _wants_memory(answer) else "crash", wall_s)
            now_s = time.monotonic()
            if now_s - looked_s >= LOOK_EVERY_S:
                looked_s = now_s
                self._look(path, now_s - begun_s, wall_s)

    def _look(self, path: Path, elapsed_s: float, wall_s: float) -> None:
        from psutil import NoSuchProcess, Process

        if elapsed_s > wall_s:
            raise self._stopped(path, "time", wall_s)
        assert self._child is not None
        with suppress(NoSuchProcess):  # its end shows on the line
            if Process(self._child.pid).memory_info().rss > self._limits.memory_gb * 1e9:
                raise self._stopped(path, "memory", wall_s)

    def _ended(self, path: Path, wall_s: float) -> StoppedError:
        """Why the child is gone, by how it ended."""
        assert self._child is not None
        try:
            code = self._child.wait(timeout=2)
        except subprocess.TimeoutExpired:  # it closed its line and went on
            code = 0
        causes: dict[int, Cause] = {-signal.SIGXCPU: "time", -signal.SIGKILL: "memory"}
        return self._stopped(path, causes.get(code, "crash"), wall_s)

    def _stopped(self, path: Path, cause: Cause, wall_s: float) -> StoppedError:
        return StoppedError(path, cause, memory=f"{self._limits.memory_gb:g}", seconds=round(wall_s))


def _answer(line: Connection[Any, Any]) -> Any:
    """Next answer of the child; one that cannot be understood counts as the end of the line."""
    try:
        answer = json.loads(line.recv_bytes(MOST_ANSWER))
        if "sentence" in answer:
            return {"refused": LiyiError(answer["sentence"], **answer["fields"])}
        return answer
    except Exception as fault:
        raise EOFError from fault


def _wants_memory(answer: Any) -> bool:
    match answer:
        case {"crash": {"error": "MemoryError"}}:
            return True
        case _:
            return False


def environment_of(limits: Limits, workshop: str) -> dict[str, str]:
    """Environment of the child: what it needs of ours, the limits, and ``workshop`` for its temporary files.

    That is where librosa's compiled functions go, too: an installation or a home may be one that cannot be written.
    """
    ours = child_environment()
    kept = {name: value for name, value in ours.items() if name in _KEPT or name.startswith(_KEPT_STARTS)}
    return {**kept, **limits.as_environment(), "TMPDIR": workshop, "NUMBA_CACHE_DIR": workshop}


_shared: dict[Limits, Sandbox] = {}  # one at most
_turn = threading.Lock()


def run_limited(
    path: str | Path,
    out: str | Path,
    options: Mapping[str, Any],
    limits: Limits | None = None,
    *,
    progress: Progress | None = None,
) -> None:
    """Assess one recording in this process's child; one at a time.

    Parameters
    ----------
    path, out
        The recording, and the folder of its results.
    options
        Other parameters of `report.scoring.score`: ``pack`` and whatever differs from the defaults.
    limits
        Those of the environment when not given.
    progress
        As `report.scoring.score` takes it.

    Raises
    ------
    LiyiError
        As `report.scoring.score` raises it; `StoppedError` when the child crashed, swelled or hung. No
        ``assessment.json`` is left then.
    """
    limits = limits or current_limits()
    path, out = Path(path).absolute(), Path(out).absolute()
    new = not out.exists()
    with _turn:
        try:
            _sandbox(limits).run(
                path, sandboxed.score, {"path": str(path), "out": str(out), "options": dict(options)}, progress=progress
            )
        except BaseException:
            _tidy(out, new=new)
            raise


def join_limited(pieces: Sequence[Path], stem: Path) -> Path:
    """Join the pieces of a rehearsal in this process's child, as `signals.remux.join_pieces` does."""
    with _turn:
        whole = _sandbox(current_limits()).run(
            stem, sandboxed.join, {"pieces": [str(piece) for piece in pieces], "stem": str(stem)}
        )
    return Path(whole)


def close_shared() -> None:
    """End this process's child, if there is one."""
    while _shared:
        _shared.popitem()[1].close()


atexit.register(close_shared)


def _sandbox(limits: Limits) -> Sandbox:
    if limits not in _shared:
        close_shared()
        _shared[limits] = Sandbox(limits)
    return _shared[limits]


def _tidy(out: Path, *, new: bool) -> None:
    """Remove what a killed child had begun to write."""
    for part in out.glob(".*.part"):
        part.unlink(missing_ok=True)
    if new and out.is_dir() and not any(out.iterdir()):
        out.rmdir()
