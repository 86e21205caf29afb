"""``liyi records``: by what people are not judged."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from liyi.cli.records import AccountOption, acting, records, store
from liyi.cli.shared import LangOption

_DAY = ["%Y-%m-%d"]


@records.command("exempt")
def records_exempt(
    person: Annotated[str, typer.Argument(help="Id of the person (`liyi records people`).")],
    item: Annotated[str, typer.Argument(help="Exemption of a norm pack (pregnancy), or a criterion's id.")],
    *,
    from_day: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DAY, metavar="YYYY-MM-DD", help="First day of recordings it holds for; today."),
    ] = None,
    until_day: Annotated[
        datetime | None,
        typer.Option("--until", formats=_DAY, metavar="YYYY-MM-DD", help="Last day; without one it holds for good."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why, in one line; only who sees the exemption reads it.")] = None,
    norms: Annotated[
        str | None, typer.Option(help="The norm pack that knows it: an id or a file (default: any that ships).")
    ] = None,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """From now on, do not judge a person by something: it leaves the total and the coverage."""
    from liyi.records.operations import consent

    with store(lang) as opened:
        require_known(item, norms)
        row = consent.exempt(
            opened, acting(opened, account), person, item, from_day=from_day.date() if from_day else date.today(),
            until_day=until_day.date() if until_day else None, reason=reason,
        )  # fmt: skip
        typer.echo(row.id)


@records.command("exemptions")
def records_exemptions(
    person: Annotated[str, typer.Argument(help="Id of the person (`liyi records people`).")],
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """What a person is not judged by: id, item, first and last day, reason."""
    from liyi.records.operations import consent, people

    with store(lang) as opened:
        viewer = acting(opened, account)
        people.person(opened, viewer, person)  # of somebody who is not there, nothing would look like no exemption
        for row in consent.exemptions(opened, viewer, person):
            typer.echo(f"{row.id}  {row.flag}  {row.from_day}  {row.until_day or '-'}  {row.reason or ''}".rstrip())


@records.command("end-exemption")
def records_end_exemption(
    exemption: Annotated[str, typer.Argument(help="Id of the exemption (`liyi records exemptions`).")],
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """End an exemption at once, also for recordings of the days before."""
    from liyi.records.operations import consent

    with store(lang) as opened:
        consent.end_exemption(opened, acting(opened, account), exemption)


def require_known(item: str, norms: str | None) -> None:
    """Raise LiyiError for an item that the norm pack, or without one all that ship, knows nothing of."""
    from liyi.core.errors import LiyiError
    from liyi.etiquette.causes import flags_told
    from liyi.etiquette.judge import check_exemptions
    from liyi.etiquette.norms import list_packs, load_pack

    if norms is not None:
        check_exemptions(load_pack(norms), (item,))
        return
    packs = [load_pack(each.id) for each in list_packs()]
    if not any(item in pack.exemptions for pack in packs):
        flags = {flag for pack in packs for flag in pack.exemptions.difference(pack.criteria)}
        raise LiyiError("No norm pack that ships knows an exemption {exemption}: choose one of {flags}, a criterion's "
                        "id, or name your own pack with --norms.", exemption=item,
                        **flags_told(flags))  # fmt: skip
