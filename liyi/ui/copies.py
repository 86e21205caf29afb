"""A person's own copy of all that is kept of them, sent to whoever holds a token for it as it is made.

Tokens live in this process only. Nothing of the copy is written on the server's disk.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.records.operations import personal_copy
from liyi.ui import people
from liyi.ui.live import access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from liyi.records.viewer import Viewer

_tickets: dict[str, tuple[Viewer, float]] = {}  # whose, and until when, by the token's digest


def grant() -> str:
    """A token with which the viewer's browser fetches the viewer's own copy, for a working day."""
    now = time.time()
    for old in [digest for digest, (_, until) in _tickets.items() if until < now]:
        _tickets.pop(old, None)
    token = access.new_token()
    _tickets[access.digest(token)] = (people.viewer(), now + access.VALID_S)
    return token


def opens(token: str) -> bool:
    """Whether a token still opens the copy of whoever is looking."""
    who, until = _tickets.get(access.digest(token), (None, 0.0))
    return who == people.viewer() and until > time.time()


def copies() -> list[BaseRoute]:
    """Stands among the routes of `liyi.ui.live.routes`, before what answers for everything else."""
    return [Route("/live/{token}/copy", copy)]


async def copy(request: Request) -> Response:
    """The archive; 404 for a wrong or old token, and for somebody who is not there any more."""
    viewer, until = _tickets.get(access.digest(request.path_params["token"]), (None, 0.0))
    theirs = viewer is not None and viewer == people.of_request(request) and until > time.time()
    if viewer is None or not theirs or not access.from_this_server(request, origin_required=False):
        return Response(status_code=404)
    headers = {
        "content-disposition": f'attachment; filename="liyi-{time.strftime("%Y-%m-%d")}.zip"',
        "cache-control": "no-store",
    }
    if request.method == "HEAD":
        return Response(headers=headers, media_type="application/zip")
    try:
        pieces = await asyncio.to_thread(_begun, viewer)
    except (LiyiError, OSError) as error:  # nobody's any more, or a recording was deleted just now
        logs.event("copy_refused", error=error)
        return Response(status_code=404)
    return StreamingResponse(pieces, headers=headers, media_type="application/zip")


def _begun(viewer: Viewer) -> Iterator[bytes]:
    """The archive's pieces, of which the first is made already: what refuses it does so before anything is sent."""
    pieces = personal_copy.sent_copy(people.records(), viewer)
    return itertools.chain([next(pieces)], pieces)
