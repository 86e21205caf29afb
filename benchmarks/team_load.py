"""A training unit at work: ``python benchmarks/team_load.py [--people 10] [--reviewers 3] [--minutes 3]``.

Two processes of ``liyi app --team`` on one PostgreSQL whose commits wait for the disk. So many people practise, each
signed in at one of the two: the live socket with poses and sound, as `benchmarks/live.py` sends them, and the pieces of
a rehearsal, one after another; what has ended is assessed meanwhile, as always. So many reviewers,
whose requests go to the two processes in turn, open the queue (Streamlit's page, drawn to its end) and a review, read
what was measured, decide on findings, comment and send, a second apart.

Told are the hints' delay, how long each kind of request took, and what was acknowledged and is not there afterwards:
pieces and recordings against what was sent, and every decision, comment, rating and review against the database. Exits
with 1 when something is lost or late.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import live, wait  # noqa: E402
from benchmarks.figures import tell  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liyi.records.engine import Records
    from liyi.records.viewer import Viewer

SUBMITTED, FINDINGS, THINK_S = 24, 6, 1.0
HINT_S, ACT_S, READY_S = live.HINT_LATENCY_S, 1.0, 2.0  # what is promised: 95 % of each
_DATA = re.compile(r'id="review-data">(.*?)</script>', re.DOTALL)
_ACTS = ("decide", "comment", "rate", "send")


@dataclass
class Unit:
    """Who practises and who reviews, each with the cookie of their session; ids of what was submitted before."""

    people: list[tuple[Viewer, str]]
    reviewers: list[tuple[Viewer, str]]
    submitted: list[str]


@dataclass
class Seen:
    """What the simulated people have seen: seconds by kind of request, delays of hints, and what was acknowledged."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    hints: list[float] = field(default_factory=list)
    messages_lost: int = 0
    rehearsals: dict[str, int] = field(default_factory=dict)  # by id: pieces that were acknowledged
    kept: list[tuple[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


# --- the unit, and its two servers


def found(records: Records, folder: Path, people: int, reviewers: int) -> Unit:
    """Enter a unit whose trainees have submitted recordings."""
    from liyi.etiquette.store import load_performance
    from liyi.records import sessions
    from liyi.records.operations import cohorts, consent
    from liyi.records.operations import people as persons
    from liyi.records.schema import Role
    from liyi.records.viewer import Viewer
    from tests.ui.review.submitted import FILM, MEASURES, found_hall, judged

    hall = found_hall(records)

    def person(name: str, role: Role) -> tuple[Viewer, str]:
        row = persons.add_person(records, hall.admin, name=name, account=name)
        persons.grant_role(records, hall.admin, row.id, role)
        cohorts.add_member(records, hall.admin, hall.cohort, row.id, role)
        viewer = Viewer(row.id, row.organisation_id)
        return viewer, sessions.begin(records, viewer)

    trainees = [person(f"trainee {k}", Role.trainee) for k in range(people)]
    for viewer, _ in trainees:
        consent.give_consent(records, viewer, version="1", text_sha256="ab" * 32)
    assessed = judged(load_performance(MEASURES))
    film = folder / "sample.mp4"
    ids = []
    for k in range(SUBMITTED):
        content = FILM.read_bytes() + b" " * k  # another content, as another recording has
        film.write_bytes(content)
        of = assessed.recording.model_copy(update={"sha256": hashlib.sha256(content).hexdigest()})
        ids.append(hall.submit(film, assessed.model_copy(update={"recording": of}), MEASURES).hex)
    return Unit(trainees, [person(f"trainer {k}", Role.trainer) for k in range(reviewers)], ids)


@contextmanager
def servers(folder: Path, count: int = 2) -> Iterator[list[int]]:
    """So many processes of the app over the same data and database; their ports."""
    from tests.e2e.whole_app import free_port

    ports = [free_port() for _ in range(count)]
    started = []
    try:
        for port in ports:
            with (folder / f"server-{port}.txt").open("wb") as log:
                started.append(subprocess.Popen(
                    [sys.executable, "-P", "-m", "liyi", "app", "--team", "--port", str(port), "--yes"], cwd=ROOT,
                    stdout=log, stderr=log, start_new_session=True,
                ))  # fmt: skip
        for port, server in zip(ports, started, strict=True):
            _await(port, server, folder / f"server-{port}.txt")
        yield ports
    finally:
        for server in started:  # with the processes that assess
            os.killpg(server.pid, signal.SIGTERM)
        for server in started:
            server.wait(30)


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    import httpx2 as httpx

    for _ in range(300):
        try:
            httpx.get(f"http://127.0.0.1:{port}/sign-in", timeout=2)
        except httpx.HTTPError:
            if server.poll() is not None:
                raise RuntimeError(log.read_text(errors="replace")) from None
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(log.read_text(errors="replace"))


# --- who practises


async def practise(
    port: int, who: tuple[Viewer, str], until_s: float, stuff: Any, pieces: list[bytes], seen: Seen
) -> None:
    """Rehearse again and again, as long as there is time for one more."""
    import httpx2 as httpx

    viewer, cookie = who
    headers = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"liyi_session={cookie}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        seconds = len(pieces) * wait.PIECE_S
        while time.monotonic() + seconds < until_s:
            id, token = await asyncio.to_thread(_begun, viewer)
            seen.rehearsals[id] = 0
            start = time.monotonic()
            await asyncio.gather(
                _coached(live.page(port, token, seconds - 2, start, stuff, cookie=headers["Cookie"]), seen),
                _send_pieces(client, id, token, start, pieces, seen),
            )
            await _timed(seen, "end", client.post(f"/live/{token}/end"))


def _begun(viewer: Viewer) -> tuple[str, str]:
    """A rehearsal as its page begins it."""
    from liyi.core.options import Options
    from liyi.ui import beginning, people

    with people.acting(viewer):
        return beginning.rehearse(pack="counter", options=Options("seated", "front"), exam=False, lang="zh")


async def _coached(page: Any, seen: Seen) -> None:
    import websockets

    try:
        delay_s, lost = await page
    except (websockets.WebSocketException, OSError) as error:
        seen.refused.append(f"live: {type(error).__name__}: {error}")
        return
    seen.hints.append(delay_s)
    seen.messages_lost += lost


async def _send_pieces(client: Any, id: str, token: str, start: float, pieces: list[bytes], seen: Seen) -> None:
    for n, content in enumerate(pieces):
        await asyncio.sleep(max(0.0, start + (n + 1) * wait.PIECE_S - time.monotonic()))
        if await _timed(seen, "piece", client.post(f"/live/{token}/chunk?n={n}", content=content)) is not None:
            seen.rehearsals[id] += 1


async def _timed(seen: Seen, kind: str, request: Any) -> Any:
    """The answer to a request, whose time is noted; None where it was refused or none came, which is noted, too."""
    import httpx2 as httpx

    begun = time.monotonic()
    try:
        answer = await request
    except httpx.HTTPError as error:
        seen.refused.append(f"{kind}: {type(error).__name__} after {time.monotonic() - begun:.0f} s")
        return None
    seen.took[kind].append(time.monotonic() - begun)
    if answer.status_code not in (200, 204, 206):
        seen.refused.append(f"{kind}: {answer.status_code} {answer.text[:200]}")
        return None
    return answer


# --- who reviews


async def review(
    ports: list[int], cookie: str, until_s: float, submitted: list[str], seen: Seen, chance: random.Random
) -> None:
    """Open the queue and a review, decide, comment, send, and again."""
    import httpx2 as httpx
    import websockets

    turn = itertools.cycle(ports)
    async with httpx.AsyncClient(headers={"Cookie": f"liyi_session={cookie}"}, timeout=30) as client:
        while time.monotonic() < until_s:
            try:
                seen.took["queue"].append(await queue_drawn(next(turn), cookie))
            except (RuntimeError, websockets.WebSocketException, OSError) as error:
                seen.refused.append(f"queue: {error}")
            await _review_one(client, turn, chance.choice(submitted), seen)


async def _review_one(client: Any, turn: Iterator[int], id: str, seen: Seen) -> None:
    async def asked(kind: str, path: str, body: Any = None) -> Any:
        here = f"http://127.0.0.1:{next(turn)}"
        if body is None:
            return await _timed(seen, kind, client.get(f"{here}/review/{id}/{path}"))
        answer = await _timed(
            seen, kind, client.post(f"{here}/review/{id}/{path}", json=body, headers={"Origin": here})
        )
        await asyncio.sleep(THINK_S)
        return answer and answer.json()

    state = await _state(asked)
    if state is None:
        return
    if state["rating"]:
        scores = {each["id"]: 75.0 for each in state["rating"]["criteria"]}
        if await asked("rate", "act", {"do": "rate", "scores": scores}) is None:
            return
        seen.kept += [("rating", (client.headers["cookie"], id, criterion)) for criterion in scores]
        state = await _state(asked)
    await asked("measured", "measured")
    await asked("after", "after")
    for item in [each for each in state["findings"] if not each["added"]][:FINDINGS]:
        moment = {"start_s": item["moment"][0], "end_s": item["moment"][1]} if item["moment"] else {}
        body = {"do": "confirm", "criterion": item["criterion"], "decision": "confirmed", **moment}
        if (made := await asked("decide", "act", body)) is not None:
            seen.kept.append(("confirmation", UUID(made["made"]["id"])))
    if (made := await asked("comment", "act", {"do": "comment", "text": "双肩放平", "at_s": 2.0})) is not None:
        seen.kept.append(("comment", UUID(made["made"]["id"])))
    if await asked("send", "act", {"do": "send"}) is not None:
        seen.kept.append(("review", (client.headers["cookie"], id)))


async def _state(asked: Any) -> Any:
    """What a review shows when it is opened."""
    answer = await asked("open", "page?lang=zh")
    return answer and json.loads(_DATA.findall(answer.text)[0])["state"]


async def queue_drawn(port: int, cookie: str) -> float:
    """Seconds until Streamlit has drawn the page of the queue for a new tab.

    Raises
    ------
    RuntimeError
        When what it draws is a fault, or no queue.
    """
    import websockets
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

    headers = {"Origin": f"http://127.0.0.1:{port}", "Cookie": f"liyi_session={cookie}"}
    begun, drawn = time.monotonic(), set()
    async with websockets.connect(
        f"ws://127.0.0.1:{port}/_stcore/stream", additional_headers=headers, subprotocols=["streamlit"], max_size=None
    ) as line:
        asked = BackMsg()
        asked.rerun_script.page_name = "review"
        await line.send(asked.SerializeToString())
        async for message in line:
            told = ForwardMsg.FromString(message)
            drawn.add(told.delta.new_element.WhichOneof("type"))
            if told.WhichOneof("type") == "script_finished":
                break
    if "bidi_component" not in drawn or "exception" in drawn:
        raise RuntimeError(f"the queue was not drawn: {drawn}")
    return time.monotonic() - begun


# --- what is there afterwards


def lost(records: Records, unit: Unit, seen: Seen) -> list[str]:
    """What was acknowledged and is not in the database."""
    from sqlalchemy import select

    from liyi.records.review_schema import Confirmation, Review
    from liyi.records.schema import Comment, Rating

    whose = {f"liyi_session={cookie}": viewer.person_id for viewer, cookie in unit.reviewers}
    with records.reading() as session:
        there: dict[str, set[Any]] = {
            "confirmation": set(session.scalars(select(Confirmation.id))),
            "comment": set(session.scalars(select(Comment.id))),
            "review": {tuple(row) for row in session.execute(select(Review.author_id, Review.recording_id))},
            "rating": {
                tuple(row) for row in session.execute(select(Rating.rater_id, Rating.recording_id, Rating.criterion))
            },
        }
    missing = []
    for kind, key in seen.kept:
        named = (whose[key[0]], UUID(key[1]), *key[2:]) if isinstance(key, tuple) else key
        if named not in there[kind]:
            missing.append(f"{kind} {named}")
    return missing


def broken(records: Records, seen: Seen, pieces: list[bytes]) -> tuple[list[str], int]:
    """Rehearsals that are not there as they were sent, and how many were assessed and filed already."""
    from liyi.records import vault
    from liyi.records.schema import Recording
    from liyi.ui import workroom
    from liyi.ui.live import session as rehearsals

    faults, filed = [], 0
    whole = _packets(b"".join(pieces))
    for id, acknowledged in seen.rehearsals.items():
        with records.reading() as session:
            row = session.get(Recording, UUID(id))
        if row is None or acknowledged != len(pieces):
            faults.append(f"{id}: {acknowledged} of {len(pieces)} pieces")
        elif row.sha256 is not None or workroom.media(id) is not None:  # joined: by packets
            filed += row.sha256 is not None
            file = vault.path_of(records, row.sha256) if row.sha256 else workroom.media(id)
            got = _packets(file.read_bytes()) if file else {}
            if got != whole:
                faults.append(f"{id}: {got} packets of picture and sound, sent were {whole}")
        elif any(_content(rehearsals.chunk_path(id, n)) != sent for n, sent in enumerate(pieces)):
            faults.append(f"{id}: a piece is not there, or another one")
    return faults, filed


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def _packets(content: bytes) -> dict[str, int]:
    """Packets of picture and of sound in a recording, from its first picture on: sound before that is not joined."""
    import av

    with av.open(BytesIO(content)) as container:
        shown = [(each.stream.type, float(each.pts * each.time_base)) for each in container.demux() if each.size]
    first_s = min(at_s for kind, at_s in shown if kind == "video")
    return dict(Counter(kind for kind, at_s in shown if at_s >= first_s - 0.001))


# --- the whole


async def work(ports: list[int], unit: Unit, minutes: float, pieces: list[bytes]) -> Seen:
    """Everybody at once for so long."""
    stuff, seen = live.material(), Seen()
    for port in ports:  # what a process loads once is not the load of the day
        await queue_drawn(port, unit.reviewers[0][1])
        viewer, cookie = unit.people[0]
        _, token = await asyncio.to_thread(_begun, viewer)
        await live.page(port, token, 4.0, time.monotonic(), stuff, cookie=f"liyi_session={cookie}")
    until_s = time.monotonic() + 60 * minutes
    trainees = []
    for k, who in enumerate(unit.people):
        trainees.append(_later(k, practise(ports[k % len(ports)], who, until_s, stuff, pieces, seen)))
    reviewers = [
        review(ports, cookie, until_s, unit.submitted, seen, random.Random(k))
        for k, (_, cookie) in enumerate(unit.reviewers)
    ]
    await asyncio.gather(*trainees, *reviewers)
    return seen


async def _later(seconds: float, what: Any) -> None:
    await asyncio.sleep(seconds)
    await what


def main() -> int:
    """Run and print; 0 when what is promised holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--reviewers", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--seconds", type=float, default=60.0, help="of a rehearsal")
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers and cluster end with it
    from tests.records.cluster import binaries, running

    programs = binaries()
    if programs is None:
        sys.exit("PostgreSQL is not on this machine")
    pieces = wait.recorded(given.seconds)
    with tempfile.TemporaryDirectory(prefix="liyi-team-") as room, running(programs, durable=True) as cluster:
        folder = Path(room)
        url = cluster.url.format(name=cluster.create())
        os.environ |= {"LIYI_DATA": str(folder / "data"), "LIYI_DATABASE_URL": url, "LIYI_TEAM": "1"}
        from liyi.ui import people

        (folder / "data").mkdir(mode=0o700)
        records = people.records()
        unit = found(records, folder, given.people, given.reviewers)
        with servers(folder) as ports:
            seen = asyncio.run(work(ports, unit, given.minutes, pieces))
            load = os.getloadavg()
        gone, (faults, filed) = lost(records, unit, seen), broken(records, seen, pieces)
        records.close()
    return report(seen, gone, faults, filed, load[1])


def report(seen: Seen, gone: list[str], faults: list[str], filed: int, load: float) -> int:
    """Say it; 1 where something is lost or later than promised."""
    for text in (*seen.refused[:10], *gone[:10], *faults[:10]):
        print(f"  {text}")
    for kind, took in sorted(seen.took.items()):
        print(f"{kind}: {len(took)} times, median {_share(took, 50):.2f} s, p95 {_share(took, 95):.2f} s, "
              f"worst {max(took):.2f} s")  # fmt: skip
    hints = [each for each in seen.hints if not np.isnan(each)]
    acts = [each for kind in _ACTS for each in seen.took[kind]]
    print(f"hints: {len(hints)} of {len(seen.hints)}, median {_share(hints, 50):.2f} s, p95 {_share(hints, 95):.2f} s; "
          f"{seen.messages_lost} messages lost")  # fmt: skip
    print(f"{len(seen.rehearsals)} rehearsals, {filed} assessed meanwhile, {len(faults)} not whole")
    print(f"{len(seen.kept)} writes acknowledged, {len(gone)} lost; {len(seen.refused)} refused; load {load:.1f}")
    figures = dict(
        rehearsals=len(seen.rehearsals), pieces=len(seen.took["piece"]), not_whole=len(faults),
        writes_acknowledged=len(seen.kept), writes_lost=len(gone), refused=len(seen.refused),
        hints=len(hints), hint_p50_s=round(_share(hints, 50), 2), hint_p95_s=round(_share(hints, 95), 2),
        messages_lost=seen.messages_lost, without_hint=len(seen.hints) - len(hints),
        assessed_meanwhile=filed, acts=len(acts), act_p95_s=round(_share(acts, 95), 2),
        open_p95_s=round(_share(seen.took["open"], 95), 2),
        queue_p95_s=round(_share(seen.took["queue"], 95), 2), load=round(load, 1),
    )  # fmt: skip
    tell(**figures)
    late = figures["hint_p95_s"] >= HINT_S or figures["act_p95_s"] > ACT_S or figures["open_p95_s"] > READY_S
    return int(bool(gone or faults or seen.refused or figures["without_hint"]) or late)


def _share(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent)) if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
