"""The tables of a norm pack read one by one: what is wrong with a table's shape, and what can still be used of it.

What belongs here: pydantic's findings turned into sentences that somebody who edits a text file understands. A table
with a fault is mended with stand-ins, so that its other keys are still checked and every fault is told at once.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from liyi.core.errors import Notice
from liyi.core.options import UNKNOWN_CHOICE
from liyi.core.words import N_
from liyi.etiquette.pack import Cap, Criterion, PackHeader, Profile
from liyi.etiquette.pack_phrases import ListedAllowance, ListedPhrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from liyi.etiquette.pack_lines import KeyPath

Model = TypeVar("Model", bound=BaseModel)
Place = tuple[str | int, ...]  # where pydantic found a fault: key, then place in a list or key of a table

_STAND_INS: dict[type[BaseModel], dict[str, Any]] = {
    PackHeader: {"id": "x", "version": "0.0.0", "coverage_floor": 0},
    Profile: {"camera": "both", "weights": {}},
    Criterion: {
        "measure": "",
        "aggregate": "value",
        "dimension": "",
        "good": (0, 0),
        "tolerable": (0, 0),
        "fail": (0, 0),
        "confidence": "L",
        "source": {},
        "advice": {},
    },
    ListedPhrase: {"id": "x", "text": "x", "source": {}},
    ListedAllowance: {"kind": "before", "patterns": ("x",)},
}

_EXPECTED = {
    "string": N_("a text in quotes"),
    "float": N_("a number"),
    "finite": N_("a finite number"),
    "bool": N_("true or false"),
    "tuple": N_("a list"),
    "dict": N_("a table"),
    "model": N_("a table"),
    "missing": N_("two numbers, [low, high]"),  # the only lists of a fixed length are bands
    "too": N_("two numbers, [low, high]"),
    "greater": N_("a number that is not negative"),
    "less": N_("a smaller number (a floor is at most 1, a percentage at most 100)"),
    "string_pattern_mismatch": N_("lower-case letters and digits (id), or three numbers as in 1.0.0 (version)"),
}


@dataclass(frozen=True)
class Problem:
    """One fault before its line is known: the key and what is wrong."""

    path: KeyPath
    notice: Notice


@dataclass(frozen=True)
class Table(Generic[Model]):
    """A table as far as it could be read; the keys in ``broken`` hold stand-ins, or what in them is sound."""

    part: Model
    broken: frozenset[str]


def read_table(
    model: type[Model],
    raw: Mapping[str, Any],
    at: KeyPath,
    problems: list[Problem],
    *,
    known: Iterable[str] = (),
    stand_ins: Mapping[str, Any] | None = None,
) -> Table[Model]:
    """Read one table; add what is wrong with it to ``problems``.

    ``at`` is the table's own path; ``known`` names keys beside the model's fields that a mistyped key may have meant;
    ``stand_ins`` are for the keys without a default of a table that no pack has.
    """
    try:
        return Table(model.model_validate(raw), frozenset())
    except ValidationError as error:
        faults = error.errors(include_url=False)
    names = {*model.model_fields, *known}
    for fault in faults:
        counted = fault["loc"][:1] == ("caps",)  # the only list of tables: which of them is part of the path
        path = tuple(str(step) for step in fault["loc"] if isinstance(step, str) or counted)
        problems.append(Problem((*at, *path), _notice(fault, path, names)))
    places = {fault["loc"] for fault in faults}
    broken = frozenset(str(place[0]) for place in places)
    kept = {key: value for key, value in raw.items() if key in model.model_fields and key not in broken}
    kept |= {key: value for key in broken if (value := _sound_part(model, key, raw.get(key), places))}
    mended = _STAND_INS[model] if stand_ins is None else stand_ins
    return Table(model.model_validate({**mended, **kept}), broken)


def _sound_part(model: type[BaseModel], key: str, value: Any, places: Iterable[Place]) -> Any:
    """What of a broken key can still be checked: the other texts of a list, the other entries of a table, red lines.

    So ``patterns = ["等着", 3, "(等"]`` has two faults at once. None where nothing is left, as of a band.
    """
    inner = {place[1] for place in places if place[0] == key and len(place) > 1}
    if not inner:
        return None
    if model is PackHeader and key == "caps":
        return [_mended_cap(cap, {place[2:3] for place in places if place[:2] == (key, at)})
                for at, cap in enumerate(value)]  # fmt: skip
    if model is PackHeader and key == "dimensions":  # their names stay known
        return {id: {} if id in inner else words for id, words in value.items()}
    if model is Profile and key in ("weights", "dimensions"):
        return {id: number for id, number in value.items() if id not in inner}
    if isinstance(value, list):
        sound = [each for at, each in enumerate(value) if at not in inner]
        return sound if all(isinstance(each, str) for each in sound) else None
    return None


def _mended_cap(cap: Any, broken: set[Place]) -> Any:
    """A red line with stand-ins for what is broken of it; it keeps its place in the list."""
    if not broken:
        return cap
    sound = {key: value for key, value in cap.items() if (key,) not in broken and key in Cap.model_fields} if (
        isinstance(cap, dict)) else {}  # fmt: skip
    if ("criteria",) in broken:
        sound.pop("when", None)  # it may ask for criteria
    return {"when": "beyond_tolerable", "total": 0, **sound}


def unknown(name: str, known: Iterable[str]) -> Notice:
    """Say that ``name`` is not among ``known``, and which of them was probably meant."""
    near = difflib.get_close_matches(name, list(known), n=1)
    if near:
        return Notice("{name} is not known here; did you mean {near}?", {"name": name, "near": near[0]})
    return Notice("{name} is not known here.", {"name": name})


def _notice(fault: Any, path: KeyPath, names: Iterable[str]) -> Notice:
    kind: str = fault["type"]
    if kind == "missing" and isinstance(fault["loc"][-1], str):
        return Notice("The key is missing.")
    if kind == "extra_forbidden":
        return unknown(path[-1], names if len(path) == 1 else ())
    return wrong_value(fault)


def wrong_value(fault: Any) -> Notice:
    """Say which value pydantic expected in place of the one that it found; where there is a choice, name it."""
    kind: str = fault["type"]
    expected = str(fault.get("ctx", {}).get("expected", ""))
    if kind == "literal_error" and isinstance(fault["input"], str):
        choices = filter(None, re.findall(r"'([^']*)'", expected))  # the empty one is meant by leaving the key out
        return Notice(UNKNOWN_CHOICE, {"value": fault["input"], "known": ", ".join(choices)})
    expected = expected or _EXPECTED.get(kind) or _EXPECTED.get(kind.split("_")[0]) or fault["msg"]
    return Notice("Expected {expected}, found {found}.", {"expected": expected, "found": repr(fault["input"])})
