"""Nothing is answered to who is not signed in, whatever is asked for; and nothing of somebody else's."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import WebSocketDenialResponse
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.media_file_storage import MediaFileKind
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from liyi.records import sessions
from liyi.records.operations import accounts, consent, recordings
from liyi.records.operations import people as persons
from liyi.records.schema import Kind, Role, now
from liyi.ui import copies, people, replay
from liyi.ui.live import drilling, routes, session
from liyi.ui.pages import all_pages
from liyi.ui.sign_in import gate, media_owners
from tests.ui.live.conftest import PLAIN
from tests.ui.sign_in.conftest import SERVER

PATHS = (
    "/", *(f"/{page.address}" for page in all_pages()), "/_stcore/health", "/_stcore/host-config", "/_stcore/stream",
    "/_stcore/upload_file/a/b", "/media/0.mp4", "/static/index.js", "/component/a/b", "/shell.mjs", "/seal.svg",
    "/auth/login", "/auth/logout", "/oauth2callback", "/live/a/report", "/sign-in/x/y", "/sign-in-too", "//sign-in",
    "/SIGN-IN", "/sign-in%2f..", "/anything",
)  # fmt: skip
SOCKETS = ("/_stcore/stream", "/live/a/socket", "/sign-in", "/anything")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def old_tokens(unit) -> dict[str, str]:
    """Tokens of sessions that are over, in every way in which one can be."""
    store = people.records()
    found = {name: sessions.begin(store, unit.wang) for name in ("ended", "idle", "old")}
    sessions.end(store, sessions.find(store, found["ended"]))
    with store.writing() as rows:
        for name, column, ago in (("idle", "seen_at", timedelta(minutes=61)), ("old", "begun_at", timedelta(hours=13))):
            row = rows.get(sessions.SignInSession, sessions._digest(found[name]))
            setattr(row, column, now() - ago)
    gone = persons.add_person(store, unit.admin, name="Gone", account=uuid4().hex)
    found["left"] = sessions.begin(store, type(unit.wang)(gone.id, gone.organisation_id))
    persons.end_person(store, unit.admin, gone.id)
    assert sessions.find(store, sessions.begin(store, unit.wang)) is not None
    return found | {"none": "", "wrong": "A" * 43, "malformed": "x", "digest": sessions._digest(found["ended"])}


def refused_sockets(page, paths=SOCKETS) -> None:
    for path in paths:
        with pytest.raises(WebSocketDenialResponse) as refused, page.websocket_connect(path):
            pass
        assert refused.value.status_code == 404


def test_without_a_session_that_goes_on_nothing_is_answered(anything, unit):
    for name, token in old_tokens(unit).items():
        anything.cookies.clear()
        if token:
            anything.cookies.set(people.COOKIE, token)
        for path in PATHS if name == "none" else PATHS[::9]:
            for method in METHODS if name == "none" and path == "/" else ("GET", "POST"):
                answer = anything.request(method, path)
                assert (answer.status_code, answer.content) == (404, b""), (name, method, path)
        refused_sockets(anything, SOCKETS if name == "none" else SOCKETS[:1])


def test_who_is_signed_in_is_let_in(anything, unit):
    anything.cookies.set(people.COOKIE, sessions.begin(people.records(), unit.wang))
    closed = ("/auth/login", "/auth/logout", "/oauth2callback", "/media/0.mp4")
    for path in PATHS:
        assert anything.get(path).status_code == (404 if path in closed else 200), path
    for path in SOCKETS[:2]:
        with anything.websocket_connect(path) as line:
            line.send_text("a")
            assert line.receive_text() == "a"


def test_a_session_is_no_use_on_another_host_or_from_another_origin(anything, unit):
    anything.cookies.set(people.COOKIE, sessions.begin(people.records(), unit.wang))
    for path in (*PATHS, "/sign-in", "/sign-in/account"):
        assert anything.get(path, headers={"host": "evil.example"}).status_code == 421
        assert anything.get(path, headers={"origin": "http://evil.example"}).status_code == 404
        assert anything.post(path, headers={"origin": "http://evil.example"}).status_code == 404
    for header in ({"origin": "http://evil.example"}, {"host": "evil.example"}):
        with pytest.raises(WebSocketDenialResponse), anything.websocket_connect("/_stcore/stream", headers=header):
            pass


def test_without_sign_in_everything_passes(anything, monkeypatch):
    monkeypatch.setenv(people.TEAM, "0")
    for path in PATHS:
        assert anything.get(path).text == "behind the gate"
    assert people.viewer() == people.sign_in.ALONE
    assert people.roles() == {people.SOLO, "trainee", "evaluator"}


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [("/progress?x=1&lang=en", "/progress?x=1&lang=en"), ("/", None), ("/nowhere", None), ("/live/a/report", None),
     ("//evil.example/progress", None)],
)  # fmt: skip
def test_who_asks_for_a_page_is_led_to_sign_in_and_back_to_pages_alone(anything, asked, wanted):
    answer = anything.get(f"{SERVER}{asked}", headers={"accept": "text/html", "sec-fetch-dest": "document"})
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert (address.netloc, address.path) == ("", "/sign-in")
    assert parse_qs(address.query).get("next", [None]) == [wanted]


def test_only_the_form_of_signing_in_is_open(client, unit):
    declared = {route.path for route in routes.routes() if isinstance(route, Route | WebSocketRoute)}
    assert declared
    for path in declared:
        path = path.replace("{token}", "a" * 43).replace("{name}", "camera.mjs").replace("{rest:path}", "x")
        for method in METHODS:
            assert client.request(method, path).status_code == 404, path
    assert client.get("/sign-in").status_code == client.get("/sign-in/code").status_code == 200
    for path in ("/sign-in/password", "/sign-in/everywhere"):
        assert client.post(path, data={"new": "x"}).status_code == 404
    assert client.get("/sign-in/account").headers["location"] == "/sign-in"


# Somebody else's


def test_a_file_of_a_page_is_for_the_person_for_whom_it_was_made(anything, unit):
    """Streamlit gives it to whoever knows its address, which is a checksum of its content."""
    media_owners.bind()
    storage = MemoryMediaFileStorage("/media")
    with people.acting(unit.wang):
        id = storage.load_and_get_id(b"report", "text/html", MediaFileKind.DOWNLOADABLE, "a.html")
    token = media_owners.asking.set(unit.zhang)  # a button pressed in a page, whose file is made in its socket's task
    other = storage.load_and_get_id(b"other", "text/html", MediaFileKind.DOWNLOADABLE, "b.html")
    media_owners.asking.reset(token)
    for who, seen in ((unit.wang, {id}), (unit.zhang, {other})):
        anything.cookies.clear()
        anything.cookies.set(people.COOKIE, sessions.begin(people.records(), who))
        answers = {each: anything.get(f"/media/{each}.html").status_code for each in (id, other, "0" * 40)}
        assert {each for each, status in answers.items() if status == 200} == seen
        shown = [anything.get(f"/media/{each}.html").headers.get("cache-control") for each in seen]
        assert shown == ["no-store"]  # who signs in next at this machine finds nothing of it
        assert anything.get("/deeper/media/abc.html").status_code == 404
        assert anything.get("/static/media/font.woff2").status_code == 200  # Streamlit's own


@pytest.fixture
def held(unit):
    """Addresses of what is Wang's, each with how it is asked for."""
    store, text = people.records(), "ab" * 32
    consent.give_consent(store, unit.wang, version="1", text_sha256=text)
    with people.acting(unit.wang):
        row = recordings.open_recording(store, unit.wang, name="a.mp4", kind=Kind.rehearsal)
        token = session.begin(row.id.hex, **PLAIN)
        offered = session.offer_token(row.id.hex)
        copy, play = copies.grant(), replay.grant(row.id.hex)
        drill = drilling.begin("level_shoulders", lang="zh")
    return {
        f"/live/{token}/files/camera.mjs": "GET", f"/live/{token}/chunk?n=0": "POST", f"/live/{copy}/copy": "GET",
        f"/live/{offered}/files/camera.mjs": "GET", f"/live/{token}/discard?before=0": "POST",
        f"/live/{drill}/files/camera.mjs": "GET", f"/live/{play}/report": "GET", f"/live/{token}/end": "POST",
    }, (f"/live/{drill}/socket", f"/live/{token}/socket"), row.id.hex  # fmt: skip


def test_tokens_of_a_page_open_nothing_to_somebody_else(client, unit, held):
    asked, sockets, id = held
    client.cookies.set(people.COOKIE, sessions.begin(people.records(), unit.zhang))
    for path, method in asked.items():
        answer = client.request(method, path, content=b"piece" if method == "POST" else None)
        assert (answer.status_code, answer.content) == (404, b""), path
    refused_sockets(client, sockets)
    assert session.open_session(id).state == "open"
    assert not list((session.folder(id) / "chunks").glob("*.part"))
    client.cookies.clear()
    client.cookies.set(people.COOKIE, sessions.begin(people.records(), unit.wang))
    for path, method in asked.items():
        answer = client.request(method, path, content=b"piece" if method == "POST" else None)
        assert answer.status_code in (200, 204), path


def test_a_live_line_is_cut_when_its_session_ends_and_a_page_says_so_itself(anything, unit, monkeypatch):
    monkeypatch.setattr(gate, "_LOOK_EVERY_S", 0.0)
    for path, goes_on in (("/live/a/socket", False), ("/_stcore/stream", True)):
        anything.cookies.clear()
        anything.cookies.set(people.COOKIE, sessions.begin(people.records(), unit.wang))
        with anything.websocket_connect(path) as line:
            line.send_text("a")
            assert line.receive_text() == "a"
            accounts.end_sessions(people.records(), unit.admin, unit.wang.person_id)
            line.send_text("b")
            told = line.receive()
        assert (told.get("text"), told.get("code")) == (("b", None) if goes_on else (None, 1008))


def test_a_rehearsal_that_goes_on_keeps_its_session_and_a_page_that_draws_itself_does_not(anything, unit, monkeypatch):
    monkeypatch.setattr(gate, "_LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(gate, "_SEEN_EVERY_S", 0.0)
    store, drawn = people.records(), BackMsg()
    drawn.rerun_script.is_auto_rerun = True
    for path, kept in (("/live/a/socket", True), ("/_stcore/stream", False)):
        token = sessions.begin(store, unit.wang)
        anything.cookies.clear()
        anything.cookies.set(people.COOKIE, token)
        with anything.websocket_connect(path) as line:
            with store.writing() as rows:
                rows.get(sessions.SignInSession, sessions._digest(token)).seen_at = now() - timedelta(minutes=50)
            if kept:
                line.send_text("a")
                line.receive_text()
            else:
                line.send_bytes(drawn.SerializeToString())
        assert (sessions.find(store, token).seen_at > now() - timedelta(minutes=1)) is kept


def test_what_works_by_itself_acts_for_the_owner(unit, held):
    assert people.owner_of(held[2]) == unit.wang
    with people.acting_for_owner(held[2]):
        assert people.viewer() == unit.wang
    with pytest.raises(people.SignedOut):
        people.viewer()
    assert people.owns(unit.wang, held[2])
    assert not people.owns(unit.zhang, held[2])
    assert not people.owns(unit.wang, uuid4().hex)


def test_roles_are_those_of_who_acts(unit):
    with people.acting(unit.admin):
        assert people.roles() == {"admin"}
    with people.acting(unit.wang):
        assert people.roles() == {Role.trainee}


def test_what_draws_itself_anew_is_no_act():
    def message(**told) -> dict[str, bytes]:
        sent = BackMsg()
        sent.rerun_script.SetInParent()
        for name, value in told.items():
            setattr(sent.rerun_script, name, value)
        return {"bytes": sent.SerializeToString()}

    assert gate._is_act(message())
    assert not gate._is_act(message(is_auto_rerun=True, fragment_id="a"))
    assert not gate._is_act({"bytes": b"\xff\xff"})
    assert not gate._is_act({"text": "a"})
