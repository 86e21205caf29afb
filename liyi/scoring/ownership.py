"""Whose results stand in a folder: of which recording, what of them is damaged, and what is not Liyi's at all.

Each of the three files says of which recording it is, so that one that was cut short takes nothing from the others.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core.atomic import is_replaceable, require_own, starts_with
from liyi.core.errors import LiyiError, Notice
from liyi.core.names import cut, readable_name
from liyi.core.words import N_, listed
from liyi.media.files import sha256 as file_sha256

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from liyi.core.atomic import IsOwn

ASSESSMENT, MEASURES, REPORT = "assessment.json", "measures.parquet", "report.html"
RESULTS = (MEASURES, REPORT, ASSESSMENT)  # the last one last, so that where it stands the others stand too
LARGEST_ASSESSMENT = 64 << 20
_HEAD_BYTES = 4096
_NAME_BYTES = 255  # what file systems allow
# What every page of Liyi's begins with; those of before said nothing of who made them.
_PAGE = re.compile(
    rb'\s*<!doctype html>\s*<html lang="[\w-]+">\s*<head>\s*<meta charset="utf-8">\s*'
    rb'(<meta name="generator" content="Liyi">|<meta name="viewport" content="width=device-width, initial-scale=1">\s*'
    rb'<meta name="robots" content="noindex">)'
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
# The recording is named near the start, which is what a file that was cut short still has; quotes in names are escaped.
_RECORDING = re.compile(rb'"recording":\s*\{[^{}]{0,2000}?"sha256":\s*"([0-9a-f]{64})"')
_REPORTED = re.compile(rb'id="method".{0,4000}?sha256 ([0-9a-f]{64})', re.DOTALL)


def is_page(file: Path) -> bool:
    """Whether an HTML file was written by Liyi; the start of one is enough."""
    with file.open("rb") as content:
        return _PAGE.match(content.read(_HEAD_BYTES)) is not None


def is_assessment(file: Path) -> bool:
    """Whether a file is an ``assessment.json``, or the start of one."""
    return _said_by_assessment(file) is not None or starts_with(file, b'{\n  "schema_version"', b'{"schema_version"')


def is_measures(file: Path) -> bool:
    """Whether a file is a ``measures.parquet``, or the start of a Parquet file that was cut short."""
    from liyi.etiquette.store import recording_of

    try:
        return recording_of(file) is not None
    except LiyiError:
        return starts_with(file, b"PAR1")


IS_OWN: Mapping[str, IsOwn] = {MEASURES: is_measures, REPORT: is_page, ASSESSMENT: is_assessment}


@dataclass(frozen=True)
class Standing:
    """What stands in a folder of results.

    ``recording``: SHA-256 of the recording; empty where it cannot be told, None where there are no results.
    ``damaged`` and ``strange``: names of the files that are damaged, and of those that are not Liyi's.
    """

    recording: str | None = None
    damaged: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()

    def is_of(self, recording: str) -> bool:
        """Whether the results of ``recording`` may be written there."""
        return self.recording in (None, recording) and not self.strange


def standing(folder: Path) -> Standing:
    """Look at what stands in ``folder``; an empty file counts for nothing."""
    there = [name for name in RESULTS if os.path.lexists(folder / name) and not _is_empty(folder / name)]
    if not there:
        return Standing()
    strange = tuple(name for name in there if not is_replaceable(folder / name, IS_OWN[name]))
    said = {name: _SAID[name](folder / name) for name in (ASSESSMENT, MEASURES) if name in {*there} - {*strange}}
    told = [digest for digest in said.values() if digest]
    if not told and REPORT in {*there} - {*strange}:
        told = [digest for digest in [_said_by_report(folder / REPORT)] if digest]
    damaged = tuple(name for name in said if said[name] is None or not _is_sound(folder / name))
    return Standing(told[0] if told else "", damaged, strange)


def require_free(folder: Path, recording: str | None) -> None:
    """Refuse a folder whose results are of another recording than ``recording`` (None: not asked), or not Liyi's.

    Raises
    ------
    LiyiError
        With the remedy.
    """
    found = standing(folder)
    if recording is not None and found.recording == "":
        raise LiyiError(
            "{folder} holds files named like results whose recording cannot be told: name another folder with --out, "
            "or move them away.",
            folder=str(folder),
        )
    for name in found.strange:
        require_own(folder / name, lambda _: False)
    if recording is not None and found.recording not in (None, recording):
        raise LiyiError(
            "{folder} holds the results of another recording: name another folder with --out.", folder=str(folder)
        )


def place_results(recording: Path, out: Path | None, lang: str) -> tuple[Path, list[Notice]]:
    """Where the results of a recording go, and what the user should know of what stands there.

    Parameters
    ----------
    recording
        The recording.
    out
        The folder that the user named; None for ``NAME.liyi`` in the current folder, or the first of ``NAME-2.liyi``
        ... that holds nothing else than results of this recording.
    lang
        ``zh`` or ``en``.
    """
    try:
        digest = file_sha256(recording) if recording.is_file() else None
    except OSError:
        digest = None
    if out is not None:
        return out, _about(out, lang) if digest else []
    stem = readable_name(recording.stem or recording.name)
    folder, at, passed = _named(stem, ".liyi"), 1, None
    while digest is not None and not (found := standing(folder)).is_of(digest):
        passed = passed or (folder if found.recording == "" or found.strange else None)
        at += 1
        folder = _named(stem, f"-{at}.liyi")
    notices = _about(folder, lang) if digest else []
    if passed is not None:
        sentence = N_("{folder} holds files named like results of which it cannot be told that they are this "
                      "recording's: they stay, and the new results go to {new}.")  # fmt: skip
        notices.insert(0, Notice(sentence, {"folder": str(passed), "new": str(folder)}))
    return folder, notices


def _named(stem: str, ending: str) -> Path:
    return Path(cut(stem, _NAME_BYTES - len(ending)) + ending)


def _about(folder: Path, lang: str) -> list[Notice]:
    damaged = standing(folder).damaged
    if not damaged:
        return []
    sentence = N_("Damaged in {folder}: {names}. The new results replace them once they are complete.")
    return [Notice(sentence, {"folder": str(folder), "names": listed(damaged, lang)})]


def _is_empty(file: Path) -> bool:
    try:
        return file.is_file() and not file.is_symlink() and file.stat().st_size == 0
    except OSError:
        return False


def _is_sound(file: Path) -> bool:
    if file.name != ASSESSMENT:
        return True
    try:
        return isinstance(json.loads(file.read_bytes()), dict)
    except (OSError, ValueError, RecursionError):
        return False


def _said_by_assessment(file: Path) -> str | None:
    try:
        with file.open("rb") as content:
            text = content.read(LARGEST_ASSESSMENT)
    except OSError:
        return None
    try:
        digest = json.loads(text)["recording"]["sha256"]
        return digest if isinstance(digest, str) and _DIGEST.fullmatch(digest) else None
    except (ValueError, LookupError, TypeError, RecursionError):
        found = _RECORDING.search(text[:_HEAD_BYTES])
        return found[1].decode() if found else None


def _said_by_measures(file: Path) -> str | None:
    from liyi.etiquette.store import recording_of

    try:
        return recording_of(file)
    except LiyiError:
        return None


def _said_by_report(file: Path) -> str | None:
    """The first digest of its section on provenance is the recording's."""
    with file.open("rb") as content:
        found = _REPORTED.search(content.read(LARGEST_ASSESSMENT))
    return found[1].decode() if found else None


_SAID: Mapping[str, Callable[[Path], str | None]] = {ASSESSMENT: _said_by_assessment, MEASURES: _said_by_measures}
