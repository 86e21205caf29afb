"""Assessments and norm packs at the terminal: readable at 80 columns, in Chinese as in English, without colour too."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from liyi.core import words
from liyi.core.words import N_, translate
from liyi.core.wrapping import wrapped
from liyi.etiquette.performance import measures
from liyi.report import findings, phrase_lists, totals
from liyi.report.findings import Mark
from liyi.report.priorities import priorities
from liyi.report.wording import bare
from liyi.scoring.folder import ASSESSMENT, MEASURES, REPORT

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from liyi.etiquette.assessment import Assessment, Verdict
    from liyi.etiquette.pack import Band, Criterion, NormPack, Profile

_COLOURS = {"good": "green", "attention": "yellow", "fault": "red", "open": "bright_black"}


def print_assessment(assessment: Assessment, lang: str, console: Console, *, out: Path) -> None:
    """Print total, what to do first, dimensions, criteria, what was not assessed, and where the files are.

    Parameters
    ----------
    assessment
        What is printed.
    lang
        ``zh`` or ``en``.
    console
        Where to; its width is respected.
    out
        Folder of the results.
    """
    _print_total(assessment, lang, console)
    _print_first(assessment, lang, console)
    console.print()
    console.print(_criteria(assessment, lang))
    _print_lines(console, _legend(lang), "dim")
    _print_open(assessment, lang, console)
    console.print()
    for name, label in ((REPORT, translate("Report", lang)), (ASSESSMENT, translate("Assessment", lang)),
                        (MEASURES, translate("Measures", lang))):  # fmt: skip
        console.print(words.labelled(label, str(out / name), lang), markup=False, highlight=False, soft_wrap=True)


def _print_lines(console: Console, text: str, style: str = "") -> None:
    """Print a text that may be longer than a line, its later lines indented; Rich breaks Chinese at spaces only."""
    from rich.text import Text

    indent = "  " + text[: len(text) - len(text.lstrip())]
    first, *others = wrapped(text.strip(), console.width - len(indent)) if text else ("",)
    console.print(Text(indent[2:] + first, style=style))
    for line in others:
        console.print(Text(indent + line, style=style))


def _print_total(assessment: Assessment, lang: str, console: Console) -> None:
    from rich.text import Text

    score = assessment.total
    mark = findings.mark_of_score(None if score is None else score / 100)
    text = totals.total_text(assessment, lang)
    if score is not None:
        left_out = totals.left_out_text(assessment, lang)
        provisional = translate("provisional", lang) if totals.is_provisional(assessment) else ""
        said = words.listed(filter(None, (provisional, left_out)), lang)
        text = f"{totals.total_name(assessment, lang)} {text} / 100" + (_bracketed(said, lang) if said else "")
    head = Text.assemble((f"{mark.shape} ", _COLOURS[mark.style]), (text, "bold"))
    coverage = words.quantity(round(100 * assessment.coverage), "%", lang)
    head.append(f"   {translate('Coverage', lang)} {coverage}")
    console.print(Text(assessment.recording.name, style="bold"))
    console.print(head)
    for told in totals.caps_texts(assessment, lang):
        _print_lines(console, told, "red")
    for warning in assessment.recording.warnings:
        _print_lines(console, f"! {translate(warning.sentence, lang, **warning.fields)}", "yellow")
    if assessment.is_photo:
        return  # of one picture no dimension has a score
    line = Text()
    for part in (_dimension(assessment, id, lang) for id in assessment.dimensions):
        if line and line.cell_len + 3 + part.cell_len > console.width:  # a dimension keeps its mark beside it
            console.print(line)
            line = Text()
        line = Text("   ").join([line, part]) if line else part
    console.print(line)
    for id in assessment.dimensions:
        if remedy := totals.dimension_remedy(assessment, id, lang):
            _print_lines(console, words.labelled(findings.dimension_name(assessment, id, lang), remedy, lang), "dim")


def _dimension(assessment: Assessment, id: str, lang: str) -> Text:
    from rich.text import Text

    score = assessment.dimensions[id].score
    mark = findings.mark_of_dimension(assessment, id)
    told = score is None or mark is Mark.OPEN
    shown = findings.dimension_word(assessment, id, lang) if told else findings.whole_points(score or 0.0)
    name, line = findings.dimension_name(assessment, id, lang), findings.line_text(assessment, id, lang)
    return Text.assemble(f"{name} ", (mark.shape, _COLOURS[mark.style]), f" {shown}{line and _bracketed(line, lang)}")


def _print_first(assessment: Assessment, lang: str, console: Console) -> None:
    from rich.text import Text

    first = priorities(assessment)
    if not first:
        return
    console.print()
    console.print(Text(translate("Do this first", lang), style="bold"))
    for place, verdict in enumerate(first, 1):
        known = measures().get(verdict.measure)
        spoken = known is not None and "phrases" in known.params
        told = verdict.evidence or verdict.undecided
        told = () if assessment.is_photo else told
        moments = sorted((e.start_s, e.end_s, e.label if spoken else "") for e in told)
        clips = words.listed((_clip(*moment, lang) for moment in moments), lang)
        advised = words.labelled(findings.name_of(verdict, lang), words.pick(verdict.advice, lang), lang)
        _print_lines(console, f"{place} {advised}" + (f" [{clips}]" if clips else ""))


def _clip(start_s: float, end_s: float, phrase: str, lang: str) -> str:
    """When it was, and what was said there."""
    quoted = " " + translate("“{phrase}”", lang, phrase=bare(phrase)) if phrase else ""
    return words.span(start_s, end_s) + quoted


def _criteria(assessment: Assessment, lang: str) -> Table:
    """The criteria that were assessed or wait for review."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(translate("Criterion", lang), overflow="fold")
    table.add_column(translate("Measured ± error", lang), overflow="fold")
    table.add_column(translate("Good band", lang), overflow="fold")
    table.add_column(translate("Sub-score", lang), justify="right", no_wrap=True)
    table.add_column(translate("Coverage", lang), justify="right", no_wrap=True)
    for group in findings.by_dimension(assessment).values():
        for verdict in group:
            if verdict.status != "not_assessed":
                mark = findings.mark_of(verdict)
                name = Text.assemble((f"{mark.shape} ", _COLOURS[mark.style]), findings.name_of(verdict, lang))
                table.add_row(name, *_cells(verdict, mark, lang))
        table.add_section()
    return table


def _legend(lang: str) -> str:
    """What the marks and the error mean."""
    marks = (Mark.GOOD, Mark.ATTENTION, Mark.FAULT, Mark.OPEN)
    shapes = words.listed((f"{mark.shape} {mark.word(lang)}" for mark in marks), lang)
    said = "{marks}. A sub-score runs from 0 to 100; ± is one standard deviation of the measurement error."
    return translate(said, lang, marks=shapes)


def _cells(verdict: Verdict, mark: Mark, lang: str) -> tuple[str, str, str, str]:
    score = mark.word(lang) if verdict.sub_score is None else findings.whole_points(100 * verdict.sub_score)
    measured = findings.measured_texts(verdict, lang)
    return (
        "\n".join(line for line in measured if line),
        findings.band_text(verdict, lang),
        score,
        words.quantity(round(100 * verdict.coverage), "%", lang),
    )


def _print_open(assessment: Assessment, lang: str, console: Console) -> None:
    from rich.text import Text

    reasons = findings.not_assessed(assessment.verdicts)
    if not reasons:
        return
    console.print(Text(translate("Not assessed", lang), style="bold"))
    for code, group in reasons.items():
        names = words.listed((findings.name_of(v, lang) for v in group), lang)
        said = words.labelled(f"{Mark.OPEN.shape} {names}", words.explain_reason(code, lang), lang)
        _print_lines(console, said, _COLOURS["open"])


def print_pack(pack: NormPack, lang: str, console: Console, *, phrases: bool = False) -> None:
    """Print a norm pack: profiles with their weights, criteria with bands and sources, how many phrases are listed.

    With ``phrases`` every phrase of its lists instead.
    """
    from rich.text import Text

    console.print(Text(f"{words.pick(pack.name, lang) or pack.id} ({pack.id} {pack.version})", style="bold"))
    if not phrases:
        _print_rules(pack, lang, console)
    for line, style in phrase_lists.lines(pack, lang, whole=phrases):
        _print_lines(console, line, style)
    console.print()
    _print_lines(console, translate(phrase_lists.CONFIDENCE, lang), "dim")


def _print_rules(pack: NormPack, lang: str, console: Console) -> None:
    from rich.text import Text

    floor = words.quantity(100 * pack.coverage_floor, "%", lang)
    console.print(Text(translate("A total needs a coverage of {share}.", lang, share=floor)))
    for id, profile in pack.profiles.items():
        console.print()
        seen_from = words.labelled(translate("Camera", lang), translate(_SEEN_FROM[profile.camera], lang), lang)
        console.print(Text(f"{pack.profile_name(id, lang)} ({id}, {seen_from})", "bold"))
        for line in _weights(pack, profile, lang):
            _print_lines(console, line)
    for id, criterion in pack.criteria.items():
        console.print()
        console.print(Text(f"{words.pick(criterion.name, lang) or id} ({id})", style="bold"))
        for line in _rule(criterion, lang):
            _print_lines(console, f"  {line}")


_SEEN_FROM = {
    "front": N_("from the front"),
    "side": N_("from the side"),
    "both": N_("from the front or from the side"),
    "none": N_("no picture is needed"),
}
_BANDS = {"good": N_("good"), "tolerable": N_("tolerable"), "fail": N_("fail")}
_NEEDS = {
    "bearing_s": N_("{n} s of the person in view"),
    "hands_s": N_("{n} s of both hands in view"),
    "speech_s": N_("{n} s of speech"),
    "syllables": N_("{n} syllables"),
}
_UNWEIGHED = {
    "fault": N_("Faults, which subtract their points and weigh nothing: {names}."),
    "condition": N_("Conditions of the recording, which never score: {names}."),
    "hint": N_("Hints, on which a person decides and which never score: {names}."),
    "quality": N_("Measured, but without weight in this profile: {names}."),
}


def _weights(pack: NormPack, profile: Profile, lang: str) -> list[str]:
    """What a total needs and what counts in it: the weights, then what has none, by what it is instead."""
    needs = [translate(sentence, lang, n=f"{wanted:g}") for id, sentence in _NEEDS.items()
             if (wanted := getattr(profile.needs, id))]  # fmt: skip
    weighed = {id: weight for id, weight in profile.weights.items() if weight}
    weights = words.listed((f"{id} {weight:g}" for id, weight in weighed.items()), lang)
    lines = [translate("A total needs, after the calibration: {needs}.", lang, needs=words.listed(needs, lang))]
    lines = [*(lines if needs else ()), translate("Weights: {weights}.", lang, weights=weights)]
    rest: dict[str, list[str]] = {kind: [] for kind in _UNWEIGHED}
    for id in profile.weights:
        if id not in weighed:
            rest["hint" if pack.criteria[id].review else pack.criteria[id].kind].append(id)
    return lines + [translate(_UNWEIGHED[kind], lang, names=words.listed(ids, lang)) for kind, ids in rest.items()
                    if ids]  # fmt: skip


_PER = dict.fromkeys(("count", "worst"), N_("Subtracts {points} points for each time that it happens, at most {most}."))


def _rule(criterion: Criterion, lang: str) -> list[str]:
    """What a criterion says, line by line."""
    unit = findings.unit_of(criterion)
    judged = f"{criterion.measure}.{criterion.attribute}" if criterion.attribute else criterion.measure
    lines = [f"{judged} · {criterion.aggregate}"]
    bands = {"good": criterion.good, "tolerable": criterion.tolerable, "fail": criterion.fail}
    shares = criterion.share.model_dump() if criterion.share else {}
    for name, band in bands.items():
        share = _bracketed(words.quantity(shares[name], "%", lang), lang) if shares else ""
        said = translate(_BANDS[name], lang)
        key = name if said == name else f"{said} ({name})"  # the key of the file, which its author looks for
        lines.append(words.labelled(key, f"{_edges(band, unit, lang)}{share}", lang))
    if criterion.kind == "fault":
        per = _PER.get(criterion.aggregate, N_("Subtracts {points} points for each tenth of the time, at most {most}."))
        lines.append(translate(per, lang, points=f"{criterion.points:g}", most=f"{criterion.most:g}"))
    source = f"{criterion.source.text(lang)} [{criterion.confidence}]"
    return [*lines, words.labelled(translate("Source", lang), source, lang)]


def _edges(band: Band, unit: str, lang: str) -> str:
    low, high = (edge if math.isfinite(edge) else None for edge in band)
    return findings.edges_text(low, high, unit, lang) or "–"


def _bracketed(text: str, lang: str) -> str:
    """The text in brackets, to stand behind a word."""
    return f"（{text}）" if lang == "zh" else f" ({text})"
