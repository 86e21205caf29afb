"""The terminal door: the ``liyi`` command. Thin: every command calls one room and prints what it returns.

Nothing heavy is imported before a command runs, so that ``liyi --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from etiquette.assessment import Assessment
    from signals.trace import Interval

app = typer.Typer(
    help="Liyi 礼仪: a recording in, a fair and explained assessment of bearing and voice out.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: a third of the start-up time
    pretty_exceptions_enable=False,
)
norms = typer.Typer(help="Norm packs: list, show, check, compare.", no_args_is_help=True, rich_markup_mode=None)
models = typer.Typer(
    help="Model files: fetch, verify, carry to another machine.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(norms, name="norms")
app.add_typer(models, name="models")


class Lang(StrEnum):
    """Languages of the report and the messages."""

    zh = "zh"
    en = "en"


class Camera(StrEnum):
    """Where the camera stood."""

    auto = "auto"
    front = "front"
    side = "side"


class Speech(StrEnum):
    """Language spoken in the recording."""

    auto = "auto"
    zh = "zh"
    en = "en"


def system_lang() -> Lang:
    """Chinese where the terminal's locale is Chinese, else English."""
    locale = next((os.environ[k] for k in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(k)), "")
    return Lang.zh if locale.startswith("zh") else Lang.en


LangOption = Annotated[Lang, typer.Option("--lang", default_factory=system_lang, show_default="system locale",
                                          help="Language of report and messages.")]  # fmt: skip
PackOption = Annotated[str, typer.Option("--norms", help="Norm pack: a shipped id or the path of a .toml file.")]


def fail(error: Exception, lang: Lang, code: int = 1) -> NoReturn:
    """Print one sentence and leave."""
    from report.words import explain_error
    from signals.errors import LiyiError

    text = explain_error(error, lang.value) if isinstance(error, LiyiError) else str(error)
    typer.echo(text, err=True)
    raise typer.Exit(code)


def parse_interval(text: str | None) -> Interval | None:
    """``START-END`` in seconds, such as ``0-6.5``."""
    if text is None:
        return None
    from signals.trace import Interval

    start, dash, end = text.partition("-")
    try:
        interval = Interval(float(start), float(end))
    except ValueError:
        interval = None
    if not dash or interval is None or not 0 <= interval.start_s < interval.end_s < float("inf"):
        raise typer.BadParameter(f"'{text}' is not START-END in seconds, such as 0-6.5", param_hint="--calibration")
    return interval


def run_with_progress(lang: Lang, job: Callable[[Callable[[str, float], None]], Assessment]) -> Assessment:
    """Run ``job(progress)`` under a progress bar (on standard error, only at a terminal)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from report.words import translate

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, int] = {}

        def progress(stage: str, done: float) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(translate(stage, lang.value), total=1.0)
            bar.update(tasks[stage], completed=done)  # type: ignore[arg-type]

        return job(progress)


def show(assessment: Assessment, out: Path, lang: Lang) -> None:
    """Print the assessment's table and where its files are."""
    from rich.console import Console

    from report.table import print_assessment

    print_assessment(assessment, lang.value, Console(), out=out)


@app.command()
def score(
    video: Annotated[Path, typer.Argument(help="The recording: video, or sound alone.")],
    *,
    pack: PackOption = "counter",
    profile: Annotated[str | None, typer.Option(help="Profile of the pack (default: the pack's first).")] = None,
    camera: Annotated[Camera, typer.Option(help="Where the camera stood.")] = Camera.auto,
    calibration: Annotated[
        str | None, typer.Option(metavar="START-END", help="Quiet upright stretch, in seconds.")
    ] = None,
    speech: Annotated[Speech, typer.Option(help="Language spoken.")] = Speech.auto,
    recogniser: Annotated[
        str, typer.Option(help="Model folder (CTranslate2), or 'none' for no transcript.")
    ] = "whisper_base",
    exempt: Annotated[list[str] | None, typer.Option(help="Exemption of the person (may be repeated).")] = None,
    out: Annotated[Path | None, typer.Option(help="Output folder (default ./NAME.liyi/).")] = None,
    lang: LangOption,
) -> None:
    """Assess one recording: writes assessment.json, measures.parquet and report.html."""
    stretch = parse_interval(calibration)
    from etiquette.norms import NormPackError, load_pack
    from report.scoring import score as score_recording
    from signals.errors import LiyiError

    folder = out if out is not None else Path(f"{video.stem or video.name}.liyi")
    try:
        norm_pack = load_pack(pack)
        norm_pack.profile(profile)
    except NormPackError as error:
        fail(error, lang, 2)
    try:
        assessment = run_with_progress(
            lang,
            lambda progress: score_recording(
                video, out=folder, pack=norm_pack, profile=profile, camera=camera.value, calibration=stretch,
                language=speech.value, exemptions=tuple(exempt or ()),
                recogniser=None if recogniser == "none" else recogniser, lang=lang.value, progress=progress,
            ),
        )  # fmt: skip
    except LiyiError as error:
        fail(error, lang)
    show(assessment, folder, lang)


@app.command()
def rejudge(
    folder: Annotated[Path, typer.Argument(help="Output folder of an earlier `liyi score`.")],
    *,
    pack: PackOption = "counter",
    profile: Annotated[str | None, typer.Option(help="Profile of the pack (default: the one used before).")] = None,
    exempt: Annotated[list[str] | None, typer.Option(help="Exemption of the person (may be repeated).")] = None,
    out: Annotated[Path | None, typer.Option(help="Output folder (default: the same folder).")] = None,
    lang: LangOption,
) -> None:
    """Judge stored measures again by another pack, without the video."""
    from etiquette.norms import NormPackError, load_pack
    from report.scoring import rejudge as rejudge_folder
    from signals.errors import LiyiError

    try:
        norm_pack = load_pack(pack)
        assessment = rejudge_folder(folder, pack=norm_pack, profile=profile, out=out or folder,
                                    exemptions=None if exempt is None else tuple(exempt), lang=lang.value)  # fmt: skip
    except NormPackError as error:
        fail(error, lang, 2)
    except LiyiError as error:
        fail(error, lang)
    show(assessment, out or folder, lang)


def main() -> None:
    """Entry point of the ``liyi`` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show Chinese must not end in a traceback
    app()


if __name__ == "__main__":
    main()
