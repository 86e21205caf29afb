"""How a `Viewer` comes about: somebody signed in, the one person of a machine of their own, the first administrator.

An account's name comes from a sign-in service that has vouched for it (`signed_in`), or from a form together with its
password or one-time code (`prove`). What is answered, and the work done for it, is the same for an account that is
known and for one that is not.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from liyi.core.errors import LiyiError
from liyi.core.words import N_
from liyi.records import attempts, passwords, sessions
from liyi.records.keeper import KEEPER
from liyi.records.schema import Organisation, Person, Recording, Role, RoleGrant
from liyi.records.sign_in_tables import Credential
from liyi.records.store_tables import AuditLine
from liyi.records.unit_of_work import id_of, not_there
from liyi.records.validation import name_of
from liyi.records.viewer import Viewer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

# The person of a machine without sign-in: the same on every machine, so that two processes make one person.
LOCAL = UUID("6c697969-0000-4000-8000-000000000001")
_LOCAL_ORGANISATION = UUID("6c697969-0000-4000-8000-000000000000")
_LOCAL_EVALUATES = UUID("6c697969-0000-4000-8000-000000000003")
ALONE = Viewer(LOCAL, _LOCAL_ORGANISATION)
_UNNAMED = "local"  # its name, and its organisation's, until they are said

_WRONG = N_("Account and password do not fit together. If you have no password yet or have forgotten it, an "
            "administrator gives you a one-time code.")  # fmt: skip
_WRONG_CODE = N_("Account and code do not fit together, or the code is used or too old (72 hours): ask an "
                 "administrator for a new one.")  # fmt: skip


@dataclass(frozen=True)
class Proof:
    """What an account and a secret have proved: whose they are (None: nobody's), and whether by a one-time code.

    ``held_back_s``: for how many seconds the answer is held back, since attempts failed before.
    """

    viewer: Viewer | None
    by_code: bool
    held_back_s: float

    def refusal(self, *, asked_for_code: bool = False) -> LiyiError:
        """What is said where nothing was proved."""
        return LiyiError(_WRONG_CODE if asked_for_code else _WRONG)


def prove(records: Records, account: str, secret: str, *, address: str) -> Proof:
    """Whether a secret is the password or the one-time code of an account.

    One hash is computed, and one row looked for, whether the account is known or not.

    Parameters
    ----------
    records
        The store.
    account, secret
        As they were typed.
    address
        From where, for the count of attempts.

    Raises
    ------
    LockedError
        After too many attempts, for an account that is known or not.
    """
    account = account.replace("\0", "").strip()  # as it is looked for, so that each account has one count
    held_back_s = attempts.enter(records, account, address)
    query = (
        select(Person.id, Person.organisation_id, Credential)
        .outerjoin(Credential, Credential.person_id == Person.id)
        .where(Person.account == account, Person.left_at.is_(None))
    )
    with records.reading() as session:
        row = session.execute(query).first()
        credential = row[2] if row is not None else None
        hashed = credential.password_hash if credential is not None else None
        by_code = passwords.is_code(credential, secret)
    fits = passwords.verify(hashed, secret)
    if row is None or not (fits or by_code):
        return Proof(None, by_code=False, held_back_s=held_back_s)
    attempts.succeeded(records, account, address)
    return Proof(Viewer(row[0], row[1]), by_code=by_code, held_back_s=held_back_s)


def use_code(records: Records, proof: Proof, code: str, password: str) -> None:
    """Set the password of whom a code has proved; the code opens nothing any more, and all sessions end.

    Raises
    ------
    LiyiError
        When the password is too short or too long, or the code was used meanwhile.
    """
    assert proof.viewer is not None
    hashed = passwords.hashed(password)
    with records.writing() as session:
        row = session.scalars(
            select(Credential).where(Credential.person_id == proof.viewer.person_id).with_for_update()
        ).first()
        if not passwords.is_code(row, code):
            raise LiyiError(_WRONG_CODE)
        _set_password(session, proof.viewer, hashed)


def change_password(records: Records, viewer: Viewer, old: str, new: str, *, address: str) -> float:
    """Put another password in the place of the one that its person says; all sessions end.

    Returns
    -------
    float
        For how many seconds the answer is held back.

    Raises
    ------
    LiyiError
        When the old one is not right, the new one too short or too long, there are too many attempts, or the person
        signs in without a password.
    """
    with records.reading() as session:
        person, row = session.get(Person, viewer.person_id), session.get(Credential, viewer.person_id)
        account = person.account if person is not None else None
        hashed = row.password_hash if row is not None else None
    if account is None or hashed is None:
        raise LiyiError("You sign in without a password of Liyi's: it is changed where you sign in.")
    made = passwords.hashed(new)
    held_back_s = attempts.enter(records, account, address)
    if not passwords.verify(hashed, old):
        raise LiyiError("The password that you have now is another one: type it again.")
    attempts.succeeded(records, account, address)
    with records.writing() as session:
        _set_password(session, viewer, made)
    return held_back_s


def has_password(records: Records, viewer: Viewer) -> bool:
    """Whether a person signs in with a password of Liyi's."""
    with records.reading() as session:
        row = session.get(Credential, viewer.person_id)
        return row is not None and row.password_hash is not None


def has_administrator(records: Records) -> bool:
    """Whether somebody who can sign in administers an organisation."""
    held = (
        exists()
        .where(RoleGrant.person_id == Person.id, RoleGrant.role == Role.admin, RoleGrant.department_id.is_(None))
        .where(Person.account.is_not(None), Person.left_at.is_(None))
    )
    with records.reading() as session:
        return bool(session.scalar(select(held)))


def code_at_the_terminal(records: Records, viewer: Viewer) -> passwords.Code:
    """A one-time code, for whoever runs the machine; the audit trail names the machine, and no person, as its giver."""
    with records.writing() as session:
        session.add(AuditLine(person_id=KEEPER, organisation_id=viewer.organisation_id, action="issue_code",
                              entity=Person.__tablename__, entity_id=viewer.person_id))  # fmt: skip
        return passwords.issue(session, viewer.person_id)


def _set_password(session: Session, viewer: Viewer, hashed: str) -> None:
    passwords.put(session, viewer.person_id, hashed)
    sessions.end_all(session, viewer.person_id)
    session.add(AuditLine(person_id=viewer.person_id, organisation_id=viewer.organisation_id, action="set_password",
                          entity=Person.__tablename__, entity_id=viewer.person_id))  # fmt: skip


def signed_in(records: Records, account: str) -> Viewer:
    """Who this account is.

    Parameters
    ----------
    records
        The store.
    account
        Name that the sign-in service vouches for.

    Raises
    ------
    LiyiError
        When nobody here has this account, or its person has left.
    """
    account = name_of(account)
    with records.reading() as session:
        person = session.scalars(select(Person).where(Person.account == account, Person.left_at.is_(None))).first()
        if person is None:
            raise LiyiError("Your account is not known here: ask an administrator to enter it.")
        return Viewer(person.id, person.organisation_id)


def local(records: Records) -> Viewer:
    """The one person of a machine without sign-in, made at the first call; who practises, and evaluates batches."""
    held = select(RoleGrant.role).where(RoleGrant.person_id == LOCAL, RoleGrant.role == Role.evaluator)
    with records.reading() as session:
        if session.scalar(held) is not None:
            return ALONE
    with suppress(IntegrityError), records.writing() as session:  # another process was first
        if session.get(Person, LOCAL) is None:
            home = Organisation(id=_LOCAL_ORGANISATION, name=_UNNAMED)
            _settle(session, home, _UNNAMED, None, Role.trainee, id=LOCAL)
        # of a fixed id, so that two processes give it once; in stores from before there were batches it is lacking
        session.add(RoleGrant(id=_LOCAL_EVALUATES, person_id=LOCAL, role=Role.evaluator,
                              organisation_id=_LOCAL_ORGANISATION))  # fmt: skip
    return ALONE


def is_named(records: Records) -> bool:
    """Whether the one person of a machine without sign-in has said what they are called."""
    with records.reading() as session:
        return session.scalar(select(Person.name).where(Person.id == LOCAL)) not in (None, _UNNAMED)


def name_alone(records: Records, name: str, organisation: str) -> None:
    """Say what the one person of a machine without sign-in is called, and their unit: marks stand under both.

    Raises
    ------
    LiyiError
        When one of them is no name.
    """
    name, organisation = name_of(name), name_of(organisation)
    local(records)
    with records.writing() as session:
        session.execute(update(Person).where(Person.id == LOCAL).values(name=name))
        session.execute(update(Organisation).where(Organisation.id == _LOCAL_ORGANISATION).values(name=organisation))
        session.add(AuditLine(person_id=LOCAL, organisation_id=_LOCAL_ORGANISATION, action="change_person",
                              entity=Person.__tablename__, entity_id=LOCAL))  # fmt: skip


def owner_of(records: Records, recording_id: UUID | str) -> Viewer:
    """The person of a recording, in the trash or not: for work that the machine does on that person's behalf.

    Raises
    ------
    LiyiError
        When there is no such recording.
    """
    query = select(Person.id, Person.organisation_id).join(Recording, Recording.person_id == Person.id)
    with records.reading() as session:
        row = session.execute(query.where(Recording.id == id_of(recording_id))).first()
    if row is None:
        raise not_there()
    return Viewer(*row)


def found_organisation(records: Records, organisation: str, *, admin: str, account: str) -> Viewer:
    """Make an organisation with its first administrator; for whoever runs the machine, at its terminal.

    Parameters
    ----------
    records
        The store.
    organisation
        Its name.
    admin, account
        The administrator's name, and the account that the sign-in service vouches for.

    Raises
    ------
    LiyiError
        When the account is somebody's already.
    """
    with records.writing() as session:
        if session.scalar(select(Person.id).where(Person.account == account)):
            raise LiyiError("The account {account} is somebody's already: name another.", account=account)
        return _settle(session, Organisation(name=name_of(organisation)), name_of(admin), name_of(account), Role.admin)


def _settle(
    session: Session, organisation: Organisation, name: str, account: str | None, role: Role, *, id: UUID | None = None
) -> Viewer:
    session.add(organisation)
    session.flush()
    person = Person(organisation_id=organisation.id, name=name, account=account, **({"id": id} if id else {}))
    session.add(person)
    session.flush()
    session.add(RoleGrant(person_id=person.id, role=role, organisation_id=organisation.id))
    session.add(AuditLine(person_id=person.id, organisation_id=organisation.id, action="found",
                          entity=Organisation.__tablename__, entity_id=organisation.id))  # fmt: skip
    return Viewer(person.id, organisation.id)
