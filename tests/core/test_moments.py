"""A moment is told by the clock of whoever reads it, or names its zone."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest

from liyi.core.moments import day, moment, zone_of

STORED = "2026-11-24T20:12:13Z"


@pytest.fixture
def in_china(monkeypatch):
    monkeypatch.setenv("TZ", "CST-8")  # as POSIX names it, so that no table of zones is needed
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_without_a_zone_it_is_the_clock_of_this_machine(in_china):
    assert moment(STORED) == "2026-11-25 04:12"
    assert day(datetime.fromisoformat(STORED)) == "2026-11-25"


@pytest.mark.parametrize("at", [STORED, datetime.fromisoformat(STORED), datetime.fromisoformat(STORED).timestamp()])
def test_a_zone_is_named_where_it_is_handed_on(at):
    assert moment(at, UTC, named=True) == "2026-11-24 20:12 UTC"
    assert moment(at, timezone(timedelta(hours=5, minutes=30)), named=True) == "2026-11-25 01:42 UTC+05:30"
    assert moment(at, timezone(timedelta(hours=-3)), named=True) == "2026-11-24 17:12 UTC-03:00"


def test_what_is_no_moment_stays(in_china):
    assert moment("") == ""
    assert zone_of("Mars/Olympus") is zone_of("../etc/passwd") is UTC
    assert moment(STORED, zone_of("Asia/Shanghai")) == "2026-11-25 04:12"


def test_the_command_the_report_and_the_cohort_tell_it_so(in_china, monkeypatch, tmp_path, capsys):
    from types import SimpleNamespace

    from liyi.cli import records_recordings
    from liyi.cli.records_store import records_purge
    from liyi.cli.shared import Lang
    from liyi.cohort.page import _facts
    from liyi.records import retention
    from liyi.records.operations import recordings
    from liyi.report.first_screen import _about
    from liyi.report.setting import ALONE

    at = datetime.fromisoformat(STORED)
    row = SimpleNamespace(id=1, created_at=at, size_bytes=0, name="x.mp4", why=retention.Why.expired)
    monkeypatch.setattr(records_recordings, "acting", lambda *a: None)
    monkeypatch.setattr(recordings, "recordings", lambda *a, **k: [row])
    monkeypatch.setattr(retention, "require_clock", lambda *a: None)
    removal = SimpleNamespace(
        recordings=1,
        assessments=0,
        comments=0,
        files=0,
        size_bytes=0,
        tries=0,
        shared=0,
        unknown=0,
        batches=0,
        uploads=0,
    )
    monkeypatch.setattr(retention, "preview", lambda *a: ([row], removal))
    monkeypatch.setenv("LIYI_DATA", str(tmp_path))
    records_recordings.records_list(lang=Lang.en, new=True)
    records_purge(lang=Lang.en, dry_run=True)
    printed = capsys.readouterr().out
    assert "1  2026-11-25 04:12" in printed
    assert "2026-11-25  1  past its days" in printed
    made = SimpleNamespace(
        created_at=STORED, pack=SimpleNamespace(sha256="", id="", version="", name=None), models=(), liyi_version="1",
        recording=SimpleNamespace(duration_s=5.0), profile="p", is_photo=False,
    )  # fmt: skip
    monkeypatch.setattr("liyi.cohort.page.pack_text", lambda *a: "")
    assert ("Made", "2026-11-25 04:12 UTC+08:00", "") in _facts([(None, made)], "en")
    pack = SimpleNamespace(profile_name=lambda *a: "")
    assert _about(made, pack, ALONE, "en").startswith("2026-11-25 ")
