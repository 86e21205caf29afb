"""The routes of two attempts side by side, below ``/review/{id}/beside``: the document, its files, both recordings.

Who asks is the person signed in; each request asks the records anew for both recordings. Whoever may not see one of
them gets 404 with nothing in it.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.words import explain_error
from liyi.report import player
from liyi.report.html import content_security_policy, fault_page
from liyi.ui import people
from liyi.ui.answering import TYPES, lang_of, nothing
from liyi.ui.comparing import beside, beside_page
from liyi.ui.live.access import from_this_server
from liyi.ui.review import review_page, review_routes, reviewing

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from liyi.ui.comparing.beside import Pair


def routes() -> list[BaseRoute]:
    """Stands before the routes of the review itself."""
    return [
        Route("/review/{id:uuid}/beside", choose),
        Route("/review/{id:uuid}/beside/{other:uuid}/page", page),
        Route("/review/{id:uuid}/beside/{other:uuid}/files/{name}", file),
        Route("/review/{id:uuid}/beside/{other:uuid}/recording/{which}", recording),
    ]


async def choose(request: Request) -> Response:
    """Lead to the attempt to begin with; where there is none, a page that says so."""
    on = await review_routes.opened(request, changes=False)
    if on is None:
        return await nothing(request)
    found = await asyncio.to_thread(lambda: beside.nearest(on, beside.others(on)))
    if found is None:
        text = beside_page.nothing(_review(request, ""), lang_of(request))
        return _document(text, review_page.POLICY)
    return RedirectResponse(f"beside/{found.hex}/page?{_query(request)}", 303, headers={"cache-control": "no-store"})


async def page(request: Request) -> Response:
    """The document, in the language of the query (``lang``) and the reader's time zone (``tz``)."""
    pair = await _opened(request)
    if pair is None:
        return await nothing(request)
    lang = lang_of(request)
    try:
        text = await asyncio.to_thread(_written, pair, request, lang)
        policy = review_page.POLICY
    except LiyiError as error:
        logs.event("beside_failed", key=pair.after.recording.id.hex, error=error)
        text, policy = fault_page(explain_error(error, lang), lang), content_security_policy()
    return _document(text, policy)


async def file(request: Request) -> Response:
    """One of the page's modules or style sheets."""
    path = _files().get(request.path_params["name"])
    if path is None or await _opened(request) is None:
        return await nothing(request)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": "private, no-cache"})


async def recording(request: Request) -> Response:
    """The earlier (``0``) or the later (``1``) recording, whole or in ranges; that it was watched is noted once.

    With ``camera=side`` the file of the same performance from the side.
    """
    pair, which = await _opened(request), request.path_params["which"]
    if pair is None or which not in ("0", "1"):
        return await nothing(request)
    on, side = pair.sides[int(which)], request.query_params.get("camera") == "side"
    if (on.recording.side_sha256 if side else on.recording.sha256) is None:
        return await nothing(request)
    return await review_routes.sent_file(request, on, "" if side else on.recording.name, side=side)


def _written(pair: Pair, request: Request, lang: str) -> str:
    for on in pair.sides:
        reviewing.note_opened(on)
    here = request.path_params["id"]
    own = next(on for on in pair.sides if on.recording.id == here)
    return beside_page.document(
        pair, beside.others(own), lang=lang, zone=request.query_params.get("tz", "")[:64],
        review=_review(request, "../../"), here=here.hex,
    )  # fmt: skip


def _document(text: str, policy: str) -> Response:
    return HTMLResponse(text, headers={"cache-control": "no-store", "content-security-policy": policy})


def _review(request: Request, up: str) -> str:
    """Address of the review, from where the request asks."""
    return f"{up}page?{_query(request)}"


def _query(request: Request) -> str:
    return urlencode({"lang": lang_of(request), "tz": request.query_params.get("tz", "")[:64]})


async def _opened(request: Request) -> Pair | None:
    """What the address names, for whoever may review both and asks from a page of this server."""
    if not from_this_server(request, origin_required=False):
        return None
    return await asyncio.to_thread(_pair, request)


def _pair(request: Request) -> Pair | None:
    try:
        viewer = people.of_request(request)
        ids = [request.path_params[name].hex for name in ("id", "other")]
        return None if viewer is None else beside.open_pair(viewer, ids[0], ids[1])
    except LiyiError:
        return None


@cache
def _files() -> dict[str, Path]:
    shared = (review_page.HERE / "static" / name for name in ("dom.mjs", "review.css"))
    own = (path for path in (beside_page.HERE / "static").glob("*") if path.suffix in TYPES)
    return {path.name: path for path in (*own, *shared, player.STYLE)}
