"""``liyi records overturned``: criteria on which people decided otherwise than the tool, for who keeps a norm pack."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.records import AccountOption, acting, records, store
from liyi.cli.shared import LangOption, PackOption, fail, say

if TYPE_CHECKING:
    from liyi.etiquette.pack import NormPack
    from liyi.records.operations.overturned import Overturned

_COLUMNS = ("criterion", "name", "judged", "confirmed", "rejected", "changed", "added", "overturned_share", "appeals",
            "appeals_upheld", "people", "since")  # fmt: skip


@records.command("overturned")
def records_overturned(
    *,
    pack: PackOption = "counter",
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Only what was decided from this day on."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write them as CSV too.")] = None,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """Criteria on which people decided otherwise than the tool, and appeals; over all, sums of at least 5 people."""
    from liyi.etiquette.norms import NormPackError, load_pack
    from liyi.records.operations import overturned

    try:
        norms = load_pack(pack)
    except NormPackError as error:
        fail(error, lang, 2)
    with store(lang) as opened:
        from_then = since.replace(tzinfo=UTC) if since else None
        found = overturned.overturned(opened, acting(opened, account), pack_id=norms.id, since=from_then)
        if out is not None:
            _write(out, found, norms, lang.value)
    for each in found:
        say("{name} ({criterion}): {overturned} of {judged} decided otherwise; added {added}; appeals {appeals}, "
            "upheld {upheld}; people {people}", lang, name=_name(norms, each.criterion, lang.value),
            criterion=each.criterion, overturned=each.rejected + each.changed, judged=each.judged, added=each.added,
            appeals=each.appeals, upheld=each.upheld, people=each.people)  # fmt: skip
    if any(each.since != from_then for each in found):
        days = ", ".join(f"{each.criterion} {_day(each)}" for each in found if each.since != from_then and each.since)
        say("Where a sum would tell of somebody alone it begins earlier than asked: {days}.", lang,
            days=days or "–", err=True)  # fmt: skip
    if not found:
        say("There is nothing that people decided on, or it is of fewer than 5 people.", lang, err=True)


def _day(each: Overturned) -> str:
    """From which day on it is told; empty for all of it."""
    return each.since.date().isoformat() if each.since else ""


def _name(norms: NormPack, criterion: str, lang: str) -> str:
    from liyi.core.words import pick

    known = norms.criteria.get(criterion)
    return (known and pick(known.name, lang)) or criterion


def _write(file: Path, found: list[Overturned], norms: NormPack, lang: str) -> None:
    from liyi.core.atomic import starts_with
    from liyi.core.spreadsheet_text import csv_cell
    from liyi.scoring.folder import result_file

    head = ",".join(_COLUMNS)
    mark = "\N{ZERO WIDTH NO-BREAK SPACE}"  # by which Excel knows UTF-8
    with result_file(file, lambda there: starts_with(there, f"{mark}{head}".encode())) as part, part.open(
        "w", encoding="utf-8", newline=""
    ) as lines:  # fmt: skip
        lines.write(mark)
        table = csv.writer(lines)
        table.writerow(_COLUMNS)
        for each in found:
            share = "" if each.share is None else f"{each.share:.3f}"
            name = csv_cell(_name(norms, each.criterion, lang))
            table.writerow((each.criterion, name, each.judged, each.confirmed, each.rejected, each.changed, each.added,
                            share, each.appeals, each.upheld, each.people, _day(each)))  # fmt: skip
