"""The evaluator's page: a batch is begun, followed while it runs, stopped, gone on with, and deleted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from liyi.batch import schedulers
from liyi.batch.record_progress import Reporter
from liyi.core.words import translate
from liyi.records import batch_queue
from liyi.records.batch_tables import Batch, BatchState
from liyi.records.lifecycle import batch_folder
from liyi.records.operations import batch_bringing, batch_running, batches
from liyi.records.schema import now
from liyi.ui import people
from tests.ui.drawing import page

RUN = "1" * 32
FAILURE = ("{file} is empty (0 bytes): record or copy it again.", {"file": "b.mp4"})


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    return tmp_path


def zh(sentence, **fields):
    return translate(sentence, "zh", **fields)


def button(shown, sentence):
    return next(each for each in shown.button if each.label == zh(sentence))


@pytest.fixture
def batch():
    """A batch of three lines that waits for its turn."""
    from liyi.core.options import Options

    store, who = people.records(), people.viewer()
    made = batches.add_batch(
        store, who, name="五月*考核*", purpose="training", pack="counter", lang="zh", options=Options("seated")
    )
    batch_bringing.set_lines(store, who, made.id, [{"file": f"{name}.mp4"} for name in "abc"])
    batch_bringing.queue_batch(store, who, made.id)
    return made.id


def opened(id):
    shown = page("evaluate", batch=id.hex, step="run").run()
    assert not shown.exception
    return shown


def said(shown, *kinds):
    return "\n".join(each.value for kind in kinds for each in getattr(shown, kind))


def test_a_batch_is_begun_once_it_has_a_name_and_the_consent_is_declared():
    shown = page("evaluate").run()
    begin = button(shown, "Begin the batch")
    assert begin.disabled
    shown.text_input(key="batch-name").set_value("五月考核").run()
    assert button(shown, "Begin the batch").disabled
    shown.checkbox(key="batch-consent").check().run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liyi.ui.pages.go", lambda *where, **query: None)
        button(shown, "Begin the batch").click().run()
    [made] = batches.batches(people.records(), people.viewer())
    assert (made.name, made.state, made.lang) == ("五月考核", BatchState.draft, "zh")
    assert any("五月考核" in each.proto.body for each in page("evaluate").run().get("html"))


def test_one_that_waits_says_its_place_and_can_be_taken_out(batch):
    shown = opened(batch)
    assert zh("Waiting for its turn: place {place}", place=1) in shown.get("progress")[0].proto.text
    shown.button(key="stop-batch-now").click().run()
    assert not shown.exception
    assert batches.batch(people.records(), people.viewer(), batch).state is BatchState.draft


def test_one_at_work_tells_rate_time_left_and_each_failure_in_the_readers_language(batch):
    from liyi.core.errors import Notice

    store, who = people.records(), people.viewer()
    batch_queue.claim(store, RUN)
    folder = batch_folder(store, batch)
    folder.mkdir(parents=True)
    told = Reporter(folder, of=3, done=0, workers=2)
    told.began("c.mp4")
    _, second, _ = batch_bringing.lines(store, who, batch)
    batch_running.fail_line(store, who, batch, second.id, RUN, Notice(*FAILURE))
    for _ in range(2):
        told.landed("a.mp4", failed=False, seconds=60.0)
    shown = opened(batch)
    text = shown.get("progress")[0].proto.text
    assert zh("{through} of {all} recordings", through=1, all=3) in text
    assert zh("{rate} an hour", rate="120") in text
    assert any(zh(FAILURE[0], file="b.mp4") in each.proto.body for each in shown.get("html"))
    assert "c.mp4" in said(shown, "caption").replace("\\", "")
    told.held_back = True
    told.write()
    assert zh("It waits: rehearsals and recordings of others come first.") in said(opened(batch), "info")
    shown.button(key="stop-batch-now").click().run()
    assert batches.batch(store, who, batch).state is BatchState.stopping
    with store.writing() as session:
        session.get(Batch, batch).state = BatchState.running
        session.get(Batch, batch).beat_at = now() - timedelta(minutes=2)
    assert "中断处" in said(opened(batch), "warning")


def test_one_that_was_broken_off_says_why_and_goes_on(batch, monkeypatch):
    monkeypatch.setattr("liyi.batch.record_lines.queue", batch_bringing.queue_batch)  # there are no files here
    store, who = people.records(), people.viewer()
    batch_queue.claim(store, RUN)
    error = {"sentence": batch_queue.LOST, "fields": {"times": 4}}
    batch_queue.end(store, batch, RUN, BatchState.failed, error)
    shown = opened(batch)
    assert zh(batch_queue.LOST, times=4) in said(shown, "error")
    shown.button(key="go-on").click().run()
    assert batches.batch(store, who, batch).state is BatchState.waiting


def test_what_is_wrong_when_it_is_to_go_on_is_told(batch):
    store, who = people.records(), people.viewer()
    batch_queue.claim(store, RUN)
    batch_queue.end(store, batch, RUN, BatchState.stopped)
    shown = opened(batch)
    shown.button(key="go-on").click().run()
    assert said(shown, "error")  # the files of its list are not there
    assert batches.batch(store, who, batch).state is BatchState.stopped


def test_only_schedulers_that_were_named_can_be_chosen(batch, monkeypatch):
    store, who = people.records(), people.viewer()
    batch_running.stop_batch(store, who, batch)
    assert not opened(batch).selectbox
    monkeypatch.setenv(schedulers.SCHEDULERS, "tcp://10.0.0.1:8786, tcp://10.0.0.2:8786")
    shown = opened(batch)
    [where] = shown.selectbox
    assert where.options == [zh("On this machine"), "tcp://10.0.0.1:8786", "tcp://10.0.0.2:8786"]
    where.select("tcp://10.0.0.2:8786").run()
    assert batches.batch(store, who, batch).scheduler == "tcp://10.0.0.2:8786"
    with pytest.raises(Exception, match="may not be run at"):
        schedulers.require_allowed("tcp://10.0.0.3:8786")


def test_it_is_deleted_with_a_word_on_what_goes(batch, data):
    store, who = people.records(), people.viewer()
    batch_running.stop_batch(store, who, batch)
    folder = batch_folder(store, batch)
    folder.mkdir(parents=True, exist_ok=True)
    shown = opened(batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("liyi.ui.pages.go", lambda *where, **query: None)
        shown.button(key="remove-batch-now").click().run()
    assert batches.batches(store, who) == []
    assert folder.exists()
    shown = page("evaluate").run()
    assert any("已删除的批次" in each.label for each in shown.expander)
    shown.button(key=f"back-{batch.hex}").click().run()
    assert [each.id for each in batches.batches(store, who)] == [batch]
