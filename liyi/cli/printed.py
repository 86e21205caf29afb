"""``liyi records impact-assessment`` and ``consent-form``: pages for the office, to be printed and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.records import AccountOption, acting, records, store
from liyi.cli.shared import LangOption, fail, say

OutOption = Annotated[Path, typer.Option("--out", help="The page to write (.html).")]


@records.command("impact-assessment")
def impact_assessment(
    *, out: OutOption = Path("impact-assessment.html"), account: AccountOption = None, lang: LangOption
) -> None:
    """Write the impact assessment of personal information (PIPL 55, 56), filled in from how Liyi is set up."""
    from liyi.records import printed

    with store(lang) as opened:
        _write(out, printed.impact_assessment(opened, printed.set_up(opened, acting(opened, account)), lang.value))
    say("{file} is written: open it in a browser, fill in what only the unit knows, print it.", lang, file=out)


@records.command("consent-form")
def consent_form(
    *,
    out: OutOption = Path("consent-form.html"),
    organisation: Annotated[str, typer.Option(metavar="NAME", help="Name of the organisation on the form.")] = "",
    lang: LangOption,
) -> None:
    """Write the consent form to be printed and signed: the texts of the pages, word for word, each with its version."""
    from liyi.core.errors import LiyiError
    from liyi.records import printed

    try:
        _write(out, printed.consent_form(lang.value, organisation=organisation))
    except LiyiError as error:
        fail(error, lang)
    say("{file} is written: open it in a browser and print it.", lang, file=out)


def _write(file: Path, text: str) -> None:
    from liyi.records.printed import is_printed
    from liyi.scoring.folder import result_file

    with result_file(file, is_printed) as part:
        part.write_text(text, encoding="utf-8")
