"""Progress is a bar at a terminal, and else a line for every tenth, with the time and nothing drawn over."""

from __future__ import annotations

import os
import pty
import re
from types import SimpleNamespace

import pytest

from liyi.batch.line_states import Counts
from liyi.batch.progress import pace, progress_display
from liyi.cli.shared import Lang
from liyi.core.progress_shown import show_progress


def worked(shown, steps=100):
    for at in range(steps + 1):
        shown.step("Watching", at / steps, "")


def test_in_a_log_there_is_a_line_for_every_tenth(capfd, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # which some programs take for a terminal
    with show_progress() as shown:
        worked(shown)
        shown.step("Writing", 1.0, "12 of 12")
    told = capfd.readouterr().err
    assert not {"\r", "\x1b"} & set(told)
    lines = told.splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d  ", line) for line in lines)
    assert [line[10:] for line in lines] == [
        *(f"Watching  {at} %" for at in range(0, 101, 10)),
        "Writing  100 %  12 of 12",
    ]


def test_quiet_tells_nothing_but_what_stays(capfd):
    with show_progress(quiet=True) as shown:
        worked(shown)
        shown.say("a.mp4 is damaged")
    assert capfd.readouterr().err == "a.mp4 is damaged\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_a_batch_tells_failures_at_once_and_how_far_it_is(capfd, quiet):
    with progress_display(20, "en", quiet=quiet) as tell:
        for at in range(1, 21):
            tell(Counts(20, at - 1, 1), "b.mp4: no [person]" if at == 1 else None)
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "b.mp4: no [person]"
    assert len(lines) == (1 if quiet else 12)
    assert quiet or re.fullmatch(r"\d\d:\d\d:\d\d  100 %  20/20  1 failed  \d+ per hour  0:00 left", lines[-1])


def test_at_a_terminal_it_is_a_bar(monkeypatch):
    ours, theirs = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    before = os.dup(2)
    try:
        os.dup2(theirs, 2)
        with show_progress() as shown:
            worked(shown)
    finally:
        os.dup2(before, 2)
        for descriptor in (before, theirs):
            os.close(descriptor)
    drawn = os.read(ours, 65536).decode()
    os.close(ours)
    assert "Watching" in drawn
    assert "\x1b" in drawn


def test_commands_that_take_long_tell_it(capfd, monkeypatch):
    from liyi.cli.models import models_fetch
    from liyi.cli.scoring import run_with_progress
    from liyi.modelfiles import fetch

    def brought(names, *, progress):
        progress("whisper", 0.25)
        progress("whisper", 1.0)
        return []

    monkeypatch.setattr(fetch, "fetch", brought)
    models_fetch(["whisper"], lang=Lang.en)
    run_with_progress(Lang.zh, lambda progress: progress("Watching the picture", 0.5))
    models_fetch(["whisper"], quiet=True, lang=Lang.en)
    lines = [line[10:] for line in capfd.readouterr().err.splitlines()]
    assert lines[:2] == ["whisper  20 %", "whisper  100 %"]
    assert len(lines) == 3
    assert lines[2].endswith("  50 %")


def test_a_backup_tells_it(monkeypatch):
    from liyi.records import backup

    monkeypatch.setattr(backup, "_table", lambda *a: backup.TableSum(0, ""))
    monkeypatch.setattr(backup, "_file", lambda *a: 1)
    monkeypatch.setattr(backup, "revision_of", lambda session: "1")
    monkeypatch.setattr(backup.chain, "head", lambda session: "0")
    monkeypatch.setattr(backup.vault, "named", lambda session: {"a", "b", "c", "d"})
    seen: list[float] = []
    backup._write(None, None, SimpleNamespace(text=lambda *a: None), "", seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]


def test_what_was_refused_at_once_is_no_rate():
    assert pace(Counts(7, 0, 2), 0.002, "en") == "2 failed"
    assert pace(Counts(7, 1, 2), 30.0, "en") == "2 failed  120 per hour  2:00 left"
