"""Signing in by a unit's own provider, which answers within this process: nothing goes over a network."""

from __future__ import annotations

import base64
import hashlib
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from liyi.records import sessions
from liyi.ui import people
from liyi.ui.live import policy
from liyi.ui.sign_in import oidc
from tests.ui.sign_in.conftest import SERVER, browser

ISSUER = "https://sso.example.cn"
BACK = f"{SERVER}/oauth2callback"
SETTINGS = {
    "CLIENT_ID": "liyi", "CLIENT_SECRET": "a secret", "COOKIE_SECRET": "another secret", "REDIRECT_URI": BACK,
    "SERVER_METADATA_URL": f"{ISSUER}/.well-known/openid-configuration",
}  # fmt: skip


class Provider:
    """A provider that lets everybody in, and tells of them what a test says."""

    def __init__(self) -> None:
        self.key = self.signer = RSAKey.generate_key(2048, {"kid": "1"})
        self.claims: dict[str, object] = {"sub": "1", "preferred_username": "wang"}
        self.asked: dict[str, str] = {}
        self.nonce: str | None = None  # instead of the one that was asked for
        self.codes = 0

    def allow(self, address: str) -> str:
        """What the person's browser comes back with, having been sent to ``address``."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return f"{self.asked['redirect_uri']}?code=c&state={self.asked['state']}"

    def app(self) -> Starlette:
        """Its routes."""

        async def metadata(_):
            return JSONResponse({
                "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys", "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            })  # fmt: skip

        async def keys(_):
            return JSONResponse({"keys": [self.key.as_dict(private=False)]})

        async def token(request):
            form = await request.form()
            self.codes += 1
            made = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
            if made.rstrip(b"=").decode() != self.asked["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            at = int(time.time())
            told = {"iss": ISSUER, "aud": "liyi", "iat": at, "exp": at + 60,
                    "nonce": self.nonce or self.asked["nonce"], **self.claims}  # fmt: skip
            signed = jwt.encode({"alg": "RS256", "kid": "1"}, told, self.signer)
            return JSONResponse({"access_token": "t", "token_type": "Bearer", "id_token": signed})

        return Starlette(routes=[Route("/.well-known/openid-configuration", metadata), Route("/keys", keys),
                                 Route("/token", token, methods=["POST"])])  # fmt: skip


@pytest.fixture(scope="module")
def made():
    return Provider()


@pytest.fixture
def provider(made, unit, monkeypatch):
    for name, value in SETTINGS.items():
        monkeypatch.setenv(f"LIYI_OIDC_{name}", value)
    monkeypatch.setattr(oidc, "extra", lambda: {"transport": httpx2.ASGITransport(app=made.app())})
    oidc._client.cache_clear()
    made.claims, made.nonce, made.codes, made.signer = {"sub": "1", "preferred_username": "wang"}, None, 0, made.key
    yield made
    oidc._client.cache_clear()


@pytest.fixture
def page(provider):
    with browser(Starlette(middleware=policy.middleware())) as client:
        yield client


def begin(page, provider, wanted: str = "/progress") -> str:
    """Send the browser to the provider; returns with what it comes back."""
    sent = page.get("/sign-in/provider", params={"next": wanted})
    assert sent.status_code == 302
    assert sent.headers["location"].startswith(f"{ISSUER}/authorize?")
    return provider.allow(sent.headers["location"])


def signed_in(page):
    found = sessions.find(people.records(), page.cookies.get(people.COOKIE))
    return found.viewer if found else None


LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def back(page, address: str):
    """The provider sends the browser back by a link."""
    origin = page.headers.pop("origin")
    try:
        return page.get(address, headers=LINK)
    finally:
        page.headers["origin"] = origin


def test_who_the_provider_vouches_for_gets_a_session_of_ours(page, provider, unit):
    assert "/sign-in/provider" in page.get("/sign-in").text
    address = begin(page, provider)
    assert {"state", "nonce", "code_challenge"} <= set(provider.asked)
    assert provider.asked["code_challenge_method"] == "S256"
    answer = back(page, address)
    assert (answer.status_code, answer.headers["location"]) == (303, "/progress")
    assert signed_in(page) == unit.wang
    assert not any("streamlit" in name for name in page.cookies)
    page.cookies.delete(people.COOKIE)
    assert back(page, address).headers["location"].startswith("/sign-in?said=provider"), "not twice"
    assert signed_in(page) is None


def test_a_forged_answer_signs_nobody_in(page, provider, monkeypatch):
    address = begin(page, provider)
    for wrong in (address.replace("state=", "state=x"), f"{BACK}?code=c", BACK, f"{BACK}?error=access_denied"):
        assert back(page, wrong).headers["location"].startswith("/sign-in?said=provider"), wrong
    other = begin(page, provider)
    page.cookies.clear()  # another browser: somebody was sent a link with an answer meant for who sent it
    assert back(page, other).headers["location"].startswith("/sign-in?said=provider")
    assert provider.codes == 0
    provider.nonce = "another"
    assert back(page, begin(page, provider)).headers["location"].startswith("/sign-in?said=provider")
    provider.nonce = None
    for claims in ({"aud": "another"}, {"iss": "https://evil.example"}, {"exp": 1}):
        provider.claims = {"sub": "1", "preferred_username": "wang", **claims}
        assert back(page, begin(page, provider)).headers["location"].startswith("/sign-in?said=provider"), claims
    provider.claims = {"sub": "1", "preferred_username": "wang"}
    provider.signer = RSAKey.generate_key(2048, {"kid": "1"})
    assert back(page, begin(page, provider)).headers["location"].startswith("/sign-in?said=provider")
    assert provider.codes == 5
    assert signed_in(page) is None


@pytest.mark.parametrize(
    ("claims", "said"),
    [({"preferred_username": "nobody"}, "unknown"), ({}, "provider"), ({"email": "wang"}, "provider"),
     ({"email": "wang", "email_verified": "true"}, "provider"), ({"preferred_username": ["wang"]}, "provider")],
)  # fmt: skip
def test_only_an_account_that_is_known_and_vouched_for_is_let_in(page, provider, claims, said):
    provider.claims = {"sub": "1", **claims}
    answer = back(page, begin(page, provider))
    assert answer.headers["location"].startswith(f"/sign-in?said={said}")
    assert signed_in(page) is None
    assert "administrator" in page.get(f"/sign-in?said={said}&lang=en").text


def test_a_verified_address_and_a_chosen_claim_name_the_account():
    assert oidc.account_of({"email": " wang ", "email_verified": True}, "") == "wang"
    assert oidc.account_of({"preferred_username": "a", "employee": "7"}, "employee") == "7"
    assert oidc.account_of({"preferred_username": "a"}, "employee") == ""


def test_a_provider_that_does_not_answer_is_told(page, provider, monkeypatch):
    def gone(request):
        raise httpx2.ConnectError("refused")

    monkeypatch.setattr(oidc, "extra", lambda: {"transport": httpx2.MockTransport(gone)})
    oidc._client.cache_clear()
    assert page.get("/sign-in/provider").headers["location"] == "/sign-in?said=provider"


def test_settings_that_lack_something_are_refused(unit, monkeypatch):
    monkeypatch.setenv("LIYI_OIDC_CLIENT_ID", "liyi")
    with pytest.raises(Exception, match="lack client_secret, server_metadata_url, redirect_uri, cookie_secret"):
        oidc.settings()
    assert oidc.known() is None


def test_without_a_provider_its_addresses_are_not_there(client, monkeypatch):
    monkeypatch.setattr(oidc, "_secrets", dict)
    assert client.get("/oauth2callback").status_code == 404
    assert client.get("/sign-in/provider").headers["location"] == "/sign-in?said=provider"
    assert "/sign-in/provider" not in client.get("/sign-in").text
