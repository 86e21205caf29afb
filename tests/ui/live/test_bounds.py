"""How much a rehearsal may be: pieces by size and count, all of it by bytes and hours, and the room on the disk."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest

from liyi.core.errors import LiyiError
from liyi.ui import jobs, space, workroom
from liyi.ui.live import component, routes, session
from tests.ui.live.conftest import PLAIN

Usage = namedtuple("Usage", "total used free")
PIECE = bytes(1000)


def sent(client, token: str, number: int, content: bytes = PIECE) -> int:
    return client.post(f"/live/{token}/chunk?n={number}", content=content).status_code


def kept(id: str) -> list[str]:
    return sorted(path.name for path in (session.folder(id) / "chunks").iterdir())


@pytest.fixture
def disk(monkeypatch):
    """Sets how much is free on the disk, in bytes."""

    def free(count: float) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(10**12, 10**12 - count, int(count)))

    return free


def test_the_count_of_pieces_is_that_of_the_longest_rehearsal(client, begun):
    id, token = begun
    assert session.MOST_PIECES * jobs.PIECE_S >= session.LONGEST_S
    assert session.MOST_PIECES <= 1.2 * session.LONGEST_S / jobs.PIECE_S
    assert sent(client, token, session.MOST_PIECES) == 413
    assert sent(client, token, 999_999) == 413
    assert sent(client, token, session.MOST_PIECES - 1) == 204
    assert kept(id) == [f"{session.MOST_PIECES - 1:06d}.part"]


def test_the_page_ends_by_itself_at_the_longest(monkeypatch):
    told = {}
    monkeypatch.setattr(component, "_component", lambda **given: told.update(given["data"]))
    component.rehearsal("token", step="practise", lang="zh", camera="front")
    assert told["limit_s"] == session.LONGEST_S == 7200


def test_a_piece_may_have_its_largest_size_and_not_a_byte_more(client, begun, monkeypatch):
    id, token = begun
    monkeypatch.setattr(routes, "LARGEST_CHUNK_BYTES", len(PIECE))
    assert sent(client, token, 0, PIECE + b"x") == 413
    assert kept(id) == []
    assert sent(client, token, 0) == 204
    assert routes.LARGEST_CHUNK_BYTES < session.LARGEST_BYTES


def test_a_rehearsal_may_have_its_largest_size_and_not_a_byte_more(client, begun, monkeypatch):
    id, token = begun
    monkeypatch.setattr(session, "LARGEST_BYTES", 2 * len(PIECE))
    assert [sent(client, token, n) for n in range(3)] == [204, 204, 413]
    assert sent(client, token, 3, b"x") == 413
    assert sent(client, token, 1) == 204  # what was taken before is acknowledged again
    assert kept(id) == ["000000.part", "000001.part"]
    assert client.post(f"/live/{token}/end").status_code == 204


def test_the_bound_is_each_rehearsals_own(client, begun, monkeypatch):
    from tests.ui.live.conftest import begin

    monkeypatch.setattr(session, "LARGEST_BYTES", len(PIECE))
    assert sent(client, begun[1], 0) == 204
    assert sent(client, begin()[1], 0) == 204


def test_nothing_begins_where_the_disk_has_no_room_for_it(monkeypatch, disk):
    monkeypatch.setenv(space.FREE_GB, "2")
    disk(2e9 - 1)
    with pytest.raises(LiyiError, match=r"1\.99 GB free, and 2\.00 GB"):
        session.begin("a" * 32, **PLAIN)
    assert not workroom.folder_of("a" * 32).exists()
    disk(2e9)
    assert session.begin("a" * 32, **PLAIN)


def test_a_disk_that_runs_low_ends_the_pieces_and_not_the_rehearsal(client, begun, monkeypatch, disk):
    id, token = begun
    monkeypatch.setenv(space.FREE_GB, "0.008")  # of which 1 MB stays free
    disk(1e6 + 2 * len(PIECE))
    assert [sent(client, token, n) for n in range(2)] == [204, 204]  # room to join what is there, and these too
    assert sent(client, token, 2) == 507
    disk(0)
    assert sent(client, token, 1) == 204  # there already
    assert sent(client, token, 2) == 507
    assert kept(id) == ["000000.part", "000001.part"]
    assert client.post(f"/live/{token}/end").status_code == 204
    assert session.open_session(id).state == "ended"


def test_an_end_that_cannot_be_noted_is_told_and_can_be_asked_again(client, begun, monkeypatch):
    id, token = begun
    assert sent(client, token, 0) == 204
    write = workroom.write_json

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workroom, "write_json", full)
    assert sent(client, token, 0) == 204
    assert client.post(f"/live/{token}/end").status_code == 507
    assert session.open_session(id).state == "open"
    assert kept(id) == ["000000.part"]
    monkeypatch.setattr(workroom, "write_json", write)
    assert client.post(f"/live/{token}/end").status_code == 204
    assert session.open_session(id).state == "ended"


@pytest.mark.parametrize("text", ["", "x", "-1", "nan", "inf", "1e400"])
def test_a_bound_that_is_no_number_is_the_usual_one(monkeypatch, text):
    monkeypatch.setenv(space.FREE_GB, text)
    assert (space.to_begin_bytes(), space.to_leave_bytes()) == (2_000_000_000, 250_000_000)


def test_an_upload_needs_room_for_itself_twice(monkeypatch, disk):
    monkeypatch.setenv(space.FREE_GB, "0.008")
    disk(1e6 + 200)
    space.check_upload(100)
    with pytest.raises(LiyiError, match="GB free"):
        space.check_upload(101)
