"""The cookie that holds a session's token.

``SameSite=Lax``: with ``Strict`` whoever follows a link to a page, from a mail or from the provider that signs people
in, would arrive signed out. What changes anything is asked by pages of this server only, whatever the cookie says
(`liyi.ui.live.policy.OwnPagesOnly`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from liyi.ui import people

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.responses import Response

HTTPS = "LIYI_HTTPS"  # ``1``: browsers reach this server by HTTPS alone, itself or through its proxy


def give(answer: Response, asked: HTTPConnection, token: str) -> None:
    """Have the browser keep a session's token until it is closed."""
    answer.set_cookie(people.COOKIE, token, path="/", httponly=True, samesite="lax", secure=is_secure(asked))


def take(answer: Response, asked: HTTPConnection) -> None:
    """Have the browser forget it."""
    answer.delete_cookie(people.COOKIE, path="/", httponly=True, samesite="lax", secure=is_secure(asked))


def is_secure(asked: HTTPConnection) -> bool:
    """Whether the cookie is for HTTPS alone: this request came so, or the configuration says that all do."""
    forwarded = asked.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return os.environ.get(HTTPS) == "1" or (forwarded or asked.url.scheme) in ("https", "wss")
