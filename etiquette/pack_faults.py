"""Every fault of a norm pack's text at once, each with its line, its key and what is wrong.

What belongs here: the rules that a pack must keep beyond its shape (bands inside one another, measures that exist,
weights that can be earned). A pack that breaks any of them is refused whole, with the full list.
"""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from etiquette.pack import Aggregate, Band, Criterion, NormPack, PackHeader, Profile
from etiquette.pack_lines import KeyPath, key_lines, line_of
from etiquette.performance import measures
from signals.errors import Notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from signals.measure import Kind, Measure

LARGEST_BYTES = 1_000_000  # the shipped packs have 30 kB; more is some other file

_AGGREGATES: Mapping[Kind, tuple[Aggregate, ...]] = {
    "trace": ("share_in_band", "median", "worst"),
    "events": ("per_minute", "count", "time_share", "worst"),
    "scalar": ("value",),
}

Model = TypeVar("Model", bound=BaseModel)
Problem = tuple[KeyPath, Notice]


@dataclass(frozen=True)
class Fault:
    """One fault of a pack: the line it stands on, the key, and what is wrong with it."""

    line: int
    key: str
    notice: Notice

    @property
    def text(self) -> str:
        """One English line: where and what."""
        where = f"line {self.line}, {self.key}" if self.key else f"line {self.line}"
        return f"{where}: {self.notice.text}"


def read_pack(data: bytes, *, sha256: str) -> NormPack | list[Fault]:
    """The pack that a file's bytes hold, or all of its faults in the order of their lines."""
    text = _text(data)
    if isinstance(text, Fault):
        return [text]
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_syntax_fault(text, error)]
    problems: list[Problem] = []
    pack = _build(raw, sha256, problems)
    if problems or pack is None:
        lines = key_lines(text)
        faults = [Fault(line_of(lines, path), ".".join(path), notice) for path, notice in problems]
        return sorted(faults, key=lambda fault: (fault.line, fault.key))
    return pack


def _text(data: bytes) -> str | Fault:
    if len(data) > LARGEST_BYTES:
        return Fault(1, "", Notice("The file is larger than 1 MB: this is not a norm pack."))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Fault(line, "", Notice("The file is not UTF-8 text: save it again with the encoding UTF-8."))


def _syntax_fault(text: str, error: tomllib.TOMLDecodeError) -> Fault:
    message = str(error)
    place = re.search(r"\(at line (\d+)", message)
    line = int(place.group(1)) if place else text.count("\n") + 1
    what = re.sub(r" \(at [^)]*\)$", "", message)
    return Fault(line, "", Notice("This is not TOML: {what}.", {"what": what}))


def _build(raw: dict[str, Any], sha256: str, problems: list[Problem]) -> NormPack | None:
    known = set(PackHeader.model_fields) | {"profiles", "criteria"}
    header = {key: value for key, value in raw.items() if key not in ("profiles", "criteria")}
    read_header = _read(PackHeader, header, (), problems, known)
    criteria = dict(_read_all(Criterion, raw, "criteria", problems))
    profiles = dict(_read_all(Profile, raw, "profiles", problems))
    for id, criterion in criteria.items():
        problems += [(("criteria", id, *path), notice) for path, notice in _criterion_problems(criterion)]
    names = raw.get("criteria") if isinstance(raw.get("criteria"), dict) else {}
    for id, profile in profiles.items():
        found = _profile_problems(profile, criteria, names or {})
        problems += [(("profiles", id, *path), notice) for path, notice in found]
    if read_header is None:
        return None
    problems += _header_problems(read_header, raw, criteria)
    if problems:
        return None
    return NormPack(**dict(read_header), sha256=sha256, profiles=profiles, criteria=criteria)


def _read_all(
    model: type[Model], raw: dict[str, Any], section: str, problems: list[Problem]
) -> Iterator[tuple[str, Model]]:
    tables = raw.get(section, {})
    if not isinstance(tables, dict) or not tables:
        problems.append(((section,), Notice("The pack has no [{section}.…] table.", {"section": section})))
        return
    for id, table in tables.items():
        part = _read(model, table, (section, id), problems, set(model.model_fields))
        if part is not None:
            yield id, part


def _read(model: type[Model], raw: Any, at: KeyPath, problems: list[Problem], known: set[str]) -> Model | None:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            path = tuple(str(step) for step in found["loc"] if isinstance(step, str))
            problems.append(((*at, *path), _shape_notice(found, path, known)))
        return None


def _shape_notice(found: Any, path: KeyPath, known: set[str]) -> Notice:
    kind = found["type"]
    if kind == "missing":
        return Notice("The key is missing.")
    if kind == "extra_forbidden":
        return _unknown(path[-1], known if len(path) == 1 else ())
    expected = found.get("ctx", {}).get("expected") or _EXPECTED.get(kind)
    if expected is None:
        expected = _EXPECTED.get(kind.split("_")[0], found["msg"])
    return Notice("Expected {expected}, found {found}.", {"expected": expected, "found": repr(found["input"])})


_EXPECTED = {
    "string": "a text in quotes",
    "float": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "tuple": "a list",
    "dict": "a table",
    "model": "a table",
    "too": "two numbers, [low, high]",
    "greater": "a larger number (at least 0)",
    "less": "a smaller number (shares of the recording end at 1, percents at 100)",
    "string_pattern_mismatch": "lower-case letters and digits (id), or three numbers as in 1.0.0 (version)",
}


def _unknown(key: str, known: Iterable[str]) -> Notice:
    near = difflib.get_close_matches(key, list(known), n=1)
    if near:
        return Notice("{key} is not known here; did you mean {near}?", {"key": key, "near": near[0]})
    return Notice("{key} is not known here.", {"key": key})


def _header_problems(
    header: PackHeader, raw: Mapping[str, Any], criteria: Mapping[str, Criterion]
) -> Iterator[Problem]:
    profiles = raw.get("profiles", {})
    if header.default_profile and header.default_profile not in profiles:
        yield ("default_profile",), _unknown(header.default_profile, profiles)
    if header.dimensions:
        for id, criterion in criteria.items():
            if criterion.dimension not in header.dimensions:
                yield ("criteria", id, "dimension"), _unknown(criterion.dimension, header.dimensions)


def _criterion_problems(criterion: Criterion) -> Iterator[Problem]:
    yield from _band_problems(criterion)
    yield from _share_problems(criterion)
    if not criterion.source.doc.strip():
        yield ("source",), Notice("The source is missing: name the document (doc) and the clause.")
    if not (criterion.advice.zh.strip() or criterion.advice.en.strip()):
        yield ("advice",), Notice("The advice is missing: say in zh or en what to do.")
    measure = measures().get(criterion.measure)
    if measure is None:
        yield ("measure",), _unknown(criterion.measure, measures())
        return
    yield from _aggregate_problems(criterion, measure)
    yield from _param_problems(criterion, measure)


def _band_problems(criterion: Criterion) -> Iterator[Problem]:
    bands: dict[str, Band] = {"good": criterion.good, "tolerable": criterion.tolerable, "fail": criterion.fail}
    whole = True
    for key, (low, high) in bands.items():
        if not low <= high:  # also NaN
            whole = False
            yield (key,), Notice("The band is reversed: write [low, high].")
    if not whole:
        return
    for key, inner, outer in (("tolerable", "good", "tolerable"), ("fail", "tolerable", "fail")):
        if bands[outer][0] > bands[inner][0] or bands[outer][1] < bands[inner][1]:
            yield (key,), Notice("The {outer} band must contain the {inner} band.", {"outer": outer, "inner": inner})
    for good, tolerable in zip(criterion.good, criterion.tolerable, strict=True):
        if math.isinf(tolerable) and not math.isinf(good):
            yield ("tolerable",), Notice("An edge of tolerable may be infinite only where that of good is.")


def _share_problems(criterion: Criterion) -> Iterator[Problem]:
    share = criterion.share
    if criterion.aggregate == "share_in_band" and share is None:
        yield ("share",), Notice("share_in_band needs share = { good = …, tolerable = …, fail = … } in percent.")
    if share is None:
        return
    if criterion.aggregate != "share_in_band":
        yield ("share",), Notice("share belongs to share_in_band only.")
    if not share.good >= share.tolerable >= share.fail:
        yield ("share",), Notice("The shares must fall: good, then tolerable, then fail.")


def _aggregate_problems(criterion: Criterion, measure: Measure[Any]) -> Iterator[Problem]:
    allowed = _AGGREGATES[measure.kind]
    if criterion.aggregate not in allowed:
        about = {"aggregate": criterion.aggregate, "measure": measure.id, "allowed": ", ".join(allowed)}
        yield ("aggregate",), Notice("{aggregate} does not fit {measure}; possible here: {allowed}.", about)


def _param_problems(criterion: Criterion, measure: Measure[Any]) -> Iterator[Problem]:
    for key, value in criterion.params.items():
        if key not in measure.params:
            yield ("params", key), _unknown(key, measure.params)
        elif not _same_kind(value, measure.params[key]):
            yield (
                ("params", key),
                Notice(
                    "Expected {expected}, found {found}.",
                    {"expected": f"something like {measure.params[key]!r}", "found": repr(value)},
                ),
            )


def _same_kind(value: Any, default: Any) -> bool:
    numbers = (int, float)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, numbers):
        return isinstance(value, numbers) and math.isfinite(value)
    return isinstance(value, type(default))


def _profile_problems(
    profile: Profile, criteria: Mapping[str, Criterion], names: Mapping[str, Any]
) -> Iterator[Problem]:
    for id, weight in profile.weights.items():
        if id not in names:
            yield ("weights", id), _unknown(id, names)
        if not 0 <= weight < math.inf:
            yield ("weights", id), Notice("A weight is a number from 0 upwards.")
        criterion = criteria.get(id)
        if criterion is None:
            continue
        if criterion.review and weight > 0:
            yield ("weights", id), Notice("A hint (review = true) never scores: give it the weight 0.")
        measure = measures().get(criterion.measure)
        if measure is not None and not can_show(profile, measure):
            yield (
                ("weights", id),
                Notice(
                    "{measure} can never be seen in a profile with camera {camera}.",
                    {"measure": measure.id, "camera": profile.camera},
                ),
            )
    if not any(weight > 0 for weight in profile.weights.values()):
        yield ("weights",), Notice("The profile has no criterion with a weight above 0.")


def can_show(profile: Profile, measure: Measure[Any]) -> bool:
    """Whether the profile's camera could ever show what ``measure`` needs; a voice is heard with any camera."""
    if not measure.cameras:
        return True
    cameras = {"both": {"front", "side"}, "none": set()}.get(profile.camera, {profile.camera})
    return bool(cameras & measure.cameras)
