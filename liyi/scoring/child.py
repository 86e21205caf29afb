"""The child of `liyi.scoring.sandbox`: ``python -m liyi.scoring.child FD PARENT READABLE...`` does task after task.

It puts the limits on itself and has the kernel confine it (`liyi.scoring.confine`) before it reads a request, and ends
with its parent. Requests come pickled from the parent; answers are JSON and files in its workshop, so that a child in
which a decoder was taken over can say nothing but data.

The kernel's rules can only be tightened, and the child is kept from one recording to the next since models take 4 s to
load. So no recording is among what it may open: the parent opens the one that is meant and hands it in with the
request. A process forked for each task, before it is confined, would have no models and none of their threads; a link
in the workshop fails across disks, and a copy needs the space.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import shutil
import socket
import sys
import tempfile
import threading
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.errors import LiyiError, error_to_json
from liyi.core.logs import fault
from liyi.core.words import N_
from liyi.media.files import handed_in
from liyi.media.limits import Limits, current_limits
from liyi.scoring.confine import confine, end_with_parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from liyi.core.options import Options
    from liyi.etiquette.pack import NormPack
    from liyi.scoring.ahead import Ahead
    from liyi.scoring.examined import Examined
    from liyi.scoring.reporting import Draw

    Task = Callable[..., Any]  # (line, **arguments) -> what JSON can say; found again in the child by its name
    Request = tuple[Task, Mapping[str, Any], Mapping[Path, int]]  # and which files are read through which descriptors

# Room for what is mapped and never touched: libraries, arenas, stacks of threads. Three recordings in a row took
# 2.1 GB of data mappings for 0.85 GB in memory, and 3.5 GB of address space: a bound on that would bind nothing.
MAPPED_GB = 4.0
CLIP = "clip.webm"
ANSWER = "answer"  # folder in the workshop for what a task leaves to its parent
FULL = N_("The disk of the folder for temporary files {folder} is full: make room, or set TMPDIR to another folder.")


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


def apply_limits(limits: Limits) -> None:
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


_ahead: dict[str | None, Ahead] = {}  # by the recogniser, one at most


def score(
    line: Line,
    path: str,
    pack: NormPack,
    options: Options,
    draw: Draw | None,
    lost_s: float = 0.0,
    side: str | None = None,
) -> dict[str, Any]:
    """Assess one recording, as `liyi.scoring.score.examine` does; says which pictures it left."""
    from liyi.scoring.score import WRITING, examine

    found = examine(
        path, pack=pack, side=side, options=options, draw=draw, progress=line.progress, surveyed=line.surveyed,
        ahead=_ahead.pop(options.recogniser, None), lost_s=lost_s,
    )  # fmt: skip
    answer = _leave(found)
    line.progress(WRITING, 1.0)
    return answer


def _leave(found: Examined) -> dict[str, Any]:
    """Write what was found into the workshop."""
    from liyi.etiquette.store import save_performance
    from liyi.scoring.examined import assessment_text
    from liyi.scoring.folder import ASSESSMENT, MEASURES

    scratch = answer_room()
    try:
        save_performance(scratch / MEASURES, found.performance, found.signals)
        (scratch / ASSESSMENT).write_text(assessment_text(found.assessment), encoding="utf-8")
        for at, still in enumerate((found.stills or {}).values()):
            (scratch / f"{at}.jpg").write_bytes(still.jpeg)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LiyiError(FULL, folder=str(scratch.parent)) from error
        raise
    stills = None if found.stills is None else [
        {"criterion": criterion, "t_s": still.t_s, "width": still.width, "height": still.height}
        for criterion, still in found.stills.items()
    ]  # fmt: skip
    return {"stills": stills}


def answer_room() -> Path:
    """The folder in this child's workshop for its answer, empty."""
    scratch = Path(tempfile.gettempdir()) / ANSWER
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    return scratch


def join(line: Line, pieces: list[str]) -> dict[str, Any]:
    """Join the pieces of a rehearsal in the workshop; returns the file's suffix, and what `Joined` says of it."""
    from liyi.media.remux import join_pieces

    try:
        joined = join_pieces([Path(piece) for piece in pieces], answer_room() / "recording")
        return {"suffix": joined.path.suffix, "lost_s": joined.lost_s}
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LiyiError(FULL, folder=tempfile.gettempdir()) from error
        raise


def cut(line: Line, path: str, start_s: float, end_s: float, track: str | None) -> dict[str, Any]:
    """Cut a stretch out of a recording into the workshop; returns the file's name."""
    from liyi.media.cut import cut as cut_out
    from liyi.media.recording import open_media

    media = open_media(path, track=track)
    line.surveyed(media.info.duration_s)
    try:
        cut_out(media, start_s, end_s, answer_room() / CLIP)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LiyiError(FULL, folder=tempfile.gettempdir()) from error
        raise
    return {"clip": CLIP}


def go_ahead(line: Line, pieces: list[str], pack: NormPack, options: Options) -> None:
    """Watch and listen to what there is of a rehearsal that goes on; the next `score` here knows it."""
    from liyi.media.recording import open_media
    from liyi.media.remux import join_pieces
    from liyi.scoring.ahead import Ahead

    with tempfile.TemporaryDirectory(prefix="ahead-") as workshop:
        media = open_media(join_pieces([Path(piece) for piece in pieces], Path(workshop) / "recording").path)
        line.surveyed(media.info.duration_s)
        if options.recogniser not in _ahead:
            _ahead.clear()
            _ahead[options.recogniser] = Ahead(options.recogniser)
        _ahead[options.recogniser].go_on(media, options=options, languages=pack.languages, tell=line.progress)


def main(descriptor: int, parent: int, readable: Sequence[str]) -> None:
    """Do what comes down the line until it is closed."""
    end_with_parent(parent)
    limits = current_limits()
    apply_limits(limits)
    confine(readable, [tempfile.gettempdir()])
    connection = Connection(descriptor)
    requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(connection, requests), daemon=True).start()
    while True:
        task, arguments, files = requests.get()
        line = Line(connection, limits)
        allow_cpu(limits.wall_s(0.0))
        try:
            with ExitStack() as opened:
                for path, descriptor in files.items():
                    opened.enter_context(handed_in(path, descriptor))
                result = task(line, **arguments)
            line.say(result=result)
        except LiyiError as error:
            line.say(**error_to_json(error))
        except Exception as error:
            line.say(crash=fault(error))
        finally:
            for descriptor in files.values():
                os.close(descriptor)


def _receive(connection: Connection, requests: queue.SimpleQueue[Request]) -> None:
    """Take requests in; the end of the line is the end of the process, whatever it is doing."""
    with socket.socket(fileno=os.dup(connection.fileno())) as sent:
        while True:
            try:
                task, arguments, paths = connection.recv()
                descriptors = socket.recv_fds(sent, 1, len(paths))[1] if paths else []
                requests.put((task, arguments, dict(zip(map(Path, paths), descriptors, strict=True))))
            except Exception:  # mostly EOFError; a request that cannot be unpickled leaves nothing to wait for either
                os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
