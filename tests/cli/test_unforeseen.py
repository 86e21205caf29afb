"""A fault that nobody foresaw is one sentence, which blames no recording; the traceback is for those who ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from liyi import cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "does not mean that the recording is damaged"), ("zh", "不等于录像已损坏")]
)
def test_score_never_ends_in_a_traceback(
    lang: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object, **options: object) -> None:
        raise ValueError("29 is not a valid Type")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(64))
    monkeypatch.setattr("liyi.scoring.score.score", fails)
    done = CliRunner().invoke(cli.app, ["score", "a.mp4", "--lang", lang])
    assert (done.exit_code, type(done.exception)) == (1, SystemExit)
    assert words in done.stderr
    assert "ValueError, test_unforeseen.py:" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

    monkeypatch.setenv("LIYI_TRACEBACK", "1")
    assert isinstance(CliRunner().invoke(cli.app, ["score", "a.mp4", "--lang", lang]).exception, ValueError)
