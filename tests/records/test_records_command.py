"""`liyi records` as its user meets it: what it prints, asks, and leaves as exit code."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from liyi import cli
from liyi.records import sign_in
from liyi.records.engine import open_records
from liyi.records.operations import consent, people, recordings, tries
from liyi.records.schema import Kind, Recording, now
from tests.records.world import TEXT_SHA256, build


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A machine with one person, who has kept one recording."""
    folder = tmp_path / "data"
    monkeypatch.setenv("LIYI_DATA", str(folder))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    store = open_records(folder)
    me = sign_in.local(store)
    consent.give_consent(store, me, version="1", text_sha256=TEXT_SHA256)
    recordings.keep_recording(store, me, io.BytesIO(b"me" * 1_000_000), name="第一次.webm", kind=Kind.rehearsal)
    store.close()
    return folder


def run(*arguments: object, answer: str | None = None, lang: str = "en"):
    return CliRunner().invoke(cli.app, ["records", *map(str, arguments), "--lang", lang], input=answer)


def listed() -> list[str]:
    return [line.split()[0] for line in run("list").stdout.splitlines()]


def test_list_and_delete(home):
    assert "第一次.webm" in run("list").output
    [id] = listed()
    refused = run("delete", id, answer="n\n")
    assert refused.exit_code == 1
    assert listed() == [id]
    done = run("delete", id, answer="y\n")
    assert (done.exit_code, listed()) == (0, [])
    assert "没有该账户可以查看的录像" in run("list", lang="zh").stderr
    assert "尚未为任何角色设定保留天数" in run("retention", lang="zh").stderr
    assert "recordings 1" in done.output
    assert "files 1 (2.0 MB)" in done.output
    again = run("delete", id, "--yes", lang="zh")
    assert again.exit_code == 1
    assert "没有此项内容" in again.output


def test_delete_a_person(home):
    store = open_records(home)
    tries.add(store, sign_in.local(store), drill="level_shoulders", results=[], passed=True)
    store.close()
    [me] = [line.split()[0] for line in run("people").output.splitlines()]
    done = run("delete", "--person", me, "--yes", lang="zh")
    assert done.exit_code == 0
    assert "已彻底删除：录像 1 条" in done.output
    assert "已彻底删除的科目练习：1 次" in done.output
    assert listed() == []


def test_exemptions_are_entered_listed_and_ended(home):
    [me] = [line.split()[0] for line in run("people").output.splitlines()]
    done = run("exempt", me, "pregnancy", "--from", "2026-11-01", "--until", "2027-03-01", "--reason", "孕期")
    assert done.exit_code == 0, done.output
    id = done.output.strip()
    assert run("exempt", me, "head_roll").exit_code == 0
    first, second = run("exemptions", me).output.splitlines()
    assert first == f"{id}  pregnancy  2026-11-01  2027-03-01  孕期"
    assert second.split()[1:] == ["head_roll", date.today().isoformat(), "-"]
    assert run("end-exemption", id).exit_code == 0
    assert run("exempt", me, "head_roll", "--reason", "  ").output == run("exempt", me, "head_roll").output  # once
    assert [line.split()[1] for line in run("exemptions", me).output.splitlines()] == ["head_roll"]
    assert run("end-exemption", id).exit_code == 1


def test_an_exemption_that_changes_nothing_is_refused(home):
    [me] = [line.split()[0] for line in run("people").output.splitlines()]
    refused = run("exempt", me, "pregnacy")
    assert refused.exit_code == 1
    assert "limb, pregnancy, speech, spine" in refused.output
    assert run("exempt", me, "head_roll", "--until", "2020-01-01").exit_code == 1
    assert run("exempt", me, "head_roll", "--from", "soon").exit_code == 2
    assert run("exempt", "nobody", "head_roll").exit_code == 1
    assert run("exemptions", str(uuid4())).exit_code == 1  # nobody who is exempt from nothing
    assert run("exemptions", me).output == ""


def test_with_an_account_nobody_exempts_oneself(home):
    assert run("found", "Hall", "--admin", "Li", "--account", "li").exit_code == 0
    [li] = [line.split()[0] for line in run("people", "--as", "li").output.splitlines()]
    assert run("exempt", li, "head_roll", "--as", "li").exit_code == 1
    assert run("exempt", li, "head_roll").exit_code == 1
    assert run("exemptions", li, "--as", "li").output == ""


@pytest.mark.parametrize(
    "arguments",
    [["delete"], ["delete", "a", "--person", "b"], ["retention", "trainee"], ["retention", "clerk", "3"], ["export"]],
)
def test_wrong_usage(home, arguments):
    assert run(*arguments).exit_code == 2


def test_export(home, tmp_path):
    done = run("export", tmp_path / "copy.zip")
    assert done.exit_code == 0
    assert "recordings 1, 2.0 MB" in done.output
    assert (tmp_path / "copy.zip").exists()
    [me] = [line.split()[0] for line in run("people").output.splitlines()]
    assert run("found", "Hall", "--admin", "Li", "--account", "li").exit_code == 0
    stranger = run("export", tmp_path / "other.zip", "--person", me, "--as", "li")
    assert stranger.exit_code == 1
    assert not (tmp_path / "other.zip").exists()
    assert run("export", tmp_path / "none" / "copy.zip").exit_code == 1


def test_an_organisation_and_its_rules(home):
    assert run("found", "市政务中心", "--admin", "李", "--account", "li", lang="zh").output.startswith(
        "已建立市政务中心"
    )
    assert run("found", "Other", "--admin", "Wang", "--account", "li").exit_code == 1
    assert re.search("李  admin", run("people", "--as", "li").output)
    assert run("retention", "trainee", 90, "--as", "li").output.split() == ["trainee", "90"]
    assert run("retention", "private", 30, "--as", "li").output.split() == ["trainee", "90", "private", "30"]
    assert run("retention", "trainee", 0, "--as", "li").exit_code == 1
    assert run("retention", "private", 0, "--as", "li").exit_code == 1
    assert run("retention", "trainee", 90).exit_code == 1, "the machine's one person rules nobody"
    assert run("people", "--as", "nobody").exit_code == 1


def test_who_deletes_or_copies_unseen_is_told_no_count(home, tmp_path):
    assert run("found", "Hall", "--admin", "Li", "--account", "li").exit_code == 0
    store = open_records(home)
    li = sign_in.signed_in(store, "li")
    somebody = people.add_person(store, li, name="Somebody").id
    store.close()
    copied = run("export", tmp_path / "copy.zip", "--person", somebody, "--as", "li")
    assert "is written, unseen" in copied.output
    assert "recordings" not in copied.output
    deleted = run("delete", "--person", somebody, "--yes", "--as", "li")
    assert deleted.output == "Deleted for good, unseen. The audit trail keeps only that it was done.\n"


def test_purge_shows_before_it_removes(home):
    nothing = "Would go: recordings 0, assessments 0, comments 0, files 0 (0 MB).\nRecordings that would go: 0.\n"
    assert run("purge", "--dry-run").output == nothing
    store = open_records(home)
    with store.writing() as session:
        session.query(Recording).update({Recording.deleted_at: now() - timedelta(days=8)})
    store.close()
    shown = run("purge", "--dry-run")
    assert "over 7 days in the trash" in shown.output
    assert shown.output.endswith("Recordings that would go: 1.\n")
    assert "第一次" not in shown.output
    assert "在回收站超过 7 天" in run("purge", "--dry-run", lang="zh").output
    foreseen = shown.output.partition("Would go: ")[2].partition(".\n")[0]
    assert foreseen.startswith("recordings 1")
    assert foreseen in run("purge").output  # what went is what was foreseen
    assert run("purge", "--dry-run").output == nothing


def test_backup_and_restore(home, tmp_path, monkeypatch):
    before = listed()
    made = run("backup", tmp_path / "backup.zip")
    assert made.exit_code == 0
    assert "recordings 1, files 1, 2.0 MB" in made.output
    assert run("restore", tmp_path / "backup.zip").exit_code == 1
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "new"))
    done = run("restore", tmp_path / "backup.zip", lang="zh")
    assert done.exit_code == 0
    assert re.search(r"已恢复到 \d{4}-\d\d-\d\d \d\d:\d\d（UTC）的状态：录像 1 条", done.output)
    assert listed() == before
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "third"))
    assert run("restore", tmp_path / "nothing.zip").exit_code == 1


def test_a_wrong_date_is_told_how_one_is_written(home):
    for lang, form in (("en", "YYYY-MM-DD"), ("zh", "年-月-日")):
        refused = run("exempt", "somebody", "spine", "--from", "29.11.2026", lang=lang)
        assert refused.exit_code == 2
        assert form in refused.output
        assert "%Y" not in refused.output


@pytest.fixture
def hall(home):
    """An organisation beside the one person."""
    assert run("found", "Hall", "--admin", "Admin", "--account", "admin").exit_code == 0
    return home


def test_people_go_out_as_a_list_and_come_in(hall, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("姓名,账号,角色,所在班级\n王芳,wang,学员,春季班\n", encoding="utf-8")
    shown = run("enter", file, "--as", "admin", "--dry-run")
    assert "new person" in shown.stdout
    assert "New cohorts: 春季班." in shown.stdout
    assert run("enter", file, "--as", "admin", answer="n\n").exit_code == 1
    assert "王芳" not in run("people", "--as", "admin").stdout
    assert "已导入。" in run("enter", file, "--as", "admin", answer="y\n", lang="zh").stdout
    assert "王芳  trainee" in run("people", "--as", "admin").stdout
    out = tmp_path / "out.xlsx"
    assert "people 2" in run("people", "--out", out, "--as", "admin").stdout
    again = run("enter", out, "--as", "admin")
    assert (again.exit_code, "Left as they are: 2." in again.stdout) == (0, True)
    file.write_text("姓名,角色\n李,校长\n", encoding="utf-8")
    refused = run("enter", file, "--as", "admin", lang="zh")
    assert refused.exit_code == 1
    assert "第 2 行，角色：没有“校长”这种角色" in refused.stderr
    assert "No such file" in run("enter", tmp_path / "none.csv", "--as", "admin").stderr


def test_the_trail_is_held_against_a_printed_head(hall, tmp_path):
    made = run("backup", tmp_path / "backup.zip")
    printed = re.search(r"\d+-[0-9a-f]{64}", made.stdout)[0]
    assert run("audit", "--verify", printed).stdout.splitlines()[-1] == printed
    other = f"{printed.split('-')[0]}-{'0' * 64}"
    refused = run("audit", "--verify", other, lang="zh")
    assert refused.exit_code == 1
    assert "被重写过" in refused.stderr
    assert "no head" in run("audit", "--verify", "nonsense").stderr


def test_overturned_criteria_are_told_and_written(tmp_path, monkeypatch):
    folder, out = tmp_path / "data", tmp_path / "overturned.csv"
    monkeypatch.setenv("LIYI_DATA", str(folder))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    store = open_records(folder)
    build(store, tmp_path)
    store.close()
    done = run("overturned", "--as", "trainer", "--csv", out, lang="zh")
    assert done.exit_code == 0
    assert re.search(r"（pace）：1 项判定中改判 1 项", done.output)
    table = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8-sig"))))
    assert [(row["criterion"], row["changed"], row["overturned_share"], row["people"]) for row in table] == [
        ("pace", "1", "1.000", "1")
    ]
    assert run("overturned", "--as", "trainer", "--csv", out).exit_code == 0, "one of its own is replaced"
    (tmp_path / "mine.csv").write_text("mine")
    assert run("overturned", "--as", "trainer", "--csv", tmp_path / "mine.csv").exit_code == 1
    nobody = run("overturned", "--as", "admin@a")
    assert (nobody.exit_code, "fewer than 5 people" in nobody.stderr) == (0, True)
    assert run("overturned", "--as", "trainer", "--since", "2100-01-01").stdout == ""
