"""Nothing is served to whoever may not have it; pieces are kept whole and once."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import time

import numpy as np
import pytest
from filelock import FileLock
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from liyi.core.atomic import make_scratch_folder
from liyi.core.errors import LiyiError
from liyi.modelfiles import registry
from liyi.records.operations import deletion, recordings
from liyi.records.schema import Kind
from liyi.ui import people, replay, slots
from liyi.ui.live import access, rehearsing, routes, session
from liyi.ui.live.messages import LARGEST_BYTES
from tests.ui.live.conftest import begin
from tests.ui.live.simulated import sound_message

CONTENT = b"\x1aE\xdf\xa3" + bytes(range(96))
QUIET = np.zeros(4000)


def wrong_tokens(token: str) -> list[str]:
    return ["x", "A" * 43, token[:-1], token + "A", token.swapcase(), "%00" * 5]


def calls(client, token):
    yield client.get(f"/live/{token}/files/camera.mjs")
    yield client.get(f"/live/{token}/recording")
    yield client.post(f"/live/{token}/chunk?n=0", content=b"piece")
    yield client.post(f"/live/{token}/discard?before=9")
    yield client.post(f"/live/{token}/end")


def test_wrong_tokens_open_nothing(client, begun):
    id, token = begun
    for wrong in wrong_tokens(token):
        for answer in calls(client, wrong):
            assert (answer.status_code, answer.content) == (404, b""), answer.url
        with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(f"/live/{wrong}/socket"):
            pass
        assert refused.value.status_code == 404
    assert session.open_session(id).state == "open"
    assert not list((session.folder(id) / "chunks").iterdir())


@pytest.mark.parametrize("path", ["/live", "/live/", "/live//files/camera.mjs", "/live//chunk", "/live/a/b/c"])
def test_no_token_at_all_opens_nothing(client, path):
    for method in ("GET", "POST"):
        answer = client.request(method, path, follow_redirects=False)
        assert answer.status_code in (307, 404)
        assert answer.content == b""


def test_old_and_replaced_tokens_open_nothing(client, begun, monkeypatch):
    id, token = begun
    assert client.get(f"/live/{token}/files/camera.mjs").status_code == 200
    before = (session.folder(id) / "session.json").read_bytes()
    fresh = session.offer_token(id)
    assert client.get(f"/live/{fresh}/files/camera.mjs").status_code == 200
    assert client.get(f"/live/{token}/files/camera.mjs").status_code == 200  # nobody goes on with the new one yet
    assert (session.folder(id) / "session.json").read_bytes() == before
    assert client.post(f"/live/{fresh}/chunk?n=0", content=b"piece").status_code == 204
    assert client.get(f"/live/{token}/files/camera.mjs").status_code == 404
    assert client.get(f"/live/{fresh}/files/camera.mjs").status_code == 200
    later = time.time() + access.VALID_S + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get(f"/live/{fresh}/files/camera.mjs").status_code == 404


def test_an_offered_token_opens_nothing_when_it_is_old_or_the_rehearsal_is_over(client, begun, monkeypatch):
    id, _ = begun
    offered = session.offer_token(id)
    assert client.get(f"/live/{offered}/files/camera.mjs").status_code == 200
    with monkeypatch.context() as patch:
        later = time.time() + access.VALID_S + 1
        patch.setattr(time, "time", lambda: later)
        assert client.get(f"/live/{offered}/files/camera.mjs").status_code == 404
        assert client.post(f"/live/{offered}/chunk?n=0", content=b"piece").status_code == 404
    again = session.offer_token(id)
    session.end(id)
    assert client.get(f"/live/{again}/files/camera.mjs").status_code == 404
    assert client.post(f"/live/{again}/chunk?n=0", content=b"piece").status_code == 404


def test_an_offered_token_outlives_a_full_disk(client, begun, monkeypatch):
    id, _ = begun
    offered = session.offer_token(id)
    with monkeypatch.context() as patch:
        patch.setattr(session, "_write", lambda session: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(LiyiError):
            session.take_over(offered)
    assert client.post(f"/live/{offered}/chunk?n=0", content=b"piece").status_code == 204


def test_what_has_arrived_is_counted_in_pieces(begun):
    id, _ = begun
    session.chunk_path(id, 0).write_bytes(b"piece")
    make_scratch_folder(session.folder(id) / "chunks")  # of a piece that is just being written
    assert session.recorded_bytes(id) == len(b"piece")


def test_a_token_that_was_taken_over_outlives_a_restart(client, begun, restart):
    id, _ = begun
    offered = session.offer_token(id)
    assert client.post(f"/live/{offered}/chunk?n=0", content=b"piece").status_code == 204
    restart()
    assert client.post(f"/live/{offered}/chunk?n=1", content=b"piece").status_code == 204


def test_a_token_opens_its_own_rehearsal_only(client, begun):
    (id, _), (other_id, other) = begun, begin()
    assert client.post(f"/live/{other}/chunk?n=0", content=b"theirs").status_code == 204
    assert not session.chunk_path(id, 0).exists()
    assert session.chunk_path(other_id, 0).read_bytes() == b"theirs"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver:81"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_other_origins_get_nothing(client, begun, headers):
    _, token = begun
    watch = replay.grant(kept("窗口.webm"))
    assert client.get(f"/live/{watch}/recording").content == CONTENT
    client.headers.update(headers)
    assert client.get(f"/live/{watch}/recording").status_code == 404
    for answer in calls(client, token):
        assert (answer.status_code, answer.content) == (404, b""), answer.url
    with pytest.raises(WebSocketDenialResponse), client.websocket_connect(f"/live/{token}/socket"):
        pass


def test_what_changes_something_must_name_its_origin(client, begun):
    del client.headers["origin"]
    assert client.get(f"/live/{begun[1]}/files/camera.mjs").status_code == 200
    assert client.post(f"/live/{begun[1]}/chunk?n=0", content=b"piece").status_code == 404
    with pytest.raises(WebSocketDenialResponse), client.websocket_connect(f"/live/{begun[1]}/socket"):
        pass


def test_behind_a_proxy_with_https_its_pages_are_ours(client, begun):
    headers = {"origin": "https://testserver", "x-forwarded-proto": "https"}
    assert client.post(f"/live/{begun[1]}/chunk?n=0", content=b"piece", headers=headers).status_code == 204


@pytest.mark.parametrize(
    "name",
    [
        "..%2fsession.py", "%2e%2e%2froutes.py", "..", ".", "%2fetc%2fpasswd", "component.py", "session.json",
        "..%5c..%5cpyproject.toml", "static%2fcamera.mjs", "camera.mjs%00.css", "whisper_base", "CAMERA.MJS",
    ],
)  # fmt: skip
def test_only_named_files_are_served(client, begun, name):
    answer = client.get(f"/live/{begun[1]}/files/{name}")
    assert (answer.status_code, answer.content) == (404, b"")


def test_files_have_their_types_and_stay_in_the_cache(client, begun, tmp_path, monkeypatch):
    wasm = registry.ModelFile("vision_wasm_internal.wasm", hashlib.sha256(b"\0asm").hexdigest(), 4, (), "join")
    runtime = registry.Model("vision_runtime", "", "", "", (wasm,), "live")
    monkeypatch.setattr(registry, "registry", lambda: {"vision_runtime": runtime})
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    (tmp_path / wasm.path).write_bytes(b"\0asm")
    types = {"camera.mjs": "text/javascript", wasm.path: "application/wasm"}
    for name, kind in types.items():
        answer = client.get(f"/live/{begun[1]}/files/{name}")
        assert answer.headers["content-type"].split(";")[0] == kind
        assert "immutable" in answer.headers["cache-control"]
    assert client.get(f"/live/{begun[1]}/files/vision_bundle.mjs").status_code == 404  # named, but not on this machine
    (tmp_path / wasm.path).write_bytes(b"\1asm")  # of the right size, and damaged
    assert client.get(f"/live/{begun[1]}/files/{wasm.path}").status_code == 404


def test_a_piece_sent_again_is_kept_once_and_another_never_replaces_it(client, begun):
    id, token = begun
    url = f"/live/{token}/chunk?n=3&type=video/webm"
    assert [client.post(url, content=b"piece").status_code for _ in range(2)] == [204, 204]
    assert client.post(url, content=b"other").status_code == 409
    assert session.chunk_path(id, 3).read_bytes() == b"piece"


def test_a_piece_that_cannot_be_written_leaves_nothing(client, begun, monkeypatch):
    id, token = begun

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert client.post(f"/live/{token}/chunk?n=0", content=b"piece").status_code == 507
    assert not list((session.folder(id) / "chunks").iterdir())


def test_pieces_too_large_empty_or_without_a_number_are_refused(client, begun, monkeypatch):
    id, token = begun
    monkeypatch.setattr(routes, "LARGEST_CHUNK_BYTES", 1000)
    assert client.post(f"/live/{token}/chunk?n=0", content=b"x" * 1001).status_code == 413
    assert client.post(f"/live/{token}/chunk?n=0", content=b"").status_code == 400
    for n in ("", "-1", "1e3", "../../x", "1234567", "١"):
        assert client.post(f"/live/{token}/chunk", params={"n": n}, content=b"x").status_code == 404, n
    assert not list((session.folder(id) / "chunks").iterdir())


def test_after_the_end_nothing_more_is_taken(client, begun):
    token = begun[1]
    client.post(f"/live/{token}/chunk?n=0", content=b"piece")
    assert client.get(f"/live/{token}/recording").status_code == 404
    assert client.post(f"/live/{token}/end").status_code == 204
    assert client.post(f"/live/{token}/end").status_code == 404
    assert client.post(f"/live/{token}/chunk?n=1", content=b"late").status_code == 404
    with pytest.raises(WebSocketDenialResponse), client.websocket_connect(f"/live/{token}/socket"):
        pass


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rehearsal", "video/webm"),
        ("窗口.mp4", "video/mp4"),
        ("a.wav", "audio/x-wav"),
        ("a.html", "application/octet-stream"),
    ],
)
def test_a_recording_is_served_in_ranges_with_a_harmless_type(client, name, kind):
    answer = client.get(f"/live/{replay.grant(kept(name))}/recording", headers={"range": "bytes=10-19"})
    assert (answer.status_code, answer.content) == (206, CONTENT[10:20])
    assert answer.headers["content-type"] == kind


def test_a_replay_ends_with_the_day_and_with_the_recording(client, begun, monkeypatch):
    id = kept("a.webm")
    token, other = replay.grant(id), replay.grant(id)
    assert client.get(f"/live/{token}/files/camera.mjs").status_code == 404
    assert client.get(f"/live/{begun[1]}/recording").status_code == 404
    deletion.discard(people.records(), people.viewer(), id)
    assert client.get(f"/live/{token}/recording").status_code == 404
    deletion.take_back(people.records(), people.viewer(), id)
    assert client.get(f"/live/{token}/recording").status_code == 200
    later = time.time() + access.VALID_S + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get(f"/live/{other}/recording").status_code == 404


def kept(name: str) -> str:
    people.agree("I agree.", version="1")
    store, who = people.records(), people.viewer()
    return recordings.keep_recording(store, who, io.BytesIO(CONTENT), name=name, kind=Kind.upload).id.hex


def acknowledged(line) -> int:
    while True:
        message = line.receive_json()
        if message["type"] == "ack":
            return message["seq"]


def acknowledged_up_to(line, seq: float) -> None:
    while acknowledged(line) < seq:
        pass


def test_the_socket_says_what_it_holds_and_goes_on_after_a_cut(client, begun):
    url = f"/live/{begun[1]}/socket"
    with client.websocket_connect(url) as line:
        assert acknowledged(line) == 0
        for seq in (1, 2, 2, 1, 3):
            line.send_bytes(sound_message(seq, 0.25 * seq, QUIET))
        assert acknowledged(line) == 3
    with client.websocket_connect(url) as line:
        assert acknowledged(line) == 3


def test_a_restarted_server_goes_on_from_disk(client, begun, restart):
    id, token = begun
    with client.websocket_connect(f"/live/{token}/socket") as line:
        line.send_json({"type": "calibrated", "start_s": 1.0, "end_s": 7.0})
        line.send_bytes(sound_message(1, 0.0, QUIET))
        acknowledged_up_to(line, 1)
    client.post(f"/live/{token}/chunk?n=0", content=b"piece")
    restart()
    with client.websocket_connect(f"/live/{token}/socket") as line:
        assert acknowledged(line) == 0
        line.send_bytes(sound_message(41, 10.0, QUIET))  # what was taken before the restart is not sent again
        assert acknowledged(line) == 41
    assert client.post(f"/live/{token}/chunk?n=1", content=b"next").status_code == 204
    kept = session.open_session(id).options.calibration
    assert (kept.start_s, kept.end_s) == (1.0, 7.0)
    assert [path.read_bytes() for path in sorted((session.folder(id) / "chunks").iterdir())] == [b"piece", b"next"]


@pytest.mark.parametrize(
    "message",
    [
        b"\x01", b"\x03\x01\x00\x00\x00", b"\x01\x00\x00\x00\x00" + bytes(8), bytes(LARGEST_BYTES + 1),
        sound_message(1, float("nan"), QUIET), sound_message(1, 0.0, np.zeros(40_000)),
        b"\x02\x01\x00\x00\x00" + bytes(6),
        "no JSON", "[]", '{"type": "calibrated", "start_s": 5, "end_s": 1}', '{"type": "check"}', "x" * 5000,
    ],
)  # fmt: skip
def test_a_malformed_or_oversize_message_ends_the_line_and_nothing_else(client, begun, message):
    with client.websocket_connect(f"/live/{begun[1]}/socket") as line:
        line.send_bytes(message) if isinstance(message, bytes) else line.send_text(message)
        with pytest.raises(WebSocketDisconnect) as closed:
            acknowledged_up_to(line, float("inf"))
    assert closed.value.code in (1008, 1009)
    with client.websocket_connect(f"/live/{begun[1]}/socket") as line:
        assert acknowledged(line) == 0


def test_only_the_digest_of_a_token_is_kept(begun):
    id, token = begun
    assert token not in (session.folder(id) / "session.json").read_text(encoding="utf-8")


def test_every_answer_forbids_other_hosts(client, begun):
    for path in (f"/live/{begun[1]}/files/camera.mjs", "/live/nobody", "/"):
        policy = client.get(path).headers["content-security-policy"]
        allowed = {word for part in policy.split(";") for word in part.split()[1:]}
        assert not {word for word in allowed if "://" in word} - {"ws://testserver", "wss://testserver"}
        assert not allowed & {"*", "ws:", "wss:", "http:", "https:"}
        assert "default-src 'self'" in policy


def test_pieces_of_a_bad_calibration_are_dropped(client, begun):
    id, token = begun
    for n in range(4):
        assert client.post(f"/live/{token}/chunk?n={n}", content=CONTENT).status_code == 204
    for number in ("", "-1", "x", "1" * 7):
        assert client.post(f"/live/{token}/discard?before={number}").status_code == 404
    for _ in range(2):  # it may be asked again after a cut
        assert client.post(f"/live/{token}/discard?before=3").status_code == 204
    assert [path.name for path in (session.folder(id) / "chunks").iterdir()] == ["000003.part"]
    session.end(id)
    assert client.post(f"/live/{token}/discard?before=9").status_code == 404


def heard_out(line):
    """What comes until the line ends."""
    while True:
        line.receive_json()


def test_a_page_that_goes_on_with_it_ends_the_line_of_the_one_before(client, begun):
    id, token = begun
    with client.websocket_connect(f"/live/{token}/socket") as before:
        before.send_bytes(sound_message(1, 0.0, QUIET))
        assert rehearsing.is_on_a_page(id)
        fresh = session.offer_token(id)
        with client.websocket_connect(f"/live/{fresh}/socket") as after:
            after.send_bytes(sound_message(2, 1.0, QUIET))
            before.send_bytes(sound_message(3, 2.0, QUIET))
            with pytest.raises(WebSocketDisconnect):
                heard_out(before)
            assert rehearsing.is_on_a_page(id)
    assert not rehearsing.is_on_a_page(id)


def test_a_second_server_on_the_same_data_waits_its_turn_or_says_so(begun, monkeypatch):
    """Its lock is another one of the same file, as another process has it."""
    id, _ = begun
    monkeypatch.setattr(session, "_WAIT_S", 0.05)
    with FileLock(slots.folder() / "sessions.lock"), pytest.raises(LiyiError, match="Another server"):
        session.end(id)
    assert session.open_session(id).state == "open"
    session.end(id)
    assert session.open_session(id).state == "ended"
