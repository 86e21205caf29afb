"""Two halls, and what the owner practises privately beside what is submitted, in the store of the web app."""

from __future__ import annotations

import shutil

import pytest

from liyi.records.engine import open_records
from liyi.ui import people
from tests.records.world import build, practise


@pytest.fixture(scope="session")
def inhabited_folder(tmp_path_factory):
    """The store's folder, made once, and who and what is in it."""
    folder = tmp_path_factory.mktemp("inhabited")
    store = open_records(folder)
    made = build(store, folder)
    practise(store, made, folder)
    store.close()
    return folder, made


@pytest.fixture(scope="module")
def world(inhabited_folder, tmp_path_factory):
    """A copy of it, as the data of the web app: what a module changes is its own."""
    template, made = inhabited_folder
    folder = tmp_path_factory.mktemp("world") / "data"
    shutil.copytree(template, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIYI_DATA", str(folder))
        patch.setenv("LIYI_TEAM", "1")
        people._opened.cache_clear()
        yield made
        people.records().close()
        people._opened.cache_clear()
