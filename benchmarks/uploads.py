"""How much memory the app needs to take files for a batch, and whether it loses any of them when it is killed.

    python -m benchmarks.uploads [--files 50] [--megabytes 100] [--at-once 4]

The web app is started on a folder of its own; an evaluator's browser is imitated: files are begun, sent in pieces of
8 MB, several at the same time, and tried again while nothing answers. When half of all bytes are there, the server is
killed (SIGKILL) and started again. Told are the seconds, the most memory (resident set) above what the app had before
the first file, in both servers, and how many files are not as they were sent. Exits with 1 when memory grew by 100 MB
or more, when a file is not whole, or when its SHA-256 is another than that of what was sent.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from liyi.core.options import Options
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.records.operations import batch_bringing, batches

ROOT = Path(__file__).resolve().parents[1]
PIECE = 8 << 20
MOST_GROWTH = 100e6
_WEBM = b"\x1aE\xdf\xa3"


class App:
    """The web app on a port of its own, whose memory is watched; it can be killed and started again."""

    def __init__(self, data: str) -> None:
        self.data, self.most, self.grew = data, 0, 0
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.start()
        threading.Thread(target=self._watch, daemon=True).start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "liyi", "app", "--port", str(self.port)], cwd=ROOT,
            env={**os.environ, "LIYI_DATA": self.data}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"the app ended with exit code {self.process.returncode}")
            try:
                if self.ask("GET", "/_stcore/health")[0] == 200:
                    break
            except OSError:
                time.sleep(0.2)
        self.before = 0

    def watch(self, batch: str) -> None:
        """Count memory from here; what is loaded at the first question is there already."""
        self.ask("GET", f"/evaluate/{batch}/files")
        self.before = psutil.Process(self.process.pid).memory_info().rss

    def kill(self) -> None:
        """End it at once, and wait until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, dict[str, Any]]:
        """The status and the JSON of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request(method, path, body, {"Origin": f"http://127.0.0.1:{self.port}"})
            answer = connection.getresponse()
            text = answer.read()
            json_here = (answer.getheader("content-type") or "").startswith("application/json")
            return answer.status, json.loads(text) if json_here else {}
        finally:
            connection.close()

    def _watch(self) -> None:
        while True:
            try:
                used = psutil.Process(self.process.pid).memory_info().rss
                if self.before:
                    self.most, self.grew = max(self.most, used), max(self.grew, used - self.before)
            except psutil.Error:  # just killed
                pass
            time.sleep(0.02)


class Sent:
    """Bytes that were sent and answered, in all."""

    def __init__(self) -> None:
        self.bytes, self._lock = 0, threading.Lock()

    def add(self, count: int) -> None:
        """Count some more."""
        with self._lock:
            self.bytes += count


def content(number: int, start: int, end: int, block: bytes) -> bytes:
    """Bytes of the file of this number: WebM's first, then a block that begins elsewhere in each file."""
    shift = number * 7919
    made = bytearray()
    at = start
    while at < end:
        place = (at + shift) % len(block)
        made += block[place : place + end - at]
        at = start + len(made)
    if start < len(_WEBM):
        made[: len(_WEBM) - start] = _WEBM[start:]
    return bytes(made)


def bring(app: App, batch: str, number: int, size: int, block: bytes, sent: Sent) -> str:
    """Send one file until it is whole; its SHA-256."""
    name = f"{number:03d}.webm"
    asked = json.dumps({"name": name, "size": size, "modified_ms": 1}).encode()
    id, at = None, 0
    while True:
        try:
            if id is None:
                status, told = app.ask("POST", f"/evaluate/{batch}/files", asked)
            else:
                piece = content(number, at, min(size, at + PIECE), block)
                status, told = app.ask("PUT", f"/evaluate/{batch}/files/{id}?at={at}", piece)
                sent.add(len(piece))
            if "received" not in told:
                raise RuntimeError(f"{name}: {status} {told}")
            id, at = told["id"], told["received"]
            if told["whole"]:
                break
        except (OSError, http.client.HTTPException):
            time.sleep(0.3)
    digest = hashlib.sha256()
    for start in range(0, size, PIECE):
        digest.update(content(number, start, min(size, start + PIECE), block))
    return digest.hexdigest()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=50)
    parser.add_argument("--megabytes", type=int, default=100)
    parser.add_argument("--at-once", type=int, default=4)
    given = parser.parse_args()
    size = given.megabytes * 1_000_000
    block = random.Random(1).randbytes((16 << 20) + 1)
    with tempfile.TemporaryDirectory(prefix="liyi-uploads-") as data:
        with closing(open_records(Path(data))) as store:
            who = sign_in.local(store)
            row = batches.add_batch(store, who, name="b", purpose="training", pack="counter", lang="zh",
                                    options=Options())  # fmt: skip
        batch, sent, app = str(row.id), Sent(), App(data)
        try:
            warm = bring(app, batch, 999, 1_000_000, block, Sent())
            app.watch(batch)
            began = time.monotonic()
            with ThreadPoolExecutor(given.at_once) as pool:
                sending = [pool.submit(bring, app, batch, number, size, block, sent) for number in range(given.files)]
                while sent.bytes < given.files * size / 2 and not all(file.done() for file in sending):
                    time.sleep(0.05)
                first = app.grew
                app.before = 0
                app.kill()
                app.start()
                app.watch(batch)
                digests = {f"{number:03d}.webm": file.result() for number, file in enumerate(sending)}
            seconds = time.monotonic() - began
        finally:
            app.kill()
        with closing(open_records(Path(data))) as store:
            found = {file.name: file for file in batch_bringing.batch_files(store, who, row.id)}
    wrong = [name for name, sha256 in ({"999.webm": warm} | digests).items()
             if not found[name].is_whole or found[name].sha256 != sha256]  # fmt: skip
    print(
        f"{given.files} files of {given.megabytes} MB, {given.at_once} at once, killed in the middle: {seconds:.0f} s"
    )
    print(f"memory grew by {first / 1e6:.0f} MB before the kill, by {app.grew / 1e6:.0f} MB at most")
    print(f"files that are not as they were sent: {len(wrong)}")
    return int(app.grew >= MOST_GROWTH or bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
