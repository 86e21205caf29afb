"""Whether an app process grows: ``python benchmarks/growth.py [--openings 200] [--drills 50] [--recordings 40]``.

A trainer opens the reviews of so many recordings again and again (the document, what was measured, the total after
review, a piece of the film), then drills are practised over sockets that are closed in the middle. Printed are memory,
open files and threads of the server at a quarter, half and at the end of each. What is kept for speed is bounded, so
that the second half adds little; exits with 1 when it adds more than a quarter of a megabyte for each thing done, or
an open file or thread for every tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from benchmarks.figures import tell  # noqa: E402
from benchmarks.serving import serving  # noqa: E402
from liyi.etiquette.store import load_performance  # noqa: E402
from liyi.records.engine import open_records  # noqa: E402
from tests.ui.review.submitted import FILM, MEASURES, found_hall, judged  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    import psutil

MOST_MB, MOST_OPEN = 0.25, 0.1  # that a thing done may add in the second half
DRILL_S = 4.0  # of a drill, before its page is closed
_PROGRAM = """
import sys
from uuid import UUID
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from liyi.records.operations import feedback
from liyi.records.viewer import Viewer
from liyi.ui import people
from liyi.ui.live import drilling, policy, routes
who = Viewer(UUID(sys.argv[2]), UUID(sys.argv[3]))
people.of_request = lambda connection: who  # as if the trainer were signed in
people.viewer = lambda: who
feedback.blind_due = lambda records, viewer, id: False
async def begin(request):
    return PlainTextResponse(drilling.begin("introduce", lang="zh"))
app = Starlette(routes=[Route("/begin", begin), *routes.routes()], middleware=policy.middleware())
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
"""


@dataclass(frozen=True)
class State:
    """Of a process: megabytes in memory, open files and sockets, threads."""

    mb: float
    files: int
    threads: int

    @classmethod
    def of(cls, process: psutil.Process) -> State:
        """Read it."""
        return cls(process.memory_info().rss / 1e6, process.num_fds(), process.num_threads())

    def __str__(self) -> str:
        return f"{self.mb:.0f} MB, {self.files} files, {self.threads} threads"


def watched(what: str, count: int, server: psutil.Process, do: Callable[[int], None]) -> tuple[State, State]:
    """Do it so often and print the states; gives those at half and at the end."""
    states = {0: State.of(server)}
    for k in range(count):
        do(k)
        if k + 1 in (count // 4, count // 2, count):
            states[k + 1] = State.of(server)
    for done, state in states.items():
        print(f"{what} {done}: {state}", flush=True)
    return states[count // 2], states[count]


def grown(halves: tuple[State, State], count: int) -> bool:
    """Whether the second half added too much."""
    before, after = halves
    opened = max(after.files - before.files, after.threads - before.threads)
    return after.mb - before.mb > MOST_MB * count / 2 or opened > MOST_OPEN * count / 2


async def drilled(port: int, token: str, sound: np.ndarray) -> None:
    """A drill whose page is closed in the middle of a take."""
    import websockets

    from tests.ui.live.simulated import pose_message, sound_message

    url, origin = f"ws://127.0.0.1:{port}/live/{token}/socket", {"Origin": f"http://127.0.0.1:{port}"}
    async with websockets.connect(url, additional_headers=origin, open_timeout=60) as line:
        await line.send(json.dumps({"type": "begin", "start_s": 0.0}))
        for k in range(round(4 * DRILL_S)):
            await line.send(sound_message(2 * k + 1, k / 4, sound[4000 * k : 4000 * (k + 1)]))
            await line.send(pose_message(2 * k + 2, k / 4 + np.arange(5) / 20, np.zeros((5, 33, 7), np.float32)))
        async for text in line:
            if json.loads(text).get("seq", 0) >= 8 * DRILL_S - 2:
                return


def main() -> int:
    """Run and print; 0 when neither grows."""
    import httpx2 as httpx

    from liyi.media.recording import open_media

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openings", type=int, default=200)
    parser.add_argument("--drills", type=int, default=50)
    parser.add_argument("--recordings", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="liyi-growth-") as room:
        folder, found, ids = Path(room), judged(load_performance(MEASURES)), []
        records = open_records(folder / "data")
        hall, film = found_hall(records), folder / "film.mp4"
        for k in range(given.recordings):
            content = FILM.read_bytes() + b" " * k  # another content, as another recording has
            film.write_bytes(content)
            of = found.recording.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
            ids.append(hall.submit(film, found.model_copy(update={"recording": of}), MEASURES).hex)
        records.close()
        sound = np.concatenate(list(open_media(FILM).samples()))
        who = (str(hall.trainer.person_id), str(hall.trainer.organisation_id))
        with serving(_PROGRAM, str(folder / "data"), *who) as (port, server):
            client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120)

            def opened(k: int) -> None:
                for path in ("page?lang=zh", "measured?lang=zh", "after?lang=zh", "recording"):
                    ranged = {"Range": "bytes=0-65535"} if path == "recording" else {}
                    client.get(f"/review/{ids[k % len(ids)]}/{path}", headers=ranged).raise_for_status()

            def practised(_: int) -> None:
                asyncio.run(drilled(port, client.get("/begin").raise_for_status().text, sound))

            reviews = watched("reviews opened", given.openings, server, opened)
            drills = watched("drills practised", given.drills, server, practised)
    tell(openings=given.openings, openings_second_half_mb=round(reviews[1].mb - reviews[0].mb, 1),
         drills=given.drills, drills_second_half_mb=round(drills[1].mb - drills[0].mb, 1),
         end_mb=round(drills[1].mb), end_files=drills[1].files)  # fmt: skip
    return int(grown(reviews, given.openings) or grown(drills, given.drills))


if __name__ == "__main__":
    sys.exit(main())
