"""Recordings looked for in folders, by the ends of their names; what is passed over is counted, and told.

Links are followed, but no file is found twice and no folder searched twice. What systems keep for themselves and what
Liyi wrote are neither recordings nor left out.
"""

from __future__ import annotations

import os
import stat
from collections import Counter, deque
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from liyi.batch.outputs import OF_A_BATCH, OF_AN_AGREEMENT, SCORES_CSV
from liyi.core.names import readable_name
from liyi.core.words import N_, listed, translate
from liyi.media.kinds import PHOTO_SUFFIXES, SUFFIXES
from liyi.scoring.ownership import ASSESSMENT, RESULTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

MOST_KINDS, MOST_NAMES = 8, 5  # that one line tells; the rest is counted

# What stands in folders without anybody having put it there: caches, thumbnails, recycle bins; in lower case.
_OF_SYSTEMS = frozenset((
    "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "@eadir", "#recycle", "#snapshot", "@recycle",
    "@recently-snapshot", "$recycle.bin", "recycler", "recycled", "system volume information", "lost+found", "__macosx",
))  # fmt: skip
_HIDDEN = (".", "~$")  # so begin hidden names, AppleDouble's ``._x`` among them, and the locks of office programs


@dataclass
class LeftOut:
    """What a search passed over: files by suffix, folders that may not be read, links that lead nowhere.

    ``older`` are folders of results whose recordings count by newer ones; whoever reads results adds them.
    """

    passed: dict[str, str] = field(default_factory=dict)  # suffixes by file, so that none counts twice
    folders: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.total())

    @property
    def files(self) -> Counter[str]:
        """How many files by suffix."""
        return Counter(self.passed.values())

    def add(self, other: LeftOut) -> None:
        """Take in what another search passed over."""
        self.passed |= other.passed
        self.folders += [each for each in other.folders if each not in self.folders]
        self.links += [each for each in other.links if each not in self.links]
        self.older += [each for each in other.older if each not in self.older]

    def named(self, sources: Iterable[str]) -> None:
        """Count no file that was named by itself after all."""
        for source in sources:
            self.passed.pop(os.path.realpath(source), None)

    def total(self) -> int:
        """How many files, folders, links and older results."""
        return self.files.total() + len(self.folders) + len(self.links) + len(self.older)

    def text(self, lang: str) -> str:
        """One line, such as ``Left out: 17 files (.jpg 12, .docx 5), 1 folder that may not be read: NAME.``."""
        count = self.files.total()
        parts = [_counted(_FILES, count, lang, kinds=self._kinds(lang))] if count else []
        for said, names in ((_FOLDERS, self.folders), (_LINKS, self.links), (_OLDER, self.older)):
            if names:
                shown = listed([*names[:MOST_NAMES], *(["…"] if len(names) > MOST_NAMES else [])], lang)
                parts.append(_counted(said, len(names), lang, names=shown))
        told = translate("Left out: {what}.", lang, what=("；" if lang == "zh" else ", ").join(parts))
        photo = next((suffix for suffix in PHOTO_SUFFIXES if suffix in self.files), None)
        if photo is None:
            return told
        named = translate("Photos are taken only where they are named, such as 'DIR/*{suffix}'.", lang, suffix=photo)
        return told + ("" if lang == "zh" else " ") + named

    def _kinds(self, lang: str) -> str:
        most = sorted(self.files.items(), key=lambda kind: (-kind[1], kind[0]))
        shown = [f"{suffix or translate('without a suffix', lang)} {count}" for suffix, count in most[:MOST_KINDS]]
        if rest := sum(count for _, count in most[MOST_KINDS:]):
            shown.append(translate("others {count}", lang, count=rest))
        return listed(shown, lang)


_FILES = (N_("1 file ({kinds})"), N_("{count} files ({kinds})"))
_FOLDERS = (N_("1 folder that may not be read: {names}"), N_("{count} folders that may not be read: {names}"))
_LINKS = (N_("1 link that leads nowhere: {names}"), N_("{count} links that lead nowhere: {names}"))

_OLDER = (
    N_("1 result of a recording that counts by a newer one: {names}"),
    N_("{count} results of recordings that count by newer ones: {names}"),
)


def _counted(said: tuple[str, str], count: int, lang: str, **fields: str) -> str:
    return translate(said[count > 1], lang, count=count, **fields)


def is_passed_over(name: str) -> bool:
    """Whether a file or folder of this name is hidden, or a system's own."""
    return name.startswith(_HIDDEN) or name.lower() in _OF_SYSTEMS


def recordings_below(folder: Path, left_out: LeftOut) -> list[str]:
    """The recordings in a folder and in those below it, by name."""
    return recordings_of(files_below(folder, left_out), left_out)


def recordings_of(files: Iterable[str], left_out: LeftOut, suffixes: Collection[str] = SUFFIXES) -> list[str]:
    """Those of the files that are recordings by their names, by name; of one file with several names one."""
    found: dict[str, str] = {}
    for file in sorted(files, key=lambda file: (os.path.islink(file), file)):  # rather the file than a link to it
        found.setdefault(os.path.realpath(file), file)
    return sorted(file for file in found.values() if _is_recording(file, left_out, suffixes))


def named_by(pattern: str) -> tuple[str, ...]:
    """Suffixes that a glob takes: photos only where it says how names end, as most folders are full of pictures."""
    ending = PurePosixPath(pattern.replace(os.sep, "/")).suffix
    return SUFFIXES if ending in ("", ".*") else SUFFIXES + PHOTO_SUFFIXES


def _is_recording(name: str, left_out: LeftOut, suffixes: Collection[str]) -> bool:
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in suffixes:
        left_out.passed[os.path.realpath(name)] = readable_name(suffix)
    return suffix in suffixes


def files_below(folder: Path, left_out: LeftOut, *, results: bool = False) -> Iterator[str]:
    """Every file below a folder, through links and in no certain order, but systems' own and Liyi's ``results``.

    A linked folder that holds the one which is searched is a loop, and left alone.
    """
    top = folder.resolve()
    loops = {_identity(os.stat(each)) for each in (top, *top.parents)}
    seen: set[tuple[int, int]] = set()
    real, linked = deque([str(folder)]), deque[str]()
    while real or linked:  # linked ones last: what can be found without a link is found so
        here = real.popleft() if real else linked.popleft()
        name = readable_name(os.path.relpath(here, folder)) if here != str(folder) else readable_name(here)
        try:
            identity = _identity(os.stat(here))
            if identity in seen:
                continue
            seen.add(identity)
            with os.scandir(here) as entries:
                present = [each for each in entries if not is_passed_over(each.name)]
        except OSError:
            left_out.folders.append(name)
            continue
        own = set() if results else _own_names({each.name for each in present})
        for entry in sorted(present, key=lambda each: each.name):
            kind = _kind(entry)
            if kind is None:
                left_out.links += [readable_name(os.path.relpath(entry.path, folder))] * entry.is_symlink()
            elif stat.S_ISREG(kind.st_mode):
                if entry.name not in own:
                    yield entry.path
            elif stat.S_ISDIR(kind.st_mode) and not (entry.is_symlink() and _identity(kind) in loops):
                (linked if entry.is_symlink() else real).append(entry.path)


def _own_names(names: set[str]) -> set[str]:
    """Those of the names in a folder that are results of Liyi's."""
    results = set(RESULTS) if ASSESSMENT in names else set()
    return results | ({*OF_A_BATCH, *OF_AN_AGREEMENT} if SCORES_CSV in names else set())


def _kind(entry: os.DirEntry[str]) -> os.stat_result | None:
    """What an entry is, through links; None for a link that leads nowhere, and for what went meanwhile."""
    try:
        return os.stat(entry.path)
    except OSError:
        return None


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def recordings_at(system: Any, path: str, left_out: LeftOut) -> list[str]:
    """The recordings below a folder of an fsspec file system, as it names them."""
    from fsspec.spec import AbstractFileSystem

    find = system.find
    if type(system).find is AbstractFileSystem.find:  # which walks, and else would pass over what may not be read
        find = partial(find, on_error=lambda error: left_out.folders.append(_folder_of(error)))
    return among(find(path), path, left_out)


def _folder_of(error: OSError) -> str:
    return PurePosixPath(str(error.filename or (error.args or ["?"])[-1])).name


def among(
    hits: Iterable[str], below: str, left_out: LeftOut, suffixes: Collection[str] = SUFFIXES
) -> list[str]:  # fmt: skip
    """Those of the files that a file system named which are recordings, and neither hidden nor a system's."""
    start = len(PurePosixPath(below).parts)
    files = [hit for hit in hits if not any(map(is_passed_over, PurePosixPath(hit).parts[start:]))]
    together: dict[PurePosixPath, set[str]] = {}
    for file in files:
        together.setdefault(PurePosixPath(file).parent, set()).add(PurePosixPath(file).name)
    own = {folder: _own_names(names) for folder, names in together.items()}
    return [
        file
        for file in files
        if PurePosixPath(file).name not in own[PurePosixPath(file).parent] and _is_recording(file, left_out, suffixes)
    ]
