"""The third step of a batch: its table on the page, marks confirmed there, and what its routes hand over, to whom."""

from __future__ import annotations

import io
import zipfile
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from liyi.batch.rows import Row
from liyi.cohort.tables import write_tables
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.records.operations import batch_exports, batch_marks, batch_ratings, feedback, sheet_templates
from liyi.records.schema import Assessment, Recording, now
from liyi.ui import outcomes, people
from liyi.ui.evaluating import defend_routes, handing_over, marks_list, results_taken
from tests.cohort.test_sheet import workbook
from tests.records.evaluated import NAMES, evaluate, sample
from tests.ui.drawing import page


@pytest.fixture
def hall(tmp_path, monkeypatch):
    store = open_records(tmp_path / "data")
    (tmp_path / "room").mkdir()
    made = evaluate(store, tmp_path / "room")
    monkeypatch.setenv(people.TEAM, "1")
    monkeypatch.setattr(people, "records", lambda: store)
    monkeypatch.setattr(people, "viewer", lambda: made.evaluator)
    monkeypatch.setattr(people, "roles", lambda: frozenset({"evaluator"}))
    yield store, made
    store.close()


class As:
    """ASGI middleware: who is signed in, as the gate of signing in puts it into the scope."""

    def __init__(self, app, viewer):
        self.app, self.viewer = app, viewer

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            scope = {**scope, people.SCOPE: SimpleNamespace(viewer=self.viewer)}
        await self.app(scope, receive, send)


def fetch(made, name, viewer=None, **query):
    app = Starlette(routes=defend_routes.routes(), middleware=[Middleware(As, viewer=viewer or made.evaluator)])
    with TestClient(app, base_url="http://127.0.0.1") as asked:
        return asked.get(f"/batch/{made.batch_id}/{name}", params={"lang": "zh", **query})


def sheet(content):
    return load_workbook(io.BytesIO(content)).active


def drawn(made, monkeypatch, **query):
    """The page of the batch's third step, and the rows that its table was given."""
    given = []
    monkeypatch.setattr(marks_list, "_component", lambda **named: given.append(named["data"]["rows"]))
    shown = page("evaluate", batch=made.batch_id.hex, step="defend", **query)
    shown.run()
    assert not shown.exception
    return shown, given


def test_who_works_alone_says_a_name_before_a_mark_stands_under_it(hall, monkeypatch):
    store, made = hall
    monkeypatch.delenv(people.TEAM)
    shown, _ = drawn(made, monkeypatch, line=made.line_ids[0].hex)
    assert "confirm-one" not in [each.key for each in shown.button]
    shown.text_input(key="own-name").set_value("王评")
    shown.text_input(key="own-unit").set_value("大厅").run()
    shown.button(key="own-keep").click().run()
    assert not shown.exception
    assert "confirm-one" in [each.key for each in shown.button]
    assert sign_in.is_named(store)


def test_the_page_confirms_and_withdraws(hall, monkeypatch):
    store, made = hall
    shown, given = drawn(made, monkeypatch, line=made.line_ids[0].hex)
    assert [(row["person"], row["shape"]) for row in given[-1]] == [("周", "■"), *((name, "○") for name in NAMES[:3])]
    assert given[-1][1]["total"] == "79 ±1"
    assert given[-1][1]["lines"] == ["双臂抱胸：最多 79 分"]
    shown.text_input(key=f"why-{made.line_ids[0].hex}").set_value("看过")
    assert shown.button(key="confirm-one").disabled, "a finding is not decided, and nobody has said that it may stay so"
    shown.checkbox(key=f"undecided-{made.line_ids[0].hex}").check().run()
    shown.button(key="confirm-one").click().run()
    assert "已核定：李雷。" in [each.value for each in shown.success]
    assert given[-1][-1]["by"].startswith("王评")
    [mark] = batch_marks.marks(store, made.evaluator, made.assessment_ids[0])
    assert mark.why == "看过"
    shown.text_input(key=f"withdraw-{mark.id.hex}").set_value("认错了人").run()
    shown.button(key="withdraw-now").click().run()
    assert batch_marks.batch_table(store, made.evaluator, made.batch_id)[0].mark is None
    assert "认错了人" in "".join(each.value for each in shown.caption)


def test_a_line_without_a_total_says_why(tmp_path, hall, monkeypatch):
    store, made = hall
    bare = sample().model_copy(update={"total": None, "total_error": None, "coverage": 0.31, "needs_missing": ()})
    monkeypatch.setattr(outcomes, "read", lambda path: bare)
    with store.writing() as session:
        session.get(Assessment, made.assessment_ids[0]).total = None
    shown, given = drawn(made, monkeypatch, line=made.line_ids[0].hex)
    [row] = [row for row in given[-1] if row["person"] == NAMES[0]]
    assert any(each.startswith("这个场景类型只评估到 31") for each in row["waits"])
    told = "\n".join(each.proto.body for each in shown.get("html"))
    assert "这个场景类型只评估到 31" in told
    assert "双臂抱胸：最多 79 分" in told
    assert not any("处理之后即可核定" in each.value for each in shown.caption), "nothing a person does gives it a total"


def test_a_template_that_is_taken_over_is_used(hall, monkeypatch):
    state = {}
    monkeypatch.setattr(handing_over.st, "session_state", state)
    handing_over._keep_template(SimpleNamespace(name="x.xlsx", getvalue=lambda: workbook(B2="{{得分}}")))
    how, said = state.pop("sheet-said")
    assert how == "error"
    assert "不存在的字段：得分。可用的字段：姓名、部门、" in said
    assert "扣分项.序号" in said
    handing_over._keep_template(SimpleNamespace(name="ours.xlsx", getvalue=lambda: workbook(B2="{{姓名}}")))
    [kept] = sheet_templates.sheet_templates(hall[0], hall[1].evaluator)
    assert state["sheet-template"] == kept.id.hex
    assert state["sheet-said"][0] == "done"


def test_several_are_confirmed_after_a_check_and_nobody_is_ranked_unasked(hall, monkeypatch):
    store, made = hall
    shown, given = drawn(made, monkeypatch)
    assert shown.button(key="confirm-all-now").disabled
    assert not shown.checkbox(key="confirm-all-also").value
    assert "confirm-all-seen-0" in [each.key for each in shown.checkbox]
    shown.checkbox(key="confirm-all-also").check().run()
    shown.checkbox(key="confirm-all-seen-3").check().run()
    shown.button(key="confirm-all-now").click().run()
    assert sum(row.mark is not None for row in batch_marks.batch_table(store, made.evaluator, made.batch_id)) == 3
    assert not any("排名" in each.value for each in shown.caption)
    shown.toggle(key="marks-ranked").set_value(True).run()
    assert any("误差" in each.value for each in shown.caption)
    shown.toggle(key="marks-ranked").set_value(False)
    shown.selectbox(key="marks-which").set_value("needs").run()
    assert [row["person"] for row in given[-1]] == ["周"]


def test_tables_are_those_of_the_command_and_rank_only_when_asked(hall, tmp_path):
    store, made = hall
    rows = [
        Row(f"{at:03d}.mp4", NAMES[at], "一班", f"{at:064x}", _of(store, made, at), None) for at in range(3)
    ] + [Row("broken.mp4", "周", None, None, None, "broken.mp4 is empty: copy it again.")]  # fmt: skip
    out = tmp_path / "out"
    out.mkdir()
    write_tables(rows, out, "zh")
    for name in ("scores.csv", "scores.parquet"):
        assert fetch(made, name).content == (out / name).read_bytes(), name
    assert load_workbook(io.BytesIO(fetch(made, "scores.xlsx").content)).sheetnames[0] == "录像"
    ranked = fetch(made, "scores.xlsx", ranked="1").content
    assert load_workbook(io.BytesIO(ranked)).sheetnames == load_workbook(out / "scores.xlsx").sheetnames


def _of(store, made, at):
    paths = batch_exports.assessment_paths(store, made.evaluator, made.batch_id, made.assessment_ids)
    return outcomes.read(paths[made.assessment_ids[at]]).model_copy(update={"transcript": ()})


def test_only_what_is_confirmed_is_headed_as_marks(hall):
    store, made = hall
    batch_marks.confirm_mark(store, made.evaluator, made.assessment_ids[3 - 1], why="=1+1", undecided=True)
    rows = list(sheet(fetch(made, "marks.xlsx").content).iter_rows(values_only=True))
    assert rows[0][0].startswith("成绩")
    head = next(row for row in rows if row[0] == "人员")
    [line] = rows[rows.index(head) + 1 :]
    told = dict(zip(head, line, strict=True))
    assert (told["人员"], told["成绩"], told["±（1 个标准差）"], told["核定人"]) == ("王芳", 79, 1, "王评")
    assert (told["规范包"], told["版本"], told["理由"]) == ("政务服务窗口", sample().pack.version, "=1+1")
    text = fetch(made, "marks.csv").content.decode("utf-8-sig")
    assert len(text.splitlines()) == 2
    assert '"\'=1+1"' in text


def test_reports_come_with_captions_and_what_explains_them(hall):
    yaml = pytest.importorskip("yaml")
    store, made = hall
    batch_marks.confirm_mark(store, made.evaluator, made.assessment_ids[0], undecided=True)
    answer = fetch(made, "reports.zip")
    assert answer.headers["content-disposition"].startswith("attachment")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        about = yaml.safe_load(archive.read("dataset.yaml"))
        assert archive.read("reports/0001_李雷/captions.vtt").startswith(b"WEBVTT")
        report = archive.read("reports/0001_李雷/report.html").decode()
        assert "李雷" in report
        assert "000.mp4" in report
        assert pq.read_table(io.BytesIO(archive.read("scores.parquet"))).num_rows == 4
        assert len(archive.read("marks.csv").decode().splitlines()) == 2
    assert {"reports/0003_王芳/report.html", "reports/0003_王芳/assessment.json"} <= set(names)
    assert about["counts"] == {"lines": 4, "confirmed": 1, "provisional": 2, "failed": 1}
    first = about["recordings"][0]
    assert first["consent"] == {"on": "2026-11-01", "form": "书面", "by": "list"}
    assert (first["state"], first["pack"]["sha256"]) == ("confirmed", sample().pack.sha256)
    assert set(first["files"]) <= set(names)


def test_sheets_in_the_units_own_template(hall):
    store, made = hall
    own = sheet_templates.add_sheet_template(store, made.evaluator, name="ours", content=workbook(B2="{{姓名}}"))
    answer = fetch(made, f"sheet/{made.line_ids[1]}.xlsx", template=own.id.hex)
    assert sheet(answer.content)["B2"].value == "韩梅梅"
    assert fetch(made, f"sheet/{made.line_ids[3]}.xlsx").status_code == 409, "it was not assessed"
    with zipfile.ZipFile(io.BytesIO(fetch(made, "sheets.zip").content)) as archive:
        assert archive.namelist() == ["0001_李雷.xlsx", "0002_韩梅梅.xlsx", "0003_王芳.xlsx"]


def test_pages_over_all_and_on_agreement(hall):
    store, made = hall
    assert "双臂抱胸" in fetch(made, "cohort.html").text
    refused = fetch(made, "agreement.html")
    assert "还没有人评分" in refused.text
    batch_ratings.ask_second_rating(store, made.evaluator, made.batch_id, 1.0, made.second.person_id)
    for at, id in enumerate(made.recording_ids):
        feedback.rate(store, made.second, id, "pace", 25 + 25 * at)
    told = fetch(made, "agreement.html")
    assert "3 个录像" in told.text or "<svg" in told.text
    assert made.batch_id.hex in told.text, "by what the sample was drawn"
    assert "default-src 'none'" in told.headers["content-security-policy"]


def test_the_page_over_all_is_made_anew_only_when_results_have_changed(hall, monkeypatch):
    store, made = hall
    times, make = [], results_taken.cohort_page
    monkeypatch.setattr(results_taken, "cohort_page", lambda *given: times.append(1) or make(*given))
    monkeypatch.setattr(results_taken, "_pages", {})
    first = fetch(made, "cohort.html").text
    assert fetch(made, "cohort.html").text == first
    assert len(times) == 1
    with store.writing() as session:
        session.get(Recording, made.recording_ids[0]).deleted_at = now()
    assert fetch(made, "cohort.html").text != first, "one was deleted"
    assert len(times) == 2


EVERY = ("scores.csv", "scores.xlsx", "scores.parquet", "marks.xlsx", "marks.csv", "reports.zip", "sheets.zip",
         "cohort.html", "agreement.html", "sheet/{line}.xlsx")  # fmt: skip


def test_nobody_else_is_handed_anything(hall):
    _, made = hall
    assert len({route.path for route in defend_routes.routes()}) == len(EVERY) + 1, "each route is tried"
    for name in EVERY:
        for who in (made.second, made.admin):
            answer = fetch(made, name.format(line=made.line_ids[0]), viewer=who)
            assert (answer.status_code, answer.content) == (404, b""), name
