"""What the server does by itself as long as it runs: it begins the assessments that wait."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from liyi.core import logs
from liyi.ui import jobs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

EVERY_S = 2.0


@asynccontextmanager
async def attend(_: Any) -> AsyncIterator[None]:
    """For ``st.App(lifespan=…)``."""
    task = asyncio.create_task(_advance())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _advance() -> None:
    told = False
    while True:
        try:
            await asyncio.to_thread(jobs.advance)
            told = False
        except Exception as error:  # a full disk, a folder that cannot be read: once, and try again
            if not told:
                logs.event("queue_failed", error=error)
            told = True
        await asyncio.sleep(EVERY_S)
