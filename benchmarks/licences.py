"""Writes docs/licences.md: every package of requirements.lock with its licence, and every model with where it is from.

``make licences`` runs it in the project's own .venv. What the packages say of themselves is quoted; of the libraries
inside the av wheel it is read from the files that lie in it.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from liyi.modelfiles.registry import registry

ROOT = Path(__file__).resolve().parent.parent
COPYLEFT = {"libx264": "GPL-2.0-or-later", "libx265": "GPL-2.0-or-later"}
_NAME = re.compile(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)


def locked() -> list[tuple[str, str, str]]:
    """Name, version and condition of every entry of requirements.lock; some packages differ from Python to Python."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return [(name, version, (condition or "").strip()) for name, version, condition in _NAME.findall(text)]


def licence(found: Distribution) -> str:
    """A package's licence in its own words: the expression, else its classifiers, else the first line of the field."""
    about = found.metadata
    if about.get("License-Expression"):
        return str(about["License-Expression"])
    classified = [each.split(" :: ")[-1] for each in about.get_all("Classifier") or () if each.startswith("License ::")]
    field = (about.get("License") or "").strip().splitlines()
    return ", ".join(classified) or (field[0][:60] if field else "not stated")


def package_rows() -> list[str]:
    """A table row for each locked package; one that another system or Python needs is named as not looked at."""
    rows = []
    for name, version, condition in locked():
        try:
            found = distribution(name)
            said = licence(found) if found.version == version else f"another version here ({condition})"
        except PackageNotFoundError:
            said = f"not installed here ({condition.replace('|', '/')})"
        rows.append(f"| {name} | {version} | {said.replace('|', '/')} |")
    return rows


def copyleft_in_av() -> list[str]:
    """Names of the libraries in the av wheel that stand under the GPL."""
    files = [file.name for file in distribution("av").files or ()]
    return [name for name in COPYLEFT if any(file.startswith(name) for file in files)]


def model_rows() -> list[str]:
    """A table row for each model: licence, and the packages that its files are taken from."""
    rows = []
    for entry in registry().values():
        parts = dict.fromkeys(part.package.requirement for file in entry.files for part in file.parts)
        source = entry.inside or ", ".join(parts)
        rows.append(f"| {entry.name} | {entry.licence} | {source} |")
    return rows


def page() -> str:
    """The whole page."""
    gpl = copyleft_in_av()
    about_av = (
        f"The `av` wheel carries FFmpeg built with {' and '.join(gpl)} ({COPYLEFT[gpl[0]]}). Liyi decodes with it, and "
        "encodes with its libvpx and libopus (BSD); using it on one's own machines asks nothing of anybody. Whoever "
        "**passes on** an image, a virtual environment or a folder of wheels that holds it passes on GPL software: the "
        "whole of the FFmpeg in it is then under the GPL, and its source must be offered with it (the av project's "
        "releases name the FFmpeg version and the build scripts). To pass on none, leave `av` out of the image and let "
        "its receiver install it from the lock file, or build `av` from source against an FFmpeg configured without "
        "`--enable-gpl`."
        if gpl
        else "The `av` wheel here carries no library under the GPL."
    )
    return f"""# Licences

Written by `make licences`; a test compares it with `requirements.lock` and `models/registry.toml`. Liyi itself is under
Apache-2.0 (`LICENSE`, `NOTICE`).

## What to know before passing on an image or wheels

{about_av}

`soxr`, `pi-heif` and `psycopg` are under the LGPL: they may be passed on as they are, as long as the receiver can
replace them, which Python packages allow. The `oracle` group (parselmouth, GPL) is for tests and never installed by
`make app` or the intranet recipe.

## Models

None of them is in the repository. A package index may lose a package (three of these are packages of others):
every unit keeps an archive of its own, `liyi models export FILE`, beside its backups. Checksums are pinned, so nothing
can be exchanged unseen.

| model | licence | comes from |
|---|---|---|
{chr(10).join(model_rows())}

## Packages

| package | version | licence as the package states it |
|---|---|---|
{chr(10).join(package_rows())}
"""


if __name__ == "__main__":
    print(page(), end="")
