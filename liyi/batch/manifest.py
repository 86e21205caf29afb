"""What a batch is asked to do: paths, folders, globs, URLs and manifests become lines, one for each recording.

A manifest is a list (`liyi.core.list_file`) with the column ``file`` and any of ``person``, ``cohort``, ``norms``,
``side`` (the same performance from the side, for the same line) and the names of `liyi.core.options`. What it leaves
open, the command says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.batch.partners import paired
from liyi.batch.search import LeftOut
from liyi.batch.source import NOTHING, find_sources, glob_here, is_glob, is_url, require_there
from liyi.core import list_file
from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.file_url import local_path
from liyi.core.list_headings import CONSENT, known_value
from liyi.core.options import EXEMPTIONS, PROFILE, Option, OptionError, Options, known
from liyi.etiquette.judge import check_exemptions
from liyi.etiquette.norms import list_packs, load_pack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from liyi.etiquette.pack import NormPack

COLUMNS = ("file", "person", "cohort", "norms", "side", *(option.name for option in known().values()))
_LIST = list_file.Columns((*COLUMNS, *CONSENT), required=("file",))  # a list of the browser is read here too
_DEFAULT = Options()


@dataclass(frozen=True)
class Line:
    """One recording to assess: ``path`` as it was named, ``source`` where it is (absolute path or URL), and how.

    The profile of ``options`` is named outright. ``side`` is where its partner from the side is.
    """

    path: str
    source: str
    pack: NormPack
    options: Options
    person: str | None = None
    cohort: str | None = None
    side: str | None = None


@dataclass(frozen=True)
class Defaults:
    """What the command says of recordings whose manifest says nothing.

    ``side_ending`` is how names of recordings from the side end that paths stand for (`liyi.batch.partners`).
    """

    norms: str = "counter"
    options: Options = _DEFAULT
    side_ending: str = ""


class ManifestError(LiyiError):
    """A manifest that breaks the rules; ``faults`` holds them in the order of its lines."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = str(path)
        self.faults = list_file.limit_faults(faults)
        super().__init__("The manifest {file} was refused; mend and try again:\n{faults}", file=path.name,
                         faults="\n".join(fault.text for fault in self.faults))  # fmt: skip


def read_lines(paths: Sequence[str], defaults: Defaults, left_out: LeftOut | None = None) -> list[Line]:
    """The lines that a command's paths stand for, in their order; what is named twice at the command is taken once.

    What folders and globs hold beside recordings is added to ``left_out``.

    Raises
    ------
    LiyiError
        When a path stands for nothing, or a manifest, norm pack or profile is refused.
    """
    pack = load_pack(defaults.norms)
    check_exemptions(pack, defaults.options.exemptions)
    options = _resolved(defaults.options, pack, Path())
    lines: dict[object, Line] = {}
    left_out = LeftOut() if left_out is None else left_out
    for path in map(local_path, paths):
        if Path(path).suffix.lower() in list_file.SUFFIXES and not is_url(path):
            for manifest in map(Path, glob_here(path) if is_glob(path) else [path]):
                read = enumerate(read_manifest(manifest, defaults))
                lines |= {(manifest.resolve(), at): line for at, line in read}
            continue
        for each in find_sources(path, left_out):
            source = _source(each)
            lines.setdefault(source if is_url(source) else os.path.realpath(source), Line(each, source, pack, options))
    if not lines:
        raise LiyiError(NOTHING, path=", ".join(paths))
    left_out.named(line.source for line in lines.values())
    if not defaults.side_ending:
        return list(lines.values())
    listed = [line for key, line in lines.items() if not isinstance(key, str)]
    return listed + paired([line for key, line in lines.items() if isinstance(key, str)], defaults.side_ending)


def read_manifest(path: Path, defaults: Defaults) -> list[Line]:
    """The lines of one manifest; relative files and norm packs are looked for beside it.

    Raises
    ------
    ManifestError
        With every fault of the file.
    LiyiError
        When it cannot be read at all.
    """
    require_there(str(path))
    read = list_file.read_list(path, _LIST)
    faults = list(read.faults)
    found = [line_of(at, cells, path.parent, defaults, faults) for at, cells in read.rows]
    lines = [line for line in found if line is not None]
    if not lines and not faults:
        faults.append(Fault(1, "", Notice("there is no line with a recording in it.")))
    if faults:
        raise ManifestError(path, sorted(faults, key=lambda fault: fault.line))
    return lines


def line_of(
    at: int, cells: Mapping[str, str], beside: Path, defaults: Defaults, faults: list[Fault]
) -> Line | None:  # fmt: skip
    """One line of a list; what is wrong with its cells is added to ``faults``."""
    file, side, options = cells.get("file", ""), cells.get("side", ""), defaults.options
    if not file:
        faults.append(Fault(at, "file", Notice("no recording is named.")))
    for option in _options_in(cells):
        try:
            options = options.with_texts({option.name: known_value(option.name, cells.get(option.name, ""))})
        except OptionError as error:
            faults.append(Fault(at, error.name, Notice(error.sentence, error.fields)))
    norms = cells.get("norms") or defaults.norms
    is_file = bool(cells.get("norms")) and (beside / norms).is_file()
    column = "norms"
    try:
        pack = _pack(str(beside / norms) if is_file else packs_called().get(norms, norms))
        column = PROFILE.name
        options = _resolved(options, pack, beside)
    except LiyiError as error:
        faults.append(Fault(at, column, Notice(error.sentence, error.fields)))
        return None
    try:
        check_exemptions(pack, options.exemptions)
    except LiyiError as error:
        faults.append(Fault(at, EXEMPTIONS.name, Notice(error.sentence, error.fields)))
    person, cohort = cells.get("person") or None, cells.get("cohort") or None
    sources = {
        column: _source_at(at, column, name, beside, faults) for column, name in (("file", file), ("side", side))
    }
    if sources["file"] is None:
        return None
    if sources["file"] == sources["side"]:
        faults.append(Fault(at, "side", Notice("it is the recording itself: name the one from the other camera.")))
    return Line(file, sources["file"], pack, options, person, cohort, sources["side"])


def _source_at(at: int, column: str, name: str, beside: Path, faults: list[Fault]) -> str | None:
    try:
        return _source(name, beside) if name else None
    except LiyiError as error:
        faults.append(Fault(at, column, Notice(error.sentence, error.fields)))
        return None


def _options_in(cells: Mapping[str, str]) -> list[Option]:
    """The options of which a line says something."""
    return [option for option in known().values() if cells.get(option.name)]


_pack = cache(load_pack)


@cache
def packs_called() -> Mapping[str, str]:
    """Ids of the norm packs that ship, by what a cell may call them."""
    packs = [load_pack(ref.id) for ref in list_packs()]
    return {called: pack.id for pack in packs for called in (pack.name.zh, pack.name.en, pack.id) if called}


def _resolved(options: Options, pack: NormPack, beside: Path) -> Options:
    """The options with their profile named, and with the place of the recogniser for whoever works elsewhere.

    Raises
    ------
    NormPackError
        When the pack has no such profile.
    """
    placed = options.recogniser
    if placed and os.path.isdir(folder := os.path.join(beside, os.path.expanduser(placed))):
        placed = os.path.abspath(folder)
    return replace(options, profile=pack.profile_id(options.profile), recogniser=placed)


def _source(path: str, beside: Path | None = None) -> str:
    path = local_path(path)
    return path if is_url(path) else str(((beside or Path()) / path).absolute())
