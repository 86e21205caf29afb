"""The child process of `report.sandbox`: ``python -m report.sandboxed FD`` does one task after another.

It puts the limits on itself before it reads a request, and ends when nobody holds the other end of its line: a parent
that was killed leaves no child behind. Requests come pickled from the parent; answers are JSON, so that a child in
which a decoder was taken over can say nothing but data.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signals.errors import LiyiError
from signals.limits import Limits, current_limits
from signals.logs import fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Task = Callable[..., Any]  # (line, **arguments) -> what JSON can say; found again in the child by its name

# Room for what is mapped and never touched: libraries, arenas, stacks of threads. Three recordings in a row took
# 2.1 GB of data mappings for 0.85 GB in memory, and 3.5 GB of address space: a bound on that would bind nothing.
MAPPED_GB = 4.0


class Line:
    """The child's end: what it tells its parent while it works."""

    def __init__(self, connection: Connection, limits: Limits) -> None:
        self._connection, self._limits = connection, limits
        self._told = ("", -1.0)

    def say(self, **answer: Any) -> None:
        """Send one answer."""
        self._connection.send_bytes(json.dumps(answer).encode())

    def progress(self, stage: str, done: float) -> None:
        """Tell how far a stage is, a hundred times at most."""
        if stage != self._told[0] or abs(done - self._told[1]) >= 0.01:
            self._told = (stage, done)
            self.say(stage=stage, done=float(done))

    def surveyed(self, duration_s: float) -> None:
        """Tell how long the recording is, on which the limits of time depend."""
        allow_cpu(self._limits.wall_s(duration_s))
        self.say(duration_s=float(duration_s))


def restrain(limits: Limits) -> None:
    """Put the limits on this process, where the system knows them: no core dumps, bounded files and memory."""
    import resource

    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.written_gb * 1e9,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_DATA: (limits.memory_gb + MAPPED_GB) * 1e9,
    }
    for kind, bound in bounds.items():
        most = resource.getrlimit(kind)[1]
        least = int(bound) if most == resource.RLIM_INFINITY else min(int(bound), most)
        resource.setrlimit(kind, (least, least))


def allow_cpu(seconds: float) -> None:
    """Let this process take ``seconds`` of CPU from now on; the system ends it after that."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 1, most))


def score(line: Line, path: str, out: str, options: Mapping[str, Any]) -> None:
    """Assess one recording; ``options`` are those of `report.scoring.score`."""
    from report.scoring import score as score_recording

    score_recording(path, out=out, progress=line.progress, surveyed=line.surveyed, **options)


def join(line: Line, pieces: list[str], stem: str) -> str:
    """Join the pieces of a rehearsal; returns the path of the file."""
    from signals.remux import join_pieces

    return str(join_pieces([Path(piece) for piece in pieces], Path(stem)))


def main(descriptor: int) -> None:
    """Do what comes down the line until it is closed."""
    limits = current_limits()
    restrain(limits)
    connection = Connection(descriptor)
    requests: queue.SimpleQueue[tuple[Task, Mapping[str, Any]]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True).start()
    while True:
        task, arguments = requests.get()
        line = Line(connection, limits)
        allow_cpu(limits.wall_s(0.0))
        try:
            line.say(result=task(line, **arguments))
        except LiyiError as error:
            line.say(sentence=error.sentence, fields=_plain(error.fields))
        except Exception as error:
            line.say(crash=fault(error))


def _receive(connection: Connection, requests: queue.SimpleQueue[tuple[Task, Mapping[str, Any]]]) -> None:
    """Take requests in; the end of the line is the end of the process, whatever it is doing."""
    while True:
        try:
            requests.put(connection.recv())
        except Exception:  # mostly EOFError; a request that cannot be unpickled leaves nothing to wait for either
            os._exit(1)


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, int | float) else str(value) for name, value in fields.items()}


if __name__ == "__main__":
    main(int(sys.argv[1]))
