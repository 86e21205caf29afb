"""File names as text that can be written anywhere: readable where they are no UTF-8, and not too long.

A zip that Windows made and Linux unpacked gives names in GBK; Python keeps such bytes as lone surrogates, which no
JSON, Parquet or terminal takes.
"""

from __future__ import annotations

import os

_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


def readable_name(name: str) -> str:
    """``name`` where it is text; else read as GB 18030 where that gives printable text, else made printable."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        pass
    else:
        return name
    try:
        read = os.fsencode(name).decode("gb18030")
    except UnicodeError:
        read = ""
    if read.isprintable() and read:
        return read
    return "".join(_UNKNOWN if "\ud800" <= letter <= "\udfff" else letter for letter in name)


def cut(name: str, most_bytes: int) -> str:
    """The beginning of a name that has at most ``most_bytes`` bytes of UTF-8; no character is cut in two.

    The limit of a file system counts bytes, and a Chinese character has three or four.
    """
    return name.encode("utf-8", errors="replace")[:most_bytes].decode("utf-8", errors="ignore")
