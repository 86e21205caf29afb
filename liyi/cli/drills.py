"""``liyi drills``: drills listed, shown, checked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.localized import Commands
from liyi.cli.shared import Lang, LangOption, app, fail, say

if TYPE_CHECKING:
    from liyi.etiquette.drill import Drill

drills = Commands("Drills: list, show, check.")
app.add_typer(drills, name="drills")


@drills.command("list")
def drills_list(*, lang: LangOption) -> None:
    """The drills that ship and those of the unit, each with its length and its criteria."""
    from liyi.core.words import pick
    from liyi.etiquette.drill import all_drills, faulty_files

    for drill in all_drills().values():
        title = pick(drill.title, lang.value)
        typer.echo(f"{drill.id}  {title}  {drill.seconds:.0f} s  ({', '.join(drill.criteria)})")
    for file in faulty_files():
        say("{file} was left out: it has faults. See them with `liyi drills check`.", lang, file=file)


@drills.command("show")
def drills_show(drill: Annotated[str, typer.Argument(help="Id of a drill.")], *, lang: LangOption) -> None:
    """What a drill asks for, the text that is read, and the band of each criterion."""
    from liyi.core.errors import LiyiError
    from liyi.etiquette.drill import drill_named

    try:
        for line in _lines(drill_named(drill), lang):
            typer.echo(line)
    except LiyiError as error:
        fail(error, lang)


@drills.command("check")
def drills_check(file: Annotated[Path, typer.Argument(help="Path of a .toml file.")], *, lang: LangOption) -> None:
    """Every fault of a file of drills, each with its line and key; exit 1 if there is one."""
    from liyi.core.errors import LiyiError
    from liyi.core.words import listed
    from liyi.etiquette.drill import check_drills

    try:
        found = check_drills(file)
    except LiyiError as error:
        fail(error, lang)
    say("The file of drills {file} is sound: {drills}.", lang, file=file.name,
        drills=listed((drill.id for drill in found), lang.value))  # fmt: skip


def _lines(drill: Drill, lang: Lang) -> list[str]:
    from liyi.core.words import labelled, pick, translate
    from liyi.etiquette.drill import MODULES, demonstration, pack_of
    from liyi.etiquette.performance import measures
    from liyi.report.findings import edges_text

    told = lang.value
    about = [f"{pick(drill.title, told)} ({drill.id}, {translate(MODULES[drill.module], told)}, {drill.seconds:.0f} s)",
             pick(drill.what, told), pick(drill.why, told)]  # fmt: skip
    if drill.say:
        about.append(labelled(translate("Text", told), pick(drill.say, told), told))
    pack = pack_of(drill)
    judged = translate("{pack} {version}, profile {profile}", told, pack=pack.id, version=pack.version,
                       profile=drill.profile)  # fmt: skip
    about.append(labelled(translate("Judged by", told), judged, told))
    for id, criterion in pack.criteria.items():
        low, high = (None if abs(edge) == float("inf") else edge for edge in criterion.good)
        code = measures()[criterion.measure].unit if criterion.aggregate != "time_share" else "%"
        about.append("  " + labelled(pick(criterion.name, told) or id, edges_text(low, high, code, told), told))
    shown = demonstration(drill)
    if shown is not None:
        about.append(labelled(translate("Demonstration", told), shown.name, told))
    return about
