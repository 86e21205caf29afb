"""Tables of a batch: every line of the manifest once, figures as in the assessments, no formula from outside."""

from __future__ import annotations

import csv
import errno
import os
from dataclasses import replace

import pytest

from liyi.batch import rows as row_module
from liyi.batch.outputs import COHORT_HTML, FAILURES_CSV, SCORES_CSV, SCORES_PARQUET, SCORES_XLSX
from liyi.batch.rows import PackedRows, briefly, packed
from liyi.cohort.files import write_cohort
from liyi.cohort.tables import OF_TABLES, write_tables
from liyi.core.errors import LiyiError
from tests.cohort.batches import assessment, mixed, row


@pytest.fixture
def written(tmp_path):
    write_tables(mixed(), tmp_path, "en")
    return tmp_path


def read_csv(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_csv_begins_with_the_mark_that_excel_needs(written):
    for name in (SCORES_CSV, FAILURES_CSV):
        assert (written / name).read_bytes().startswith(b"\xef\xbb\xbf")
        assert b"\r\n" in (written / name).read_bytes()


def test_every_line_of_the_manifest_has_one_row_in_its_order(written):
    rows = read_csv(written / SCORES_CSV)
    assert [r["file"].lstrip("'") for r in rows] == [r.path for r in mixed()]
    assert [r["outcome"] for r in rows] == ["total"] * 5 + ["no_total", "total", "failed", "stopped"]


def test_figures_stand_as_in_the_assessment(written):
    first, *_, hidden, _, failed, _ = read_csv(written / SCORES_CSV)
    shown = {name: first[name] for name in ("total", "coverage", "pack", "pack_version", "profile", "camera", "people")}
    assert shown == {"total": "82.44", "coverage": "0.74", "pack": "counter", "pack_version": "1.0.0",
                     "profile": "seated", "camera": "front", "people": "1"}  # fmt: skip
    assert (first["value.pace"], first["unit.pace"], first["error.pace"]) == ("160.0", "字/分", "4.6")
    assert (first["dimension.posture"], first["dimension_coverage.posture"]) == ("82.44", "0.8")
    assert (hidden["total"], hidden["dimension.voice"], hidden["reason.pace"]) == ("", "", "no_sound")
    assert first["sha256"] == "ab" * 32
    assert failed["total"] == failed["coverage"] == failed["status.pace"] == ""
    assert failed["failure"].startswith("broken.mp4 is empty")


def test_what_was_not_assessed_has_no_value_and_no_charge(written):
    for found in read_csv(written / SCORES_CSV)[:5]:
        assert found["status.trunk_forward_lean"] == "not_assessed"
        assert found["reason.trunk_forward_lean"] == "camera_front"
        assert found["value.trunk_forward_lean"] == found["sub_score.trunk_forward_lean"] == ""
        assert found["charged.trunk_forward_lean"] == ""
        assert float(found["charged.pace"]) == 0


def test_failures_name_file_and_sentence_also_of_what_was_not_begun(written):
    broken, later = read_csv(written / FAILURES_CSV)
    assert broken == {"file": "broken.mp4", "sentence": "broken.mp4 is empty (0 bytes): record or copy it again."}
    assert later["file"] == "later.mp4"
    assert "--resume" in later["sentence"]


def test_formulae_become_text_in_csv_and_stay_true_in_parquet(written):
    import pandas as pd

    hostile = read_csv(written / SCORES_CSV)[6]
    assert hostile["file"].startswith("'=cmd")
    assert hostile["person"] == "'＝1+1"
    assert hostile["cohort"] == "'@sum"
    assert pd.read_parquet(written / SCORES_PARQUET).loc[6, ["file", "person"]].to_list() == [
        "=cmd|'/c calc'!A1.mp4",
        "＝1+1",
    ]


def test_parquet_is_typed_and_says_the_same_as_the_csv(written):
    import pandas as pd

    typed = pd.read_parquet(written / SCORES_PARQUET)
    text = pd.read_csv(written / SCORES_CSV, encoding="utf-8-sig")
    assert list(typed.columns) == list(text.columns)
    for name in (
        "total",
        "coverage",
        "value.shoulder_tilt",
        "sub_score.shoulder_tilt",
        "dimension.voice",
        "duration_s",
    ):
        assert typed[name].dtype == "float64"
        pd.testing.assert_series_equal(typed[name], text[name])
    assert typed["status.pace"].dropna().unique().tolist() == ["assessed", "not_assessed"]


def test_the_same_rows_give_the_same_bytes(tmp_path):
    tables = (SCORES_CSV, FAILURES_CSV, SCORES_PARQUET, SCORES_XLSX)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        write_tables(mixed(), folder, "zh")
    for name in tables:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name


def test_nothing_but_the_tables_stays_behind(written):
    assert sorted(p.name for p in written.iterdir()) == sorted([SCORES_CSV, FAILURES_CSV, SCORES_PARQUET, SCORES_XLSX])


@pytest.mark.parametrize("rows", [[], [row("a.mp4")], [row("\udcff\x00\n.mp4", assessment(), person="\ud800")]])
def test_empty_stopped_and_undecodable_batches_can_be_written(tmp_path, rows):
    write_tables(rows, tmp_path, "zh")
    assert len(read_csv(tmp_path / SCORES_CSV)) == len(rows)


def test_two_packs_share_the_columns_and_leave_theirs_empty(tmp_path):
    other = assessment(70.0)
    renamed = tuple(v.model_copy(update={"criterion": f"other_{v.criterion}"}) for v in other.verdicts)
    other = other.model_copy(update={"verdicts": renamed, "deductions": ()})
    write_tables([row("a.mp4", assessment()), row("b.mp4", other)], tmp_path, "en")
    first, second = read_csv(tmp_path / SCORES_CSV)
    assert (first["status.pace"], first["status.other_pace"]) == ("assessed", "")
    assert (second["status.pace"], second["status.other_pace"]) == ("", "assessed")


@pytest.mark.parametrize("full", [SCORES_CSV, SCORES_PARQUET, SCORES_XLSX])
def test_a_full_disk_is_said_in_a_sentence_and_keeps_the_old_table(tmp_path, monkeypatch, full):
    write_tables([row("a.mp4", assessment())], tmp_path, "en")
    before = (tmp_path / full).read_bytes()
    put = os.replace

    def replace_(source, target):
        if os.fspath(target).endswith(full):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        put(source, target)

    monkeypatch.setattr(os, "replace", replace_)
    with pytest.raises(LiyiError, match="is full"):
        write_tables([replace(row("a.mp4", assessment()), person="x")], tmp_path, "en")
    assert (tmp_path / full).read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_packed_assessments_give_the_same_bytes_and_are_unpacked_one_at_a_time(tmp_path, monkeypatch):
    many = [*mixed(), *(replace(each, path=f"{at}.mp4") for at, each in enumerate(mixed()))]
    for name, rows in (("held", many), ("packed", PackedRows(many))):
        (tmp_path / name).mkdir()
        write_cohort(rows, tmp_path / name, "zh")
    for name in (*OF_TABLES, COHORT_HTML):
        assert (tmp_path / "packed" / name).read_bytes() == (tmp_path / "held" / name).read_bytes(), name
    monkeypatch.setattr(row_module, "MOST_UNPACKED", 3)
    assert [*packed(many[:3])] == many[:3]
    rows = packed(iter(many))
    assert isinstance(rows, PackedRows)
    assert [*rows] == many
    assert rows[0].assessment is not rows[0].assessment, "nobody holds it"
    assert all(each.assessment is None or not each.assessment.verdicts for each in briefly(rows))
