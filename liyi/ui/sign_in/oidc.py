"""Signing in by a unit's own provider: OpenID Connect, the code flow with PKCE, state and nonce, through Authlib.

What the provider vouches for becomes an account of the records; the session that follows is Liyi's own
(`liyi.records.sessions`), as for everybody else. Streamlit's `st.login` signs in by the same settings, but what it
leaves is a cookie of 30 days that no server can end, that is not marked Secure, and that routes beside Streamlit's
do not know.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.records import sign_in
from liyi.ui import people
from liyi.ui.sign_in.admitting import admit, begin_session, to_sign_in
from liyi.ui.sign_in.cookie import is_secure
from liyi.ui.sign_in.returning import own_address

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

_PENDING_S = 600  # for how long somebody may be at the provider
_COOKIE = "liyi_provider"  # what is awaited of the provider: signed, for this browser, for ten minutes
_KEYS = ("client_id", "client_secret", "server_metadata_url", "redirect_uri", "cookie_secret")
_EVERY = "LIYI_OIDC_"


@dataclass(frozen=True)
class Settings:
    """The provider, as Streamlit's ``[auth]`` names it; ``account_claim`` is ours: which claim is the account.

    Without it that is ``preferred_username``, else ``email`` where the provider has verified it.
    """

    client_id: str
    client_secret: str
    server_metadata_url: str
    redirect_uri: str
    cookie_secret: str
    account_claim: str = ""

    @property
    def callback(self) -> str:
        """Path to which the provider sends people back."""
        return urlsplit(self.redirect_uri).path


def settings() -> Settings | None:
    """The provider of this server: ``LIYI_OIDC_CLIENT_ID`` … of the environment, else ``[auth]``; None without one.

    Raises
    ------
    LiyiError
        When something is missing in it.
    """
    told = {name: os.environ.get(_EVERY + name.upper(), "") for name in (*_KEYS, "account_claim")}
    if not any(told.values()):
        told = {name: str(value) for name, value in _secrets().items() if name in told}
    return _settings(tuple(sorted(told.items())))


def account_of(claims: Mapping[str, Any], claim: str) -> str:
    """The account that a provider's claims name; empty where they name none that is vouched for."""
    verified = claims.get("email_verified") is True
    for name in (claim,) if claim else ("preferred_username", "email"):
        value = claims.get(name)
        if isinstance(value, str) and value.strip() and (name != "email" or verified):
            return value.strip()
    return ""


def known() -> Settings | None:
    """The same; None too where something is missing, which costs a line of log."""
    try:
        return settings()
    except LiyiError as error:
        logs.event("provider_failed", error=error)
        return None


def extra() -> dict[str, Any]:
    """What the HTTP client is given beside; tests put their provider here."""
    return {}


@lru_cache(maxsize=4)
def _settings(told: tuple[tuple[str, str], ...]) -> Settings | None:
    known = {name: value for name, value in told if value}
    if not known:
        return None
    missing = [name for name in _KEYS if name not in known]
    if missing or not urlsplit(known["redirect_uri"]).path.strip("/"):
        raise LiyiError("The settings of the sign-in service lack {missing}: see docs/sign-in.md.",
                        missing=", ".join(missing) or "redirect_uri")  # fmt: skip
    return Settings(**known)


@cache
def _secrets() -> dict[str, Any]:
    """``[auth]`` of Streamlit's secrets; empty where there are none."""
    import streamlit as st

    return dict(st.secrets.get("auth", {})) if st.secrets.load_if_toml_exists() else {}


@lru_cache(maxsize=4)
def _client(provider: Settings) -> Any:
    from authlib.integrations.starlette_client import OAuth

    return OAuth().register(
        "provider",
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        server_metadata_url=provider.server_metadata_url,
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256", **extra()},
    )


class WithState:
    """ASGI application that answers with what is awaited of the provider at hand, in a signed cookie."""

    def __init__(self, work: Callable[[Request, Settings], Awaitable[Response]]) -> None:
        self._work = work

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; without a provider lead back."""
        asked, provider = Request(scope, receive), known()
        if provider is None:
            await to_sign_in(asked, "provider")(scope, receive, send)
            return

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            answer = await self._work(Request(scope, receive), provider)
            await answer(scope, receive, send)

        kept = SessionMiddleware(answered, provider.cookie_secret, session_cookie=_COOKIE, max_age=_PENDING_S,
                                 same_site="lax", https_only=is_secure(asked))  # fmt: skip
        await kept(scope, receive, send)


async def _begin(request: Request, provider: Settings) -> Response:
    """Lead to the provider; where to go on afterwards is kept for this browser."""
    request.session.clear()
    request.session["next"] = own_address(request.query_params.get("next", ""))
    try:
        answer: Response = await _client(provider).authorize_redirect(request, provider.redirect_uri)
    except Exception as error:  # it does not answer, or not as it should
        logs.event("provider_failed", error=error)
        return to_sign_in(request, "provider")
    return answer


async def _returned(request: Request, provider: Settings) -> Response:
    """Sign in whom the provider has vouched for."""
    wanted = own_address(str(request.session.get("next", "/")))
    try:
        told = await _client(provider).authorize_access_token(request)
        account = account_of(told["userinfo"], provider.account_claim)
    except Exception as error:  # refused, forged, too late, or the provider is gone
        logs.event("provider_failed", error=error)
        account = ""
    request.session.clear()
    if not account:
        return to_sign_in(request, "provider")
    try:
        viewer = await asyncio.to_thread(sign_in.signed_in, people.records(), account)
        token = await begin_session(request, viewer)
    except LiyiError as error:
        logs.event("sign_in_refused", error=error)
        return to_sign_in(request, "unknown")
    return admit(request, token, wanted)


begin, returned = WithState(_begin), WithState(_returned)
