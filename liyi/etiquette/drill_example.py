"""The example of a drill: a sound that the unit has recorded, which lies beside the file of its drills."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError, Notice

if TYPE_CHECKING:
    from pathlib import Path

SUFFIXES = (".wav", ".m4a", ".mp3", ".ogg", ".webm")
LARGEST_MB = 20
LONGEST_S = 180.0
_PLAIN = re.compile(r"[^/\\:\x00-\x1f]+")


def refusal(name: str, folder: Path | None) -> Notice | None:
    """Why a file cannot be the example of a drill; None where it can.

    Parameters
    ----------
    name
        As the drill has it.
    folder
        Where the file of drills lies; None where it lies nowhere.
    """
    if not _PLAIN.fullmatch(name) or not name.lower().endswith(SUFFIXES):
        return Notice("Write the plain name of a sound file that lies beside this one: wav, m4a, mp3, ogg or webm.")
    path = folder / name if folder is not None else None
    if path is None or not path.is_file():
        return Notice("There is no file {name} beside this one.", {"name": name})
    if path.stat().st_size > LARGEST_MB << 20:
        return Notice("{name} is larger than {most} MB: shorten it.", {"name": name, "most": LARGEST_MB})
    return _unheard(path)


def _unheard(path: Path) -> Notice | None:
    from liyi.media.recording import open_media

    try:
        media = open_media(path)
        if media.info.has_sound and media.info.duration_s > LONGEST_S:
            about = {"name": path.name, "most": round(LONGEST_S / 60)}
            return Notice("{name} lasts longer than {most} minutes: shorten it.", about)
        heard = any(block.any() for block in media.samples())
    except (LiyiError, OSError):
        heard = False
    return None if heard else Notice("{name} holds no sound that can be heard.", {"name": path.name})
