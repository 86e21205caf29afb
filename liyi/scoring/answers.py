"""What a child left, read as data by its parent: bounded, checked, and never run or shown as it came.

The child may have been taken over by the recording: a file may be a link or a pipe, huge, or no such thing at all. The
report is written here, from what was checked.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
import stat
import string
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from liyi.core.errors import LiyiError
from liyi.core.words import is_known
from liyi.media.files import HandedIn
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT, explain_os_errors, results_in
from liyi.scoring.reporting import MOST_STILLS, Still

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from liyi.etiquette.assessment import Assessment
    from liyi.etiquette.pack import NormPack
    from liyi.scoring.reporting import Report

MOST_ASSESSMENT, MOST_MEASURES, MOST_STILL = 64 << 20, 1 << 30, 1 << 20  # bytes
LONGEST_FIELD = 4096
# C0 and C1 with ESC, ends of lines, marks that turn text around, and halves of characters
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
LARGEST_SIDE = 4096


class UntrueError(Exception):
    """The child's answer is not what a sound child gives."""


@dataclass(frozen=True)
class Answer:
    """What the child found: the assessment, the measures as they stood in its file, and the pictures."""

    assessment: Assessment
    measures: bytes
    stills: Mapping[str, Still] | None


def collect(scratch: Path, said: Any, *, recording: int | None, pack: NormPack, side: int | None = None) -> Answer:
    """Read what `liyi.scoring.child.score` left in ``scratch``.

    Parameters
    ----------
    scratch
        Folder in the child's workshop.
    said
        What the child answered.
    recording
        Descriptor of what it was given to assess.
    pack
        By which it was told to judge.
    side
        Descriptor of the recording from the side that it was given.

    Raises
    ------
    UntrueError
        When anything is missing, of another kind or size, or about another recording.
    """
    from liyi.etiquette.assessment import Assessment

    try:
        folder = os.open(scratch, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            assessment = Assessment.model_validate_json(_content(folder, ASSESSMENT, MOST_ASSESSMENT))
            measures = _content(folder, MEASURES, MOST_MEASURES)
            stills = _stills(folder, said["stills"])
        finally:
            os.close(folder)
        assessment = _with_own_warnings(assessment)
        told, beside = assessment.recording, assessment.recording.side
        if recording is None or told.sha256 != _digest(recording) or assessment.pack != pack.ref:
            raise UntrueError("another recording or norm pack")
        if (beside and beside.sha256) != (None if side is None else _digest(side)):
            raise UntrueError("another recording from the side")
        _check_measures(measures)
    except UntrueError:
        raise
    except Exception as fault:  # whatever a parser makes of what somebody else wrote
        raise UntrueError(type(fault).__name__) from fault
    return Answer(assessment, measures, stills)


def write(out: Path, answer: Answer, *, pack: NormPack, lang: str, report: Report | None) -> None:
    """Write the results into ``out``; ``report`` writes its page here, from the measures that were checked.

    Raises
    ------
    LiyiError
        When ``out`` is another recording's or cannot be written.
    """
    from liyi.etiquette.assess import signals_of
    from liyi.etiquette.store import load_performance
    from liyi.scoring.examined import assessment_text

    with results_in(out, answer.assessment.recording.sha256) as scratch:
        with explain_os_errors(out):
            (scratch / MEASURES).write_bytes(answer.measures)
            (scratch / ASSESSMENT).write_text(assessment_text(answer.assessment), encoding="utf-8")
        if report is not None:
            performance = load_performance(scratch / MEASURES)
            signals = signals_of(performance, pack)
            page = report.write(answer.assessment, performance, signals, pack=pack, lang=lang, stills=answer.stills)
            with explain_os_errors(out):
                (scratch / REPORT).write_text(page, encoding="utf-8")


def check_sentence(sentence: Any, fields: Any) -> None:
    """Raise `UntrueError` for a sentence that does more than name fields, or a field that is no plain value."""
    if not isinstance(sentence, str) or len(sentence) > LONGEST_FIELD or not isinstance(fields, dict):
        raise UntrueError("no sentence")
    try:
        parts = list(string.Formatter().parse(sentence))
    except ValueError as fault:  # a single brace
        raise UntrueError("no sentence") from fault
    for _, name, form, conversion in parts:
        if name is not None and (form or conversion or not name.isidentifier() or name not in fields):
            raise UntrueError("a sentence that asks for more than fields")
    for value in fields.values():
        if not isinstance(value, str | int | float) or len(str(value)) > LONGEST_FIELD:
            raise UntrueError("a field that is no plain value")


def _check_own(sentence: Any, fields: Any) -> None:
    """Raise `UntrueError` for what is no sentence of the catalogue, besides."""
    check_sentence(sentence, fields)
    if not is_known(sentence):
        raise UntrueError("a sentence that is not of the catalogue")


def _with_own_warnings(assessment: Assessment) -> Assessment:
    """The same with its warnings worded here; raises `UntrueError` for one that is not of the catalogue."""
    warnings = []
    for warning in assessment.recording.warnings:
        _check_own(warning.sentence, warning.fields)
        fields = harmless(warning.fields)
        worded = {"fields": fields, "text": warning.sentence.format(**fields)}
        warnings.append(warning.model_copy(update=worded))
    recording = assessment.recording.model_copy(update={"warnings": tuple(warnings)})
    return assessment.model_copy(update={"recording": recording})


def harmless(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields without what steers a terminal or turns a line around."""
    return {
        name: _STEERING.sub("\N{REPLACEMENT CHARACTER}", value) if isinstance(value, str) else value
        for name, value in fields.items()
    }


def error_of_child(sentence: Any, fields: Any) -> LiyiError:
    """The error that a child tells in a sentence of the catalogue; raises `UntrueError` for anything else."""
    _check_own(sentence, fields)
    return error_from_json(sentence, harmless(fields))


def error_from_json(sentence: Any, fields: Any) -> LiyiError:
    """The error that `liyi.core.errors.error_to_json` wrote; raises `UntrueError` for anything else."""
    check_sentence(sentence, fields)
    try:
        return LiyiError(sentence, **fields)
    except (ValueError, TypeError, LookupError) as fault:  # a sentence that does not fit its fields
        raise UntrueError("a sentence that does not fit its fields") from fault


def _content(folder: int, name: str, most: int) -> bytes:
    """The content of an ordinary file of at most ``most`` bytes."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            raise UntrueError("no ordinary file of bounded size")
        content = file.read(most + 1)
    if len(content) > most:
        raise UntrueError("no ordinary file of bounded size")
    return content


def _digest(recording: int) -> str:
    from pathlib import Path

    return hashlib.file_digest(HandedIn(recording, Path()), "sha256").hexdigest()


def _check_measures(content: bytes) -> None:
    """Raise unless the file's own table of contents can be read and promises no more than a recording can hold."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from liyi.etiquette.store import check_unpacked

    with pq.ParquetFile(pa.BufferReader(content), pre_buffer=False) as file:
        check_unpacked(file)


def _stills(folder: int, said: Any) -> dict[str, Still] | None:
    if said is None:
        return None
    if not isinstance(said, list) or len(said) > MOST_STILLS:
        raise UntrueError("too many pictures")
    found = {}
    for at, about in enumerate(said):
        criterion, t_s, size = about["criterion"], about["t_s"], (about["width"], about["height"])
        content = _content(folder, f"{at}.jpg", MOST_STILL)
        if not isinstance(criterion, str) or not isinstance(t_s, float) or not math.isfinite(t_s):
            raise UntrueError("a picture of nothing")
        if jpeg_size(content) != size:
            raise UntrueError("a picture of another size")
        found[criterion] = Still(content, t_s, *size)
    return found


def jpeg_size(content: bytes) -> tuple[int, int]:
    """Width and height of a JPEG as `liyi.report.stills.draw` writes it: baseline, one scan, nothing else in the file.

    Its markers are walked here, in Python; no decoder of the parent sees it.

    Raises
    ------
    UntrueError
        For anything else.
    """
    size, at = None, 2
    while content[:2] == b"\xff\xd8" and content[-2:] == b"\xff\xd9" and at + 4 <= len(content):
        mark, kind, length = struct.unpack_from(">BBH", content, at)
        if mark != 0xFF or length < 2:
            break
        if kind == 0xC0 and length >= 8:  # a picture's head: bits, height, width
            height, width = struct.unpack_from(">HH", content, at + 5)
            size = width, height
        elif kind == 0xDA:  # the scan: up to the end every 0xFF must be one of the data's own
            data = content[at + 2 + length : -2]
            if size is None or not 0 < max(size) <= LARGEST_SIDE or b"\xff" in data.replace(b"\xff\x00", b""):
                break
            return size
        elif kind not in (0xE0, 0xDB, 0xC4):  # JFIF's head, quantisation and Huffman tables
            break
        at += 2 + length
    raise UntrueError("no plain JPEG")
