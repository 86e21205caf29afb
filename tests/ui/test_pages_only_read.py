"""Drawing a page changes nothing, whatever it shows: neither in the data folder nor in the database."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from liyi.core.words import translate
from liyi.records.engine import SQLITE, Records
from liyi.records.operations import tries
from liyi.records.schema import Recording, Role, RoleGrant, now
from liyi.ui import MAIN, beginning, deleting, entries, history, jobs, pages, people, slots, upkeep, workroom
from liyi.ui.live import session
from tests.ui.drawing import page
from tests.ui.test_kept import TEXT, left, rehearsed, uploaded

WEEK = timedelta(days=8)
OPEN = ("practise", "rehearsal")
MADE = {
    "nothing recorded": OPEN, "interrupted": OPEN, "ended": OPEN, "waiting": OPEN, "failed": ("assess", "job"),
    "assessed, not filed": ("assess", "job"), "refused": ("assess", "job"), "done": ("assess", "job"),
}  # fmt: skip


def refuse(id: str) -> None:
    workroom.write_json(workroom.folder_of(id) / "error.json", {"sentence": jobs.STOPPED, "fields": {}})


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A data folder with a recording in every state; and their ids."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIYI_DATA", str(folder))
        patch.setenv(slots.SLOTS, "50")
        patch.setattr(jobs, "_launch", lambda folder, slot: None)
        people.agree(TEXT, version="1")
        history.choose_post("seated")
        with people.records().writing() as rows:  # so that the pages of every role can be drawn
            who = people.viewer()
            rows.add_all(RoleGrant(person_id=who.person_id, role=role, organisation_id=who.organisation_id)
                         for role in Role if role != Role.trainee)  # fmt: skip
        tries.add(people.records(), people.viewer(), drill="head_straight", results=[], passed=True)
        ids = {"done": uploaded()}
        left(ids["done"])
        upkeep.mend()
        ids |= {"nothing recorded": rehearsed(pieces=0), "interrupted": rehearsed(), "ended": rehearsed()}
        session.end(ids["ended"])
        for name in ("failed", "assessed, not filed", "refused", "deleted"):
            ids[name] = uploaded()
        for name in ("assessed, not filed", "refused"):
            left(ids[name])
        for name in ("failed", "refused"):
            refuse(ids[name])
        patch.setattr(slots, "may_begin", lambda running, fresh: False)
        ids["waiting"] = rehearsed()
        beginning.assess(ids["waiting"])
        deleting.discard(entries.find(ids["deleted"]))
        with people.records().writing() as rows:  # past its days in the trash
            rows.execute(update(Recording).where(Recording.id == UUID(ids["deleted"])).values(deleted_at=now() - WEEK))
        assert set(ids) == {*MADE, "deleted"}
        people.records().close()
        people._opened.cache_clear()
    return folder, ids


@pytest.fixture
def data(kept, tmp_path, monkeypatch):
    """A copy of it in which everything was opened before, as a server that runs has it; nothing may write any more."""
    folder = tmp_path / "data"
    shutil.copytree(kept[0], folder)
    shutil.rmtree(folder / "queue")
    monkeypatch.setenv("LIYI_DATA", str(folder))
    people.viewer()
    writing = []
    monkeypatch.setattr(Records, "writing", lambda records: writing.append(records))
    yield folder
    assert writing == []


def digest(folder):
    """What lies there, when it was written, and what the database says."""
    files = {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(SQLITE)
    }
    folders = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_dir()}
    with closing(sqlite3.connect(f"file:{folder / SQLITE}?mode=ro", uri=True)) as rows:
        return files, folders, "\n".join(rows.iterdump())


@pytest.mark.parametrize("state", MADE)
def test_a_recording_that_is_shown_in_any_state(kept, data, state):
    before = digest(data)
    where, name = MADE[state]
    shown = page(where, **{name: kept[1][state]}).run()
    assert not shown.exception
    refused = [translate(jobs.STOPPED, "zh")] if state in ("failed", "refused") else []
    assert [error.value for error in shown.error] == refused
    assert bool(shown.get("download_button")) is (state == "done")
    assert bool(shown.get("progress")) is (state in ("ended", "waiting", "assessed, not filed"))
    assert digest(data) == before


@pytest.mark.parametrize("name", [page.draw.__module__.rpartition(".")[2] for page in pages.all_pages()])
def test_a_page_with_nothing_chosen(data, name):
    before = digest(data)
    shown = page(name).run()
    assert not shown.exception
    assert not shown.error
    assert digest(data) == before


def test_the_frame_around_the_pages(data):
    before = digest(data)
    shown = AppTest.from_file(str(MAIN), default_timeout=60).run()
    assert not shown.exception
    assert [header.value for header in shown.header] == [translate(pages.all_pages()[0].title, "zh")]
    assert digest(data) == before


def test_the_list_shows_every_state(kept, data):
    """So that none of them was left out above."""
    shown = page("recordings").run()
    assert len([button for button in shown.button if str(button.key).startswith("open-")]) == len(MADE) - 1
