"""Folders of the server from which recordings may be taken into a batch: those that the operator named, no other.

``LIYI_RECORDINGS`` names them, between separators of paths (`liyi app --recordings`). A cell says ``server:NAME/PATH``:
the folder's own name, and what is below it. What a link leads out of such a folder, and what lies in the data folder,
is never taken.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.batch.search import is_passed_over
from liyi.core.errors import LiyiError
from liyi.core.names import readable_name
from liyi.media.kinds import SUFFIXES
from liyi.records.engine import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RECORDINGS = "LIYI_RECORDINGS"
PREFIX = "server:"
MOST_FOUND = 2000  # recordings of one search
_MOST_SEEN = 200_000  # entries that one search looks at


def server_folders() -> Mapping[str, Path]:
    """The folders that may be taken from, by the names that cells call them; empty where none was named."""
    named: dict[str, Path] = {}
    for text in os.environ.get(RECORDINGS, "").split(os.pathsep):
        folder = Path(text).expanduser()
        if text.strip() and folder.is_dir():
            root = folder.resolve()
            name, at = readable_name(root.name or "root"), 2
            while name in named and named[name] != root:
                name, at = f"{readable_name(root.name or 'root')} ({at})", at + 1
            named[name] = root
    return named


def check_folder(folder: Path) -> Path:
    """A folder that an operator names; its whole path.

    Raises
    ------
    LiyiError
        When it is not there, or its name would be read as several.
    """
    if not folder.expanduser().is_dir():
        raise LiyiError("There is no folder {folder}: name one with recordings by --recordings.", folder=str(folder))
    root = folder.expanduser().resolve()
    if os.pathsep in str(root):
        raise LiyiError("A folder whose path holds {sign} cannot be taken from: rename {folder}.", sign=os.pathsep,
                        folder=str(root))  # fmt: skip
    return root


def is_of_server(cell: str) -> bool:
    """Whether a cell names a file of a server's folder."""
    return cell.startswith(PREFIX)


def file_in(cell: str) -> Path:
    """The file that ``server:NAME/PATH`` means.

    Raises
    ------
    LiyiError
        When it is not there, or does not lie below a folder that the operator named.
    """
    root, below = _below(cell)
    found = (root / below).resolve()
    if not (_is_within(found, root) and found.is_file()):
        raise LiyiError("there is no recording {name} in the folders of this server.", name=cell.removeprefix(PREFIX))
    return found


def recordings_in(cell: str) -> list[str]:
    """Cells for the recordings in a server's folder and in those below it, by name.

    Links to folders are not followed; photos are left out, as in a search of `liyi batch`.

    Raises
    ------
    LiyiError
        When there is no such folder, or it holds more than `MOST_FOUND`.
    """
    root, below = _below(cell)
    folder = (root / below).resolve()
    if not (_is_within(folder, root) and folder.is_dir()):
        raise LiyiError("There is no folder {name} among those of this server.", name=cell.removeprefix(PREFIX))
    name = cell.removeprefix(PREFIX).partition("/")[0]
    found = sorted(f"{PREFIX}{name}/{path.relative_to(root).as_posix()}" for path in _recordings(folder, root))
    if len(found) > MOST_FOUND:
        raise LiyiError("{name} holds more than {most} recordings: name a folder in it.",
                        name=cell.removeprefix(PREFIX), most=MOST_FOUND)  # fmt: skip
    return found


def _below(cell: str) -> tuple[Path, str]:
    name, _, below = cell.removeprefix(PREFIX).partition("/")
    root = server_folders().get(name)
    if root is None or "\0" in below:
        raise LiyiError("the operator of this server named no folder {name}: recordings are taken from folders that "
                        "`liyi app --recordings` names.", name=name)  # fmt: skip
    return root, below.lstrip("/")


def _is_within(path: Path, root: Path) -> bool:
    """Whether a whole path lies in a folder that may be taken from, and not where the records are kept."""
    return path.is_relative_to(root) and not path.is_relative_to(data_folder().resolve())


def _recordings(folder: Path, root: Path) -> Iterator[Path]:
    seen = count = 0
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not is_passed_over(each))
        for file in sorted(each for each in files if not is_passed_over(each)):
            path = Path(here) / file
            if path.suffix.lower() in SUFFIXES and path.is_file() and _is_within(path.resolve(), root):
                count += 1
                yield path
        seen += len(folders) + len(files)
        if seen > _MOST_SEEN or count > MOST_FOUND:
            return
