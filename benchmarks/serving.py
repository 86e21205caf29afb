"""A server of its own for a benchmark: started, waited for, and ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psutil

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def serving(program: str, data: str, *arguments: str) -> Iterator[tuple[int, psutil.Process]]:
    """Run ``program`` (Python, given a port and ``arguments``) over the folder ``data``; its port and process."""
    import psutil

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-c", program, str(port), *arguments], cwd=ROOT, env={**os.environ, "LIYI_DATA": data}
    )
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if server.poll() is not None:
                raise RuntimeError(f"the server ended with exit code {server.returncode}")
            time.sleep(0.1)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()
