"""What the routes beside the pages have in common: 404 for what is not there, a sentence for what is refused, bodies.

What is not there and what is not for this caller are answered alike, with nothing in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from liyi.core.words import LANGUAGES, N_

if TYPE_CHECKING:
    from starlette.requests import Request

EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
TYPES = {".mjs": "text/javascript", ".css": "text/css"}  # of a page's own files
UNREADABLE = N_("The page has sent something that cannot be read, and nothing was kept: load the page again.")


async def nothing(request: Request) -> Response:
    """Answer of everything that is not there, or not for this caller."""
    return Response(status_code=404)


def told(data: dict[str, Any], status: int = 200) -> Response:
    """Data for a page, which nobody keeps."""
    return JSONResponse(data, status_code=status, headers={"cache-control": "no-store"})


def refused(sentence: str, status: int) -> Response:
    """One sentence that says why something was not done."""
    return told({"sentence": sentence}, status)


def lang_of(request: Request) -> str:
    """The language that a page asks in: ``zh`` or ``en``."""
    lang = request.query_params.get("lang", "zh")
    return lang if lang in LANGUAGES else "zh"


async def body_of(request: Request, most: int) -> bytes | None:
    """What was sent; None where that is more than ``most`` bytes."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)
