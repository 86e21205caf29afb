"""A batch as tables: scores.csv for Excel, scores.parquet for programs, scores.xlsx for people, failures.csv.

One row for each line of the manifest, in its order. CSV and Parquet have the same columns, under ids that do
not change with the language; in the CSV, text that a spreadsheet would take for a formula has an apostrophe before it,
in the Parquet file it stands as it was. The same rows give the same bytes.
"""

from __future__ import annotations

import csv
from itertools import islice
from typing import TYPE_CHECKING, Any

from liyi.batch.outputs import FAILURES_CSV, IS_OWN, OF_FAILURES, SCORES_CSV, SCORES_PARQUET, SCORES_XLSX
from liyi.cohort.recheck import recheck
from liyi.cohort.standing import failure_text, outcome
from liyi.cohort.workbook import write_workbook
from liyi.core.cells import csv_cell, plain
from liyi.core.words import translate
from liyi.scoring.folder import result_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from liyi.batch.rows import Row
    from liyi.cohort.recheck import Note
    from liyi.etiquette.assessment import Assessment, Verdict

_ROWS_AT_ONCE = 1000
_TEXT, _REAL, _WHOLE = "text", "real", "whole"
_HEAD = {
    "file": _TEXT, "person": _TEXT, "cohort": _TEXT, "outcome": _TEXT, "total": _REAL, "coverage": _REAL,
    "coverage_floor": _REAL, "pack": _TEXT, "pack_version": _TEXT, "profile": _TEXT, "camera": _TEXT,
    "framing": _TEXT, "position": _TEXT, "duration_s": _REAL, "people": _WHOLE,
}  # fmt: skip
_OF_DIMENSION = {"dimension": _REAL, "dimension_coverage": _REAL}
_OF_CRITERION = {
    "status": _TEXT, "value": _REAL, "unit": _TEXT, "error": _REAL, "sub_score": _REAL, "weight": _REAL,
    "charged": _REAL, "coverage": _REAL, "reason": _TEXT,
}  # fmt: skip
_TAIL = {
    "recheck": _TEXT, "warnings": _TEXT, "pack_sha256": _TEXT, "liyi_version": _TEXT, "sha256": _TEXT, "key": _TEXT,
    "failure": _TEXT,
}  # fmt: skip


def write_tables(rows: Sequence[Row], out: Path, lang: str) -> None:
    """Write all four tables into ``out``, each whole or not at all, over nothing but Liyi's own.

    Parameters
    ----------
    rows
        In the order of the manifest; gone through several times, never copied.
    out
        Folder of the batch, which exists.
    lang
        ``zh`` or ``en``: of the workbook, the warnings and the failures.

    Raises
    ------
    LiyiError
        When the folder cannot be written, or holds a file of that name that is not Liyi's.
    """
    notes = recheck(rows)
    columns = _columns(rows)
    _write_scores_csv(rows, notes, columns, out / SCORES_CSV, lang)
    _write_scores_parquet(rows, notes, columns, out / SCORES_PARQUET, lang)
    _write_failures(rows, out / FAILURES_CSV, lang)
    write_workbook(rows, notes, out / SCORES_XLSX, lang)


def _columns(rows: Sequence[Row]) -> dict[str, str]:
    """Name and kind of every column; dimensions and criteria in the order in which they first occur."""
    dimensions: dict[str, None] = {}
    criteria: dict[str, None] = {}
    for row in rows:
        if row.assessment is not None:
            dimensions |= dict.fromkeys(row.assessment.dimensions)
            criteria |= dict.fromkeys(v.criterion for v in row.assessment.verdicts)
    of_dimensions = {f"{part}.{name}": kind for name in dimensions for part, kind in _OF_DIMENSION.items()}
    of_criteria = {f"{part}.{name}": kind for name in criteria for part, kind in _OF_CRITERION.items()}
    return _HEAD | of_dimensions | of_criteria | _TAIL


def _records(rows: Sequence[Row], notes: Sequence[Sequence[Note]], lang: str) -> Iterator[dict[str, Any]]:
    for row, found in zip(rows, notes, strict=True):
        record: dict[str, Any] = {"file": plain(row.path), "person": plain(row.person or "") or None,
                                  "cohort": plain(row.cohort or "") or None, "outcome": outcome(row), "key": row.key,
                                  "failure": plain(failure_text(row, lang)) or None}  # fmt: skip
        if row.assessment is not None:
            record |= _assessed(row.assessment, lang)
            record["recheck"] = "; ".join(dict.fromkeys(note.code for note in found)) or None
        yield record


def _assessed(assessment: Assessment, lang: str) -> dict[str, Any]:
    recording, pack = assessment.recording, assessment.pack
    record: dict[str, Any] = {
        "total": assessment.total,
        "coverage": assessment.coverage,
        "coverage_floor": assessment.coverage_floor,
        "pack": pack.id,
        "pack_version": pack.version,
        "pack_sha256": pack.sha256,
        "profile": assessment.profile,
        "camera": recording.camera,
        "framing": recording.framing,
        "position": recording.position,
        "duration_s": recording.duration_s,
        "people": recording.people,
        "warnings": plain(" ".join(translate(w.sentence, lang, **w.fields) for w in recording.warnings)) or None,
        "liyi_version": assessment.liyi_version,
        "sha256": recording.sha256,
    }
    for name, dimension in assessment.dimensions.items():
        record[f"dimension.{name}"] = dimension.score
        record[f"dimension_coverage.{name}"] = dimension.coverage
    charged = {deduction.criterion: deduction.charged for deduction in assessment.deductions}
    for verdict in assessment.verdicts:
        cost = charged.get(verdict.criterion, 0.0) if verdict.status == "assessed" else None
        record |= {f"{part}.{verdict.criterion}": value for part, value in _judged(verdict, cost).items()}
    return record


def _judged(verdict: Verdict, charged: float | None) -> dict[str, Any]:
    """The parts of one verdict, as named in `_OF_CRITERION`."""
    return {
        "status": verdict.status,
        "value": verdict.value,
        "unit": verdict.unit or None,
        "error": verdict.error,
        "sub_score": verdict.sub_score,
        "weight": verdict.weight,
        "charged": charged,
        "coverage": verdict.coverage,
        "reason": verdict.reason,
    }


def _write_scores_csv(
    rows: Sequence[Row], notes: Sequence[Sequence[Note]], columns: dict[str, str], path: Path, lang: str
) -> None:
    lines = ([record.get(name) for name in columns] for record in _records(rows, notes, lang))
    _write_csv(path, list(columns), lines)


def _write_failures(rows: Sequence[Row], path: Path, lang: str) -> None:
    lines = ([row.path, failure_text(row, lang)] for row in rows if row.assessment is None)
    _write_csv(path, OF_FAILURES, lines)


def _write_csv(path: Path, header: Sequence[str], lines: Iterator[list[Any]]) -> None:
    """UTF-8 with the mark by which Excel knows it, all text in quotes."""
    with result_file(path, IS_OWN[path.name]) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow([csv_cell(name) for name in header])
        for line in lines:
            writer.writerow([csv_cell(value) if isinstance(value, str) else value for value in line])


def _write_scores_parquet(
    rows: Sequence[Row], notes: Sequence[Sequence[Note]], columns: dict[str, str], path: Path, lang: str
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {_TEXT: pa.string(), _REAL: pa.float64(), _WHOLE: pa.int64()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in columns.items()])
    with result_file(path, IS_OWN[path.name]) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for record_batch in _batches(_records(rows, notes, lang)):
            writer.write_batch(pa.RecordBatch.from_pylist(record_batch, schema=schema))


def _batches(records: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while chunk := list(islice(records, _ROWS_AT_ONCE)):
        yield chunk
