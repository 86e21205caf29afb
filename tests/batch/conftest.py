"""One cluster of two workers for all the tests of a batch."""

from __future__ import annotations

import pytest

from liyi.batch import cluster


@pytest.fixture(scope="session")
def client():
    with cluster.local(2) as client:
        yield client
