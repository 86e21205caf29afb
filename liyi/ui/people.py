"""On whose behalf everything in the web app acts, and in which store.

A page acts for who is signed in in its browser, a route for who is signed in in the request, and what works by itself
(a job, the server's upkeep) for the recording's owner (`acting`). On a machine without sign-in all of it is its one
person. Who asks without being signed in is refused: nobody is a default.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records import sessions, sign_in
from liyi.records.engine import data_folder, open_records
from liyi.records.operations import consent
from liyi.records.operations import people as persons

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import HTTPConnection

    from liyi.records.engine import Records
    from liyi.records.sessions import SignedIn
    from liyi.records.viewer import Viewer

TEAM = "LIYI_TEAM"  # ``1``: people sign in (`liyi app --team`)
COOKIE = "liyi_session"
ACCOUNT_PAGE = "/sign-in/account"  # who is signed in, the password, signing out
SCOPE = "liyi.signed_in"  # what `liyi.ui.sign_in.gate` has found out of a request, in its ASGI scope
SOLO = "solo"  # beside the roles of the one person of a machine without sign-in
_SOLO = frozenset((SOLO, "trainee", "evaluator"))
_HELD_BY = "signed_in_as"  # in a page's state: whose page it is
_acting: ContextVar[Viewer | None] = ContextVar("acting", default=None)

_SIGNED_OUT = N_("You are signed out: sign in again to go on.")
_SOMEBODY_ELSE = N_("Somebody else has signed in in this browser: load the page again.")


class SignedOut(LiyiError):
    """Nobody is signed in in this browser, or not who began with this page."""


def records() -> Records:
    """The store, opened once in a process; raises LiyiError when it cannot be used."""
    return _opened(data_folder(), os.environ.get("LIYI_DATABASE_URL"))


@cache
def _opened(folder: Path, url: str | None) -> Records:
    return open_records(folder, url=url)


def team() -> bool:
    """Whether people sign in here."""
    return os.environ.get(TEAM) == "1"


def viewer() -> Viewer:
    """Who looks: on whose behalf this acts (`acting`), else who is signed in in this page's browser.

    Raises
    ------
    SignedOut
        Where people sign in, and nobody is signed in here.
    """
    given = _acting.get()
    if given is not None:
        return given
    return _of_page().viewer if team() else sign_in.local(records())


def roles() -> frozenset[str]:
    """What `viewer` may be: the words of `liyi.records.schema.Role`; without sign-in who practises and evaluates."""
    if _acting.get() is None and not team():
        return _SOLO
    who = viewer()
    return frozenset(str(each.role) for each in persons.roles(records(), who, who.person_id))


def of_request(connection: HTTPConnection) -> Viewer | None:
    """On whose behalf a request or a WebSocket asks; None where nobody is signed in: the answer is 404 then."""
    if not team():
        return sign_in.ALONE
    found = connection.scope.get(SCOPE) or sessions.find(records(), connection.cookies.get(COOKIE))
    return found.viewer if found is not None else None


@contextmanager
def acting(who: Viewer) -> Iterator[None]:
    """Everything within the block, in this thread or task and what it awaits, acts on behalf of ``who``."""
    before = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(before)


@contextmanager
def acting_for_owner(id: str) -> Iterator[None]:
    """Act on behalf of the person of the recording ``id``; raises LiyiError when there is no such recording."""
    with acting(owner_of(id)):
        yield


def owner_of(id: str) -> Viewer:
    """The person of the recording ``id``, in the trash or not; raises LiyiError when there is none."""
    store = records()
    return _owner(store.folder, str(store.engine.url), id)


def owns(who: Viewer, id: str) -> bool:
    """Whether the recording ``id`` is this person's; on a machine without sign-in everything is."""
    if not team():
        return True
    try:
        return owner_of(id) == who
    except LiyiError:
        return False


@lru_cache(maxsize=5000)  # a recording never becomes somebody else's, and no id is given twice
def _owner(_folder: Path, _url: str, id: str) -> Viewer:
    return sign_in.owner_of(records(), id)


def _of_page() -> SignedIn:
    """Who is signed in in the browser of the page that is drawn; it stays the page of who began with it."""
    import streamlit as st

    found = sessions.find(records(), st.context.cookies.get(COOKIE))
    if found is None:
        raise SignedOut(_SIGNED_OUT)
    if st.session_state.setdefault(_HELD_BY, found.viewer.person_id.hex) != found.viewer.person_id.hex:
        raise SignedOut(_SOMEBODY_ELSE)
    return found


def agree(text: str, *, version: str) -> None:
    """Note that the viewer agreed to a text, once as long as that consent stands.

    Parameters
    ----------
    text
        As it was shown.
    version
        Of the text; changes when its meaning does.
    """
    if not has_agreed(text, version=version):
        shown = hashlib.sha256(text.encode("utf-8")).hexdigest()
        consent.give_consent(records(), viewer(), version=version, text_sha256=shown)


def has_agreed(text: str, *, version: str) -> bool:
    """Whether the viewer agreed to this text and has not taken it back."""
    store, who = records(), viewer()
    shown = hashlib.sha256(text.encode("utf-8")).hexdigest()
    given = consent.consents(store, who, who.person_id)
    return any(row.text_sha256 == shown and row.version == version and row.withdrawn_at is None for row in given)
