"""Replays: a recording and its report are sent to whoever holds a token for it, the recording piece by piece.

Tokens live in this process only. Each request asks the records anew whether the viewer may still watch.
"""

from __future__ import annotations

import mimetypes
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.core.errors import LiyiError
from liyi.media.files import head_of
from liyi.media.kinds import photo_readers, recorded_suffix
from liyi.records import vault
from liyi.records.operations import recordings
from liyi.ui import people, workroom
from liyi.ui.live import access

if TYPE_CHECKING:
    from pathlib import Path

    from liyi.records.viewer import Viewer

_MEDIA_TYPES = {".webm": "video/webm", ".mp4": "video/mp4"}
_PICTURES = {each: f"image/{each.lower()}" for each in ("JPEG", "PNG", "WEBP", "BMP", "AVIF", "GIF")}


@dataclass(frozen=True)
class _Ticket:
    viewer: Viewer
    id: str
    until: float


_tickets: dict[str, _Ticket] = {}  # by the token's digest


def grant(id: str) -> str:
    """A token with which the viewer's page fetches the recording ``id``, for a working day."""
    now = time.time()
    for old in [digest for digest, ticket in _tickets.items() if ticket.until < now]:
        _tickets.pop(old, None)
    token = access.new_token()
    _tickets[access.digest(token)] = _Ticket(people.viewer(), id, now + access.VALID_S)
    return token


def holder(token: str, asking: Viewer | None) -> tuple[Viewer, str] | None:
    """On whose behalf a token asks, and for which recording; None for a wrong or old one, and for somebody else's.

    ``asking`` is who is signed in (`liyi.ui.people.of_request`), None for nobody.
    """
    ticket = _tickets.get(access.digest(token))
    if ticket is None or ticket.until < time.time() or ticket.viewer != asking:
        return None
    return ticket.viewer, ticket.id


def opened(token: str, asking: Viewer | None, *, side: bool = False) -> tuple[Path, str] | None:
    """File and media type of what a token opens (`holder`); None too for what is not there any more.

    ``side``: of its recording from the side.
    """
    held = holder(token, asking)
    if held is None:
        return None
    viewer, id = held
    try:
        row = recordings.recording(people.records(), viewer, id)
        digest, waiting = (row.side_sha256, workroom.side) if side else (row.sha256, workroom.media)
        path = vault.path_of(people.records(), digest) if digest else waiting(id)
        return (path, media_type(path, "" if side else row.name)) if path is not None and path.is_file() else None
    except LiyiError:
        return None


def media_type(path: Path, name: str) -> str:
    """Media type of a recording by its name, and where that has no suffix by its first bytes.

    Of a photo by those alone. Sound, picture, and photos that browsers show; anything else is a stream of bytes.
    """
    if readers := photo_readers(head_of(path)):
        return _PICTURES.get(readers[0], "application/octet-stream")
    kind = mimetypes.guess_type(name)[0] or _MEDIA_TYPES.get(recorded_suffix(head_of(path)), "")
    return kind if kind.startswith(("audio/", "video/")) else "application/octet-stream"


def suffix_of(path: Path, name: str) -> str:
    """How the name of a recording ends when it is taken away, with its dot."""
    _, dot, ending = name.rpartition(".")
    return f".{ending}" if dot and ending.isalnum() else recorded_suffix(head_of(path))
