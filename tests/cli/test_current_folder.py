"""A file beside the recordings is never run, whatever its name: every child process leaves the current folder out."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from liyi.core.children import PACKAGES_FOLDER, child_environment, protect, python_module
from liyi.core.errors import LiyiError
from liyi.modelfiles.client import run_client
from liyi.scoring import child as sandboxed
from liyi.scoring.sandbox import Sandbox
from liyi.ui import jobs

ROOT = Path(__file__).resolve().parents[2]
HOLES = ("", ".", ":", "../submitted", "relative")


@pytest.mark.parametrize("paths", HOLES)
def test_the_decoders_child_runs_nothing_of_the_current_folder(hostile_folder, monkeypatch, paths):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([paths, "/nowhere"]))
    box = Sandbox()
    try:
        with pytest.raises(LiyiError, match="Nothing was recorded"):
            box.run(Path("clip"), sandboxed.join, {"pieces": []})
    finally:
        box.close()
    assert not (hostile_folder / "OWNED").exists()


def test_a_job_of_the_app_runs_nothing_of_the_current_folder(hostile_folder, tmp_path, monkeypatch):
    import io

    from tests.ui.test_jobs import ID, OPTIONS, over

    monkeypatch.setenv("LIYI_DATA", "../data")  # relative to where the app was started
    monkeypatch.setenv("PYTHONPATH", "")
    jobs.start(ID, io.BytesIO(b"RIFF\xff\0\0\0WAVEnot a recording"), "note.wav", OPTIONS)
    ended = over(ID)
    assert "note.wav" in str(ended.error)
    assert not (hostile_folder / "OWNED").exists()
    assert (tmp_path / "data").is_dir()


def test_a_package_index_client_runs_nothing_of_the_current_folder(hostile_folder, tmp_path):
    (tmp_path / "scratch").mkdir()
    outcome = run_client(python_module("pip", "--version"), tmp_path / "scratch", lambda: None)
    assert not (hostile_folder / "OWNED").exists()
    assert outcome.output.startswith("pip ") or "No module named pip" in outcome.output
    code = "import os; print(os.getcwd())"
    assert run_client([sys.executable, "-c", code], tmp_path / "scratch", lambda: None).output.strip() == str(
        tmp_path / "scratch"
    )


def test_a_python_that_a_library_starts_runs_nothing_of_the_current_folder(hostile_folder, monkeypatch):
    import multiprocessing

    for name in ("PYTHONPATH", "PYTHONSAFEPATH", "PATH", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, os.environ.get(name, ""))
    monkeypatch.setattr(sys, "path", [path for path in sys.path if path not in ("", str(hostile_folder))])
    protect()
    child = multiprocessing.get_context("spawn").Process(target=os.getpid)  # as Dask starts its workers
    child.start()
    child.join(30)
    assert child.exitcode == 0
    assert not (hostile_folder / "OWNED").exists()


@pytest.mark.parametrize("hole", HOLES)
@pytest.mark.parametrize("name", ["PYTHONPATH", "LD_LIBRARY_PATH", "PATH"])
def test_no_list_of_folders_names_the_current_one(name, hole):
    listed = child_environment({name: os.pathsep.join([hole, "/opt/lib"])})[name].split(os.pathsep)
    assert listed == ([str(PACKAGES_FOLDER)] if name == "PYTHONPATH" else []) + ["/opt/lib"]


def test_what_was_relative_is_found_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {
        "LIYI_DATA": "data",
        "LIYI_MODELS": "/m",
        "LIYI_DATABASE_URL": "sqlite:///a.sqlite3",
        "LD_LIBRARY_PATH": "",
    }
    environment = child_environment(given)
    assert environment["LIYI_DATA"] == str(tmp_path / "data")
    assert environment["LIYI_MODELS"] == "/m"
    assert environment["LIYI_DATABASE_URL"] == f"sqlite:///{tmp_path / 'a.sqlite3'}"
    assert "LD_LIBRARY_PATH" not in environment
    memory = {"LIYI_DATABASE_URL": "sqlite://"}
    assert child_environment(memory)["LIYI_DATABASE_URL"] == "sqlite://"


def test_every_python_of_the_product_is_started_so():
    """Nobody writes ``-m`` or ``-c`` behind ``sys.executable`` by hand."""
    for room in ("liyi", "posture", "speech"):
        for file in (ROOT / room).rglob("*.py"):
            if file.name == "children.py":
                continue
            texts = [node.value for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Constant)]
            assert not {"-m", "-c"}.intersection(text for text in texts if isinstance(text, str)), file
