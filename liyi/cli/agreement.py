"""``liyi agreement``: people's ratings held against the scores."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.shared import LangOption, PackOption, app, fail


class RatingScale(StrEnum):
    """Scale on which people rated."""

    unit = "0-1"
    points = "0-100"
    grades = "1-5"


@app.command()
def agreement(
    ratings: Annotated[
        Path, typer.Argument(help="A list (.csv, .xlsx): recording, rater, criterion, score, and session if repeated.")
    ],
    scores: Annotated[Path, typer.Argument(help="scores.parquet of `liyi batch`.")],
    *,
    scale: Annotated[RatingScale | None, typer.Option(help="Scale of the ratings (default: told from them).")] = None,
    pack: PackOption = "counter",
    suggest: Annotated[
        Path | None, typer.Option(metavar="NEWPACK", help="Write --norms with moved bands, where the data support it.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Output folder (default: that of the scores).")] = None,
    lang: LangOption,
) -> None:
    """Hold people's ratings against the scores: writes agreement.csv and agreement.html."""
    from rich.console import Console

    from liyi.agreement.run import compare
    from liyi.core.errors import LiyiError
    from liyi.etiquette.norms import NormPackError, load_pack

    try:
        norm_pack = load_pack(pack)
    except NormPackError as error:
        fail(error, lang, 2)
    try:
        compare(ratings, scores, scale=scale.value if scale else None, pack=norm_pack, pack_name=pack,
                suggest=suggest, out=out or scores.parent, lang=lang.value, console=Console())  # fmt: skip
    except LiyiError as error:
        fail(error, lang)
