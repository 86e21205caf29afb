"""``liyi batch``: many recordings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.records import AccountOption, acting, store
from liyi.cli.shared import Lang, LangOption, PackOption, QuietOption, app, fail, takes_options
from liyi.core.options import Options

if TYPE_CHECKING:
    from liyi.batch.manifest import Line
    from liyi.batch.run import Outcome
    from liyi.batch.search import LeftOut


@app.command()
@takes_options
def batch(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="Recordings, folders, globs, URLs, manifests (.csv, .xlsx, .parquet)."),
    ],
    *,
    out: Annotated[Path, typer.Option(help="Output folder.")],
    pack: PackOption = "counter",
    options: Options,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://HOST:PORT", help="Scheduler of workers on other machines.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes (default: as many as fit).")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on: what is done is not done again.")] = False,
    side_ending: Annotated[
        str,
        typer.Option(
            metavar="ENDING",
            help="How names from the side end, such as `_side`: `a_side.mp4` belongs to `a.mp4` beside it.",
        ),
    ] = "",
    report: Annotated[bool, typer.Option("--report", help="A report.html for each recording.")] = False,
    account: AccountOption = None,
    retries: Annotated[int, typer.Option(min=0, help="More tries for what stopped its process.")] = 2,
    quiet: QuietOption = False,
    lang: LangOption,
) -> None:
    """Assess many recordings: tables, a cohort report, and an assessment.json for each."""
    import signal

    from liyi.batch.cluster import dashboard, local, remote
    from liyi.batch.manifest import Defaults, read_lines
    from liyi.batch.progress import progress_display
    from liyi.batch.results import OccupiedError, batch_lock
    from liyi.batch.run import Settings, run_batch
    from liyi.batch.search import LeftOut
    from liyi.cohort.files import write_cohort
    from liyi.core.errors import LiyiError
    from liyi.core.words import labelled, translate

    # A job that is ended stops as after Ctrl-C; and Ctrl-C stops one that a script put into the background, where the
    # shell has it ignored.
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, signal.default_int_handler)
    try:
        left_out = LeftOut()
        lines = _exempted(read_lines(paths, Defaults(pack, options, side_ending), left_out), account, lang)
    except LiyiError as error:
        fail(error, lang, 2)
    if left_out:  # at once, so that who misses something can stop; and again where it stands beside the numbers
        typer.echo(left_out.text(lang.value), err=True)
    try:
        with batch_lock(out, resume=resume), remote(scheduler) if scheduler else local(workers) as client:
            if address := dashboard(client):
                typer.echo(labelled(translate("Dashboard", lang.value), address, lang.value), err=True)
            with progress_display(len(lines), lang.value, quiet=quiet) as tell:
                outcome = run_batch(
                    lines, out, client, Settings(lang.value, report, retries), write=write_cohort, tell=tell
                )
    except OccupiedError as error:
        fail(error, lang, 2)
    except LiyiError as error:
        fail(error, lang)
    except KeyboardInterrupt:
        typer.echo(translate("Stopped before anything was done.", lang.value), err=True)
        raise typer.Exit(130) from None
    _tell_outcome(outcome, len(lines), left_out, out, lang)


def _tell_outcome(outcome: Outcome, count: int, left_out: LeftOut, out: Path, lang: Lang) -> None:
    """What came of it; leaves with an exit code where not everything was done that was asked for."""
    from liyi.core.words import translate

    typer.echo(translate("{done} of {all} recordings are assessed, {totals} of them with a total; everything is in "
                         "{folder}.", lang.value, done=outcome.done, all=count, totals=outcome.with_total,
                         folder=str(out)))  # fmt: skip
    if left_out:
        typer.echo(left_out.text(lang.value))
    if outcome.error is not None:
        fail(outcome.error, lang)
    if outcome.stopped:
        typer.echo(translate("Stopped: give the same command with --resume to go on.", lang.value), err=True)
        raise typer.Exit(130)
    if outcome.done < count:
        failures = str(out / "failures.csv")
        typer.echo(translate("What failed, and why, is in {file}.", lang.value, file=failures), err=True)
    if outcome.done < count or left_out.folders:
        raise typer.Exit(1)


def _exempted(lines: list[Line], account: str | None, lang: Lang) -> list[Line]:
    """The lines with the exemptions that the records keep of people named by their ids; no store is made for that."""
    from datetime import date

    from liyi.batch.exempting import exempted, id_in
    from liyi.core.words import listed, translate
    from liyi.records.engine import is_there

    if not any(id_in(line.person) for line in lines) or not is_there():
        return lines
    with store(lang) as opened:
        found, unknown = exempted(lines, opened, acting(opened, account), on=date.today())
    if unknown:
        typer.echo(translate("The records do not show these people of the manifest to the account, so exemptions of "
                             "theirs do not count: {people}. Name an account that administers or judges them with "
                             "--as.", lang.value, people=listed(unknown, lang.value)), err=True)  # fmt: skip
    return found
