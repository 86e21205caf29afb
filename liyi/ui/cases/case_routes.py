"""The routes of cases: the page of one, its file, and what its owner looks at before agreeing.

Who asks is the person signed in; each request asks the records anew. Whoever may not gets 404 with nothing in it:
before its owner has agreed, after its last day, and once it is withdrawn that is everybody. A case has one file, which
holds its stretch and nothing else; no route leads from a case to its recording.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.typed_json import LONGEST_S
from liyi.core.words import explain_error
from liyi.records.case_tables import CaseForm
from liyi.records.operations import case_views
from liyi.records.validation import key_of, number_of, word_of
from liyi.report import player
from liyi.report.html import content_security_policy, fault_page
from liyi.ui import people
from liyi.ui.answering import EVERY_METHOD, TYPES, lang_of, nothing
from liyi.ui.cases import case_page
from liyi.ui.cases.making import NOT_PLAYED, Stretch
from liyi.ui.live.access import from_this_server
from liyi.ui.replay import media_type

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from starlette.requests import Request

    from liyi.records.viewer import Viewer

_SHOWN = {CaseForm.as_is: "video/webm", CaseForm.skeleton: "application/json"}
_KEPT = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_noted: set[tuple[str, UUID, UUID]] = set()  # store, viewer, case: of what this process has noted the watching
_MOST_NOTED = 10_000


def routes() -> list[BaseRoute]:
    """Stands among the routes of `liyi.ui.live.routes`."""
    return [
        Route("/cases/{id:uuid}/page", page),
        Route("/cases/{id:uuid}/media", media),
        Route("/cases/{id:uuid}/files/{name}", file),
        Route("/cases/of/{id:uuid}/page", own_page),
        Route("/cases/of/{id:uuid}/media", own_media),
        Route("/cases/of/{id:uuid}/files/{name}", own_file),
        Route("/cases/of/{rest:path}", nothing, methods=EVERY_METHOD),
        Route("/cases/{id:uuid}/{rest:path}", nothing, methods=EVERY_METHOD),
    ]


async def page(request: Request) -> Response:
    """The page of a case; that it was watched is noted."""
    return await _answer(request, _page)


async def media(request: Request) -> Response:
    """The one file of a case, whole or in ranges."""
    return await _answer(request, _media)


async def file(request: Request) -> Response:
    """One of the page's modules or style sheets."""
    return await _answer(request, lambda request, viewer: _file(request, viewer, _watchable))


async def own_page(request: Request) -> Response:
    """What others would be shown of a stretch of one's own recording."""
    return await _answer(request, _own_page)


async def own_media(request: Request) -> Response:
    """One's own recording, or the joints of the stretch."""
    return await _answer(request, _own_media)


async def own_file(request: Request) -> Response:
    """One of that page's modules or style sheets."""
    return await _answer(request, lambda request, viewer: _file(request, viewer, _own))


async def _answer(request: Request, give: Callable[[Request, Viewer], Response]) -> Response:
    """What a page of this server asks for on behalf of who is signed in; nothing where that is refused."""
    if not from_this_server(request, origin_required=False):
        return await nothing(request)

    def given() -> Response | None:
        try:
            viewer = people.of_request(request)
            return None if viewer is None else give(request, viewer)
        except LiyiError as error:
            logs.event("case_refused", key=request.path_params["id"].hex, error=error)
            return None

    return await asyncio.to_thread(given) or await nothing(request)


def _page(request: Request, viewer: Viewer) -> Response:
    id = request.path_params["id"]
    case_views.watch_case(people.records(), viewer, id)
    _note(viewer, id)
    shown = case_views.one_case(people.records(), viewer, id)
    return _html(case_page.document(
        form=shown.form, media="media", length_s=shown.length_s, captions=shown.captions, lang=lang_of(request)
    ))  # fmt: skip


def _media(request: Request, viewer: Viewer) -> Response:
    id = request.path_params["id"]
    noted = (_store(), viewer.person_id, id) in _noted
    clip = case_views.watch_case(people.records(), viewer, id, noted=noted)
    _note(viewer, id)
    return _sent(clip.path, _SHOWN[clip.form])


def _own_page(request: Request, viewer: Viewer) -> Response:
    (stretch, form), query = _stretch(request, viewer), request.url.query
    clock = stretch.clock
    try:
        if form == CaseForm.skeleton:
            stretch.joints()
        elif clock is None:
            raise LiyiError(NOT_PLAYED)
    except LiyiError as error:  # nobody is seen in it, or it cannot be played
        return HTMLResponse(fault_page(explain_error(error, lang_of(request)), lang_of(request)), headers={
            **_KEPT, "content-security-policy": content_security_policy()})  # fmt: skip
    return _html(case_page.document(
        form=form, media=f"media?{query}", length_s=stretch.end_s - stretch.start_s,
        captions=stretch.captions() if request.query_params.get("captions") == "1" else (), lang=lang_of(request),
        from_s=stretch.start_s, clock=clock or [[0.0, 0.0]],
    ))  # fmt: skip


def _own_media(request: Request, viewer: Viewer) -> Response:
    stretch, form = _stretch(request, viewer)
    if form == CaseForm.skeleton:
        return Response(stretch.joints(), media_type=_SHOWN[form], headers=_KEPT)
    path = stretch.path()
    return _sent(path, media_type(path, stretch.recording.name))


def _stretch(request: Request, viewer: Viewer) -> tuple[Stretch, CaseForm]:
    """The stretch of one's own recording that the address names."""
    asked, id = request.query_params, _own(request, viewer)
    start_s = _number(asked.get("from", ""))
    end_s = _number(asked.get("to", ""), start_s)
    return Stretch(viewer, id, key_of(asked.get("of", "")), start_s, end_s), word_of(CaseForm, asked.get("form", ""))


def _number(text: str, least: float = 0.0) -> float:
    try:
        return number_of(float(text), least, LONGEST_S)
    except ValueError:
        return least


def _own(request: Request, viewer: Viewer) -> UUID:
    """Id of a recording of the viewer's own."""
    stretch = Stretch(viewer, request.path_params["id"], "", 0.0, 0.0)
    if stretch.recording.person_id != viewer.person_id:
        raise LiyiError("There is nothing like this here, or you have no access to it.")
    return stretch.recording.id


def _watchable(request: Request, viewer: Viewer) -> UUID:
    id: UUID = request.path_params["id"]
    case_views.watch_case(people.records(), viewer, id, noted=True)
    return id


def _file(request: Request, viewer: Viewer, asked: Callable[[Request, Viewer], UUID]) -> Response:
    path = _files().get(request.path_params["name"])
    if path is None:
        return Response(status_code=404)
    asked(request, viewer)
    return FileResponse(path, media_type=TYPES[path.suffix], headers={"cache-control": "private, no-cache"})


def _sent(path: Path, kind: str) -> Response:
    return FileResponse(path, media_type=kind, headers=_KEPT) if path.is_file() else Response(status_code=404)


def _html(text: str) -> Response:
    return HTMLResponse(text, headers={**_KEPT, "content-security-policy": case_page.POLICY})


def _note(viewer: Viewer, id: UUID) -> None:
    if len(_noted) >= _MOST_NOTED:
        _noted.clear()
    _noted.add((_store(), viewer.person_id, id))


def _store() -> str:
    return str(people.records().engine.url)


@cache
def _files() -> dict[str, Path]:
    own = (case_page.HERE / "static").glob("*")
    return {path.name: path for path in (*own, player.SKELETON, player.STYLE) if path.suffix in TYPES}
