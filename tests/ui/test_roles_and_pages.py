"""Every role x every page x every own route: of others nobody is shown what is not theirs."""

from __future__ import annotations

import inspect
import re
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from liyi.ui import copies, pages, people, replay
from liyi.ui.addresses import MISSING, known_addresses
from liyi.ui.live import routes

# Who is not the owner's trainer or evaluator, and was not given leave: nothing of the owner's is for them.
STRANGERS = ("stranger", "other_trainer", "admin")
# Who sees what the owner has submitted, and nothing that is private.
FOLLOWERS = ("trainer", "evaluator")
EVERYBODY = (*STRANGERS, *FOLLOWERS)
_PARAMETERS = ("job", "rehearsal", "recording", "assessment", "batch")  # by which pages are told what to show
_DRAW = """
from uuid import UUID
from liyi.records.viewer import Viewer
from liyi.ui import faults, people
from liyi.ui.screens import {name}
with people.acting(Viewer(UUID("{person}"), UUID("{organisation}"))), faults.told():
    {name}.PAGE.draw()
"""


def roles_of(viewer):
    with people.acting(viewer):
        return people.roles()


def theirs(viewer):
    return pages.pages_of(roles_of(viewer))


def drawn(page, viewer, query):
    """Everything that a page sends to the browser, as text."""
    script = _DRAW.format(name=page.draw.__module__.rpartition(".")[2], person=viewer.person_id,
                          organisation=viewer.organisation_id)  # fmt: skip
    shown = AppTest.from_string(script, default_timeout=60)
    shown.session_state["lang"] = "zh"
    for name, value in query.items():
        shown.query_params[name] = value
    shown.run()
    assert not shown.exception, page.address
    return "\n".join(str(element.proto) for element in shown.main if hasattr(element, "proto")) + str(shown.main)


def told(world, *, private):
    """What names the owner's recording, its findings or what was said of it."""
    names = ("secret", "secret_assessment", "secret_comment") if private else ("recording", "assessment", "comment")
    ids = [world.ids[name] for name in names]
    words = ["a secret of mine", "secret"] if private else ["Shoulders level", "a.mp4"]
    return [*(str(id) for id in ids), *(id.hex for id in ids), *words]


def leaks(text, world, *, private, asked):
    """What a page tells; the id that it was asked with may come back in an address."""
    return [each for each in told(world, private=private) if each in text and each not in asked]


@pytest.mark.parametrize("who", EVERYBODY)
def test_no_page_tells_of_what_is_not_theirs(world, who):
    viewer, id = world.viewers[who], world.secret.hex
    for page in theirs(viewer):
        if page.role == "everyone" and who not in ("stranger", "trainer"):  # it does the same for all of them
            continue
        text = drawn(page, viewer, dict.fromkeys(_PARAMETERS, id))
        assert leaks(text, world, private=True, asked=(id,)) == [], page.address
        if who in STRANGERS:
            assert leaks(text, world, private=False, asked=()) == [], page.address


@pytest.mark.parametrize("who", ["stranger", "other_trainer"])
def test_no_page_opens_for_strangers_what_is_submitted(world, who):
    viewer, id = world.viewers[who], world.recording.hex
    for page in theirs(viewer):
        if "query_params" in inspect.getsource(inspect.getmodule(page.draw)):  # others do not ask what to show
            text = drawn(page, viewer, dict.fromkeys(_PARAMETERS, id))
            assert leaks(text, world, private=False, asked=(id,)) == [], page.address


def test_who_may_is_shown_it(world):
    """So that the tests above would find it."""
    evaluator = world.viewers["evaluator"]
    [home] = [page for page in theirs(evaluator) if page.address == "evaluate"]
    assert leaks(drawn(home, evaluator, {}), world, private=False, asked=())
    owner = world.viewers["owner"]
    [own] = [page for page in theirs(owner) if page.address == "recordings"]
    assert leaks(drawn(own, owner, {}), world, private=True, asked=())


class _As:
    """ASGI middleware: who is signed in, as the gate of signing in puts it into the scope."""

    def __init__(self, app, viewer):
        self.app, self.viewer = app, viewer

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            scope = {**scope, people.SCOPE: SimpleNamespace(viewer=self.viewer)}
        await self.app(scope, receive, send)


def client(viewer, *middleware, answers):
    app = Starlette(routes=answers, middleware=[Middleware(_As, viewer=viewer), *middleware])
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


@pytest.mark.parametrize("who", [*EVERYBODY, "owner"])
def test_a_page_of_another_role_is_not_there(world, who):
    async def page(_):
        return PlainTextResponse("page")

    viewer = world.viewers[who]
    with client(viewer, known_addresses(), answers=[Route("/{rest:path}", page)]) as asked:
        own = {each.address for each in theirs(viewer)}
        assert own < {each.address for each in pages.all_pages()}
        for each in pages.all_pages():
            answer = asked.get(f"/{each.address}", headers={"accept": "text/html"})
            unknown = asked.get("/nowhere", headers={"accept": "text/html"})
            if each.address in own:
                assert answer.text == "page"
            else:
                assert (answer.status_code, answer.headers["location"]) == (307, f"/?{MISSING}=1")
                assert answer.headers["location"] == unknown.headers["location"]


def read_paths():
    """Every own route that is read, with what stands for its parts."""
    found = [route.path for route in routes.routes() if "GET" in (getattr(route, "methods", None) or ())]
    assert len(found) > 5
    return [path for path in found if "{rest" not in path]


def filled(path, token, id, other=None):
    named = {"name": "report.html", "which": "0", "token": token, "id:uuid": str(id), "other:uuid": str(other or id),
             "line:uuid": str(other or id)}  # fmt: skip
    return re.sub(r"\{([a-z:]+)\}", lambda part: named[part[1]], path)


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("which", ["secret", "recording"])
def test_no_route_answers_for_somebody_else(world, who, which):
    """Though they hold the owner's own addresses; what was submitted opens for those who judge it, by its id."""
    with people.acting(world.viewers["owner"]):
        tokens = [replay.grant(world.ids[which].hex), copies.grant()]
    with client(world.viewers[who], answers=routes.routes()) as asked:
        for path in read_paths():
            if "{id" in path and which == "recording" and who in FOLLOWERS:
                continue
            for token in tokens:
                answer = asked.get(filled(path, token, world.ids[which]))
                assert (answer.status_code, answer.content) == (404, b""), path


@pytest.mark.parametrize("who", sorted({*EVERYBODY, "owner", "idle_evaluator"} - {"evaluator"}))
def test_nothing_of_a_batch_is_told_but_to_who_began_it(world, who):
    paths = [path for path in read_paths() if path.startswith(("/batch/", "/evaluate/"))]
    assert len(paths) > 8
    with client(world.viewers[who], answers=routes.routes()) as asked:
        for path in paths:
            answer = asked.get(filled(path, "", world.judged_batch, world.judged_line))
            assert (answer.status_code, answer.content) == (404, b""), path


def test_the_owner_is_answered(world):
    """So that the test above would find a route that answers everybody."""
    owner = world.viewers["owner"]
    with people.acting(owner):
        watch, copy = replay.grant(world.secret.hex), copies.grant()
    with client(owner, answers=routes.routes()) as asked:
        assert asked.get(f"/live/{watch}/recording").content == b"what nobody else may know"
        assert asked.get(f"/live/{copy}/copy").content.startswith(b"PK")
