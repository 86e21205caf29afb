"""The routes by which files come to a batch, below ``/evaluate/{id}/``: begun, sent in pieces to the disk, removed.

Each request asks the records anew; whoever may not gets 404 with nothing in it. A piece says where it begins, and what
is there decides: another place is answered with 409 and the right one, so that whatever was cut off goes on, after a
restart of the server too. No file is ever held in memory: at most `_BUFFER_BYTES` of each piece are.
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

from liyi.core import logs
from liyi.core.errors import LiyiError, MediaError
from liyi.core.typed_json import Count, DamagedError, parse_json
from liyi.core.words import explain_error, translate
from liyi.media.files import check_start, head_of
from liyi.records.operations import batch_bringing, batches
from liyi.records.unit_of_work import not_there
from liyi.ui import answering, people, space
from liyi.ui.answering import EVERY_METHOD, TYPES, UNREADABLE, body_of, lang_of, nothing, refused
from liyi.ui.live.access import from_this_server
from liyi.ui.review.review_page import HERE
from liyi.ui.workroom import safe_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from starlette.requests import Request

    from liyi.records.operations.batch_bringing import Brought
    from liyi.records.viewer import Viewer

PIECE_BYTES = 8 << 20
_BUFFER_BYTES = 1 << 20
_LARGEST_ASKED = 8192  # of a request that begins a file
_MOST_FOLDERS = 8  # before a file's name
_OFFSET = re.compile(r"[0-9]{1,15}")
_OWN = Path(__file__).parent / "static"
_locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()  # one piece of a file at a time


def routes() -> list[BaseRoute]:
    """Stands among the routes of `liyi.ui.live.routes`."""
    return [
        Route("/evaluate/{id:uuid}/static/{name}", static),
        Route("/evaluate/{id:uuid}/files", told, methods=["GET"]),
        Route("/evaluate/{id:uuid}/files", begin, methods=["POST"]),
        Route("/evaluate/{id:uuid}/files/{file:uuid}", piece, methods=["PUT"]),
        Route("/evaluate/{id:uuid}/files/{file:uuid}", remove, methods=["DELETE"]),
        Route("/evaluate/{id:uuid}/{rest:path}", nothing, methods=EVERY_METHOD),
    ]


@dataclass(frozen=True)
class _Asked:
    """What a page says of a file that it is to send."""

    name: str
    size: Count
    modified_ms: Count = 0


async def static(request: Request) -> Response:
    """One of the page's modules."""
    path = _files().get(request.path_params["name"])
    if path is None or await _opened(request, changes=False) is None:
        return await nothing(request)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": "private, no-cache"})


async def told(request: Request) -> Response:
    """The files of the batch, and how much of each is there."""
    viewer = await _opened(request, changes=False)
    if viewer is None:
        return await nothing(request)
    found = await asyncio.to_thread(batch_bringing.batch_files, people.records(), viewer, request.path_params["id"])
    return answering.told({"files": [as_json(each) for each in found]})


async def begin(request: Request) -> Response:
    """Begin a file, or go on with it; answers with its id and how much of it is there.

    409: the batch takes it not, 507: the disk is full; each with a sentence.
    """
    viewer = await _opened(request, changes=True)
    if viewer is None:
        return await nothing(request)
    body = await body_of(request, _LARGEST_ASKED)
    if body is None:
        return refused(translate(UNREADABLE, lang_of(request)), 413)
    try:
        asked = parse_json(body, _Asked)
    except DamagedError:
        return refused(translate(UNREADABLE, lang_of(request)), 400)
    return await asyncio.to_thread(_begin, viewer, request.path_params["id"], asked, lang_of(request))


async def piece(request: Request) -> Response:
    """Write what comes behind the first ``at`` bytes of a file; the last piece, or an empty one behind it, ends it.

    409: another number of bytes is there. 413: more than a piece, or than the file has. 415: no recording, and it was
    removed. 507: the disk has no room for the piece, whatever else has taken it since. All but 409 with a sentence.
    """
    viewer, at = await _opened(request, changes=True), request.query_params.get("at", "")
    if viewer is None or not _OFFSET.fullmatch(at):
        return await nothing(request)
    ids = request.path_params["id"], request.path_params["file"]
    lock = _locks.setdefault(ids[1], asyncio.Lock())
    async with lock:
        try:
            found = await asyncio.to_thread(batch_bringing.open_file, people.records(), viewer, *ids)
        except LiyiError as error:
            return await _not_open(request, error)
        if int(at) != found.received_bytes:
            return answering.told(as_json(found), 409)
        try:
            if coming := min(PIECE_BYTES, found.size_bytes - found.received_bytes):
                space.check_rest(coming)
        except LiyiError as error:
            return refused(explain_error(error, lang_of(request)), 507)
        try:
            if not await _write(found, request.stream()):
                return refused(translate(UNREADABLE, lang_of(request)), 413)
            return answering.told(as_json(await asyncio.to_thread(_written, viewer, ids, found)))
        except MediaError as error:
            await asyncio.to_thread(batch_bringing.remove_file, people.records(), viewer, *ids)
            return refused(explain_error(error, lang_of(request)), 415)
        except LiyiError as error:
            return refused(explain_error(error, lang_of(request)), 409)
        except OSError as error:
            logs.event("piece_refused", key=ids[0].hex, error=error)
            return refused(explain_error(space.full(error), lang_of(request)), 507 if space.is_full(error) else 500)


async def remove(request: Request) -> Response:
    """Remove a file from the batch."""
    viewer = await _opened(request, changes=True)
    if viewer is None:
        return await nothing(request)
    ids = request.path_params["id"], request.path_params["file"]
    try:
        await asyncio.to_thread(batch_bringing.remove_file, people.records(), viewer, *ids)
    except LiyiError as error:
        return await _not_open(request, error)
    return Response(status_code=204)


def as_json(file: Brought) -> dict[str, Any]:
    """A file as the page is told of it."""
    return {"id": file.id.hex, "name": file.name, "size": file.size_bytes, "received": file.received_bytes,
            "modified_ms": file.modified_ms, "whole": file.is_whole}  # fmt: skip


def name_from(text: str) -> str:
    """A name as the browser tells it, with the folders it was dropped with, as the batch may keep it."""
    parts = [safe_name(part) for part in re.split(r"[/\\]", text) if part.strip(". ")]
    return "/".join(parts[-_MOST_FOLDERS:]) or safe_name("")


def _begin(viewer: Viewer, batch_id: UUID, asked: _Asked, lang: str) -> Response:
    store = people.records()
    try:
        found = batch_bringing.begin_file(store, viewer, batch_id, name=name_from(asked.name), size_bytes=asked.size,
                                          modified_ms=asked.modified_ms)  # fmt: skip
    except LiyiError as error:
        return refused(explain_error(error, lang), 409)
    coming = sum(each.size_bytes - each.received_bytes for each in batch_bringing.batch_files(store, viewer, batch_id))
    try:
        space.check_upload(coming)
    except LiyiError as error:
        if not found.received_bytes:
            batch_bringing.remove_file(store, viewer, batch_id, found.id)
        return refused(explain_error(error, lang), 507)
    return answering.told(as_json(found))


async def _write(found: Brought, parts: AsyncIterator[bytes]) -> bool:
    """Write a piece to its place, as it comes; False where it is larger than it may be.

    What comes before a cut line is kept, as the file is only ever longer by bytes that stand in their place.
    """
    most = min(PIECE_BYTES, found.size_bytes - found.received_bytes)
    descriptor = os.open(found.path, os.O_WRONLY | os.O_CREAT, 0o600)
    at, count, buffer = found.received_bytes, 0, bytearray()
    try:
        try:
            async for part in parts:
                count += len(part)
                if count > most:
                    return False
                buffer += part
                if len(buffer) >= _BUFFER_BYTES:
                    at += await asyncio.to_thread(_put, descriptor, bytes(buffer), at)
                    buffer.clear()
        finally:
            _put(descriptor, bytes(buffer), at)
        await asyncio.to_thread(os.fsync, descriptor)
        return True
    finally:
        os.close(descriptor)


def _put(descriptor: int, data: bytes, at: int) -> int:
    """Write all of the data at a place of a file; returns how many bytes that are."""
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, at)
        rest, at = rest[written:], at + written
    return len(data)


def _written(viewer: Viewer, ids: tuple[UUID, UUID], before: Brought) -> Brought:
    """How a file stands after a piece; its first bytes are judged as soon as they are there, all of it at its end.

    Raises
    ------
    MediaError
        When it is no recording.
    """
    found = batch_bringing.open_file(people.records(), viewer, *ids)
    if found.received_bytes == found.size_bytes and not found.is_whole:
        return batch_bringing.end_file(people.records(), viewer, *ids)
    if before.received_bytes == 0 and found.received_bytes:
        check_start(found.path, head_of(found.path), found.size_bytes)
    return found


async def _not_open(request: Request, error: LiyiError) -> Response:
    """404 to who has no such file; who has the batch is told why nothing can be brought to it now."""
    if error.sentence == not_there().sentence:
        return await nothing(request)
    return refused(explain_error(error, lang_of(request)), 409)


async def _opened(request: Request, *, changes: bool) -> Viewer | None:
    """On whose behalf a page of this server asks, where the batch of the address is theirs."""
    if not from_this_server(request, origin_required=changes):
        return None
    return await asyncio.to_thread(_owner, request)


def _owner(request: Request) -> Viewer | None:
    try:
        viewer = people.of_request(request)
        if viewer is not None:
            batches.batch(people.records(), viewer, request.path_params["id"])
    except LiyiError:
        return None
    return viewer


@cache
def _files() -> dict[str, Path]:
    own = (path for path in _OWN.glob("*") if path.suffix in TYPES)
    return {path.name: path for path in (*own, HERE / "static" / "dom.mjs")}
