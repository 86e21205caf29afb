"""Recordings of unknown origin are decoded here: in a child process that may crash, hang or swell, and is then ended.

The child (`liyi.scoring.child`) is kept from one recording to the next, since models take 4 s to load: a fresh child
for each would cost half as much again for a recording of 20 s, and a twelfth for one of two minutes. It is
replaced after a crash or an overrun, and after `MOST_TASKS`. It knows none of the parent's secrets, reads no standard
input, stands in a session of its own, and the kernel confines it (`liyi.scoring.confine`). What it answers is read as
data (`liyi.scoring.answers`). What it is asked stands in `liyi.scoring.limited`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from liyi.core.children import child_environment, python_module
from liyi.core.errors import FAULT, LiyiError, MediaError
from liyi.core.logs import event
from liyi.core.words import N_
from liyi.media.limits import Limits, current_limits
from liyi.modelfiles.registry import folder as model_folder
from liyi.scoring import child
from liyi.scoring.answers import error_of_child
from liyi.scoring.confine import confinement, hide_memory
from liyi.scoring.perform import LISTENING, WATCHING
from liyi.scoring.score import WRITING
from liyi.scoring.two_views import ALIGNING, WATCHING_SIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection

    from psutil import Process

    from liyi.scoring.child import Task

    Progress = Callable[[str, float], None]

Cause = Literal["memory", "time", "crash", "fault"]

LOOK_EVERY_S = 0.1
MOST_TASKS = 100
MOST_ANSWER = 1 << 20
# Where the kernel filters no system calls, so many processes of the child are borne: a library may ask one how to load
# another. RLIMIT_NPROC would not do: it counts every thread of the account on the whole machine, other containers' too,
# so that what others start would make the decoder's own threads fail, and it binds no root.
MOST_PROCESSES = 8
STAGES = frozenset((WATCHING, LISTENING, WRITING, ALIGNING, WATCHING_SIDE))
# What a child needs of the environment: where things are, how numbers are computed, our own settings but for the
# data folder and the database. Everything else may be a secret.
_KEPT = {"PATH", "HOME", "LANG", "LANGUAGE", "TZ", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "LIYI_MODELS"}
_KEPT_STARTS = ("LC_", "XDG_", "PYTHON", "OMP_", "OPENBLAS_", "MKL_", "CUDA_", "MALLOC_", "LIYI_LIMIT_")

# joblib, which comes with librosa, would look for semaphores in a folder that the child may not use.
_ALONE = {"JOBLIB_MULTIPROCESSING": "0"}

_SENTENCES: Mapping[Cause, str] = {
    "memory": N_("{file} takes more than {memory} GB of memory to read: it is damaged or was made to do so; export it "
                 "again with a smaller picture."),
    "time": N_("{file} could not be assessed within {seconds} s: it is damaged, or the machine is too busy; export it "
               "again, or try later."),
    "fault": FAULT,
    "crash": N_("{file} broke its assessment off: it is damaged, or a library of Liyi has a fault; copy or export it "
                "again, and report it if that does not help."),
}  # fmt: skip


class StoppedError(MediaError):
    """The child was ended, or ended itself; ``cause`` says why."""

    def __init__(self, path: str | Path, cause: Cause, *, memory: str, seconds: int, fault: str = "") -> None:
        self.cause = cause
        super().__init__(path, _SENTENCES[cause], memory=memory, seconds=seconds, fault=fault)


class Sandbox:
    """One child process and its line; for one thread at a time.

    Parameters
    ----------
    limits
        What the child may take and a recording may hold; those of the environment when not given.
    readable
        Files and folders that it may read beside Liyi, the models and the recording that is handed in.
    beside
        Folder in which its workshop is made; that for temporary files when not given.
    """

    def __init__(
        self, limits: Limits | None = None, *, readable: Sequence[str] = (), beside: Path | None = None
    ) -> None:
        self._limits, self._readable, self._beside = limits or current_limits(), tuple(readable), beside
        self._child: subprocess.Popen[bytes] | None = None
        self._line: Connection[Any, Any] | None = None
        self._workshop = ""
        self._tasks, self._idle, self._filtered = 0, True, True

    def run(
        self,
        path: Path,
        task: Task,
        arguments: Mapping[str, Any],
        *,
        progress: Progress | None = None,
        recordings: Mapping[Path, int] | None = None,
    ) -> Any:
        """Have the child do ``task`` with ``arguments``; ``path`` names it in a refusal.

        ``recordings`` are descriptors through which the child reads the files of these paths.

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
                line.send((task, arguments, [str(each) for each in recordings or ()]))
                if recordings:
                    with socket.socket(fileno=os.dup(line.fileno())) as files:
                        socket.send_fds(files, [b"f"], list(recordings.values()))
            return self._follow(path, line, progress or (lambda stage, done: None))
        except StoppedError as stopped:
            fault = stopped.fields["fault"]
            event("child_stopped", cause=f"{stopped.cause}: {fault}" if fault else stopped.cause)
            raise
        finally:
            if not self._idle:  # stopped; or the parent was, by Ctrl-C or by what it does with the progress
                self.close()

    @property
    def answer(self) -> Path:
        """Folder of what the last task left; to be read with the suspicion of `liyi.scoring.answers`."""
        return Path(self._workshop) / child.ANSWER

    def close(self) -> None:
        """End the child and all that it started; the next task gets a new one."""
        if self._child is not None:
            self._end_started()
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
        self._workshop = tempfile.mkdtemp(prefix=".liyi-" if self._beside else "liyi-", dir=self._beside)
        readable = [str(model_folder().absolute()), *self._readable]
        command = python_module("liyi.scoring.child", str(theirs.fileno()), str(os.getpid()), *readable)
        _shield()
        self._filtered = confinement().calls
        try:
            self._child = _starter().submit(
                subprocess.Popen, command, cwd=self._workshop, env=environment_of(self._limits, self._workshop),
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True,
            ).result()  # fmt: skip
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
                case {"stage": str(stage), "done": float(done)} if stage in STAGES and 0.0 <= done <= 1.0:
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
                    raise self._explain_crash(path, answer, wall_s)
            now_s = time.monotonic()
            if now_s - looked_s >= LOOK_EVERY_S:
                looked_s = now_s
                self._look(path, now_s - begun_s, wall_s)

    def _explain_crash(self, path: Path, answer: Any, wall_s: float) -> StoppedError:
        """What is to be said of an answer that is neither a result nor a refusal."""
        match answer:
            case {"crash": {"error": "MemoryError"}}:
                return self._stopped(path, "memory", wall_s)
            case {"crash": {"error": str(error), "raised": str(raised)}} if _is_place(error, raised):
                return self._stopped(path, "fault", wall_s, f"{error}, {raised}")
            case _:
                return self._stopped(path, "crash", wall_s)

    def _look(self, path: Path, elapsed_s: float, wall_s: float) -> None:
        import psutil

        if elapsed_s > wall_s:
            raise self._stopped(path, "time", wall_s)
        assert self._child is not None
        with suppress(psutil.NoSuchProcess):  # its end shows on the line
            if psutil.Process(self._child.pid).memory_info().rss > self._limits.memory_gb * 1e9:
                raise self._stopped(path, "memory", wall_s)
        if len(self._started()) > MOST_PROCESSES:
            raise self._stopped(path, "crash", wall_s)

    def _started(self) -> list[Process]:
        """Processes that the child started and that still live; none where the kernel refuses them."""
        import psutil

        if self._filtered or self._child is None:
            return []
        try:
            started: list[Process] = psutil.Process(self._child.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return started

    def _end_started(self) -> None:
        """End what the child started, those too that left its session."""
        import psutil

        if self._filtered or self._child is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._child.pid, signal.SIGSTOP)  # it starts no more meanwhile
        for process in self._started():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _ended(self, path: Path, wall_s: float) -> StoppedError:
        """Why the child is gone, by how it ended."""
        assert self._child is not None
        try:
            code = self._child.wait(timeout=2)
        except subprocess.TimeoutExpired:  # it closed its line and went on
            code = 0
        if code > 0:  # no signal: Python itself gave up
            return self._stopped(path, "fault", wall_s, f"exit {code}")
        causes: dict[int, Cause] = {-signal.SIGXCPU: "time", -signal.SIGKILL: "memory"}
        return self._stopped(path, causes.get(code, "crash"), wall_s)

    def _stopped(self, path: Path, cause: Cause, wall_s: float, fault: str = "") -> StoppedError:
        return StoppedError(
            path, cause, memory=f"{self._limits.memory_gb:g}", seconds=round(wall_s), fault=fault
        )  # fmt: skip


def _answer(line: Connection[Any, Any]) -> Any:
    """Next answer of the child, empty where it cannot be understood; one that is too long is the end of the line."""
    try:
        content = line.recv_bytes(MOST_ANSWER)
    except Exception as fault:
        raise EOFError from fault
    try:
        answer = json.loads(content)
        if "sentence" in answer:
            return {"refused": error_of_child(answer["sentence"], answer["fields"])}
    except Exception:  # whatever it raises, it is no answer of ours
        return {}
    return answer


def _is_place(error: str, raised: str) -> bool:
    """Whether these are an exception's class and a line of code, and no other text."""
    return bool(re.fullmatch(r"\w{1,60}", error) and re.fullmatch(r"[\w.<>-]{1,80}:\d{1,6}", raised))


@cache
def _starter() -> ThreadPoolExecutor:
    """The thread that starts children: the kernel ends a child with the thread that started it."""
    return ThreadPoolExecutor(1, "liyi-child")


def _shield() -> None:
    """Keep the child from this process's memory and environment by what else than Landlock there is, too.

    Not in a worker of Dask under Landlock, which bars the child from them anyway: Dask counts its own open files, which
    the kernel then tells to root alone.
    """
    if not (confinement().files and "distributed.worker" in sys.modules):
        hide_memory()


def environment_of(limits: Limits, workshop: str) -> dict[str, str]:
    """Environment of the child: what it needs of ours, the limits, and ``workshop`` for its temporary files.

    That is where librosa's compiled functions go, too: an installation or a home may be one that cannot be written.
    """
    ours = child_environment()
    kept = {name: value for name, value in ours.items() if name in _KEPT or name.startswith(_KEPT_STARTS)}
    return {**kept, **limits.as_environment(), "TMPDIR": workshop, "NUMBA_CACHE_DIR": workshop, **_ALONE}
