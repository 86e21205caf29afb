"""What the app writes to its log: one JSON object a line, and nothing about a person in it.

`event` takes no free text: no name of a recording, no sentence, no transcript can reach the log. A recording is known
by the ``key`` of its work (a digest or a token's digest), a fault by its class and the line of code that raised it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_LOGGER = logging.getLogger("liyi")


@dataclass(frozen=True)
class Stored:
    """A file of the vault as an administrator finds it: ``path`` below ``media/``, digest, size in bytes, day.

    The vault names its files by digests, so a path says nothing of a person unless somebody else put the file there.
    """

    path: str
    sha256: str
    size: int
    dated: str


class JsonLines(logging.Formatter):
    """One JSON object a line; of an exception only its class and place are written, never its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Write ``record``; a record that does not come from `event` keeps its logger's name and level alone."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, Any] = {"at": f"{stamp}.{record.msecs:03.0f}Z", "level": record.levelname.lower()}
        fields = getattr(record, "liyi", None)
        if fields is None:
            line |= {"event": "logged", "logger": record.name}
        else:
            line |= {"event": record.msg, **fields}
        if record.exc_info and record.exc_info[1] is not None:
            line |= fault(record.exc_info[1])
        return json.dumps(line)


def start(stream: IO[str] | None = None) -> None:
    """Write events to ``stream`` (standard error when not given) from now on; a second call changes nothing."""
    if not _LOGGER.handlers:
        handler = logging.StreamHandler(stream or sys.stderr)
        handler.setFormatter(JsonLines())
        _LOGGER.addHandler(handler)
        _LOGGER.setLevel(logging.INFO)
        _LOGGER.propagate = False


def event(
    name: str,
    *,
    key: str | None = None,
    seconds: float | None = None,
    count: int | None = None,
    error: BaseException | None = None,
    cause: str | None = None,
    stored: Stored | None = None,
) -> None:
    """Log one event.

    Parameters
    ----------
    name
        What happened, as a code: ``assessed``.
    key
        Of what it happened to; it is logged as a short digest, so that a secret token may be given.
    seconds, count
        How long it took; how many there were.
    error
        What was raised; its class and place are logged.
    cause
        A code, where nothing was raised: ``memory``.
    stored
        A file of the vault that it happened to.
    """
    given: dict[str, Any] = {
        "key": hashlib.sha256(key.encode()).hexdigest()[:16] if key else None,
        "seconds": None if seconds is None else round(seconds, 3),
        "count": count,
        "cause": cause,
        **(vars(stored) if stored else {}),
    }
    fields = {name: value for name, value in given.items() if value is not None}
    if error is not None:
        fields |= fault(error)
    if _LOGGER.handlers:  # before `start` there is no log, rather than words on somebody's terminal
        _LOGGER.log(logging.WARNING if error is not None or cause else logging.INFO, name, extra={"liyi": fields})


def fault(error: BaseException) -> dict[str, str]:
    """Class of ``error`` and the line of code that raised it, as ``file.py:line``."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    found = {"error": type(error).__name__}
    if place is not None:
        found["raised"] = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}"
    return found
