"""The log of a batch is only ever added to, by processes that may be killed in the middle of a line."""

from __future__ import annotations

import csv

from liyi.batch.log_file import BatchLog
from liyi.batch.outputs import IS_OWN, LOG_CSV


def lines(out):
    with (out / LOG_CSV).open(encoding="utf-8-sig", newline="") as log:
        return [*csv.DictReader(log)]


def test_a_line_that_was_cut_off_costs_no_other(tmp_path):
    BatchLog(tmp_path).note("begun")
    with (tmp_path / LOG_CSV).open("a", encoding="utf-8", newline="") as log:
        log.write("2026-05-04T10:00:00+0000,甲.mp4,asse")
    after = BatchLog(tmp_path)
    after.note("failed", file="=1+1", seconds=2.04, sentence="a\nb")
    assert [line["what"] for line in lines(tmp_path)] == ["begun", "asse", "failed"]
    assert {name: lines(tmp_path)[-1][name] for name in ("file", "seconds", "sentence")} == {
        "file": "'=1+1", "seconds": "2.0", "sentence": "a b",
    }  # fmt: skip
    assert IS_OWN[LOG_CSV](tmp_path / LOG_CSV)
