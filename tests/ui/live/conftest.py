"""A folder for rehearsals that goes with the test, and a client of the live routes."""

from __future__ import annotations

from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from liyi.core.options import Options
from liyi.ui.live import access, policy, rehearsing, routes, session, ticks

PLAIN = {"pack": "counter", "options": Options("seated", "front"), "exam": False, "lang": "zh"}


@pytest.fixture(autouse=True)
def restart(tmp_path, monkeypatch):
    """A data folder of its own; the function it gives forgets what a restarted server would not know."""
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))

    def again() -> None:
        session._ids.clear()
        session._offered.clear()
        rehearsing._live.clear()

    again()
    return again


@pytest.fixture(autouse=True)
def no_second_recogniser(monkeypatch):
    """Nobody listens for courteous words, which costs as much as all else, unless the test says so."""
    monkeypatch.setattr(ticks, "lacking", lambda: ("vosk",))


@pytest.fixture
def begun() -> tuple[str, str]:
    """Id and token of a new rehearsal."""
    return begin()


def begin() -> tuple[str, str]:
    """Id and token of one more rehearsal."""
    id = uuid4().hex
    return id, session.begin(id, **PLAIN)


@pytest.fixture
def client(monkeypatch):
    """A page of this server."""
    monkeypatch.setenv(access.HOST_NAMES, "testserver")
    app = Starlette(routes=routes.routes(), middleware=policy.middleware())
    with TestClient(app, headers={"origin": "http://testserver"}) as page:
        yield page
