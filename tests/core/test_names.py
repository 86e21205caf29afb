"""File names that are no UTF-8 are read where that can be, and never keep a recording from being assessed."""

from __future__ import annotations

import os

import pytest

from liyi.batch.source import name_of
from liyi.core.errors import MediaError
from liyi.core.names import readable_name
from liyi.core.spreadsheet_text import plain


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("窗口练习.mp4".encode(), "窗口练习.mp4"),
        ("中文录像.mp4".encode("gbk"), "中文录像.mp4"),
        (b"menu\xff.mp4", "menu\N{REPLACEMENT CHARACTER}.mp4"),
        (b"plain.mp4", "plain.mp4"),
    ],
)
def test_a_name_of_any_bytes_is_text(raw, text):
    name = os.fsdecode(raw)
    assert readable_name(name) == name_of(f"/somewhere/{name}") == plain(name) == text
    assert text.split(".")[0] in str(MediaError(name, "{file} is refused."))
    readable_name(name).encode("utf-8")


def test_a_half_of_a_pair_that_is_no_byte_is_replaced():
    assert readable_name("a\ud800b") == "a\N{REPLACEMENT CHARACTER}b"
