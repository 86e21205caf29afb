"""People from a list: what it would change is told before, every fault by its cell, and then all of it or nothing."""

from __future__ import annotations

import io
import shutil
import time
from datetime import date

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from liyi.core.errors import LiyiError
from liyi.core.words import translate
from liyi.records import passwords, sessions, sign_in
from liyi.records.chain import check
from liyi.records.engine import open_records
from liyi.records.operations import accounts, cohorts, consent, enrolment, people, roster
from liyi.records.people_sheet import (
    COLUMNS,
    LARGEST_BYTES,
    Exempted,
    Held,
    Line,
    csv_of,
    heading,
    read_people,
    shown_fault,
    workbook_of,
    write_people,
)
from liyi.records.schema import Role
from liyi.records.viewer import Viewer

KNOWN = frozenset(("limb", "pregnancy", "spine", "speech", "pace"))
WRITTEN = {"csv": csv_of, "xlsx": workbook_of}


@pytest.fixture
def hall(sqlite_template, tmp_path):
    """A store with one organisation, and its administrator."""
    shutil.copytree(sqlite_template, tmp_path / "store")
    store = open_records(tmp_path / "store")
    yield store, sign_in.found_organisation(store, "Hall", admin="Admin", account="admin")
    store.close()


def drafted(hall, *lines, by=None):
    return enrolment.draft_people(hall[0], by or hall[1], lines, KNOWN)


def entered(hall, *lines, by=None):
    draft = drafted(hall, *lines, by=by)
    assert draft.faults == ()
    return enrolment.enter_people(hall[0], by or hall[1], lines, draft.key, KNOWN)


def told(draft) -> list[str]:
    return [f"{step.line} {step.name}: {', '.join(each.text for each in step.changes)}" for step in draft.steps]


def faults(draft, lang="en") -> list[str]:
    return [shown_fault(fault, lang) for fault in draft.faults]


def exported(hall, kind, lang):
    return read_people(f"people.{kind}", WRITTEN[kind](enrolment.people_lines(*hall), lang))


FULL = Line(
    2, "王芳", account="wang", department="窗口一部", roles=(Held(Role.trainee), Held(Role.trainer, "窗口一部")),
    trainee_of=("春季班",), trainer_of=("新员工、转岗班",), exemptions=(Exempted("limb", date(2026, 1, 1)),),
)  # fmt: skip


def settle(hall):
    entered(hall, FULL, Line(3, "李", account="li", roles=(Held(Role.evaluator),)), Line(4, "赵", account="none"))


def test_new_people_come_with_all_that_is_theirs(hall):
    draft = entered(hall, FULL)
    assert (draft.departments, draft.cohorts) == (("窗口一部",), ("春季班", "新员工、转岗班"))
    [entry] = roster.roster(*hall, text="王芳").entries
    [department] = people.departments(*hall)
    assert (entry.person.account, entry.person.department_id) == ("wang", department.id)
    assert {(row.role, row.department_id) for row in entry.roles} == {
        (Role.trainee, None), (Role.trainer, department.id)
    }  # fmt: skip
    names = {row.id: row.name for row in cohorts.cohorts(*hall)}
    assert {(names[row.cohort_id], row.role) for row in entry.memberships} == {
        ("春季班", Role.trainee), ("新员工、转岗班", Role.trainer)
    }  # fmt: skip
    [exempted] = consent.exemptions(*hall, entry.person.id)
    assert (exempted.flag, exempted.from_day, exempted.until_day) == ("limb", date(2026, 1, 1), None)
    done = {line.action for line in people.audit_trail(*hall)}
    assert {"add_person", "grant_role", "add_member", "exempt", "add_department", "add_cohort"} <= done
    with hall[0].reading() as session:
        assert check(session).faults == ()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_was_exported_changes_nothing(hall, kind, lang):
    settle(hall)
    people.add_person(*hall, name="=1+1", account="'@me", department_id=None)
    people.add_person(*hall, name='with "quotes"; and more', department_id=people.add_department(*hall, name="无").id)
    sheet = exported(hall, kind, lang)
    assert sheet.faults == ()
    draft = drafted(hall, *sheet.lines)
    assert (told(draft), faults(draft), draft.unchanged) == ([], [], 6)


def test_a_list_says_what_it_would_change_and_does_that(hall):
    settle(hall)
    lines = [
        Line(2, "王芳芳", account="wang", roles=(Held(Role.trainee),), trainer_of=(), exemptions=(), department=""),
        Line(3, "李", account="li", left=True),
        Line(4, "钱", account="qian", trainee_of=("春季班",)),
    ]
    draft = drafted(hall, *lines)
    assert told(draft) == [
        "2 王芳芳: name: 王芳 becomes 王芳芳, department: 窗口一部 becomes –, no longer: Trainer (窗口一部), "
        "out of 新员工、转岗班 as trainer, no longer exempt from limb",
        "3 李: has left: account and roles end",
        "4 钱: new person, account: qian, into 春季班 as trainee",
    ]
    assert roster.roster(*hall).total == 4  # nothing has happened yet
    entered(hall, *lines)
    assert drafted(hall, *lines[:1], lines[2]).steps == ()
    with pytest.raises(LiyiError):
        sign_in.signed_in(hall[0], "li")
    assert told(drafted(hall, Line(3, "李", account="li", left=False, roles=(Held(Role.evaluator),)))) == [
        "3 李: comes back, role: Evaluator"
    ]


def test_an_old_list_brings_nobody_back(hall):
    settle(hall)
    before = exported(hall, "xlsx", "zh")
    gone = roster.roster(*hall, text="李").entries[0].person
    people.end_person(*hall, gone.id)
    [fault] = faults(drafted(hall, *before.lines))
    assert "has left: write no" in fault


def test_what_has_changed_since_it_was_shown_is_not_entered(hall):
    settle(hall)
    lines = [Line(2, "王芳芳", account="wang")]
    draft = drafted(hall, *lines)
    wang = roster.roster(*hall, text="wang").entries[0].person
    people.change_person(*hall, wang.id, name="王方", account="wang", department_id=None)
    with pytest.raises(LiyiError, match="nothing was entered"):
        enrolment.enter_people(*hall, lines, draft.key, KNOWN)


def test_faults_are_told_by_cell_in_both_languages(hall):
    settle(hall)
    header = "姓名,账号,角色,所在班级,任教班级,豁免,离职\n"
    text = header + "孙,sun,校长,,,,\n,zhou,,,,,\n吴,wu,,,春季班,,\n郑,zheng,,,,limb 2026-13-01/,\n冯,feng,,,,,也许\n"
    sheet = read_people("名单.csv", text.encode("gb18030"))
    assert [shown_fault(each, "zh") for each in sheet.faults] == [
        "第 2 行，角色：没有“校长”这种角色：请写学员、讲师、评估员、管理员。",
        "第 3 行，姓名：没有姓名：请填写，或删除这一行。",
        "第 5 行，豁免：“2026-13-01”不是日期：请写成 2026-11-30 这样。",
        "第 6 行，离职：“也许”既不是“是”也不是“否”。",
    ]
    lines = [
        Line(2, "孙", account="sun", trainer_of=("春季班",)),
        Line(3, "周", account="wang", id=roster.roster(*hall, text="li").entries[0].person.id),
        Line(4, "吴", account="wu"), Line(5, "吴", account="wu"),
        Line(6, "Admin", account="admin", roles=()),
        Line(7, "郑", account="zheng", exemptions=(Exempted("nonsense"),)),
    ]  # fmt: skip
    assert [each.split(":")[0] for each in faults(drafted(hall, *lines))] == [
        "line 2, Cohorts as trainer", "line 3, Account", "line 4, Account", "line 5, Account", "line 6, Account",
        "line 7, Exempt from",
    ]  # fmt: skip
    assert all("第 " in each and not each.isascii() for each in faults(drafted(hall, *lines), "zh"))
    assert roster.roster(*hall).total == 4


def test_a_name_without_account_that_is_there_is_asked_for(hall):
    people.add_person(*hall, name="Paper")
    [fault] = faults(drafted(hall, Line(2, "paper")))
    assert "enter an account, or the id" in fault


def test_columns_that_are_not_there_and_empty_cells_change_nothing(hall):
    settle(hall)
    sheet = read_people("people.csv", "姓名,账号,角色\n王芳,wang,\n".encode())
    assert told(drafted(hall, *sheet.lines)) == []
    sheet = read_people("people.csv", "姓名,账号,角色\n王芳,wang,无\n".encode())
    assert told(drafted(hall, *sheet.lines)) == ["2 王芳: no longer: Trainee, no longer: Trainer (窗口一部)"]


def test_an_administrator_of_a_department_stays_in_it(hall):
    store, admin = hall
    settle(hall)
    [window] = people.departments(store, admin)
    chief = people.add_person(store, admin, name="Chief", account="chief", department_id=window.id)
    people.grant_role(store, admin, chief.id, Role.admin, department_id=window.id)
    by = sign_in.signed_in(store, "chief")
    assert {line.name for line in enrolment.people_lines(store, by)} == {"Chief", "王芳"}
    lines = [
        Line(2, "孙", account="sun"), Line(3, "周", account="zhou", department="别处"),
        Line(4, "吴", account="wu", department="窗口一部", roles=(Held(Role.admin),)), Line(5, "李", account="li"),
    ]  # fmt: skip
    assert [each.split(":")[0] for each in faults(drafted(hall, *lines, by=by))] == [
        "line 2, Department", "line 3, Department", "line 4, Roles", "line 5, Account"
    ]  # fmt: skip
    entered(hall, Line(2, "孙", account="sun", department="窗口一部", trainee_of=("本部门班",),
                       roles=(Held(Role.trainee, "窗口一部"),)), by=by)  # fmt: skip
    [cohort] = [row for row in cohorts.cohorts(store, by) if row.name == "本部门班"]
    assert cohort.department_id == window.id


def test_five_hundred_people_in_two_seconds(hall):
    lines = [
        Line(2 + k, f"学员{k}", account=f"a{k}", department=f"部门{k % 7}", roles=(Held(Role.trainee),),
             trainee_of=(f"班{k % 11}",)) for k in range(500)
    ]  # fmt: skip
    content = workbook_of(lines, "zh")
    started = time.process_time()
    sheet = read_people("people.xlsx", content)
    draft = drafted(hall, *sheet.lines)
    enrolment.enter_people(*hall, sheet.lines, draft.key, KNOWN)
    took = time.process_time() - started
    assert (len(draft.steps), roster.roster(*hall).total) == (500, 501)
    assert took < 3.0  # of this process alone: others may be busy; 2 s are asked of a quiet machine


def test_headings_of_both_languages_are_known():
    for lang in ("zh", "en"):
        headings = [heading(column, lang) for column in COLUMNS.names]
        assert [COLUMNS.named(each) for each in headings] == list(COLUMNS.names)


def test_no_cell_becomes_a_formula():
    lines = [Line(0, "=cmd|' /C calc'!A0", account="@a", department="+1", roles=())]
    sheet = load_workbook(io.BytesIO(workbook_of(lines, "en"))).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    for line in csv_of(lines, "en").decode("utf-8-sig").splitlines():
        assert not any(part.startswith(("=", "+", "-", "@")) for part in line.replace('"', "").split(","))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8), min_size=1, max_size=3),
       st.sampled_from(["csv", "xlsx"]))  # fmt: skip
def test_names_come_back_as_they_were(names, kind):
    names = list(dict.fromkeys(names))
    line = Line(0, names[0], account=names[-1], department=names[0], trainee_of=tuple(names))
    sheet = read_people(f"people.{kind}", WRITTEN[kind]([line], "en"))
    assert sheet.faults == ()
    [back] = sheet.lines
    assert (back.name, back.account, back.department) == (line.name, line.account, line.department)
    assert back.trainee_of == line.trainee_of


def test_what_is_no_list_is_refused_before_it_is_read():
    for content in (b"\x00" * 100, b"PK\x03\x04nonsense", b"<html>", b"\xd0\xcf\x11\xe0"):
        with pytest.raises(LiyiError):
            read_people("people.xlsx", content)
    with pytest.raises(LiyiError, match="too large"):
        read_people("people.csv", b"a" * (LARGEST_BYTES + 1))
    many = "name\n" + "a\n" * 5001
    with pytest.raises(LiyiError, match="at most 5000"):
        read_people("people.csv", many.encode())


def test_a_formula_without_a_value_is_told_by_its_cell():
    book = Workbook()
    book.active.append(["姓名", "账号"])
    book.active.append(["王", "=A1&A2"])
    file = io.BytesIO()
    book.save(file)
    [fault] = read_people("people.xlsx", file.getvalue()).faults
    assert shown_fault(fault, "zh").startswith("第 2 行，账号 (B2)：")


def test_a_list_is_written_as_its_name_says_and_over_nothing(tmp_path):
    file = tmp_path / "people.xlsx"
    write_people(file, [FULL], "zh")
    assert file.stat().st_mode & 0o777 == 0o600
    assert read_people(file.name, file.read_bytes()).lines[0].name == "王芳"
    for name in ("people.xlsx", "people.pdf", "nowhere/people.csv"):
        with pytest.raises(LiyiError):
            write_people(tmp_path / name, [FULL], "zh")


def test_sentences_have_their_chinese():
    assert translate("into {cohort} as trainee", "zh", cohort="春季班") == "加入春季班（学员）"


# What ends with an account, a role, or somebody's work


@pytest.fixture
def window(hall, monkeypatch):
    """Who administers one department alone, and a trainer of the whole organisation who sits in it."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    store, admin = hall
    part = people.add_department(store, admin, name="Window").id
    head = people.add_person(store, admin, name="Head", account="head", department_id=part)
    people.grant_role(store, admin, head.id, Role.admin, department_id=part)
    wide = people.add_person(store, admin, name="Wide", account="wide", department_id=part)
    people.grant_role(store, admin, wide.id, Role.trainer)
    return Viewer(head.id, head.organisation_id), wide.id, part


def signed_in_twice(store, person_id, account) -> str:
    """A session of somebody with a password."""
    viewer = sign_in.signed_in(store, account)
    with store.writing() as session:
        passwords.put(session, person_id, passwords.hashed("a long sentence"))
    return sessions.begin(store, viewer)


def test_who_works_beyond_a_department_is_not_taken_over_by_its_administrator(hall, window):
    store, _admin = hall
    head, wide, part = window
    token = signed_in_twice(store, wide, "wide")
    for attempt in (
        lambda: people.change_person(store, head, wide, name="Wide", account="mine", department_id=part),
        lambda: people.change_person(store, head, wide, name="Wide", account=None, department_id=part),
        lambda: people.end_person(store, head, wide),
    ):
        with pytest.raises(LiyiError, match="beyond what you administer"):
            attempt()
    with pytest.raises(LiyiError):
        accounts.end_sessions(store, head, wide)
    for line in (Line(1, "Wide", id=wide, account="mine"), Line(1, "Wide", id=wide, left=True)):
        assert {fault.notice.sentence for fault in drafted(hall, line, by=head).faults} == {people.BEYOND}
    assert people.change_person(store, head, wide, name="Wider", account="wide", department_id=part).name == "Wider"
    assert sessions.find(store, token) is not None


def test_another_account_signs_out(hall, window):
    store, admin = hall
    _head, wide, part = window
    token = signed_in_twice(store, wide, "wide")
    people.change_person(store, admin, wide, name="Wide", account="wide.2", department_id=part)
    assert sessions.find(store, token) is None


def test_a_list_that_takes_a_role_or_an_account_signs_out_too(hall, window):
    store, _admin = hall
    wide = window[1]
    for line in (Line(1, "Wide", id=wide, roles=()), Line(1, "Wide", id=wide, account="wide.2")):
        token = signed_in_twice(store, wide, "wide")
        entered(hall, line)
        assert sessions.find(store, token) is None


def test_who_comes_back_by_a_list_has_no_old_session_and_no_old_password(hall, window):
    store, _admin = hall
    wide = window[1]
    token = signed_in_twice(store, wide, "wide")
    entered(hall, Line(1, "Wide", id=wide, left=True))
    entered(hall, Line(1, "Wide", id=wide, left=False))
    assert sessions.find(store, token) is None
    assert sign_in.prove(store, "wide", "a long sentence", address="").viewer is None
