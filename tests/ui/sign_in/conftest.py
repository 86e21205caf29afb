"""A store in which two people can sign in, and a browser before a server that asks for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient

from liyi.records import passwords, sign_in
from liyi.records.operations import people as persons
from liyi.records.schema import Role
from liyi.records.sign_in_tables import SignInAttempt
from liyi.records.viewer import Viewer
from liyi.ui import people
from liyi.ui.live import access, policy, routes

SERVER = "http://testserver"
PASSWORD = "春眠不觉晓处处闻啼鸟"


@dataclass(frozen=True)
class Unit:
    """A unit with an administrator and two trainees, both with `PASSWORD`."""

    admin: Viewer
    wang: Viewer
    zhang: Viewer


@pytest.fixture(scope="module")
def unit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIYI_DATA", str(folder))
        patch.delenv("LIYI_DATABASE_URL", raising=False)
        patch.setenv(people.TEAM, "1")
        patch.setenv(access.HOST_NAMES, "testserver")
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        passwords._of_nobody.cache_clear()
        store = people.records()
        admin = sign_in.found_organisation(store, "Hall", admin="Li", account="li")
        made = {}
        for name in ("wang", "zhang"):
            row = persons.add_person(store, admin, name=name.title(), account=name)
            persons.grant_role(store, admin, row.id, Role.trainee)
            made[name] = Viewer(row.id, row.organisation_id)
            with store.writing() as session:
                passwords.put(session, row.id, passwords.hashed(PASSWORD))
        yield Unit(admin, **made)
        store.close()
        people._opened.cache_clear()
        passwords._of_nobody.cache_clear()


@pytest.fixture(autouse=True)
def no_attempts(unit):
    """Nobody has tried anything yet."""
    with people.records().writing() as session:
        session.execute(delete(SignInAttempt))


@pytest.fixture
def slept(monkeypatch):
    """For how many seconds answers were held back, which they are not here."""
    from liyi.ui.sign_in import sign_in_routes

    told: list[float] = []

    async def sleep(seconds: float) -> None:
        told.append(seconds)

    monkeypatch.setattr(sign_in_routes.asyncio, "sleep", sleep)
    return told


def browser(app, **headers: str) -> TestClient:
    """A browser without cookies that follows no redirects."""
    return TestClient(app, base_url=SERVER, headers={"origin": SERVER, **headers}, follow_redirects=False)


@pytest.fixture
def client(unit, slept):
    """A browser before the app's own routes."""
    with browser(Starlette(routes=routes.routes(), middleware=policy.middleware())) as page:
        yield page


@pytest.fixture
def anything(unit):
    """A browser before an application that answers to everything, behind what refuses requests."""
    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    async def answer(request):
        return PlainTextResponse("behind the gate")

    async def talk(websocket):
        await websocket.accept()
        while True:
            await websocket.send_text(await websocket.receive_text())

    app = Starlette(routes=[Route("/{rest:path}", answer, methods=every), WebSocketRoute("/{rest:path}", talk)],
                    middleware=policy.middleware())  # fmt: skip
    with browser(app) as page:
        yield page


def sign_in_as(page: TestClient, account: str, password: str = PASSWORD, **query: str):
    """Send the form of signing in."""
    return page.post("/sign-in", params=query, data={"account": account, "password": password})
