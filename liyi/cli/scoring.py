"""``liyi score`` and ``liyi rejudge``: one recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from liyi.cli.shared import (
    Lang,
    LangOption,
    PackOption,
    QuietOption,
    app,
    fail,
    fail_unforeseen,
    takes_options,
)  # fmt: skip
from liyi.core.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable

    from liyi.etiquette.assessment import Assessment


def run_with_progress(
    lang: Lang, job: Callable[[Callable[[str, float], None]], Assessment], *, quiet: bool = False
) -> Assessment:
    """Run ``job(progress)`` and show how far it is."""
    from liyi.core.progress_shown import show_progress
    from liyi.core.words import translate

    with show_progress(quiet=quiet) as shown:
        return job(lambda stage, done: shown.step(translate(stage, lang.value), done, ""))


def show(assessment: Assessment, out: Path, lang: Lang) -> None:
    """Print the assessment's table and where its files are."""
    from rich.console import Console

    from liyi.report.table import print_assessment

    print_assessment(assessment, lang.value, Console(), out=out)


@app.command()
@takes_options
def score(
    video: Annotated[str, typer.Argument(help="The recording: video, photo, or sound alone.")],
    *,
    pack: PackOption = "counter",
    side: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The same performance recorded from the side, with the sound of the room."),
    ] = None,
    options: Options,
    out: Annotated[
        Path | None,
        typer.Option(help="Output folder (default ./NAME.liyi/; ./NAME-2.liyi/ if that is another recording's)."),
    ] = None,
    quiet: QuietOption = False,
    lang: LangOption,
) -> None:
    """Assess one recording: writes assessment.json, measures.parquet and report.html."""
    from liyi.core.errors import LiyiError
    from liyi.core.file_url import local_path
    from liyi.core.words import translate
    from liyi.etiquette.norms import load_pack
    from liyi.report.html import HTML
    from liyi.scoring.ownership import place_results

    try:
        norm_pack = load_pack(pack)
        norm_pack.profile(options.profile)
        recording, partner = Path(local_path(video)), None if side is None else Path(local_path(side))
    except LiyiError as error:
        fail(error, lang, 2)
    folder, notices = place_results(recording, out, lang.value)
    for notice in notices:
        typer.echo(translate(notice.sentence, lang.value, **notice.fields), err=True)
    try:
        assessment = run_with_progress(
            lang,
            lambda progress: assessed(
                recording,
                folder,
                pack=norm_pack,
                side=partner,
                options=options,
                lang=lang.value,
                report=HTML,
                progress=progress,
            ),
            quiet=quiet,
        )
    except LiyiError as error:
        fail(error, lang)
    except Exception as error:  # whatever a library makes of a recording that it does not understand
        fail_unforeseen(recording, error, lang)
    show(assessment, folder, lang)


def assessed(recording: Path, folder: Path, **how: Any) -> Assessment:
    """Assess a recording into ``folder``; a photo in a child process, which a file made to crash its decoder ends.

    ``how`` as `liyi.scoring.score.score` takes it.
    """
    from liyi.media.files import check_file, head_of
    from liyi.media.kinds import is_photo
    from liyi.scoring.folder import ASSESSMENT
    from liyi.scoring.limited import run_limited
    from liyi.scoring.score import score as score_recording

    check_file(recording)
    if not is_photo(head_of(recording)):
        return score_recording(recording, out=folder, **how)
    from liyi.etiquette.assessment import Assessment

    run_limited(recording, folder, **how)
    return Assessment.model_validate_json((folder / ASSESSMENT).read_bytes())


@app.command()
def rejudge(
    folder: Annotated[Path, typer.Argument(help="Output folder of an earlier `liyi score`.")],
    *,
    pack: PackOption = "counter",
    profile: Annotated[str | None, typer.Option(help="Profile of the pack (default: the one used before).")] = None,
    exempt: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Exemption of the person (may be repeated).")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Output folder (default: the same folder).")] = None,
    quiet: QuietOption = False,
    lang: LangOption,
) -> None:
    """Judge stored measures again by another pack, without the video."""
    from liyi.core.errors import LiyiError
    from liyi.core.progress_shown import show_progress
    from liyi.core.words import translate
    from liyi.etiquette.norms import NormPackError, load_pack
    from liyi.report.html import HTML
    from liyi.scoring.rejudge import rejudge as rejudge_folder

    try:
        norm_pack = load_pack(pack)
        with show_progress(quiet=quiet) as shown:
            shown.step(translate("Judging stored measures", lang.value), 0.0, "")  # of half an hour it takes 10 s
            assessment = rejudge_folder(folder, pack=norm_pack, profile=profile, out=out or folder,
                                        exemptions=None if exempt is None else tuple(exempt), lang=lang.value,
                                        report=HTML)  # fmt: skip
    except NormPackError as error:
        fail(error, lang, 2)
    except LiyiError as error:
        fail(error, lang)
    show(assessment, out or folder, lang)
