"""Who may use the server: those that know it by its own name, from its own pages, and for a rehearsal with its token.

What belongs here: everything that decides before a route does anything. `liyi.ui.live.policy` asks it for every
request; the live routes, which are not covered by Streamlit's own session, ask once more, without the exception for
links.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import HTTPConnection

VALID_S = 12 * 3600.0  # a working day; the rehearsal itself lasts minutes
HOST_NAMES = "LIYI_HOST_NAMES"  # names beside this machine's own under which a proxy serves the app, with commas
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")  # 32 random bytes in URL-safe base64
_OF_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
_HOST = re.compile(r"(?P<name>[A-Za-z0-9.-]{1,254}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


def new_token() -> str:
    """A secret that nobody can guess; only its digest is ever stored."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """SHA-256 of a token, in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()


def matches(token: str, token_sha256: str) -> bool:
    """Whether ``token`` has this digest, in a time that tells nothing about it."""
    return bool(_TOKEN.fullmatch(token)) and hmac.compare_digest(digest(token), token_sha256)


def host_name(text: str) -> str:
    """A name under which a proxy serves the app, as it stands in ``Host``: lower case, without port, in ASCII.

    Raises
    ------
    LiyiError
        When it is no host name.
    """
    name = text.strip().lower().removesuffix(".")
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = ""
    if not (_NAME.fullmatch(name) or re.fullmatch(r"\[[0-9a-f:.]{2,45}\]", name)):
        raise LiyiError("'{name}' is no host name: give the name alone, such as coach.example.cn, without https:// "
                        "and without a port.", name=text)  # fmt: skip
    return name


def own_names() -> frozenset[str]:
    """The names under which this server is reached: this machine's own, and those of ``LIYI_HOST_NAMES``.

    Raises
    ------
    LiyiError
        When one of them is no host name.
    """
    others = (text for text in os.environ.get(HOST_NAMES, "").split(",") if text.strip())
    return frozenset((*_OF_THIS_MACHINE, *(host_name(text) for text in others)))


def has_other_names() -> bool:
    """Whether a proxy serves the app under a name of its own, so that people reach it from other machines."""
    return any(text.strip() for text in os.environ.get(HOST_NAMES, "").split(","))


def asked_by_own_name(connection: HTTPConnection, names: Iterable[str]) -> bool:
    """Whether the request names this server: exactly one ``Host``, one of ``names``, whatever the port.

    A page elsewhere can make its own name lead here (DNS rebinding) and is then of the same origin as the server, for
    the browser; only the name in ``Host`` tells.
    """
    hosts = connection.headers.getlist("host")
    found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    return found is not None and found["name"].lower().removesuffix(".") in names


def from_this_server(connection: HTTPConnection, *, origin_required: bool, link_allowed: bool = False) -> bool:
    """Whether a request comes from a page of this server: by its ``Origin`` and by ``Sec-Fetch-Site``.

    Parameters
    ----------
    connection
        A request or a WebSocket.
    origin_required
        True for what changes something (browsers then always send ``Origin``).
    link_allowed
        Whether a page elsewhere may lead to it by a link.
    """
    headers = connection.headers
    linked = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
    here = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    if not here and not (link_allowed and linked):
        return False
    origins = headers.getlist("origin")
    if not origins:
        return not origin_required
    host = headers.get("host", "")
    return bool(host) and origins == [f"{_scheme(connection)}://{host}"]


def _scheme(connection: HTTPConnection) -> str:
    """``http`` or ``https`` as the browser sees it: a reverse proxy says so, and no page can forge that header."""
    forwarded = connection.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    scheme = forwarded or connection.url.scheme
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
