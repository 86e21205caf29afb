"""What a pack's check on stored measures says, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.cohort.pack_check import FEWEST
from liyi.core import words
from liyi.core.words import N_, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from liyi.cohort.pack_check import Spread
    from liyi.etiquette.pack import NormPack


def print_check(spreads: Sequence[Spread], pack: NormPack, lang: str, console: Console) -> None:
    """Print one table a profile, then the criteria that never tell people apart."""
    from rich.table import Table
    from rich.text import Text

    headings = (
        N_("Criterion"),
        N_("Recordings"),
        N_("Values (10, 50, 90 %)"),
        N_("Spread of the mark"),
        N_("Full marks"),
        N_("Agrees with the rest"),
    )
    for profile in pack.profiles:
        rows = [spread for spread in spreads if spread.profile == profile]
        if not any(spread.n for spread in rows):
            continue
        console.print(Text(f"{pack.profile_name(profile, lang)} ({profile})", style="bold"))
        table = Table(*(translate(heading, lang) for heading in headings))
        for spread in rows:
            table.add_row(*_cells(spread, pack, lang))
        console.print(table)
    alike = [spread for spread in spreads if spread.never_tells_apart]
    if alike:
        console.print(
            Text(translate("These criteria never tell people apart in these recordings:", lang), style="bold")
        )
    for spread in alike:
        name = words.pick(pack.criteria[spread.criterion].name, lang) or spread.criterion
        console.print(Text(f"■ {name} ({spread.criterion}, {pack.profile_name(spread.profile, lang)})"))
    if not any(spread.n >= FEWEST for spread in spreads):
        said = N_("Fewer than {least} recordings were assessed: nothing is said of who is told apart.")
        console.print(Text(translate(said, lang, least=FEWEST)))


def _cells(spread: Spread, pack: NormPack, lang: str) -> list[str]:
    name = words.pick(pack.criteria[spread.criterion].name, lang) or spread.criterion
    counted = f"{spread.n}/{spread.seen}"
    if spread.low is None or spread.middle is None or spread.high is None:
        return [name, counted, "–", "–", "–", "–"]
    value = " – ".join(f"{each:.3g}" for each in (spread.low, spread.middle, spread.high))
    mark = "–" if spread.spread is None else words.number(100 * spread.spread, 0)
    full = "–" if spread.full is None else words.quantity(round(100 * spread.full), "%", lang)
    rest = "–" if spread.agreement is None else f"{spread.agreement:+.2f}"
    return [name, counted, f"{value} {spread.unit}".strip(), mark, full, rest]
