"""``liyi records``: what its commands share, the opened store above all."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from liyi.cli.localized import Commands
from liyi.cli.shared import Lang, app, fail, megabytes, say

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
