"""How many assessments may run at once, who holds a place, and how long an assessment takes here.

A slot is a lock on a file in ``queue/`` of the data folder. Its descriptor is handed to the process that assesses, and
the system gives the lock back when that process ends, however it ends: nothing is left to tidy after a crash.
"""

from __future__ import annotations

import fcntl
import json
import os
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from filelock import FileLock

from liyi.core.atomic import ALL_BUT_OWNER, atomic_write
from liyi.core.owner import make_folder
from liyi.core.typed_json import Amount, Count, DamagedError, read_json
from liyi.records.engine import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

SLOTS = "LIYI_SLOTS"  # how many assessments may run at once; by the machine's memory when not set
ASSESSMENT_BYTES = 1_500_000_000  # a recording of half an hour takes 0.8 at its most, a process that waits 0.1
SETTLE_S = 30.0  # an assessment takes its memory within so long: until then it counts as if it had none yet
_LAST_TICKET = 1 << 62  # what is beyond was never given out
_KEPT = 50  # measured assessments
_CGROUPS = Path("/sys/fs/cgroup")
_CGROUP = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Memory:
    """Of this machine, or of the group of processes (container, service) that bounds us, in bytes."""

    total: int
    available: int


@dataclass(frozen=True)
class Took:
    """One assessment as it was measured: seconds of the recording, its size in bytes, seconds of work.

    ``stages`` has the seconds of each stage; it is empty in what earlier versions noted. ``ahead``: much was done while
    it was recorded.
    """

    recorded_s: Amount
    size: Count
    work_s: Amount
    stages: dict[str, Amount] = field(default_factory=dict)
    ahead: bool = False


def memory() -> Memory:
    """What there is, and what may be taken now."""
    machine = psutil.virtual_memory()
    bounds = [Memory(int(machine.total), int(machine.available)), *_groups()]
    return Memory(min(each.total for each in bounds), min(each.available for each in bounds))


def _groups() -> Iterator[Memory]:
    """Bounds of the groups that this process is in, from the innermost out (version 2; version 1 in containers)."""
    try:
        lines = _CGROUP.read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        return
    own = next((line[3:] for line in lines if line.startswith("0::")), "/")
    folder = _CGROUPS / own.strip("/")
    for each in (folder, *folder.parents):
        if not each.is_relative_to(_CGROUPS):
            break
        yield from _bound(each, "memory.max", "memory.current", "inactive_file")
    yield from _bound(_CGROUPS / "memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _bound(folder: Path, most: str, used: str, cached: str) -> Iterator[Memory]:
    try:
        total, taken = int((folder / most).read_text()), int((folder / used).read_text())
        stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # not there, or "max": no bound
        return
    yield Memory(total, max(0, total - taken + int(stat.get(cached, 0))))


def most() -> int:
    """How many assessments may ever run at once: by ``LIYI_SLOTS``, else by memory and cores; one at least."""
    asked = os.environ.get(SLOTS, "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    beside = 1  # as much as an assessment is left for the system, the app and its database
    return max(1, min(os.cpu_count() or 1, memory().total // ASSESSMENT_BYTES - beside))


def may_begin(running: int, fresh: int) -> bool:
    """Whether one more may begin now.

    Parameters
    ----------
    running
        How many run.
    fresh
        How many of them began less than `SETTLE_S` ago.
    """
    if running == 0:
        return True  # what one takes is bounded by itself (`liyi.media.limits`), and waiting would not help
    if running >= most():
        return False
    return has_room(fresh)


def has_room(fresh: int = 0) -> bool:
    """Whether there is memory for an assessment beside all that runs and ``fresh`` that have not taken theirs yet."""
    return os.environ.get(SLOTS, "") != "" or memory().available >= (fresh + 1) * ASSESSMENT_BYTES


def folder() -> Path:
    """Where the slots' locks and the queue's own files are; made where it is not there yet."""
    make_folder(_place())
    return _place()


def _place() -> Path:
    return data_folder() / "queue"


@contextmanager
def deciding() -> Iterator[None]:
    """Only one process and thread at a time looks at the queue and begins what is next."""
    with FileLock(folder() / "queue.lock", timeout=60, mode=0o600):
        yield


def take(*, ahead: bool = False) -> tuple[int | None, int]:
    """A free slot as the descriptor of its lock, None when all are held; and how many others are held.

    The descriptor is handed to the process that works, and closed here. ``ahead``: for what gives way to everybody
    (`liyi.ui.ahead`), as the lock's file tells.
    """
    free, held = None, 0
    for n in range(most()):
        lock = hold(folder() / f"slot-{n}.lock")
        if lock is None:
            held += 1
        elif free is None:
            free = lock
        else:
            os.close(lock)
    if free is not None:
        os.ftruncate(free, 0)
        os.pwrite(free, b"ahead" if ahead else b"", 0)
    return free, held


def hold(file: Path) -> int | None:
    """The descriptor of a lock on ``file``, which is made where it is not there; None when somebody else holds it."""
    lock = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def is_held(file: Path) -> bool:
    """Whether somebody holds the lock on ``file``; those who ask at the same moment do not count."""
    try:
        lock = os.open(file, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(lock)


def full() -> bool:
    """Whether every slot is held now by an assessment that somebody waits for; also where that cannot be told."""
    try:
        with deciding():
            files = [folder() / f"slot-{n}.lock" for n in range(most())]
            return all(is_held(file) and not file.stat().st_size for file in files)
    except OSError:
        return True


def held() -> int:
    """How many slots are held now."""
    with deciding():
        return sum(is_held(folder() / f"slot-{n}.lock") for n in range(most()))


def next_ticket() -> int:
    """A number larger than all before, whatever the clock does. Only while `deciding`."""
    file = folder() / "ticket"
    try:
        last = int(file.read_text())
    except (OSError, ValueError):
        last = 0
    ticket = max(last + 1 if last < _LAST_TICKET else 0, time.time_ns())
    _write(file, str(ticket))
    return ticket


def measured() -> list[Took]:
    """The newest assessments that were measured on this machine, oldest first."""
    try:
        return read_json(_place() / "took.json", list[Took])
    except (FileNotFoundError, DamagedError):
        return []


def note(took: Took) -> None:
    """Remember how long an assessment took."""
    with deciding():
        kept: list[dict[str, Any]] = [vars(each) for each in [*measured(), took][-_KEPT:]]
        _write(folder() / "took.json", json.dumps(kept))


def expected_s(recorded_s: float | None, size: int) -> float | None:
    """How long an assessment will take, in seconds of work, by the ones measured; None before there are any.

    Parameters
    ----------
    recorded_s
        Length of the recording; None where it is not known yet: then it is taken from its size.
    size
        Of the recording in bytes.
    """
    known = [took for took in _usable() if not took.ahead]
    if not known:
        return None
    return _length_s(recorded_s, size, known) * statistics.median(took.work_s / took.recorded_s for took in known)


def left_s(stage: str, done: float, recorded_s: float | None, size: int, *, ahead: bool = False) -> float | None:
    """How long an assessment that runs will still take, in seconds, by the stages of those measured here.

    Parameters
    ----------
    stage, done
        Where it is, and how much of that stage is behind, 0..1.
    recorded_s, size
        As `expected_s` takes them.
    ahead
        Whether much was done while it was recorded: it is held against such alone.

    Returns
    -------
    float or None
        None before any assessment with this stage was measured.
    """
    known = [took for took in _usable() if stage in took.stages and took.ahead == ahead]
    if not known:
        return None
    after = _after(stage, known[-1])
    shares = [_share_left(took, stage, done, after) for took in known]
    return _length_s(recorded_s, size, known) * statistics.median(shares)


def _usable() -> list[Took]:
    return [took for took in measured() if took.recorded_s > 0 and took.size > 0]


def _length_s(recorded_s: float | None, size: int, known: list[Took]) -> float:
    if recorded_s is not None:
        return recorded_s
    return size * statistics.median(took.recorded_s / took.size for took in known)


def _after(stage: str, took: Took) -> list[str]:
    """The stages that follow, in the order in which they were done."""
    names = list(took.stages)
    return names[names.index(stage) + 1 :]


def _share_left(took: Took, stage: str, done: float, after: list[str]) -> float:
    """Seconds that were left at that point, per second of the recording."""
    left_s = (1 - min(max(done, 0.0), 1.0)) * took.stages[stage] + sum(took.stages.get(name, 0.0) for name in after)
    return left_s / took.recorded_s


def wait_s(running: list[float], ahead: list[float], slots: int) -> float:
    """Seconds until the next one after ``ahead`` begins, when ``running`` still take so long each."""
    free = sorted(running)[-slots:]
    free += [0.0] * (slots - len(free))
    for work_s in ahead:
        free.sort()
        free[0] += work_s
    return min(free)


def _write(file: Path, text: str) -> None:
    with atomic_write(file, barred=ALL_BUT_OWNER, sync=False) as part:
        part.write_text(text, encoding="utf-8")
