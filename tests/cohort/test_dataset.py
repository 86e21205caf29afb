"""``dataset.yaml``: it is YAML, and it describes every column that a table of scores has."""

from __future__ import annotations

import re

import pytest

from liyi.batch.rows import Row
from liyi.cohort.columns import criterion_columns, dimension_columns, result_columns, score_columns
from liyi.cohort.dataset import SCORE_COLUMNS, dataset_text, described_columns
from tests.records.evaluated import sample


def test_what_is_written_is_read_back():
    yaml = pytest.importorskip("yaml")
    about = {
        "title": "考核: \"十一月\" # 1\n- 二", "yes": True, "nothing": None, "on": "on", "count": 3, "share": 0.5,
        "empty": [],
        "nested": {"list": [{"a": 1, "b": {"c": "no"}}, "x", {"d": []}]}, "date": "2026-11-30", "null": "null",
    }  # fmt: skip
    assert yaml.safe_load(dataset_text(about)) == about


def test_every_column_of_the_tables_is_described():
    rows = [Row("a.mp4", None, None, None, sample(), None)]
    columns = (*score_columns("zh"), *dimension_columns(rows, "zh"), *criterion_columns(rows), *result_columns("zh"))
    ids = {re.sub(r"\..*", ".ID", column.id) for column in columns if column.id}
    assert ids == set(SCORE_COLUMNS)
    assert all(each["meaning"] for each in described_columns("zh").values())
