"""People and records of processing, as an administrator sees and uses them: each change one act, told, taken back."""

from __future__ import annotations

import ast
import io
import re
import shutil
from datetime import UTC, date
from pathlib import Path
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from liyi.core.words import translate
from liyi.records import sign_in, trail_file, trail_words
from liyi.records.engine import open_records
from liyi.records.keeper import KEEPER
from liyi.records.operations import accounts, cohorts, consent, enrolment, people, roster, space, tries
from liyi.records.people_sheet import Held, Line, workbook_of
from liyi.records.schema import Base, Role
from liyi.records.store_tables import AuditLine
from liyi.ui import people as signed_in
from liyi.ui.staffing import changes, codes_view, list_view
from tests.ui.drawing import page

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder of a store, closed, to copy: an organisation with its administrator and three people."""
    folder = tmp_path_factory.mktemp("hall")
    store = open_records(folder)
    admin = sign_in.found_organisation(store, "Hall", admin="管理", account="admin")
    lines = [
        Line(2, "王芳", account="wang", department="窗口", roles=(Held(Role.trainee),), trainee_of=("春季班",)),
        Line(3, "李强", account="li", roles=(Held(Role.trainer),)), Line(4, "*纸面*"),
    ]  # fmt: skip
    enrolment.enter_people(store, admin, lines, enrolment.draft_people(store, admin, lines).key)
    store.close()
    return folder


@pytest.fixture
def hall(built, tmp_path, monkeypatch):
    """That store, and its administrator, for whom pages act."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    store = signed_in.records()
    admin = sign_in.signed_in(store, "admin")
    monkeypatch.setattr(signed_in, "viewer", lambda: admin)
    return store, admin


def found(hall, text):
    return roster.roster(*hall, text=text).entries[0]


def press(shown, key):
    return next(button for button in shown.button if button.key == key).click().run()


def bodies(shown) -> str:
    return "\n".join(element.proto.body for element in shown.get("html"))


def done(shown) -> str:
    (told,) = [body.proto.body for body in shown.get("html") if 'role="status"' in body.proto.body]
    return told


def clean(shown):
    assert not shown.exception
    assert [error.value for error in shown.error] == []
    return shown


def test_everybody_is_listed_and_found(hall):
    shown = clean(page("staff").run())
    assert all(name in bodies(shown) for name in ("王芳", "李强", "*纸面*", "管理", "窗口", "春季班", "讲师"))
    assert "尚不能登录" in bodies(shown)
    shown.text_input(key="people-text").set_value("WAN").run()
    assert "王芳" in bodies(shown)
    assert "李强" not in bodies(shown)
    assert any("共 1 人" in each.value for each in shown.caption)


def test_somebody_new_is_entered_and_opened(hall, monkeypatch):
    opened: list[dict[str, str]] = []
    monkeypatch.setattr(changes, "go", lambda **view: opened.append(view))
    shown = page("staff").run()
    shown.text_input(key="new-name").set_value("钱")
    shown.text_input(key="new-account").set_value("qian")
    next(each for each in shown.button if each.label == translate("Enter", "zh")).click().run()
    entry = found(hall, "qian")
    assert (entry.person.name, [row.role for row in entry.roles]) == ("钱", [Role.trainee])
    assert opened == [{"person": str(entry.person.id)}]


def test_a_role_is_given_told_and_taken_back(hall):
    person = found(hall, "wang").person
    shown = clean(page("staff", person=str(person.id)).run())
    shown.selectbox(key="role-new").set_value(Role.evaluator).run()
    press(shown, "role-give")
    assert {row.role for row in found(hall, "wang").roles} == {Role.trainee, Role.evaluator}
    assert "王芳" in done(shown)
    press(shown, "undo-last")
    assert {row.role for row in found(hall, "wang").roles} == {Role.trainee}


def test_a_role_that_was_taken_away_comes_back(hall):
    entry = found(hall, "li")
    shown = page("staff", person=str(entry.person.id)).run()
    press(shown, f"revoke-{entry.roles[0].id}")
    assert found(hall, "li").roles == ()
    press(shown, "undo-last")
    assert [row.role for row in found(hall, "li").roles] == [Role.trainer]


def test_codes_for_many_are_shown_once_with_a_sheet_to_print(hall):
    store, admin = hall
    some = [people.add_person(store, admin, name=f"新人{k}<b>", account=f"new{k}") for k in range(3)]
    shown = clean(page("staff", view="codes").run())
    assert {*shown.multiselect(key="codes-for").value} >= {each.id for each in some}
    shown.multiselect(key="codes-for").set_value([each.id for each in some[:2]]).run()
    next(each for each in shown.button if each.label == "发放 2 个一次性验证码").click().run()
    codes = re.findall(r"<code>(.+?)</code>", bodies(shown))
    assert len(set(codes)) == 2
    states = accounts.accounts(*hall)
    assert [states[each.id].state for each in some] == ["code", "code", "none"]
    lines = [line for line in people.audit_trail(store, admin, size=500) if line.action == "issue_code"]
    assert {line.entity_id for line in lines} == {each.id for each in some[:2]}
    sheet = codes_view.sheet(shown.session_state["people-codes"], "zh", UTC)
    assert all(code in sheet for code in codes)
    assert "新人0&lt;b&gt;" in sheet
    press(shown, "codes-done")
    assert "<code>" not in bodies(shown)


def test_a_code_is_shown_once(hall):
    person = found(hall, "wang").person
    shown = page("staff", person=str(person.id)).run()
    press(shown, "code")
    [code] = re.findall(r'<output class="code">(.+)</output>', bodies(shown))
    assert accounts.accounts(*hall)[person.id].state == "code"
    press(shown, "sign-out-everywhere")
    assert code not in bodies(shown)


def test_leaving_ends_everything_and_is_taken_back_with_the_roles(hall):
    person = found(hall, "li").person
    shown = page("staff", person=str(person.id)).run()
    press(shown, "leave-now")
    assert roster.roster(*hall, text="li").total == 0
    assert {button.key for button in shown.button} == {"back", "return", "undo-last"}
    press(shown, "undo-last")
    assert [row.role for row in found(hall, "li").roles] == [Role.trainer]


def test_an_exemption_is_ended_and_stands_again(hall):
    person = found(hall, "wang").person
    row = consent.exempt(*hall, person.id, "limb", from_day=date(2026, 1, 1), reason="cast")
    shown = page("staff", person=str(person.id)).run()
    press(shown, f"unexempt-{row.id}")
    assert consent.exemptions(*hall, person.id) == []
    press(shown, "undo-last")
    [again] = consent.exemptions(*hall, person.id)
    assert (again.flag, again.reason) == ("limb", "cast")


def test_nobody_changes_their_own_access(hall):
    shown = clean(page("staff", person=str(hall[1].person_id)).run())
    assert not [button for button in shown.button if str(button.key).startswith(("revoke", "role", "code", "leave"))]


def test_a_cohort_has_its_people(hall):
    [cohort] = cohorts.cohorts(*hall)
    shown = clean(page("staff", cohort=str(cohort.id)).run())
    shown.text_input(key="member-text").set_value("li").run()
    trainer = found(hall, "li").person
    press(shown, f"join-trainer-{trainer.id}")
    assert {(row.person_id, row.role) for row in cohorts.members(*hall, cohort.id)} >= {(trainer.id, Role.trainer)}
    press(shown, "undo-last")
    assert {row.role for row in cohorts.members(*hall, cohort.id)} == {Role.trainee}


def test_departments_and_cohorts_are_listed(hall):
    shown = clean(page("staff", view="cohorts").run())
    assert "学员 1 人，讲师 0 人" in bodies(shown)
    assert "跨部门" in bodies(shown)


def test_space_is_told_of_departments_and_of_nobody(hall, monkeypatch):
    kept = [space.Kept(uuid4(), "窗口<b>", 2_500_000), space.Kept(None, "", 300_000)]
    monkeypatch.setattr(space, "space_by_department", lambda *_: kept)
    shown = clean(page("staff", view="rules").run())
    rows = [each.proto.body for each in shown.get("html") if " MB" in each.proto.body]
    assert [re.sub("<[^>]+>", "|", each).strip("|").replace("||", "|") for each in rows] == [
        "窗口&lt;b&gt;|2.5 MB", f"{translate('Other departments, and people without one', 'zh')}|0.3 MB"
    ]  # fmt: skip


def test_a_rule_of_retention_is_said_and_taken_back(hall):
    shown = clean(page("staff", view="rules").run())
    shown.number_input[0].set_value(90)
    next(each for each in shown.button if each.label == translate("Save", "zh")).click().run()
    assert [(row.role, row.days) for row in people.retention(*hall)] == [(Role.trainee, 90)]
    press(shown, "undo-last")
    assert people.retention(*hall) == []


def test_a_list_is_drafted_and_entered(hall, monkeypatch):
    content = workbook_of([Line(0, "孙", account="sun", roles=(Held(Role.trainee),))], "zh")
    given = io.BytesIO(content)
    given.name = "people.xlsx"
    monkeypatch.setattr(list_view.st, "file_uploader", lambda *_, **__: given)
    shown = clean(page("staff", view="list").run())
    assert "孙" in bodies(shown)
    assert any("新增 1 人" in each.value for each in shown.markdown)
    press(shown, "list-enter")
    assert found(hall, "sun").person.name == "孙"
    assert "1 人" in done(shown)
    given = io.BytesIO("姓名,角色\n孙,校长\n".encode())
    given.name = "people.csv"
    shown = page("staff", view="list").run()
    assert [error.value for error in shown.error] == ["暂时不能导入，有 1 处需要修改。"]
    assert "第 2 行，角色：没有“校长”这种角色" in bodies(shown)
    assert not [button for button in shown.button if button.key == "list-enter"]


def test_who_administers_a_department_has_that_alone(hall, monkeypatch):
    store, admin = hall
    [window] = people.departments(store, admin)
    chief = people.add_person(store, admin, name="组长", account="chief", department_id=window.id)
    people.grant_role(store, admin, chief.id, Role.admin, department_id=window.id)
    monkeypatch.setattr(signed_in, "viewer", lambda: sign_in.signed_in(store, "chief"))
    shown = clean(page("staff").run())
    assert "王芳" in bodies(shown)
    assert "李强" not in bodies(shown)
    assert shown.selectbox(key="new-department-whole").options == ["窗口"]
    assert not [key for button in clean(page("staff", view="cohorts").run()).button
                if "department" in (key := str(button.key))]  # fmt: skip
    assert all(field.disabled for field in clean(page("staff", view="rules").run()).number_input)
    assert "王芳" not in bodies(audit := clean(page("audit").run()))
    assert not audit.get("download_button")


def test_who_administers_nobody_sees_nobody(hall, monkeypatch):
    other = sign_in.signed_in(hall[0], "li")
    monkeypatch.setattr(signed_in, "viewer", lambda: other)
    shown = page("staff").run()
    assert "王芳" not in bodies(shown)
    shown = page("staff", person=str(found(hall, "wang").person.id)).run()
    assert len(shown.error) == 1
    assert "王芳" not in bodies(shown)


# Records of processing


def test_what_was_done_is_told_in_words(hall, monkeypatch):
    wang = found(hall, "wang").person
    consent.exempt(*hall, wang.id, "limb", from_day=date(2026, 1, 1))
    trainee = sign_in.signed_in(hall[0], "wang")
    consent.give_consent(hall[0], trainee, version="1", text_sha256="ab" * 32)
    tries.add(hall[0], trainee, drill="head_straight", results=[], passed=True)
    shown = clean(page("audit").run())
    told = bodies(shown)
    assert all(words in told for words in ("登记人员", "人员 王芳", "登记豁免", "同意录制", "建立单位"))
    assert "练习科目" not in told  # practice is nobody else's
    shown.text_input(key="trail-who").set_value("wang").run()
    assert "登记人员" not in bodies(shown)
    assert "同意录制" in bodies(shown)
    shown.text_input(key="trail-who").set_value("").run()
    shown.selectbox(key="trail-what").set_value("people").run()
    assert "同意录制" not in bodies(shown)
    shown.date_input(key="trail-until").set_value(date(2020, 1, 1)).run()
    assert "<table" not in bodies(shown)


def test_the_records_are_taken_as_a_spreadsheet_and_say_so(hall):
    lines = people.export_trail(*hall, actions=["add_person"])
    names = people.names(*hall, trail_file.ids_named(lines))
    sheet = load_workbook(io.BytesIO(trail_file.workbook_of(lines, names, "zh", UTC))).worksheets[0]
    assert sheet.max_row == 4
    assert [cell.value for cell in sheet[1]][:4] == ["时间", "谁", "做了什么", "对象"]
    assert trail_file.csv_of(lines, names, "en", UTC).decode("utf-8-sig").count("entered a person") == 3
    assert people.audit_trail(*hall, actions=["export_trail"])[0].person_id == hall[1].person_id


def noted() -> set[str]:
    """Actions that the records write to the trail, as far as they stand there as words."""
    found = set()
    for path in (ROOT / "liyi" / "records").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [*node.args, *(each.value for each in node.keywords if each.arg == "action")]
            at = {"note": 0, "add": 1, "remove": 1}.get(name)
            if name == "AuditLine":
                found |= _words(next((each.value for each in node.keywords if each.arg == "action"), None))
            elif at is not None and len(given) > at:
                found |= _words(given[at])
    return found


def _words(node) -> set[str]:
    """The texts that an expression may be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return {node.value}
    return _words(node.body) | _words(node.orelse) if isinstance(node, ast.IfExp) else set()


def test_every_action_has_its_words():
    actions = noted()
    assert len(actions) > 40
    assert actions - set(trail_words.ACTIONS) == set()
    assert {group for group, _ in trail_words.ACTIONS.values()} == set(trail_words.GROUPS)


def test_every_kind_of_thing_has_its_word():
    lines = {table.name for table in Base.metadata.sorted_tables if "id" in table.columns}
    parts_of_others = {"store", "audit_line"}
    assert lines - parts_of_others <= set(trail_words.ENTITIES) | {
        "recording_seen",
        "sign_in_session",
        "sign_in_attempt",
    }


def test_lines_of_roles_and_cohorts_say_whom_and_which(hall):
    store, admin = hall
    person = people.add_person(store, admin, name="孙学员", account="sun")
    grant = people.grant_role(store, admin, person.id, Role.trainee)
    group = cohorts.add_cohort(store, admin, name="秋季班")
    cohorts.add_member(store, admin, group.id, person.id, Role.trainee)
    people.revoke_role(store, admin, grant.id)
    lines = {line.action: line for line in people.audit_trail(store, admin, entity_id=person.id)}
    names = people.names(store, admin, trail_file.ids_named([*lines.values()]))
    told = {action: trail_words.thing_words(line, names, "zh") for action, line in lines.items()}
    assert told == {
        "add_person": "人员 孙学员", "grant_role": "角色 · 学员 · 孙学员", "revoke_role": "角色 · 学员 · 孙学员",
        "add_member": "班级 秋季班 · 学员 · 孙学员",
    }  # fmt: skip
    assert str(person.id) in trail_file.csv_of([lines["grant_role"]], names, "zh", UTC).decode("utf-8-sig")


def test_what_the_machine_did_is_told_as_such(hall):
    line = AuditLine(person_id=KEEPER, action="purge_expired", entity="recording", entity_id=None)
    assert trail_words.who_words(line, {}, "zh") == "礼仪（按规则自动）"
    assert trail_words.action_words("of_a_later_version", "zh") == "of_a_later_version"
