"""The routes of a review below ``/review/{id}/``: its document, its files, the recording, and what is to be kept.

Who asks is the person signed in; each request asks the records anew. Whoever may not gets 404 with nothing in it.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.words import N_, explain_error, translate
from liyi.report import player
from liyi.report.html import content_security_policy, fault_page
from liyi.ui import people
from liyi.ui.answering import EVERY_METHOD, TYPES, UNREADABLE, body_of, lang_of, nothing, refused
from liyi.ui.live.access import from_this_server
from liyi.ui.replay import media_type
from liyi.ui.review import review_acts, review_page, reviewing

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from liyi.ui.review.reviewing import Reviewed

_TOO_LARGE = N_("This is too long to be kept: make it shorter.")


def routes() -> list[BaseRoute]:
    """Stands among the routes of `liyi.ui.live.routes`."""
    return [
        Route("/review/{id:uuid}/page", page),
        Route("/review/{id:uuid}/files/{name}", file),
        Route("/review/{id:uuid}/recording", recording),
        Route("/review/{id:uuid}/side", side),
        Route("/review/{id:uuid}/measured", measured),
        Route("/review/{id:uuid}/after", after),
        Route("/review/{id:uuid}/act", act, methods=["POST"]),
        Route("/review/{id:uuid}/{rest:path}", nothing, methods=EVERY_METHOD),
    ]


async def page(request: Request) -> Response:
    """The document, in the language of the query (``lang``) and the reader's time zone (``tz``)."""
    on = await opened(request, changes=False)
    if on is None:
        return await nothing(request)
    lang = lang_of(request)
    try:
        text = await asyncio.to_thread(_document, on, lang, request.query_params.get("tz", "")[:64])
        policy = review_page.POLICY
    except LiyiError as error:
        logs.event("review_failed", key=on.recording.id.hex, error=error)
        text, policy = fault_page(explain_error(error, lang), lang), content_security_policy()
    return HTMLResponse(text, headers={"cache-control": "no-store", "content-security-policy": policy})


async def file(request: Request) -> Response:
    """One of the page's modules or style sheets."""
    path = _files().get(request.path_params["name"])
    if path is None or await opened(request, changes=False) is None:
        return await nothing(request)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": "private, no-cache"})


async def recording(request: Request) -> Response:
    """The recording, whole or in ranges; that it was watched is noted once: when the document is sent, or here."""
    on = await opened(request, changes=False)
    if on is None or on.recording.sha256 is None:
        return await nothing(request)
    return await sent_file(request, on, on.recording.name)


async def side(request: Request) -> Response:
    """The recording of the same performance from the side, likewise."""
    on = await opened(request, changes=False)
    if on is None or on.recording.side_sha256 is None:
        return await nothing(request)
    return await sent_file(request, on, "", side=True)


async def sent_file(request: Request, on: Reviewed, name: str, *, side: bool = False) -> Response:
    """A file of a recording under review, whole or in ranges."""
    try:
        path = await asyncio.to_thread(reviewing.watched, on, side=side)
    except LiyiError:  # withdrawn or deleted just now
        return await nothing(request)
    if not path.is_file():
        return await nothing(request)
    kind = await asyncio.to_thread(media_type, path, name)
    return FileResponse(path, media_type=kind, headers={"cache-control": "no-store"})


async def measured(request: Request) -> Response:
    """What was measured, as the page shows it: apart from the document, which does not wait for it."""
    on = await opened(request, changes=False)
    if on is None or on.recording.sha256 is None:
        return await nothing(request)
    lang = lang_of(request)
    try:
        await asyncio.to_thread(reviewing.watched, on)
        text = await asyncio.to_thread(review_page.measured, on, lang)
    except LiyiError as error:
        return refused(explain_error(error, lang), 409)
    return Response(text, media_type="application/json", headers={"cache-control": "no-store"})


async def after(request: Request) -> Response:
    """The total with what people have decided; apart from the acts, which never wait for it."""
    on = await opened(request, changes=False)
    if on is None:
        return await nothing(request)
    told = await asyncio.to_thread(reviewing.after, on, lang_of(request))
    return JSONResponse(told, headers={"cache-control": "no-store"})


async def act(request: Request) -> Response:
    """Keep what was decided; answers with all that is to be shown then, or with one sentence that says why not."""
    on = await opened(request, changes=True)
    if on is None:
        return await nothing(request)
    lang = lang_of(request)
    body = await body_of(request, review_acts.LARGEST_BYTES)
    if body is None:
        return refused(translate(_TOO_LARGE, lang), 413)
    asked = review_acts.act_from(body)
    if asked is None:
        return refused(translate(UNREADABLE, lang), 400)
    try:
        made = await asyncio.to_thread(review_acts.do, on, asked, lang)
    except LiyiError as error:
        logs.event("act_refused", key=on.recording.id.hex, error=error)
        return refused(explain_error(error, lang), 409)
    return JSONResponse(made, headers={"cache-control": "no-store"})


def _document(on: Reviewed, lang: str, zone: str) -> str:
    reviewing.note_opened(on)
    return review_page.document(on, lang=lang, zone=zone, queue=f"/review?{urlencode({'lang': lang})}")


async def opened(request: Request, *, changes: bool) -> Reviewed | None:
    """What the address names, for whoever may review it and asks from a page of this server."""
    if not from_this_server(request, origin_required=changes):
        return None
    return await asyncio.to_thread(_found, request)


def _found(request: Request) -> Reviewed | None:
    try:
        viewer = people.of_request(request)
        return None if viewer is None else reviewing.open_review(viewer, request.path_params["id"].hex)
    except LiyiError:
        return None


@cache
def _files() -> dict[str, Path]:
    own = (path for path in (review_page.HERE / "static").glob("*") if path.suffix in TYPES)
    return {path.name: path for path in (*own, player.SCRIPT, player.SKELETON, player.STYLE)}
