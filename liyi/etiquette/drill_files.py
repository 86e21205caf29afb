"""Files of drills read whole or refused whole: every fault at once, each with its line, its key and what is wrong.

What belongs here: the rules that a drill must keep beyond its shape (a pack and a profile that exist, criteria that can
be seen from its camera and judged while one practises, bands inside one another).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from liyi.core.errors import Fault, Notice
from liyi.etiquette import drill_example
from liyi.etiquette.drill_shape import LONGEST_S, SHORTEST_S, STAND_INS, Drill, DrillTable
from liyi.etiquette.norms import NormPackError, load_pack
from liyi.etiquette.pack import Criterion, NormPack
from liyi.etiquette.pack_faults import criterion_problems, syntax_fault, text_of
from liyi.etiquette.pack_lines import key_lines, line_of
from liyi.etiquette.pack_shapes import Problem, read_table, unknown
from liyi.etiquette.performance import measures

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liyi.core.measure import Measure
    from liyi.etiquette.pack_shapes import Table

_FIGURES = Path(__file__).parent / "figures.toml"
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # as the records keep it
MOST_REPEATS = 20


def read_drills(data: bytes, folder: Path | None = None) -> tuple[Drill, ...] | list[Fault]:
    """The drills that a file's bytes hold, or all of its faults in the order of their lines.

    Parameters
    ----------
    data
        The file.
    folder
        Where it lies; a demonstration and an example are looked for there, and packs that are named as files.
    """
    text = text_of(data)
    if isinstance(text, Fault):
        return [text]
    try:
        raw = tomllib.loads(text)
        problems: list[Problem] = []
        drills = tuple(_built(raw, folder, problems))
        if not problems:
            return drills
        lines = key_lines(text)
    except ValueError as error:
        return [syntax_fault(text, error)]
    except RecursionError:
        return [Fault(1, "", Notice("The tables or lists stand too deep inside one another: these are no drills."))]
    faults = [Fault(line_of(lines, found.path), ".".join(found.path), found.notice) for found in problems]
    return sorted(faults, key=lambda fault: (fault.line, fault.key))


def _built(raw: dict[str, Any], folder: Path | None, problems: list[Problem]) -> Iterator[Drill]:
    for key in raw:
        if key != "drills":
            problems.append(Problem((key,), unknown(key, ("drills",))))
    tables = raw.get("drills", {})
    if not isinstance(tables, dict) or not tables:
        problems.append(Problem(("drills",), Notice("The file has no [drills.…] table.")))
        return
    for id, table in tables.items():
        at = ("drills", id)
        if not isinstance(table, dict):
            problems.append(Problem(at, Notice("Expected a table [{section}.…].", {"section": "drills"})))
            continue
        read = read_table(DrillTable, table, at, problems, stand_ins=STAND_INS)
        told = read.part
        problems += [Problem((*at, *found.path), found.notice) for found in _problems(id, read, table, folder)]
        yield Drill(
            id, told.title, told.module, told.what, told.why, told.say, told.seconds, told.repeats, told.camera,
            told.distance, told.profile, told.pack, told.criteria, told.bands, told.figure, told.helps, folder,
            told.example,
        )  # fmt: skip


def _problems(id: str, read: Table[DrillTable], raw: dict[str, Any], folder: Path | None) -> Iterator[Problem]:
    told = read.part
    if not _ID.fullmatch(id):
        yield Problem((), Notice("A drill's id has at most 64 lower-case letters, digits, _ and -."))
    for key in {"title", "what", "why"} - read.broken:
        if not (getattr(told, key).zh or getattr(told, key).en):
            yield Problem((key,), Notice("Write it in zh or en."))
    if told.say is not None and not (told.say.zh or told.say.en):
        yield Problem(("say",), Notice("Write it in zh or en."))
    if "seconds" not in read.broken and not SHORTEST_S <= told.seconds <= LONGEST_S:
        about = {"least": round(SHORTEST_S), "most": round(LONGEST_S)}
        yield Problem(("seconds",), Notice("A take lasts from {least} to {most} seconds.", about))
    if not 1 <= told.repeats <= MOST_REPEATS:
        yield Problem(("repeats",), Notice("From 1 to {most} takes are meant.", {"most": MOST_REPEATS}))
    if told.figure and told.figure not in figures():
        yield Problem(("figure",), unknown(told.figure, figures()))
    if told.camera == "none" and told.distance == "far":
        yield Problem(("distance",), Notice("What is only heard is practised near the microphone: write near."))
    if told.example and (refused := drill_example.refusal(told.example, folder)):
        yield Problem(("example",), refused)
    yield from _judging(read, raw, folder)


def _judging(read: Table[DrillTable], raw: dict[str, Any], folder: Path | None) -> Iterator[Problem]:
    """What is wrong with the pack, the profile, and the criteria with their bands."""
    told = read.part
    pack = pack_named(told.pack, folder)
    if pack is None:
        yield Problem(("pack",), Notice("There is no norm pack {name} that can be read.", {"name": told.pack}))
        return
    if "profile" not in read.broken and told.profile not in pack.profiles:
        yield Problem(("profile",), unknown(told.profile, pack.profiles))
    if "criteria" not in read.broken and not told.criteria:
        yield Problem(("criteria",), Notice("Name at least one criterion."))
    yield from _names(told, pack)
    for id in told.criteria:
        if id not in pack.criteria and id not in told.bands:
            yield Problem(("criteria",), unknown(id, pack.criteria))
            continue
        found: list[Problem] = []
        table = read_table(Criterion, merged(pack, id, told.bands.get(id, {})), ("bands", id), found)
        found += [Problem(("bands", id, *each.path), each.notice) for each in criterion_problems(table, pack.phrases)]
        yield from found
        measure = measures().get(table.part.measure)
        if measure is not None:
            yield from _unfit(id, measure, told)


def _names(told: DrillTable, pack: NormPack) -> Iterator[Problem]:
    """Criteria that are named beside those that judge, and are not there."""
    for id in told.bands:
        if id not in told.criteria:
            yield Problem(("bands", id), unknown(id, told.criteria))
    for id in told.helps:
        if id not in pack.criteria:
            yield Problem(("helps",), unknown(id, pack.criteria))


def _unfit(id: str, measure: Measure[Any], told: DrillTable) -> Iterator[Problem]:
    """Why a criterion cannot be judged in this drill."""
    if measure.by_picture and told.camera not in measure.cameras:
        about = {"measure": measure.id, "camera": told.camera}
        yield Problem(("criteria",), Notice("{measure} can never be seen in a drill with camera {camera}.", about))
    if measure.of == "performance" or measure.id in NOT_LIVE:
        said = Notice("{id} cannot be judged while one practises: it waits for the report.", {"id": id})
        yield Problem(("criteria",), said)
    elif "phrases" in measure.params and told.say is None:
        said = Notice("{id} is judged by words: give a text to read aloud (say).", {"id": id})
        yield Problem(("criteria",), said)


# What is measured by the mesh of the face, against all that was said, or against a voice heard before: none of them is
# there while one practises. What hears words then listens for the drill's text alone, and so for nothing to avoid.
NOT_LIVE = frozenset((
    *("head_turn", "head_pitch", "face_toward", "articulation_disagreement", "weak_voice"),
    *("forbidden_phrases", "jargon", "lexical_fillers", "nin_ratio"),
))  # fmt: skip


def merged(pack: NormPack, id: str, changes: dict[str, Any] | Any) -> dict[str, Any]:
    """The pack's criterion ``id``, if it has one, with the changes laid over it, as a table."""
    kept: dict[str, Any] = {}
    if id in pack.criteria:
        # As it stands in a file: what is exported holds tuples, which a strict table takes as well.
        kept = pack.criteria[id].model_dump(exclude_defaults=True)
    return {**kept, **changes}


def pack_named(name: str, folder: Path | None) -> NormPack | None:
    """The pack that a drill names: one that ships, or a file beside the drill's; None where it cannot be read."""
    try:
        return _pack(name)
    except NormPackError:
        pass
    if folder is None or Path(name).name != name:
        return None
    try:
        return load_pack(folder / name)
    except NormPackError:
        return None


@cache
def _pack(name: str) -> NormPack:
    """A pack that ships: it does not change while the program runs."""
    if not re.fullmatch(r"[a-z0-9_-]+", name):
        raise NormPackError("There is no norm pack {name} that can be read.", name=name)
    return load_pack(name)


@cache
def figures() -> dict[str, dict[str, Any]]:
    """The line figures that ship, by id, as their file has them."""
    return tomllib.loads(_FIGURES.read_text(encoding="utf-8"))
