"""What people type, checked where it enters: one fault, one sentence."""

from __future__ import annotations

import math
import re
from enum import StrEnum
from typing import TypeVar

from liyi.core.errors import LiyiError
from liyi.core.typed_json import LONGEST_S

MOST_NAME, MOST_TEXT = 200, 4000
Word = TypeVar("Word", bound=StrEnum)
_KEY = re.compile(r"[A-Za-z0-9_.-]{1,64}")


def name_of(text: str) -> str:
    """Read a name: one line, at most `MOST_NAME` characters.

    Raises
    ------
    LiyiError
        When it is empty, too long, or holds characters that cannot be shown.
    """
    text = _text(text, MOST_NAME)
    if not text.isprintable():
        raise _unfit(MOST_NAME)
    return text


def text_of(text: str) -> str:
    """Read a text of several lines, at most `MOST_TEXT` characters; raises like `name_of`."""
    text = _text(text, MOST_TEXT)
    if not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        raise _unfit(MOST_TEXT)
    return text


def key_of(text: str) -> str:
    """Read the id of a criterion, a flag or a version: letters, digits, ``_ . -``."""
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        raise LiyiError("This is no id: it may hold letters, digits, points, hyphens and underscores only.")
    return text


def digest_of(text: str) -> str:
    """Read a SHA-256 in lower-case hexadecimal."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9a-f]{64}", text):
        raise LiyiError("This is no SHA-256 digest: it has 64 hexadecimal digits.")
    return text


def word_of(kind: type[Word], value: str) -> Word:
    """Read one of the words of ``kind``."""
    try:
        return kind(value)
    except ValueError as error:
        raise LiyiError("The word must be one of these: {words}.", words=", ".join(kind)) from error


def number_of(value: float, least: float, most: float) -> float:
    """Read a number within bounds."""
    number = float(value)
    if not (math.isfinite(number) and least <= number <= most):
        raise LiyiError("The number must lie between {least} and {most}.", least=f"{least:g}", most=f"{most:g}")
    return number


def stretch_of(start_s: float | None, end_s: float | None, duration_s: float | None) -> tuple[float, float] | None:
    """Read a stretch of a recording in seconds; None where neither end is given, which means all of it.

    The last sample of what was measured may stand for a moment longer than the recording.
    """
    if start_s is None and end_s is None:
        return None
    if start_s is None or end_s is None:
        raise LiyiError("A moment has a start and an end.")
    most = LONGEST_S if duration_s is None else duration_s + 1
    start = number_of(start_s, 0, most)
    return start, number_of(end_s, start, most)


def _text(text: str, most: int) -> str:
    text = text.strip()
    if not 0 < len(text) <= most:
        raise _unfit(most)
    return text


def _unfit(most: int) -> LiyiError:
    return LiyiError("This text cannot be stored: it must have 1 to {most} characters that can be shown.", most=most)
