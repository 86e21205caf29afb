"""File names that fit a file system: its limit counts bytes, and a Chinese character has three or four."""

from __future__ import annotations


def cut(name: str, most_bytes: int) -> str:
    """The beginning of a name that has at most ``most_bytes`` bytes of UTF-8; no character is cut in two."""
    return name.encode("utf-8", errors="replace")[:most_bytes].decode("utf-8", errors="ignore")
