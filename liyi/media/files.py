"""A file on the disk before any decoder sees it: may it be opened, what do its first bytes say, what is its digest.

Only ordinary local files are recordings: a folder, a pipe, a device, a playlist or an address never reaches the
decoder. Every refusal is a `MediaError` of one sentence.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.errors import MediaError
from liyi.media.foreign import ARCHIVE, foreign, locked, unreadable
from liyi.media.kinds import HEAD_BYTES, demuxers_for, is_photo
from liyi.media.limits import current_limits

if TYPE_CHECKING:
    from collections.abc import Iterator

STILL = "{file} is a picture of a kind that cannot be read here: save it as JPEG or PNG."
CUT_OFF = "{file} was cut off before it was finished: let the recorder finish, or copy it again."
UNREADABLE = "{file} is no recording that can be read, or its start is damaged: save it again as MP4, WebM or WAV."

# First bytes of pictures that are not read: Photoshop, icons, JPEG XL, JPEG 2000.
_STILLS = (
    b"8BPS",
    b"\x00\x00\x01\x00\x01",
    b"\xff\x0a",
    b"\x00\x00\x00\x0cJXL ",
    b"\x00\x00\x00\x0cjP  ",
)
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
_DOCUMENTS = (b"%PDF", b"{\\rtf", b"\xd0\xcf\x11\xe0", b"\x7fELF", b"MZ")
_PLAYLISTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"<mpd", b"v=0")
_ISO_BOXES = (b"ftyp", b"mdat", b"moov", b"wide", b"free", b"skip", b"pnot")


def check_file(path: Path) -> None:
    """Raise `MediaError` unless ``path`` is an ordinary, readable file that could be a recording."""
    try:
        status = path.stat()
    except FileNotFoundError as fault:
        raise MediaError(path, "{file} was not found: check the name and the folder.") from fault
    except PermissionError as fault:
        raise MediaError(path, "{file} may not be read: ask for permission to read it.") from fault
    except (OSError, ValueError) as fault:  # name too long, a NUL byte, a loop of links
        raise MediaError(path, "{file} is not a file name that can be opened: rename the recording.") from fault
    if stat.S_ISDIR(status.st_mode):
        raise MediaError(path, "{file} is a folder: name a recording inside it.")
    if not stat.S_ISREG(status.st_mode):
        raise MediaError(path, "{file} is not an ordinary file: save the recording as a file first.")
    if not os.access(path, os.R_OK):
        raise MediaError(path, "{file} may not be read: ask for permission to read it.")
    check_start(path, head_of(path), status.st_size)


def check_start(path: str | Path, head: bytes, size: int) -> None:
    """Raise `MediaError` when the first bytes are no recording's, or it is too large; nothing is decoded.

    Parameters
    ----------
    path
        Names the file; it need not exist.
    head
        The file's first `HEAD_BYTES` bytes.
    size
        Of the whole file, in bytes.
    """
    if size == 0:
        raise MediaError(path, "{file} is empty (0 bytes): record or copy it again.")
    suffix = Path(path).suffix
    sentence = None if is_photo(head) else foreign(head, suffix) or _not_a_recording(head) or locked(head)
    if sentence:
        raise MediaError(path, sentence)
    if not is_photo(head) and not demuxers_for(head):
        raise MediaError(path, unreadable(head, suffix) or UNREADABLE)
    limit_gb = current_limits().file_gb
    if size > limit_gb * 1e9:
        raise MediaError(path, "{file} has {size} GB: cut it into parts of at most {limit} GB.",
                         size=round(size / 1e9, 1), limit=f"{limit_gb:g}")  # fmt: skip


def refusal(path: Path) -> MediaError:
    """Say why a file that looked like a recording could not be opened by the decoder."""
    head = head_of(path)
    sentence = unreadable(head, path.suffix)
    if sentence is None and head[4:8] in _ISO_BOXES and not _has_index(path):
        sentence = CUT_OFF
    return MediaError(path, sentence or UNREADABLE)


def _has_index(path: Path) -> bool:
    """Whether the box that says how an MP4 is to be read (``moov``) is there to its end."""
    with open_recording(path) as file:
        at, end = 0, file.seek(0, os.SEEK_END)
        for _ in range(1000):  # boxes of a file stand one behind the other; a recorder writes some ten
            file.seek(at)
            start = file.read(16) or b""
            size = int.from_bytes(start[:4])
            size = int.from_bytes(start[8:16]) if size == 1 else size or end - at
            if len(start) < 8 or size < 8:
                return False
            if start[4:8] == b"moov":
                return at + size <= end
            at += size
    return False


def sha256(path: Path) -> str:
    """SHA-256 of the file's bytes, as 64 hexadecimal digits."""
    with open_recording(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def head_of(path: Path) -> bytes:
    """First `HEAD_BYTES` bytes of the file."""
    try:
        with open_recording(path) as file:
            return file.read(HEAD_BYTES) or b""
    except OSError as fault:
        raise MediaError(path, "{file} could not be read from the disk: copy it to another disk.") from fault


class HandedIn(io.RawIOBase):
    """A file that another process has opened, with a place in it of its own; ``name`` as for FFmpeg."""

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor, self._at = descriptor, 0
        self.name = f"file:{path}"

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from here on; returns how many bytes there were."""
        count = os.preadv(self._descriptor, [buffer], self._at)
        self._at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere; returns where, in bytes from the start."""
        end = os.fstat(self._descriptor).st_size if whence == os.SEEK_END else 0
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence, end)
        if at < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = at
        return at

    def tell(self) -> int:
        """Where in the file this is, in bytes from its start."""
        return self._at


_handed: dict[Path, int] = {}


@contextmanager
def handed_in(path: Path, descriptor: int) -> Iterator[None]:
    """Read ``path`` through ``descriptor`` in the block: this process may not open the file itself."""
    _handed[path] = descriptor
    try:
        yield
    finally:
        del _handed[path]


def open_recording(path: Path) -> io.RawIOBase | io.FileIO:
    """The file at ``path``, to be read from its start."""
    if path in _handed:
        return HandedIn(_handed[path], path)
    return io.FileIO(path)


def is_handed_in(path: Path) -> bool:
    """Whether ``path`` is read through a descriptor that was handed in."""
    return path in _handed


def _not_a_recording(head: bytes) -> str | None:
    """Return the sentence that says what else the file is, or None."""
    if head.startswith(_STILLS) or head[4:12] == b"ftypjxl ":
        return STILL
    if head.startswith(_ARCHIVES):
        return ARCHIVE
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_PLAYLISTS):
        return "{file} is a playlist: choose the recording itself."
    if head.startswith(_DOCUMENTS) or _is_text(head):
        return "{file} is a document or a program: choose a recording with a moving picture or with sound."
    return None


def _is_text(head: bytes) -> bool:
    """Text has no control bytes but white space, and of that some; a container has a zero or the like early on."""
    spaced = len(head) < 4096 or any(space in head for space in (b" ", b"\n", b"\r", b"\t"))
    return spaced and not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
