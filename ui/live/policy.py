"""What the browser may do on our pages: nothing from or to another host, on every response.

``connect-src`` is what keeps landmarks, sound and recordings on this server even if a script wished otherwise.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Streamlit styles its pages inline and compiles WebAssembly; its components and MediaPipe make scripts and workers from
# blobs; charts (Vega) compile their expressions. The report is shown in a frame of its own, which inherits this policy
# and holds its script and fonts inline.
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
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")


def headers(host: str) -> dict[str, str]:
    """The headers for a page that was asked for at ``host`` (name and port)."""
    # Older browsers do not count the server's own sockets as 'self'; `ws:` alone would let sockets go anywhere.
    sockets = f"ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return {"content-security-policy": _POLICY.format(sockets=sockets), **_OTHERS}


class SecurityHeaders:
    """ASGI middleware that puts `headers` on every response, in place of the same ones already there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to its answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        added = {name.encode("ascii"): value.encode("ascii") for name, value in headers(host).items()}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in added]
                message = {**message, "headers": [*kept, *added.items()]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def middleware() -> list[Middleware]:
    """For ``st.App(middleware=…)``."""
    return [Middleware(SecurityHeaders)]
