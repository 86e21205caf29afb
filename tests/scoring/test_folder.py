"""Results are whole or not there, and never mistaken for another run's."""

from __future__ import annotations

import errno
import hashlib
import json
import os

import pytest

from liyi.core.atomic import make_scratch_folder
from liyi.core.errors import LiyiError
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT, result_file, results_in
from liyi.scoring.ownership import place_results


def mine(path):
    return path.read_text() in ("old", "new")


def test_a_file_appears_whole(tmp_path):
    with result_file(tmp_path / "a.json", mine) as part:
        part.write_text("new")
        assert not (tmp_path / "a.json").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_broken_write_leaves_the_old_file_and_no_scrap(tmp_path):
    (tmp_path / "a.json").write_text("old")

    def break_off() -> None:
        with result_file(tmp_path / "a.json", mine) as part:
            part.write_text("half")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        break_off()
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "is full"), (errno.EACCES, "cannot be written")])
def test_a_refusal_of_the_system_is_one_sentence(tmp_path, monkeypatch, code, words):
    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(LiyiError, match=words) as caught, result_file(tmp_path / "a.json", mine) as part:
        part.write_text("new")
    assert str(tmp_path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


MINE, OTHER = "a" * 64, "b" * 64
PAGE = '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="generator" content="Liyi">\n'


def fill(folder, recording=MINE, words="old"):
    """A folder with results of ``recording`` and a file of the user's."""
    folder.mkdir(exist_ok=True)
    (folder / ASSESSMENT).write_text(json.dumps({"recording": {"sha256": recording}, "words": words}))
    (folder / MEASURES).write_bytes(b"PAR1" + words.encode())  # cut short: whole ones are in test_ownership.py
    (folder / REPORT).write_text(PAGE + words)
    (folder / "notes.txt").write_text(words)
    return state(folder)


def state(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write(scratch, words="new"):
    for name in (ASSESSMENT, MEASURES, REPORT):
        (scratch / name).write_text(words)


def test_results_of_an_earlier_run_are_replaced_at_the_end_and_other_files_stay(tmp_path):
    before = fill(tmp_path)
    with results_in(tmp_path, MINE) as scratch:
        write(scratch)
        assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
    assert state(tmp_path) == dict.fromkeys((ASSESSMENT, MEASURES, REPORT), b"new") | {"notes.txt": b"old"}


def test_a_report_of_the_run_before_does_not_stay_beside_new_results(tmp_path):
    fill(tmp_path)
    with results_in(tmp_path, MINE) as scratch:
        (scratch / ASSESSMENT).write_text("new")
        (scratch / MEASURES).write_text("new")
    assert not (tmp_path / REPORT).exists()


@pytest.mark.parametrize("fault", [KeyboardInterrupt, LiyiError("unreadable"), OSError(errno.ENOSPC, "full")])
def test_whatever_ends_a_run_leaves_what_stood_there(tmp_path, fault):
    before = fill(tmp_path)

    def run() -> None:
        with results_in(tmp_path, MINE) as scratch:
            write(scratch)
            raise fault

    with pytest.raises(type(fault) if isinstance(fault, Exception) else fault):
        run()
    assert state(tmp_path) == before


def test_a_disk_that_is_full_at_the_swap_is_one_sentence(tmp_path, monkeypatch):
    before = fill(tmp_path)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(LiyiError, match="is full"), results_in(tmp_path, MINE) as scratch:
        write(scratch)
    assert state(tmp_path) == before


@pytest.mark.parametrize("there", [ASSESSMENT, MEASURES, REPORT])
def test_a_strangers_file_is_not_overwritten(tmp_path, there):
    (tmp_path / there).write_text("mine")
    with pytest.raises(LiyiError, match="cannot be told"), results_in(tmp_path, MINE):
        pytest.fail("the work began")
    assert state(tmp_path) == {there: b"mine"}


def test_a_folder_belongs_to_one_recording(tmp_path):
    before = fill(tmp_path, OTHER)
    with pytest.raises(LiyiError, match="another recording"), results_in(tmp_path, MINE):
        pytest.fail("the work began")
    assert state(tmp_path) == before


def test_another_recording_of_the_same_name_gets_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for at, content in enumerate((b"one", b"two", b"three")):
        (tmp_path / str(at)).mkdir()
        recording = tmp_path / str(at) / "f.mp4"
        recording.write_bytes(content)
        folder = place_results(recording, None, "en")[0]
        assert folder.name == ("f.liyi" if at == 0 else f"f-{at + 1}.liyi")
        fill(folder, hashlib.sha256(content).hexdigest())
        assert place_results(recording, None, "en")[0] == folder
    assert place_results(tmp_path / "nowhere" / "f.mp4", None, "en")[0].name == "f.liyi"


@pytest.mark.parametrize(("umask", "folder", "file"), [(0, 0o770, 0o660), (0o022, 0o750, 0o640), (0o077, 0o700, 0o600)])
def test_others_read_no_results(tmp_path, umask, folder, file):
    before = os.umask(umask)
    try:
        with results_in(tmp_path / "deep" / "out", MINE) as scratch:
            write(scratch)
        with result_file(tmp_path / "deep" / "table.csv", mine) as part:
            part.write_text("x")
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "deep").rglob("*") if path.is_file()}
    assert modes == {file}
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "deep", tmp_path / "deep" / "out")} == {folder}


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path):
    for pid in (4194305, os.getppid()):  # above the largest pid; one that lives
        make_scratch_folder(tmp_path).rename(tmp_path / f".liyi-{pid}-x")
    with results_in(tmp_path, MINE) as scratch:
        write(scratch)
    assert [path.name for path in tmp_path.glob(".liyi-*")] == [f".liyi-{os.getppid()}-x"]


def test_a_folder_made_for_nothing_is_removed(tmp_path):
    with pytest.raises(LiyiError, match="fault"), results_in(tmp_path / "new"):
        raise LiyiError("fault")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_there_stays(tmp_path):
    with pytest.raises(LiyiError, match="fault"), results_in(tmp_path):
        raise LiyiError("fault")
    assert tmp_path.is_dir()


@pytest.mark.parametrize("inside", ["", "sub/deeper"])
def test_a_file_is_not_a_folder(tmp_path, inside):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(LiyiError, match="a file is in its place"), results_in(tmp_path / "file" / inside):
        pass
    assert (tmp_path / "file").read_text() == "mine"
