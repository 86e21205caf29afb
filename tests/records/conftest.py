"""A store on each database: SQLite in a folder of its own, PostgreSQL in a private cluster of Debian's package."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from liyi.records.engine import Records, make_engine, open_records
from tests.records.cluster import binaries, running
from tests.records.rehearsal import rehearsing
from tests.records.world import build, practise

if TYPE_CHECKING:
    from pathlib import Path

BACKENDS = ["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def cluster():
    programs = binaries()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have PostgreSQL")
        pytest.skip("PostgreSQL is not on this machine")
    with running(programs) as found:
        yield found


@pytest.fixture(params=BACKENDS)
def empty_url(request, tmp_path):
    """Address of a database without any tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'liyi.sqlite3'}"
        return
    cluster = request.getfixturevalue("cluster")
    name = cluster.create()
    yield cluster.url.format(name=name)
    cluster.drop(name)


@pytest.fixture(params=BACKENDS)
def records(request, tmp_path):
    """An empty store, tables at head."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_template"), tmp_path, dirs_exist_ok=True)
        with_records = open_records(tmp_path)
        yield with_records
        with_records.close()
        return
    cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("pg_template")
    name = cluster.create(template)
    with_records = Records(make_engine(cluster.url.format(name=name)), tmp_path)
    yield with_records
    with_records.close()
    cluster.drop(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    """Folder of a store at head, closed, to copy."""
    folder = tmp_path_factory.mktemp("sqlite")
    open_records(folder).close()
    return folder


@pytest.fixture(scope="session")
def pg_template(cluster, tmp_path_factory) -> str:
    """Name of a PostgreSQL database at head, to copy."""
    name = cluster.create()
    open_records(tmp_path_factory.mktemp("pg"), url=cluster.url.format(name=name)).close()
    return name


@pytest.fixture(scope="session", params=BACKENDS)
def settled(request, tmp_path_factory):
    """A store with two organisations in it, and who and what is there, submitted or not; change it in a `rehearsal`."""
    folder = tmp_path_factory.mktemp("settled")
    if request.param == "postgresql":
        cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("pg_template")
        store = Records(make_engine(cluster.url.format(name=cluster.create(template))), folder)
    else:
        store = open_records(folder)
    world = build(store, folder)
    practise(store, world, folder)
    yield store, world
    store.close()


@pytest.fixture
def stage(settled):
    """The same, in which everything can be done and nothing stays."""
    store, world = settled
    with rehearsing(store) as trial:
        yield trial, world


@pytest.fixture(scope="session", params=BACKENDS)
def built(request, tmp_path_factory):
    """A store with two organisations in it, closed, to copy: folder, name of the database on PostgreSQL, world."""
    folder, name = tmp_path_factory.mktemp("built"), None
    if request.param == "postgresql":
        cluster, template = request.getfixturevalue("cluster"), request.getfixturevalue("pg_template")
        name = cluster.create(template)
        store = Records(make_engine(cluster.url.format(name=name)), folder)
    else:
        store = open_records(folder)
    world = build(store, tmp_path_factory.mktemp("files"))
    store.close()
    return folder, name, world


@pytest.fixture
def inhabited(request, built, tmp_path):
    """A store of its own for the test, with two organisations in it, and who and what is there."""
    folder, template, world = built
    home = tmp_path / "home"
    shutil.copytree(folder, home)
    if template is None:
        store = open_records(home)
        yield store, world
        store.close()
        return
    cluster = request.getfixturevalue("cluster")
    name = cluster.create(template)
    store = Records(make_engine(cluster.url.format(name=name)), home)
    yield store, world
    store.close()
    cluster.drop(name)
