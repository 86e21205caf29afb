"""How a batch stands: which line waits for which result, what came of each, and how many are through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from liyi.batch import results
from liyi.batch.rows import Row
from liyi.core.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from liyi.batch.manifest import Line
    from liyi.etiquette.assessment import Assessment


@dataclass
class Counts:
    """How far the batch is: lines with a result and without; ``reused`` of the ``done`` needed no work of their own."""

    total: int
    done: int = 0
    failed: int = 0
    reused: int = 0


class Tally:
    """The batch as it stands.

    Parameters
    ----------
    lines
        What is to be assessed.
    tell
        Called after each change with the counts, and when something failed with a sentence that names its recording.
    lang
        ``zh`` or ``en``, for ``tell``.
    """

    def __init__(self, lines: Sequence[Line], tell: Callable[[Counts, str | None], None], lang: str = "en") -> None:
        self.lines, self._lang = lines, lang
        self.counts = Counts(len(lines))
        self._tell = tell
        self._keys: dict[int, str] = {}
        self._refused: dict[int, str] = {}
        self._finished: dict[str, str | None] = {}
        self._waiting: dict[str, int] = {}

    def expect(self, at: int, key: str) -> bool:
        """Line ``at`` waits for the result ``key``; whether it is the first that does."""
        self._keys[at] = key
        if key in self._finished:
            self._count(1, self._named(at, self._finished[key]), reused=1)
            return False
        self._waiting[key] = self._waiting.get(key, 0) + 1
        return self._waiting[key] == 1

    def finish(self, key: str, failure: str | None = None, *, worked: bool = True) -> None:
        """The result ``key`` stands, or ``failure`` says why it never will; ``worked`` unless it stood before."""
        self._finished[key] = failure
        lines = self._waiting.pop(key)
        first = next(at for at, waits in self._keys.items() if waits == key)
        self._count(lines, self._named(first, failure), reused=lines - worked)

    def refuse(self, at: int, failure: str) -> None:
        """The recording of line ``at`` cannot even be read."""
        self._refused[at] = failure
        self._count(1, self._named(at, failure), reused=0)

    def _named(self, at: int, failure: str | None) -> str | None:
        """The sentence with the recording in front of it where it does not name it."""
        path = self.lines[at].path
        if failure is None or PurePath(path).name in failure:
            return failure
        return translate("{file}: {fault}", self._lang, file=path, fault=failure)

    def _count(self, lines: int, failure: str | None, *, reused: int) -> None:
        if failure is None:
            self.counts.done += lines
            self.counts.reused += reused
        else:
            self.counts.failed += lines
        self._tell(self.counts, failure)

    def rows(self, out: Path) -> list[Row]:
        """One row for each line, in their order; the words that were said stay in the recording's own folder."""
        found: dict[str, Assessment] = {}
        for key, failure in self._finished.items():
            if failure is None and (assessment := results.read(out, key)):
                found[key] = assessment.model_copy(update={"transcript": ()})
        return [self._row(at, line, found) for at, line in enumerate(self.lines)]

    def _row(self, at: int, line: Line, found: dict[str, Assessment]) -> Row:
        key = self._keys.get(at)
        if key is None:
            return Row(line.path, line.person, line.cohort, None, None, self._refused.get(at))
        return Row(line.path, line.person, line.cohort, key, found.get(key), self._finished.get(key))
