"""``liyi records``: the store as a whole, which is purged, proved, backed up and restored."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from liyi.cli.records import AccountOption, NewOption, YesOption, acting, records, say_removed, say_unknown, store
from liyi.cli.shared import LangOption, QuietOption, confirm, megabytes, say
from liyi.core.words import N_

UnknownOption = Annotated[bool, typer.Option("--unknown", help="Files that this database never named.")]


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
    from liyi.core.moments import day
    from liyi.core.words import translate
    from liyi.records import retention

    with store(lang) as opened:
        if not dry_run:
            say_removed(retention.purge(opened, clock_is_right=clock_is_right), lang)
            return
        if not clock_is_right:
            retention.require_clock(opened)
        due, removal = retention.preview(opened)
        for row in due:
            typer.echo(f"{day(row.created_at)}  {row.id}  {translate(row.why.words, lang.value)}")
        say("Would go: recordings {recordings}, assessments {assessments}, comments {comments}, files {files} "
            "({size}).", lang, recordings=removal.recordings, assessments=removal.assessments,
            comments=removal.comments, files=removal.files, size=megabytes(removal.size_bytes))  # fmt: skip
        if removal.tries:
            say("Tries of drills that would go: {count}.", lang, count=removal.tries)
        if removal.batches or removal.uploads:
            say("Batches that would go: {batches}; files of batches that were not assessed: {files}.", lang,
                batches=removal.batches, files=removal.uploads)  # fmt: skip
        if removal.shared:
            say("Files that stay, because other recordings have the same content: {count}.", lang,
                count=removal.shared)  # fmt: skip
        say_unknown(removal.unknown, lang)
        say("Recordings that would go: {count}.", lang, count=len(due))


@records.command("adopt")
def records_adopt(*, unknown: UnknownOption = False, account: AccountOption = None, lang: LangOption) -> None:
    """Enter the recordings among files that the database never named as the account's own."""
    from liyi.records.unknown import adopt

    if not unknown:
        raise typer.BadParameter(N_("say what: --unknown"), param_hint="'--unknown'")
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
    from liyi.records.unknown import discard

    if not unknown:
        raise typer.BadParameter(N_("say what: --unknown"), param_hint="'--unknown'")
    if not yes:
        confirm(N_("Remove the files that this database never named for good?"), lang)
    with store(lang) as opened:
        gone, size = discard(opened, acting(opened, account), everything=everything)
        say("Removed for good: files {files} ({size}).", lang, files=gone, size=megabytes(size))


@records.command("backup")
def records_backup(
    file: Annotated[Path, typer.Argument(help="The archive to write (.zip).")],
    *,
    quiet: QuietOption = False,
    lang: LangOption,
) -> None:
    """Write the whole store into one archive, while it is in use."""
    from liyi.core.moments import moment
    from liyi.core.progress_shown import show_progress
    from liyi.records.backup import backup
    from liyi.records.batch_retention import brought_sizes

    with store(lang) as opened:
        with show_progress(quiet=quiet) as shown:
            made = backup(opened, file, progress=lambda done: shown.step("", done, ""))
        say("{file}: recordings {recordings}, files {files}, {size}. It shows people: keep it like the store itself.",
            lang, file=file, recordings=made.tables["recording"].rows, files=len(made.media),
            size=megabytes(file.stat().st_size))  # fmt: skip
        if left_out := brought_sizes(opened):
            say("Not in it: {count} files ({size}) that were brought to batches and are not assessed yet. Keep them "
                "where they came from, or have them assessed first.", lang, count=len(left_out),
                size=megabytes(sum(left_out)))  # fmt: skip
        say("Audit trail on {moment} UTC: {head}", lang, moment=moment(made.made_at, UTC), head=made.trail)
        say("Keep this line outside the store: `liyi records audit --verify` compares it.", lang)


@records.command("audit")
def records_audit(
    *,
    verify: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head that an earlier backup printed, to compare.")
    ] = None,
    lang: LangOption,
) -> None:
    """Whether a line of the audit trail was changed or removed, and the trail's head; exit code 1 if so."""
    from liyi.core.words import translate
    from liyi.records import chain

    with store(lang) as opened:
        printed = chain.read_head(verify) if verify is not None else None
        with opened.reading() as session:
            found = chain.check(session, printed)
        for fault in found.faults:
            typer.echo(translate(fault.sentence, lang.value, **fault.fields), err=True)
        if found.count > len(found.faults):
            say("And {count} more.", lang, count=found.count - len(found.faults), err=True)
        if found.count:
            raise typer.Exit(1)
        say("Audit trail: {count} lines, none changed and none removed.", lang, count=found.head.lines)
        typer.echo(str(found.head))


@records.command("restore")
def records_restore(
    file: Annotated[Path, typer.Argument(help="An archive of `liyi records backup`.")],
    *,
    new: NewOption = False,
    quiet: QuietOption = False,
    lang: LangOption,
) -> None:
    """Fill an empty store from a backup, after every checksum has proved right."""
    from liyi.core.moments import moment
    from liyi.core.progress_shown import show_progress
    from liyi.records.restore import restore

    with store(lang, new=new) as opened:
        with show_progress(quiet=quiet) as shown:
            made = restore(opened, file, progress=lambda done: shown.step("", done, ""))
        say("Restored as it was on {moment} UTC: recordings {recordings}, files {files}. What was deleted after that "
            "is back: delete it again, then run `liyi records purge`.", lang, moment=moment(made.made_at, UTC),
            recordings=made.tables["recording"].rows, files=len(made.media))  # fmt: skip
