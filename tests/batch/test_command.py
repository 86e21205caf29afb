"""`liyi batch` as a user meets it: exit codes, and one sentence for each fault."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def liyi(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-P", "-m", "liyi", "batch", *map(str, arguments)], cwd=cwd, text=True,
                          capture_output=True, timeout=120, check=False, env={**os.environ, "LANG": "C"})  # fmt: skip


def test_wrong_usage_is_told_before_anything_starts(tmp_path):
    (tmp_path / "list.csv").write_text("file,persn\na.mp4,x\n")
    for arguments, sentence in (
        (["absent", "--out", "out"], "Nothing to assess"),
        (["list.csv", "--out", "out"], "line 1, persn"),
        (["list.csv", "--out", "out", "--norms", "none"], "no norm pack none"),
    ):
        done = liyi(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert sentence in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_with_results_is_refused_without_resume(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mp4").touch()
    (tmp_path / "out" / "recordings" / "0").mkdir(parents=True)
    done = liyi("in", "--out", "out", cwd=tmp_path)
    assert done.returncode == 2
    assert "--resume" in done.stderr


def test_failures_are_told_at_once_and_named_at_the_end(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "空.mp4").touch()
    done = liyi("in", "--out", "out", "--workers", "1", "--lang", "zh", cwd=tmp_path)
    assert done.returncode == 1
    assert "共 1 份录像，已评估 0 份，其中 0 份有总分" in done.stdout
    assert "空.mp4 是空文件" in done.stderr
    assert "failures.csv" in done.stderr
    assert "http://127.0.0.1:" in done.stderr
    assert "空.mp4" in (tmp_path / "out/failures.csv").read_text(encoding="utf-8-sig")
