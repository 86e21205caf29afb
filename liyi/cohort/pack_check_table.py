"""What a pack's check on stored measures says, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.cohort.pack_check import FEWEST
from liyi.core import words
from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console
    from rich.table import Table

    from liyi.cohort.pack_check import Spread
    from liyi.etiquette.pack import NormPack


def print_check(spreads: Sequence[Spread], pack: NormPack, lang: str, console: Console) -> None:
    """Print one table a profile, what was assessed in none of its recordings, and what never tells people apart."""
    from rich.text import Text

    for profile in pack.profiles:
        rows = [spread for spread in spreads if spread.profile == profile]
        assessed = [spread for spread in rows if spread.n]
        if not assessed:
            continue
        console.print(Text(f"{pack.profile_name(profile, lang)} ({profile})", style="bold"))
        console.print(_table(assessed, pack, lang))
        if rest := [_name(spread, pack, lang) for spread in rows if not spread.n]:
            said = translate("Assessed in none of them: {names}.", lang, names=words.listed(rest, lang))
            console.print(Text(said, style="dim"))
        console.print()
    alike = [spread for spread in spreads if spread.never_tells_apart]
    if alike:
        console.print(
            Text(translate("These criteria never tell people apart in these recordings:", lang), style="bold")
        )
    for spread in alike:
        name = _name(spread, pack, lang)
        console.print(Text(f"■ {name} ({spread.criterion}, {pack.profile_name(spread.profile, lang)})"))
    if not any(spread.n >= FEWEST for spread in spreads):
        said = N_("Fewer than {least} recordings were assessed: nothing is said of who is told apart.")
        console.print(Text(translate(said, lang, least=FEWEST)))


def _table(rows: Sequence[Spread], pack: NormPack, lang: str) -> Table:
    """How they spread; only the values where there are too few recordings to speak of it."""
    from rich import box
    from rich.table import Table

    several = any(spread.n > 1 for spread in rows)
    headings = [N_("Criterion"), N_("Recordings"), N_("Values (10, 50, 90 %)") if several else N_("Value"),
                N_("Full marks")]  # fmt: skip
    if any(spread.n >= FEWEST for spread in rows):
        headings += [N_("Spread of the mark"), N_("Agrees with the rest")]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(translate(heading, lang), overflow="fold")  # a name that is cut off may be another's
    for spread in rows:
        table.add_row(*_cells(spread, pack, lang)[: len(headings)])
    return table


def _name(spread: Spread, pack: NormPack, lang: str) -> str:
    return words.pick(pack.criteria[spread.criterion].name, lang) or spread.criterion


def _cells(spread: Spread, pack: NormPack, lang: str) -> list[str]:
    found = (spread.low, spread.middle, spread.high)
    values = [words.number(each, words.decimals(each, None)) for each in found if each is not None]
    value = values[0] if len(set(values)) == 1 else " – ".join(values)
    criterion = pack.criteria[spread.criterion]
    if criterion.aggregate == "share_in_band":
        said = N_("{share} % of the cases good") if criterion.attribute else N_("{share} % of the time good")
        value = translate(said, lang, share=value)
    else:
        value = f"{value} {words.unit(spread.unit, lang)}".strip()
    mark = "–" if spread.spread is None else words.number(100 * spread.spread, 0)
    full = "–" if spread.full is None else words.quantity(round(100 * spread.full), "%", lang)
    rest = "–" if spread.agreement is None else f"{spread.agreement:+.2f}"
    return [_name(spread, pack, lang), f"{spread.n}/{spread.seen}", value, full, mark, rest]
