"""Exemptions of the records reach the lines of the people whom a manifest names by their ids."""

from __future__ import annotations

from datetime import date

import pytest

from liyi.batch.exempting import exempted
from liyi.batch.manifest import Defaults, Line, read_lines
from liyi.cli.batch import _exempted
from liyi.cli.shared import Lang
from liyi.core.options import Options
from liyi.records import sign_in
from liyi.records.engine import is_there, open_records
from liyi.records.operations import consent, people

DAY = date(2026, 5, 1)


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store with an administrator and a clerk: exempt for pregnancy from then on, and from the head's roll before."""
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    records = open_records(tmp_path / "data")
    admin = sign_in.found_organisation(records, "Hall", admin="Admin", account="admin@a")
    clerk = people.add_person(records, admin, name="王小明").id
    consent.exempt(records, admin, clerk, "pregnancy", from_day=DAY)
    consent.exempt(records, admin, clerk, "head_roll", from_day=date(2026, 1, 1), until_day=date(2026, 2, 1))
    consent.exempt(records, admin, clerk, "of_another_pack", from_day=DAY)
    yield records, admin, clerk
    records.close()


def lines(tmp_path, *people: object, exempt: str = "") -> list[Line]:
    rows = "".join(f"{at}.mp4,{person},{exempt}\n" for at, person in enumerate(people))
    (tmp_path / "list.csv").write_text("file,person,exempt\n" + rows, encoding="utf-8")
    return read_lines([str(tmp_path / "list.csv")], Defaults())


def flags(lines: list[Line]) -> list[tuple[str, ...]]:
    return [line.options.exemptions for line in lines]


def test_by_person_and_day_beside_what_the_manifest_says(tmp_path, store):
    records, admin, clerk = store
    given = lines(tmp_path, clerk, "王小明", clerk.hex, exempt="pace")
    found, unknown = exempted(given, records, admin, on=DAY)
    assert flags(found) == [("pace", "pregnancy"), ("pace",), ("pace", "pregnancy")]
    assert unknown == []
    before, _ = exempted(given, records, admin, on=date(2026, 1, 15))
    assert flags(before)[0] == ("head_roll", "pace")


def test_people_whom_the_account_does_not_know_are_told(tmp_path, store, capsys):
    _, _, clerk = store
    given = lines(tmp_path, clerk)
    assert _exempted(given, None, Lang.en) == given  # the machine's one person administers nobody
    told = capsys.readouterr().err
    assert str(clerk) in told
    assert "--as" in told
    assert flags(_exempted(given, "admin@a", Lang.en)) == [("pregnancy",)]
    assert capsys.readouterr().err == ""


def test_no_store_is_made_for_it(tmp_path, monkeypatch):
    monkeypatch.setenv("LIYI_DATA", str(tmp_path / "none"))
    monkeypatch.delenv("LIYI_DATABASE_URL", raising=False)
    given = lines(tmp_path, "5b0d6c6e-0000-4000-8000-000000000001")
    assert _exempted(given, None, Lang.en) == given
    assert not is_there()
    assert not (tmp_path / "none").exists()
    assert given[0].options == Options("seated")
