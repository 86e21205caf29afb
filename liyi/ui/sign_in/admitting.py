"""Into the app with a new session, or back to the page of signing in."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from liyi.records import sessions
from liyi.ui import people
from liyi.ui.sign_in import cookie
from liyi.ui.wording import LANGUAGES

if TYPE_CHECKING:
    from starlette.requests import Request

    from liyi.records.viewer import Viewer


def admit(asked: Request, token: str, wanted: str) -> Response:
    """Lead who has just been signed in to a page, with the new token."""
    lang = asked.query_params.get("lang")
    if lang in LANGUAGES and "lang=" not in wanted:
        wanted += f"{'&' if '?' in wanted else '?'}lang={lang}"
    answer = RedirectResponse(wanted, status_code=303, headers={"cache-control": "no-store"})
    cookie.give(answer, asked, token)
    return answer


async def begin_session(asked: Request, viewer: Viewer) -> str:
    """Begin a session in this browser; what was signed in there before is ended."""
    before = asked.cookies.get(people.COOKIE)
    return await asyncio.to_thread(partial(sessions.begin, people.records(), viewer, before=before))


def to_sign_in(asked: Request, said: str) -> Response:
    """Lead to the page of signing in, which says one of `liyi.ui.sign_in.sign_in_routes.SAID`."""
    lang = asked.query_params.get("lang")
    told = {"said": said, **({"lang": lang} if lang in LANGUAGES else {})}
    return RedirectResponse(f"/sign-in?{urlencode(told)}", status_code=303, headers={"cache-control": "no-store"})
