"""A real server on this machine, for the browser to meet."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.looking import axe  # noqa: F401  (a fixture)
from tests.e2e.playing import live_models_ready, player  # noqa: F401  (fixtures)

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory, models_ready):
    """Address of a running web app whose jobs live in a temporary folder."""
    port = free_port()
    env = {**os.environ, "LIYI_DATA": str(tmp_path_factory.mktemp("data")),
           "LIYI_DRILLS": str(Path(__file__).parent / "drills")}  # fmt: skip
    log = (tmp_path_factory.mktemp("log") / "server.txt").open("wb")
    process = subprocess.Popen([sys.executable, "-P", "-m", "liyi", "app", "--port", str(port)], cwd=ROOT, env=env,
                               stdout=log, stderr=log)  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
                break
            except OSError:
                assert process.poll() is None, Path(log.name).read_text()
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Screenshots to look at."""
    folder = ROOT / "out" / "screens"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
