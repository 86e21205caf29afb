"""A batch of the records: each result is filed as it comes, and nothing that was finished is lost.

Recordings and their assessment are stand-ins (`tests.batch.standin`).
"""

from __future__ import annotations

import csv
import os
import secrets
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from liyi.batch import record_lines
from liyi.batch.manifest import Defaults, read_lines
from liyi.batch.record_progress import progress_of
from liyi.batch.record_run import RecordRun
from liyi.batch.results import batch_lock
from liyi.batch.run import Settings, run_batch
from liyi.cohort.files import write_cohort
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.records import batch_queue, batch_retention, retention, sign_in
from liyi.records.batch_tables import Batch, BatchLine, BatchState, LineState, Purpose
from liyi.records.engine import open_records
from liyi.records.lifecycle import batch_folder
from liyi.records.operations import (
    access,
    assessments,
    batch_bringing,
    batch_removal,
    batch_running,
    batches,
    consent,
    people,
    recordings,
)
from liyi.records.schema import Kind, Person, Recording, Role, now
from liyi.records.viewer import Viewer
from liyi.ui.evaluating import results_taken
from liyi.ui.evaluating.results_taken import Asking
from tests.batch.standin import assess, recording

ROOT = Path(__file__).resolve().parents[2]
BEATING = SimpleNamespace(state=BatchState.running)
CONSENTED = {"consent_on": "2026-05-04", "consent_form": "书面"}


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "data"))
    opened = open_records()
    yield opened
    opened.close()


@pytest.fixture
def evaluator(store):
    admin = sign_in.found_organisation(store, "Hall", admin="Admin", account="admin")
    row = people.add_person(store, admin, name="Evaluator", account="evaluator")
    people.grant_role(store, admin, row.id, Role.evaluator)
    return Viewer(row.id, row.organisation_id)


def batch_of(store, viewer, files, cells, purpose=Purpose.examination):
    """A batch that waits, with these files brought to it and this list."""
    made = batches.add_batch(
        store, viewer, name="May", purpose=purpose, pack="counter", lang="en", options=Options("seated")
    )
    for file in files:
        begun = batch_bringing.begin_file(store, viewer, made.id, name=file.name, size_bytes=file.stat().st_size)
        begun.path.write_bytes(file.read_bytes())
        batch_bringing.end_file(store, viewer, made.id, begun.id)
    batch_bringing.set_lines(store, viewer, made.id, cells)
    record_lines.queue(store, viewer, made.id)
    return made.id


def run(store, client, heart=BEATING):
    """What `liyi.ui.evaluating.batch_process` does, on a cluster that is there."""
    me = secrets.token_hex(16)
    id, viewer = batch_queue.claim(store, me)
    outcome = RecordRun(store, viewer, id, me, room=lambda: None).work(client, heart, assess=assess)
    batch_queue.end(store, id, me, BatchState.stopped if outcome.stopped else BatchState.done)
    return outcome


def states(store, viewer, id):
    return [str(line.state) for line in batch_bringing.lines(store, viewer, id)]


def test_a_line_with_two_cameras_is_one_recording_that_keeps_both_files(store, evaluator, client, tmp_path):
    files = [recording(tmp_path / "in" / f"{name}.mp4") for name in ("front", "side")]
    cells = [{"file": "front.mp4", "side": "side.mp4", "person": "张三", **CONSENTED}]
    id = batch_of(store, evaluator, files, cells)
    run(store, client)
    [line] = batch_bringing.lines(store, evaluator, id)
    assert line.state is LineState.done
    [kept] = recordings.recordings(store, evaluator, person_id=line.person_id)
    assert recordings.watch(store, evaluator, kept.id).read_bytes() == files[0].read_bytes()
    assert recordings.watch_side(store, evaluator, kept.id).read_bytes() == files[1].read_bytes()
    assert [each.path.parent.parent.name for each in batch_bringing.batch_files(store, evaluator, id)] != ["files"] * 2
    batch_removal.discard_batch(store, evaluator, id, with_recordings=True)
    later(store, days=8)
    assert [file for file in (store.folder / "media").rglob("*") if file.is_file()] == []


def test_each_result_is_filed_with_its_person_and_what_was_brought_goes(store, evaluator, client, tmp_path):
    files = [recording(tmp_path / "in" / f"{name}.mp4", do) for name, do in
             [("a", ""), ("b", ""), ("c", ""), ("bad", "be damaged")]]  # fmt: skip
    cells = [{"file": "a.mp4", "person": "张三"}, {"file": "b.mp4", "person": "张三"}, {"file": "c.mp4"},
             {"file": "bad.mp4", "person": "李四"}]  # fmt: skip
    id = batch_of(store, evaluator, files, [{**line, **CONSENTED} for line in cells])
    assert [batch_running.place_of_batch(store, evaluator, id), states(store, evaluator, id)] == [1, ["waiting"] * 4]
    run(store, client)
    assert batches.batch(store, evaluator, id).state is BatchState.done
    one, two, three, bad = batch_bringing.lines(store, evaluator, id)
    assert [str(line.state) for line in (one, two, three, bad)] == ["done", "done", "done", "failed"]
    assert bad.key, "the table of the command names it too"
    assert one.person_id == two.person_id != three.person_id
    assert [people.person(store, evaluator, line.person_id).name for line in (one, three)] == ["张三", "c"]
    assert bad.person_id is None  # nobody is entered of whom nothing is kept
    assert bad.error == {
        "sentence": "{file} is empty (0 bytes): record or copy it again.",
        "fields": {"file": "bad.mp4"},
    }
    for line in (one, two, three):
        kept = recordings.judged_recording(store, evaluator, line.recording_id)
        assert kept.submitted_at is not None
        assert assessments.assessment(store, evaluator, line.assessment_id).recording_id == kept.id
        assert [str(each.given_at.date()) for each in consent_of(store, line)] == ["2026-05-04"]
    assert len(access.assignments(store, evaluator)) == 3
    assert access.assignments(store, evaluator, received=True) == []
    assert all(file.is_whole for file in batch_bringing.batch_files(store, evaluator, id))  # in the vault, but for one
    folder = batch_folder(store, id)
    assert [path.name for path in folder.rglob("*.mp4")] == ["bad.mp4"]
    assert not list(folder.glob("out/recordings/*"))
    told = progress_of(folder)
    assert (told.of, told.done, told.failed, told.current) == (4, 3, 1, [])
    with (folder / "out/log.csv").open(encoding="utf-8-sig", newline="") as log:
        said = [(line["what"], line["file"]) for line in csv.DictReader(log)]
    assert said[0] == ("begun", "")
    assert said[-1] == ("done", "")
    assert sorted(said[1:-1]) == [("assessed", "a.mp4"), ("assessed", "b.mp4"), ("assessed", "c.mp4"),
                                  ("failed", "bad.mp4")]  # fmt: skip


def consent_of(store, line):
    with store.reading() as session:
        from liyi.records.consent_tables import Consent

        return session.scalars(select(Consent).where(Consent.person_id == line.person_id)).all()


def test_without_consent_nothing_of_a_line_is_kept(store, evaluator, client, tmp_path):
    files = [recording(tmp_path / "in" / "a.mp4")]
    id = batch_of(store, evaluator, files, [{"file": "a.mp4", "person": "张三"}], Purpose.training)
    run(store, client)
    [line] = batch_bringing.lines(store, evaluator, id)
    assert line.state is LineState.failed
    assert line.error["sentence"].startswith("There is no consent to this recording")
    assert recordings.recordings(store, evaluator) == []
    assert not list(batch_folder(store, id).glob("out/recordings/*"))
    consent.give_consent(store, evaluator, version="batch-1", text_sha256="ab" * 32)  # as the page's declaration
    record_lines.queue(store, evaluator, id)
    run(store, client)
    assert states(store, evaluator, id) == ["done"]


def test_a_batch_that_is_told_to_stop_keeps_what_is_finished_and_goes_on(store, evaluator, client, tmp_path):
    files = [recording(tmp_path / "in" / f"{at}.mp4", seconds=0.05) for at in range(6)]
    id = batch_of(store, evaluator, files, [{"file": file.name, **CONSENTED} for file in files])

    class Heart:
        @property
        def state(self):
            done = batch_running.line_counts(store, evaluator, id).done
            return BatchState.stopping if done >= 2 else BatchState.running

    outcome = run(store, client, Heart())
    before = states(store, evaluator, id)
    assert outcome.stopped
    assert before.count("done") >= 2
    assert "waiting" in before
    assert batches.batch(store, evaluator, id).state is BatchState.stopped
    record_lines.queue(store, evaluator, id)
    run(store, client)
    assert states(store, evaluator, id) == ["done"] * 6


def test_killed_in_the_middle_it_ends_as_the_undisturbed_command(store, evaluator, client, tmp_path, monkeypatch):
    files = [recording(tmp_path / "in" / f"{at}.mp4", seconds=0.2, at=at) for at in range(8)]
    id = batch_of(
        store, evaluator, files, [{"file": file.name, "person": f"p{file.stem}", **CONSENTED} for file in files]
    )
    child = subprocess.Popen([sys.executable, "-m", "tests.batch.record_client"], cwd=ROOT, start_new_session=True,
                             env={**os.environ, "LIYI_SLOTS": "2"})  # fmt: skip
    try:
        until = time.monotonic() + 90
        while batch_running.line_counts(store, evaluator, id).done < 2:
            assert time.monotonic() < until
            time.sleep(0.05)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    assert 2 <= states(store, evaluator, id).count("done") < 8
    assert batches.batch(store, evaluator, id).state is BatchState.running
    assert batch_queue.claim(store, "b" * 32) is None  # it may still live
    with store.writing() as session:
        session.execute(update(Batch).values(beat_at=now() - timedelta(seconds=61)))
    run(store, client)
    assert states(store, evaluator, id) == ["done"] * 8
    monkeypatch.setattr(results_taken.people, "records", lambda: store)
    write_cohort(results_taken.rows_of(Asking(evaluator, id, "en").content(), "en"), tmp_path, "en")
    (tmp_path / "in" / "list.csv").write_text("file,person\n" + "".join(f"{f.name},p{f.stem}\n" for f in files))
    lines = read_lines([str(tmp_path / "in" / "list.csv")], Defaults("counter", Options("seated")))
    with batch_lock(tmp_path / "out", resume=False):
        run_batch(lines, tmp_path / "out", client, Settings("en", report=True), write=write_cohort, assess=assess)
    for name in ("scores.csv", "scores.parquet", "failures.csv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name


def later(store, days):
    """What the machine removes so many days later."""
    return retention.purge(store, at=now() + timedelta(days=days))


def test_a_batch_goes_with_what_was_made_of_it_only_if_asked_and_comes_back_for_a_week(
    store, evaluator, client, tmp_path
):  # fmt: skip
    files = [recording(tmp_path / "in" / f"{name}.mp4") for name in "abc"]
    kept = batch_of(store, evaluator, files[:1], [{"file": "a.mp4", "person": "张三", **CONSENTED}])
    gone = batch_of(store, evaluator, files[1:], [{"file": "b.mp4", "person": "张三", **CONSENTED},
                                                  {"file": "c.mp4", "person": "李四", **CONSENTED}])  # fmt: skip
    run(store, client)
    run(store, client)
    [of_kept] = batch_bringing.lines(store, evaluator, kept)
    one, two = batch_bringing.lines(store, evaluator, gone)
    assert one.person_id == of_kept.person_id  # named in both, and judged by the same evaluator

    batch_removal.discard_batch(store, evaluator, gone, with_recordings=True)
    with pytest.raises(LiyiError):
        batches.batch(store, evaluator, gone)
    assert [each.id for each in recordings.recordings(store, evaluator)] == [of_kept.recording_id]
    assert later(store, days=6).batches == 0
    batch_removal.take_back_batch(store, evaluator, gone)
    assert len(recordings.recordings(store, evaluator)) == 3
    assert len(batch_bringing.lines(store, evaluator, gone)) == 2

    batch_removal.discard_batch(store, evaluator, gone, with_recordings=True)
    removal = later(store, days=8)
    assert (removal.recordings, removal.batches) == (2, 1)
    assert not batch_folder(store, gone).exists()
    with store.reading() as session:
        assert session.get(Person, one.person_id).name == "张三"
        assert session.get(Person, two.person_id).name != "李四"  # of whom nothing is kept any more
        assert session.scalars(select(BatchLine).where(BatchLine.batch_id == gone)).all() == []
    with pytest.raises(LiyiError):
        batch_removal.take_back_batch(store, evaluator, gone)

    batch_removal.discard_batch(store, evaluator, kept)  # the recording stays, and nobody judges it by this batch
    later(store, days=8)
    assert recordings.recordings(store, evaluator) == []
    assert batch_bringing.people_called(store, evaluator, ["张三"]) == {}
    with store.reading() as session:
        assert session.get(Recording, of_kept.recording_id) is not None
        assert session.get(Person, one.person_id).name == "张三"


def test_what_was_brought_and_never_assessed_goes_after_its_days(store, evaluator, client, tmp_path):
    files = [recording(tmp_path / "in" / f"{name}.mp4") for name in "ab"]
    id = batch_of(store, evaluator, files, [{"file": "a.mp4", "person": "张三", **CONSENTED}])
    later(store, days=31)
    assert len(batch_bringing.batch_files(store, evaluator, id)) == 2, "it waits for its turn"
    run(store, client)
    told = batch_bringing.batch_files(store, evaluator, id)
    assert [each.is_filed for each in told] == [True, False]
    ends = batch_retention.uploads_until(batches.batch(store, evaluator, id), [told[1].brought_at])
    assert timedelta(days=29) < ends - now() <= timedelta(days=30)
    assert later(store, days=29).uploads == 0
    assert later(store, days=31).uploads == 1
    assert [each.name for each in batch_bringing.batch_files(store, evaluator, id)] == ["a.mp4"]
    assert not told[1].path.exists()


def test_what_was_brought_stays_until_this_batch_has_filed_it(store, evaluator, client, tmp_path):
    """Somebody else keeps the same content, and may delete it at any time."""
    file = recording(tmp_path / "in" / "a.mp4")
    other = people.add_person(store, evaluator_admin(store), name="Other", account="other")
    own = Viewer(other.id, other.organisation_id)
    consent.give_consent(store, own, version="1", text_sha256="ab" * 32)
    recordings.keep_recording(store, own, file, name="own.mp4", kind=Kind.upload)
    id = batch_of(store, evaluator, [file], [{"file": "a.mp4", "person": "张三", **CONSENTED}])
    me = secrets.token_hex(16)
    batch_queue.claim(store, me)
    [brought] = batch_bringing.batch_files(store, evaluator, id)
    assert batch_running.put_away(store, evaluator, id, me, [brought.id]) == 0
    assert brought.path.is_file()
    brought.path.unlink()  # as after a backup was restored, which leaves it out
    assert not batch_bringing.batch_files(store, evaluator, id)[0].is_whole, "what others keep is nobody else's"


def evaluator_admin(store):
    with store.reading() as session:
        row = session.scalars(select(Person).where(Person.account == "admin")).one()
    return Viewer(row.id, row.organisation_id)
