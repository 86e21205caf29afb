"""A batch as it goes on, at the terminal: how many are through, how fast, how long still, and every failure at once."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from liyi.core.words import clock, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from liyi.batch.line_states import Counts


@contextlib.contextmanager
def progress_display(total: int, lang: str) -> Iterator[Callable[[Counts, str | None], None]]:
    """A bar on standard error (at a terminal only; failures are told everywhere) and the function that moves it."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task, begun_s = bar.add_task("", total=total), time.monotonic()

        def tell(counts: Counts, failure: str | None) -> None:
            if failure is not None:
                bar.console.print(escape(failure), style="red", highlight=False, soft_wrap=True)
            text = pace(counts, time.monotonic() - begun_s, lang)
            bar.update(task, completed=counts.done + counts.failed, description=escape(text))

        yield tell


def pace(counts: Counts, elapsed_s: float, lang: str) -> str:
    """Failures, rate and time left; only recordings that were worked on tell how fast it goes."""
    parts = [translate("{count} failed", lang, count=counts.failed)] if counts.failed else []
    worked, left = counts.done + counts.failed - counts.reused, counts.total - counts.done - counts.failed
    if worked and elapsed_s > 0:
        parts.append(translate("{rate} per hour", lang, rate=round(worked / elapsed_s * 3600)))
        parts.append(translate("{time} left", lang, time=clock(left * elapsed_s / worked)))
    return "  ".join(parts)
