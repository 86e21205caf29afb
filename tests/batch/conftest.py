"""One cluster of two workers for all the tests of a batch."""

from __future__ import annotations

import dask
import pytest

from liyi.batch import cluster


@pytest.fixture(scope="session")
def client():
    # As on a machine so busy that a worker takes longer to start than Dask waits for it.
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "1ms"}), cluster.local(2) as client:
        yield client
