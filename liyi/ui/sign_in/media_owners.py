"""Whose a file is that a page hands to its browser below ``/media/``: Streamlit gives it to whoever knows its address.

Streamlit names such a file by its content and keeps it for all sessions alike. Here each is bound, as it is stored, to
the person on whose behalf that is done: by a page that is drawn, or by a button that was pressed in it, whose file is
made in the task of its socket. `liyi.ui.sign_in.gate` answers 404 to everybody else, and of what nobody is known.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from contextlib import suppress
from contextvars import ContextVar
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any

from liyi.core.errors import LiyiError
from liyi.ui import people

if TYPE_CHECKING:
    from uuid import UUID

    from liyi.records.viewer import Viewer

MEDIA = re.compile(r"(?<!/static)/media/([^/.]+)[^/]*")  # Streamlit's own fonts lie below /static/media/
_MOST = 20_000
asking: ContextVar[Viewer | None] = ContextVar("asking", default=None)  # whose socket it is
_owners: OrderedDict[str, set[UUID]] = OrderedDict()
_lock = Lock()


def bind() -> None:
    """Have every file that Streamlit stores from now on noted with its owner; once in a process."""
    from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

    store = MemoryMediaFileStorage.load_and_get_id
    if hasattr(store, "__wrapped__"):
        return

    @wraps(store)
    def store_for_owner(*given: Any, **named: Any) -> str:
        id = store(*given, **named)
        note(id, asking.get() or _of_page())
        return id

    MemoryMediaFileStorage.load_and_get_id = store_for_owner  # type: ignore[method-assign]


def note(id: str, who: Viewer | None) -> None:
    """Note that a file was made for somebody; for nobody it is shown to nobody."""
    if who is None:
        return
    with _lock:
        _owners.setdefault(id, set()).add(who.person_id)
        _owners.move_to_end(id)
        while len(_owners) > _MOST:
            _owners.popitem(last=False)


def may_fetch(path: str, who: Viewer) -> bool:
    """Whether an address is none of a file below ``/media/``, or of one that was made for this person."""
    found = MEDIA.search(path)
    if found is None:
        return True
    with _lock:
        return who.person_id in _owners.get(found[1], ())


def _of_page() -> Viewer | None:
    """Who is signed in in the page that is drawn; None without one."""
    with suppress(LiyiError):
        return people.viewer()
    return None
