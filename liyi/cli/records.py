"""``liyi records``: what is kept."""

from __future__ import annotations

import itertools
import os
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.localized import Commands
from liyi.cli.shared import Lang, LangOption, QuietOption, app, confirm, fail, megabytes, say
from liyi.core.words import N_

if TYPE_CHECKING:
    from collections.abc import Iterator

    from liyi.records.engine import Records
    from liyi.records.lifecycle import Removal
    from liyi.records.viewer import Viewer


records = Commands("What is kept: list, delete, exempt, hand out, purge, back up, restore.")
app.add_typer(records, name="records")
AccountOption = Annotated[
    str | None,
    typer.Option("--as", metavar="ACCOUNT", help="On behalf of this account (default: the machine's one person)."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
NewOption = Annotated[
    bool, typer.Option("--new", help="Begin a new database beside files that are there, or pair what does not fit.")
]
_DAY = ["%Y-%m-%d"]
PRIVATE = "private"  # beside the roles: what its owner has not submitted
UnknownOption = Annotated[bool, typer.Option("--unknown", help="Files that this database never named.")]


@contextmanager
def store(lang: Lang, *, new: bool = False) -> Iterator[Records]:
    """The opened store, whose files only its owner reads; a fault in the block is one sentence and exit code 1."""
    from liyi.core.errors import LiyiError
    from liyi.core.owner import only_owner
    from liyi.records.checkup import examine
    from liyi.records.engine import open_records
    from liyi.records.retention import ClockError

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
    from liyi.records import sign_in

    return sign_in.signed_in(opened, account) if account else sign_in.local(opened)


def say_removed(removal: Removal, lang: Lang) -> None:
    """What went, what stayed and why; no count of what the account may not see."""
    if removal.counted:
        _say_counts(removal, lang)
    else:
        say("Deleted for good, unseen. The audit trail keeps only that it was done.", lang)
    if not removal.scrubbed:
        say("Others are using the database or its disk is full, so traces may remain in its files: run `liyi records "
            "purge` when it is quiet.", lang)  # fmt: skip
    say_unknown(removal.unknown, lang)


def _say_counts(removal: Removal, lang: Lang) -> None:
    from liyi.records.batch_retention import UPLOAD_DAYS

    say("Deleted for good: recordings {recordings}, assessments {assessments}, comments {comments}, files {files} "
        "({size}). The audit trail keeps only that it was done.", lang, recordings=removal.recordings,
        assessments=removal.assessments, comments=removal.comments, files=removal.files,
        size=megabytes(removal.size_bytes))  # fmt: skip
    if removal.tries:
        say("Tries of drills deleted for good: {count}.", lang, count=removal.tries)
    if removal.batches or removal.uploads:
        say("Batches deleted for good: {batches}; files that were brought to a batch and not assessed within {days} "
            "days: {files}.", lang, batches=removal.batches, files=removal.uploads, days=UPLOAD_DAYS)  # fmt: skip
    if removal.shared:
        say("Files that stay, because other recordings have the same content: {count}.", lang, count=removal.shared)


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
    from liyi.records import sign_in

    with store(lang, new=new) as opened:
        sign_in.found_organisation(opened, organisation, admin=admin, account=account)
        say("{organisation} is there; its administrator is {account}.", lang, organisation=organisation,
            account=account)  # fmt: skip


@records.command("people")
def records_people(
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all whom the account administers into a new list.")
    ] = None,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """People whom the account administers or judges, with ids and roles; or a list of them (.xlsx, .csv)."""
    from liyi.records import people_sheet
    from liyi.records.operations import enrolment, people

    with store(lang) as opened:
        viewer = acting(opened, account)
        if out is not None:
            lines = enrolment.people_lines(opened, viewer)
            people_sheet.write_people(out, lines, lang.value)
            say("{file}: people {count}. `liyi records enter` reads it.", lang, file=out, count=len(lines))
            return
        for offset in itertools.count(0, 500):
            found = people.people(opened, viewer, size=500, offset=offset)
            for person in found:
                roles = " ".join(sorted({row.role for row in people.roles(opened, viewer, person.id)}))
                typer.echo(f"{person.id}  {person.name}  {roles}")
            if len(found) < 500:
                return


@records.command("enter")
def records_enter(
    file: Annotated[
        Path, typer.Argument(help="A list of people (.xlsx, .csv), as `liyi records people --out` writes.")
    ],
    *,
    account: AccountOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    yes: YesOption = False,
    lang: LangOption,
) -> None:
    """Enter people, roles and cohorts from a list: what it changes is shown, then all of it is done, or nothing."""
    from liyi.core.list_file import limit_faults
    from liyi.core.words import listed
    from liyi.etiquette.norms import known_exemptions
    from liyi.records import people_sheet
    from liyi.records.operations import enrolment

    with store(lang) as opened:
        viewer, known = acting(opened, account), known_exemptions()
        sheet = people_sheet.read_file(file)
        draft = enrolment.draft_people(opened, viewer, sheet.lines, known)
        faults = limit_faults(sorted((*sheet.faults, *draft.faults), key=lambda fault: fault.line))
        for fault in faults:
            typer.echo(people_sheet.shown_fault(fault, lang.value), err=True)
        if faults:
            say("Nothing was entered: mend these cells and try again.", lang, err=True)
            raise typer.Exit(1)
        for step in draft.steps:
            words = (people_sheet.shown_change(each, lang.value) for each in step.changes)
            typer.echo(f"{step.line}  {step.name}  {listed(words, lang.value)}")
        say("People to enter or change: {count}. Left as they are: {unchanged}. New departments: {departments}. New "
            "cohorts: {cohorts}.", lang, count=len(draft.steps), unchanged=draft.unchanged,
            departments=listed(draft.departments, lang.value) or "–",
            cohorts=listed(draft.cohorts, lang.value) or "–")  # fmt: skip
        if dry_run or not draft.steps:
            return
        if not yes:
            confirm(N_("Enter these people and changes?"), lang)
        enrolment.enter_people(opened, viewer, sheet.lines, draft.key, known)
        say("Entered.", lang)


@records.command("list")
def records_list(
    *,
    person: Annotated[str | None, typer.Option(metavar="ID", help="Only of this person.")] = None,
    account: AccountOption = None,
    new: NewOption = False,
    lang: LangOption,
) -> None:
    """The newest 500 recordings that the account may watch."""
    from liyi.core.moments import moment
    from liyi.records.operations import recordings

    with store(lang, new=new) as opened:
        found = recordings.recordings(opened, acting(opened, account), person_id=person, size=500)
        for row in found:
            typer.echo(f"{row.id}  {moment(row.created_at)}  {megabytes(row.size_bytes or 0):>7s}  {row.name}")
        if not found:
            say("There is no recording that the account may watch.", lang, err=True)


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
        raise typer.BadParameter(N_("name a recording, or a person with --person"), param_hint="'recording'")
    from liyi.records.operations import deletion

    if not yes:
        confirm(
            N_("Delete this recording and all that was made from it for good?")
            if recording
            else N_("Delete all that is kept of this person for good?"),
            lang,
        )
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
    from liyi.records.operations import personal_copy

    with store(lang) as opened:
        viewer = acting(opened, account)
        copy = personal_copy.personal_copy(opened, viewer, file, person_id=person)
        if copy.person["id"] != str(viewer.person_id):
            say("{file} is written, unseen. It shows a person: hand it over unopened, in a safe way.", lang, file=file)
            return
        say("{file}: recordings {recordings}, {size}. It shows people: hand it over in a safe way.", lang, file=file,
            recordings=len(copy.recordings), size=megabytes(file.stat().st_size))  # fmt: skip


@records.command("retention")
def records_retention(
    role: Annotated[
        str | None,
        typer.Argument(help="trainee, trainer, evaluator or admin for what is submitted; private for what is not."),
    ] = None,
    days: Annotated[int | None, typer.Argument(help="For how many days these recordings are kept.")] = None,
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """For how many days recordings are kept; with a role and a number, say so."""
    from liyi.records.operations import people
    from liyi.records.schema import Role

    if role is not None and (days is None or role not in {*Role, PRIVATE}):
        raise typer.BadParameter(N_("name a role and a number of days, or neither"), param_hint="'role', 'days'")
    with store(lang) as opened:
        viewer = acting(opened, account)
        if role == PRIVATE and days is not None:
            people.set_private_retention(opened, viewer, days=days)
        elif role is not None and days is not None:
            people.set_retention(opened, viewer, Role(role), days=days)
        found = [(str(row.role), row.days) for row in people.retention(opened, viewer)]
        if (private := people.organisation(opened, viewer).private_days) is not None:
            found.append((PRIVATE, private))
        for name, number in found:
            typer.echo(f"{name}  {number}")
        if not found:
            say("No number of days was said for any role: recordings stay until somebody deletes them.", lang,
                err=True)  # fmt: skip


@records.command("exempt")
def records_exempt(
    person: Annotated[str, typer.Argument(help="Id of the person (`liyi records people`).")],
    item: Annotated[str, typer.Argument(help="Exemption of a norm pack (pregnancy), or a criterion's id.")],
    *,
    from_day: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DAY, metavar="YYYY-MM-DD", help="First day of recordings it holds for; today."),
    ] = None,
    until_day: Annotated[
        datetime | None,
        typer.Option("--until", formats=_DAY, metavar="YYYY-MM-DD", help="Last day; without one it holds for good."),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why, in one line; only who sees the exemption reads it.")] = None,
    norms: Annotated[
        str | None, typer.Option(help="The norm pack that knows it: an id or a file (default: any that ships).")
    ] = None,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """From now on, do not judge a person by something: it leaves the total and the coverage."""
    from liyi.records.operations import consent

    with store(lang) as opened:
        require_known(item, norms)
        row = consent.exempt(
            opened, acting(opened, account), person, item, from_day=from_day.date() if from_day else date.today(),
            until_day=until_day.date() if until_day else None, reason=reason,
        )  # fmt: skip
        typer.echo(row.id)


@records.command("exemptions")
def records_exemptions(
    person: Annotated[str, typer.Argument(help="Id of the person (`liyi records people`).")],
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """What a person is not judged by: id, item, first and last day, reason."""
    from liyi.records.operations import consent, people

    with store(lang) as opened:
        viewer = acting(opened, account)
        people.person(opened, viewer, person)  # of somebody who is not there, nothing would look like no exemption
        for row in consent.exemptions(opened, viewer, person):
            typer.echo(f"{row.id}  {row.flag}  {row.from_day}  {row.until_day or '-'}  {row.reason or ''}".rstrip())


@records.command("end-exemption")
def records_end_exemption(
    exemption: Annotated[str, typer.Argument(help="Id of the exemption (`liyi records exemptions`).")],
    *,
    account: AccountOption = None,
    lang: LangOption,
) -> None:
    """End an exemption at once, also for recordings of the days before."""
    from liyi.records.operations import consent

    with store(lang) as opened:
        consent.end_exemption(opened, acting(opened, account), exemption)


def require_known(item: str, norms: str | None) -> None:
    """Raise LiyiError for an item that the norm pack, or without one all that ship, knows nothing of."""
    from liyi.core.errors import LiyiError
    from liyi.etiquette.causes import flags_told
    from liyi.etiquette.judge import check_exemptions
    from liyi.etiquette.norms import list_packs, load_pack

    if norms is not None:
        check_exemptions(load_pack(norms), (item,))
        return
    packs = [load_pack(each.id) for each in list_packs()]
    if not any(item in pack.exemptions for pack in packs):
        flags = {flag for pack in packs for flag in pack.exemptions.difference(pack.criteria)}
        raise LiyiError("No norm pack that ships knows an exemption {exemption}: choose one of {flags}, a criterion's "
                        "id, or name your own pack with --norms.", exemption=item,
                        **flags_told(flags))  # fmt: skip


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
