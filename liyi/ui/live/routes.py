"""The server's own routes below ``/live/{token}/``: the page's files, the socket, the recorder's pieces, the report.

Whoever may not have something gets 404 with nothing in it, whatever the reason. Requests are answered on the event
loop; judging and writing happen in threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from liyi.core import logs
from liyi.core.atomic import ALL_BUT_OWNER, atomic_write
from liyi.core.errors import LiyiError
from liyi.etiquette.drill import demonstration as shown_by
from liyi.etiquette.drill import is_seen
from liyi.ui import copies, people, space
from liyi.ui.answering import EVERY_METHOD, nothing
from liyi.ui.cases import case_routes
from liyi.ui.comparing import beside_routes
from liyi.ui.evaluating import bring_routes, defend_routes
from liyi.ui.live import drilling, replaying
from liyi.ui.live import session as sessions
from liyi.ui.live.access import from_this_server
from liyi.ui.live.drilling import Drilling
from liyi.ui.live.messages import LARGEST_BYTES
from liyi.ui.live.rehearsing import Rehearsing, forget, rehearsing
from liyi.ui.review import review_routes

if TYPE_CHECKING:
    from starlette.requests import Request

    from liyi.ui.live.session import Session

Live = Rehearsing | Drilling  # what a socket talks to

LARGEST_CHUNK_BYTES = 16 << 20
LARGEST_TEXT = 4096
TICK_S = 0.25  # acknowledges four times a second; judges when something new came and the last look is over
LOOK_EVERY_S = 0.5
_THREADS = 2  # judging is a few hundredths of a second; more would only crowd the event loop out

_OWN = Path(__file__).parent / "static"
_TYPES = {
    ".mjs": "text/javascript",
    ".js": "text/javascript",
    ".css": "text/css",
    ".wasm": "application/wasm",
    ".task": "application/octet-stream",
}
_RUNTIME = frozenset(
    (
        "vision_bundle.mjs",
        "vision_wasm_internal.js",
        "vision_wasm_internal.wasm",
        "vision_wasm_nosimd_internal.js",
        "vision_wasm_nosimd_internal.wasm",
        "pose_landmarker_lite.task",
        "pose_landmarker_full.task",
    )
)
_SHOWN = {".mp4": "video/mp4", ".webm": "video/webm", ".m4a": "audio/mp4", ".wav": "audio/wav",
          ".mp3": "audio/mpeg", ".ogg": "audio/ogg"}  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,6}")


def routes() -> list[BaseRoute]:
    """For ``st.App(routes=…)``."""
    return [
        Route("/live/{token}/files/{name}", file),
        Route("/live/{token}/recording", replaying.recording),
        Route("/live/{token}/side", replaying.side),
        *copies.copies(),
        Route("/live/{token}/report", replaying.report),
        Route("/live/{token}/answer", replaying.answer, methods=["POST"]),
        Route("/live/{token}/appeal", replaying.appeal, methods=["POST"]),
        Route("/live/{token}/chunk", chunk, methods=["POST"]),
        Route("/live/{token}/discard", discard, methods=["POST"]),
        Route("/live/{token}/end", end, methods=["POST"]),
        Route("/live/{token}/keep", keep, methods=["POST"]),
        Route("/live/{token}/demonstration", demonstration),
        WebSocketRoute("/live/{token}/socket", socket),
        *beside_routes.routes(),
        *review_routes.routes(),
        *defend_routes.routes(),
        *case_routes.routes(),
        *bring_routes.routes(),
        Route("/live/{rest:path}", nothing, methods=EVERY_METHOD),  # or Streamlit would answer with its page
        WebSocketRoute("/live/{rest:path}", refuse),
    ]


async def refuse(websocket: WebSocket) -> None:
    """The same for a WebSocket."""
    if "websocket.http.response" in websocket.scope.get("extensions", {}):
        await websocket.send_denial_response(Response(status_code=404))
    else:
        await websocket.close()


async def file(request: Request) -> Response:
    """One of the page's modules, or of the browser runtime and its models."""
    if _drilling(request, changes=False) is None and await _admitted(request, changes=False) is None:
        return await nothing(request)
    path = await asyncio.to_thread(_served, request.path_params["name"])
    if path is None:
        return await nothing(request)
    # Its address holds a token that dies with the rehearsal, so nobody can be left with an old version.
    kept = {"cache-control": "private, max-age=31536000, immutable"}
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=kept)


async def demonstration(request: Request) -> Response:
    """The unit's own recording that shows a drill, whole or in ranges; which file it is, the drill alone says."""
    found = _drilling(request, changes=False)
    path = await asyncio.to_thread(shown_by, found.drill) if found is not None else None
    if found is None or path is None:
        return await nothing(request)
    kind = _SHOWN[path.suffix.lower()]
    if not is_seen(path, found.drill):
        kind = kind.replace("video/", "audio/")
    headers = {"cache-control": "private, no-cache", "x-content-type-options": "nosniff"}
    return FileResponse(path, media_type=kind, headers=headers)


async def keep(request: Request) -> Response:
    """Keep the recording of a drill's take as one of its own; answers with its id, or with why not."""
    found = _drilling(request, changes=True)
    number = request.query_params.get("n", "")
    if found is None or not _NUMBER.fullmatch(number):
        return await nothing(request)
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > drilling.LARGEST_TAKE_BYTES:
            return Response(status_code=413)
    try:
        id = await asyncio.to_thread(found.keep, int(number), bytes(data))
    except LiyiError as error:
        logs.event("take_refused", key=found.key, error=error)
        return JSONResponse({"sentence": drilling.explain(error, found)}, status_code=422)
    return JSONResponse({"id": id})


async def chunk(request: Request) -> Response:
    """Keep one piece of the recorder: whole, once, and for good when the answer is 204.

    413: it, or the rehearsal with it, is larger than may be; 507: the disk is full. The page ends the rehearsal then.
    """
    session = await _admitted(request, changes=True)
    number = request.query_params.get("n", "")
    if session is None or session.state != "open" or not _NUMBER.fullmatch(number):
        return await nothing(request)
    if int(number) >= sessions.MOST_PIECES:
        return Response(status_code=413)
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > LARGEST_CHUNK_BYTES:
            return Response(status_code=413)
    if not data:
        return Response(status_code=400)
    return Response(status_code=await asyncio.to_thread(_take, session.id, int(number), bytes(data)))


async def discard(request: Request) -> Response:
    """Remove the pieces before number ``before``: the calibration that they hold is made once more."""
    session = await _admitted(request, changes=True)
    number = request.query_params.get("before", "")
    if session is None or session.state != "open" or not _NUMBER.fullmatch(number):
        return await nothing(request)
    await asyncio.to_thread(sessions.discard, session.id, before=int(number))
    return Response(status_code=204)


async def end(request: Request) -> Response:
    """No more pieces."""
    session = await _admitted(request, changes=True)
    if session is None or session.state != "open":
        return await nothing(request)
    try:
        await asyncio.to_thread(sessions.end, session.id)
    except LiyiError as error:  # the page asks for the assessment all the same, which ends it once more
        logs.event("end_refused", key=session.id, error=error)
        return Response(status_code=507)
    forget(session.id)
    return Response(status_code=204)


async def socket(websocket: WebSocket) -> None:
    """Landmarks and sound in; acknowledgements, panel and hints out."""
    live = _drilling(websocket, changes=True) or await _rehearsing(websocket)
    if live is None:
        await refuse(websocket)
        return
    await websocket.accept()
    teller = asyncio.create_task(_tell(websocket, live))
    live.pages += 1
    if isinstance(live, Rehearsing):
        live.holder = websocket.path_params["token"]
    try:
        await _hear(websocket, live)
    finally:
        live.pages -= 1
        teller.cancel()
        with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await teller


async def _rehearsing(websocket: WebSocket) -> Rehearsing | None:
    """The live half of the rehearsal whose token the address holds; None when there is none for this caller."""
    session = await _admitted(websocket, changes=True)
    if session is None or session.state != "open":
        return None
    try:
        return await asyncio.to_thread(rehearsing, session)
    except LiyiError as error:  # its norm pack is gone or damaged
        logs.event("hints_failed", key=session.id, error=error)
        return None


def _drilling(connection: Request | WebSocket, *, changes: bool) -> Drilling | None:
    """The drill whose token the address holds, when a page of this server asks for who began it."""
    if not from_this_server(connection, origin_required=changes):
        return None
    found = drilling.by_token(connection.path_params["token"])
    return found if found is not None and found.viewer == people.of_request(connection) else None


async def _hear(websocket: WebSocket, live: Live) -> None:
    """Take what comes until the line is cut; a message that is too large or malformed ends it."""
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return
        if isinstance(live, Rehearsing) and live.holder != websocket.path_params["token"]:
            await websocket.close(1008)  # another page goes on with it
            return
        data, text = message.get("bytes"), message.get("text") or ""
        if len(data or b"") > LARGEST_BYTES or len(text) > LARGEST_TEXT:
            await websocket.close(1009)
            return
        try:
            if data:
                live.take(data)
            else:
                live.told(text)
        except (ValueError, LiyiError) as error:
            logs.event("message_refused", key=live.key, error=error)
            await websocket.close(1008)
            return


async def _tell(websocket: WebSocket, live: Live) -> None:
    """Acknowledge what was taken, and look at it in a thread as soon as the last look is over."""
    loop = asyncio.get_running_loop()
    acknowledged, next_look = -1, loop.time()
    looking: asyncio.Future[list[dict[str, Any]]] | None = None
    while True:
        if live.seq != acknowledged:
            acknowledged = live.seq
            await websocket.send_json({"type": "ack", "seq": acknowledged})
        if looking is not None and looking.done():
            for message in looking.result():
                await websocket.send_json(message)
            looking = None
        if looking is None and live.due and (live.urgent or loop.time() >= next_look):
            next_look = loop.time() + LOOK_EVERY_S
            # on behalf of who is signed in, as what goes on here is
            looking = loop.run_in_executor(_pool(), copy_context().run, live.look)
        waiting = [looking] if looking is not None else []
        await (asyncio.wait(waiting, timeout=TICK_S) if waiting else asyncio.sleep(TICK_S))


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_THREADS, thread_name_prefix="live")


async def _admitted(connection: Request | WebSocket, *, changes: bool) -> Session | None:
    """The rehearsal whose token the address holds, when a page of this server asks for its person."""
    if not from_this_server(connection, origin_required=changes):
        return None
    token = connection.path_params["token"]
    if not await asyncio.to_thread(_is_theirs, connection, token):
        return None
    if changes:
        try:
            await asyncio.to_thread(sessions.take_over, token)
        except LiyiError as error:  # a full disk, or a rehearsal that was deleted
            logs.event("token_refused", error=error)
    return await asyncio.to_thread(sessions.by_token, token)


def _is_theirs(connection: Request | WebSocket, token: str) -> bool:
    """Whether the rehearsal that a token opens is of who is signed in."""
    who, found = people.of_request(connection), sessions.by_token(token)
    return who is not None and found is not None and people.owns(who, found.id)


def _served(name: str) -> Path | None:
    """The file that `file` may serve under a name; None for any other name, and for a damaged file.

    A name is looked up, never joined to a folder; a model file is held against its checksum before it is first sent.
    """
    from liyi.modelfiles.registry import file_path, registry

    if name in _own():
        return _own()[name]
    for entry in registry().values():
        if name in _RUNTIME and any(file.path == name for file in entry.files):
            try:
                return file_path(entry.name, name)
            except LiyiError as error:
                logs.event("file_refused", error=error)
    return None


@cache
def _own() -> dict[str, Path]:
    return {path.name: path for path in _OWN.glob("*") if path.suffix in (".mjs", ".css")}


def _take(id: str, number: int, data: bytes) -> int:
    """Keep a piece; returns the status that says what came of it."""
    path = sessions.chunk_path(id, number)
    try:
        if not path.exists():
            recorded = sessions.recorded_bytes(id) + len(data)
            if recorded > sessions.LARGEST_BYTES:
                return 413
            if not space.can_go_on(recorded):
                return 507
        return 204 if _keep(path, data) else 409
    except FileNotFoundError:  # deleted meanwhile
        return 404
    except OSError as error:
        logs.event("piece_refused", key=id, error=error)
        return 507 if space.is_full(error) else 500


def _keep(path: Path, data: bytes) -> bool:
    """Write a piece so that it is there whole or not at all; False when another one has its number."""
    if path.exists():
        return path.read_bytes() == data
    with atomic_write(path, barred=ALL_BUT_OWNER) as part:
        part.write_bytes(data)
    return True
