"""The ``liyi`` command: every command calls one package and prints what it returns.

Nothing heavy is imported before a command runs, so that ``liyi --help`` answers at once.
"""

from __future__ import annotations

import sys

# The help lists the commands in this order.
# isort: off
from liyi.cli import scoring as _scoring
from liyi.cli import agreement as _agreement
from liyi.cli import batch as _batch
from liyi.cli import records_people as _records_people
from liyi.cli import records_recordings as _records_recordings
from liyi.cli import records_exemptions as _records_exemptions
from liyi.cli import records_store as _records_store
from liyi.cli import serve as _serve
from liyi.cli import demo_class as _demo_class
from liyi.cli import doctor as _doctor
from liyi.cli import norms as _norms
from liyi.cli import drills as _drills
from liyi.cli import models as _models
from liyi.cli import overturned as _overturned
from liyi.cli import gold as _gold
from liyi.cli import printed as _printed
from liyi.cli import rated as _rated
from liyi.cli.shared import app

# isort: on

__all__ = ["app", "main"]

_COMMANDS = (
    _scoring,
    _agreement,
    _batch,
    _records_people,
    _records_recordings,
    _records_exemptions,
    _records_store,
    _serve,
    _demo_class,
    _doctor,
    _norms,
    _drills,
    _models,
    _overturned,
    _gold,
    _printed,
    _rated,
)  # entered by being imported


def main() -> None:
    """Entry point of the ``liyi`` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show Chinese must not end in a traceback
    app()
