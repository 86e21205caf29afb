"""The workroom of a recording: the folder in which it, or the pieces of a rehearsal, lie until it is filed.

It is known by the recording's id. ``recording/`` has the upload, ``side/`` that from the side, ``chunks/`` the pieces,
``out/`` what the assessment made; what a job keeps there says `liyi.ui.jobs`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any

from liyi.core.atomic import ALL_BUT_OWNER, atomic_write
from liyi.core.errors import LiyiError
from liyi.core.names import cut
from liyi.media import kinds
from liyi.media.files import check_start
from liyi.records.engine import data_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

JOINED = ("recording.webm", "recording.mkv", "recording.mp4")
SIDE = "side"  # folder of the recording from the side
NEEDED = "needed"  # beside pieces of which the joined file gives back less than they hold
MOST_NAME_BYTES = 180
_ID = re.compile(r"[0-9a-f]{32}")
_UNSAFE = re.compile(r"[^\w.\- ()（）]", re.UNICODE)


def workrooms() -> Path:
    """Where the workrooms are: as `liyi.records.lifecycle.workroom`, which removes them, has it."""
    return data_folder() / "work"


def folder_of(id: str) -> Path:
    """Workroom of the recording ``id``; raises LiyiError for anything that is not an id."""
    if not _ID.fullmatch(id):
        raise LiyiError("There is no such assessment. Start a new one.")
    return workrooms() / id


def media(id: str) -> Path | None:
    """The recording in the workroom as one file; None as long as there is none."""
    folder = folder_of(id)
    joined = next((folder / name for name in JOINED if (folder / name).is_file()), None)
    return joined or next((each for each in (folder / "recording").glob("*") if each.is_file()), None)


def side(id: str) -> Path | None:
    """The recording from the side in the workroom; None where there is none."""
    return next((each for each in (folder_of(id) / SIDE).glob("*") if each.is_file()), None)


def is_sound_alone(id: str) -> bool:
    """Whether what lies in a workroom has no picture, by the first bytes of the file or of a first piece."""
    first = media(id) or next(iter(sorted((folder_of(id) / "chunks").glob("*.part"))), None)
    if first is None:
        return False
    with suppress(OSError), first.open("rb") as content:  # joined or filed meanwhile
        return kinds.is_sound_alone(content.read(kinds.HEAD_BYTES))
    return False


def is_photo(id: str) -> bool:
    """Whether what lies in a workroom is a picture, by its first bytes."""
    first = media(id)
    if first is None:
        return False
    with suppress(OSError), first.open("rb") as content:  # filed meanwhile
        return kinds.is_photo(content.read(kinds.HEAD_BYTES))
    return False


def outputs(id: str) -> Path:
    """Folder with ``assessment.json``, ``measures.parquet`` and ``report.html`` of a finished job."""
    return folder_of(id) / "out"


def clear(id: str) -> None:
    """Remove the workroom; its job first, which without its progress would look as if it waited.

    Pieces of which a joined file gave back less than they hold stay, until their recording is deleted.
    """
    folder = folder_of(id)
    with suppress(OSError):
        (folder / "job.json").unlink(missing_ok=True)
    if not (folder / "chunks" / NEEDED).exists():
        shutil.rmtree(folder, ignore_errors=True)
        return
    for each in folder.iterdir():
        if each.name != "chunks":
            shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A file name with nothing in it that a file system could misread; keeps Chinese, at most 80 characters.

    In bytes it leaves room for what is added to it: rare characters of names have four each, and a name may have 255.
    """
    base = _UNSAFE.sub("_", re.split(r"[/\\]", name)[-1])
    head, dot, tail = base.rpartition(".")
    if not dot:
        head, tail = base, ""
    head = cut(head.strip(" .")[:70], MOST_NAME_BYTES) or "recording"
    return f"{head}.{cut(tail[:8], 32)}" if tail else head


def write_json(path: Path, data: Mapping[str, Any], *, sync: bool = False) -> None:
    """Write atomically, for the owner only; ``sync`` as for `liyi.core.atomic.atomic_write`."""
    with atomic_write(path, barred=ALL_BUT_OWNER, sync=sync) as part:
        part.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")


def owners(path: str, flags: int) -> int:
    """Opener of a file that only its owner reads, whatever the umask."""
    return os.open(path, flags, 0o600)


def check(content: IO[bytes], name: str) -> None:
    """Raise MediaError for what is no recording by its first bytes, or too large; nothing is kept or decoded then."""
    begin = content.tell()
    head = content.read(kinds.HEAD_BYTES)
    size = content.seek(0, os.SEEK_END) - begin
    content.seek(begin)
    check_start(name, head, size)
