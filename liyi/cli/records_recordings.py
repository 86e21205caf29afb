"""``liyi records``: recordings listed, deleted, handed out, and for how long they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.records import AccountOption, NewOption, YesOption, acting, records, say_removed, store
from liyi.cli.shared import LangOption, confirm, megabytes, say
from liyi.core.words import N_

PRIVATE = "private"  # beside the roles: what its owner has not submitted


@records.command("list")
def records_list(
    *,
    person: Annotated[str | None, typer.Option(metavar="ID", help="Only of this person.")] = None,
    account: AccountOption = None,
    new: NewOption = False,
    lang: LangOption,
) -> None:
    """The newest 500 recordings that the account may watch."""
    from liyi.core.moments import moment
    from liyi.records.operations import recordings

    with store(lang, new=new) as opened:
        found = recordings.recordings(opened, acting(opened, account), person_id=person, size=500)
        for row in found:
            typer.echo(f"{row.id}  {moment(row.created_at)}  {megabytes(row.size_bytes or 0):>7s}  {row.name}")
        if not found:
            say("There is no recording that the account may watch.", lang, err=True)


@records.command("delete")
def records_delete(
    recording: Annotated[str | None, typer.Argument(help="Id of a recording (`liyi records list`).")] = None,
    *,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="Everything of this person (`liyi records people`).")
    ] = None,
    account: AccountOption = None,
    yes: YesOption = False,
    lang: LangOption,
) -> None:
    """Delete a recording, or all that is kept of a person, for good."""
    if (recording is None) == (person is None):
        raise typer.BadParameter(N_("name a recording, or a person with --person"), param_hint="'recording'")
    from liyi.records.operations import deletion

    if not yes:
        confirm(
            N_("Delete this recording and all that was made from it for good?")
            if recording
            else N_("Delete all that is kept of this person for good?"),
            lang,
        )
    with store(lang) as opened:
        viewer = acting(opened, account)
        if recording:
            say_removed(deletion.delete_recording(opened, viewer, recording), lang)
        else:
            say_removed(deletion.delete_person(opened, viewer, person or ""), lang)


@records.command("export")
def records_export(
    file: Annotated[Path, typer.Argument(help="The archive to write (.zip).")],
    *,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose copy: only with the person's written request.")
    ] = None,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """Write a person's own copy of all that is kept of the person."""
    from liyi.records.operations import personal_copy

    with store(lang) as opened:
        viewer = acting(opened, account)
        copy = personal_copy.personal_copy(opened, viewer, file, person_id=person)
        if copy.person["id"] != str(viewer.person_id):
            say("{file} is written, unseen. It shows a person: hand it over unopened, in a safe way.", lang, file=file)
            return
        say("{file}: recordings {recordings}, {size}. It shows people: hand it over in a safe way.", lang, file=file,
            recordings=len(copy.recordings), size=megabytes(file.stat().st_size))  # fmt: skip


@records.command("retention")
def records_retention(
    role: Annotated[
        str | None,
        typer.Argument(help="trainee, trainer, evaluator or admin for what is submitted; private for what is not."),
    ] = None,
    days: Annotated[int | None, typer.Argument(help="For how many days these recordings are kept.")] = None,
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """For how many days recordings are kept; with a role and a number, say so."""
    from liyi.records.operations import people
    from liyi.records.schema import Role

    if role is not None and (days is None or role not in {*Role, PRIVATE}):
        raise typer.BadParameter(N_("name a role and a number of days, or neither"), param_hint="'role', 'days'")
    with store(lang) as opened:
        viewer = acting(opened, account)
        if role == PRIVATE and days is not None:
            people.set_private_retention(opened, viewer, days=days)
        elif role is not None and days is not None:
            people.set_retention(opened, viewer, Role(role), days=days)
        found = [(str(row.role), row.days) for row in people.retention(opened, viewer)]
        if (private := people.organisation(opened, viewer).private_days) is not None:
            found.append((PRIVATE, private))
        for name, number in found:
            typer.echo(f"{name}  {number}")
        if not found:
            say("No number of days was said for any role: recordings stay until somebody deletes them.", lang,
                err=True)  # fmt: skip
