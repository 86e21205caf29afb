"""Columns: each described once, under ids that no language changes."""

from __future__ import annotations

import csv

import pytest

from liyi.batch.outputs import SCORES_CSV
from liyi.cohort.columns import (
    Column,
    criterion_columns,
    dimension_columns,
    lines,
    result_columns,
    score_columns,
)
from liyi.cohort.outliers import recheck
from liyi.cohort.tables import write_tables
from liyi.etiquette.assessment import CapFound
from tests.cohort.batches import assessment, mixed, row
from tests.cohort.test_workbook import Opened


def every(lang: str) -> list[Column]:
    rows = mixed()
    return [*score_columns(lang), *dimension_columns(rows, lang), *criterion_columns(rows), *result_columns(lang)]


def test_ids_are_the_same_in_every_language_and_none_stands_twice():
    ids = [column.id for column in every("zh") if column.id]
    assert ids == [column.id for column in every("en") if column.id]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_column_stands_somewhere_and_has_a_width_where_it_is_seen(lang):
    for column in every(lang):
        assert column.id or column.heading
        assert bool(column.heading) == (column.width > 0), column


def test_a_column_that_is_added_stands_in_every_table(tmp_path, monkeypatch):
    """The recipe of CONTRIBUTING: one entry, and nothing else."""
    added: Column = Column("people_seen", "People", "whole", 8, lambda line: line.row.assessment.recording.people)

    def with_it(lang):
        return (*score_columns(lang), added)

    for module in ("tables", "workbook"):
        monkeypatch.setattr(f"liyi.cohort.{module}.score_columns", with_it)
    write_tables([row("a.mp4", assessment(people=3))], tmp_path, "en")
    with (tmp_path / SCORES_CSV).open(encoding="utf-8-sig", newline="") as file:
        assert [line["people_seen"] for line in csv.DictReader(file)] == ["3"]
    import pyarrow.parquet as pq

    assert pq.read_table(tmp_path / "scores.parquet").column("people_seen").to_pylist() == [3]
    heading, line = Opened(tmp_path / "scores.xlsx").rows("Ranking")
    assert heading.count("People") == 1
    assert line.count(3) == 1  # cells without a value are not there, so places do not tell


def test_a_line_without_an_assessment_has_no_values_but_its_own():
    rows = mixed()
    broken = lines(rows, recheck(rows))[7]
    told = {column.id for column in every("en") if column.id and column.value(broken) is not None}
    assert told == {"file", "person", "cohort", "outcome", "failure"}


@pytest.mark.parametrize(
    ("status", "most", "word"), [("needs_review", 79, "good, provisional"), ("needs_review", 89, "good"),
                                 ("applied", 79, "good")]
)  # fmt: skip
def test_red_lines_stand_beside_the_total(status, most, word, tmp_path):
    line = CapFound(criteria=("crossed_arms", "chin_prop"), total=most, status=status)
    found = assessment(82.4, caps=(line,), total_error=4.0, total_before_caps=93.5)
    write_tables([row("a.mp4", found), row("b.mp4", assessment(70.0))], tmp_path, "en")
    with (tmp_path / SCORES_CSV).open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert first["red_lines"] == f"crossed_arms+chin_prop: {status} {most}"
    assert (first["total_error"], first["total_before_caps"]) == ("4.0", "93.5")
    assert second["red_lines"] == ""
    heading, shown, plain = Opened(tmp_path / "scores.xlsx").rows("Ranking")
    assert word in shown
    assert any(str(cell).startswith("Red line") for cell in shown)
    assert not any(str(cell).startswith("Red line") for cell in plain)
    assert "±" in heading


def test_a_photo_is_a_line_and_goes_into_no_statistics():
    from uuid import uuid4

    from liyi.cohort.outliers import recheck
    from liyi.cohort.page import _context
    from liyi.records.operations.assessments import _parts

    clerk = assessment(55.0)
    moment = clerk.model_copy(
        update={"recording": clerk.recording.model_copy(update={"kind": "photo"}), "total": None, "deductions": ()}
    )
    alone, both = (
        _context(rows, "en") for rows in ([row("a.mp4", clerk)], [row("a.mp4", clerk), row("b.jpg", moment)])
    )
    assert (alone["criteria"], alone["groups"]) == (both["criteria"], both["groups"])
    assert recheck([row("b.jpg", moment)]) == [()]
    kept = {id: {part.sub_score for part in _parts(uuid4(), judged) if hasattr(part, "sub_score")}
            for id, judged in (("photo", moment), ("video", clerk))}  # fmt: skip
    assert kept["photo"] == {None}
    assert kept["video"] != {None}
