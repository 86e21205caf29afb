"""What there is to review, made once; and clients of the routes on somebody's behalf."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import contextmanager

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from liyi.records.engine import open_records
from liyi.records.operations import feedback
from liyi.ui import people
from liyi.ui.live import access, policy, routes
from tests.ui.review.submitted import FILM, Hall, found_hall, judged, performance_of


@pytest.fixture(scope="package")
def made(tmp_path_factory):
    """A store with a submitted recording; its hall, and ids by name."""
    folder = tmp_path_factory.mktemp("hall")
    hall = found_hall(open_records(folder / "data"))
    performance, measured = performance_of(FILM, folder)
    found = judged(performance)
    ids = {"submitted": hall.submit(FILM, found, measured)}
    other = folder / "private.mp4"
    other.write_bytes(FILM.read_bytes() + b" ")
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    found = found.model_copy(update={"recording": found.recording.model_copy(update={"sha256": digest})})
    ids["private"] = hall.submit(other, found, measured, submitted=False)
    other.write_bytes(FILM.read_bytes() + b"  ")
    digest = hashlib.sha256(other.read_bytes()).hexdigest()
    found = found.model_copy(update={"recording": found.recording.model_copy(update={"sha256": digest})})
    ids["another"] = hall.submit(other, found, measured)
    hall.records.close()
    return folder / "data", hall, {name: id.hex for name, id in ids.items()}


@pytest.fixture
def store(made, tmp_path, monkeypatch) -> tuple[Hall, dict[str, str]]:
    """A copy of it that may be changed."""
    folder = tmp_path / "data"
    shutil.copytree(made[0], folder)
    monkeypatch.setenv("LIYI_DATA", str(folder))
    monkeypatch.setattr(feedback, "blind_due", lambda records, viewer, id: False)
    hall = Hall(
        people.records(), *(getattr(made[1], name) for name in ("admin", "trainer", "trainee", "stranger", "cohort"))
    )
    yield hall, made[2]
    hall.records.close()
    people._opened.cache_clear()


@pytest.fixture
def asking(store, monkeypatch):
    """A client whose requests are of the given person; of nobody for None."""
    monkeypatch.setenv(access.HOST_NAMES, "testserver")
    app = Starlette(routes=routes.routes(), middleware=policy.middleware())

    @contextmanager
    def asks(viewer):
        monkeypatch.setattr(people, "of_request", lambda connection: viewer)
        with TestClient(app, headers={"origin": "http://testserver"}) as client:
            yield client

    return asks
