"""Nothing leaves the machine: a trace of system calls during `liyi score` shows no connection to any address."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.exempting import clip


def test_score_opens_no_connection(tmp_path, models_ready):
    strace = shutil.which("strace")
    if strace is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have strace")
        pytest.skip("strace is not on this machine")
    log, recording = tmp_path / "calls", clip(tmp_path / "clip.mp4", 4)
    done = subprocess.run(
        [strace, "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg,bind", "-o", str(log),
         sys.executable, "-P", "-m", "liyi", "score", str(recording), "--out", str(tmp_path / "out"), "--lang", "en"],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    calls = [line for line in log.read_text().splitlines() if re.search(r"sin6?_addr|AF_INET6?\b", line)]
    assert calls == []
