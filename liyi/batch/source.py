"""Where recordings come from: files of this machine, and whatever an fsspec URL names.

A source is a text: an absolute path, or a URL. Reading is all that is done to it.
"""

from __future__ import annotations

import glob
import hashlib
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from liyi.core.errors import LiyiError, MediaError
from liyi.core.names import readable_name
from liyi.core.words import N_
from liyi.media.files import check_file
from liyi.media.kinds import PHOTO_SUFFIXES, SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

PIECE_BYTES = 32 * 1024 * 1024
_MAGIC = frozenset("*?[")


def is_url(source: str) -> bool:
    """Whether a source is a URL; ``file://`` becomes a path before anything else is done with it."""
    return "://" in source


def name_of(source: str) -> str:
    """File name of a source, as text."""
    return readable_name(PurePosixPath(source.partition("://")[2]).name if is_url(source) else Path(source).name)


def find_sources(path: str) -> list[str]:
    """The sources that a path, folder, glob or URL stands for, by name; a file that is named is taken as it is.

    Raises
    ------
    LiyiError
        When there is none.
    """
    path = path.removeprefix("file://") if path.startswith("file:///") else path
    sources = _found_by_url(path) if is_url(path) else _found_here(path)
    if not sources:
        raise LiyiError("Nothing to assess is found under {path}: name a recording, a folder with recordings, a glob "
                        "or a manifest (.csv, .parquet).", path=path)  # fmt: skip
    return sources


def _found_here(path: str) -> list[str]:
    place = Path(path)
    if place.is_dir():
        return sorted(str(each) for each in place.rglob("*") if each.is_file() and _is_recording(each, place))
    if place.exists() or not _MAGIC & set(path):
        return [path] if place.exists() else []
    hits = (Path(each) for each in glob.glob(path, recursive=True))
    return sorted(str(each) for each in hits if each.is_file() and each.suffix.lower() in _named_by(path))


def _named_by(pattern: str) -> tuple[str, ...]:
    """Suffixes that a glob takes: photos only where it names how they end, as a folder full of them is no batch."""
    ending = PurePosixPath(pattern.replace("\\", "/")).suffix
    return SUFFIXES + PHOTO_SUFFIXES if ending not in ("", ".*") else SUFFIXES


def _is_recording(path: Path, below: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(below).parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def _found_by_url(url: str) -> list[str]:
    system, path = _file_system(url)
    with _told(url):
        suffixes: tuple[str, ...] = SUFFIXES
        if _MAGIC & set(path):
            hits, suffixes = system.glob(path), _named_by(path)
        elif system.isdir(path):
            hits = system.find(path)
        else:
            return [url]
        return sorted(system.unstrip_protocol(hit) for hit in hits if Path(hit).suffix.lower() in suffixes)


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
