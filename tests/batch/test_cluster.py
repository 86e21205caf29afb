"""Workers of this machine leave nothing behind and are seen from nowhere else; a scheduler that is no use is told."""

from __future__ import annotations

import asyncio
import re
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from liyi.batch import cluster
from liyi.core.errors import LiyiError


def test_everything_listens_on_this_machine_only(client):
    info = client.scheduler_info()
    addresses = [info["address"], *info["workers"], cluster.dashboard(client)]
    assert len(addresses) == 4
    assert all("//127.0.0.1:" in address for address in addresses)


def test_the_dashboard_asks_nobody_else(client):
    with urllib.request.urlopen(cluster.dashboard(client), timeout=20) as answer:
        page = answer.read().decode()
    asked = re.findall(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["']([^"']+)""", page)
    assert asked
    assert [address for address in asked if "//" in address and "//127.0.0.1" not in address] == []


def test_workers_have_one_thread_and_a_private_folder(client):
    def inside() -> tuple[str | None, str]:
        import os

        return os.environ.get("OMP_NUM_THREADS"), tempfile.gettempdir()

    for threads, folder in client.run(inside).values():
        assert threads == "1"
        assert Path(folder).name.startswith(cluster.SCRATCH)
        assert Path(folder).stat().st_mode & 0o077 == 0


def test_what_a_killed_batch_left_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, alive = tmp_path / f"{cluster.SCRATCH}4194305-x", tmp_path / f"{cluster.SCRATCH}1-x"  # above the largest pid
    dead.mkdir()
    alive.mkdir()
    cluster._sweep()
    assert [path.name for path in tmp_path.iterdir()] == [alive.name]


def test_no_scheduler_is_one_sentence(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(LiyiError, match="No scheduler answers at"), cluster.remote(address):
            pass


@pytest.mark.parametrize(("threads", "sentence"), [(2, "one recording at a time"), (None, "has no worker")])
def test_a_scheduler_with_the_wrong_workers_or_none(monkeypatch, threads, sentence):
    monkeypatch.setattr(cluster, "WORKERS_S", 1)

    async def refuse() -> None:
        from distributed import Scheduler, Worker

        async with Scheduler(host="127.0.0.1", port=0, dashboard=False) as scheduler:
            worker = Worker(scheduler.address, nthreads=threads, dashboard=False) if threads else None
            if worker is not None:
                await worker
            with pytest.raises(LiyiError, match=sentence):
                await asyncio.to_thread(connect, scheduler.address)
            if worker is not None:
                await worker.close()

    def connect(address: str) -> None:
        with cluster.remote(address):
            pass

    with ThreadPoolExecutor(1) as thread:  # Playwright, where it ran before, keeps a loop in the main thread
        thread.submit(asyncio.run, refuse()).result()
