"""The registry: every model says what it is and where it lies; nothing heavy is needed to ask."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from models import inventory, registry
from models.registry import ModelMissingError
from signals.errors import LiyiError

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
        "import sys, models.registry, models.inventory, models.fetch, models.archive, models.bundle\n"
        "models.registry.missing()\n"
        "print(sorted({'numpy', 'flatbuffers', 'mediapipe', 'filelock', 'faster_whisper'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_empty_folder_lacks_every_fetched_model(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    assert registry.missing() == ["pose_landmarker_full", "whisper_base"]
    assert registry.missing("live") == ["pose_landmarker_lite", "vision_runtime"]
    with pytest.raises(ModelMissingError, match=r"pose_landmarker_full.*liyi models fetch") as caught:
        registry.path("pose_landmarker_full")
    assert caught.value.name == "pose_landmarker_full"
    assert str(tmp_path) in str(caught.value)


def test_a_truncated_file_counts_as_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    pose = registry.model("pose_landmarker_full").weights
    file = tmp_path / pose.path
    file.write_bytes(bytes(pose.bytes))
    assert registry.path("pose_landmarker_full") == file
    file.write_bytes(bytes(pose.bytes - 1))
    assert "pose_landmarker_full" in registry.missing()
    with pytest.raises(ModelMissingError):
        registry.path("pose_landmarker_full")


def test_right_size_but_other_content_is_found_by_verify(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_MODELS", str(tmp_path))
    pose = registry.model("pose_landmarker_full").weights
    zeros = bytes(pose.bytes)
    (tmp_path / pose.path).write_bytes(zeros)
    (check,) = inventory.verify(["pose_landmarker_full"])
    assert not check.ok
    assert check.got == hashlib.sha256(zeros).hexdigest()
    entry = inventory.describe()[0]
    assert (entry.name, entry.present, entry.verified) == ("pose_landmarker_full", True, False)


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
