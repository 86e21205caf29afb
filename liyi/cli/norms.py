"""``liyi norms``: packs listed, shown, checked, compared."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.localized import Commands
from liyi.cli.shared import LangOption, app, fail

if TYPE_CHECKING:
    from liyi.etiquette.pack import NormPack

norms = Commands("Norm packs: list, show, check, compare.")
app.add_typer(norms, name="norms")


@norms.command("list")
def norms_list(*, lang: LangOption) -> None:
    """The norm packs that ship."""
    from liyi.etiquette.norms import list_packs, load_pack

    for ref in list_packs():
        pack = load_pack(ref.id)
        typer.echo(f"{ref.id}  {ref.version}  {getattr(pack.name, lang)}  ({', '.join(pack.profiles)})")


@norms.command("show")
def norms_show(
    pack: Annotated[str, typer.Argument(help="Shipped id, or path of a .toml file.")],
    *,
    phrases: Annotated[
        bool, typer.Option("--phrases", help="Every phrase of its lists instead, each with the better sentence.")
    ] = False,
    lang: LangOption,
) -> None:
    """Profiles with their weights, every criterion with its bands and source, and how many phrases are listed."""
    from rich.console import Console

    from liyi.etiquette.norms import NormPackError, load_pack
    from liyi.report.table import print_pack

    try:
        print_pack(load_pack(pack), lang.value, Console(), phrases=phrases)
    except NormPackError as error:
        fail(error, lang)


@norms.command("check")
def norms_check(
    file: Annotated[str, typer.Argument(help="Path of a .toml file, or a shipped id.")],
    *,
    on: Annotated[
        Path | None,
        typer.Option("--on", metavar="FOLDER", help="Try it on the stored measures of earlier recordings, too."),
    ] = None,
    lang: LangOption,
) -> None:
    """Every fault of a pack, each with its line and key; exit 1 if there is one.

    With --on: how each criterion spreads over recordings that were scored before, how often it gives full marks, how
    it agrees with the rest, and which never tell people apart.
    """
    from liyi.core.errors import LiyiError
    from liyi.core.words import translate
    from liyi.etiquette.norms import load_pack

    try:
        pack = load_pack(file)
        typer.echo(translate("The norm pack {id} {version} is sound.", lang.value, id=pack.id, version=pack.version))
        say_unheard(pack, lang.value)
        if on is not None:
            from rich.console import Console

            from liyi.batch.search import LeftOut
            from liyi.cohort.pack_check import check_on
            from liyi.cohort.pack_check_table import print_check

            left_out = LeftOut()
            print_check(check_on(pack, on, left_out), pack, lang.value, Console())
            if left_out:
                typer.echo(left_out.text(lang.value))
    except LiyiError as error:
        fail(error, lang)


def say_unheard(pack: NormPack, lang: str) -> None:
    """Say which phrases of a pack the second recogniser cannot listen for; no fault, since the first one does."""
    from liyi.core.words import translate
    from liyi.etiquette.pack_phrases import listened_for
    from speech import second

    wanted = listened_for(pack)
    if wanted and second.lacking():
        sentence = "Whether the second recogniser knows every phrase was not checked: run `liyi doctor`."
        typer.echo(translate(sentence, lang))
        return
    for wording in second.unknown(wanted):
        sentence = "A character of {wording} is unknown to the second recogniser: only the first one hears this phrase."
        typer.echo(translate(sentence, lang, wording=wording))


@norms.command("diff")
def norms_diff(
    old: Annotated[str, typer.Argument(help="Shipped id, or path of a .toml file.")],
    new: Annotated[str, typer.Argument(help="The one that is compared with it.")],
    *,
    lang: LangOption,
) -> None:
    """What changed from one pack to another, key by key."""
    from liyi.core.words import translate
    from liyi.etiquette.norms import NormPackError, diff_packs, load_pack

    try:
        changes = diff_packs(load_pack(old), load_pack(new))
    except NormPackError as error:
        fail(error, lang)
    for change in changes:
        typer.echo(change.text)
    if not changes:
        typer.echo(translate("The two packs say the same.", lang.value))
