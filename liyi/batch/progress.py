"""A batch as it goes on: how many are through, how fast, how long still, and every failure at once."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from liyi.core.progress_shown import show_progress
from liyi.core.words import clock, translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from liyi.batch.line_states import Counts


@contextlib.contextmanager
def progress_display(total: int, lang: str, *, quiet: bool = False) -> Iterator[Callable[[Counts, str | None], None]]:
    """Show progress on standard error, and give the function that moves it; failures are told with ``quiet``, too."""
    with show_progress(quiet=quiet) as shown:
        begun_s = time.monotonic()

        def tell(counts: Counts, failure: str | None) -> None:
            """Move the display on; a failure stays in sight."""
            if failure is not None:
                shown.say(failure)
            through, rest = counts.done + counts.failed, pace(counts, time.monotonic() - begun_s, lang)
            shown.step("", through / total, f"{through}/{total}  {rest}".rstrip())

        yield tell


def pace(counts: Counts, elapsed_s: float, lang: str) -> str:
    """Failures, rate and time left; only recordings that were assessed tell how fast it goes."""
    parts = [translate("{count} failed", lang, count=counts.failed)] if counts.failed else []
    worked, left = counts.done - counts.reused, counts.total - counts.done - counts.failed
    if worked and elapsed_s > 0:
        parts.append(translate("{rate} per hour", lang, rate=round(worked / elapsed_s * 3600)))
        parts.append(translate("{time} left", lang, time=clock(left * elapsed_s / worked)))
    return "  ".join(parts)
