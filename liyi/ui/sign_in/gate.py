"""What lets a request in where people sign in: a session, for everything but the pages of signing in themselves.

Nothing is open by default: pages, their files, Streamlit's own routes, media, uploads, live routes, every WebSocket.
Who asks for a page is led to `/sign-in`; everything else is answered with 404 and nothing in it. Without sign-in
(`liyi.ui.people.team`) all requests pass.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.websockets import WebSocketClose

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.records import sessions
from liyi.ui import people
from liyi.ui.sign_in import media_owners, oidc
from liyi.ui.sign_in.returning import own_address
from liyi.ui.sign_in.sign_in_routes import router

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from liyi.records.sessions import SignedIn

_PAGES = re.compile(r"/sign-in(/[a-z-]+)?")
_STREAMLIT = re.compile(r"(^|/)_stcore/")
_STREAMLITS_OWN_SIGN_IN = re.compile(r"/auth(/|$)|/oauth2callback/?$")
_LOOK_EVERY_S = 2.0  # at a session whose socket is open
_SEEN_EVERY_S = 60.0


class SignedInOnly:
    """ASGI middleware that lets nothing in without a session, and says in the scope whose it is (`people.SCOPE`)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._pages: ASGIApp | None = None  # made when the first request comes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on for who is signed in; else lead to the page of signing in, or refuse."""
        if scope["type"] not in ("http", "websocket") or not people.team():
            await self._app(scope, receive, send)
            return
        found = await look(HTTPConnection(scope))
        scope = {**scope, people.SCOPE: found}
        if scope["type"] == "http" and (_PAGES.fullmatch(scope["path"]) or is_callback(scope["path"])):
            self._pages = self._pages or router()
            # Without the app, whose own handlers of faults stand further in: another method would be one (500).
            await self._pages({name: value for name, value in scope.items() if name != "app"}, receive, send)
        elif (
            found is None
            or _STREAMLITS_OWN_SIGN_IN.search(scope["path"])
            or not media_owners.may_fetch(scope["path"], found.viewer)
        ):
            await refuse(scope, receive, send, signed_in=found is not None)
        else:
            await self._admit(found, scope, receive, send)

    async def _admit(self, found: SignedIn, scope: Scope, receive: Receive, send: Send) -> None:
        streamlit = bool(_STREAMLIT.search(scope["path"]))
        if scope["type"] == "websocket":
            receive = _while_signed_in(found, scope, receive, send, pages=streamlit)
            media_owners.asking.set(found.viewer)  # of what is made in this socket's task
        # Streamlit runs pages in threads of its own, which ask for themselves at every run.
        with nullcontext() if streamlit else people.acting(found.viewer):
            await self._app(scope, receive, send)


async def look(connection: HTTPConnection, *, used: bool = True) -> SignedIn | None:
    """Who is signed in by this request's cookie; ``used`` keeps the session from ending for being idle."""
    return await asyncio.to_thread(_look, connection.cookies.get(people.COOKIE), used)


def _look(token: str | None, used: bool) -> SignedIn | None:
    if token is None:
        return None
    try:
        found = sessions.find(people.records(), token)
        if found is not None and used:
            sessions.seen(people.records(), found)
    except LiyiError as error:  # the database is gone or damaged: nobody is let in
        logs.event("session_not_read", error=error)
        return None
    return found


def is_callback(path: str) -> bool:
    """Whether the unit's own provider sends people back to this address."""
    provider = oidc.known()
    return provider is not None and path == provider.callback


async def refuse(scope: Scope, receive: Receive, send: Send, *, signed_in: bool) -> None:
    """Lead who asked for a page to `/sign-in`; answer everything else with 404 and nothing in it."""
    if scope["type"] == "websocket":
        if "websocket.http.response" in scope.get("extensions", {}):
            await Response(status_code=404)(scope, receive, send)
        else:
            await WebSocketClose()(scope, receive, send)
        return
    asked = HTTPConnection(scope)
    page = scope["method"] == "GET" and "text/html" in asked.headers.get("accept", "")
    if signed_in or not page or asked.headers.get("sec-fetch-dest", "document") != "document":
        await Response(status_code=404)(scope, receive, send)
        return
    query = scope["query_string"].decode("latin-1")
    wanted = own_address(scope["path"] + (f"?{query}" if query else ""))
    told = {"next": wanted} if wanted != "/" else {}
    lang = asked.query_params.get("lang")
    if lang in ("zh", "en"):
        told["lang"] = lang
    address = f"/sign-in?{urlencode(told)}" if told else "/sign-in"
    await RedirectResponse(address, status_code=303, headers={"cache-control": "no-store"})(scope, receive, send)


def _while_signed_in(found: SignedIn, scope: Scope, receive: Receive, send: Send, *, pages: bool) -> Receive:
    """Messages of an open socket: what a person does keeps the session; a live one is cut off when that is over.

    Of Streamlit's socket nothing is cut off: its page asks at every run, and says that its person is signed out.
    """
    connection = HTTPConnection(scope)
    next_look = time.monotonic() + (_SEEN_EVERY_S if pages else _LOOK_EVERY_S)

    async def received() -> Message:
        nonlocal next_look
        message = await receive()
        if message["type"] != "websocket.receive" or time.monotonic() < next_look or (pages and not _is_act(message)):
            return message
        next_look = time.monotonic() + (_SEEN_EVERY_S if pages else _LOOK_EVERY_S)
        now = await look(connection)
        if pages or (now is not None and now.viewer == found.viewer):
            return message
        with suppress(Exception):  # it may be closed already
            await send({"type": "websocket.close", "code": 1008})
        return {"type": "websocket.disconnect", "code": 1008}

    return received


def _is_act(message: Any) -> bool:
    """Whether a message of a page was caused by its person, and not by a part of it that draws itself anew."""
    from streamlit.proto.BackMsg_pb2 import BackMsg

    told = BackMsg()
    try:
        told.ParseFromString(message.get("bytes") or b"")
    except Exception:  # of what Streamlit will refuse
        return False
    return told.WhichOneof("type") == "rerun_script" and not told.rerun_script.is_auto_rerun


def signed_in_only() -> Middleware:
    """For ``st.App(middleware=…)``; stands behind what refuses other hosts and origins."""
    return Middleware(SignedInOnly)
