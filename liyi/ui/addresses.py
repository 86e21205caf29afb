"""Addresses at which there is no page: they lead to the first one, which says so.

Streamlit itself would answer with its page, and open a window in English over whatever it shows then.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse

from liyi.core.errors import LiyiError
from liyi.ui import people
from liyi.ui.pages import all_pages, has

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

MISSING = "missing"  # in the first page's address, when it stands in for one that is not there
_OTHERS = frozenset(("_stcore", "static", "component", "media", "live", "app", "auth", "oauth2callback", "healthz"))
_WITH_ROUTES = frozenset(("review", "evaluate", "cases"))  # pages below whose address there are routes of our own


class KnownAddresses:
    """ASGI middleware that leads a visitor from an address without a page to the first page."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless a browser asks for a page that is not there."""
        if scope["type"] == "http" and scope["method"] == "GET" and await _is_missing(Request(scope)):
            kept = [pair for pair in Request(scope).query_params.multi_items() if pair[0] == "lang"]
            answer = RedirectResponse(f"/?{urlencode([*kept, (MISSING, '1')])}", status_code=307)
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


async def _is_missing(asked: Request) -> bool:
    """Whether a page is asked for, not one of its files, and none of who asks has this address."""
    parts = [part for part in asked.url.path.split("/") if part]
    if not parts or parts[0] in _OTHERS or "." in parts[-1] or "text/html" not in asked.headers.get("accept", ""):
        return False
    if parts[0] in _WITH_ROUTES and len(parts) > 1:
        return False
    if len(parts) > 1 or parts[0] not in {page.address for page in all_pages()}:
        return True
    return people.team() and not await asyncio.to_thread(_is_theirs, asked, parts[0])


def _is_theirs(asked: Request, address: str) -> bool:
    """Whether who asks has a page at this address; who is not signed in is led to the sign-in before it is drawn."""
    with suppress(LiyiError):  # the page says what is wrong with the store
        who = people.of_request(asked)
        if who is not None:
            with people.acting(who):
                return has(address, people.roles())
    return True


def known_addresses() -> Middleware:
    """For ``st.App(middleware=…)``."""
    return Middleware(KnownAddresses)
