"""Whatever goes wrong in a page is one sentence on it, in its language; what is not foreseen costs one line of log."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from liyi.core import logs
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.records.operations import consent, recordings
from liyi.records.schema import Kind


def damage(folder) -> None:
    """A store in which one value was never written by Liyi."""
    store = open_records(folder)
    me = sign_in.local(store)
    consent.give_consent(store, me, version="1", text_sha256="ab" * 32)
    recordings.open_recording(store, me, name="a", kind=Kind.rehearsal)
    with store.writing() as session:
        session.execute(text("PRAGMA ignore_check_constraints = ON"))
        session.execute(text("UPDATE recording SET kind = 'much'"))
    store.close()


def page_that_fails(kind: str) -> None:
    import streamlit as st

    from liyi.core.errors import LiyiError
    from liyi.ui import faults

    errors = {
        "told": LiyiError("There is no such recording, or it was deleted. Look under Recordings."),
        "disk": OSError(28, "No space left on device"),
        "fault": KeyError("secret"),
        "value": LookupError("'much' is not among the defined enum values"),
    }

    @st.fragment
    def part() -> None:
        with faults.told():
            raise errors[kind.removeprefix("part-")]

    if kind.startswith("part-"):
        part()
        return
    with faults.told():
        st.write("before")
        raise errors[kind]
    st.write("after")


SENTENCES = {
    "told": "没有这份录像",
    "disk": "服务器磁盘已满",
    "fault": "本页遇到礼仪程序自身的故障（KeyError）",
    "value": "数据库已损坏（",
}


@pytest.mark.parametrize("kind", [*SENTENCES, "part-disk", "part-fault"])
def test_a_fault_in_a_page_is_one_sentence(monkeypatch, tmp_path, kind):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    if kind == "value":
        damage(tmp_path)
    told = []
    monkeypatch.setattr(logs, "event", lambda name, **about: told.append((name, type(about["error"]).__name__)))
    shown = AppTest.from_function(page_that_fails, kwargs={"kind": kind}).run(timeout=20)
    assert not shown.exception
    (error,) = shown.error
    assert error.value.startswith(SENTENCES[kind.removeprefix("part-")])
    assert "secret" not in error.value
    assert "after" not in [each.value for each in shown.markdown]
    assert told == ([] if kind == "told" else [("page_failed", told[0][1])])
