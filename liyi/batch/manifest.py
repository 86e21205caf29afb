"""What a batch is asked to do: paths, folders, globs, URLs and manifests become lines, one for each recording.

A manifest is a CSV or Parquet file with the column ``file`` and any of ``person``, ``cohort``, ``norms``, ``side`` (the
same performance from the side: a line of its own) and the names of `liyi.core.options`. What it leaves open, the
command says.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.batch.parquet import ParquetError, read_columns
from liyi.batch.source import find_sources, is_url
from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.options import EXEMPTIONS, PROFILE, OptionError, Options, known
from liyi.etiquette.judge import check_exemptions
from liyi.etiquette.norms import load_pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from liyi.etiquette.pack import NormPack

COLUMNS = ("file", "person", "cohort", "norms", "side", *(option.name for option in known().values()))
MANIFESTS = (".csv", ".parquet")
_DEFAULT = Options()


@dataclass(frozen=True)
class Line:
    """One recording to assess: ``path`` as it was named, ``source`` where it is (absolute path or URL), and how.

    The profile of ``options`` is named outright.
    """

    path: str
    source: str
    pack: NormPack
    options: Options
    person: str | None = None
    cohort: str | None = None


@dataclass(frozen=True)
class Defaults:
    """What the command says of recordings whose manifest says nothing."""

    norms: str = "counter"
    options: Options = _DEFAULT


class ManifestError(LiyiError):
    """A manifest that breaks the rules; ``faults`` holds every one of them, in the order of its lines."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = str(path)
        self.faults = tuple(faults)
        super().__init__("The manifest {file} was refused; mend and try again:\n{faults}", file=path.name,
                         faults="\n".join(fault.text for fault in faults))  # fmt: skip


def read_lines(paths: Sequence[str], defaults: Defaults) -> list[Line]:
    """The lines that a command's paths stand for, in their order; what is named twice at the command is taken once.

    Raises
    ------
    LiyiError
        When a path stands for nothing, or a manifest, norm pack or profile is refused.
    """
    pack = load_pack(defaults.norms)
    check_exemptions(pack, defaults.options.exemptions)
    options = _resolved(defaults.options, pack, Path())
    lines: dict[object, Line] = {}
    for path in paths:
        if Path(path).suffix.lower() in MANIFESTS and not is_url(path):
            manifest = Path(path)
            lines |= {(manifest.resolve(), at): line for at, line in enumerate(read_manifest(manifest, defaults))}
            continue
        for each in find_sources(path):
            source = _source(each)
            lines.setdefault(source, Line(each, source, pack, options))
    return list(lines.values())


def read_manifest(path: Path, defaults: Defaults) -> list[Line]:
    """The lines of one manifest; relative files and norm packs are looked for beside it.

    Raises
    ------
    ManifestError
        With every fault of the file.
    LiyiError
        When it cannot be read at all.
    """
    faults: list[Fault] = []
    rows = _parquet_rows(path) if path.suffix.lower() == ".parquet" else _csv_rows(path)
    lines = [line for at, cells in rows for line in _lines_of(at, cells, path.parent, defaults, faults)]
    if not lines and not faults:
        faults.append(Fault(1, "", Notice("there is no line with a recording in it.")))
    if faults:
        raise ManifestError(path, faults)
    return lines


def _lines_of(
    at: int, cells: Mapping[str, str], beside: Path, defaults: Defaults, faults: list[Fault]
) -> Iterator[Line]:  # fmt: skip
    """One line, and a second for its partner from the side."""
    file, side, options = cells.get("file", ""), cells.get("side", ""), defaults.options
    if not file:
        faults.append(Fault(at, "file", Notice("no recording is named.")))
    try:
        options = options.with_texts(cells)
    except OptionError as error:
        faults.append(Fault(at, error.name, Notice(error.sentence, error.fields)))
    norms = cells.get("norms") or defaults.norms
    pack_file = beside / norms
    column = "norms"
    try:
        pack = _pack(str(pack_file if cells.get("norms") and pack_file.is_file() else norms))
        column = PROFILE.name
        options = _resolved(options, pack, beside)
    except LiyiError as error:
        faults.append(Fault(at, column, Notice(error.sentence, error.fields)))
        return
    try:
        check_exemptions(pack, options.exemptions)
    except LiyiError as error:
        faults.append(Fault(at, EXEMPTIONS.name, Notice(error.sentence, error.fields)))
    person, cohort = cells.get("person") or None, cells.get("cohort") or None
    if side and options.camera == "auto":
        options = replace(options, camera="front")
    for name, chosen in ((file, options), (side, replace(options, camera="side"))):
        if name:
            yield Line(name, _source(name, beside), pack, chosen, person, cohort)


_pack = cache(load_pack)


def _resolved(options: Options, pack: NormPack, beside: Path) -> Options:
    """The options with their profile named, and with the place of the recogniser for whoever works elsewhere.

    Raises
    ------
    NormPackError
        When the pack has no such profile.
    """
    folder = beside / Path(options.recogniser or "").expanduser()
    placed = str(folder.absolute()) if options.recogniser and folder.is_dir() else options.recogniser
    return replace(options, profile=pack.profile_id(options.profile), recogniser=placed)


def _source(path: str, beside: Path | None = None) -> str:
    path = path.removeprefix("file://") if path.startswith("file:///") else path
    return path if is_url(path) else str(((beside or Path()) / path).absolute())


def _csv_rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        _check_columns(path, header)
        for row in reader:
            if any(cell.strip() for cell in row):
                _check_width(path, reader.line_num, row, header)
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in row), strict=False))
    except csv.Error as error:
        raise ManifestError(path, [Fault(reader.line_num, "", Notice("this is no CSV ({fault}).",
                                                                     {"fault": str(error)}))]) from error  # fmt: skip


def _text(path: Path) -> str:
    """The file's text: UTF-8 with or without its mark, else GB 18030, as Excel writes Chinese."""
    data = _bytes(path)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise LiyiError("The manifest {file} is neither UTF-8 nor GBK text: save it as CSV UTF-8.", file=path.name)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LiyiError("The manifest {file} cannot be read ({fault}): check its name and its permissions.",
                        file=path.name, fault=error.strerror or str(error)) from error  # fmt: skip


def _parquet_rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        columns = read_columns(io.BytesIO(_bytes(path)))
    except ParquetError as error:
        raise LiyiError("The manifest {file} is no Parquet file that can be read ({fault}): write it again.",
                        file=path.name, fault=str(error)) from error  # fmt: skip
    _check_columns(path, list(columns))
    for at, row in enumerate(zip(*columns.values(), strict=True), start=1):
        cells = zip(columns, row, strict=True)
        yield at, {name: "" if cell is None else str(cell).strip() for name, cell in cells}


def _check_columns(path: Path, header: Sequence[str]) -> None:
    known = ", ".join(COLUMNS)
    faults = [
        Fault(1, name, Notice("there is no such column: the columns are {known}.", {"known": known}))
        for name in header if name not in COLUMNS
    ]  # fmt: skip
    faults += [Fault(1, name, Notice("this column stands twice.")) for name in COLUMNS if header.count(name) > 1]
    if "file" not in header:
        faults.append(Fault(1, "file", Notice("this column, which names the recordings, is missing.")))
    if faults:
        raise ManifestError(path, faults)


def _check_width(path: Path, at: int, row: Sequence[str], header: Sequence[str]) -> None:
    if len(row) > len(header):
        raise ManifestError(path, [Fault(at, "", Notice("this line has {cells} cells and the header {columns}: put a "
                                                        "text that holds a comma in quotes.",
                                                        {"cells": len(row), "columns": len(header)}))])  # fmt: skip
