"""Running the client program of a package index: to its end, with a sign of life, and never beyond ours."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from liyi.core.children import child_environment

_POLL_S = 0.2


@dataclass(frozen=True)
class Outcome:
    """How a client program ended: its exit code and everything it printed."""

    code: int
    output: str


Runner = Callable[[Sequence[str], Path, Callable[[], None]], Outcome]
"""``run(command, scratch, tick)``: run a program, its temporary files in ``scratch``, calling ``tick`` meanwhile."""


def run_client(command: Sequence[str], scratch: Path, tick: Callable[[], None]) -> Outcome:
    """Run a package index client to its end; it dies with us.

    Parameters
    ----------
    command
        Program and arguments.
    scratch
        Existing folder for the program's temporary files and its output.
    tick
        Called about five times a second while the program runs.

    Returns
    -------
    Outcome
        Exit code and output.
    """
    printed = scratch / "printed.txt"
    environment = {**child_environment(), **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    with (
        printed.open("wb") as output,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=scratch,  # npm takes settings, and so a program to run, from the folder that it stands in
        ) as process,
    ):
        try:
            while process.poll() is None:
                tick()
                try:
                    process.wait(_POLL_S)
                except subprocess.TimeoutExpired:
                    continue
        finally:
            process.kill()
    return Outcome(process.returncode, printed.read_text(encoding="utf-8", errors="replace"))
