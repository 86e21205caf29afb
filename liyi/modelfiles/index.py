"""Package indexes, each through its own client: one pinned package file at a time, checked before it is kept.

Packages are read for the data in them; nothing of them is installed and no code of theirs is run. The Python package
index is asked here, npm's registry in :mod:`liyi.modelfiles.npm`.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

from liyi.core.atomic import settle
from liyi.core.children import python_module
from liyi.core.errors import LiyiError
from liyi.modelfiles.client import run_client
from liyi.modelfiles.files import copy_hashed, file_sha256, intact
from liyi.modelfiles.npm import pack
from liyi.modelfiles.registry import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from liyi.modelfiles.client import Outcome, Runner
    from liyi.modelfiles.registry import Archive, Package

# One wheel serves every machine, whatever its system and Python: only data files are read from it.
_PLATFORM = (
    "--only-binary=:all:", "--python-version=311", "--implementation=cp", "--abi=cp311",
    "--platform=manylinux_2_28_x86_64", "--platform=manylinux_2_17_x86_64",
)  # fmt: skip
_COMPLAINTS = ("ERROR:", "npm error", "npm ERR!")


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
        client = pack if package.index == "npm" else _pip_download
        # A client moves the file from its temporary folder when it is complete: for a moment it is there twice.
        outcome = client(package, arrived, scratch, run, lambda: tick(min(_bytes_in(scratch), package.bytes)))
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
        settle(found, kept, sync=False)  # held against its checksum before each use
        return kept


@contextlib.contextmanager
def opened(part: Part, room: Path) -> Iterator[IO[bytes]]:
    """Open a member of a downloaded package that lies in ``room``: a wheel is a zip, npm's file a gzipped tar."""
    file = room / part.package.file if part.archive is None else taken_out(part.archive, room)
    if part.archive is None and part.package.index == "npm":
        with tarfile.open(file, "r:gz") as archive:
            member = archive.extractfile(part.member)
            assert member is not None  # the package is the pinned one, whose members are files
            yield member
    else:
        with zipfile.ZipFile(file) as wheel, wheel.open(part.member) as content:
            yield content


def taken_out(archive: Archive, room: Path) -> Path:
    """A zip that lies inside a downloaded package as a file of its own in ``room``, unless it is there already.

    Raises
    ------
    LiyiError
        It is not the zip that its maker published.
    """
    kept = room / archive.file
    if intact(kept, sha256=archive.sha256, size_bytes=archive.bytes):
        return kept
    with opened(Part(archive.package, archive.member), room) as content, kept.open("wb") as target:
        got = copy_hashed(content, target, most_bytes=archive.bytes)
    if got != archive.sha256:
        kept.unlink()
        raise LiyiError(
            "The archive {file} in the package {package} is another than its maker published (SHA-256 expected "
            "{expected}, got {got}): run `liyi models fetch` again, and if this stays, `liyi models import` an archive "
            "from another machine.",
            file=archive.file,
            package=archive.package.requirement,
            expected=archive.sha256,
            got=got,
        )
    return kept


def _pip_download(package: Package, arrived: Path, scratch: Path, run: Runner, tick: Callable[[], None]) -> Outcome:
    """Run ``pip download`` for one package."""
    return run(
        (
            *python_module("pip", "download"), package.requirement, f"--dest={arrived}", "--no-deps", *_PLATFORM,
            "--no-cache-dir", "--no-input", "--disable-pip-version-check", "--progress-bar=off", "--quiet",
        ),
        scratch,
        tick,
    )  # fmt: skip


def _failure(package: Package, outcome: Outcome) -> LiyiError:
    """The sentence for a client that did not succeed."""
    if "No module named pip" in outcome.output:
        return LiyiError(
            "This Python ({python}) has no pip, which downloads the models: run `{python} -m ensurepip`, then "
            "`liyi models fetch` again.",
            python=sys.executable,
        )
    lines = [line.strip() for line in outcome.output.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(_COMPLAINTS)] or lines or [f"exit code {outcome.code}"]
    said = errors[0] if package.index == "npm" else errors[-1]  # npm names the error, then explains; pip concludes
    return LiyiError(
        "The package {package} could not be downloaded ({client} says: {said}): check the network and {client}'s "
        "index, or run `liyi models export` on a machine that has the models and `liyi models import` here.",
        package=package.requirement,
        client="npm" if package.index == "npm" else "pip",
        said=re.sub(f"^({'|'.join(_COMPLAINTS)})", "", said).strip(),
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
