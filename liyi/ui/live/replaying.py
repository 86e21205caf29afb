"""The routes of what was kept: a recording in ranges, the report on it, what its person answers and appeals there.

Whoever may not have something gets 404 with nothing in it, whatever the reason.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.words import LANGUAGES, explain_error
from liyi.report.html import content_security_policy, fault_page
from liyi.scoring.confirming import answer_from
from liyi.ui import people, remarking, replay, reports
from liyi.ui.live.access import from_this_server

if TYPE_CHECKING:
    from starlette.requests import Request

    from liyi.records.viewer import Viewer

LARGEST_ANSWER = 4096  # bytes


async def recording(request: Request) -> Response:
    """A recording that the token lets its holder watch, whole or in ranges."""
    return await _sent(request, side=False)


async def side(request: Request) -> Response:
    """The recording of the same performance from the side, likewise."""
    return await _sent(request, side=True)


async def _sent(request: Request, *, side: bool) -> Response:
    if not from_this_server(request, origin_required=False):
        return Response(status_code=404)
    who = people.of_request(request)
    found = await asyncio.to_thread(replay.opened, request.path_params["token"], who, side=side)
    if found is None:
        return Response(status_code=404)
    path, kind = found
    return FileResponse(path, media_type=kind, headers={"cache-control": "no-store"})


async def report(request: Request) -> Response:
    """The report on that recording, in the language of the query (``lang``) and the reader's time zone (``tz``)."""
    held = _held(request, changes=False)
    if held is None:
        return Response(status_code=404)
    (viewer, id), lang = held, request.query_params.get("lang", "zh")
    lang = lang if lang in LANGUAGES else "zh"
    try:
        page = await asyncio.to_thread(
            reports.document, viewer, id, lang=lang, zone=request.query_params.get("tz", "")[:64]
        )
    except LiyiError as error:
        logs.event("report_failed", key=id, error=error)
        page = fault_page(explain_error(error, lang), lang)
    kept = {"cache-control": "no-store", "content-security-policy": content_security_policy()}
    return HTMLResponse(page, headers=kept)


async def answer(request: Request) -> Response:
    """What the person says of an undecided moment in that report: kept and judged by when the answer is 204."""
    held = _held(request, changes=True)
    if held is None:
        return Response(status_code=404)
    body = await _body(request)
    if body is None:
        return Response(status_code=413)
    said = answer_from(_json(body))
    if said is None:
        return Response(status_code=400)
    try:
        await asyncio.to_thread(reports.answer, *held, said, lang="zh")
    except LiyiError as error:
        logs.event("answer_refused", key=held[1], error=error)
        return Response(status_code=409)
    return Response(status_code=204)


async def appeal(request: Request) -> Response:
    """An appeal of the person against a finding of that report, or one taken back: kept when the answer is 204.

    A refusal is 409 with its sentence in the language of the query (``lang``).
    """
    held = _held(request, changes=True)
    if held is None:
        return Response(status_code=404)
    body = await _body(request)
    if body is None:
        return Response(status_code=413)
    said = remarking.read(_json(body))
    if said is None:
        return Response(status_code=400)
    lang = request.query_params.get("lang", "zh")
    try:
        await asyncio.to_thread(remarking.act, *held, said)
    except LiyiError as error:
        logs.event("appeal_refused", key=held[1], error=error)
        told = explain_error(error, lang if lang in LANGUAGES else "zh")
        return JSONResponse({"sentence": told}, status_code=409)
    return Response(status_code=204)


async def _body(request: Request) -> bytes | None:
    """What was sent; None when it is more than `LARGEST_ANSWER`."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_ANSWER:
            return None
    return bytes(body)


def _json(body: bytes) -> Any:
    """What was sent as JSON; None when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _held(request: Request, *, changes: bool) -> tuple[Viewer, str] | None:
    """On whose behalf a page of this server asks, and for which recording."""
    if not from_this_server(request, origin_required=changes):
        return None
    return replay.holder(request.path_params["token"], people.of_request(request))
