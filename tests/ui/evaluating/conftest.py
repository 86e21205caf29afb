"""A batch to bring files to, and clients of its routes on somebody's behalf."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from liyi.ui import people
from liyi.ui.live import access, policy, routes
from tests.records.world import build


@pytest.fixture(scope="package")
def made(tmp_path_factory):
    """A team's store with an evaluator's batch, and who is there."""
    folder = tmp_path_factory.mktemp("team")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIYI_DATA", str(folder))
        world = build(people.records(), tmp_path_factory.mktemp("files"))
        yield folder, world
        people.records().close()
        people._opened.cache_clear()


@pytest.fixture
def world(made, monkeypatch):
    """The same with its folder, as the app sees it."""
    folder, there = made
    monkeypatch.setenv("LIYI_DATA", str(folder))
    monkeypatch.setenv("LIYI_FREE_GB", "0")
    return there


@pytest.fixture
def asking(world, monkeypatch):
    """A client whose requests are of the named person; of nobody for None."""
    monkeypatch.setenv(access.HOST_NAMES, "testserver")
    app = Starlette(routes=routes.routes(), middleware=policy.middleware())

    @contextmanager
    def asks(who):
        monkeypatch.setattr(people, "of_request", lambda connection: world.viewers.get(who))
        with TestClient(app, headers={"origin": "http://testserver"}) as client:
            yield client

    return asks
