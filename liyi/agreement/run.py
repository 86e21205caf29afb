"""`liyi agreement`: ratings and scores in; a table, agreement.csv, agreement.html and, on request, a norm pack out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liyi.agreement.new_pack import refuse_existing
from liyi.agreement.page import write_page
from liyi.agreement.ratings import read_ratings
from liyi.agreement.score_table import read_scores
from liyi.agreement.study import study
from liyi.agreement.suggestions import tell, try_bands, write_suggestions
from liyi.agreement.table import print_study, write_csv
from liyi.batch.outputs import AGREEMENT_CSV, AGREEMENT_HTML, OF_AN_AGREEMENT, require_own_outputs
from liyi.core import words
from liyi.core.words import translate
from liyi.modelfiles.files import file_sha256

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.console import Console

    from liyi.agreement.suggestions import Suggestion
    from liyi.etiquette.pack import NormPack


def compare(
    ratings: Path,
    scores: Path,
    *,
    scale: str | None,
    pack: NormPack,
    pack_name: str,
    suggest: Path | None,
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
    pack, pack_name
        Names the criteria, and is what suggestions start from; and how the user named it.
    suggest
        Where a new version of the pack is written, if the data support other bands; None for no suggestions.
    out
        Folder of ``agreement.csv`` and ``agreement.html``; made when it is not there.
    lang
        ``zh`` or ``en``.
    console
        Where the table is printed.

    Raises
    ------
    LiyiError
        When a file cannot be read, is refused, or the results cannot be written or would take the place of a
        file that Liyi did not write.
    """
    if suggest is not None:
        refuse_existing(suggest)
    require_own_outputs(out, OF_AN_AGREEMENT)
    scored = read_scores(scores)
    rated = read_ratings(ratings, scale)
    found = study(rated, scored)
    trials = try_bands(found, scored, pack, scores.parent) if suggest is not None else []
    facts = [
        (translate("Ratings", lang), ratings.name, f"sha256 {file_sha256(ratings)}"),
        (translate("Scores", lang), scores.name, f"sha256 {file_sha256(scores)}"),
        (translate("Scored by", lang), words.listed(scored.packs, lang), ""),
    ]
    write_csv(found, out)
    write_page(found, scored, pack, out, lang, facts=facts, suggestions=tell(trials, pack, lang))
    print_study(found, pack, lang, console)
    written = [out / AGREEMENT_HTML, out / AGREEMENT_CSV]
    if suggest is not None:
        source = "; ".join(f"{name} {code}" for _, name, code in facts[:2])
        if f"{pack.id} {pack.version}" not in scored.packs:
            console.print(
                translate(
                    "The scores are by {packs}; the bands tried are those of {pack}.",
                    lang,
                    packs=words.listed(scored.packs, lang),
                    pack=f"{pack.id} {pack.version}",
                )
            )
        print_suggestions(tell(trials, pack, lang), lang, console)
        if write_suggestions(trials, pack, pack_name, suggest, source=source, lang=lang) is not None:
            written.append(suggest)
        else:
            console.print(translate("No band is moved, so no norm pack was written.", lang))
    for path in written:
        console.print(str(path), markup=False, highlight=False, soft_wrap=True)


def print_suggestions(suggestions: Sequence[Suggestion], lang: str, console: Console) -> None:
    """Print what came of each trial."""
    from rich.text import Text

    console.print(Text(translate("Suggested bands", lang), style="bold"))
    for one in suggestions:
        figures = f"  n {one.trial.n}  {one.now} → {one.then}  {one.gain}" if one.trial.enough else f"  n {one.trial.n}"
        console.print(Text.assemble((one.name, "bold"), f"{figures}\n  {one.outcome}"))
