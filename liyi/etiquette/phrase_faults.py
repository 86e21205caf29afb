"""The lists of phrases of a norm pack read: every fault of ``[sources]``, ``[[phrases.LIST]]`` and ``[[allowances]]``.

What belongs here: the rules that a list must keep beyond its shape. Whether a criterion names a list that exists is
asked in `liyi.etiquette.pack_faults`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liyi.core.errors import Notice
from liyi.core.words import N_, translate
from liyi.etiquette.assessment import Source
from liyi.etiquette.pack_phrases import STAGES, ListedAllowance, ListedPhrase
from liyi.etiquette.pack_shapes import Problem, Table, read_table, unknown
from speech.phrases import pattern_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from liyi.etiquette.pack_lines import KeyPath

_FULL_WIDTH = frozenset("（）［］｜")
_WRITTEN_WIDE = N_("Brackets and bars in Chinese width are punctuation here: write ( ) [ ] |.")

Lists = dict[str, tuple[ListedPhrase, ...]]


def read_phrases(raw: Mapping[str, Any], problems: list[Problem]) -> tuple[Lists, tuple[ListedAllowance, ...]]:
    """The lists and allowances of a pack's tables; what is wrong with them is added to ``problems``."""
    sources = _sources(raw.get("sources", {}), problems)
    lists: Lists = {}
    first: dict[str, KeyPath] = {}
    for name, entries in _named_lists(raw.get("phrases", {}), problems).items():
        tables = [
            (at, read_table(ListedPhrase, _with_source(entry, sources, at, problems), at, problems))
            for at, entry in _entries(entries, ("phrases", name), problems)
        ]
        for at, table in tables:
            problems += [Problem((*at, *each.path), each.notice) for each in _phrase_problems(table)]
            if "id" not in table.broken and first.setdefault(table.part.id, at) != at:
                about = {"id": table.part.id, "list": first[table.part.id][1]}
                said = Notice("The id {id} stands twice, first in the list {list}.", about)
                problems.append(Problem((*at, "id"), said))
        lists[name] = tuple(table.part for _, table in tables)
    allowances = [
        (at, read_table(ListedAllowance, entry, at, problems))
        for at, entry in _entries(raw.get("allowances", []), ("allowances",), problems)
    ]
    for at, allowance in allowances:
        problems += [Problem((*at, *each.path), each.notice) for each in _allowance_problems(allowance, first)]
    return lists, tuple(table.part for _, table in allowances)


def _sources(raw: Any, problems: list[Problem]) -> dict[str, Source]:
    if not isinstance(raw, dict):
        problems.append(Problem(("sources",), Notice("Expected a table [{section}.…].", {"section": "sources"})))
        return {}
    found = {}
    for name, table in raw.items():
        at = ("sources", name)
        if not isinstance(table, dict):
            problems.append(Problem(at, Notice("Expected a table [{section}.…].", {"section": "sources"})))
            continue
        found[name] = read_table(Source, table, at, problems, stand_ins={"doc": "x"}).part
        if not found[name].doc.strip():
            problems.append(Problem(at, Notice("The source is missing: name the document (doc) and the clause.")))
    return found


def _named_lists(raw: Any, problems: list[Problem]) -> dict[str, Any]:
    if isinstance(raw, dict):
        return raw
    problems.append(Problem(("phrases",), Notice("Expected tables [[{section}.…]].", {"section": "phrases"})))
    return {}


def _entries(raw: Any, at: KeyPath, problems: list[Problem]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The tables of a list, each with its path."""
    if not isinstance(raw, list):
        problems.append(Problem(at, Notice("Expected tables [[{section}]].", {"section": ".".join(at)})))
        return
    for place, entry in enumerate(raw):
        if isinstance(entry, dict):
            yield (*at, str(place)), entry
        else:
            problems.append(Problem(at, Notice("Expected tables [[{section}]].", {"section": ".".join(at)})))


def _with_source(
    entry: dict[str, Any], sources: Mapping[str, Source], at: KeyPath, problems: list[Problem]
) -> dict[str, Any]:  # fmt: skip
    """The entry with the document that its ``source`` names by a key of ``[sources]``."""
    named = entry.get("source")
    if not isinstance(named, str):
        return entry
    if named not in sources:
        problems.append(Problem((*at, "source"), unknown(named, sources)))
    return {**entry, "source": sources.get(named, Source(doc="x")).model_dump()}


def _phrase_problems(table: Table[ListedPhrase]) -> Iterator[Problem]:
    phrase, broken = table.part, table.broken
    if phrase.patterns or "patterns" in broken:
        yield from _pattern_problems(phrase.patterns, "patterns")
    else:
        yield from _pattern_problems((phrase.text,), "text")
    if "source" not in broken and not phrase.source.doc.strip():
        yield Problem(("source",), Notice("The source is missing: name the document (doc) and the clause."))
    if phrase.stage and phrase.stage not in STAGES:
        yield Problem(("stage",), unknown(phrase.stage, STAGES))
    if phrase.severity and not broken & {"severity", "better"} and not (phrase.better.zh or phrase.better.en):
        yield Problem(("better",), Notice("Say in zh or en what to say instead of this phrase."))


def _pattern_problems(patterns: Iterable[str], key: str) -> Iterator[Problem]:
    for pattern in patterns:
        # In the text itself they are what a reader sees; in a pattern they would be passed over in silence.
        full_width = key == "patterns" and not _FULL_WIDTH.isdisjoint(pattern)
        if fault := (_WRITTEN_WIDE if full_width else pattern_fault(pattern)):
            about = {"pattern": pattern, "fault": fault, "fault_zh": translate(fault, lang="zh")}
            yield Problem((key,), Notice("The pattern {pattern} cannot be used. {fault}", about))


def _allowance_problems(table: Table[ListedAllowance], ids: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _pattern_problems(table.part.patterns, "patterns")
    for id in table.part.phrases:
        if id not in ids:
            yield Problem(("phrases",), unknown(id, ids))
