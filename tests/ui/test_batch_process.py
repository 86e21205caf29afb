"""One process for the batch whose turn it is, that gives way to rehearsals and goes nowhere it was not allowed."""

from __future__ import annotations

import os

import pytest

from liyi.core.options import Options
from liyi.records import batch_queue
from liyi.records.batch_tables import BatchState
from liyi.records.operations import batch_bringing, batch_running, batches
from liyi.ui import jobs, people, slots
from liyi.ui.evaluating import batch_process, batch_starting


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setattr(batch_starting, "_started_s", float("-inf"))


@pytest.fixture
def batch():
    store, who = people.records(), people.viewer()
    made = batches.add_batch(
        store, who, name="b", purpose="training", pack="counter", lang="zh", options=Options("seated")
    )
    batch_bringing.set_lines(store, who, made.id, [{"file": "a.mp4"}])
    return made.id


@pytest.fixture
def started(monkeypatch):
    """What was started, with the lock that it holds."""
    found = []
    monkeypatch.setattr(jobs, "start_process", lambda command, folder, slot: found.append((command, os.dup(slot))))
    yield found
    for _, lock in found:
        os.close(lock)


def test_it_leaves_a_slot_and_gives_way_to_whoever_assesses_or_waits(monkeypatch):
    for most, wanted in (("1", [1, 0]), ("2", [1, 1, 0]), ("4", [3, 3, 2, 1, 0])):
        monkeypatch.setenv(slots.SLOTS, most)
        held = []
        for room in wanted:
            assert batch_process.room() == room, (most, len(held))
            with slots.deciding():
                held.append(slots.take()[0])
        for lock in filter(None, held):
            os.close(lock)
    assert batch_process.room() == 3
    monkeypatch.setattr(jobs, "others_wait", lambda folder: True)
    assert batch_process.room() == 0


def test_the_server_starts_one_process_and_no_second_beside_it(batch, started, monkeypatch):
    store, who = people.records(), people.viewer()
    batch_starting.advance()
    assert started == []  # nothing waits
    batch_bringing.queue_batch(store, who, batch)
    batch_starting.advance()
    [(command, _)] = started
    assert command[-1] == "liyi.ui.evaluating.batch_process"
    batch_starting.advance()
    monkeypatch.setattr(batch_starting, "AGAIN_S", 0.0)
    batch_starting.advance()  # the first still holds the machine's lock
    assert len(started) == 1
    os.close(started.pop()[1])
    batch_starting.advance()  # it has died
    assert len(started) == 1


def test_a_scheduler_that_nobody_named_is_not_spoken_to(batch):
    store, who = people.records(), people.viewer()
    batch_running.choose_scheduler(store, who, batch, "tcp://10.0.0.1:8786")
    batch_bringing.queue_batch(store, who, batch)
    assert batch_process.run_next(store)
    row = batches.batch(store, who, batch)
    assert row.state is BatchState.failed
    assert row.error["sentence"].startswith("Batches may not be run at {address}")
    assert not batch_process.run_next(store)


def test_a_fault_of_ours_ends_it_with_a_sentence_and_not_in_silence(batch, monkeypatch):
    store, who = people.records(), people.viewer()
    batch_bringing.queue_batch(store, who, batch)

    def stumble(*given):
        raise ZeroDivisionError

    monkeypatch.setattr(batch_process, "_run", stumble)
    batch_process.run_next(store)
    row = batches.batch(store, who, batch)
    assert (row.state, row.error["fields"]) == (BatchState.failed, {"fault": "ZeroDivisionError"})


def test_whoever_ends_the_machines_processes_leaves_the_batch_to_the_next(batch, monkeypatch):
    store, who = people.records(), people.viewer()
    batch_bringing.queue_batch(store, who, batch)

    def end(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch_process, "_run", end)
    batch_process.run_next(store)
    assert batches.batch(store, who, batch).state is BatchState.waiting
    assert batch_queue.claim(store, "1" * 32) is not None
