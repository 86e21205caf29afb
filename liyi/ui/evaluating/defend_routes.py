"""The routes below ``/batch/{id}/`` by which results of a batch are taken away: tables, marks, sheets, reports, pages.

Who asks is the person signed in; each request asks the records anew. Whoever may not gets 404 with nothing in it.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING
from urllib.parse import quote
from uuid import UUID

from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from liyi.batch.outputs import SCORES_CSV, SCORES_PARQUET, SCORES_XLSX
from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.core.words import LANGUAGES, N_, explain_error, translate
from liyi.records.unit_of_work import not_there
from liyi.report.html import fault_page
from liyi.ui import people
from liyi.ui.answering import EVERY_METHOD, nothing
from liyi.ui.evaluating import reports_zip, results_taken
from liyi.ui.evaluating.results_taken import Asking
from liyi.ui.live.access import from_this_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {".xlsx": _XLSX, ".csv": "text/csv", ".parquet": "application/vnd.apache.parquet", ".zip": "application/zip"}
POLICY = "; ".join((
    "default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "base-uri 'none'", "form-action 'none'",
    "frame-ancestors 'self'",
))  # fmt: skip
_NAMES = {
    "scores": N_("Scores"), "marks": N_("Marks"), "reports": N_("Reports"), "sheets": N_("Deduction sheets"),
    "sheet": N_("Deduction sheet"),
}  # fmt: skip


def routes() -> list[BaseRoute]:
    """Stands among the routes of `liyi.ui.live.routes`."""
    tables = [Route(f"/batch/{{id:uuid}}/{name}", table) for name in (SCORES_CSV, SCORES_XLSX, SCORES_PARQUET)]
    return [
        *tables,
        Route("/batch/{id:uuid}/marks.xlsx", marks),
        Route("/batch/{id:uuid}/marks.csv", marks),
        Route("/batch/{id:uuid}/sheet/{line:uuid}.xlsx", sheet),
        Route("/batch/{id:uuid}/sheets.zip", sheets),
        Route("/batch/{id:uuid}/reports.zip", report_archive),
        Route("/batch/{id:uuid}/cohort.html", cohort),
        Route("/batch/{id:uuid}/agreement.html", agreement),
        Route("/batch/{rest:path}", nothing, methods=EVERY_METHOD),
    ]


async def table(request: Request) -> Response:
    """A table of scores; ``ranked=1`` for a workbook that ranks."""
    name = request.url.path.rpartition("/")[2]
    ranked = request.query_params.get("ranked") == "1"
    return await _file(request, "scores", name[6:], lambda asking: results_taken.table(asking, name, ranked=ranked))


async def marks(request: Request) -> Response:
    """The marks that stand, as a table."""
    suffix = "." + request.url.path.rpartition(".")[2]
    return await _file(request, "marks", suffix, lambda asking: results_taken.marks(asking, suffix))


async def sheet(request: Request) -> Response:
    """The sheet of deductions of one line, in the template of the query (``template``) or the default one."""
    line: UUID = request.path_params["line"]
    template = _id(request.query_params.get("template", ""))
    return await _file(request, "sheet", ".xlsx", lambda asking: results_taken.sheet(asking, line, template)[0])


async def sheets(request: Request) -> Response:
    """All sheets of deductions as an archive, sent as it is made."""
    template = _id(request.query_params.get("template", ""))
    return await _stream(request, "sheets", lambda asking: reports_zip.sheets_zip(asking, template))


async def report_archive(request: Request) -> Response:
    """All reports with what explains them as an archive, sent as it is made."""
    return await _stream(request, "reports", reports_zip.reports_zip)


async def cohort(request: Request) -> Response:
    """The page over all recordings."""
    return await _page(request, results_taken.cohort)


async def agreement(request: Request) -> Response:
    """The page on how people who rated agree with one another and with the tool."""
    return await _page(request, results_taken.agreement)


async def _page(request: Request, make: Callable[[Asking], str]) -> Response:
    asking = await asyncio.to_thread(_asking, request)
    if asking is None:
        return await nothing(request)
    try:
        text = await asyncio.to_thread(make, asking)
    except LiyiError as error:
        if error.sentence == not_there().sentence:
            return await nothing(request)
        text = fault_page(explain_error(error, asking.lang), asking.lang)
    return HTMLResponse(text, headers={"cache-control": "no-store", "content-security-policy": POLICY})


async def _file(request: Request, name: str, suffix: str, make: Callable[[Asking], bytes]) -> Response:
    asking = await asyncio.to_thread(_asking, request)
    if asking is None:
        return await nothing(request)
    try:
        content = await asyncio.to_thread(make, asking)
    except LiyiError as error:
        return await _refused(request, asking, error)
    return Response(content, headers=_headers(name, suffix, asking), media_type=_TYPES[suffix])


async def _stream(request: Request, name: str, make: Callable[[Asking], Iterator[bytes]]) -> Response:
    asking = await asyncio.to_thread(_asking, request)
    if asking is None:
        return await nothing(request)
    try:
        pieces = await asyncio.to_thread(_begun, make, asking)
    except LiyiError as error:
        return await _refused(request, asking, error)
    return StreamingResponse(pieces, headers=_headers(name, ".zip", asking), media_type=_TYPES[".zip"])


def _begun(make: Callable[[Asking], Iterator[bytes]], asking: Asking) -> Iterator[bytes]:
    """The pieces, of which the first is made already: what refuses them does so before anything is sent."""
    pieces = make(asking)
    return itertools.chain([next(pieces)], pieces)


async def _refused(request: Request, asking: Asking, error: LiyiError) -> Response:
    """404 for whoever may not have it; else a page with the sentence that says why there is nothing."""
    if error.sentence == not_there().sentence:
        return await nothing(request)
    logs.event("batch_refused", key=asking.batch_id.hex, error=error)
    page = fault_page(explain_error(error, asking.lang), asking.lang)
    return HTMLResponse(page, status_code=409, headers={"cache-control": "no-store"})


def _headers(name: str, suffix: str, asking: Asking) -> dict[str, str]:
    shown = f"{translate(_NAMES[name], asking.lang)}_{time.strftime('%Y-%m-%d')}{suffix}"
    return {
        "content-disposition": f"attachment; filename=\"{name}{suffix}\"; filename*=UTF-8''{quote(shown)}",
        "cache-control": "no-store",
    }


def _asking(request: Request) -> Asking | None:
    """Who asks from a page of this server, and for what; None where nobody is signed in."""
    viewer = people.of_request(request)
    if viewer is None or not from_this_server(request, origin_required=False):
        return None
    lang = request.query_params.get("lang", "zh")
    zone = request.query_params.get("tz", "")[:64]
    return Asking(viewer, request.path_params["id"], lang if lang in LANGUAGES else "zh", zone)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
