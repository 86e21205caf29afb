"""What an administrator should look after: people who cannot work yet, rules that nobody has said, the machine.

Nothing of it tells of a recording that is private.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, select

from liyi.core.errors import Notice
from liyi.core.moments import day
from liyi.records.batch_tables import Batch
from liyi.records.consent_tables import RetentionPolicy
from liyi.records.operations.gold_drift import notices_of
from liyi.records.operations.registry import operation
from liyi.records.rules import left_batch
from liyi.records.schema import CohortMember, Organisation, Person, Role, RoleGrant, now
from liyi.records.sign_in_tables import Credential, SignInSession
from liyi.records.unit_of_work import not_there, reading
from liyi.records.viewer import administers, administers_organisation, may

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

MOST_NAMED = 5
OLD_BACKUP = timedelta(days=3)
LATE = timedelta(days=1)  # the server removes what is due once an hour


@dataclass(frozen=True)
class Care:
    """One thing to look after; ``about`` is ``people`` or ``machine``, ``names`` are of those whom it concerns."""

    about: str
    notice: Notice
    names: tuple[str, ...] = ()


@operation
def care(records: Records, viewer: Viewer) -> list[Care]:
    """What needs the administrator's care, the most pressing first; nothing where all is well."""
    with reading(records, viewer) as unit:
        whole = unit.holds(may(viewer, Role.admin, viewer.organisation_id))
        if not whole and not unit.holds(_of_any_department(viewer)):
            raise not_there()
        gold = [Care("machine", each) for each in notices_of(unit)] if whole else []
        found = [*gold, *_people(unit), *_batches(unit), *(_rules(unit) if whole else ())]
    return [*(_machine(records, viewer) if whole else ()), *found]


def _of_any_department(viewer: Viewer) -> ColumnElement[bool]:
    return exists().where(RoleGrant.person_id == viewer.person_id, RoleGrant.role == Role.admin)


def _people(unit: UnitOfWork) -> Iterator[Care]:
    """People whom the viewer administers, and who lack something."""
    here = (administers(unit.viewer, Person), Person.left_at.is_(None), Person.id != unit.viewer.person_id)
    any_role = exists().where(RoleGrant.person_id == Person.id)
    trainee = exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == Role.trainee)
    member = exists().where(CohortMember.person_id == Person.id)
    others = any(_names(unit, *here))
    if not others:
        yield Care("people", Notice("Nobody but you is registered yet: register people under People, one by one or "
                                    "from a list."))  # fmt: skip
    never = (Person.account.is_not(None), ~exists().where(Credential.person_id == Person.id),
             ~exists().where(SignInSession.person_id == Person.id))  # fmt: skip
    if names := _names(unit, *here, *never):
        yield Care("people", Notice("People with an account who were given no one-time code and never signed in: "
                                    "{count}.", {"count": len(names)}), names[:MOST_NAMED])  # fmt: skip
    waiting = and_(Credential.code_until.is_not(None), Credential.password_hash.is_(None))
    unused = exists().where(Credential.person_id == Person.id, waiting)
    if names := _names(unit, *here, unused):
        yield Care("people", Notice("One-time codes that nobody has used yet: {count}. After three days they open "
                                    "nothing; issue new ones.", {"count": len(names)}), names[:MOST_NAMED])  # fmt: skip
    if names := _names(unit, *here, Person.account.is_not(None), ~any_role):  # others see nothing at all
        yield Care("people", Notice("People without a role, who see nothing but their own: {count}.",
                                    {"count": len(names)}), names[:MOST_NAMED])  # fmt: skip
    if names := _names(unit, *here, trainee, ~member):
        yield Care("people", Notice("Trainees in no cohort, whose recordings no trainer sees: {count}.",
                                    {"count": len(names)}), names[:MOST_NAMED])  # fmt: skip


def _batches(unit: UnitOfWork) -> Iterator[Care]:
    """Batches that their evaluator can see no more."""
    left = unit.count(select(Batch.id).where(left_batch(unit.viewer), Batch.deleted_at.is_(None)))
    if left:
        yield Care("people", Notice(
            "Batches whose evaluator has left or lost the role: {count}. Give them to another evaluator, or delete "
            "them, under People, Retention.", {"count": left},
        ))  # fmt: skip


def _names(unit: UnitOfWork, *conditions: ColumnElement[bool]) -> tuple[str, ...]:
    rows: Sequence[Person] = unit.all(unit.select(Person, *conditions).order_by(Person.name, Person.id))
    return tuple(row.name for row in rows)


def _rules(unit: UnitOfWork) -> Iterator[Care]:
    """What the organisation has not said: for how long recordings are kept."""
    mine = administers_organisation(unit.viewer, RetentionPolicy.organisation_id)
    said = set(unit.session.scalars(select(RetentionPolicy.role).where(mine)))
    if Role.trainee not in said:
        yield Care("machine", Notice(
            "For how long submitted recordings of trainees are kept was never said: they stay until somebody deletes "
            "them. Say it under People, Retention."
        ))  # fmt: skip
    if unit.one(Organisation, unit.viewer.organisation_id).private_days is None:
        yield Care("machine", Notice("For how long private practice is kept was never said: say it under People, "
                                     "Retention."))  # fmt: skip


def _machine(records: Records, viewer: Viewer) -> Iterator[Care]:
    from liyi.records import backup, batch_queue, retention  # these are built upon operations
    from liyi.records.checkup import LITTLE_BYTES

    free = shutil.disk_usage(records.folder).free
    if free < LITTLE_BYTES:
        yield Care("machine", Notice("The disk of the data folder is almost full ({free} MB free): make room on it, "
                                     "or delete recordings.", {"free": free // 1_000_000}))  # fmt: skip
    made_at = backup.newest(records)
    if made_at is None:
        yield Care("machine", Notice("No backup of this store was ever made: run `liyi records backup` every night."))
    elif now() - made_at > OLD_BACKUP:
        yield Care("machine", Notice("The newest backup is of {day}: run `liyi records backup` every night.",
                                     {"day": day(made_at)}))  # fmt: skip
    if left := batch_queue.left_folders(records):
        yield Care("machine", Notice(
            "Folders of batches that this database does not know: {count}, in {folder}. They are kept for {days} days: "
            "if an older backup was restored and they are needed, move them elsewhere.",
            {"count": len(left), "folder": left[0].parent.name, "days": batch_queue.KEPT_DAYS},
        ))  # fmt: skip
    try:
        retention.require_clock(records)
    except retention.ClockError:  # what it says tells when somebody last practised
        yield Care("machine", Notice("The server's clock is far ahead of the newest entry, so nothing is removed: set "
                                     "the clock."))  # fmt: skip
        return
    late = [each for each in retention.due(records, at=now() - LATE)
            if each.organisation_id == viewer.organisation_id and each.only_for is None]  # fmt: skip
    if late:
        yield Care("machine", Notice("Submitted recordings that should have been removed over a day ago: {count}. Run "
                                     "`liyi records purge` daily.", {"count": len(late)}))  # fmt: skip
