"""A file is written whole or not at all, is on the disk before it is moved, and replaces only what is Liyi's own."""

from __future__ import annotations

import os

import pytest

from liyi.core import atomic
from liyi.core.atomic import ALL_BUT_OWNER, NOBODY, OTHERS, atomic_write, make_scratch_folder, sweep
from liyi.core.errors import LiyiError


def ours(path):
    return path.read_bytes().startswith(b"ours")


def write(path, words=b"ours, new", **options):
    with atomic_write(path, ours, **options) as part:
        part.write_bytes(words)


def test_nothing_an_empty_file_and_ones_own_are_replaced(tmp_path):
    place = tmp_path / "a"
    for before in (None, b"", b"ours, old"):
        if before is not None:
            place.write_bytes(before)
        write(place)
        assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"ours, new")]


def make_file(place):
    place.write_bytes(b"a stranger's")


def make_link(place):
    (place.parent / "elsewhere").write_bytes(b"ours")
    place.symlink_to(place.parent / "elsewhere")


@pytest.mark.parametrize("make", [make_file, make_link, os.mkfifo, os.mkdir, lambda place: place.symlink_to("nowhere")])
def test_anything_else_is_refused_before_the_work_begins(tmp_path, make):
    place = tmp_path / "a"
    make(place)
    before = sorted((each.name, each.lstat().st_ino, each.lstat().st_mtime_ns) for each in tmp_path.iterdir())
    with pytest.raises(LiyiError, match="was not written by Liyi"), atomic_write(place, ours):
        pytest.fail("the work began")
    assert sorted((each.name, each.lstat().st_ino, each.lstat().st_mtime_ns) for each in tmp_path.iterdir()) == before


def test_what_comes_while_the_work_lasts_is_not_replaced_either(tmp_path):
    def late() -> None:
        with atomic_write(tmp_path / "a", ours) as part:
            part.write_bytes(b"ours")
            make_file(tmp_path / "a")

    with pytest.raises(LiyiError, match="was not written by Liyi"):
        late()
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"a stranger's")]


def test_a_test_that_cannot_read_the_file_means_that_it_is_a_strangers(tmp_path):
    (tmp_path / "a").write_bytes(b"\xff")
    with pytest.raises(LiyiError), atomic_write(tmp_path / "a", lambda path: bool(path.read_text("utf-8"))):
        pytest.fail("the work began")


@pytest.mark.parametrize(
    ("barred", "umask", "mode"),
    [(OTHERS, 0, 0o660), (OTHERS, 0o022, 0o640), (ALL_BUT_OWNER, 0, 0o600), (NOBODY, 0o022, 0o644)],
)
def test_modes(tmp_path, barred, umask, mode):
    before = os.umask(umask)
    try:
        write(tmp_path / "a", barred=barred)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == mode


def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_end(tmp_path, monkeypatch):
    done = []
    sync, replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        done.append(os.readlink(f"/proc/self/fd/{descriptor}").removeprefix(str(tmp_path)).rpartition("/")[2])
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", lambda *paths: (done.append("moved"), replace(*paths)))
    write(tmp_path / "a")
    assert done == ["a", "moved", ""]


def left(folder, name=".liyi-4194305-x"):  # above the largest process id
    scratch = make_scratch_folder(folder)
    return scratch.rename(folder / name)


def test_rooms_of_the_dead_are_swept_and_those_of_the_living_stay(tmp_path):
    left(tmp_path)
    mine, named = make_scratch_folder(tmp_path), left(tmp_path, ".liyi-notes")
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([mine, named])
    assert mine.stat().st_mode & 0o777 == 0o700


def test_rooms_of_another_host_and_of_somebody_are_left(tmp_path, monkeypatch):
    somebodys = tmp_path / ".liyi-4194305-notes"
    somebodys.mkdir()
    (somebodys / "notes.txt").write_text("mine")
    monkeypatch.setattr(atomic.socket, "gethostname", lambda: "another")
    theirs = left(tmp_path)
    monkeypatch.undo()
    sweep(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([somebodys, theirs])


def test_a_room_of_before_the_last_start_is_swept_though_its_number_lives_again(tmp_path):
    scratch = make_scratch_folder(tmp_path)
    marker = scratch / atomic.MARKER
    marker.write_text(marker.read_text().partition("\n")[0] + "\nearlier")
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []
