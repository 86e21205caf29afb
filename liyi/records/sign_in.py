"""How a `Viewer` comes about: somebody signed in, the one person of a machine of their own, the first administrator.

The account's name comes from a sign-in service that has vouched for it, never from a form.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from liyi.core.errors import LiyiError
from liyi.records.schema import AuditLine, Organisation, Person, Recording, Role, RoleGrant
from liyi.records.unit_of_work import id_of, not_there
from liyi.records.validation import name_of
from liyi.records.viewer import Viewer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from liyi.records.engine import Records

# The person of a machine without sign-in: the same on every machine, so that two processes make one person.
LOCAL = UUID("6c697969-0000-4000-8000-000000000001")
_LOCAL_ORGANISATION = UUID("6c697969-0000-4000-8000-000000000000")
ALONE = Viewer(LOCAL, _LOCAL_ORGANISATION)


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
    """The one person of a machine without sign-in, made at the first call; who trains and judges nobody."""
    with records.reading() as session:
        if session.get(Person, LOCAL) is not None:
            return ALONE
    with suppress(IntegrityError), records.writing() as session:  # another process was first
        _settle(session, Organisation(id=_LOCAL_ORGANISATION, name="local"), "local", None, Role.trainee, id=LOCAL)
    return ALONE


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
