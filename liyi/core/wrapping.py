"""Lines of a terminal: how wide a text is there, and where Chinese breaks."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Chinese breaks between any two characters, but no line begins with a closing mark or ends with an opening one; what a
# no-break space joins (a number and its unit) stays together.
_PART = r"(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef（“《\]]+)"
_UNIT = re.compile(rf"[（“《\[]*{_PART}(?:\xa0{_PART})*[，。；：、！？）”》\]]*[^\S\xa0]*")


def display_width(text: str) -> int:
    """Columns of the terminal that a text takes: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def wrapped(text: str, width: int) -> Iterator[str]:
    """``text`` in lines of at most ``width`` columns, words of Latin letters whole."""
    line = ""
    for unit in _UNIT.findall(text):
        if line and display_width(line + unit.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += unit
    if line:
        yield line.rstrip()
