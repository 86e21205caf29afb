"""Which batch is next: one process takes it, a silent one loses it, one that is lost again and again is given up."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.records import batch_queue, sign_in
from liyi.records.batch_tables import Batch, BatchLine, BatchState, LineState
from liyi.records.lifecycle import batch_folder
from liyi.records.operations import batch_bringing, batch_removal, batch_running, batches, people
from liyi.records.schema import Role, now
from liyi.records.unit_of_work import not_there
from liyi.records.viewer import Viewer

ONE, OTHER = "1" * 32, "2" * 32


@pytest.fixture
def evaluator(records):
    admin = sign_in.found_organisation(records, "Hall", admin="Admin", account="admin")
    row = people.add_person(records, admin, name="Evaluator", account="evaluator")
    people.grant_role(records, admin, row.id, Role.evaluator)
    return Viewer(row.id, row.organisation_id)


def queued(records, viewer, name):
    id = batches.add_batch(
        records, viewer, name=name, purpose="training", pack="counter", lang="zh", options=Options()
    ).id
    batch_bringing.set_lines(records, viewer, id, [{"file": "a.mp4"}])
    batch_bringing.queue_batch(records, viewer, id)
    return id


def silence(records, id, state=None):
    with records.writing() as session:
        row = session.get(Batch, id)
        row.beat_at = now() - timedelta(seconds=batch_queue.DEAD_S + 1)
        row.state = state or row.state


def test_they_run_in_the_order_in_which_they_were_queued_each_once(records, evaluator):
    first, second = queued(records, evaluator, "first"), queued(records, evaluator, "second")
    places = [batch_running.place_of_batch(records, evaluator, id) for id in (first, second)]
    assert places == [1, 2]
    with ThreadPoolExecutor(4) as pool:
        taken = [*pool.map(lambda n: batch_queue.claim(records, f"{n:032d}"), range(4))]
    assert sorted(filter(None, taken), key=str) == sorted([(first, evaluator), (second, evaluator)], key=str)
    assert not batch_queue.anything_waits(records)
    with pytest.raises(LiyiError, match="being assessed"):
        batch_removal.discard_batch(records, evaluator, first)


def test_of_a_silent_process_the_batch_is_taken_up_and_what_it_still_says_counts_no_more(records, evaluator):
    id = queued(records, evaluator, "b")
    batch_queue.claim(records, ONE)
    assert batch_queue.beat(records, id, ONE) is BatchState.running
    assert batch_queue.claim(records, OTHER) is None
    silence(records, id)
    assert batch_queue.claim(records, OTHER) == (id, evaluator)
    assert batch_queue.beat(records, id, ONE) is None
    batch_queue.end(records, id, ONE, BatchState.failed)
    assert batches.batch(records, evaluator, id).state is BatchState.running
    [line] = batch_bringing.lines(records, evaluator, id)
    with pytest.raises(LiyiError) as refused:
        batch_running.fail_line(records, evaluator, id, line.id, ONE, not_there_said())
    assert refused.value.sentence == not_there().sentence
    batch_queue.end(records, id, OTHER, BatchState.done)
    assert batches.batch(records, evaluator, id).state is BatchState.done


def not_there_said():
    from liyi.core.errors import Notice

    return Notice("{file} is empty.", {"file": "a.mp4"})


def test_one_that_is_lost_again_and_again_is_given_up_and_says_so(records, evaluator):
    id = queued(records, evaluator, "b")
    for run in range(batch_queue.MOST_LOSSES + 1):
        assert batch_queue.claim(records, f"{run:032d}") is not None
        silence(records, id)
    assert batch_queue.claim(records, OTHER) is None
    row = batches.batch(records, evaluator, id)
    assert (row.state, row.error["fields"]) == (BatchState.failed, {"times": batch_queue.MOST_LOSSES + 1})
    batch_bringing.queue_batch(records, evaluator, id)
    assert batch_queue.claim(records, OTHER) is not None  # tried anew by whoever asks for it


def test_a_finished_line_shows_that_it_is_not_lost_in_vain(records, evaluator):
    id = queued(records, evaluator, "b")
    [line] = batch_bringing.lines(records, evaluator, id)
    for run in range(batch_queue.MOST_LOSSES + 2):
        token = f"{run:032d}"
        assert batch_queue.claim(records, token) is not None
        batch_running.fail_line(records, evaluator, id, line.id, token, not_there_said())
        silence(records, id)


def test_stopping_one_that_waits_and_one_whose_process_is_gone(records, evaluator):
    id = queued(records, evaluator, "b")
    assert batch_running.stop_batch(records, evaluator, id).state is BatchState.draft
    batch_bringing.queue_batch(records, evaluator, id)
    with records.writing() as session:
        session.query(BatchLine).filter_by(batch_id=id).one().state = LineState.done
    assert batch_running.stop_batch(records, evaluator, id).state is BatchState.stopped
    with records.writing() as session:
        session.query(BatchLine).filter_by(batch_id=id).one().state = LineState.waiting
    batch_bringing.queue_batch(records, evaluator, id)
    batch_queue.claim(records, ONE)
    assert batch_running.stop_batch(records, evaluator, id).state is BatchState.stopping
    assert batch_queue.beat(records, id, ONE) is BatchState.stopping
    silence(records, id)
    assert batch_queue.claim(records, OTHER) is None
    assert batches.batch(records, evaluator, id).state is BatchState.stopped


def test_folders_that_no_batch_has_are_put_aside_and_come_back_and_what_was_being_removed_goes(records, evaluator):
    there, strange, new, left = (
        batch_folder(records, id) for id in (queued(records, evaluator, "b"), uuid4(), uuid4(), uuid4())
    )
    for folder in (there, strange, new, left):
        (folder / "files").mkdir(parents=True)
    batch_queue.going(left)
    batch_queue.going(there)  # its removal was given up
    for folder in (there, strange, left):
        os.utime(folder, (0, 0))
    batch_queue.sweep(records)
    assert [folder.exists() for folder in (there, strange, new, left)] == [True, False, True, False]
    [kept] = batch_queue.left_folders(records)
    assert (kept.name, (kept / "files").is_dir()) == (strange.name, True)
    batch_queue.sweep(records)
    assert batch_queue.left_folders(records) == [kept]

    with records.writing() as session:  # the database that knows it is there again
        row = session.get(Batch, batches.batches(records, evaluator)[0].id)
        session.add(Batch(id=UUID(strange.name), organisation_id=row.organisation_id, owner_id=row.owner_id, name="c",
                          purpose=row.purpose, state=BatchState.draft, pack="counter", lang="zh",
                          options=row.options))  # fmt: skip
    batch_queue.sweep(records)
    assert (strange / "files").is_dir()
    assert batch_queue.left_folders(records) == []
    (records.folder / "batches-left" / uuid4().hex).mkdir()
    [old] = batch_queue.left_folders(records)
    os.utime(old, (0, 0))
    batch_queue.sweep(records)
    assert not old.exists()
