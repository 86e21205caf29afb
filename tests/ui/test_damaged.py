"""Files of a job, a rehearsal or the queue that are damaged: one sentence, and everything else goes on."""

from __future__ import annotations

import json
import os
import time

import pytest

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.typed_json import DamagedError, read_json
from liyi.ui import jobs, slots, worker, workroom
from liyi.ui.live import session

ID, OTHER = "0a" * 16, "0b" * 16
OPTIONS = {"pack": "counter", "profile": None, "camera": "auto", "language": "auto", "lang": "en"}
DAMAGE = {
    "empty": b"",
    "cut": b'{"run": "1", "opt',
    "binary": b"\xff\xfe\x00\x00",
    "nested": b"[" * 200_000,
    "nested objects": b'{"a":' * 200_000,
    "list": b"[1, 2]",
    "null": b"null",
    "number": b"1e999",
    "wrong types": json.dumps({
        "run": ["1"], "options": "counter", "ticket": "soon", "size": -1, "recorded_s": {}, "stage": 3, "done": "half",
        "begun_at": [], "sentence": None, "fields": 7, "id": 5, "token_sha256": None, "calibration": "0-6",
    }).encode(),
    "no numbers": b'{"run": "1", "options": {}, "stage": "{0.x}", "done": NaN, "begun_at": Infinity, "size": 1e400, '
                  b'"sentence": "{file.__class__}", "fields": {"file": "a"}}',
}  # fmt: skip


@pytest.fixture(params=DAMAGE)
def damage(request):
    return DAMAGE[request.param]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setattr(jobs, "_launch", lambda folder, slot: None)
    return tmp_path


def waiting(id=ID):
    """A job that waits, beside another one."""
    for each in (OTHER, id):
        (workroom.folder_of(each) / "recording").mkdir(parents=True)
        (workroom.folder_of(each) / "recording" / "a.mp4").write_bytes(b"film")
        with slots.deciding():
            workroom.write_json(workroom.folder_of(each) / "job.json", {
                "run": "1", "options": OPTIONS, "ticket": slots.next_ticket(), "size": 4, "recorded_s": None,
            })  # fmt: skip
    return workroom.folder_of(id)


def test_a_damaged_job_is_one_sentence_and_the_others_begin(data, damage):
    folder = waiting()
    (folder / "job.json").write_bytes(damage)
    assert (jobs.status(ID).state, str(jobs.status(ID).error)) == ("failed", jobs.UNREADABLE)
    with pytest.raises(LiyiError, match="cannot be read any more"):
        jobs.options(ID)
    assert worker.wanted(folder, "1")
    assert [job.folder.name for job in jobs._jobs()] == [OTHER]
    jobs.advance()
    assert (workroom.folder_of(OTHER) / "progress.json").exists()
    worker.work(folder)
    assert json.loads((folder / "error.json").read_text())["sentence"] == jobs.UNREADABLE
    jobs.launch(ID, OPTIONS)
    assert jobs.status(ID).state == "running"
    assert jobs.options(ID) == OPTIONS


def test_a_damaged_job_can_be_stopped(data, damage):
    folder = waiting()
    workroom.write_json(folder / "progress.json", {"stage": "", "done": 0.0, "begun_at": time.time()})
    (folder / "job.json").write_bytes(damage)
    assert jobs.status(ID).state == "running"
    jobs.stop(ID)
    assert (jobs.status(ID).state, str(jobs.status(ID).error)) == ("failed", jobs.CANCELLED)


def test_a_damaged_progress_says_nothing_and_harms_nobody(data, damage):
    folder = waiting()
    (folder / "progress.json").write_bytes(damage)
    now = jobs.status(ID)
    assert (now.state, now.stage, now.error) == ("running", "", None)
    assert jobs.status(OTHER).state == "running"
    old = time.time() - jobs.STALE_S - 1
    for file in folder.glob("*.json"):
        os.utime(file, (old, old))
    assert str(jobs.status(ID).error) == jobs.STOPPED


def test_a_damaged_error_is_told_as_a_stop(data, damage):
    folder = waiting()
    (folder / "error.json").write_bytes(damage)
    assert (jobs.status(ID).state, str(jobs.status(ID).error)) == ("failed", jobs.STOPPED)


@pytest.mark.parametrize("fault", [{"sentence": "{a}", "fields": {}}, {"sentence": "{", "fields": {}},
                                   {"sentence": "a", "fields": {"sentence": "b"}}])  # fmt: skip
def test_a_sentence_that_does_not_fit_its_fields_is_told_as_a_stop(data, fault):
    workroom.write_json(waiting() / "error.json", fault)
    assert str(jobs.status(ID).error) == jobs.STOPPED


def test_a_damaged_rehearsal_is_one_sentence_and_tokens_of_others_open(data, damage, monkeypatch):
    choice = {"pack": "counter", "options": Options("seated", "front"), "exam": False, "lang": "zh"}
    token = session.begin(ID, **choice)
    others = session.begin(OTHER, **choice)
    session._ids.clear()
    (workroom.folder_of(ID) / "session.json").write_bytes(damage)
    for ask in (session.open_session, session.end, session.shut):
        with pytest.raises(LiyiError, match="cannot be read any more"):
            ask(ID)
    offered = session.offer_token(ID)
    assert session.by_token(offered) is None
    with pytest.raises(LiyiError, match="cannot be read any more"):
        session.take_over(offered)
    assert session.by_token(token) is None
    assert session.by_token(others) == session.open_session(OTHER)


def test_a_rehearsal_that_bears_anothers_id_opens_nothing(data, monkeypatch):
    token = session.begin(ID, pack="counter", options=Options("seated", "front"), exam=False, lang="zh")
    session._ids.clear()
    file = workroom.folder_of(ID) / "session.json"
    file.write_text(file.read_text().replace(ID, OTHER))
    assert session.by_token(token) is None


def test_a_damaged_queue_goes_on(data, damage):
    for name in ("took.json", "ticket"):
        (slots.folder() / name).write_bytes(damage)
    assert slots.measured() == []
    assert slots.expected_s(None, 1000) is None
    slots.note(slots.Took(10.0, 1000, 5.0))
    assert slots.expected_s(20.0, 0) == 10.0
    assert slots.next_ticket() < slots.next_ticket()


@pytest.mark.parametrize("took", [{"recorded_s": 1e-320, "size": 1, "work_s": 1e12}, {"recorded_s": 1, "size": 10**30,
                                  "work_s": 1}, {"recorded_s": float("nan"), "size": 1, "work_s": 1}])  # fmt: skip
def test_measured_times_beyond_reason_give_no_estimate(data, took, monkeypatch):
    monkeypatch.setenv(slots.SLOTS, "1")
    waiting()
    (slots.folder() / "took.json").write_text(json.dumps([took]))
    assert jobs.status(ID).state == "running"
    assert jobs.status(ID).wait_s is None


def test_a_ticket_beyond_reason_is_not_gone_on_from(data):
    (slots.folder() / "ticket").write_text("9" * 4000)
    assert slots.next_ticket() < 1 << 62


def test_a_folder_left_beside_the_recording_is_not_taken_for_it(data):
    folder = waiting()
    (folder / "recording" / ".liyi-left").mkdir()
    assert workroom.media(ID) == folder / "recording" / "a.mp4"
    (folder / "recording" / "a.mp4").unlink()
    assert workroom.media(ID) is None


def test_what_is_no_file_or_too_large_is_damaged(tmp_path):
    with pytest.raises(DamagedError):
        read_json(tmp_path, jobs.Asked)
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "a", jobs.Asked)
    (tmp_path / "a").write_bytes(b" " * ((16 << 20) + 1) + b"{}")
    with pytest.raises(DamagedError):
        read_json(tmp_path / "a", dict)
