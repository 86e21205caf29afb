"""``file:`` URLs as RFC 8089 has them: what a browser or a file manager copies becomes a path of this machine."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote_to_bytes

from liyi.core.errors import LiyiError

_DRIVE = re.compile(r"/?[A-Za-z][:|](?=$|[/\\])")
_ON_WINDOWS = os.name == "nt"


def local_path(text: str) -> str:
    """The path that a ``file:`` URL names; any other text, and the name of a file that is there, as it is.

    ``file:/a``, ``file:///a`` and ``file://localhost/a`` are the same; ``%20`` stands for a space.

    Raises
    ------
    LiyiError
        For a file of another machine, a drive on a machine that has none, and what is no address of a file.
    """
    scheme, colon, rest = text.partition(":")
    if not colon or scheme.lower() != "file" or os.path.lexists(text):
        return text
    host, path = _parted(rest)
    if _DRIVE.match(path) or _DRIVE.match(host):
        if not _ON_WINDOWS:
            raise LiyiError("{url} names a drive of a Windows machine, and this is none: name the file by its path.",
                            url=text)  # fmt: skip
        path = (host or path.lstrip("/")) + (path if host else "")
        return _decoded(path.replace("|", ":", 1))
    if host.lower() not in ("", "localhost"):
        raise LiyiError("{url} names a file of the machine {host}: connect its folder to this machine, and name the "
                        "file by its path.", url=text, host=host)  # fmt: skip
    found = _decoded(path)
    if not found.startswith("/") or "\0" in found:
        raise LiyiError("{url} is no address of a file: write it like file:///home/me/clip.mp4.", url=text)
    return found


def _parted(rest: str) -> tuple[str, str]:
    """Machine and path of what follows ``file:``; ``//machine/share`` as a path names a machine, too."""
    if not rest.startswith("//"):
        return "", rest
    host, slash, path = rest[2:].partition("/")
    if not host and path.startswith("/"):
        host, slash, path = path.lstrip("/").partition("/")
    return host, slash + path


def _decoded(path: str) -> str:
    return os.fsdecode(unquote_to_bytes(os.fsencode(path)))
