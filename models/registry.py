"""Which model files there are, where they lie on this machine, and the checksum each must have.

The facts stand in ``registry.toml``; this module reads them and finds the files. Bringing files in is the work of
:mod:`models.fetch` and :mod:`models.archive`, checking them that of :mod:`models.inventory`.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from models.files import file_sha256
from signals.errors import LiyiError


class ModelMissingError(LiyiError):
    """A model file that is not on this machine; ``name`` is the model's id."""

    def __init__(self, name: str, sentence: str, **fields: object) -> None:
        self.name = name
        super().__init__(sentence, model=name, **fields)


@dataclass(frozen=True)
class Package:
    """One file of a package index (``pypi`` or ``npm``), read for the data in it."""

    requirement: str
    file: str
    sha256: str
    bytes: int
    index: str = "pypi"


@dataclass(frozen=True)
class Part:
    """A member of a package: a model file, or a piece of one."""

    package: Package
    member: str


@dataclass(frozen=True)
class ModelFile:
    """A file of a model: where it lies under the model folder (or the installed package), and of what it is made."""

    path: str
    sha256: str
    bytes: int
    parts: tuple[Part, ...]
    make: str


@dataclass(frozen=True)
class Model:
    """A model; ``inside`` names the installed package that carries it, or is empty for a model that is fetched.

    ``use`` is ``score`` for what every assessment needs, ``live`` for what only the live page does.
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
        return Path(__file__).with_name("cards") / f"{self.name}.md"


@functools.cache
def registry() -> dict[str, Model]:
    """Every model of the house by its id, in the order of ``registry.toml``."""
    with Path(__file__).with_name("registry.toml").open("rb") as file:
        content = tomllib.load(file)
    packages = {key: Package(**entry) for key, entry in content["packages"].items()}
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
                    parts=tuple(Part(packages[part["package"]], part["member"]) for part in file.get("parts", ())),
                    make=file.get("make", "join"),
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


def missing(use: str = "score") -> list[str]:
    """Ids of the models that ``liyi models fetch`` would bring for a use and that are not complete on this machine."""
    return [entry.name for entry in fetched(use) if not present(entry)]


def path(name: str) -> Path:
    """Where a model lies: its file, or its folder when it has several.

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
    """
    entry = model(name)
    weights = _weights(entry)
    return weights if len(entry.files) == 1 else weights.parent


def sha256(name: str) -> str:
    """Checksum that names a model in an assessment.

    For a fetched model it is the pinned one, to which the file was held when it was placed. A package may bring
    another edition of the model inside it than the pinned one; then it is that of the file which is really there.
    """
    entry = model(name)
    return file_sha256(_weights(entry)) if entry.inside else entry.weights.sha256


def _weights(entry: Model) -> Path:
    """Where the weights of a complete model lie."""
    base = home(entry)
    if base is not None and present(entry):
        return base / entry.weights.path
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
