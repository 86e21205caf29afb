"""The queue: never more at once than there are slots, first come first served, nothing lost by a crash or a restart."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time

import pytest

from liyi.ui import attending, jobs, slots, workroom
from tests import in_a_thread

OPTIONS = {"pack": "counter", "profile": None, "camera": "auto", "language": "auto", "lang": "en"}
GB = 10**9
# Works a moment, writes down when, and ends as a job that was refused.
STAND_IN = """
import json, pathlib, sys, time
folder, seconds = pathlib.Path(sys.argv[1]), float(sys.argv[2])
begun = time.monotonic()
time.sleep(seconds)
(folder / "error.json").write_text(json.dumps({"sentence": "over", "fields": {}}))
with open(folder.parent.parent / "spans", "a") as out:
    out.write(json.dumps([folder.name, begun, time.monotonic()]) + "\\n")
"""


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setenv(slots.SLOTS, "2")
    return tmp_path


def stand_in(seconds: float, kept: list):
    def begin(folder, slot):
        kept.append(subprocess.Popen([sys.executable, "-SIc", STAND_IN, str(folder), str(seconds)], pass_fds=[slot]))

    return begin


@pytest.fixture
def begun(monkeypatch):
    """Jobs that begin and never end by themselves, each with its slot held; killed at the end."""
    kept: list[subprocess.Popen] = []
    monkeypatch.setattr(jobs, "_launch", stand_in(60, kept))
    yield kept
    for process in kept:
        process.kill()
        process.wait()


def ids(count: int) -> list[str]:
    return [f"{n:032x}" for n in range(count, 0, -1)]  # their names are no order


def asked(count: int, *, pieces: int = 1) -> list[str]:
    made = ids(count)
    for id in made:
        chunks = workroom.folder_of(id) / "chunks"
        chunks.mkdir(parents=True)
        for n in range(pieces):
            (chunks / f"{n:06d}.part").write_bytes(b"piece")
        jobs.launch(id, OPTIONS)
    return made


def until(true) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def advanced(true) -> None:
    def step() -> bool:
        jobs.advance()
        return true()

    until(step)


def test_twenty_that_end_in_the_same_minute_are_all_assessed_two_at_a_time(data, monkeypatch):
    kept: list[subprocess.Popen] = []
    monkeypatch.setattr(jobs, "_launch", stand_in(0.05, kept))
    made = asked(20)
    advanced(lambda: all(jobs.status(id).state == "failed" for id in made))
    for process in kept:
        process.wait(10)
    spans = [json.loads(line) for line in (data / "spans").read_text().splitlines()]
    assert sorted(id for id, _, _ in spans) == sorted(made)
    edges = sorted([(begin, 1) for _, begin, _ in spans] + [(end, -1) for _, _, end in spans])
    at_once = [sum(step for _, step in edges[: n + 1]) for n in range(len(edges))]
    assert max(at_once) == 2
    assert [process.args[3] for process in kept] == [str(workroom.folder_of(id)) for id in made]


def test_who_asked_first_is_first_and_is_told_the_place(data, begun):
    made = asked(5)
    assert [jobs.status(id).place for id in made] == [0, 0, 1, 2, 3]
    assert all(jobs.status(id).state == "running" for id in made)
    begun[0].kill()
    begun[0].wait()
    advanced(lambda: len(begun) == 3)
    assert [jobs.status(id).place for id in made[2:]] == [0, 1, 2]


def test_a_clock_that_is_set_back_changes_no_order(data, begun, monkeypatch):
    first = asked(3)
    monkeypatch.setattr(time, "time_ns", lambda: 1)
    for id in first[:1]:
        jobs.launch(id, OPTIONS)
    assert [jobs.status(id).place for id in (first[2], first[0])] == [1, 2]


def test_one_that_waits_can_be_stopped_and_launched_again(data, begun):
    made = asked(4)
    jobs.stop(made[2])
    assert str(jobs.status(made[2]).error) == jobs.CANCELLED
    assert jobs.status(made[3]).place == 1
    jobs.launch(made[2], OPTIONS)
    assert jobs.status(made[2]).place == 2


def test_a_killed_process_gives_its_slot_back(data, begun):
    made = asked(3)
    jobs.advance()
    assert len(begun) == 2
    for process in begun:
        process.kill()
        process.wait()
    jobs.advance()
    assert len(begun) == 3
    assert jobs.status(made[2]).place == 0


def test_after_a_restart_the_server_goes_on_with_what_waits(data, begun, monkeypatch):
    monkeypatch.setattr(slots, "may_begin", lambda running, fresh: False)
    (id,) = asked(1)
    assert jobs.status(id).place == 1
    monkeypatch.undo()
    monkeypatch.setenv("LIYI_DATA", str(data))
    kept: list[subprocess.Popen] = []
    monkeypatch.setattr(jobs, "_launch", stand_in(0, kept))

    async def served() -> None:
        async with asyncio.timeout(20), attending.attend(None):
            while not kept:
                await asyncio.sleep(0.01)

    in_a_thread.run(served())
    assert kept[0].wait(20) == 0


def test_a_process_that_cannot_be_started_leaves_the_job_waiting(data, monkeypatch):
    def no_process(folder, slot):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(jobs, "_launch", no_process)
    told = []
    monkeypatch.setattr(jobs.logs, "event", lambda name, **about: told.append(name))
    (id,) = asked(1)
    for _ in range(3):
        jobs.advance()
    assert (jobs.status(id).state, jobs.status(id).place) == ("running", 1)
    assert told == ["not_begun"]  # once, however often it is tried


@pytest.mark.parametrize(
    ("total", "cores", "slot_count"), [(2, 8, 1), (4, 8, 1), (8, 8, 4), (8, 2, 2), (64, 16, 16), (1, 1, 1)]
)
def test_slots_by_memory_and_cores(monkeypatch, total, cores, slot_count):
    monkeypatch.delenv(slots.SLOTS, raising=False)
    monkeypatch.setattr(slots, "memory", lambda: slots.Memory(total * GB, total * GB))
    monkeypatch.setattr(slots.os, "cpu_count", lambda: cores)
    assert slots.most() == slot_count


@pytest.mark.parametrize(
    ("available", "running", "fresh", "begins"),
    [(0.2, 0, 0, True), (1.4, 1, 0, False), (1.6, 1, 0, True), (2.9, 1, 1, False), (3.1, 1, 1, True), (9, 4, 0, False)],
)
def test_one_more_begins_only_where_memory_is_left_for_it(monkeypatch, available, running, fresh, begins):
    monkeypatch.delenv(slots.SLOTS, raising=False)
    monkeypatch.setattr(slots, "memory", lambda: slots.Memory(8 * GB, round(available * GB)))
    monkeypatch.setattr(slots.os, "cpu_count", lambda: 8)
    assert slots.may_begin(running, fresh) is begins


def test_twenty_on_eight_gigabytes_never_take_more_than_there_are(data, monkeypatch):
    """By simulated memory: each that begins takes its 1.5 GB one look later; 2 GB are taken by others."""
    monkeypatch.delenv(slots.SLOTS)
    monkeypatch.setattr(slots.os, "cpu_count", lambda: 16)
    monkeypatch.setattr(slots, "SETTLE_S", 0.3)
    working: dict[str, tuple[float, int]] = {}
    low = []

    def reading() -> slots.Memory:
        taken = sum(1.5 * GB for at, _ in working.values() if time.monotonic() - at > 0.2)
        low.append(6 * GB - taken)
        return slots.Memory(8 * GB, round(6 * GB - taken))

    monkeypatch.setattr(slots, "memory", reading)

    def begin(folder, slot):
        working[folder.name] = (time.monotonic(), slots.os.dup(slot))

    monkeypatch.setattr(jobs, "_launch", begin)
    made, over, most = asked(20), [], 0

    def step() -> bool:
        nonlocal most
        most = max(most, len(working))
        for id, (at, slot) in list(working.items()):
            if time.monotonic() - at > 0.4:
                workroom.write_json(workroom.folder_of(id) / "error.json", {"sentence": "over", "fields": {}})
                slots.os.close(slot)
                del working[id]
                over.append(id)
        return len(over) == 20

    advanced(step)
    assert over == made
    assert 2 <= most <= 4
    assert min(low) >= 0


def test_a_container_bounds_the_memory(tmp_path, monkeypatch):
    group = tmp_path / "sys" / "service"
    group.mkdir(parents=True)
    (group / "memory.max").write_text("3000000000\n")
    (group / "memory.current").write_text("2500000000\n")
    (group / "memory.stat").write_text("anon 1\ninactive_file 700000000\n")
    (tmp_path / "sys" / "memory.max").write_text("max\n")
    (tmp_path / "cgroup").write_text("0::/service\n")
    monkeypatch.setattr(slots, "_CGROUPS", tmp_path / "sys")
    monkeypatch.setattr(slots, "_CGROUP", tmp_path / "cgroup")
    found = slots.memory()
    assert found.total <= 3 * GB
    assert found.available <= 1_200_000_000


def test_the_wait_is_estimated_from_assessments_that_were_measured(data, begun):
    made = asked(4, pieces=30)  # a minute each
    assert jobs.status(made[3]).wait_s is None
    for took in (slots.Took(60, 1000, 20), slots.Took(120, 2000, 60), slots.Took(30, 500, 15)):
        slots.note(took)
    assert slots.expected_s(60, 0) == 30
    assert slots.expected_s(None, 1000) == 30
    # two run for 30 s each, one waits before it: two slots of 30 s, then half a minute more for one of them
    assert jobs.status(made[2]).wait_s == pytest.approx(30, abs=3)
    assert jobs.status(made[3]).wait_s == pytest.approx(30, abs=3)


@pytest.mark.parametrize(
    ("running", "ahead", "slot_count", "seconds"),
    [([], [], 2, 0), ([10, 30], [], 2, 10), ([10, 30], [5], 2, 15), ([10, 30], [50], 2, 30), ([40], [], 1, 40)],
)
def test_wait(running, ahead, slot_count, seconds):
    assert slots.wait_s(running, ahead, slot_count) == seconds
