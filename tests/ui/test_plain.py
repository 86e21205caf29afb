"""Names of files are shown letter by letter, never read as Markdown."""

from __future__ import annotations

import io
from html import escape
from types import SimpleNamespace
from uuid import uuid4

import pytest

from liyi.core.errors import LiyiError, MediaError
from liyi.core.options import Options
from liyi.ui import beginning, deleting, entries, jobs, people
from liyi.ui.evaluating import assigned
from liyi.ui.plain import explain, plain
from liyi.ui.screens import recordings
from tests.ui.drawing import page

NAMES = [
    "_引号_ *b* $a_1$ <b>x</b> :red[x] :smile: [a](b) `c` --> www.a.cn a@b.cn.mp4",
    "1. a.mp4",
    "- a.mp4",
    "# a.mp4",
]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    monkeypatch.setattr(jobs, "_launch", lambda folder, slot: None)
    people.agree("I agree.", version="1")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_it_is_a_sign(name):
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(plain(name))
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    inline = tokens[1]
    assert {token.type for token in inline.children} <= {"text", "text_special"}
    assert "".join(token.content for token in inline.children).replace("\N{WORD JOINER}", "") == name


@pytest.mark.parametrize("found_later", [":smile:", "a-->b", "a--b", "x >= y", "www.a.cn", "http://a.cn", "a@b.cn"])
def test_what_streamlit_looks_for_in_the_finished_text_is_not_there(found_later):
    assert found_later not in plain(found_later).replace("\\", "")


def test_names_in_faults_and_lists(data, monkeypatch):
    name = NAMES[0]
    assert "\\_引号\\_" in explain(MediaError(name.replace("/", ""), "{file} cannot be read."))
    assert explain(LiyiError("At least {count} files.", count=3)) == "At least 3 files."
    monkeypatch.setattr(recordings, "name_of", lambda entry: name)  # uploads are kept under tamer names
    id = beginning.upload(io.BytesIO(b"\x1aE\xdf\xa3 film"), "a.mp4", "counter", Options(), lang="zh")
    (body,) = [each.proto.body for each in page("recordings").run().get("html") if 'class="row"' in each.proto.body]
    assert f"<span>{escape(name)}</span>" in body
    deleting.discard(entries.find(id))
    assert any(plain(name) in each.value for each in page("recordings").run().markdown)


def test_a_cohorts_name_is_no_markdown_on_the_page_of_what_is_assigned(monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(assigned, "people", SimpleNamespace(records=lambda: None, viewer=lambda: None))
    answers = {"cohort": lambda *asked: SimpleNamespace(name="[hall](http://a.cn)"), "members": lambda *asked: []}
    monkeypatch.setattr(assigned, "cohorts", SimpleNamespace(**answers))
    monkeypatch.setattr(assigned, "queue", SimpleNamespace(queue=lambda *_, **__: []))
    monkeypatch.setattr(assigned, "st", SimpleNamespace(markdown=said.append, caption=said.append))
    assigned._draw_cohort(uuid4(), reviews=True)
    assert plain("[hall](http://a.cn)") in said[0]
