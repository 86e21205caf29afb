"""The list of a batch in the records, read as a manifest is: lines to assess, and what is wrong with which cell.

Cells name files that were brought to the batch, or ones of the server's folders (`liyi.batch.server_folders`); no other
path, no address, and no norm pack or recogniser but those that are installed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from liyi.batch import server_folders
from liyi.batch.exempting import id_in
from liyi.batch.manifest import COLUMNS, Defaults, line_of, packs_called
from liyi.core import list_file
from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.list_headings import CONSENT
from liyi.core.options import NO_RECOGNISER, PROFILE, RECOGNISER, UNKNOWN_CHOICE, Options
from liyi.core.spreadsheet_text import of_csv
from liyi.etiquette.norms import list_packs, load_pack
from liyi.modelfiles.registry import registry
from liyi.records.batch_tables import LineState, Purpose
from liyi.records.lifecycle import batch_folder
from liyi.records.operations import batch_bringing, batches
from liyi.records.operations.batch_bringing import MOST_LINES, consent_faults
from liyi.records.viewer import Viewer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from uuid import UUID

    from liyi.batch.manifest import Line
    from liyi.records.batch_tables import Batch, BatchLine
    from liyi.records.engine import Records
    from liyi.records.operations.batch_bringing import Brought

CELLS = (*COLUMNS, *CONSENT)
_COLUMN_AT = {column: at for at, column in enumerate(CELLS)}
_MOST_NAMED = 5
FILES = ("file", "side")  # columns whose cells name a recording
LARGEST_LIST_BYTES = 5_000_000
_DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T]0?0:00(?::00)?)?|(\d{4})(\d\d)(\d\d)")


def read_record_lines(
    store: Records, batch: Batch, lines: Sequence[BatchLine], files: FilesByName | None = None
) -> tuple[list[tuple[UUID, Line]], list[Fault]]:
    """What the lines of a batch's list ask for.

    Parameters
    ----------
    store, batch
        The store and the batch; everything is looked up on behalf of the batch's owner.
    lines
        All lines of its list, in their order.
    files
        Its files, where they were read already.

    Returns
    -------
    list of (UUID, Line)
        Each with the id of the `BatchLine` that it comes from.
    list of Fault
        By cell: ``line`` counts from 1, ``key`` is the column. A line with a fault is not among the others.
    """
    viewer = Viewer(batch.owner_id, batch.organisation_id)
    files = files or FilesByName(batch_bringing.batch_files(store, viewer, batch.id))
    called = batch_bringing.people_called(store, viewer, [line.cells.get("person", "") for line in lines])
    defaults = Defaults(batch.pack, Options.of_json(batch.options))
    made: list[tuple[UUID, Line]] = []
    faults: list[Fault] = []
    twice = _twice(lines, files)
    for at, line in enumerate(lines, start=1):
        if line.state is LineState.done:
            continue
        told = twice.get(at, []) + _person_faults(at, line.cells.get("person", ""), called)
        told += [Fault(at, *each) for each in consent_faults(line.cells, required=_asks_consent(batch))]
        read = _read(at, line.cells, files, batch_folder(store, batch.id), defaults, told)
        faults += told
        made += [] if told or read is None else [(line.id, read)]
    return made, sorted(faults, key=lambda fault: (fault.line, _COLUMN_AT.get(fault.key, len(CELLS))))


def queue(store: Records, viewer: Viewer, batch_id: UUID) -> Batch:
    """Have a batch wait for its turn, once nothing is wrong with its list.

    Raises
    ------
    LiyiError
        When something is, or the batch cannot be queued (`batch_bringing.queue_batch`).
    """
    batch = batches.batch(store, viewer, batch_id)
    _, faults = read_record_lines(store, batch, batch_bringing.lines(store, viewer, batch_id))
    if faults:
        raise LiyiError("The list still has cells to mend: {count}.", count=len(faults))
    return batch_bringing.queue_batch(store, viewer, batch_id)


class FilesByName:
    """Files of a batch by what a list may call them: the name, its last parts, and either without the ending."""

    def __init__(self, files: Iterable[Brought]) -> None:
        self.all = list(files)
        self._exactly = {file.name: file for file in self.all}
        self._by_tail: dict[str, list[Brought]] = defaultdict(list)
        for file in self.all:
            for tail in _tails(file.name):
                self._by_tail[tail].append(file)

    def find(self, cell: str) -> list[Brought]:
        """The files that a cell may mean; one where it is certain."""
        if cell in self._exactly:
            return [self._exactly[cell]]
        plain = _plain(cell)
        parts = plain.split("/")  # a list of another computer may name folders that did not come along
        for start in range(len(parts)):
            if found := self._by_tail.get("/".join(parts[start:])):
                return found
        return []

    def settle(self, cell: str) -> str:
        """A cell with the name of the file that it certainly means; else as it is."""
        found = self.find(cell)
        return found[0].name if len(found) == 1 else cell


@dataclass(frozen=True)
class ListRead:
    """A list that was handed in: its cells, what is wrong with the file itself, and headings that were left aside."""

    cells: list[dict[str, str]]
    faults: tuple[Fault, ...]
    aside: tuple[str, ...]


def read_list(name: str, data: bytes) -> ListRead:
    """The cells of a list that is handed in, line by line, with norm packs and profiles by their ids.

    Parameters
    ----------
    name, data
        Of the file: CSV, .xlsx or Parquet, at most `LARGEST_LIST_BYTES`; its headings as `liyi.core.list_headings`.

    Raises
    ------
    LiyiError
        When nothing of it can be read.
    """
    if len(data) > LARGEST_LIST_BYTES:
        raise LiyiError("{file} is too large for a list ({size_mb} MB at most): is it one?", file=name,
                        size_mb=LARGEST_LIST_BYTES // 1_000_000)  # fmt: skip
    found = list_file.rows_of(name, data, list_file.Columns(CELLS, required=("file",), aside=True))
    if len(found.rows) > MOST_LINES:
        raise LiyiError("{file} has {count} lines: a batch takes {most}.", file=name, count=len(found.rows),
                        most=MOST_LINES)  # fmt: skip
    as_text = (lambda text: text) if data.startswith(b"PK") else of_csv
    rows = [{column: as_text(text) for column, text in cells.items() if column in CELLS} for _, cells in found.rows]
    for cells in rows:
        cells |= {column: settled(column, text) for column, text in cells.items()}
    return ListRead(rows, found.faults, found.aside)


def settled(column: str, text: str) -> str:
    """A cell as it is kept: days as 2026-11-03, packs and profiles by their ids where their name says for certain."""
    if column == "consent_on":
        return day_of(text)
    if column == "norms":
        return packs_called().get(text, text)
    return _profiles_called().get(text, text) if column == PROFILE.name else text


def day_of(text: str) -> str:
    """A day as people and spreadsheets write it, such as 2026/11/3 or 2026年11月3日, as 2026-11-03; else the text."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return text
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return text


def _asks_consent(batch: Batch) -> bool:
    return batch.purpose is Purpose.examination


def _read(
    at: int, cells: Mapping[str, str], files: FilesByName, beside: Path, defaults: Defaults, told: list[Fault]
) -> Line | None:
    """The line of one row; what is wrong with it is added to ``told``, one fault a cell."""
    named, admitted = {}, {}
    for column, text in cells.items():
        try:
            admitted[column] = _admitted(column, text, files)
            named[admitted[column]] = text
        except LiyiError as error:
            told.append(Fault(at, column, Notice(error.sentence, error.fields)))
    wrong = {fault.key for fault in told}
    found: list[Fault] = []
    line = line_of(at, admitted, beside, defaults, found)
    told += [fault for fault in found if fault.key not in wrong]
    return line and replace(line, path=named.get(line.source, line.path))


def _admitted(column: str, text: str, files: FilesByName) -> str:
    """A cell as `liyi.batch.manifest` may read it: files in their places, nothing that names another path.

    Raises
    ------
    LiyiError
        When it means nothing that is allowed here.
    """
    if column not in CELLS:
        raise LiyiError(list_file.NO_COLUMN, **list_file.known_columns(CELLS))
    if column in FILES:
        return str(_place(text, files))
    if column == "norms":
        return _one_of(text, packs_called(), shown_zh="、".join(_pack_names()))
    if column == RECOGNISER.name:
        return _one_of(text, {name: name for name in (NO_RECOGNISER, *registry())})
    return text


def _place(text: str, files: FilesByName) -> Path:
    if server_folders.is_of_server(text):
        return server_folders.file_in(text)
    found = files.find(text)
    if not found:
        raise LiyiError("no file of this name was brought: bring it, or choose another one.")
    if len(found) > 1:
        raise LiyiError("several files have this name: choose one of {names}.",
                        names=", ".join(file.name for file in found[:_MOST_NAMED]))  # fmt: skip
    if not found[0].is_whole:
        raise LiyiError("this file has not arrived as a whole: bring it again.")
    return found[0].path


def _one_of(text: str, known: Mapping[str, str], *, shown_zh: str = "") -> str:
    if text not in known:
        shown = ", ".join(dict.fromkeys(known.values()))
        raise LiyiError(UNKNOWN_CHOICE, value=text, known=shown, known_zh=shown_zh or shown)
    return known[text]


@cache
def _pack_names() -> tuple[str, ...]:
    """The norm packs that ship, as Chinese readers know them."""
    return tuple(pack.name.zh or pack.id for pack in (load_pack(ref.id) for ref in list_packs()))


@cache
def _profiles_called() -> Mapping[str, str]:
    """Ids of profiles by their names, where one name stands for one id in all packs that ship."""
    ids = defaultdict[str, set[str]](set)
    for pack in (load_pack(ref.id) for ref in list_packs()):
        for id in pack.profiles:
            for called in (pack.profile_name(id, "zh"), pack.profile_name(id, "en")):
                ids[called].add(id)
    return {called: found.pop() for called, found in ids.items() if len(found) == 1}


def _person_faults(at: int, cell: str, called: Mapping[str, Sequence[UUID]]) -> list[Fault]:
    """A cell that names nobody for certain: several people, or nobody by an id."""
    people = called.get(cell, ())
    if len(people) > 1:
        return [Fault(at, "person", Notice("{count} people have this name: write the account or the id of the one who "
                                           "is meant.", {"count": len(people)}))]  # fmt: skip
    if not people and id_in(cell):
        return [Fault(at, "person", Notice("nobody whom you evaluate has this id."))]
    return []


def _twice(lines: Sequence[BatchLine], files: FilesByName) -> dict[int, list[Fault]]:
    """Cells that name a recording which the cell of another line names before, by line."""
    faults, first = defaultdict[int, list[Fault]](list), dict[str, int]()
    for at, line in enumerate(lines, start=1):
        for column in FILES:
            name = files.settle(line.cells.get(column, ""))
            if name and first.setdefault(name, at) != at:
                said = Notice("this recording stands in line {line} too.", {"line": first[name]})
                faults[at].append(Fault(at, column, said))
    return faults


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().replace("\\", "/").strip("/ ")


def _tails(name: str) -> set[str]:
    """What may stand for a file: the last parts of its name, with its ending and without."""
    parts = _plain(name).split("/")
    tails = {"/".join(parts[start:]) for start in range(len(parts))}
    return tails | {tail.rpartition(".")[0] for tail in tails if "." in tail.rpartition("/")[2].lstrip(".")}
