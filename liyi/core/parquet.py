"""Parquet tables that people hand in: read on one thread, and refused as one kind of error whatever is wrong."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class ParquetError(ValueError):
    """A file that is no Parquet table which can be read."""


def read_columns(source: Path | IO[bytes]) -> dict[str, list[object]]:
    """Read a table as lists by column name.

    On one thread and without reading ahead: a command that refuses the table at once would otherwise end while
    pyarrow's threads are at work, which the system reports as an abort (exit code 134).

    Raises
    ------
    ParquetError
        When it cannot be read, or two columns have one name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source, pre_buffer=False) as file:
            table = file.read(use_threads=False)
        columns = {name: column.to_pylist() for name, column in zip(table.column_names, table.columns, strict=True)}
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError, MemoryError, pa.ArrowException) as error:
        raise ParquetError((str(error).splitlines() or [""])[0]) from error
    if len(columns) != len(table.column_names):
        raise ParquetError("two columns have one name")
    return columns
