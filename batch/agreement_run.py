"""`liyi agreement`: ratings and scores in; a table, agreement.csv, agreement.html and, on request, a norm pack out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batch import agreement_page, agreement_table
from batch.agreement import study
from batch.ratings import read_ratings
from batch.scored import read_scores
from models.files import file_sha256
from report.words import translate

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from etiquette.pack import NormPack


def compare(
    ratings: Path,
    scores: Path,
    *,
    scale: str | None,
    pack: NormPack,
    out: Path,
    lang: str,
    console: Console,
) -> None:
    """Compare people with each other and with Liyi, and write what was found.

    Parameters
    ----------
    ratings, scores
        The files that are compared.
    scale
        Scale of the ratings; told from them when None.
    pack
        Names the criteria.
    out
        Folder of ``agreement.csv`` and ``agreement.html``; made when it is not there.
    lang
        ``zh`` or ``en``.
    console
        Where the table is printed.

    Raises
    ------
    LiyiError
        When a file cannot be read, is refused, or the results cannot be written.
    """
    scored = read_scores(scores)
    rated = read_ratings(ratings, scale)
    found = study(rated, scored)
    out.mkdir(parents=True, exist_ok=True)
    agreement_table.write_csv(found, out)
    facts = [
        (translate("Ratings", lang), ratings.name, f"sha256 {file_sha256(ratings)}"),
        (translate("Scores", lang), scores.name, f"sha256 {file_sha256(scores)}"),
        (translate("Scored by", lang), ", ".join(scored.packs), ""),
    ]
    agreement_page.write_page(found, scored, pack, out, lang, facts=facts)
    agreement_table.print_study(found, pack, lang, console)
    for name in (agreement_page.HTML_NAME, agreement_table.CSV_NAME):
        console.print(str(out / name), markup=False, highlight=False, soft_wrap=True)
