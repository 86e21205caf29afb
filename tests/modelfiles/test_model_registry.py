"""The registry: every model says what it is and where it lies; nothing heavy is needed to ask."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from liyi.core.errors import LiyiError
from liyi.modelfiles import inventory, registry
from liyi.modelfiles.registry import ModelDamagedError, ModelMissingError

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", list(registry.registry()))
def test_every_model_has_a_card_that_names_its_licence_and_limits(name):
    entry = registry.model(name)
    card = entry.card.read_text(encoding="utf-8")
    assert card.startswith(f"# {name}:")
    assert entry.licence in card
    assert "**Limits" in card


def test_asking_for_models_needs_no_heavy_package():
    code = (
        "import sys, liyi.modelfiles.registry, liyi.modelfiles.inventory\n"
        "import liyi.modelfiles.fetch, liyi.modelfiles.archive, liyi.modelfiles.bundle\n"
        "liyi.modelfiles.registry.missing()\n"
        "print(sorted({'numpy', 'flatbuffers', 'mediapipe', 'filelock', 'faster_whisper'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_empty_folder_lacks_every_fetched_model(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    assert registry.missing() == ["pose_landmarker_full", "face_mesh", "whisper_base"]
    assert registry.missing("phrases") == ["vosk_small_cn"]
    assert registry.missing("live") == ["pose_landmarker_lite", "vision_runtime"]
    with pytest.raises(ModelMissingError, match=r"pose_landmarker_full.*liyi models fetch") as caught:
        registry.path("pose_landmarker_full")
    assert caught.value.name == "pose_landmarker_full"
    assert str(tmp_path) in str(caught.value)


def test_a_truncated_file_counts_as_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    pose = registry.model("pose_landmarker_full").weights
    file = tmp_path / pose.path
    file.write_bytes(bytes(pose.bytes - 1))
    assert "pose_landmarker_full" in registry.missing()
    with pytest.raises(ModelMissingError):
        registry.path("pose_landmarker_full")


def test_right_size_but_other_content_is_found_by_verify(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    pose = registry.model("pose_landmarker_full").weights
    zeros = bytes(pose.bytes)
    (tmp_path / pose.path).write_bytes(zeros)
    entry = registry.model("pose_landmarker_full")
    assert registry.present(entry)
    assert not registry.usable(entry)
    assert "pose_landmarker_full" in registry.missing()
    (check,) = inventory.verify(["pose_landmarker_full"])
    assert not check.ok
    assert check.got == hashlib.sha256(zeros).hexdigest()
    entry = inventory.describe()[0]
    assert (entry.name, entry.present, entry.verified) == ("pose_landmarker_full", True, False)


def test_a_flipped_bit_is_refused_and_never_named_as_the_pinned_content(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    pose = registry.model("pose_landmarker_full").weights
    (tmp_path / pose.path).write_bytes(bytes(pose.bytes))
    for ask in (registry.path, registry.sha256):
        with pytest.raises(ModelDamagedError, match=r"pose_landmarker_full\.task.*liyi models fetch") as caught:
            ask("pose_landmarker_full")
        assert isinstance(caught.value, ModelMissingError)  # a batch stops at it: no unit can be done here


def test_a_second_file_of_a_model_is_checked_too(tmp_path, monkeypatch, small_model):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    for name, content in small_model.items():
        (tmp_path / name).write_bytes(content)
    assert registry.path("small") == tmp_path
    assert registry.file_path("small", "words.txt") == tmp_path / "words.txt"
    (tmp_path / "words.txt").write_bytes(b"otherwise")
    with pytest.raises(ModelDamagedError, match="words"):
        registry.path("small")
    with pytest.raises(ModelDamagedError, match="words"):
        registry.file_path("small", "words.txt")
    assert registry.file_path("small", "weights.bin").name == "weights.bin"


def test_the_folder_of_a_model_is_the_one_that_holds_all_its_files(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    files = tuple(
        registry.ModelFile(f"small/{name}", hashlib.sha256(b"").hexdigest(), 0, (), "join")
        for name in ("am/final.mdl", "conf/model.conf", "README")
    )
    monkeypatch.setattr(
        registry, "registry", lambda: {"small": registry.Model("small", "for tests", "none", "", files)}
    )
    for file in files:
        (tmp_path / file.path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file.path).touch()
    assert registry.path("small") == tmp_path / "small"


@pytest.fixture
def small_model(monkeypatch) -> dict[str, bytes]:
    """A model of two small files in the registry; their content by name."""
    contents = {"weights.bin": b"weights", "words.txt": b"the words"}
    files = tuple(
        registry.ModelFile(name, hashlib.sha256(content).hexdigest(), len(content), (), "join")
        for name, content in contents.items()
    )
    small = registry.Model("small", "for tests", "none", "", files)
    monkeypatch.setattr(registry, "registry", lambda: {"small": small})
    return contents


def test_a_file_is_read_once_until_it_changes(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(registry, "file_sha256", lambda file: read.append(file) or str(len(read)))
    file = tmp_path / "weights"
    file.write_bytes(b"one")
    assert registry.content_sha256(file) == registry.content_sha256(file) == "1"
    file.write_bytes(b"another")
    assert registry.content_sha256(file) == "2"


def test_another_edition_inside_a_package_is_named_by_its_own_content_and_a_damaged_one_refused(monkeypatch):
    real = registry.sha256("swift_f0")
    monkeypatch.setattr(registry, "content_sha256", lambda file: "e" * 64)
    with pytest.raises(ModelDamagedError, match=r"swift_f0.*install the Python package"):
        registry.sha256("swift_f0")
    monkeypatch.setattr(registry, "_packaged_sha256", lambda package, file: "e" * 64)
    assert registry.sha256("swift_f0") == "e" * 64 != real


def test_the_record_of_an_installed_package_tells_what_it_brought():
    model = registry.model("swift_f0")
    assert registry._packaged_sha256(model.inside, model.weights.path) == registry.sha256("swift_f0")
    assert registry._packaged_sha256("no_such_package", "model.onnx") == ""


def test_the_data_folder_is_the_users_own_unless_named(monkeypatch):
    monkeypatch.delenv("LIYI_MODELS", raising=False)
    assert registry.folder().parts[-2:] == ("liyi", "models")
    monkeypatch.setenv("LIYI_MODELS", "~/somewhere")
    assert registry.folder() == Path.home() / "somewhere"


@pytest.mark.parametrize("name", ["silero_vad", "swift_f0"])
def test_models_inside_packages_are_found_and_named_by_their_content(name):
    file = registry.path(name)
    assert file.suffix == ".onnx"
    assert registry.sha256(name) == hashlib.sha256(file.read_bytes()).hexdigest()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelMissingError, match=r"silero_vad.*faster_whisper"):
        registry.path("silero_vad")


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(LiyiError, match=r"yolo.*whisper_base"):
        registry.path("yolo")


@pytest.mark.models
def test_the_models_here_are_the_pinned_ones(models_ready):
    here = [entry.name for entry in registry.registry().values() if registry.present(entry)]
    assert [check for check in inventory.verify(here) if not check.ok] == []
    assert registry.path("whisper_base").is_dir()
