"""Files are brought to a batch in a browser: refused, sent, taken up where they were cut off by a kill and a reload."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from liyi.core.options import Options
from liyi.core.words import translate
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.records.operations import batch_bringing, batches
from tests.e2e.looking import look
from tests.e2e.whole_app import App

pytestmark = pytest.mark.browser
FILM = b"\x1aE\xdf\xa3" + bytes(range(96)) * 2000
CUT = 5000


def zh(sentence, **fields):
    return translate(sentence, "zh", **fields)


def test_files_are_brought_and_go_on_where_they_were_cut_off(browser, models_ready, tmp_path, axe, artefacts):
    app = App(tmp_path)
    store = open_records(app.data)
    who = sign_in.local(store)
    id = batches.add_batch(store, who, name="五月", purpose="training", pack="counter", lang="zh", options=Options()).id
    for name, content in {"a.webm": FILM, "clip/b.webm": FILM, "letter.webm": b"%PDF-1.7 a letter"}.items():
        (tmp_path / "pick" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pick" / name).write_bytes(content)
    changed_ms = int((tmp_path / "pick" / "a.webm").stat().st_mtime * 1000)
    cut = batch_bringing.begin_file(store, who, id, name="a.webm", size_bytes=len(FILM), modified_ms=changed_ms)
    cut.path.write_bytes(FILM[:CUT])  # a server that was killed left it so
    app.start()
    context = browser.new_context(locale="zh-CN")
    try:
        page = context.new_page()
        page.goto(f"{app.address}/evaluate?batch={id.hex}")
        expect(page.locator(".bring .note")).to_contain_text("1", timeout=30_000)
        with page.expect_file_chooser() as chooser:
            page.locator(".bring .first").press("Enter")
        with page.expect_request(lambda asked: asked.method == "PUT" and f"{cut.id.hex}?at={CUT}&" in asked.url):
            chooser.value.set_files([tmp_path / "pick" / name for name in ("a.webm", "clip/b.webm", "letter.webm")])
        expect(page.locator(".bring summary")).to_have_text(
            zh("Brought: {count} files, {size}", count=2, size="0.4 MB")
        )
        expect(page.locator(".bring > .files li")).to_contain_text("letter.webm")
        page.get_by_role("button", name=zh("Enter a line for each")).click()
        expect(page.get_by_test_id("stDataFrame")).to_be_visible()
        look(page, "bringing", axe=axe, folder=artefacts)
        page.locator(".bring > .files button").click()  # what was refused is put away
        expect(page.locator(".bring > .files li")).to_have_count(0)
        page.reload()
        expect(page.locator(".bring summary")).to_contain_text("2", timeout=30_000)
    finally:
        context.close()
        app.close()
    assert {file.name: file.path.read_bytes() for file in batch_bringing.batch_files(store, who, id)} == {
        "a.webm": FILM, "b.webm": FILM
    }  # fmt: skip
    assert [line.cells for line in batch_bringing.lines(store, who, id)] == [{"file": "a.webm"}, {"file": "b.webm"}]
    store.close()
