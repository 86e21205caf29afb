"""The models as one archive, to carry them to a machine that reaches no package index.

The archive is a plain tar: the fetched models' files under their paths in the model folder, with ``registry.toml`` in
front for people to read. What may come in is decided by the registry of the machine that imports, never by the archive.
"""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.atomic import NOBODY, atomic_write, require_own, settle
from liyi.core.errors import LiyiError
from liyi.core.shipped import shipped
from liyi.modelfiles.files import copy_hashed, require_space, scratch_folder, writing
from liyi.modelfiles.inventory import verify
from liyi.modelfiles.registry import fetched, folder, present

if TYPE_CHECKING:
    from collections.abc import Mapping

    from liyi.modelfiles.registry import ModelFile

_REGISTRY = shipped("models/registry.toml")
# tarfile lets some errors of its own reckoning with a header's numbers through.
_DAMAGE = (tarfile.TarError, ValueError, OverflowError)
_FOREIGN = (
    "The archive {file} was refused, for {member} does not belong in it: export it again, with the same version of "
    "Liyi on both machines."
)
_WRONG = "The archive {file} was refused, for the checksum of {member} is wrong: copy or export it again."
_LACKING = (
    "The archive {file} was refused, for it lacks {member}: export it again, with the same version of Liyi on both "
    "machines."
)


def export_archive(path: Path) -> list[str]:
    """Write the fetched models into one archive; the same models give the same bytes.

    What recordings are scored without goes with them where it is complete; all others must be there.

    Parameters
    ----------
    path
        The archive to write; an existing one is replaced when the new one is complete, another file never.

    Returns
    -------
    list of str
        Ids of the models in it.

    Raises
    ------
    LiyiError
        A model file is missing or not right, or the archive cannot be written or would replace another file.
    """
    require_own(path, _is_archive)
    entries = [entry for entry in fetched() if entry.use == "score" or present(entry)]
    names = [entry.name for entry in entries]
    for check in verify(names):
        if not check.ok:
            raise LiyiError(
                "The model file {file} is missing or damaged, so nothing was exported: run `liyi models fetch` first.",
                file=check.file,
            )
    path = path.absolute()
    with (
        writing(path.parent),
        atomic_write(path, _is_archive, barred=NOBODY) as unfinished,
        tarfile.open(unfinished, "w", format=tarfile.USTAR_FORMAT, dereference=True) as archive,
    ):
        archive.add(_REGISTRY, _REGISTRY.name, filter=_anonymous)
        for entry in entries:
            for file in entry.files:
                archive.add(folder() / file.path, file.path, filter=_anonymous)
    return names


def _is_archive(path: Path) -> bool:
    """Whether a file is an archive of models: the registry in front, with a header that says of nobody and no time."""
    with tarfile.open(path, "r:") as archive:
        first = archive.next()
    return first is not None and first.name == _REGISTRY.name and (first.mtime, first.uid, first.uname) == (0, 0, "")


def import_archive(path: Path) -> list[str]:
    """Put the models of an archive into the model folder, after all of it has proved right.

    Parameters
    ----------
    path
        An archive that :func:`export_archive` wrote.

    Returns
    -------
    list of str
        Ids of the models that it brought.

    Raises
    ------
    LiyiError
        The file is no such archive, is damaged, holds anything else, lacks a file, or a checksum is wrong; the model
        folder is then as before. Also when the folder cannot be written.
    """
    awaited = {file.path: file for entry in fetched() for file in entry.files}
    base = folder()
    with _opened(path) as archive, scratch_folder(base) as room, tempfile.TemporaryDirectory(dir=room) as name:
        scratch = Path(name)
        require_space(scratch, [file.bytes for file in awaited.values()])
        try:
            brought = _unpack(archive, awaited, scratch)
        except _DAMAGE as error:
            raise _refusal("The archive {file} is damaged ({fault}): copy it again.", path, fault=str(error)) from error
        for file in brought:
            target = base / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            settle(scratch / file.sha256, target)
    return [entry.name for entry in fetched() if entry.files[0] in brought]


def _opened(path: Path) -> tarfile.TarFile:
    """Open an archive; only a plain tar, in which nothing can be larger than the archive itself."""
    try:
        return tarfile.open(path, "r:")
    except (OSError, *_DAMAGE) as error:
        sentence = "The file {file} is no archive of models ({fault}): take one that `liyi models export` wrote."
        raise _refusal(sentence, path, fault=str(error)) from error


def _unpack(archive: tarfile.TarFile, awaited: Mapping[str, ModelFile], scratch: Path) -> list[ModelFile]:
    """Copy every awaited file of an archive into ``scratch``, named by its checksum; return the files it brought."""
    path = Path(str(archive.name))
    lacking = dict(awaited)
    for member in archive:
        if member.name == _REGISTRY.name:
            continue
        file = lacking.pop(member.name, None)
        # A name is only looked up, never joined to a folder: whatever it says, nothing lands outside.
        content = archive.extractfile(member) if file and member.type == tarfile.REGTYPE else None
        if file is None or content is None or member.size != file.bytes:
            raise _refusal(_FOREIGN, path, member=member.name)
        with content, (scratch / file.sha256).open("wb") as target:
            if copy_hashed(content, target) != file.sha256:
                raise _refusal(_WRONG, path, member=member.name)
    brought = [file for name, file in awaited.items() if name not in lacking]
    for entry in fetched():
        absent = [file.path for file in entry.files if file not in brought]
        left_out = entry.use != "score" and len(absent) == len(entry.files)
        if absent and not left_out:
            raise _refusal(_LACKING, path, member=", ".join(absent))
    return brought


def _refusal(sentence: str, path: Path, **fields: str) -> LiyiError:
    return LiyiError(sentence, file=path.name, **fields)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Leave out of a tar header whose file it was, where and when."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    member.mode = 0o644
    return member
