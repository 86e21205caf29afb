"""The pages of signing in: plain HTML forms, which work without JavaScript; every change is a POST.

What is answered to an account that is known and to one that is not differs in nothing: sentence, status, work, delay.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, TypeVar

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route, Router

from liyi.core.errors import LiyiError
from liyi.core.words import N_, explain_error
from liyi.records import passwords, sessions, sign_in
from liyi.records.attempts import LockedError
from liyi.records.operations import accounts
from liyi.ui import people
from liyi.ui.sign_in import cookie, oidc
from liyi.ui.sign_in.admitting import admit, begin_session, to_sign_in
from liyi.ui.sign_in.form import Shown, draw
from liyi.ui.sign_in.returning import own_address

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from liyi.records.sessions import SignedIn
    from liyi.records.sign_in import Proof

_Made = TypeVar("_Made")
_MOST_FIELDS, _MOST_BYTES = 10, 8192
_DIFFERENT = N_("The two passwords differ: type the new one twice.")
SAID = {
    "out": N_("You are signed out."),
    "changed": N_("Your password is changed. Everywhere else you are signed out."),
    "provider": N_("The sign-in service did not confirm who you are: try again, and if that does not help, ask an "
                   "administrator."),
    "unknown": N_("Your account is not known here: ask an administrator to enter it."),
}  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """What a form has sent."""

    request: Request
    form: FormData = field(default_factory=FormData)

    def text(self, name: str) -> str:
        """A field of the form; empty where it was not sent."""
        value = self.form.get(name)
        return value if isinstance(value, str) else ""

    @property
    def next(self) -> str:
        """Where to go on."""
        return own_address(self.text("next") or self.request.query_params.get("next", ""))

    @property
    def address(self) -> str:
        """From where it was asked, for the count of attempts."""
        return self.request.client.host if self.request.client else ""

    @property
    def signed_in(self) -> SignedIn | None:
        """Who asks."""
        found: SignedIn | None = self.request.scope.get(people.SCOPE)
        return found

    @property
    def lang(self) -> str:
        """Of the page."""
        from liyi.ui.shell import lang_of

        return lang_of(self.request)


def router() -> Router:
    """The routes below ``/sign-in``, and the address to which the unit's own provider sends people back."""
    provider = oidc.known()
    back: list[BaseRoute] = [Route(provider.callback, oidc.returned)] if provider is not None else []
    return Router([
        Route("/sign-in", _sign_in, methods=["GET", "POST"]),
        Route("/sign-in/code", _code, methods=["GET", "POST"]),
        Route("/sign-in/account", _account, methods=["GET"]),
        Route("/sign-in/password", _password, methods=["POST"]),
        Route("/sign-in/out", _out, methods=["POST"]),
        Route("/sign-in/everywhere", _everywhere, methods=["POST"]),
        Route("/sign-in/provider", oidc.begin),
        *back,
        Route("/{rest:path}", _nothing),
    ])  # fmt: skip


async def _nothing(_: Request) -> Response:
    return Response(status_code=404)


async def _read(request: Request) -> _Asked | None:
    """What a form has sent; None for what no form of ours sends."""
    told = request.headers.get("content-length", "")
    if not told.isdigit() or int(told) > _MOST_BYTES:
        return None
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    try:
        return _Asked(request, await request.form(max_fields=_MOST_FIELDS, max_files=0))
    except (HTTPException, MultiPartException):  # more fields than a form of ours has
        return None


async def _answered(work: Callable[[_Asked], Awaitable[Response]], request: Request) -> Response:
    asked = await _read(request)
    return await work(asked) if asked is not None else Response(status_code=400)


def _page(asked: _Asked, shown: Shown, error: LiyiError | None = None, status: int = 200) -> HTMLResponse:
    """A page of signing in, with what went wrong before."""
    fault = explain_error(error, asked.lang) if error is not None else ""
    page = draw(shown, lang=asked.lang, next=asked.next, fault=fault, provider=oidc.known() is not None)
    return HTMLResponse(page, status, headers={"cache-control": "no-store", "vary": "accept-language, cookie"})


async def _sign_in(request: Request) -> Response:
    if request.method == "POST":
        return await _answered(_signing_in, request)
    asked = _Asked(request)
    if asked.signed_in is not None:
        return RedirectResponse(asked.next, status_code=303)
    return _page(asked, Shown("sign_in", said=SAID.get(request.query_params.get("said", ""), "")))


async def _signing_in(asked: _Asked) -> Response:
    account, secret = asked.text("account"), asked.text("password")
    try:
        proof = await _proved(asked, account, secret)
        if proof.viewer is None:
            raise proof.refusal()
        if proof.by_code:  # typed into the field of the password: a password is set first
            return _page(asked, Shown("code", account=account, code=secret))
        token = await begin_session(asked.request, proof.viewer)
    except LockedError as error:
        return _page(asked, Shown("sign_in", account=account), error, 429)
    except LiyiError as error:
        return _page(asked, Shown("sign_in", account=account), error, 401)
    return admit(asked.request, token, asked.next)


async def _code(request: Request) -> Response:
    return await _answered(_by_code, request) if request.method == "POST" else _page(_Asked(request), Shown("code"))


async def _by_code(asked: _Asked) -> Response:
    account, code, password = asked.text("account"), asked.text("code"), asked.text("new")
    shown = Shown("code", account=account, code=code)
    try:
        if password != asked.text("again"):
            raise LiyiError(_DIFFERENT)
        proof = await _proved(asked, account, code)
        if proof.viewer is None or not proof.by_code:
            raise proof.refusal(asked_for_code=True)
        await _hashing(partial(sign_in.use_code, people.records(), proof, code, password))
        token = await begin_session(asked.request, proof.viewer)
    except LockedError as error:
        return _page(asked, shown, error, 429)
    except LiyiError as error:
        return _page(asked, shown, error, 401)
    return admit(asked.request, token, asked.next)


async def _proved(asked: _Asked, account: str, secret: str) -> Proof:
    proof = await _hashing(partial(sign_in.prove, people.records(), account, secret, address=asked.address))
    await asyncio.sleep(proof.held_back_s)
    return proof


async def _hashing(work: Callable[[], _Made]) -> _Made:
    """Do what computes a hash, in threads of its own: a hall that signs in at once keeps nobody else waiting."""
    return await asyncio.get_running_loop().run_in_executor(_hashers(), work)


@cache
def _hashers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(passwords.AT_ONCE, thread_name_prefix="hash")


async def _account(request: Request) -> Response:
    asked = _Asked(request)
    if asked.signed_in is None:
        return RedirectResponse("/sign-in", status_code=303)
    return await _shown_account(asked, said=SAID.get(request.query_params.get("said", ""), ""))


async def _shown_account(asked: _Asked, error: LiyiError | None = None, said: str = "") -> Response:
    found = asked.signed_in
    assert found is not None
    local = await asyncio.to_thread(sign_in.has_password, people.records(), found.viewer)
    shown = Shown("account", name=found.name, local=local, said=said)
    return _page(asked, shown, error, 200 if error is None else 401)


async def _password(request: Request) -> Response:
    if request.scope.get(people.SCOPE) is None:
        return Response(status_code=404)
    return await _answered(_changing_password, request)


async def _changing_password(asked: _Asked) -> Response:
    found, new = asked.signed_in, asked.text("new")
    assert found is not None
    try:
        if new != asked.text("again"):
            raise LiyiError(_DIFFERENT)
        work = partial(sign_in.change_password, people.records(), found.viewer, asked.text("password"), new,
                       address=asked.address)  # fmt: skip
        await asyncio.sleep(await _hashing(work))
        token = await begin_session(asked.request, found.viewer)
    except LiyiError as error:
        return await _shown_account(asked, error)
    return admit(asked.request, token, f"{people.ACCOUNT_PAGE}?said=changed")


async def _out(request: Request) -> Response:
    found: SignedIn | None = request.scope.get(people.SCOPE)
    if found is not None:
        await asyncio.to_thread(sessions.end, people.records(), found)
    return _signed_out(request)


def _signed_out(request: Request) -> Response:
    """Lead to the page of signing in; the browser forgets the token, and what pages keep in it for who was there."""
    answer = to_sign_in(request, "out")
    cookie.take(answer, request)
    answer.headers["clear-site-data"] = '"storage"'
    return answer


async def _everywhere(request: Request) -> Response:
    found: SignedIn | None = request.scope.get(people.SCOPE)
    if found is None:
        return Response(status_code=404)
    await asyncio.to_thread(accounts.end_sessions, people.records(), found.viewer, found.viewer.person_id)
    return _signed_out(request)
