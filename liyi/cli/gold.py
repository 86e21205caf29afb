"""``liyi records gold-check``: the gold clips judged again by what is installed, before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.records import AccountOption, acting, records, store
from liyi.cli.shared import LangOption, say

if TYPE_CHECKING:
    from liyi.records.operations.gold_drift import Checked, Shift


@records.command("gold-check")
def records_gold_check(
    *,
    measure: Annotated[
        bool, typer.Option("--measure", help="Measure the recordings again; needed when a model has changed.")
    ] = False,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """Judge the gold clips again by this version, and tell what moved by more than its error (exit code 1)."""
    from liyi.records.operations.gold_check import check_gold

    with store(lang) as opened:
        found = check_gold(opened, acting(opened, account), measure=measure)
    say("Checked {clips} gold clips with Liyi {version}.", lang, clips=found.clips, version=found.liyi_version)
    if not measure:
        say("Judged from stored measures: what another model would see or hear is told by --measure only.", lang)
    if not found.moved:
        say("Nothing moved by more than its error.", lang)
        return
    for id in found.moved:
        _say_shift(found, id, lang)
    raise typer.Exit(1)


def _say_shift(found: Checked, id: str, lang: LangOption) -> None:
    shift: Shift = found.shifts[id]
    change = "–" if shift.change is None else f"{shift.change:+.1f} ± {shift.error:.1f}"
    say("{criterion}: moved on {moved} clips; mean change {change} points", lang, criterion=id, moved=shift.moved,
        change=change)  # fmt: skip
