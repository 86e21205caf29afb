"""``liyi records``: who there is."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.records import AccountOption, NewOption, YesOption, acting, records, store
from liyi.cli.shared import LangOption, confirm, say
from liyi.core.words import N_


@records.command("found")
def records_found(
    organisation: Annotated[str, typer.Argument(help="Name of the organisation.")],
    *,
    admin: Annotated[str, typer.Option(help="Name of its first administrator.")],
    account: Annotated[str, typer.Option(help="Account of the administrator at the sign-in service.")],
    new: NewOption = False,
    lang: LangOption,
) -> None:
    """Make an organisation with its first administrator, who enters all others."""
    from liyi.records import sign_in

    with store(lang, new=new) as opened:
        sign_in.found_organisation(opened, organisation, admin=admin, account=account)
        say("{organisation} is there; its administrator is {account}.", lang, organisation=organisation,
            account=account)  # fmt: skip


@records.command("people")
def records_people(
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all whom the account administers into a new list.")
    ] = None,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """People whom the account administers or judges, with ids and roles; or a list of them (.xlsx, .csv)."""
    from liyi.records import people_sheet
    from liyi.records.operations import enrolment, people

    with store(lang) as opened:
        viewer = acting(opened, account)
        if out is not None:
            lines = enrolment.people_lines(opened, viewer)
            people_sheet.write_people(out, lines, lang.value)
            say("{file}: people {count}. `liyi records enter` reads it.", lang, file=out, count=len(lines))
            return
        for offset in itertools.count(0, 500):
            found = people.people(opened, viewer, size=500, offset=offset)
            for person in found:
                roles = " ".join(sorted({row.role for row in people.roles(opened, viewer, person.id)}))
                typer.echo(f"{person.id}  {person.name}  {roles}")
            if len(found) < 500:
                return


@records.command("enter")
def records_enter(
    file: Annotated[
        Path, typer.Argument(help="A list of people (.xlsx, .csv), as `liyi records people --out` writes.")
    ],
    *,
    account: AccountOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    yes: YesOption = False,
    lang: LangOption,
) -> None:
    """Enter people, roles and cohorts from a list: what it changes is shown, then all of it is done, or nothing."""
    from liyi.core.list_file import limit_faults
    from liyi.core.words import listed
    from liyi.etiquette.norms import known_exemptions
    from liyi.records import people_sheet
    from liyi.records.operations import enrolment

    with store(lang) as opened:
        viewer, known = acting(opened, account), known_exemptions()
        sheet = people_sheet.read_file(file)
        draft = enrolment.draft_people(opened, viewer, sheet.lines, known)
        faults = limit_faults(sorted((*sheet.faults, *draft.faults), key=lambda fault: fault.line))
        for fault in faults:
            typer.echo(people_sheet.shown_fault(fault, lang.value), err=True)
        if faults:
            say("Nothing was entered: mend these cells and try again.", lang, err=True)
            raise typer.Exit(1)
        for step in draft.steps:
            words = (people_sheet.shown_change(each, lang.value) for each in step.changes)
            typer.echo(f"{step.line}  {step.name}  {listed(words, lang.value)}")
        say("People to enter or change: {count}. Left as they are: {unchanged}. New departments: {departments}. New "
            "cohorts: {cohorts}.", lang, count=len(draft.steps), unchanged=draft.unchanged,
            departments=listed(draft.departments, lang.value) or "–",
            cohorts=listed(draft.cohorts, lang.value) or "–")  # fmt: skip
        if dry_run or not draft.steps:
            return
        if not yes:
            confirm(N_("Enter these people and changes?"), lang)
        enrolment.enter_people(opened, viewer, sheet.lines, draft.key, known)
        say("Entered.", lang)
