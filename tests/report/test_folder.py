"""Results are whole or not there, and never mistaken for another run's."""

from __future__ import annotations

import errno
import os

import pytest

from report.folder import ASSESSMENT, MEASURES, REPORT, results_in, whole
from signals.errors import LiyiError


def test_a_file_appears_whole(tmp_path):
    with whole(tmp_path / "a.json") as part:
        part.write_text("new")
        assert not (tmp_path / "a.json").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_a_broken_write_leaves_the_old_file_and_no_scrap(tmp_path):
    (tmp_path / "a.json").write_text("old")

    def break_off() -> None:
        with whole(tmp_path / "a.json") as part:
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
    with pytest.raises(LiyiError, match=words) as caught, whole(tmp_path / "a.json") as part:
        part.write_text("new")
    assert str(tmp_path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_results_of_an_earlier_run_go_and_other_files_stay(tmp_path):
    for name in (ASSESSMENT, MEASURES, REPORT, "notes.txt"):
        (tmp_path / name).write_text("old")
    with results_in(tmp_path):
        assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


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
