"""How child processes are started: nothing of the folder that somebody happens to stand in is run or loaded.

``python -m`` and ``python -c`` put the current folder before the standard library, so a ``json.py`` beside the
recordings would be run. ``-P`` (Python 3.11) leaves it out; an empty or relative entry of ``PYTHONPATH``,
``LD_LIBRARY_PATH`` or ``PATH`` would bring it back.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PACKAGES_FOLDER = Path(__file__).resolve().parents[2]  # where Liyi's own packages are found
_LISTS = ("PYTHONPATH", "LD_LIBRARY_PATH", "PATH", "LIYI_RECORDINGS")
_PLACES = ("LIYI_DATA", "LIYI_MODELS")
_SQLITE = "sqlite:///"


def python_module(name: str, *arguments: str) -> list[str]:
    """Command that runs a module with this Python, the current folder left out of its path."""
    return [sys.executable, "-P", "-m", name, *arguments]


def child_environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment for a child that may stand in another folder: what is relative is left out, or made absolute.

    Parameters
    ----------
    given
        `os.environ` when not given.
    """
    environment = dict(os.environ if given is None else given)
    for name in _LISTS:
        if name in environment:
            entries = [entry for entry in environment[name].split(os.pathsep) if os.path.isabs(entry)]
            environment[name] = os.pathsep.join(entries)
    paths = [str(PACKAGES_FOLDER), *environment.get("PYTHONPATH", "").split(os.pathsep)]
    environment |= {"PYTHONPATH": os.pathsep.join(dict.fromkeys(filter(None, paths))), "PYTHONSAFEPATH": "1"}
    for name in _PLACES:
        if environment.get(name):
            environment[name] = os.path.abspath(environment[name])
    url = environment.get("LIYI_DATABASE_URL", "")
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        environment["LIYI_DATABASE_URL"] = _SQLITE + os.path.abspath(url.removeprefix(_SQLITE))
    if not environment.get("LD_LIBRARY_PATH", "-"):
        del environment["LD_LIBRARY_PATH"]  # empty, it would name the current folder
    return environment


def protect() -> None:
    """Have every Python that a library starts from this process leave the current folder out, too."""
    safe = child_environment()
    for name in ("PYTHONSAFEPATH", *_LISTS):
        if name in safe:
            os.environ[name] = safe[name]
        else:
            os.environ.pop(name, None)
