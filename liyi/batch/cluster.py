"""Who does the work: worker processes of this machine, or those behind a scheduler that was started elsewhere.

On one machine everything stays on 127.0.0.1, where only who holds this batch's own key may speak, and in a scratch
folder that is removed. Many machines: ``docs/batch.md``.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.children import protect
from liyi.core.errors import LiyiError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from distributed import Client

# A worker needs 1.2 GB for any recording; the rest is for Dask and for a recording that is sent.
WORKER_BYTES = 1_500_000_000
CONNECT_S, WORKERS_S = 15, 30
SCRATCH = "liyi-batch-"

_CONFIG = {
    "distributed.comm.compression": None,  # recordings and Parquet do not get smaller
    "distributed.scheduler.allowed-failures": 0,  # the client counts lost workers and gives the unit out again
    # Else a worker that takes longer than 15 s to start again, on a busy machine, is given up for good.
    "distributed.deploy.lost-worker-timeout": "1 day",
    "distributed.worker.profile.enabled": False,
    "distributed.admin.log-format": "%(message)s",
}
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# Ctrl-C at a terminal goes to every process of the group: only the client acts on it.
_IGNORE_CTRL_C = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"


def default_workers() -> int:
    """As many workers as the machine has processors and memory for."""
    import psutil
    from dask.system import CPU_COUNT

    return max(1, min(int(CPU_COUNT), int(psutil.virtual_memory().total // WORKER_BYTES)))


@contextlib.contextmanager
def local(workers: int | None = None) -> Iterator[Client]:
    """Worker processes of this machine, one thread each, killed and removed with everything they wrote at the end."""
    import dask
    from distributed import Client, LocalCluster
    from distributed.security import Security

    count = workers or default_workers()
    _quiet()
    protect()
    _sweep()
    scratch = tempfile.mkdtemp(prefix=f"{SCRATCH}{os.getpid()}-")
    try:
        with (
            dask.config.set({**_CONFIG, "distributed.nanny.pre-spawn-environ": _ONE_THREAD | {"TMPDIR": scratch}}),
            LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                protocol="tls://",  # else any account of this machine could have the workers run what it likes
                security=Security.temporary(),
                dashboard_address="127.0.0.1:0",
                memory_limit=1.0 / count,
                local_directory=scratch,
                silence_logs=logging.CRITICAL,
                preload=[_IGNORE_CTRL_C],
            ) as cluster,
            Client(cluster, set_as_default=False) as client,
        ):
            _shorten_waits(client)
            yield client
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextlib.contextmanager
def remote(address: str) -> Iterator[Client]:
    """The workers behind the scheduler at ``address``.

    Raises
    ------
    LiyiError
        When it does not answer, has no worker, or has workers that do several units at a time.
    """
    import dask
    from distributed import Client

    _quiet()
    with dask.config.set({**_CONFIG, "distributed.comm.timeouts.connect": f"{CONNECT_S}s"}):
        try:
            client: Client = Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:  # TimeoutError is an OSError
            raise LiyiError(
                "No scheduler answers at {address}: start one with `dask scheduler`, or check the address.",
                address=address,
            ) from error
        with client:
            _check_workers(client, address)
            _shorten_waits(client)
            yield client


def _shorten_waits(client: Client) -> None:
    """Shorten what a worker waits between two units: from 20 ms to 14 ms of a stand-in's second."""
    client.scheduler_comm.interval = 0.001  # else a unit waits up to 10 ms for others to be sent with it
    gc.freeze()  # else everything that was imported is gone through (0.1 s) after every 60 units


def _sweep() -> None:
    """Remove the scratch folders of batches that were killed."""
    import psutil

    for folder in Path(tempfile.gettempdir()).glob(f"{SCRATCH}*"):
        owner = folder.name.removeprefix(SCRATCH).partition("-")[0]
        with contextlib.suppress(OSError):
            if owner.isdigit() and not psutil.pid_exists(int(owner)) and folder.stat().st_uid == os.getuid():
                shutil.rmtree(folder, ignore_errors=True)


def _check_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=WORKERS_S)
    except TimeoutError as error:
        raise LiyiError(
            "The scheduler at {address} has no worker: start some with `dask worker {address} --nthreads 1`.",
            address=address,
        ) from error
    if any(threads != 1 for threads in client.nthreads().values()):
        raise LiyiError(
            "The workers of {address} must do one recording at a time: start them with `dask worker {address} "
            "--nworkers N --nthreads 1`.",
            address=address,
        )


def dashboard(client: Client) -> str:
    """Address of Dask's own page about the work; empty when there is none."""
    return str(client.dashboard_link) if "dashboard" in client.scheduler_info()["services"] else ""


def capacity(client: Client) -> int:
    """Units that can be done at the same time, now."""
    threads: dict[str, Any] = client.nthreads()
    return sum(threads.values())


def _quiet() -> None:
    """Lost workers and schedulers are told by our own sentences, not by Dask's log."""
    for name in ("distributed", "distributed.client", "distributed.nanny", "distributed.worker", "distributed.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
