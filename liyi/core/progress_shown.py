"""How far a command's work is, on standard error: bars at a terminal, a line for every tenth elsewhere.

A log that is read later shows when what was reached; nothing is drawn over in it.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress


@dataclass(frozen=True)
class Shown:
    """How progress is shown.

    Attributes
    ----------
    step : callable
        Takes what is being done (empty where that is clear), the share of it that is done (0..1), and what else is to
        be said of it (empty for nothing).
    say : callable
        Takes a line that stays, such as a failure; told without progress, too.
    """

    step: Callable[[str, float, str], None]
    say: Callable[[str], None]


@contextmanager
def show_progress(*, quiet: bool = False) -> Iterator[Shown]:
    """Show progress until the block ends; with ``quiet`` nothing but lines that stay."""
    # A descriptor of its own: `posture.pose` turns standard error off now and then.
    with open(os.devnull if sys.stderr is None else os.dup(2), "w", encoding="utf-8", errors="replace") as own:
        if own.isatty() and os.environ.get("TERM") != "dumb" and not quiet:
            with _bar(own) as bar:
                yield _of_bar(bar)
        else:
            yield _of_lines(own, quiet=quiet)


def _of_lines(own: IO[str], *, quiet: bool) -> Shown:
    """Where nothing can be drawn over: a line for each tenth of what has a name."""
    told: dict[str, int] = {}

    def say(text: str) -> None:
        own.write(f"{text}\n")
        own.flush()

    def step(name: str, done: float, note: str = "") -> None:
        tenth = min(10, int(done * 10 + 1e-9))
        if not quiet and tenth > told.get(name, -1):
            told[name] = tenth
            parts = (time.strftime("%H:%M:%S"), name, f"{tenth * 10} %", note)
            say("  ".join(part for part in parts if part))

    return Shown(step, say)


def _bar(own: IO[str]) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
               TextColumn("{task.fields[note]}"), TimeRemainingColumn())  # fmt: skip
    return Progress(*columns, console=Console(file=own), transient=True)


def _of_bar(bar: Progress) -> Shown:
    """On a terminal: a bar for each name, and above them what stays."""
    from rich.markup import escape

    tasks = {}

    def say(text: str) -> None:
        bar.console.print(escape(text), style="red", highlight=False, soft_wrap=True)

    def step(name: str, done: float, note: str = "") -> None:
        if name not in tasks:
            tasks[name] = bar.add_task(escape(name), total=1.0, note="")
        bar.update(tasks[name], completed=done, note=escape(note))

    return Shown(step, say)
