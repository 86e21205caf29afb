"""The lists of phrases of a norm pack as lines of a terminal: counted, or every phrase with what to say instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.words import N_, translate
from liyi.etiquette.pack_phrases import STAGES, names_of
from liyi.report.wording import stage_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from liyi.etiquette.assessment import Source
    from liyi.etiquette.pack import NormPack
    from liyi.etiquette.pack_phrases import ListedPhrase

CONFIDENCE = N_(
    "[H] a service rule states it; [M] implied by one, or from training texts; [L] a proposal, which each unit should "
    "calibrate."
)
_SEVERITIES = {"veto": N_("red line"), "major": N_("grave"), "minor": N_("slight")}

Line = tuple[str, str]  # text, indented, and its style


def lines(pack: NormPack, lang: str, *, whole: bool) -> Iterator[Line]:
    """The lists of a pack, each by severity or by stage; every phrase of them where ``whole``."""
    if not pack.phrases:
        yield translate("The pack lists no phrases.", lang), ""
        return
    for name, listed in pack.phrases.items():
        yield "", ""
        yield words.labelled(name, _counts(listed, lang), lang), "bold"
        yield f"  {_judges(pack, name, lang)}", ""
        sources = list(dict.fromkeys(phrase.source for phrase in listed))
        groups = _groups(listed)
        if whole:
            yield from _sources(sources, lang)
            for group in groups:
                yield from _group(group, sources, lang)
        elif group_names := [f"{_group_name(group[0], lang)} {len(group)}" for group in groups if _is_named(group[0])]:
            rest = len(listed) - sum(len(group) for group in groups if _is_named(group[0]))
            others = [translate("others {count}", lang, count=rest)] if rest else []
            yield f"  {words.listed([*group_names, *others], lang)}", ""
    if pack.allowances:
        yield "", ""
        said = N_("Exceptions (allowances), by which listed words are no fault: {count}.")
        yield translate(said, lang, count=len(pack.allowances)), ""
    if not whole:
        yield translate("Every phrase with what to say instead: add `--phrases`.", lang), ""


def _counts(listed: Sequence[ListedPhrase], lang: str) -> str:
    patterns = sum(len(phrase.spoken.written) for phrase in listed)
    return translate("phrases {count}, patterns {patterns}", lang, count=len(listed), patterns=patterns)


def _judges(pack: NormPack, name: str, lang: str) -> str:
    """The criteria that judge a list, each with how sure its source is."""
    ids = [
        f"{words.pick(c.name, lang) or id} ({id}) [{c.confidence}]"
        for id, c in pack.criteria.items()
        if name in names_of(c.params.get("phrases", ()))
    ]
    if not ids:
        return translate("No criterion judges it: it is for drills.", lang)
    return words.labelled(translate("Judged by", lang), words.listed(ids, lang), lang)


def _groups(listed: Sequence[ListedPhrase]) -> list[list[ListedPhrase]]:
    """Phrases of one severity and stage together, the gravest first, then as a conversation goes."""
    order = {key: place for place, key in enumerate((*_SEVERITIES, *STAGES))}
    found: dict[tuple[str, str], list[ListedPhrase]] = {}
    for phrase in listed:
        found.setdefault((phrase.severity, phrase.stage), []).append(phrase)
    return [found[key] for key in sorted(found, key=lambda key: [order.get(part, len(order)) for part in key])]


def _is_named(phrase: ListedPhrase) -> bool:
    return bool(phrase.severity or phrase.stage)


def _group_name(phrase: ListedPhrase, lang: str) -> str:
    """The severity and the stage of a phrase in words, with the keys that stand in the file."""
    severity = translate(_SEVERITIES[phrase.severity], lang) if phrase.severity else ""
    stage = stage_text(phrase.stage, lang) if phrase.stage else ""
    both = ((severity, phrase.severity), (stage, phrase.stage))
    return words.listed((f"{said} ({key})" for said, key in both if key), lang)


def _sources(sources: Sequence[Source], lang: str) -> Iterator[Line]:
    """The documents of a list; numbered where there are several, since each phrase names its own."""
    for number, source in enumerate(sources, 1):
        label = translate("Source", lang) + (f" {number}" if len(sources) > 1 else "")
        yield f"  {words.labelled(label, source.text(lang), lang)}", "dim"


def _group(group: Sequence[ListedPhrase], sources: Sequence[Source], lang: str) -> Iterator[Line]:
    if _is_named(group[0]):
        yield f"  {words.labelled(_group_name(group[0], lang), _counts(group, lang), lang)}", "bold"
    for phrase in group:
        about = [phrase.id, translate("patterns {count}", lang, count=len(phrase.spoken.written))]
        if len(sources) > 1:
            about.append(f"{translate('Source', lang)} {sources.index(phrase.source) + 1}")
        yield f"    {phrase.text} ({words.listed(about, lang)})", ""
        if better := words.pick(phrase.better, lang):
            yield f"      {translate('You could say: “{better}”', lang, better=better)}", "green"
