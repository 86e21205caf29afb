"""How far a batch of the records is: ``progress.json`` in its folder, written by its process and read by pages."""

from __future__ import annotations

import json
import statistics
import time
from collections import deque
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from liyi.core.atomic import ALL_BUT_OWNER, atomic_write
from liyi.core.typed_json import Amount, Count, DamagedError, read_json

if TYPE_CHECKING:
    from pathlib import Path

PROGRESS = "progress.json"
LAST_UNITS = 25  # of which the median tells how long one takes


@dataclass(frozen=True)
class Progress:
    """What the process of a batch says.

    ``at`` is when, in seconds since 1970; ``begun`` and ``ended`` lines of ``of``; ``unit_s`` is the median time of the
    last recordings, None before there are two; ``workers`` work at a time, none of them while it is ``held_back`` by
    rehearsals; ``current`` are the recordings that are worked on.
    """

    at: Amount
    of: Count
    done: Count
    failed: Count
    workers: Count = 1
    unit_s: Amount | None = None
    held_back: bool = False
    current: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float | None:
        """Recordings an hour."""
        return 3600 * self.workers / self.unit_s if self.unit_s else None

    @property
    def left_s(self) -> float | None:
        """How long the rest takes, in seconds."""
        rate = self.rate
        return None if rate is None else (self.of - self.done - self.failed) / rate * 3600


def progress_of(folder: Path) -> Progress | None:
    """What the process of the batch in ``folder`` said last; None where it has said nothing yet."""
    try:
        return read_json(folder / PROGRESS, Progress)
    except (FileNotFoundError, DamagedError):
        return None


class Reporter:
    """Writes the progress of a batch as it changes.

    Parameters
    ----------
    folder
        Of the batch.
    of, done, failed
        How many lines it has, and how many of them had their assessment before, or cannot be begun.
    workers
        How many recordings are worked on at a time.
    """

    def __init__(self, folder: Path, *, of: int, done: int, workers: int, failed: int = 0) -> None:
        self._file, self._of, self._done, self._workers = folder / PROGRESS, of, done, workers
        self._failed, self._current = failed, list[str]()
        self._took: deque[float] = deque(maxlen=LAST_UNITS)
        self.held_back = False
        self.write()

    def began(self, name: str) -> None:
        """A recording is worked on."""
        self._current.append(name)
        self.write()

    def landed(self, name: str, *, failed: bool, seconds: float | None) -> None:
        """A line has its outcome, after so many ``seconds`` of work."""
        self._done, self._failed = self._done + (not failed), self._failed + failed
        if name in self._current:
            self._current.remove(name)
        if seconds is not None and not failed:
            self._took.append(seconds)
        self.write()

    def write(self) -> None:
        """Write it; on a full disk the work goes on unseen, and says itself what it lacks."""
        unit_s = statistics.median(self._took) if len(self._took) > 1 else None
        now = Progress(time.time(), self._of, self._done, self._failed, self._workers, unit_s, self.held_back,
                       self._current)  # fmt: skip
        with suppress(OSError), atomic_write(self._file, barred=ALL_BUT_OWNER, sync=False) as part:
            part.write_text(json.dumps(asdict(now), ensure_ascii=False), encoding="utf-8")
