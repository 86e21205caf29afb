"""Drills (练习科目): those that ship, those of the unit, by which criteria each is judged, and when one has passed.

A unit's own drills lie in the folder that ``LIYI_DRILLS`` names; one with the id of a shipped drill takes its place. A
file of it with a fault is left out until it is mended (``liyi drills check FILE`` says where).
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from liyi.core import logs
from liyi.core.errors import Fault, LiyiError, Notice
from liyi.core.reasons import Reason
from liyi.core.words import pick
from liyi.etiquette import drill_example
from liyi.etiquette.drill_files import merged, pack_named, read_drills
from liyi.etiquette.drill_shape import MODULES, Drill
from liyi.etiquette.pack import Criterion, NormPack, Profile
from liyi.etiquette.pack_faults import LARGEST_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from liyi.etiquette.assessment import Verdict

__all__ = [
    "MODULES",
    "BrokenDrillsError",
    "Drill",
    "all_drills",
    "check_drills",
    "demonstration",
    "drill_named",
    "drills_for",
    "faulty_files",
    "is_good",
    "pack_of",
    "passed",
    "spoken_language",
    "unit_folder",
]

FOLDER = "LIYI_DRILLS"
_SHIPPED = Path(__file__).parent / "drills"
_SOUNDING = (".mp4", ".webm", ".m4a", ".wav", ".mp3", ".ogg")
_SEEN = frozenset((".mp4", ".webm"))
_Beside = tuple[tuple[str, int, int], ...]  # name, time of the last change, size


class BrokenDrillsError(LiyiError):
    """A file of drills that breaks the rules; ``faults`` holds every one of them, in the order of the file's lines."""

    def __init__(self, path: Path, faults: Sequence[Fault]) -> None:
        self.path = str(path)
        self.faults = tuple(faults)
        super().__init__(
            "The file of drills {file} was refused; mend and try again:\n{faults}",
            file=path.name,
            faults="\n".join(fault.text for fault in faults),
        )


def all_drills() -> Mapping[str, Drill]:
    """Every drill by its id: those that ship, then those of the unit."""
    found = {drill.id: drill for drill in _shipped()}
    for path in _unit_files():
        read = _read_or_refused(path)
        if isinstance(read, tuple):
            found |= {drill.id: drill for drill in read}
        else:
            logs.event("drills_refused", count=len(read), cause=read[0].key)
    return found


def drills_for(criterion: str) -> tuple[Drill, ...]:
    """The drills in which this criterion is practised: first those that are chiefly about it."""
    about = [drill for drill in all_drills().values() if criterion in (*drill.criteria, *drill.helps)]
    return tuple(sorted(about, key=lambda drill: (*drill.criteria, *drill.helps).index(criterion)))


def drill_named(id: str) -> Drill:
    """The drill of this id; raises LiyiError when there is none."""
    drills = all_drills()
    if id not in drills:
        raise LiyiError("There is no drill {id}: choose one of {drills}.", id=id, drills=", ".join(drills))
    return drills[id]


def check_drills(path: Path) -> tuple[Drill, ...]:
    """Read a file of drills.

    Raises
    ------
    BrokenDrillsError
        With every fault of the file.
    LiyiError
        When it cannot be read.
    """
    try:
        read = _read(path)
    except OSError as error:
        raise LiyiError(
            "The file of drills {file} cannot be read ({why}): check the file and its permissions.",
            file=path.name,
            why=error.strerror or str(error),
        ) from error
    if isinstance(read, tuple):
        return read
    raise BrokenDrillsError(path, read)


def faulty_files() -> tuple[str, ...]:
    """Names of the unit's files that were left out because of a fault."""
    return tuple(path.name for path in _unit_files() if not isinstance(_read_or_refused(path), tuple))


def unit_folder() -> Path | None:
    """The folder with the unit's own drills and demonstrations; None where none is named or there."""
    named = os.environ.get(FOLDER)
    return Path(named) if named and os.path.isdir(named) else None


def demonstration(drill: Drill) -> Path | None:
    """The unit's own recording that shows the drill; None without one.

    Its example, where it names one; else a file of the unit's folder that is named after it.
    """
    if drill.example and drill.folder is not None:
        named = drill.folder / drill.example
        return named if named.is_file() else None
    folder = unit_folder()
    files = (folder / f"{drill.id}{suffix}" for suffix in _SOUNDING) if folder else ()
    return next((file for file in files if file.is_file()), None)


def is_seen(recording: Path, drill: Drill) -> bool:
    """Whether a drill's demonstration has a picture; an example is only heard."""
    return not drill.example and recording.suffix in _SEEN


def pack_of(drill: Drill) -> NormPack:
    """The drill's pack with nothing in its profile but the drill's criteria, and with the drill's own bands.

    Raises
    ------
    LiyiError
        When the pack cannot be read any more.
    """
    pack = pack_named(drill.pack, drill.folder)
    if pack is None:
        raise LiyiError("There is no norm pack {name} that can be read.", name=drill.pack)
    criteria = {id: Criterion.model_validate(merged(pack, id, drill.bands.get(id, {}))) for id in drill.criteria}
    weights = {id: float(c.kind == "quality" and not c.review) for id, c in criteria.items()}
    name = pack.profiles[drill.profile].name if drill.profile in pack.profiles else drill.title
    profile = Profile(name=name, camera=drill.camera, weights=weights)
    return pack.model_copy(update={"criteria": criteria, "profiles": {drill.profile: profile}, "caps": ()})


def spoken_language(drill: Drill, lang: str) -> str:
    """The language in which the drill is spoken: that of the text as it is shown, else the page's own.

    Parameters
    ----------
    lang
        Of the page, ``zh`` or ``en``.
    """
    text = pick(drill.say, lang) if drill.say else ""
    return "zh" if any("\u4e00" <= sign <= "\u9fff" for sign in text) else lang


def passed(verdicts: Iterable[Verdict], pack: NormPack) -> bool:
    """Whether a try is as good as its criteria ask: each of them assessed, and within its good band.

    A hint (filled pauses) that found something waits for nobody here: its number must lie within the band. What is not
    judged in the language that was spoken counts neither way.
    """
    told = [verdict for verdict in verdicts if verdict.reason not in (Reason.LANGUAGE, Reason.EXEMPT)]
    return bool(told) and all(is_good(verdict, pack) for verdict in told)


def is_good(verdict: Verdict, pack: NormPack) -> bool:
    """Whether a criterion is good by the pack's rule and its value within the plain band, not widened by the error.

    The rougher the live model sees, the wider the band that the judge forgives, and the more time lies in it: neither
    what lies in what was forgiven nor a share of the time that may be too small within its error is praised.
    """
    criterion = pack.criteria[verdict.criterion]
    low, high = criterion.good
    value = verdict.value if verdict.typical is None else verdict.typical
    if value is None or not low <= value <= high:
        return False
    if criterion.share is not None and (verdict.value or 0.0) - (verdict.error or 0.0) < criterion.share.good:
        return False
    hint = verdict.status == "needs_review" and verdict.reason == Reason.HUMAN_DECIDES
    return hint or (verdict.status == "assessed" and verdict.sub_score is not None and verdict.sub_score >= 1)


@cache
def _shipped() -> tuple[Drill, ...]:
    found: list[Drill] = []
    for path in sorted(_SHIPPED.glob("*.toml")):
        found += check_drills(path)
    return tuple(found)


def _unit_files() -> list[Path]:
    folder = unit_folder()
    return sorted(folder.glob("*.toml")) if folder else []


def _read_or_refused(path: Path) -> tuple[Drill, ...] | list[Fault]:
    """A unit's file; no drills where it is a pack that its drills name, a fault where it cannot be read at all."""
    try:
        read = _read(path)
    except OSError as error:
        return [Fault(1, "", Notice("The file cannot be read ({why}).", {"why": error.strerror or str(error)}))]
    return () if isinstance(read, list) and _is_pack(path.name, path.parent, _beside(path.parent)) else read


def _read(path: Path) -> tuple[Drill, ...] | list[Fault]:
    with path.open("rb") as file:
        return _of_bytes(file.read(LARGEST_BYTES + 1), path.parent, _beside(path.parent))


@lru_cache(maxsize=64)
def _of_bytes(data: bytes, folder: Path, _beside: _Beside) -> tuple[Drill, ...] | list[Fault]:
    """A file is read again at every page: only one that changed, or lies beside one that did, costs anything."""
    return read_drills(data, folder)


@lru_cache(maxsize=64)
def _is_pack(name: str, folder: Path, _beside: _Beside) -> bool:
    return pack_named(name, folder) is not None


def _beside(folder: Path) -> _Beside:
    """By what it shows that a file changed: packs that judge drills, and sounds that show them, lie beside them."""
    found = []
    for path in sorted(folder.glob("*")):
        if not path.name.lower().endswith((".toml", *drill_example.SUFFIXES)):
            continue
        with suppress(OSError):
            status = path.stat()
            found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)
