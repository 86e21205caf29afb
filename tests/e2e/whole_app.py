"""The web app as a whole, with a wire to it that can be cut, and a process that can be killed."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port that nobody uses yet."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Wire:
    """Carries bytes between a port of its own and the app's; while it is cut, every connection breaks."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._up = True
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Break what is open and let nothing new through."""
        with self._lock:
            self._up = False
            for end in self._open:
                _break(end)

    def mend(self) -> None:
        """Let connections through again."""
        self._up = True

    def close(self) -> None:
        """Give the port back."""
        self.cut()
        self._door.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
        except OSError:
            near.close()
            return
        with self._lock:
            self._open |= {near, far}
            if not self._up:
                _break(near)
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(near, selectors.EVENT_READ, far)
                ready.register(far, selectors.EVENT_READ, near)
                while True:
                    for key, _ in ready.select():
                        data = key.fileobj.recv(1 << 16)
                        if not data:
                            return
                        key.data.sendall(data)
        except OSError:
            return
        finally:
            with self._lock:
                self._open -= {near, far}
            near.close()
            far.close()


def _break(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


class App:
    """A running app; the browser reaches it at ``address``, through the wire.

    Parameters
    ----------
    folder
        Of its data.
    quick
        By the door of tests (`tests.e2e.door`), where the calibration takes seconds, instead of ``liyi app``.
    assessing
        False, by that door too: what is asked to be assessed waits.
    """

    def __init__(self, folder: Path, *, quick: bool = False, assessing: bool = True) -> None:
        self.data = folder
        self._quick, self._queue = quick, "open" if assessing else "closed"
        self._port = free_port()
        self.wire = Wire(self._port)
        self.address = f"http://127.0.0.1:{self.wire.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, trace: Path | None = None) -> None:
        """Run the app and wait until it answers; every connection that it or its children open goes into ``trace``."""
        # -D: the app stays our own child, and the tracer is the one that goes its own way
        tracer = ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-e", "trace=connect,sendto,sendmsg,sendmmsg",
                  "-o", str(trace)] if trace else []  # fmt: skip
        log = self.data / "server.txt"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [*tracer, *self._command()],
                cwd=ROOT, env={**os.environ, "LIYI_DATA": str(self.data), "E2E_QUEUE": self._queue},
                stdout=out, stderr=out,
            )  # fmt: skip
        for _ in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self._port}/_stcore/health", timeout=1)
            except urllib.error.HTTPError:  # where people sign in, it answers nothing else to nobody
                return
            except OSError:
                assert self._process.poll() is None, log.read_text()
                time.sleep(0.2)
            else:
                return
        raise AssertionError(log.read_text())

    def _command(self) -> list[str]:
        if not self._quick:
            return [sys.executable, "-P", "-m", "liyi", "app", "--port", str(self._port)]
        door = ROOT / "tests" / "e2e" / "door.py"
        return [sys.executable, "-P", "-m", "streamlit", "run", str(door), "--server.address", "127.0.0.1",
                "--server.port", str(self._port), "--browser.gatherUsageStats", "false"]  # fmt: skip

    def kill(self) -> None:
        """End the app as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    def close(self) -> None:
        """End the app and the wire."""
        self.wire.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)
