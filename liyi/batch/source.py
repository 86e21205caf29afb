"""Where recordings come from: files of this machine, and whatever an fsspec URL names.

A source is a text: an absolute path, or a URL. Reading is all that is done to it.
"""

from __future__ import annotations

import glob
import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from liyi.batch.search import (
    LeftOut,
    among,
    files_below,
    is_passed_over,
    named_by,
    recordings_at,
    recordings_below,
    recordings_of,
)
from liyi.core.errors import LiyiError, MediaError
from liyi.core.file_url import local_path
from liyi.core.names import readable_name
from liyi.core.words import N_
from liyi.media.files import check_file

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE_BYTES = 32 * 1024 * 1024
NOTHING = N_(
    "Nothing to assess is found under {path}: name a recording, a folder with recordings, a glob or a list (.csv, "
    ".xlsx, .parquet)."
)
_MAGIC = frozenset("*?[")


def is_url(source: str) -> bool:
    """Whether a source is a URL; one with ``file:`` has become a path before (`liyi.core.file_url`)."""
    return "://" in source


def name_of(source: str) -> str:
    """File name of a source, as text."""
    return readable_name(PurePosixPath(source.partition("://")[2]).name if is_url(source) else Path(source).name)


def find_sources(path: str, left_out: LeftOut) -> list[str]:
    """The sources that a path, folder, glob or URL stands for, by name; a file that is named is taken as it is.

    Raises
    ------
    LiyiError
        When there is none.
    """
    path = local_path(path)
    passed = LeftOut()
    sources = _found_by_url(path, passed) if is_url(path) else _found_here(path, passed)
    if not sources:
        if passed:
            raise LiyiError("Nothing to assess is found under {path}. {left_out} Name a recording itself where its "
                            "name ends otherwise.", path=path, left_out=passed.text("en"),
                            left_out_zh=passed.text("zh"))  # fmt: skip
        raise LiyiError(NOTHING, path=path)
    left_out.add(passed)
    return sources


def is_glob(path: str) -> bool:
    """Whether a path is a pattern, and no file that has such a name."""
    return bool(_MAGIC & set(path)) and not os.path.lexists(path)


def glob_here(pattern: str) -> list[str]:
    """What a pattern names, without what is hidden or a system's own, by name."""
    parts = Path(pattern).parts
    fixed = next((at for at, part in enumerate(parts) if _MAGIC & set(part)), len(parts))
    hits = glob.glob(pattern, recursive=True)
    return sorted(hit for hit in hits if not any(map(is_passed_over, Path(hit).parts[fixed:])))


def require_there(path: str) -> None:
    """Raise LiyiError for a path of this machine that does not exist, naming as much of it as does."""
    if os.path.exists(path):
        return
    if os.path.islink(path):
        raise LiyiError("{path} is a link that leads nowhere: name the recording itself.", path=path)
    parents = Path(path).absolute().parents
    nearest = next((str(each) for each in parents if os.path.exists(each)), os.sep)
    raise LiyiError("Nothing to assess is found under {path}: it does not exist, or may not be looked at; the last "
                    "part of it that is there is {nearest}.", path=path, nearest=nearest)  # fmt: skip


def _found_here(path: str, left_out: LeftOut) -> list[str]:
    if is_glob(path):
        hits = glob_here(path)
        files = [hit for hit in hits if os.path.isfile(hit)]
        # With ** the files in the folders are among the hits themselves.
        folders = [] if "**" in path else [hit for hit in hits if os.path.isdir(hit)]
        below = [file for folder in folders for file in files_below(Path(folder), left_out)]
        return recordings_of([*files, *below], left_out, named_by(path))
    require_there(path)
    return recordings_below(Path(path), left_out) if os.path.isdir(path) else [path]


def _found_by_url(url: str, left_out: LeftOut) -> list[str]:
    system, path = _file_system(url)
    with _told(url):
        if _MAGIC & set(path):
            fixed = path[: min(path.index(letter) for letter in _MAGIC & set(path))].rpartition("/")[0]
            named = system.glob(path, detail=True).items()
            hits = among([hit for hit, about in named if about["type"] != "directory"], fixed, left_out, named_by(path))
        elif system.isdir(path):
            hits = recordings_at(system, path, left_out)
        else:
            return [url]
        return sorted(system.unstrip_protocol(hit) for hit in hits)


def _file_system(url: str) -> tuple[Any, str]:
    import fsspec

    protocol = url.partition("://")[0]
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise LiyiError(
            "Reading from {protocol}:// needs a Python package that is not installed ({fault}): install it, or copy "
            "the recordings to this machine.",
            protocol=protocol,
            fault=str(error),
        ) from error
    except ValueError as error:
        raise LiyiError(
            "{protocol}:// is no kind of address that can be read: name a file, or an address such as s3:// or sftp://.",
            protocol=protocol,
        ) from error
    return system, path


class _told:
    """Say in one sentence why a URL could not be read, whatever its package raises."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, LiyiError):
            sentence = N_("{file} could not be read from its address ({fault}): check the address and the permissions.")
            raise MediaError(name_of(self._url), sentence, fault=type(error).__name__) from error


def opened(source: str) -> IO[bytes]:
    """The source, to be read from its start.

    Raises
    ------
    LiyiError
        When it is not there, may not be read, or is no recording by its first bytes.
    """
    if not is_url(source):
        check_file(Path(source))
        return Path(source).open("rb")
    system, path = _file_system(source)
    with _told(source):
        stream: IO[bytes] = system.open(path, "rb")
        return stream


def pieces(source: str) -> Iterator[bytes]:
    """The content in pieces of `PIECE_BYTES`; raises as `opened` does."""
    with opened(source) as stream:
        while True:
            with _told(source):
                piece = stream.read(PIECE_BYTES)
            if not piece:
                return
            yield piece


def digest(source: str) -> tuple[str, int]:
    """SHA-256 (hexadecimal) and size (bytes) of the content; raises as `opened` does."""
    sha256, size = hashlib.sha256(), 0
    for piece in pieces(source):
        sha256.update(piece)
        size += len(piece)
    return sha256.hexdigest(), size
