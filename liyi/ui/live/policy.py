"""What goes for every request and every answer: only this server's name and pages, nothing from or to another host.

``connect-src`` is what keeps landmarks, sound and recordings on this server even if a script wished otherwise.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import Response
from starlette.websockets import WebSocketClose, WebSocketDisconnect

from liyi.core import logs
from liyi.ui.live import access
from liyi.ui.sign_in import media_owners

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit styles its pages inline and compiles WebAssembly; its components and MediaPipe make scripts and workers from
# blobs; charts (Vega) compile their expressions. The report is a page of its own, with a stricter policy of its own.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "connect-src 'self' {sockets} blob: data:",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' 'wasm-unsafe-eval' blob:",
        "worker-src 'self' blob:",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "frame-src 'self' blob: data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
_OTHERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # addresses hold tokens
    "permissions-policy": "camera=(self), microphone=(self), geolocation=()",
}
# Streamlit's figures (sessions, memory) and its address for programs: nobody on a page needs them.
_CLOSED = re.compile(r"(^|/)_stcore/+(metrics|st-metrics|agent(/|$))")
_UPLOAD = re.compile(r"(^|/)_stcore/+upload_file/")
_MEMORY_LEFT_BYTES = 500_000_000  # of the machine's memory, for all that goes on beside an upload
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def headers(host: str) -> dict[str, str]:
    """The headers for a page that was asked for at ``host`` (name and port)."""
    # Older browsers do not count the server's own sockets as 'self'; `ws:` alone would let sockets go anywhere.
    sockets = f"ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return {"content-security-policy": _POLICY.format(sockets=sockets), **_OTHERS}


_POLICY_HEADER = b"content-security-policy"
_NEVER_KEPT = {b"cache-control": b"no-store"}  # of what a page hands out by Streamlit: halls share their machines
_OF_ITS_OWN = re.compile(
    r"/live/[^/]+/report|/review/[^/]+/(beside/[^/]+/)?page|/review/[^/]+/beside"
    r"|/batch/[^/]+/(cohort|agreement)\.html|/cases/(of/)?[^/]+/page"
)  # pages that bring a stricter policy than that of the app


class SecurityHeaders:
    """ASGI middleware that puts `headers` on every response, in place of the same ones already there.

    A report keeps its own policy (`liyi.report.html.content_security_policy`), and so does a review.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to its answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        ours = {name.encode("ascii"): value.encode("ascii") for name, value in headers(host).items()}
        own = bool(_OF_ITS_OWN.fullmatch(scope["path"]))
        if media_owners.MEDIA.search(scope["path"]):
            ours |= _NEVER_KEPT

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [*message.get("headers", ())]
                has = own and any(name.lower() == _POLICY_HEADER for name, _ in given)
                added = {name: value for name, value in ours.items() if not has or name != _POLICY_HEADER}
                kept = [pair for pair in given if pair[0].lower() not in added]
                message = {**message, "headers": [*kept, *added.items()]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


class OwnPagesOnly:
    """ASGI middleware that answers nothing under another name, to pages of others, or at addresses that are closed.

    It stands around everything: pages, their files, Streamlit's own routes, media, the live routes, every WebSocket.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._names = access.own_names()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with a status and nothing else."""
        status = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if status is None:
            await self._app(scope, receive, send)
        else:
            await _refuse(status, scope, receive, send)

    def _refusal(self, scope: Scope) -> int | None:
        """Status of the answer to what is refused, None to what is not."""
        asked = HTTPConnection(scope)
        changes = scope["type"] == "websocket" or scope["method"] not in ("GET", "HEAD")
        if not access.asked_by_own_name(asked, self._names):
            return 421  # misdirected request
        if not access.from_this_server(asked, origin_required=changes, link_allowed=not changes):
            return 404
        return 404 if _CLOSED.search(scope["path"]) else None


class UploadsFit:
    """ASGI middleware that takes an upload only when the machine's memory has room for it, with those on their way.

    Streamlit holds an upload in memory as a whole from the moment when its last byte has come.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._on_their_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless it is an upload of unknown length (411) or without room (413)."""
        if scope["type"] != "http" or scope["method"] not in ("PUT", "POST") or not _UPLOAD.search(scope["path"]):
            await self._app(scope, receive, send)
            return
        told = dict(scope["headers"]).get(b"content-length", b"").decode("latin-1")
        size = int(told) if re.fullmatch(r"[0-9]{1,15}", told) else None
        if size is None or size + self._on_their_way > room_for_uploads():
            await _refuse(411 if size is None else 413, scope, receive, send)
            return
        self._on_their_way += size
        try:
            await self._app(scope, receive, send)
        finally:
            self._on_their_way -= size


def room_for_uploads() -> int:
    """Bytes of memory that uploads may take now."""
    return int(psutil.virtual_memory().available) - _MEMORY_LEFT_BYTES


class OneLine:
    """ASGI middleware by which a client that leaves, or a fault that it met, costs one line of log and no traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer 500 to a fault when nothing was answered yet."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except (ClientDisconnect, WebSocketDisconnect):
            logs.event("client_left", cause=scope["type"])
        except Exception as error:
            logs.event("request_failed", cause=scope["type"], error=error)
            if not begun:
                await _refuse(500, scope, receive, send)
            elif scope["type"] == "websocket":
                with suppress(Exception):  # it may be closed already
                    await WebSocketClose(1011)(scope, receive, send)


async def _refuse(status: int, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a status and nothing in it."""
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await Response(status_code=status)(scope, receive, send)
    else:
        await WebSocketClose()(scope, receive, send)


def middleware() -> list[Middleware]:
    """For ``st.App(middleware=…)``."""
    from liyi.ui.sign_in.gate import signed_in_only

    return [
        Middleware(SecurityHeaders), Middleware(OneLine), Middleware(OwnPagesOnly), signed_in_only(),
        Middleware(UploadsFit),
    ]  # fmt: skip
