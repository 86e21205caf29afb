"""Files come to a batch in pieces, whatever is cut off meanwhile, and only from whoever may bring them."""

from __future__ import annotations

import errno
import hashlib
import os
import stat

import pytest
from starlette.requests import ClientDisconnect

from liyi.records.operations import batch_bringing, batches
from liyi.ui import people
from liyi.ui.evaluating import bring_routes
from tests import in_a_thread

CONTENT = b"\x1aE\xdf\xa3" + bytes(range(256)) * 40
SIZE = len(CONTENT)


@pytest.fixture
def batch(world):
    from liyi.core.options import Options

    made = batches.add_batch(people.records(), world.viewers["evaluator"], name="b", purpose="training",
                             pack="counter", lang="zh", options=Options())  # fmt: skip
    return made.id


def begin(client, batch, name="a.webm", size=SIZE, **more):
    return client.post(f"/evaluate/{batch}/files", json={"name": name, "size": size, **more})


def send(client, batch, id, at, content):
    return client.put(f"/evaluate/{batch}/files/{id}?at={at}&lang=en", content=content)


def brought(world, batch):
    return batch_bringing.batch_files(people.records(), world.viewers["evaluator"], batch)


def test_a_file_comes_in_pieces_and_is_what_was_sent(world, asking, batch):
    with asking("evaluator") as client:
        told = begin(client, batch, "甲班/a.webm", modified_ms=7).json()
        assert told["name"] == "甲班/a.webm"
        assert (told["received"], told["whole"]) == (0, False)
        first = send(client, batch, told["id"], 0, CONTENT[:6000]).json()
        assert (first["received"], first["whole"]) == (6000, False)
        again = begin(client, batch, "甲班/a.webm", modified_ms=7).json()  # the page was loaded again
        assert (again["id"], again["received"]) == (told["id"], 6000)
        assert send(client, batch, told["id"], 6000, CONTENT[6000:]).json()["whole"]
        assert begin(client, batch, "甲班/a.webm", modified_ms=7).json()["whole"]
        assert [each["name"] for each in client.get(f"/evaluate/{batch}/files").json()["files"]] == ["甲班/a.webm"]
    [file] = brought(world, batch)
    assert file.path.read_bytes() == CONTENT
    assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.path.parent.stat().st_mode) == 0o700


def test_what_begins_elsewhere_is_told_how_much_is_there(asking, batch):
    with asking("evaluator") as client:
        id = begin(client, batch).json()["id"]
        send(client, batch, id, 0, CONTENT[:100])
        for at in (0, 99, 101):
            answer = send(client, batch, id, at, CONTENT[at:])
            assert (answer.status_code, answer.json()["received"]) == (409, 100)
        assert send(client, batch, id, 100, CONTENT[100:]).json()["whole"]


def test_a_file_whose_last_answer_was_lost_is_ended_by_an_empty_piece(world, asking, batch):
    with asking("evaluator") as client:
        id = begin(client, batch).json()["id"]
        [file] = brought(world, batch)
        file.path.write_bytes(CONTENT)  # the server was killed behind the last byte
        told = begin(client, batch).json()
        assert (told["received"], told["whole"]) == (len(CONTENT), False)
        assert send(client, batch, id, len(CONTENT), b"").json()["whole"]


def test_what_came_before_the_line_was_cut_is_kept(world, asking, batch):
    async def cut():
        yield CONTENT[:5000]
        raise ClientDisconnect

    with asking("evaluator") as client:
        id = begin(client, batch).json()["id"]
        [file] = brought(world, batch)
        with pytest.raises(ClientDisconnect):
            in_a_thread.run(bring_routes._write(file, cut()))
        answer = send(client, batch, id, 0, CONTENT)
        assert (answer.status_code, answer.json()["received"]) == (409, 5000)
        assert send(client, batch, id, 5000, CONTENT[5000:]).json()["whole"]
    assert brought(world, batch)[0].sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_more_than_was_said_or_than_a_piece_is_not_taken(world, asking, batch, monkeypatch):
    monkeypatch.setattr(bring_routes, "PIECE_BYTES", 4096)
    with asking("evaluator") as client:
        id = begin(client, batch).json()["id"]
        assert send(client, batch, id, 0, CONTENT).status_code == 413
        small = begin(client, batch, "small.webm", size=100).json()["id"]
        assert send(client, batch, small, 0, CONTENT[:101]).status_code == 413
        assert begin(client, batch, "x" * 9000).status_code == 413
        assert begin(client, batch, size=0).status_code == 409
        assert begin(client, batch, size=10**13).status_code == 409
        assert begin(client, batch, size=-1).status_code == 400
        assert client.post(f"/evaluate/{batch}/files", content=b"[[").status_code == 400
    assert {file.received_bytes for file in brought(world, batch)} <= {0, 100}


def test_what_is_no_recording_is_refused_at_its_first_piece_and_gone(world, asking, batch):
    with asking("evaluator") as client:
        id = begin(client, batch, "letter.webm", size=50_000).json()["id"]
        answer = send(client, batch, id, 0, b"%PDF-1.7 a letter of some pages")
        assert answer.status_code == 415
        assert "letter.webm" in answer.json()["sentence"]
    assert brought(world, batch) == []


def test_another_file_of_the_same_name_is_refused_and_can_be_removed(world, asking, batch):
    with asking("evaluator") as client:
        id = begin(client, batch, modified_ms=1).json()["id"]
        answer = begin(client, batch, modified_ms=2)
        assert answer.status_code == 409
        assert "a.webm" in answer.json()["sentence"]
        [file] = brought(world, batch)
        assert client.delete(f"/evaluate/{batch}/files/{id}").status_code == 204
        assert not file.path.parent.exists()
        assert begin(client, batch, modified_ms=2).status_code == 200


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../../etc/passwd", "etc/passwd"), ("..\\..\\boot.ini", "boot.ini"), ("/srv/a.mp4", "srv/a.mp4"),
     ("a\0b\n.mp4", "a_b_.mp4"), ("....", "recording"), ("C:\\录像\\王 小明.MP4", "C_/录像/王 小明.MP4")],
)  # fmt: skip
def test_no_name_leads_out_of_the_batch(world, asking, batch, name, kept):
    with asking("evaluator") as client:
        assert begin(client, batch, name).json()["name"] == kept
    [file] = brought(world, batch)
    folder = people.records().folder / "batches" / batch.hex / "files"
    assert file.path.parent.parent == folder
    assert file.path.resolve().is_relative_to(folder)


def test_a_full_disk_is_told_and_what_is_there_stays(world, asking, batch, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with asking("evaluator") as client:
        id = begin(client, batch).json()["id"]
        send(client, batch, id, 0, CONTENT[:100])
        with monkeypatch.context() as patch:
            patch.setattr(bring_routes, "_put", full)
            answer = send(client, batch, id, 100, CONTENT[100:])
            assert (answer.status_code, "full" in answer.json()["sentence"]) == (507, True)
        monkeypatch.setenv("LIYI_FREE_GB", "1000000")
        answer = begin(client, batch, "another.webm")
        assert (answer.status_code, "GB" in answer.json()["sentence"]) == (507, True)
        assert [file.name for file in brought(world, batch)] == ["a.webm"]
        answer = send(client, batch, id, 100, CONTENT[100:])  # something else has filled the disk since it was begun
        assert (answer.status_code, "GB" in answer.json()["sentence"]) == (507, True)
        assert brought(world, batch)[0].received_bytes == 100
        monkeypatch.setenv("LIYI_FREE_GB", "0")
        assert send(client, batch, id, 100, CONTENT[100:]).json()["whole"]


@pytest.mark.parametrize("who", [None, "owner", "trainer", "idle_evaluator", "admin", "foreign_admin"])
def test_whoever_has_not_the_batch_gets_nothing(world, asking, batch, who):
    file = batch_bringing.begin_file(
        people.records(), world.viewers["evaluator"], batch, name="a.webm", size_bytes=9, modified_ms=0
    )
    with asking(who) as client:
        answers = [
            begin(client, batch), send(client, batch, file.id, 0, CONTENT[:9]),
            client.delete(f"/evaluate/{batch}/files/{file.id}"), client.get(f"/evaluate/{batch}/files"),
            client.get(f"/evaluate/{batch}/static/bring.mjs"), client.get(f"/evaluate/{batch}/nothing"),
        ]  # fmt: skip
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"")}
    assert [each.received_bytes for each in brought(world, batch)] == [0]


def test_other_pages_and_wrong_addresses_get_nothing(world, asking, batch):
    with asking("evaluator") as client:
        id = begin(client, batch).json()["id"]
        elsewhere = {"origin": "http://elsewhere", "sec-fetch-site": "cross-site"}
        other = world.ids["batch"]
        answers = [
            client.put(f"/evaluate/{batch}/files/{id}?at=0", content=CONTENT, headers=elsewhere),
            client.delete(f"/evaluate/{batch}/files/{id}", headers=elsewhere),
            send(client, other, id, 0, CONTENT), client.delete(f"/evaluate/{other}/files/{id}"),
            send(client, batch, "0" * 32, 0, CONTENT), send(client, batch, id, "-1", CONTENT),
            send(client, batch, id, "", CONTENT), client.get(f"/evaluate/{batch}/static/bring_routes.py"),
            client.get(f"/evaluate/{batch}/static/..%2Fbring_routes.py"),
        ]  # fmt: skip
        del client.headers["origin"]  # what changes something says where it comes from
        answers.append(send(client, batch, id, 0, CONTENT))
        assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"")}
        for name in ("bring.mjs", "uploads.mjs", "gathering.mjs", "dom.mjs"):
            assert client.get(f"/evaluate/{batch}/static/{name}").headers["content-type"].startswith("text/javascript")


def test_a_batch_that_waits_takes_nothing(world, asking, batch):
    store, who = people.records(), world.viewers["evaluator"]
    with asking("evaluator") as client:
        id = begin(client, batch).json()["id"]
        batch_bringing.set_lines(store, who, batch, [{"file": "a.webm"}])
        batch_bringing.queue_batch(store, who, batch)
        answers = [begin(client, batch, "b.webm"), send(client, batch, id, 0, CONTENT),
                   client.delete(f"/evaluate/{batch}/files/{id}")]  # fmt: skip
        assert [answer.status_code for answer in answers] == [409] * 3
        assert all("sentence" in answer.json() for answer in answers)
