"""How a batch stands: which line waits for which result, what came of each, and how many are through."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from liyi.batch import results
from liyi.batch.rows import Row, packed
from liyi.core.words import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from liyi.batch.manifest import Line
    from liyi.core.errors import Notice


@dataclass
class Counts:
    """How far the batch is: lines with a result and without; ``reused`` of the ``done`` needed no work of their own."""

    total: int
    done: int = 0
    failed: int = 0
    reused: int = 0


@dataclass(frozen=True)
class Landed:
    """What came of line ``at``: its result ``key`` stands, or a ``failure`` says why there is none.

    ``seconds`` of work; None where it needed none of its own.
    """

    at: int
    key: str | None
    failure: Notice | None
    seconds: float | None


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
    landed
        Called with each line as soon as its outcome stands; what it returns is why the line failed all the same.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        tell: Callable[[Counts, str | None], None],
        lang: str = "en",
        landed: Callable[[Landed], Notice | None] = lambda landed: landed.failure,
    ) -> None:
        self.lines, self._lang = lines, lang
        self.counts = Counts(len(lines))
        self._tell, self._landed = tell, landed
        self._keys: dict[int, str] = {}
        self._failed: dict[int, Notice] = {}
        self._finished: dict[str, Notice | None] = {}
        self._waiting: dict[str, list[int]] = {}

    def expect(self, at: int, key: str) -> bool:
        """Line ``at`` waits for the result ``key``; whether it is the first that does."""
        self._keys[at] = key
        if key in self._finished:
            self._count([Landed(at, key, self._finished[key], None)])
            return False
        self._waiting.setdefault(key, []).append(at)
        return len(self._waiting[key]) == 1

    def finish(self, key: str, failure: Notice | None = None, *, seconds: float | None = None) -> None:
        """The result ``key`` stands, or ``failure`` says why it never will; ``seconds`` unless it stood before."""
        self._finished[key] = failure
        first, *others = self._waiting.pop(key)
        self._count([Landed(first, key, failure, seconds), *(Landed(at, key, failure, None) for at in others)])

    def refuse(self, at: int, failure: Notice) -> None:
        """The recording of line ``at`` cannot even be read."""
        self._count([Landed(at, None, failure, None)])

    def _count(self, landed: Sequence[Landed]) -> None:
        """Take in what came of lines that wait for the same result; of several that fail alike the first is told."""
        said: str | None = None
        for each in landed:
            failure = self._landed(each)
            if failure is None:
                self.counts.done += 1
                self.counts.reused += each.seconds is None
            else:
                self.counts.failed += 1
                self._failed[each.at] = failure
                said = said or self.said(each.at, failure)
        self._tell(self.counts, said)

    def said(self, at: int, failure: Notice) -> str:
        """The sentence in the run's language, with the recording in front of it where it does not name it."""
        path, sentence = self.lines[at].path, self._sentence(failure)
        if PurePath(path).name in sentence:
            return sentence
        return translate("{file}: {fault}", self._lang, file=path, fault=sentence)

    def _sentence(self, failure: Notice) -> str:
        return translate(failure.sentence, self._lang, **failure.fields)

    def rows(self, out: Path) -> Sequence[Row]:
        """One row for each line, in their order; the words that were said stay in the recording's own folder."""
        return packed(self._row(at, line, out) for at, line in enumerate(self.lines))

    def _row(self, at: int, line: Line, out: Path) -> Row:
        key, assessment = self._keys.get(at), None
        if at in self._failed:
            return Row(line.path, line.person, line.cohort, key, None, self._sentence(self._failed[at]))
        if key is not None and key in self._finished and self._finished[key] is None:
            assessment = results.read(out, key)
        bare = assessment and assessment.model_copy(update={"transcript": ()})
        return Row(line.path, line.person, line.cohort, key, bare, None)
