"""Only its own name is served, to its own pages; a client that leaves or lies costs a line of log."""

from __future__ import annotations

import io
import json
import logging
import struct
import warnings

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from liyi.core import logs
from liyi.core.errors import LiyiError
from liyi.ui.live import access, policy, rehearsing, session
from liyi.ui.live.messages import MOST_MESSAGES, parse
from tests import in_a_thread
from tests.ui.live.simulated import pose_message, sound_message

OWN = "http://127.0.0.1:8501"
PATHS = ["/", "/static/main.js", "/_stcore/health", "/_stcore/host-config", "/media/x.mp4", "/live/x/recording"]


async def served(request):
    return PlainTextResponse("secret", headers={"x-secret": "1"})


async def spoken(websocket):
    await websocket.accept()
    await websocket.send_text("secret")
    await websocket.close()


@pytest.fixture
def app():
    every = ["GET", "POST", "PUT", "DELETE"]
    inside = [WebSocketRoute("/_stcore/stream", spoken), Route("/{path:path}", served, methods=every)]
    return Starlette(routes=[Mount("/", routes=inside)], middleware=policy.middleware())


def page_of(app, base=OWN) -> TestClient:
    return TestClient(app, base_url=base)


@pytest.fixture
def lines():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    logger = logging.getLogger("liyi")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(before)


def raw(app, headers, *, kind="http", path="/", method="GET"):
    """Status and body of a request whose headers stand as they are given, also twice or not at all."""

    sent = []
    scope = {"type": kind, "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
             "headers": [(k.encode(), v.encode("latin-1")) for k, v in headers], "scheme": "http",
             "server": ("127.0.0.1", 8501), "client": ("127.0.0.1", 1), "extensions": {"websocket.http.response": {}},
             "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "subprotocols": []}  # fmt: skip

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    in_a_thread.run(app(scope, receive, send))
    return (sent[0].get("status") if sent else None), b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8501", "localhost", "localhost:1", "LocalHost:8501", "localhost.", "[::1]", "[::1]:8501"],
)
def test_its_own_names_are_served(app, host):
    assert raw(app, [("host", host)]) == (200, b"secret")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        [("host", "evil.example")], [("host", "evil.example:8501")], [("host", "localhost.evil.example")],
        [("host", "127.0.0.1.evil.example")], [("host", "127.0.0.1@evil.example")],
        [("host", "evil.example@127.0.0.1")],
        [("host", "evil.example#127.0.0.1")], [("host", "127.0.0.1:8501:1")], [("host", "127.0.0.1:")],
        [("host", "127.0.0.1:x")], [("host", "127.0.0.1, evil.example")], [("host", "127.0.0.1..")],
        [("host", "127.0.0.1 ")], [("host", "[::2]")], [("host", "[::1")], [("host", "::1")], [("host", "0.0.0.0")],
        [("host", "2130706433")], [("host", "0x7f.1")], [("host", "127.1")], [("host", "")], [],
        [("host", "127.0.0.1"), ("host", "evil.example")], [("host", "evil.example"), ("host", "127.0.0.1")],
        [("host", "127.0.0.1"), ("host", "127.0.0.1")], [("host", "ｌocalhost".encode().decode("latin-1"))],
        [("host", "evil.example"), ("x-forwarded-host", "127.0.0.1")],
    ],
)  # fmt: skip
def test_no_other_name_is(app, path, headers):
    assert raw(app, headers, path=path) == (421, b"")


def test_no_websocket_under_another_name_or_of_another_page(app):
    def ask(*headers):
        return raw(app, headers, kind="websocket", path="/_stcore/stream")[0]

    evil = ("host", "evil.example:8501"), ("origin", "http://evil.example:8501")
    own = ("host", "127.0.0.1:8501")
    assert ask(*evil) == 421
    for origin in (
        "http://evil.example",
        "null",
        "http://127.0.0.1:3000",
        "https://127.0.0.1:8501",
        "http://localhost:8501",
    ):
        assert ask(own, ("origin", origin)) == 404, origin
    assert ask(own, ("origin", OWN), ("origin", "http://evil.example")) == 404
    assert ask(own) == 404
    address = "ws://127.0.0.1:8501/_stcore/stream"
    with page_of(app).websocket_connect(address, headers={"origin": OWN}) as line:
        assert line.receive_text() == "secret"
    with pytest.raises(WebSocketDenialResponse), page_of(app).websocket_connect(address):
        pass


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_what_changes_something_comes_from_its_own_pages(app, method):
    page = page_of(app)
    path = "/component/x"
    assert page.request(method, path, headers={"origin": OWN}).status_code in (200, 405)
    for headers in ({}, {"origin": "http://evil.example"}, {"origin": "null"},
                    {"origin": OWN, "sec-fetch-site": "cross-site"}):  # fmt: skip
        answer = page.request(method, path, headers=headers)
        assert (answer.status_code, answer.content) == (404, b""), headers


def test_a_link_elsewhere_leads_to_a_page_and_nothing_else_does(app):
    page, foreign = page_of(app), {"sec-fetch-site": "cross-site"}
    link = {**foreign, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert page.get("/", headers=link).status_code == 200
    for other in (foreign, {**link, "sec-fetch-dest": "iframe"}, {**foreign, "sec-fetch-mode": "no-cors"},
                  {**link, "origin": "http://evil.example"}):  # fmt: skip
        assert page.get("/media/x.mp4", headers=other).status_code == 404, other
    assert page.post("/", headers={**link, "origin": OWN}).status_code == 404


@pytest.mark.parametrize(
    "path", ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore//metrics", "/base/_stcore/metrics",
             "/_stcore/st-metrics",
             "/_stcore/agent/interact", "/_stcore/agent/openapi.json"]
)  # fmt: skip
def test_figures_and_the_door_for_programs_are_closed(app, path):
    assert raw(app, [("host", "127.0.0.1")], path=path) == (404, b"")


def test_names_of_a_proxy(monkeypatch):
    monkeypatch.setenv(access.HOST_NAMES, "Coach.Example.cn., 教练.example.cn")
    assert {"coach.example.cn", "教练".encode("idna").decode() + ".example.cn", "127.0.0.1"} <= access.own_names()
    app = Starlette(routes=[Route("/", served, methods=["GET", "POST"])], middleware=policy.middleware())
    page = page_of(app, "http://coach.example.cn")
    assert page.get("/").status_code == 200
    assert (
        page.post("/", headers={"origin": "https://coach.example.cn", "x-forwarded-proto": "https"}).status_code == 200
    )
    assert page.post("/", headers={"origin": "http://127.0.0.1"}).status_code == 404
    assert page_of(app, "http://other.example.cn").get("/").status_code == 421


@pytest.mark.parametrize(
    "name", ["https://a.cn", "a.cn:8501", "*", "*.cn", "a b", "a/b", "-a", "a..b", "a@b", "x" * 300]
)
def test_what_is_no_host_name_is_refused(name, monkeypatch):
    monkeypatch.setenv(access.HOST_NAMES, name)
    with pytest.raises(LiyiError, match="is no host name"):
        access.own_names()


def test_an_upload_is_taken_only_where_memory_has_room_for_it(app, monkeypatch):
    monkeypatch.setattr(policy, "room_for_uploads", lambda: 1000)
    page, address = page_of(app), "/_stcore/upload_file/session/file"
    headers = {"origin": OWN}
    assert page.put(address, content=b"x" * 1000, headers=headers).status_code == 200
    assert page.put(address, content=b"x" * 1001, headers=headers).status_code == 413
    assert page.put(address, content=iter([b"x"]), headers=headers).status_code == 411
    assert page.delete(address, headers=headers).status_code == 200


def test_a_client_that_leaves_costs_one_line(lines):
    async def left(request):
        raise ClientDisconnect

    app = Starlette(routes=[Route("/", left)], middleware=policy.middleware())
    assert raw(app, [("host", "127.0.0.1")]) == (None, b"")  # nobody is there to be answered
    assert [line["event"] for line in lines()] == ["client_left"]


def test_a_fault_in_a_route_costs_one_line_and_an_empty_answer(lines):
    async def broken(request):
        raise OverflowError("secret")

    app = Starlette(routes=[Route("/", broken)], middleware=policy.middleware())
    assert raw(app, [("host", "127.0.0.1")]) == (500, b"")
    (line,) = lines()
    assert (line["event"], line["error"]) == ("request_failed", "OverflowError")
    assert "secret" not in json.dumps(line)


def test_a_piece_whose_sender_leaves_costs_one_line(begun, lines, monkeypatch):

    from liyi.ui.live import routes

    app = Starlette(routes=routes.routes(), middleware=policy.middleware())
    id, token = begun
    came = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(came)

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": f"/live/{token}/chunk", "raw_path": b"", "query_string": b"n=0", "root_path": "",
             "headers": [(b"host", b"127.0.0.1:8501"), (b"origin", OWN.encode())], "scheme": "http",
             "server": ("127.0.0.1", 8501), "client": ("127.0.0.1", 1), "method": "POST", "http_version": "1.1",
             "asgi": {"version": "3.0"}}  # fmt: skip
    in_a_thread.run(app(scope, receive, send))
    assert [line["event"] for line in lines()] == ["client_left"]
    assert not list((session.folder(id) / "chunks").iterdir())


def acknowledged_up_to(line) -> None:
    while True:
        line.receive_json()


LIES = [
    '{"type": "check", "brightness": ' + "9" * 4000 + "}",
    '{"type": "calibrated", "start_s": ' + "9" * 4000 + ', "end_s": 1}',
    '{"type": "calibrated", "start_s": NaN, "end_s": Infinity}',
    "[" * 4000,
    '{"type": ' + '{"a":' * 800,
    sound_message(MOST_MESSAGES + 1, 0.0, np.zeros(10)),
    sound_message(2**32 - 1, 0.0, np.zeros(10)),
    sound_message(1, 1e300, np.zeros(10)),
    pose_message(1, [0.0, 1e300], np.zeros((2, 33, 7))),
    struct.pack("<BIHHBB", 2, 1, 640, 480, 1, 200),
]


@pytest.mark.parametrize("lie", LIES, ids=range(len(LIES)))
def test_a_lie_ends_its_line_with_one_line_of_log(client, begun, lines, lie):
    with client.websocket_connect(f"/live/{begun[1]}/socket") as line:
        line.send_bytes(lie) if isinstance(lie, bytes) else line.send_text(lie)
        with pytest.raises(WebSocketDisconnect) as closed:
            acknowledged_up_to(line)
    assert closed.value.code == 1008
    assert [each["event"] for each in lines()] == ["message_refused"]


@pytest.mark.parametrize("value", [3e38, -3e38, 1e-45, np.inf, np.nan])
def test_impossible_landmarks_are_nobody_and_warn_of_nothing(begun, lines, value):
    live = rehearsing.Rehearsing(session.open_session(begun[0]))
    t_s = np.arange(0, 3, 0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        live.take(pose_message(1, t_s, np.full((30, 33, 7), value, dtype=np.float32)))
        live.look()
    assert lines() == []


def test_landmarks_that_a_browser_sends_stay(begun):
    far = np.full((1, 33, 7), -2.5)
    assert np.isfinite(parse(pose_message(1, [0.0], far)).landmarks).all()


def test_a_fault_in_judging_ends_the_hints_with_one_line(begun, lines, monkeypatch):
    live = rehearsing.Rehearsing(session.open_session(begun[0]))

    def broken(camera):
        raise FloatingPointError

    monkeypatch.setattr(live._poses, "seen", broken)
    for seq in (1, 2, 3):
        live.take(pose_message(seq, [seq / 10], np.zeros((1, 33, 7))))
        if live.due:
            assert live.look() == []
    assert live.seq == 3
    assert [line["event"] for line in lines()] == ["hints_failed"]
