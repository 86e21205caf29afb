"""Texts of people (names of files, reasons) on a page, letter by letter: Streamlit reads most texts as Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from liyi.core.words import explain_error, translate
from liyi.ui.wording import lang

if TYPE_CHECKING:
    from liyi.core.errors import LiyiError

_JOINER = "\N{WORD JOINER}"  # takes no room
_SIGNS = re.compile(r"[\\`*_{}\[\]<>#~$|!:&]|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
# What Streamlit looks for in the finished text, where no backslash helps: `:smile:`, `-->`, addresses.
_FOUND_LATER = re.compile(r"[:@]|www(?=\.)|[-<>=~](?=[-<>=])", re.IGNORECASE)


def plain(text: str) -> str:
    """Markdown that shows ``text`` as it stands, on one line."""
    escaped = _SIGNS.sub(lambda found: "\\" + found.group(), " ".join(text.split()))
    return _FOUND_LATER.sub(lambda found: found.group() + _JOINER, escaped)


def explain(error: LiyiError) -> str:
    """The sentence of a fault in the page's language, as Markdown in which the names are shown as they are."""
    if getattr(error, "faults", ()):  # of a norm pack: a line each
        return "  \n".join(plain(line) for line in explain_error(error, lang()).splitlines())
    return translate(error.sentence, lang(), **{name: _shown(value) for name, value in error.fields.items()})


def _shown(value: Any) -> Any:
    return value if isinstance(value, int | float) else plain(str(value))
