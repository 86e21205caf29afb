"""Nothing leaves the machine: a trace of system calls during `liyi score` shows no connection to any address."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample_media" / "counter_side_zh.mp4"


def test_score_opens_no_connection(tmp_path, models_ready):
    strace = shutil.which("strace")
    if strace is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have strace")
        pytest.skip("strace is not on this machine")
    log = tmp_path / "calls"
    done = subprocess.run(
        [strace, "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind", "-o", str(log),
         sys.executable, "-P", "-m", "liyi", "score", str(SAMPLE), "--out", str(tmp_path / "out"), "--lang", "en"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    calls = [line for line in log.read_text().splitlines() if re.search(r"sin6?_addr|AF_INET6?\b", line)]
    assert calls == []
