"""The log: one JSON object a line, and nothing about a person in it."""

from __future__ import annotations

import io
import json
import logging
import sys

import pytest

from liyi.core import logs


@pytest.fixture
def log(monkeypatch):
    monkeypatch.setattr(logs, "_LOGGER", logging.Logger("liyi"))
    stream = io.StringIO()
    logs.start(stream)
    return stream


def test_an_event_is_one_json_line(log):
    logs.event("assessed", key="a-secret-token", seconds=1.23456, count=3)
    [line] = log.getvalue().splitlines()
    found = json.loads(line)
    assert found["event"] == "assessed"
    assert (found["seconds"], found["count"], found["level"]) == (1.235, 3, "info")
    assert len(found["key"]) == 16
    assert "a-secret-token" not in line


def test_a_fault_is_its_class_and_place_never_its_words(log):
    try:
        raise ValueError("王小明 wangxiaoming.mp4")
    except ValueError as error:
        logs.event("failed", error=error)
    found = json.loads(log.getvalue())
    assert found["error"] == "ValueError"
    assert found["raised"].startswith("test_logs.py:")
    assert "wang" not in log.getvalue()


def test_other_records_keep_no_words_either(log):
    try:
        raise OSError("/home/wangxiaoming/clip.mp4")
    except OSError:
        record = logging.LogRecord(
            "somebody.else", 40, __file__, 1, "cannot read %s", ("wangxiaoming",), sys.exc_info()
        )
    line = logs.JsonLines().format(record)
    assert json.loads(line)["error"] == "OSError"
    assert "wang" not in line


def test_there_is_no_log_before_it_is_started(monkeypatch, capfd):
    monkeypatch.setattr(logs, "_LOGGER", logging.Logger("liyi"))
    logs.event("child_stopped", cause="memory")
    assert capfd.readouterr() == ("", "")
