"""What the server does by itself as long as it runs: it opens the records, begins what waits, and puts things right."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.records import sign_in
from liyi.ui import ahead, jobs, people, upkeep
from liyi.ui.cases import clip_making
from liyi.ui.evaluating import batch_starting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

EVERY_S = 2.0


@asynccontextmanager
async def attend(_: Any) -> AsyncIterator[None]:
    """For ``st.App(lifespan=…)``."""
    await asyncio.to_thread(_open)
    task = asyncio.create_task(_attend())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _open() -> None:
    """Open the records before the first page asks for them: pages only read, and a first opening makes files.

    What was half written by processes that are gone is removed.
    """
    with suppress(LiyiError):  # each page says why
        store = people.records()
        if not people.team():
            sign_in.local(store)
    with suppress(OSError):
        upkeep.sweep_scratch()


async def _attend() -> None:
    said: set[str] = set()
    next_purge = 0.0
    while True:
        works: list[Callable[[], None]] = [
            jobs.advance,
            upkeep.mend,
            ahead.begin,
            batch_starting.advance,
            clip_making.advance,
        ]
        if time.monotonic() >= next_purge:
            works.append(upkeep.purge_old)
            next_purge = time.monotonic() + upkeep.PURGE_EVERY_S
        for work in works:
            await asyncio.to_thread(_do, work, said)
        await asyncio.sleep(EVERY_S)


def _do(work: Callable[[], None], said: set[str]) -> None:
    """Do it; a full disk or a folder that cannot be read costs one line of log until it goes well again."""
    try:
        work()
        said.discard(work.__name__)
    except Exception as error:
        if work.__name__ not in said:
            logs.event("attending_failed", cause=work.__name__, error=error)
        said.add(work.__name__)
