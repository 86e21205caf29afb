"""The first step of a batch on its page: files without a line, a list with faults, edits, the consent, the queue."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
import streamlit as st

from liyi.batch import server_folders
from liyi.core.options import Options
from liyi.core.words import translate
from liyi.records.batch_tables import BatchState
from liyi.records.operations import batch_bringing, batches
from liyi.ui import pages, people
from liyi.ui.evaluating import bring_component, bringing, list_grid
from tests.records.world import FILM
from tests.ui.drawing import page


def zh(sentence, **fields):
    return translate(sentence, "zh", **fields)


@pytest.fixture
def batch(tmp_path, monkeypatch):
    """An examination with two files that are whole and one that is not."""
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "data"))
    store, who = people.records(), people.viewer()
    made = batches.add_batch(store, who, name="五月", purpose="examination", pack="counter", lang="zh",
                             options=Options("seated"))  # fmt: skip
    for name in ("a.webm", "b*.webm", "cut.webm"):
        file = batch_bringing.begin_file(store, who, made.id, name=name, size_bytes=len(FILM))
        file.path.write_bytes(FILM if name != "cut.webm" else FILM[:9])
        if name != "cut.webm":
            batch_bringing.end_file(store, who, made.id, file.id)
    yield made
    store.close()
    people._opened.cache_clear()


@pytest.fixture
def opened(batch):
    def open_page():
        shown = page("evaluate", batch=batch.id.hex).run()
        assert not shown.exception
        return shown

    return open_page


def cells(batch):
    return [dict(line.cells) for line in batch_bringing.lines(people.records(), people.viewer(), batch.id)]


def button(shown, key):
    return next(each for each in shown.button if each.key == key)


def said(shown):
    html = [each.proto.body for each in shown.get("html")]
    return "\n".join([each.value for each in (*shown.markdown, *shown.caption, *shown.error)] + html)


def test_from_files_to_the_queue(batch, opened, monkeypatch):
    gone = []
    monkeypatch.setattr(pages, "go", lambda address, **query: gone.append((address, query)))
    shown = opened()
    assert button(shown, "queue").disabled
    assert "还有 2 段录像不在清单中（a.webm、b\\*.webm）" in said(shown)
    shown = button(shown, "enter-lines").click().run()
    assert cells(batch) == [{"file": "a.webm"}, {"file": "b*.webm"}]
    assert "第 1 行 · a.webm · 同意日期：" in said(shown)
    assert button(shown, "queue").disabled
    assert "考核要求每一行都写明同意的日期和形式" in said(shown)
    shown.date_input(key="consent-day").set_value("2026-03-01")
    shown = shown.selectbox(key="consent-form").set_value("书面").run()
    shown = button(shown, "consent-all").click().run()
    assert cells(batch)[1] == {"file": "b*.webm", "consent_on": "2026-03-01", "consent_form": "书面"}
    assert not button(shown, "queue").disabled
    shown = button(shown, "list-undo").click().run()
    assert cells(batch) == [{"file": "a.webm"}, {"file": "b*.webm"}]
    list_grid.keep(batch.id, [{"file": "a", "consent_on": "2026-03-01", "consent_form": "书面"}])
    button(shown.run(), "queue").click().run()
    assert batches.batch(people.records(), people.viewer(), batch.id).state is BatchState.waiting
    assert gone == [("evaluate", {"batch": batch.id.hex, "step": "run"})]
    closed = page("evaluate", batch=batch.id.hex, step="bring").run()
    assert "请先停止" in said(closed)
    assert not [each for each in closed.button if each.key in ("queue", "line-add")]


def handed_in(batch, monkeypatch, name, data):
    file = SimpleNamespace(name=name, getvalue=lambda: data)
    state = {"up": file}
    monkeypatch.setattr(st, "session_state", state)
    bringing._take_list(batch, "up")
    return state


def test_a_wrong_list_is_taken_over_and_told_by_cell(batch, opened, monkeypatch):
    text = "文件,姓名,场景类型,同意日期,同意形式,备注\nA,王小明,坐席窗口,2026/3/1,书面,x\nnone.mp4,李华,躺着,明天,,\n"
    with monkeypatch.context() as patch:
        state = handed_in(batch, patch, "名单.csv", text.encode())
    [done] = [value for value in state.values() if isinstance(value, list_grid.Done)]
    assert done.before == []
    assert done.faults == ()
    assert done.said.endswith("以下各列不属于清单，未读取：备注。")
    assert cells(batch)[0] == {"file": "a.webm", "person": "王小明", "profile": "seated", "consent_on": "2026-03-01",
                               "consent_form": "书面"}  # fmt: skip
    told = said(opened())
    for cell in ("文件", "场景类型", "同意日期", "同意形式"):
        assert f"第 2 行 · none.mp4 · {cell}：" in told
    assert "规范包“政务服务窗口”没有场景类型“躺着”：请填 坐席窗口" in told
    assert "第 1 行" not in told


def test_one_name_in_two_lines_is_told(batch, opened):
    list_grid.keep(batch.id, [{"file": "a.webm", "person": "王芳"}, {"file": "b*.webm", "person": "王芳"}])
    assert "按同一人处理：王芳。" in said(opened())
    list_grid.keep(batch.id, [{"file": "a.webm", "person": "王芳"}, {"file": "b*.webm", "person": "0022"}])
    assert "按同一人处理" not in said(opened())


def test_a_list_in_which_nothing_can_be_read_changes_nothing(batch, monkeypatch):
    list_grid.keep(batch.id, [{"file": "a.webm"}])
    with monkeypatch.context() as patch:
        state = handed_in(batch, patch, "x.csv", "姓名,日期\n王小明,1\n".encode())
        assert "x.csv" in state["bring-refused"]
        assert "文件：缺少这一列" in state["bring-refused"]
        assert "file" not in state["bring-refused"]
    assert cells(batch) == [{"file": "a.webm"}]


def test_what_is_typed_is_kept_at_once(batch, opened, monkeypatch):
    list_grid.keep(batch.id, [{"file": "a.webm"}, {"file": "b*.webm", "person": "李华"}])
    [grid] = opened().get("arrow_data_frame") or opened().get("dataframe")
    assert list(grid.value["person"].fillna("-")) == ["-", "李华"]
    assert {str(grid.value[column].dtype) for column in ("person", "side")} == {"string"}, "though one is empty"
    typed = {0: {"person": "王小明", "consent_on": "2026年3月1日", "chosen": True}, 1: {"person": None}}
    with monkeypatch.context() as patch:
        patch.setattr(st, "session_state", {"grid": {"edited_rows": typed}})
        list_grid._take(batch.id, "grid")
        list_grid._take(batch.id, "grid")  # all of it comes each time
    assert cells(batch) == [{"file": "a.webm", "person": "王小明", "consent_on": "2026-03-01"}, {"file": "b*.webm"}]


def test_recordings_of_the_server_only_where_its_operator_allows(batch, opened, tmp_path, monkeypatch):
    assert "--recordings DIR" in said(opened())
    shelf = tmp_path / "shelf" / "甲班"
    shelf.mkdir(parents=True)
    (shelf / "c.mp4").write_bytes(FILM)
    monkeypatch.setenv(server_folders.RECORDINGS, str(tmp_path / "shelf"))
    shown = button(opened(), "server-add").click().run()
    assert cells(batch) == [{"file": "server:shelf/甲班/c.mp4"}]
    assert "第 1 行 · 文件" not in said(shown)
    shown = shown.text_input(key="server-below").set_value("../../data").run()
    shown = button(shown, "server-add").click().run()
    assert [each.value for each in shown.error] == [
        zh("There is no folder {name} among those of this server.", name="shelf/../../data")
    ]
    assert len(cells(batch)) == 1


def test_the_browser_half_knows_every_word_that_it_says():
    folder = Path(bring_component.__file__).parent / "static"
    static = "".join(path.read_text("utf-8") for path in folder.glob("*.mjs"))
    said_there = set(re.findall(r"\bwords\.(\w+)", static))
    assert said_there == set(bring_component.SENTENCES)
    assert bring_component.words("zh")["whole"] == "已上传 {count} 个文件，共 {size}"
