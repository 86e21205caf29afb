"""A `file:` URL is the path that RFC 8089 says, or one sentence."""

from __future__ import annotations

import os

import pytest

from liyi.core.errors import LiyiError
from liyi.core.file_url import local_path


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///a/b.mp4", "/a/b.mp4"),
        ("file:/a/b.mp4", "/a/b.mp4"),
        ("FILE://localhost/a/b.mp4", "/a/b.mp4"),
        ("file:///a%20b/%E5%BD%95%E5%83%8F.mp4", "/a b/录像.mp4"),
        ("file:///录像/100%.mp4", "/录像/100%.mp4"),
        ("file:///a?b#c.mp4", "/a?b#c.mp4"),
        ("file:///a/%ff.mp4", os.fsdecode(b"/a/\xff.mp4")),
        ("file:///a/\udcff.mp4", os.fsdecode(b"/a/\xff.mp4")),
        ("/a/file:x", "/a/file:x"),
        ("s3://a/b%20c.mp4", "s3://a/b%20c.mp4"),
    ],
)
def test_it_is_a_path(url, path):
    assert local_path(url) == path


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///C:/clips/a.mp4", "drive"), ("file:///c|/a.mp4", "drive"), ("file://C:/a.mp4", "drive"),
        ("file:C:/a.mp4", "drive"), ("file://server/share/a.mp4", "machine server"),
        ("file:////server/share/a.mp4", "machine server"), ("file:a.mp4", "no address"), ("file:", "no address"),
        ("file:///a%00.mp4", "no address"),
    ],
)  # fmt: skip
def test_what_is_none_of_this_machine_is_one_sentence(url, said):
    with pytest.raises(LiyiError, match=said):
        local_path(url)


def test_a_file_of_that_very_name_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file:a%20b.mp4").touch()
    assert local_path("file:a%20b.mp4") == "file:a%20b.mp4"
