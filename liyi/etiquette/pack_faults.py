"""Every fault of a norm pack's text at once, each with its line, its key and what is wrong.

What belongs here: the rules that a pack must keep beyond its shape (bands inside one another, measures that exist,
weights that can be earned). A pack that breaks any of them is refused whole, with the full list.
"""

from __future__ import annotations

import math
import re
import tomllib
from typing import TYPE_CHECKING, Any

from liyi.core.errors import Fault, Notice
from liyi.core.words import N_
from liyi.etiquette.pack import Aggregate, Band, Cap, Criterion, NormPack, PackHeader, Profile
from liyi.etiquette.pack_lines import KeyPath, key_lines, line_of
from liyi.etiquette.pack_phrases import ListedPhrase, names_of
from liyi.etiquette.pack_shapes import Problem, Table, read_table, unknown
from liyi.etiquette.performance import measures
from liyi.etiquette.phrase_faults import read_phrases

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from liyi.core.measure import Kind, Measure

# What a glance can take in while somebody speaks to you.
HINT_CHARACTERS, HINT_WORDS = 8, 4
LARGEST_BYTES = 1_000_000  # the largest that ships has 135 kB; more is some other file

_OF_STAGES = ("stages", "occasions", "asks", "orders")  # params that name stages of a criterion's list
_SECTIONS = ("profiles", "criteria", "sources", "phrases", "allowances")
_FAULTS: tuple[Aggregate, ...] = ("time_share", "count", "worst", "value")

_AGGREGATES: Mapping[Kind, tuple[Aggregate, ...]] = {
    "trace": ("share_in_band", "median", "worst"),
    "events": ("per_minute", "count", "time_share", "worst"),
    "scalar": ("value",),
}
_OF_ATTRIBUTES: tuple[Aggregate, ...] = ("share_in_band", "median", "worst")


def read_pack(data: bytes, *, sha256: str) -> NormPack | list[Fault]:
    """The pack that a file's bytes hold, or all of its faults in the order of their lines."""
    text = text_of(data)
    if isinstance(text, Fault):
        return [text]
    try:
        return _read(text, sha256)
    except RecursionError:
        return [Fault(1, "", Notice("The tables or lists stand too deep inside one another: this is no norm pack."))]


def _read(text: str, sha256: str) -> NormPack | list[Fault]:
    try:
        raw = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError; and Python's own, for a number of thousands of digits
        return [syntax_fault(text, error)]
    problems: list[Problem] = []
    pack = _build(raw, sha256, problems)
    if not problems:
        return pack
    lines = key_lines(text)
    faults = [Fault(line_of(lines, found.path), ".".join(found.path), found.notice) for found in problems]
    return sorted(faults, key=lambda fault: (fault.line, fault.key))


def text_of(data: bytes) -> str | Fault:
    """The text of a file, or why it is none."""
    if len(data) > LARGEST_BYTES:
        return Fault(1, "", Notice("The file is larger than 1 MB: this is some other file."))
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        return Fault(line, "", Notice("The file is not UTF-8 text: save it again with the encoding UTF-8."))


TOML_FAULTS = (  # what Python's reader says of the slips that happen most, marked for translation
    N_("Invalid value"),
    N_("Invalid statement"),
    N_("Unclosed array"),
    N_("Unclosed inline table"),
    N_("Unterminated string"),
    N_("Cannot overwrite a value"),
    N_("Illegal character '\\n'"),
    N_("Expected '=' after a key in a key/value pair"),
    N_("Expected newline or end of document after a statement"),
)


def syntax_fault(text: str, error: ValueError) -> Fault:
    """The fault of a text that is no TOML, on its line."""
    message = str(error)
    place = re.search(r"\(at line (\d+)", message)
    line = int(place.group(1)) if place else text.count("\n") + 1
    what = re.sub(r" \(at [^)]*\)$", "", message)
    return Fault(line, "", Notice("This is not TOML: {what}.", {"what": what}))


def _build(raw: dict[str, Any], sha256: str, problems: list[Problem]) -> NormPack:
    rest = {key: value for key, value in raw.items() if key not in _SECTIONS}
    header = read_table(PackHeader, rest, (), problems, known=_SECTIONS)
    lists, allowances = read_phrases(raw, problems)
    tables = {section: _tables(raw, section, problems) for section in ("criteria", "profiles")}
    criteria = {
        id: read_table(Criterion, table, ("criteria", id), problems) for id, table in tables["criteria"].items()
    }
    profiles = {id: read_table(Profile, table, ("profiles", id), problems) for id, table in tables["profiles"].items()}
    for id, criterion in criteria.items():
        problems += _at(("criteria", id), criterion_problems(criterion, lists))
    for id, profile in profiles.items():
        problems += _at(("profiles", id), _profile_problems(profile, criteria))
    problems += _header_problems(header.part, profiles, criteria)
    problems += _cap_problems(header.part, profiles, criteria)
    return NormPack(
        **dict(header.part),
        sha256=sha256,
        profiles={id: table.part for id, table in profiles.items()},
        criteria={id: table.part for id, table in criteria.items()},
        phrases=lists,
        allowances=allowances,
    )


def _tables(raw: dict[str, Any], section: str, problems: list[Problem]) -> dict[str, dict[str, Any]]:
    tables = raw.get(section, {})
    if not isinstance(tables, dict) or not tables:
        problems.append(Problem((section,), Notice("The pack has no [{section}.…] table.", {"section": section})))
        return {}
    for id, table in tables.items():
        if not isinstance(table, dict):
            problems.append(Problem((section, id), Notice("Expected a table [{section}.…].", {"section": section})))
    return {id: table for id, table in tables.items() if isinstance(table, dict)}


def _at(path: KeyPath, problems: Iterator[Problem]) -> list[Problem]:
    return [Problem((*path, *found.path), found.notice) for found in problems]


def _header_problems(
    header: PackHeader, profiles: Mapping[str, Table[Profile]], criteria: Mapping[str, Table[Criterion]]
) -> Iterator[Problem]:
    if header.default_profile and header.default_profile not in profiles:
        yield Problem(("default_profile",), unknown(header.default_profile, profiles))
    for id in header.review.rated:
        if id not in criteria:
            yield Problem(("review", "rated"), unknown(id, criteria))
        elif criteria[id].part.kind == "condition":
            yield Problem(("review", "rated"), Notice("Nobody rates {name}: it is a condition of the recording.",
                                                      {"name": id}))  # fmt: skip
    for id, table in criteria.items():
        dimension = table.part.dimension
        if header.dimensions and "dimension" not in table.broken and dimension not in header.dimensions:
            yield Problem(("criteria", id, "dimension"), unknown(dimension, header.dimensions))


def _cap_problems(
    header: PackHeader, profiles: Mapping[str, Table[Profile]], criteria: Mapping[str, Table[Criterion]]
) -> Iterator[Problem]:
    for place, cap in enumerate(header.caps):
        yield from _one_cap(("caps", str(place)), cap, profiles, criteria)
        for dimension in cap.dimensions:
            if header.dimensions and dimension not in header.dimensions:
                yield Problem(("caps", str(place), "dimensions"), unknown(dimension, header.dimensions))
    for id, table in profiles.items():
        for dimension in table.part.dimensions:
            if header.dimensions and dimension not in header.dimensions:
                yield Problem(("profiles", id, "dimensions", dimension), unknown(dimension, header.dimensions))
        for dimension in table.part.uncounted:
            if header.dimensions and dimension not in header.dimensions:
                yield Problem(("profiles", id, "uncounted"), unknown(dimension, header.dimensions))


def _one_cap(
    at: KeyPath, cap: Cap, profiles: Mapping[str, Table[Profile]], criteria: Mapping[str, Table[Criterion]]
) -> Iterator[Problem]:
    if not cap.criteria and cap.when not in ("beyond_tolerable", "throughout"):
        yield Problem((*at, "criteria"), Notice("Name at least one criterion."))
    for id in cap.criteria:
        if id not in criteria:
            yield Problem((*at, "criteria"), unknown(id, criteria))
        elif cap.when == "count" and not _is_events(criteria[id].part):
            yield Problem((*at, "when"), Notice('{id} is not counted: write when = "above".', {"id": id}))
    for id in cap.profiles:
        if id not in profiles:
            yield Problem((*at, "profiles"), unknown(id, profiles))


def _is_events(criterion: Criterion) -> bool:
    measure = measures().get(criterion.measure)
    return measure is None or measure.kind == "events"


def criterion_problems(
    table: Table[Criterion], lists: Mapping[str, tuple[ListedPhrase, ...]]
) -> Iterator[Problem]:  # fmt: skip
    """What is wrong with one criterion beyond its shape; ``lists`` are the phrases of its pack."""
    criterion, broken = table.part, table.broken
    if not broken & {"good", "tolerable", "fail"}:
        yield from _band_problems(criterion)
    if not broken & {"aggregate", "share"}:
        yield from _share_problems(criterion)
    if "source" not in broken and not criterion.source.doc.strip():
        yield Problem(("source",), Notice("The source is missing: name the document (doc) and the clause."))
    if "advice" not in broken and not criterion.advice.ways:
        yield Problem(("advice",), Notice("The advice is missing: say in zh or en what to do."))
    if any(len(hint.zh) > HINT_CHARACTERS or len(hint.en.split()) > HINT_WORDS for hint in criterion.hint.ways):
        about = {"characters": HINT_CHARACTERS, "words": HINT_WORDS}
        yield Problem(("hint",), Notice("A hint has at most {characters} characters (zh), {words} words (en).", about))
    if not broken & {"kind", "points", "most", "aggregate"}:
        yield from _kind_problems(criterion)
    if "measure" in broken:
        return
    measure = measures().get(criterion.measure)
    if measure is None:
        yield Problem(("measure",), unknown(criterion.measure, measures()))
        return
    if "aggregate" not in broken:
        yield from _aggregate_problems(criterion, measure)
    yield from _attribute_problems(criterion, measure)
    yield from _param_problems(criterion, measure, lists)


def _kind_problems(criterion: Criterion) -> Iterator[Problem]:
    if criterion.kind != "fault":
        for key in ("points", "most"):
            if getattr(criterion, key):
                yield Problem((key,), Notice('{key} belongs to a fault only (kind = "fault").', {"key": key}))
        return
    if criterion.aggregate not in _FAULTS:
        about = {"aggregate": criterion.aggregate, "allowed": ", ".join(_FAULTS)}
        yield Problem(("aggregate",), Notice("A fault cannot be a {aggregate}; possible here: {allowed}.", about))
    if not 0 < criterion.points <= criterion.most:
        yield Problem(("points",), Notice("A fault needs points above 0, and most that is at least as many."))


def _band_problems(criterion: Criterion) -> Iterator[Problem]:
    bands: dict[str, Band] = {"good": criterion.good, "tolerable": criterion.tolerable, "fail": criterion.fail}
    reversed_bands = [key for key, (low, high) in bands.items() if not low <= high]  # also NaN
    for key in reversed_bands:
        yield Problem((key,), Notice("The band is reversed: write [low, high]."))
    if reversed_bands:
        return
    for key, (low, high) in bands.items():
        if low == math.inf or high == -math.inf:
            yield Problem((key,), Notice("The band holds no number: write [low, high]."))
            return
    for inner, outer in (("good", "tolerable"), ("tolerable", "fail")):
        if bands[outer][0] > bands[inner][0] or bands[outer][1] < bands[inner][1]:
            about = {"outer": outer, "inner": inner}
            yield Problem((outer,), Notice("The {outer} band must contain the {inner} band.", about))
    for good, tolerable in zip(criterion.good, criterion.tolerable, strict=True):
        if math.isinf(tolerable) and not math.isinf(good):
            said = Notice("An edge of tolerable may be infinite only where that of good is.")
            yield Problem(("tolerable",), said)


def _share_problems(criterion: Criterion) -> Iterator[Problem]:
    share = criterion.share
    if criterion.aggregate == "share_in_band" and share is None:
        yield Problem(("share",), Notice("share_in_band needs a share with good, tolerable and fail in percent."))
    if share is None:
        return
    if criterion.aggregate != "share_in_band":
        yield Problem(("share",), Notice("share belongs to share_in_band only."))
    if not share.good >= share.tolerable >= share.fail:
        yield Problem(("share",), Notice("The shares must fall: good, then tolerable, then fail."))


def _aggregate_problems(criterion: Criterion, measure: Measure[Any]) -> Iterator[Problem]:
    allowed = _OF_ATTRIBUTES if criterion.attribute and measure.kind == "events" else _AGGREGATES[measure.kind]
    if criterion.aggregate not in allowed:
        about = {"aggregate": criterion.aggregate, "measure": measure.id, "allowed": ", ".join(allowed)}
        said = Notice("{aggregate} does not fit {measure}; possible here: {allowed}.", about)
        yield Problem(("aggregate",), said)


def _attribute_problems(criterion: Criterion, measure: Measure[Any]) -> Iterator[Problem]:
    name = criterion.attribute
    if not name:
        return
    if measure.kind != "events":
        about = {"attribute": name, "measure": measure.id}
        said = Notice("{attribute} is a number of single events, which {measure} does not give: leave it out.", about)
        yield Problem(("attribute",), said)
    elif name not in measure.attributes:
        yield Problem(("attribute",), unknown(name, measure.attributes))
    elif measure.attribute_error(name) is None:
        said = Notice("How exact {attribute} is was never measured, so it cannot be judged.", {"attribute": name})
        yield Problem(("attribute",), said)


def _param_problems(
    criterion: Criterion, measure: Measure[Any], lists: Mapping[str, tuple[ListedPhrase, ...]]
) -> Iterator[Problem]:  # fmt: skip
    for key, value in criterion.params.items():
        if key not in measure.params:
            yield Problem(("params", key), unknown(key, measure.params))
        elif key == "phrases":
            yield from _list_problems(value, criterion.params, lists)
        elif not _same_kind(value, measure.params[key]):
            about = {"example": repr(measure.params[key]), "found": repr(value)}
            yield Problem(("params", key), Notice("Expected something like {example}, found {found}.", about))


def _same_kind(value: Any, default: Any) -> bool:
    numbers = (int, float)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, numbers):
        return isinstance(value, numbers) and math.isfinite(value)
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return isinstance(value, type(default))


def _list_problems(
    named: Any, params: Mapping[str, Any], lists: Mapping[str, tuple[ListedPhrase, ...]]
) -> Iterator[Problem]:
    """What is wrong with the lists that a criterion names, and with the parts of them that it wants."""
    names = names_of(named) if isinstance(named, str | list) else ()
    if not names or not all(isinstance(name, str) for name in names):
        about = {"expected": N_("the name of a list of phrases, or several"), "found": repr(named)}
        yield Problem(("params", "phrases"), Notice("Expected {expected}, found {found}.", about))
        return
    strange = [name for name in names if name not in lists]
    for name in strange:
        yield Problem(("params", "phrases"), unknown(name, lists))
    listed = [phrase for name in names for phrase in lists.get(name, ())]
    for key in (*_OF_STAGES, "severities"):
        there = {phrase.severity if key == "severities" else phrase.stage for phrase in listed}
        wanted = params.get(key, ())
        for each in wanted if isinstance(wanted, list) and not strange else ():
            if each not in there:
                yield Problem(("params", key), unknown(str(each), sorted(there)))


def _profile_problems(table: Table[Profile], criteria: Mapping[str, Table[Criterion]]) -> Iterator[Problem]:
    for id, weight in table.part.weights.items():
        path = ("weights", id)
        if not 0 <= weight < math.inf:
            yield Problem(path, Notice("A weight is a number from 0 upwards."))
        if id not in criteria:
            yield Problem(path, unknown(id, criteria))
            continue
        criterion = criteria[id].part
        if criterion.kind != "quality" and weight > 0:
            yield Problem(path, Notice("Only a quality weighs: give a {kind} the weight 0.", {"kind": criterion.kind}))
        if criterion.review and weight > 0:
            yield Problem(path, Notice("A hint (review = true) never scores: give it the weight 0."))
        measure = measures().get(criterion.measure)
        if measure is not None and "camera" not in table.broken and not _can_show(table.part, measure):
            about = {"measure": measure.id, "camera": table.part.camera}
            yield Problem(path, Notice("{measure} can never be seen in a profile with camera {camera}.", about))
    if "weights" not in table.broken and not any(weight > 0 for weight in table.part.weights.values()):
        yield Problem(("weights",), Notice("The profile has no criterion with a weight above 0."))


def _can_show(profile: Profile, measure: Measure[Any]) -> bool:
    """Whether the profile's camera could ever show what ``measure`` needs; a voice is heard with any camera."""
    cameras = {"both": {"front", "side"}, "none": set()}.get(profile.camera, {profile.camera})
    return not measure.by_picture or bool(cameras & measure.cameras)
