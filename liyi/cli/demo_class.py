"""``liyi demo-class``: made-up people, so that every page can be looked at before the first trainee comes."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.shared import LangOption, QuietOption, app, confirm, fail, say
from liyi.core.words import N_


@app.command("demo-class")
def demo_class(
    *,
    data: Annotated[
        Path, typer.Option(metavar="FOLDER", help="The folder to make it in: a new or an empty one.")
    ] = Path("liyi-demo"),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    quiet: QuietOption = False,
    lang: LangOption,
) -> None:
    """Make a class of made-up people in a folder of its own, to look at every page before the first trainee comes."""
    from liyi.core.errors import LiyiError
    from liyi.core.moments import moment
    from liyi.core.owner import only_owner
    from liyi.core.progress_shown import show_progress
    from liyi.core.words import translate
    from liyi.records import demo_class as making
    from liyi.records.role_names import ROLE_NAMES
    from liyi.report.html import HTML

    folder = data.absolute()
    before = only_owner()
    try:
        making.need_empty(folder)
        if not yes:
            confirm(N_("Make a class of made-up people in a folder of its own?"), lang)
        with show_progress(quiet=quiet) as shown:
            made = making.make(folder, report=HTML, progress=lambda done: shown.step("", done, ""))
    except LiyiError as error:
        fail(error, lang)
    finally:
        os.umask(before)
    say("The class is in {folder}: recordings {recordings}, all of made-up people.", lang, folder=folder,
        recordings=made.recordings)  # fmt: skip
    say("Accounts, each with a one-time code, with which one sets a password ({day}, UTC, is the last moment):", lang,
        day=moment(made.accounts[0].code.until, UTC))  # fmt: skip
    for each in made.accounts:
        typer.echo(f"{each.account:<16}{each.code.text}  {translate(ROLE_NAMES[each.role], lang.value)} {each.name}")
    say("Open it: LIYI_DATA={folder} liyi app --team", lang, folder=folder)
    say("To delete it all, delete the folder {folder}.", lang, folder=folder)
