"""A rehearsal assessed while it is recorded: where there is room, given up for who waits, and handed its own job."""

from __future__ import annotations

import json
import os
import shutil
import time

import pytest

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.ui import ahead, jobs, slots, worker, workroom
from liyi.ui.live import session

ID, OTHER = "0a" * 16, "0b" * 16
OPTIONS = {"pack": "counter", "profile": None, "camera": "auto", "language": "auto", "lang": "en"}


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setenv(slots.SLOTS, "2")
    monkeypatch.setenv(ahead.SETTING, "always")
    monkeypatch.setattr(ahead, "EVERY_S", 0.001)
    return tmp_path


@pytest.fixture
def started(monkeypatch):
    """What was started, none of which runs."""
    found = []
    monkeypatch.setattr(jobs, "start_process", lambda command, folder, slot: found.append((command[3], folder.name)))
    return found


@pytest.fixture
def looked(monkeypatch):
    """How many pieces each look saw, and what the process did at its end."""
    found = []
    monkeypatch.setattr(ahead, "go_ahead_limited", lambda pieces, **asked: found.append(len(pieces)))
    monkeypatch.setattr(ahead, "close_shared", lambda: found.append("forgotten"))
    monkeypatch.setattr(worker, "work", lambda folder, ahead: found.append(f"assessed by {ahead.name}"))
    return found


def recording(id=ID, *, pieces=ahead.FIRST_PIECES):
    session.begin(id, pack="counter", options=Options("seated", "front"), exam=False, lang="zh")
    arrive(id, pieces)
    return workroom.folder_of(id)


def arrive(id, count):
    for n in range(count):
        session.chunk_path(id, n).write_bytes(b"piece")


def test_it_begins_with_a_rehearsal_that_is_recorded(started):
    folder = recording()
    ahead.begin()
    assert started == [("liyi.ui.ahead", ID)]
    lock = slots.hold(folder / jobs.AHEAD)  # as the process does
    ahead.begin()
    assert len(started) == 1
    os.close(lock)


@pytest.mark.parametrize("why", ["busy", "off", "short", "over", "quiet", "asked for", "refused", "full", "waiting"])
def test_it_does_not_begin(started, monkeypatch, why):
    folder = recording(pieces=2 if why == "short" else ahead.FIRST_PIECES)
    match why:
        case "busy":
            monkeypatch.delenv(ahead.SETTING)
            monkeypatch.setattr(ahead.psutil, "cpu_percent", lambda: 90.0)
        case "off":
            monkeypatch.setenv(ahead.SETTING, "off")
        case "over":
            session.end(ID)
        case "quiet":
            os.utime(session.chunk_path(ID, ahead.FIRST_PIECES - 1), (0, 0))
        case "asked for":
            (folder / "job.json").write_text("{}")
        case "refused":
            (folder / jobs.AHEAD).write_text("refused")
        case "full":
            held = [slots.take()[0], slots.take()[0]]
            assert None not in held
        case "waiting":
            recording(OTHER)
            monkeypatch.setattr(jobs, "advance", lambda: None)
            jobs.launch(OTHER, OPTIONS)
    ahead.begin()
    assert started == []


def test_a_core_that_is_idle_is_enough(monkeypatch):
    monkeypatch.delenv(ahead.SETTING)
    monkeypatch.setattr(ahead.os, "cpu_count", lambda: 2)
    for percent, may in ((10.0, True), (60.0, True), (70.0, False)):
        monkeypatch.setattr(ahead.psutil, "cpu_percent", lambda percent=percent: percent)
        assert ahead.may_look() is may


def test_its_job_is_handed_over_and_not_begun_beside_it(started):
    folder = recording()
    lock = slots.hold(folder / jobs.AHEAD)
    jobs.launch(ID, OPTIONS)
    assert started == []
    assert jobs.has_begun(folder)
    assert jobs.status(ID).state == "running"
    assert jobs.status(ID).place == 0
    os.close(lock)


def test_after_its_death_the_job_begins_as_any_other(started):
    folder = recording()
    os.close(slots.hold(folder / jobs.AHEAD))
    jobs.launch(ID, OPTIONS)
    assert started == [("liyi.ui.worker", ID)]


def test_it_looks_again_when_much_is_new_and_then_does_the_job(started, looked, monkeypatch):
    folder = recording()
    arrivals = iter([8, 10, 40, 44, 48, None])

    def sleep(seconds):
        count = next(arrivals)
        if count is None:
            jobs.launch(ID, OPTIONS)
        else:
            arrive(ID, count)

    monkeypatch.setattr(ahead.time, "sleep", sleep)
    ahead.go_ahead(folder)
    assert looked == [8, 40, 48, "assessed by chunks"]
    assert started == []


def test_pieces_that_were_discarded_are_forgotten(looked, started, monkeypatch):
    folder = recording()
    steps = iter(["look", "discard", "end"])

    def sleep(seconds):
        match next(steps):
            case "discard":
                arrive(ID, 12)
                session.discard(ID, before=3)
            case "end":
                jobs.launch(ID, OPTIONS)

    monkeypatch.setattr(ahead.time, "sleep", sleep)
    ahead.go_ahead(folder)
    assert looked == [6, "forgotten", 9, "assessed by chunks"]


def test_it_is_given_up_for_who_waits(looked, monkeypatch):
    folder = recording()
    recording(OTHER)
    monkeypatch.setattr(jobs, "advance", lambda: None)
    jobs.launch(OTHER, OPTIONS)
    ahead.go_ahead(folder)
    assert looked == [6]
    assert not jobs.is_ahead(folder)


def test_a_look_is_broken_off_for_who_waits(looked, monkeypatch):
    folder = recording()

    def look(pieces, *, progress, **asked):
        recording(OTHER)
        jobs.launch(OTHER, OPTIONS)
        progress("Watching the picture", 0.5)
        looked.append("went on")

    monkeypatch.setattr(jobs, "advance", lambda: None)
    monkeypatch.setattr(ahead, "go_ahead_limited", look)
    ahead.go_ahead(folder)
    assert looked == []


def test_who_waits_comes_after_a_job_that_was_handed_over(started, looked, monkeypatch):
    folder = recording()
    lock = slots.hold(folder / jobs.AHEAD)
    jobs.launch(ID, OPTIONS)
    assert not ahead._leave(folder, lock)
    os.close(lock)


@pytest.mark.parametrize("fault", [LiyiError("The model is missing."), OSError("full")], ids=["refused", "full"])
def test_a_fault_is_not_met_again(started, monkeypatch, fault):
    folder = recording()

    def fail(pieces, **asked):
        raise fault

    monkeypatch.setattr(ahead, "go_ahead_limited", fail)
    ahead.go_ahead(folder)
    assert not jobs.is_ahead(folder)
    ahead.begin()
    assert started == []


def test_a_silent_rehearsal_is_left(looked, monkeypatch):
    folder = recording()
    monkeypatch.setattr(ahead, "QUIET_S", 0.0)
    ahead.go_ahead(folder)
    assert looked == [6]


def test_a_rehearsal_that_was_deleted_is_left_and_nothing_made_again(looked, monkeypatch, data):
    folder = recording()
    monkeypatch.setattr(ahead.time, "sleep", lambda seconds: shutil.rmtree(folder))
    ahead.go_ahead(folder)
    assert looked == []
    assert not folder.exists()


def test_work_on_a_job_that_has_begun_shows(looked, monkeypatch):
    folder = recording()

    def look(pieces, *, progress, **asked):
        (folder / "job.json").write_text(json.dumps({"run": "1", "options": OPTIONS}))
        (folder / "progress.json").write_text("{}")
        os.utime(folder / "progress.json", (0, 0))
        progress("Watching the picture", 0.5)

    monkeypatch.setattr(ahead, "go_ahead_limited", look)
    ahead.go_ahead(folder)
    assert time.time() - (folder / "progress.json").stat().st_mtime < 60
    assert looked == ["assessed by chunks"]


def test_estimates_hold_like_against_like():
    stages = {"Watching the picture": 10.0, "Writing the report": 2.0}
    slots.note(slots.Took(60.0, 1000, 30.0, stages))
    slots.note(slots.Took(60.0, 1000, 3.0, {"Watching the picture": 1.0, "Writing the report": 2.0}, ahead=True))
    assert slots.expected_s(60.0, 1000) == pytest.approx(30.0)
    assert slots.left_s("Watching the picture", 0.0, 60.0, 1000) == pytest.approx(12.0)
    assert slots.left_s("Watching the picture", 0.0, 60.0, 1000, ahead=True) == pytest.approx(3.0)


def test_a_slot_that_is_held_ahead_does_not_count_as_busy():
    held = [slots.take(ahead=True)[0], slots.take()[0]]
    assert not slots.full()
    assert slots.take() == (None, 2)
    os.close(held[0])
    held[0] = slots.take()[0]
    assert slots.full()
    for lock in held:
        os.close(lock)
