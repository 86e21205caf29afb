"""Fetching with the real pip from a folder of small packages: whole, resumed, corrupted, impossible."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import sys
import threading
import time
import zipfile
from collections import namedtuple
from dataclasses import replace

import pytest

from liyi.core.errors import LiyiError
from liyi.modelfiles import registry
from liyi.modelfiles.client import run_client
from liyi.modelfiles.fetch import fetch
from liyi.modelfiles.registry import Archive, Model, Part
from tests.modelfiles.conftest import VOICE, model_file, wheel


def tree(folder) -> dict[str, bytes]:
    """Every file under a folder, without the lock."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name != ".lock"
    }


def test_fetch_brings_every_model_and_leaves_nothing_else(index, models_folder, content):
    steps: list[tuple[str, float]] = []
    assert fetch(run=index, progress=lambda name, done: steps.append((name, done))) == ["ear", "voice"]
    assert tree(models_folder) == content
    for name in ("ear", "voice"):
        done = [part for model, part in steps if model == name]
        assert done == sorted(set(done))
        assert (done[0], done[-1]) == (0.0, 1.0)


@pytest.fixture
def boxed(index, monkeypatch):
    """A model whose two files lie in a zip inside a package, one of them to be had with a line more."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("box/weights.bin", VOICE)
        archive.writestr("box/conf/settings", b"--beam=12\n")
        archive.writestr("box/../stranger.py", b"raise SystemExit")
    zipped = inner.getvalue()
    package = wheel(index.folder, "boxed", {"box.zip": zipped, "code.py": b"raise SystemExit"})
    box = Archive(package, "boxed/box.zip", hashlib.sha256(zipped).hexdigest(), len(zipped))
    settings = model_file("small/conf/settings", b"--beam=12\n--dither=0\n", Part(package, "box/conf/settings", box))
    files = (
        model_file("small/weights.bin", VOICE, Part(package, "box/weights.bin", box)),
        replace(settings, ending="--dither=0\n"),
    )

    def registered(**changed):
        kept = [replace(file, parts=(replace(file.parts[0], archive=replace(box, **changed)),)) for file in files]
        monkeypatch.setattr(registry, "registry", lambda: {"small": Model("small", "hears", "MIT", "", tuple(kept))})

    registered()
    return registered


def test_files_of_an_archive_inside_a_package_come_out_one_by_one(boxed, index, models_folder):
    assert fetch(run=index) == ["small"]
    assert tree(models_folder) == {"small/weights.bin": VOICE, "small/conf/settings": b"--beam=12\n--dither=0\n"}
    assert registry.path("small") == models_folder / "small"
    assert fetch(run=index) == []


@pytest.mark.parametrize("changed", [{"sha256": "0" * 64}, {"bytes": 40}])
def test_another_archive_than_the_published_one_is_refused(boxed, index, models_folder, changed):
    boxed(**changed)
    with pytest.raises(LiyiError, match=r"box\.zip in the package boxed==1\.0.*models import"):
        fetch(run=index)
    assert [name for name in tree(models_folder) if not name.endswith(".whl")] == []


def test_what_is_there_is_not_fetched_again(index, placed):
    assert fetch(run=index) == []
    assert index.asked == []


def test_one_model_can_be_named_and_packaged_ones_are_passed_over(index, models_folder):
    assert fetch(["ear", "swift_f0"], run=index) == ["ear"]
    assert tree(models_folder) == {"ear.bin": b"ear"}
    with pytest.raises(LiyiError, match="nose"):
        fetch(["nose"], run=index)


def test_a_damaged_file_is_replaced_and_the_rest_is_kept(index, placed, content):
    (placed / "voice" / "words.txt").write_bytes(b"A word\n" * 99)
    untouched = (placed / "voice" / "model.bin").stat().st_mtime_ns
    assert fetch(run=index) == ["voice"]
    assert index.asked == ["voice_one"]
    assert tree(placed) == content
    assert (placed / "voice" / "model.bin").stat().st_mtime_ns == untouched


def test_a_broken_run_is_resumed_with_what_came_whole(index, models_folder, content):
    index.break_at = "voice_two"
    with pytest.raises(KeyboardInterrupt):
        fetch(run=index)
    left = tree(models_folder)
    assert left.pop("ear.bin") == b"ear"
    assert list(left) == [".unfinished/voice_one-1.0-py3-none-any.whl"]
    index.asked, index.break_at = [], ""
    assert fetch(run=index) == ["voice"]
    assert index.asked == ["voice_two"]
    assert tree(models_folder) == content


def test_a_kept_package_that_went_bad_is_downloaded_again(index, models_folder, content):
    index.break_at = "voice_two"
    with pytest.raises(KeyboardInterrupt):
        fetch(run=index)
    kept = models_folder / ".unfinished" / "voice_one-1.0-py3-none-any.whl"
    kept.write_bytes(kept.read_bytes()[:-1])
    index.asked, index.break_at = [], ""
    fetch(run=index)
    assert index.asked == ["voice_one", "voice_two"]
    assert tree(models_folder) == content


def test_scratch_of_a_killed_run_is_removed(index, models_folder, content):
    scratch = models_folder / ".unfinished" / "tmp123" / "pip-unpack"
    scratch.mkdir(parents=True)
    (scratch / "half.whl").write_bytes(b"half")
    fetch(run=index)
    assert tree(models_folder) == content


def test_two_fetches_at_once_download_once(index, models_folder, content):
    threads = [threading.Thread(target=fetch, kwargs={"run": index}) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(index.asked) == ["ear_data", "voice_one", "voice_two"]
    assert tree(models_folder) == content


def test_other_bytes_from_the_index_are_refused_with_both_checksums(index, models_folder):
    package = index.folder / "ear_data-1.0-py3-none-any.whl"
    shutil.copy(package, index.folder / "honest")
    with package.open("ab") as file:
        file.write(b"more")
    with pytest.raises(LiyiError, match="another ear_data") as caught:
        fetch(["ear"], run=index)
    assert len(caught.value.fields["got"]) == 64
    assert caught.value.fields["got"] != caught.value.fields["expected"]
    assert tree(models_folder) == {}
    shutil.copy(index.folder / "honest", package)
    assert fetch(["ear"], run=index) == ["ear"]


def test_a_package_that_the_index_lacks_says_what_to_do(index):
    (index.folder / "ear_data-1.0-py3-none-any.whl").unlink()
    with pytest.raises(LiyiError, match=r"ear_data==1\.0.*No matching distribution.*models export.*models import"):
        fetch(["ear"], run=index)


def test_a_python_without_pip_says_what_to_do(index):
    def without_site_packages(command, scratch, tick):
        return run_client([command[0], "-I", "-S", *command[1:]], scratch, tick)

    with pytest.raises(LiyiError, match="ensurepip"):
        fetch(["ear"], run=without_site_packages)


def test_a_folder_that_cannot_be_made(index, tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path / "file" / "models"))
    with pytest.raises(LiyiError, match=r"cannot be written.*LIYI_MODELS"):
        fetch(run=index)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_closed_folder_is_named_but_only_when_something_lacks(index, placed):
    placed.chmod(0o500)
    try:
        assert fetch(run=index) == []
        (placed / "voice" / "words.txt").unlink()
        with pytest.raises(LiyiError, match=r"cannot be written.*LIYI_MODELS"):
            fetch(run=index)
    finally:
        placed.chmod(0o700)


def test_too_little_room_is_said_before_anything_is_downloaded(index, models_folder, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage(10, 10, 0))
    with pytest.raises(LiyiError, match=r"1 MB are needed, 0 MB are free"):
        fetch(run=index)
    assert index.asked == []


def test_a_client_does_not_outlive_an_interruption(tmp_path):
    sleeper = [sys.executable, "-c", "import time; time.sleep(30)"]

    def interrupt() -> None:
        raise KeyboardInterrupt

    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_client(sleeper, tmp_path, interrupt)
    assert time.monotonic() - start < 10


def test_temporary_files_of_a_client_lie_in_its_scratch(tmp_path):
    code = "import tempfile; print(tempfile.gettempdir())"
    outcome = run_client([sys.executable, "-c", code], tmp_path, lambda: None)
    assert (outcome.code, outcome.output.strip()) == (0, str(tmp_path))
