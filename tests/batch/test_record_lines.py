"""The list of a batch in the records: what its cells mean, each fault by its cell, and no path but those allowed."""

from __future__ import annotations

import io
import os
from datetime import date, timedelta

import pytest
from openpyxl import Workbook, load_workbook

from liyi.batch import record_lines, server_folders
from liyi.batch.list_book import workbook_of
from liyi.core.errors import LiyiError
from liyi.core.options import Options
from liyi.core.words import explain_error
from liyi.records.batch_tables import BatchState, LineState
from liyi.records.engine import open_records
from liyi.records.operations import batch_bringing, batches
from liyi.records.schema import now
from tests.records.world import FILM, build

SIGNED = {"consent_on": "2026-03-01", "consent_form": "书面"}


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hall")
    store = open_records(folder / "data")
    yield store, build(store, folder)
    store.close()


@pytest.fixture
def made(hall, monkeypatch):
    """Begins a batch of a purpose with files; reads lines of cells in it."""
    store, world = hall
    monkeypatch.setenv("LIYI_DATA", str(store.folder))
    who = world.viewers["evaluator"]

    class Made:
        viewer, records, people = who, store, world

        def __init__(self, purpose="training", files=("甲班/a.webm", "乙班/a.webm", "乙班/b.webm")):
            self.batch = batches.add_batch(store, who, name="b", purpose=purpose, pack="counter", lang="zh",
                                           options=Options("seated"))  # fmt: skip
            for name in files:
                self.bring(name)

        def bring(self, name, content=FILM):
            file = batch_bringing.begin_file(store, who, self.batch.id, name=name, size_bytes=len(FILM))
            file.path.write_bytes(content)
            if content == FILM:
                batch_bringing.end_file(store, who, self.batch.id, file.id)

        def read(self, *cells):
            lines = batch_bringing.set_lines(store, who, self.batch.id, cells)
            found, faults = record_lines.read_record_lines(store, self.batch, lines)
            assert {id for id, _ in found} <= {line.id for line in lines}
            return [line for _, line in found], {(fault.line, fault.key): fault.notice.text for fault in faults}

    return Made


def test_lines_are_what_a_manifest_would_say(made):
    here = made()
    lines, faults = here.read(
        {"file": "乙班/b.webm", "person": "王小明", "profile": "导办站立", "speech": "中文"},
        {"file": "甲班/a.webm", "side": "乙班/a.webm", "norms": "政务服务窗口"},
    )
    assert faults == {}
    assert [(line.path, line.person, line.options.profile, line.options.language) for line in lines] == [
        ("乙班/b.webm", "王小明", "standing", "zh"), ("甲班/a.webm", None, "seated", "auto")
    ]  # fmt: skip
    places = [place for line in lines for place in (line.source, line.side) if place]
    assert all(place.startswith(str(here.records.folder / "batches")) for place in places)
    assert [os.path.basename(place) for place in places] == ["b.webm", "a.webm", "a.webm"]
    assert len(set(places)) == 3
    [first], faults = here.read({"file": "乙班/b.webm"}, {"file": "乙班/b.webm"}, {"file": "甲班/a", "side": "甲班/a"})
    assert (first.path, set(faults)) == ("乙班/b.webm", {(2, "file"), (3, "side")})


@pytest.mark.parametrize("called", ["b.webm", "B.WEBM", "b", "乙班\\b.webm", "D:\\录像\\乙班\\b.webm", "ｂ.webm"])
def test_a_file_is_found_as_lists_call_it(made, called):
    [line], _faults = made().read({"file": called})
    assert line.path == called
    assert os.path.basename(line.source) == "b.webm"


def test_every_fault_is_told_by_its_cell_and_the_rest_is_read(made):
    here = made()
    here.bring("cut.webm", FILM[:9])
    store, world = here.records, here.people
    lines, faults = here.read(
        {"file": "a.webm"},
        {"file": "cut.webm", "profile": "lying", "camera": "above"},
        {"file": "none.webm", "norms": "/etc/passwd", "recogniser": "/root"},
        {"person": "nobody's"},
        {"file": "b.webm", "person": str(world.idle_evaluator_id), "consent_on": "2026-02-30"},
        {"file": "乙班/b.webm", "colour": "red", "consent_on": (now() + timedelta(days=3)).date().isoformat()},
        {"file": "甲班/a.webm"},
    )
    assert [line.path for line in lines] == ["甲班/a.webm"]
    assert set(faults) == {
        (1, "file"), (2, "file"), (2, "camera"), (2, "profile"), (3, "file"), (3, "norms"), (3, "recogniser"),
        (4, "file"), (5, "person"), (5, "consent_on"), (5, "consent_form"), (6, "file"), (6, "consent_on"),
        (6, "consent_form"), (6, "colour"),
    }  # fmt: skip
    assert "several files" in faults[1, "file"]
    assert "as a whole" in faults[2, "file"]
    assert "line 5 too" in faults[6, "file"]
    with pytest.raises(LiyiError, match="cells to mend: 15"):
        record_lines.queue(store, here.viewer, here.batch.id)
    assert batches.batch(store, here.viewer, here.batch.id).state is BatchState.draft


@pytest.mark.parametrize(
    "cell",
    ["/etc/passwd", "../../liyi.sqlite3", "file:///etc/passwd", "http://169.254.169.254/a.mp4", "s3://bucket/a.mp4",
     "*.webm", "server:nothing/a.webm", "server:", "~/a.webm"],
)  # fmt: skip
def test_no_cell_names_another_path(made, cell):
    for column in ("file", "side"):
        lines, faults = made(files=["x.webm"]).read({"file": "x.webm", column: cell})
        assert lines == []
        assert set(faults) == {(1, column)}


def test_people_are_named_by_id_account_or_a_name_that_is_theirs_alone(made):
    here = made()
    named = batch_bringing.people_called(here.records, here.viewer, ["owner", "nobody"])
    assert named == {"owner": [here.people.owner_id]}
    _lines, faults = here.read({"file": "b", "person": str(here.people.owner_id)})
    assert faults == {}


def test_an_examination_waits_only_with_consent_in_each_line(made):
    here = made("examination", files=["a.webm", "b.webm"])
    store, who, id = here.records, here.viewer, here.batch.id
    _lines, faults = here.read({"file": "a"} | SIGNED, {"file": "b", "consent_on": "2026-03-01"})
    assert set(faults) == {(2, "consent_form")}
    with pytest.raises(LiyiError, match="each line must say") as refused:
        batch_bringing.queue_batch(store, who, id)  # whoever asks past the page
    assert "第 2 行" in explain_error(refused.value, "zh")
    here.read({"file": "a"} | SIGNED, {"file": "b"} | SIGNED)
    assert record_lines.queue(store, who, id).state is BatchState.waiting
    with pytest.raises(LiyiError, match="being assessed"):
        batch_bringing.set_lines(store, who, id, [])


def test_what_is_assessed_stays_when_the_list_is_written_anew(made):
    here = made(files=["a.webm", "b.webm"])
    store, who, id = here.records, here.viewer, here.batch.id
    lines = batch_bringing.set_lines(store, who, id, [{"file": "a.webm"}, {"file": "b.webm", "person": "x"}, {}])
    with store.writing() as session:
        session.merge(lines[0]).state = LineState.done
        session.merge(lines[1]).state = LineState.failed
    assert [line.id for line in batch_bringing.set_lines(store, who, id, [{"file": "b.webm", "person": "x"}])] == [
        line.id for line in lines[:2]
    ]
    after = batch_bringing.set_lines(
        store, who, id, [{"file": "b.webm", "person": "y"}, {"file": " c \n d ", "side": ""}]
    )
    assert [(line.cells.get("file"), line.state) for line in after] == [
        ("a.webm", "done"), ("b.webm", "waiting"), ("c d", "waiting")
    ]  # fmt: skip
    assert after[2].cells == {"file": "c d"}
    _found, faults = record_lines.read_record_lines(store, here.batch, after)
    assert {(fault.line, fault.key) for fault in faults} == {(3, "file")}
    for wrong in ([{"file": "x" * 1001}], [{"file": "a\0"}], [{}] * 5001, [{"a/b": "x"}]):
        with pytest.raises(LiyiError):
            batch_bringing.set_lines(store, who, id, wrong)


def test_a_workbook_that_was_taken_out_comes_back_as_it_was(made):
    cells = [
        {"file": "甲班/a.webm", "person": "王小明", "cohort": "一班", "profile": "seated", "norms": "counter",
         "side": "乙班/a.webm", "consent_on": "2026-03-01", "consent_form": "书面", "exempt": "limb"},
        {"file": "=1+1", "person": "007"},
    ]  # fmt: skip
    for lang in ("zh", "en"):
        data = workbook_of(cells, lang)
        back = record_lines.read_list("list.xlsx", data)
        assert (back.faults, back.aside) == ((), ())
        assert [{column: text for column, text in each.items() if text} for each in back.cells] == cells
        sheet = load_workbook(io.BytesIO(data)).worksheets[0]
        named = {"zh": "坐席窗口", "en": "Seated counter"}[lang]
        assert sheet["C2"].value == named, "an id is nothing that its reader knows"
        assert any(named in offered.formula1 for offered in sheet.data_validations.dataValidation)


def test_a_list_is_taken_over_with_its_faults():
    text = "录像文件,姓名,同意日期,同意形式,颜色\na.mp4,王小明,2026年3月1日,书面,红\nb.mp4,李华,2026/3/32,电子,\n"
    found = record_lines.read_list("名单.csv", text.encode("gb18030"))
    assert [(each["file"], each["person"], each["consent_on"]) for each in found.cells] == [
        ("a.mp4", "王小明", "2026-03-01"), ("b.mp4", "李华", "2026/3/32")
    ]  # fmt: skip
    assert (found.faults, found.aside) == ((), ("颜色",))
    with pytest.raises(LiyiError, match="too large"):
        record_lines.read_list("a.csv", b"x" * 5_000_001)


def test_a_list_as_a_trainer_writes_it(made):
    book = Workbook()
    sheet = book.active
    sheet.append(["窗口人员 11 月礼仪考核名单"])
    sheet.merge_cells("A1:G1")
    sheet.append(["序号", "姓名", "视频文件名", "岗位", "机位", "同意日期", "同意书形式"])
    sheet.append([1, "张敏", "a.mp4", "坐席窗口", "正面", date(2026, 11, 20), "书面"])
    sheet.append([2, "李强", "b.mp4", "大堂经理", None, "2026.11.21", "电子"])
    saved = io.BytesIO()
    book.save(saved)
    found = record_lines.read_list("名单.xlsx", saved.getvalue())
    assert (found.faults, found.aside) == ((), ("序号",)), "a title that is merged is above the list"
    assert [(each["file"], each["person"], each["profile"], each["consent_on"]) for each in found.cells] == [
        ("a.mp4", "张敏", "seated", "2026-11-20"), ("b.mp4", "李强", "大堂经理", "2026-11-21")
    ]  # fmt: skip


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A server's folder with recordings, and what links lead out of it."""
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "shelf" / "data"))
    for name in ("shelf/甲班/a.mp4", "shelf/b.MP4", "shelf/notes.txt", "shelf/.hidden/c.mp4", "shelf/data/media/d.mp4",
                 "secret/e.mp4"):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(FILM)
    (tmp_path / "shelf" / "out.mp4").symlink_to(tmp_path / "secret" / "e.mp4")
    (tmp_path / "shelf" / "away").symlink_to(tmp_path / "secret")
    (tmp_path / "shelf" / "again.mp4").symlink_to(tmp_path / "shelf" / "b.MP4")
    return tmp_path / "shelf"


def test_recordings_are_taken_from_folders_that_were_named_and_no_link_leads_out(shelf, monkeypatch):
    with pytest.raises(LiyiError, match="named no folder"):
        server_folders.recordings_in("server:shelf")
    monkeypatch.setenv(server_folders.RECORDINGS, os.pathsep.join([str(shelf), str(shelf.parent / "missing"), ""]))
    assert server_folders.recordings_in("server:shelf") == [
        "server:shelf/again.mp4", "server:shelf/b.MP4", "server:shelf/甲班/a.mp4"
    ]  # fmt: skip
    assert server_folders.recordings_in("server:shelf/甲班/") == ["server:shelf/甲班/a.mp4"]
    assert server_folders.file_in("server:shelf/甲班/a.mp4") == shelf / "甲班" / "a.mp4"
    for cell in ("out.mp4", "away/e.mp4", "../secret/e.mp4", "/etc/passwd", "data/media/d.mp4", "甲班", "a\0.mp4", ""):
        with pytest.raises(LiyiError):
            server_folders.file_in(f"server:shelf/{cell}")
    for cell in ("away", "..", "data", "b.MP4"):
        with pytest.raises(LiyiError, match="no folder"):
            server_folders.recordings_in(f"server:shelf/{cell}")


def test_two_folders_of_one_name_are_told_apart(tmp_path, monkeypatch):
    folders = [tmp_path / each / "rec" for each in "ab"]
    for folder in folders:
        folder.mkdir(parents=True)
    monkeypatch.setenv(server_folders.RECORDINGS, os.pathsep.join(map(str, folders)))
    assert dict(server_folders.server_folders()) == {"rec": folders[0], "rec (2)": folders[1]}
