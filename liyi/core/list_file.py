"""Lists that people hand in (a manifest, ratings): one reader of CSV, workbooks and Parquet for all of them.

What belongs here: from the file to cells by column, and every fault of the file's own. What a cell means is its
reader's matter.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.list_headings import called_in_chinese, known_headings, plain_heading
from liyi.core.list_sheet import MOST_COLUMNS, sheet_of
from liyi.core.list_text import HEAD_ROWS, NoListError, decode_list, text_rows
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

# How the names of lists end. The second kind is refused, with what to do: nobody means a recording by them.
READ = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".parquet")
REFUSED = (".xls", ".xlsb", ".ods", ".et", ".numbers")
SUFFIXES = READ + REFUSED
LARGEST_BYTES = 64_000_000
MOST_FAULTS = 100  # that a message lists; the rest is counted

_OLE, _ZIP, _PARQUET = b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"PAR1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_OLD = N_("{file} is a workbook of the kind before 2007: save it as .xlsx or as CSV UTF-8.")
_MARKED_UP = N_("{file} is a web page or XML, whatever its name says: open it, and save it as .xlsx or as CSV UTF-8.")
_LOCKED = N_("{file} is protected by a password: save it without one, or as CSV UTF-8.")
_TOO_WIDE = N_("this line has {cells} cells and the header {columns}: put a text that holds a comma in quotes.")
_TOO_FAR = N_(
    "columns right of {last} are not read: move this one to the left, or delete it if it is no part of the list."
)
NO_COLUMN = N_("there is no such column: the columns are {known}.")
_UNREAD = N_("{file} cannot be read ({fault}): check its name and its permissions.")


@dataclass(frozen=True)
class Columns:
    """What a list may hold: the columns' names, those it must have, and what becomes of others.

    With ``others`` they are left alone; with ``aside`` too, but `Rows` names them, for whoever reads to be told.
    """

    names: tuple[str, ...]
    required: tuple[str, ...]
    others: bool = False
    aside: bool = False

    @cached_property
    def by_heading(self) -> Mapping[str, str]:
        """Names by every heading that stands for them."""
        return known_headings(self.names)

    def named(self, heading: str) -> str:
        """The column that a heading stands for; the heading itself where it is none."""
        return self.by_heading.get(plain_heading(heading), heading)

    def are_headings(self, cells: Sequence[str]) -> bool:
        """Whether these cells are the headings of such a list."""
        return set(self.required) <= {self.named(cell) for cell in cells}


@dataclass(frozen=True)
class Rows:
    """Lines of a list: number and cells by column, without empty lines; and what is wrong with the file.

    ``aside`` are the headings of columns that were not read.
    """

    rows: tuple[tuple[int, Mapping[str, str]], ...]
    faults: tuple[Fault, ...]
    aside: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Table:
    """What a file holds before its headings are understood; faults are (line, column from 0 or -1, what)."""

    rows: Sequence[tuple[int, Sequence[str]]]
    faults: Sequence[tuple[int, int, Notice]] = ()
    commas: bool = False
    further: tuple[int, int] | None = None  # the first cell in a column that was not read


def read_list(path: Path, columns: Columns) -> Rows:
    """Read a list.

    Raises
    ------
    LiyiError
        When nothing of it can be read; faults of single lines and cells are told beside the rows instead.
    """
    return rows_of(path.name, _bytes(path), columns)


def rows_of(name: str, data: bytes, columns: Columns) -> Rows:
    """Read a list from its bytes, at most `LARGEST_BYTES`; ``name`` is what its messages call it.

    Raises
    ------
    LiyiError
        As `read_list`.
    """
    if len(data) > LARGEST_BYTES:
        raise LiyiError("{file} is too large for a list ({size_mb} MB at most): is it one?", file=name,
                        size_mb=LARGEST_BYTES // 1_000_000)  # fmt: skip
    try:
        table = _table(name, data, columns)
    except NoListError as error:
        raise LiyiError(error.sentence, file=name) from error
    at = next((n for n, (_, cells) in enumerate(table.rows[:HEAD_ROWS]) if columns.are_headings(cells)), None)
    if at is None:
        at = next((n for n, (_, cells) in enumerate(table.rows) if any(cells)), None)
    head_line, headings = table.rows[at] if at is not None else (1, [])
    names = [columns.named(heading) for heading in headings]
    faults = list(_heading_faults(head_line, names, columns))
    if not set(columns.required) <= set(names):
        return Rows((), tuple(faults + [Fault(line, "", told) for line, _, told in table.faults]))
    body = [(line, cells) for line, cells in table.rows[(at or 0) + 1 :] if any(cells)]
    faults += _cell_faults(table, body, head_line, names, columns)
    rows = tuple((line, _by_name(names, cells, columns)) for line, cells in body)
    aside = tuple(dict.fromkeys(name for name in names if name and name not in columns.names))
    return Rows(rows, tuple(sorted(faults, key=lambda fault: fault.line)), aside)


def known_columns(names: Sequence[str]) -> dict[str, str]:
    """The columns as the field of `NO_COLUMN`, in both languages."""
    return {"known": ", ".join(names), "known_zh": called_in_chinese(names)}


def limit_faults(faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """The faults that a message lists: the first of them, and how many more there are."""
    if len(faults) <= MOST_FAULTS:
        return tuple(faults)
    more = Notice(N_("{count} more faults from here on."), {"count": len(faults) - MOST_FAULTS})
    return (*faults[:MOST_FAULTS], Fault(faults[MOST_FAULTS].line, "", more))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise LiyiError(_UNREAD, file=path.name, fault=error.strerror or str(error)) from error


def _table(name: str, data: bytes, columns: Columns) -> _Table:
    """What the file holds, by its content and not by its name."""
    if data.startswith(_OLE):
        raise NoListError(_LOCKED if _ENCRYPTED in data else _OLD)
    if data.startswith(_PARQUET) or name.lower().endswith(".parquet"):
        return _of_parquet(name, data)
    if data.startswith(_ZIP):
        sheet = sheet_of(data, columns.are_headings)
        return _Table(sheet.rows, sheet.faults, further=sheet.further)
    if re.match(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|\?xml|table|meta)", data, re.IGNORECASE):
        raise NoListError(_MARKED_UP)
    rows, broken = text_rows(decode_list(data), columns.are_headings)
    said = [(broken[0], -1, Notice("this is no CSV ({fault}).", {"fault": broken[1]}))] if broken else []
    return _Table(rows, said, commas=True)


def _of_parquet(name: str, data: bytes) -> _Table:
    from liyi.core.parquet import ParquetError, read_columns

    try:
        columns = read_columns(io.BytesIO(data))
    except ParquetError as error:
        raise LiyiError("{file} is no Parquet file that can be read ({fault}): write it again.",
                        file=name, fault=str(error)) from error  # fmt: skip
    cells = zip(*columns.values(), strict=True)
    rows = [(at, ["" if cell is None else str(cell).strip() for cell in row]) for at, row in enumerate(cells, start=1)]
    return _Table([(1, list(columns)), *rows])


def _heading_faults(line: int, names: Sequence[str], columns: Columns) -> Iterator[Fault]:
    if not (columns.others or columns.aside):
        said = Notice(NO_COLUMN, known_columns(columns.names))
        for name in names:
            if name and name not in columns.names:
                yield Fault(line, name, said)
                said = Notice(N_("there is no such column either."))
    for name in columns.names:
        if names.count(name) > 1:
            yield Fault(line, name, Notice("this column stands twice."))
    for name in columns.required:
        if name not in names:
            yield Fault(
                line, name, Notice("this column, which must be there, is missing: write its name above its cells.")
            )


def _cell_faults(
    table: _Table, body: Sequence[tuple[int, Sequence[str]]], head_line: int, names: Sequence[str], columns: Columns
) -> Iterator[Fault]:
    """Faults of cells in columns that are read, and cells below no heading (the first of each column)."""
    for line, column, what in table.faults:
        if column < 0:
            yield Fault(line, "", what)
        elif line >= head_line and column < len(names) and names[column] in columns.names:
            yield Fault(line, f"{names[column]} ({_letters(column)}{line})", what)
    yield from _further_faults(table, head_line, names, columns)
    if columns.others:
        return
    seen: set[int] = set()
    for line, cells in body:
        width = max((at + 1 for at, cell in enumerate(cells) if cell), default=0)
        if table.commas and width > len(names):
            yield Fault(line, "", Notice(_TOO_WIDE, {"cells": width, "columns": len(names)}))
            continue
        for at, cell in enumerate(cells if table.further is None else cells[:MOST_COLUMNS]):
            if cell and (at >= len(names) or not names[at]) and at not in seen:
                seen.add(at)
                yield Fault(line, f"{_letters(at)}{line}", Notice("there is no heading above this cell."))


def _further_faults(table: _Table, head_line: int, names: Sequence[str], columns: Columns) -> Iterator[Fault]:
    """Columns of the list that were not read; where others are left alone, only those whose headings are known."""
    if table.further is None:
        return
    too_far = Notice(_TOO_FAR, {"last": _letters(MOST_COLUMNS - 1)})
    known = [at for at in range(MOST_COLUMNS, len(names)) if names[at] in columns.names]
    for at in known:
        yield Fault(head_line, f"{names[at]} ({_letters(at)}{head_line})", too_far)
    line, column = table.further
    if not any(names[MOST_COLUMNS:]) and not columns.others:
        yield Fault(line, f"{_letters(column)}{line}", too_far)


def _letters(column: int) -> str:
    """A column as spreadsheets name it: A, B … Z, AA."""
    rest, last = divmod(column, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + last)


def _by_name(names: Sequence[str], cells: Sequence[str], columns: Columns) -> dict[str, str]:
    """Cells by column, every column of the file present; of a name that stands twice the first counts."""
    found: dict[str, str] = {}
    for at, name in enumerate(names):
        if name in columns.names:
            found.setdefault(name, cells[at] if at < len(cells) else "")
    return found
