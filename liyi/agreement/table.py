"""Agreement as rows: its figures in words, at the terminal, and as agreement.csv."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from liyi.agreement.score_table import TOTAL
from liyi.agreement.study import FEW
from liyi.batch.outputs import AGREEMENT_CSV, IS_OWN, OF_AGREEMENT
from liyi.core import words
from liyi.core.spreadsheet_text import csv_cell
from liyi.core.words import N_, translate
from liyi.report.findings import Mark
from liyi.scoring.folder import explain_os_errors, make_folders, result_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from rich.console import Console

    from liyi.agreement.concordance import Estimate
    from liyi.agreement.study import Agreement, Study
    from liyi.etiquette.pack import NormPack

PEOPLE, AGAIN, TOOL = "people", "people_again", "tool_people"
COMPARISONS = {
    PEOPLE: N_("People with each other"),
    AGAIN: N_("People with themselves, rating again"),
    TOOL: N_("Liyi with the mean of the people"),
}
SHORT = {PEOPLE: N_("Among people"), AGAIN: N_("Again"), TOOL: N_("Liyi")}
IN_SHORT = ("icc_2_1", "weighted_kappa", "spearman", "bias")
STATISTICS = {
    "icc_2_1": N_("ICC(2,1), one judge"),
    "icc_2_k": N_("ICC(2,k), mean of the judges"),
    "weighted_kappa": N_("Weighted kappa"),
    "spearman": N_("Spearman's rank correlation"),
    "bias": N_("Bias, points"),
    "limit_low": N_("Lower limit of agreement, points"),
    "limit_high": N_("Upper limit of agreement, points"),
}
_IN_POINTS = {"bias", "limit_low", "limit_high"}


@dataclass(frozen=True)
class Figure:
    """One statistic of one comparison, and over how many recordings (or repeated ratings) it was taken."""

    comparison: str
    statistic: str
    estimate: Estimate
    n: int

    @property
    def text(self) -> str:
        """The figure with its interval in brackets."""
        return estimate_text(self.estimate, places=1 if self.statistic in _IN_POINTS else 2)


def figures(agreement: Agreement) -> list[Figure]:
    """Every figure of a target, comparison by comparison."""
    humans, repeats, tool = agreement.humans, agreement.repeats, agreement.tool
    found = [
        Figure(PEOPLE, "icc_2_1", humans.single, humans.recordings),
        Figure(PEOPLE, "icc_2_k", humans.mean, humans.recordings),
        Figure(PEOPLE, "weighted_kappa", humans.kappa, humans.recordings),
        Figure(PEOPLE, "spearman", humans.rank, humans.recordings),
    ]
    if repeats is not None:
        found += [
            Figure(AGAIN, "icc_2_1", repeats.single, repeats.pairs),
            Figure(AGAIN, "weighted_kappa", repeats.kappa, repeats.pairs),
            Figure(AGAIN, "spearman", repeats.rank, repeats.pairs),
        ]
    if tool is not None:
        n = len(tool.recordings)
        found += [
            Figure(TOOL, "icc_2_1", tool.single, n),
            Figure(TOOL, "weighted_kappa", tool.kappa, n),
            Figure(TOOL, "spearman", tool.rank, n),
            Figure(TOOL, "bias", tool.limits.bias, n),
            Figure(TOOL, "limit_low", tool.limits.lower, n),
            Figure(TOOL, "limit_high", tool.limits.upper, n),
        ]
    return found


def comparisons(agreement: Agreement) -> dict[str, dict[str, Figure]]:
    """`figures` by comparison and statistic."""
    found: dict[str, dict[str, Figure]] = {}
    for figure in figures(agreement):
        found.setdefault(figure.comparison, {})[figure.statistic] = figure
    return found


def target_name(target: str, pack: NormPack, lang: str) -> str:
    """The target as the pack calls it, else its id."""
    if target == TOTAL:
        return translate("Total", lang)
    named = pack.criteria[target].name if target in pack.criteria else pack.dimensions.get(target)
    return (named and words.pick(named, lang)) or target


def estimate_text(estimate: Estimate, *, places: int = 2) -> str:
    """``0.81 [0.72, 0.88]``; ``–`` where there is no figure."""
    if not math.isfinite(estimate.value):
        return "–"
    value = words.number(estimate.value, places)
    if not math.isfinite(estimate.low) or not math.isfinite(estimate.high):
        return value
    low, high = words.number(estimate.low, places), words.number(estimate.high, places)
    return f"{value} [{low}, {high}]"


def count_text(n: int) -> str:
    """A number of recordings, with the mark of attention where they are few."""
    return f"{Mark.ATTENTION.shape} {n}" if n < FEW else str(n)


def caution(lang: str) -> str:
    """What the mark beside a count means."""
    return f"{Mark.ATTENTION.shape} " + translate(
        "Fewer than {few} recordings: the figures may be chance; rate more before acting on them.", lang, few=FEW
    )


def left_out(agreement: Agreement, lang: str) -> list[str]:
    """What a target's figures do not rest on, in sentences."""
    humans, tool, said = agreement.humans, agreement.tool, []
    if humans.recordings < 3:
        said.append(
            translate("No three recordings were rated by the same two people: people cannot be compared.", lang)
        )
    if humans.dropped:
        said.append(translate("Recordings left out between people because not all of them rated these: {count}.",
                              lang, count=humans.dropped))  # fmt: skip
    if humans.left_out and humans.recordings:
        names = words.listed(humans.left_out, lang)
        said.append(translate("Left out between people, for rating too few of the others' recordings: {names}.", lang,
                              names=names))  # fmt: skip
    if tool is not None and tool.not_assessed:
        said.append(translate("Rated recordings left out because Liyi could not assess this: {count}.", lang,
                              count=tool.not_assessed))  # fmt: skip
    return said


def write_csv(study: Study, out: Path) -> None:
    """``agreement.csv``: one row a figure, under ids that do not change with the language; makes the folder."""
    with explain_os_errors(out):
        make_folders(out)
    path = out / AGREEMENT_CSV
    with result_file(path, IS_OWN[AGREEMENT_CSV]) as part, part.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(OF_AGREEMENT)
        for agreement in study.targets:
            writer.writerows(_lines(agreement))


def _lines(agreement: Agreement) -> Iterator[list[str | int]]:
    raters = len(agreement.humans.raters)
    for figure in figures(agreement):
        of_tool, of_people = figure.comparison == TOOL, figure.comparison == PEOPLE
        estimate = figure.estimate
        yield [
            csv_cell(agreement.target), figure.comparison, figure.statistic, _cell(estimate.value), _cell(estimate.low),
            _cell(estimate.high), figure.n, raters if of_people else "",
            agreement.tool.not_assessed if of_tool and agreement.tool else "",
            agreement.humans.dropped if of_people else "",
        ]  # fmt: skip


def _cell(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def print_study(study: Study, pack: NormPack, lang: str, console: Console) -> None:
    """Print one line a target; intervals stand under their figures."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    for notice in study.notices:
        console.print(Text(f"! {translate(notice.sentence, lang, **notice.fields)}", style="yellow"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(translate("Rated", lang), overflow="fold")
    table.add_column(translate("Compared", lang), no_wrap=True)
    for title in ("n", "ICC(2,1)", N_("Kappa"), "Spearman", N_("Bias, points")):
        table.add_column(translate(title, lang), justify="right", no_wrap=True)
    for agreement in study.targets:
        name = target_name(agreement.target, pack, lang)
        for comparison, found in comparisons(agreement).items():
            table.add_row(name, translate(SHORT[comparison], lang), *_cells(found))
            name = ""
        table.add_section()
    console.print(table)
    if any(few(agreement) for agreement in study.targets):
        console.print(Text(caution(lang), style="yellow"))


def few(agreement: Agreement) -> bool:
    """Whether a figure of this target rests on few recordings."""
    return any(figure.n < FEW for figure in figures(agreement))


def _cells(found: Mapping[str, Figure]) -> list[str]:
    shown = [found[statistic].text if statistic in found else "" for statistic in IN_SHORT]
    n = next(iter(found.values())).n
    return [count_text(n), *(text.replace(" [", "\n[") for text in shown)]
