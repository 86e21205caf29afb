"""Who may use the live routes: a token for one rehearsal, and pages of this server only.

What belongs here: everything that decides before a route does anything. The routes are not covered by Streamlit's
own session, so each request proves itself.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

VALID_S = 12 * 3600.0  # a working day; the rehearsal itself lasts minutes
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes in URL-safe base64


def new_token() -> str:
    """A secret that nobody can guess; only its digest is ever stored."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """SHA-256 of a token, in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def matches(token: str, token_sha256: str) -> bool:
    """Whether ``token`` has this digest, in a time that tells nothing about it."""
    return bool(_TOKEN.fullmatch(token)) and hmac.compare_digest(digest(token), token_sha256)


def from_this_server(connection: HTTPConnection, *, origin_required: bool) -> bool:
    """Whether a request comes from a page of this server: by its ``Origin`` and by ``Sec-Fetch-Site``.

    Parameters
    ----------
    connection
        A request or a WebSocket.
    origin_required
        True for what changes something (browsers then always send ``Origin``).
    """
    headers = connection.headers
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return not origin_required
    return origin == f"{_scheme(connection)}://{headers.get('host', '')}" and bool(urlsplit(origin).netloc)


def _scheme(connection: HTTPConnection) -> str:
    """``http`` or ``https`` as the browser sees it: a reverse proxy says so, and no page can forge that header."""
    forwarded = connection.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    scheme = forwarded or connection.url.scheme
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
