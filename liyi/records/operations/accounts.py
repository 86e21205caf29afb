"""Accounts of people: a one-time code for whoever cannot sign in, how each account stands, sessions that are ended.

An administrator never learns a password, and sees of a session only when somebody signed in last. Whoever issues a code
could use it: that stands in the audit trail, and its person notices, as the password does not open the account then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import and_, exists, func, not_, or_, select

from liyi.core.errors import LiyiError
from liyi.records import attempts, passwords, sessions
from liyi.records.operations.registry import operation
from liyi.records.passwords import Code
from liyi.records.schema import Person, Role, RoleGrant, now
from liyi.records.sign_in_tables import Credential, SignInSession
from liyi.records.unit_of_work import MOST, id_of, not_oneself, reading, writing
from liyi.records.viewer import administers, may

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from liyi.records.engine import Records
    from liyi.records.unit_of_work import UnitOfWork
    from liyi.records.viewer import Viewer

State = Literal["none", "code", "active", "locked"]

__all__ = ["AccountState", "Code", "Issued", "State", "accounts", "end_sessions", "issue_code", "issue_codes"]


@dataclass(frozen=True)
class AccountState:
    """How an account stands, and when its person signed in last.

    ``none``: nobody can sign in with it yet (or the person has none). ``code``: a one-time code waits to be used.
    ``active``: there is a password, or the person has signed in by the organisation's provider. ``locked``: nothing is
    tried for some minutes, after too many attempts.
    """

    state: State
    signed_in_at: datetime | None


@dataclass(frozen=True)
class Issued:
    """A one-time code, and for whom it is."""

    name: str
    account: str
    code: Code


@operation
def issue_code(records: Records, viewer: Viewer, person_id: UUID | str) -> Code:
    """Give somebody whom one administers a one-time code to set a password with; it is shown this once.

    Raises
    ------
    LiyiError
        When one does not administer the person in all that the person may do, it is oneself, the person has left or
        has no account.
    """
    with writing(records, viewer) as unit:
        return _issue(unit, person_id).code


@operation
def issue_codes(records: Records, viewer: Viewer, person_ids: Sequence[UUID | str]) -> list[Issued]:
    """Give several people a one-time code each, by name: all of them or none; each has its line in the trail.

    Raises
    ------
    LiyiError
        As `issue_code` for any of them, or when they are more than `MOST`.
    """
    if len(person_ids) > MOST:
        raise LiyiError("At most {most} people at once: choose fewer.", most=MOST)
    with writing(records, viewer) as unit:
        issued = [_issue(unit, id) for id in dict.fromkeys(map(id_of, person_ids))]
    return sorted(issued, key=lambda each: (each.name, each.account))


def _issue(unit: UnitOfWork, person_id: UUID | str) -> Issued:
    viewer = unit.viewer
    row = unit.one(Person, person_id, administers(viewer, Person), Person.left_at.is_(None), within_reach(viewer))
    not_oneself(viewer, row.id)
    if row.account is None:
        raise LiyiError("{name} has no account yet: enter one first.", name=row.name)
    code = passwords.issue(unit.session, row.id)
    unit.note("issue_code", Person, row.id)
    return Issued(row.name, row.account, code)


@operation
def accounts(records: Records, viewer: Viewer) -> dict[UUID, AccountState]:
    """How the accounts stand of the people whom one administers."""
    with reading(records, viewer) as unit:
        last = (
            select(SignInSession.person_id, func.max(SignInSession.begun_at).label("at"))
            .group_by(SignInSession.person_id)
            .subquery()
        )
        query = (
            select(
                Person.id,
                Person.account,
                Credential.password_hash.is_not(None).label("password"),
                Credential.code_until,
                last.c.at,
            )
            .outerjoin(Credential, Credential.person_id == Person.id)
            .outerjoin(last, last.c.person_id == Person.id)
            .where(administers(viewer, Person), Person.left_at.is_(None))
        )
        rows: Sequence[Any] = unit.session.execute(query).all()
        keys = {attempts.key_of_account(row.account): row.account for row in rows if row.account}
        locked = attempts.locked_accounts(unit.session, keys)
        return {
            row.id: AccountState(
                _state(row.account, locked, code_until=row.code_until, known=bool(row.password) or row.at is not None),
                row.at,
            )
            for row in rows
        }


@operation
def end_sessions(records: Records, viewer: Viewer, person_id: UUID | str) -> None:
    """Sign a person out everywhere: oneself, or somebody whom one administers."""
    with writing(records, viewer) as unit:
        theirs = or_(Person.id == viewer.person_id, and_(administers(viewer, Person), within_reach(viewer)))
        row = unit.one(Person, person_id, theirs)
        sessions.end_all(unit.session, row.id)
        unit.note("end_sessions", Person, row.id)


def _state(account: str | None, locked: set[str], *, code_until: datetime | None, known: bool) -> State:
    if account is None:
        return "none"
    if account in locked:
        return "locked"
    if code_until is not None and code_until > now():
        return "code"
    return "active" if known else "none"


def within_reach(viewer: Viewer) -> ColumnElement[bool]:
    """People who may do nothing that the viewer does not administer: who has their account may do all of it."""
    held = RoleGrant.__table__.alias()
    administered = may(viewer, Role.admin, held.c.organisation_id, held.c.department_id)
    beyond = exists(select(held.c.id).where(
        held.c.person_id == Person.id, held.c.role != Role.trainee, not_(administered)
    ))  # fmt: skip
    return not_(beyond)
