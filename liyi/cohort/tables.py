"""A batch as tables: scores.csv for Excel, scores.parquet for programs, scores.xlsx for people, failures.csv.

One row for each line of the manifest, in its order. CSV and Parquet have the same columns, under ids that do
not change with the language; in the CSV, text that a spreadsheet would take for a formula has an apostrophe before it,
in the Parquet file it stands as it was. The same rows give the same bytes.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from liyi.batch.outputs import FAILURES_CSV, IS_OWN, OF_FAILURES, SCORES_CSV, SCORES_PARQUET, SCORES_XLSX
from liyi.batch.rows import briefly
from liyi.cohort.columns import criterion_columns, dimension_columns, lines, result_columns, score_columns
from liyi.cohort.outliers import recheck
from liyi.cohort.ranks import failure_text
from liyi.cohort.workbook import write_workbook
from liyi.core.spreadsheet_text import csv_cell
from liyi.scoring.folder import result_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from liyi.batch.rows import Row
    from liyi.cohort.columns import Column, Line

_ROWS_AT_ONCE = 1000


OF_TABLES = (SCORES_CSV, SCORES_PARQUET, FAILURES_CSV, SCORES_XLSX)


def write_tables(
    rows: Sequence[Row], out: Path, lang: str, *, ranked: bool = True, names: Collection[str] = OF_TABLES
) -> None:
    """Write the tables into ``out``, each whole or not at all, over nothing but Liyi's own.

    Parameters
    ----------
    rows
        In the order of the manifest; gone through several times, one assessment at a time.
    out
        Folder of the batch, which exists.
    lang
        ``zh`` or ``en``: of the workbook, the warnings and the failures.
    ranked
        Whether the workbook ranks recordings.
    names
        Which of `OF_TABLES`.

    Raises
    ------
    LiyiError
        When the folder cannot be written, or holds a file of that name that is not Liyi's.
    """
    notes = recheck(rows)
    recordings = lines(rows, notes)
    every = (
        *score_columns(lang), *dimension_columns(rows, lang), *criterion_columns(rows), *result_columns(lang),
    )  # fmt: skip
    columns = [column for column in every if column.id]
    if SCORES_CSV in names:
        _write_scores_csv(recordings, columns, out / SCORES_CSV)
    if SCORES_PARQUET in names:
        _write_scores_parquet(recordings, columns, out / SCORES_PARQUET)
    if FAILURES_CSV in names:
        _write_failures(rows, out / FAILURES_CSV, lang)
    if SCORES_XLSX in names:
        write_workbook(rows, notes, out / SCORES_XLSX, lang, ranked=ranked)


def _write_scores_csv(recordings: Sequence[Line], columns: Sequence[Column[Line]], path: Path) -> None:
    cells = ([column.value(line) for column in columns] for line in recordings)
    _write_csv(path, [column.id for column in columns], cells)


def _write_failures(rows: Sequence[Row], path: Path, lang: str) -> None:
    failures = ([row.path, failure_text(row, lang)] for row in briefly(rows) if row.assessment is None)
    _write_csv(path, OF_FAILURES, failures)


def _write_csv(path: Path, header: Sequence[str], rows: Iterator[list[Any]]) -> None:
    """UTF-8 with the mark by which Excel knows it, all text in quotes."""
    with result_file(path, IS_OWN[path.name]) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow([csv_cell(name) for name in header])
        for row in rows:
            writer.writerow([csv_cell(value) if isinstance(value, str) else value for value in row])


def _write_scores_parquet(recordings: Sequence[Line], columns: Sequence[Column[Line]], path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number, text = pa.float64(), pa.string()
    kinds = {"text": text, "wrapped": text, "whole": pa.int64(), "points": number, "share": number}
    schema = pa.schema([(column.id, kinds[column.format]) for column in columns])
    with result_file(path, IS_OWN[path.name]) as part, pq.ParquetWriter(part, schema, compression="zstd") as writer:
        for start in range(0, len(recordings), _ROWS_AT_ONCE):
            chunk = recordings[start : start + _ROWS_AT_ONCE]
            records = [{column.id: column.value(line) for column in columns} for line in chunk]
            writer.write_batch(pa.RecordBatch.from_pylist(records, schema=schema))
